"""What is under the cursor while photos are dragged: the photo, and how many files there are."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPixmap

from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.desktop.toolkit.theme import accent, grey
from aesthetic_studio.translation import whole

SIDE = 112
"""Device-independent pixels of the photo's long side."""

STEP = 5
MARGIN = 14


def drag_picture(thumbnail: QPixmap | None, count: int, ratio: float, font: QFont) -> QPixmap:
    """Paint the thumbnail, sheets behind it for more than one file, and their number in the corner."""
    shape = QSizeF(3, 2) if thumbnail is None or thumbnail.isNull() else QSizeF(thumbnail.size())
    size = shape.scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio)
    whole = size + QSizeF(2 * MARGIN, 2 * MARGIN)
    pixmap = QPixmap((whole * ratio).toSize())
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    photo = QRectF(MARGIN / 2, MARGIN, size.width(), size.height())
    painter.setPen(QPen(colours.SHEET_EDGE, 1))
    for depth, shade in ((2, colours.SHEET_FAR), (1, colours.SHEET_NEAR)) if count > 1 else ():
        painter.setBrush(shade)
        painter.drawRect(photo.translated(depth * STEP, -depth * STEP))
    if thumbnail is None or thumbnail.isNull():
        painter.setBrush(colours.WELL)
        painter.drawRect(photo)
    else:
        painter.drawPixmap(photo, thumbnail, QRectF(thumbnail.rect()))
    if count > 1:
        _paint_count(painter, photo, count, font)
    painter.end()
    return pixmap


def _paint_count(painter: QPainter, photo: QRectF, count: int, font: QFont) -> None:
    bold = QFont(font)
    bold.setBold(True)
    metrics = QFontMetricsF(bold)
    text = whole(count)
    height = metrics.height() + 4
    chip = QRectF(0, 0, max(height, metrics.horizontalAdvance(text) + 14), height)
    chip.moveBottomRight(photo.bottomRight())
    chip.translate(MARGIN / 2, MARGIN / 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(accent())
    painter.drawRoundedRect(chip, height / 2, height / 2)
    painter.setFont(bold)
    painter.setPen(grey("base"))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
