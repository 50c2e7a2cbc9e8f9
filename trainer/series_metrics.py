"""How well scores order the photos of series, each figure with a bootstrap interval resampled by series.

A judge's answer is one array of scores for each series, in the order of its ``members``: a judge of series (FGAesQ) may
score a photo differently beside other photos.

    series + scores ──tally──▶ what happened in each series ──METRICS──▶ figures over any choice of series
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from trainer.metrics import RESAMPLES, Array, Difference, bootstrap, difference, pearson, ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aesthetic_studio.models.card import Interval
    from trainer.data.records import LabelledSeries

SURE = 0.99
"""Annotated probabilities beyond this are taken for it, so that a unanimous pair has a finite distance."""

_EVEN = 0.5
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Tally:
    """What happened in each of S series; NaN where a series cannot say.

    Attributes:
        first_right: (S,) pairs whose first photo people prefer and the judge too; a tie of the judge counts half.
        first_wrong: (S,) pairs whose first photo people prefer and the judge does not.
        second_right: (S,) pairs whose second photo people prefer and the judge too.
        second_wrong: (S,) pairs whose second photo people prefer and the judge does not.
        top: (S,) share of the judge's best photos (one, unless it ties) that are people's best.
        exact: (S,) 1 where no two photos that people tell apart are tied or turned round, else 0.
        srcc: (S,) Spearman's correlation of the judge's scores with people's order.
    """

    first_right: Array
    first_wrong: Array
    second_right: Array
    second_wrong: Array
    top: Array
    exact: Array
    srcc: Array

    def __len__(self) -> int:
        return len(self.top)

    def of(self, rows: NDArray[np.int64]) -> Tally:
        """Some of the series; one may come several times."""
        return Tally(*(getattr(self, item.name)[rows] for item in fields(self)))


def strengths(series: LabelledSeries) -> Array:
    """People's order as numbers (members,), higher is better; NaN for a photo that nobody compared.

    From ``order`` where it is known. Else Bradley-Terry strengths: least squares of ``s_x − s_y = logit P(x > y)`` over
    the annotated pairs (this project's choice), so that A > B and B > C put A above C though nobody compared those.
    """
    place = {row: number for number, row in enumerate(series.members)}
    found = np.full(len(series.members), np.nan)
    if series.order:
        for worse_than, row in enumerate(series.order):
            found[place[row]] = -float(worse_than)
        return found
    pairs = [(place[pair.first], place[pair.second], pair.probability) for pair in series.pairs]
    if not pairs:
        return found
    equations, gaps = np.zeros((len(pairs), len(found))), np.zeros(len(pairs))
    for number, (first, second, probability) in enumerate(pairs):
        equations[number, first], equations[number, second] = 1.0, -1.0
        sure = min(max(probability, 1.0 - SURE), SURE)
        gaps[number] = np.log(sure / (1.0 - sure))
    compared = np.flatnonzero(np.abs(equations).sum(axis=0))
    found[compared] = np.linalg.lstsq(equations[:, compared], gaps, rcond=None)[0].round(6)
    return found


def tally(series: Sequence[LabelledSeries], scores: Sequence[Array]) -> Tally:
    """Compare a judge's scores (one array a series, in the order of its members) with people's labels.

    Pairs that people found even (P = 0.5) are left out. Raises ``ValueError`` where the scores do not fit the series.
    """
    rows = []
    for one, given in zip(series, scores, strict=True):
        if len(given) != len(one.members):
            raise ValueError(f"series {one.name!r} has {len(one.members)} photos and {len(given)} scores")
        rows.append((*_pairs(one, given), *_order(one, given)))
    table = np.asarray(rows, dtype=np.float64).reshape(-1, len(fields(Tally)))
    return Tally(*table.T)


def _pairs(series: LabelledSeries, scores: Array) -> tuple[float, float, float, float]:
    place = {row: number for number, row in enumerate(series.members)}
    counts = np.zeros((2, 2))
    for pair in series.pairs:
        if abs(pair.probability - _EVEN) < _SAME:
            continue
        gap = scores[place[pair.first]] - scores[place[pair.second]]
        says_first = _EVEN if gap == 0.0 else float(gap > 0.0)
        wants_first = pair.probability > _EVEN
        right = says_first if wants_first else 1.0 - says_first
        counts[0 if wants_first else 1] += (right, 1.0 - right)
    return counts[0, 0], counts[0, 1], counts[1, 0], counts[1, 1]


def _order(series: LabelledSeries, scores: Array) -> tuple[float, float, float]:
    wanted = strengths(series)
    known = np.flatnonzero(np.isfinite(wanted))
    wanted, given = wanted[known], scores[known]
    if len(known) < 2 or np.ptp(wanted) < _SAME:
        return np.nan, np.nan, np.nan
    best = wanted > wanted.max() - _SAME
    apart = wanted[:, None] > wanted[None, :] + _SAME
    exact = bool((given[:, None] > given[None, :])[apart].all())
    return float(best[given == given.max()].mean()), float(exact), pearson(ranks(given), ranks(wanted))


def pair_accuracy(found: Tally) -> float:
    """Share of pairs in which the judge prefers the photo that people prefer; its ties count half."""
    right = found.first_right.sum() + found.second_right.sum()
    return _share(right, found.first_wrong.sum() + found.second_wrong.sum())


def pair_f1(found: Tally) -> float:
    """F1 averaged over the classes "first is better" and "second is better".

    FGAesQ's paper does not say which F1 it prints; the macro average is this project's choice. Where every pair is
    written with the same photo first, the better or the worse, there is one class only and its F1 would flatter; each
    pair then counts both ways, and F1 is the accuracy.
    """
    first, second = found.first_right.sum(), found.second_right.sum()
    first_missed, second_missed = found.first_wrong.sum(), found.second_wrong.sum()
    if first + first_missed == 0 or second + second_missed == 0:
        return pair_accuracy(found)
    wrong = first_missed + second_missed
    return float(np.mean([2.0 * right / (2.0 * right + wrong) for right in (first, second)]))


def series_accuracy(found: Tally) -> float:
    """Share of series whose best photo the judge puts first: the *series accuracy* that tables print."""
    return _mean(found.top)


def exact_order(found: Tally) -> float:
    """Share of series whose whole order the judge gets right: the other, stricter reading of *series accuracy*."""
    return _mean(found.exact)


def series_srcc(found: Tally) -> float:
    """Spearman's correlation within each series, averaged over series."""
    return _mean(found.srcc)


def pair_score(found: Tally) -> float:
    """FGAesQ's summary of pairs: the mean of accuracy and F1."""
    return (pair_accuracy(found) + pair_f1(found)) / 2.0


def series_score(found: Tally) -> float:
    """FGAesQ's summary of series: the mean of series accuracy (the best photo) and series SRCC."""
    return (series_accuracy(found) + series_srcc(found)) / 2.0


SeriesMetric = Callable[[Tally], float]

SERIES_METRICS: Mapping[str, SeriesMetric] = {
    "pair_accuracy": pair_accuracy,
    "pair_f1": pair_f1,
    "series_accuracy": series_accuracy,
    "exact_order": exact_order,
    "series_srcc": series_srcc,
    "pair_score": pair_score,
    "series_score": series_score,
}
"""What the paper calls pair accuracy, F1, s-Acc (twice: the best photo, and the whole order), s-SRCC, and its sums.

Which of the two readings its s-Acc has is not stated; ``series_accuracy`` is the best photo, what a photographer asks.
"""


def summary(
    found: Tally,
    *,
    metrics: Mapping[str, SeriesMetric] = SERIES_METRICS,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Interval]:
    """Every metric that these series can tell, with its 95 % interval, whole series resampled."""
    return {
        name: bootstrap(len(found), _over(metric, found), resamples=resamples, seed=seed)
        for name, metric in metrics.items()
        if len(found) and np.isfinite(metric(found))
    }


def differences(
    found: Tally,
    other: Tally,
    *,
    metrics: Mapping[str, SeriesMetric] = SERIES_METRICS,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Difference]:
    """Every metric of one judge less that of another on the same series, the same series resampled for both."""
    if len(found) != len(other):
        raise ValueError(f"{len(found)} series cannot be compared with {len(other)}")
    return {
        name: difference(len(found), _over(metric, found), _over(metric, other), resamples=resamples, seed=seed)
        for name, metric in metrics.items()
        if len(found) and np.isfinite(metric(found))
    }


def _over(metric: SeriesMetric, found: Tally) -> Callable[[NDArray[np.int64]], float]:
    whole = metric(found)

    def figure(rows: NDArray[np.int64]) -> float:
        # A draw may hold only series that cannot tell; it then says no more than all of them together.
        value = metric(found.of(rows))
        return value if np.isfinite(value) else whole

    return figure


def _share(right: float, wrong: float) -> float:
    return float(right / (right + wrong)) if right + wrong > 0 else np.nan


def _mean(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else np.nan
