"""A few words with an arrow, and a ring around what they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from aesthetic_studio.desktop.toolkit.controls import push_button
from aesthetic_studio.desktop.toolkit.theme import accent, grey
from aesthetic_studio.desktop.tour.placing import EDGE, GAP, Side, standing
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

WIDTH = 320
RADIUS = 8
MARGIN = GAP
"""Around the bubble, so that its arrow can be painted on any side."""


class Ring(QWidget):
    """Marks a part of the window, and lets every click through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(accent(), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)


class Callout(QWidget):
    """Words beside a part of the window.

    Signals:
        next_wanted: Go on.
        skip_wanted: End it.
    """

    next_wanted = Signal()
    skip_wanted = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("callout")
        self.ring = Ring(window)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._count = QLabel()
        self._count.setProperty("role", "small")
        self._skip = push_button(_("End the tour"), "tourSkip", "link")
        self._next = push_button(_("Next"), "tourNext")
        for button in (self._skip, self._next):
            # The keys stay with the photos; Tab leads here.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self._count)
        buttons.addStretch(1)
        buttons.addWidget(self._skip)
        buttons.addWidget(self._next)
        layout = self._column = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN + 16, MARGIN + 12, MARGIN + 16, MARGIN + 12)
        layout.setSpacing(12)
        layout.addWidget(self._words)
        layout.addLayout(buttons)
        self._next.clicked.connect(self.next_wanted)
        self._skip.clicked.connect(self.skip_wanted)
        self._tip = QPoint()
        self._side = Side.OVER
        self.hide()
        self.ring.hide()

    def say(self, words: str, step: int, steps: int) -> None:
        """Take up the words of a step, counted from 1."""
        self._words.setText(words)
        self._count.setText(_("{step} of {steps}").format(step=step, steps=steps))
        self._next.setText(_("Next") if step < steps else _("Done"))
        self._next.setAccessibleName(self._next.text())
        self._skip.setVisible(step < steps)
        self.setAccessibleName(_("Short tour, {text}").format(text=self._count.text()))
        self.setAccessibleDescription(self._words.text())

    def point_at(self, target: QRect, room: QRect) -> None:
        """Stand beside a part of the window and ring it."""
        width = min(WIDTH, room.width() - 2 * EDGE)
        inner = width - 32
        outer = QSize(width + 2 * MARGIN, self._height_for(inner))
        bubble = outer - QSize(2 * MARGIN, 2 * MARGIN)
        found = standing(bubble, target, room)
        self._side = found.side
        self.setGeometry(QRect(found.corner - QPoint(MARGIN, MARGIN), outer))
        self._tip = found.tip - self.pos()
        self.ring.setGeometry(target.adjusted(-3, -3, 3, 3).intersected(room))
        for widget in (self.ring, self):
            widget.show()
            widget.raise_()
        self.update()

    def take_keys(self) -> None:
        """Bring the keyboard to the button that goes on."""
        self._next.setFocus(Qt.FocusReason.OtherFocusReason)

    def away(self) -> None:
        """Be gone."""
        self.hide()
        self.ring.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the bubble with its arrow."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bubble = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        shape = QPainterPath()
        shape.addRoundedRect(bubble, RADIUS, RADIUS)
        if self._side is not Side.OVER:
            arrow = QPainterPath()
            arrow.addPolygon([*self._feet(bubble), QPointF(self._tip)])
            arrow.closeSubpath()
            shape = shape.united(arrow)
        painter.setPen(QPen(accent(), 1))
        painter.setBrush(grey("raised"))
        painter.drawPath(shape)

    def _feet(self, bubble: QRectF) -> list[QPointF]:
        """Return where the arrow leaves the bubble, as near to its tip as the round corners let it."""
        half = 9.0
        if self._side in (Side.BELOW, Side.ABOVE):
            x = min(max(self._tip.x(), bubble.left() + RADIUS + half), bubble.right() - RADIUS - half)
            y = bubble.top() + 1 if self._side is Side.BELOW else bubble.bottom() - 1
            return [QPointF(x - half, y), QPointF(x + half, y)]
        y = min(max(self._tip.y(), bubble.top() + RADIUS + half), bubble.bottom() - RADIUS - half)
        x = bubble.left() + 1 if self._side is Side.RIGHT else bubble.right() - 1
        return [QPointF(x, y - half), QPointF(x, y + half)]

    def _height_for(self, inner: int) -> int:
        self.ensurePolished()
        buttons = max(self._next.sizeHint().height(), self._skip.sizeHint().height())
        margins = self._column.contentsMargins()
        return self._words.heightForWidth(inner) + self._column.spacing() + buttons + margins.top() + margins.bottom()
