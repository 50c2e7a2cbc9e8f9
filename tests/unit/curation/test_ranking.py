"""An album best first, which no burst can flood."""

from __future__ import annotations

from dataclasses import replace

from aesthetic_studio.curation.ranking import rank
from aesthetic_studio.curation.series import find_series
from aesthetic_studio.records import PhotoState, SeriesKind


def in_series(photo, series_id, place, size, kind=SeriesKind.BURST, best=None):
    """The record as the catalogue gives it once its series is stored."""
    return replace(
        photo,
        series_id=series_id,
        series_kind=kind,
        series_rank=place,
        series_size=size,
        best_of_series=place == 1 if best is None else best,
        reasons=(f"place {place}",),
    )


def test_the_best_score_comes_first(studio):
    photos = [studio.shoot(60 * k, score=score) for k, score in enumerate((4.0, 7.0, 5.5))]
    ranked = rank(photos)
    assert [place.photo_id for place in ranked] == [photos[1].id, photos[2].id, photos[0].id]
    assert [place.rank for place in ranked] == [1, 2, 3]


def test_one_burst_cannot_flood_the_top(studio):
    burst = [in_series(studio.shoot(0.1 * k, score=8.0 - 0.01 * k), 1, k + 1, 9) for k in range(9)]
    others = [studio.shoot(100 * k + 100, score=5.0 + 0.1 * k) for k in range(5)]
    ranked = rank(burst + others)
    assert [place.photo_id for place in ranked[:2]] == [burst[0].id, others[4].id]
    assert len(ranked) == 6
    assert ranked[0].reasons == ("best of a burst of 9", "place 1")


def test_an_opened_album_ranks_every_frame(studio):
    burst = [in_series(studio.shoot(0.1 * k, score=8.0 - 0.1 * k), 1, k + 1, 3) for k in range(3)]
    ranked = rank(burst, collapse=False)
    assert [place.photo_id for place in ranked] == [frame.id for frame in burst]
    assert ranked[1].reasons == ("place 2",)


def test_the_frame_that_stands_for_a_series_decides_its_place(studio):
    # The burst's best frame is not that of its highest score: sharpness counts as well.
    burst = [in_series(studio.shoot(0, score=6.0), 1, 1, 2), in_series(studio.shoot(0.1, score=7.0), 1, 2, 2)]
    other = studio.shoot(100, score=6.5)
    assert [place.photo_id for place in rank([*burst, other])] == [other.id, burst[0].id]


def test_the_next_best_stands_in_where_a_filter_left_the_best_out(studio):
    burst = [in_series(studio.shoot(0.1 * k, score=6.0), 1, k + 1, 3) for k in range(3)]
    assert [place.photo_id for place in rank([burst[2], burst[1]])] == [burst[1].id]


def test_a_bracket_takes_the_place_of_its_normal_frame(studio):
    frames = [in_series(studio.shoot(k, score=5.0 + k), 4, k + 1, 3, SeriesKind.BRACKET, best=k == 1) for k in range(3)]
    ranked = rank(frames)
    assert [place.photo_id for place in ranked] == [frames[1].id]
    assert ranked[0].reasons[0] == "stands for a bracket of 3"


def test_ties_keep_the_order_of_their_paths(studio):
    photos = [studio.shoot(60 * k, score=5.0) for k in range(5)]
    assert [place.photo_id for place in rank(photos[::-1])] == [photo.id for photo in photos]


def test_unscored_photos_come_last_and_are_not_left_out(studio):
    photos = [studio.shoot(0), studio.shoot(60, score=1.5), studio.shoot(120)]
    assert [place.photo_id for place in rank(photos)] == [photos[1].id, photos[0].id, photos[2].id]


def test_missing_photos_keep_their_place_and_unreadable_ones_have_none(studio):
    photos = [
        studio.shoot(60 * k, score=8.0 - k, state=state)
        for k, state in enumerate((PhotoState.MISSING, PhotoState.UNREADABLE, PhotoState.OFFLINE, PhotoState.PRESENT))
    ]
    assert [place.photo_id for place in rank(photos)] == [photos[0].id, photos[2].id, photos[3].id]


def test_no_photo_is_hidden_for_being_bad(studio):
    photos = [studio.shoot(60 * k, score=1.1, blur=4, ev=-4.0) for k in range(4)]
    assert len(rank(photos)) == 4


def test_an_empty_album_has_no_ranking():
    assert rank([]) == []


def test_grouping_and_ranking_together_show_each_scene_once(studio):
    photos = []
    for scene in range(4):
        photos += [studio.shoot(100 * scene + 0.1 * k, world=scene, score=4.0 + scene + 0.02 * k) for k in range(5)]
    by_id = {photo.id: photo for photo in photos}
    stored = [
        in_series(by_id[frame.photo_id], number, frame.rank, len(series.frames), series.kind)
        for number, series in enumerate(find_series(photos))
        for frame in series.frames
    ]
    assert [(by_id[place.photo_id].id - 1) // 5 for place in rank(stored)] == [3, 2, 1, 0]
