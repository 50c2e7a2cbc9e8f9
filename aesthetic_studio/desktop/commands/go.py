"""From photo to photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands.registry import Command, Scope

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


def go_commands(window: MainWindow) -> list[Command]:
    """Declare them."""
    views, viewer = window.views, Scope.VIEWER
    has = views.has_photos
    return [
        Command("go.next", "Next photo", "Go", lambda: views.step(1), ("Right", "Space"), has, scope=viewer),
        Command(
            "go.previous", "Previous photo", "Go", lambda: views.step(-1), ("Left", "Backspace"), has, scope=viewer
        ),
        Command("go.up", "Row above", "Go", lambda: views.step_row(-1), ("Up",), has, scope=viewer, listed=False),
        Command("go.down", "Row below", "Go", lambda: views.step_row(1), ("Down",), has, scope=viewer, listed=False),
        Command("go.first", "First photo", "Go", lambda: views.go_to_end(first=True), ("Home",), has, scope=viewer),
        Command("go.last", "Last photo", "Go", lambda: views.go_to_end(first=False), ("End",), has, scope=viewer),
        Command(
            "go.next_unrated",
            "Next unrated photo",
            "Go",
            window.verdicts.next_unrated,
            ("Ctrl+Right",),
            has,
            group="unrated",
        ),
        Command("go.photos", "Back to the photos", "Go", window.go_back, ("Esc",), group="focus"),
        Command("go.next_pane", "Next pane", "Go", lambda: window.panels.next_pane(1), ("F6",), group="focus"),
        Command(
            "go.previous_pane",
            "Previous pane",
            "Go",
            lambda: window.panels.next_pane(-1),
            ("Shift+F6",),
            group="focus",
            listed=False,
        ),
    ]
