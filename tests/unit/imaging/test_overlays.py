"""Focus peaking marks what is sharp and not what is strong; clipping marks what has lost its tones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aesthetic_studio.imaging.clipping import BLACK, BURNT_OUT, clipped
from aesthetic_studio.imaging.measurements import measure
from aesthetic_studio.imaging.peaking import noise_of, sharp_edges

SIDE = 96
EDGE = SIDE // 2


def edge(blur: float, low: float = 60.0, high: float = 190.0) -> np.ndarray:
    """An upright edge between two tones, blurred by a Gaussian of so many pixels, as a sensor's pixels see it."""
    place = np.arange(SIDE) + 0.5 - EDGE
    wide = math.sqrt(blur**2 + 1 / 12)
    rise = np.array([0.5 + 0.5 * math.erf(x / (wide * math.sqrt(2))) for x in place])
    return np.tile(low + (high - low) * rise, (SIDE, 1)).astype(np.float32)


@pytest.mark.parametrize("blur", [0.0, 0.4, 0.7])
def test_a_sharp_edge_is_marked_where_it_is(blur: float) -> None:
    marked = sharp_edges(edge(blur))
    assert marked[8:-8, EDGE - 1 : EDGE + 1].mean() > 0.9
    assert not marked[:, : EDGE - 4].any()
    assert not marked[:, EDGE + 4 :].any()


@pytest.mark.parametrize("blur", [1.6, 2.5, 5.0])
def test_a_strong_edge_out_of_focus_is_not_marked(blur: float) -> None:
    assert not sharp_edges(edge(blur, 0, 255)).any()


def test_a_faint_edge_in_focus_is_marked_and_a_strong_one_out_of_focus_beside_it_is_not() -> None:
    both = np.vstack([edge(0.4, 100, 130), edge(2.5, 0, 255)])
    marked = sharp_edges(both)
    assert marked[8 : SIDE - 8].any()
    assert not marked[SIDE + 8 : -8].any()


@pytest.mark.parametrize("noise", [2.0, 6.0, 12.0])
def test_noise_is_not_taken_for_sharpness(noise: float) -> None:
    grain = np.random.default_rng(1).normal(128, noise, (SIDE, SIDE)).astype(np.float32)
    assert sharp_edges(grain).mean() < 0.02
    assert noise_of(grain) == pytest.approx(noise, rel=0.2)


@settings(max_examples=30)
@given(st.floats(0.0, 0.6), st.integers(0, 3))
def test_a_turned_picture_is_marked_alike(blur: float, quarters: int) -> None:
    picture = edge(blur)
    turned = sharp_edges(np.ascontiguousarray(np.rot90(picture, quarters)))
    assert np.array_equal(turned, np.rot90(sharp_edges(picture), quarters))


def test_a_picture_too_small_to_judge_is_not_marked() -> None:
    assert not sharp_edges(np.zeros((4, 90), np.float32)).any()


def test_pixels_with_a_channel_at_its_end_are_burnt_out_and_those_without_light_are_blocked() -> None:
    pixels = np.full((4, 4, 3), 128, np.uint8)
    pixels[0, 0] = (BURNT_OUT, 20, 20)
    pixels[0, 1] = (BURNT_OUT - 1,) * 3
    pixels[1, 0] = (BLACK,) * 3
    pixels[1, 1] = (BLACK + 1, 0, 0)
    burnt, blocked = clipped(pixels)
    assert np.argwhere(burnt).tolist() == [[0, 0]]
    assert np.argwhere(blocked).tolist() == [[1, 0]]


def test_the_overlay_counts_as_the_measurement_does() -> None:
    from PIL import Image

    pixels = np.full((256, 256, 3), 128, np.uint8)
    pixels[:64] = 255
    pixels[-32:] = 0
    image = Image.fromarray(pixels)
    burnt, blocked = clipped(pixels)
    measured = measure(image, image, 1)
    assert (burnt.mean(), blocked.mean()) == pytest.approx((measured.clipped_highlights, measured.clipped_shadows))
