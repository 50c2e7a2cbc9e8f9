"""YuNet's raw answers become boxes and landmarks as the published formulas say, each face once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from aesthetic_studio.models.faces.detector import INPUT_SIDE, OVERLAP, Detection, decode, detect, overlap


def face(x: float, y: float, width: float, height: float, confidence: float = 0.9) -> Detection:
    return Detection(confidence, x, y, width, height, np.zeros((5, 2), np.float32))


@pytest.mark.parametrize("stride", [8, 16, 32])
def test_a_face_is_read_where_the_network_put_it(empty_answers, with_face, stride):
    answers = empty_answers()
    points = [(300.0, 200.0), (330.0, 201.0), (315.0, 215.0), (303.0, 232.0), (328.0, 233.0)]
    with_face(answers, (316.0, 214.0), (60.0, 80.0), 0.81, stride, points)
    [found] = decode(answers)
    assert (found.x, found.y) == pytest.approx((286.0, 174.0), abs=1e-3)
    assert (found.width, found.height) == pytest.approx((60.0, 80.0), abs=1e-3)
    assert found.confidence == pytest.approx(0.81)
    np.testing.assert_allclose(found.points, points, atol=1e-3)


def test_the_confidence_is_the_geometric_mean_of_both_answers_held_within_bounds(empty_answers, with_face):
    answers = empty_answers()
    with_face(answers, (100.0, 100.0), (40.0, 40.0), 1.0, 8)
    cell = int(np.flatnonzero(answers["cls_8"][0, :, 0])[0])
    answers["cls_8"][0, cell], answers["obj_8"][0, cell] = 0.64, 7.0
    assert decode(answers)[0].confidence == pytest.approx(0.8)


def test_what_the_network_doubts_is_no_face(empty_answers, with_face):
    answers = empty_answers()
    with_face(answers, (100.0, 100.0), (40.0, 40.0), 0.55)
    assert decode(answers) == []
    assert len(decode(answers, least=0.5)) == 1


def test_one_face_that_several_grids_see_counts_once(empty_answers, with_face):
    answers = empty_answers()
    for stride, confidence in ((8, 0.7), (16, 0.9), (32, 0.8)):
        with_face(answers, (200.0, 200.0), (60.0, 80.0), confidence, stride)
    with_face(answers, (400.0, 200.0), (60.0, 80.0), 0.75)
    found = decode(answers)
    assert [round(each.confidence, 2) for each in found] == [0.9, 0.75]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(*[st.floats(1, 300)] * 4, st.floats(0.6, 1)), max_size=12))
def test_of_faces_that_overlap_the_surest_stays_and_nothing_else_is_lost(boxes):
    from aesthetic_studio.models.faces.detector import without_doubles

    faces = [face(*box) for box in boxes]
    kept = without_doubles(faces)
    assert all(overlap(one, other) <= OVERLAP for one in kept for other in kept if one is not other)
    for lost in faces:
        if not any(lost is each for each in kept):
            assert any(overlap(lost, each) > OVERLAP and each.confidence >= lost.confidence for each in kept)


@given(st.tuples(*[st.floats(1, 200)] * 4), st.tuples(*[st.floats(1, 200)] * 4))
def test_overlap_is_a_share_and_has_no_order(one, other):
    first, second = face(*one), face(*other)
    assert 0.0 <= overlap(first, second) <= 1.0 + 1e-9
    assert math.isclose(overlap(first, second), overlap(second, first), abs_tol=1e-9)
    assert overlap(first, first) == pytest.approx(1.0)


def test_the_network_is_shown_blue_first_grey_levels_as_they_are_and_no_smaller_picture_enlarged(
    empty_answers, network
):
    seen = network(empty_answers())
    assert detect(seen, Image.new("RGB", (300, 200), (10, 20, 30))) == []
    [shown] = seen.shown
    assert shown.shape == (1, 3, INPUT_SIDE, INPUT_SIDE)
    assert shown[0, :, 0, 0].tolist() == [30, 20, 10]
    assert shown[0, :, 199, 299].tolist() == [30, 20, 10]
    assert shown[0, :, 200:, :].max() == 0
    assert shown[0, :, :, 300:].max() == 0


def test_faces_of_a_large_picture_are_told_in_its_own_pixels(empty_answers, with_face, network):
    answers = empty_answers()
    with_face(answers, (320.0, 160.0), (64.0, 80.0))
    [found] = detect(network(answers), Image.new("RGB", (1280, 960)))
    assert (found.centre, found.width, found.height) == (
        pytest.approx((640.0, 320.0), abs=1e-2),
        pytest.approx(128.0),
        pytest.approx(160.0),
    )
