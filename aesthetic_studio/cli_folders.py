"""Folders as typed, made certain."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aesthetic_studio.errors import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Sequence


def existing_folders(folders: Sequence[str]) -> list[str]:
    """Absolute paths of these folders, each once. Raises ``WrongUsage`` for one that is not there or is no folder."""
    found: dict[str, None] = {}
    for folder in folders:
        path = os.path.abspath(folder)  # noqa: PTH100 – pathlib would follow links, and the user's own names matter
        if not os.path.isdir(path):  # noqa: PTH112 – as above
            reason = "this is not a folder" if os.path.exists(path) else "there is no such folder"  # noqa: PTH110
            raise WrongUsage(f"{folder}: {reason}.", "Name a folder of photos.")
        found[path] = None
    return list(found)
