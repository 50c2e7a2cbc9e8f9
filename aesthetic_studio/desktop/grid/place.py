"""How the grid moves: where a key leads, what stays in place when the layout changes, and gliding by the wheel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QEasingCurve, QObject, QPropertyAnimation
from PySide6.QtWidgets import QAbstractItemView, QScrollBar, QStyle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.desktop.grid.geometry import GridGeometry

Action = QAbstractItemView.CursorAction
T = TypeVar("T")

GLIDE_MS = 130


@dataclass(frozen=True, slots=True)
class Place:
    """A photo that is to stay where it is when the layout changes."""

    row: int
    y: int
    """Its cell's top, from the viewport's top."""


def place_of_interest(geometry: GridGeometry, offset: int, room: int, current: int) -> Place | None:
    """The current photo where it is in view, else the first photo in view; ``None`` in an empty album."""
    if not geometry.count or room <= 0:
        return None
    if current >= 0:
        _, top, _, height = geometry.cell_at(current)
        if top < offset + room and top + height > offset:
            return Place(current, top - offset)
    first = geometry.rows_between(offset, offset + room).start
    return Place(first, geometry.cell_at(first)[1] - offset) if first < geometry.count else None


def row_after(action: Action, row: int, count: int, columns: int, lines_on_screen: int) -> int:
    """Where a movement from ``row`` leads, −1 in an empty album; from nowhere (−1) it leads to the start."""
    if count == 0:
        return -1
    if action == Action.MoveEnd:
        return count - 1
    if row < 0 or action == Action.MoveHome:
        return 0
    if action in (Action.MoveRight, Action.MoveNext):
        return min(row + 1, count - 1)
    if action in (Action.MoveLeft, Action.MovePrevious):
        return max(row - 1, 0)
    downward = action in (Action.MoveDown, Action.MovePageDown)
    lines = 1 if action in (Action.MoveUp, Action.MoveDown) else lines_on_screen
    line, column = divmod(row, columns)
    last_line = (count - 1) // columns
    line = min(line + lines, last_line) if downward else max(line - lines, 0)
    return min(line * columns + column, count - 1)


def alternating(first: Sequence[T], then: Sequence[T], lead: int = 1) -> list[T]:
    """``lead`` of ``first``, one of ``then``, and so on; what is left of either follows."""
    mixed: list[T] = []
    for place, item in enumerate(then):
        mixed += [*first[place * lead : (place + 1) * lead], item]
    return mixed + list(first[len(then) * lead :])


class SmoothScroll(QObject):
    """Moves a scroll bar by parts of a line: at once from a touch pad, gliding from a wheel's notches."""

    def __init__(self, bar: QScrollBar, parent: QObject) -> None:
        super().__init__(parent)
        self._bar = bar
        self._rest = 0.0
        self._glide = QPropertyAnimation(bar, b"value", self)
        self._glide.setEasingCurve(QEasingCurve.Type.OutCubic)
        bar.sliderPressed.connect(self.stop)

    def stop(self) -> None:
        """Stay where it is now."""
        self._glide.stop()

    def jump_by(self, steps: float) -> None:
        """Move at once; parts of a step are saved up."""
        self.stop()
        self._rest += steps
        whole = int(self._rest)
        self._rest -= whole
        self._bar.setValue(self._bar.value() + whole)

    def glide_by(self, steps: float) -> None:
        """Glide; more notches while gliding lead further. Users who turned animations off get a jump."""
        running = self._glide.state() == QPropertyAnimation.State.Running
        start = int(self._glide.endValue()) if running else self._bar.value()
        target = min(max(self._bar.minimum(), start + round(steps)), self._bar.maximum())
        self._glide.stop()
        if not self._bar.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self._bar):
            self._bar.setValue(target)
            return
        self._glide.setDuration(GLIDE_MS)
        self._glide.setStartValue(self._bar.value())
        self._glide.setEndValue(target)
        self._glide.start()
