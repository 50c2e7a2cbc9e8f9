"""Thumbnails for what is on screen: decoded in the background, kept within a bound, never painted late.

The view says what it sees (``want``); a few threads take the newest wish first, decode the catalogue's previews to
``QImage`` and hand them to the GUI thread, which alone makes a ``QPixmap``. Every wish carries a ticket, so that an
answer to a question that nobody asks any more is dropped.
"""

from __future__ import annotations

import atexit
import logging
import threading
import weakref
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QPixmap

from aesthetic_studio.desktop.toolkit.previews import read_preview

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

log = logging.getLogger("aesthetic_studio.desktop.grid.thumbnails")

BUDGET_BYTES = 128 * 1024 * 1024
"""Some eight hundred thumbnails of 200 pixels: twenty screenfuls."""
IDLE_SECONDS = 1.0
"""How long a thread keeps its reader open after the last wish: a scroll then does not open the catalogue anew."""

GOOD_ENOUGH = 0.9
"""A thumbnail of this share of the wished size is not decoded again."""


class PreviewReader(Protocol):
    """Reads previews in one thread: ``Catalogue.reader()`` gives one."""

    def preview(self, photo_id: int) -> bytes | None:
        """JPEG bytes, ``None`` where there is no preview."""

    def close(self) -> None:
        """Let go of the file."""


@dataclass(slots=True)
class _Kept:
    pixmap: QPixmap | None
    """``None`` where the photo has no preview."""
    side: int
    """The size that was asked for: a small preview cannot become larger."""
    cost: int


class ThumbnailProvider(QObject):
    """Thumbnails by photo id.

    Signals:
        thumbnail_ready: A photo's thumbnail (or the knowledge that there is none) has arrived.
    """

    thumbnail_ready = Signal(int)
    _decoded = Signal(int, int, int, QImage)

    def __init__(
        self,
        open_reader: Callable[[], PreviewReader],
        parent: QObject | None = None,
        *,
        budget_bytes: int = BUDGET_BYTES,
        threads: int = 2,
    ) -> None:
        """``open_reader`` is called in each decoding thread, and its reader closed there."""
        super().__init__(parent)
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._kept_bytes = 0
        self._budget = budget_bytes
        self._tickets: dict[int, int] = {}
        self._last_ticket = 0
        self._workers = _Workers(open_reader, self._decoded.emit, threads)
        self._decoded.connect(self._on_decoded, Qt.ConnectionType.QueuedConnection)
        _close_at_exit(self._workers)

    def pixmap(self, photo_id: int) -> QPixmap | None:
        """The thumbnail, in any size that is at hand; ``None`` where there is none yet."""
        kept = self._kept.get(photo_id)
        if kept is None:
            return None
        self._kept.move_to_end(photo_id)
        return kept.pixmap

    def is_absent(self, photo_id: int) -> bool:
        """Whether it is known that this photo has no preview."""
        kept = self._kept.get(photo_id)
        return kept is not None and kept.pixmap is None

    def want(self, visible: Sequence[int], ahead: Sequence[int] = (), *, side: int) -> None:
        """Decode these photos to ``side`` device pixels, ``visible`` first; earlier wishes end here."""
        self._tickets.clear()
        wishes: deque[tuple[int, int, int]] = deque()
        for photo_id in dict.fromkeys((*visible, *ahead)):
            kept = self._kept.get(photo_id)
            if kept is not None and kept.side >= side * GOOD_ENOUGH:
                continue
            self._last_ticket += 1
            self._tickets[photo_id] = self._last_ticket
            wishes.append((photo_id, self._last_ticket, side))
        self._workers.replace(wishes)

    def invalidate(self, photo_ids: Iterable[int]) -> None:
        """These photos' previews changed: forget them, and drop answers that are on their way."""
        for photo_id in photo_ids:
            self._tickets.pop(photo_id, None)
            self._forget(photo_id)

    def clear(self) -> None:
        """Forget everything, as when another library is opened."""
        self._tickets.clear()
        self._workers.replace(deque())
        self._kept.clear()
        self._kept_bytes = 0

    def close(self) -> None:
        """End the threads and let go of the catalogue; safe to call twice."""
        self.clear()
        self._workers.close()

    @property
    def kept_bytes(self) -> int:
        """Memory that the kept thumbnails take."""
        return self._kept_bytes

    def _on_decoded(self, photo_id: int, ticket: int, side: int, image: QImage) -> None:
        if self._tickets.get(photo_id) != ticket:
            return
        del self._tickets[photo_id]
        self._forget(photo_id)
        pixmap = None if image.isNull() else QPixmap.fromImage(image)
        cost = 64 if pixmap is None else pixmap.width() * pixmap.height() * 4
        self._kept[photo_id] = _Kept(pixmap, side, cost)
        self._kept_bytes += cost
        while self._kept_bytes > self._budget and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= oldest.cost
        self.thumbnail_ready.emit(photo_id)

    def _forget(self, photo_id: int) -> None:
        kept = self._kept.pop(photo_id, None)
        if kept is not None:
            self._kept_bytes -= kept.cost


class _Workers:
    """Threads that answer the newest wishes; they start when there are some and end when there are none."""

    def __init__(
        self,
        open_reader: Callable[[], PreviewReader],
        answer: Callable[[int, int, int, QImage], None],
        threads: int,
    ) -> None:
        self._open_reader = open_reader
        self._answer = answer
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(threads)
        self._threads = threads
        self._changed = threading.Condition()
        self._wishes: deque[tuple[int, int, int]] = deque()
        self._running = 0
        self._closed = False

    def replace(self, wishes: deque[tuple[int, int, int]]) -> None:
        """These wishes stand instead of the earlier ones; what is being decoded is finished."""
        with self._changed:
            if self._closed:
                return
            self._wishes = wishes
            missing = min(self._threads, len(wishes)) - self._running
            self._running += max(0, missing)
            self._changed.notify_all()
        for _ in range(missing):
            self._pool.start(self._work)

    def close(self) -> None:
        """No more answers after this returns."""
        with self._changed:
            self._closed = True
            self._wishes.clear()
            self._changed.notify_all()
        self._pool.waitForDone()

    def _work(self) -> None:
        try:
            reader = self._open_reader()
        except Exception:
            # A thread has nobody above it: the grid goes on with placeholders, the log has the reason.
            log.exception("the catalogue could not be opened for thumbnails")
            with self._changed:
                self._running -= 1
            return
        try:
            while (wish := self._next()) is not None:
                photo_id, ticket, side = wish
                self._deliver(photo_id, ticket, side, _read_thumbnail(reader, photo_id, side))
        finally:
            reader.close()

    def _deliver(self, photo_id: int, ticket: int, side: int, image: QImage) -> None:
        if self._closed:
            return
        try:
            self._answer(photo_id, ticket, side, image)
        except RuntimeError:
            # The window went away while this was decoded, and took the receiver with it.
            self._closed = True

    def _next(self) -> tuple[int, int, int] | None:
        """The next wish; ``None``, and this thread no longer counted, when there has been none for a while."""
        with self._changed:
            if (
                not self._closed
                and (self._wishes or self._changed.wait_for(self._has_news, IDLE_SECONDS))
                and self._wishes
            ):
                return self._wishes.popleft()
            self._running -= 1
            return None

    def _has_news(self) -> bool:
        return bool(self._wishes) or self._closed


def _read_thumbnail(reader: PreviewReader, photo_id: int, side: int) -> QImage:
    try:
        return read_preview(reader.preview(photo_id), side)
    except Exception:
        log.exception("the preview of photo %d could not be read", photo_id)
        return QImage()


def _close_at_exit(workers: _Workers) -> None:
    """A pool that is destroyed while the interpreter ends would wait for threads that wait for the interpreter."""
    reference = weakref.ref(workers)

    def close() -> None:
        left = reference()
        if left is not None:
            left.close()

    atexit.register(close)
