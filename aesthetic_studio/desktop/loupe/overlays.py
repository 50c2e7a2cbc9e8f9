"""What is laid over the photo in the loupe: heat map, focus peaking, clipping, thirds, AF point; and what they say.

Everything is placed by shares of the photo, so that it follows zoom and pan; and all of it stays on while stepping.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from aesthetic_studio.desktop.loupe.hud import HeatLegend, Notice
from aesthetic_studio.desktop.loupe.marks import (
    BLOCKED,
    BURNT,
    OF_PIXELS,
    SHARP,
    Marks,
    MarksWish,
    MarksWorker,
    Overlay,
    connect,
)
from aesthetic_studio.desktop.loupe.photo import paint_heat, paint_picture, paint_thirds, part_of, rect_of
from aesthetic_studio.translation import _, decimal

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from aesthetic_studio.desktop.loupe.geometry import LoupeGeometry
    from aesthetic_studio.records import PhotoRecord

PAUSE_MS = 40
"""The pixels in sight are looked at once they have stood still for so long."""

MARGIN = 0.25
"""So much beyond each edge is marked too, of what is in sight, so that a short pan shows no bare edge."""

AF_COLOUR = QColor(0xF0, 0xF0, 0xF0)
POINT_SIDE = 0.04
"""How large a point without a size is drawn, of the photo's shorter side."""


class Overlays(QObject):
    """The layers over one photo.

    Signals:
        changed: Paint again; what the plates say may need another place.
    """

    changed = Signal()

    def __init__(self, parent: QWidget, worker: MarksWorker | None = None) -> None:
        super().__init__(parent)
        self._on: set[Overlay] = set()
        self._path = ""
        self._is_there = False
        self._heat = QImage()
        self._heat_opacity = 0.85
        self._marks: Marks | None = None
        self._wish: MarksWish | None = None
        self._picture = QImage()
        self._seen = QRectF()
        self._legend = HeatLegend(parent)
        self._words = Notice(parent, _("Overlays"))
        self._worker = worker or MarksWorker(self)
        connect(self._worker, self._on_marks)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._ask)

    # -- what is shown -----------------------------------------------------------------------------------------------

    def is_on(self, overlay: Overlay) -> bool:
        """Whether it is laid over photos."""
        return overlay in self._on

    def set_on(self, overlay: Overlay, *, on: bool) -> None:
        """Lay it over photos, or no longer."""
        (self._on.add if on else self._on.discard)(overlay)
        self._ask()
        self._say()
        self.changed.emit()

    def set_heat(self, image: QImage | None) -> None:
        """Lay a heat map over the photo; ``None`` takes it away."""
        self._heat = image or QImage()
        self._legend.setVisible(not self._heat.isNull())
        self.changed.emit()

    def set_heat_opacity(self, opacity: float) -> None:
        """How much of the photo the heat map may cover, 0..1."""
        self._heat_opacity = min(1.0, max(0.0, opacity))
        self.changed.emit()

    def set_photo(self, record: PhotoRecord | None, *, is_there: bool) -> None:
        """Another photo is looked at, or none; ``is_there`` says whether its file can be asked."""
        path = "" if record is None else str(record.path)
        self._is_there = is_there
        if path != self._path:
            self._path = path
            self._heat, self._picture = QImage(), QImage()
            self._legend.hide()
            self._worker.ask(None)
            self._wish = None
            self._say()
            if self._on - {Overlay.THIRDS}:
                self._pause.start()

    def look_at(self, picture: QImage, seen: QRectF) -> None:
        """These pixels are shown now, a null picture for none yet, and this part of the photo (0..1) is in sight."""
        same = picture.cacheKey() == self._picture.cacheKey() and seen == self._seen
        self._picture, self._seen = picture, seen
        if not same and self._on & OF_PIXELS:
            self._pause.start()

    def place(self, room: QRect) -> None:
        """Put the plates into the top left of this room."""
        self._legend.resize(self._legend.sizeHint())
        self._legend.move(room.topLeft())
        self._words.fit_into(min(room.width(), 520))
        below = self._legend.height() + 6 if self._legend.isVisible() else 0
        self._words.move(room.left(), room.top() + below)

    def words(self) -> str:
        """What the plate says, empty where it is hidden."""
        return self._words.text()

    def close(self) -> None:
        """End the thread."""
        self._pause.stop()
        self._worker.close()

    # -- painting ----------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, look: LoupeGeometry) -> None:
        """Paint over a photo that is looked at so."""
        paint_heat(painter, look, self._heat, self._heat_opacity)
        target = rect_of(look)
        if (marks := self._current_marks()) is not None:
            for overlay, layer in ((Overlay.CLIPPING, marks.clipped), (Overlay.PEAKING, marks.sharp)):
                if layer is not None and overlay in self._on:
                    paint_picture(painter, part_of(target, marks.place), layer, look.ratio)
        if Overlay.THIRDS in self._on:
            paint_thirds(painter, target)
        if marks is not None and marks.area is not None and Overlay.AF_POINT in self._on:
            area = marks.area
            point = POINT_SIDE * min(target.width(), target.height())
            width, height = area.width * target.width() or point, area.height * target.height() or point
            place = QRectF(0, 0, width, height)
            place.moveCenter(QPointF(target.x() + area.x * target.width(), target.y() + area.y * target.height()))
            _paint_frame(painter, place)

    # -- how ---------------------------------------------------------------------------------------------------------

    def _current_marks(self) -> Marks | None:
        return self._marks if self._marks is not None and self._marks.wish.path == self._path else None

    def _ask(self) -> None:
        """Ask for what is on and not known yet of the pixels in sight."""
        wanted = frozenset(self._on - {Overlay.THIRDS})
        if not self._is_there:
            wanted -= {Overlay.AF_POINT}
        if self._picture.isNull():
            wanted -= OF_PIXELS
        if not self._path or not wanted:
            self._worker.ask(None)
            self._wish = None
            return
        of_pixels = bool(wanted & OF_PIXELS)
        picture = self._picture if of_pixels else QImage()
        wish = MarksWish(self._path, picture, _pixels_in(picture, self._seen), wanted, picture.cacheKey())
        if not wish.same_as(self._wish):
            self._wish = wish.without_pixels()
            self._worker.ask(wish)

    def _on_marks(self, marks: Marks) -> None:
        if not marks.wish.same_as(self._wish):
            return
        self._marks = marks
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        """Say what the colours mean, and what there is nothing to show of."""
        marks = self._current_marks()
        lines = []
        if Overlay.PEAKING in self._on:
            lines.append(_coloured(_("Sharp edges, as shown"), SHARP))
        if Overlay.CLIPPING in self._on:
            lines += _clipping_words(marks.shares if marks is not None else (0.0, 0.0))
        if Overlay.AF_POINT in self._on:
            lines.append(_af_words(marks, is_there=self._is_there))
        self._words.say("<br>".join(line for line in lines if line))


def _af_words(marks: Marks | None, *, is_there: bool) -> str:
    if not is_there:
        return _("The file is not there to ask for its AF point")
    if marks is None or Overlay.AF_POINT not in marks.wish.wanted:
        return ""
    if marks.problem:
        return _("The file cannot be asked for its AF point")
    return (
        _("No AF point stated in this file")
        if marks.area is None
        else _("AF area, by {source}").format(source=marks.area.source)
    )


def _clipping_words(shares: tuple[float, float]) -> list[str]:
    """Say how much is clipped of what is in sight, and from where on a pixel counts as that."""
    from aesthetic_studio.imaging.clipping import BLACK, BURNT_OUT  # noqa: PLC0415 - brings numpy

    burnt, blocked = (decimal(share * 100) + " %" for share in shares)
    return [
        _coloured(
            _("Burnt out {burnt}: a channel at {burnt_out} or more").format(burnt=burnt, burnt_out=BURNT_OUT), BURNT
        ),
        _coloured(
            _("Blocked {blocked}: every channel at {black} or less").format(blocked=blocked, black=BLACK), BLOCKED
        ),
    ]


def _coloured(words: str, colour: QColor) -> str:
    return f'<span style="color:{colour.name()}">■</span> {words}'


def _pixels_in(picture: QImage, seen: QRectF) -> QRect:
    """The pixels of a picture that a part of the photo (0..1) takes, with a margin."""
    if picture.isNull():
        return QRect()
    across, down = MARGIN * seen.width(), MARGIN * seen.height()
    wider = seen.adjusted(-across, -down, across, down)
    box = QRectF(
        wider.x() * picture.width(),
        wider.y() * picture.height(),
        wider.width() * picture.width(),
        wider.height() * picture.height(),
    )
    return box.toAlignedRect().intersected(picture.rect())


def _paint_frame(painter: QPainter, place: QRectF) -> None:
    """The corners of a frame, light over dark, so that they are seen on any photo."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    arm = 0.28 * min(place.width(), place.height())
    for colour, width in ((QColor(0, 0, 0, 0xB0), 4), (AF_COLOUR, 2)):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
        for x, inward in ((place.left(), arm), (place.right(), -arm)):
            for y, downward in ((place.top(), arm), (place.bottom(), -arm)):
                painter.drawLine(QPointF(x, y), QPointF(x + inward, y))
                painter.drawLine(QPointF(x, y), QPointF(x, y + downward))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
