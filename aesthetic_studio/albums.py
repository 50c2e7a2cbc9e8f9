"""Which photos are shown, in which order: the question that an album is the answer to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping
    from datetime import datetime

    from aesthetic_studio.records import Flag, Label, PhotoState, VerdictChange


class SortKey(StrEnum):
    """What an album can be ordered by. Photos that lack the key come last, either way round; equals are in path order.

    But for the fine keys: of those the unusual direction is the mirror image of the usual one.
    """

    SCORE = "score"
    TIME = "time"
    NAME = "name"
    RATING = "rating"
    SPREAD = "spread"
    FLAG = "flag"
    LABEL = "label"
    SHARPNESS = "sharpness"
    ISO = "iso"
    FOCAL_LENGTH = "focal_length"
    CAMERA = "camera"
    """Camera, then lens."""
    PIXELS = "pixels"
    FILE_SIZE = "file_size"
    ADDED = "added"
    """The order in which photos came into the library."""


FINE_KEYS: Mapping[SortKey, bool] = {
    SortKey.SCORE: True,
    SortKey.SPREAD: True,
    SortKey.SHARPNESS: True,
    SortKey.FILE_SIZE: True,
    SortKey.TIME: False,
    SortKey.NAME: False,
}
"""Keys in which photos hardly ever equal each other, and whether they usually descend.

Where two do, as frames of one second, the mirror shows them as one expects: newest first, the later name first.
"""


class Comparison(StrEnum):
    """How a rating filter compares."""

    EXACTLY = "exactly"
    AT_LEAST = "at least"
    AT_MOST = "at most"


class GroupKind(StrEnum):
    """What a photo is part of; but for the first, the values are those of ``SeriesKind``."""

    SINGLE = "single"
    BURST = "burst"
    BRACKET = "bracket"
    PANORAMA = "panorama"
    FOCUS = "focus"


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Which photos to show; every field that is set must hold. The empty filter shows all.

    Both ends of a range belong to it, but for times. A photo that lacks what a range asks for is not shown.
    """

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
    lens: str | None = None
    states: frozenset[PhotoState] | None = None
    series_id: int | None = None
    """Only the frames of this series."""
    groups: frozenset[GroupKind] | None = None
    focal_at_least: float | None = None
    """Millimetres, as the camera states them."""
    focal_at_most: float | None = None
    iso_at_least: int | None = None
    iso_at_most: int | None = None
    taken_from: datetime | None = None
    """The camera's own clock, without a zone."""
    taken_before: datetime | None = None
    """The first moment that no longer belongs to the range."""
    spread_at_least: float | None = None
    spread_at_most: float | None = None
    sharpness_at_least: float | None = None
    """Per cent of the library's listed photos, softest first, that are left out from below.

    No absolute number: soft light and shallow focus measure low without being faults.
    """
    sharpness_at_most: float | None = None
    """Per cent of the library's listed photos, softest first, that are kept from below."""
    faces_at_least: int | None = None
    faces_at_most: int | None = None
    """Only photos in which faces were looked for: 0 shows those without any, not those that nobody looked at."""
    eyes_closed: bool | None = None
    """Whether some face's eyes are found closed."""

    def loses(self, change: VerdictChange) -> bool:
        """Whether a photo that passes now no longer does after this change of its verdict."""
        return (
            (change.rating is not None and not self._takes_rating(change.rating))
            or (change.flag is not None and self.flags is not None and change.flag not in self.flags)
            or (change.label is not None and self.labels is not None and change.label not in self.labels)
        )

    def _takes_rating(self, rating: int) -> bool:
        if self.rating is None:
            return True
        if self.rating_comparison is Comparison.EXACTLY:
            return rating == self.rating
        return rating >= self.rating if self.rating_comparison is Comparison.AT_LEAST else rating <= self.rating

    @property
    def depends_on_verdicts(self) -> bool:
        """Whether a decision may take a photo out of the album or into it."""
        return self.rating is not None or self.flags is not None or self.labels is not None

    def without_scores(self) -> PhotoFilter:
        """The same with scores of any height."""
        return replace(self, score_at_least=None, score_at_most=None)

    def without_times(self) -> PhotoFilter:
        """The same with photos of any time."""
        return replace(self, taken_from=None, taken_before=None)


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

    @property
    def is_mirrored(self) -> bool:
        """Whether photos of an equal key, or of none, are in the order of their paths from the last to the first."""
        return FINE_KEYS.get(self.sort, self.descending) is not self.descending


@dataclass(frozen=True, slots=True)
class AlbumPhotos:
    """The photos of an album.

    Attributes:
        ids: In its order.
        matching: Photos that pass its filter, frames inside collapsed series included.
        in_scope: Photos of its folders, whatever else is filtered.
    """

    ids: array[int]
    matching: int
    in_scope: int


@dataclass(frozen=True, slots=True)
class SmartAlbum:
    """A filter and an order that the person kept under a name.

    Attributes:
        unknown: What a newer version of the program asks for besides, and this one cannot; it stays stored.
    """

    id: int
    name: str
    query: PhotoQuery
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many photos lie between two edges each; ``edges`` has one more entry than ``counts``.

    Attributes:
        edges: Ascending. A photo on an edge counts above it, on the last one below it.
        lacking: Photos of the album that lack what is counted by.
    """

    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    lacking: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """How many photos were taken between two moments each; ``edges`` has one more entry than ``counts``.

    Attributes:
        edges: Ascending moments of the camera's own clock. A photo on an edge counts behind it.
        step: What lies between two edges: ``"minute"``, ``"hour"``, ``"day"``, ``"month"`` or ``"year"``.
        each: How many of these steps one bin holds.
        lacking: Photos of the album without a time.
    """

    edges: tuple[datetime, ...] = ()
    counts: tuple[int, ...] = ()
    step: str = "day"
    each: int = 1
    lacking: int = 0
