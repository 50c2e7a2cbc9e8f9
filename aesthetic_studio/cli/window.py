"""``aesthetic-studio [FOLDER…]``: open the window, or say what to do where there is no display."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from aesthetic_studio.cli.folders import existing_folders
from aesthetic_studio.cli.model_choice import usable_model
from aesthetic_studio.errors import KnownError

if TYPE_CHECKING:
    import argparse

_NEEDS_NO_DISPLAY = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


def open_window(arguments: argparse.Namespace) -> int:
    """Open the window. Raises ``KnownError`` on a machine with no display, naming the command that needs none."""
    folders = existing_folders(arguments.folders, or_command=True)
    if not has_display():
        raise KnownError(
            "There is no display here to open a window on.",
            "The same without a window: `aesthetic-studio rank FOLDER` lists the photos, best first, and "
            "`aesthetic-studio contact-sheet FOLDER --output FILE` writes them as a page.",
        )
    from aesthetic_studio import paths
    from aesthetic_studio.desktop.app import run

    library = arguments.library or paths.default_library()
    return run(folders=folders, library=library, device=arguments.device, model=usable_model(arguments.model))


def has_display() -> bool:
    """Whether Qt would find a screen; asking Qt itself would end the program where there is none."""
    if sys.platform in {"win32", "darwin"}:
        return True
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in _NEEDS_NO_DISPLAY:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
