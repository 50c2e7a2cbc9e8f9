"""The commands ``data``, which describes a data set, and ``features``, which encodes it once."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.commands.options import SET_HELP, add_data, add_device, add_output, count, part

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from trainer.data.records import PhotoSet, SeriesSet

TRAIN_CHOICES = ("rest", "large", "small")


def add_commands(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register this room's commands."""
    data = subparsers.add_parser("data", help="what a data set holds, and what was left out of it")
    data.add_argument("path", type=Path, metavar="PATH", help=SET_HELP)
    add_set_options(data)
    add_validation_share(data)
    data.add_argument(
        "--manifest", type=Path, metavar="FILE", help="write the lists of ids and exclusions (.json, .csv)"
    )
    data.add_argument("--quick", action="store_true", help="do not open the photos to see which cannot be read")
    data.set_defaults(run=_describe)

    features = subparsers.add_parser("features", help="run frozen encoders over a data set once, for training")
    add_data(features, SET_HELP)
    add_set_options(features)
    add_validation_share(features)
    features.add_argument(
        "--encoder", default="embedded", metavar="SPEC", help="embedded, ViT-B-16:openai, a folder or a .tflite file"
    )
    features.add_argument("--text", metavar="SPEC", help="also encode the words: bert-base-uncased or a folder")
    add_output(features, "the cache; goes on with one")
    features.add_argument("--views", type=count, default=1, metavar="N", help="views of each photo, 1 if not given")
    features.add_argument("--seed", type=int, default=0, help="of the views")
    add_device(features)
    features.set_defaults(run=_encode)


def add_set_options(parser: argparse.ArgumentParser) -> None:
    """How a data set is read; ``set_options`` takes them up."""
    parser.add_argument(
        "--comments", type=Path, metavar="FILE", help="AVA-Comments' text, or a CSV of file and comment"
    )
    parser.add_argument("--images", type=Path, metavar="FOLDER", help="where the photos lie, if not beside the table")
    parser.add_argument(
        "--lists", type=Path, metavar="FOLDER", help="where AVA's official lists (generic_test.jpgl) lie"
    )
    parser.add_argument(
        "--scale", type=float, nargs=2, default=(1.0, 10.0), metavar=("LOW", "HIGH"), help="of a table's means; 1 10"
    )
    parser.add_argument(
        "--ava-train",
        choices=TRAIN_CHOICES,
        default="rest",
        help="which of AVA is learned from; rest: all but the test",
    )


def add_validation_share(parser: argparse.ArgumentParser) -> None:
    """``--ava-validation SHARE``, for commands without a recipe; a recipe says it itself (``data.validation``)."""
    parser.add_argument(
        "--ava-validation",
        type=part,
        metavar="SHARE",
        help="of AVA's training photos, kept for choosing the best epoch; 0.02 if not given",
    )


def set_options(parsed: argparse.Namespace) -> dict[str, Any]:
    """``open_set``'s options, from parsed ones."""
    from aesthetic_studio.errors import WrongUsage  # noqa: PLC0415
    from trainer.data.ava import AvaProtocol  # noqa: PLC0415

    share = getattr(parsed, "ava_validation", None)
    low, high = parsed.scale
    if not low < high:
        raise WrongUsage(f"--scale {low:g} {high:g} is no scale.", "Name the lowest, then the highest possible mean.")
    return {
        "comments": parsed.comments,
        "images": parsed.images,
        "lists": parsed.lists,
        "scale": (low, high),
        "protocol": AvaProtocol(train=parsed.ava_train, **({} if share is None else {"validation": share})),
    }


def _describe(parsed: argparse.Namespace) -> None:
    from trainer.data import open_set  # noqa: PLC0415
    from trainer.data.manifest import without_unreadable, write_manifest  # noqa: PLC0415

    found = open_set(parsed.path, **set_options(parsed))
    if not parsed.quick:
        with _bar(len(found.files)) as moved:
            found = without_unreadable(found, _workers(), lambda done, total: moved("photos", done, total))
    for line in describe(found):
        print(line)  # noqa: T201
    if parsed.manifest is not None:
        write_manifest(found, parsed.manifest)
        _say(f"The manifest is {parsed.manifest}")


def describe(found: PhotoSet | SeriesSet) -> list[str]:
    """A set in words: what it is, its photos by split and source, what was left out by reason."""
    import numpy as np  # noqa: PLC0415

    from trainer.data.manifest import reasons, split_names  # noqa: PLC0415
    from trainer.data.records import BINS, PhotoSet  # noqa: PLC0415

    lines = [f"{found.name}: {found.kind}", *(f"  {note}" for note in found.notes)]
    if isinstance(found, PhotoSet):
        means = found.votes @ np.arange(1, BINS + 1)
        lines.append(f"{len(found):,} photos, mean score {means.mean():.2f} ({means.min():.2f} to {means.max():.2f})")
        sources, counts = np.unique(found.sources, return_counts=True)
        if len(sources) > 1:
            lines.append("sources: " + ", ".join(f"{s} {n:,}" for s, n in zip(sources, counts, strict=True)))
        if any(found.comments):
            said = sum(1 for some in found.comments if some)
            lines.append(f"comments: {sum(map(len, found.comments)):,} on {said:,} photos")
    else:
        pairs = sum(len(series.pairs) for series in found.series)
        categories = sorted({series.category for series in found.series if series.category})
        lines.append(f"{len(found):,} series, {len(found.files):,} photos, {pairs:,} pairs")
        if categories:
            by = {name: sum(1 for series in found.series if series.category == name) for name in categories}
            lines.append("series by category: " + ", ".join(f"{name} {n:,}" for name, n in by.items()))
    if any(split_names(found)):
        lines.append("splits: " + ", ".join(f"{s or 'none'} {len(found.rows(s)):,}" for s in split_names(found)))
    lines += [f"left out: {times:,} × {reason}" for reason, times in reasons(found)]
    return lines


def _encode(parsed: argparse.Namespace) -> None:
    from aesthetic_studio.models.devices import resolve_device  # noqa: PLC0415
    from aesthetic_studio.models.encoders import find_encoder  # noqa: PLC0415
    from aesthetic_studio.models.text import find_text_encoder  # noqa: PLC0415
    from trainer.data import open_set  # noqa: PLC0415
    from trainer.features import build  # noqa: PLC0415
    from trainer.recipes.recipe import AugmentationSettings  # noqa: PLC0415

    device = resolve_device(parsed.device)
    found = open_set(parsed.data, **set_options(parsed))
    encoder = find_encoder(parsed.encoder)
    text = find_text_encoder(parsed.text) if parsed.text is not None else None
    _say(f"{found.name}: {found.kind}, {len(found.files):,} photos")
    if text is not None and not any(getattr(found, "comments", ())):
        _say("This set has no words, so the text encoder has nothing to read; name a file of them with --comments.")
        text = None
    with _bar(len(found.files)) as moved:
        cache = build(
            found,
            encoder,
            parsed.output,
            text_encoder=text,
            views=AugmentationSettings(views=parsed.views),
            seed=parsed.seed,
            device=device,
            workers=_workers(),
            progress=moved,
            say=_say,
        )
    for reason, times in _failures(cache.set, found):
        _say(f"left out: {times:,} × {reason}")
    words = f" and the words of {int(cache.has_words.sum()):,}" if cache.text_encoder is not None else ""
    _say(
        f"{parsed.output} holds the features of {len(cache):,} photos{words}, {cache.size_bytes / 1e6:.1f} MB, by "
        f"{cache.encoder.name} {cache.encoder.version}"
    )


def _failures(encoded: PhotoSet | SeriesSet, given: PhotoSet | SeriesSet) -> list[tuple[str, int]]:
    import dataclasses  # noqa: PLC0415

    from trainer.data.manifest import reasons  # noqa: PLC0415

    return reasons(dataclasses.replace(encoded, excluded=encoded.excluded[len(given.excluded) :]))


def _workers() -> int:
    """Processes that decode photos: one a core."""
    return os.cpu_count() or 1


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def _bar(total: int) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on a terminal, nothing elsewhere."""
    from tqdm import tqdm  # noqa: PLC0415

    with tqdm(total=total, desc="photos", disable=not sys.stderr.isatty()) as bar:
        shown = "photos"

        def moved(what: str, done: int, of: int) -> None:
            nonlocal shown
            if what != shown:
                shown = what
                bar.set_description(what, refresh=False)
                bar.reset(of)
            bar.update(done - bar.n)

        yield moved
