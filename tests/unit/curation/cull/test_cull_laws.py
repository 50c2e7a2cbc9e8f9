"""What holds for a cull of any photos whatever."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aesthetic_studio.curation.cull.changes import changes_for
from aesthetic_studio.curation.cull.choosing import PlanStopped
from aesthetic_studio.curation.cull.plan import cull
from aesthetic_studio.curation.cull.records import CullTarget, Fate, Strictness
from aesthetic_studio.curation.scenes import SAME_SCENE, Scenes
from aesthetic_studio.records import Flag, PhotoRecord, PhotoState, SeriesKind, Verdict

LAW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

SHOT = st.fixed_dictionaries(
    {
        "score": st.one_of(st.none(), st.sampled_from([2.0, 4.0, 5.0, 5.5, 6.0, 8.0])),
        "scene": st.integers(1, 5),
        "minute": st.sampled_from([0.0, 1.0, 5.0, 200.0]),
        "flag": st.sampled_from([Flag.NONE] * 6 + [Flag.PICK, Flag.REJECT]),
        "rating": st.sampled_from([0, 0, 0, 1, 5]),
        "state": st.sampled_from([PhotoState.PRESENT] * 6 + [PhotoState.MISSING, PhotoState.OFFLINE]),
    }
)
PART = st.tuples(
    st.sampled_from([None, None, SeriesKind.BURST, SeriesKind.BURST, SeriesKind.BRACKET, SeriesKind.PANORAMA]),
    st.lists(SHOT, min_size=1, max_size=5),
)
PARTS = st.lists(PART, max_size=7)
HOW = st.sampled_from(list(Strictness))


def make(album, parts) -> list[PhotoRecord]:
    photos = []
    for number, (kind, shots) in enumerate(parts, start=1):
        for rank, shot in enumerate(shots, start=1):
            in_series = kind is not None and len(shots) > 1
            photos.append(album.photo(**shot, series=(number, kind, rank, len(shots)) if in_series else None))
    return photos


def keep(photos, number, strictness):
    return cull(photos, CullTarget(number=number), strictness)


def places_of(photos, plan) -> list[tuple[object, ...]]:
    """The kept places: a photo each, or a whole set."""
    by_id = {photo.id: photo for photo in photos}
    kept = [by_id[photo] for photo in plan.ids(Fate.KEPT)]
    whole = (None, SeriesKind.BURST)
    return list({("photo", p.id) if p.series_kind in whole else ("set", p.series_id) for p in kept})


@LAW
@given(parts=PARTS, number=st.integers(1, 30), strictness=HOW)
def test_exactly_so_many_places_are_kept_as_asked_for_or_possible(album, parts, number, strictness):
    photos = make(album, parts)
    possible = keep(photos, 1000, strictness).places
    plan = keep(photos, number, strictness)
    assert plan.places == min(max(number, plan.picked), possible)
    assert plan.places == len(places_of(photos, plan))


@LAW
@given(parts=PARTS, number=st.integers(1, 30), strictness=HOW)
def test_every_photo_has_one_fate_and_a_reason_and_the_persons_word_stands(album, parts, number, strictness):
    photos = make(album, parts)
    plan = keep(photos, number, strictness)
    fates = {choice.photo_id: choice.fate for choice in plan.choices}
    assert sorted(choice.photo_id for choice in plan.choices) == sorted(photo.id for photo in photos)
    assert all(choice.reason for choice in plan.choices)
    for photo in photos:
        if photo.verdict.flag is Flag.PICK:
            assert fates[photo.id] is Fate.KEPT
        elif photo.verdict.flag is Flag.REJECT:
            assert fates[photo.id] is Fate.GONE
        elif photo.score is None and photo.series_kind in (None, SeriesKind.BURST):
            assert fates[photo.id] is Fate.LEFT, "what has no score is never rejected"


@LAW
@given(parts=PARTS, number=st.integers(1, 30), strictness=HOW, seed=st.randoms(use_true_random=False))
def test_a_plan_does_not_depend_on_the_order_given(album, parts, number, strictness, seed):
    photos = make(album, parts)
    shuffled = list(photos)
    seed.shuffle(shuffled)
    assert keep(shuffled, number, strictness) == keep(photos, number, strictness)


@LAW
@given(parts=PARTS, number=st.integers(1, 20), more=st.integers(1, 10), strictness=HOW)
def test_who_keeps_more_keeps_what_was_kept_before(album, parts, number, more, strictness):
    photos = make(album, parts)
    few, many = (keep(photos, count, strictness).ids(Fate.KEPT) for count in (number, number + more))
    assert many[: len(few)] == few


@LAW
@given(parts=PARTS, number=st.integers(1, 20), strictness=HOW)
def test_a_set_that_was_meant_to_be_together_is_never_torn(album, parts, number, strictness):
    photos = make(album, parts)
    fates = {choice.photo_id: choice.fate for choice in keep(photos, number, strictness).choices}
    sets = defaultdict(set)
    for photo in photos:
        judged = photo.verdict.flag is not Flag.REJECT and photo.state is not PhotoState.MISSING
        if photo.series_kind in (SeriesKind.BRACKET, SeriesKind.PANORAMA) and judged:
            sets[photo.series_id].add(fates[photo.id])
    assert all(len(found) == 1 for found in sets.values())


@LAW
@given(parts=PARTS, number=st.integers(1, 20), strictness=HOW)
def test_no_burst_has_two_frames_while_another_place_has_none(album, parts, number, strictness):
    photos = make(album, parts)
    plan = keep(photos, number, strictness)
    by_id = {photo.id: photo for photo in photos}

    def place(photo):
        return ("series", photo.series_id) if photo.series_kind is not None else ("photo", photo.id)

    def unpicked(fate):
        found = [by_id[photo] for photo in plan.ids(fate)]
        return [photo for photo in found if photo.verdict.flag is Flag.NONE]

    frames = Counter(place(by_id[photo]) for photo in plan.ids(Fate.KEPT))
    more_than_picked = {place(photo) for photo in unpicked(Fate.KEPT) if photo.series_kind is SeriesKind.BURST}
    second_frames = [where for where in more_than_picked if frames[where] > 1]
    if second_frames:
        assert {place(photo) for photo in unpicked(Fate.GONE)} <= set(frames), "a place has none, and a burst has two"


@LAW
@given(shots=st.lists(SHOT, max_size=16), number=st.integers(1, 20))
def test_strict_gives_no_scene_a_second_photo_while_another_scene_has_none(album, shots, number):
    photos = [album.photo(**{**shot, "score": shot["score"] or 3.0, "state": PhotoState.PRESENT}) for shot in shots]
    photos = [replace(photo, verdict=Verdict(photo.verdict.rating)) for photo in photos]
    plan = keep(photos, number, Strictness.STRICT)
    order = [photo.id for photo in photos]
    scenes = Scenes(photos)

    def seen_before(photo, before):
        like = scenes.like(order.index(photo))
        return any(like[order.index(other)] >= SAME_SCENE for other in before)

    kept = plan.ids(Fate.KEPT)
    for turn, photo in enumerate(kept):
        if seen_before(photo, kept[:turn]):
            assert all(seen_before(other, kept[:turn]) for other in plan.ids(Fate.GONE))


@LAW
@given(parts=PARTS, number=st.integers(1, 20), strictness=HOW, reject_others=st.booleans())
def test_what_was_applied_is_a_plan_that_changes_nothing_more(album, parts, number, strictness, reject_others):
    photos = make(album, parts)
    plan = keep(photos, number, strictness)
    fates = {choice.photo_id: choice.fate for choice in plan.choices}
    verdicts = {photo.id: photo.verdict for photo in photos}
    changes = changes_for(fates, verdicts, verdicts, reject_others=reject_others).changes
    for change, ids in changes.items():
        for photo in ids:
            verdicts[photo] = change.apply(verdicts[photo])
    after = [replace(photo, verdict=verdicts[photo.id]) for photo in photos]
    again = keep(after, number, strictness)
    assert set(again.ids(Fate.KEPT)) == set(plan.ids(Fate.KEPT))
    now = {choice.photo_id: choice.fate for choice in again.choices}
    assert not changes_for(now, verdicts, verdicts, reject_others=reject_others).changes


def test_a_plan_that_nobody_waits_for_stops(album):
    with pytest.raises(PlanStopped):
        cull([album.photo(5.0)], CullTarget(number=1), should_stop=lambda: True)
