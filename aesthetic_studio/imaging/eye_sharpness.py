"""How sharp the eyes of a face are: acutance as ``sharpness`` tells it, from tiles laid over both eyes.

The noise that is taken away is that of the cheeks, in the same light and the same pixels.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aesthetic_studio.imaging import sharpness
from aesthetic_studio.imaging.arrays import FloatArray, np
from aesthetic_studio.imaging.tiles import FLAT_TILE, STRUCTURE_TILE, cut_mosaic

if TYPE_CHECKING:
    from PIL import Image

    Point = tuple[float, float]

LEAST_APART = 32.0
"""Pixels between the eyes; with fewer the coarsest octave has nothing left to be compared with."""
_EYE, _SKIN = (8, 4), (4, 2)
"""Tiles across and down over each eye, 64 in all as ``sharpness.octaves`` wants them, and over each cheek, 16 in all.
They overlap where a face is small."""
_LIDS = (0.6, 0.4)
"""Width and height of what counts as an eye, in distances between the eyes."""
_CHEEK_OUTWARDS, _CHEEK_BELOW, _CHEEK = 0.05, 0.75, (0.35, 0.3)
"""Where the cheeks lie from the eyes, and their width and height, in distances between the eyes."""
_SMALLEST_TILE = 16
_BLOCK = 8
_LITTLE = 0.3
"""Confidence, in tiles, that an eye without any structure is short of."""


def eye_sharpness(picture: Image.Image, left: Point, right: Point) -> float | None:
    """Acutance of a face's eyes, 0..1, in pixels of the real resolution; ``None`` where they are too small.

    Args:
        picture: What was cut of the photo around the face; no pixel of it scaled.
        left: The eye on the left of the picture, in its pixels.
        right: The other one.
    """
    across = (right[0] - left[0], right[1] - left[1])
    apart = math.hypot(*across)
    if apart < LEAST_APART:
        return None
    unit = (across[0] / apart, across[1] / apart)
    eyes = [_grid(eye, unit, apart, _LIDS, _EYE) for eye in (left, right)]
    cheeks = [
        _grid(_off(eye, unit, aside * apart, apart * _CHEEK_BELOW), unit, apart, _CHEEK, _SKIN)
        for eye, aside in ((left, -_CHEEK_OUTWARDS), (right, _CHEEK_OUTWARDS))
    ]
    side = _on_blocks(apart * _LIDS[0] / _EYE[0], STRUCTURE_TILE)
    flat = _on_blocks(apart * _CHEEK[0] / _SKIN[0], FLAT_TILE)
    found = sharpness.octaves(_cut(picture, eyes, side), _cut(picture, cheeks, flat))
    sharp, confidence = sharpness.tile_sharpness(found), sharpness.tile_confidence(found)
    value = float((sharp * confidence).sum() / (confidence.sum() + np.float32(_LITTLE)))
    return min(1.0, max(0.0, value)) if math.isfinite(value) else None


def _grid(middle: Point, unit: Point, apart: float, size: tuple[float, float], tiles: tuple[int, int]) -> list[Point]:
    """Middles of tiles over a part of the face, along the line between the eyes."""
    return [
        _off(
            middle,
            unit,
            ((column + 0.5) / tiles[0] - 0.5) * size[0] * apart,
            ((row + 0.5) / tiles[1] - 0.5) * size[1] * apart,
        )
        for row in range(tiles[1])
        for column in range(tiles[0])
    ]


def _off(point: Point, unit: Point, along: float, down: float) -> Point:
    return point[0] + unit[0] * along - unit[1] * down, point[1] + unit[1] * along + unit[0] * down


def _cut(picture: Image.Image, places: list[list[Point]], side: int) -> FloatArray:
    shares = np.array([point for part in places for point in part], np.float32) / np.array(picture.size, np.float32)
    return cut_mosaic(picture, np.clip(shares, 0, 1).astype(np.float32), side)


def _on_blocks(length: float, largest: int) -> int:
    return max(_SMALLEST_TILE, min(largest, round(length / _BLOCK) * _BLOCK))
