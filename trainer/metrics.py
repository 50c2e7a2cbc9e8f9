"""How well predicted distributions of scores agree with people's, each figure with a bootstrap interval.

Distributions are arrays (N, 10) over votes 1..10; scores are their means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aesthetic_studio.models.card import Interval

Array = NDArray[np.float64]
Metric = Callable[[Array, Array], float]
Figure = Callable[[NDArray[np.int64]], float]

RESAMPLES = 1000
"""Bootstrap resamples of an interval."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher a figure is for one judge than for another, both on the same rows.

    Attributes:
        value: Over all rows, with its 95 % interval ``low`` to ``high``.
        p: Two-sided: twice the share of resamples in which the difference points the other way, at most 1. No less
            than one resample can show.
    """

    value: float
    low: float
    high: float
    p: float


GOOD_FROM = 5.0
"""A photo is good where its mean vote is above 5, AVA's convention on 1..10 (accuracy at 5)."""


def mean_scores(distributions: Array) -> Array:
    """Expected votes (N,); the same distribution has the same mean to the last bit, whatever stands around it.

    A product with a matrix does not promise that, and ranks would then put equal photos into an order.
    """
    means: Array = (distributions * np.arange(1.0, distributions.shape[1] + 1)).sum(axis=1)
    return means


def points(scores: Array) -> Array:
    """Scores (N,) on 1..10 as distributions whose mean is the score: all votes on the two neighbouring bins."""
    clipped = np.clip(scores, 1.0, 10.0)
    return np.clip(1.0 - np.abs(clipped[:, None] - np.arange(1.0, 11.0)), 0.0, None)


def spreads(distributions: Array) -> Array:
    """Standard deviations of the votes (N,)."""
    bins = np.arange(1.0, distributions.shape[1] + 1)
    mean = (distributions * bins).sum(axis=1)
    variance: Array = (distributions * bins**2).sum(axis=1) - mean**2
    return np.sqrt(np.maximum(variance, 0.0))


def ranks(values: Array) -> Array:
    """Ranks from 1, equal values sharing their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: Array = (last - (counts - 1) / 2.0)[inverse].astype(np.float64)
    return shared


def pearson(a: Array, b: Array) -> float:
    """Pearson's correlation; 0 where either side is constant, since a constant tells nothing."""
    x, y = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / scale if scale > 0 else 0.0


def srcc(predicted: Array, actual: Array) -> float:
    """Spearman's rank correlation of the mean scores."""
    return pearson(ranks(mean_scores(predicted)), ranks(mean_scores(actual)))


def plcc(predicted: Array, actual: Array) -> float:
    """Pearson's correlation of the mean scores."""
    return pearson(mean_scores(predicted), mean_scores(actual))


def accuracy_at_5(predicted: Array, actual: Array) -> float:
    """Share of photos on the same side of a mean vote of 5."""
    return float(np.mean((mean_scores(predicted) > GOOD_FROM) == (mean_scores(actual) > GOOD_FROM)))


def emd(predicted: Array, actual: Array, r: float = 1.0) -> float:
    """Mean Earth Mover's Distance, ``(mean_k |CDF_p(k) − CDF_q(k)|^r)^(1/r)`` as NIMA states it (eq. 1)."""
    gap = np.abs(np.cumsum(predicted, axis=1) - np.cumsum(actual, axis=1))
    return float(np.mean(np.mean(gap**r, axis=1) ** (1.0 / r)))


def rmse(predicted: Array, actual: Array) -> float:
    """Root mean square error of the mean scores, in votes."""
    return float(np.sqrt(np.mean((mean_scores(predicted) - mean_scores(actual)) ** 2)))


def spread_correlation(predicted: Array, actual: Array) -> float:
    """Spearman's correlation of the predicted spread with how much people disagreed."""
    return pearson(ranks(spreads(predicted)), ranks(spreads(actual)))


METRICS: Mapping[str, Metric] = {
    "srcc": srcc,
    "plcc": plcc,
    "accuracy_at_5": accuracy_at_5,
    "emd": emd,
    "rmse": rmse,
    "spread_srcc": spread_correlation,
}


POINT_METRICS: Mapping[str, Metric] = {name: METRICS[name] for name in ("srcc", "plcc", "accuracy_at_5", "rmse")}
"""What can be said of a judge who gives one score and no distribution."""


def mean_within(metric: Metric, predicted: Array, actual: Array, groups: NDArray[np.str_]) -> float:
    """A metric within each group (each source of photos), averaged over the groups."""
    return float(np.mean([metric(predicted[groups == g], actual[groups == g]) for g in np.unique(groups)]))


def bootstrap(count: int, figure: Figure, *, resamples: int, seed: int) -> Interval:
    """A figure over chosen rows, with its 95 % percentile bootstrap interval over all ``count`` rows."""
    generator = np.random.default_rng(seed)
    values = [figure(generator.integers(0, count, count)) for _ in range(resamples)]
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(round(figure(np.arange(count)), 4), round(float(low), 4), round(float(high), 4))


def difference(count: int, first: Figure, second: Figure, *, resamples: int = RESAMPLES, seed: int = 0) -> Difference:
    """By how much a figure is higher for the first judge than for the second, resampling the same rows for both.

    Judges of the same photos share what makes photos hard, so their own intervals may overlap where this one is
    clearly above 0.
    """
    generator = np.random.default_rng(seed)
    draws = (generator.integers(0, count, count) for _ in range(resamples))
    gaps = np.asarray([first(rows) - second(rows) for rows in draws])
    low, high = np.percentile(gaps, [2.5, 97.5])
    beyond = min(np.count_nonzero(gaps <= 0.0), np.count_nonzero(gaps >= 0.0))
    value = first(np.arange(count)) - second(np.arange(count))
    p = min(1.0, 2.0 * (beyond + 1) / (resamples + 1))
    return Difference(round(value, 4), round(float(low), 4), round(float(high), 4), round(p, 4))


def differences(
    predicted: Array,
    other: Array,
    actual: Array,
    groups: NDArray[np.str_] | None = None,
    *,
    metrics: Mapping[str, Metric] = METRICS,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Difference]:
    """Every metric of ``predicted`` less that of ``other`` on the same photos; averaged within groups where given."""

    def figure(metric: Metric, answers: Array) -> Figure:
        return _over(metric, answers, actual) if groups is None else _within(metric, answers, actual, groups)

    return {
        name: difference(len(actual), figure(metric, predicted), figure(metric, other), resamples=resamples, seed=seed)
        for name, metric in metrics.items()
    }


def summary(
    predicted: Array,
    actual: Array,
    *,
    metrics: Mapping[str, Metric] = METRICS,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Interval]:
    """Every metric with its interval."""
    return {
        name: bootstrap(len(actual), _over(metric, predicted, actual), resamples=resamples, seed=seed)
        for name, metric in metrics.items()
    }


def summary_within(
    predicted: Array,
    actual: Array,
    groups: NDArray[np.str_],
    *,
    metrics: Mapping[str, Metric] = METRICS,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Interval]:
    """Every metric within each group, averaged over groups, with its interval."""
    return {
        name: bootstrap(len(actual), _within(metric, predicted, actual, groups), resamples=resamples, seed=seed)
        for name, metric in metrics.items()
    }


def _over(metric: Metric, predicted: Array, actual: Array) -> Figure:
    return lambda rows: metric(predicted[rows], actual[rows])


def _within(metric: Metric, predicted: Array, actual: Array, groups: NDArray[np.str_]) -> Figure:
    return lambda rows: mean_within(metric, predicted[rows], actual[rows], groups[rows])


def as_json(metrics: Mapping[str, Interval]) -> dict[str, Any]:
    """Metrics as plain numbers, for ``metrics.jsonl``."""
    return {name: [interval.value, interval.low, interval.high] for name, interval in metrics.items()}
