"""Two photos of one series made comparable: the same scale, and how much they differ block by block."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from aesthetic_studio.errors import KnownError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aesthetic_studio.models.fgaesq.config import DiffTokenConfig

Size = tuple[int, int]
"""Height and width, pixels."""

SAFE_PIXELS = 256_000_000
"""No photo is enlarged beyond this, whatever the released code would do."""

LIKE_SCALES = 0.01
"""Scale factors that differ by no more than this are left as they are in parity."""

EXACTNESS = 5
"""Decimals of an importance. Rounding errors below it would order blocks that are equal."""


def align(
    first: NDArray[np.uint8], second: NDArray[np.uint8], config: DiffTokenConfig, *, by_width: bool, parity: bool
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Give two photos (H, W, 3) one scale, enlarged where they are too small for a full sequence.

    The smaller one takes the width (or height) of the larger. Both are then enlarged alike; without parity, both are
    shrunk alike to ``max_pixels``. Raises ``KnownError`` where sizes are so far apart that memory would not suffice.
    """
    photos = (first, second)
    sizes = [(photo.shape[0], photo.shape[1]) for photo in photos]
    axis = 1 if by_width else 0
    goal = max(size[axis] for size in sizes)
    aligned = [_scaled(size, goal / size[axis]) for size in sizes]
    factors = [_enlargement(size, config) for size in aligned]
    if not (parity and abs(factors[0] - factors[1]) <= LIKE_SCALES):
        factors = [max(factors)] * 2
    final = [_scaled(size, factor) for size, factor in zip(aligned, factors, strict=True)]
    largest = max(height * width for height, width in final)
    if not parity and largest > config.max_pixels:
        shrink = math.sqrt(config.max_pixels / largest)
        # In one step from the original: what lies between may be larger than any memory.
        aligned = final = [_scaled(size, shrink) for size in final]
    elif largest > SAFE_PIXELS:
        raise KnownError(
            f"Photos of {_words(sizes[0])} and {_words(sizes[1])} pixels cannot be compared at one scale.",
            "Compare photos of like sizes, or leave parity mode, which limits them.",
        )
    one, two = (resize(resize(photo, step), end) for photo, step, end in zip(photos, aligned, final, strict=True))
    return one, two


def importance(first: NDArray[np.float32], second: NDArray[np.float32], config: DiffTokenConfig) -> NDArray[np.float64]:
    """How much two photos of one size (H, W, 3), 0..1, differ in each block: (rows, columns), 0..1.

    ``1 − SSIM`` of each block by itself, averaged over colours. A window that lies within a block sees nothing else, so
    one map of the whole photo holds every block's.
    """
    from skimage.metrics import structural_similarity  # noqa: PLC0415 - takes half a second, for pairs alone

    side, edge = config.block, config.window // 2
    rows, columns = first.shape[0] // side, first.shape[1] // side
    _, similarity = structural_similarity(first, second, data_range=1.0, channel_axis=2, full=True)
    blocks = similarity.reshape(rows, side, columns, side, 3)[:, edge : side - edge, :, edge : side - edge]
    found: NDArray[np.float64] = np.clip(1.0 - blocks.mean(axis=(1, 3, 4), dtype=np.float64), 0.0, 1.0)
    return found.round(EXACTNESS)


def importance_in_order(
    first: NDArray[np.float32], second: NDArray[np.float32], config: DiffTokenConfig
) -> NDArray[np.float64]:
    """As ``importance`` but of blocks matched in the order in which they come, row by row: quirk h of the release.

    The photos (H, W, 3) may differ in width; the answer is as long as the shorter list of blocks.
    """
    from skimage.metrics import structural_similarity  # noqa: PLC0415 - as above

    pairs = zip(_blocks(first, config.block), _blocks(second, config.block), strict=False)
    found = [1.0 - structural_similarity(one, two, data_range=1.0, channel_axis=2) for one, two in pairs]
    clipped: NDArray[np.float64] = np.clip(np.asarray(found, np.float64), 0.0, 1.0)
    return clipped.round(EXACTNESS)


def resize(photo: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """A photo (H, W, 3) in another size, LANCZOS; the same photo where it has that size."""
    if photo.shape[:2] == size:
        return photo
    return np.asarray(Image.fromarray(photo).resize((size[1], size[0]), Image.Resampling.LANCZOS))


def limited(photo: NDArray[np.uint8], max_pixels: int) -> NDArray[np.uint8]:
    """A photo (H, W, 3) of at most so many pixels."""
    height, width = photo.shape[:2]
    if height * width <= max_pixels:
        return photo
    return resize(photo, _scaled((height, width), math.sqrt(max_pixels / (height * width))))


def _enlargement(size: Size, config: DiffTokenConfig) -> float:
    """By how much a photo must grow to fill a sequence."""
    patches = config.patches(*size)
    if patches > config.length:
        return 1.0
    return max(math.sqrt(config.length * config.spare / patches), config.min_side / min(size))


def _scaled(size: Size, factor: float) -> Size:
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _blocks(photo: NDArray[np.float32], side: int) -> list[NDArray[np.float32]]:
    height, width = photo.shape[:2]
    return [
        photo[top : top + side, left : left + side] for top in range(0, height, side) for left in range(0, width, side)
    ]


def _words(size: Size) -> str:
    return f"{size[1]}×{size[0]}"
