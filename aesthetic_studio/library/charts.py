"""How an album's photos spread over scores and over time, counted in one query each.

Each bin is a range of the index that the album would be walked along, so that all bins together cost one walk.
"""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aesthetic_studio.albums import Histogram, Timeline
from aesthetic_studio.library.conditions import MARKED, Condition, Part, condition, marks_of
from aesthetic_studio.library.rows import clock, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aesthetic_studio.albums import PhotoFilter
    from aesthetic_studio.library.connection import Statement, Store

SCORE_EDGES = tuple(round(1 + 0.2 * step, 1) for step in range(46))
"""From 1 to 10, so that an edge is a number that a person would type."""

_BINS_AT_ONCE = 8
_STEPS: tuple[tuple[timedelta, str, int], ...] = (
    (timedelta(minutes=1), "minute", 1),
    (timedelta(minutes=5), "minute", 5),
    (timedelta(minutes=15), "minute", 15),
    (timedelta(hours=1), "hour", 1),
    (timedelta(hours=6), "hour", 6),
    (timedelta(days=1), "day", 1),
    (timedelta(days=7), "day", 7),
    (timedelta(days=28), "month", 1),
    (timedelta(days=90), "month", 3),
    (timedelta(days=365), "year", 1),
)
"""The shortest that a bin can be, and what it is made of."""


def score_histogram(store: Store, wanted: PhotoFilter, among: Iterable[int] | None = None) -> Histogram:
    """How the photos that pass, ``among`` some or all, spread over the scores; every frame of a series counts."""
    with store.one_state():
        found = _found(store, wanted, among)
        *counts, lacking = _counts(store, found, "score", SCORE_EDGES, last_belongs=True)
        return Histogram(SCORE_EDGES, tuple(counts), lacking)


def timeline(store: Store, wanted: PhotoFilter, among: Iterable[int] | None = None, *, most: int) -> Timeline:
    """How they spread over their capture times, in as fine bins as ``most`` of them can be."""
    with store.one_state():
        found = _found(store, wanted, among)
        ends = [
            (
                f"SELECT taken FROM photo WHERE taken IS NOT NULL AND {found.sql} ORDER BY taken {way} LIMIT 1",
                found.parameters,
            )
            for way in ("ASC", "DESC")
        ]
        times = [taken for rows in store.each(ends) for (taken,) in rows]
        if not times:
            (lacking,) = _counts(store, found, "taken", (), last_belongs=False)
            return Timeline(lacking=lacking)
        edges, step, each = _edges(moment(times[0]), moment(times[1]), most)
        *counts, lacking = _counts(store, found, "taken", [clock(edge) for edge in edges], last_belongs=False)
        return Timeline(tuple(edges), tuple(counts), step, each, lacking)


def _found(store: Store, wanted: PhotoFilter, among: Iterable[int] | None) -> Condition:
    found = condition(store, wanted, seek=False).and_also("listing > 0")
    if among is None:
        return found
    return found.and_also(Part(MARKED, (marks_of(array("q", among)),)))


def _counts(
    store: Store, found: Condition, column: str, edges: Sequence[float], *, last_belongs: bool
) -> Iterator[int]:
    """Photos from each edge up to the next, and those that lack the column.

    ``found`` is asked within a range of the column's index, for some bins at a time: both connections of a reader take
    them in turn, and photos hardly ever spread evenly.
    """
    highest = [edges[-1] + 1 if last_belongs else edges[-1]] if edges else []
    bins = list(zip(edges, [*edges[1:-1], *highest], strict=False))
    asked: list[Statement] = [
        (
            f"SELECT (SELECT count(*) FROM photo WHERE {column} >= json_extract(bin.value, '$[0]') "
            f"AND {column} < json_extract(bin.value, '$[1]') AND {found.sql}) FROM json_each(?) bin ORDER BY bin.key",
            [*found.parameters, json.dumps(bins[start : start + _BINS_AT_ONCE])],
        )
        for start in range(0, len(bins), _BINS_AT_ONCE)
    ]
    asked.append((f"SELECT count(*) FROM photo WHERE {column} IS NULL AND {found.sql}", found.parameters))
    return (number for rows in store.each(asked) for (number,) in rows)


def _edges(first: datetime, last: datetime, most: int) -> tuple[list[datetime], str, int]:
    """The finest bins from before ``first`` to behind ``last`` that are no more than ``most``."""
    for _, step, each in _steps_from((last - first) / most):
        edges = [_floor(first, step, each)]
        while not _is_behind(edges[-1], last) and len(edges) <= most:
            edges.append(_next(edges[-1], step, each))
        if _is_behind(edges[-1], last):
            return edges, step, each
    raise AssertionError("some number of years spans any range")


def _is_behind(edge: datetime, last: datetime) -> bool:
    return edge > last or edge == datetime.max


def _steps_from(shortest: timedelta) -> Iterator[tuple[timedelta, str, int]]:
    """Steps that are long enough, the finest first; then ever more years."""
    start = max(0, bisect_right([length for length, *_ in _STEPS], shortest) - 1)
    yield from _STEPS[start:]
    for years in (2, 5, 10, 20, 50, 100, 1000, 10000):
        yield timedelta(days=365 * years), "year", years


def _floor(time: datetime, step: str, each: int) -> datetime:
    """The edge at or before a moment."""
    day = time.replace(hour=0, minute=0, second=0, microsecond=0)
    if step == "minute":
        return day + timedelta(hours=time.hour, minutes=time.minute // each * each)
    if step == "hour":
        return day + timedelta(hours=time.hour // each * each)
    if step == "day":
        return day - timedelta(days=day.weekday() if each == 7 else 0) if day.year > 1 or day.day > 7 else day
    if step == "month":
        return day.replace(month=(time.month - 1) // each * each + 1, day=1)
    return day.replace(year=max(1, time.year // each * each), month=1, day=1)


def _next(edge: datetime, step: str, each: int) -> datetime:
    """The edge after this one; the end of the calendar where there is none."""
    try:
        if step == "month":
            months = edge.year * 12 + edge.month - 1 + each
            return edge.replace(year=months // 12, month=months % 12 + 1)
        if step == "year":
            return edge.replace(year=edge.year + each if edge.year > 1 or each == 1 else each)
        return edge + timedelta(**{f"{step}s": each})
    except (OverflowError, ValueError):
        return datetime.max
