"""What an eye's crops say is believed as far as they agree, of faces that are large and look this way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from aesthetic_studio.models.faces.eyes import CROP, WIDTHS, eye_crops, eye_states, judge, level_eyes, trust

CROPS = 2 * len(WIDTHS)
PROBABILITIES = arrays(np.float32, (2, CROPS), elements=st.floats(0, 1, width=32))


def landmarks(apart: float, nose: float = 0.0, turn: float = 0.0, at: tuple[float, float] = (200.0, 150.0)):
    """Five points of a face: distance between the eyes, the nose's way off the middle, degrees of lean."""
    own = np.array([(-0.5, 0), (0.5, 0), (nose, 0.6), (-0.4, 1.1), (0.4, 1.1)]) * apart
    angle = math.radians(turn)
    turned = own @ np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return (turned + np.array(at)).astype(np.float32)


@given(PROBABILITIES, st.floats(0, 1))
def test_the_more_open_eye_decides_and_no_more_is_believed_than_its_crops_agree_on(probabilities, trusted):
    state = judge(probabilities, trusted)
    assert state.open == pytest.approx(float(probabilities.mean(axis=1).max()), abs=1e-6)
    assert 0.0 <= state.confidence <= trusted + 1e-9
    swapped = judge(probabilities[::-1], trusted)
    assert swapped.open == pytest.approx(state.open)


def test_a_wink_is_no_blink():
    wink = np.stack([np.zeros(CROPS), np.ones(CROPS)]).astype(np.float32)
    assert judge(wink, 1.0).open == 1.0
    assert judge(wink * 0, 1.0).open == 0.0


def test_crops_that_contradict_each_other_are_not_believed():
    doubtful = np.tile(np.array([0.0, 1.0], np.float32), (2, CROPS // 2))
    assert judge(doubtful, 1.0).confidence == 0.0


@given(st.floats(5, 200), st.floats(0, 0.6), st.floats(-40, 40))
def test_nothing_is_believed_of_a_profile_or_of_a_few_pixels(apart, nose, turn):
    points = landmarks(apart, nose, turn)
    width = apart / 0.45
    value = trust(points, width)
    assert 0.0 <= value <= 1.0
    if nose >= 0.4 or apart <= 14:
        assert value < 1e-3
    if nose <= 0.2 and apart >= 32:
        assert value == pytest.approx(1.0, abs=1e-3)
    larger, straighter = (
        trust(landmarks(apart * 2, nose, turn), width * 2),
        trust(landmarks(apart, nose / 2, turn), width),
    )
    assert larger >= value - 1e-4
    assert straighter >= value - 1e-4


def test_a_face_whose_eyes_are_too_near_each_other_for_its_box_is_seen_from_the_side():
    points = landmarks(60)
    assert trust(points, 60 / 0.45) == pytest.approx(1.0)
    assert trust(points, 60 / 0.28) == 0.0
    assert trust(np.zeros((5, 2), np.float32), 100.0) == 0.0


@pytest.mark.parametrize("turn", [-30.0, 0.0, 20.0])
@pytest.mark.parametrize("apart", [20.0, 80.0, 400.0])
def test_eyes_are_shown_level_and_of_one_size_however_the_head_leans(turn, apart):
    points = landmarks(apart, turn=turn, at=(700.0, 700.0))
    y, x = np.mgrid[0:1400, 0:1400]
    picture = np.full((1400, 1400, 3), 200, np.uint8)
    for colour, (eye_x, eye_y) in zip(((255, 0, 0), (0, 0, 255)), points[:2], strict=True):
        picture[np.hypot(x - eye_x, y - eye_y) < apart * 0.15] = colour
    chip = np.asarray(level_eyes(Image.fromarray(picture), points)).astype(int)
    assert chip.shape == (96, 160, 3)
    assert chip[48, 40, 0] > 200 > 60 > chip[48, 40, 2]
    assert chip[48, 120, 2] > 200 > 60 > chip[48, 120, 0]
    assert abs(chip[48, 80] - 200).max() < 10


def test_a_face_at_the_edge_of_the_photo_has_crops_all_the_same():
    crops = eye_crops(Image.new("RGB", (50, 40), (90, 90, 90)), landmarks(60, at=(5.0, 5.0)))
    assert crops.shape == (2 * CROPS, 3, CROP[1], CROP[0])
    assert np.isfinite(crops).all()


def test_all_faces_are_judged_in_one_pass_each_by_its_own_eyes(network):
    def bright_is_open(crops):
        return crops.mean(axis=(1, 2, 3))

    seen = network(bright_is_open)
    faces = [(Image.new("RGB", (400, 300), (grey,) * 3), landmarks(60), 133.0) for grey in (0, 255, 51)]
    states = eye_states(seen, faces)
    assert [round(state.open, 2) for state in states] == [0.0, 1.0, 0.2]
    assert len(seen.shown) == 1
    assert eye_states(seen, []) == []
