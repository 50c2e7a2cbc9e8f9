"""Photos with people's votes, read from a CSV file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.inputs import to_input
from trainer.data.records import BINS, Exclusion

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

IMAGE_FOLDER = "images"


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


def stars_to_votes(stars: NDArray[np.float64]) -> NDArray[np.float64]:
    """Five-star counts (N, 5) as votes over 1..10 (N, 10).

    The stated rule: one star is the pair of votes {1, 2}, two stars {3, 4}, …, five stars {9, 10}; a star's votes are
    shared evenly by its pair. So s stars count as 2 s − 0.5 on average (1..5 stars lie at 1.5, 3.5, 5.5, 7.5, 9.5),
    the order of photos stays what it was, and a mean vote of 5 is a mean of 2.75 stars.
    """
    votes = np.repeat(stars / 2.0, 2, axis=1)
    shares: NDArray[np.float64] = votes / votes.sum(axis=1, keepdims=True)
    return shares


def read_votes(table: Path, side: int) -> tuple[VotedPhotos, list[Exclusion]]:
    """Read a CSV (or a folder that holds one ``ratings.csv``) and its photos.

    The table has ``file`` and either ``stars1``…``stars5`` or ``votes1``…``votes10``, and may have ``source``.
    Photos lie beside it or in its ``images`` folder. Rows without votes or without a readable photo are left out, and
    listed.
    Raises ``KnownError`` where there is no such table or nothing usable in it.
    """
    path = table / "ratings.csv" if table.is_dir() else table
    rows = _rows(path)
    names = [f"votes{k}" for k in range(1, BINS + 1)]
    if names[0] not in rows[0]:
        names = [f"stars{k}" for k in range(1, 6)]
    missing = [name for name in ("file", *names) if name not in rows[0]]
    if missing:
        raise KnownError(
            f"{path}: there is no column {missing[0]!r}.", "It needs file and stars1…stars5 or votes1…votes10."
        )
    kept, images, votes, excluded = [], [], [], []
    for row in rows:
        try:
            counts = [float(row[name]) for name in names]
            if min(counts) < 0 or not 0 < sum(counts) < float("inf"):
                raise ValueError("it has no votes, or negative ones")
            images.append(_image(path.parent, row["file"], side))
        except (OSError, ValueError, TypeError) as error:
            excluded.append(Exclusion(row["file"], str(error)))
            continue
        kept.append(row)
        votes.append(counts)
    if not kept:
        raise KnownError(f"{path}: no photo with votes could be read.", f"The first reason: {excluded[0].reason}")
    counts_array = np.asarray(votes, dtype=np.float64)
    shares = stars_to_votes(counts_array) if len(names) == 5 else counts_array / counts_array.sum(axis=1, keepdims=True)
    photos = VotedPhotos(
        name=path.resolve().parent.name,
        files=tuple(row["file"] for row in kept),
        images=np.stack(images),
        votes=shares,
        sources=np.asarray([row.get("source") or "all" for row in kept]),
        columns={name: _column(kept, name) for name in ("published_nima",) if name in rows[0]},
    )
    return photos, excluded


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise KnownError(
            f"{path}: the votes cannot be read ({getattr(error, 'strerror', None) or error}).",
            "Name a CSV file with --data.",
        ) from error
    if not rows:
        raise KnownError(f"{path}: the table is empty.", "It needs a heading and one row a photo.")
    return rows


def _image(folder: Path, name: str, side: int) -> NDArray[np.uint8]:
    beside, inside = folder / name, folder / IMAGE_FOLDER / name
    with Image.open(inside if inside.is_file() else beside) as image:
        return to_input(image, side)


def _column(rows: list[dict[str, str]], name: str) -> NDArray[np.float64]:
    return np.asarray([float(row[name]) if row[name] else np.nan for row in rows], dtype=np.float64)
