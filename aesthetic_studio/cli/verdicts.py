"""``verdicts``: all that was decided about photos, for other programs and for safe keeping. Nothing is changed."""

from __future__ import annotations

import csv
import json
import sys
from typing import TYPE_CHECKING, Any, TextIO

from aesthetic_studio import paths
from aesthetic_studio.cli.output import print_lines, print_table
from aesthetic_studio.errors import WrongUsage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.records import PhotoRecord

COLUMNS = ("path", "rating", "flag", "label", "choice", "size", "hash", "file")
"""Of a line of CSV and an object of JSON.

path: of the photo's main file · rating: 0 to 5 stars · flag: "pick", "reject" or none · label: "red", "yellow",
"green", "blue", "purple" or none · choice: whether the person made it the best of its series · size: bytes ·
hash: BLAKE2b of the whole file, 128 bits as hexadecimal digits, none where it could not be read · file: "present",
"missing", "offline" or "unreadable".
"""

SUFFIXES = {".json": "json", ".csv": "csv"}
"""No photo is called so: whatever is named, a photo is never written over."""


def verdicts(arguments: argparse.Namespace) -> int:
    """``verdicts [--json | --csv] [--output FILE]``."""
    from aesthetic_studio.library.catalogue import Catalogue

    form = _form(arguments)
    with (
        Catalogue.open(arguments.library or paths.default_library(), create=False) as catalogue,
        catalogue.reader() as reader,
    ):
        objects = verdict_objects(reader)
    if arguments.output is None:
        _print(objects, form)
        return 0
    from aesthetic_studio.whole_file import whole_file

    with whole_file(arguments.output, "list of verdicts") as file:
        _write(objects, form, file)
    print_lines([f"{_photos(len(objects))} in {arguments.output}"])
    return 0


def verdict_objects(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Every photo that was decided about, in order of path, as ``COLUMNS`` says."""
    photos = catalogue.photos(catalogue.decided())
    hashes = catalogue.hashes([photo.content_id for photo in photos])
    return [_object(photo, hashes.get(photo.content_id)) for photo in photos]


def _object(photo: PhotoRecord, content_hash: bytes | None) -> dict[str, Any]:
    verdict = photo.verdict
    return {
        "path": str(photo.path),
        "rating": verdict.rating,
        "flag": verdict.flag.name.lower() if verdict.flag else None,
        "label": verdict.label.name.lower() if verdict.label else None,
        "choice": photo.chosen,
        "size": photo.size,
        "hash": None if content_hash is None else content_hash.hex(),
        "file": photo.state.name.lower(),
    }


def _form(arguments: argparse.Namespace) -> str:
    """``"json"``, ``"csv"`` or ``"text"``. Raises ``WrongUsage`` for a file of another kind."""
    asked = "json" if arguments.json else "csv" if arguments.csv else None
    if arguments.output is None:
        return asked or "text"
    output: Path = arguments.output
    form = SUFFIXES.get(output.suffix.lower())
    if form is None or form != (asked or form):
        wanted = f".{asked}" if asked else ".json or .csv"
        raise WrongUsage(
            f"{output}: the file has to end in {wanted}.", "So no photo and no other file of yours is written over."
        )
    return form


def _print(objects: Sequence[dict[str, Any]], form: str) -> None:
    if form != "text":
        _write(objects, form, sys.stdout)
        sys.stdout.flush()
    elif not objects:
        print_lines(["Nothing was decided about any photo yet."])
    else:
        rows = [
            (
                "★" * each["rating"],
                each["flag"] or "",
                each["label"] or "",
                "best" if each["choice"] else "",
                "" if each["file"] == "present" else each["file"],
                each["path"],
            )
            for each in objects
        ]
        print_table(("stars", "flag", "label", "burst", "file", "photo"), rows)


def _write(objects: Sequence[dict[str, Any]], form: str, file: TextIO) -> None:
    if form == "json":
        # Pure ASCII: a name that is no text keeps its bytes as \udcXX, as in every JSON of this program.
        json.dump(objects, file, ensure_ascii=True, indent=2, allow_nan=False)
        file.write("\n")
        return
    lines = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    lines.writeheader()
    for each in objects:
        lines.writerow({**each, "choice": "yes" if each["choice"] else ""})


def _photos(count: int) -> str:
    return "1 photo" if count == 1 else f"{count:,} photos"
