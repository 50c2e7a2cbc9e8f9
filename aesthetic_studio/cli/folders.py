"""Folders as typed, made certain."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aesthetic_studio.errors import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Sequence


def existing_folders(folders: Sequence[str], *, or_command: bool = False) -> list[str]:
    """Make paths absolute, each once. Raises ``WrongUsage`` for one that is not there or is no folder.

    With ``or_command`` the message also thinks of a mistyped command.
    """
    found: dict[str, None] = {}
    for folder in folders:
        path = os.path.abspath(folder)  # noqa: PTH100 – pathlib would follow links, and the user's own names matter
        if not os.path.isdir(path):  # noqa: PTH112 – as above
            reason = "this is not a folder" if os.path.exists(path) else "there is no such folder"  # noqa: PTH110
            advice = "Name a folder of photos."
            if or_command and os.sep not in folder:
                reason += " and no such command"
                advice = "Name a folder of photos, or see `aesthetic-studio --help` for the commands."
            raise WrongUsage(f"{folder}: {reason}.", advice)
        found[path] = None
    return list(found)
