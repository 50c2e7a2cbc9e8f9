"""A shoot and the window over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.window import MainWindow

Make = Callable[..., Any]
PATIENCE_MS = 60_000


@dataclass
class Desk:
    """A shoot and the window over it; photos are counted from 1 in the order of their scores.

    Attributes:
        second: Another window on the same library, as of a second program.
        looked_at: Part of the photo that was clicked on, and where in the loupe.
        remembered: What a step noted for a later one.
    """

    qtbot: QtBot
    library: Any
    open_window: Make
    opened: MainWindow | None = None
    second: MainWindow | None = None
    looked_at: tuple[QPointF, tuple[float, float]] | None = None
    remembered: dict[str, Any] = field(default_factory=dict)

    @property
    def window(self) -> MainWindow:
        """The window, opened when it is first looked at: until then a scenario is being set up."""
        if self.opened is None:
            self.opened = self.open_window(self.library)
        return self.opened

    def id_of(self, number: int) -> int:
        return int(self.library.ids[number - 1])

    def number_of(self, photo_id: int | None) -> int | None:
        return None if photo_id is None else self.library.ids.index(photo_id) + 1

    def numbers(self) -> list[int]:
        return [self.library.ids.index(photo) + 1 for photo in self.window.grid.model().ids]

    def current(self) -> int | None:
        self.settle()
        return self.number_of(self.window.views.current_id())

    def verdict(self, number: int) -> Any:
        self.settle()
        return self.library.verdict(self.id_of(number))

    def press(self, key: str, window: MainWindow | None = None) -> None:
        """One key as Qt writes it, ``Ctrl+Shift+Z``, on whatever has the keyboard."""
        combination = QKeySequence(key)[0]
        where: QWidget = window or self.window
        if (dialog := QApplication.activeModalWidget()) is not None:
            where = dialog  # it has the keyboard, whatever the window's own focus is
        else:
            self.activate(where)
        self.qtbot.keyClick(where.focusWidget() or where, combination.key(), combination.keyboardModifiers())
        self.settle(window)

    def activate(self, window: QWidget) -> None:
        """Go to a window, as a click of the person on it does, or a window manager once a dialog has gone."""

        def is_active() -> bool:
            window.activateWindow()
            return window.isActiveWindow()

        if not window.isActiveWindow():
            self.until(is_active)

    def settle(self, window: MainWindow | None = None) -> None:
        """Until all that was decided is written, what was planned is shown, and the album shows it."""
        seen = window or self.opened
        if seen is not None:
            self.until(lambda: not seen.decisions.is_behind(seen.history))
            self.until(lambda: seen.album.is_settled)
            if seen.cull.is_open:
                page = seen.cull.page
                assert page is not None
                self.until(page.apply_button.isEnabled)

    def until(self, holds: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(holds, timeout=PATIENCE_MS)


def numbers_in(text: str) -> list[int]:
    """``"1, 2, 5-8"``."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found
