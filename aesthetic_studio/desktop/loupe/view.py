"""One photo, large: the stored preview at once, its true pixels as soon as they are decoded, zoom at the cursor.

Data flows::

    show_photo(record, preview) ──▶ LoupeGeometry ──▶ paint
    LoupeImages ◀──want(path, neighbours)── │ ──loaded──▶ the same place, better pixels
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QCursor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from aesthetic_studio.desktop.grid.model import cell_of, spoken_text
from aesthetic_studio.desktop.loupe.geometry import LoupeGeometry
from aesthetic_studio.desktop.loupe.heat_map import attention_rows, heat_map_image
from aesthetic_studio.desktop.loupe.hud import HeatLegend, Notice, VerdictPlate
from aesthetic_studio.desktop.loupe.images import LoadPhoto, LoupeImages
from aesthetic_studio.desktop.loupe.photo import (
    PAN_KEYS,
    PAN_STEP,
    Hand,
    as_image,
    cursor_over,
    paint_heat,
    paint_photo,
    paint_sign,
    paint_thirds,
    parts_of,
    rect_of,
    side_to_decode,
    size_of,
    with_true_size,
    words_about,
)
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.records import PhotoState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aesthetic_studio.records import PhotoRecord


PaintOverlay = Callable[[QPainter, QRectF, "PhotoRecord"], None]


class LoupeView(QWidget):
    """A photo in the loupe.

    Signals:
        photo_step_requested: Go on by so many photos.
        zoom_changed: Device pixels for one pixel of the photo: 1.0 is one to one.
        photo_decoded: The shown photo, once its true pixels are on screen.
    """

    photo_step_requested = Signal(int)
    zoom_changed = Signal(float)
    photo_decoded = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, load: LoadPhoto | None = None) -> None:
        super().__init__(parent)
        self._images = LoupeImages(load, self)
        self._record: PhotoRecord | None = None
        self._preview = QImage()
        self._neighbours: tuple[str, ...] = ()
        self._geometry = LoupeGeometry(100, 100, 3, 2)
        self._heat = QImage()
        self._heat_opacity = 0.85
        self._thirds = False
        self._overlay: PaintOverlay | None = None
        self._told_scale = 0.0
        self._hand = Hand()
        self._notice = Notice(self, "Notice")
        self._zoom_plate = Notice(self, "Zoom")
        self._verdict_plate = VerdictPlate(self)
        self._legend = HeatLegend(self)
        self._images.loaded.connect(self._on_loaded)
        self._images.failed.connect(self._on_failed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Loupe, no photo")
        self.setAccessibleDescription("Click or Z zooms to one to one, Shift and arrow keys move the zoomed photo.")
        self._verdict_plate.hide()

    # -- what the window asks ------------------------------------------------------------

    def show_photo(self, record: PhotoRecord, preview: QImage | bytes | None = None) -> None:
        """Show a photo: its preview at once. Zoom and place are kept from the photo before."""
        is_other = self._record is None or self._record.id != record.id
        self._preview = as_image(preview)
        if is_other:
            self._heat = QImage()
        self._images.note_version(str(record.path), record.mtime_ns)
        self._record = record
        self._geometry = self._geometry.with_photo(*size_of(record, self._preview))
        self.update_record(record)
        self._request()
        self._changed()

    def update_record(self, record: PhotoRecord) -> None:
        """Take up new decisions about the shown photo."""
        if self._record is None or record.id != self._record.id:
            return
        self._record = record
        self._verdict_plate.show_verdict(record.verdict)
        self._say_what_is_wrong()
        self._name_for_readers()
        self._place_plates()
        if self._overlay is not None:
            self.update()

    def clear(self) -> None:
        """Show no photo."""
        self._record, self._preview, self._heat = None, QImage(), QImage()
        self._neighbours = ()
        self._notice.say("")
        self._verdict_plate.hide()
        self.setAccessibleName("Loupe, no photo")
        self._changed()

    def set_neighbours(self, paths: Sequence[Path | str]) -> None:
        """Decode these in advance, the likeliest first; earlier ones that are not begun are dropped."""
        self._neighbours = tuple(str(path) for path in paths)
        self._request()

    def photo_id(self) -> int | None:
        """The photo that is shown."""
        return None if self._record is None else self._record.id

    def has_true_pixels(self) -> bool:
        """Whether the photo itself is on screen and no longer its stored preview."""
        return self._record is not None and self._images.image(str(self._record.path)) is not None

    def scale(self) -> float:
        """Device pixels for one pixel of the photo."""
        return self._geometry.scale

    def is_fitted(self) -> bool:
        """Whether the whole photo is shown."""
        return self._geometry.zoom is None

    def photo_rect(self) -> QRectF:
        """Where the photo lies in this widget, the parts out of sight included."""
        return rect_of(self._geometry)

    def zoom_to_fit(self) -> None:
        """Show the whole photo."""
        self._look(self._geometry.zoomed(None))

    def zoom_to(self, scale: float, at: QPointF | None = None) -> None:
        """Zoom so that what is at a point (or the middle) stays there; 1.0 is one to one."""
        self._look(self._geometry.zoomed(scale, *parts_of(at)))

    def look_at(self, part: QRectF) -> None:
        """Bring a part of the photo, 0..1 of it, to the middle at 1:1, or smaller so that it fits."""
        self._look(self._geometry.looking_at(part.x(), part.y(), part.width(), part.height()))

    def toggle_zoom(self, at: QPointF | None = None, scale: float = 1.0) -> None:
        """From fit to one to one and back, at the cursor where that is over the photo."""
        if self.is_fitted():
            self.zoom_to(scale, at if at is not None else self._cursor_place())
        else:
            self.zoom_to_fit()

    def zoom_in(self, notches: float = 1.0, at: QPointF | None = None) -> None:
        """Zoom in a little, at the cursor where that is over the photo."""
        self._look(self._geometry.stepped(notches, *parts_of(at if at is not None else self._cursor_place())))

    def zoom_out(self, notches: float = 1.0) -> None:
        """Zoom out a little, down to the whole photo."""
        self.zoom_in(-notches)

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the zoomed photo by so many device-independent pixels."""
        self._look(self._geometry.panned(dx, dy))

    def set_attention(self, attention: Any | None) -> None:
        """Lay a map (H, W) of where the model looks over the photo; ``None`` takes it away."""
        self._heat = QImage() if attention is None else heat_map_image(attention)
        self._legend.setVisible(not self._heat.isNull())
        self._place_plates()
        self.update()

    def set_heat_map(self, rows: int, columns: int, weights: Sequence[float]) -> None:
        """Lay ``rows × columns`` weights, row by row, over the photo."""
        self.set_attention(attention_rows(rows, columns, weights))

    def clear_heat_map(self) -> None:
        """Show the photo alone."""
        self.set_attention(None)

    def set_heat_map_opacity(self, opacity: float) -> None:
        """How much of the photo the heat map may cover, 0..1."""
        self._heat_opacity = min(1.0, max(0.0, opacity))
        self.update()

    def set_overlay(self, paint: PaintOverlay | None) -> None:
        """Let somebody paint over the photo: told where all of the photo lies, and which it is."""
        self._overlay = paint
        self.update()

    def set_thirds(self, shown: bool) -> None:
        """Draw the lines at the thirds."""
        self._thirds = shown
        self.update()

    def forget_file(self, path: Path | str) -> None:
        """The file was changed on disk: decode it anew."""
        self._images.forget(str(path))
        self._request()

    def close_workers(self) -> None:
        """End the decoding threads."""
        self._images.close()

    # -- painting --------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the best picture at hand into the photo's place."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.LOUPE_BACKGROUND)
        if self._record is None:
            return
        target = self.photo_rect()
        picture = self._picture(target)
        if picture.isNull():
            paint_sign(painter, QRectF(self.rect()), self._record.state)
            return
        paint_photo(painter, self._geometry, picture, true_pixels=self.has_true_pixels())
        paint_heat(painter, self._geometry, self._heat, self._heat_opacity)
        if self._thirds:
            paint_thirds(painter, target)
        if self._overlay is not None:
            self._overlay(painter, target, self._record)

    def _picture(self, target: QRectF) -> QImage:
        decoded = None if self._record is None else self._images.image(str(self._record.path))
        return self._preview if decoded is None else decoded.level_for(target.width() * self._geometry.ratio)

    # -- keys and mouse ---------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows step; with Shift they move the zoomed photo; plus and minus zoom. The rest is the window's."""
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        plain, shift = not modifiers, modifiers == Qt.KeyboardModifier.ShiftModifier
        if plain and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.photo_step_requested.emit(1 if key == Qt.Key.Key_Right else -1)
        elif shift and key in PAN_KEYS:
            across, down = PAN_KEYS[key]
            self.pan_by(across * PAN_STEP * self.width(), down * PAN_STEP * self.height())
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal) and (plain or shift):
            self.zoom_in()
        elif key == Qt.Key.Key_Minus and plain:
            self.zoom_out()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._hand.press(event.position())
            self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Pan, once the hand has moved further than it trembles."""
        step = self._hand.move(event.position())
        if step is not None:
            self.pan_by(step.x(), step.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click that was no drag zooms at its place."""
        if event.button() == Qt.MouseButton.LeftButton and self._hand.is_down:
            if self._hand.release() and self._record is not None:
                self.toggle_zoom(event.position())
            self._show_cursor()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom around the cursor."""
        notches = event.angleDelta().y() / 120
        if notches and self._record is not None:
            self._look(self._geometry.stepped(notches, *parts_of(event.position())))
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Look through the new size; fit stays fit."""
        super().resizeEvent(event)
        self._look(self._geometry.with_view(self.width(), self.height(), self.devicePixelRatioF()))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Take up the screen's density, and decode what was only noted while hidden."""
        super().showEvent(event)
        self._look(self._geometry.with_view(self.width(), self.height(), self.devicePixelRatioF()))
        self._request()

    # -- how it is done ------------------------------------------------------------------------

    def _look(self, geometry: LoupeGeometry) -> None:
        if geometry == self._geometry:
            return
        self._geometry = geometry
        self._request()
        self._changed()

    def _changed(self) -> None:
        """Say and show the present zoom."""
        scale = self.scale()
        if self._record is not None and scale != self._told_scale:
            self._told_scale = scale
            self.zoom_changed.emit(scale)
        percent = f"{scale * 100:.0f} %" if scale < 9.995 else f"{scale:.0f} : 1"
        nothing = self._record is None or self._picture(self.photo_rect()).isNull()
        self._zoom_plate.say("" if nothing else f"Fit · {percent}" if self.is_fitted() else percent)
        self._legend.setVisible(not self._heat.isNull())
        self._name_for_readers()
        self._place_plates()
        self._show_cursor()
        self.update()

    def _request(self) -> None:
        """Wish for the shown photo in the size that is shown, and then for its neighbours likewise."""
        record = self._record
        if record is None or not self.isVisible():
            return
        own = [str(record.path)] if record.state is PhotoState.PRESENT else []
        self._images.want([*own, *self._neighbours], side_to_decode(self._geometry))

    def _on_loaded(self, path: str) -> None:
        if self._record is not None and path == str(self._record.path):
            self._take_true_size(path)
            self._say_what_is_wrong()
            self.update()
            self.photo_decoded.emit(self._record.id)

    def _take_true_size(self, path: str) -> None:
        decoded = self._images.image(path)
        look = self._geometry if decoded is None else with_true_size(self._geometry, decoded)
        if look != self._geometry:
            self._geometry = look
            self._changed()

    def _on_failed(self, path: str, _reason: str) -> None:
        if self._record is not None and path == str(self._record.path):
            self._say_what_is_wrong()

    def _say_what_is_wrong(self) -> None:
        record = self._record
        self._notice.say("" if record is None else words_about(record, self._images.problem(str(record.path))))
        self._place_plates()

    def _name_for_readers(self) -> None:
        if self._record is None:
            return
        zoom = "whole photo" if self.is_fitted() else f"{self.scale() * 100:.0f} percent"
        self.setAccessibleName(f"Loupe: {spoken_text(cell_of(self._record))}, {zoom}")

    def _place_plates(self) -> None:
        edge = 12
        room = QRect(edge, edge, max(1, self.width() - 2 * edge), max(1, self.height() - 2 * edge))
        self._zoom_plate.fit_into(room.width())
        self._zoom_plate.move(
            room.right() - self._zoom_plate.width() + 1, room.bottom() - self._zoom_plate.height() + 1
        )
        self._verdict_plate.move(room.left(), room.bottom() - self._verdict_plate.height() + 1)
        self._legend.resize(self._legend.sizeHint())
        self._legend.move(room.left(), room.top())
        self._notice.fit_into(min(room.width(), 640))
        above = self._zoom_plate.height() + 10
        self._notice.move(room.center().x() - self._notice.width() // 2, room.bottom() - above - self._notice.height())

    def _show_cursor(self) -> None:
        self.setCursor(cursor_over(self._geometry, self._hand))

    def _cursor_place(self) -> QPointF | None:
        place = QPointF(self.mapFromGlobal(QCursor.pos()))
        return place if self.photo_rect().contains(place) and QRectF(self.rect()).contains(place) else None
