"""How far long work has come: counts in, a smoothed rate and the time left out."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from aesthetic_studio.records import Progress

REPORTS_PER_SECOND = 10.0
"""More often than this nobody can read it."""

WINDOW_S = 8.0
"""Seconds over which the rate is averaged: long enough to be calm, short enough to be true."""

ReportProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


def ignore_progress(_: Progress) -> None:
    """For a caller that shows none."""


def never_stop() -> bool:
    """For work that nobody can interrupt."""
    return False


class Meter:
    """Turns counts into reports that are rare enough to show and calm enough to read.

    Args:
        stage: What is being done, as in ``Progress.stage``.
        report: Where reports go.
        clock: Seconds; a test brings its own.
    """

    def __init__(self, stage: str, report: ReportProgress, clock: Callable[[], float] = time.monotonic) -> None:
        self._stage = stage
        self._report = report
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._reported_at = float("-inf")

    def update(self, done: int, total: int | None, current: str = "", *, final: bool = False) -> None:
        """Say how many are done; passed on at most :data:`REPORTS_PER_SECOND` times a second, the final one always."""
        now = self._clock()
        if not final and now - self._reported_at < 1.0 / REPORTS_PER_SECOND:
            return
        self._reported_at = now
        rate = self._rate(now, done)
        left = (total - done) / rate if total is not None and rate > 0 else None
        self._report(Progress(self._stage, done, total, rate, left, current))

    def _rate(self, now: float, done: int) -> float:
        while len(self._samples) > 1 and now - self._samples[0][0] > WINDOW_S:
            self._samples.popleft()
        since, before = self._samples[0]
        self._samples.append((now, done))
        return (done - before) / (now - since) if now > since else 0.0
