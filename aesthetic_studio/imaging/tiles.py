"""Where to look closely: small tiles of the photo at its real resolution, gathered into one mosaic.

Looking at every pixel would cost more than decoding them. The preview tells where each part of the photo has its
finest structure (there sharpness shows) and where it is flattest (there noise shows).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from aesthetic_studio.imaging.arrays import FloatArray, NDArray, np
from aesthetic_studio.imaging.colour import flatten
from aesthetic_studio.records import FOCUS_GRID

STRUCTURE_TILE = 48
FLAT_TILE = 32
FLAT_TILES = 16
CLIPPED = (8.0, 247.0)
"""Grey levels beyond which a pixel is as good as black or burnt out."""

_EACH_CELL = np.arange(FOCUS_GRID**2)
_BLOCK = 8
"""Both the side of a preview block that is looked for, and libjpeg's block, on which tiles are laid."""


@dataclass(frozen=True)
class Gradients:
    """The preview's luma gradients, summed over blocks: the entries of each block's structure tensor.

    Attributes:
        falling, rising, mixed: ``(rows, columns)`` sums of the squares of Roberts' two diagonal differences, and of
            their product. Turned onto the axes, ``xx + yy = (falling + rising) / 2``, ``xx - yy = mixed`` and
            ``xy = (falling - rising) / 4``.
        fine: ``(rows, columns)`` sums of the squares of second differences, which a defocused edge does not have.
        level: ``(rows, columns)`` mean grey levels.
        block: Side of a block in preview pixels; 8 but for tiny pictures.
        size: Width and height of the preview.
    """

    falling: FloatArray
    rising: FloatArray
    mixed: FloatArray
    fine: FloatArray
    level: FloatArray
    block: int
    size: tuple[int, int]

    @classmethod
    def of(cls, luma: Image.Image) -> Gradients:
        """Differentiate a preview's luma; one with fewer than 16 pixels along a side is enlarged first."""
        width, height = (max(2 * FOCUS_GRID, side) for side in luma.size)
        if (width, height) != luma.size:
            luma = luma.resize((width, height), Image.Resampling.BILINEAR)
        grey = np.asarray(luma, dtype=np.float32)
        block = max(1, min(_BLOCK, width // (2 * FOCUS_GRID), height // (2 * FOCUS_GRID)))
        rows, columns = (height - 1) // block, (width - 1) // block
        high, wide = rows * block, columns * block
        falling = grey[1 : high + 1, 1 : wide + 1] - grey[:high, :wide]
        rising = grey[:high, 1 : wide + 1] - grey[1 : high + 1, :wide]
        second = np.zeros_like(falling)
        np.subtract(falling[1:, 1:], falling[:-1, :-1], out=second[1:, 1:])

        def sums(one: FloatArray, other: FloatArray) -> FloatArray:
            shape = (rows, block, wide)
            columnwise: FloatArray = np.einsum("rbc,rbc->rc", one.reshape(shape), other.reshape(shape))
            per_block: FloatArray = columnwise.reshape(rows, columns, block).sum(axis=2)
            return per_block

        return cls(
            falling=sums(falling, falling),
            rising=sums(rising, rising),
            mixed=sums(falling, rising),
            fine=sums(second, second),
            level=np.asarray(luma.reduce(block), dtype=np.float32)[:rows, :columns],
            block=block,
            size=(width, height),
        )


@dataclass(frozen=True)
class Places:
    """Where tiles are cut, as centres x, y in 0..1 of width and height.

    Attributes:
        structure: ``(64, 2)`` the finest structure of each cell of the focus grid, row by row.
        flat: ``(16, 2)`` the flattest parts of the photo, the dark ones first: noise differs with the light.
    """

    structure: FloatArray
    flat: FloatArray


def find_places(gradients: Gradients) -> Places:
    """Find the finest block of each cell of the focus grid, and flat blocks of every brightness that the photo has."""
    rows, columns = gradients.fine.shape
    members, missing = _cells(rows, columns)
    fine = np.where(missing, np.float32(-1), gradients.fine.reshape(-1)[members])
    finest = members[_EACH_CELL, fine.argmax(axis=1)]
    energy = np.where(missing, np.float32(np.inf), (gradients.falling + gradients.rising).reshape(-1)[members])
    least = energy.argmin(axis=1)
    flattest, energy = members[_EACH_CELL, least], energy[_EACH_CELL, least]
    level = gradients.level.reshape(-1)[flattest]
    by_level = level.argsort().reshape(FLAT_TILES, -1)
    # Where the sensor was saturated or saw nothing there is no noise to be seen either.
    usable = energy + ((level < CLIPPED[0]) | (level > CLIPPED[1])) * np.float32(1e9)
    chosen = by_level[np.arange(FLAT_TILES), usable[by_level].argmin(axis=1)]
    scale = np.array([gradients.block / gradients.size[0], gradients.block / gradients.size[1]], np.float32)
    return Places(
        *(
            (np.stack([blocks % columns, blocks // columns], axis=1) + np.float32(0.5)) * scale
            for blocks in (finest, flattest[chosen])
        )
    )


@lru_cache(maxsize=64)
def _cells(rows: int, columns: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """List the blocks of each cell by index, ``(64, most)``, and say which of them only fill up."""
    spans = [(_span(cell // FOCUS_GRID, rows), _span(cell % FOCUS_GRID, columns)) for cell in range(FOCUS_GRID**2)]
    lists = [
        [row * columns + column for row in range(*vertical) for column in range(*across)] for vertical, across in spans
    ]
    most = max(map(len, lists))
    members = np.array([blocks + blocks[:1] * (most - len(blocks)) for blocks in lists], np.intp)
    missing = np.array([[False] * len(blocks) + [True] * (most - len(blocks)) for blocks in lists])
    return members, missing


def cut_mosaic(image: Image.Image, places: FloatArray, side: int) -> FloatArray:
    """Luma of one tile a place, eight in a row: ``(places / 8 · side, 8 · side)`` grey levels.

    ``side`` is a multiple of 8, and tiles lie on libjpeg's grid of 8 pixels. A picture too small for such tiles is
    enlarged first, so that there always are some.
    """
    width, height = image.size
    if min(width, height) < side:
        width, height = max(width, side), max(height, side)
        image = image.resize((width, height), Image.Resampling.NEAREST)
    mosaic = Image.new(image.mode, (FOCUS_GRID * side, len(places) // FOCUS_GRID * side))
    lefts = _on_grid(places[:, 0], width, side)
    tops = _on_grid(places[:, 1], height, side)
    for index, (left, top) in enumerate(zip(lefts, tops, strict=True)):
        tile = image.crop((left, top, left + side, top + side))
        mosaic.paste(tile, (index % FOCUS_GRID * side, index // FOCUS_GRID * side))
    mosaic = flatten(mosaic)
    if mosaic.mode == "CMYK":
        mosaic = mosaic.convert("RGB")
    return np.asarray(mosaic.convert("L"), dtype=np.float32)


def tile_side(image: Image.Image, side: int) -> int:
    """Choose the side of tiles for a picture: ``side``, or less, but 16 at least, where the picture is small."""
    return max(2 * _BLOCK, min(side, min(image.size) // _BLOCK * _BLOCK))


def per_tile(mosaic: FloatArray) -> FloatArray:
    """Average over each tile of a mosaic, row by row."""
    side = mosaic.shape[1] // FOCUS_GRID
    sums: FloatArray = np.einsum("iajb->ij", mosaic.reshape(-1, side, FOCUS_GRID, side))
    return sums.reshape(-1) / np.float32(side * side)


def _span(cell: int, blocks: int) -> tuple[int, int]:
    start = cell * blocks // FOCUS_GRID
    return start, max(start + 1, (cell + 1) * blocks // FOCUS_GRID)


def _on_grid(centres: FloatArray, length: int, side: int) -> list[int]:
    starts = np.clip(centres * length - side / 2, 0, length - side).astype(np.int32) // _BLOCK * _BLOCK
    return [int(start) for start in starts]
