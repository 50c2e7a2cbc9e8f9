"""The preview: what the grid, the inspector and every model see of a photo."""

from __future__ import annotations

import io
import math
import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from PIL import Image

from aesthetic_studio.records import PREVIEW_LONG_SIDE

PREVIEW_QUALITY = 85
WORTH_SHARING = 500_000
"""Pixels from which on a picture is scaled in bands by several threads: less is done before the others have begun."""
_THREADS = max(1, min(4, os.cpu_count() or 1))
_others = ThreadPoolExecutor(max(1, _THREADS - 1), thread_name_prefix="scaling")

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def shrink(image: Image.Image, long_side: int = PREVIEW_LONG_SIDE) -> Image.Image:
    """Make a picture with ``long_side`` pixels at most; a smaller one stays as it is.

    Whole pixels are averaged first, which costs a third of a filter over all of them, and the filter does the rest.
    """
    width, height = image.size
    longest = max(width, height)
    if longest <= long_side:
        return image
    target = fitted_size(image.size, long_side)
    factor = longest // long_side
    if factor > 1:
        image = image.reduce((min(factor, width), min(factor, height)))
    return image if image.size == target else image.resize(target, Image.Resampling.HAMMING)


def for_screen(image: Image.Image, long_side: int) -> Image.Image:
    """As ``shrink``, with every edge where it is to a part of a pixel.

    ``shrink`` counts the last columns as full ones where they do not fill a whole average, by which it may stretch a
    picture a thousandth; that is a pixel on a screen, and nothing to a model, whose inputs stay as they were.
    """
    return scaled(image, fitted_size(image.size, long_side))


def fitted_size(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    """A width and height made smaller in one proportion, so that neither is above ``long_side``."""
    longest = max(size)
    if longest <= long_side:
        return size
    return max(1, round(size[0] * long_side / longest)), max(1, round(size[1] * long_side / longest))


def scaled(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    """A picture at a smaller size. Other Python threads run meanwhile."""
    if image.size == target:
        return image
    if image.mode == "RGB" and target[0] * target[1] >= WORTH_SHARING:
        return _in_bands(image, target)
    return image.resize(target, Image.Resampling.HAMMING, reducing_gap=1.0)


def _in_bands(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    """Resize in one band of rows for each thread: somebody waits for it, and nothing else goes on meanwhile.

    The bands meet without a seam: each looks beyond its box as far as the filter does, and whole pixels are averaged
    first, where the picture is to be less than half as large, on one raster for all of them.
    """
    width, rows = target
    across, down = max(1, image.width // width), max(1, image.height // rows)
    reach = 2 * math.ceil(image.height / rows) + down
    count = min(_THREADS, rows)
    bands = list(pairwise(rows * number // count for number in range(count + 1)))

    def scaled_band(top: int, bottom: int) -> Image.Image:
        above, below = top * image.height / rows, bottom * image.height / rows
        if across == down == 1:
            return image.resize((width, bottom - top), Image.Resampling.HAMMING, box=(0, above, image.width, below))
        start = max(0, math.floor(above) - reach) // down * down
        end = min(image.height, -(-(math.ceil(below) + reach) // down) * down)
        part = image.reduce((across, down), (0, start, image.width, end))
        box = (0, (above - start) / down, image.width / across, (below - start) / down)
        return part.resize((width, bottom - top), Image.Resampling.HAMMING, box=box)

    begun = [_others.submit(scaled_band, *band) for band in bands[1:]]
    scaled = Image.new("RGB", target)
    scaled.paste(scaled_band(*bands[0]), (0, 0))
    for (top, _), work in zip(bands[1:], begun, strict=True):
        scaled.paste(work.result(), (0, top))
    return scaled


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn and mirror as the Exif orientation 1..8 asks."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Width and height after ``upright``."""
    return (height, width) if orientation >= 5 else (width, height)


def encode(image: Image.Image) -> bytes:
    """Encode the preview as baseline JPEG bytes, some 40 kB."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=PREVIEW_QUALITY)
    return buffer.getvalue()


def decode(preview: bytes, long_side: int | None = None) -> Image.Image | None:
    """What ``encode`` made, with ``long_side`` pixels at most; ``None`` where it is no whole JPEG.

    libjpeg scales while it decodes, which is most of the work saved.
    """
    try:
        with Image.open(io.BytesIO(preview), formats=("JPEG",)) as opened:
            if long_side is not None and (longest := max(opened.size)) > long_side:
                width, height = (max(1, side * long_side // longest) for side in opened.size)
                opened.draft("RGB", (width, height))
            image = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return image if long_side is None else for_screen(image, long_side)
