"""From photo to photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractItemView

from aesthetic_studio.desktop.commands.registry import Command, Scope
from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


Move = QAbstractItemView.CursorAction
SELECTING = {
    "left": ("Shift+Left", Move.MoveLeft, N_("Select or pan left")),
    "right": ("Shift+Right", Move.MoveRight, N_("Select or pan right")),
    "up": ("Shift+Up", Move.MoveUp, N_("Select or pan up")),
    "down": ("Shift+Down", Move.MoveDown, N_("Select or pan down")),
    "page_up": ("Shift+PgUp", Move.MovePageUp, N_("Select a page up")),
    "page_down": ("Shift+PgDown", Move.MovePageDown, N_("Select a page down")),
    "first": ("Shift+Home", Move.MoveHome, N_("Select to the first photo")),
    "last": ("Shift+End", Move.MoveEnd, N_("Select to the last photo")),
}
"""By the end of the command's id: key, movement, what it does."""


def go_commands(window: MainWindow) -> list[Command]:
    """Declare them."""
    views, viewer = window.views, Scope.VIEWER
    has = views.has_photos
    return [
        Command("go.next", _("Next photo"), "Go", lambda: views.step(1), ("Right", "Space"), has, scope=viewer),
        Command(
            "go.previous", _("Previous photo"), "Go", lambda: views.step(-1), ("Left", "Backspace"), has, scope=viewer
        ),
        Command(
            "go.up",
            _("Row above, or the challenger wins"),
            "Go",
            lambda: views.step_row(-1),
            ("Up",),
            has,
            scope=viewer,
            listed=False,
        ),
        Command(
            "go.down",
            _("Row below, or the champion stays"),
            "Go",
            lambda: views.step_row(1),
            ("Down",),
            has,
            scope=viewer,
            listed=False,
        ),
        Command("go.page_up", _("A page up"), "Go", lambda: views.page(-1), ("PgUp",), has, scope=viewer, listed=False),
        Command(
            "go.page_down", _("A page down"), "Go", lambda: views.page(1), ("PgDown",), has, scope=viewer, listed=False
        ),
        Command("go.first", _("First photo"), "Go", lambda: views.go_to_end(first=True), ("Home",), has, scope=viewer),
        Command("go.last", _("Last photo"), "Go", lambda: views.go_to_end(first=False), ("End",), has, scope=viewer),
        Command(
            "go.next_unrated",
            _("Next unrated photo"),
            "Go",
            window.next_unrated.go,
            ("Ctrl+Right",),
            has,
            group="unrated",
        ),
        *(
            Command(
                f"go.select_{way}",
                _(text),
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
        Command("go.photos", _("Back to the photos"), "Go", window.go_back, ("Esc",), group="focus"),
        Command("go.next_pane", _("Next pane"), "Go", lambda: window.panels.next_pane(1), ("F6",), group="focus"),
        Command(
            "go.previous_pane",
            _("Previous pane"),
            "Go",
            lambda: window.panels.next_pane(-1),
            ("Shift+F6",),
            group="focus",
            listed=False,
        ),
    ]
