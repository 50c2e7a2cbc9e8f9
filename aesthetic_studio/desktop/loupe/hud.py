"""The small plates over a photo in the loupe: notice, zoom, decisions, and the heat map's legend."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from aesthetic_studio.desktop.grid.glyphs import Glyph, draw_glyph
from aesthetic_studio.desktop.loupe.heat_map import RAMP
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.records import Flag, Label, Verdict
from aesthetic_studio.translation import N_, _


class Notice(QLabel):
    """Words over a photo; hidden where there are none. A label, so that a screen reader finds them."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setProperty("role", "plate")
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def say(self, words: str) -> None:
        """Show these words; none hide the plate."""
        self.setText(words)
        self.setVisible(bool(words))

    def fit_into(self, width: int) -> None:
        """Take the room that the words need, in several lines where ``width`` is less."""
        self.setWordWrap(False)
        wanted = self.sizeHint()
        if wanted.width() > width:
            self.setWordWrap(True)
            wanted = QSize(width, self.heightForWidth(width))
        self.resize(wanted)


class VerdictPlate(QWidget):
    """Flag, stars and label as decided; nothing where nothing is."""

    def __init__(self, parent: QWidget | None = None, *, plate: bool = True) -> None:
        super().__init__(parent)
        self._verdict = Verdict()
        self._plate = plate
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_verdict(self, verdict: Verdict) -> None:
        """Show these decisions."""
        self._verdict = verdict
        self.setVisible(not self._plate or verdict != Verdict())
        self.resize(self.sizeHint())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as what it shows."""
        side = self.fontMetrics().height()
        signs = (self._verdict.flag is not Flag.NONE) + self._verdict.rating + (self._verdict.label is not Label.NONE)
        margin = 10 if self._plate else 0
        return QSize(int(signs * side * 1.12) + 2 * margin, side + margin)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the signs from the left."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = float(self.fontMetrics().height())
        x, y = (10.0 if self._plate else 0.0), (self.height() - side) / 2
        if self._plate:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.CHIP_ON_PHOTO)
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        verdict = self._verdict
        if verdict.flag is not Flag.NONE:
            picked = verdict.flag is Flag.PICK
            colour = colours.PICKED if picked else colours.REJECTED
            draw_glyph(
                painter, Glyph.PICK if picked else Glyph.REJECT, QRectF(x, y, side, side).adjusted(1, 1, -1, -1), colour
            )
            x += side * 1.12
        for _star in range(verdict.rating):
            draw_glyph(painter, Glyph.STAR, QRectF(x, y, side, side), colours.STAR)
            x += side * 1.12
        if verdict.label is not Label.NONE:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.LABELS[verdict.label])
            painter.drawRoundedRect(QRectF(x, y, side, side).adjusted(2, 2, -2, -2), 3, 3)


class HeatLegend(QWidget):
    """What the heat map's colours say."""

    BEFORE, AFTER = N_("The model looks less"), N_("more")

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(_("Heat map: the lighter the amber, the more the model looks there"))
        self.hide()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as its words and the ramp between them."""
        metrics = self.fontMetrics()
        words = metrics.horizontalAdvance(_(self.BEFORE)) + metrics.horizontalAdvance(_(self.AFTER))
        return QSize(words + 120, metrics.height() + 10)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the ramp between its two ends in words."""
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.CHIP_ON_PHOTO)
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        metrics = self.fontMetrics()
        left = 10 + metrics.horizontalAdvance(_(self.BEFORE)) + 8
        ramp = QRectF(left, self.height() / 2 - 4, 76, 8)
        gradient = QLinearGradient(ramp.topLeft(), ramp.topRight())
        for level, red, green, blue, alpha in RAMP:
            gradient.setColorAt(level, QColor(red, green, blue, round(255 * alpha)))
        painter.setBrush(colours.CHIP)
        painter.drawRoundedRect(ramp, 3, 3)
        painter.setBrush(gradient)
        painter.drawRoundedRect(ramp, 3, 3)
        painter.setPen(colours.TEXT)
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(10, 0, left, self.height()), middle, _(self.BEFORE))
        painter.drawText(QRectF(ramp.right() + 8, 0, self.width(), self.height()), middle, _(self.AFTER))
