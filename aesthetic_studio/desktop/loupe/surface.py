"""The loupe's surface: which photo is shown, how it is looked at, what is decoded for it, and how it is painted.

Data flows::

    LoupeFeed ──show_photo(record, preview), set_ahead──▶ LoupeGeometry ──▶ paint ◀── Overlays
    LoupeImages ◀──want(shown, ahead)── │ ──loaded──▶ the same place, better pixels
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QRegion, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aesthetic_studio.desktop.grid.model import cell_of, spoken_text
from aesthetic_studio.desktop.loupe.geometry import LoupeGeometry
from aesthetic_studio.desktop.loupe.hud import Notice, VerdictPlate
from aesthetic_studio.desktop.loupe.images import BUDGET_BYTES, LoadPhoto, LoupeImages
from aesthetic_studio.desktop.loupe.overlays import Overlays
from aesthetic_studio.desktop.loupe.photo import (
    as_image,
    paint_photo,
    paint_picture,
    paint_sign,
    part_of,
    rect_of,
    size_of,
    with_true_size,
    words_about,
)
from aesthetic_studio.desktop.loupe.wants import want_ahead, want_shown
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.records import PhotoState
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aesthetic_studio.desktop.loupe.marks import MarksWorker
    from aesthetic_studio.records import PhotoRecord

REST_MS = 90
"""A held key, or the window's dragged edge, has come to rest after so long."""

SCREENS_KEPT = 18
MOST_BYTES = 320 * 1024 * 1024
"""Decoded photos take as much memory as so many screenfuls, where that is more than the least and no more than this."""


PaintOver = Callable[[QPainter, QRectF, "PhotoRecord"], None]
"""Paints over a photo: told where all of the photo lies, and which it is."""


class LoupeSurface(QWidget):
    """Shows one photo.

    Signals:
        zoom_changed: Device pixels for one pixel of the photo: 1.0 is one to one.
        photo_decoded: The shown photo, once its true pixels are on screen.
        photo_completed: The shown photo, once there is no more to wait for: it was decoded, or cannot be.
    """

    zoom_changed = Signal(float)
    photo_decoded = Signal(int)
    photo_completed = Signal(int)

    def __init__(
        self, parent: QWidget | None = None, *, load: LoadPhoto | None = None, marks: MarksWorker | None = None
    ) -> None:
        super().__init__(parent)
        self._images = LoupeImages(load, self)
        self._record: PhotoRecord | None = None
        self._preview = QImage()
        self._preview_follows = False
        self._last: tuple[QImage, QRectF] | None = None
        self._ahead: tuple[PhotoRecord, ...] = ()
        self._geometry = LoupeGeometry(100, 100, 3, 2)
        self._told_scale = 0.0
        self._is_moving = self._is_unpainted = False
        self._notice = Notice(self, _("Notice"))
        self._zoom_plate = Notice(self, _("Zoom"))
        self._verdict_plate = VerdictPlate(self)
        self._overlays = Overlays(self, marks)
        self._paint_over: PaintOver | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._on_rest)
        self._images.loaded.connect(self._on_loaded)
        self._images.failed.connect(self._on_failed)
        self._overlays.changed.connect(self._on_overlays_changed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(_("Loupe, no photo"))
        self._verdict_plate.hide()

    # -- which photo ------------------------------------------------------------

    def show_photo(
        self,
        record: PhotoRecord,
        preview: QImage | bytes | None = None,
        *,
        preview_follows: bool = False,
        passing: bool = False,
    ) -> None:
        """Show a photo: its preview at once. Zoom and place are kept from the photo before.

        Args:
            record: The photo.
            preview: What the library keeps of it, ``None`` for nothing.
            preview_follows: ``take_preview`` comes in a moment; until then the photo before stays in sight.
            passing: The next photo follows at once: decode only once it has come to rest.
        """
        if self._record is None or self._record.id != record.id:
            self._is_unpainted = True
            self._ahead = ()
            self._images.retry(str(record.path))
        self._preview, self._preview_follows = as_image(preview), preview_follows
        self._record = record
        self._images.note_version(str(record.path), record.mtime_ns)
        self._overlays.set_photo(record, is_there=record.state is PhotoState.PRESENT)
        self._is_moving = passing
        if passing:
            self._rest.start()
        self._take_size()
        self._request()
        self._verdict_plate.show_verdict(record.verdict)
        self._say_what_is_wrong()
        self._changed()

    def take_preview(self, photo_id: int, preview: QImage) -> None:
        """Take the preview that was to follow, a null one where there is none."""
        if photo_id == self.photo_id() and self._preview.isNull():
            self._preview, self._preview_follows = preview, False
            self._take_size()
            self._changed()

    def update_record(self, record: PhotoRecord) -> None:
        """Take up new decisions about the shown photo, and what became of its file."""
        if self._record is None or record.id != self._record.id:
            return
        was, self._record = self._record, record
        self._verdict_plate.show_verdict(record.verdict)
        if self._images.note_version(str(record.path), record.mtime_ns) or was.state is not record.state:
            self._overlays.set_photo(record, is_there=record.state is PhotoState.PRESENT)
            self._request()
        self._say_what_is_wrong()
        self._name_for_readers()
        self._place_plates()
        if self._paint_over is not None:
            self.update()

    def set_paint_over(self, paint: PaintOver | None) -> None:
        """Let somebody paint over photos, above all overlays."""
        self._paint_over = paint
        self.update()

    def clear(self) -> None:
        """Show no photo."""
        self._record, self._preview, self._preview_follows, self._last = None, QImage(), False, None
        self._ahead = ()
        self._overlays.set_photo(None, is_there=False)
        self._notice.say("")
        self._verdict_plate.hide()
        self.setAccessibleName(_("Loupe, no photo"))
        self._changed()

    def drop_last(self) -> None:
        """Let nothing of the photo before be seen, as when the loupe is opened anew."""
        self._last = None

    def set_ahead(self, records: Sequence[PhotoRecord]) -> None:
        """Decode these in advance, the likeliest first; earlier ones that are not begun are dropped."""
        self._ahead = tuple(records)
        self._request()

    def photo_id(self) -> int | None:
        """The photo that is shown."""
        return None if self._record is None else self._record.id

    def has_true_pixels(self) -> bool:
        """Whether the photo itself is on screen and no longer its stored preview."""
        if self._record is None:
            return False
        path = str(self._record.path)
        return self._images.image(path) is not None or self._images.glimpse(path) is not None

    def is_complete(self) -> bool:
        """Whether there is nothing to wait for: its true pixels are there, or its file cannot give any."""
        record = self._record
        if record is None or record.state is not PhotoState.PRESENT or not self.isVisible():
            return True
        return self.has_true_pixels() or self._images.is_given_up(str(record.path))

    def is_settled(self) -> bool:
        """Whether nothing is being decoded, or is about to be."""
        return self._images.is_settled and not self._rest.isActive()

    def kept_bytes(self) -> int:
        """Memory that decoded photos take."""
        return self._images.kept_bytes

    def kept_count(self) -> int:
        """How many decoded photos are at hand."""
        return self._images.kept_count

    def budget_bytes(self) -> int:
        """How much memory decoded photos may take."""
        return self._images.budget_bytes

    def scale(self) -> float:
        """Device pixels for one pixel of the photo."""
        return self._geometry.scale

    def is_fitted(self) -> bool:
        """Whether the whole photo is shown."""
        return self._geometry.zoom is None

    def photo_rect(self) -> QRectF:
        """Where the photo lies in this widget, the parts out of sight included."""
        return rect_of(self._geometry)

    def forget_file(self, path: Path | str) -> None:
        """The file was changed on disk: decode it anew."""
        self._images.forget(str(path))
        self._request()

    def close_workers(self) -> None:
        """End the threads."""
        self._rest.stop()
        self._overlays.close()
        self._images.close()

    # -- painting --------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the best picture at hand into the photo's place."""
        painter = QPainter(self)
        painter.setClipRegion(QRegion(self.rect()) - self._covered())
        painter.fillRect(self.rect(), colours.LOUPE_BACKGROUND)
        painter.setClipping(False)
        if self._record is None:
            return
        look, ratio = self._geometry, self._geometry.ratio
        picture = self._picture()
        if picture.isNull() and self._preview_follows and self._last is not None:
            paint_picture(painter, self._last[1], self._last[0], ratio)
            return
        self._is_unpainted = False
        if picture.isNull():
            paint_sign(painter, QRectF(self.rect()), self._record.state)
            return
        paint_photo(painter, look, picture, true_pixels=self.has_true_pixels())
        if (glimpse := self._images.glimpse(str(self._record.path))) is not None:
            paint_picture(painter, part_of(rect_of(look), glimpse.place), glimpse.picture, ratio)
        self._overlays.paint(painter, look)
        if self._paint_over is not None:
            self._paint_over(painter, rect_of(look), self._record)
        self._last = (picture, rect_of(look))

    def _covered(self) -> QRegion:
        """What a picture will be painted over, on whole pixels of the painter: it needs no ground beneath it."""
        if self._record is None or self._picture().isNull():
            return QRegion()
        place = rect_of(self._geometry)
        left, top, right, bottom = ceil(place.left()), ceil(place.top()), floor(place.right()), floor(place.bottom())
        return QRegion(QRect(left, top, right - left, bottom - top))

    def _picture(self) -> QImage:
        """The best picture that is at hand."""
        decoded = None if self._record is None else self._images.image(str(self._record.path))
        return self._preview if decoded is None else decoded.level_for(self._geometry.device_size[0])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Look through the new size; fit stays fit."""
        super().resizeEvent(event)
        if self.has_true_pixels():
            self._is_moving = True
            self._rest.start()
        self._look(self._geometry.with_view(self.width(), self.height(), self.devicePixelRatioF()))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Take up the screen's density, and decode what was only noted while hidden."""
        super().showEvent(event)
        screen = self.screen().size() * self.devicePixelRatioF()
        wished = 4 * SCREENS_KEPT * screen.width() * screen.height()
        self._images.budget_bytes = min(MOST_BYTES, max(BUDGET_BYTES, wished))
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
        picture = self._picture()
        nothing = self._record is None or (picture.isNull() and not self._preview_follows)
        self._zoom_plate.say(
            "" if nothing else _("Fit · {percent}").format(percent=percent) if self.is_fitted() else percent
        )
        self._name_for_readers()
        self._place_plates()
        self._show_cursor()
        self._look_over()
        self.update()

    def _request(self) -> None:
        """Wish for the shown photo in the size that is shown, and then for those ahead likewise."""
        record = self._record
        if record is None or not self.isVisible():
            return
        if self._is_moving:
            self._images.want_shown(None)
            return
        path, there = str(record.path), PhotoState.PRESENT
        shown = want_shown(path, self._geometry, self._images.image(path)) if record.state is there else None
        self._images.want_shown(
            shown, [want_ahead(other, self._geometry) for other in self._ahead if other.state is there]
        )

    def _on_rest(self) -> None:
        """What moved has come to rest: decode it."""
        self._rest.stop()
        if self._is_moving:
            self._is_moving = False
            self._request()

    def _take_size(self) -> None:
        """Look at the photo by the size that the catalogue has, or else by its preview's shape."""
        if self._record is not None:
            self._geometry = self._geometry.with_photo(*size_of(self._record, self._preview))
            self._take_true_size(str(self._record.path))

    def _on_loaded(self, path: str) -> None:
        if self._record is not None and path == str(self._record.path):
            if self._take_true_size(path):
                self._request()
                self._changed()
            self._say_what_is_wrong()
            self._place_plates()
            self._look_over()
            self.update()
            self.photo_decoded.emit(self._record.id)
            self.photo_completed.emit(self._record.id)

    def _take_true_size(self, path: str) -> bool:
        """The photo's own shape wins over the catalogue's, which may be of an earlier version of the file."""
        decoded = self._images.image(path)
        if decoded is None:
            return False
        before, self._geometry = self._geometry, with_true_size(self._geometry, decoded)
        return before != self._geometry

    def _look_over(self) -> None:
        """Tell the overlays which pixels are in sight."""
        decoded = None if self._record is None else self._images.image(str(self._record.path))
        part = self._geometry.seen_part
        picture = QImage() if decoded is None else self._picture()
        self._overlays.look_at(picture, QRectF(part.x, part.y, part.width, part.height))

    def _on_overlays_changed(self) -> None:
        self._place_plates()
        self.update()

    def _on_failed(self, path: str, _reason: str) -> None:
        if self._record is not None and path == str(self._record.path):
            self._say_what_is_wrong()
            self._place_plates()
            self.photo_completed.emit(self._record.id)

    def _say_what_is_wrong(self) -> None:
        record = self._record
        self._notice.say("" if record is None else words_about(record, self._images.problem(str(record.path))))

    def _name_for_readers(self) -> None:
        if self._record is None:
            return
        zoom = _("whole photo") if self.is_fitted() else _("{number} percent").format(number=round(self.scale() * 100))
        self.setAccessibleName(
            _("Loupe: {spoken_text}, {zoom}").format(spoken_text=spoken_text(cell_of(self._record)), zoom=zoom)
        )

    def _place_plates(self) -> None:
        edge = 12
        room = QRect(edge, edge, max(1, self.width() - 2 * edge), max(1, self.height() - 2 * edge))
        self._zoom_plate.fit_into(room.width())
        self._zoom_plate.move(
            room.right() - self._zoom_plate.width() + 1, room.bottom() - self._zoom_plate.height() + 1
        )
        self._verdict_plate.move(room.left(), room.bottom() - self._verdict_plate.height() + 1)
        self._overlays.place(room)
        self._notice.fit_into(min(room.width(), 640))
        above = self._zoom_plate.height() + 10
        self._notice.move(room.center().x() - self._notice.width() // 2, room.bottom() - above - self._notice.height())

    def _show_cursor(self) -> None:
        """Show by the cursor what a hand could do here."""
