"""From face to face in the loupe at 1:1; a step to the next photo stays with the same face where it is found there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Signal

from aesthetic_studio.desktop.faces.boxes import eyes_in_words, face_rect, paint_faces
from aesthetic_studio.models.faces import parts
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.views import Views
    from aesthetic_studio.faces import Face
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.records import PhotoRecord

NEAR = 1.5
"""Widths of a face within which the same face is looked for in the next photo."""
_ALIKE = 1.6
_EYES = (0.2, 0.45)
"""Where the eyes are in a face's box: from which part of its height on, and how much of it."""


class FaceTour(QObject):
    """Which face the loupe looks at.

    Attributes:
        boxes_shown: Whether the loupe draws boxes around faces.

    Signals:
        said: Which face it is, or why there is none, for the status line.
    """

    said = Signal(str)

    def __init__(self, views: Views, reader: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._views = views
        self._reader = reader
        self.boxes_shown = False
        self._photo_id: int | None = None
        self._at: Face | None = None
        views.current_changed.connect(self._on_photo_changed)

    def next_face(self) -> None:
        """Look at the next face, the largest first; from elsewhere, open the loupe at it."""
        self._go(1)

    def go_to(self, place: int) -> None:
        """Look at one face of the current photo, by its place in the record."""
        if (record := self._record()) is not None and place < len(record.faces):
            self._show(record, place)

    def toggle_boxes(self) -> None:
        """Draw boxes around faces in the loupe, or not."""
        self.boxes_shown = not self.boxes_shown
        self._views.loupe.set_paint_over(paint_faces if self.boxes_shown else None)

    def _go(self, step: int) -> None:
        record = self._record()
        if record is None:
            return
        if not record.faces:
            self.said.emit(self._why_none(record))
            return
        stays = self._photo_id == record.id and self._at in record.faces and self._is_looked_at(self._at)
        place = (record.faces.index(self._at) + step) % len(record.faces) if stays and self._at is not None else 0
        self._show(record, place)

    def _show(self, record: PhotoRecord, place: int) -> None:
        face = record.faces[place]
        if self._views.mode != "loupe":
            self._views.show_loupe()
        self._look_at(record.id, face)
        count = len(record.faces)
        named = _("Face {place} of {count}").format(place=place + 1, count=count) if count > 1 else _("The only face")
        self.said.emit(" · ".join(part for part in (named, eyes_in_words(face)) if part))

    def _look_at(self, photo_id: int, face: Face) -> None:
        self._photo_id, self._at = photo_id, face
        self._views.loupe.look_at(eyes_part(face))

    def _record(self) -> PhotoRecord | None:
        current = self._views.current_id()
        found = [] if current is None else self._reader.photos([current])
        return found[0] if found else None

    def _why_none(self, record: PhotoRecord) -> str:
        if self._reader.faces_version(record.content_id) is not None:
            return _("No face was found in this photo")
        if not parts.is_installed():
            return _("Faces are found once their models are here: {how_to_get}").format(how_to_get=parts.HOW_TO_GET)
        return _("This photo was not looked at for faces yet")

    def _on_photo_changed(self, photo_id: int) -> None:
        """Stay with the face that was looked at, unless the person has turned away from it."""
        loupe = self._views.loupe
        if self._at is None or photo_id == self._photo_id:
            return
        if self._views.mode != "loupe" or loupe.is_fitted() or not self._is_looked_at(self._at):
            self._at = None
            return
        record = self._record()
        face = None if record is None or record.id != loupe.photo_id() else same_face(self._at, record)
        if record is not None and face is not None:
            self._look_at(record.id, face)
        else:
            self._photo_id = photo_id

    def _is_looked_at(self, face: Face | None) -> bool:
        """Whether the middle of the view still lies on the face."""
        if face is None or self._views.mode != "loupe" or self._views.loupe.is_fitted():
            return False
        loupe = self._views.loupe
        shown = face_rect(face, loupe.photo_rect()).intersected(QRectF(loupe.rect()))
        return not shown.isEmpty() and _distance(QRectF(loupe.rect()).center(), shown.center()) <= max(
            shown.width(), loupe.width() / 2
        )


def eyes_part(face: Face) -> QRectF:
    """The part of a photo, 0..1 of it, that both eyes of a face lie in: it stays in view however large the face is."""
    return QRectF(face.x, face.y + _EYES[0] * face.height, face.width, _EYES[1] * face.height)


def same_face(face: Face, record: PhotoRecord) -> Face | None:
    """The face of another photo that lies nearest and is of a like size; ``None`` where there is none."""
    tall = record.height / record.width if record.width and record.height else 1.0
    best: tuple[float, Face] | None = None
    for other in record.faces:
        size = max(face.width, other.width) / max(1e-6, min(face.width, other.width))
        (x0, y0), (x1, y1) = face.centre, other.centre
        distance = math.hypot(x1 - x0, (y1 - y0) * tall) / max(1e-6, face.width)
        if size <= _ALIKE and distance <= NEAR and (best is None or distance < best[0]):
            best = (distance, other)
    return None if best is None else best[1]


def _distance(one: QPointF, other: QPointF) -> float:
    return math.hypot(one.x() - other.x(), one.y() - other.y())
