"""What holds for any photos whatever."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aesthetic_studio.curation.best_shot import order_frames
from aesthetic_studio.curation.ranking import rank
from aesthetic_studio.curation.series import find_series
from aesthetic_studio.records import PhotoState, Score, ScoreDistribution, Series, SeriesKind

if TYPE_CHECKING:
    from aesthetic_studio.records import PhotoRecord

LAW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

SHOT = st.fixed_dictionaries(
    {
        "at": st.one_of(st.none(), st.integers(0, 60).map(lambda k: k * 0.25)),
        "world": st.integers(1, 3),
        "x": st.integers(0, 6).map(lambda k: 250.0 + 30 * k),
        "ev": st.sampled_from([0.0, 0.0, 0.0, -2.0, 2.0]),
        "resolution": st.sampled_from([0.01, 0.01, 1.0, 60.0]),
        "score": st.one_of(st.none(), st.floats(2, 9)),
        "burst_id": st.sampled_from([None, None, None, "A", "B"]),
        "state": st.sampled_from([PhotoState.PRESENT] * 4 + [PhotoState.MISSING, PhotoState.UNREADABLE]),
        "focal_length_mm": st.sampled_from([35.0, 35.0, 35.0, 70.0]),
        "sharpness": st.floats(0.0, 1.0),
    }
)


def told(series: list[Series]) -> list[tuple[SeriesKind, tuple[object, ...]]]:
    return [(each.kind, each.frames) for each in series]


@LAW
@given(shots=st.lists(SHOT, max_size=14), seed=st.randoms(use_true_random=False))
def test_grouping_does_not_depend_on_the_order_given(studio, shots, seed):
    photos = [studio.shoot(**shot) for shot in shots]
    shuffled = list(photos)
    seed.shuffle(shuffled)
    assert told(find_series(shuffled)) == told(find_series(photos))


@LAW
@given(shots=st.lists(SHOT, max_size=14))
def test_a_photo_is_in_one_series_at_most_and_ranks_count_from_one(studio, shots):
    photos = [studio.shoot(**shot) for shot in shots]
    readable = {photo.id for photo in photos if photo.state is not PhotoState.UNREADABLE}
    series = find_series(photos)
    members = [frame.photo_id for each in series for frame in each.frames]
    assert len(members) == len(set(members))
    assert set(members) <= readable
    for each in series:
        assert len(each.frames) >= 2
        assert [frame.rank for frame in each.frames] == list(range(1, len(each.frames) + 1))
        assert sum(frame.best for frame in each.frames) == 1
        assert all(frame.reasons for frame in each.frames)


@LAW
@given(shots=st.lists(SHOT, max_size=14), collapse=st.booleans())
def test_a_ranking_gives_each_readable_photo_or_series_one_place(studio, shots, collapse):
    photos = [studio.shoot(**shot) for shot in shots]
    stored = store(photos, find_series(photos))
    ranked = rank(stored, collapse)
    assert [place.rank for place in ranked] == list(range(1, len(ranked) + 1))
    readable = [photo for photo in stored if photo.state is not PhotoState.UNREADABLE]
    places = {photo.series_id if collapse and photo.series_id is not None else -photo.id for photo in readable}
    by_id = {photo.id: photo for photo in stored}
    shown = [by_id[place.photo_id] for place in ranked]
    assert {p.series_id if collapse and p.series_id is not None else -p.id for p in shown} == places
    assert len(shown) == len(places)


@LAW
@given(
    votes=st.lists(st.lists(st.integers(0, 20), min_size=6, max_size=6).filter(any), min_size=2, max_size=6),
    sharpness=st.lists(st.floats(0.05, 0.9), min_size=6, max_size=6),
    lift=st.integers(1, 4),
)
def test_a_model_that_is_kinder_to_all_leaves_the_order_alone(studio, votes, sharpness, lift):
    def frames(offset: int) -> list[PhotoRecord]:
        out = []
        for k, counts in enumerate(votes):
            shifted = [0] * offset + counts + [0] * (4 - offset)
            score = Score("made", "1", ScoreDistribution.from_votes(shifted))
            out.append(replace(base[k], score=score))
        return out

    base = [studio.shoot(0.1 * k, sharpness=sharpness[k]) for k in range(len(votes))]
    assert [f.photo_id for f in order_frames(frames(lift))] == [f.photo_id for f in order_frames(frames(0))]


@LAW
@given(
    exposures=st.permutations([-2.0, 0.0, 2.0]),
    jitter=st.lists(st.tuples(st.integers(-9, 9), st.integers(-6, 6)), min_size=3, max_size=3),
    gap=st.floats(0.05, 2.5),
    world=st.integers(1, 6),
)
def test_a_bracket_stays_whole_however_the_hand_shakes(studio, exposures, jitter, gap, world):
    photos = [
        studio.shoot(gap * k, world=world, ev=ev, x=300.0 + jitter[k][0], y=100.0 + jitter[k][1])
        for k, ev in enumerate(exposures)
    ]
    series = find_series(photos)
    assert [(each.kind, [frame.photo_id for frame in each.frames]) for each in series] == [
        (SeriesKind.BRACKET, [photo.id for photo in photos])
    ]


@LAW
@given(sharpness=st.lists(st.floats(0.01, 1.0), min_size=2, max_size=8), factor=st.floats(0.3, 1.0))
def test_softness_in_common_never_changes_the_order(studio, sharpness, factor):
    frames = [studio.shoot(0.1 * k, sharpness=value) for k, value in enumerate(sharpness)]
    softer = [studio.change(frame, sharpness=value * factor) for frame, value in zip(frames, sharpness, strict=True)]
    assert [f.photo_id for f in order_frames(softer)] == [f.photo_id for f in order_frames(frames)]


def store(photos: list[PhotoRecord], series: list[Series]) -> list[PhotoRecord]:
    """The records as the catalogue gives them once their series are stored."""
    places = {frame.photo_id: (n, each, frame) for n, each in enumerate(series) for frame in each.frames}
    stored = []
    for photo in photos:
        if photo.id not in places:
            stored.append(photo)
            continue
        number, each, frame = places[photo.id]
        stored.append(
            replace(
                photo,
                series_id=number,
                series_kind=each.kind,
                series_rank=frame.rank,
                series_size=len(each.frames),
                best_of_series=frame.best,
                reasons=frame.reasons,
            )
        )
    return stored
