"""The order within a burst and its reasons: relative to the burst, never against a fixed threshold."""

from __future__ import annotations

import pytest

from aesthetic_studio.curation.best_shot import order_frames
from aesthetic_studio.curation.reasons import reasons_alone, reasons_within
from aesthetic_studio.records import Score, ScoreDistribution


def order(frames):
    """Positions among ``frames``, best first."""
    place = {frame.id: index for index, frame in enumerate(frames)}
    return [place[frame.photo_id] for frame in order_frames(frames)]


def reasons(frames):
    """Reasons by position among ``frames``."""
    by_id = {frame.photo_id: frame.reasons for frame in order_frames(frames)}
    return [by_id[frame.id] for frame in frames]


def burst(studio, count=7, **aspects):
    """A burst of equal frames but for ``aspects``: each a list of values, one a frame."""
    return [studio.shoot(0.1 * k, **{name: values[k] for name, values in aspects.items()}) for k in range(count)]


class TestOrder:
    def test_the_sharpest_frame_wins(self, studio):
        assert order(burst(studio, 4, sharpness=[0.30, 0.42, 0.25, 0.36])) == [1, 3, 0, 2]

    def test_softness_that_all_share_is_no_fault(self, studio):
        # Soft light and shallow focus: the very same steps, at a third of the acutance.
        crisp = burst(studio, 4, sharpness=[0.30, 0.42, 0.25, 0.36])
        soft = burst(studio, 4, sharpness=[0.10, 0.14, 0.25 / 3, 0.12])
        assert order(soft) == order(crisp)
        assert reasons(soft) == reasons(crisp)

    def test_a_moved_frame_falls_behind(self, studio):
        assert order(burst(studio, 3, sharpness=[0.3] * 3, motion_blur=[0.0, 0.6, 0.05]))[-1] == 1

    def test_the_frame_whose_flash_failed_falls_behind(self, studio):
        assert order(burst(studio, 5, sharpness=[0.3] * 5, ev=[0, 0, -2, 0, 0]))[-1] == 2

    def test_a_dark_frame_does_not_win_by_seeming_a_little_sharper(self, studio):
        assert order(burst(studio, 5, sharpness=[0.30, 0.30, 0.35, 0.31, 0.30], ev=[0, 0, -2, 0, 0]))[0] == 3

    def test_where_frames_do_not_agree_on_an_exposure_the_one_nearest_middle_grey_wins(self, studio):
        dark = burst(studio, 4, sharpness=[0.3] * 4, exposure_ev=[-5.0, -4.0, -3.0, -2.0])
        assert order(dark) == [3, 2, 1, 0]

    def test_burnt_out_highlights_cost_a_place(self, studio):
        frames = burst(studio, 3, sharpness=[0.3] * 3, clipped_highlights=[0.3, 0.01, 0.1])
        assert order(frames) == [1, 2, 0]

    def test_highlights_that_the_scene_burns_out_in_every_frame_cost_none(self, studio):
        frames = burst(studio, 3, sharpness=[0.30, 0.36, 0.28], clipped_highlights=[0.3, 0.3, 0.3])
        assert order(frames) == [1, 0, 2]
        assert not any("burnt" in word for words in reasons(frames) for word in words)

    def test_level_beats_leaning(self, studio):
        assert order(burst(studio, 3, sharpness=[0.3] * 3, tilt_degrees=[4.0, 0.3, 3.5]))[0] == 1

    def test_a_clearly_higher_score_outweighs_a_trace_of_softness(self, studio):
        frames = burst(studio, 3, sharpness=[0.31, 0.30, 0.30], score=[5.0, 6.0, 5.1])
        assert order(frames)[0] == 1

    @pytest.mark.parametrize("score", [5.5, 7.0, 9.0])
    @pytest.mark.parametrize("fault", [{"exposure_ev": -2.0}, {"sharpness": 0.15}])
    def test_no_score_makes_up_for_a_clear_fault(self, studio, fault, score):
        (name, value), good = next(iter(fault.items())), {"exposure_ev": 0.0, "sharpness": 0.3}
        frames = burst(studio, 3, **{name: [good[name], value, good[name]]}, score=[5.0, score, 5.1])
        assert order(frames)[-1] == 1

    def test_frames_without_a_score_are_ordered_by_measurements(self, studio):
        assert order(burst(studio, 2, sharpness=[0.2, 0.3])) == [1, 0]
        assert order(burst(studio, 2, sharpness=[0.2, 0.3], score=[5.0, None])) == [1, 0]

    def test_frames_without_measurements_are_ordered_by_score(self, studio):
        assert order(burst(studio, 3, measurements=[None] * 3, score=[4.0, 6.0, 5.0])) == [1, 2, 0]

    def test_the_cameras_choice_breaks_ties_and_nothing_more(self, studio):
        equal = burst(studio, 3, burst_primary=[False, False, True])
        assert order(equal) == [2, 0, 1]
        unequal = burst(studio, 3, sharpness=[0.3, 0.4, 0.3], burst_primary=[False, False, True])
        assert order(unequal)[0] == 1

    def test_ties_go_by_path_whatever_the_order_given(self, studio):
        frames = burst(studio, 4)
        assert [f.photo_id for f in order_frames(frames[::-1])] == [frame.id for frame in frames]

    def test_ranks_count_from_one_and_the_first_is_best(self, studio):
        ordered = order_frames(burst(studio, 4, sharpness=[0.2, 0.3, 0.4, 0.1]))
        assert [frame.rank for frame in ordered] == [1, 2, 3, 4]
        assert [frame.best for frame in ordered] == [True, False, False, False]

    def test_a_measurement_that_is_no_number_does_no_harm(self, studio):
        frames = burst(studio, 3, sharpness=[float("nan"), 0.4, 0.3])
        assert order(frames)[0] == 1


class TestReasonsWithin:
    def test_sharpness_in_words(self, studio):
        words = reasons(burst(studio, 7, sharpness=[0.30, 0.55, 0.42, 0.30, 0.20, 0.31, 0.30]))
        assert words[1] == ("sharpest of 7",)
        assert words[2] == ("2nd sharpest of 7",)
        assert "softer than the best" in words[0]
        assert "much softer than the best" in words[4]

    def test_frames_equally_sharp_share_the_praise(self, studio):
        words = reasons(burst(studio, 5, sharpness=[0.40, 0.41, 0.2, 0.2, 0.2]))
        assert words[0] == words[1] == ("among the sharpest of 5",)

    def test_a_pair_is_called_a_pair(self, studio):
        words = reasons(burst(studio, 2, sharpness=[0.5, 0.3]))
        assert words[0] == ("the sharper of the two",)

    def test_exposure_in_words(self, studio):
        words = reasons(burst(studio, 5, sharpness=[0.3] * 5, exposure_ev=[0, 0.1, -2.0, 1.1, 0]))
        assert "2 EV under the others" in words[2]
        assert "1 EV over the others" in words[3]
        assert not any("EV" in word for word in words[1])

    def test_motion_highlights_shadows_lean_and_noise_in_words(self, studio):
        words = reasons(
            burst(
                studio,
                6,
                sharpness=[0.4, 0.2, 0.4, 0.4, 0.4, 0.4],
                motion_blur=[0, 0.5, 0, 0, 0, 0],
                clipped_highlights=[0, 0, 0.2, 0, 0, 0],
                clipped_shadows=[0, 0, 0, 0.3, 0, 0],
                tilt_degrees=[0.2, 0.1, 0.1, 0.2, 3.1, 0.1],
                noise=[0.01, 0.01, 0.01, 0.01, 0.01, 0.03],
            )
        )
        assert "blurred by motion" in words[1]
        assert "highlights burnt out, unlike the others" in words[2]
        assert "shadows blocked up, unlike the others" in words[3]
        assert "leans 3°" in words[4]
        assert "noisier than the others" in words[5]

    def test_the_only_level_frame_is_told_so(self, studio):
        words = reasons(burst(studio, 3, sharpness=[0.3] * 3, tilt_degrees=[4.0, 0.3, 3.5]))
        assert "level, the others lean" in words[1]

    def test_a_frame_where_no_line_tells_is_not_called_level(self, studio):
        words = reasons(burst(studio, 3, sharpness=[0.3] * 3, tilt_degrees=[4.0, 0.0, 3.5]))
        assert not any("level" in word and "others" in word for word in words[1])

    def test_the_highest_score_is_named_when_it_shows(self, studio):
        words = reasons(burst(studio, 3, sharpness=[0.3] * 3, score=[5.0, 5.6, 5.2]))
        assert words[1] == ("highest score of 3",)
        words = reasons(burst(studio, 3, sharpness=[0.3] * 3, score=[5.0, 5.01, 5.0]))
        assert not any("highest" in word for word in words[1])

    def test_every_frame_has_a_reason_even_among_equals(self, studio):
        words = reasons(burst(studio, 4))
        assert words[0] == ("best of 4, by a little",)
        assert set(words[1:]) == {("about as good as the best",)}

    def test_small_differences_are_named_as_small(self, studio):
        words = reasons(burst(studio, 3, sharpness=[0.30, 0.305, 0.285]))
        assert words[2] == ("a little softer than the best",)

    def test_the_cameras_choice_is_said(self, studio):
        assert "the camera's own choice" in reasons(burst(studio, 3, burst_primary=[False, True, False]))[1]

    def test_invisible_noise_is_not_mentioned(self, studio):
        words = reasons(burst(studio, 3, sharpness=[0.3] * 3, noise=[0.0002, 0.002, 0.0001]))
        assert not any("nois" in word for frame in words for word in frame)

    def test_reasons_come_in_the_order_of_the_frames_given(self, studio):
        frames = burst(studio, 3, sharpness=[0.5, 0.3, 0.29])
        assert reasons_within(frames)[0] == ("sharpest of 3",)


class TestReasonsAlone:
    def test_a_blurred_photo_alone_is_not_judged(self, studio):
        assert reasons_alone(studio.shoot(0, blur=4, sharpness=0.01, motion_blur=0.9)) == ()

    def test_extreme_clipping_is_a_fact(self, studio):
        assert reasons_alone(studio.shoot(0, clipped_highlights=0.4)) == ("40% of the picture is burnt out",)
        assert reasons_alone(studio.shoot(0, clipped_shadows=0.6)) == ("60% of the picture is black",)

    def test_two_camps_of_votes_are_told(self, studio):
        split = ScoreDistribution((0.05, 0.1, 0.25, 0.1, 0.02, 0.03, 0.1, 0.25, 0.08, 0.02))
        photo = studio.shoot(0, score=None)
        photo = studio.change(photo, score=Score("made", "1", split))
        assert reasons_alone(photo) == ("people would disagree: votes gather at 3 and at 8",)

    def test_agreement_is_told_against_what_is_usual(self, studio):
        photo = studio.shoot(0, score=5.5)
        spread = photo.score.distribution.spread
        assert reasons_alone(photo) == ()
        assert reasons_alone(photo, usual_spread=spread) == ()
        assert reasons_alone(photo, usual_spread=spread / 1.5) == ("people would disagree about it",)
        assert reasons_alone(photo, usual_spread=spread * 1.5) == ("people would agree about it",)

    @pytest.mark.parametrize("score", [None, 1.2, 5.5, 9.8])
    def test_an_ordinary_photo_needs_no_words(self, studio, score):
        assert reasons_alone(studio.shoot(0, score=score)) == ()
