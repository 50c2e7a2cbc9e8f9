"""Series of photos, as the catalogue keeps them, folder by folder."""

from __future__ import annotations

from collections import Counter
from threading import get_ident
from typing import TYPE_CHECKING

from aesthetic_studio.library.folders import Folders, dissolve
from aesthetic_studio.library.rows import RECORD_SQL, from_db, record, to_db, to_json
from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from aesthetic_studio.library.choices import Choices
    from aesthetic_studio.library.connection import Store
    from aesthetic_studio.records import Frame, PhotoRecord, Series


ReadAt = dict[tuple[str, int], int]
"""(folder, thread) → the folder's state when that thread read its photos."""


class Groups:
    """Writes series and knows which folders need them found again.

    ``read_at`` is shared with the readers of the same catalogue: photos may be stored while a folder's series are being
    found, and then the folder counts as grouped only up to what was read. Two threads may find them at once; what
    follows from an older state never takes the place of what follows from a newer one.
    """

    def __init__(self, store: Store, folders: Folders, choices: Choices, read_at: ReadAt) -> None:
        self._store = store
        self._folders = folders
        self._choices = choices
        self._read_at = read_at

    def folders_to_group(self) -> list[str]:
        """Folders with photos that changed since their series were found."""
        rows = self._store.all("SELECT path FROM folder WHERE changed <> grouped AND listed ORDER BY path")
        return [from_db(path) for (path,) in rows]

    def records_in_folder(self, folder: str) -> list[PhotoRecord]:
        """The folder's photos that could be read and are there, or on a drive that is not, in order of path."""
        row = self._store.one("SELECT id, changed FROM folder WHERE path = ?", (to_db(folder),))
        if row is None:
            return []
        self._read_at[folder, get_ident()] = row[1]
        found = self._store.all(
            f"{RECORD_SQL} WHERE p.folder_id = ? AND p.state IN (0, 2) AND p.content_id IS NOT NULL ORDER BY p.path",
            (row[0],),
        )
        return [record(values) for values in found]

    def replace(self, folder: str, series: Sequence[Series], among: Collection[int] | None = None) -> None:
        """Store a folder's series in place of those it had, and mark the folder as grouped.

        ``among`` tells that only the series of these photos were found again: the folder's others stay, and it is still
        to be grouped as a whole. A series that holds a frame which the person chose is represented by that one,
        whatever is found best now.
        """
        with self._store.transaction():
            row = self._store.one("SELECT id, changed, grouped FROM folder WHERE path = ?", (to_db(folder),))
            if row is None:
                return
            folder_id, changed, grouped = row
            read = changed if among is not None else self._read_at.pop((folder, get_ident()), changed)
            if read < grouped:
                return  # found meanwhile by somebody who had read more
            inside, before = self._members(folder_id, among)
            whole = "SELECT id FROM series WHERE folder_id = ?"
            old = [one for (one,) in self._store.all(whole, (folder_id,))] if among is None else set(before.values())
            dissolve(self._store, old)
            used: set[int] = set()
            for one in series:
                frames = [frame for frame in one.frames if frame.photo_id in inside]
                if len(frames) < 2 or not any(frame.best for frame in frames):
                    continue  # photos moved away while the series were being found; the folder comes up again
                series_id = self._store.insert(
                    "INSERT INTO series (id, folder_id, kind, size, suggested_id) VALUES (?, ?, ?, ?, ?)",
                    (
                        self._id_for([frame.photo_id for frame in frames], before, used),
                        folder_id,
                        one.kind.value,
                        len(frames),
                        next(frame.photo_id for frame in frames if frame.best),
                    ),
                )
                self._store.run_many(
                    "UPDATE photo SET series_id = ?1, series_place = ?2, series_rank = ?2, series_best = ?3, "
                    "series_order = ?4, reasons = ?5, listing = min(listing, ?6), eyes_closed = ?7 WHERE id = ?8",
                    [_member(series_id, frame) for frame in frames],
                )
            self._choices.settle(self._choices.series_in(folder_id))
            # Part of a folder is newer than what anybody read before, and the whole is still to be found.
            ahead = 0 if among is None else 1
            self._store.run(
                "UPDATE folder SET grouped = ?, changed = changed + ? WHERE id = ?", (read, ahead, folder_id)
            )

    def _members(self, folder: int, among: Collection[int] | None) -> tuple[set[int], dict[int, int]]:
        """The photos of a folder, or those among some of them, and which series each was in."""
        rows = self._store.all("SELECT id, series_id FROM photo WHERE folder_id = ?", (folder,))
        rows = [row for row in rows if among is None or row[0] in among]
        return {photo for photo, _ in rows}, {photo: series for photo, series in rows if series is not None}

    @staticmethod
    def _id_for(photos: Sequence[int], before: dict[int, int], used: set[int]) -> int | None:
        """The id of the old series that most of these photos were in, so that an opened series stays open."""
        for old, _ in Counter(before[photo] for photo in photos if photo in before).most_common():
            if old not in used:
                used.add(old)
                return old
        return None


def _member(series_id: int, frame: Frame) -> tuple[int, int, bool, int, str, int, int, int]:
    reasons = to_json([shown(reason) for reason in frame.reasons])
    order = 0 if frame.best else frame.rank
    listing = 2 if frame.best else 1
    return series_id, frame.rank, frame.best, order, reasons, listing, frame.eyes_closed, frame.photo_id
