"""The small signs on a photo's cell, drawn as vectors: no picture files and no emoji font, sharp at every scaling."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from aesthetic_studio.records import SeriesKind

STROKE = 0.1
"""Width of a line, of the glyph's side."""


class Glyph(Enum):
    """What a sign says."""

    STAR = "star"
    PICK = "pick"
    REJECT = "reject"
    BEST = "best"
    BURST = "burst"
    BRACKET = "bracket"
    PANORAMA = "panorama"
    FOCUS = "focus"
    MISSING = "missing"
    OFFLINE = "offline"
    UNREADABLE = "unreadable"


SERIES_GLYPHS = {
    SeriesKind.BURST: Glyph.BURST,
    SeriesKind.BRACKET: Glyph.BRACKET,
    SeriesKind.PANORAMA: Glyph.PANORAMA,
    SeriesKind.FOCUS: Glyph.FOCUS,
}

Draw = Callable[[QPainter, QColor], None]


def draw_glyph(painter: QPainter, glyph: Glyph, rect: QRectF, colour: QColor) -> None:
    """Draw a sign into a square."""
    ratio = painter.device().devicePixelRatio()
    pixmap = glyph_pixmap(glyph, round(rect.width() * ratio), colour.rgba())
    painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))


@lru_cache(maxsize=512)
def glyph_pixmap(glyph: Glyph, side: int, rgba: int) -> QPixmap:
    """A sign of ``side`` device pixels. Drawn once and kept: a grid paints thousands of them."""
    side = max(1, side)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side, side)
    _DRAWINGS[glyph](painter, QColor.fromRgba(rgba))
    painter.end()
    return pixmap


def _pen(colour: QColor, width: float = STROKE) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def star_path() -> QPainterPath:
    """A five-pointed star in the unit square."""
    centre, outer = QPointF(0.5, 0.53), 0.5
    path = QPainterPath()
    for corner in range(10):
        radius = outer if corner % 2 == 0 else outer * 0.42
        angle = math.radians(36 * corner - 90)
        point = QPointF(centre.x() + radius * math.cos(angle), centre.y() + radius * math.sin(angle))
        if corner:
            path.lineTo(point)
        else:
            path.moveTo(point)
    path.closeSubpath()
    return path


def _star(painter: QPainter, colour: QColor) -> None:
    painter.fillPath(star_path(), colour)


def _pick(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.drawLine(QPointF(0.24, 0.1), QPointF(0.24, 0.92))
    flag = QPainterPath(QPointF(0.24, 0.12))
    flag.cubicTo(QPointF(0.45, 0.0), QPointF(0.6, 0.26), QPointF(0.88, 0.12))
    flag.lineTo(QPointF(0.88, 0.54))
    flag.cubicTo(QPointF(0.6, 0.68), QPointF(0.45, 0.42), QPointF(0.24, 0.54))
    flag.closeSubpath()
    painter.fillPath(flag, colour)


def _reject(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 0.15))
    painter.drawLine(QPointF(0.18, 0.18), QPointF(0.82, 0.82))
    painter.drawLine(QPointF(0.82, 0.18), QPointF(0.18, 0.82))


def _best(painter: QPainter, colour: QColor) -> None:
    crown = QPainterPath(QPointF(0.1, 0.26))
    for x, y in ((0.32, 0.5), (0.5, 0.14), (0.68, 0.5), (0.9, 0.26), (0.8, 0.82), (0.2, 0.82)):
        crown.lineTo(QPointF(x, y))
    crown.closeSubpath()
    painter.fillPath(crown, colour)


def _burst(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.drawRoundedRect(QRectF(0.08, 0.36, 0.6, 0.52), 0.08, 0.08)
    for shift in (0.13, 0.26):
        path = QPainterPath(QPointF(0.1 + shift, 0.36 - shift))
        path.lineTo(QPointF(0.68 + shift, 0.36 - shift))
        path.lineTo(QPointF(0.68 + shift, 0.88 - shift))
        painter.drawPath(path)


def _bracket(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour))
    painter.drawLine(QPointF(0.1, 0.32), QPointF(0.46, 0.32))
    painter.drawLine(QPointF(0.28, 0.14), QPointF(0.28, 0.5))
    painter.drawLine(QPointF(0.56, 0.74), QPointF(0.9, 0.74))
    painter.drawLine(QPointF(0.2, 0.92), QPointF(0.8, 0.1))


def _panorama(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour))
    path = QPainterPath(QPointF(0.06, 0.24))
    path.quadTo(QPointF(0.5, 0.4), QPointF(0.94, 0.24))
    path.lineTo(QPointF(0.94, 0.78))
    path.quadTo(QPointF(0.5, 0.62), QPointF(0.06, 0.78))
    path.closeSubpath()
    painter.drawPath(path)
    painter.drawLine(QPointF(0.36, 0.32), QPointF(0.36, 0.7))
    painter.drawLine(QPointF(0.64, 0.32), QPointF(0.64, 0.7))


def _focus(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour))
    for x, y, dx, dy in ((0.1, 0.1, 1, 1), (0.9, 0.1, -1, 1), (0.9, 0.9, -1, -1), (0.1, 0.9, 1, -1)):
        corner = QPainterPath(QPointF(x + 0.22 * dx, y))
        corner.lineTo(QPointF(x, y))
        corner.lineTo(QPointF(x, y + 0.22 * dy))
        painter.drawPath(corner)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(0.5, 0.5), 0.13, 0.13)


def _sheet() -> QPainterPath:
    """A sheet of paper with a folded corner."""
    path = QPainterPath(QPointF(0.2, 0.08))
    for x, y in ((0.6, 0.08), (0.82, 0.3), (0.82, 0.92), (0.2, 0.92)):
        path.lineTo(QPointF(x, y))
    path.closeSubpath()
    return path


def _missing(painter: QPainter, colour: QColor) -> None:
    pen = _pen(colour, 0.055)
    pen.setDashPattern([2.2, 2.2])
    painter.setPen(pen)
    painter.drawPath(_sheet())
    painter.setPen(_pen(colour, 0.07))
    question = QPainterPath(QPointF(0.39, 0.43))
    question.cubicTo(QPointF(0.39, 0.26), QPointF(0.65, 0.28), QPointF(0.63, 0.45))
    question.cubicTo(QPointF(0.62, 0.54), QPointF(0.51, 0.54), QPointF(0.51, 0.65))
    painter.drawPath(question)
    painter.drawPoint(QPointF(0.51, 0.77))


def _offline(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 0.06))
    painter.drawRoundedRect(QRectF(0.1, 0.3, 0.8, 0.4), 0.08, 0.08)
    painter.drawLine(QPointF(0.1, 0.54), QPointF(0.9, 0.54))
    painter.drawPoint(QPointF(0.76, 0.62))
    painter.drawLine(QPointF(0.2, 0.88), QPointF(0.8, 0.12))


def _unreadable(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 0.06))
    upper = QPainterPath(QPointF(0.2, 0.44))
    for x, y in ((0.2, 0.08), (0.6, 0.08), (0.82, 0.3), (0.82, 0.44), (0.66, 0.54), (0.51, 0.42), (0.36, 0.54)):
        upper.lineTo(QPointF(x, y))
    upper.closeSubpath()
    painter.drawPath(upper)
    lower = QPainterPath(QPointF(0.2, 0.62))
    for x, y in ((0.36, 0.72), (0.51, 0.6), (0.66, 0.72), (0.82, 0.62), (0.82, 0.92), (0.2, 0.92)):
        lower.lineTo(QPointF(x, y))
    lower.closeSubpath()
    painter.drawPath(lower)


_DRAWINGS: dict[Glyph, Draw] = {
    Glyph.STAR: _star,
    Glyph.PICK: _pick,
    Glyph.REJECT: _reject,
    Glyph.BEST: _best,
    Glyph.BURST: _burst,
    Glyph.BRACKET: _bracket,
    Glyph.PANORAMA: _panorama,
    Glyph.FOCUS: _focus,
    Glyph.MISSING: _missing,
    Glyph.OFFLINE: _offline,
    Glyph.UNREADABLE: _unreadable,
}
