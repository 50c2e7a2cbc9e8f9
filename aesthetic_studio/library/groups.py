"""Series of photos, as the catalogue keeps them, folder by folder."""

from __future__ import annotations

from collections import Counter
from threading import get_ident
from typing import TYPE_CHECKING

from aesthetic_studio.library.folders import Folders, dissolve
from aesthetic_studio.library.rows import RECORD_SQL, from_db, record, to_db, to_json
from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        """The folder's photos that are there and could be read, in order of path."""
        row = self._store.one("SELECT id, changed FROM folder WHERE path = ?", (to_db(folder),))
        if row is None:
            return []
        self._read_at[folder, get_ident()] = row[1]
        found = self._store.all(
            f"{RECORD_SQL} WHERE p.folder_id = ? AND p.state = 0 AND p.content_id IS NOT NULL ORDER BY p.path",
            (row[0],),
        )
        return [record(values) for values in found]

    def replace(self, folder: str, series: Sequence[Series]) -> None:
        """Store a folder's series in place of those it had, and mark the folder as grouped.

        A series that holds a frame which the person chose is represented by that one, whatever is found best now.
        """
        with self._store.transaction():
            row = self._store.one("SELECT id, changed, grouped FROM folder WHERE path = ?", (to_db(folder),))
            if row is None:
                return
            folder_id, changed, grouped = row
            read = self._read_at.pop((folder, get_ident()), changed)
            if read < grouped:
                return  # found meanwhile by somebody who had read more
            before: dict[int, int] = dict(
                self._store.all(
                    "SELECT id, series_id FROM photo WHERE folder_id = ? AND series_id IS NOT NULL", (folder_id,)
                )
            )
            inside = {photo for (photo,) in self._store.all("SELECT id FROM photo WHERE folder_id = ?", (folder_id,))}
            old = self._store.all("SELECT id FROM series WHERE folder_id = ?", (folder_id,))
            dissolve(self._store, [one for (one,) in old])
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
                    "series_order = ?4, reasons = ?5, listing = min(listing, ?6) WHERE id = ?7",
                    [_member(series_id, frame) for frame in frames],
                )
            self._choices.settle(self._choices.series_in(folder_id))
            self._store.run("UPDATE folder SET grouped = ? WHERE id = ?", (read, folder_id))

    @staticmethod
    def _id_for(photos: Sequence[int], before: dict[int, int], used: set[int]) -> int | None:
        """The id of the old series that most of these photos were in, so that an opened series stays open."""
        for old, _ in Counter(before[photo] for photo in photos if photo in before).most_common():
            if old not in used:
                used.add(old)
                return old
        return None


def _member(series_id: int, frame: Frame) -> tuple[int, int, bool, int, str, int, int]:
    reasons = to_json([shown(reason) for reason in frame.reasons])
    order = 0 if frame.best else frame.rank
    return series_id, frame.rank, frame.best, order, reasons, 2 if frame.best else 1, frame.photo_id
