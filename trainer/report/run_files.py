"""Writes the files of a run that its report reads; ``reading`` is the other half.

predictions.csv   file, split, p1…p10 predicted and a1…a10 actual shares of votes, one photo a line
attention.npz     files (n,), paths (n,), maps (n, H, W), predicted (n,) and actual (n,) mean scores
sweep.json        {"key": …, "points": [{"value": …, "metrics": {name: {"value", "low", "high"}}}]}
"""

from __future__ import annotations

import csv
import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from aesthetic_studio.errors import KnownError
from aesthetic_studio.paths import shown
from trainer.metrics import mean_scores

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aesthetic_studio.models.card import Interval
    from trainer.metrics import Array

PREDICTIONS_FILE = "predictions.csv"
ATTENTION_FILE = "attention.npz"
SWEEP_FILE = "sweep.json"
PREDICTIONS_HEAD = ("file", "split", *(f"p{k}" for k in range(1, 11)), *(f"a{k}" for k in range(1, 11)))


def write_predictions(path: Path, files: Sequence[str], splits: Sequence[str], predicted: Array, actual: Array) -> None:
    """Write predicted and actual distributions (N, 10) as a table. Raises ``KnownError`` where that fails."""
    try:
        with path.open("w", encoding="utf-8", newline="", errors="replace") as stream:
            lines = csv.writer(stream)
            lines.writerow(PREDICTIONS_HEAD)
            for file, split, p, a in zip(files, splits, predicted, actual, strict=True):
                lines.writerow([shown(file), split, *(f"{share:.6f}" for share in (*p, *a))])
    except OSError as error:
        raise _cannot_write(path, error) from error


def write_attention(
    path: Path,
    files: Sequence[str],
    paths: Sequence[Path],
    maps: NDArray[np.floating[Any]],
    predicted: Array,
    actual: Array,
) -> None:
    """Write where the queries looked in some photos, maps (n, H, W), with their distributions (n, 10).

    Raises ``KnownError`` where that fails.
    """
    try:
        np.savez_compressed(
            path,
            files=np.asarray([shown(file) for file in files]),
            paths=np.asarray([shown(place) for place in paths]),
            maps=np.asarray(maps, dtype=np.float32),
            predicted=mean_scores(predicted),
            actual=mean_scores(actual),
        )
    except OSError as error:
        raise _cannot_write(path, error) from error


def sweep_content(key: str, points: Iterable[tuple[object, Mapping[str, Interval]]]) -> dict[str, Any]:
    """What ``sweep.json`` holds: figures with intervals for each value of one setting."""
    return {
        "key": key,
        "points": [
            {"value": value, "metrics": {name: dataclasses.asdict(found) for name, found in metrics.items()}}
            for value, metrics in points
        ],
    }


def _cannot_write(path: Path, error: OSError) -> KnownError:
    return KnownError(f"{path}: this could not be written ({error.strerror}).", "Make room on the disk.")
