"""The loupe's photos: decoded in the background, the shown one first, and kept within a bound of bytes.

A photo is decoded to just the size that is shown, which libjpeg does much faster than whole and which is painted
without scaling, and whole only once someone zooms in. One thread is always free for the photo that is looked at:
what is decoded in advance waits until that one is there.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, Qt, QThreadPool, Signal

from aesthetic_studio.desktop.loupe.pictures import Glimpse, LoupeImage, fitted_picture, glimpse_of, just_so
from aesthetic_studio.desktop.toolkit.previews import to_picture
from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.translation import _, retold

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["BUDGET_BYTES", "LoadPhoto", "LoupeImage", "LoupeImages", "Want", "missing_words"]

log = logging.getLogger("aesthetic_studio.desktop.loupe")

LoadPhoto = Callable[[str, int | None], "Image"]
"""``imaging.decode.load_for_screen``: path and the longest side that suffices, or ``None`` for every pixel."""

BUDGET_BYTES = 224 * 1024 * 1024
"""Room for a whole photo of 24 megapixels and the next; of larger ones those two are kept all the same."""

SURE = 2
"""The shown photo and the next are decoded whatever they take: who checks focus at 1:1 steps through large photos."""

MOST_THREADS = 4
BYTES_A_PIXEL = 4


@dataclass(frozen=True, slots=True)
class Want:
    """A photo as it is to be shown.

    Attributes:
        path: Its file.
        long_side: Device pixels, ``None`` for every pixel of the photo.
        pixels: How many pixels it will have, 0 where that is not known.
        exact: Width and height that it will take on screen, so that it is painted without being scaled.
        seen: Of a photo at every pixel: the part of it (0..1) that is in sight, which is shown before the rest.
        fitted: The length that it will have when it is fitted again.
    """

    path: str
    long_side: int | None
    pixels: int = 0
    exact: tuple[int, int] | None = None
    seen: tuple[float, float, float, float] | None = None
    fitted: int | None = None

    @property
    def cost(self) -> int:
        """Bytes that its picture will take."""
        return self.pixels * BYTES_A_PIXEL


@dataclass(frozen=True, slots=True)
class _Wish:
    want: Want
    generation: int
    """Of the file: an answer that was begun before the file changed is dropped."""
    ahead: bool
    kept: LoupeImage | None = None
    """What is at hand already and need only be scaled."""

    def same_as(self, other: _Wish) -> bool:
        """Whether one decode answers both."""
        return (self.want.path, self.want.long_side, self.want.exact, self.generation) == (
            other.want.path,
            other.want.long_side,
            other.want.exact,
            other.generation,
        )


class LoupeImages(QObject):
    """Photos by path.

    Signals:
        loaded: The path of a photo that can be shown better now.
        failed: Path, and in words why it cannot be shown.
        settled: All that was wanted is there, or cannot be had.
    """

    # Paths go as Python objects: a QString cannot hold a name that is not UTF-8.
    loaded = Signal(object)
    failed = Signal(object, str)
    settled = Signal()
    _glimpsed = Signal(object, object)
    _decoded = Signal(object, object, bool)
    _refused = Signal(object, str)
    _dropped = Signal(object)

    def __init__(
        self,
        load: LoadPhoto | None = None,
        parent: QObject | None = None,
        *,
        budget_bytes: int = BUDGET_BYTES,
        threads: int | None = None,
    ) -> None:
        super().__init__(parent)
        self._load = load or _load_for_screen
        self.budget_bytes = self._room = budget_bytes
        self._kept: OrderedDict[str, LoupeImage] = OrderedDict()
        self._glimpses: dict[str, Glimpse] = {}
        self._problems: dict[str, str] = {}
        self._given_up: set[str] = set()
        self._generations: dict[str, int] = {}
        self._versions: dict[str, int] = {}
        self._wants: tuple[Want, ...] = ()
        self._wanted: frozenset[str] = frozenset()
        self._held: frozenset[str] = frozenset()
        self._in_sight: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        self._wishes: list[_Wish] = []
        self._under_way: list[_Wish] = []
        self._running = 0
        self._threads = max(2, threads or min(MOST_THREADS, os.cpu_count() or 2))
        self._closed = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(self._threads)
        queued = Qt.ConnectionType.QueuedConnection
        self._glimpsed.connect(self._on_glimpsed, queued)
        self._decoded.connect(self._on_decoded, queued)
        self._refused.connect(self._on_refused, queued)
        self._dropped.connect(self._on_dropped, queued)

    def image(self, path: str) -> LoupeImage | None:
        """The best that is at hand of a photo."""
        found = self._kept.get(path)
        if found is not None:
            self._kept.move_to_end(path)
        return found

    def glimpse(self, path: str) -> Glimpse | None:
        """The part of a photo that is there before all of it is."""
        return self._glimpses.get(path)

    def problem(self, path: str) -> str | None:
        """Why the last try to decode this photo failed."""
        return self._problems.get(path)

    def want(self, paths: Sequence[str], long_side: int | None) -> None:
        """Decode these, the first first, to ``long_side`` pixels (``None``: all); earlier wishes end unless begun."""
        self.want_each(dict.fromkeys(paths, long_side))

    def want_each(self, sides: Mapping[str, int | None], held: Collection[str] = ()) -> None:
        """Decode each of these to a length of its own, the first first; those ``held`` are in sight and kept."""
        self._room = self.budget_bytes
        wants = [Want(path, long_side) for path, long_side in sides.items()]
        self._wish_for(wants, held=frozenset(held), in_sight=frozenset(sides))

    def want_shown(self, shown: Want | None, ahead: Sequence[Want] = ()) -> None:
        """Decode the shown photo, then those ahead as far as memory goes; earlier wishes end unless begun."""
        in_sight = frozenset({shown.path} if shown is not None else ())
        self._wish_for(self._within_budget([*([shown] if shown else []), *ahead]), held=in_sight, in_sight=in_sight)

    def _wish_for(self, wants: Sequence[Want], *, held: frozenset[str], in_sight: frozenset[str]) -> None:
        self._wants, self._held, self._in_sight = tuple(wants), held, in_sight
        self._wanted = frozenset(want.path for want in wants)
        self._wish_for_what_is_missing()

    def _wish_for_what_is_missing(self) -> None:
        wishes = [
            _Wish(want, self._generations.get(want.path, 0), want.path not in self._in_sight, self._source_of(want))
            for want in self._wants
            if self._is_worth(want)
        ]
        with self._lock:
            if self._closed:
                return
            self._wishes = [wish for wish in wishes if not any(wish.same_as(begun) for begun in self._under_way)]
        # What will be let go of anyway as soon as they are there takes no room beside them while they are decoded.
        self._make_room(coming=sum(wish.want.cost for wish in wishes))
        self._start()

    def note_version(self, path: str, mtime_ns: int) -> bool:
        """Forget the photo if its file was changed since it was last noted; says whether it was."""
        if self._versions.setdefault(path, mtime_ns) == mtime_ns:
            return False
        self._versions[path] = mtime_ns
        self.forget(path)
        return True

    def let_go(self) -> None:
        """Keep nothing and wish for nothing: the view was left."""
        self.want_each({})
        self._kept.clear()
        self._glimpses.clear()

    def retry(self, path: str) -> None:
        """What could not be decoded may be there again, as on a drive that was plugged in: try it once more."""
        self._given_up.discard(path)

    def is_given_up(self, path: str) -> bool:
        """Whether the last try to decode this photo failed and no other is due."""
        return path in self._given_up

    def forget(self, path: str) -> None:
        """The file changed: decode it anew when it is wanted again."""
        self._kept.pop(path, None)
        self._glimpses.pop(path, None)
        self._problems.pop(path, None)
        self._given_up.discard(path)
        self._generations[path] = self._generations.get(path, 0) + 1

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

    @property
    def kept_count(self) -> int:
        """How many photos are kept."""
        return len(self._kept)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being decoded, or waits for it."""
        with self._lock:
            return not self._wishes and not self._under_way

    # -- what is worth doing -----------------------------------------------------------------------------------------

    def _is_worth(self, want: Want) -> bool:
        kept = self._kept.get(want.path)
        return want.path not in self._given_up if kept is None else not kept.has(want.long_side)

    def _source_of(self, want: Want) -> LoupeImage | None:
        kept = self._kept.get(want.path)
        return kept if kept is not None and kept.can_make(want.long_side) else None

    def _within_budget(self, wants: Sequence[Want]) -> list[Want]:
        """Those that fit into memory together, the first two in any case, each file once."""
        fitting: dict[str, Want] = {}
        total = 0
        for want in wants:
            if want.path in fitting:
                continue
            kept = self._kept.get(want.path)
            cost = max(want.cost, kept.cost if kept is not None else 0)
            if len(fitting) >= SURE and total + cost > self.budget_bytes:
                break
            fitting[want.path] = want
            total += cost
        self._room = max(self.budget_bytes, total)
        return list(fitting.values())

    # -- the threads -------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        with self._lock:
            starts = max(0, min(self._threads - self._running, len(self._wishes)))
            self._running += starts
        for _turn in range(starts):
            self._pool.start(self._work)

    def _work(self) -> None:
        while (wish := self._next()) is not None:
            try:
                self._decode(wish)
            except RuntimeError:
                # The window went away while this was decoded, and took the receiver with it.
                self._closed = True

    def _next(self) -> _Wish | None:
        """The next wish, or ``None`` with this thread no longer counted where there is none it may take."""
        with self._lock:
            wish = self._wishes[0] if self._wishes and not self._closed else None
            if wish is None or (wish.ahead and not self._may_look_ahead()):
                self._running -= 1
                return None
            self._wishes.pop(0)
            self._under_way.append(wish)
            return wish

    def _may_look_ahead(self) -> bool:
        """One thread stays free, and all do while the shown photo itself is being decoded."""
        ahead = sum(wish.ahead for wish in self._under_way)
        return ahead == len(self._under_way) and ahead < self._threads - 1

    def _decode(self, wish: _Wish) -> None:
        want = wish.want
        try:
            if wish.kept is not None and want.long_side is not None:
                self._decoded.emit(wish, wish.kept.scaled_to(want.long_side, want.exact), True)
                return
            image = self._load(want.path, want.long_side)
            if want.long_side is None and want.path not in self._wanted:
                # Somebody stepped on meanwhile: a second whole picture of it need not be made, which nobody would keep.
                self._dropped.emit(wish)
                return
            if want.seen and (glimpse := glimpse_of(image, QRectF(*want.seen))) is not None:
                self._glimpsed.emit(wish, glimpse)
            if want.long_side is None:
                size = just_so(image.size, want.exact)
                decoded = LoupeImage((to_picture(image if image.size == size else image.resize(size)),), whole=True)
            else:
                picture = fitted_picture(image, want.long_side, want.exact, at_once=not wish.ahead)
                decoded = LoupeImage((picture,), whole=max(image.size) < want.long_side - 1)
            self._decoded.emit(wish, decoded, want.fitted is None)
            if want.fitted is not None:
                self._decoded.emit(wish, decoded.scaled_to(want.fitted), True)
        except UnreadablePhoto as error:
            reason = f"{error.reason[:1].upper()}{error.reason[1:]}".rstrip(".")
            self._refused.emit(
                wish, missing_words(want.path) or f"{retold('problem', reason)}. {retold('problem', error.advice)}"
            )
        except (OSError, MemoryError, ValueError) as error:
            log.info("the loupe cannot show %r: %s", want.path, error)
            self._refused.emit(
                wish, missing_words(want.path) or _("This photo cannot be decoded: the preview is shown.")
            )

    # -- the answers -------------------------------------------------------------------------------------------------

    def _is_fresh(self, wish: _Wish) -> bool:
        return not self._closed and wish.generation == self._generations.get(wish.want.path, 0)

    def _end(self, wish: _Wish) -> None:
        """Until here the wish counts as under way, so nothing is decoded twice."""
        with self._lock:
            self._under_way = [other for other in self._under_way if other is not wish]
        self._start()

    def _on_glimpsed(self, wish: _Wish, glimpse: Glimpse) -> None:
        if self._is_fresh(wish) and wish.want.path in self._held:
            self._glimpses = {wish.want.path: glimpse}
            self.loaded.emit(wish.want.path)

    def _on_decoded(self, wish: _Wish, image: LoupeImage, done: bool) -> None:
        path = wish.want.path
        if done:
            self._end(wish)
        if self._is_fresh(wish):
            self._keep(path, image)
            self._kept.move_to_end(path)
            self._glimpses.pop(path, None)
            self._problems.pop(path, None)
            self._make_room(path)
            self.loaded.emit(path)
        self._say_settled()

    def _on_refused(self, wish: _Wish, reason: str) -> None:
        self._end(wish)
        if self._is_fresh(wish):
            self._problems[wish.want.path] = reason
            self._given_up.add(wish.want.path)
            self.failed.emit(wish.want.path, reason)
        self._say_settled()

    def _on_dropped(self, wish: _Wish) -> None:
        self._end(wish)
        if wish.want.path in self._wanted:  # once more, while this was on its way
            self._wish_for_what_is_missing()
        self._say_settled()

    def _say_settled(self) -> None:
        if self.is_settled:
            self.settled.emit()

    def _keep(self, path: str, image: LoupeImage) -> None:
        known = self._kept.get(path)
        if known is not None and known.whole and not image.whole:
            return
        if known is not None and not known.whole and image.whole and len(image.levels) == 1:
            # What was shown until now serves again when the photo is fitted once more.
            image = image.with_copies((known.levels[0],))
        self._kept[path] = image

    def _make_room(self, newest: str | None = None, *, coming: int = 0) -> None:
        """Let go of what nobody wants, the longest unused first, then of what is wanted least; not of what is seen.

        For what is only ``coming``, so many bytes, nothing goes that is wanted.
        """
        total = self.kept_bytes + coming
        seen = self._held or {newest}
        unwanted = [path for path in self._kept if path not in self._wanted]
        least_wanted = [want.path for want in reversed(self._wants) if want.path in self._kept] if newest else []
        for path in (*unwanted, *least_wanted):
            if total <= max(self._room, self.budget_bytes):
                return
            if path not in seen:
                total -= self._kept.pop(path).cost


def missing_words(path: str) -> str | None:
    """What to say where the file is not there; ``None`` where it is."""
    file = Path(path)
    if file.exists():
        return None
    if not file.parent.exists():
        return _("The file’s folder is out of reach. Plug the drive in to see every pixel; this is the stored preview.")
    return _("The file is not there any more. This is the preview that the library keeps.")


def _load_for_screen(path: str, max_long_side: int | None) -> Image:
    from aesthetic_studio.imaging.decode import load_for_screen  # noqa: PLC0415 - brings Pillow and numpy, 0.3 s

    return load_for_screen(path, max_long_side)
