"""From which cosine on two photos shall count as nearly the same: what each threshold finds, and what it mistakes.

looks of a gallery ─┬─ every pair of different files ─▶ pairs above a threshold; ``pairs.csv`` lists them, to be seen
                    └─ altered copies, each against its own photo ─▶ share that a threshold finds
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from trainer import metrics
from trainer.studies.output import cell, markdown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

THRESHOLDS = (0.80, 0.82, 0.84, 0.86, 0.88, 0.90, 0.92, 0.94, 0.96, 0.98)
PAIRS_FILE = "pairs.csv"

_BLOCK = 1000
"""Looks compared with all others at once."""


def pairs_alike(looks: NDArray[np.float32], least: float) -> list[tuple[int, int, float]]:
    """Pairs of rows (N, P) whose cosine is ``least`` or more, the most alike first, each with its cosine."""
    found: list[tuple[int, int, float]] = []
    for first in range(0, len(looks), _BLOCK):
        cosines = looks[first : first + _BLOCK] @ looks[first:].T
        rows, others = np.nonzero(np.triu(cosines >= least, k=1))
        found += [
            (first + int(row), first + int(other), float(cosines[row, other]))
            for row, other in zip(rows, others, strict=True)
        ]
    return sorted(found, key=lambda pair: (-pair[2], pair[0], pair[1]))


def judge_thresholds(
    own: Mapping[str, NDArray[np.float32]], pairs: Sequence[tuple[int, int, float]], *, resamples: int, seed: int
) -> dict[str, dict[str, Any]]:
    """Of each threshold: the share of altered copies it finds, by alteration, and how many pairs of the gallery.

    Args:
        own: By alteration, the cosine of each altered copy with its own photo.
        pairs: As ``pairs_alike`` finds them from the lowest threshold on.
        resamples: Of the bootstrap over photos.
        seed: Of the bootstrap.
    """
    judged: dict[str, dict[str, Any]] = {}
    for least in THRESHOLDS:
        hits = {name: (cosines >= least).astype(np.float64) for name, cosines in own.items()}
        # Of each photo the mean over what was done to it: photos are resampled, not copies.
        hits["all"] = np.mean([*hits.values()], axis=0)
        judged[f"{least:.2f}"] = {
            **{name: _share(each, resamples, seed) for name, each in hits.items()},
            "pairs": sum(cosine >= least for *_, cosine in pairs),
        }
    return judged


def threshold_table(judged: Mapping[str, Mapping[str, Any]], photos: int) -> str:
    """The figures of ``judge_thresholds`` as Markdown."""
    names = [name for name in next(iter(judged.values())) if name != "pairs"]
    heading = ["found from", *names, f"pairs of other photos among {photos:,}"]
    return markdown(
        heading, [[least, *(cell(row[name]) for name in names), str(row["pairs"])] for least, row in judged.items()]
    )


def listed_pairs(pairs: Sequence[tuple[int, int, float]], photos: Sequence[Path]) -> str:
    """The pairs as CSV, so that a person can look which of them are the same picture."""
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(["cosine", "first", "second"])
    rows.writerows([f"{cosine:.6f}", photos[first], photos[second]] for first, second, cosine in pairs)
    return stream.getvalue()


def _share(hits: NDArray[np.float64], resamples: int, seed: int) -> Any:
    return metrics.bootstrap(len(hits), lambda rows: float(hits[rows].mean()), resamples=resamples, seed=seed)
