"""Metrics agree with scipy, and EMD is a metric."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from trainer import metrics

Distributions = NDArray[np.float64]


def distributions(rows: int = 1) -> st.SearchStrategy[Distributions]:
    counts = arrays.arrays(np.int64, (rows, 10), elements=st.integers(0, 50))
    return counts.filter(lambda votes: bool((votes.sum(axis=1) > 0).all())).map(
        lambda votes: votes / votes.sum(axis=1, keepdims=True)
    )


@given(first=distributions(), second=distributions(), third=distributions(), r=st.sampled_from([1.0, 2.0]))
@settings(deadline=None)
def test_emd_is_a_metric(first: Distributions, second: Distributions, third: Distributions, r: float) -> None:
    def between(a: Distributions, b: Distributions) -> float:
        return metrics.emd(a, b, r)

    assert between(first, first) == 0.0
    assert between(first, second) == pytest.approx(between(second, first))
    assert between(first, third) <= between(first, second) + between(second, third) + 1e-12
    if not np.allclose(first, second):
        assert between(first, second) > 0.0


@given(first=distributions(), second=distributions())
@settings(deadline=None)
def test_emd_is_scipys_wasserstein_distance_over_ten_bins(first: Distributions, second: Distributions) -> None:
    bins = np.arange(1, 11)
    expected = scipy.stats.wasserstein_distance(bins, bins, first[0], second[0]) / 10
    assert metrics.emd(first, second) == pytest.approx(expected, abs=1e-9)


@given(predicted=distributions(12), actual=distributions(12))
@settings(deadline=None)
def test_correlations_agree_with_scipy(predicted: Distributions, actual: Distributions) -> None:
    a, b = metrics.mean_scores(predicted), metrics.mean_scores(actual)
    if np.ptp(a) > 1e-6 and np.ptp(b) > 1e-6:
        assert metrics.srcc(predicted, actual) == pytest.approx(scipy.stats.spearmanr(a, b).statistic, abs=1e-9)
        assert metrics.plcc(predicted, actual) == pytest.approx(scipy.stats.pearsonr(a, b).statistic, abs=1e-9)


@given(values=arrays.arrays(np.float64, 20, elements=st.integers(0, 5).map(float)))
def test_ranks_agree_with_scipy_where_values_are_equal(values: Distributions) -> None:
    np.testing.assert_allclose(metrics.ranks(values), scipy.stats.rankdata(values))


def test_a_constant_judge_correlates_with_nobody() -> None:
    flat = np.full((5, 10), 0.1)
    votes = np.eye(10)[[1, 3, 5, 7, 9]]
    assert metrics.srcc(flat, votes) == 0.0
    assert metrics.plcc(flat, votes) == 0.0


@given(votes=distributions(), count=st.integers(2, 200))
@settings(deadline=None)
def test_equal_distributions_are_equal_to_the_last_bit_however_many_there_are(votes: Distributions, count: int) -> None:
    alike = np.asfortranarray(np.repeat(votes, count, axis=0))
    assert len(np.unique(metrics.mean_scores(np.ascontiguousarray(alike)))) == 1
    assert len(np.unique(metrics.spreads(np.ascontiguousarray(alike)))) == 1
    assert metrics.srcc(alike, metrics.points(np.linspace(1.0, 10.0, count))) == 0.0


@given(scores=arrays.arrays(np.float64, 6, elements=st.floats(1.0, 10.0)))
def test_a_point_score_keeps_its_mean(scores: Distributions) -> None:
    found = metrics.points(scores)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    np.testing.assert_allclose(metrics.mean_scores(found), scores, atol=1e-9)


def test_spread_accuracy_and_error_are_what_they_say() -> None:
    votes = np.zeros((2, 10))
    votes[0, [0, 9]] = 0.5  # mean 5.5, spread 4.5
    votes[1, 2] = 1.0  # mean 3, spread 0
    np.testing.assert_allclose(metrics.spreads(votes), [4.5, 0.0])
    assert metrics.accuracy_at_5(metrics.points(np.array([6.0, 4.0])), votes) == 1.0
    assert metrics.accuracy_at_5(metrics.points(np.array([6.0, 5.1])), votes) == 0.5
    assert metrics.rmse(metrics.points(np.array([6.5, 3.0])), votes) == pytest.approx(np.sqrt(0.5))


def test_the_interval_holds_the_figure_and_narrows_with_more_photos() -> None:
    generator = np.random.default_rng(0)
    truth = generator.uniform(2, 9, 800)
    actual, predicted = metrics.points(truth), metrics.points(truth + generator.normal(0, 2, 800))
    few = metrics.summary(predicted[:60], actual[:60], resamples=200)["srcc"]
    many = metrics.summary(predicted, actual, resamples=200)["srcc"]
    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low
    assert metrics.summary(predicted, actual, resamples=200)["srcc"] == many


def test_within_sources_a_difference_between_sources_does_not_count() -> None:
    groups = np.array(["a"] * 20 + ["b"] * 20)
    within = np.tile(np.linspace(0, 1, 20), 2)
    actual = metrics.points(3.0 + within + 3.0 * (groups == "b"))
    predicted = metrics.points(6.0 + within - 3.0 * (groups == "b"))
    assert metrics.srcc(predicted, actual) < 0
    assert metrics.mean_within(metrics.srcc, predicted, actual, groups) == pytest.approx(1.0)


def judges(count: int, seed: int = 0) -> tuple[Distributions, Distributions, Distributions]:
    """Votes of people, a judge near them, and one a little farther who shares the first one's errors."""
    generator = np.random.default_rng(seed)
    truth = generator.uniform(2, 9, count)
    near = truth + generator.normal(0, 1.5, count)
    far = near + generator.normal(0, 0.8, count)
    return metrics.points(near), metrics.points(far), metrics.points(truth)


def test_a_difference_between_two_judges_of_the_same_photos_is_sharper_than_their_own_intervals() -> None:
    near, far, actual = judges(400)
    one = metrics.summary(near, actual, resamples=200)["srcc"]
    other = metrics.summary(far, actual, resamples=200)["srcc"]
    found = metrics.differences(near, far, actual, resamples=400)["srcc"]
    assert one.low < other.high, "their intervals overlap"
    assert found.low > 0.0
    assert found.p < 0.05
    assert found.value == pytest.approx(one.value - other.value, abs=2e-4)


def test_two_judges_who_answer_alike_do_not_differ() -> None:
    near, _, actual = judges(60)
    for found in metrics.differences(near, near, actual, resamples=50).values():
        assert (found.value, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_turning_a_difference_round_turns_its_interval_round() -> None:
    near, far, actual = judges(80)
    there = metrics.differences(near, far, actual, resamples=100)["plcc"]
    back = metrics.differences(far, near, actual, resamples=100)["plcc"]
    assert (there.value, there.low, there.high, there.p) == (-back.value, -back.high, -back.low, back.p)


def test_chance_alone_seldom_passes_for_a_difference() -> None:
    surprising = 0
    for seed in range(40):
        generator = np.random.default_rng(seed)
        truth = generator.uniform(2, 9, 60)
        one, other = (metrics.points(truth + generator.normal(0, 2, 60)) for _ in range(2))
        found = metrics.differences(one, other, metrics.points(truth), metrics={"srcc": metrics.srcc}, resamples=200)[
            "srcc"
        ]
        surprising += found.p < 0.05
    assert surprising <= 6


def test_within_groups_a_difference_between_groups_does_not_count() -> None:
    groups = np.array(["a"] * 20 + ["b"] * 20)
    within = np.tile(np.linspace(0, 1, 20), 2)
    actual = metrics.points(3.0 + within + 3.0 * (groups == "b"))
    knows_groups = metrics.points(4.0 + within + (groups == "b"))
    knows_none = metrics.points(4.0 + within)
    chosen = {"srcc": metrics.srcc}
    together = metrics.differences(knows_groups, knows_none, actual, metrics=chosen, resamples=50)["srcc"]
    apart = metrics.differences(knows_groups, knows_none, actual, groups, metrics=chosen, resamples=50)["srcc"]
    assert together.value > 0.1
    assert apart.value == 0.0
