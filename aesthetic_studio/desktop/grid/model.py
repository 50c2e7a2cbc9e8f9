"""The photos of an album as a Qt list model: an array of ids, and cells fetched in pages as they are looked at.

A million photos cost eight bytes each; what a cell shows is asked for only when it is painted, and forgotten again.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from aesthetic_studio.desktop.toolkit.words import count_of, label_name
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag, GridCell, Label, PhotoRecord, PhotoState, SeriesKind, Verdict
from aesthetic_studio.translation import N_, Texts, _, decimal, inside

FetchCells = Callable[[Sequence[int]], list[GridCell]]
"""Answers with the cells of these ids; an id that is not known any more may be left out."""

PAGE_SIZE = 200
CACHED_PAGES = 48
FEW = 12
"""Up to so many ids are looked up one by one; more are found in one pass over the album."""

ONE_OF = Texts(
    {
        SeriesKind.BURST: N_("one of a burst of {count}"),
        SeriesKind.BRACKET: N_("one of an exposure bracket of {count}"),
        SeriesKind.PANORAMA: N_("one of a panorama of {count}"),
        SeriesKind.FOCUS: N_("one of a focus stack of {count}"),
    }
)
# A set that is kept whole has no best frame, only one that stands for it.
STANDS_FOR = Texts(
    {
        SeriesKind.BURST: N_("best of a burst of {count}"),
        SeriesKind.BRACKET: N_("stands for an exposure bracket of {count}"),
        SeriesKind.PANORAMA: N_("stands for a panorama of {count}"),
        SeriesKind.FOCUS: N_("stands for a focus stack of {count}"),
    }
)
STATE_NAMES = Texts(
    {
        PhotoState.MISSING: N_("file missing"),
        PhotoState.OFFLINE: N_("drive offline"),
        PhotoState.UNREADABLE: N_("file unreadable"),
    }
)

_NO_PARENT = QModelIndex()


def spoken_text(cell: GridCell) -> str:
    """What a screen reader says of a photo: ``"IMG_1.jpg, score 6.3, 4 stars, picked, best of a burst of 7"``."""
    parts = [shown(cell.name)]
    if cell.state in STATE_NAMES:
        parts.append(STATE_NAMES[cell.state])
    parts.append(_("not scored yet") if cell.score is None else _("score {mean}").format(mean=decimal(cell.score)))
    if cell.verdict.rating:
        parts.append(count_of(cell.verdict.rating, "star"))
    if cell.verdict.flag is Flag.PICK:
        parts.append(_("picked"))
    elif cell.verdict.flag is Flag.REJECT:
        parts.append(_("rejected"))
    if cell.verdict.label is not Label.NONE:
        parts.append(_("{colour} label").format(colour=inside(label_name(cell.verdict.label))))
    if cell.series_kind is not None and cell.series_size > 1:
        if cell.best_of_series and cell.chosen:
            parts.append(_("your choice"))
        places = STANDS_FOR if cell.best_of_series else ONE_OF
        parts.append(places[cell.series_kind].format(count=cell.series_size))
    return ", ".join(parts)


def cell_of(record: PhotoRecord) -> GridCell:
    """What a grid would paint of this record, for views that show whole records."""
    score = None if record.score is None else record.score.distribution
    return GridCell(
        id=record.id,
        content_id=record.content_id,
        name=record.name,
        state=record.state,
        verdict=record.verdict,
        score=None if score is None else score.mean,
        spread=None if score is None else score.spread,
        series_id=record.series_id,
        series_kind=record.series_kind,
        series_size=record.series_size,
        best_of_series=record.best_of_series,
        chosen=record.chosen,
    )


class PhotoListModel(QAbstractListModel):
    """An album's photos in order.

    Attributes:
        IdRole: The photo's id.
        CellRole: The photo's ``GridCell``.
    """

    IdRole = int(Qt.ItemDataRole.UserRole) + 1
    CellRole = int(Qt.ItemDataRole.UserRole) + 2

    def __init__(
        self,
        fetch: FetchCells,
        parent: QObject | None = None,
        *,
        page_size: int = PAGE_SIZE,
        cached_pages: int = CACHED_PAGES,
    ) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._page_size = page_size
        self._cached_pages = cached_pages
        self._ids: array[int] = array("q")
        self._packed = b""
        self._pages: OrderedDict[int, list[GridCell]] = OrderedDict()

    # -- what Qt asks ------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_PARENT) -> int:  # noqa: N802
        """The number of photos."""
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a role says of a photo; ``None`` for roles that are not ours."""
        row = index.row()
        if not index.isValid() or not 0 <= row < len(self._ids):
            return None
        if role == self.IdRole:
            return self._ids[row]
        if role == self.CellRole:
            return self.cell_at(row)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return shown(self.cell_at(row).name)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken_text(self.cell_at(row))
        return None

    # -- what the views ask ------------------------------------------------------------

    @property
    def ids(self) -> array[int]:
        """The photos' ids in order. To be read, not written: use ``reset``."""
        return self._ids

    def id_at(self, row: int) -> int | None:
        """The photo in this row, ``None`` outside the album."""
        return self._ids[row] if 0 <= row < len(self._ids) else None

    def cell_at(self, row: int) -> GridCell:
        """What to paint for this row. Raises ``IndexError`` outside the album."""
        if not 0 <= row < len(self._ids):
            raise IndexError(row)
        return self._page(row // self._page_size)[row % self._page_size]

    def row_of(self, photo_id: int, hint: int = 0) -> int:
        """The row of a photo, −1 where the album does not hold it; rows near ``hint`` are looked at first.

        One pass over the packed ids at the speed of a byte search (a millisecond at a million photos), so that no
        index has to be kept, and none rebuilt at every change of filter.
        """
        low, high = max(0, hint - self._page_size), hint + self._page_size
        try:
            return low + self._ids[low:high].index(photo_id)
        except ValueError:
            pass
        needle = array("q", (photo_id,)).tobytes()
        if not self._packed:
            self._packed = self._ids.tobytes()
        at = self._packed.find(needle)
        while at >= 0 and at % len(needle):
            at = self._packed.find(needle, at + 1)
        return at // len(needle)

    def rows_of(self, photo_ids: Iterable[int]) -> list[int]:
        """The rows of those photos that the album holds, ascending."""
        wanted = frozenset(photo_ids)
        if len(wanted) <= FEW:
            return sorted(row for row in map(self.row_of, wanted) if row >= 0)
        return [row for row, photo_id in enumerate(self._ids) if photo_id in wanted]

    # -- what changes it ------------------------------------------------------------

    def reset(self, ids: Sequence[int]) -> None:
        """Show these photos instead. The same photos in the same order only look at their cells again."""
        new_ids = ids if isinstance(ids, array) and ids.typecode == "q" else array("q", ids)
        if len(new_ids) and new_ids == self._ids:
            self.refresh_all()
            return
        self.beginResetModel()
        self._ids = new_ids
        self._packed = b""
        self._pages.clear()
        self.endResetModel()

    def refresh_all(self) -> None:
        """Every cell may have changed: fetch those that are looked at again."""
        self._pages.clear()
        if self._ids:
            self.dataChanged.emit(self.index(0), self.index(len(self._ids) - 1))

    def refresh_cells(self, photo_ids: Iterable[int]) -> None:
        """These photos changed. Costs what is cached of them, however many they are."""
        wanted = frozenset(photo_ids)
        rows = [
            page * self._page_size + place
            for page, cells in self._pages.items()
            for place, cell in enumerate(cells)
            if cell.id in wanted
        ]
        if not rows:
            return
        rows.sort()
        fresh = {cell.id: cell for cell in self._fetch([self._ids[row] for row in rows])}
        for row in rows:
            photo_id = self._ids[row]
            self._pages[row // self._page_size][row % self._page_size] = fresh.get(photo_id) or _unknown_cell(photo_id)
        for first, last in _runs(rows):
            self.dataChanged.emit(self.index(first), self.index(last))

    def _page(self, page: int) -> list[GridCell]:
        cells = self._pages.get(page)
        if cells is not None:
            self._pages.move_to_end(page)
            return cells
        ids = self._ids[page * self._page_size : (page + 1) * self._page_size]
        fetched = {cell.id: cell for cell in self._fetch(ids)}
        cells = [fetched.get(photo_id) or _unknown_cell(photo_id) for photo_id in ids]
        self._pages[page] = cells
        while len(self._pages) > self._cached_pages:
            self._pages.popitem(last=False)
        return cells


def _unknown_cell(photo_id: int) -> GridCell:
    """Stands for a photo that was removed while the album still lists it, so that painting never fails."""
    return GridCell(id=photo_id, content_id=-1, name="", state=PhotoState.MISSING, verdict=Verdict())


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending rows as (first, last) of each unbroken run."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
