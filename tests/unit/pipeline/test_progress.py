"""Progress is calm enough to read and ends with the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aesthetic_studio.pipeline.progress import REPORTS_PER_SECOND, Meter

if TYPE_CHECKING:
    from aesthetic_studio.records import Progress


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _meter(clock: Clock) -> tuple[Meter, list[Progress]]:
    reports: list[Progress] = []
    return Meter("index", reports.append, clock), reports


def test_the_rate_and_the_time_left_follow_the_work(clock: Clock) -> None:
    meter, reports = _meter(clock)
    for done in range(1, 41):
        clock.now += 0.25
        meter.update(done, 100)
    assert reports[-1].rate == pytest.approx(4.0, rel=0.05)
    assert reports[-1].seconds_left == pytest.approx(60 / 4, rel=0.05)


def test_the_rate_forgets_a_slow_start(clock: Clock) -> None:
    meter, reports = _meter(clock)
    clock.now += 60.0
    meter.update(1, None)
    for done in range(2, 200):
        clock.now += 0.1
        meter.update(done, None)
    assert reports[-1].rate == pytest.approx(10.0, rel=0.05)
    assert reports[-1].seconds_left is None, "nobody knows while folders are still being counted"


def test_reports_are_rare_and_the_last_one_always_comes(clock: Clock) -> None:
    meter, reports = _meter(clock)
    for done in range(1000):
        clock.now += 0.001
        meter.update(done, 1000)
    meter.update(1000, 1000, final=True)
    assert len(reports) <= REPORTS_PER_SECOND + 2
    assert (reports[-1].done, reports[-1].total) == (1000, 1000)


def test_no_time_passed_is_no_endless_rate(clock: Clock) -> None:
    meter, reports = _meter(clock)
    meter.update(5, 10, final=True)
    assert reports[-1].rate == 0.0
    assert reports[-1].seconds_left is None
