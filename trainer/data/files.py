"""What all readers need: text files read whole, photos in folders, names that may not leave theirs, and of splits."""

from __future__ import annotations

import csv
import os
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from aesthetic_studio.errors import KnownError
from aesthetic_studio.imaging.formats import PHOTO_SUFFIXES
from trainer.data.records import TEST, TRAIN, VALIDATION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

IMAGE_FOLDERS = ("images", "image")
"""Where photos are looked for, in this order, before the table's own folder."""

FILE_COLUMNS = ("file", "image_name", "image")
"""What the column of the photos' names may be called."""

SPLIT_NAMES = {
    "": "",
    "train": TRAIN,
    "training": TRAIN,
    "val": VALIDATION,
    "valid": VALIDATION,
    "validation": VALIDATION,
    "test": TEST,
    "testing": TEST,
}
"""What a split may be called."""

MADE_FILE = "MADE.txt"
"""A folder with such a file has the form of a known set, and holds something that was made."""


def set_name(name: str, folder: Path) -> str:
    """What a known set's folder is called in tables and cards; a miniature is never called by the set's own name."""
    return f"a miniature of {name}" if (folder / MADE_FILE).is_file() else name


def read_table(path: Path, advice: str) -> list[dict[str, str]]:
    """The rows of a CSV by the names of its heading, each with its ``line``. Raises ``KnownError`` naming the file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows = [
                {key: value or "" for key, value in row.items() if isinstance(key, str)}
                | {"line": str(reader.line_num)}
                for row in reader
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise unreadable(path, error, advice) from error
    if not rows:
        raise KnownError(f"{path}: the table is empty.", "It needs a heading and one row a photo.")
    return rows


def heading(path: Path) -> tuple[str, ...]:
    """The names in a CSV's first line; nothing where it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return tuple(name.strip() for name in next(csv.reader(stream), []))
    except (OSError, UnicodeDecodeError, csv.Error):
        return ()


def read_lines(path: Path, advice: str) -> list[str]:
    """The lines of a text file. Raises ``KnownError`` naming the file."""
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error, advice) from error


def unreadable(path: Path, error: Exception, advice: str) -> KnownError:
    """The error for a file of a data set that cannot be read."""
    return KnownError(f"{path}: this cannot be read ({getattr(error, 'strerror', None) or error}).", advice)


def safe_name(name: str) -> str:
    """A photo's name within its folder, with ``/`` between its parts.

    Raises ``ValueError`` for a name that leads out of the folder: data may not choose which files of the machine are
    opened.
    """
    windows, posix = PureWindowsPath(name), PurePosixPath(name.replace("\\", "/"))
    if not name.strip() or "\0" in name:
        raise ValueError("it names no file")
    if windows.drive or windows.root or posix.is_absolute() or ".." in posix.parts:
        raise ValueError("its path leads out of the folder")
    return str(posix)


def finder(folder: Path, images: Path | None = None) -> Callable[[str], Path]:
    """What says where a photo lies: in ``images`` where that is given, else in an image folder or beside the table.

    Raises ``ValueError`` with the reason where the name leads elsewhere or no file is there.
    """
    places = (images,) if images is not None else (*(folder / name for name in IMAGE_FOLDERS), folder)
    present = [(place, _names(place)) for place in places if place.is_dir()]

    def find(name: str) -> Path:
        wanted = safe_name(name)
        for place, names in present:
            # One look at a whole folder costs less than one question a file, and most names have no folder in them.
            if wanted in names or ("/" in wanted and (place / wanted).is_file()):
                return place / wanted
        raise ValueError("there is no such photo")

    return find


def _names(folder: Path) -> frozenset[str]:
    with os.scandir(folder) as entries:
        return frozenset(entry.name for entry in entries if entry.is_file())


def split_named(text: str, path: Path, line: str) -> str:
    """One of the three splits, or none. Raises ``KnownError`` naming the line for any other word."""
    try:
        return SPLIT_NAMES[text.strip().lower()]
    except KeyError:
        raise KnownError(
            f"{path}, line {line}: there is no split {text!r}.", f"Splits: {TRAIN}, {VALIDATION}, {TEST}, or empty."
        ) from None


def first_column(row: Mapping[str, str], names: Sequence[str]) -> str | None:
    """Which of several names for the same column a table uses."""
    return next((name for name in names if name in row), None)


def photo_files(folder: Path) -> list[Path]:
    """Photos in a folder and those below. Raises ``KnownError`` where there is none."""
    if not folder.is_dir():
        raise KnownError(f"{folder}: this is not a folder.", "Name folders of photos.")
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES and path.is_file())
    if not found:
        raise KnownError(f"{folder}: there are no photos.", "Name folders of photos.")
    return found
