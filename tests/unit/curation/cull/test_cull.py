"""Keep the best N: the person's word first, one a burst, no flood from one scene, and every fate has its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aesthetic_studio.curation.cull.plan import cull
from aesthetic_studio.curation.cull.records import CullTarget, Fate, Strictness
from aesthetic_studio.curation.scenes import SAME_SCENE, Scenes
from aesthetic_studio.records import Flag, PhotoState, SeriesKind, Verdict


def keep(photos, number, strictness=Strictness.BALANCED):
    return cull(photos, CullTarget(number=number), strictness)


def kept(photos, number, strictness=Strictness.BALANCED):
    return set(keep(photos, number, strictness).ids(Fate.KEPT))


def why(plan, photo):
    return next(choice.reason for choice in plan.choices if choice.photo_id == photo.id)


def decided(photo, flag):
    return replace(photo, verdict=Verdict(photo.verdict.rating, flag))


# -- the person's word ------------------------------------------------------------------------------------------------


def test_a_pick_is_kept_whatever_its_score_and_counts(album):
    poor, *others = [album.photo(1.5, flag=Flag.PICK), *(album.photo(8.0 - k) for k in range(4))]
    plan = keep([poor, *others], 2)
    assert plan.ids(Fate.KEPT) == [poor.id, others[0].id]
    assert why(plan, poor) == "picked by you"
    assert (plan.places, plan.picked) == (2, 1)


def test_more_picks_than_asked_for_all_stay(album):
    picks = [album.photo(3.0, flag=Flag.PICK) for _ in range(5)]
    other = album.photo(9.0)
    plan = keep([*picks, other], 2)
    assert set(plan.ids(Fate.KEPT)) == {photo.id for photo in picks}
    assert why(plan, other) == "your picks take all places"


def test_a_reject_is_never_kept_even_where_places_are_left(album):
    photos = [album.photo(9.0, flag=Flag.REJECT), album.photo(4.0)]
    plan = keep(photos, 5)
    assert plan.ids(Fate.KEPT) == [photos[1].id]
    assert why(plan, photos[0]) == "rejected by you"


def test_a_star_outweighs_any_score(album):
    starred, brilliant = album.photo(1.2, rating=1), album.photo(9.8)
    plan = keep([starred, brilliant], 1)
    assert plan.ids(Fate.KEPT) == [starred.id]
    assert why(plan, brilliant) == "below the line: no stars, the last kept has ★"


def test_the_chosen_frame_of_a_burst_is_its_first(album):
    burst = album.burst(7, [8.0, 6.0, 5.0])
    burst[2] = replace(burst[2], chosen=True, best_of_series=True)
    burst[0] = replace(burst[0], best_of_series=False)
    plan = keep(burst, 1)
    assert plan.ids(Fate.KEPT) == [burst[2].id]
    assert why(plan, burst[2]) == "your choice of a burst of 3"


def test_the_frame_with_most_stars_leads_its_burst(album):
    burst = album.burst(7, [8.0, 6.0, 5.0])
    burst[1] = replace(burst[1], verdict=Verdict(4))
    assert kept(burst, 1) == {burst[1].id}


# -- bursts and sets --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strictness", Strictness)
def test_a_burst_gives_one_frame_while_another_place_has_none(album, strictness):
    burst = album.burst(7, [9.0 - 0.01 * k for k in range(9)])
    others = [album.photo(3.0 + 0.1 * k) for k in range(6)]
    plan = keep([*burst, *others], 7, strictness)
    assert set(plan.ids(Fate.KEPT)) == {burst[0].id, *(photo.id for photo in others)}
    assert why(plan, burst[0]) == "best of a burst of 9"
    assert why(plan, burst[3]) == "frame 4 of a burst whose best frame is kept"


def test_a_burst_gives_a_second_frame_when_there_is_room(album):
    burst = album.burst(7, [9.0, 8.0, 7.0])
    plan = keep([*burst, album.photo(3.0)], 3)
    assert set(plan.ids(Fate.KEPT)) == {burst[0].id, burst[1].id, 4}
    assert why(plan, burst[1]) == "frame 2 of a burst of 3: there is room for it"


def test_a_bracket_is_kept_whole_and_counts_once(album):
    bracket = album.bracket(3, [5.0, 8.0, 4.0])
    others = [album.photo(7.0), album.photo(6.0)]
    plan = keep([*bracket, *others], 2)
    assert set(plan.ids(Fate.KEPT)) == {*(frame.id for frame in bracket), others[0].id}
    assert plan.places == 2
    assert why(plan, bracket[2]) == "a bracket of 3, kept whole"
    assert next(c for c in plan.choices if c.photo_id == bracket[0].id).together == (bracket[1].id, bracket[2].id)


def test_a_bracket_goes_whole(album):
    bracket = album.bracket(3, [9.0, 3.0, 9.0])
    plan = keep([*bracket, album.photo(7.0)], 1)
    assert set(plan.ids(Fate.GONE)) == {frame.id for frame in bracket}


def test_a_pick_within_a_bracket_keeps_it_whole_but_for_what_is_rejected(album):
    bracket = album.bracket(3, [3.0, 3.0, 3.0])
    bracket[0], bracket[2] = decided(bracket[0], Flag.PICK), decided(bracket[2], Flag.REJECT)
    plan = keep([*bracket, album.photo(7.0)], 1)
    assert set(plan.ids(Fate.KEPT)) == {bracket[0].id, bracket[1].id}
    assert why(plan, bracket[1]) == "kept with the frame you picked"
    assert why(plan, bracket[2]) == "rejected by you"


def test_copies_of_one_file_take_one_place(album):
    first, copy = album.photo(8.0, content=77, scene=5, minute=0), album.photo(8.0, content=77, scene=5, minute=0)
    other = album.photo(3.0)
    plan = keep([first, copy, other], 2, Strictness.LENIENT)
    assert set(plan.ids(Fate.KEPT)) == {first.id, other.id}
    assert why(plan, copy) == f"the same file as {first.name}"


def test_a_copy_of_a_burst_gives_no_second_frame_before_the_first_burst_does(album):
    burst = album.burst(7, [9.0, 8.0])
    copies = [
        replace(frame, id=frame.id + 100, path=frame.path.parent / "copy" / frame.name, series_id=8) for frame in burst
    ]
    plan = keep([*copies, *burst], 2, Strictness.LENIENT)
    assert {photo % 100 for photo in plan.ids(Fate.KEPT)} == {1, 2}


# -- no flood ---------------------------------------------------------------------------------------------------------


def flood(album):
    """Nine of the ten best photos show one scene within minutes, and no burst holds them together."""
    scene = [album.photo(9.0 - 0.01 * k, scene=1, minute=0.5 * k) for k in range(9)]
    others = [album.photo(8.0 - 0.1 * k) for k in range(21)]
    return scene, [*scene, *others]


def test_one_scene_does_not_flood_the_keepers(album):
    scene, photos = flood(album)
    of_scene = {photo.id for photo in scene}
    counts = {strictness: len(of_scene & kept(photos, 10, strictness)) for strictness in Strictness}
    assert counts[Strictness.LENIENT] == 9, "lenient is by score"
    assert counts[Strictness.BALANCED] <= 4
    assert counts[Strictness.STRICT] == 1


def test_what_a_flood_loses_says_so(album):
    scene, photos = flood(album)
    plan = keep(photos, 10, Strictness.STRICT)
    assert why(plan, scene[0]) == "the highest score, first of 9 of its scene"
    assert why(plan, scene[5]) == "1 better photo of the same scene is kept"


def test_a_photo_that_is_much_better_than_its_scenes_first_is_no_repeat_of_it(album):
    scene = [album.photo(9.0 - 0.5 * k, scene=1, minute=k) for k in range(2)]
    others = [album.photo(2.0 + 0.01 * k) for k in range(30)]
    assert {photo.id for photo in scene} <= kept([*scene, *others], 2, Strictness.BALANCED)


def test_strict_gives_a_scene_its_second_photo_once_every_scene_has_one(album):
    photos = [album.photo(9.0 - 0.1 * k, scene=scene, minute=100 * scene + k) for scene in range(4) for k in range(3)]
    first = kept(photos, 4, Strictness.STRICT)
    assert first == {photos[3 * scene].id for scene in range(4)}
    assert len(kept(photos, 5, Strictness.STRICT) - first) == 1


def test_of_photos_that_look_alike_those_of_another_time_come_first(album):
    at_once = [album.photo(6.0, scene=1, minute=0.2 * k) for k in range(4)]
    next_day = album.photo(6.0, scene=1, minute=1440)
    filler = [album.photo(3.0) for _ in range(10)]
    assert kept([*at_once, next_day, *filler], 2, Strictness.BALANCED) == {at_once[0].id, next_day.id}


def test_photos_of_unlike_looks_are_spread_over_time(album):
    rush = [album.photo(6.0 + 0.001 * k, minute=0.1 * k) for k in range(30)]
    calm = [album.photo(6.0, minute=600 + 100 * k) for k in range(10)]
    plan = keep([*rush, *calm], 12, Strictness.BALANCED)
    assert len({photo.id for photo in calm} & set(plan.ids(Fate.KEPT))) >= 4


# -- what cannot be judged --------------------------------------------------------------------------------------------


def test_what_cannot_be_judged_is_left_alone_and_says_why(album):
    unscored = album.photo(None)
    missing = album.photo(8.0, state=PhotoState.MISSING)
    torn = album.photo(None, state=PhotoState.UNREADABLE)
    plan = keep([unscored, missing, torn, album.photo(2.0)], 4)
    assert plan.ids(Fate.LEFT) == [unscored.id, missing.id, torn.id]
    assert [why(plan, photo) for photo in (unscored, missing, torn)] == [
        "not scored yet",
        "the file is missing",
        "the file could not be read",
    ]


def test_a_pick_that_cannot_be_judged_is_kept(album):
    picks = [album.photo(None, flag=Flag.PICK), album.photo(None, flag=Flag.PICK, state=PhotoState.MISSING)]
    assert kept([*picks, album.photo(5.0)], 3) == {1, 2, 3}


def test_photos_on_a_drive_that_is_away_are_judged(album):
    away = album.photo(8.0, state=PhotoState.OFFLINE)
    assert kept([away, album.photo(3.0)], 1) == {away.id}


def test_a_bracket_without_any_score_is_left_alone_whole(album):
    bracket = album.bracket(3, [None, None, None])
    assert keep(bracket, 2).ids(Fate.LEFT) == [frame.id for frame in bracket]


def test_nothing_to_choose_from_is_an_empty_plan():
    plan = keep([], 5)
    assert (plan.choices, plan.places, plan.asked) == ((), 0, 5)


# -- the line ---------------------------------------------------------------------------------------------------------


def test_below_the_line_says_where_the_line_is(album):
    photos = [album.photo(score) for score in (8.0, 5.0, 4.1)]
    assert why(keep(photos, 2), photos[2]) == "below the line: score 4.1, the last kept has 5.0"


def test_what_stays_says_where_it_stands(album):
    photos = [album.photo(score) for score in (8.0, 5.0, 6.0)] + [album.photo(3.0, rating=2)]
    plan = keep(photos, 4)
    assert [why(plan, photo) for photo in photos] == [
        "the highest score",
        "3rd by score",
        "2nd by score",
        "★★, 4th by score",
    ]


def test_scores_that_look_alike_are_told_apart(album):
    photos = [album.photo(score) for score in (5.02, 5.01)]
    assert why(keep(photos, 1), photos[1]) == "below the line: score 5.010, the last kept has 5.020"


def test_what_goes_is_listed_with_the_nearest_to_the_line_first(album):
    photos = [album.photo(score) for score in (3.0, 9.0, 6.0, 7.0)]
    assert keep(photos, 1).ids(Fate.GONE) == [photos[3].id, photos[2].id, photos[0].id]


# -- how many ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "photos", "places"), [("50", 340, 50), ("10%", 340, 34), ("10 %", 4, 1), ("2.5%", 200, 5)]
)
def test_a_number_and_a_share_are_understood(text, photos, places):
    assert CullTarget.parse(text).of(photos) == places


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0", "1 is the least"),
        ("-3", "1 is the least"),
        ("0%", "above 0%"),
        ("101%", "up to 100%"),
        ("many", "'many'"),
        ("nan%", "share"),
    ],
)
def test_a_number_that_cannot_be_is_refused_in_words(text, says):
    with pytest.raises(ValueError, match=says):
        CullTarget.parse(text)


def test_a_share_is_one_of_all_photos_asked_about(album):
    photos = [*album.burst(1, [5.0] * 10), *(album.photo(5.0) for _ in range(10))]
    assert cull(photos, CullTarget(share=0.25)).places == 5


# -- scenes -----------------------------------------------------------------------------------------------------------


def test_the_same_scene_is_found_from_another_angle_and_another_scene_is_not(studio):
    views = [
        studio.shoot(30, world=3, x=300),
        studio.shoot(60, world=3, x=320, y=105, ev=0.4),
        studio.shoot(90, world=4),
    ]
    like = Scenes(views).like(0)
    assert like[1] >= SAME_SCENE > like[2]


def test_a_look_speaks_for_a_time_that_is_not_known(album):
    photos = [album.photo(scene=1, minute=0), album.photo(scene=1, minute=0), album.photo(scene=2, minute=0)]
    timeless = [replace(photo, metadata=replace(photo.metadata, taken=None)) for photo in photos]
    like = Scenes(timeless).like(0)
    assert like[1] >= SAME_SCENE > like[2]


def test_a_time_speaks_for_a_look_that_is_not_known(album):
    photos = [replace(album.photo(minute=minute), look=None) for minute in (0, 1, 500)]
    like = Scenes(photos).like(0)
    assert like[1] >= SAME_SCENE > like[2]


def test_black_and_white_photos_are_told_apart(studio):
    grey = [
        view.mean(axis=2, keepdims=True).repeat(3, axis=2) for view in (studio.view(k, 300, 100) for k in (3, 4, 6))
    ]
    like = Scenes([studio.shoot(10 * k, picture=picture) for k, picture in enumerate(grey)]).like(0)
    assert max(like[1:]) < SAME_SCENE


def test_frames_of_one_panorama_kind_are_named(album):
    frames = [album.photo(6.0, series=(2, SeriesKind.PANORAMA, rank, 3), best=rank == 2) for rank in (1, 2, 3)]
    assert why(keep(frames, 1), frames[0]) == "a panorama of 3, kept whole"
