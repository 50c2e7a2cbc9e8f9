"""Choices and preferences: what the person judged outlives moves and regrouping, and is undone like every decision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aesthetic_studio.albums import PhotoQuery
from aesthetic_studio.errors import LibraryError
from aesthetic_studio.judgements import PairScore
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.records import Flag, Frame, PhotoFile, Series, SeriesKind, UnreadableFile, VerdictChange

if TYPE_CHECKING:
    from collections.abc import Sequence


def fill(catalogue: Catalogue, facts_of: Any, count: int = 6) -> list[int]:
    return [
        catalogue.store_facts(PhotoFile("/p", f"{n}.jpg", n, n), facts_of(b"photo %d" % n)) for n in range(1, count + 1)
    ]


def group(catalogue: Catalogue, *frames: Sequence[int], kind: SeriesKind = SeriesKind.BURST, best: int = 1) -> None:
    """Find these series: their frames in order of rank."""
    catalogue.replace_series(
        "/p",
        [
            Series(
                kind, tuple(Frame(photo, rank, rank == best, (f"place {rank}",)) for rank, photo in enumerate(one, 1))
            )
            for one in frames
        ],
    )


def order(catalogue: Catalogue, series: int) -> list[int]:
    return [frame.id for frame in catalogue.series_frames(series)]


def covers(catalogue: Catalogue) -> list[int]:
    return sorted(catalogue.ids(PhotoQuery()))


def pairs(catalogue: Catalogue) -> list[tuple[int, int]]:
    return [(each.better.photo_id, each.worse.photo_id) for each in catalogue.judgements().preferences]


@pytest.fixture
def burst(catalogue, facts_of):
    """Photos 1 to 4 are a burst, best first; 5 and 6 stand alone. Says its id."""
    fill(catalogue, facts_of)
    group(catalogue, [1, 2, 3, 4])
    return catalogue.photo(1).series_id


# -- choices -------------------------------------------------------------------------------------------------------


def test_the_chosen_frame_stands_for_its_burst_with_its_reason_first(catalogue, burst):
    decision = catalogue.choose_best(burst, 3)
    assert (decision.photo_ids[0], decision.regrouped) == (3, True)
    assert order(catalogue, burst) == [3, 1, 2, 4]
    assert covers(catalogue) == [3, 5, 6]
    chosen, former = catalogue.photos([3, 1])
    assert (chosen.best_of_series, chosen.chosen, chosen.reasons) == (True, True, ("your choice", "place 3"))
    assert (former.best_of_series, former.chosen, former.reasons) == (False, False, ("place 1",))
    assert [cell.chosen for cell in catalogue.cells([3, 1])] == [True, False]
    assert catalogue.health() == []


def test_what_was_found_best_can_be_confirmed(catalogue, burst):
    catalogue.choose_best(burst, 1)
    assert catalogue.photo(1).reasons == ("your choice", "place 1")
    assert pairs(catalogue) == [(1, 2), (1, 3), (1, 4)]


def test_undo_and_redo_of_a_choice(catalogue, burst):
    catalogue.choose_best(burst, 3)
    assert catalogue.undo_title() == "choosing 3.jpg out of 4"
    undone = catalogue.undo()
    assert (undone.photo_ids[0], undone.regrouped) == (1, True)
    assert order(catalogue, burst) == [1, 2, 3, 4]
    assert not any(frame.chosen for frame in catalogue.series_frames(burst))
    assert pairs(catalogue) == []
    catalogue.redo()
    assert order(catalogue, burst) == [3, 1, 2, 4]
    assert pairs(catalogue) == [(3, 1), (3, 2), (3, 4)]


def test_choosing_the_chosen_frame_again_is_no_step(catalogue, burst):
    catalogue.choose_best(burst, 3)
    assert catalogue.choose_best(burst, 3).id == 0
    assert catalogue.undo().title == "choosing 3.jpg out of 4"
    assert catalogue.undo() is None


def test_another_choice_takes_the_place_of_the_first_with_all_that_it_said(catalogue, burst):
    catalogue.choose_best(burst, 3)
    catalogue.choose_best(burst, 2)
    assert order(catalogue, burst) == [2, 1, 3, 4]
    assert pairs(catalogue) == [(2, 1), (2, 3), (2, 4)]
    catalogue.undo()
    assert order(catalogue, burst) == [3, 1, 2, 4]
    assert pairs(catalogue) == [(3, 1), (3, 2), (3, 4)]


def test_a_choice_can_be_given_back_and_that_undone(catalogue, burst):
    catalogue.choose_best(burst, 3)
    assert catalogue.clear_choice(burst).regrouped
    assert order(catalogue, burst) == [1, 2, 3, 4]
    assert pairs(catalogue) == []
    assert catalogue.clear_choice(burst).id == 0, "there is nothing more to give back"
    catalogue.undo()
    assert order(catalogue, burst) == [3, 1, 2, 4]
    assert len(pairs(catalogue)) == 3


def test_a_choice_outlives_regrouping_into_any_series(catalogue, burst):
    catalogue.choose_best(burst, 3)
    group(catalogue, [4, 2, 3, 5, 1])
    series = catalogue.photo(3).series_id
    assert order(catalogue, series) == [3, 4, 2, 5, 1]
    assert catalogue.photo(3).reasons == ("your choice", "place 3")
    catalogue.undo()
    assert order(catalogue, series) == [4, 2, 3, 5, 1], "and undo knows what is found best now"


def test_a_choice_waits_while_its_photo_is_in_no_series(catalogue, burst):
    catalogue.choose_best(burst, 3)
    group(catalogue, [1, 2])
    assert not catalogue.photo(3).chosen
    group(catalogue, [1, 2, 3])
    assert catalogue.photo(3).chosen


def test_of_two_chosen_frames_in_one_series_the_later_choice_counts(catalogue, facts_of):
    fill(catalogue, facts_of)
    group(catalogue, [1, 2, 3], [4, 5, 6])
    catalogue.choose_best(catalogue.photo(4).series_id, 5)
    catalogue.choose_best(catalogue.photo(1).series_id, 2)
    group(catalogue, [6, 5, 4, 3, 2, 1])
    assert order(catalogue, catalogue.photo(1).series_id)[0] == 2


def test_a_choice_outlives_a_move(album):
    for name in ("a.jpg", "b.jpg"):
        album.write(name, name)
    album.index()
    frames = (Frame(1, 1, True, ()), Frame(2, 2, False, ()))
    album.catalogue.replace_series(str(album.folder), [Series(SeriesKind.BURST, frames)])
    album.catalogue.choose_best(album.catalogue.photo(1).series_id, 2)
    moved = album.folder / "later"
    moved.mkdir()
    for name in ("a.jpg", "b.jpg"):
        (album.folder / name).rename(moved / name)
    album.index()
    album.catalogue.replace_series(str(moved), [Series(SeriesKind.BURST, frames)])
    assert album.catalogue.photo(2).chosen
    [preference] = album.catalogue.judgements().preferences
    assert (preference.better.path, preference.worse.path) == (moved / "b.jpg", moved / "a.jpg")


def test_a_series_that_is_kept_whole_keeps_its_order_and_says_nothing_of_worse_frames(catalogue, facts_of):
    fill(catalogue, facts_of)
    group(catalogue, [1, 2, 3], kind=SeriesKind.BRACKET, best=2)
    series = catalogue.photo(1).series_id
    catalogue.choose_best(series, 3)
    assert [frame.series_rank for frame in catalogue.photos([1, 2, 3])] == [1, 2, 3]
    assert covers(catalogue) == [3, 4, 5, 6]
    assert pairs(catalogue) == []
    catalogue.undo()
    assert covers(catalogue) == [2, 4, 5, 6]


def test_a_photo_of_another_series_cannot_be_chosen(catalogue, burst):
    with pytest.raises(LibraryError, match="not, or no longer, in that series"):
        catalogue.choose_best(burst, 5)
    with pytest.raises(LibraryError):
        catalogue.choose_best(999, 1)
    assert catalogue.undo() is None


def test_photos_of_a_removed_folder_stay_hidden_when_their_choice_is_undone(catalogue, burst):
    catalogue.add_root("/p")
    catalogue.choose_best(burst, 3)
    catalogue.remove_root("/p")
    catalogue.undo()
    assert covers(catalogue) == []
    catalogue.add_root("/p")
    assert covers(catalogue) == [1, 5, 6]


# -- preferences ---------------------------------------------------------------------------------------------------


def test_a_preference_is_kept_with_its_source_and_undone(catalogue, burst):
    catalogue.prefer(5, 6, "teach")
    [preference] = catalogue.judgements().preferences
    assert (preference.better.photo_id, preference.worse.photo_id, preference.source) == (5, 6, "teach")
    assert preference.made.tzinfo is not None
    assert catalogue.undo().title == "preferring 5.jpg to 6.jpg"
    assert pairs(catalogue) == []
    catalogue.redo()
    assert pairs(catalogue) == [(5, 6)]


def test_a_step_tells_which_two_photos_it_compared_also_when_it_is_undone(catalogue, burst):
    better, worse = (photo.content_id for photo in catalogue.photos([5, 6]))
    for step in (lambda: catalogue.prefer(5, 6, "compare"), catalogue.undo, catalogue.redo):
        assert step().preferred == (better, worse)
    catalogue.decide([5], VerdictChange(rating=3), "Rate")
    assert catalogue.undo().preferred is None
    catalogue.choose_best(burst, 3)
    assert catalogue.undo().preferred is None, "a choice says more than one thing"


def test_of_two_judgements_about_a_pair_the_later_one_holds(catalogue, burst):
    catalogue.prefer(5, 6, "teach")
    assert catalogue.prefer(5, 6, "teach").id == 0
    catalogue.prefer(6, 5, "teach")
    assert pairs(catalogue) == [(6, 5)]
    catalogue.undo()
    assert pairs(catalogue) == [(5, 6)]


def test_a_photo_cannot_be_better_than_itself_or_its_copy(catalogue, facts_of):
    fill(catalogue, facts_of, 2)
    copy = catalogue.store_facts(PhotoFile("/p", "copy.jpg", 9, 9), facts_of(b"photo 1"))
    broken = catalogue.store_unreadable(PhotoFile("/p", "torn.jpg", 8, 8), UnreadableFile("/p/torn.jpg", "torn", ""))
    for worse in (1, copy, broken, 999):
        with pytest.raises(LibraryError, match="cannot be compared"):
            catalogue.prefer(1, worse, "teach")


def test_a_new_decision_forgets_what_was_undone(catalogue, burst):
    catalogue.choose_best(burst, 3)
    catalogue.undo()
    catalogue.decide([1], VerdictChange(rating=3), "Rate")
    assert catalogue.redo() is None
    catalogue.undo()
    assert (pairs(catalogue), order(catalogue, burst)) == ([], [1, 2, 3, 4])


# -- what the trainer reads ----------------------------------------------------------------------------------------


def test_judgements_tell_all_that_was_judged(catalogue, burst):
    catalogue.decide([2, 5], VerdictChange(rating=4), "Rate")
    catalogue.decide([6], VerdictChange(flag=Flag.REJECT), "Reject")
    catalogue.choose_best(burst, 3)
    said = catalogue.judgements()
    assert [(each.photo.photo_id, each.stars) for each in said.ratings] == [(2, 4), (5, 4)]
    assert [(each.photo.photo_id, each.flag) for each in said.flags] == [(6, Flag.REJECT)]
    [choice] = said.choices
    assert (choice.chosen.photo_id, [other.photo_id for other in choice.others]) == (3, [1, 2, 4])
    assert (choice.series_id, choice.kind, said.count) == (burst, SeriesKind.BURST, 6)
    photo = said.ratings[0].photo
    assert (len(photo.content_hash), str(photo.path), photo.present) == (16, "/p/2.jpg", True)
    with catalogue.reader() as reader:
        assert reader.judgements() == said


def test_identical_files_are_judged_once(catalogue, facts_of):
    fill(catalogue, facts_of, 1)
    copy = catalogue.store_facts(PhotoFile("/p", "0.jpg", 9, 9), facts_of(b"photo 1"))
    catalogue.decide([1, copy], VerdictChange(rating=5), "Rate")
    [rated] = catalogue.judgements().ratings
    assert rated.photo.photo_id == copy, "the first by path speaks for both"


# -- pair scores ---------------------------------------------------------------------------------------------------


def test_pair_scores_are_read_either_way_round(catalogue, burst):
    catalogue.store_pair_scores("pairs", "1", [PairScore(2, 1, 0.25, 0.75), PairScore(1, 3, 0.5, 0.125)])
    assert catalogue.pair_scores("pairs", "1", [1, 2]) == {(1, 2): (0.75, 0.25), (2, 1): (0.25, 0.75)}
    assert len(catalogue.pair_scores("pairs", "1", [1, 2, 3])) == 4
    assert catalogue.pair_scores("pairs", "2", [1, 2, 3]) == {}


def test_a_pair_scored_again_has_its_newer_score(catalogue, burst):
    catalogue.store_pair_scores("pairs", "1", [PairScore(1, 2, 0.1, 0.9)])
    catalogue.store_pair_scores("pairs", "1", [PairScore(2, 1, 0.2, 0.8)])
    assert catalogue.pair_scores("pairs", "1", [1, 2])[1, 2] == (0.8, 0.2)


# -- the law -------------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("choose"), st.integers(1, 5)),
        st.tuples(st.just("clear"), st.integers(1, 5)),
        st.tuples(st.just("prefer"), st.integers(1, 5), st.integers(1, 5)),
        st.tuples(st.just("rate"), st.integers(1, 5), st.integers(0, 5)),
    ),
    max_size=8,
)


def snapshot(catalogue: Catalogue) -> Any:
    """Everything that a decision may change."""
    said = catalogue.judgements()
    shown = [
        (photo.id, photo.series_rank, photo.best_of_series, photo.reasons, photo.verdict)
        for photo in catalogue.photos([1, 2, 3, 4, 5])
    ]
    preferences = sorted(((replace(each, made=said.preferences[0].made)) for each in said.preferences), key=repr)
    return shown, said.ratings, preferences, said.choices, covers(catalogue)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_undoing_all_and_redoing_all_leads_back_through_every_state(tmp_path_factory, facts_once, steps):
    with Catalogue.open(tmp_path_factory.mktemp("law") / "library.sqlite") as catalogue:
        fill(catalogue, facts_once, 5)
        group(catalogue, [1, 2, 3], [4, 5])
        states = [snapshot(catalogue)]
        for what, photo, *rest in steps:
            series = catalogue.photo(photo).series_id or 0
            if what == "choose":
                done = catalogue.choose_best(series, photo)
            elif what == "clear":
                done = catalogue.clear_choice(series)
            elif what == "rate":
                done = catalogue.decide([photo], VerdictChange(rating=rest[0]), "Rate")
            elif rest[0] != photo:
                done = catalogue.prefer(photo, rest[0], "teach")
            else:
                continue
            if done.id:
                states.append(snapshot(catalogue))
        for state in reversed(states[:-1]):
            catalogue.undo()
            assert snapshot(catalogue) == state
        assert catalogue.undo() is None
        for state in states[1:]:
            catalogue.redo()
            assert snapshot(catalogue) == state
