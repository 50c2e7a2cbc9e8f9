"""``decide``, ``burst``, ``undo``, ``redo`` and ``compare``: what the keys of the window do, photo by photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio import paths
from aesthetic_studio.cli.output import print_json, print_lines, print_table
from aesthetic_studio.cli.photos import photos_at
from aesthetic_studio.errors import WrongUsage
from aesthetic_studio.pipeline import burst_edits

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.library.decisions import Decision
    from aesthetic_studio.records import PhotoRecord


def decide(arguments: argparse.Namespace) -> int:
    """``decide PHOTO… --stars N | --flag F | --label L``."""
    from aesthetic_studio.pipeline.deciding import title_of
    from aesthetic_studio.records import Flag, Label, VerdictChange

    change = VerdictChange(
        rating=arguments.stars,
        flag=None if arguments.flag is None else Flag[arguments.flag.upper()],
        label=None if arguments.label is None else Label[arguments.label.upper()],
    )
    with _library(arguments) as catalogue:
        ids = [photo.id for photo in photos_at(catalogue, arguments.photos)]
        decision = catalogue.decide(ids, change, title_of(change, len(ids)))
        _tell(catalogue, decision, "Done", as_json=arguments.json)
    return 0


def burst(arguments: argparse.Namespace) -> int:
    """``burst group | split | take-out | apart | best PHOTO…``."""
    with _library(arguments) as catalogue:
        decision = EDITS[arguments.action](catalogue, photos_at(catalogue, arguments.photos))
        _tell(catalogue, decision, "Done", as_json=arguments.json)
    return 0


def undo(arguments: argparse.Namespace) -> int:
    """``undo``."""
    with _library(arguments) as catalogue:
        _tell(catalogue, burst_edits.undo(catalogue), "Undone", as_json=arguments.json)
    return 0


def redo(arguments: argparse.Namespace) -> int:
    """``redo``."""
    with _library(arguments) as catalogue:
        _tell(catalogue, burst_edits.redo(catalogue), "Redone", as_json=arguments.json)
    return 0


def compare(arguments: argparse.Namespace) -> int:
    """``compare PHOTO PHOTO…``."""
    from aesthetic_studio.curation.differences import clear_differences, score_lead, score_words

    with _library(arguments) as catalogue:
        first, *others = photos_at(catalogue, arguments.photos)
    if not others:
        raise WrongUsage("One photo cannot be compared with itself.", "Name two photos or more.")
    if arguments.json:
        print_json(
            [
                {
                    "path": str(photo.path),
                    "score": None if photo.score is None else round(photo.score.distribution.mean, 4),
                    "lead": None if photo is first else score_lead(photo, first),
                    "differences": [] if photo is first else list(clear_differences(photo, first)),
                }
                for photo in (first, *others)
            ]
        )
        return 0
    rows = [(score_words(first), "", str(first.path))]
    for photo in others:
        said = "; ".join(clear_differences(photo, first)) or "no difference that can be seen"
        rows.append((score_words(photo, first), said, str(photo.path)))
    print_table(("score", "against the first", "photo"), rows)
    return 0


COMMANDS = {"decide": decide, "burst": burst, "undo": undo, "redo": redo, "compare": compare}


def _best(catalogue: Catalogue, photos: Sequence[PhotoRecord]) -> Decision:
    photo = _only(photos)
    if photo.series_id is None:
        raise WrongUsage(f"{photo.path}: this photo is not part of a burst.", "Name a frame of a burst.")
    return catalogue.choose_best(photo.series_id, photo.id)


def _group(catalogue: Catalogue, photos: Sequence[PhotoRecord]) -> Decision:
    return burst_edits.merge(catalogue, [photo.id for photo in photos])


def _split(catalogue: Catalogue, photos: Sequence[PhotoRecord]) -> Decision:
    return burst_edits.split(catalogue, _only(photos).id)


def _take_out(catalogue: Catalogue, photos: Sequence[PhotoRecord]) -> Decision:
    return burst_edits.take_out(catalogue, [photo.id for photo in photos])


def _apart(catalogue: Catalogue, photos: Sequence[PhotoRecord]) -> Decision:
    return burst_edits.dissolve(catalogue, [photo.id for photo in photos])


EDITS: dict[str, Callable[[Catalogue, Sequence[PhotoRecord]], Decision]] = {
    "group": _group,
    "split": _split,
    "take-out": _take_out,
    "apart": _apart,
    "best": _best,
}


def _only(photos: Sequence[PhotoRecord]) -> PhotoRecord:
    if len(photos) != 1:
        raise WrongUsage("This is done with one photo at a time.", "Name one frame.")
    return photos[0]


def _library(arguments: argparse.Namespace) -> Catalogue:
    """The library as it is: no folder is read and nothing is scored."""
    from aesthetic_studio.library.catalogue import Catalogue

    return Catalogue.open(arguments.library or paths.default_library(), create=False)


def _tell(catalogue: Catalogue, decision: Decision | None, what: str, *, as_json: bool) -> None:
    """Say what was done; a step of no photos changed nothing."""
    is_step = decision is not None and decision.id != 0
    if as_json:
        photos = catalogue.photos(decision.photo_ids) if decision is not None and is_step else []
        title = decision.title if decision is not None and is_step else None
        print_json({"title": title, "photos": [str(photo.path) for photo in photos]})
    elif decision is None:
        print_lines(["Nothing is left to do."])
    elif not is_step:
        print_lines(["Nothing was changed: it is so already."])
    else:
        print_lines([f"{what}: {decision.title}."])
