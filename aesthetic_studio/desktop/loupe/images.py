"""The loupe's photos: decoded in the background, the wanted one first, and kept within a bound of bytes.

A photo is decoded at the size that is shown, which libjpeg does much faster than whole, and whole only once someone
zooms in. With each picture come ever halved copies, so that any zoom draws from one that is at most twice too large.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage

from aesthetic_studio.errors import UnreadablePhoto

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger("aesthetic_studio.desktop.loupe")

LoadPhoto = Callable[[str, int | None], "Image"]
"""``imaging.decode.load_upright``: path and longest side, or ``None`` for every pixel."""

BUDGET_BYTES = 384 * 1024 * 1024
LARGEST_SIDE = 16_384
"""Longer photos are shown at this length: beyond it the pictures would not fit into the memory meant for them."""

SMALLEST_COPY = 256


@dataclass(frozen=True, slots=True)
class LoupeImage:
    """A decoded photo with its halved copies, the largest first."""

    levels: tuple[QImage, ...]
    whole: bool
    """Every pixel of the photo is here."""

    @property
    def long_side(self) -> int:
        """Of the largest copy."""
        return max(self.levels[0].width(), self.levels[0].height())

    @property
    def cost(self) -> int:
        """Bytes."""
        return sum(level.sizeInBytes() for level in self.levels)

    def level_for(self, width: float) -> QImage:
        """The smallest copy that is at least ``width`` pixels wide, or else the largest."""
        fitting = [level for level in self.levels if level.width() >= width - 0.5]
        return fitting[-1] if fitting else self.levels[0]


@dataclass(frozen=True, slots=True)
class _Wish:
    path: str
    long_side: int | None
    generation: int
    """Of the file: an answer that was begun before the file changed is dropped."""


class LoupeImages(QObject):
    """Photos by path.

    Signals:
        loaded: The path of a photo that can be shown better now.
        failed: Path, and in words why it cannot be shown.
    """

    # Paths go as Python objects: a QString cannot hold a name that is not UTF-8.
    loaded = Signal(object)
    failed = Signal(object, str)
    _decoded = Signal(object, object)
    _refused = Signal(object, str)

    def __init__(
        self,
        load: LoadPhoto | None = None,
        parent: QObject | None = None,
        *,
        budget_bytes: int = BUDGET_BYTES,
        threads: int = 2,
    ) -> None:
        super().__init__(parent)
        self._load = load or _load_upright
        self._budget = budget_bytes
        self._kept: OrderedDict[str, LoupeImage] = OrderedDict()
        self._problems: dict[str, str] = {}
        self._generations: dict[str, int] = {}
        self._versions: dict[str, int] = {}
        self._held: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        self._wishes: list[_Wish] = []
        self._under_way: set[_Wish] = set()
        self._running = 0
        self._threads = threads
        self._closed = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._decoded.connect(self._on_decoded, Qt.ConnectionType.QueuedConnection)
        self._refused.connect(self._on_refused, Qt.ConnectionType.QueuedConnection)

    def image(self, path: str) -> LoupeImage | None:
        """The best that is at hand of a photo."""
        found = self._kept.get(path)
        if found is not None:
            self._kept.move_to_end(path)
        return found

    def problem(self, path: str) -> str | None:
        """Why the last try to decode this photo failed."""
        return self._problems.get(path)

    def want(self, paths: Sequence[str], long_side: int | None) -> None:
        """Decode these, the first first, to ``long_side`` pixels (``None``: all); earlier wishes end unless begun."""
        self.want_each(dict.fromkeys(paths, long_side))

    def want_each(self, sides: Mapping[str, int | None], held: Collection[str] = ()) -> None:
        """Decode each of these to a length of its own, the first first; those ``held`` are in sight and kept."""
        self._held = frozenset(held)
        wishes = [
            _Wish(path, long_side, self._generations.get(path, 0))
            for path, long_side in sides.items()
            if self._is_worth(path, long_side)
        ]
        with self._lock:
            if self._closed:
                return
            self._wishes = [wish for wish in wishes if wish not in self._under_way]
            starts = min(self._threads - self._running, len(self._wishes))
            self._running += max(0, starts)
        for _ in range(starts):
            self._pool.start(self._work)

    def forget(self, path: str) -> None:
        """The file changed: decode it anew when it is wanted again."""
        self._kept.pop(path, None)
        self._problems.pop(path, None)
        self._generations[path] = self._generations.get(path, 0) + 1

    def note_version(self, path: str, mtime_ns: int) -> None:
        """Forget the photo if its file was changed since it was last noted."""
        if self._versions.setdefault(path, mtime_ns) != mtime_ns:
            self._versions[path] = mtime_ns
            self.forget(path)

    def let_go(self) -> None:
        """Keep nothing and wish for nothing: the view was left."""
        self.want_each({})
        self._kept.clear()

    def close(self) -> None:
        """End the threads; safe to call twice."""
        with self._lock:
            self._closed = True
            self._wishes.clear()
        self._pool.waitForDone()

    @property
    def kept_bytes(self) -> int:
        """Memory that the kept photos take."""
        return sum(image.cost for image in self._kept.values())

    def _is_worth(self, path: str, long_side: int | None) -> bool:
        kept = self._kept.get(path)
        if kept is None:
            return path not in self._problems
        return not kept.whole and (long_side is None or kept.long_side < long_side)

    def _work(self) -> None:
        while True:
            with self._lock:
                if self._closed or not self._wishes:
                    self._running -= 1
                    return
                wish = self._wishes.pop(0)
                self._under_way.add(wish)
            try:
                self._decode(wish)
            except RuntimeError:
                # The window went away while this was decoded, and took the receiver with it.
                self._closed = True

    def _decode(self, wish: _Wish) -> None:
        try:
            image = self._load(wish.path, wish.long_side or LARGEST_SIDE)
            result = to_loupe_image(image, asked=wish.long_side)
        except UnreadablePhoto as error:
            reason = f"{error.reason[:1].upper()}{error.reason[1:]}".rstrip(".")
            self._refused.emit(wish, missing_words(wish.path) or f"{reason}. {error.advice}")
        except (OSError, MemoryError, ValueError) as error:
            log.info("the loupe cannot show %r: %s", wish.path, error)
            self._refused.emit(wish, missing_words(wish.path) or "This photo cannot be decoded: the preview is shown.")
        else:
            self._decoded.emit(wish, result)

    def _arrived(self, wish: _Wish) -> bool:
        """Whether an answer is still of use. Until here the wish counts as under way, so nothing is decoded twice."""
        with self._lock:
            self._under_way.discard(wish)
        return not self._closed and wish.generation == self._generations.get(wish.path, 0)

    def _on_decoded(self, wish: _Wish, image: LoupeImage) -> None:
        if not self._arrived(wish):
            return
        known = self._kept.get(wish.path)
        if known is None or image.whole or image.long_side > known.long_side:
            self._kept[wish.path] = image
        self._kept.move_to_end(wish.path)
        self._problems.pop(wish.path, None)
        self._make_room(wish.path)
        self.loaded.emit(wish.path)

    def _make_room(self, newest: str) -> None:
        total = self.kept_bytes
        for path in list(self._kept):
            if total <= self._budget or path == newest:
                return
            if path not in self._held:
                total -= self._kept.pop(path).cost

    def _on_refused(self, wish: _Wish, reason: str) -> None:
        if self._arrived(wish):
            self._problems[wish.path] = reason
            self.failed.emit(wish.path, reason)


def missing_words(path: str) -> str | None:
    """What to say where the file is not there; ``None`` where it is."""
    file = Path(path)
    if file.exists():
        return None
    if not file.parent.exists():
        return "The file’s folder is out of reach. Plug the drive in to see every pixel; this is the stored preview."
    return "The file is not there any more. This is the preview that the library keeps."


def to_loupe_image(image: Image, asked: int | None = None) -> LoupeImage:
    """A decoded photo, sRGB, with halved copies. Called in a worker: Pillow lets other threads run meanwhile."""
    levels = [_to_qimage(image)]
    while max(image.size) >= 2 * SMALLEST_COPY:
        image = image.reduce(2)
        levels.append(_to_qimage(image))
    long_side = max(levels[0].width(), levels[0].height())
    return LoupeImage(tuple(levels), whole=asked is None or long_side < asked)


def _to_qimage(image: Image) -> QImage:
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    data = rgb.tobytes("raw", "RGBX")
    packed = QImage(data, rgb.width, rgb.height, 4 * rgb.width, QImage.Format.Format_RGBX8888)
    # The conversion owns its pixels, as `data` is freed here, and fills the fourth byte, without which Qt draws nothing
    # where a photo is dimmed.
    return packed.convertToFormat(QImage.Format.Format_RGB32)


def _load_upright(path: str, max_long_side: int | None) -> Image:
    from aesthetic_studio.imaging.decode import load_upright  # noqa: PLC0415 - brings Pillow and numpy, 0.3 s

    return load_upright(path, max_long_side)
