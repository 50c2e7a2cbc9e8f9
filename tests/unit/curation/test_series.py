"""Which photos are grouped, and as what: deliberate sets first and whole, then bursts by what proves them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aesthetic_studio.curation.series import find_series
from aesthetic_studio.records import CaptureTime, PhotoState, SeriesKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from aesthetic_studio.records import PhotoRecord, Series


def found(photos: Sequence[PhotoRecord]) -> list[tuple[SeriesKind, list[int]]]:
    """Kinds, and positions among ``photos`` in their order; so tests read as the story they tell."""
    place = {photo.id: index for index, photo in enumerate(photos)}
    return [(series.kind, sorted(place[frame.photo_id] for frame in series.frames)) for series in find_series(photos)]


def standing(series: Series) -> int:
    return series.best.photo_id


class TestBursts:
    def test_rapid_frames_of_one_scene_are_a_burst(self, studio):
        photos = [studio.shoot(0.1 * k, x=300 + 2 * k) for k in range(6)]
        assert found(photos) == [(SeriesKind.BURST, [0, 1, 2, 3, 4, 5])]

    def test_two_frames_are_enough(self, studio):
        assert found([studio.shoot(0), studio.shoot(1.5, x=305)]) == [(SeriesKind.BURST, [0, 1])]

    def test_different_scenes_shot_quickly_are_no_burst(self, studio):
        assert found([studio.shoot(1.5 * k, world=k) for k in range(12)]) == []

    def test_rapid_fire_holds_although_the_subject_changes_much(self, studio):
        subject = [studio.view(1, 300, 100).copy() for _ in range(4)]
        for k, picture in enumerate(subject):
            picture[20:120, 20 + 40 * k : 70 + 40 * k] = studio.view(2, 100, 100)[20:120, :50]
        photos = [studio.shoot(0.1 * k, picture=picture) for k, picture in enumerate(subject)]
        assert found(photos) == [(SeriesKind.BURST, [0, 1, 2, 3])]

    def test_rapid_fire_that_contradicts_is_parted(self, studio):
        photos = [studio.shoot(0.0, world=3), studio.shoot(0.1, world=3), studio.shoot(0.4, world=8)]
        photos[2] = studio.change(photos[2], look=replace(photos[2].look, colour=bytes([200, 30, 30] * 64)))
        assert found(photos) == [(SeriesKind.BURST, [0, 1])]

    def test_a_minute_later_the_same_view_is_another_photo(self, studio):
        assert found([studio.shoot(0), studio.shoot(60)]) == []

    def test_frames_half_a_minute_apart_join_only_when_nearly_identical(self, studio):
        assert found([studio.shoot(0), studio.shoot(30, x=302)]) == [(SeriesKind.BURST, [0, 1])]
        # A third of the frame has gone by: alike enough for a second's gap at most.
        assert found([studio.shoot(0), studio.shoot(30, x=364)]) == []

    def test_times_without_seconds_are_not_trusted(self, studio):
        assert found([studio.shoot(0, resolution=60), studio.shoot(0, resolution=60)]) == []

    def test_photos_without_a_time_are_left_alone(self, studio):
        assert found([studio.shoot(None), studio.shoot(None)]) == []

    def test_the_cameras_burst_id_needs_neither_time_nor_look(self, studio):
        photos = [studio.shoot(None, world=k, burst_id="B-1") for k in range(3)]
        assert found(photos) == [(SeriesKind.BURST, [0, 1, 2])]

    def test_two_burst_ids_are_two_bursts_however_alike(self, studio):
        photos = [studio.shoot(0.1 * k, burst_id="B-1" if k < 3 else "B-2") for k in range(6)]
        assert found(photos) == [(SeriesKind.BURST, [0, 1, 2]), (SeriesKind.BURST, [3, 4, 5])]

    def test_a_burst_id_on_its_own_is_like_none(self, studio):
        photos = [studio.shoot(0), studio.shoot(0.2, burst_id="B-1"), studio.shoot(0.4)]
        assert found(photos) == [(SeriesKind.BURST, [0, 1, 2])]

    def test_whole_seconds_are_never_rapid_fire(self, studio):
        # Within one second of a clock without sub-seconds, frames may lie a second apart: the look has to agree.
        alike = [studio.shoot(0.1 * k, resolution=1) for k in range(3)]
        assert found(alike) == [(SeriesKind.BURST, [0, 1, 2])]
        different = [studio.shoot(0.1 * k, world=k, resolution=1) for k in range(3)]
        assert found(different) == []

    @pytest.mark.parametrize(
        "change",
        [
            {"focal_length_mm": 70.0},
            {"lens": "RF 85mm F2"},
            {"model": "Canon EOS R5"},
            {"width": 4000, "height": 6000},
            {"orientation": 3},
            {"path": Path("elsewhere") / "IMG_9.JPG"},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_another_zoom_lens_camera_shape_or_folder_ends_a_burst(self, studio, change):
        photos = [studio.shoot(0.2 * k, **(change if k >= 2 else {})) for k in range(3)]
        assert found(photos) == [(SeriesKind.BURST, [0, 1])]

    def test_a_chain_of_neighbours_does_not_swallow_an_event(self, studio):
        # The scene fades into others so slowly that each frame is like the one before.
        def view(k: int) -> np.ndarray:
            scene, part = divmod(k, 12)
            return studio.view(scene, 300, 100) * (1 - part / 12) + studio.view(scene + 1, 300, 100) * (part / 12)

        photos = [studio.shoot(2.0 * k, picture=view(k)) for k in range(60)]
        bursts = [frames for _, frames in found(photos)]
        assert len(bursts) >= 3
        assert max(len(frames) for frames in bursts) <= 30

    def test_a_long_burst_is_not_cut_by_its_length(self, studio):
        photos = [studio.shoot(0.05 * k, x=300 + 3 * (k % 3)) for k in range(150)]
        assert found(photos) == [(SeriesKind.BURST, list(range(150)))]

    def test_two_cameras_side_by_side_keep_their_own_bursts(self, studio):
        photos = [studio.shoot(0.1 * k, model="Canon EOS R5" if k % 2 else "Canon EOS R6") for k in range(8)]
        assert found(photos) == [(SeriesKind.BURST, [0, 2, 4, 6]), (SeriesKind.BURST, [1, 3, 5, 7])]

    def test_a_flash_that_failed_stays_in_its_burst(self, studio):
        photos = [studio.shoot(0.3 * k, ev=-2.0 if k == 3 else 0.0) for k in range(6)]
        assert found(photos) == [(SeriesKind.BURST, [0, 1, 2, 3, 4, 5])]

    def test_unreadable_files_are_in_no_series(self, studio):
        photos = [studio.shoot(0.1 * k, burst_id="B-1") for k in range(3)]
        photos[1] = studio.change(photos[1], state=PhotoState.UNREADABLE)
        assert found(photos) == [(SeriesKind.BURST, [0, 2])]

    def test_photos_without_a_fingerprint_join_by_rapid_fire_alone(self, studio):
        assert found([studio.shoot(0.2 * k, look=None) for k in range(3)]) == [(SeriesKind.BURST, [0, 1, 2])]
        assert found([studio.shoot(1.5 * k, look=None) for k in range(3)]) == []

    def test_nothing_comes_of_nothing(self, studio):
        assert find_series([]) == []
        assert find_series([studio.shoot(0)]) == []


class TestBrackets:
    @pytest.mark.parametrize("order", [(0, -2, 2), (-2, 0, 2), (2, 0, -2), (-1, 0, 1), (0, -0.5, 0.5), (-3, 0, 3)])
    def test_three_exposures_are_a_bracket_in_any_order(self, studio, order):
        photos = [studio.shoot(0.5 * k, ev=ev, x=300 + k) for k, ev in enumerate(order)]
        assert found(photos) == [(SeriesKind.BRACKET, [0, 1, 2])]

    @pytest.mark.parametrize("count", [5, 7, 9])
    def test_long_brackets_stay_whole(self, studio, count):
        middle = count // 2
        photos = [studio.shoot(0.4 * k, ev=0.7 * (k - middle), x=300 + k % 3) for k in range(count)]
        assert found(photos) == [(SeriesKind.BRACKET, list(range(count)))]

    def test_brackets_shot_back_to_back_are_kept_apart(self, studio):
        photos = [studio.shoot(0.4 * k, ev=ev) for k, ev in enumerate((0, -2, 2) * 4)]
        assert found(photos) == [(SeriesKind.BRACKET, [k, k + 1, k + 2]) for k in (0, 3, 6, 9)]

    def test_a_frame_just_before_does_not_break_the_bracket(self, studio):
        photos = [studio.shoot(0.8 * k, ev=ev) for k, ev in enumerate((0, -2, 0, 2))]
        assert found(photos) == [(SeriesKind.BRACKET, [1, 2, 3])]

    def test_a_pair_three_stops_apart_is_a_bracket(self, studio):
        assert found([studio.shoot(0, ev=-3), studio.shoot(0.5, ev=0)]) == [(SeriesKind.BRACKET, [0, 1])]

    def test_a_pair_needs_the_settings_to_prove_it(self, studio):
        dark = studio.shoot(0, ev=-3, shutter_s=None)
        assert found([dark, studio.shoot(0.5, ev=0, shutter_s=None)]) == [(SeriesKind.BURST, [0, 1])]

    def test_three_exposures_without_settings_are_told_by_their_brightness(self, studio):
        photos = [studio.shoot(0.5 * k, ev=ev, shutter_s=None) for k, ev in enumerate((0, -2, 2))]
        assert found(photos) == [(SeriesKind.BRACKET, [0, 1, 2])]

    def test_the_exposure_bias_alone_is_believed(self, studio):
        photos = [studio.shoot(0.5 * k, ev=ev, bias=float(ev), shutter_s=None) for k, ev in enumerate((0, -1, 1))]
        assert found(photos) == [(SeriesKind.BRACKET, [0, 1, 2])]

    def test_edited_copies_with_one_set_of_settings_are_no_bracket(self, studio):
        photos = [studio.shoot(0, ev=ev, settings_ev=0.0, resolution=1) for ev in (0, -1.5, 1.5)]
        assert found(photos) == [(SeriesKind.BURST, [0, 1, 2])]

    def test_automatic_exposure_under_passing_clouds_is_no_bracket(self, studio):
        photos = [studio.shoot(0.4 * k, ev=0.0, settings_ev=ev) for k, ev in enumerate((0, -1, 1, 0.3))]
        assert found(photos) == [(SeriesKind.BURST, [0, 1, 2, 3])]

    def test_long_exposures_do_not_count_as_gaps(self, studio):
        photos = [studio.shoot(at, ev=ev, shutter_s=8 * 2.0**ev, resolution=1) for at, ev in ((0, 0), (9, -2), (12, 2))]
        assert found(photos) == [(SeriesKind.BRACKET, [0, 1, 2])]

    def test_exposures_of_different_scenes_are_no_bracket(self, studio):
        assert found([studio.shoot(0.8 * k, world=k, ev=ev) for k, ev in enumerate((0, -2, 2))]) == []

    def test_exposures_seconds_apart_are_no_bracket(self, studio):
        photos = [studio.shoot(6.0 * k, ev=ev) for k, ev in enumerate((0, -2, 2))]
        assert all(kind is SeriesKind.BURST for kind, _ in found(photos))

    def test_a_bracket_is_not_eaten_by_the_burst_around_it(self, studio):
        exposures = (0, 0, 0, -2, 0, 2, 0, 0, 0)
        photos = [studio.shoot(0.3 * k, ev=ev) for k, ev in enumerate(exposures)]
        series = found(photos)
        assert (SeriesKind.BRACKET, [3, 4, 5]) in series
        assert (SeriesKind.BURST, [0, 1, 2]) in series
        assert (SeriesKind.BURST, [6, 7, 8]) in series

    def test_hundreds_of_brackets_survive_as_such(self, studio):
        photos = []
        for k in range(80):
            for step, ev in enumerate((0, -2, 2)):
                photos.append(studio.shoot(20 * k + 0.4 * step, ev=ev, world=k % 5, x=100 + 37 * (k % 11)))
        series = found(photos)
        assert series == [(SeriesKind.BRACKET, [3 * k, 3 * k + 1, 3 * k + 2]) for k in range(80)]

    def test_the_normal_exposure_stands_for_a_bracket(self, studio):
        photos = [studio.shoot(0.5 * k, ev=ev, bias=float(ev)) for k, ev in enumerate((0, -2, 2))]
        assert standing(find_series(photos)[0]) == photos[0].id
        photos = [studio.shoot(0.5 * k, ev=ev) for k, ev in enumerate((-2, 2, 0))]
        assert standing(find_series(photos)[0]) == photos[2].id

    def test_frames_say_their_exposure(self, studio):
        photos = [studio.shoot(0.5 * k, ev=ev) for k, ev in enumerate((0, -2, 2))]
        assert [frame.reasons for frame in find_series(photos)[0].frames] == [
            ("0 EV of a bracket of 3",),
            ("−2 EV of a bracket of 3",),
            ("+2 EV of a bracket of 3",),
        ]

    def test_shutter_speeds_as_cameras_write_them_make_whole_steps(self, studio):
        photos = [
            studio.shoot(0.5 * k, ev=ev, shutter_s=shutter)
            for k, (ev, shutter) in enumerate(((0, 1 / 60), (-2, 1 / 250), (2, 1 / 15)))
        ]
        assert [frame.reasons[0] for frame in find_series(photos)[0].frames] == [
            "0 EV of a bracket of 3",
            "−2 EV of a bracket of 3",
            "+2 EV of a bracket of 3",
        ]


class TestPanoramas:
    @pytest.mark.parametrize("step", [45, 75, 110, -75])
    def test_a_steady_turn_is_a_panorama(self, studio, step):
        photos = [studio.shoot(2.5 * k, x=400 + step * k, y=100 + 4 * (k % 2)) for k in range(4)]
        assert found(photos) == [(SeriesKind.PANORAMA, [0, 1, 2, 3])]

    def test_a_turn_up_and_down_is_a_panorama(self, studio):
        photos = [studio.shoot(2.5 * k, x=300 + 3 * (k % 2), y=10 + 50 * k) for k in range(4)]
        assert found(photos) == [(SeriesKind.PANORAMA, [0, 1, 2, 3])]

    def test_automatic_exposure_may_follow_the_turn(self, studio):
        photos = [studio.shoot(2.5 * k, x=100 + 80 * k, ev=0.4 * (k % 3)) for k in range(5)]
        assert found(photos) == [(SeriesKind.PANORAMA, [0, 1, 2, 3, 4])]

    def test_turning_back_and_forth_is_no_panorama(self, studio):
        photos = [studio.shoot(3.0 * k, x=300 + 90 * (k % 2)) for k in range(6)]
        assert all(kind is SeriesKind.BURST for kind, _ in found(photos))

    def test_two_overlapping_frames_are_no_panorama(self, studio):
        assert found([studio.shoot(0, x=300), studio.shoot(3, x=390)]) == []

    def test_rapid_fire_that_follows_its_subject_is_a_burst(self, studio):
        photos = [studio.shoot(0.1 * k, x=300 + 40 * k) for k in range(5)]
        assert found(photos) == [(SeriesKind.BURST, [0, 1, 2, 3, 4])]

    def test_another_zoom_ends_a_panorama(self, studio):
        photos = [studio.shoot(2.5 * k, x=200 + 80 * k, focal_length_mm=70.0 if k >= 3 else 35.0) for k in range(5)]
        assert found(photos) == [(SeriesKind.PANORAMA, [0, 1, 2])]

    def test_a_panorama_stays_whole_among_other_photos(self, studio):
        photos = [studio.shoot(0, world=2), studio.shoot(9, world=3)]
        photos += [studio.shoot(20 + 3.0 * k, x=150 + 85 * k) for k in range(5)]
        photos += [studio.shoot(50, world=4), studio.shoot(58, world=5)]
        assert found(photos) == [(SeriesKind.PANORAMA, [2, 3, 4, 5, 6])]

    def test_unrelated_photos_are_no_panorama(self, studio):
        photos = [studio.shoot(4.0 * k, world=k % 30, x=100 + 61 * (k % 7)) for k in range(150)]
        assert [kind for kind, _ in found(photos) if kind is SeriesKind.PANORAMA] == []

    def test_the_middle_frame_stands_and_each_says_its_place(self, studio):
        photos = [studio.shoot(2.5 * k, x=200 + 80 * k) for k in range(3)]
        series = find_series(photos)[0]
        assert standing(series) == photos[1].id
        assert [frame.reasons for frame in series.frames] == [(f"frame {k} of a panorama of 3",) for k in (1, 2, 3)]


class TestFocusStacks:
    def test_a_sharp_region_that_moves_is_a_focus_stack(self, studio):
        photos = [studio.shoot(4.0 * k, focus_column=k / 6, x=300 + k, resolution=1) for k in range(7)]
        assert found(photos) == [(SeriesKind.FOCUS, list(range(7)))]

    def test_stacks_shot_back_to_back_are_kept_apart(self, studio):
        photos = [studio.shoot(2.0 * k, focus_column=(k % 6) / 5) for k in range(12)]
        assert found(photos) == [(SeriesKind.FOCUS, list(range(6))), (SeriesKind.FOCUS, list(range(6, 12)))]

    def test_frames_blurred_as_a_whole_are_a_burst(self, studio):
        photos = [studio.shoot(0.3 * k, blur=radius) for k, radius in enumerate((0, 2, 1, 3, 0, 2))]
        assert found(photos) == [(SeriesKind.BURST, list(range(6)))]

    def test_a_lens_that_only_loses_focus_is_a_burst(self, studio):
        photos = [studio.shoot(0.3 * k, blur=k) for k in range(6)]
        assert found(photos) == [(SeriesKind.BURST, list(range(6)))]

    def test_a_shaking_hand_is_no_moving_focus(self, studio):
        shakes = ((0, 0), (9, -5), (-7, 6), (12, 2), (-3, -8), (5, 7), (-11, 1))
        for world in range(1, 7):
            photos = [
                studio.shoot(100 * world + 1.5 * k, world=world, x=300 + dx, y=100 + dy, blur=k % 2)
                for k, (dx, dy) in enumerate(shakes)
            ]
            assert found(photos) == [(SeriesKind.BURST, list(range(7)))]

    def test_frames_that_change_exposure_are_no_focus_stack(self, studio):
        photos = [studio.shoot(4.0 * k, focus_column=k / 6, ev=0.8 * (k % 2)) for k in range(7)]
        assert all(kind is not SeriesKind.FOCUS for kind, _ in found(photos))

    def test_the_highest_score_stands_for_a_stack_else_the_middle(self, studio):
        photos = [studio.shoot(4.0 * k, focus_column=k / 6) for k in range(7)]
        assert standing(find_series(photos)[0]) == photos[3].id
        photos = [studio.shoot(4.0 * k, focus_column=k / 6, score=5.0 + (k == 5)) for k in range(7)]
        assert standing(find_series(photos)[0]) == photos[5].id

    def test_each_frame_says_its_place(self, studio):
        photos = [studio.shoot(4.0 * k, focus_column=k / 6) for k in range(7)]
        assert find_series(photos)[0].frames[2].reasons == ("focus frame 3 of 7",)


class TestLargeFolders:
    @pytest.mark.parametrize("scene", ["all alike", "all different"])
    def test_work_grows_with_the_photos_and_not_with_their_pairs(self, studio, monkeypatch, scene):
        from aesthetic_studio.curation import looks

        compared = 0

        def counting(kind):
            measure = getattr(looks.LookTable, kind)

            def counted(self, first, second):
                nonlocal compared
                compared += len(first)
                return measure(self, first, second)

            return counted

        for kind in ("compare", "drift"):
            monkeypatch.setattr(looks.LookTable, kind, counting(kind))
        models = [studio.shoot(world=1 + k) for k in range(1 if scene == "all alike" else 8)]
        count = 1200
        photos = [
            studio.change(
                models[k % len(models)],
                id=k,
                path=Path("album") / f"IMG_{k}.JPG",
                taken=CaptureTime(studio.clock(1.2 * k, 0.01), 0.01),
            )
            for k in range(count)
        ]
        series = found(photos)
        assert series == ([(SeriesKind.BURST, list(range(count)))] if scene == "all alike" else [])
        assert compared <= 4 * count
