"""From a ``PhotoFilter`` to the WHERE clause that says the same.

Where a field alone lets few photos through, its own index is the quick way to them: they are looked up and sorted.
Otherwise a walk along the album's order is, with all columns in the index; a plus sign before a column then keeps
SQLite from seeking by that column.
"""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from aesthetic_studio.albums import Comparison, GroupKind
from aesthetic_studio.faces import ALONE_CONFIDENCE, ALONE_OPEN_AT_MOST, SURELY_A_FACE
from aesthetic_studio.library.connection import unjoined
from aesthetic_studio.library.halves import content_sides, sample, sides
from aesthetic_studio.library.rows import clock, folded
from aesthetic_studio.library.scanning import under

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence

    from aesthetic_studio.albums import PhotoFilter
    from aesthetic_studio.library.connection import Store

FEW = 10
"""One photo in so many is few enough to look each of them up."""
NOTHING = "0"
"""A part that no photo fulfils."""
_COMPARE = {Comparison.EXACTLY: "=", Comparison.AT_LEAST: ">=", Comparison.AT_MOST: "<="}
_LARGEST = 2**63 - 1
_SURELY_MANY = 0.25
"""A share of the sample: so many come out only where far more than ``FEW`` pass; they need not be counted."""
MOST_WORDS = 500
"""More different words nobody writes into a caption, for which IPTC allows 2,000 bytes."""
_NAMED_ONE_BY_ONE = 100
"""So few photos that have a word are not worth a byte for each of the library, as a caption has many such words."""
_WORDS_AT_ONCE = 50
_IN_A_ROW = 100
_CLOSED = """
SELECT id FROM photo WHERE eyes_closed > 0 UNION ALL
SELECT p.id FROM face f CROSS JOIN photo p ON p.content_id = f.content_id
WHERE f.eyes_open <= ? AND f.eyes_confidence >= ? AND f.confidence >= ?
"""
"""As ``Face.surely_closed`` where no other frame tells."""
_MEASURED = "FROM photo INDEXED BY photo_rank_of_sharpness WHERE sharpness IS NOT NULL AND listing > 0"
_ALONE = (ALONE_OPEN_AT_MOST, ALONE_CONFIDENCE, SURELY_A_FACE)


MARKED = "(substr(?, id, 1) = x'01')"
"""A photo is one of some, whose ``marks_of`` are bound: a look-up in a third of the time that ``IN`` takes for many."""


def marks_of(*photos: array[int]) -> bytes:
    """A byte for each id from 1 on, 1 for those in any of these lists; never empty, which SQLite takes for NULL."""
    if "numpy" in sys.modules:
        import numpy as np  # noqa: PLC0415 - not before the first window is shown

        ids = np.concatenate([np.zeros(0, np.int64), *(np.frombuffer(some, np.int64) for some in photos if some)])
        marks = np.zeros(ids.max(initial=1), np.uint8)
        marks[ids - 1] = 1
        return marks.tobytes()
    found = bytearray(max((max(some) for some in photos if some), default=1))
    for some in photos:
        for photo in some:
            found[photo - 1] = 1
    return bytes(found)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that must hold.

    Attributes:
        text: SQL, with ``{seek}`` before a column that ``index`` begins with.
        parameters: Its values.
        index: What could be sought by, ``None`` where nothing could.
    """

    text: str
    parameters: tuple[Any, ...] = ()
    index: str | None = None


@dataclass(slots=True)
class Condition:
    """Parts of a WHERE clause that must all hold.

    Attributes:
        index: The index by which the few photos that pass are found, ``None`` where they are many.
    """

    parts: list[Part] = field(default_factory=list)
    index: str | None = None

    def add(self, text: str, *parameters: Any, index: str | None = None) -> None:
        """One more part."""
        self.parts.append(Part(text, parameters, index))

    def add_range(self, column: str, index: str, at_least: float | None, at_most: float | None) -> None:
        """A column lies between two bounds, each of which may be missing."""
        if at_least is not None:
            self.add(f"{{seek}}{column} >= ?", at_least, index=index)
        if at_most is not None:
            self.add(f"{{seek}}{column} <= ?", at_most, index=index)

    def add_one_of(self, column: str, values: Sequence[int] | None, index: str | None = None) -> None:
        """A column is one of a few numbers."""
        if values is not None and not values:
            self.add(NOTHING)
        elif values is not None:
            self.add(f"{{seek}}{column} IN ({','.join(map(str, values))})", index=index)

    def and_also(self, *more: str | Part) -> Condition:
        """The same with more that must hold."""
        parts = [Part(one) if isinstance(one, str) else one for one in more]
        return Condition([*parts, *self.parts], self.index)

    @property
    def sql(self) -> str:
        """The clause, true where there is no part."""
        sought = {index: "" if index == self.index else "+" for index in (None, *(part.index for part in self.parts))}
        sought[None] = "+"
        clauses = [f"({part.text.replace('{seek}', sought[part.index])})" for part in self.parts]
        while len(clauses) > _IN_A_ROW:  # SQLite nests what stands in a row, and has a limit for that
            rows = range(0, len(clauses), _IN_A_ROW)
            clauses = [f"({' AND '.join(clauses[start : start + _IN_A_ROW])})" for start in rows]
        return " AND ".join(clauses) or "1"

    @property
    def parameters(self) -> list[Any]:
        """The values of all parts, in order."""
        return [value for part in self.parts for value in part.parameters]

    @property
    def is_impossible(self) -> bool:
        """Whether no photo can pass: SQLite takes no index for such a clause, even one that it is told to take."""
        return any(part.text == NOTHING for part in self.parts)

    def choose_index(self, store: Store) -> None:
        """Seek by the field that lets the fewest photos through, where those are few."""
        sought = dict.fromkeys(part.index for part in self.parts if part.index)
        fields = [Condition([part for part in self.parts if part.index == index], index) for index in sought]
        most = (store.value("SELECT max(id) FROM photo") or 0) // FEW
        for alone, share in zip(fields, _shares(store, fields), strict=True):
            if share > _SURELY_MANY:
                continue
            index = alone.index
            number = store.value(
                f"SELECT count(*) FROM (SELECT 1 FROM photo INDEXED BY {index} WHERE {alone.sql} LIMIT ?)",
                [*alone.parameters, most],
            )
            if number < most:
                most, self.index = number, index


def _shares(store: Store, fields: Sequence[Condition]) -> list[float]:
    """The share of photos that each of some conditions lets through, of a sample."""
    if not fields:
        return []
    among = sample(store)
    counted = ", ".join(f"avg(({replace(one, index=None).sql}) IS TRUE)" for one in fields)
    (shares,) = store.all(
        f"SELECT {counted} FROM photo WHERE id IN (SELECT value FROM json_each(?))",
        [*(value for one in fields for value in one.parameters), among],
    )
    return [share or 0.0 for share in shares]


def condition(store: Store, wanted: PhotoFilter, *, seek: bool = True) -> Condition:
    """What a photo must fulfil; a field that is added to the filter needs its line here.

    With ``seek`` an index is chosen where few photos pass; without, the caller walks along one of its own choice.
    """
    found = Condition()
    _add_folders(found, store, wanted.folders)
    _add_words(found, store, list(dict.fromkeys(folded(wanted.text).split())))
    found.add_range("score", "photo_by_score", wanted.score_at_least, wanted.score_at_most)
    found.add_range("spread", "photo_by_spread", wanted.spread_at_least, wanted.spread_at_most)
    found.add_range("iso", "photo_by_iso", _bound(wanted.iso_at_least), _bound(wanted.iso_at_most))
    found.add_range("focal_mm", "photo_by_focal_length", wanted.focal_at_least, wanted.focal_at_most)
    if wanted.rating is not None:
        found.add(f"rating {_COMPARE[wanted.rating_comparison]} ?", wanted.rating)
    found.add_one_of("flag", _numbers(wanted.flags))
    found.add_one_of("label", _numbers(wanted.labels))
    found.add_one_of("state", _numbers(wanted.states))
    _add_gear(found, store, "camera", wanted.camera)
    _add_gear(found, store, "lens", wanted.lens)
    _add_groups(found, wanted.groups)
    if wanted.taken_from is not None:
        found.add("{seek}taken >= ?", clock(wanted.taken_from), index="photo_by_time")
    if wanted.taken_before is not None:
        found.add("{seek}taken < ?", clock(wanted.taken_before), index="photo_by_time")
    _add_sharpness(found, store, wanted.sharpness_at_least, wanted.sharpness_at_most)
    _add_faces(found, store, wanted)
    if wanted.series_id is not None:
        found.add("{seek}series_id = ?", wanted.series_id, index="photo_of_series")
    if seek and not found.is_impossible:
        found.choose_index(store)
    return found


def _bound(value: int | None) -> int | None:
    return None if value is None else max(-_LARGEST, min(_LARGEST, value))


def _numbers(values: frozenset[Any] | None) -> list[int] | None:
    return None if values is None else sorted(int(value) for value in values)


def _add_folders(found: Condition, store: Store, folders: Sequence[str]) -> None:
    if not folders:
        return
    ranges = [under("path", folder) for folder in folders]
    bounds = [value for _, bound in ranges for value in bound]
    inside = store.ids(f"SELECT id FROM folder WHERE {' OR '.join(sql for sql, _ in ranges)}", bounds)
    found.add_one_of("folder_id", inside, "photo_in_folder")


def _add_words(found: Condition, store: Store, words: Sequence[str]) -> None:
    """Each word occurs somewhere: in few folders, lenses and captions, which are found first, or in the name."""
    if len(words) > MOST_WORDS:
        found.add(NOTHING)
        return
    for start in range(0, len(words), _WORDS_AT_ONCE):
        some = words[start : start + _WORDS_AT_ONCE]
        for word, written in zip(some, _written(store, some), strict=True):
            folders = store.ids("SELECT id FROM folder WHERE instr(search, ?)", (word,))
            gear = store.ids("SELECT id FROM gear WHERE instr(search, ?)", (word,))
            places = []
            if folders:
                places.append(f"+folder_id IN ({','.join(map(str, folders))})")
            if gear:
                places.append(f"+gear_id IN ({','.join(map(str, gear))})")
            places.append("instr(search, ?)")
            values: list[Any] = [word]
            if sum(map(len, written)) > _NAMED_ONE_BY_ONE:
                places.append(MARKED)
                values.append(marks_of(*written))
            elif written:
                places.append(f"+id IN ({','.join(str(photo) for some in written for photo in some)})")
            found.add(" OR ".join(places), *values)


def _written(store: Store, words: Sequence[str]) -> list[list[array[int]]]:
    """For each word the photos, in one list or more, whose caption or keywords have it."""
    is_one = len(words) == 1  # which the clause has looked for already
    found = ", ".join(["group_concat(p.id)" + ("" if is_one else " FILTER (WHERE instr(w.search, ?))")] * len(words))
    any_of_them = " OR ".join(["instr(w.search, ?)"] * len(words))
    answers = store.each(
        [
            (
                f"SELECT {found} FROM words w CROSS JOIN photo p ON p.content_id = w.content_id "
                f"WHERE {side} AND ({any_of_them})",
                [*(() if is_one else words), *values, *words],
            )
            for side, values in content_sides(store, "w.content_id")
        ]
    )
    by_word = zip(*(row for (row,) in answers), strict=True)
    return [[unjoined(joined) for joined in of_word if joined] for of_word in by_word]


def _add_gear(found: Condition, store: Store, column: str, name: str | None) -> None:
    if name is not None:
        gear = store.ids(f"SELECT id FROM gear WHERE {column} = ?", (name,))
        found.add_one_of("gear_id", gear, "photo_by_gear")


def _add_groups(found: Condition, groups: frozenset[GroupKind] | None) -> None:
    if groups is None:
        return
    kinds = sorted(kind.value for kind in groups if kind is not GroupKind.SINGLE)
    parts = ["series_id IS NULL"] if GroupKind.SINGLE in groups else []
    if kinds:
        parts.append("+series_id IN (SELECT id FROM series WHERE kind IN (SELECT value FROM json_each(?)))")
        found.add(" OR ".join(parts), json.dumps(kinds))
    else:
        found.add(" OR ".join(parts) or NOTHING)


def _add_faces(found: Condition, store: Store, wanted: PhotoFilter) -> None:
    if wanted.faces_at_least is not None:
        found.add("faces >= ?", _bound(wanted.faces_at_least))
    if wanted.faces_at_most is not None:
        found.add("faces <= ?", _bound(wanted.faces_at_most))
    if wanted.eyes_closed is not None:
        closed = marks_of(store.ids(_CLOSED, _ALONE))
        # Most photos have no face, and need not be looked up.
        found.add(MARKED if wanted.eyes_closed else f"faces IS NULL OR faces = 0 OR NOT {MARKED}", closed)


def _add_sharpness(found: Condition, store: Store, at_least: float | None, at_most: float | None) -> None:
    """Shares of the library become the numbers that bound them today."""
    if at_least is None and at_most is None:
        return
    ranks = _Ranks(store)
    left_out = 0 if at_least is None else rank_of(at_least, ranks.count)
    kept = ranks.count if at_most is None else rank_of(at_most, ranks.count)
    if left_out >= ranks.count or kept <= 0:
        found.add(NOTHING)
        return
    found.add_range(
        "sharpness",
        "photo_by_sharpness",
        None if at_least is None else ranks.sharpness(left_out),
        None if at_most is None else ranks.sharpness(kept - 1),
    )


class _Ranks:
    """The measured photos by their sharpness; they are counted on each side of about their middle.

    Attributes:
        count: How many there are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sides = sides(store, "sharpness")
        answers = store.each([(f"SELECT count(*) {_MEASURED} AND {side}", values) for side, values in self._sides])
        self._counts = [int(count) for ((count,),) in answers]
        self.count = sum(self._counts)

    def sharpness(self, rank: int) -> float | None:
        """That of the photo with so many softer ones, from 0; asked for from the nearest end of its side."""
        for (side, values), count in zip(self._sides, self._counts, strict=True):
            if rank < count:
                order, steps = ("ASC", rank) if rank * 2 < count else ("DESC", count - 1 - rank)
                asked = f"SELECT sharpness {_MEASURED} AND {side} ORDER BY sharpness {order} LIMIT 1 OFFSET ?"
                return self._store.value(asked, [*values, steps])  # type: ignore[no-any-return]
            rank -= count
        return None


def rank_of(share: float, count: int) -> int:
    """How many of ``count`` photos make a share of so many per cent, to the nearest."""
    return round(share / 100 * count)
