"""Champion against challengers: the champion is frozen, and everything that is said can be unsaid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.desktop.compare.contest import Contest, Outcome, Said


def state(contest: Contest) -> tuple[int, int, int | None, list[int]]:
    return contest.champion, contest.place, contest.challenger, contest.next_ones(99)


def test_the_champion_stays_while_challengers_pass() -> None:
    contest = Contest(1, [2, 3, 4])
    seen = [contest.challenger]
    while contest.step(1):
        seen.append(contest.challenger)
        assert contest.champion == 1
    assert seen == [2, 3, 4, None]
    assert contest.shown() == (1,)
    assert contest.step(-1)
    assert contest.shown() == (1, 4)


def test_a_winner_becomes_the_champion_and_the_old_one_its_predecessor() -> None:
    contest = Contest(1, [2, 3, 4], 1)
    assert contest.promote() == Said(Outcome.PROMOTED, 3, 1)
    assert contest.shown() == (3, 4)
    contest.step(-1)
    assert contest.shown() == (3, 1)


def test_a_champion_that_is_kept_meets_the_next() -> None:
    contest = Contest(1, [2, 3])
    assert contest.keep() == Said(Outcome.KEPT, 1, 2)
    assert contest.shown() == (1, 3)


def test_nothing_is_said_where_nobody_challenges() -> None:
    contest = Contest(1, [2], 1)
    assert contest.promote() is None
    assert contest.keep() is None
    assert not contest.take_out(1)
    assert contest.shown() == (1,)


def test_a_challenger_taken_out_makes_room_for_the_next_and_can_come_back() -> None:
    contest = Contest(1, [2, 3, 4], 1)
    assert contest.take_out(3)
    assert contest.shown() == (1, 4)
    assert contest.holds(3)
    assert contest.bring_back(3)
    assert contest.shown() == (1, 3)
    assert contest.next_ones(9) == [4, 2]
    assert not contest.bring_back(3)


def test_a_champion_taken_out_hands_over_to_its_challenger_and_can_come_back() -> None:
    contest = Contest(1, [2, 3])
    before = state(contest)
    assert contest.take_out(1)
    assert contest.shown() == (2, 3)
    contest.step(1)
    assert contest.bring_back(1)
    assert state(contest) == before


def test_one_that_was_passed_by_may_leave_without_moving_what_is_shown() -> None:
    contest = Contest(1, [2, 3, 4], 2)
    contest.take_out(2)
    assert contest.shown() == (1, 4)


@pytest.mark.parametrize("act", [Contest.promote, Contest.keep])
def test_what_was_said_is_unsaid_and_said_again(act) -> None:
    contest = Contest(1, [2, 3, 4], 1)
    before = state(contest)
    said = act(contest)
    after = state(contest)
    contest.step(1)
    assert contest.unsay(said.better, said.worse)
    assert state(contest) == before
    assert contest.say_again(said.better, said.worse)
    assert state(contest) == after


def test_what_nobody_said_here_cannot_be_unsaid() -> None:
    contest = Contest(1, [2, 3])
    assert not contest.unsay(2, 1)
    assert contest.shown() == (1, 2)


acts = st.lists(st.sampled_from(["promote", "keep", "next", "back", "out"]), max_size=14)


@given(st.integers(1, 6), acts)
def test_no_photo_is_ever_lost_or_met_twice(count, steps) -> None:
    contest = Contest(0, range(1, count + 1))
    out: set[int] = set()
    for step in steps:
        if step == "out" and contest.challenger is not None:
            out.add(contest.challenger)
            contest.take_out(contest.challenger)
        elif step in ("next", "back"):
            contest.step(1 if step == "next" else -1)
        elif step != "out":
            getattr(contest, step)()
        place = contest.place
        contest.place = 0
        there = [contest.champion, *([contest.challenger] if contest.count else []), *contest.next_ones(99)]
        contest.place = place
        assert sorted(there) == sorted(set(range(count + 1)) - out)


@given(st.integers(1, 6), st.lists(st.sampled_from(["promote", "keep"]), max_size=6))
def test_unsaying_everything_leads_back_to_the_start(count, steps) -> None:
    contest = Contest(0, range(1, count + 1))
    before = state(contest)
    said = [each for each in (getattr(contest, step)() for step in steps) if each is not None]
    for each in reversed(said):
        assert contest.unsay(each.better, each.worse)
    assert state(contest) == before
