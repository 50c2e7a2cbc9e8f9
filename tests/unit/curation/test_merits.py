"""Where a model learned what makes a frame worse, that orders a burst instead of scores made for comparing scenes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.curation.best_shot import order_frames
from aesthetic_studio.curation.standing import SCORE_LIMIT, stand
from aesthetic_studio.records import Score

from .conftest import Studio, distribution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import PhotoRecord

MERITS = st.floats(-1e6, 1e6)


def judged(
    merits: Sequence[float | None], scores: Sequence[float] = (), versions: Sequence[str] = (), **changes: Any
) -> list[PhotoRecord]:
    """A burst of equal frames but for what a model says of each."""
    camera = Studio()
    frames = []
    for place, merit in enumerate(merits):
        votes = replace(distribution(scores[place] if scores else 5.0), merit=merit)
        score = Score("made", versions[place] if versions else "1", votes)
        frames.append(camera.change(camera.shoot(0.1 * place, **changes), score=score))
    return frames


def places(frames: Sequence[PhotoRecord]) -> list[int]:
    """Positions among ``frames``, best first."""
    by_id = {frame.id: place for place, frame in enumerate(frames)}
    return [by_id[frame.photo_id] for frame in order_frames(frames)]


def added(frames: Sequence[PhotoRecord]) -> list[float]:
    """What the model adds to each frame's standing."""
    return [each.parts["score"] for each in stand(frames)]


def test_the_frame_with_more_merit_stands_better_whatever_the_scores_of_whole_photos() -> None:
    assert places(judged([0.1, 0.9, -0.4, 0.5], scores=[5.0, 4.0, 8.0, 6.0])) == [1, 3, 0, 2]


def test_frames_of_the_same_merit_stand_alike_although_their_scores_differ() -> None:
    assert added(judged([2.0, 2.0, 2.0], scores=[3.0, 5.0, 8.0])) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_where_one_frame_has_no_merit_scores_order_all(missing: int) -> None:
    merits: list[float | None] = [3.0, 2.0, 1.0]
    merits[missing] = None
    scores = [4.0, 5.0, 6.0]
    assert places(judged(merits, scores)) == [2, 1, 0]
    assert added(judged(merits, scores)) == added(judged([None] * 3, scores))


def test_where_one_frame_is_not_scored_scores_order_the_others() -> None:
    frames = judged([3.0, 2.0, 1.0], scores=[4.0, 5.0, 6.0])
    unscored = [replace(frames[0], score=None), *frames[1:]]
    without = judged([None] * 3, scores=[4.0, 5.0, 6.0])
    assert added(unscored) == added([replace(without[0], score=None), *without[1:]])
    assert added(unscored)[2] > added(unscored)[1]


def test_merits_of_two_versions_are_not_compared() -> None:
    mixed = judged([3.0, 2.0, 1.0], [4.0, 5.0, 6.0], versions=["1", "2", "1"])
    assert places(mixed) == [2, 1, 0]
    assert places(judged([3.0, 2.0, 1.0], [4.0, 5.0, 6.0], versions=["2", "2", "2"])) == [0, 1, 2]


def test_merits_of_two_models_are_not_compared() -> None:
    frames = judged([3.0, 2.0, 1.0], [4.0, 5.0, 6.0])
    assert frames[0].score is not None
    other = replace(frames[0], score=replace(frames[0].score, model="other"))
    assert places([other, *frames[1:]]) == [2, 1, 0]


@given(st.lists(MERITS, min_size=1, max_size=7))
def test_no_merit_adds_or_takes_more_than_a_score_may_and_more_is_never_worse(merits: list[float]) -> None:
    found = added(judged(merits))
    assert all(-SCORE_LIMIT <= one <= SCORE_LIMIT for one in found)
    ranked = [one for _, one in sorted(zip(merits, found, strict=True))]
    assert ranked == sorted(ranked)


@given(st.lists(st.integers(-400, 400), min_size=2, max_size=6), st.integers(-1000, 1000))
def test_only_differences_of_merit_count(eighths: list[int], shift: int) -> None:
    merits = [eighth / 8 for eighth in eighths]
    assert added(judged([merit + shift for merit in merits])) == added(judged(merits))


@pytest.mark.parametrize("fault", [{"exposure_ev": -2.0}, {"sharpness": 0.15}])
def test_no_merit_makes_up_for_a_clear_fault(fault: dict[str, float]) -> None:
    frames = judged([0.0, 1e6, 0.0], exposure_ev=0.0, sharpness=0.3)
    faulty = Studio.change(frames[1], **fault)
    assert places([frames[0], faulty, frames[2]])[-1] == 1
    assert places(frames)[0] == 1


def test_a_much_better_frame_outweighs_a_trace_of_softness() -> None:
    camera = Studio()
    frames = judged([0.0, 3.0, 0.0], sharpness=0.31)
    softer = camera.change(frames[1], sharpness=0.30)
    assert places([frames[0], softer, frames[2]])[0] == 1


def test_comparisons_side_by_side_still_decide() -> None:
    frames = judged([3.0, 0.0], scores=[5.0, 5.0])
    assert places(frames) == [0, 1]
    compared = {(frames[0].content_id, frames[1].content_id): (5.0, 5.8)}
    assert order_frames(frames, compared)[0].photo_id == frames[1].id
    assert [each.parts["score"] for each in stand(frames, compared)] == [
        each.parts["score"] for each in stand(judged([None, None]), compared)
    ]
