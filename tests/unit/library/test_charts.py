"""Histogram and timeline: each photo that passes is counted once, in the bin that its number or moment lies in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aesthetic_studio.albums import PhotoFilter, PhotoQuery
from aesthetic_studio.records import CaptureTime, PhotoFile, VerdictChange

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.library.catalogue import Catalogue

START = datetime(2024, 2, 28, 23, 50)
moments = st.sampled_from([timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=40)]).flatmap(
    lambda unit: st.lists(st.integers(0, 60).map(lambda number: START + number * unit), max_size=30)
)


def fill(
    catalogue: Catalogue,
    times: list[datetime],
    scores: list[float],
    facts_of: Callable,
    distribution_of: Callable,
) -> None:
    with catalogue.transaction():
        for number, (time, score) in enumerate(zip(times, scores, strict=False)):
            facts = replace(facts_of(str(number).encode(), taken=CaptureTime(time, 1.0)))
            photo = catalogue.store_facts(PhotoFile("/p", f"{number}.jpg", number, 0), facts)
            content = catalogue.photo(photo).content_id
            catalogue.store_scores("model", "1", [(content, distribution_of(score))])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    times=moments,
    scores=st.lists(st.sampled_from([1.0, 1.2, 4.99, 5.0, 7.3, 9.99, 10.0]), min_size=30, max_size=30),
    rated=st.integers(0, 30),
    most=st.integers(1, 50),
)
def test_bins_hold_what_the_album_of_their_range_holds(
    times, scores, rated, most, tmp_path_factory, facts_of, distribution_of, open_library
):
    with open_library(tmp_path_factory.mktemp("library") / "l.sqlite") as catalogue:
        fill(catalogue, times, scores, facts_of, distribution_of)
        ids = catalogue.ids(PhotoQuery())
        catalogue.decide(ids[:rated], VerdictChange(rating=4), "x")
        wanted = PhotoFilter(rating=4)
        photos = catalogue.photos(catalogue.ids(PhotoQuery(wanted, collapse_series=False)))

        histogram = catalogue.score_histogram(wanted)
        edges, found = histogram.edges, [photo.score.distribution.mean for photo in photos if photo.score]
        assert sum(histogram.counts) == len(found)
        for low, high, number in zip(edges, edges[1:], histogram.counts, strict=False):
            assert number == sum(low <= score < high or (score == high == edges[-1]) for score in found)

        timeline = catalogue.timeline(wanted, most=most)
        taken = [photo.metadata.taken.local for photo in photos if photo.metadata.taken]
        assert sum(timeline.counts) == len(taken)
        assert len(timeline.counts) <= most or not taken
        assert list(timeline.edges) == sorted(set(timeline.edges))
        for start, end, number in zip(timeline.edges, timeline.edges[1:], timeline.counts, strict=False):
            assert number == sum(start <= time < end for time in taken)
            between = replace(wanted, taken_from=start, taken_before=end)
            assert number == catalogue.count(between)

        some = photos[::2]
        scored = [photo for photo in some if photo.score]
        assert sum(catalogue.score_histogram(wanted, [photo.id for photo in some]).counts) == len(scored)
        assert sum(catalogue.timeline(wanted, [photo.id for photo in some], most=most).counts) == len(some)


@pytest.mark.parametrize(
    ("span", "step", "each"),
    [
        (timedelta(minutes=40), "minute", 1),
        (timedelta(hours=8), "minute", 5),
        (timedelta(days=3), "hour", 1),
        (timedelta(days=90), "day", 1),
        (timedelta(days=700), "day", 7),
        (timedelta(days=3000), "month", 1),
        (timedelta(days=30000), "year", 1),
        (timedelta(days=300000), "year", 10),
    ],
)
def test_bins_are_as_fine_as_the_range_allows(catalogue, facts_of, distribution_of, span, step, each):
    start = datetime(1200, 3, 5, 10, 7) if span.days > 40_000 else datetime(1950, 3, 5, 10, 7)
    fill(catalogue, [start, start + span], [5.0, 5.0], facts_of, distribution_of)

    timeline = catalogue.timeline(PhotoFilter(), most=120)

    assert (timeline.step, timeline.each) == (step, each)
    assert timeline.edges[0] <= start
    assert start + span < timeline.edges[-1]


def test_photos_without_a_score_or_a_time_are_told_apart(catalogue, facts_of):
    catalogue.store_facts(PhotoFile("/p", "a.jpg", 1, 1), facts_of(b"a", taken=None))

    assert sum(catalogue.score_histogram(PhotoFilter()).counts) == 0
    assert catalogue.score_histogram(PhotoFilter()).lacking == 1
    assert catalogue.timeline(PhotoFilter()).edges == ()
    assert catalogue.timeline(PhotoFilter()).lacking == 1
