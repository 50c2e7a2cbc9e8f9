"""Which photos are learned from, choose the best epoch, and are judged once at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import KnownError
from trainer.data.records import TEST, TRAIN, VALIDATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.data.records import PhotoSet
    from trainer.recipes.sections import SplitSettings

    Rows = NDArray[np.int64]

FEWEST = 3


@dataclass(frozen=True, slots=True)
class Splits:
    """Rows of a set; none is in two of them.

    Attributes:
        drawn: What had to be drawn, in words; empty where the set states every split.
    """

    train: Rows
    validation: Rows
    test: Rows
    drawn: str = ""

    def named(self) -> dict[str, Rows]:
        """By name."""
        return {TRAIN: self.train, VALIDATION: self.validation, TEST: self.test}


def split(photos: PhotoSet, settings: SplitSettings) -> Splits:
    """A set's own splits; what it does not state is drawn, always alike for the same set.

    Where a set names the photos to learn from, no others are learned from. Test photos are drawn from those that no
    split claims, or else from those to learn from; validation photos from the latter. Raises ``KnownError`` where one
    of the three would be empty.
    """
    stated = {name: photos.rows(name) for name in (TRAIN, VALIDATION, TEST)}
    unclaimed = photos.rows("")
    learn = stated[TRAIN] if len(stated[TRAIN]) else unclaimed
    drawn = []
    generator = np.random.default_rng(settings.draw)
    test, validation = stated[TEST], stated[VALIDATION]
    if not len(test):
        if len(stated[TRAIN]) and len(unclaimed):
            _, test = _drawn(unclaimed, settings.test, generator)
        else:
            learn, test = _drawn(learn, settings.test, generator)
        drawn.append(f"{len(test)} test photos")
    if not len(validation):
        learn, validation = _drawn(learn, settings.validation, generator)
        drawn.append(f"{len(validation)} validation photos")
    if min(len(learn), len(validation), len(test)) == 0:
        raise KnownError(
            f"{photos.name}: {len(photos)} photos are too few to learn from, to choose by and to judge.",
            f"It takes {FEWEST} at least, and some hundred to learn anything.",
        )
    words = f"{' and '.join(drawn)} are drawn by chance, always alike" if drawn else ""
    return Splits(learn, validation, test, words)


def _drawn(rows: Rows, share: float, generator: np.random.Generator) -> tuple[Rows, Rows]:
    """Rows that stay and rows that are drawn, both in order; at least one is drawn."""
    count = max(1, round(share * len(rows)))
    order = generator.permutation(rows)
    return np.sort(order[count:]), np.sort(order[:count])
