"""The technical measurements of one photo, together a few milliseconds beside some 25 for its decode."""

from __future__ import annotations

import math
from functools import lru_cache

from PIL import Image

from aesthetic_studio.imaging import sharpness
from aesthetic_studio.imaging.arrays import FloatArray, np
from aesthetic_studio.imaging.clipping import clipped
from aesthetic_studio.imaging.colour import flatten
from aesthetic_studio.imaging.preview import upright
from aesthetic_studio.imaging.tiles import FLAT_TILE, STRUCTURE_TILE, Gradients, cut_mosaic, find_places, tile_side
from aesthetic_studio.imaging.tilt import tilt_degrees
from aesthetic_studio.records import FOCUS_GRID, Measurements

MIDDLE_GREY = 0.18
_DARKEST_EV = -10.0
_SAMPLE_LONG_SIDE = 256
_VERY_COLOURFUL = 109.0
_LUMINANCE = (0.2126, 0.7152, 0.0722)
_MIRRORED = frozenset({2, 4, 5, 7})


def measure(image: Image.Image, small: Image.Image, orientation: int) -> Measurements:
    """Measure a photo.

    Args:
        image: The pixels at their real resolution, as stored: ``L``, ``RGB``, ``RGBA`` or ``CMYK``.
        small: The same picture, not turned either, as sRGB ``RGB`` of preview size.
        orientation: Exif orientation 1..8 that both still need; focus map and tilt are those of the upright photo.
    """
    luma = small.convert("L")
    gradients = Gradients.of(luma)
    places = find_places(gradients, image.size)
    flat = cut_mosaic(image, places.flat, tile_side(image, FLAT_TILE))
    found = sharpness.octaves(cut_mosaic(image, places.structure, tile_side(image, STRUCTURE_TILE)), flat)
    sharp, confidence = sharpness.tile_sharpness(found), sharpness.tile_confidence(found)
    burnt, black = _clipping(image)
    tilt = tilt_degrees(gradients)
    return Measurements(
        sharpness=_unit(sharpness.subject_sharpness(sharp, confidence)),
        motion_blur=_unit(sharpness.motion_smear(found)),
        noise=_unit(sharpness.noise_sigma(flat) / 255),
        exposure_ev=_exposure_ev(small),
        clipped_highlights=burnt,
        clipped_shadows=black,
        contrast=_unit(_spread(luma.histogram()) / 255),
        colourfulness=_unit(_colourfulness(small) / _VERY_COLOURFUL),
        tilt_degrees=-tilt if orientation in _MIRRORED else tilt,
        focus_map=_focus_map(sharp * confidence, orientation),
    )


def _focus_map(cells: FloatArray, orientation: int) -> tuple[float, ...]:
    grid = Image.fromarray(cells.reshape(FOCUS_GRID, FOCUS_GRID))
    turned = np.asarray(upright(grid, orientation)).reshape(-1)
    return tuple(round(float(value), 4) for value in turned)


def _exposure_ev(small: Image.Image) -> float:
    """Compare mean luminance in linear light with middle grey, in EV."""
    histogram = np.array(small.histogram(), np.float64).reshape(3, 256)
    linear = (histogram * _linear_light()).sum(axis=1) / max(1, small.width * small.height)
    mean = sum(weight * float(channel) for weight, channel in zip(_LUMINANCE, linear, strict=True))
    return max(_DARKEST_EV, math.log2(mean / MIDDLE_GREY)) if mean > 0 else _DARKEST_EV


@lru_cache(maxsize=1)
def _linear_light() -> FloatArray:
    """Give the transfer function of sRGB (IEC 61966-2-1) for the 256 grey levels."""
    encoded = np.arange(256, dtype=np.float32) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _clipping(image: Image.Image) -> tuple[float, float]:
    """Shares of burnt-out and of black pixels, of a sample of true pixels (averaged ones would hide both)."""
    width, height = image.size
    ratio = min(1.0, _SAMPLE_LONG_SIDE / max(width, height))
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    sample = flatten(image.resize(size, Image.Resampling.NEAREST)).convert("RGB")
    burnt, black = clipped(np.asarray(sample))
    return float(np.count_nonzero(burnt)) / burnt.size, float(np.count_nonzero(black)) / black.size


def _spread(histogram: list[int]) -> float:
    counts = np.array(histogram, np.float64)
    levels = np.arange(counts.size)
    total = counts.sum()
    mean = (counts * levels).sum() / total
    return math.sqrt(max(0.0, float((counts * (levels - mean) ** 2).sum() / total)))


def _colourfulness(small: Image.Image) -> float:
    """Hasler and Süsstrunk (2003), eq. 3, on the preview at a quarter of its size."""
    quarter = small.reduce(4) if min(small.size) >= 64 else small
    pixels = np.asarray(quarter, dtype=np.float32).reshape(-1, 3)
    red, green, blue = pixels[:, 0], pixels[:, 1], pixels[:, 2]
    opponent = np.stack([red - green, (red + green) / 2 - blue])
    means = opponent.mean(axis=1)
    deviations = opponent.std(axis=1)
    return float(np.hypot(*deviations) + 0.3 * np.hypot(*means))


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0
