"""The words of photos: what their files and sidecars say, and which of it is still to be read."""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from aesthetic_studio.library.connection import in_chunks
from aesthetic_studio.library.rows import folded, from_db, from_json, to_json
from aesthetic_studio.paths import shown
from aesthetic_studio.records import PhotoFile, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.library.connection import Store


@dataclass(frozen=True, slots=True)
class WordsDue:
    """A photo whose words are to be read."""

    photo_id: int
    file: PhotoFile
    own: bool
    """What its file itself says is to be read too: it was catalogued before anyone asked for words."""


def sidecar_mark(file: PhotoFile) -> str:
    """Which state a photo's sidecars are in now; empty where it has none that can be seen."""
    marks = []
    for name in file.sidecars:
        try:
            status = os.stat(os.path.join(file.folder, name))  # noqa: PTH116, PTH118 - may hold bytes that are not UTF-8
        except (OSError, ValueError):
            continue
        marks.append(f"{shown(name)}/{status.st_size}/{status.st_mtime_ns}")
    return "\n".join(marks)


def words_hash(text: str) -> bytes:
    """What a score keeps of the words it was made with: 8 bytes, none for no words."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).digest() if text else b""


class PhotoWords:
    """Keeps words by content, and those of sidecars by photo."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, content: int, words: Words) -> None:
        """Keep what a content's file says, within the caller's transaction."""
        self._write(content, Words(_shown(words.caption), tuple(map(shown, words.keywords))))

    def due(self, *, after: int, limit: int) -> list[WordsDue]:
        """Photos whose words are to be read, in order of id from ``after`` on."""
        rows = self._store.all(
            "SELECT p.id, p.path, p.size, p.mtime_ns, p.companions, c.words_read FROM photo p "
            "JOIN content c ON c.id = p.content_id "
            "WHERE p.words_due AND p.id > ? AND p.state = 0 AND p.listing > 0 ORDER BY p.id LIMIT ?",
            (after, limit),
        )
        found = []
        for photo, path, size, modified, companions, is_read in rows:
            folder, name = os.path.split(from_db(path))
            found.append(WordsDue(photo, PhotoFile(folder, name, size, modified, from_json(companions)), not is_read))
        return found

    def store(self, photo: int, own: Words | None, mark: str, sidecar: Words, problem: str | None) -> None:
        """Keep what was read for a photo that was due; ``mark`` tells which state of its sidecars that was."""
        with self._store.transaction():
            content = self._store.value("SELECT content_id FROM photo WHERE id = ?", (photo,))
            self._store.run("UPDATE photo SET words_due = 0 WHERE id = ?", (photo,))
            if content is None:
                return
            if mark:
                self._store.run(
                    "INSERT OR REPLACE INTO sidecar (photo_id, mark, caption, keywords, problem) "
                    "VALUES (?, ?, ?, ?, ?)",
                    (
                        photo,
                        mark,
                        _shown(sidecar.caption),
                        to_json([shown(keyword) for keyword in sidecar.keywords]),
                        _shown(problem),
                    ),
                )
            else:
                self._store.run("DELETE FROM sidecar WHERE photo_id = ?", (photo,))
            if own is not None:
                self._store.run("UPDATE content SET words_read = 1 WHERE id = ?", (content,))
                self.put(content, own)
            else:
                self.unite(content)

    def file_stored(self, photo: int, file: PhotoFile, content: int, before: int | None) -> None:
        """A photo's row now stands for this file and content; note whether there are words still to be read."""
        beside = self._store.value("SELECT 1 FROM sidecar WHERE photo_id = ?", (photo,)) is not None
        if beside and before is not None and before != content:
            self.unite(before)
            self.unite(content)
        is_due = beside or bool(file.sidecars)
        self._store.run(
            "UPDATE photo SET words_due = ?1 OR NOT (SELECT words_read FROM content WHERE id = ?2) WHERE id = ?3 "
            "AND words_due <> (?1 OR NOT (SELECT words_read FROM content WHERE id = ?2))",
            (is_due, content, photo),
        )

    def unite(self, content: int) -> None:
        """Bring a content's text in line with its file and the sidecars of its photos."""
        row = self._store.one("SELECT caption, keywords FROM words WHERE content_id = ?", (content,))
        self._write(content, Words() if row is None else Words(row[0], from_json(row[1])))

    def _write(self, content: int, own: Words) -> None:
        united = own
        for caption, keywords in self._store.all(
            "SELECT s.caption, s.keywords FROM sidecar s JOIN photo p ON p.id = s.photo_id "
            "WHERE p.content_id = ? ORDER BY p.id",
            (content,),
        ):
            united = united.with_sidecar(Words(caption, from_json(keywords)))
        if not united:
            self._store.run("DELETE FROM words WHERE content_id = ?", (content,))
            return
        text = united.text
        self._store.run(
            "INSERT OR REPLACE INTO words (content_id, caption, keywords, text, search, hash) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (content, own.caption, to_json(own.keywords), text, folded(text), words_hash(text)),
        )

    def texts(self, contents: Sequence[int]) -> dict[int, str]:
        """Content → its words as one text, those that have any."""
        found: dict[int, str] = {}
        for marks, chunk in in_chunks(contents):
            found.update(self._store.all(f"SELECT content_id, text FROM words WHERE content_id IN ({marks})", chunk))
        return found


def _shown(text: str | None) -> str | None:
    return None if text is None else shown(text)
