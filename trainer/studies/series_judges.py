"""Judges of a series without votes: technical measurements, as the app orders a burst, and the Laplacian's variance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from aesthetic_studio.curation.standing import stand
from aesthetic_studio.imaging.measurements import measure
from aesthetic_studio.imaging.preview import shrink
from aesthetic_studio.records import (
    Metadata,
    PhotoRecord,
    PhotoState,
    Score,
    ScoreDistribution,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from aesthetic_studio.records import Measurements
    from trainer.metrics import Array


def measured(frame: Image.Image) -> Measurements:
    """What the app's index measures of an upright sRGB picture."""
    return measure(frame, shrink(frame), 1)


def laplacian_variance(frame: Image.Image) -> float:
    """Variance of the Laplacian of luma, the plainest measure of sharpness."""
    return float(ndimage.laplace(np.asarray(frame.convert("L"), dtype=np.float32)).var())


def standings(measurements: Sequence[Measurements], scores: Array | None = None, merits: Array | None = None) -> Array:
    """Each frame's worth among the frames of its series, by the app's own weights; with a model's scores or without.

    ``scores`` are distributions (frames, 10), ``merits`` what the model says within the scene (frames,).
    """

    def score(number: int) -> Score | None:
        if scores is None:
            return None
        merit = None if merits is None else float(merits[number])
        return Score("judge", "1", ScoreDistribution(tuple(map(float, scores[number])), merit))

    frames = [
        PhotoRecord(
            id=number,
            content_id=number,
            path=Path(f"{number}.png"),
            state=PhotoState.PRESENT,
            size=0,
            mtime_ns=0,
            companions=(),
            format="PNG",
            width=1,
            height=1,
            metadata=Metadata(),
            measurements=found,
            look=None,
            verdict=Verdict(),
            score=score(number),
        )
        for number, found in enumerate(measurements)
    ]
    return np.asarray([standing.worth for standing in stand(frames)])
