"""What is asked next: where one model sees nothing and another a lot, of different things, never the same twice."""

from __future__ import annotations

import numpy as np

from trainer.personal.active import most_informative_pairs

ALONE = np.arange(6)
CALM = np.asarray([5.0, 5.0, 1.0, 1.0, 3.0, 9.0])
SPLIT = np.asarray([1.0, 9.0, 5.0, 5.0, 3.0, 3.5])


def test_the_first_question_is_where_one_calls_equal_what_another_parts() -> None:
    first = most_informative_pairs(1, {"calm": CALM, "split": SPLIT}, ALONE)[0]
    assert {first.first, first.second} == {0, 1}
    assert (first.defender, first.attacker) == ("calm", "split")
    assert first.gap > 2


def test_no_photo_is_asked_about_twice() -> None:
    scores = {str(k): np.random.default_rng(k).normal(size=30) for k in range(4)}
    found = most_informative_pairs(10, scores, np.arange(30))
    photos = [row for one in found for row in (one.first, one.second)]
    assert len(found) == 10
    assert len(set(photos)) == len(photos)


def test_frames_of_one_series_are_not_asked_against_each_other() -> None:
    groups = np.asarray([0, 0, 1, 2, 3, 4])
    found = most_informative_pairs(5, {"calm": CALM, "split": SPLIT}, groups)
    assert all({one.first, one.second} != {0, 1} for one in found)


def test_frames_of_one_series_are_asked_against_each_other_when_that_is_wanted() -> None:
    groups = np.asarray([0, 0, 1, 2, 3, 4])
    found = most_informative_pairs(5, {"calm": CALM, "split": SPLIT}, groups, same_series=True)
    assert [{one.first, one.second} for one in found] == [{0, 1}]


def test_what_was_answered_is_not_asked_again() -> None:
    found = most_informative_pairs(3, {"calm": CALM, "split": SPLIT}, ALONE, asked=[(1, 0)])
    assert all({one.first, one.second} != {0, 1} for one in found)


def test_pairs_that_differ_in_the_same_way_are_asked_once() -> None:
    one = np.asarray([0.0, 1.0, 0.0, 1.0, 0.0, 1.0])
    inputs = np.stack([one, np.zeros(6)], axis=1)
    found = most_informative_pairs(3, {"flat": np.zeros(6), "split": one * 3}, ALONE, inputs=inputs)
    assert len(found) == 1


def test_models_that_agree_leave_nothing_to_ask() -> None:
    assert most_informative_pairs(3, {"a": CALM, "b": CALM.copy()}, ALONE) == []


def test_a_single_model_has_nobody_to_disagree_with() -> None:
    assert most_informative_pairs(3, {"a": CALM}, ALONE) == []
