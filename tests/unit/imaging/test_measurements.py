"""Measurements order photos as a person would, and stay within their ranges whatever the picture."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from aesthetic_studio.imaging import measurements, preview


def blurred(image: Image.Image, sigma: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(sigma)) if sigma else image


def noisy(image: Image.Image, sigma: float, seed: int = 0) -> Image.Image:
    values = np.asarray(image).astype(np.float32)
    noise = np.random.default_rng(seed).normal(0, sigma, values.shape[:2])[..., None]
    return Image.fromarray(np.clip(values + noise, 0, 255).astype(np.uint8))


def smeared(image: Image.Image, length: int, degrees: float) -> Image.Image:
    total = np.zeros((image.height, image.width, 3), np.float32)
    steps = np.linspace(-length / 2, length / 2, 2 * length + 1)
    for step in steps:
        x, y = step * math.cos(math.radians(degrees)), step * math.sin(math.radians(degrees))
        shift = (1, 0, x, 0, 1, y)
        total += np.asarray(image.transform(image.size, Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR))
    inside = (length, length, image.width - length, image.height - length)
    return Image.fromarray((total / len(steps)).astype(np.uint8)).crop(inside)


def lit(image: Image.Image, ev: float) -> Image.Image:
    encoded = np.asarray(image).astype(np.float32) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4) * 2**ev
    again = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.clip(again * 255 + 0.5, 0, 255).astype(np.uint8))


def horizon(degrees: float) -> Image.Image:
    image = Image.new("RGB", (1800, 1350), (150, 180, 220))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 750, 1800, 1350), fill=(60, 80, 50))
    for place in np.random.default_rng(3).integers(0, 1800, (40, 2)):
        x, y = int(place[0]), 760 + int(place[1]) // 4
        draw.ellipse((x, y, x + 20, y + 14), fill=(90, 100, 70))
    # Pillow turns against the clock.
    return image.rotate(-degrees, Image.Resampling.BICUBIC).crop((300, 225, 1500, 1125))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_more_blur_is_less_sharp(scene, measure, seed):
    values = [measure(blurred(scene(seed=seed), sigma)).sharpness for sigma in (0, 0.7, 1.4, 3, 6)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 3 * values[3]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 50), st.floats(0, 6), st.floats(0.3, 6))
@example(seed=1, first=0.21875, more=0.3046875)
def test_blur_never_raises_sharpness(scene, measure, seed, first, more):
    image = scene(640, 480, seed % 4)
    before = measure(blurred(image, first)).sharpness
    after = measure(blurred(image, math.hypot(first, more))).sharpness
    # Below a fifth of an edge's width, rounding to grey levels is all there is to see.
    assert after <= before + 0.02


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_edges_beside_a_flat_place_are_not_taken_for_noise(scene, measure, seed):
    # In so small a photo, what is cut around a flat place is much larger than the place.
    values = [measure(blurred(scene(640, 480, seed), sigma)).sharpness for sigma in np.arange(0, 1.3, 0.1).tolist()]
    assert all(later <= earlier + 0.005 for earlier, later in itertools.pairwise(values)), values


@pytest.mark.parametrize("sigma", [2, 5, 10])
def test_noise_is_not_taken_for_sharpness(scene, measure, sigma):
    sharp, soft = scene(), blurred(scene(), 2)
    assert measure(noisy(soft, sigma)).sharpness < measure(noisy(sharp, sigma)).sharpness
    assert measure(noisy(soft, sigma)).sharpness < measure(sharp).sharpness / 2
    assert measure(noisy(sharp, sigma)).sharpness == pytest.approx(measure(sharp).sharpness, abs=0.1)


def test_a_dark_frame_is_as_sharp_as_a_bright_one(scene, measure):
    bright, dark = measure(scene()), measure(lit(scene(), -3))
    assert dark.sharpness == pytest.approx(bright.sharpness, abs=0.08)


def test_a_sharp_subject_before_a_soft_background_is_sharp(scene, measure):
    image = blurred(scene(), 8)
    image.paste(scene().crop((450, 300, 800, 650)), (450, 300))
    found = measure(image)
    assert found.sharpness > 0.7 * measure(scene()).sharpness
    grid = np.array(found.focus_map).reshape(8, 8)
    row, column = divmod(int(grid.argmax()), 8)
    assert 2 <= row <= 6
    assert 2 <= column <= 5


def test_the_focus_map_follows_the_focus(scene, measure):
    soft = blurred(scene(), 6)
    left, right = soft.copy(), soft.copy()
    left.paste(scene().crop((0, 0, 600, 900)), (0, 0))
    right.paste(scene().crop((600, 0, 1200, 900)), (600, 0))
    of_left = np.array(measure(left).focus_map).reshape(8, 8)
    of_right = np.array(measure(right).focus_map).reshape(8, 8)
    assert of_left[:, :4].mean() > 2 * of_left[:, 4:].mean()
    assert of_right[:, 4:].mean() > 2 * of_right[:, :4].mean()


def test_the_blocks_of_a_heavily_compressed_photo_are_not_sharpness(scene, measure, tmp_path):
    soft = blurred(scene(), 4)
    soft.save(tmp_path / "a.jpg", quality=12)
    with Image.open(tmp_path / "a.jpg") as image:
        assert measure(image.convert("RGB")).sharpness < measure(scene()).sharpness / 2


@pytest.mark.parametrize("degrees", [0, 22, 45, 90, 130])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_smear_is_told_from_defocus(scene, measure, degrees, seed):
    assert measure(smeared(scene(seed=seed), 12, degrees)).motion_blur > 0.04
    assert measure(blurred(scene(seed=seed), 3)).motion_blur < 0.04
    assert measure(scene(seed=seed)).motion_blur < 0.04


def test_stripes_are_not_a_smear(measure):
    wave = ((np.sin(np.arange(1200) / 5) > 0) * 150 + 50).astype(np.uint8)
    stripes = Image.fromarray(np.tile(wave, (900, 1))).convert("RGB")
    assert measure(stripes).motion_blur < 0.1
    assert measure(stripes.transpose(Image.Transpose.ROTATE_90)).motion_blur < 0.1


@pytest.mark.parametrize("sigma", [0, 2, 5, 10, 20])
def test_noise_is_measured(scene, measure, sigma):
    assert measure(noisy(scene(), sigma)).noise * 255 == pytest.approx(sigma, rel=0.1, abs=0.1)


def test_noise_of_a_sky_that_is_burnt_out_is_that_of_the_rest(scene, measure):
    image = noisy(scene(), 8)
    image.paste((255, 255, 255), (0, 0, 1200, 500))
    assert measure(image).noise * 255 == pytest.approx(8, rel=0.15)


@pytest.mark.parametrize("ev", [-3, -2, -1, 0, 1])
def test_exposure_is_measured_in_ev(measure, ev):
    # 18 % grey is 118 in sRGB.
    grey = lit(Image.new("RGB", (300, 200), (118, 118, 118)), ev)
    assert measure(grey).exposure_ev == pytest.approx(ev, abs=0.1)


def test_black_has_an_exposure_too(measure):
    assert measure(Image.new("RGB", (300, 200))).exposure_ev == -10


def test_clipping_is_the_share_of_lost_pixels(measure):
    image = Image.new("RGB", (400, 400), (120, 120, 120))
    image.paste((255, 200, 100), (0, 0, 400, 100))
    image.paste((0, 1, 0), (0, 360, 400, 400))
    found = measure(image)
    assert found.clipped_highlights == pytest.approx(0.25, abs=0.01)
    assert found.clipped_shadows == pytest.approx(0.10, abs=0.01)


def test_contrast_and_colourfulness_know_grey_from_colour(scene, measure):
    flat, vivid = measure(Image.new("RGB", (300, 200), (90, 90, 90))), measure(scene())
    assert (flat.contrast, flat.colourfulness) == (0, 0)
    assert measure(scene().convert("L").convert("RGB")).colourfulness < 0.01
    assert vivid.colourfulness > 0.3
    halves = Image.new("RGB", (300, 200))
    halves.paste((255, 255, 255), (0, 0, 150, 200))
    assert measure(halves).contrast == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("degrees", [-10, -5, -2, 0, 2, 5, 10])
def test_a_leaning_horizon_is_measured(measure, degrees):
    assert measure(horizon(degrees)).tilt_degrees == pytest.approx(degrees, abs=0.3 + abs(degrees) / 8)


def test_leaning_verticals_are_measured_with_the_same_sign(measure):
    turned = horizon(5).transpose(Image.Transpose.ROTATE_90)
    assert measure(turned).tilt_degrees == pytest.approx(5, abs=1)


def test_a_scene_without_lines_has_no_tilt(scene, measure):
    assert measure(scene()).tilt_degrees == 0
    assert measure(Image.new("RGB", (600, 400), (9, 99, 199))).tilt_degrees == 0
    assert measure(Image.effect_noise((600, 400), 60).convert("RGB")).tilt_degrees == 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tilt_and_focus_are_those_of_the_upright_photo(orientation, as_stored):
    upright = horizon(4)
    upright.paste(blurred(upright, 9).crop((0, 0, 1200, 400)), (0, 0))
    stored = as_stored(upright, orientation)
    found = measurements.measure(stored, preview.shrink(stored), orientation)
    expected = measurements.measure(upright, preview.shrink(upright), 1)
    assert found.tilt_degrees == pytest.approx(expected.tilt_degrees, abs=0.4)
    assert found.tilt_degrees == pytest.approx(4, abs=1)
    assert np.corrcoef(found.focus_map, expected.focus_map)[0, 1] > 0.7


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 90),
    st.integers(1, 90),
    st.sampled_from(["L", "RGB", "RGBA", "CMYK"]),
    st.sampled_from(["noise", "plain", "black", "white", "ramp"]),
    st.integers(1, 8),
)
def test_measurements_stay_in_their_ranges(width, height, mode, kind, orientation):
    rng = np.random.default_rng(width * 100 + height)
    channels = len(Image.new(mode, (1, 1)).getbands())
    values = {
        "noise": rng.integers(0, 256, (height, width, channels)),
        "plain": np.full((height, width, channels), 100),
        "black": np.zeros((height, width, channels)),
        "white": np.full((height, width, channels), 255),
        "ramp": np.broadcast_to(np.linspace(0, 255, width)[None, :, None], (height, width, channels)),
    }[kind].astype(np.uint8)
    image = Image.frombytes(mode, (width, height), values.tobytes())
    found = measurements.measure(image, preview.shrink(image).convert("RGB"), orientation)
    units = (found.sharpness, found.motion_blur, found.noise, found.clipped_highlights, found.clipped_shadows)
    assert all(0 <= value <= 1 for value in (*units, found.contrast, found.colourfulness))
    assert -15 <= found.tilt_degrees <= 15
    assert -10 <= found.exposure_ev <= 2.6
    assert len(found.focus_map) == 64
    assert all(0 <= value <= 1 for value in found.focus_map)
