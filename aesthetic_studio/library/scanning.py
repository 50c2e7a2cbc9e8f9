"""Bringing the catalogue in line with what a walk found."""

# ruff: noqa: PTH100, PTH110, PTH112, PTH120 - strings all the way: a Path a file would cost more than the walk itself


# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.library.photos import path_of
from aesthetic_studio.library.rows import from_db, to_db, to_json
from aesthetic_studio.library.words import sidecar_mark
from aesthetic_studio.records import PhotoFile, PhotoState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from aesthetic_studio.library.by_hand import ByHand
    from aesthetic_studio.library.connection import Store
    from aesthetic_studio.library.folders import Folders
    from aesthetic_studio.library.scan import FolderScan

_OFFLINE_SQL = "UPDATE photo SET state = 2 WHERE folder_id = ? AND state IN (0, 3)"
_ONLINE_SQL = "UPDATE photo SET state = CASE WHEN problem IS NULL THEN 0 ELSE 3 END WHERE folder_id = ? AND state = 2"


@dataclass(frozen=True, slots=True)
class _Known:
    """What the catalogue knows of one file of a folder."""

    id: int
    state: int
    size: int
    mtime_ns: int
    companions: str
    is_read: int
    sidecar_mark: str
    """The state of its sidecars when they were read."""

    def is_current(self, file: PhotoFile) -> bool:
        """Whether the file is as it was when it was read."""
        return bool(self.is_read) and (self.size, self.mtime_ns) == (file.size, file.mtime_ns)


class Scanning:
    """Applies walks to the catalogue."""

    def __init__(self, store: Store, folders: Folders, by_hand: ByHand) -> None:
        self._store = store
        self._folders = folders
        self._by_hand = by_hand
        self._vanished: set[int] = set()

    def add_root(self, folder: str) -> None:
        """Remember a folder that the person chose; its photos are listed again if they were not."""
        path = _absolute(folder)
        with self._store.transaction():
            self._store.run("INSERT OR IGNORE INTO root (path) VALUES (?)", (to_db(path),))
            self._list(self._folders_under([path]).values())

    def roots(self) -> list[str]:
        """The folders that the person chose."""
        return [from_db(path) for (path,) in self._store.all("SELECT path FROM root ORDER BY path")]

    def remove_root(self, folder: str) -> None:
        """List the photos of a root no longer, save those that another root still holds; nothing is forgotten."""
        path = _absolute(folder)
        with self._store.transaction():
            self._store.run("DELETE FROM root WHERE path = ?", (to_db(path),))
            kept = set(self._folders_under(self.roots()).values())
            for one in set(self._folders_under([path]).values()) - kept:
                self._store.run("UPDATE folder SET listed = 0 WHERE id = ?", (one,))
                self._store.run("UPDATE photo SET listing = 0 WHERE folder_id = ?", (one,))

    def apply(self, scan: FolderScan) -> list[PhotoFile]:
        """Take over what a folder holds now; says which of its files have to be read."""
        with self._store.transaction():
            folder = self._folders.find(scan.path)
            if not scan.reachable:
                if folder is not None:
                    self._store.run(_OFFLINE_SQL, (folder,))
                return []
            if folder is None and not scan.files:
                return []
            folder = self._folders.ensure(scan.path)
            self._list([folder])
            if scan.unchanged:
                self._store.run(_ONLINE_SQL, (folder,))
                return []
            to_read = self._compare(folder, scan)
            if not scan.partial:
                self._folders.expect(scan.path, scan.signature, [file.name for file in to_read])
            return to_read

    def _compare(self, folder: int, scan: FolderScan) -> list[PhotoFile]:
        """Match the files of one folder with its rows by path, size and time."""
        there: dict[str | bytes, _Known] = {}
        missing: dict[str | bytes, list[_Known]] = defaultdict(list)
        for path, *values in self._store.all(
            "SELECT p.path, p.id, p.state, p.size, p.mtime_ns, p.companions, "
            "c.has_preview IS 1 AND p.problem IS NULL, coalesce(x.mark, '') FROM photo p "
            "LEFT JOIN content c ON c.id = p.content_id LEFT JOIN sidecar x ON x.photo_id = p.id WHERE p.folder_id = ?",
            (folder,),
        ):
            known = _Known(*values)
            if known.state == PhotoState.MISSING:
                missing[path].append(known)
            else:
                there[path] = known
        to_read = []
        back: list[tuple[str, int]] = []
        reworded: list[tuple[int]] = []
        for file in scan.files:
            path = to_db(path_of(file))
            row = there.pop(path, None)
            if row is None:
                row = next((one for one in missing.get(path, ()) if one.is_current(file)), None)
            if row is None or not row.is_current(file):
                to_read.append(file)
                continue
            if (file.sidecars or row.sidecar_mark) and row.sidecar_mark != sidecar_mark(file):
                reworded.append((row.id,))
            if row.state != PhotoState.PRESENT or row.companions != to_json(file.companions):
                back.append((to_json(file.companions), row.id))
        self._store.run_many("UPDATE photo SET state = 0, companions = ? WHERE id = ?", back)
        self._store.run_many("UPDATE photo SET words_due = 1 WHERE id = ?", reworded)
        if not scan.partial:
            self._miss([row.id for row in there.values()])
        if back or there:
            self._folders.touch([folder])
        return to_read

    def finish(self, roots: Iterable[str], seen_folders: Collection[str], *, interrupted: bool) -> None:
        """Grey what the walk did not meet: missing where its place is there, offline where that is out of reach."""
        if interrupted:
            return
        seen = seen_folders if isinstance(seen_folders, set | frozenset) else set(seen_folders)
        with self._store.transaction():
            for root in map(_absolute, roots):
                is_reachable = os.path.exists(root)
                if not os.path.isdir(root):
                    self._finish_file(root)
                for path, folder in self._folders_under([root]).items():
                    if not is_reachable:
                        self._store.run(_OFFLINE_SQL, (folder,))
                    elif path not in seen:
                        self._finish_unseen(path, folder)
            self._by_hand.hand_on()
            self._store.run("UPDATE photo SET previous_content_id = NULL WHERE previous_content_id IS NOT NULL")
            self._hand_on_verdicts()

    def _finish_file(self, path: str) -> None:
        """A root that is one file, or was."""
        row = self._store.one("SELECT id FROM photo WHERE path = ? AND state <> 1", (to_db(path),))
        if row is not None and not os.path.lexists(path):
            if os.path.isdir(os.path.dirname(path)):
                self._miss([row[0]])
            else:
                self._store.run("UPDATE photo SET state = 2 WHERE id = ?", (row[0],))

    def _finish_unseen(self, path: str, folder: int) -> None:
        rows = self._store.all("SELECT id, path FROM photo WHERE folder_id = ? AND state <> 1", (folder,))
        if not rows:
            return
        try:
            with os.scandir(path):
                pass
        except (FileNotFoundError, NotADirectoryError):
            gone = [photo for photo, _ in rows]
        except OSError:
            self._store.run(_OFFLINE_SQL, (folder,))
            return
        else:
            gone = [photo for photo, file in rows if not os.path.lexists(from_db(file))]
        self._miss(gone)
        if gone:
            self._folders.forget_signatures([folder])
            self._folders.touch([folder])

    def _miss(self, photos: Sequence[int]) -> None:
        self._store.run_many("UPDATE photo SET state = 1 WHERE id = ?", [(photo,) for photo in photos])
        self._vanished.update(photos)

    def _hand_on_verdicts(self) -> None:
        """Of two identical files the judged one was deleted: the other takes over stars, pick and label.

        So a slow move (copy, scan, delete) keeps its verdict too. A reject stays behind: whoever rejects one of two
        copies and deletes it means to keep the other.
        """
        for photo in self._vanished:
            self._store.run(
                """
                UPDATE photo SET (rating, flag, label) = (SELECT rating, flag, label FROM photo WHERE id = ?1)
                WHERE rating = 0 AND flag = 0 AND label = 0 AND state = 0 AND content_id = (
                    SELECT content_id FROM photo
                    WHERE id = ?1 AND state = 1 AND flag >= 0 AND (rating OR flag OR label))
                """,
                (photo,),
            )
        self._vanished.clear()

    def _list(self, folders: Iterable[int]) -> None:
        """Show the photos of these folders, where they were not listed."""
        for folder in folders:
            if self._store.value("SELECT listed FROM folder WHERE id = ?", (folder,)):
                continue
            self._store.run("UPDATE folder SET listed = 1 WHERE id = ?", (folder,))
            self._store.run(
                "UPDATE photo SET listing = CASE WHEN series_id IS NULL OR series_best THEN 2 ELSE 1 END "
                "WHERE folder_id = ?",
                (folder,),
            )

    def _folders_under(self, roots: Iterable[str]) -> dict[str, int]:
        """The known folders that these hold, themselves included."""
        found: dict[str, int] = {}
        for root in roots:
            condition, parameters = under("path", root)
            rows = self._store.all(f"SELECT path, id FROM folder WHERE {condition}", parameters)
            found.update((from_db(path), folder) for path, folder in rows)
        return found


def under(column: str, folder: str) -> tuple[str, list[str | bytes]]:
    """An SQL condition for a folder and everything below it, with its parameters.

    A range and not LIKE, so that an index serves it and ``%`` in a name means itself. Names that are not UTF-8 are
    BLOBs, which SQLite sorts apart, hence the second range.
    """
    folder = folder.rstrip(os.sep) or os.sep
    first = folder if folder.endswith(os.sep) else folder + os.sep
    last = first[:-1] + chr(ord(os.sep) + 1)
    exact, start, end = to_db(folder), to_db(first), to_db(last)
    condition = f"{column} = ? OR ({column} >= ? AND {column} < ?)"
    parameters: list[str | bytes] = [exact, start, end]
    if isinstance(start, str):
        condition += f" OR ({column} >= ? AND {column} < ?)"
        parameters += [os.fsencode(first), os.fsencode(last)]
    return f"({condition})", parameters


def _absolute(folder: str) -> str:
    return os.path.abspath(folder)
