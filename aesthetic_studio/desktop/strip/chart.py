"""One chart of the strip: bars, and a range that is drawn over them by mouse or keys."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from aesthetic_studio.desktop.strip.axes import Axis
from aesthetic_studio.desktop.toolkit.theme import accent, grey
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QPaintEvent

GRIP = 6
"""Pixels on either side of an edge of the range in which the mouse takes hold of it."""
NO_PHOTOS = "No photos"
LABEL_ROOM = 58
"""Pixels that a mark below the axis needs."""
SMALLEST_BAR = 2
"""Pixels of a bin that holds any photo at all."""
CLEARING = frozenset({Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Backspace})


class Hold(Enum):
    """What the mouse or Shift moves: the whole range is drawn anew, or one of its edges."""

    NEW = "new"
    FIRST = "first"
    LAST = "last"


class RangeChart(QWidget):
    """Bars over an axis of bins.

    Places are counted in bins from the left, so that an edge of the range may stand within a bin.

    Signals:
        chosen: A range was drawn: its first and its last edge.
        cleared: No range is wanted any more.
    """

    chosen = Signal(int, int)
    cleared = Signal()

    def __init__(self, title: str, nothing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._valueless, self._nothing = title, nothing, nothing
        self._axis = Axis()
        self._range: tuple[float, float] | None = None
        self._hover = -1
        self._cursor = 0
        self._anchor = 0
        self._hold: Hold | None = None
        self._moved = False
        self._by_keys = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self._say()

    def show_axis(self, axis: Axis, *, lacking: int = 1) -> None:
        """Show these bins; what is being drawn goes on. Without any, say why: ``lacking`` photos have no value."""
        self._axis = axis
        self._nothing = self._valueless if lacking else NO_PHOTOS
        self._cursor = min(self._cursor, max(0, len(axis.counts) - 1))
        self._hover = -1 if self._hover >= len(axis.counts) else self._hover
        self._say()
        self.update()

    def show_range(self, chosen: tuple[float, float] | None) -> None:
        """Show this range, none for None; while one is drawn, that one stays."""
        if self._hold is None:
            self._range = chosen
            self._say()
            self.update()

    def bins(self) -> int:
        """How many bins there are."""
        return len(self._axis.counts)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Ask for a place that is wide and low."""
        return QSize(240, 30 + 5 * self.fontMetrics().height())

    # -- mouse -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of an edge, or begin a range."""
        if event.button() != Qt.MouseButton.LeftButton or not self._axis.counts:
            return
        x = event.position().x()
        self._by_keys = False
        self._hold, self._moved = self._edge_at(x) or Hold.NEW, False
        self._anchor = self._cursor = self._bin_at(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Draw the range, or say what is under the mouse."""
        if not self._axis.counts:
            return
        x = event.position().x()
        self._hover = self._bin_at(x)
        if self._hold is None:
            resizes = self._edge_at(x) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if resizes else Qt.CursorShape.CrossCursor)
        elif self._hold is not Hold.NEW or self._hover != self._anchor or self._moved:
            self._moved = True
            self._draw_to(self._hover, x)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End the range; a click alone chooses one bin."""
        if event.button() == Qt.MouseButton.LeftButton and self._hold is not None:
            if self._hold is Hold.NEW and not self._moved:
                self._choose(self._anchor, self._anchor + 1)
            self._hold = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose everything again."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._hold = None
            self._clear()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Say nothing of a bin any more."""
        super().leaveEvent(event)
        self._hover = -1
        self.update()

    def event(self, event: QEvent) -> bool:
        """Show a tool tip of the bin under the mouse; keep the keys that clear a range from the window."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._axis.counts:
            place = self._bin_at(event.pos().x())
            QToolTip.showText(event.globalPos(), self._axis.said(place, place + 1), self)
            return True
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (event.key() in _MOVES or (event.key() in CLEARING and self._range is not None))
        ):
            event.accept()
            return True
        return super().event(event)

    # -- keys --------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows go from bin to bin, with Shift they draw; Enter or Space chooses one bin, Esc everything."""
        key, count = Qt.Key(event.key()), len(self._axis.counts)
        self._by_keys = True
        if key in CLEARING and self._range is not None:
            self._clear()
        elif key in _MOVES and count:
            step = _MOVES[key]
            target = 0 if step is None else count - 1 if step == 0 else self._cursor + step
            target = min(max(0, target), count - 1)
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._choose(min(self._anchor, target), max(self._anchor, target) + 1)
            else:
                self._anchor = target
            self._cursor = target
            self._say()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and count:
            self._anchor = self._cursor
            self._choose(self._cursor, self._cursor + 1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show where the keys are."""
        super().focusInEvent(event)
        self._by_keys = event.reason() != Qt.FocusReason.MouseFocusReason
        self._say()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show it no longer."""
        super().focusOutEvent(event)
        self.update()

    # -- paint -------------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint title, bars, range, axis and marks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPointSizeF(8.5)
        painter.setFont(font)
        height = painter.fontMetrics().height()
        plot = self._plot()
        self._paint_title(painter, height)
        if not self._axis.counts:
            painter.setPen(grey("faint"))
            painter.drawText(plot, Qt.AlignmentFlag.AlignCenter, self._nothing)
            return
        self._paint_bars(painter, plot)
        self._paint_range(painter, plot)
        painter.fillRect(QRectF(plot.left(), plot.bottom(), plot.width(), 1), grey("line"))
        painter.setPen(grey("dim"))
        for edge in self._axis.marks(max(2, int(plot.width() // LABEL_ROOM))):
            x = plot.left() + edge * self._step()
            painter.fillRect(QRectF(x, plot.bottom(), 1, 4), grey("line"))
            text = self._axis.mark(edge)
            wide = painter.fontMetrics().horizontalAdvance(text) + 2
            left = min(max(0.0, x - wide / 2), self.width() - wide)
            painter.drawText(QRectF(left, plot.bottom() + 4, wide, height), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_title(self, painter: QPainter, height: int) -> None:
        painter.setPen(grey("dim"))
        line = QRectF(6, 3, self.width() - 12, height)
        said = self._shown_words() if self._axis.counts else ""
        metrics = painter.fontMetrics()
        if metrics.horizontalAdvance(self._title) + metrics.horizontalAdvance(said) + 12 <= line.width():
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft, self._title)
        painter.setPen(grey("text"))
        said = metrics.elidedText(said, Qt.TextElideMode.ElideRight, int(line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, said)

    def _paint_bars(self, painter: QPainter, plot: QRectF) -> None:
        step, highest = self._step(), max(self._axis.counts) or 1
        first, last = self._range or (0.0, float(len(self._axis.counts)))
        gap = 1.0 if step > 4 else 0.0
        for place, number in enumerate(self._axis.counts):
            if place == self._marked():
                painter.fillRect(QRectF(plot.left() + place * step, plot.top(), step, plot.height()), grey("raised"))
            if not number:
                continue
            tall = max(SMALLEST_BAR, (plot.height() - 2) * number / highest)
            inside = first <= place + 0.5 <= last
            painter.fillRect(
                QRectF(plot.left() + place * step + gap / 2, plot.bottom() - tall, step - gap, tall),
                grey("dim" if inside else "line"),
            )

    def _paint_range(self, painter: QPainter, plot: QRectF) -> None:
        if self._range is not None:
            veil = grey("bright")
            veil.setAlpha(20)
            first, last = (plot.left() + place * self._step() for place in self._range)
            painter.fillRect(QRectF(first, plot.top(), last - first, plot.height()), veil)
            for x in (first, last):
                painter.fillRect(QRectF(x - 1, plot.top(), 2, plot.height()), grey("bright"))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(grey("bright"))
                painter.drawRoundedRect(QRectF(x - 3, plot.center().y() - 7, 6, 14), 2, 2)
        if self.hasFocus():
            painter.setPen(accent())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    # -- how ---------------------------------------------------------------------------------------------------------

    def _plot(self) -> QRectF:
        line = self.fontMetrics().height()
        return QRectF(6, line + 6, max(1, self.width() - 12), max(1, self.height() - 2 * line - 14))

    def _step(self) -> float:
        return self._plot().width() / max(1, len(self._axis.counts))

    def _bin_at(self, x: float) -> int:
        place = int((x - self._plot().left()) // self._step())
        return min(max(0, place), len(self._axis.counts) - 1)

    def _edge_at(self, x: float) -> Hold | None:
        if self._range is None:
            return None
        first, last = (abs(self._plot().left() + place * self._step() - x) for place in self._range)
        if min(first, last) > GRIP:
            return None
        return Hold.FIRST if first < last else Hold.LAST

    def _draw_to(self, place: int, x: float) -> None:
        if self._hold is Hold.NEW or self._range is None:
            self._choose(min(self._anchor, place), max(self._anchor, place) + 1)
            return
        nearest = round((x - self._plot().left()) / self._step())
        nearest = min(max(0, nearest), len(self._axis.counts))
        first, last = round(self._range[0]), round(self._range[1])
        if self._hold is Hold.FIRST:
            first = min(nearest, last - 1)
        else:
            last = max(nearest, first + 1)
        self._choose(first, last)

    def _choose(self, first: int, last: int) -> None:
        if self._range != (first, last):
            self._range = (float(first), float(last))
            self._say()
            self.update()
            self.chosen.emit(first, last)

    def _clear(self) -> None:
        self._range = None
        self._say()
        self.update()
        self.cleared.emit()

    def _marked(self) -> int:
        """The bin that is spoken of: under the mouse, or under the keys."""
        return self._hover if self._hover >= 0 else self._cursor if self.hasFocus() and self._by_keys else -1

    def _shown_words(self) -> str:
        place = self._marked()
        if place >= 0 and self._hold is None:
            return self._axis.said(place, place + 1)
        if self._range is not None:
            first, last = round(self._range[0]), round(self._range[1])
            if 0 <= first < last <= len(self._axis.counts):
                return self._axis.said(first, last)
        return ""

    def _say(self) -> None:
        """Say the range, and the bin under the keys, to those who hear the screen."""
        words = self._shown_words() or (self._nothing if not self._axis.counts else _("All photos"))
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)
            if self.hasFocus():
                QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))


_MOVES: dict[Qt.Key, int | None] = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_PageUp: -10,
    Qt.Key.Key_PageDown: 10,
    Qt.Key.Key_Home: None,
    Qt.Key.Key_End: 0,
}
"""Bins that a key goes on by: None for the first, 0 for the last."""
