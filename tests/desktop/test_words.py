"""Numbers are said the way photographers say them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.desktop.toolkit import words
from aesthetic_studio.records import CaptureTime, Metadata, Progress, ScoreDistribution


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.004, "1/250 s"),
        (1 / 8000, "1/8000 s"),
        (0.5, "0.5 s"),
        (30.0, "30 s"),
        (1.3, "1.3 s"),
        (None, "—"),
        (0.0, "—"),
    ],
)
def test_shutter_is_said_as_a_fraction(seconds: float | None, said: str) -> None:
    assert words.shutter(seconds) == said


@pytest.mark.parametrize(("number", "said"), [(2.8, "f/2.8"), (8.0, "f/8"), (1.4, "f/1.4"), (None, "—")])
def test_aperture_is_said_as_f_number(number: float | None, said: str) -> None:
    assert words.aperture(number) == said


@pytest.mark.parametrize(("ev", "said"), [(0.667, "+0.7 EV"), (-2.0, "−2.0 EV"), (0.0, "0 EV"), (None, "—")])
def test_exposure_bias_has_its_sign(ev: float | None, said: str) -> None:
    assert words.exposure_bias(ev) == said


@pytest.mark.parametrize(
    ("resolution", "zone", "said"),
    [
        (60.0, None, "12 May 2024, 14:03"),
        (1.0, None, "12 May 2024, 14:03:07"),
        (0.01, 120, "12 May 2024, 14:03:07.25 (UTC+02:00)"),
        (0.001, -210, "12 May 2024, 14:03:07.250 (UTC−03:30)"),
    ],
)
def test_time_is_said_as_exactly_as_it_is_known(resolution: float, zone: int | None, said: str) -> None:
    taken = CaptureTime(datetime(2024, 5, 12, 14, 3, 7, 250_000), resolution, zone)

    assert words.capture_time(taken) == said


def test_place_names_its_hemispheres() -> None:
    assert words.place(Metadata(latitude=-33.8568, longitude=151.2153)) == "33.8568° S, 151.2153° E"


def test_progress_tells_stage_rate_and_time_left() -> None:
    said = words.progress_in_words(Progress("score", 120, 4000, rate=53.2, seconds_left=73))

    assert said == "Scoring 120 of 4,000 · 53/s · about 1 min left"


def test_progress_without_a_total_does_not_guess() -> None:
    assert words.progress_in_words(Progress("scan", 12, None)) == "Looking for photos 12"


def test_a_total_of_nothing_is_not_told_as_a_count() -> None:
    assert words.progress_in_words(Progress("index", 0, 0)) == "Reading photos…"


@given(st.lists(st.floats(min_value=0.01, max_value=1), min_size=10, max_size=10))
def test_a_distribution_says_every_bin(votes: list[float]) -> None:
    said = words.distribution_in_words(ScoreDistribution.from_votes(votes))

    assert all(f"{k}: " in said for k in range(1, 11))


@pytest.mark.parametrize("usual", [None, (2.1, 2.4)])
def test_more_spread_is_said_as_more_disagreement(usual: tuple[float, float] | None) -> None:
    low, middle, high = (
        words.spread_in_words(spread, usual) for spread in ((0.9, 1.5, 2.1), (1.9, 2.2, 2.6))[usual is not None]
    )

    assert len({low, middle, high}) == 3
    assert "would agree" in low
    assert "disagree" in high
