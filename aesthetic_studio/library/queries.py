"""From a ``PhotoQuery`` to ids.

An order is a few walks along one index each, put together: photos that have the key, photos that lack it, unreadable
files. So no sort happens, and the missing keys come last in both directions. There are four ways to walk:

- keys that hardly ever tie (score, time, name …) by an index of their own, from its start or from its end: the other
  way round is the mirror image, so that "newest first" shows the frames of one second newest first too;
- keys of many ties (ISO, focal length, pixels, camera) by an index of their own, one group of equal keys after the
  other: only the groups change their order with the direction, and each stays in path order;
- stars, flags and labels along the paths, into one bucket for each of their values, each in path order;
- the order of coming in, which is the order of ids.

Where a filter lets few photos through, they are found by the filter's own index and sorted.
"""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aesthetic_studio.albums import AlbumPhotos, PhotoFilter, PhotoQuery, SortKey
from aesthetic_studio.library.conditions import MARKED, Condition, Part, condition, marks_of
from aesthetic_studio.library.connection import in_chunks, unjoined
from aesthetic_studio.library.halves import sides
from aesthetic_studio.records import Flag, Label, PhotoState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aesthetic_studio.library.connection import Statement, Store

_WALKED = {
    SortKey.SCORE: "score",
    SortKey.TIME: "taken",
    SortKey.NAME: "name_key",
    SortKey.SPREAD: "spread",
    SortKey.SHARPNESS: "sharpness",
    SortKey.FILE_SIZE: "size",
}
_INDEXES = {
    SortKey.SCORE: "photo_by_score",
    SortKey.TIME: "photo_by_time",
    SortKey.NAME: "photo_by_name",
    SortKey.SPREAD: "photo_by_spread",
    SortKey.SHARPNESS: "photo_by_sharpness",
    SortKey.FILE_SIZE: "photo_by_size",
}
_GROUPED = {SortKey.ISO: "iso", SortKey.FOCAL_LENGTH: "focal_mm", SortKey.PIXELS: "pixels"}
_BUCKETS: dict[SortKey, tuple[str, Sequence[int]]] = {
    SortKey.RATING: ("rating", range(6)),
    SortKey.FLAG: ("flag", sorted(Flag)),
    SortKey.LABEL: ("label", sorted(Label)),
}
_OTHERS = {SortKey.CAMERA: "gear_id", SortKey.ADDED: "id", **{key: column for key, (column, _) in _BUCKETS.items()}}
_NEVER_LACKING = frozenset({"name_key", "size"})


def ids(store: Store, query: PhotoQuery) -> array[int]:
    """The photos of an album in its order, each once whatever is written meanwhile."""
    with store.one_state():
        return _listed(store, query)[0]


def album(store: Store, query: PhotoQuery) -> AlbumPhotos:
    """The photos of an album in its order, and how many there are of which it shows these, all of one state."""
    with store.one_state():
        scope = PhotoFilter(folders=query.filter.folders)
        in_scope = count(store, scope)
        found, matching = _listed(store, query)
        return AlbumPhotos(found, in_scope if query.filter == scope else matching, in_scope)


def _listed(store: Store, query: PhotoQuery) -> tuple[array[int], int]:
    """The photos of an album, and how many pass its filter where that is more than folders."""
    found = array("q")
    wanted = condition(store, query.filter)
    if wanted.is_impossible:
        return found, 0
    collapsed = query.collapse_series and query.filter.series_id is None
    places, behind = _places(store, query.filter, wanted, collapsed=collapsed)
    for part in _parts(store, query, places) if places.index is None else [_few(store, query, places)]:
        found.extend(part)
    matching = len(found) + behind
    if collapsed and query.open_series:
        _open(store, found, query, wanted)
    return found, matching


def series(store: Store, query: PhotoQuery) -> list[int]:
    """The series of which an album shows a frame, in its order."""
    with store.one_state():
        members = condition(store, query.filter).and_also("series_id IS NOT NULL", "listing > 0")
        rows = store.all(f"SELECT id, series_id FROM {_photo(members)} WHERE {members.sql}", members.parameters)
        inside: dict[int, int] = dict(rows)
        shown = ids(store, replace(query, collapse_series=True, open_series=frozenset()))
        return list(dict.fromkeys(inside[photo] for photo in shown if photo in inside))


def count(store: Store, wanted: PhotoFilter) -> int:
    """How many photos the filter lets through, every frame of a series counted."""
    if wanted == PhotoFilter():
        # SQLite keeps the number of all rows page by page; the few that are not listed have an index.
        left_out = "SELECT count(*) FROM photo INDEXED BY photo_not_listed WHERE listing = 0"
        return int(store.value(f"SELECT (SELECT count(*) FROM photo) - ({left_out})"))
    with store.one_state():
        found = condition(store, wanted).and_also("listing > 0")
        parts = [found] if found.index or found.is_impossible else _halved(store, found, "path")
        asked = [(f"SELECT count(*) FROM {_photo(part)} WHERE {part.sql}", part.parameters) for part in parts]
        return sum(number for ((number,),) in store.each(asked))


def undecided(store: Store) -> array[int]:
    """Listed photos without stars and flag, in no order."""
    return store.ids("SELECT id FROM photo WHERE +rating = 0 AND +flag = 0 AND listing > 0")


def _places(store: Store, wanted: PhotoFilter, passing: Condition, *, collapsed: bool) -> tuple[Condition, int]:
    """The photos that take a place of their own, and how many more pass behind them.

    A series takes the place of its best frame, or of its next best where the filter leaves the best one out. Where the
    filter is one of folders, which never split a series, nothing is counted.
    """
    if not collapsed:
        return passing.and_also("listing > 0"), 0
    if wanted == PhotoFilter(folders=wanted.folders):
        return passing.and_also("listing = 2"), 0
    members = _halved(store, passing.and_also("listing > 0"), "series_id")
    answers = store.each(
        [
            (
                "SELECT group_concat(id) FILTER (WHERE listing = 1), total(frames - 1) FROM "
                "(SELECT id, listing, min(series_order), count(*) AS frames "
                f"FROM {_photo(half)} WHERE {half.sql} GROUP BY series_id)",
                half.parameters,
            )
            for half in members
        ]
    )
    behind = sum(int(frames) for ((_, frames),) in answers)
    next_best = [unjoined(joined) for ((joined, _),) in answers if joined]
    if not next_best:
        return passing.and_also("listing = 2"), behind
    stands = Part(f"listing = 2 OR (listing = 1 AND {MARKED})", (marks_of(*next_best),))
    return Condition([*passing.parts, stands], passing.index), behind  # last, so that only what passes is looked up


def _halved(store: Store, places: Condition, column: str, *, descending: bool = False) -> list[Condition]:
    return [places.and_also(Part(*side)) for side in sides(store, column, descending=descending)]


def _photo(places: Condition) -> str:
    """The table, by the index that a condition asks for."""
    return "photo" if places.index is None else f"photo INDEXED BY {places.index}"


def _few(store: Store, query: PhotoQuery, places: Condition) -> Sequence[int]:
    """Few photos: found by the filter's own index and sorted."""
    column = _WALKED.get(query.sort) or _GROUPED.get(query.sort) or _OTHERS[query.sort]
    if query.sort is not SortKey.CAMERA:
        direction = "DESC" if query.descending else "ASC"
        return store.ids(
            f"SELECT id FROM {_photo(places)} WHERE {places.sql} "
            f"ORDER BY state = 3, CASE WHEN state <> 3 THEN {column} END {direction} NULLS LAST, {_paths(query)}",
            places.parameters,
        )
    names = _camera_names(store)
    rows: list[tuple[int, int, Any]] = [
        (photo, state, names.get(gear))
        for photo, state, gear in store.all(
            f"SELECT id, state, gear_id FROM {_photo(places)} WHERE {places.sql} ORDER BY path", places.parameters
        )
    ]
    keyed = [row for row in rows if row[1] != PhotoState.UNREADABLE and row[2] is not None]
    keyed.sort(key=lambda row: row[2], reverse=query.descending)
    lacking = [row for row in rows if row[1] != PhotoState.UNREADABLE and row[2] is None]
    unreadable = [row for row in rows if row[1] == PhotoState.UNREADABLE]
    return [photo for photo, *_ in (*keyed, *lacking, *unreadable)]


def _parts(store: Store, query: PhotoQuery, places: Condition) -> Iterator[Iterable[int]]:
    """The walks that make up the order; those that would find nothing are left out."""
    sound = places.and_also("state <> 3")
    if query.sort in _WALKED:
        column = _WALKED[query.sort]
        # A narrower index would give the order too, and each photo would then be looked up.
        index = f"INDEXED BY {_INDEXES[query.sort]}"
        yield from _long_walk(store, sound, column, descending=query.descending, paths=_paths(query), index=index)
    elif query.sort in _GROUPED:
        column = _GROUPED[query.sort]
        yield from _groups(store, sound, column, _values(store, column, descending=query.descending))
        if _is_lacking(store, column):
            yield _walk(store, sound, f"{column} IS NULL", "path")
    elif query.sort in _BUCKETS:
        yield from _buckets(store, sound, *_BUCKETS[query.sort], descending=query.descending)
    elif query.sort is SortKey.CAMERA:
        yield from _by_camera(store, sound, descending=query.descending)
    else:
        yield from _long_walk(store, sound, "id", descending=query.descending)
    if store.value("SELECT 1 FROM photo INDEXED BY photo_unreadable WHERE state = 3 LIMIT 1"):
        yield _walk(store, places, "state = 3", _paths(query))


def _walk(store: Store, places: Condition, part: str, order: str) -> array[int]:
    return store.ids(*_one_walk(places, part, order))


def _one_walk(places: Condition, part: str, order: str) -> Statement:
    return f"SELECT id FROM photo WHERE {part} AND {places.sql} ORDER BY {order}", places.parameters


def _long_walk(
    store: Store, places: Condition, column: str, *, descending: bool, paths: str = "", index: str = ""
) -> Iterator[array[int]]:
    """The photos by a column, then those that lack it."""
    order = ", ".join(filter(None, (f"{column} {'DESC' if descending else 'ASC'}", paths)))
    walks: list[Statement] = [
        (f"SELECT id FROM photo {index} WHERE {half.sql} ORDER BY {order}", half.parameters)
        for half in _halved(store, places, column, descending=descending)
    ]
    if _is_lacking(store, column):
        walks.append(_one_walk(places, f"{column} IS NULL", paths))
    for ((joined,),) in store.each([(f"SELECT group_concat(id) FROM ({sql})", values) for sql, values in walks]):
        yield unjoined(joined)


def _paths(query: PhotoQuery) -> str:
    return "path DESC" if query.is_mirrored else "path"


def _is_lacking(store: Store, column: str) -> bool:
    """Whether any photo lacks a column."""
    return column not in _NEVER_LACKING and bool(store.value(f"SELECT 1 FROM photo WHERE {column} IS NULL LIMIT 1"))


def _values(store: Store, column: str, *, descending: bool) -> list[int]:
    """The values of an indexed column that has few, by a step from each to the next."""
    rows = store.all(
        f"WITH RECURSIVE found (value) AS (SELECT min({column}) FROM photo UNION ALL "
        f"SELECT (SELECT min({column}) FROM photo WHERE {column} > value) FROM found WHERE value IS NOT NULL) "
        "SELECT value FROM found WHERE value IS NOT NULL"
    )
    values = [value for (value,) in rows]
    return values[::-1] if descending else values


def _groups(store: Store, places: Condition, column: str, values: Sequence[float]) -> Iterator[array[int]]:
    """The photos that have each of these values, each group in path order."""
    answers = store.each(
        [
            (
                f"SELECT (SELECT group_concat(id) FROM (SELECT id FROM photo WHERE {column} = wanted.value "
                f"AND {half.sql} ORDER BY path)) FROM json_each(?) wanted ORDER BY wanted.key",
                [*half.parameters, json.dumps(values)],
            )
            for half in _halved(store, places, "path")
        ]
    )
    for group in zip(*answers, strict=True):
        for (joined,) in group:
            yield unjoined(joined)


def _buckets(
    store: Store, places: Condition, column: str, values: Sequence[int], *, descending: bool
) -> Iterator[array[int]]:
    filled = ", ".join(f"group_concat(id) FILTER (WHERE {column} = {int(value)})" for value in values)
    answers = store.each(
        [
            (f"SELECT {filled} FROM (SELECT id, {column} FROM photo WHERE {half.sql} ORDER BY path)", half.parameters)
            for half in _halved(store, places, "path")
        ]
    )
    buckets = list(zip(*(row for (row,) in answers), strict=True))
    for bucket in reversed(buckets) if descending else buckets:
        for joined in bucket:
            yield unjoined(joined)


def _by_camera(store: Store, places: Condition, *, descending: bool) -> Iterator[array[int]]:
    names = _camera_names(store)
    named = sorted(names, key=names.__getitem__, reverse=descending)
    yield from _groups(store, places, "gear_id", named)
    nameless = store.ids("SELECT id FROM gear WHERE camera = ''")
    if store.value(f"SELECT 1 FROM photo WHERE gear_id IN ({','.join(map(str, nameless))}) LIMIT 1"):
        listed = ",".join(map(str, named))
        yield _walk(store, places, f"(+gear_id IS NULL OR +gear_id NOT IN ({listed}))", "path")
    else:
        yield _walk(store, places, "gear_id IS NULL", "path")


def _camera_names(store: Store) -> dict[int, tuple[str, ...]]:
    """What the photos of each named camera and lens are sorted by; equal names of two makes stay apart."""
    rows = store.all("SELECT id, camera, lens, make, model FROM gear WHERE camera <> ''")
    return {gear: (camera.casefold(), lens.casefold(), make, model) for gear, camera, lens, make, model in rows}


def _open(store: Store, found: array[int], query: PhotoQuery, wanted: Condition) -> None:
    """Put the other frames of the opened series right behind the frame that stands for them."""
    opened = sorted(query.open_series)
    frames: dict[int, list[int]] = defaultdict(list)
    for marks, chunk in in_chunks(opened):
        rows: list[tuple[Any, ...]] = store.all(
            f"SELECT series_id, id FROM photo WHERE series_id IN ({marks}) "
            f"AND listing > 0 AND {wanted.sql} ORDER BY series_id, series_order",
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
