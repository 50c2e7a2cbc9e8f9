"""From a ``PhotoQuery`` to ids.

An order is a few walks along one index each, put together: photos that have the key, photos that lack it, unreadable
files. So no sort happens, the missing keys come last in both directions, and ties are in path order in both.
"""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from aesthetic_studio.albums import Comparison, PhotoFilter, PhotoQuery, SortKey
from aesthetic_studio.faces import ALONE_CONFIDENCE, ALONE_OPEN_AT_MOST, SURELY_A_FACE
from aesthetic_studio.library.connection import in_chunks
from aesthetic_studio.library.rows import folded
from aesthetic_studio.library.scanning import under

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aesthetic_studio.library.connection import Store

_KEYS = {SortKey.SCORE: "score", SortKey.TIME: "taken", SortKey.NAME: "name_key", SortKey.RATING: "rating"}
_FEW = 20
"""One photo in so many is few enough to look each of them up."""
_CLOSED = """
id IN (SELECT id FROM photo WHERE eyes_closed > 0) OR id IN (
    SELECT p.id FROM face f JOIN photo p ON p.content_id = f.content_id
    WHERE f.eyes_open <= ? AND f.eyes_confidence >= ? AND f.confidence >= ?)
"""
"""As ``Face.surely_closed`` where no other frame tells."""
_ALONE = (ALONE_OPEN_AT_MOST, ALONE_CONFIDENCE, SURELY_A_FACE)
_CAN_LACK = frozenset({SortKey.SCORE, SortKey.TIME})


@dataclass(slots=True)
class _Condition:
    """Parts of a WHERE clause that must all hold, with their parameters."""

    parts: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)

    def add(self, part: str, *parameters: Any) -> None:
        """One more part."""
        self.parts.append(part)
        self.parameters += parameters

    def sql(self) -> str:
        """The clause, true where there is no part."""
        return " AND ".join(f"({part})" for part in self.parts) or "1"


def ids(store: Store, query: PhotoQuery) -> array[int]:
    """The photos of an album in its order."""
    with store.lock:
        wanted = _condition(store, query.filter)
        collapsed = query.collapse_series and query.filter.series_id is None
        found = array("q")
        for part in _parts(store, query, wanted, collapsed=collapsed):
            found.extend(store.integers(*part))
        if collapsed and query.open_series:
            _open(store, found, query, wanted)
    return found


def series(store: Store, query: PhotoQuery) -> list[int]:
    """The series of which an album shows a frame, in its order."""
    with store.lock:
        wanted = _condition(store, query.filter)
        rows = store.all(
            f"SELECT id, series_id FROM photo WHERE series_id IS NOT NULL AND listing > 0 AND {wanted.sql()}",
            wanted.parameters,
        )
        inside: dict[int, int] = dict(rows)
        shown = ids(store, replace(query, collapse_series=True, open_series=frozenset()))
        return list(dict.fromkeys(inside[photo] for photo in shown if photo in inside))


def count(store: Store, wanted: PhotoFilter) -> int:
    """How many photos the filter lets through, every frame of a series counted."""
    condition = _condition(store, wanted)
    return int(store.value(f"SELECT count(*) FROM photo WHERE listing > 0 AND {condition.sql()}", condition.parameters))


def _parts(store: Store, query: PhotoQuery, wanted: _Condition, *, collapsed: bool) -> Iterator[tuple[str, list[Any]]]:
    """The walks that make up the order, each with its parameters; those that would find nothing are left out."""
    key = _KEYS[query.sort]
    place, place_parameters = _place(query.filter, wanted) if collapsed else ("listing > 0", [])
    where = f"SELECT id FROM photo WHERE {place} AND {wanted.sql()}"
    parameters = [*place_parameters, *wanted.parameters]
    direction = "DESC" if query.descending else "ASC"
    if query.sort in _CAN_LACK:
        yield f"{where} AND state <> 3 AND {key} IS NOT NULL ORDER BY {key} {direction}, path", parameters
        if store.value(f"SELECT 1 FROM photo WHERE {key} IS NULL LIMIT 1"):
            yield f"{where} AND state <> 3 AND {key} IS NULL ORDER BY path", parameters
    else:
        yield f"{where} AND state <> 3 ORDER BY {key} {direction}, path", parameters
    if store.value("SELECT 1 FROM photo WHERE state = 3 LIMIT 1"):
        yield f"{where} AND state = 3 ORDER BY path", parameters


def _place(wanted: PhotoFilter, condition: _Condition) -> tuple[str, list[Any]]:
    """A series takes the place of its best frame, or of its next best where the filter leaves the best one out."""
    if wanted == PhotoFilter(folders=wanted.folders):
        return "listing = 2", []  # a series lies in one folder, so these never split one
    next_best = f"""
        SELECT id FROM (
            SELECT id, min(series_order) FROM photo
            WHERE series_id IS NOT NULL AND listing > 0 AND {condition.sql()} GROUP BY series_id)
    """
    return f"(listing = 2 OR id IN ({next_best}))", list(condition.parameters)


def _open(store: Store, found: array[int], query: PhotoQuery, wanted: _Condition) -> None:
    """Put the other frames of the opened series right behind the frame that stands for them."""
    opened = sorted(query.open_series)
    frames: dict[int, list[int]] = defaultdict(list)
    for marks, chunk in in_chunks(opened):
        rows = store.all(
            f"SELECT series_id, id FROM photo WHERE series_id IN ({marks}) "
            f"AND listing > 0 AND {wanted.sql()} ORDER BY series_id, series_order",
            [*chunk, *wanted.parameters],
        )
        for series, photo in rows:
            frames[series].append(photo)
    if not frames:
        return
    behind = {members[0]: members[1:] for members in frames.values()}
    spread = array("q")
    start = 0
    for place, photo in enumerate(found):
        if photo in behind:
            spread.extend(found[start : place + 1])
            spread.extend(behind[photo])
            start = place + 1
    spread.extend(found[start:])
    found[:] = spread


def _condition(store: Store, wanted: PhotoFilter) -> _Condition:
    condition = _Condition()
    if wanted.folders:
        ranges = [under("path", folder) for folder in wanted.folders]
        inside = f"folder_id IN (SELECT id FROM folder WHERE {' OR '.join(sql for sql, _ in ranges)})"
        bounds = [value for _, bound in ranges for value in bound]
        condition.add(_walked(store, inside, bounds), *bounds)
    for word in folded(wanted.text).split():
        condition.add(
            "id IN (SELECT id FROM photo WHERE instr(search, ?)) "
            "OR +folder_id IN (SELECT id FROM folder WHERE instr(search, ?)) "
            "OR +gear_id IN (SELECT id FROM gear WHERE instr(search, ?)) "
            "OR id IN (SELECT p.id FROM words w JOIN photo p ON p.content_id = w.content_id WHERE instr(w.search, ?))",
            word,
            word,
            word,
            word,
        )
    if wanted.score_at_least is not None:
        condition.add("+score >= ?", wanted.score_at_least)
    if wanted.score_at_most is not None:
        condition.add("+score <= ?", wanted.score_at_most)
    if wanted.rating is not None:
        compare = "=" if wanted.rating_comparison is Comparison.EXACTLY else ">="
        condition.add(f"+rating {compare} ?", wanted.rating)
    for column, values in (("flag", wanted.flags), ("label", wanted.labels), ("state", wanted.states)):
        if values is not None:
            condition.add(f"+{column} IN ({','.join(str(int(value)) for value in sorted(values))})")
    if wanted.camera is not None:
        condition.add("+gear_id IN (SELECT id FROM gear WHERE camera = ?)", wanted.camera)
    if wanted.series_id is not None:
        condition.add("series_id = ?", wanted.series_id)
    looked = "id IN (SELECT p.id FROM face_look l JOIN photo p ON p.content_id = l.content_id WHERE l.faces {} ?)"
    if wanted.faces_at_least is not None:
        condition.add(looked.format(">="), wanted.faces_at_least)
    if wanted.faces_at_most is not None:
        condition.add(looked.format("<="), wanted.faces_at_most)
    if wanted.eyes_closed is not None:
        condition.add(_CLOSED if wanted.eyes_closed else f"NOT ({_CLOSED})", *_ALONE)
    return condition


def _walked(store: Store, inside: str, values: list[Any]) -> str:
    """A folder condition as SQLite should use it: its own index for few photos, a walk along the order for many.

    Left to itself it takes the index always, and then looks up and sorts each of 100,000 rows.
    """
    found = store.value(f"SELECT count(*) FROM photo WHERE {inside}", values)
    newest = store.value("SELECT max(id) FROM photo") or 0
    return inside if found * _FEW < newest else f"+{inside}"
