"""Thumbnails in exactly the size they are drawn: scaled once, so that a repaint only copies them."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap

BUDGET_BYTES = 64 * 1024 * 1024

_Key = tuple[int, int, int, float, bool]


class FittedPixmaps:
    """Scaled and greyed copies of thumbnails, within a bound of bytes."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._kept: OrderedDict[_Key, QPixmap] = OrderedDict()
        self._bytes = 0
        self._budget = budget_bytes

    def draw(self, painter: QPainter, pixmap: QPixmap, target: QRectF, *, grey: bool = False) -> None:
        """Draw a thumbnail at ``target``, on whole device pixels."""
        ratio = painter.device().devicePixelRatioF()
        width, height = max(1, round(target.width() * ratio)), max(1, round(target.height() * ratio))
        place = QPointF(round(target.x() * ratio) / ratio, round(target.y() * ratio) / ratio)
        painter.drawPixmap(place, self._fitted((pixmap.cacheKey(), width, height, ratio, grey), pixmap))

    def _fitted(self, key: _Key, pixmap: QPixmap) -> QPixmap:
        _, width, height, ratio, grey = key
        same_size = abs(pixmap.width() - width) <= 1 and abs(pixmap.height() - height) <= 1
        if same_size and ratio == 1 and not grey:
            return pixmap
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        kept = pixmap.scaled(
            width, height, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        if grey:
            kept = QPixmap.fromImage(kept.toImage().convertToFormat(QImage.Format.Format_Grayscale8))
        kept.setDevicePixelRatio(ratio)
        self._kept[key] = kept
        self._bytes += 4 * width * height
        while self._bytes > self._budget and len(self._kept) > 1:
            (_, old_width, old_height, _, _), _ = self._kept.popitem(last=False)
            self._bytes -= 4 * old_width * old_height
        return kept
