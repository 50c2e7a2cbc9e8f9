"""What the strip's two axes say, without Qt: marks below, and each bin in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aesthetic_studio.desktop.toolkit.filter_words import time_range
from aesthetic_studio.desktop.toolkit.words import count_of, day_in_words, month_in_words
from aesthetic_studio.translation import _, decimal

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.albums import Histogram, Timeline

_EPOCH = datetime(1970, 1, 1)
_STRIDES = {
    "minute": (1, 5, 15, 30, 60, 180, 360, 720, 1440),
    "hour": (1, 3, 6, 12, 24, 48, 96, 168),
    "day": (1, 7, 14, 28, 56, 112, 364),
    "month": (1, 3, 6, 12, 24, 60, 120),
    "year": (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10000),
}


@dataclass(frozen=True, slots=True)
class Axis:
    """Bins side by side, equally wide.

    Attributes:
        counts: Photos in each bin.
        ordinals: A whole number for each edge; marks stand where a stride divides it.
        strides: From the closest marks to the widest.
        mark: What is written below an edge, by its place.
        words: What a run of bins is, from its first edge to its last, ``"6.2 to 6.4"``.
    """

    counts: tuple[int, ...] = ()
    ordinals: tuple[int, ...] = ()
    strides: tuple[int, ...] = (1,)
    mark: Callable[[int], str] = str
    words: Callable[[int, int], str] = lambda first, last: _("{first} to {last}").format(first=first, last=last)

    def marks(self, most: int) -> list[int]:
        """The edges that get a mark, at most so many but for the widest stride."""
        found: list[int] = []
        for stride in self.strides:
            found = [edge for edge, ordinal in enumerate(self.ordinals) if ordinal % stride == 0]
            if len(found) <= most:
                break
        return found

    def said(self, first: int, last: int) -> str:
        """``6.2 to 6.4: 312 photos``."""
        return f"{self.words(first, last)}: {count_of(sum(self.counts[first:last]), 'photo')}"


def score_axis(histogram: Histogram) -> Axis:
    """Scores, marked at whole numbers."""
    edges = histogram.edges
    return Axis(
        histogram.counts,
        tuple(round(10 * edge) for edge in edges),
        (10, 20, 50),
        lambda edge: f"{edges[edge]:g}",
        lambda first, last: _("{first} to {last}").format(first=decimal(edges[first]), last=decimal(edges[last])),
    )


def time_axis(timeline: Timeline) -> Axis:
    """Moments, marked where a clock or calendar turns."""
    edges = timeline.edges
    return Axis(
        timeline.counts,
        tuple(_ordinal(edge, timeline.step) for edge in edges),
        _STRIDES[timeline.step],
        lambda edge: _mark(edges[edge], timeline.step),
        lambda first, last: _words(edges[first], edges[last], timeline.step),
    )


def _ordinal(edge: datetime, step: str) -> int:
    if step == "year":
        return edge.year
    if step == "month":
        return edge.year * 12 + edge.month - 1
    if step == "day":
        return edge.toordinal() - 1  # Mondays are divided by 7
    return (edge - _EPOCH) // timedelta(**{f"{step}s": 1})


def _mark(edge: datetime, step: str) -> str:
    if step == "year" or (step == "month" and edge.month == 1):
        return str(edge.year)
    if step == "month":
        return month_in_words(edge)
    return day_in_words(edge) if step == "day" or (edge.hour, edge.minute) == (0, 0) else f"{edge:%H:%M}"


def _words(start: datetime, end: datetime, step: str) -> str:
    if step == "year" and end.month == 1:
        return (
            str(start.year)
            if end.year - start.year <= 1
            else _("{first} to {last}").format(first=start.year, last=end.year - 1)
        )
    if step == "month" and (end.year * 12 + end.month) - (start.year * 12 + start.month) == 1:
        return f"{month_in_words(start, long=True)} {start.year}"
    return time_range(start, end)
