"""A model that compares orders a burst by what it saw side by side, and never decides more than that."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.curation.best_shot import frames_to_compare, order_frames
from aesthetic_studio.curation.comparisons import MOST_COMPARED, Compared, compare_frames
from aesthetic_studio.curation.series import find_series

from .conftest import Studio

if TYPE_CHECKING:
    from aesthetic_studio.records import PhotoRecord


def burst(count: int, **changes: object) -> list[PhotoRecord]:
    studio = Studio()
    return [studio.shoot(0.1 * place, **changes) for place in range(count)]


def by_merit(frames: list[PhotoRecord], merits: list[float]) -> dict[tuple[int, int], tuple[float, float]]:
    return {
        (one.content_id, two.content_id): (5.0 + first, 5.0 + second)
        for (one, first), (two, second) in itertools.combinations(list(zip(frames, merits, strict=True)), 2)
    }


def test_frames_alike_in_all_measurements_are_ordered_by_comparisons() -> None:
    frames = burst(4)
    order = order_frames(frames, by_merit(frames, [0.1, 0.9, -0.4, 0.5]))
    assert [frame.photo_id for frame in order] == [frames[index].id for index in (1, 3, 0, 2)]
    assert order[0].reasons[0] == "preferred in 3 of 3 comparisons"
    assert "preferred" not in " ".join(order[-1].reasons)


def test_of_two_frames_the_preferred_one_says_so() -> None:
    frames = burst(2)
    order = order_frames(frames, by_merit(frames, [0.0, 0.6]))
    assert order[0].photo_id == frames[1].id
    assert order[0].reasons == ("preferred side by side",)


def test_comparisons_stand_in_for_the_score() -> None:
    studio = Studio()
    frames = [studio.shoot(0.0, score=5.0), studio.shoot(0.1, score=5.4)]
    assert order_frames(frames)[0].photo_id == frames[1].id
    assert order_frames(frames, by_merit(frames, [0.8, 0.0]))[0].photo_id == frames[0].id


def test_comparisons_do_not_make_up_for_a_missed_focus() -> None:
    studio = Studio()
    frames = [studio.shoot(0.0), studio.shoot(0.1), studio.shoot(0.2, blur=4)]
    assert order_frames(frames, by_merit(frames, [0.0, 0.0, 0.4]))[-1].photo_id == frames[2].id


def test_half_compared_is_not_compared() -> None:
    frames = burst(3)
    some = by_merit(frames, [0.0, 0.0, 3.0])
    del some[frames[0].content_id, frames[1].content_id]
    assert compare_frames(frames, some) is None
    assert order_frames(frames, some) == order_frames(frames)


def test_a_frame_that_could_not_be_read_does_not_spoil_the_others() -> None:
    frames = burst(4)
    read = by_merit(frames[:3], [0.0, 1.0, 0.5])
    compared = compare_frames(frames, read)
    assert compared is not None
    assert compared[3] is None
    assert compared[1] == Compared(6.0, 2, 2)
    assert order_frames(frames, read)[0].photo_id == frames[1].id


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_frames_and_of_pairs_says_nothing(merits: list[float], random: object) -> None:
    frames = burst(len(merits))
    comparisons = by_merit(frames, merits)
    turned = {(two, one): scores[::-1] for (one, two), scores in comparisons.items()}
    shuffled = list(frames)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert order_frames(shuffled, turned) == order_frames(frames, comparisons)


def test_of_a_long_burst_those_that_stand_best_are_compared_and_lead() -> None:
    studio = Studio()
    soft = [studio.shoot(0.1 * place, blur=3) for place in range(4)]
    sharp = [studio.shoot(1.0 + 0.1 * place) for place in range(MOST_COMPARED)]
    leading = frames_to_compare([*soft, *sharp])
    assert {frame.id for frame in leading} == {frame.id for frame in sharp}
    order = order_frames([*soft, *sharp], by_merit(leading, [0.1 * place for place in range(MOST_COMPARED)]))
    assert order[0].photo_id == leading[-1].id
    assert {frame.photo_id for frame in order[MOST_COMPARED:]} == {frame.id for frame in soft}
    assert [frame.rank for frame in order] == list(range(1, MOST_COMPARED + 5))


@pytest.mark.parametrize("count", [2, 5])
def test_comparisons_never_decide_what_is_a_burst(count: int) -> None:
    frames = burst(count)
    grouped = find_series(frames, by_merit(frames, [float(place) for place in range(count)]))
    alone = find_series(frames)
    assert [{frame.photo_id for frame in each.frames} for each in grouped] == [
        {frame.photo_id for frame in each.frames} for each in alone
    ]
