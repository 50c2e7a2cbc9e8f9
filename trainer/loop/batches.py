"""What the loop learns from: the order of an epoch, drawn by seed and epoch alone, and each process's share of a step.

    Batches.draws(epoch) ─▶ [Draw(rows)] ─split among processes─▶ Share(rows of this process) ─Batches.load─▶ batch

No order and no draw depends on how many processes or loaders there are, nor on what was drawn before, so a run that
was killed goes on at any step as if nothing had happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)
Batch_co = TypeVar("Batch_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Draw:
    """What one step learns from, all processes together.

    Attributes:
        rows: (B,) of the set; of its series, where the kind says so.
        kind: Which set and loss, where batches of several kinds take turns (``coarse``, ``fine``).
    """

    rows: NDArray[np.int64]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """One process's part of a step.

    Attributes:
        rows: (b,) of the set.
        places: (b,) where they stand in the whole draw; empty for a process that has no row of its own.
        everyone: (B,) the draw's rows, this process's among them, for losses that compare all with each other.
        kind: The draw's.
        key: Seed, epoch and step: what every random draw for this step starts from.
    """

    rows: NDArray[np.int64]
    places: NDArray[np.int64]
    everyone: NDArray[np.int64]
    kind: str
    key: tuple[int, int, int]

    @property
    def whole(self) -> int:
        """B, how many rows the draw has."""
        return len(self.everyone)

    def generator(self) -> np.random.Generator:
        """The step's generator, the same in every process: draw for all ``whole`` rows, then take one's ``own``."""
        return np.random.default_rng(self.key)

    def own(self, drawn: NDArray[Scalar]) -> NDArray[Scalar]:
        """The part of what was drawn for the whole step (B, …) that belongs to this share."""
        return drawn[self.places] if len(self.places) else drawn[: len(self.rows)]


class Batches(Protocol[Batch_co]):
    """A training set as the loop wants it."""

    def draws(self, epoch: int) -> Sequence[Draw]:
        """The steps of an epoch, counted from 1: the same for the same epoch, and as many in every epoch."""
        ...

    def load(self, share: Share) -> Batch_co:
        """A share's rows as tensors on the CPU, or a dataclass, tuple or mapping of them; runs in loader threads."""
        ...


class Shuffled:
    """Epochs of all rows in an order of their own, cut into batches; the last one of an epoch may be smaller."""

    def __init__(self, rows: NDArray[np.int64], batch: int, seed: int, kind: str = "") -> None:
        self.rows = rows
        self.batch = batch
        self.seed = seed
        self.kind = kind

    def draws(self, epoch: int) -> list[Draw]:
        """The epoch's steps."""
        order = np.random.default_rng((self.seed, epoch)).permutation(self.rows)
        return [Draw(order[start : start + self.batch], self.kind) for start in range(0, len(order), self.batch)]


def alternate(fine: Sequence[Draw], coarse: Sequence[Draw]) -> list[Draw]:
    """Fine and coarse steps in turn, for as many pairs as the longer side has; the shorter one begins again.

    The FGAesQ paper alternates both kinds (arXiv 2603.03907, the total loss); what ends an epoch is not stated there.
    """
    if not fine or not coarse:
        return list(fine or coarse)
    count = max(len(fine), len(coarse))
    return [draw for step in range(count) for draw in (fine[step % len(fine)], coarse[step % len(coarse)])]


def share_of(draw: Draw, process: int, processes: int, key: tuple[int, int, int]) -> Share:
    """The part of a draw that one of several processes computes."""
    places = np.arange(len(draw.rows))[process::processes]
    if not len(places):  # fewer rows than processes: this one computes a row that another one counts
        return Share(draw.rows[:1], places, draw.rows, draw.kind, key)
    return Share(draw.rows[places], places, draw.rows, draw.kind, key)
