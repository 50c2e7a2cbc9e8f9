"""What every view of a large photo shares: what to decode, what to paint and say, and what a hand on it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication

from aesthetic_studio.desktop.grid.glyphs import Glyph, draw_glyph
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.desktop.toolkit.previews import read_preview
from aesthetic_studio.records import PhotoState
from aesthetic_studio.translation import _, retold

if TYPE_CHECKING:
    from aesthetic_studio.desktop.loupe.geometry import LoupeGeometry
    from aesthetic_studio.desktop.loupe.images import LoupeImage
    from aesthetic_studio.records import PhotoRecord

PAN_STEP = 0.2
"""How far a key pans, of the view."""

PAN_KEYS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
"""Which way the photo moves, with Shift."""

SIDE_STEP = 256
"""Decoding sizes are rounded up to this, so that dragging the window's edge does not decode again and again."""

NEAREST_FROM = 2.0
"""From this scale on each pixel is shown as a square, as whoever zooms in so far wants to see pixels."""

WHOLE_FROM = 0.7
"""From this share of the photo's length on the whole photo is decoded at once."""

_GLYPHS = {
    PhotoState.MISSING: Glyph.MISSING,
    PhotoState.OFFLINE: Glyph.OFFLINE,
    PhotoState.UNREADABLE: Glyph.UNREADABLE,
}


def size_of(record: PhotoRecord, preview: QImage) -> tuple[int, int]:
    """Width and height of a photo; its preview's where the catalogue knows none."""
    if record.width < 1 or record.height < 1:
        return max(1, preview.width()), max(1, preview.height())
    return record.width, record.height


def side_to_decode(look: LoupeGeometry) -> int | None:
    """The longest side, in pixels, that a photo looked at so has to be decoded to; ``None`` for every pixel."""
    long_side = max(look.photo_width, look.photo_height)
    needed = look.scale * long_side
    return None if needed >= WHOLE_FROM * long_side else -(-int(needed) // SIDE_STEP) * SIDE_STEP


def with_true_size(look: LoupeGeometry, decoded: LoupeImage) -> LoupeGeometry:
    """The photo's own shape wins over the catalogue's, which may be of an earlier version of the file."""
    width, height = decoded.levels[0].width(), decoded.levels[0].height()
    if not decoded.whole:
        # Scaled down: only the shape is known, to within a pixel of rounding.
        enlarged = max(look.photo_width, look.photo_height) / max(width, height)
        if abs(look.photo_width / look.photo_height * height - width) <= 2:
            return look
        width, height = round(width * enlarged), round(height * enlarged)
    return look if (width, height) == (look.photo_width, look.photo_height) else look.with_photo(width, height)


def words_about(record: PhotoRecord, problem: str | None) -> str:
    """Say why a photo is not shown as it is; empty where it is. ``problem`` is what decoding it ran into."""
    if record.state is PhotoState.MISSING:
        return _("The file is not there any more. This is the preview that the library keeps.")
    if record.state is PhotoState.OFFLINE:
        return _("The drive is offline. This is the preview that the library keeps; plug the drive in to see more.")
    if record.state is PhotoState.UNREADABLE:
        return retold("problem", record.problem or "") or _("No photo can be made of this file.")
    return problem or ""


def rect_of(look: LoupeGeometry) -> QRectF:
    """Where the photo lies in its view, the parts out of sight included."""
    rect = look.photo_rect
    return QRectF(rect.x, rect.y, rect.width, rect.height)


def as_image(preview: QImage | bytes | None) -> QImage:
    """A stored preview as a picture; an empty one where there is none."""
    return preview if isinstance(preview, QImage) else read_preview(preview)


def paint_photo(painter: QPainter, look: LoupeGeometry, picture: QImage, *, true_pixels: bool) -> None:
    """Draw the best picture at hand into the photo's place."""
    nearest = look.zoom is not None and look.scale >= NEAREST_FROM and true_pixels
    paint_picture(painter, rect_of(look), picture, look.ratio, smooth=not nearest)


def paint_picture(painter: QPainter, place: QRectF, picture: QImage, ratio: float, *, smooth: bool = True) -> None:
    """Draw a picture into a place; one of just its device pixels is copied, which takes a tenth of the time.

    ``ratio`` is the device pixels for one of the painter's.
    """
    width, height = place.width() * ratio, place.height() * ratio
    if abs(width - picture.width()) < 0.5 and abs(height - picture.height()) < 0.5:
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        painter.drawImage(QPoint(round(place.x() * ratio), round(place.y() * ratio)), picture)
        painter.restore()
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(place, picture, QRectF(picture.rect()))


def part_of(place: QRectF, share: QRectF) -> QRectF:
    """A part of a photo, given in shares 0..1 of it, of the place that the photo takes."""
    return QRectF(
        place.x() + share.x() * place.width(),
        place.y() + share.y() * place.height(),
        share.width() * place.width(),
        share.height() * place.height(),
    )


def paint_heat(painter: QPainter, look: LoupeGeometry, heat: QImage, opacity: float) -> None:
    """Lay the heat map over the photo."""
    if not heat.isNull():
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(opacity)
        painter.drawImage(rect_of(look), heat, QRectF(heat.rect()))
        painter.setOpacity(1.0)


def paint_sign(painter: QPainter, area: QRectF, state: PhotoState) -> None:
    """Neither preview nor photo: a sign, and a notice has the words."""
    if state in _GLYPHS:
        place = QRectF(0, 0, 96, 96)
        place.moveCenter(area.center())
        draw_glyph(painter, _GLYPHS[state], place, colours.TEXT_FAINT)


def paint_thirds(painter: QPainter, target: QRectF) -> None:
    """Draw the lines at the thirds of a photo."""
    for grey, shift in ((0x00, 1.0), (0xFF, 0.0)):
        painter.setPen(QPen(QColor(grey, grey, grey, 0x90), 1))
        for part in (1 / 3, 2 / 3):
            x, y = target.left() + part * target.width() + shift, target.top() + part * target.height() + shift
            painter.drawLine(QPointF(x, target.top()), QPointF(x, target.bottom()))
            painter.drawLine(QPointF(target.left(), y), QPointF(target.right(), y))


def parts_of(point: QPointF | None) -> tuple[float, float] | tuple[None, None]:
    """A point's coordinates, or none of none."""
    return (None, None) if point is None else (point.x(), point.y())


def cursor_over(look: LoupeGeometry, hand: Hand) -> Qt.CursorShape:
    """A hand over what can be moved."""
    if not look.can_pan:
        return Qt.CursorShape.ArrowCursor
    return Qt.CursorShape.ClosedHandCursor if hand.is_down else Qt.CursorShape.OpenHandCursor


class Hand:
    """Tells a drag from a click: it is one once the hand has moved further than it trembles."""

    def __init__(self) -> None:
        self._press: QPointF | None = None
        self._last: QPointF | None = None

    @property
    def is_down(self) -> bool:
        """Whether the button is held."""
        return self._press is not None

    def press(self, at: QPointF) -> None:
        """Begin a click or a drag."""
        self._press = self._last = at

    def move(self, at: QPointF) -> QPointF | None:
        """By how much to move the photo; ``None`` while this may still be a click."""
        if self._press is None or self._last is None:
            return None
        if self._last == self._press and (at - self._press).manhattanLength() < QApplication.startDragDistance():
            return None
        step, self._last = at - self._last, at
        return step

    def release(self) -> bool:
        """Let go; whether it was a click."""
        was_click = self._press is not None and self._last == self._press
        self._press = self._last = None
        return was_click
