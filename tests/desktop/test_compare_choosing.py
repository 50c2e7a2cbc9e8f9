"""Who is compared with whom: the selection, else the burst, else the album."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.desktop.compare.choosing import MOST, Looked, choose_contest, choose_survey
from aesthetic_studio.desktop.compare.tiles import tile
from aesthetic_studio.records import Flag, Metadata, PhotoRecord, PhotoState, SeriesKind, Verdict

if TYPE_CHECKING:
    from aesthetic_studio.desktop.compare.contest import Contest

ALBUM = tuple(range(1, 21))


def frames(*ids: int, rejected: tuple[int, ...] = ()) -> tuple[PhotoRecord, ...]:
    return tuple(
        PhotoRecord(
            one, one, Path(f"/p/{one}.jpg"), PhotoState.PRESENT, 1, 1, (), "JPEG", 60, 40, Metadata(), None, None,
            Verdict(flag=Flag.REJECT if one in rejected else Flag.NONE),
            series_id=1, series_kind=SeriesKind.BURST, series_size=len(ids),
        )
        for one in ids
    )  # fmt: skip


def passing(contest: Contest) -> list[int]:
    """The challengers from the first one shown on."""
    seen = []
    while contest.challenger is not None:
        seen.append(contest.challenger)
        contest.step(1)
    return seen


def test_of_two_selected_photos_the_current_one_is_champion_and_the_other_challenges() -> None:
    contest, _ = choose_contest(Looked(7, (3, 7), ALBUM))
    assert contest.champion == 7
    assert passing(contest) == [3]


def test_challengers_pass_through_the_selection_once_each() -> None:
    contest, _ = choose_contest(Looked(5, (2, 5, 8, 9), ALBUM))
    assert passing(contest) == [8, 9, 2]


def test_a_current_photo_outside_the_selection_is_not_compared() -> None:
    contest, _ = choose_contest(Looked(1, (2, 5), ALBUM))
    assert (contest.champion, passing(contest)) == (2, [5])


def test_within_a_burst_its_frames_challenge_and_rejected_ones_do_not() -> None:
    contest, chosen = choose_contest(Looked(4, (), ALBUM, frames(3, 4, 5, 6, rejected=(6, 4))))
    assert (contest.champion, passing(contest)) == (4, [5, 3])
    assert chosen.left_out == "1 rejected left out"


def test_elsewhere_the_next_photo_of_the_album_challenges() -> None:
    contest, _ = choose_contest(Looked(4, (), ALBUM))
    assert contest.shown() == (4, 5)
    contest.step(-1)
    assert contest.shown() == (4, 3)
    assert choose_contest(Looked(20, (), ALBUM))[0].shown() == (20, 19), "behind the last there is none"


def test_one_photo_alone_has_no_challenger() -> None:
    assert choose_contest(Looked(1, (), (1,)))[0].count == 0
    assert choose_contest(Looked(99, (), ALBUM))[0].count == 0
    assert choose_survey(Looked(99, (), ALBUM)).photo_ids == (99,)


def test_a_survey_shows_the_selection_up_to_nine_and_says_so() -> None:
    assert choose_survey(Looked(1, (1, 4, 6), ALBUM)).photo_ids == (1, 4, 6)
    chosen = choose_survey(Looked(1, ALBUM, ALBUM))
    assert chosen.photo_ids == ALBUM[:9]
    assert chosen.left_out == "the first 9 of 20 selected photos"


def test_a_survey_without_a_selection_shows_the_burst_or_the_neighbours() -> None:
    assert choose_survey(Looked(4, (), ALBUM, frames(3, 4, 5))).photo_ids == (3, 4, 5)
    assert choose_survey(Looked(4, (), ALBUM)).photo_ids == (4, 5, 6, 7)
    assert choose_survey(Looked(20, (), ALBUM)).photo_ids == (17, 18, 19, 20)


def test_a_survey_of_a_long_burst_holds_the_current_frame() -> None:
    chosen = choose_survey(Looked(15, (), ALBUM, frames(*range(1, 16))))
    assert len(chosen.photo_ids) == MOST
    assert 15 in chosen.photo_ids
    assert "9 of 15 frames" in chosen.left_out


shapes = st.lists(st.floats(0.4, 2.5), min_size=1, max_size=9)


@given(shapes, st.floats(300, 3000), st.floats(300, 2000), st.floats(0, 100))
def test_tiles_are_of_one_size_and_never_overlap_or_leave_the_room(shapes, width, height, caption) -> None:
    places = tile(shapes, width, height, caption, 6).places
    assert len(places) == len(shapes)
    assert len({(round(place.width, 6), round(place.height, 6)) for place in places}) == 1
    for number, one in enumerate(places):
        assert one.x >= -1e-6
        assert one.y >= -1e-6
        assert one.x + one.width <= width + 1e-6
        assert one.y + one.height <= height + 1e-6
        for two in places[number + 1 :]:
            assert one.x + one.width <= two.x + 1e-6 or one.y + one.height <= two.y + 1e-6 or two.x < one.x


@given(st.integers(1, 9), st.floats(0.5, 2), st.floats(400, 3000), st.floats(400, 2000))
def test_no_other_number_of_columns_shows_larger_photos(count, shape, width, height) -> None:
    def area(columns: int | None) -> float:
        place = tile([shape] * count, width, height, 40, 6, columns).places[0]
        across, down = place.width, max(1.0, place.height - 40)
        return min(across, down * shape) * min(down, across / shape)

    assert all(area(None) >= area(columns) - 1e-6 for columns in range(1, count + 1))


def test_champion_and_challenger_stand_side_by_side_in_whatever_room() -> None:
    left, right = tile([1.5, 1.5], 300, 2000, 40, 6, columns=2).places
    assert left.y == right.y
    assert left.x + left.width < right.x


def test_a_frame_that_was_taken_for_champion_may_be_rejected() -> None:
    chosen = replace(frames(1, 2)[0], verdict=Verdict(flag=Flag.REJECT))
    assert choose_contest(Looked(1, (), ALBUM, (chosen, frames(1, 2)[1])))[0].shown() == (1, 2)
