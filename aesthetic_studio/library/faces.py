"""Faces by content, and which version of the models looked for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aesthetic_studio.library.connection import in_chunks
from aesthetic_studio.library.rows import from_db
from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aesthetic_studio.faces import Face
    from aesthetic_studio.library.connection import Store

_DIGITS = 6
"""Decimals that are kept: a pixel of the largest photo is more, and what is read back is what was stored."""

_UNLOOKED = """
SELECT c.id, p.id, p.path FROM content c JOIN photo p ON p.content_id = c.id
WHERE c.has_preview AND p.listing > 0 AND p.state = 0
AND NOT EXISTS (SELECT 1 FROM face_look l WHERE l.content_id = c.id AND l.version = ?)
"""

Unlooked = tuple[int, int, str]
"""A content, a photo that has it, and that photo's path."""


class Faces:
    """Writes faces and says what is still to be looked at."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def store(self, version: str, looks: Iterable[tuple[int, Sequence[Face]]]) -> None:
        """Keep what was seen of each content, none included, in place of what an earlier look saw.

        Folders whose photos have faces are grouped anew: eyes are part of how frames stand beside each other.
        """
        with self._store.transaction():
            for content, faces in looks:
                known = self._store.value("SELECT faces FROM face_look WHERE content_id = ?", (content,))
                self._store.run("DELETE FROM face WHERE content_id = ?", (content,))
                self._store.run(
                    "INSERT OR REPLACE INTO face_look (content_id, version, faces) VALUES (?, ?, ?)",
                    (content, shown(version), len(faces)),
                )
                self._store.run("UPDATE photo SET faces = ? WHERE content_id = ?", (len(faces), content))
                self._store.run_many(
                    "INSERT INTO face (content_id, number, x, y, width, height, confidence, eyes_open, "
                    "eyes_confidence, sharpness) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [(content, number, *_row(face)) for number, face in enumerate(faces, start=1)],
                )
                if faces or known:
                    self._store.run(
                        "UPDATE folder SET changed = changed + 1 "
                        "WHERE id IN (SELECT folder_id FROM photo WHERE content_id = ?)",
                        (content,),
                    )

    def unlooked(self, version: str, *, limit: int, after: int = 0, first: Sequence[int] = ()) -> list[Unlooked]:
        """Contents that this version has not looked at, the photos of ``first`` ahead, the rest by content.

        Only photos whose file is there. ``after`` leaves out contents up to that one, but for those of ``first``.
        """
        found: dict[int, Unlooked] = {}
        for marks, chunk in in_chunks(first):
            rows = self._store.all(f"{_UNLOOKED} AND p.id IN ({marks})", (shown(version), *chunk))
            order = {photo: place for place, photo in enumerate(chunk)}
            for row in sorted(rows, key=lambda row: order[row[1]]):
                found.setdefault(row[0], (row[0], row[1], from_db(row[2])))
        if len(found) < limit:
            rows = self._store.all(
                f"{_UNLOOKED} AND c.id > ? GROUP BY c.id ORDER BY c.id LIMIT ?", (shown(version), after, limit)
            )
            for content, photo, path in rows:
                found.setdefault(content, (content, photo, from_db(path)))
        return list(found.values())[:limit]

    def unlooked_among(self, version: str, photos: Sequence[int]) -> list[int]:
        """Those of these photos that this version has not looked at, in their order."""
        left: set[int] = set()
        for marks, chunk in in_chunks(photos):
            rows = self._store.all(f"{_UNLOOKED} AND p.id IN ({marks})", (shown(version), *chunk))
            left.update(row[1] for row in rows)
        return [photo for photo in photos if photo in left]

    def looked(self, content: int) -> str | None:
        """Which version looked at a content last; ``None`` where none did."""
        found: str | None = self._store.value("SELECT version FROM face_look WHERE content_id = ?", (content,))
        return found

    def counts(self, version: str) -> tuple[int, int]:
        """How many contents this version has looked at, of how many whose files are there."""
        there = (
            "SELECT count(DISTINCT p.content_id) FROM photo p JOIN content c ON c.id = p.content_id "
            "{} WHERE p.listing > 0 AND p.state = 0 AND c.has_preview"
        )
        looked = "JOIN face_look l ON l.content_id = c.id AND l.version = ?"
        total = self._store.value(there.format(""))
        return int(self._store.value(there.format(looked), (shown(version),))), int(total)


def _row(face: Face) -> tuple[Any, ...]:
    values = (
        face.x,
        face.y,
        face.width,
        face.height,
        face.confidence,
        face.eyes_open,
        face.eyes_confidence,
        face.sharpness,
    )
    return tuple(None if value is None else round(value, _DIGITS) for value in values)
