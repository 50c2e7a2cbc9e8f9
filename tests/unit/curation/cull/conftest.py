"""Many photos quickly: scenes as looks made of a few tones, without a picture behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from aesthetic_studio.records import (
    CaptureTime,
    Flag,
    Look,
    Metadata,
    PhotoRecord,
    PhotoState,
    Score,
    ScoreDistribution,
    SeriesKind,
    Verdict,
)

NOON = datetime(2024, 5, 17, 12, 0, 0)


@cache
def look_of(scene: int, frame: int = 0) -> Look:
    """The look of a scene: tones of its own, a little noise for each frame."""
    tones, noise = np.random.default_rng(scene), np.random.default_rng((scene, frame))
    colour = tones.integers(20, 236, (4, 4, 3)).repeat(2, axis=0).repeat(2, axis=1)
    colour = np.clip(colour + noise.integers(-4, 5, colour.shape), 0, 255)
    luma = (colour @ (0.299, 0.587, 0.114)).repeat(4, axis=0).repeat(4, axis=1)
    return Look(luma.astype(np.uint8).tobytes(), colour.astype(np.uint8).tobytes())


@cache
def votes_around(score: float) -> ScoreDistribution:
    """Votes for the two whole numbers around a score: their mean is exactly it."""
    low = min(9, int(score))
    return ScoreDistribution(
        tuple(max(0.0, 1 - abs(bin_ - score)) if low <= bin_ <= low + 1 else 0.0 for bin_ in range(1, 11))
    )


@dataclass
class Album:
    """Makes records; each photo gets the next id and name."""

    count: int = 0

    def photo(
        self,
        score: float | None = 5.0,
        *,
        scene: int | None = None,
        minute: float | None = None,
        flag: Flag = Flag.NONE,
        rating: int = 0,
        state: PhotoState = PhotoState.PRESENT,
        content: int | None = None,
        chosen: bool = False,
        series: tuple[int, SeriesKind, int, int] | None = None,
        best: bool | None = None,
    ) -> PhotoRecord:
        """Make one photo. Without a scene it has a look, without a minute an hour, of its own.

        ``series`` is its number, kind, this frame's rank and the number of frames.
        """
        self.count += 1
        number = self.count
        taken = NOON + timedelta(minutes=100 * number if minute is None else minute)
        return PhotoRecord(
            id=number,
            content_id=content or number,
            path=Path("album") / f"IMG_{number:05d}.JPG",
            state=state,
            size=1,
            mtime_ns=0,
            companions=(),
            format="JPEG",
            width=6000,
            height=4000,
            metadata=Metadata(taken=CaptureTime(taken, 1.0)),
            measurements=None,
            look=look_of(1000 + number if scene is None else scene, number),
            verdict=Verdict(rating, flag),
            score=None if score is None else Score("made", "1", votes_around(score)),
            series_id=series[0] if series else None,
            series_kind=series[1] if series else None,
            series_rank=series[2] if series else None,
            series_size=series[3] if series else 1,
            best_of_series=(series[2] == 1 if best is None else best) if series else False,
            chosen=chosen,
        )

    def burst(self, number: int, scores: list[float], *, scene: int = 900, minute: float = 0.0) -> list[PhotoRecord]:
        """Make a burst, its frames ranked as given."""
        return [
            self.photo(score, scene=scene, minute=minute, series=(number, SeriesKind.BURST, rank, len(scores)))
            for rank, score in enumerate(scores, start=1)
        ]

    def bracket(self, number: int, scores: list[float], **more: object) -> list[PhotoRecord]:
        """Make a bracket; its second frame stands for it."""
        return [
            self.photo(score, series=(number, SeriesKind.BRACKET, rank, len(scores)), best=rank == 2, **more)  # type: ignore[arg-type]
            for rank, score in enumerate(scores, start=1)
        ]


@pytest.fixture
def album() -> Album:
    return Album()
