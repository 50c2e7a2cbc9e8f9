"""Reads the photos that a cull is about and plans it, off the GUI thread; only the newest wish is planned."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from aesthetic_studio.curation.cull.plan import cull
from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.errors import KnownError
from aesthetic_studio.records import SeriesKind
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.albums import PhotoQuery
    from aesthetic_studio.curation.cull.records import CullPlan, CullTarget, Strictness
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.records import PhotoRecord

log = logging.getLogger("aesthetic_studio.desktop.cull")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which photos a cull is about.

    Attributes:
        query: The album as it is shown.
        selected: The selected photos where there are several; all that are shown otherwise.
    """

    query: PhotoQuery
    selected: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CullAnswer:
    """A plan for the newest wish.

    Attributes:
        photos: How many photos it is about.
        scope: Which, in words.
    """

    generation: int
    plan: CullPlan
    photos: int
    scope: str


@dataclass(frozen=True, slots=True)
class _Wish:
    generation: int
    scope: Scope
    target: CullTarget
    strictness: Strictness


class CullPlanner(QThread):
    """Plans culls.

    Signals:
        planned: A ``CullAnswer``.
        failed: What happened and what to do.
    """

    planned = Signal(object)
    failed = Signal(str, str)

    def __init__(self, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._changed = threading.Condition()
        self._wish: _Wish | None = None
        self._generation = 0
        self._stopping = False
        self._stale = True
        self._read: tuple[Scope, list[PhotoRecord]] | None = None

    def request(self, scope: Scope, target: CullTarget, strictness: Strictness, *, fresh: bool = False) -> int:
        """Ask for a plan; returns the generation that its answer will carry.

        With ``fresh`` the photos are read again: the library may have changed.
        """
        with self._changed:
            self._generation += 1
            self._stale |= fresh
            self._wish = _Wish(self._generation, scope, target, strictness)
            self._changed.notify()
            if not self.isRunning() and not self._stopping:
                self.start()
            return self._generation

    def forget(self) -> None:
        """Give up what is being planned, and let go of the photos: nobody looks at a plan now."""
        with self._changed:
            self._generation += 1
            self._wish, self._read, self._stale = None, None, True

    def stop(self) -> None:
        """End the thread; what is being planned is given up."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self.wait()

    def run(self) -> None:
        """Plan the newest wish until told to stop."""
        from aesthetic_studio.curation.cull.choosing import PlanStopped  # noqa: PLC0415 - numpy, not before it is used

        try:
            with self._catalogue.reader() as reader:
                while (wish := self._next()) is not None:
                    try:
                        self.planned.emit(self._plan(reader, wish))
                    except PlanStopped:
                        continue
        except KnownError as error:
            self.failed.emit(error.message, error.advice)
        except Exception:
            log.exception("a cull could not be planned")
            self.failed.emit(_("The photos could not be compared."), _("The log file has the details."))

    def _next(self) -> _Wish | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._wish is not None)
            wish, self._wish = self._wish, None
            return None if self._stopping else wish

    def _plan(self, reader: Catalogue, wish: _Wish) -> CullAnswer:
        photos = self._photos(reader, wish)
        plan = cull(photos, wish.target, wish.strictness, lambda: self._stopping or self._generation != wish.generation)
        return CullAnswer(wish.generation, plan, len(photos), scope_in_words(wish.scope, photos))

    def _photos(self, reader: Catalogue, wish: _Wish) -> list[PhotoRecord]:
        """Take the photos of the last plan where nothing changed since, else read them."""
        with self._changed:
            stale, self._stale = self._stale, False
            if not stale and self._read is not None and self._read[0] == wish.scope:
                return self._read[1]
        photos = read_scope(reader, wish.scope)
        with self._changed:
            if self._generation == wish.generation or self._wish is not None:
                self._read = wish.scope, photos
        return photos


def read_scope(reader: Catalogue, scope: Scope) -> list[PhotoRecord]:
    """Read the photos of a scope: every frame of a collapsed series that the filter lets through."""
    ids = reader.ids(replace(scope.query, collapse_series=False))
    if not scope.selected:
        return reader.photos(ids)
    wanted = set(scope.selected)
    if scope.query.collapse_series:
        shown = set(ids)
        closed = {cell.series_id for cell in reader.cells(scope.selected)} - scope.query.open_series - {None}
        for series in closed:
            wanted.update(frame.id for frame in reader.series_frames(series or 0) if frame.id in shown)
    return reader.photos([photo for photo in ids if photo in wanted])


def scope_in_words(scope: Scope, photos: Sequence[PhotoRecord]) -> str:
    """``"Of the 340 photos shown, all frames of 21 bursts included."``."""
    bursts = {photo.series_id for photo in photos if photo.series_kind is SeriesKind.BURST}
    which = _("Of the {photos} selected") if scope.selected else _("Of the {photos} shown")
    said = which.format(photos=count_of(len(photos), "photo"))
    if not bursts:
        return f"{said}."
    return _("{photos}, all frames of {bursts} included.").format(photos=said, bursts=count_of(len(bursts), "burst"))
