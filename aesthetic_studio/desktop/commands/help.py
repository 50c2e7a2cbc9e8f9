"""What can be done, and with which keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands.registry import Command
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


def help_commands(window: MainWindow) -> list[Command]:
    """Declare them."""
    dialogs = window.dialogs
    return [
        Command("help.commands", _("All commands…"), "Help", dialogs.show_palette, ("Ctrl+K",)),
        Command("help.keys", _("Keyboard shortcuts"), "Help", dialogs.show_shortcuts, ("?", "F1"), icon="keyboard"),
        Command("help.tour", _("Short tour"), "Help", window.tour.start, enabled=window.views.has_photos),
        Command("help.log", _("Open the log folder"), "Help", dialogs.open_log_folder, group="about"),
        Command("help.about", _("About Aesthetic Studio"), "Help", dialogs.show_about, group="about"),
    ]
