"""What belongs together, and the best of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands.registry import Command

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


def burst_commands(window: MainWindow) -> list[Command]:
    """Declare them."""
    edits = window.burst_edits
    return [
        Command(
            "photo.burst.merge",
            "Group as one burst",
            "Photo",
            edits.merge,
            ("Ctrl+G",),
            edits.can_merge,
            undoable=True,
            group="bursts",
        ),
        Command(
            "photo.burst.split",
            "Split the burst here",
            "Photo",
            edits.split,
            ("Ctrl+Alt+S",),
            edits.has_frame,
            undoable=True,
            group="bursts",
        ),
        Command(
            "photo.burst.out",
            "Take this frame out of its burst",
            "Photo",
            edits.take_out,
            ("Ctrl+Alt+O",),
            edits.has_frame,
            undoable=True,
            group="bursts",
        ),
        Command(
            "photo.burst.dissolve",
            "Not a burst",
            "Photo",
            edits.dissolve,
            ("Ctrl+Shift+G",),
            edits.has_frame,
            undoable=True,
            group="bursts",
        ),
    ]
