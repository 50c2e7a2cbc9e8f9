"""What the overlays know of a photo: its sharp edges and clipped pixels, and where the camera focused.

Computed by one thread from the very pixels that are shown; of the questions only the newest is answered.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRect, QRectF, Qt, QThreadPool, Signal
from PySide6.QtGui import QColor, QImage

from aesthetic_studio.errors import KnownError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.imaging.af_point import AfArea

log = logging.getLogger("aesthetic_studio.desktop.loupe")

SHARP = QColor(0xFF, 0x4C, 0xE6)
"""Magenta: next to nothing in nature has it."""
BURNT = QColor(0xFF, 0x2D, 0x2D)
BLOCKED = QColor(0x3A, 0x7B, 0xFF)


class Overlay(StrEnum):
    """What can be laid over a photo by a key of its own."""

    PEAKING = "peaking"
    CLIPPING = "clipping"
    THIRDS = "thirds"
    AF_POINT = "af point"


OF_PIXELS = frozenset({Overlay.PEAKING, Overlay.CLIPPING})


@dataclass(frozen=True, slots=True)
class MarksWish:
    """A question about one photo.

    Attributes:
        path: Its file.
        picture: The pixels that are shown, null where only the file is asked about.
        part: Those of them that are in sight.
        wanted: The overlays that are on.
        key: Which picture it is, also once its pixels were let go.
    """

    path: str
    picture: QImage
    part: QRect
    wanted: frozenset[Overlay]
    key: int

    def same_as(self, other: MarksWish | None) -> bool:
        """Whether the answer would be the same."""
        return other is not None and (self.path, self.key, self.part, self.wanted) == (
            other.path,
            other.key,
            other.part,
            other.wanted,
        )

    def without_pixels(self) -> MarksWish:
        """The same to be remembered: a picture has a hundred megabytes."""
        return replace(self, picture=QImage())


@dataclass(frozen=True, slots=True)
class Marks:
    """The answer.

    Attributes:
        wish: What was asked.
        place: The marked part, 0..1 within the photo.
        sharp: Sharp edges, ``None`` where they were not asked for.
        clipped: Clipped pixels.
        shares: Of the marked part: burnt out and blocked, 0..1.
        area: Where the camera focused.
        problem: Why the file could not be asked.
    """

    wish: MarksWish
    place: QRectF
    sharp: QImage | None = None
    clipped: QImage | None = None
    shares: tuple[float, float] = (0.0, 0.0)
    area: AfArea | None = None
    problem: str = ""


class MarksWorker(QObject):
    """Answers one question at a time.

    Signals:
        answered: ``Marks``.
    """

    answered = Signal(object)

    def __init__(self, parent: QObject | None = None, read_area: Callable[[str], AfArea | None] | None = None) -> None:
        super().__init__(parent)
        self._read_area = read_area or _read_af_area
        self._lock = threading.Lock()
        self._wish: MarksWish | None = None
        self._is_running = self._closed = False
        self._areas: dict[str, AfArea | None] = {}
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def ask(self, wish: MarksWish | None) -> None:
        """Ask this; a question that was not begun is forgotten."""
        with self._lock:
            if self._closed:
                return
            self._wish = wish
            starts, self._is_running = wish is not None and not self._is_running, self._is_running or wish is not None
        if starts:
            self._pool.start(self._work, -1)

    def close(self) -> None:
        """End the thread; safe to call twice."""
        with self._lock:
            self._closed, self._wish = True, None
        self._pool.waitForDone()

    def _work(self) -> None:
        while True:
            with self._lock:
                wish, self._wish = self._wish, None
                if wish is None:
                    self._is_running = False
                    return
            try:
                self.answered.emit(self._answer(wish))
            except RuntimeError:
                # The window went away meanwhile, and took the receiver with it.
                self._closed = True
            except Exception:
                # A thread has nobody above it: the photo is shown without marks, the log has the reason.
                log.exception("no marks could be made for %r", wish.path)

    def _answer(self, wish: MarksWish) -> Marks:
        area, problem = None, ""
        if Overlay.AF_POINT in wish.wanted:
            try:
                area = self._area_of(wish.path)
            except KnownError as error:
                problem = error.message
        picture, part = wish.picture, wish.part
        if picture.isNull() or part.isEmpty() or not wish.wanted & OF_PIXELS:
            return Marks(wish.without_pixels(), QRectF(), area=area, problem=problem)
        place = QRectF(
            part.x() / picture.width(),
            part.y() / picture.height(),
            part.width() / picture.width(),
            part.height() / picture.height(),
        )
        pixels = _pixels_of(picture, part)
        sharp = _sharp_layer(pixels) if Overlay.PEAKING in wish.wanted else None
        clipped, shares = _clipped_layer(pixels) if Overlay.CLIPPING in wish.wanted else (None, (0.0, 0.0))
        return Marks(wish.without_pixels(), place, sharp, clipped, shares, area, problem)

    def _area_of(self, path: str) -> AfArea | None:
        """What the file states; kept, so that stepping to and fro reads it once."""
        if path not in self._areas:
            while len(self._areas) >= 500:
                del self._areas[next(iter(self._areas))]
            self._areas[path] = self._read_area(path)
        return self._areas[path]


def connect(worker: MarksWorker, take: Callable[[Marks], None]) -> None:
    """Hand each answer over in the GUI thread."""
    worker.answered.connect(take, Qt.ConnectionType.QueuedConnection)


def _pixels_of(picture: QImage, part: QRect) -> Any:
    """A part of an RGB32 picture as ``(H, W, 3)`` bytes in the order blue, green, red: a view, not a copy."""
    from aesthetic_studio.imaging.arrays import np  # noqa: PLC0415 - not before someone asks for marks

    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine() // 4, 4)
    return rows[part.top() : part.top() + part.height(), part.left() : part.left() + part.width(), :3]


def _sharp_layer(pixels: Any) -> QImage:
    from aesthetic_studio.imaging.arrays import np  # noqa: PLC0415 - as above
    from aesthetic_studio.imaging.peaking import sharp_edges  # noqa: PLC0415 - as above

    weights = np.array([0.114, 0.587, 0.299], np.float32)
    return _layer([(sharp_edges(pixels.astype(np.float32) @ weights), SHARP)])


def _clipped_layer(pixels: Any) -> tuple[QImage, tuple[float, float]]:
    from aesthetic_studio.imaging.clipping import clipped  # noqa: PLC0415 - not before someone asks for marks

    burnt, blocked = clipped(pixels)
    return _layer([(burnt, BURNT), (blocked, BLOCKED)]), (float(burnt.mean()), float(blocked.mean()))


def _layer(masks: list[tuple[Any, QColor]]) -> QImage:
    """Masks ``(H, W)`` in their colours, clear elsewhere."""
    from aesthetic_studio.imaging.arrays import np  # noqa: PLC0415 - as above

    height, width = masks[0][0].shape
    packed = np.zeros((height, width), np.uint32)
    for mask, colour in masks:
        packed[mask] = colour.rgba()
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    memoryview(image.bits()).cast("B")[:] = packed.tobytes()
    return image


def _read_af_area(path: str) -> AfArea | None:
    from aesthetic_studio.imaging.decode import read_af_area  # noqa: PLC0415 - brings Pillow and numpy

    return read_af_area(path)
