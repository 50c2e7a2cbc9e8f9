"""Two photos against each other in words: what one is, the other is the opposite of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.curation.differences import (
    Aspect,
    best_of,
    clear_differences,
    differences,
    score_lead,
    score_words,
    signed,
)
from aesthetic_studio.records import (
    Measurements,
    Metadata,
    PhotoRecord,
    PhotoState,
    Score,
    ScoreDistribution,
    Verdict,
)

PLAIN = Measurements(0.6, 0.1, 0.01, -0.4, 0.0, 0.0, 0.2, 0.4, 1.0)


def photo(number: int = 1, *, score: Score | None = None, measured: Measurements | None = PLAIN, **changes: float):
    if measured is not None:
        measured = replace(measured, **changes)
    return PhotoRecord(
        number, number, Path(f"/p/{number}.jpg"), PhotoState.PRESENT, 1, 1, (), "JPEG", 60, 40, Metadata(), measured,
        None, Verdict(), score=score,
    )  # fmt: skip


def points(mean: float, *, model: str = "m") -> Score:
    low = int(mean)
    votes = [0.0] * 10
    votes[low - 1], votes[min(9, low)] = 1 - (mean - low), votes[min(9, low)] + (mean - low)
    return Score(model, "1", ScoreDistribution.from_votes(votes))


def said(one: PhotoRecord, two: PhotoRecord) -> dict[Aspect, str]:
    return {each.aspect: each.words for each in differences(one, two)}


measured = st.builds(
    Measurements,
    sharpness=st.floats(0, 1),
    motion_blur=st.floats(0, 1),
    noise=st.floats(0, 0.2),
    exposure_ev=st.floats(-8, 4),
    clipped_highlights=st.floats(0, 1),
    clipped_shadows=st.floats(0, 1),
    contrast=st.just(0.2),
    colourfulness=st.just(0.4),
    tilt_degrees=st.one_of(st.just(0.0), st.floats(-15, 15)),
)
photos = st.builds(
    lambda m, score: photo(score=score, measured=m),
    st.one_of(st.none(), measured),
    st.one_of(st.none(), st.floats(1, 9.5).map(points)),
)
OPPOSITE = {"sharper": "softer", "more": "less", "noisier": "cleaner", "brighter": "darker"}
OPPOSITE |= {word: other for other, word in OPPOSITE.items()}


def turned(words: str) -> str:
    return " ".join(OPPOSITE.get(word, word) for word in words.split())


@given(photos, photos)
def test_one_against_the_other_says_the_opposite_of_the_other_against_the_one(one, two) -> None:
    there, back = differences(one, two), differences(two, one)
    assert [each.aspect for each in there] == [each.aspect for each in back]
    for forth, reverse in zip(there, back, strict=True):
        assert reverse.words == turned(forth.words)
        assert reverse.amount == -forth.amount
        assert reverse.favours == -forth.favours
        assert reverse.clear == forth.clear
    lead, other = score_lead(one, two), score_lead(two, one)
    assert (lead is None) == (other is None)
    assert lead is None or other is None or lead == -other


@given(photos)
def test_nothing_sets_a_photo_apart_from_itself(one) -> None:
    assert clear_differences(one, one) == ()
    assert all(each.favours == 0 and each.amount == 0 for each in differences(one, one))


@given(photos, photos)
def test_a_difference_is_to_the_credit_of_one_only_where_it_can_be_seen(one, two) -> None:
    for each in differences(one, two):
        assert each.clear or each.favours == 0
        assert each.words


@pytest.mark.parametrize(
    ("changes", "aspect", "words"),
    [
        ({"sharpness": 0.61}, Aspect.SHARPNESS, "as sharp"),
        ({"sharpness": 0.655}, Aspect.SHARPNESS, "a little sharper"),
        ({"sharpness": 0.75}, Aspect.SHARPNESS, "sharper"),
        ({"sharpness": 0.45}, Aspect.SHARPNESS, "softer"),
        ({"sharpness": 0.2}, Aspect.SHARPNESS, "much softer"),
        ({"motion_blur": 0.45}, Aspect.MOTION, "more motion blur"),
        ({"motion_blur": 0.25}, Aspect.MOTION, "a little more motion blur"),
        ({"motion_blur": 0.15}, Aspect.MOTION, "as steady"),
        ({"noise": 0.03}, Aspect.NOISE, "noisier"),
        ({"noise": 0.004}, Aspect.NOISE, "cleaner"),
        ({"exposure_ev": -1.1}, Aspect.EXPOSURE, "0.7 EV darker"),
        ({"exposure_ev": 1.1}, Aspect.EXPOSURE, "1.5 EV brighter"),
        ({"exposure_ev": -0.2}, Aspect.EXPOSURE, "as bright"),
        ({"clipped_highlights": 0.05}, Aspect.HIGHLIGHTS, "more burnt out"),
        ({"tilt_degrees": -2.2}, Aspect.TILT, "leans 1.2° more"),
        ({"tilt_degrees": -1.1}, Aspect.TILT, "leans alike"),
    ],
)
def test_it_is_said_as_a_photographer_would(changes: dict[str, float], aspect: Aspect, words: str) -> None:
    assert said(photo(**changes), photo(2))[aspect] == words


def test_darker_is_no_merit_and_sharper_is() -> None:
    found = {each.aspect: each.favours for each in differences(photo(sharpness=0.9, exposure_ev=-3), photo(2))}
    assert (found[Aspect.SHARPNESS], found[Aspect.EXPOSURE]) == (1, 0)


def test_nothing_is_said_of_a_lean_where_no_line_tells() -> None:
    assert Aspect.TILT not in said(photo(tilt_degrees=0.0), photo(2, tilt_degrees=4.0))


def test_noise_below_what_eight_bits_hold_is_no_noise() -> None:
    assert said(photo(noise=0.0), photo(2, noise=0.004))[Aspect.NOISE] == "as clean"


def test_what_was_not_measured_is_not_compared() -> None:
    assert differences(photo(measured=None), photo(2)) == ()
    assert Aspect.NOISE not in said(photo(noise=float("nan")), photo(2))


def test_the_lead_is_that_of_the_scores_on_screen() -> None:
    assert score_words(photo(score=points(6.14)), photo(score=points(5.66))) == "6.1, +0.4"
    assert score_words(photo(score=points(5.66)), photo(score=points(6.14))) == "5.7, −0.4"
    assert score_words(photo(score=points(5.7)), photo(score=points(5.7))) == "5.7, ±0"
    assert score_words(photo(score=points(5.7))) == "5.7"
    assert score_words(photo(), photo(score=points(5.7))) == ""
    assert signed(-0.04) == "±0"


def test_points_of_two_models_are_not_compared() -> None:
    assert score_lead(photo(score=points(6)), photo(score=points(5, model="other"))) is None
    assert score_words(photo(score=points(6)), photo(score=points(5, model="other"))) == "6.0"


def test_the_best_shown_has_the_highest_score_or_else_is_the_first() -> None:
    shown = [photo(1), photo(2, score=points(5)), photo(3, score=points(7)), photo(4, score=points(7))]
    best = best_of(shown)
    assert best is not None
    assert best.id == 3
    assert best_of(shown[:1]) is shown[0]
    assert best_of([]) is None
