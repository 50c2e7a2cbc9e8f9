"""Two programs on one library: both decide, both decisions hold, and undo in one leaves the other's alone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aesthetic_studio.records import Flag, Label, PhotoFile, Verdict, VerdictChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aesthetic_studio.library.catalogue import Catalogue

PHOTOS = range(1, 4)
FIELDS = ("rating", "flag", "label")


@pytest.fixture
def both(library_path: Path, open_library: Callable, facts_of: Callable) -> Iterator[tuple[Catalogue, Catalogue]]:
    """Three photos, numbered 1 to 3, seen by two programs."""
    with open_library(library_path) as here:
        fill(here, facts_of)
        with open_library(library_path) as there:
            yield here, there


def fill(catalogue: Catalogue, facts_of: Callable) -> None:
    for number in PHOTOS:
        catalogue.store_facts(PhotoFile("/p", f"{number}.jpg", 1, 1), facts_of(str(number).encode()))


def verdicts(catalogue: Catalogue) -> list[Verdict]:
    return [photo.verdict for photo in catalogue.photos(PHOTOS)]


def test_undo_in_one_does_not_take_back_what_was_decided_in_the_other(both) -> None:
    here, there = both
    here.decide([1], VerdictChange(rating=3), "here")
    there.decide([2], VerdictChange(flag=Flag.PICK), "there")
    assert (here.undo_title(), there.undo_title()) == ("here", "there")
    assert here.undo().title == "here"
    assert here.undo() is None
    assert verdicts(here) == [Verdict(), Verdict(flag=Flag.PICK), Verdict()]
    assert (here.redo_title(), there.redo_title()) == ("here", None)
    assert there.redo() is None


def test_a_decision_in_the_other_does_not_take_away_what_can_be_redone(both) -> None:
    here, there = both
    here.decide([1], VerdictChange(rating=3), "here")
    here.undo()
    there.decide([2], VerdictChange(rating=4), "there")
    assert here.redo().title == "here"
    assert [one.rating for one in verdicts(there)] == [3, 4, 0]
    here.undo()
    here.decide([3], VerdictChange(rating=1), "another")
    assert here.redo() is None
    assert there.undo().title == "there"


def test_what_was_decided_before_the_library_was_opened_can_be_undone(both, open_library) -> None:
    here, there = both
    here.decide([1], VerdictChange(rating=3), "here")
    there.decide([1], VerdictChange(rating=4), "there")
    with open_library(here.path) as later:
        assert [later.undo().title, later.undo().title, later.undo()] == ["there", "here", None]
    assert verdicts(here) == [Verdict()] * 3


def test_of_two_decisions_about_one_photo_the_later_one_stands(both) -> None:
    here, there = both
    here.decide([1, 2], VerdictChange(rating=3), "here")
    there.decide([1], VerdictChange(rating=5), "there")
    here.undo()
    assert [one.rating for one in verdicts(here)] == [5, 0, 0]
    there.undo()
    assert [one.rating for one in verdicts(here)] == [0, 0, 0], "what both took back is back"
    there.redo()
    here.redo()
    assert [one.rating for one in verdicts(here)] == [5, 3, 0]


def test_stars_go_back_where_the_other_gave_a_flag(both) -> None:
    here, there = both
    here.decide([1], VerdictChange(rating=3), "here")
    there.decide([1], VerdictChange(flag=Flag.REJECT), "there")
    here.undo()
    assert verdicts(there)[0] == Verdict(flag=Flag.REJECT)
    there.undo()
    assert verdicts(there)[0] == Verdict()


def test_a_step_that_was_rolled_back_is_not_taken_for_the_others(both) -> None:
    here, there = both
    with pytest.raises(KeyError), here.transaction():
        here.decide([1], VerdictChange(rating=3), "lost")
        raise KeyError
    there.decide([2], VerdictChange(rating=4), "there")
    assert here.undo() is None
    assert [one.rating for one in verdicts(here)] == [0, 4, 0]


changes = st.builds(
    VerdictChange,
    rating=st.none() | st.integers(0, 2),
    flag=st.none() | st.sampled_from(Flag),
    label=st.none() | st.sampled_from([Label.NONE, Label.RED]),
)
acts = st.sampled_from(["undo", "redo"]) | st.tuples(st.lists(st.sampled_from(PHOTOS), max_size=3), changes)


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 1), acts), max_size=10), order=st.lists(st.integers(0, 1), max_size=6))
def test_the_newest_decision_that_is_done_stands_and_undoing_all_leads_back(open_once, facts_once, steps, order):
    with tempfile.TemporaryDirectory() as folder, open_once(Path(folder) / "l.sqlite") as here:
        fill(here, facts_once)
        with open_once(here.path) as there:
            log = Log(here)
            for program, act in steps:
                log.do(program, (here, there)[program], act)
                assert verdicts(there) == log.expected()
            for program in [*order, *[0, 1] * len(steps)]:
                log.do(program, (here, there)[program], "undo")
                assert verdicts(there) == log.expected()
            assert verdicts(there) == [Verdict()] * 3


class Log:
    """What was decided, and whether it is done: stars, flag and label are what the newest step that is done said."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._steps: list[tuple[int, dict[tuple[int, str], int]]] = []
        self._done: set[int] = set()

    def do(self, program: int, catalogue: Catalogue, act: Any) -> None:
        if act == "undo":
            undone = catalogue.undo()
            if undone is not None:
                assert self._steps[int(undone.title)][0] == program
                self._done.remove(int(undone.title))
            else:
                assert all(self._steps[step][0] != program for step in self._done)
        elif act == "redo":
            redone = catalogue.redo()
            if redone is not None:
                assert self._steps[int(redone.title)][0] == program
                self._done.add(int(redone.title))
        else:
            photos, change = act
            before = verdicts(self._catalogue)
            said = {
                (photo, field): getattr(change, field)
                for photo in photos
                for field in FIELDS
                if getattr(change, field) not in (None, getattr(before[photo - 1], field))
            }
            if catalogue.decide(photos, change, str(len(self._steps))).id:
                self._done.add(len(self._steps))
                self._steps.append((program, said))

    def expected(self) -> list[Verdict]:
        values = dict.fromkeys(((photo, field) for photo in PHOTOS for field in FIELDS), 0)
        for step in sorted(self._done):
            values |= self._steps[step][1]
        return [Verdict(*(values[photo, field] for field in FIELDS)) for photo in PHOTOS]
