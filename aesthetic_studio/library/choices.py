"""Judgements by comparison: the chosen best frame of a series, and which of two photos is the better one.

A row belongs to the decision that made it and may name the decision that ended it. It holds while the first is done
and the second is not; so undo and redo only turn a decision's flag, and what a series shows follows from ``settle``.
"""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.judgements import PreferenceSource
from aesthetic_studio.paths import shown
from aesthetic_studio.records import SeriesKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from aesthetic_studio.library.connection import Store


def holding(table: str) -> str:
    """An SQL condition: the row of ``table`` holds now."""
    return (
        f"NOT (SELECT undone FROM decision WHERE id = {table}.decision_id) "
        f"AND coalesce((SELECT undone FROM decision WHERE id = {table}.ended_id), 1)"
    )


@dataclass(frozen=True, slots=True)
class SeriesFrame:
    """One frame of a stored series."""

    photo_id: int
    content_id: int
    name: str | bytes
    chosen: bool


class Choices:
    """Writes choices and preferences within the caller's transaction and decision."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def frames(self, series: int) -> tuple[SeriesKind | None, list[SeriesFrame]]:
        """A series' kind and its frames that could be read, best first; none where there is no such series."""
        kind = self._store.value("SELECT kind FROM series WHERE id = ?", (series,))
        rows = self._store.all(
            "SELECT id, content_id, name, series_chosen FROM photo "
            "WHERE series_id = ? AND content_id IS NOT NULL ORDER BY series_order, id",
            (series,),
        )
        return (SeriesKind(kind) if kind else None), [
            SeriesFrame(photo, content, name, bool(chosen)) for photo, content, name, chosen in rows
        ]

    def choose(self, decision: int, kind: SeriesKind, frames: Sequence[SeriesFrame], chosen: SeriesFrame) -> None:
        """Let a frame stand for its series; of a burst it is preferred to each of the other frames."""
        self.clear(decision, frames)
        self._store.run(
            "INSERT INTO choice (content_id, photo_id, made, decision_id) VALUES (?, ?, ?, ?)",
            (chosen.content_id, chosen.photo_id, _now(), decision),
        )
        if kind is SeriesKind.BURST:  # the other kinds are kept whole: their frames do not compete
            for other in sorted({frame.content_id for frame in frames} - {chosen.content_id}):
                self.prefer(decision, chosen.content_id, other, PreferenceSource.BURST)

    def clear(self, decision: int, frames: Sequence[SeriesFrame]) -> bool:
        """End the choices among these frames with what was preferred by them; says whether there was any."""
        contents = json.dumps([frame.content_id for frame in frames])
        inside = "(SELECT value FROM json_each(?2))"
        self._store.run(
            f"UPDATE preference SET ended_id = ?1 WHERE source = ?3 AND {holding('preference')} "
            f"AND worse_id IN {inside} AND better_id IN {inside} AND better_id IN ("
            f"SELECT content_id FROM choice WHERE content_id IN {inside} AND {holding('choice')})",
            (decision, contents, PreferenceSource.BURST.value),
        )
        ended = self._store.run(
            f"UPDATE choice SET ended_id = ?1 WHERE content_id IN {inside} AND {holding('choice')}",
            (decision, contents),
        )
        return ended > 0

    def prefer(self, decision: int, better: int, worse: int, source: str) -> None:
        """One content is better than another; what was said of the two before no longer holds."""
        self._store.run(
            f"UPDATE preference SET ended_id = ?1 WHERE {holding('preference')} "
            "AND ((better_id = ?2 AND worse_id = ?3) OR (better_id = ?3 AND worse_id = ?2))",
            (decision, better, worse),
        )
        self._store.run(
            "INSERT INTO preference (better_id, worse_id, source, made, decision_id) VALUES (?, ?, ?, ?, ?)",
            (better, worse, shown(source), _now(), decision),
        )

    def prefers(self, better: int, worse: int) -> bool:
        """Whether just this is said of the two already."""
        found = self._store.value(
            f"SELECT 1 FROM preference WHERE better_id = ? AND worse_id = ? AND {holding('preference')} LIMIT 1",
            (better, worse),
        )
        return found is not None

    def preferred_by(self, decision: int) -> tuple[int, int] | None:
        """The better and the worse content of a decision that compared two; ``None`` for decisions of other kinds."""
        row = self._store.one(
            "SELECT better_id, worse_id FROM preference WHERE decision_id = ? AND source <> ?",
            (decision, PreferenceSource.BURST.value),
        )
        return None if row is None else (row[0], row[1])

    def series_of(self, decision: int) -> list[int]:
        """The series that a decision's choices are about, or once were."""
        rows = self._store.all(
            "SELECT DISTINCT p.series_id FROM choice c JOIN photo p ON p.content_id = c.content_id "
            "WHERE (c.decision_id = ?1 OR c.ended_id = ?1) AND p.series_id IS NOT NULL ORDER BY p.series_id",
            (decision,),
        )
        return [series for (series,) in rows]

    def series_in(self, folder: int) -> list[int]:
        """The series of a folder in which some frame was ever chosen."""
        rows = self._store.all(
            "SELECT DISTINCT p.series_id FROM choice c JOIN photo p ON p.content_id = c.content_id "
            "WHERE p.folder_id = ? AND p.series_id IS NOT NULL",
            (folder,),
        )
        return [series for (series,) in rows]

    def series_with(self, contents: Collection[int]) -> list[int]:
        """The series that hold one of these contents: identical files are chosen together."""
        rows = self._store.all(
            "SELECT DISTINCT series_id FROM photo WHERE series_id IS NOT NULL "
            "AND content_id IN (SELECT value FROM json_each(?)) ORDER BY series_id",
            (json.dumps(list(contents)),),
        )
        return [series for (series,) in rows]

    def settle(self, series: Iterable[int]) -> list[int]:
        """Bring what these series show in line with what is chosen; says which photos that changed, the best first."""
        changed: dict[int, None] = {}
        for one in series:
            changed.update(dict.fromkeys(self._settle(one)))
        return list(changed)

    def _settle(self, series: int) -> list[int]:
        row = self._store.one("SELECT kind, suggested_id FROM series WHERE id = ?", (series,))
        frames = self._store.all(
            "SELECT id, series_place, series_rank, series_best, series_chosen FROM photo WHERE series_id = ? "
            "ORDER BY series_place, id",
            (series,),
        )
        if row is None or not frames:
            return []
        chosen = self._store.value(
            "SELECT p.id FROM choice c JOIN photo p ON p.content_id = c.content_id "
            f"WHERE p.series_id = ? AND {holding('c')} ORDER BY c.id DESC, c.photo_id IS p.id DESC, p.id LIMIT 1",
            (series,),
        )
        ids = [frame[0] for frame in frames]
        best = chosen if chosen is not None else row[1] if row[1] in ids else ids[0]
        moved = next((place for photo, place, *_ in frames if photo == chosen), 0)
        changed = []
        for photo, place, rank, was_best, was_chosen in frames:
            # In a burst the chosen frame comes first, and those that were ahead of it make room.
            now = place
            if row[0] == SeriesKind.BURST.value and chosen is not None:
                now = 1 if photo == chosen else place + (place < moved)
            if (now, photo == best, photo == chosen) == (rank, bool(was_best), bool(was_chosen)):
                continue
            self._store.run(
                "UPDATE photo SET series_rank = ?1, series_best = ?2, series_chosen = ?3, series_order = ?4, "
                "listing = CASE WHEN listing = 0 THEN 0 WHEN ?2 THEN 2 ELSE 1 END WHERE id = ?5",
                (now, photo == best, photo == chosen, 0 if photo == best else now, photo),
            )
            changed.append(photo)
        return sorted(changed, key=lambda photo: photo != best)


def _now() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000
