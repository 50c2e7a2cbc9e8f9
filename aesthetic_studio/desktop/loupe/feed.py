"""Feeds the loupe: records and previews of the photos around the shown one, read and decoded before they are asked for.

Data flows::

    Views ──show(photo, those around)──▶ LoupeFeed ──▶ LoupeView.show_photo, set_ahead
                                            │  ▲
                                  wishes    ▼  │ pages
                              reader thread (own connection; JPEG → QImage)

A step to a photo whose page is there touches neither SQLite nor a decoder.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QThread, Signal
from PySide6.QtGui import QImage

from aesthetic_studio.desktop.toolkit.previews import read_preview
from aesthetic_studio.errors import KnownError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aesthetic_studio.desktop.loupe.view import LoupeView
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.records import PhotoRecord

log = logging.getLogger("aesthetic_studio.desktop.loupe")

BUDGET_BYTES = 40 * 1024 * 1024
"""Some fifty-five previews: more than are read ahead while a key is held."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the loupe shows of a photo at once.

    Attributes:
        record: As the catalogue had it when it was read.
        preview: Null where the photo has none.
    """

    record: PhotoRecord
    preview: QImage


class LoupeFeed(QObject):
    """Shows photos in the loupe, and keeps ready what comes next.

    Args:
        view: The loupe.
        open_reader: Called in the reading thread, and what it gives is closed there.
        record_of: The record of a photo whose page is not there yet: one row, read at once.
    """

    def __init__(
        self,
        view: LoupeView,
        open_reader: Callable[[], Catalogue],
        record_of: Callable[[int], PhotoRecord | None],
        parent: QObject | None = None,
        *,
        budget_bytes: int = BUDGET_BYTES,
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._record_of = record_of
        self._budget = budget_bytes
        self._pages: OrderedDict[int, Page] = OrderedDict()
        self._stale: set[int] = set()
        self._generation = 0
        self._shown: int | None = None
        self._around: tuple[int, ...] = ()
        self._reader = _PageReader(open_reader, self._preview_of)
        self._reader.read.connect(self._on_read, Qt.ConnectionType.QueuedConnection)
        view.photo_completed.connect(self._on_completed)

    def prepare(self, photo_ids: Sequence[int]) -> None:
        """Read these, the likeliest first; earlier wishes that are not begun are dropped."""
        wanted = [photo for photo in photo_ids if photo not in self._pages or photo in self._stale]
        self._reader.replace(wanted, self._generation)

    def show(self, photo_id: int, around: Sequence[int], *, passing: bool = False) -> bool:
        """Show a photo, and make ready those around it, the likeliest first.

        Args:
            photo_id: The photo.
            around: What may be stepped to next.
            passing: A key is held and the next photo follows at once. ``False`` is returned where there is no photo.
        """
        page = self._page(photo_id)
        record = page.record if page is not None else self._record_of(photo_id)
        if record is None:
            return False
        self._shown, self._around = photo_id, tuple(around)
        self._view.show_photo(record, page.preview if page else None, preview_follows=page is None, passing=passing)
        # Where its own pixels have to be decoded first, nothing is read or decoded beside them.
        if passing or self._view.is_complete():
            self._look_ahead()
        else:
            self.prepare([photo_id])
        return True

    def forget(self, photo_ids: Sequence[int] | None = None) -> None:
        """These photos' records changed (``None``: any may have): read them again; previews stay with their content."""
        self._generation += 1
        self._stale.update(self._pages if photo_ids is None else photo_ids)
        if self._shown is not None and self._view.is_complete():
            self._look_ahead()

    def close(self) -> None:
        """End the thread; safe to call twice."""
        self._reader.stop()

    @property
    def kept_bytes(self) -> int:
        """Memory that the previews take."""
        return sum(page.preview.sizeInBytes() for page in self._pages.values())

    def _page(self, photo_id: int) -> Page | None:
        page = self._pages.get(photo_id)
        if page is None:
            return None
        self._pages.move_to_end(photo_id)
        if photo_id in self._stale:
            record = self._record_of(photo_id)
            return None if record is None or record.content_id != page.record.content_id else Page(record, page.preview)
        return page

    def _preview_of(self, record: PhotoRecord) -> QImage | None:
        """The preview that is kept of this content. Asked by the reading thread; a dictionary look-up is safe."""
        page = self._pages.get(record.id)
        if page is None or page.record.content_id != record.content_id or page.preview.isNull():
            return None
        return page.preview

    def _on_read(self, photo_id: int, page: Page | None, generation: int) -> None:
        if page is None:
            if photo_id == self._shown:
                self._view.take_preview(photo_id, QImage())
            return
        self._pages[photo_id] = page
        self._pages.move_to_end(photo_id)
        if generation == self._generation:
            self._stale.discard(photo_id)
        self._make_room()
        if photo_id == self._shown:
            self._view.take_preview(photo_id, page.preview)
        elif photo_id in self._around and self._view.is_complete():
            self._tell_ahead()

    def _on_completed(self, photo_id: int) -> None:
        if photo_id == self._shown:
            self._look_ahead()

    def _look_ahead(self) -> None:
        """Make ready the photos around the shown one."""
        self.prepare([photo_id for photo_id in (self._shown, *self._around) if photo_id is not None])
        self._tell_ahead()

    def _tell_ahead(self) -> None:
        """Name the loupe those of the photos around whose record is known, in order; their pixels come next."""
        pages = (self._pages.get(photo_id) for photo_id in self._around)
        self._view.set_ahead([page.record for page in pages if page is not None])

    def _make_room(self) -> None:
        total = self.kept_bytes
        while total > self._budget and len(self._pages) > 1:
            photo_id, page = self._pages.popitem(last=False)
            self._stale.discard(photo_id)
            total -= page.preview.sizeInBytes()


class _PageReader(QThread):
    """Reads pages, the first wish first.

    Signals:
        read: The photo, its ``Page`` or ``None`` where it cannot be had, and the generation that came with the wish.
    """

    read = Signal(int, object, int)

    def __init__(
        self, open_reader: Callable[[], Catalogue], preview_of: Callable[[PhotoRecord], QImage | None]
    ) -> None:
        super().__init__()
        self._open_reader = open_reader
        self._preview_of = preview_of
        self._changed = threading.Condition()
        self._wishes: list[int] = []
        self._generation = 0
        self._stopping = False

    def replace(self, photo_ids: list[int], generation: int) -> None:
        """Read these instead of what was wished before; the thread begins with the first wish."""
        with self._changed:
            if self._stopping:
                return
            self._wishes, self._generation = photo_ids, generation
            self._changed.notify()
        if photo_ids and not self.isRunning():
            self.start()

    def stop(self) -> None:
        """No more pages after this returns."""
        with self._changed:
            self._stopping = True
            self._wishes = []
            self._changed.notify()
        self.wait()

    def run(self) -> None:
        """Read until told to stop."""
        try:
            with self._open_reader() as reader:
                while (wish := self._next()) is not None:
                    photo_id, generation = wish
                    self.read.emit(photo_id, self._page(reader, photo_id), generation)
        except Exception:
            # A thread has nobody above it: the loupe goes on without previews, the log has the reason.
            log.exception("the catalogue could not be read for the loupe")

    def _next(self) -> tuple[int, int] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or bool(self._wishes))
            return None if self._stopping else (self._wishes.pop(0), self._generation)

    def _page(self, reader: Catalogue, photo_id: int) -> Page | None:
        try:
            found = reader.photos([photo_id])
            if not found:
                return None
            preview = self._preview_of(found[0])
            if preview is None:
                preview = read_preview(reader.preview(photo_id))
        except KnownError as error:
            log.info("the page of photo %d could not be read: %s", photo_id, error)
            return None
        return Page(found[0], preview)
