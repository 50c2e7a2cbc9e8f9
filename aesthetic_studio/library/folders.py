"""Folders: their signatures, what changed in them since they were grouped, and what is still to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.library.rows import folded, from_db, to_db

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from aesthetic_studio.library.connection import Store
    from aesthetic_studio.records import PhotoFile


class Folders:
    """Keeps the folder table.

    A folder's signature is stored with the last of its files and not before, so that a scan which was killed looks at
    the folder again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ids: dict[str, int] = {}
        self._unread: dict[str, tuple[bytes, set[str]]] = {}
        store.after_rollback(self._forget)

    def _forget(self, _everything: bool) -> None:
        self._ids.clear()
        self._unread.clear()

    def signature(self, path: str) -> bytes | None:
        """The stored signature of a folder whose files are all known."""
        found: bytes | None = self._store.value("SELECT signature FROM folder WHERE path = ?", (to_db(path),))
        return found

    def signatures(self) -> dict[str, bytes]:
        """Every stored signature, in one read."""
        rows = self._store.all("SELECT path, signature FROM folder WHERE signature IS NOT NULL")
        return {from_db(path): signature for path, signature in rows}

    def find(self, path: str) -> int | None:
        """The folder's id, where it is known."""
        found = self._ids.get(path)
        if found is None:
            found = self._store.value("SELECT id FROM folder WHERE path = ?", (to_db(path),))
            if found is not None:
                self._ids[path] = found
        return found

    def ensure(self, path: str) -> int:
        """The folder's id, made where it is new."""
        found = self.find(path)
        if found is None:
            found = self._store.insert("INSERT INTO folder (path, search) VALUES (?, ?)", (to_db(path), folded(path)))
            self._ids[path] = found
        return found

    def expect(self, path: str, signature: bytes, names: Iterable[str]) -> None:
        """Store this signature as soon as all these files are stored, at once where there are none."""
        waiting = set(names)
        if waiting:
            self._unread[path] = (signature, waiting)
            self.forget_signatures([self.ensure(path)])
        else:
            self._unread.pop(path, None)
            self._store.run("UPDATE folder SET signature = ? WHERE path = ?", (signature, to_db(path)))

    def file_stored(self, file: PhotoFile, folder: int) -> None:
        """One file of the folder has been read, or is known to be unreadable."""
        self.touch([folder])
        unread = self._unread.get(file.folder)
        if unread is None:
            return
        signature, waiting = unread
        waiting.discard(file.name)
        if not waiting:
            del self._unread[file.folder]
            self._store.run("UPDATE folder SET signature = ? WHERE id = ?", (signature, folder))

    def forget_signatures(self, folders: Collection[int]) -> None:
        """These folders have to be looked at again by the next scan."""
        self._store.run_many("UPDATE folder SET signature = NULL WHERE id = ?", [(folder,) for folder in folders])

    def touch(self, folders: Collection[int]) -> None:
        """These folders changed, so their series have to be found again."""
        self._store.run_many("UPDATE folder SET changed = changed + 1 WHERE id = ?", [(folder,) for folder in folders])

    def dissolve_series_of(self, photos: Sequence[int]) -> None:
        """Take apart the series that lose a photo: a series without its best frame would hide the others."""
        for photo in photos:
            series = self._store.value("SELECT series_id FROM photo WHERE id = ?", (photo,))
            if series is not None:
                dissolve(self._store, [series])


def dissolve(store: Store, series: Collection[int]) -> None:
    """Make the frames of these series single photos again."""
    ids = [(one,) for one in series]
    store.run_many(
        "UPDATE photo SET series_id = NULL, series_place = NULL, series_rank = NULL, series_best = 0, "
        "series_chosen = 0, series_order = NULL, reasons = '[]', eyes_closed = 0, listing = min(listing * 2, 2) "
        "WHERE series_id = ?",
        ids,
    )
    store.run_many("DELETE FROM series WHERE id = ?", ids)
