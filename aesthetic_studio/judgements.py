"""What the person judged, as the trainer learns from it: frozen, typed, in an order that depends on nothing else.

Everything names contents by their hash, so that what is learnt does not depend on where a photo lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from aesthetic_studio.records import Flag, SeriesKind


class PreferenceSource(StrEnum):
    """How a judgement by pairs came about."""

    BURST = "burst"
    """The person chose the best frame of a burst: it is better than each of the others."""
    COMPARE = "compare"
    """The person let one of two photos win that they compared side by side."""
    TEACH = "teach"
    """The program showed two photos and asked."""
    TIE = "tie"
    """It asked, and the answer was: no difference. Which of the two is named the better one means nothing."""


@dataclass(frozen=True, slots=True)
class JudgedPhoto:
    """A photo that was judged; of identical files the one that is there, the first by path."""

    photo_id: int
    content_id: int
    content_hash: bytes
    """16 bytes: what a judgement holds on to."""
    path: Path
    present: bool
    """Whether its file was there when its folder was last looked at."""


@dataclass(frozen=True, slots=True)
class RatedPhoto:
    """A photo with stars."""

    photo: JudgedPhoto
    stars: int
    """1..5."""


@dataclass(frozen=True, slots=True)
class FlaggedPhoto:
    """A photo that was picked or rejected."""

    photo: JudgedPhoto
    flag: Flag


@dataclass(frozen=True, slots=True)
class Preference:
    """One photo was judged better than another."""

    better: JudgedPhoto
    worse: JudgedPhoto
    source: str
    """A ``PreferenceSource``, or a name that a newer version knows."""
    made: datetime
    """UTC."""


@dataclass(frozen=True, slots=True)
class SeriesChoice:
    """The frame that the person chose out of a series, and the others of it."""

    series_id: int
    kind: SeriesKind
    chosen: JudgedPhoto
    others: tuple[JudgedPhoto, ...]


@dataclass(frozen=True, slots=True)
class Judgements:
    """All that the person judged, each part in the order of the contents' first appearance in the library."""

    ratings: tuple[RatedPhoto, ...] = ()
    flags: tuple[FlaggedPhoto, ...] = ()
    preferences: tuple[Preference, ...] = ()
    """In the order they were made; of two about the same pair only the later one holds."""
    choices: tuple[SeriesChoice, ...] = ()

    @property
    def count(self) -> int:
        """How many single judgements there are; a choice counts by its preferences."""
        return len(self.ratings) + len(self.flags) + len(self.preferences)


@dataclass(frozen=True, slots=True)
class PairScore:
    """What a model that compares says of two contents side by side."""

    first: int
    """Content."""
    second: int
    first_score: float
    second_score: float
