"""Series as the person put them: whatever was said holds, and nothing else is touched by it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aesthetic_studio.curation import regrouping
from aesthetic_studio.curation.series import find_series
from aesthetic_studio.errors import CannotGroup
from aesthetic_studio.groupings import ALONE, Part, Statement, holding
from aesthetic_studio.records import PhotoState, SeriesKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import PhotoRecord, Series

LAW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
COUNT = 10
STATEMENT = st.dictionaries(st.integers(1, COUNT), st.integers(0, 3), min_size=1)
"""Content → part, as it is drawn; 0 is alone."""


def said(drawn: dict[int, int], kind: SeriesKind = SeriesKind.BURST) -> Statement:
    parts = {part: tuple(c for c, p in drawn.items() if p == part) for part in sorted(set(drawn.values()) - {0})}
    return Statement(
        tuple(Part(kind, contents) for contents in parts.values()), tuple(c for c, p in drawn.items() if p == 0)
    )


def shoot(studio, gaps: Sequence[int]) -> list[PhotoRecord]:
    """Photos of one view, each so many half seconds after the one before: bursts where the gaps are short."""
    at, photos = 0.0, []
    for gap in gaps:
        at += gap / 2
        photos.append(studio.shoot(at))
    return photos


def members(series: Sequence[Series]) -> set[frozenset[int]]:
    return {frozenset(frame.photo_id for frame in each.frames) for each in series}


@LAW
@given(
    gaps=st.lists(st.sampled_from([1, 1, 1, 200]), min_size=COUNT, max_size=COUNT),
    drawn=st.lists(STATEMENT, max_size=4),
    kind=st.sampled_from(SeriesKind),
)
def test_what_was_said_is_what_is_found_and_the_rest_is_found_as_if_alone(studio, gaps, drawn, kind):
    photos = shoot(studio, gaps)
    numbered = {photo.content_id: number for number, photo in enumerate(photos, start=1)}
    statements = [said({photos[number - 1].content_id: part for number, part in each.items()}, kind) for each in drawn]
    newest: dict[int, tuple[int, int]] = {}
    for place, each in enumerate(drawn):
        newest.update({number: (place, part) for number, part in each.items()})

    series = find_series(photos, held=holding(statements))

    told = {
        frozenset(p.id for p in photos if newest.get(numbered[p.content_id]) == where)
        for where in set(newest.values())
        if where[1] != ALONE
    }
    free = [photo for photo in photos if numbered[photo.content_id] not in newest]
    assert members(series) == {group for group in told if len(group) > 1} | members(find_series(free))
    assert {each.kind for each in series if members([each]) & told} <= {kind}


@LAW
@given(drawn=st.lists(STATEMENT, max_size=3), seed=st.randoms(use_true_random=False))
def test_the_answer_does_not_depend_on_the_order_of_the_photos(studio, drawn, seed):
    photos = shoot(studio, [1] * COUNT)
    held = holding([said({photos[n - 1].content_id: part for n, part in each.items()}) for each in drawn])
    shuffled = list(photos)
    seed.shuffle(shuffled)
    assert find_series(shuffled, held=held) == find_series(photos, held=held)


def test_photos_hours_and_cameras_apart_can_be_one_burst(studio):
    photos = [studio.shoot(0, world=1), studio.shoot(9000, world=2, model="Pixel 8"), studio.shoot(None, world=3)]
    held = holding([said({photo.content_id: 1 for photo in photos})])
    (burst,) = find_series(photos, held=held)
    assert burst.kind is SeriesKind.BURST
    assert {frame.photo_id for frame in burst.frames} == {photo.id for photo in photos}
    assert all(frame.reasons for frame in burst.frames)


def test_a_part_lies_in_one_folder(studio, tmp_path):
    here = [studio.shoot(k) for k in range(2)]
    there = [studio.change(photo, id=photo.id + 100, path=tmp_path / photo.name) for photo in here]
    held = holding([said({photo.content_id: 1 for photo in here})])
    assert members(find_series([*here, *there], held=held)) == {
        frozenset(photo.id for photo in here),
        frozenset(photo.id for photo in there),
    }


def test_a_part_of_which_one_photo_is_left_stands_alone(studio):
    photos = [studio.shoot(0.1 * k) for k in range(4)]
    held = holding([said({photos[0].content_id: 1, 999: 1})])
    assert members(find_series(photos, held=held)) == {frozenset(photo.id for photo in photos[1:])}


@pytest.mark.parametrize("kind", [SeriesKind.BRACKET, SeriesKind.PANORAMA, SeriesKind.FOCUS])
def test_a_set_kept_whole_is_shown_in_the_order_of_shooting(studio, kind):
    photos = [studio.shoot(5000.0 - 1000 * k) for k in range(3)]
    (series,) = find_series(photos, held=holding([said({photo.content_id: 1 for photo in photos}, kind)]))
    assert (series.kind, [frame.photo_id for frame in series.frames]) == (kind, [p.id for p in reversed(photos)])
    assert sum(frame.best for frame in series.frames) == 1


def test_a_content_has_one_place_in_a_statement():
    with pytest.raises(ValueError, match="one place"):
        Statement((Part(SeriesKind.BURST, (1, 2)),), (2,))


# -- edits ---------------------------------------------------------------------------------------------------------


def in_series(photos: Sequence[PhotoRecord], series: int, kind: SeriesKind = SeriesKind.BURST) -> list[PhotoRecord]:
    return [replace(photo, series_id=series, series_kind=kind, series_size=len(photos)) for photo in photos]


def after(statement: Statement, photos: Sequence[PhotoRecord]) -> list[tuple[SeriesKind, list[int]]]:
    """What is found after an edit: kinds, and the places among ``photos`` of the frames."""
    place = {photo.id: index for index, photo in enumerate(photos)}
    found = find_series(photos, held=holding([statement]))
    return [(each.kind, sorted(place[frame.photo_id] for frame in each.frames)) for each in found]


def test_merging_leaves_the_rest_of_a_burst_together(studio):
    burst = in_series([studio.shoot(0.1 * k) for k in range(4)], 1)
    other = studio.shoot(500)
    statement = regrouping.merged([burst[3], other], {1: burst})
    assert after(statement, [*burst, other]) == [(SeriesKind.BURST, [0, 1, 2]), (SeriesKind.BURST, [3, 4])]


def test_frames_added_to_a_bracket_make_it_longer_and_it_stays_a_bracket(studio):
    bracket = in_series([studio.shoot(0.1 * k) for k in range(3)], 1, SeriesKind.BRACKET)
    single = studio.shoot(500)
    burst = in_series([studio.shoot(900 + 0.1 * k) for k in range(2)], 2)
    longer = regrouping.merged([*bracket, single], {1: bracket})
    mixed = regrouping.merged([*bracket, *burst], {1: bracket, 2: burst})
    assert [part.kind for part in longer.parts] == [SeriesKind.BRACKET]
    assert [part.kind for part in mixed.parts] == [SeriesKind.BURST]


def test_photos_of_two_folders_are_not_merged_and_both_are_named(studio, tmp_path):
    one, two = studio.shoot(0), studio.shoot(1, path=tmp_path / "elsewhere" / "b.jpg")
    with pytest.raises(CannotGroup, match=r"different folders.*elsewhere.*one folder"):
        regrouping.merged([one, two], {})


@pytest.mark.parametrize("state", [PhotoState.MISSING, PhotoState.UNREADABLE])
def test_a_photo_whose_file_is_missing_is_not_merged_and_is_named(studio, state):
    one, two = studio.shoot(0), studio.shoot(1, state=state)
    with pytest.raises(CannotGroup, match=two.name):
        regrouping.merged([one, two], {})


def test_one_photo_or_a_whole_burst_leaves_nothing_to_merge(studio):
    burst = in_series([studio.shoot(0.1 * k) for k in range(3)], 1)
    with pytest.raises(CannotGroup, match="two photos"):
        regrouping.merged([burst[0], burst[0]], {1: burst})
    with pytest.raises(CannotGroup, match="together already"):
        regrouping.merged(burst, {1: burst})


def test_a_split_goes_by_time_and_not_by_rank(studio):
    shot = [studio.shoot(0.1 * k) for k in range(5)]
    by_rank = in_series([shot[k] for k in (3, 0, 4, 2, 1)], 1)
    statement = regrouping.split(by_rank[3], by_rank)
    assert after(statement, shot) == [(SeriesKind.BURST, [0, 1]), (SeriesKind.BURST, [2, 3, 4])]


def test_a_split_bracket_is_two_brackets_and_a_frame_left_over_stands_alone(studio):
    bracket = in_series([studio.shoot(0.1 * k) for k in range(5)], 1, SeriesKind.BRACKET)
    assert after(regrouping.split(bracket[2], bracket), bracket) == [
        (SeriesKind.BRACKET, [0, 1]),
        (SeriesKind.BRACKET, [2, 3, 4]),
    ]
    assert after(regrouping.split(bracket[4], bracket), bracket) == [(SeriesKind.BRACKET, [0, 1, 2, 3])]


def test_nothing_is_split_off_before_the_first_frame(studio):
    burst = in_series([studio.shoot(0.1 * k) for k in range(3)], 1)
    with pytest.raises(CannotGroup, match="first frame"):
        regrouping.split(burst[0], burst)


def test_identical_files_stay_together_when_a_burst_is_split(studio):
    first, second, third = (studio.shoot(0.1 * k) for k in range(3))
    copy = studio.change(third, id=77, path=third.path.with_name("copy.jpg"), content_id=first.content_id)
    burst = in_series([first, second, third, copy], 1)
    statement = regrouping.split(burst[2], burst)
    assert after(statement, burst) == [(SeriesKind.BURST, [0, 2, 3])]


def test_a_frame_taken_out_stands_alone_and_the_others_stay(studio):
    burst = in_series([studio.shoot(0.1 * k) for k in range(4)], 1)
    assert after(regrouping.taken_out([burst[1]], {1: burst}), burst) == [(SeriesKind.BURST, [0, 2, 3])]
    pair = in_series(burst[:2], 1)
    assert after(regrouping.taken_out([pair[0]], {1: pair}), pair) == []
    with pytest.raises(CannotGroup):
        regrouping.taken_out([studio.shoot(900)], {})


def test_what_is_no_burst_is_found_together_no_more(studio):
    burst = in_series([studio.shoot(0.1 * k) for k in range(4)], 1)
    assert after(regrouping.dissolved({1: burst}), burst) == []
    with pytest.raises(CannotGroup):
        regrouping.dissolved({})
