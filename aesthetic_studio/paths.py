"""Where things lie: the user's data folder, the default library, and what ships with the program."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

APPLICATION = "aesthetic-studio"


@cache
def data_folder() -> Path:
    """The user's data folder of this program. Not created here: only a writer creates it."""
    override = os.environ.get("AESTHETIC_STUDIO_DATA")
    if override:
        return Path(override)
    import platformdirs  # noqa: PLC0415 - not needed where a library is named

    return Path(platformdirs.user_data_dir(APPLICATION, appauthor=False))


def default_library() -> Path:
    """The catalogue that is opened when none is named."""
    return data_folder() / "library.sqlite"


def log_folder() -> Path:
    """Where log files go; tracebacks land there and never on the screen."""
    return data_folder() / "logs"


@cache
def resources_folder() -> Path:
    """The files that ship beside the code: inside the package when installed, at the top of a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "_resources"
    return installed if installed.is_dir() else package.parent / "resources"


def shown(path: Path | str) -> str:
    """A path or name that can be drawn, printed and stored as text: bytes that are no text become question marks."""
    return str(path).encode("utf-8", "replace").decode()
