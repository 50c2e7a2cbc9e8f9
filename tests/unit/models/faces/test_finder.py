"""The second look: each face large, told in its close-up's own pixels, and what was none is dropped."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from aesthetic_studio.models.faces.detector import Detection
from aesthetic_studio.models.faces.finder import MOST_FACES, CloseUp, FaceFinder


def close_up(side: int = 400) -> CloseUp:
    """A close-up with a face expected in the middle half."""
    quarter = side / 4
    face = Detection(0.7, quarter, quarter, 2 * quarter, 2 * quarter, np.zeros((5, 2), np.float32))
    return CloseUp(Image.new("RGB", (side, side), (120, 120, 120)), face)


def always(value: float):
    return lambda crops: np.full(len(crops), value, np.float32)


def test_a_face_is_confirmed_in_its_close_ups_own_pixels(empty_answers, with_face, network):
    answers = empty_answers()
    # Two in a row: the second close-up is shown from pixel 320 on, at 0.8 of its size.
    with_face(answers, (480.0, 160.0), (160.0, 170.0), 0.92)
    first, second = FaceFinder(network(answers), network(always(0.95))).look_closely([close_up(), close_up()])
    assert first is None
    assert second is not None
    assert second.face.centre == pytest.approx((200.0, 200.0), abs=0.1)
    assert second.face.width == pytest.approx(200.0, abs=0.1)
    assert (second.face.confidence, second.eyes.open) == (pytest.approx(0.92), pytest.approx(0.95))


def test_a_face_elsewhere_in_the_close_up_is_not_the_one_that_was_meant(empty_answers, with_face, network):
    answers = empty_answers()
    with_face(answers, (40.0, 40.0), (60.0, 60.0), 0.99)
    assert FaceFinder(network(answers), network(always(1.0))).look_closely([close_up()]) == [None]


@pytest.mark.parametrize(
    ("count", "passes", "side"), [(1, 1, 320), (4, 1, 320), (9, 1, 213), (16, 1, 160), (17, 2, 160)]
)
def test_many_faces_share_a_pass(empty_answers, network, count, passes, side):
    seen = network(empty_answers())
    FaceFinder(seen, network(always(1.0))).look_closely([close_up(640)] * count)
    assert len(seen.shown) == passes
    shown = seen.shown[0][0, 0]
    assert shown[0, side - 1] == 120
    assert (shown[0, side] == 120) == (count > 1)


def test_of_a_crowd_only_the_largest_faces_are_looked_at(empty_answers, with_face, network):
    answers = empty_answers()
    for row in range(8):
        for column in range(8):
            with_face(answers, (40.0 + 70 * column, 40.0 + 70 * row), (20.0 + column + 8 * row,) * 2, stride=8)
    found = FaceFinder(network(answers), network(always(1.0))).find(Image.new("RGB", (640, 640)))
    assert len(found) == MOST_FACES
    assert min(face.width for face in found) == pytest.approx(20 + 64 - MOST_FACES, abs=0.01)
