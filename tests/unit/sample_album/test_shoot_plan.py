"""The plan of the sample shoot: a day of work that holds what it promises, whatever its size."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aesthetic_studio.curation.timeline import LONGEST_GAP
from aesthetic_studio.records import SeriesKind
from aesthetic_studio.sample_album import FEWEST_PHOTOS, MOST_PHOTOS, SHOOT_PHOTOS
from aesthetic_studio.sample_album.shoot_acts import LEAST_BURST, MOST_BURST
from aesthetic_studio.sample_album.shoot_frames import Frame, Misfire
from aesthetic_studio.sample_album.shoot_plan import shoot_plan


def series_of(plan: tuple[Frame, ...]) -> dict[str, list[Frame]]:
    found: dict[str, list[Frame]] = defaultdict(list)
    for frame in plan:
        if frame.shot.series is not None:
            found[frame.shot.series].append(frame)
    return found


@settings(max_examples=25, deadline=None)
@given(photos=st.integers(FEWEST_PHOTOS, 400), seed=st.integers(0, 5))
def test_a_shoot_has_exactly_as_many_photos_as_were_asked_for(photos: int, seed: int) -> None:
    plan = shoot_plan(photos, seed)
    assert len(plan) == photos
    assert len({frame.shot.name for frame in plan}) == photos
    times = [frame.shot.taken for frame in plan]
    assert times == sorted(times)
    assert len(set(times)) == photos


@pytest.mark.parametrize("photos", [SHOOT_PHOTOS, MOST_PHOTOS])
def test_a_large_shoot_too(photos: int) -> None:
    plan = shoot_plan(photos, 1)
    assert len({frame.shot.name for frame in plan}) == len(plan) == photos


def test_the_usual_shoot_is_one_day_with_everything_in_it() -> None:
    plan = shoot_plan(SHOOT_PHOTOS, 1)
    assert len({frame.shot.taken.date() for frame in plan}) == 1
    assert {frame.shot.kind for frame in plan} == {None, SeriesKind.BURST, SeriesKind.BRACKET, SeriesKind.PANORAMA}
    assert {frame.misfire for frame in plan} == {None, *Misfire}
    assert {frame.framing.upright for frame in plan} == {True, False}
    assert len({frame.shot.settings.camera for frame in plan}) == 2
    assert len({frame.shot.settings.lens for frame in plan}) >= 4
    assert len({Path(frame.shot.name).parent for frame in plan}) == 7


def test_a_small_shoot_has_series_too() -> None:
    for seed in range(1, 6):
        kinds = {frame.shot.kind for frame in shoot_plan(FEWEST_PHOTOS, seed)}
        assert kinds >= {SeriesKind.BURST, SeriesKind.PANORAMA}
        assert SeriesKind.BRACKET in {frame.shot.kind for frame in shoot_plan(200, seed)}


def test_the_same_seed_plans_the_same_and_another_seed_another_shoot() -> None:
    again = shoot_plan.__wrapped__(120, 3)
    assert shoot_plan(120, 3) == again
    assert shoot_plan(120, 4) != again


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_series_is_of_one_camera_and_a_burst_has_one_frame_to_keep(seed: int) -> None:
    for frames in series_of(shoot_plan(SHOOT_PHOTOS, seed)).values():
        setups = {(f.shot.kind, f.place, f.shot.settings.camera, f.shot.settings.lens, f.framing.zoom) for f in frames}
        assert len(setups) == 1
        assert sum(frame.shot.best for frame in frames) == (frames[0].shot.kind is SeriesKind.BURST)
        if frames[0].shot.kind is SeriesKind.BURST:
            assert LEAST_BURST <= len(frames) <= MOST_BURST
            best = next(frame for frame in frames if frame.shot.best)
            assert best.shot.flaw is None
            assert best.softness < min(frame.softness for frame in frames if frame is not best)


@pytest.mark.parametrize("photos", [FEWEST_PHOTOS, SHOOT_PHOTOS])
def test_what_is_no_series_lies_too_far_apart_to_be_one(photos: int) -> None:
    for one, two in pairwise(shoot_plan(photos, 1)):
        if one.shot.series is None or one.shot.series != two.shot.series:
            assert (two.shot.taken - one.shot.taken).total_seconds() > LONGEST_GAP


def test_a_brackets_shutter_follows_its_exposure() -> None:
    brackets = [
        frames
        for frames in series_of(shoot_plan(SHOOT_PHOTOS, 1)).values()
        if frames[0].shot.kind is SeriesKind.BRACKET
    ]
    assert brackets
    for frames in brackets:
        unit = {round(frame.shot.settings.shutter_s / 2**frame.shot.ev, 9) for frame in frames}
        assert len(unit) == 1
        assert [frame.shot.settings.bias_ev for frame in frames] == [frame.shot.ev for frame in frames]
        assert len({frame.framing for frame in frames}) == 1


def test_a_misfire_is_never_part_of_a_series() -> None:
    slips = [frame for frame in shoot_plan(SHOOT_PHOTOS, 1) if frame.misfire is not None]
    assert slips
    assert all(frame.shot.series is None for frame in slips)
