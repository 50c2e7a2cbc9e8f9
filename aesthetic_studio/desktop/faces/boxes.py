"""Boxes around the faces of the photo in the loupe, with a word where something is known of the eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from aesthetic_studio.curation.eyes import is_open
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from aesthetic_studio.faces import Face
    from aesthetic_studio.records import PhotoRecord

_SHADOW = QColor(0, 0, 0, 0xA0)
_SMALLEST_LABELLED = 48.0
"""Width of a box below which there is no room for a word."""


def paint_faces(painter: QPainter, target: QRectF, record: PhotoRecord) -> None:
    """Paint a box around each face; ``target`` is where the whole photo lies."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for face in record.faces:
        box = face_rect(face, target)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((_SHADOW, 3.0), (colours.TEXT, 1.2)):
            painter.setPen(QPen(colour, width))
            painter.drawRoundedRect(box, 4, 4)
        words = eyes_in_words(face)
        if words and box.width() >= _SMALLEST_LABELLED:
            _paint_label(painter, QPointF(box.left(), box.bottom() + 4), words)


def face_rect(face: Face, target: QRectF) -> QRectF:
    """Where a face lies, on a photo that lies in ``target``."""
    return QRectF(
        target.left() + face.x * target.width(),
        target.top() + face.y * target.height(),
        face.width * target.width(),
        face.height * target.height(),
    )


def eyes_in_words(face: Face) -> str:
    """Say what may be said of one face's eyes without the other frames; nothing where they are in doubt."""
    return _("eyes open") if is_open(face) else _("eyes closed") if face.surely_closed else ""


def _paint_label(painter: QPainter, corner: QPointF, words: str) -> None:
    metrics = painter.fontMetrics()
    plate = QRectF(corner.x(), corner.y(), metrics.horizontalAdvance(words) + 12, metrics.height() + 4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_SHADOW)
    painter.drawRoundedRect(plate, 4, 4)
    painter.setPen(colours.TEXT)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)
