"""Series of known order are made from photos as their labels say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from aesthetic_studio.imaging.preview import shrink
from trainer.data import degrade
from trainer.data.degrade import STRENGTHS, Fault
from trainer.data.opening import open_series

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A made scene: a sky, a field, and a busy subject to the right and low."""
    draw = np.random.default_rng(4)
    pixels = np.empty((160, 240, 3), dtype=np.float64)
    pixels[:80] = (120, 170, 220)
    pixels[80:] = (90, 140, 70)
    pixels[95:140, 165:220] = draw.uniform(0, 255, (45, 55, 3))
    pixels += draw.normal(0, 2, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def gap(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, dtype=float) - np.asarray(other, dtype=float)).mean())


@pytest.mark.parametrize("fault", [Fault.BLUR, Fault.MOTION, Fault.EXPOSURE, Fault.NOISE, Fault.COMPRESSION])
def test_each_strength_is_further_from_the_photo_than_the_one_before(photo: Image.Image, fault: Fault) -> None:
    pristine, *worse = degrade.degrade(photo, fault, seed=5).frames

    assert gap(pristine, photo) < 1.0
    gaps = [gap(frame, photo) for frame in worse]
    assert gaps == sorted(gaps)
    assert gaps[0] > gap(pristine, photo)


@pytest.mark.parametrize("fault", list(Fault))
def test_the_same_seed_gives_the_same_frames_and_the_first_is_pristine(photo: Image.Image, fault: Fault) -> None:
    one, same = (degrade.degrade(photo, fault, seed=9) for _ in range(2))

    assert one.strengths == (0.0, *STRENGTHS[fault])
    assert [frame.tobytes() for frame in one.frames] == [frame.tobytes() for frame in same.frames]


def test_exposure_is_counted_in_stops_of_light() -> None:
    grey = Image.new("RGB", (32, 32), (100, 100, 100))

    frames = degrade.degrade(grey, Fault.EXPOSURE, seed=0, strengths=(1.0,)).frames

    before, after = (((np.asarray(frame)[0, 0, 0] / 255 + 0.055) / 1.055) ** 2.4 for frame in frames)
    assert abs(abs(np.log2(after / before)) - 1.0) < 0.05


def test_noise_has_the_strength_that_is_stated_at_middle_grey() -> None:
    grey = Image.new("RGB", (1024, 64), (118, 118, 118))  # 18 % in linear light

    noisy = degrade.degrade(grey, Fault.NOISE, seed=0, strengths=(3.0,)).frames[1]

    light = ((np.asarray(noisy, dtype=float) / 255 + 0.055) / 1.055) ** 2.4
    assert light.std() == pytest.approx(0.03, rel=0.1)


def test_every_frame_of_a_tilt_shows_the_same_part_without_empty_corners(photo: Image.Image) -> None:
    white = Image.new("RGB", photo.size, "white")

    frames = degrade.degrade(white, Fault.TILT, seed=1).frames

    assert len({frame.size for frame in frames}) == 1
    assert min(int(np.asarray(frame).min()) for frame in frames) > 200


def test_a_crop_cuts_the_subject_off_and_keeps_the_pixels_as_they_were(photo: Image.Image) -> None:
    x, y = degrade.subject_centre(photo)
    frame = degrade.degrade(photo, Fault.CROP, seed=0, strengths=(0.3,)).frames[1]

    assert x > 0.5 and y > 0.5
    assert frame.size == (168, 112)
    assert frame.tobytes() == photo.crop((0, 0, 168, 112)).tobytes()


def test_a_smaller_copy_is_blurred_in_proportion(photo: Image.Image) -> None:
    large = photo.resize((960, 640), Image.Resampling.BICUBIC)

    blurred = degrade.degrade(large, Fault.BLUR, seed=0, strengths=(16.0,)).frames[1]
    small = degrade.degrade(photo, Fault.BLUR, seed=0, strengths=(16.0,)).frames[1]

    assert gap(shrink(blurred, 240), small) < 2.0


@settings(max_examples=20, deadline=None)
@given(width=st.integers(16, 400), height=st.integers(16, 400), degrees=st.floats(0.0, 45.0, allow_nan=False))
def test_the_upright_part_lies_within_the_turned_photo(width: int, height: int, degrees: float) -> None:
    share = degrade.upright_share((width, height), degrees)

    angle = np.radians(degrees)
    for x, y in ((width, height), (width, -height)):
        corner = np.array([x, y]) * share / 2
        turned = np.array(
            [
                corner[0] * np.cos(angle) + corner[1] * np.sin(angle),
                -corner[0] * np.sin(angle) + corner[1] * np.cos(angle),
            ]
        )
        assert abs(turned[0]) <= width / 2 + 1e-6
        assert abs(turned[1]) <= height / 2 + 1e-6


def test_strengths_out_of_order_and_tiny_photos_are_refused(photo: Image.Image) -> None:
    with pytest.raises(ValueError, match="weak to strong"):
        degrade.degrade(photo, Fault.BLUR, seed=0, strengths=(3.0, 1.0))
    with pytest.raises(ValueError, match="16 px"):
        degrade.degrade(photo.crop((0, 0, 8, 8)), Fault.BLUR, seed=0)


def test_what_was_written_is_read_back_as_series_of_that_order(photo: Image.Image, tmp_path: Path) -> None:
    made = degrade.series_of([("../a b.jpg", photo)], (Fault.BLUR, Fault.CROP), seed=2)

    written = degrade.write_series(made, tmp_path / "series")
    read = open_series(tmp_path / "series")

    assert len(read) == len(written) == 2
    assert not read.excluded
    for found, known in zip(read.series, written.series, strict=True):
        assert [read.files[row] for row in found.order] == [written.files[row] for row in known.order]
        assert read.files[found.order[0]].endswith("pristine.png")
        assert len(found.pairs) == 6
