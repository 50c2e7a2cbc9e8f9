"""Files that are there whole or not at all, whatever ends the program."""

from __future__ import annotations

import errno
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

from aesthetic_studio.errors import DiskFull, KnownError

if TYPE_CHECKING:
    from pathlib import Path

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, let it reach the disk, then put it into its place.

    Raises ``DiskFull``, or ``KnownError`` where the folder cannot be written to; what was at the place stays.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        _flush_names(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error


def write_json(path: Path, content: Any) -> None:
    """As ``write_whole``; the same content gives the same bytes."""
    write_whole(path, (json.dumps(content, indent=1, ensure_ascii=True) + "\n").encode())


def unwritable(path: Path, error: OSError) -> KnownError:
    """The error for a file of a cache that cannot be written."""
    if error.errno in _NO_ROOM:
        return DiskFull(
            f"{path}: there is no room left on the disk.",
            "What was encoded so far is kept. Make room, then run the same command again: it goes on from there.",
        )
    return KnownError(f"{path}: this cannot be written ({error.strerror}).", "Name another folder with --output.")


def check_room(folder: Path, needed: int) -> None:
    """Raise ``DiskFull`` before any work where a cache of so many more bytes cannot fit."""
    place = folder
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if needed > free:
        raise DiskFull(
            f"{folder}: the features need about {needed / 1e9:.1f} GB more and {free / 1e9:.1f} GB are free.",
            "Make room, name a folder on another disk with --output, or take fewer --views or a smaller encoder.",
        )


def _flush_names(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows opens no folders
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
