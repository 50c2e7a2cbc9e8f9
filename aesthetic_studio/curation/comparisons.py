"""What a model that compares says of a burst: each frame's mean score over its comparisons with all the others.

That is FGAesQ's scheme for series (arXiv 2603.03907): two frames are scored beside each other, where they differ most,
and a frame's score is the mean over its pairs. Such scores count within their burst only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import PhotoRecord

Comparisons = Mapping[tuple[int, int], tuple[float, float]]
"""(content, other content) → their scores 1..10 beside each other; every pair in one order at least."""

MOST_COMPARED = 12
"""Frames of one burst that are compared with each other. Pairs grow with the square: 12 frames have 66, a burst of 100
would have 4,950; of a longer burst the 12 that stand best by score and measurements are compared."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One frame against each other frame of its burst."""

    score: float
    """Mean over its comparisons, 1..10."""
    won: int
    """In how many comparisons it scored higher."""
    of: int


def compare_frames(frames: Sequence[PhotoRecord], comparisons: Comparisons) -> list[Compared | None] | None:
    """How each frame did, in the order given; ``None`` for one that was compared with no other (it could not be read).

    ``None`` altogether unless every two of the others were compared: half of a burst compared would be ordered by who
    was compared with whom. Frames of the same content are not compared and tie.
    """
    pairs = {
        (one, two): scores
        for one in range(len(frames))
        for two in range(len(frames))
        if (scores := _scores(frames[one].content_id, frames[two].content_id, comparisons)) is not None
    }
    taking_part = sorted({one for one, _ in pairs})
    contents = {frames[index].content_id for index in taking_part}
    if any(
        frames[one].content_id != frames[two].content_id and (one, two) not in pairs
        for one in taking_part
        for two in taking_part
    ):
        return None
    if len(contents) < 2:
        return None
    found: list[Compared | None] = [None] * len(frames)
    for one in taking_part:
        own = [pairs[one, two] for two in taking_part if (one, two) in pairs]
        mean = math.fsum(mine for mine, _ in own) / len(own)
        found[one] = Compared(mean, sum(mine > other for mine, other in own), len(own))
    return found


def _scores(first: int, second: int, comparisons: Comparisons) -> tuple[float, float] | None:
    if first == second:
        return None
    if (first, second) in comparisons:
        return comparisons[first, second]
    other = comparisons.get((second, first))
    return None if other is None else (other[1], other[0])
