"""What every reader of a data set answers with: photos with votes, words and splits; series with labelled pairs.

No pixels here: a set names files, and ``images.load_image`` or the features' cache opens them.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

BINS = 10
TRAIN, VALIDATION, TEST = "train", "validation", "test"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A photo, row or line that was left out, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class PhotoSet:
    """Photos with the distributions of their scores.

    Attributes:
        name: Of the set, as cards and tables show it.
        files: Each photo's name in the set (AVA: the image id); unique.
        paths: Where each photo lies.
        votes: (N, 10), each row sums to 1.
        sources: (N,) where each photo is from; all the same where the set does not say.
        splits: (N,) ``train``, ``validation``, ``test``, or empty where the set states none.
        comments: What people said of each photo; an empty tuple where nothing was said.
        columns: Other numbers of the table (``published_nima``), NaN where empty.
        excluded: What was left out while reading.
        kind: What the reader took it for, in words (``"AVA"``).
        notes: By which rules it was read, one sentence each.
    """

    name: str
    files: tuple[str, ...]
    paths: tuple[Path, ...]
    votes: NDArray[np.float64]
    sources: NDArray[np.str_]
    splits: NDArray[np.str_]
    comments: tuple[tuple[str, ...], ...] = ()
    columns: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    excluded: tuple[Exclusion, ...] = ()
    kind: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.files)

    def rows(self, split: str) -> NDArray[np.int64]:
        """Which photos belong to a split."""
        return np.flatnonzero(self.splits == split).astype(np.int64)

    def take(self, rows: NDArray[np.int64]) -> PhotoSet:
        """These photos alone, in this order."""
        chosen = [int(row) for row in rows]
        return dataclasses.replace(
            self,
            files=tuple(self.files[row] for row in chosen),
            paths=tuple(self.paths[row] for row in chosen),
            votes=self.votes[rows],
            sources=self.sources[rows],
            splits=self.splits[rows],
            comments=tuple(self.comments[row] for row in chosen) if self.comments else (),
            columns={name: values[rows] for name, values in self.columns.items()},
        )


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """People's comparison of two photos of one series: rows of the set, and P(first is better)."""

    first: int
    second: int
    probability: float


@dataclass(frozen=True, slots=True)
class LabelledSeries:
    """A series of photos of one scene.

    Attributes:
        name: Of the series.
        members: Rows of its photos in the set.
        pairs: What was compared.
        order: ``members`` from best to worst where the whole order is known, else empty.
        category: ``natural``, ``aigc``, ``cropping``, a kind of degradation, or empty.
        split: ``train``, ``validation``, ``test`` or empty. No series lies in two splits.
    """

    name: str
    members: tuple[int, ...]
    pairs: tuple[LabelledPair, ...]
    order: tuple[int, ...] = ()
    category: str = ""
    split: str = ""


@dataclass(frozen=True, slots=True)
class SeriesSet:
    """Series of photos with labelled pairs, for the fine-grained methods; ``kind`` and ``notes`` as in ``PhotoSet``."""

    name: str
    files: tuple[str, ...]
    paths: tuple[Path, ...]
    series: tuple[LabelledSeries, ...]
    excluded: tuple[Exclusion, ...] = ()
    kind: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.series)

    def rows(self, split: str) -> NDArray[np.int64]:
        """Which series belong to a split."""
        return np.asarray([k for k, series in enumerate(self.series) if series.split == split], dtype=np.int64)

    def take(self, rows: NDArray[np.int64]) -> SeriesSet:
        """These photos alone, in this order; pairs that miss a photo go, and series that have no pair left."""
        new = {int(row): k for k, row in enumerate(rows)}
        kept = []
        for series in self.series:
            pairs = tuple(
                LabelledPair(new[pair.first], new[pair.second], pair.probability)
                for pair in series.pairs
                if pair.first in new and pair.second in new
            )
            if pairs:
                members = tuple(new[row] for row in series.members if row in new)
                order = tuple(new[row] for row in series.order if row in new)
                kept.append(dataclasses.replace(series, members=members, pairs=pairs, order=order))
        return dataclasses.replace(
            self,
            files=tuple(self.files[int(row)] for row in rows),
            paths=tuple(self.paths[int(row)] for row in rows),
            series=tuple(kept),
        )
