"""Metrics agree with scipy, and EMD is a metric."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from trainer import metrics
from trainer.losses import emd_loss, rank_loss

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


@given(first=distributions(4), second=distributions(4))
@settings(deadline=None)
def test_the_loss_is_the_metric_with_r_2(first: Distributions, second: Distributions) -> None:
    loss = float(emd_loss(torch.from_numpy(first), torch.from_numpy(second)))
    assert loss == pytest.approx(metrics.emd(first, second, 2.0), abs=2e-6)


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


def test_the_rank_loss_wants_the_order_that_people_gave() -> None:
    actual = torch.tensor([2.0, 5.0, 8.0])
    right, wrong = torch.tensor([3.0, 5.0, 7.0]), torch.tensor([7.0, 5.0, 3.0])
    assert float(rank_loss(right, actual)) < float(rank_loss(wrong, actual))
    nobody = torch.eye(3, dtype=torch.bool)
    assert float(rank_loss(wrong, actual, same=nobody)) == 0.0
