"""The errors that a user can meet. Each says what happened, to which file, and what to do next.

Everything else that is raised is a bug of ours: it goes to the log with its traceback and never onto the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class KnownError(Exception):
    """Something of the user's surroundings is in the way.

    Attributes:
        message: What happened, to which file.
        advice: What to do next.
    """

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(f"{message} {advice}".strip())
        self.message = message
        self.advice = advice


class UnreadablePhoto(KnownError):
    """No photo can be made of this file."""

    def __init__(self, path: Path | str, reason: str, advice: str) -> None:
        super().__init__(f"{path}: {reason}", advice)
        self.path = str(path)
        self.reason = reason


class LibraryError(KnownError):
    """The library file cannot be used."""


class NotALibrary(LibraryError):
    """The file is not a catalogue of this program."""


class LibraryTooNew(LibraryError):
    """The catalogue was written by a later version of this program."""


class LibraryLocked(LibraryError):
    """Another program holds the catalogue."""


class DiskFull(LibraryError):
    """There is no room left to write."""


class CannotGroup(KnownError):
    """These photos cannot be grouped, or parted, as was asked."""


class BurstsChanged(KnownError):
    """What was planned for bursts no longer fits them; nothing was decided."""


class ModelUnavailable(KnownError):
    """A model is unknown, or its files are missing or damaged."""


class WordsUnavailable(KnownError):
    """Photos cannot be searched by words here."""


class DownloadFailed(KnownError):
    """A file could not be fetched; what arrived of it is kept."""


class WrongUsage(KnownError):
    """The command line asks for something that is not there."""
