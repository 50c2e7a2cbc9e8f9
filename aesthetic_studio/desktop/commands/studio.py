"""The window's commands, declared in the order that menus, palette and shortcut sheet show them.

Keys follow what photographers know from other programs. Tab is left to moving between controls, so that everything can
be reached by keyboard; F9 hides the panels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands.bursts import burst_commands
from aesthetic_studio.desktop.commands.edit import edit_commands
from aesthetic_studio.desktop.commands.go import go_commands
from aesthetic_studio.desktop.commands.help import help_commands
from aesthetic_studio.desktop.commands.language import language_commands
from aesthetic_studio.desktop.commands.library import library_commands
from aesthetic_studio.desktop.commands.photo import photo_commands
from aesthetic_studio.desktop.commands.quick_filters import quick_filter_commands
from aesthetic_studio.desktop.commands.registry import CommandRegistry
from aesthetic_studio.desktop.commands.view import view_commands

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


def build_registry(window: MainWindow) -> CommandRegistry:
    """Declare every command of the window."""
    registry = CommandRegistry()
    for commands in (
        library_commands,
        edit_commands,
        quick_filter_commands,
        language_commands,
        photo_commands,
        burst_commands,
        go_commands,
        view_commands,
        help_commands,
    ):
        for command in commands(window):
            registry.add(command)
    return registry
