"""Metrics of series count what people said: pairs, the best photo, the whole order; intervals resample whole series."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from trainer import series_metrics
from trainer.data.records import LabelledPair, LabelledSeries

Scores = NDArray[np.float64]
scores_of_four = arrays.arrays(np.float64, 4, elements=st.integers(1, 9).map(float))


def in_order(*rows: int, name: str = "s") -> LabelledSeries:
    """A series whose whole order is known, each neighbour pair labelled."""
    pairs = [LabelledPair(a, b, 0.8) for a, b in itertools.pairwise(rows)]
    return LabelledSeries(name, tuple(sorted(rows)), tuple(pairs), order=rows)


def many(count: int, seed: int = 0) -> tuple[list[LabelledSeries], list[Scores], list[Scores]]:
    """Series of four with a good judge's scores and a coin's."""
    generator = np.random.default_rng(seed)
    series, good, coin = [], [], []
    for number in range(count):
        rows = list(range(4 * number, 4 * number + 4))
        series.append(in_order(*rows, name=str(number)))
        good.append(np.array([4.0, 3.0, 2.0, 1.0]) + generator.normal(0, 0.8, 4))
        coin.append(generator.normal(0, 1, 4))
    return series, good, coin


def test_a_judge_who_agrees_gets_everything_and_one_who_turns_it_round_nothing() -> None:
    series = [in_order(2, 0, 1), in_order(3, 4, name="t")]
    agrees, disagrees = (
        [np.array([5.0, 2.0, 7.0]), np.array([6.0, 1.0])],
        [np.array([5.0, 7.0, 2.0]), np.array([1, 6.0])],
    )
    right, wrong = series_metrics.tally(series, agrees), series_metrics.tally(series, disagrees)
    for name, metric in series_metrics.SERIES_METRICS.items():
        assert metric(right) == pytest.approx(1.0), name
    assert series_metrics.pair_accuracy(wrong) == 0.0
    assert series_metrics.series_accuracy(wrong) == 0.0
    assert series_metrics.series_srcc(wrong) == pytest.approx(-1.0)


def test_the_best_photo_and_the_whole_order_are_two_figures() -> None:
    found = series_metrics.tally([in_order(0, 1, 2)], [np.array([9.0, 1.0, 5.0])])
    assert series_metrics.series_accuracy(found) == 1.0
    assert series_metrics.exact_order(found) == 0.0
    assert series_metrics.pair_accuracy(found) == 0.5


def test_a_judge_who_cannot_tell_gets_half_of_the_pairs_and_no_order() -> None:
    found = series_metrics.tally([in_order(0, 1, 2, 3)], [np.full(4, 5.0)])
    assert series_metrics.pair_accuracy(found) == 0.5
    assert series_metrics.series_accuracy(found) == 0.25
    assert series_metrics.exact_order(found) == 0.0
    assert series_metrics.series_srcc(found) == 0.0


def test_an_even_pair_counts_for_nobody() -> None:
    series = LabelledSeries("s", (0, 1, 2), (LabelledPair(0, 1, 0.5), LabelledPair(1, 2, 0.9)))
    found = series_metrics.tally([series], [np.array([1.0, 2.0, 0.0])])
    assert series_metrics.pair_accuracy(found) == 1.0


def test_people_who_never_compared_two_photos_still_order_them_through_a_third() -> None:
    series = LabelledSeries("s", (5, 6, 7), (LabelledPair(5, 6, 0.9), LabelledPair(7, 6, 0.4)))
    first, second, third = series_metrics.strengths(series)
    assert first > second > third


def test_a_photo_that_nobody_compared_has_no_place() -> None:
    series = LabelledSeries("s", (0, 1, 2), (LabelledPair(0, 2, 0.7),))
    assert np.isnan(series_metrics.strengths(series)).tolist() == [False, True, False]
    found = series_metrics.tally([series], [np.array([2.0, 9.0, 1.0])])
    assert series_metrics.series_accuracy(found) == 1.0


def test_a_unanimous_pair_has_a_finite_strength() -> None:
    series = LabelledSeries("s", (0, 1), (LabelledPair(0, 1, 1.0),))
    assert np.isfinite(series_metrics.strengths(series)).all()


@given(first=scores_of_four, second=scores_of_four)
@settings(deadline=None)
def test_series_srcc_agrees_with_scipy(first: Scores, second: Scores) -> None:
    found = series_metrics.tally([in_order(0, 1, 2, 3), in_order(0, 1, 2, 3)], [first, second])
    wanted = [4.0, 3.0, 2.0, 1.0]
    each = [scipy.stats.spearmanr(x, wanted).statistic if np.ptp(x) > 0 else 0.0 for x in (first, second)]
    assert series_metrics.series_srcc(found) == pytest.approx(np.mean(each), abs=1e-9)


@given(
    wanted=st.lists(st.sampled_from([0.1, 0.4, 0.6, 0.9]), min_size=2, max_size=12),
    shift=st.integers(0, 1000),
)
@settings(deadline=None)
def test_pair_accuracy_and_f1_agree_with_sklearn(wanted: list[float], shift: int) -> None:
    generator = np.random.default_rng(shift)
    series = [LabelledSeries(str(k), (0, 1), (LabelledPair(0, 1, p),)) for k, p in enumerate(wanted)]
    scores = [generator.permutation([1.0, 2.0]) for _ in wanted]
    found = series_metrics.tally(series, scores)
    labels, says = [p > 0.5 for p in wanted], [s[0] > s[1] for s in scores]
    assert series_metrics.pair_accuracy(found) == pytest.approx(sklearn.metrics.accuracy_score(labels, says))
    if len(set(labels)) == 2:
        expected = sklearn.metrics.f1_score(labels, says, average="macro", zero_division=0)
        assert series_metrics.pair_f1(found) == pytest.approx(expected)


def test_writing_the_better_photo_first_every_time_flatters_nobody() -> None:
    series = [LabelledSeries(str(k), (0, 1), (LabelledPair(0, 1, 0.9),)) for k in range(4)]
    found = series_metrics.tally(series, [np.array(s) for s in ([2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [1.0, 2.0])])
    assert series_metrics.pair_f1(found) == series_metrics.pair_accuracy(found) == 0.75


@given(scores=scores_of_four, scale=st.floats(0.1, 10.0), constant=st.floats(-5.0, 5.0))
@settings(deadline=None)
def test_only_the_order_of_scores_counts(scores: Scores, scale: float, constant: float) -> None:
    series = [in_order(1, 3, 0, 2)]
    found = series_metrics.tally(series, [scores])
    moved = series_metrics.tally(series, [np.round(scale, 1) * scores + np.round(constant)])
    for metric in series_metrics.SERIES_METRICS.values():
        assert metric(moved) == pytest.approx(metric(found), abs=1e-9)


def test_the_interval_holds_the_figure_and_narrows_with_more_series() -> None:
    few = series_metrics.summary(series_metrics.tally(*many(15)[:2]), resamples=200)
    more = series_metrics.summary(series_metrics.tally(*many(200)[:2]), resamples=200)
    for name in series_metrics.SERIES_METRICS:
        assert few[name].low <= few[name].value <= few[name].high
        assert more[name].high - more[name].low < few[name].high - few[name].low


def test_pairs_of_one_series_are_not_independent() -> None:
    # All pairs of a series come out alike here, so that resampling pairs would say too much.
    series = [in_order(*range(10), name=str(k)) for k in range(20)]
    scores = [np.arange(10.0)[:: 1 if k % 2 else -1] for k in range(20)]
    found = series_metrics.summary(series_metrics.tally(series, scores), resamples=500)["pair_accuracy"]
    assert found.high - found.low > 0.35


def test_a_better_judge_differs_beyond_chance_and_a_copy_does_not() -> None:
    series, good, coin = many(60)
    right, chance = series_metrics.tally(series, good), series_metrics.tally(series, coin)
    found = series_metrics.differences(right, chance, resamples=300)["series_srcc"]
    assert 0.0 < found.low < found.value < found.high
    assert found.p < 0.01
    same = series_metrics.differences(right, right, resamples=100)["pair_accuracy"]
    assert (same.value, same.p) == (0.0, 1.0)


def test_series_without_a_label_answer_with_no_figure() -> None:
    nothing = series_metrics.tally([LabelledSeries("s", (0, 1), ())], [np.array([1.0, 2.0])])
    assert series_metrics.summary(nothing, resamples=10) == {}
    assert series_metrics.summary(series_metrics.tally([], []), resamples=10) == {}


def test_scores_that_do_not_fit_a_series_are_an_error() -> None:
    with pytest.raises(ValueError, match="2 photos and 3 scores"):
        series_metrics.tally([in_order(0, 1)], [np.zeros(3)])
