"""From a ``PhotoFilter`` to the WHERE clause that says the same.

Where a field alone lets few photos through, its own index is the quick way to them: they are looked up and sorted.
Otherwise a walk along the album's order is, with all columns in the index; a plus sign before a column then keeps
SQLite from seeking by that column.
"""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aesthetic_studio.albums import Comparison, GroupKind
from aesthetic_studio.faces import ALONE_CONFIDENCE, ALONE_OPEN_AT_MOST, SURELY_A_FACE
from aesthetic_studio.library.rows import clock, folded
from aesthetic_studio.library.scanning import under

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.albums import PhotoFilter
    from aesthetic_studio.library.connection import Store

FEW = 10
"""One photo in so many is few enough to look each of them up."""
NOTHING = "0"
"""A part that no photo fulfils."""
_COMPARE = {Comparison.EXACTLY: "=", Comparison.AT_LEAST: ">=", Comparison.AT_MOST: "<="}
_LARGEST = 2**63 - 1
_CLOSED = """
SELECT id FROM photo WHERE eyes_closed > 0 UNION
SELECT p.id FROM face f CROSS JOIN photo p ON p.content_id = f.content_id
WHERE f.eyes_open <= ? AND f.eyes_confidence >= ? AND f.confidence >= ?
"""
"""As ``Face.surely_closed`` where no other frame tells."""
_ALONE = (ALONE_OPEN_AT_MOST, ALONE_CONFIDENCE, SURELY_A_FACE)


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
        return " AND ".join(f"({part.text.replace('{seek}', sought[part.index])})" for part in self.parts) or "1"

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
        most = (store.value("SELECT max(id) FROM photo") or 0) // FEW
        for index in dict.fromkeys(part.index for part in self.parts if part.index):
            alone = Condition([part for part in self.parts if part.index == index], index)
            number = store.value(
                f"SELECT count(*) FROM (SELECT 1 FROM photo INDEXED BY {index} WHERE {alone.sql} LIMIT ?)",
                [*alone.parameters, most],
            )
            if number < most:
                most, self.index = number, index


def condition(store: Store, wanted: PhotoFilter, *, seek: bool = True) -> Condition:
    """What a photo must fulfil; a field that is added to the filter needs its line here.

    With ``seek`` an index is chosen where few photos pass; without, the caller walks along one of its own choice.
    """
    found = Condition()
    _add_folders(found, store, wanted.folders)
    for word in dict.fromkeys(folded(wanted.text).split()):
        _add_word(found, store, word)
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


def _add_word(found: Condition, store: Store, word: str) -> None:
    """A word occurs somewhere: in few folders, lenses and captions, which are found first, or in the name."""
    folders = store.ids("SELECT id FROM folder WHERE instr(search, ?)", (word,))
    gear = store.ids("SELECT id FROM gear WHERE instr(search, ?)", (word,))
    places = []
    if folders:
        places.append(f"+folder_id IN ({','.join(map(str, folders))})")
    if gear:
        places.append(f"+gear_id IN ({','.join(map(str, gear))})")
    places.append("instr(search, ?)")
    values: list[Any] = [word]
    written = store.ids(
        "SELECT p.id FROM words w JOIN photo p ON p.content_id = w.content_id WHERE instr(w.search, ?)", (word,)
    )
    if written:
        places.append("+id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(list(written)))
    found.add(" OR ".join(places), *values)


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
        closed = json.dumps(list(store.ids(_CLOSED, _ALONE)))
        if wanted.eyes_closed:
            found.add("+id IN (SELECT value FROM json_each(?))", closed)
        else:
            # Most photos have no face, and what SQLite knows to hold no NULL it looks up in half the time.
            open_eyes = "+id NOT IN (SELECT value FROM json_each(?) WHERE value IS NOT NULL)"
            found.add(f"faces IS NULL OR faces = 0 OR {open_eyes}", closed)


def _add_sharpness(found: Condition, store: Store, at_least: float | None, at_most: float | None) -> None:
    """Shares of the library become the numbers that bound them today."""
    if at_least is None and at_most is None:
        return
    measured = "FROM photo INDEXED BY photo_rank_of_sharpness WHERE sharpness IS NOT NULL AND listing > 0"
    count = store.value(f"SELECT count(*) {measured}")

    def softest(rank: int) -> float | None:
        """The sharpness of the photo with so many softer ones, from 0."""
        if rank * 2 < count:
            return store.value(f"SELECT sharpness {measured} ORDER BY sharpness LIMIT 1 OFFSET ?", (rank,))  # type: ignore[no-any-return]
        return store.value(  # type: ignore[no-any-return]
            f"SELECT sharpness {measured} ORDER BY sharpness DESC LIMIT 1 OFFSET ?", (count - 1 - rank,)
        )

    left_out = 0 if at_least is None else rank_of(at_least, count)
    kept = count if at_most is None else rank_of(at_most, count)
    if left_out >= count or kept <= 0:
        found.add(NOTHING)
        return
    found.add_range(
        "sharpness",
        "photo_by_sharpness",
        None if at_least is None else softest(left_out),
        None if at_most is None else softest(kept - 1),
    )


def rank_of(share: float, count: int) -> int:
    """How many of ``count`` photos make a share of so many per cent, to the nearest."""
    return round(share / 100 * count)
