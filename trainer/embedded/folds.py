"""Which photos are learned from and which are judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Fold:
    """One split: row numbers to learn from and to judge, with no row in both."""

    name: str
    learn: NDArray[np.int64]
    judge: NDArray[np.int64]


def leave_one_source_out(sources: NDArray[np.str_], rows: NDArray[np.int64]) -> list[Fold]:
    """One fold for each source among the rows: it is judged, and learned from all others."""
    return [
        Fold(str(source), rows[sources[rows] != source], rows[sources[rows] == source])
        for source in np.unique(sources[rows])
    ]


def random_folds(rows: NDArray[np.int64], count: int, seed: int) -> list[Fold]:
    """``count`` folds of equal size, drawn by the seed."""
    order = np.random.default_rng(seed).permutation(len(rows)) % count
    return [Fold(f"fold {k + 1}", rows[order != k], rows[order == k]) for k in range(count)]
