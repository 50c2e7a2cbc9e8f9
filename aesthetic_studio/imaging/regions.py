"""Parts of a photo at its real resolution: one decode, then small cuts, each upright and in sRGB.

To turn and to convert a whole photo costs more than to decode it, so only what is cut out is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.imaging import pixels, preview, source
from aesthetic_studio.imaging.colour import to_srgb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

_SIDEWAYS = frozenset({5, 6, 7, 8})
_FROM_RIGHT = frozenset({2, 3, 7, 8})
"""Orientations in which what is stored first comes last across the stored picture."""
_FROM_BOTTOM = frozenset({3, 4, 6, 7})
_TURNED_BACK = {6: 8, 8: 6}
"""The turn that undoes another one; the others undo themselves."""
_BLOCK = 8


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a photo.

    Attributes:
        picture: ``RGB``, upright.
        left, top: Its corner, in pixels of the upright photo at the scale of the decode.
        width, height: Of the whole upright photo at that scale.
    """

    picture: Image.Image
    left: int
    top: int
    width: int
    height: int


def cut_regions(path: str, boxes: Sequence[tuple[float, float, float, float]]) -> list[Region]:
    """Cut boxes, each left, top, right and bottom as shares of the upright photo: no less, and up to 8 pixels more.

    What lies beyond the photo is left away.

    The photo is decoded at the scale at which it is measured (``pixels.FULL_DECODE_PIXELS``). Raises
    ``UnreadablePhoto``.
    """
    data = source.read_bytes(path)
    photo = pixels.open_photo(data, source.sniff(data, path), path)
    width, height = preview.upright_size(*photo.image.size, photo.orientation)
    regions = []
    for left, top, right, bottom in boxes:
        x0, y0 = min(width - 1, max(0, math.floor(left * width))), min(height - 1, max(0, math.floor(top * height)))
        x1, y1 = min(width, max(x0 + 1, math.ceil(right * width))), min(height, max(y0 + 1, math.ceil(bottom * height)))
        stored = _on_blocks(stored_box((x0, y0, x1, y1), (width, height), photo.orientation), photo.image.size)
        picture = preview.upright(to_srgb(photo.image.crop(stored), photo.profile)[0], photo.orientation)
        back = _TURNED_BACK.get(photo.orientation, photo.orientation)
        x0, y0, _, _ = stored_box(stored, photo.image.size, back)
        regions.append(Region(picture, x0, y0, width, height))
    return regions


def _on_blocks(box: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Enlarge a box to libjpeg's blocks, whose edges the measurements leave out."""
    left, top = (start // _BLOCK * _BLOCK for start in box[:2])
    right, bottom = (min(length, -(-end // _BLOCK) * _BLOCK) for end, length in zip(box[2:], size, strict=True))
    return left, top, right, bottom


def stored_box(box: tuple[int, int, int, int], size: tuple[int, int], orientation: int) -> tuple[int, int, int, int]:
    """Where a box of the upright photo, ``size`` pixels, lies in the picture as stored."""
    x0, y0, x1, y1 = box
    width, height = size
    if orientation in _SIDEWAYS:
        x0, y0, x1, y1 = y0, x0, y1, x1
        width, height = height, width
    if orientation in _FROM_RIGHT:
        x0, x1 = width - x1, width - x0
    if orientation in _FROM_BOTTOM:
        y0, y1 = height - y1, height - y0
    return x0, y0, x1, y1
