"""Who blinks is told by other frames that show the same eyes open, and by nothing else; the sharpest eyes win."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aesthetic_studio.curation.best_shot import order_frames
from aesthetic_studio.curation.eyes import eyes_within, follow_faces
from aesthetic_studio.curation.reasons import reasons_alone
from aesthetic_studio.curation.standing import stand
from aesthetic_studio.faces import Face

OPEN, SHUT = (0.97, 0.9), (0.01, 0.9)


def face(at=0.5, eyes=OPEN, *, confidence=0.93, width=0.1, sharpness=None):
    opened, believed = eyes
    return Face(at - width / 2, 0.3, width, width * 1.5, confidence, opened, believed, sharpness)


def burst(studio, *frames, sharpness=0.3):
    """A burst in time, each frame with these faces."""
    return [replace(studio.shoot(0.1 * k, sharpness=sharpness), faces=tuple(faces)) for k, faces in enumerate(frames)]


def words(frames):
    by_id = {frame.photo_id: frame.reasons for frame in order_frames(frames)}
    return [by_id[frame.id] for frame in frames]


def best(frames):
    place = {frame.id: index for index, frame in enumerate(frames)}
    return place[order_frames(frames)[0].photo_id]


class TestBlinks:
    def test_one_who_blinks_in_one_frame_is_counted_and_the_frame_falls_behind(self, studio):
        open_three = [face(0.2), face(0.5), face(0.8)]
        frames = burst(studio, open_three, [face(0.2), face(0.5, SHUT), face(0.8)], open_three)
        assert words(frames)[1][0] == "eyes closed: 1 of 3"
        assert words(frames)[0][0] == "eyes open on all 3 faces"
        assert [frame.eyes_closed for frame in order_frames(frames)] == [0, 0, 1]

    def test_a_couple_and_a_portrait_are_told_in_their_own_words(self, studio):
        couple = words(burst(studio, [face(0.3), face(0.7)], [face(0.3, SHUT), face(0.7, SHUT)]))
        assert (couple[0][0], couple[1][0]) == ("eyes open on both faces", "eyes closed: 2 of 2")
        portrait = words(burst(studio, [face()], [face(eyes=SHUT)]))
        assert (portrait[0][0], portrait[1][0]) == ("eyes open", "eyes closed")

    def test_a_blink_costs_more_than_a_sharper_frame_gains(self, studio):
        frames = burst(studio, [face()], [face(eyes=SHUT)])
        sharper = replace(frames[1], measurements=replace(frames[1].measurements, sharpness=0.45))
        assert best([frames[0], sharper]) == 0

    def test_all_who_blink_cost_more_than_one_of_many(self, studio):
        four = [face(0.1 + 0.25 * k) for k in range(4)]
        one = [face(0.1, SHUT), *four[1:]]
        every = [face(0.1 + 0.25 * k, SHUT) for k in range(4)]
        cost = [standing.parts["eyes"] for standing in stand(burst(studio, four, one, every))]
        assert cost[0] == 0 > cost[1] > cost[2]

    def test_who_sleeps_or_squints_or_wears_sunglasses_throughout_blinks_in_no_frame(self, studio):
        for eyes in (SHUT, (0.001, 0.99), (0.45, 0.2)):
            frames = burst(studio, [face(eyes=eyes)], [face(eyes=eyes)], [face(eyes=eyes)])
            assert not any("eyes" in word for each in words(frames) for word in each)

    @pytest.mark.parametrize(
        ("seen", "shut"),
        [
            (face(), face(eyes=(0.01, 0.4))),
            (face(), face(eyes=(0.2, 0.9))),
            (face(), face(eyes=SHUT, confidence=0.8)),
            (face(eyes=(0.97, 0.3)), face(eyes=SHUT)),
            (face(eyes=(0.7, 0.9)), face(eyes=SHUT)),
            (face(confidence=0.8), face(eyes=SHUT)),
            (face(at=0.2), face(at=0.8, eyes=SHUT)),
            (face(width=0.05), face(width=0.2, eyes=SHUT)),
            (face(), face(eyes=(None, 0.0))),
        ],
        ids=[
            "crops disagree", "half open", "perhaps no face", "open in doubt", "half open elsewhere",
            "perhaps no face elsewhere", "somebody else", "of another size", "not looked at",
        ],
    )  # fmt: skip
    def test_in_doubt_nobody_blinks(self, studio, seen, shut):
        frames = burst(studio, [seen], [shut], [seen])
        assert not any("closed" in word for each in words(frames) for word in each)
        assert all(frame.eyes_closed == 0 for frame in order_frames(frames))

    def test_a_head_that_moves_on_is_the_same_head(self, studio):
        places = [0.30, 0.36, 0.42, 0.48]
        frames = burst(studio, *([face(at, SHUT if at == 0.48 else OPEN)] for at in places))
        assert words(frames)[3][0] == "eyes closed"
        assert [sorted(track) for track in follow_faces(frames)] == [[0, 1, 2, 3]]

    def test_faces_side_by_side_are_not_taken_for_each_other(self, studio):
        frames = burst(studio, [face(0.40), face(0.52)], [face(0.41, SHUT), face(0.53)])
        assert [len(track) for track in follow_faces(frames)] == [2, 2]
        assert words(frames)[1][0] == "eyes closed: 1 of 2"

    def test_alone_it_takes_next_to_no_chance_that_eyes_are_open(self, studio):
        photo = studio.shoot(0)
        for eyes, said in (((0.0005, 0.98), ("eyes closed: 1 of 2",)), ((0.004, 0.99), ()), ((0.0005, 0.9), ())):
            assert reasons_alone(replace(photo, faces=(face(0.3, eyes), face(0.7)))) == said
        assert reasons_alone(replace(photo, faces=(face(0.3, (0.0005, 0.98), confidence=0.88),))) == ()


class TestSharpness:
    def test_frames_are_judged_by_the_eyes_where_every_frame_shows_them(self, studio):
        frames = burst(studio, *([face(sharpness=value)] for value in (0.1, 0.2, 0.12)))
        assert best(frames) == 1
        assert "sharpest eyes of 3" in words(frames)[1]
        assert any(word.startswith("eyes ") and word.endswith("softer than the best") for word in words(frames)[0])

    def test_a_sharper_background_does_not_win_over_sharper_eyes(self, studio):
        frames = burst(studio, [face(sharpness=0.2)], [face(sharpness=0.1)])
        focused_behind = replace(frames[1], measurements=replace(frames[1].measurements, sharpness=0.6))
        assert best([frames[0], focused_behind]) == 0
        assert "the sharper eyes of the two" in words([frames[0], focused_behind])[0]

    def test_where_a_frame_lacks_the_face_all_are_judged_as_before(self, studio):
        frames = burst(studio, [face(sharpness=0.2)], [face(sharpness=0.1)], [])
        bare = [replace(frame, faces=()) for frame in frames]
        assert stand(frames) == [
            replace(standing, eyes=eyes) for standing, eyes in zip(stand(bare), eyes_within(frames), strict=True)
        ]
        assert words(frames) == words(bare)

    def test_faces_in_the_background_have_no_say(self, studio):
        near, far = face(0.3, width=0.3, sharpness=0.2), face(0.8, width=0.1, sharpness=0.3)
        frames = burst(studio, [near, far], [replace(near, sharpness=0.1), far])
        assert eyes_within(frames)[0].sharpness - eyes_within(frames)[1].sharpness == pytest.approx(1.0)

    def test_all_near_faces_have_the_same_say(self, studio):
        frames = burst(
            studio,
            [face(0.3, sharpness=0.4), face(0.7, sharpness=0.1)],
            [face(0.3, sharpness=0.1), face(0.7, sharpness=0.4)],
        )
        assert eyes_within(frames)[0].sharpness == pytest.approx(eyes_within(frames)[1].sharpness)


@pytest.fixture(scope="session")
def shots(studio_once):
    """Four frames of a burst, for property tests."""
    return [studio_once.shoot(0.1 * k, sharpness=0.3) for k in range(4)]


FACES = st.lists(
    st.builds(
        Face,
        x=st.floats(0, 0.8), y=st.floats(0, 0.8), width=st.floats(0.02, 0.2), height=st.floats(0.02, 0.2),
        confidence=st.floats(0.6, 1), eyes_open=st.none() | st.floats(0, 1), eyes_confidence=st.floats(0, 1),
        sharpness=st.none() | st.floats(0, 1),
    ),
    max_size=4,
)  # fmt: skip


class TestLaws:
    def test_without_faces_nothing_is_other_than_before(self, studio):
        frames = [studio.shoot(0.1 * k, sharpness=0.2 + 0.03 * k, ev=-0.4 * (k == 2)) for k in range(5)]
        for standing in stand(frames):
            assert "eyes" not in standing.parts
            assert standing.eyes.sharpness is None
        looked_at = [replace(frame, faces=(face(eyes=(None, 0.0), sharpness=None),)) for frame in frames]
        assert [each.parts for each in stand(looked_at)] == [each.parts for each in stand(frames)]
        assert words(looked_at) == words(frames)

    @settings(deadline=None, max_examples=60)
    @given(faces=st.lists(FACES, min_size=2, max_size=4), turn=st.randoms())
    def test_the_answer_does_not_depend_on_the_order_of_frames_and_counts_add_up(self, shots, faces, turn):
        frames = [replace(frame, faces=tuple(each)) for frame, each in zip(shots, faces, strict=False)]
        told = {frame.id: eyes for frame, eyes in zip(frames, eyes_within(frames), strict=True)}
        shuffled = list(frames)
        turn.shuffle(shuffled)
        for frame, eyes in zip(shuffled, eyes_within(shuffled), strict=True):
            assert (eyes.faces, eyes.closed, eyes.open) == (
                told[frame.id].faces, told[frame.id].closed, told[frame.id].open,
            )  # fmt: skip
            assert eyes.closed + eyes.open <= eyes.faces <= len(frame.faces)

    @settings(deadline=None, max_examples=60)
    @given(faces=st.lists(FACES, min_size=2, max_size=4))
    def test_every_face_is_followed_once(self, shots, faces):
        frames = [replace(frame, faces=tuple(each)) for frame, each in zip(shots, faces, strict=False)]
        followed = [(place, id(seen)) for track in follow_faces(frames) for place, seen in track.items()]
        assert sorted(followed) == sorted(
            (place, id(seen)) for place, frame in enumerate(frames) for seen in frame.faces
        )
