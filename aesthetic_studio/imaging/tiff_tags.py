"""A reader of TIFF directories that believes nothing: what lies out of bounds is not there."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

_MAX_ENTRIES = 1000
_MAX_VALUES = 20_000

_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I"}
"""Of the types that hold whole numbers, by TIFF's number for them: how ``struct`` calls one."""

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_ASCII, _RATIONAL = 2, 5


class Place(NamedTuple):
    """Bytes within a structure."""

    start: int
    length: int


class _Entry(NamedTuple):
    kind: int
    values: int
    place: Place


@dataclass(frozen=True, slots=True)
class Tiff:
    """A TIFF structure.

    Attributes:
        data: All of it; offsets count from its start.
        order: ``"<"`` or ``">"``.
    """

    data: bytes
    order: str

    @classmethod
    def of(cls, data: bytes) -> Tiff | None:
        """Of bytes that begin with ``II`` or ``MM``; ``None`` for others."""
        order = {b"II": "<", b"MM": ">"}.get(data[:2])
        return None if order is None or len(data) < 8 else cls(data, order)

    def first(self) -> Directory:
        """The main directory."""
        return self.directory(int(struct.unpack_from(f"{self.order}I", self.data, 4)[0]))

    def directory(self, at: int, base: int = 0) -> Directory:
        """The directory at ``at``, whose entries point from ``base`` on; empty where there is none."""
        found: dict[int, _Entry] = {}
        if not 0 < at <= len(self.data) - 2:
            return Directory(self, found)
        (count,) = struct.unpack_from(f"{self.order}H", self.data, at)
        for start in range(at + 2, at + 2 + 12 * min(count, _MAX_ENTRIES), 12):
            if start + 12 > len(self.data):
                break
            tag, kind, values, offset = struct.unpack_from(f"{self.order}HHII", self.data, start)
            length = _SIZES.get(kind, 0) * values
            begin = start + 8 if length <= 4 else base + offset
            if length > 0 and begin >= 0 and begin + length <= len(self.data):
                found.setdefault(tag, _Entry(kind, values, Place(begin, length)))
        return Directory(self, found)


@dataclass(frozen=True, slots=True)
class Directory:
    """The entries of one directory whose values lie within the structure."""

    tiff: Tiff
    entries: dict[int, _Entry]

    def place(self, tag: int) -> Place | None:
        """Where a value lies."""
        entry = self.entries.get(tag)
        return None if entry is None else entry.place

    def data(self, tag: int) -> bytes:
        """A value's bytes, none where it is not there."""
        place = self.place(tag)
        return b"" if place is None else self.tiff.data[place.start : place.start + place.length]

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Whole numbers; none where the tag is missing or of another type."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _CODES or entry.values > _MAX_VALUES:
            return ()
        return struct.unpack_from(f"{self.tiff.order}{entry.values}{_CODES[entry.kind]}", self.data(tag))

    def number(self, tag: int) -> int | None:
        """The first number."""
        values = self.numbers(tag)
        return values[0] if values else None

    def fractions(self, tag: int) -> tuple[float, ...]:
        """Unsigned fractions; none where the tag is missing, of another type or one divides by nothing."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind != _RATIONAL or entry.values > _MAX_VALUES:
            return ()
        parts = struct.unpack_from(f"{self.tiff.order}{2 * entry.values}I", self.data(tag))
        pairs = list(zip(parts[::2], parts[1::2], strict=True))
        return tuple(above / below for above, below in pairs) if all(below for _, below in pairs) else ()

    def text(self, tag: int) -> str:
        """A text without its end, empty where it is not there."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind != _ASCII:
            return ""
        return self.data(tag).split(b"\0")[0].decode("ascii", "replace").strip()
