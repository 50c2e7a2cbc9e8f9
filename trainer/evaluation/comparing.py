"""From several judges' answers to one evaluation: parts, figures with intervals, and paired differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trainer import metrics, series_metrics
from trainer.evaluation.records import PHOTOS, POOLED, SERIES, Compared, Evaluation, Row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from aesthetic_studio.models.card import Interval
    from trainer.data.records import LabelledSeries
    from trainer.metrics import Array, Difference

    Labels = NDArray[np.str_]

WITHIN_SOURCES, OVER_CATEGORIES = "mean within source", "mean over categories"


def compare_photos(
    answers: Mapping[str, Array],
    votes: Array,
    sources: Labels,
    *,
    name: str,
    protocol: str = "",
    split: str = "",
    points: Sequence[str] = (),
    resamples: int = metrics.RESAMPLES,
) -> Evaluation:
    """Judges' distributions (N, 10) against people's votes (N, 10), the first judge being the one compared with.

    ``sources`` (N,) give the parts. ``points`` names judges who give one score and no distribution. Figures are over
    all photos, averaged within sources, and of each source; differences over all photos, and within sources.
    """
    compared = []
    several = len(np.unique(sources)) > 1
    first, *others = answers
    rows = [
        row
        for judge, predicted in answers.items()
        for row in judge_photos(judge, predicted, votes, sources, point=judge in points, resamples=resamples)
    ]
    for judge in others:
        chosen = metrics.POINT_METRICS if {judge, first} & set(points) else metrics.METRICS
        for part_name, within_groups in ((POOLED, None), (WITHIN_SOURCES, sources))[: 1 + several]:
            found_differences = metrics.differences(
                answers[judge], answers[first], votes, within_groups, metrics=chosen, resamples=resamples
            )
            compared.append(Compared(judge, first, part_name, found_differences))
    return Evaluation(name, PHOTOS, split, protocol, _by_part(rows), tuple(compared))


def judge_photos(
    judge: str, predicted: Array, votes: Array, sources: Labels, *, point: bool = False, resamples: int
) -> list[Row]:
    """One judge's figures over all photos and, where there are several sources, averaged within them and of each.

    ``point`` says that the judge gives one score and no distribution.
    """
    chosen = metrics.POINT_METRICS if point else metrics.METRICS
    rows = [Row(judge, POOLED, len(votes), metrics.summary(predicted, votes, metrics=chosen, resamples=resamples))]
    groups = np.unique(sources)
    if len(groups) > 1:
        within = metrics.summary_within(predicted, votes, sources, metrics=chosen, resamples=resamples)
        rows.append(Row(judge, WITHIN_SOURCES, len(votes), within))
        for group in groups:
            part = sources == group
            found = metrics.summary(predicted[part], votes[part], metrics=chosen, resamples=resamples)
            rows.append(Row(judge, str(group), int(part.sum()), found))
    return rows


def compare_series(
    answers: Mapping[str, Sequence[Array]],
    series: Sequence[LabelledSeries],
    *,
    name: str,
    protocol: str = "",
    split: str = "",
    resamples: int = metrics.RESAMPLES,
) -> Evaluation:
    """Judges' scores, one array a series, against people's labels; whole series are resampled.

    Figures are over all series, averaged over categories (as FGAesQ's paper sums up), and of each category.
    """
    rows, compared = [], []
    categories = np.asarray([one.category for one in series])
    names = [str(category) for category in np.unique(categories)]
    tallies = {judge: series_metrics.tally(series, scores) for judge, scores in answers.items()}
    first, *others = answers
    for judge, tally in tallies.items():
        rows.append(Row(judge, POOLED, len(series), series_metrics.summary(tally, resamples=resamples)))
        if len(names) > 1:
            rows.append(Row(judge, OVER_CATEGORIES, len(series), _mean_over(tally, categories, resamples)))
            for category in names:
                part = tally.of(np.flatnonzero(categories == category))
                found = series_metrics.summary(part, resamples=resamples)
                rows.append(Row(judge, category or "no category", len(part), found))
    for judge in others:
        differences: dict[str, Difference] = series_metrics.differences(
            tallies[judge], tallies[first], resamples=resamples
        )
        compared.append(Compared(judge, first, POOLED, differences))
    return Evaluation(name, SERIES, split, protocol, _by_part(rows), tuple(compared))


def _mean_over(tally: series_metrics.Tally, categories: Labels, resamples: int) -> dict[str, Interval]:
    """Every metric that all categories can tell, averaged over them; series resampled."""
    parts = [np.flatnonzero(categories == category) for category in np.unique(categories)]
    figures = {}
    for name, metric in series_metrics.SERIES_METRICS.items():
        whole = [metric(tally.of(part)) for part in parts]
        if np.isfinite(whole).all():
            figures[name] = metrics.bootstrap(
                len(tally), _category_mean(metric, tally, categories, whole), resamples=resamples, seed=0
            )
    return figures


def _category_mean(
    metric: series_metrics.SeriesMetric, tally: series_metrics.Tally, categories: Labels, whole: Sequence[float]
) -> metrics.Figure:
    names = np.unique(categories)

    def figure(rows: NDArray[np.int64]) -> float:
        values = [metric(tally.of(rows[categories[rows] == name])) for name in names]
        # A draw may leave a category without a series that can tell; all of that category then stand for it.
        return float(np.mean([v if np.isfinite(v) else w for v, w in zip(values, whole, strict=True)]))

    return figure


def _by_part(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows of one part beside each other, judges in their order, so that a reader compares line with line."""
    order = list(dict.fromkeys(row.part for row in rows))
    return tuple(sorted(rows, key=lambda row: order.index(row.part)))
