"""What people said of photos: AVA-Comments' text file, or a CSV of ``file`` and ``comment``."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.errors import KnownError
from trainer.data.files import FILE_COLUMNS, first_column, heading, read_table, unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.data.records import PhotoSet

SEPARATOR = b"#"
ADVICE = "It needs lines of 'n # image id # comment # comment …' as in AVA-Comments, or a CSV of file and comment."


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of one file.

    Attributes:
        path: The file.
        by_photo: What was said of each photo, in the file's order.
        skipped: Lines without an image id, which say nothing of any photo.
        repaired: Lines in which bytes that are no UTF-8 were replaced.
    """

    path: Path
    by_photo: dict[str, tuple[str, ...]]
    skipped: int = 0
    repaired: int = 0

    def __len__(self) -> int:
        return sum(len(said) for said in self.by_photo.values())


def read_comments(path: Path) -> Comments:
    """Read either kind of file; a CSV is one whose heading names ``file`` and ``comment``. Raises ``KnownError``."""
    names = heading(path) if path.suffix.lower() == ".csv" else ()
    found = _read_table(path) if "comment" in names else _read_ava_comments(path)
    if not found.by_photo:
        raise KnownError(f"{path}: there are no comments here.", ADVICE)
    return found


def attach_comments(photos: PhotoSet, comments: Comments) -> PhotoSet:
    """The set with these comments in place of its own; photos are matched by name, or by the name without its ending.

    What was left out or belongs to no photo is said in the set's notes.
    """
    said = tuple(comments.by_photo.get(file) or comments.by_photo.get(_stem(file), ()) for file in photos.files)
    used = sum(1 for some in said if some)
    note = f"{sum(map(len, said))} comments on {used} of {len(photos)} photos, from {comments.path.name}"
    for count, what in (
        (len(comments.by_photo) - used, "photos of that file are not in this set"),
        (comments.skipped, "lines name no photo and were skipped"),
        (comments.repaired, "lines hold bytes that are no UTF-8, which were replaced"),
    ):
        note += f"; {count} {what}" if count else ""
    return dataclasses.replace(photos, comments=said, notes=(*photos.notes, f"{note}."))


def _read_ava_comments(path: Path) -> Comments:
    """Lines of ``n # image id # comment # comment …`` (Zhou et al., 2016).

    The file has no way to quote its separator: a ``#`` that somebody typed ends one comment and begins another. Lines
    of one photo add up.
    """
    by_photo: dict[str, list[str]] = {}
    skipped = repaired = 0
    try:
        with path.open("rb") as stream:
            for raw in stream:
                fields = raw.strip().split(SEPARATOR)
                name = fields[1].strip() if len(fields) > 1 else b""
                if not name.isdigit():
                    skipped += bool(raw.strip())
                    continue
                text, bad = _decoded(SEPARATOR.join(fields[2:]))
                repaired += bad
                words = [part.strip() for part in text.split(SEPARATOR.decode())]
                by_photo.setdefault(name.decode(), []).extend(part for part in words if part)
    except OSError as error:
        raise unreadable(path, error, ADVICE) from error
    return Comments(path, {name: tuple(said) for name, said in by_photo.items() if said}, skipped, repaired)


def _read_table(path: Path) -> Comments:
    rows = read_table(path, ADVICE)
    file = first_column(rows[0], FILE_COLUMNS)
    if file is None:
        raise KnownError(f"{path}: there is no column 'file'.", ADVICE)
    by_photo: dict[str, list[str]] = {}
    skipped = 0
    for row in rows:
        if row[file] and row["comment"].strip():
            by_photo.setdefault(row[file], []).append(row["comment"].strip())
        else:
            skipped += not row[file]
    return Comments(path, {name: tuple(said) for name, said in by_photo.items()}, skipped)


def _decoded(raw: bytes) -> tuple[str, bool]:
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace"), True


def _stem(file: str) -> str:
    return file.rsplit(".", 1)[0]
