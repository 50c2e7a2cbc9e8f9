"""Photos of a table with their pixels in memory, for sets that are small enough to be encoded anew in every run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import KnownError, UnreadablePhoto
from trainer.data.images import load_image
from trainer.data.records import Exclusion
from trainer.data.tables import read_photos, stars_to_votes

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["VotedPhotos", "read_votes", "stars_to_votes"]


@dataclass(frozen=True, slots=True)
class VotedPhotos:
    """A data set of photos with the distributions of their scores.

    Attributes:
        name: Of the set: its folder's name.
        files: Names as the CSV has them.
        images: (N, 3, S, S) uint8, the model's input.
        votes: (N, 10), each row sums to 1.
        sources: Where each photo is from; all the same where the CSV does not say.
        columns: Other numbers of the CSV (``published_nima``), NaN where empty.
    """

    name: str
    files: tuple[str, ...]
    images: NDArray[np.uint8]
    votes: NDArray[np.float64]
    sources: NDArray[np.str_]
    columns: dict[str, NDArray[np.float64]]

    def __len__(self) -> int:
        return len(self.files)


def read_votes(table: Path, side: int) -> tuple[VotedPhotos, list[Exclusion]]:
    """Read a CSV as ``tables.read_photos`` does, with every photo's pixels. What cannot be used is listed.

    Raises ``KnownError`` where there is no such table or nothing usable in it.
    """
    photos = read_photos(table)
    excluded = list(photos.excluded)
    rows, images = [], []
    for row, path in enumerate(photos.paths):
        try:
            images.append(load_image(path, side))
        except UnreadablePhoto as problem:
            excluded.append(Exclusion(photos.files[row], problem.reason))
            continue
        rows.append(row)
    if not images:
        raise KnownError(f"{table}: no photo could be read.", f"The first reason: {excluded[-1].reason}.")
    kept = photos.take(np.asarray(rows, dtype=np.int64))
    return VotedPhotos(kept.name, kept.files, np.stack(images), kept.votes, kept.sources, kept.columns), excluded
