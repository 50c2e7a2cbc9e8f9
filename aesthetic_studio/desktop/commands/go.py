"""From photo to photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractItemView

from aesthetic_studio.desktop.commands.registry import Command, Scope

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


Move = QAbstractItemView.CursorAction
SELECTING = {
    "left": ("Shift+Left", Move.MoveLeft, "Select or pan left"),
    "right": ("Shift+Right", Move.MoveRight, "Select or pan right"),
    "up": ("Shift+Up", Move.MoveUp, "Select or pan up"),
    "down": ("Shift+Down", Move.MoveDown, "Select or pan down"),
    "page_up": ("Shift+PgUp", Move.MovePageUp, "Select a page up"),
    "page_down": ("Shift+PgDown", Move.MovePageDown, "Select a page down"),
    "first": ("Shift+Home", Move.MoveHome, "Select to the first photo"),
    "last": ("Shift+End", Move.MoveEnd, "Select to the last photo"),
}
"""By the end of the command's id: key, movement, what it does."""


def go_commands(window: MainWindow) -> list[Command]:
    """Declare them."""
    views, viewer = window.views, Scope.VIEWER
    has = views.has_photos
    return [
        Command("go.next", "Next photo", "Go", lambda: views.step(1), ("Right", "Space"), has, scope=viewer),
        Command(
            "go.previous", "Previous photo", "Go", lambda: views.step(-1), ("Left", "Backspace"), has, scope=viewer
        ),
        Command(
            "go.up",
            "Row above, or the challenger wins",
            "Go",
            lambda: views.step_row(-1),
            ("Up",),
            has,
            scope=viewer,
            listed=False,
        ),
        Command(
            "go.down",
            "Row below, or the champion stays",
            "Go",
            lambda: views.step_row(1),
            ("Down",),
            has,
            scope=viewer,
            listed=False,
        ),
        Command("go.page_up", "A page up", "Go", lambda: views.page(-1), ("PgUp",), has, scope=viewer, listed=False),
        Command(
            "go.page_down", "A page down", "Go", lambda: views.page(1), ("PgDown",), has, scope=viewer, listed=False
        ),
        Command("go.first", "First photo", "Go", lambda: views.go_to_end(first=True), ("Home",), has, scope=viewer),
        Command("go.last", "Last photo", "Go", lambda: views.go_to_end(first=False), ("End",), has, scope=viewer),
        Command(
            "go.next_unrated",
            "Next unrated photo",
            "Go",
            window.next_unrated.go,
            ("Ctrl+Right",),
            has,
            group="unrated",
        ),
        *(
            Command(
                f"go.select_{way}",
                text,
                "Go",
                lambda move=move: views.extend(move),  # type: ignore[misc]
                (key,),
                has,
                scope=viewer,
                listed=False,
                group="select",
            )
            for way, (key, move, text) in SELECTING.items()
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
