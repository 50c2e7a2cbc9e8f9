"""The sharpness of eyes is that of the eyes: it falls with every blur of them, and with none of the background."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from aesthetic_studio.imaging.eye_sharpness import LEAST_APART, eye_sharpness


def made_face(apart: float, *, turn: float = 0.0) -> tuple[Image.Image, list[tuple[float, float]]]:
    """A face with dark pupils, whites and lashes, drawn four times as large and averaged; and where its eyes are."""
    side, scale = int(apart * 3.2), 4
    big = Image.new("RGB", (side * scale, side * scale), (205, 170, 150))
    draw = ImageDraw.Draw(big)
    angle = np.radians(turn)
    eyes = [
        (side / 2 + sign * apart / 2 * np.cos(angle), side / 2 + sign * apart / 2 * np.sin(angle)) for sign in (-1, 1)
    ]
    for x, y in eyes:
        for share, colour in ((0.24, (240, 238, 235)), (0.11, (70, 90, 60)), (0.05, (12, 10, 10))):
            reach = share * apart * scale
            flat = 0.5 if share > 0.2 else 1.0
            centre = (x * scale, y * scale)
            draw.ellipse(
                (centre[0] - reach, centre[1] - reach * flat, centre[0] + reach, centre[1] + reach * flat), fill=colour
            )
        for lash in np.linspace(-0.24, 0.24, 13):
            start = ((x + lash * apart) * scale, (y - 0.12 * apart) * scale)
            draw.line(
                (*start, start[0] + lash * apart, start[1] - 0.06 * apart * scale), fill=(30, 20, 20), width=scale
            )
    return big.resize((side, side), Image.Resampling.BOX), eyes


def noisy(picture: Image.Image, sigma: float) -> Image.Image:
    pixels = np.asarray(picture).astype(float) + np.random.default_rng(5).normal(0, sigma, (*picture.size[::-1], 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("apart", [40.0, 90.0, 240.0])
@pytest.mark.parametrize("sigma", [0.0, 4.0])
def test_each_blur_of_the_eyes_costs_sharpness(apart, sigma):
    picture, eyes = made_face(apart)
    values = [
        eye_sharpness(noisy(picture.filter(ImageFilter.GaussianBlur(radius)), sigma), *eyes)
        for radius in (0, 1, 2, 3.5)
    ]
    assert all(value is not None for value in values)
    assert values == sorted(values, reverse=True)
    assert values[0] > 1.5 * values[-1]


def test_a_sharp_background_behind_soft_eyes_helps_nothing():
    picture, eyes = made_face(90.0)
    soft = picture.filter(ImageFilter.GaussianBlur(3))
    behind = soft.copy()
    texture = np.random.default_rng(2).integers(0, 255, (60, behind.width, 3), dtype=np.uint8)
    behind.paste(Image.fromarray(texture), (0, 0))
    assert eye_sharpness(behind, *eyes) == pytest.approx(eye_sharpness(soft, *eyes))


def test_a_leaning_head_is_measured_at_its_eyes():
    level, eyes = made_face(100.0)
    leaning, turned = made_face(100.0, turn=25.0)
    assert eye_sharpness(leaning, *turned) == pytest.approx(eye_sharpness(level, *eyes), rel=0.35)


def test_eyes_of_a_few_pixels_are_not_measured_and_skin_has_no_sharpness():
    picture, eyes = made_face(LEAST_APART - 1)
    assert eye_sharpness(picture, *eyes) is None
    assert eye_sharpness(Image.new("RGB", (300, 300), (200, 160, 140)), (100, 150), (200, 150)) == pytest.approx(
        0, abs=0.02
    )


def test_eyes_at_the_edge_of_what_was_cut_are_measured_within_it():
    picture, eyes = made_face(90.0)
    left = picture.crop((int(eyes[0][0]) - 5, 0, picture.width, picture.height))
    value = eye_sharpness(left, (5, eyes[0][1]), (eyes[1][0] - int(eyes[0][0]) + 5, eyes[1][1]))
    assert value is not None
    assert 0 <= value <= 1
