"""``find``, ``similar`` and ``duplicates``: photos of the library by how they look. Nothing is scored for it."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

from aesthetic_studio import paths
from aesthetic_studio.cli.folders import existing_folders
from aesthetic_studio.cli.output import print_json, print_lines, print_table
from aesthetic_studio.cli.photos import READ_FIRST, photos_at
from aesthetic_studio.cli.stop import Stop
from aesthetic_studio.errors import WrongUsage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.pipeline.finding import Found
    from aesthetic_studio.records import PhotoRecord


def find(arguments: argparse.Namespace) -> int:
    """``find WORDS… [--folder F]``."""
    from aesthetic_studio.pipeline.finding import MOST_FOUND, Finder
    from aesthetic_studio.pipeline.words_process import Words

    with _reading(arguments) as reader, contextlib.closing(Words(_say_loading)) as words:
        among = _photos_of(reader, arguments.folder or [])
        found = Finder(reader, words.vector).showing(" ".join(arguments.words), among, arguments.top or MOST_FOUND)
        objects = _objects(reader, found)
    _print_found(objects, as_json=arguments.json)
    return 0


def similar(arguments: argparse.Namespace) -> int:
    """``similar PHOTO``."""
    from aesthetic_studio.pipeline.finding import MOST_FOUND, Finder

    with _reading(arguments) as reader:
        [photo] = photos_at(reader, [arguments.photo])
        # The first that is found is the photo itself.
        found = Finder(reader).similar(photo.id, _photos_of(reader, []), 1 + (arguments.top or MOST_FOUND))
        objects = _objects(reader, found)[1:]
    _print_found(objects, as_json=arguments.json)
    return 0


def duplicates(arguments: argparse.Namespace) -> int:
    """``duplicates [FOLDER…]``."""
    from aesthetic_studio.pipeline.finding import Finder

    with _reading(arguments) as reader, Stop().listening() as stop:
        groups = Finder(reader).duplicates(_photos_of(reader, arguments.folders), should_stop=stop)
        stop.check()
        objects = [{"photos": [_object(record) for record in reader.photos(group)]} for group in groups]
    if arguments.json:
        print_json(objects)
    elif not objects:
        print_lines(["No two photos are nearly the same."])
    else:
        for number, group in enumerate(objects, start=1):
            print_lines([f"group {number}: {len(group['photos'])} photos"])
            rows = [("  ", _number(each["score"]), each["path"]) for each in group["photos"]]
            print_table(("  ", "score", "photo"), rows, right=frozenset({1}))
    return 0


COMMANDS = {"find": find, "similar": similar, "duplicates": duplicates}


@contextlib.contextmanager
def _reading(arguments: argparse.Namespace) -> Iterator[Catalogue]:
    """The library as it is, for reading only."""
    from aesthetic_studio.library.catalogue import Catalogue

    library = arguments.library or paths.default_library()
    with Catalogue.open(library, create=False) as catalogue, catalogue.reader() as reader:
        yield reader


def _photos_of(reader: Catalogue, folders: Sequence[str]) -> Sequence[int]:
    """Photos that are there, the best first. Raises ``WrongUsage`` where there are none."""
    from aesthetic_studio.albums import PhotoFilter, PhotoQuery
    from aesthetic_studio.records import PhotoState

    chosen = PhotoFilter(folders=tuple(existing_folders(folders)), states=frozenset({PhotoState.PRESENT}))
    found = reader.ids(PhotoQuery(chosen, collapse_series=False))
    if not found:
        where = "these folders are" if folders else "any folder is"
        raise WrongUsage(f"No photos of {where} in the library.", READ_FIRST)
    return found


def _objects(reader: Catalogue, found: Found) -> list[dict[str, Any]]:
    records = reader.photos(found.photos)
    return [
        {**_object(record), "likeness": round(cosine, 4)} for record, cosine in zip(records, found.cosines, strict=True)
    ]


def _object(record: PhotoRecord) -> dict[str, Any]:
    score = record.score
    return {"path": str(record.path), "score": None if score is None else round(score.distribution.mean, 4)}


def _print_found(objects: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(objects)
    elif not objects:
        print_lines(["No photos here."])
    else:
        rows = [
            (str(place), f"{each['likeness']:.3f}", _number(each["score"]), each["path"])
            for place, each in enumerate(objects, start=1)
        ]
        print_table(("rank", "likeness", "score", "photo"), rows, right=frozenset({0, 1, 2}))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _say_loading() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("Loading the model that reads words …\n")
