"""Which photo a file is: identity by content.

A catalogued photo is a row; its verdict lives in the row. When a file is stored, the row it belongs to is looked for
in this order:

1. the row at its path, where that has the same content;
2. a row of the same content whose file is gone from its place: the photo was moved or renamed, or changed names with
   another one;
3. a row that seemed edited in place earlier in this scan, while in truth its photo had moved here;
4. the row at its path: the photo was edited in place;
5. none: a new photo, the twin of another where the content is already known.
"""

# ruff: noqa: PTH116, PTH118, PTH119, PTH121, PTH123 - strings all the way: a Path a file would cost more than the walk itself


# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from aesthetic_studio.library.rows import (
    ACTIVE_MODEL,
    folded,
    from_db,
    from_json,
    name_key,
    sharpness_of,
    to_db,
    to_json,
)
from aesthetic_studio.paths import shown
from aesthetic_studio.records import PhotoFacts, PhotoFile, PhotoState, UnreadableFile

if TYPE_CHECKING:
    from aesthetic_studio.library.connection import Store
    from aesthetic_studio.library.contents import Contents
    from aesthetic_studio.library.folders import Folders
    from aesthetic_studio.library.words import PhotoWords

_CANDIDATES = 64
"""Of many identical files, so many are checked on disk: the likeliest first."""

_ROW = (
    "SELECT id, folder_id, path, state, content_id, size, mtime_ns, rating OR flag OR label, companions, "
    "problem, advice FROM photo "
)

_REPEAT_FACTS = f"""
UPDATE photo SET (taken, gear_id, iso, focal_mm, pixels, sharpness, score, spread, faces) = (
    SELECT c.taken, c.gear_id, c.iso, c.focal_length_mm, c.width * c.height, ?, s.mean, s.spread, l.faces FROM content c
    LEFT JOIN score s ON s.content_id = c.id AND s.model_id = {ACTIVE_MODEL}
    LEFT JOIN face_look l ON l.content_id = c.id
    WHERE c.id = photo.content_id)
WHERE id = ?
"""


@dataclass(frozen=True, slots=True)
class _Row:
    """The part of a photo's row that tells who it is."""

    id: int
    folder_id: int
    path: str | bytes
    state: int
    content_id: int | None
    size: int
    mtime_ns: int
    has_verdict: int
    companions: str
    problem: str | None
    advice: str | None

    def file(self) -> PhotoFile:
        """The file as it was when the row was stored."""
        folder, name = os.path.split(from_db(self.path))
        return PhotoFile(folder, name, self.size, self.mtime_ns, from_json(self.companions))


class Photos:
    """Stores files as photos."""

    def __init__(self, store: Store, contents: Contents, folders: Folders, words: PhotoWords) -> None:
        self._store = store
        self._contents = contents
        self._folders = folders
        self._words = words

    def store_facts(self, file: PhotoFile, facts: PhotoFacts) -> int:
        """Store what a decode told; says the photo's id."""
        with self._store.transaction():
            return self._place(file, self._contents.put(facts))

    def relink(self, file: PhotoFile, content_hash: bytes) -> int | None:
        """Store a file whose content is known already; ``None`` where it has to be decoded."""
        with self._store.transaction():
            content = self._contents.find(content_hash)
            return None if content is None else self._place(file, content)

    def might_be_known(self, file: PhotoFile) -> bool:
        """Whether some photo has just this size, so that hashing the file may save decoding it."""
        found = self._store.value("SELECT 1 FROM photo WHERE size = ? AND content_id IS NOT NULL LIMIT 1", (file.size,))
        return found is not None

    def store_unreadable(self, file: PhotoFile, problem: UnreadableFile) -> int:
        """Remember that no photo can be made of a file; what was known of it before stays."""
        with self._store.transaction():
            folder = self._folders.ensure(file.folder)
            here = self._at(to_db(path_of(file)))
            photo = here.id if here is not None else self._insert(file, folder, None)
            self._store.run(
                "UPDATE photo SET state = ?, size = ?, mtime_ns = ?, companions = ?, problem = ?, advice = ? "
                "WHERE id = ?",
                (
                    PhotoState.UNREADABLE,
                    file.size,
                    file.mtime_ns,
                    to_json(file.companions),
                    shown(problem.reason),
                    shown(problem.advice),
                    photo,
                ),
            )
            self._folders.file_stored(file, folder)
            return photo

    def _place(self, file: PhotoFile, content: int) -> int:
        """Find or make the row of this file and bring it up to date."""
        folder = self._folders.ensure(file.folder)
        path = to_db(path_of(file))
        here = self._at(path)
        if here is not None and here.content_id == content:
            row: _Row | None = here
        elif (gone := self._gone_row(content, path)) is not None:
            self._make_way(here)
            row = gone
        elif (mistaken := self._edited_row(content, here)) is not None:
            self._make_way(here)
            row = mistaken
        else:
            row = here
        photo = self._insert(file, folder, content) if row is None else self._update(row, file, folder, content)
        if row is not None and row.path != path:
            self._fill_old_place(row, content)
        self._words.file_stored(photo, file, content, None if row is None else row.content_id)
        self._folders.file_stored(file, folder)
        return photo

    def _at(self, path: str | bytes) -> _Row | None:
        row = self._store.one(_ROW + "WHERE path = ? AND state <> 1", (path,))
        return None if row is None else _Row(*row)

    def _gone_row(self, content: int, path: str | bytes) -> _Row | None:
        """A row of this content whose file is no longer where the row says."""
        name = to_db(os.path.basename(from_db(path)))
        rows = self._store.all(
            _ROW + "WHERE content_id = ? ORDER BY path = ? DESC, name = ? DESC, state = 1 DESC, "
            "(rating OR flag OR label) DESC, id LIMIT ?",
            (content, path, name, _CANDIDATES),
        )
        if not rows:
            return None
        content_hash = self._store.value("SELECT hash FROM content WHERE id = ?", (content,))
        for row in (_Row(*values) for values in rows):
            if row.path == path or not _is_still_there(row, from_db(path), content_hash):
                return row
        return None

    def _edited_row(self, content: int, here: _Row | None) -> _Row | None:
        """A row that had this content until earlier in this scan."""
        row = self._store.one(
            _ROW + "WHERE previous_content_id = ? AND id <> ? LIMIT 1", (content, here.id if here else 0)
        )
        return None if row is None else _Row(*row)

    def _make_way(self, here: _Row | None) -> None:
        """Another photo takes this row's path: its own photo is gone from here, perhaps to be found elsewhere."""
        if here is None:
            return
        if here.content_id is None and not here.has_verdict:
            self._store.run("DELETE FROM photo WHERE id = ?", (here.id,))
        else:
            self._store.run(
                "UPDATE photo SET state = ?, problem = NULL, advice = NULL WHERE id = ?", (PhotoState.MISSING, here.id)
            )

    def _update(self, row: _Row, file: PhotoFile, folder: int, content: int) -> int:
        """The row now stands for this file."""
        path = to_db(path_of(file))
        is_edited = row.content_id is not None and row.content_id != content and row.path == path
        if folder != row.folder_id or row.content_id != content:
            self._folders.dissolve_series_of([row.id])
        if folder != row.folder_id:
            self._folders.touch([row.folder_id])
            if row.state != PhotoState.MISSING:
                self._folders.forget_signatures([row.folder_id])
        self._store.run(
            "UPDATE photo SET folder_id = ?, path = ?, name = ?, search = ?, name_key = ?, size = ?, mtime_ns = ?, "
            "companions = ?, content_id = ?, previous_content_id = ?, state = 0, problem = NULL, advice = NULL, "
            "listing = CASE listing WHEN 0 THEN 2 ELSE listing END WHERE id = ?",
            (
                folder,
                path,
                to_db(file.name),
                folded(file.name),
                name_key(file.name),
                file.size,
                file.mtime_ns,
                to_json(file.companions),
                content,
                row.content_id if is_edited else None,
                row.id,
            ),
        )
        self._repeat_facts(row.id, content)
        return row.id

    def _fill_old_place(self, row: _Row, content: int) -> None:
        """Give another file, stored at the moved row's old place before, a row of its own."""
        if row.content_id != content and row.content_id is not None:
            self._insert(row.file(), row.folder_id, row.content_id)
        elif row.state == PhotoState.UNREADABLE:
            photo = self._insert(row.file(), row.folder_id, None)
            self._store.run(
                "UPDATE photo SET state = ?, problem = ?, advice = ? WHERE id = ?",
                (PhotoState.UNREADABLE, row.problem, row.advice, photo),
            )

    def _insert(self, file: PhotoFile, folder: int, content: int | None) -> int:
        photo = self._store.insert(
            "INSERT INTO photo (folder_id, path, name, state, content_id, size, mtime_ns, search, name_key, "
            "companions) VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?)",
            (
                folder,
                to_db(path_of(file)),
                to_db(file.name),
                content,
                file.size,
                file.mtime_ns,
                folded(file.name),
                name_key(file.name),
                to_json(file.companions),
            ),
        )
        if content is not None:
            self._repeat_facts(photo, content)
        return photo

    def _repeat_facts(self, photo: int, content: int) -> None:
        packed = self._store.value("SELECT measurements FROM technical WHERE content_id = ?", (content,))
        self._store.run(_REPEAT_FACTS, (sharpness_of(packed), photo))


def path_of(file: PhotoFile) -> str:
    """The main file's path as a string; a ``Path`` would cost more than the rest of the lookup."""
    return os.path.join(file.folder, file.name)


def _is_still_there(row: _Row, found_at: str, content_hash: bytes) -> bool:
    """Whether the row's file is at its place with its content, besides the file that was found now."""
    path = from_db(row.path)
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True  # out of reach tells nothing
    if not stat.S_ISREG(status.st_mode) or row.state == PhotoState.UNREADABLE:
        return False
    if path.casefold() == found_at.casefold() and _is_same_file(path, found_at):
        return False  # a rename in case only, on a file system that does not tell case
    if status.st_size != row.size:
        return False
    return status.st_mtime_ns == row.mtime_ns or _hash(path) == content_hash


def _is_same_file(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _hash(path: str) -> bytes | None:
    """The same hash that identifies contents, for the rare file that has its old size and a new time."""
    digest = blake2b(digest_size=16)
    try:
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError:
        return None
    return digest.digest()
