"""What belongs together, and the best of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands.registry import Command
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


def burst_commands(window: MainWindow) -> list[Command]:
    """Declare them."""
    edits = window.burst_edits
    return [
        Command(
            "photo.burst.merge",
            _("Group as one burst"),
            "Burst",
            edits.merge,
            ("Ctrl+G",),
            edits.can_merge,
            undoable=True,
            group="bursts",
        ),
        Command(
            "photo.burst.split",
            _("Split the burst here"),
            "Burst",
            edits.split,
            ("Ctrl+Alt+S",),
            edits.has_frame,
            undoable=True,
            group="bursts",
        ),
        Command(
            "photo.burst.out",
            _("Take this frame out of its burst"),
            "Burst",
            edits.take_out,
            ("Ctrl+Alt+O",),
            edits.has_frame,
            undoable=True,
            group="bursts",
        ),
        Command(
            "photo.burst.dissolve",
            _("Not a burst"),
            "Burst",
            edits.dissolve,
            ("Ctrl+Shift+G",),
            edits.has_frame,
            undoable=True,
            group="bursts",
        ),
        Command(
            "photo.burst.take",
            _("Take the best, reject the rest…"),
            "Burst",
            window.take_best.take,
            ("Ctrl+Shift+B",),
            window.take_best.can_take,
            undoable=True,
            group="take",
        ),
        Command(
            "photo.burst.take_all",
            _("Take the best of every burst…"),
            "Burst",
            window.take_best.take_all,
            enabled=window.views.has_photos,
            undoable=True,
            group="take",
        ),
    ]
