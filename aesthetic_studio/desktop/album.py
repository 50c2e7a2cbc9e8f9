"""The album being looked at: which photos, in which order, and how it stays in place while the library changes."""

from __future__ import annotations

import time
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from aesthetic_studio.albums import PhotoFilter, PhotoQuery, Search, SortKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aesthetic_studio.desktop.grid.model import PhotoListModel
    from aesthetic_studio.desktop.grid.view import GridView
    from aesthetic_studio.desktop.work.reader import AlbumAnswer, LibraryReader

CALM = 4
"""Reading the album again waits so many times as long as reading it took."""

DESCENDING_BY_NATURE = frozenset(SortKey) - {
    SortKey.TIME,
    SortKey.NAME,
    SortKey.CAMERA,
    SortKey.ISO,
    SortKey.FOCAL_LENGTH,
}
"""The best and the most come first; times and names run forwards, and settings as their dials do."""


class Album(QObject):
    """Holds the query, asks for its photos, and puts them into the grid's model.

    The grid keeps the current photo, selection and place over a change; where nobody has chosen a photo yet, the first
    one stays current instead, so that the best photos are in sight while scores come in.

    A photo that a decision takes out of the album is out of it at once: the next key is about the photo that is seen
    then, however long the library takes to write the decision and to answer again. Until an answer knows of the
    decision, photos that have left are kept out of every answer.

    Signals:
        loaded: An ``AlbumAnswer``, after the grid shows it.
        query_changed: The ``PhotoQuery``.
        opened_at: The photo that ``open_at`` was asked for is current now; −1 where the filter hides it.
    """

    loaded = Signal(object)
    query_changed = Signal(object)
    opened_at = Signal(int)

    def __init__(
        self,
        reader: LibraryReader,
        model: PhotoListModel,
        grid: GridView,
        query: PhotoQuery,
        *,
        may_follow: Callable[[], bool],
        searcher: LibraryReader | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._model = model
        self._grid = grid
        self._may_follow = may_follow
        self._generation = -1
        self._given: int | None = None
        self._wanted: int | None = None
        self._then_current: int | None = None
        self._leaving: dict[int, int | None] = {}
        self._asked_at = 0.0
        self._took_s = 0.0
        self.query = query
        self.answer: AlbumAnswer | None = None
        # A search may take long, and must not keep the reader from all other questions.
        self._searcher = searcher or reader
        reader.album_loaded.connect(self._on_album_loaded)
        if searcher is not None:
            searcher.album_loaded.connect(self._on_album_loaded)

    # -- what is shown -----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask for the photos again; answers to older questions are dropped."""
        self._asked_at = time.monotonic()
        reader = self._reader if self.query.search is None else self._searcher
        self._generation = reader.request_album(self.query)

    def refresh_at(self, photo_id: int) -> None:
        """Ask again, then make this photo current: it took the place of the one that was."""
        self._then_current = photo_id
        self.refresh()

    def leave(self, photo_ids: Sequence[int]) -> None:
        """Take photos out that were decided about; the next one after the current takes its place."""
        leaving, ids = frozenset(photo_ids), self._model.ids
        rows = self._model.rows_of(leaving)
        start = self._model.row_of(self._grid.current_id() or -1)
        ahead = (photo for photo in ids[max(0, start) :] if photo not in leaving)
        behind = (photo for photo in reversed(ids[: max(0, start)]) if photo not in leaving)
        heir = next(ahead, next(behind, None))
        self._leaving.update(dict.fromkeys(leaving))
        self._model.reset(_without(ids, rows))
        if heir is not None:
            self._grid.set_current_id(heir)

    def settle(self, photo_ids: Sequence[int], *, back: bool = False) -> None:
        """Ask again once a decision about these photos is in the library; ``back`` makes the first of them current."""
        if back and photo_ids:
            for photo in photo_ids:
                self._leaving.pop(photo, None)
            self.refresh_at(photo_ids[0])
            return
        self.refresh()
        for photo in photo_ids:
            if photo in self._leaving:
                self._leaving[photo] = self._generation

    def has_left(self, photo_ids: Sequence[int]) -> bool:
        """Whether one of these photos is kept out of sight until the library knows of a decision."""
        return any(photo in self._leaving for photo in photo_ids)

    def recall(self) -> None:
        """Show the photos that left again where the library says so: a decision could not be written."""
        if self._leaving:
            self._leaving.clear()
            self.refresh()

    def show(self, wanted: PhotoFilter, sort: SortKey, *, descending: bool) -> None:
        """Show these photos in this order."""
        self._set_query(replace(self.query, filter=wanted, sort=sort, descending=descending))

    def set_filter(self, wanted: PhotoFilter) -> None:
        """Show these photos."""
        self._set_query(replace(self.query, filter=wanted))

    def set_search(self, search: Search | None) -> None:
        """Show only what is found by its look, or no longer."""
        if search is None and self._searcher is not self._reader:
            self._searcher.let_go()
        self._set_query(replace(self.query, search=search))

    def set_sort(self, key: SortKey) -> None:
        """Order by ``key``, best or first on top."""
        if key is not self.query.sort:
            self._set_query(replace(self.query, sort=key, descending=key in DESCENDING_BY_NATURE))

    def toggle_direction(self) -> None:
        """Turn the order round."""
        self._set_query(replace(self.query, descending=not self.query.descending))

    def toggle_collapse(self) -> None:
        """Show every series under its best frame, or all frames."""
        collapse = not self.query.collapse_series
        self._set_query(replace(self.query, collapse_series=collapse, open_series=frozenset()))

    def toggle_series(self, series_id: int, best: int) -> None:
        """Open one collapsed series frame by frame, or close it again under its ``best`` frame."""
        if series_id in self.query.open_series and best >= 0:
            self._then_current = best
        self._set_query(replace(self.query, open_series=self.query.open_series ^ {series_id}))

    def open_at(self, series_id: int, photo_id: int) -> None:
        """Open a series and make this frame of it current."""
        self._wanted = photo_id
        self._set_query(replace(self.query, open_series=self.query.open_series | {series_id}))

    def calm_pause_ms(self) -> int:
        """How long to wait before reading again while work changes the library, so that reading stays a small share."""
        return round(1000 * CALM * self._took_s)

    def touch(self) -> None:
        """Note that the person did something with the current photo: it stays current from now on."""
        self._given = None

    @property
    def is_settled(self) -> bool:
        """Whether what is shown answers the newest question."""
        return self.answer is not None and self.answer.generation == self._generation

    @property
    def depends_on_verdicts(self) -> bool:
        """Whether a decision may take a photo out of the album or into it."""
        return self.query.filter.depends_on_verdicts

    # -- how ---------------------------------------------------------------------------------------------------------

    def _set_query(self, query: PhotoQuery) -> None:
        if query != self.query:
            self.query = query
            self._grid.set_open_series(query.open_series)
            self.query_changed.emit(query)
            self.refresh()

    def _on_album_loaded(self, answer: AlbumAnswer) -> None:
        if answer.generation != self._generation:
            return
        self._took_s = time.monotonic() - self._asked_at
        if answer.query != self.query:
            # The search could not be answered; why has been told.
            self.query = answer.query
            self.query_changed.emit(answer.query)
        follow = self._follows()
        answer = self._without_those_leaving(answer)
        self.answer = answer
        self._model.reset(answer.ids)
        if len(answer.ids) and (follow or self._grid.current_id() is None):
            self._given = answer.ids[0]
            self._grid.set_current_id(self._given)
        self._go_to_wanted()
        self.loaded.emit(answer)

    def _without_those_leaving(self, answer: AlbumAnswer) -> AlbumAnswer:
        known = {photo for photo, since in self._leaving.items() if since is not None and since <= answer.generation}
        for photo in known:
            del self._leaving[photo]
        if not self._leaving:
            return answer
        ids = array("q", (photo for photo in answer.ids if photo not in self._leaving))
        return replace(answer, ids=ids)

    def _go_to_wanted(self) -> None:
        closed, self._then_current = self._then_current, None
        if closed is not None:
            self._grid.set_current_id(closed)
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._given = None
            self.opened_at.emit(wanted if self._grid.set_current_id(wanted) else -1)

    def _follows(self) -> bool:
        """Whether the first photo is current only because some photo has to be."""
        current = self._grid.current_id()
        if current is None:
            return True
        at_top = self._grid.verticalScrollBar().value() == 0
        return current == self._given and at_top and self._grid.selection_count() <= 1 and self._may_follow()


def _without(ids: array[int], rows: Sequence[int]) -> array[int]:
    """The ids of the other rows; ``rows`` ascend."""
    kept, start = array("q"), 0
    for row in rows:
        kept.extend(ids[start:row])
        start = row + 1
    kept.extend(ids[start:])
    return kept
