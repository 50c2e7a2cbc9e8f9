"""Looks: what a model says each photo shows, kept beside the previews, as they too can be made again."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.library.connection import in_chunks
from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.library.connection import Store
    from aesthetic_studio.library.previews import PreviewStore


@dataclass(frozen=True, slots=True)
class StoredLooks:
    """Looks of one width, one behind the other.

    Attributes:
        contents: Whose they are, in order.
        vectors: Their half floats, little-endian, ``width`` of them each.
        width: Numbers in a look.
    """

    contents: array[int]
    vectors: bytearray
    width: int


class Looks:
    """Writes and reads looks, under the catalogue's lock."""

    def __init__(self, store: Store, previews: PreviewStore) -> None:
        self._store = store
        self._previews = previews

    def store(self, model: str, version: str, rows: Sequence[tuple[int, bytes]]) -> None:
        """Keep looks by content, within the caller's transaction. An empty one says that the model has none."""
        looks = dict(rows)
        hashes: dict[int, bytes] = {}
        for marks, chunk in in_chunks(list(looks)):
            hashes.update(self._store.all(f"SELECT id, hash FROM content WHERE id IN ({marks})", chunk))  # noqa: S608
        self._previews.put_looks(_key(model, version), [(hashes[one], looks[one]) for one in looks if one in hashes])

    def lacking(self, model: str, version: str, limit: int) -> list[int]:
        """Contents that a model has scored and whose look is not kept, by number."""
        with self._store.lock:
            there = self._previews.looked_at(_key(model, version))
            rows = self._store.all(
                "SELECT c.id, c.hash FROM score s JOIN model m ON m.id = s.model_id "
                "JOIN content c ON c.id = s.content_id "
                "WHERE m.name = ? AND m.version = ? AND c.has_preview ORDER BY c.id",
                (shown(model), shown(version)),
            )
        lacking = (content for content, content_hash in rows if content_hash not in there)
        return [content for content, _ in zip(lacking, range(limit), strict=False)]

    def all(self, model: str, version: str) -> StoredLooks:
        """Every look of a model. One of another width than the first is left out, as an empty one is."""
        found, vectors, length = array("q"), bytearray(), 0
        with self._store.lock:
            contents: dict[bytes, int] = dict(self._store.all("SELECT hash, id FROM content"))
            for content_hash, vector in self._previews.looks(_key(model, version)):
                length = length or len(vector)
                content = contents.get(content_hash)
                if content is not None and len(vector) == length > 0:
                    found.append(content)
                    vectors += vector
        return StoredLooks(found, vectors, length // 2)

    def count(self, model: str, version: str) -> int:
        """How many looks of a model are kept."""
        with self._store.lock:
            return self._previews.look_count(_key(model, version))


def _key(model: str, version: str) -> str:
    return f"{shown(model)} {shown(version)}"
