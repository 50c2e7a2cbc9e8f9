"""Scores by model, version and content, or by pairs of contents; which model is the active one."""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aesthetic_studio.library.connection import in_chunks
from aesthetic_studio.library.rows import pack_distribution, unpack_distribution
from aesthetic_studio.library.words import words_hash
from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aesthetic_studio.judgements import PairScore
    from aesthetic_studio.library.connection import Store
    from aesthetic_studio.records import ScoreDistribution

_CURRENT = "(s.words IS NULL OR s.words = coalesce((SELECT w.hash FROM words w WHERE w.content_id = c.id), x''))"
"""The words that a score was made with are still the content's, or its model reads none."""

_UNSCORED = f"""
SELECT c.id, p.id FROM content c JOIN photo p ON p.content_id = c.id
WHERE c.has_preview AND p.listing > 0 AND NOT EXISTS (
    SELECT 1 FROM score s WHERE s.model_id = ? AND s.content_id = c.id AND {_CURRENT})
"""


class Scores:
    """Writes and counts scores."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._scored_up_to: dict[int, int] = {}

    def store(
        self,
        model: str,
        version: str,
        rows: Sequence[tuple[int, ScoreDistribution]],
        words: Mapping[int, str] | None = None,
    ) -> None:
        """Keep a model's answers by content; the first model that answers becomes the active one.

        ``words`` are those that a model was given which reads words, by content.
        """
        with self._store.transaction():
            model_id = self._ensure(model, version)
            if self.active() is None:
                self._store.run("UPDATE model SET active = 1 WHERE id = ?", (model_id,))
            values = []
            for content, distribution in rows:
                packed = pack_distribution(distribution)
                kept = unpack_distribution(packed)  # what is sorted by must be what is read back
                read = None if words is None else words_hash(words.get(content, ""))
                values.append((model_id, content, packed, kept.mean, kept.spread, read))
            self._store.run_many(
                "INSERT OR REPLACE INTO score (model_id, content_id, distribution, mean, spread, words) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                values,
            )
            if self._store.value("SELECT active FROM model WHERE id = ?", (model_id,)):
                self._store.run_many(
                    "UPDATE photo SET score = ?, spread = ? WHERE content_id = ?",
                    [(mean, spread, content) for _, content, _, mean, spread, _ in values],
                )
                self._store.run_many(
                    "UPDATE folder SET changed = changed + 1 "
                    "WHERE id IN (SELECT folder_id FROM photo WHERE content_id = ?)",
                    [(content,) for content, _ in rows],
                )

    def unscored(self, model: str, version: str, *, limit: int, first: Sequence[int] = ()) -> list[tuple[int, int]]:
        """Contents that this model has not judged, as (content, one photo of it), those of ``first`` ahead."""
        model_id = self._find(model, version) or 0
        found: dict[int, int] = {}
        for marks, chunk in in_chunks(first):
            if len(found) >= limit:
                break
            for content, photo in self._among(model_id, marks, chunk):
                found.setdefault(content, photo)
        if len(found) < limit:
            for content, photo in self._rest(model_id, limit):
                found.setdefault(content, photo)
        return list(found.items())[:limit]

    def unscored_among(self, model: str, version: str, photos: Sequence[int]) -> list[int]:
        """Those of these photos that this model has not judged, in their order."""
        model_id = self._find(model, version) or 0
        return [photo for bound in in_chunks(photos) for _, photo in self._among(model_id, *bound)]

    def _among(self, model_id: int, marks: str, photos: Sequence[int]) -> list[tuple[int, int]]:
        rows = self._store.all(f"{_UNSCORED} AND p.id IN ({marks})", (model_id, *photos))
        order = {photo: place for place, photo in enumerate(photos)}
        return sorted(rows, key=lambda row: order[row[1]])

    def _rest(self, model_id: int, limit: int) -> list[tuple[int, int]]:
        """The next ones in order of content. Those known to be scored are not walked over again each time."""
        start = self._scored_up_to.get(model_id, 0)
        rows = self._store.all(
            f"{_UNSCORED} AND c.id > ? GROUP BY c.id ORDER BY c.id LIMIT ?", (model_id, start, limit)
        )
        if not rows and start:
            self._scored_up_to.pop(model_id)
            return self._rest(model_id, limit)
        if rows:
            self._scored_up_to[model_id] = rows[0][0] - 1
        return [(content, photo) for content, photo in rows]

    def counts(self, model: str, version: str) -> tuple[int, int]:
        """How many contents the model has judged, of how many that it could."""
        model_id = self._find(model, version) or 0
        judged = "SELECT count(DISTINCT p.content_id) FROM photo p JOIN content c ON c.id = p.content_id"
        listed = "WHERE p.listing > 0 AND c.has_preview"
        total = self._store.value(f"{judged} {listed}")
        scored = self._store.value(
            f"{judged} JOIN score s ON s.content_id = c.id AND s.model_id = ? AND {_CURRENT} {listed}", (model_id,)
        )
        return int(scored), int(total)

    def store_pairs(self, model: str, version: str, rows: Sequence[PairScore]) -> None:
        """Keep what a model that compares says of pairs of contents; a pair has no order."""
        with self._store.transaction():
            model_id = self._ensure(model, version)
            self._store.run_many(
                "INSERT OR REPLACE INTO pair_score (model_id, first_id, second_id, first_score, second_score) "
                "VALUES (?, ?, ?, ?, ?)",
                [
                    (model_id, row.first, row.second, row.first_score, row.second_score)
                    if row.first < row.second
                    else (model_id, row.second, row.first, row.second_score, row.first_score)
                    for row in rows
                ],
            )

    def pairs(self, model: str, version: str, contents: Sequence[int]) -> dict[tuple[int, int], tuple[float, float]]:
        """``(content, content) → (score, score)`` of the pairs among these contents, either way round."""
        model_id = self._find(model, version) or 0
        among = "(SELECT value FROM json_each(?2))"
        rows = self._store.all(
            "SELECT first_id, second_id, first_score, second_score FROM pair_score "
            f"WHERE model_id = ?1 AND first_id IN {among} AND second_id IN {among}",
            (model_id, json.dumps(list(contents))),
        )
        found: dict[tuple[int, int], tuple[float, float]] = {}
        for first, second, first_score, second_score in rows:
            found[first, second] = first_score, second_score
            found[second, first] = second_score, first_score
        return found

    def active(self) -> tuple[str, str] | None:
        """Name and version of the model whose scores are shown."""
        row = self._store.one("SELECT name, version FROM model WHERE active")
        return None if row is None else (row[0], row[1])

    def set_active(self, name: str, version: str) -> None:
        """Show the scores of this model from now on."""
        with self._store.transaction():
            if self.active() == (name, version):
                return
            model_id = self._ensure(name, version)
            self._store.run("UPDATE model SET active = 0 WHERE active")
            self._store.run("UPDATE model SET active = 1 WHERE id = ?", (model_id,))
            found = "FROM score s WHERE s.model_id = ?1 AND s.content_id = photo.content_id"
            self._store.run(
                f"UPDATE photo SET (score, spread) = (SELECT mean, spread {found}) "
                f"WHERE score IS NOT (SELECT mean {found}) OR spread IS NOT (SELECT spread {found})",
                (model_id,),
            )
            self._store.run("UPDATE folder SET changed = changed + 1")

    def _find(self, name: str, version: str) -> int | None:
        found: int | None = self._store.value(
            "SELECT id FROM model WHERE name = ? AND version = ?", (shown(name), shown(version))
        )
        return found

    def _ensure(self, name: str, version: str) -> int:
        found = self._find(name, version)
        if found is not None:
            return found
        return self._store.insert("INSERT INTO model (name, version) VALUES (?, ?)", (shown(name), shown(version)))
