"""What the person said of which photos belong together, in place of what the program finds.

A statement names contents, so it outlives moves, rescans and regrouping. Of several statements about one content the
newest counts, as a whole: where the person put a photo is where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.records import SeriesKind

if TYPE_CHECKING:
    from collections.abc import Iterable

ALONE = 0
"""The part of the contents that belong with no other."""


@dataclass(frozen=True, slots=True)
class Held:
    """Where the person put a content: with the others of the same statement and part, or, in ``ALONE``, with none."""

    statement: int
    """A later statement has a larger number."""
    part: int
    kind: SeriesKind = SeriesKind.BURST
    """What the part is; it means nothing in ``ALONE``."""


Holding = Mapping[int, Held]
"""Content → where the person put it; contents that are left to the program are not in it."""

NOTHING_HELD: Holding = {}


@dataclass(frozen=True, slots=True)
class Part:
    """Contents that belong together."""

    kind: SeriesKind
    contents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """Who belongs with whom, said at once: each part together, parts apart, and each of ``alone`` with no other.

    Raises ``ValueError`` where a content is named twice.
    """

    parts: tuple[Part, ...] = ()
    alone: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        named = [*(content for part in self.parts for content in part.contents), *self.alone]
        if len(named) != len(set(named)):
            raise ValueError("a statement puts each content in one place")

    def held(self, number: int) -> dict[int, Held]:
        """Where it puts its contents, as the statement of this number."""
        places = {content: Held(number, ALONE) for content in self.alone}
        for place, part in enumerate(self.parts, start=1):
            places.update(dict.fromkeys(part.contents, Held(number, place, part.kind)))
        return places


def holding(statements: Iterable[Statement]) -> dict[int, Held]:
    """Where each content is after all these statements, the oldest first."""
    places: dict[int, Held] = {}
    for number, statement in enumerate(statements, start=1):
        places.update(statement.held(number))
    return places
