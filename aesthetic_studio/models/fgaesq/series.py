"""The pairwise scheme: a photo's score within its series is the mean over all its comparisons."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEEDS = 10_000

SHRUNK_FROM = 4
"""A series with at least so many photos has its scores drawn to their mean."""

OWN_WEIGHT = {1: 0.3, 2: 0.7}
"""Weight of a photo's own mean by its number of comparisons; the series' mean has the rest."""

OWN_WEIGHT_OF_MANY = 0.9


@dataclass(frozen=True, slots=True)
class PairScore:
    """Two photos of a series, scored beside each other."""

    first: int
    """Its number in the series, from 0."""
    second: int
    first_score: float
    """1..10."""
    second_score: float


def pair_seed(series: str, first: int, second: int) -> int:
    """What a pair's draws begin with: ``md5("{series}_{i}_{j}") mod 10000``, as released."""
    digest = hashlib.md5(f"{series}_{first}_{second}".encode(), usedforsecurity=False).hexdigest()
    return int(digest, 16) % SEEDS


def all_pairs(count: int) -> Iterator[tuple[int, int]]:
    """All n (n − 1) / 2 pairs of a series."""
    return ((first, second) for first in range(count) for second in range(first + 1, count))


def series_scores(count: int, pairs: Iterable[PairScore]) -> list[float]:
    """Scores 1..10 of ``count`` photos from their comparisons; NaN for a photo that was compared with none.

    The mean over a photo's pairs, shrunk in series of four or more towards the series' mean (of the photos' means), the
    more the fewer comparisons there are. With all pairs compared, every photo is shrunk alike and the order stays.
    """
    found: list[list[float]] = [[] for _ in range(count)]
    for pair in pairs:
        found[pair.first].append(pair.first_score)
        found[pair.second].append(pair.second_score)
    means = [math.fsum(scores) / len(scores) if scores else math.nan for scores in found]
    known = [mean for mean in means if not math.isnan(mean)]
    if count < SHRUNK_FROM or not known:
        return means
    middle = math.fsum(known) / len(known)
    own = [OWN_WEIGHT.get(len(scores), OWN_WEIGHT_OF_MANY) for scores in found]
    return [weight * mean + (1.0 - weight) * middle for weight, mean in zip(own, means, strict=True)]
