"""Which photos are shown, in which order: the question that an album is the answer to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aesthetic_studio.records import Flag, Label, PhotoState


class SortKey(StrEnum):
    """What an album can be ordered by."""

    SCORE = "score"
    TIME = "time"
    NAME = "name"
    RATING = "rating"


class Comparison(StrEnum):
    """How a rating filter compares."""

    EXACTLY = "exactly"
    AT_LEAST = "at least"


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Which photos to show; every field that is set must hold. The empty filter shows all."""

    folders: tuple[str, ...] = ()
    """These folders and everything below them."""
    text: str = ""
    """Every word must occur in the name, folder, camera, lens, caption or keywords."""
    score_at_least: float | None = None
    score_at_most: float | None = None
    rating: int | None = None
    rating_comparison: Comparison = Comparison.AT_LEAST
    flags: frozenset[Flag] | None = None
    labels: frozenset[Label] | None = None
    camera: str | None = None
    states: frozenset[PhotoState] | None = None
    series_id: int | None = None
    """Only the frames of this series."""
    faces_at_least: int | None = None
    faces_at_most: int | None = None
    """Only photos in which faces were looked for: 0 shows those without any, not those that nobody looked at."""
    eyes_closed: bool | None = None
    """Whether some face's eyes are found closed."""


@dataclass(frozen=True, slots=True)
class LikePhoto:
    """Search for photos that look like this one."""

    photo_id: int


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Search for photos that are nearly the same as another."""


@dataclass(frozen=True, slots=True)
class LikeWords:
    """Search for photos that show what these words say."""

    text: str


Search = LikePhoto | LikeWords | Duplicates


@dataclass(frozen=True, slots=True)
class PhotoQuery:
    """An album: which photos, in which order."""

    filter: PhotoFilter = field(default_factory=PhotoFilter)
    sort: SortKey = SortKey.SCORE
    descending: bool = True
    collapse_series: bool = True
    """One series takes one place, that of its best frame."""
    open_series: frozenset[int] = frozenset()
    """Series that are shown frame by frame in spite of ``collapse_series``."""
    search: Search | None = None
    """Of these photos only those that are found by how they look, in the order of finding, every frame on its own."""
