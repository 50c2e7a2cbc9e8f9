"""A file for the person that appears whole or not at all: the contact sheet, the list of verdicts."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from aesthetic_studio.errors import DiskFull, KnownError
from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def whole_file(output: Path, what: str) -> Iterator[TextIO]:
    """Give a file to write UTF-8 into; it takes ``output``'s place when the block ends without an error.

    Names that are no text keep their bytes. ``what`` it is stands in messages: "contact sheet". Raises ``KnownError``
    where it cannot be written, ``DiskFull`` where there is no room.
    """
    partial: Path | None = None
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{what.replace(' ', '-')}-", suffix=".part", dir=output.parent)
        partial = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _publish(partial, output)
    except OSError as error:
        raise _cannot_write(output, what, error) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)


def _publish(partial: Path, output: Path) -> None:
    """Move the finished file to its place, readable as any file that the user makes."""
    mask = os.umask(0)
    os.umask(mask)
    partial.chmod(0o666 & ~mask)
    partial.replace(output)


def _cannot_write(output: Path, what: str, error: OSError) -> KnownError:
    where = shown(str(output))
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(f"There is no room to write the {what} {where}.", "Free some space or choose another disk.")
    return KnownError(
        f"The {what} {where} cannot be written: {error.strerror or error}.",
        "Choose a file in a folder that you may write to.",
    )
