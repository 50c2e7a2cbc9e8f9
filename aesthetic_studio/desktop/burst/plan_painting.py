"""Paints a plan: a burst's heading, and a frame with its picture, what would become of it, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen

from aesthetic_studio.curation.take_best import Fate
from aesthetic_studio.desktop.burst.plan_model import PlanRow, said, why
from aesthetic_studio.desktop.grid.delegate import fitted
from aesthetic_studio.desktop.grid.glyphs import Glyph, draw_glyph
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag
from aesthetic_studio.translation import decimal

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from aesthetic_studio.desktop.burst.plan_model import PlanModel
    from aesthetic_studio.desktop.grid.delegate import Thumbnails

PICTURE_HEIGHT = 122
INSET = 8
LINES = 3
"""Of text below a picture: the name, and two of reasons."""

Align = Qt.AlignmentFlag


class PlanPainter:
    """Knows how large a frame's cell is in this font, and paints it."""

    def __init__(self, font: QFont, thumbnails: Thumbnails | None) -> None:
        self._font, self._bold = QFont(font), QFont(font)
        self._bold.setBold(True)
        self._metrics, self._bold_metrics = QFontMetrics(self._font), QFontMetrics(self._bold)
        self._thumbnails = thumbnails
        self._line = self._metrics.lineSpacing()
        self.cell_height = PICTURE_HEIGHT + LINES * self._line + 3 * INSET
        self.heading_height = self._line + 16

    def chip_rect(self, cell: QRect, row: PlanRow) -> QRect:
        """Where a frame says what would become of it."""
        height = self._line + 6
        width = self._bold_metrics.horizontalAdvance(said(row.planned)) + height + 12
        return QRect(cell.left() + INSET + 5, cell.top() + INSET + 5, width, height)

    def paint_heading(self, painter: QPainter, rect: QRect, model: PlanModel, burst: int) -> None:
        """Paint a burst's name, and behind it what happens to it."""
        line, title = QRectF(rect.adjusted(2, 4, -2, 0)), model.heading(burst)
        painter.setFont(self._bold)
        painter.setPen(colours.TEXT)
        painter.drawText(line, Align.AlignLeft | Align.AlignVCenter, title)
        taken = self._bold_metrics.horizontalAdvance(title) + 14
        painter.setFont(self._font)
        painter.setPen(colours.TEXT_MUTED if model.keeps_any(burst) else colours.REJECTED)
        painter.drawText(line.adjusted(taken, 0, 0, 0), Align.AlignLeft | Align.AlignVCenter, model.outcome(burst))

    def paint_row(
        self, painter: QPainter, rect: QRect, model: PlanModel, number: int, *, ring: bool, focused: bool
    ) -> None:
        """Paint a frame, or the line of a series that is left alone."""
        row = model.row(number)
        if row is None:
            self._paint_line(painter, rect, model.heading(model.burst_of(number)))
        else:
            self._paint_cell(painter, rect, row, current=ring)
        if ring:
            width = 2.5 if focused else 1.5
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.RING if focused else colours.RING_UNFOCUSED, width))
            half = width / 2
            painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), 6, 6)

    def _paint_line(self, painter: QPainter, rect: QRect, words: str) -> None:
        painter.setFont(self._font)
        painter.setPen(colours.TEXT_MUTED)
        line = rect.adjusted(10, 0, -10, 0)
        text = self._metrics.elidedText(words, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Align.AlignLeft | Align.AlignVCenter, text)

    def _paint_cell(self, painter: QPainter, rect: QRect, row: PlanRow, *, current: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.CELL_SELECTED if current else colours.CELL)
        painter.drawRoundedRect(QRectF(rect), 6, 6)
        area = QRectF(rect.left() + INSET, rect.top() + INSET, rect.width() - 2 * INSET, PICTURE_HEIGHT)
        self._paint_picture(painter, area, row.frame.photo_id, faint=row.is_rejected)
        self._paint_chip(painter, self.chip_rect(rect, row), row)
        self._paint_words(painter, QRectF(area.left(), area.bottom() + 6, area.width(), LINES * self._line), row)

    def _paint_picture(self, painter: QPainter, area: QRectF, photo_id: int, *, faint: bool) -> None:
        pixmap = self._thumbnails.pixmap(photo_id) if self._thumbnails is not None else None
        if pixmap is None:
            painter.fillRect(area, colours.WELL)
            return
        painter.setOpacity(colours.REJECTED_OPACITY if faint else 1.0)
        painter.drawPixmap(fitted(pixmap, area), pixmap, QRectF(pixmap.rect()))
        painter.setOpacity(1.0)

    def _paint_chip(self, painter: QPainter, chip: QRect, row: PlanRow) -> None:
        glyph, colour = _sign(row)
        painter.setPen(QPen(colours.BEST if row.planned.fate is Fate.BEST else colours.EDGE, 1))
        painter.setBrush(colours.CHIP_ON_PHOTO)
        painter.drawRoundedRect(QRectF(chip), chip.height() / 2, chip.height() / 2)
        side = chip.height() * 0.58
        place = QRectF(chip.left() + 9, chip.center().y() + 0.5 - side / 2, side, side)
        if glyph is not None:
            draw_glyph(painter, glyph, place, colour)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(place.center()), side * 0.26, side * 0.26)
        painter.setFont(self._bold)
        painter.setPen(colours.TEXT)
        words = QRectF(place.right() + 6, chip.top(), chip.right() - place.right(), chip.height())
        painter.drawText(words, Align.AlignLeft | Align.AlignVCenter, said(row.planned))

    def _paint_words(self, painter: QPainter, area: QRectF, row: PlanRow) -> None:
        score = "" if row.frame.score is None else decimal(row.frame.score)
        width = self._bold_metrics.horizontalAdvance(score)
        line = QRectF(area.left(), area.top(), area.width(), self._line)
        painter.setFont(self._bold)
        painter.setPen(colours.TEXT)
        painter.drawText(line, Align.AlignRight | Align.AlignVCenter, score)
        painter.setFont(self._font)
        painter.setPen(colours.TEXT_MUTED)
        middle = Qt.TextElideMode.ElideMiddle
        name = self._metrics.elidedText(shown(row.frame.name), middle, int(area.width()) - width - 8)
        painter.drawText(line, Align.AlignLeft | Align.AlignVCenter, name)
        painter.setPen(colours.TEXT)
        reasons = why(row)
        for number, words in enumerate(self._wrapped(reasons[:1].upper() + reasons[1:], int(area.width())), start=1):
            painter.drawText(line.translated(0, number * self._line), Align.AlignLeft | Align.AlignVCenter, words)

    def _wrapped(self, text: str, width: int) -> list[str]:
        """Two lines of a text, the second cut where there is more."""
        first, rest = "", text.split()
        while rest and self._metrics.horizontalAdvance(f"{first} {rest[0]}".strip()) <= width:
            first = f"{first} {rest.pop(0)}".strip()
        if not first and rest:
            return [self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)]
        second = self._metrics.elidedText(" ".join(rest), Qt.TextElideMode.ElideRight, width)
        return [first, second] if second else [first]


def _sign(row: PlanRow) -> tuple[Glyph | None, QColor]:
    """The sign on a frame's chip: a crown, a flag, a cross, or a dot for what stays as it is."""
    if row.planned.fate is Fate.BEST:
        return Glyph.BEST, colours.BEST
    if row.planned.fate is Fate.REJECTED:
        return Glyph.REJECT, colours.REJECTED
    if row.planned.fate is Fate.KEPT:
        return Glyph.PICK, colours.PICKED
    flags = {Flag.PICK: (Glyph.PICK, colours.TEXT_MUTED), Flag.REJECT: (Glyph.REJECT, colours.TEXT_MUTED)}
    return flags.get(row.frame.verdict.flag, (None, colours.TEXT_MUTED))
