"""Where to look closely: small tiles of the photo at its real resolution, gathered into one mosaic.

Looking at every pixel would cost more than decoding them. The preview tells where each part of the photo has its
finest structure (there sharpness shows) and where it is flattest (there noise shows).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from aesthetic_studio.imaging.arrays import FloatArray, NDArray, np, scratch
from aesthetic_studio.imaging.colour import flatten
from aesthetic_studio.records import FOCUS_GRID

STRUCTURE_TILE = 48
FLAT_TILE = 32
FLAT_TILES = 16
_PLAIN_EDGES = 0.02
CLIPPED = (8.0, 247.0)
"""Grey levels beyond which a pixel is as good as black or burnt out."""

_EACH_CELL = np.arange(FOCUS_GRID**2)
_BLOCK = 8
"""Both the side of a preview block that is looked for, and libjpeg's block, on which tiles are laid."""


@dataclass(frozen=True)
class Gradients:
    """The preview's luma gradients, summed over blocks: the entries of each block's structure tensor.

    Attributes:
        falling, rising, mixed: ``(rows, columns)`` sums of the squares of the two diagonal differences, and of
            their product. Turned onto the axes, ``xx + yy = (falling + rising) / 2``, ``xx - yy = mixed`` and
            ``xy = (falling - rising) / 4``.
        corner: ``(rows, columns)`` sums of the squares of the mixed second difference, which neither a defocused edge
            nor a straight one along an axis has.
        level: ``(rows, columns)`` mean grey levels.
        block: Side of a block in preview pixels; 8 but for tiny pictures.
        size: Width and height of the preview.
    """

    falling: FloatArray
    rising: FloatArray
    mixed: FloatArray
    corner: FloatArray
    level: FloatArray
    block: int
    size: tuple[int, int]

    @classmethod
    def of(cls, luma: Image.Image) -> Gradients:
        """Differentiate a preview's luma; one with fewer than 16 pixels along a side is enlarged first."""
        width, height = (max(2 * FOCUS_GRID, side) for side in luma.size)
        if (width, height) != luma.size:
            luma = luma.resize((width, height), Image.Resampling.BILINEAR)
        block = max(1, min(_BLOCK, width // (2 * FOCUS_GRID), height // (2 * FOCUS_GRID)))
        # Lines are long: half the resolution tells their angle as well, at a quarter of the cost.
        halves = 2 if block == _BLOCK else 1
        coarse = luma.reduce(2) if halves == 2 else luma
        part = block // halves
        rows, columns = (coarse.height - 2) // part, (coarse.width - 2) // part
        falling, rising = _sobel(coarse, rows * part, columns * part)
        corner = _mixed_second(luma, rows * block, columns * block)
        return cls(
            falling=_block_sums(falling, falling, part),
            rising=_block_sums(rising, rising, part),
            mixed=_block_sums(falling, rising, part),
            corner=_block_sums(corner, corner, block),
            level=np.asarray(luma.reduce(block), dtype=np.float32)[:rows, :columns],
            block=block,
            size=(width, height),
        )


def _sobel(luma: Image.Image, high: int, wide: int) -> tuple[FloatArray, FloatArray]:
    """Diagonal differences of two-by-two means, which tell the angle of a sharp edge better than bare ones."""
    grey = scratch.get("grey", luma.height, luma.width)
    grey[:] = np.asarray(luma)
    pairs = np.add(grey[:-1], grey[1:], out=scratch.get("pairs", luma.height - 1, luma.width))
    mean = np.add(pairs[:, :-1], pairs[:, 1:], out=scratch.get("mean", luma.height - 1, luma.width - 1))
    mean *= np.float32(0.25)
    falling, rising = scratch.get("falling", high, wide), scratch.get("rising", high, wide)
    np.subtract(mean[1 : high + 1, 1 : wide + 1], mean[:high, :wide], out=falling)
    np.subtract(mean[:high, 1 : wide + 1], mean[1 : high + 1, :wide], out=rising)
    return falling, rising


def _mixed_second(luma: Image.Image, high: int, wide: int) -> FloatArray:
    grey = scratch.get("grey", luma.height, luma.width)
    grey[:] = np.asarray(luma)
    across = scratch.get("pairs", high + 1, wide)
    np.subtract(grey[: high + 1, 1 : wide + 1], grey[: high + 1, :wide], out=across)
    return np.subtract(across[1:], across[:-1], out=scratch.get("corner", high, wide))


def _block_sums(one: FloatArray, other: FloatArray, block: int) -> FloatArray:
    """Sums of products over ``block × block`` squares."""
    high, wide = one.shape
    shape = (high // block, block, wide)
    columnwise: FloatArray = np.einsum("rbc,rbc->rc", one.reshape(shape), other.reshape(shape))
    sums: FloatArray = columnwise.reshape(high // block, wide // block, block).sum(axis=2)
    return sums


@dataclass(frozen=True)
class Places:
    """Where tiles are cut, as centres x, y in 0..1 of width and height.

    Attributes:
        structure: ``(64, 2)`` the finest structure of each cell of the focus grid, row by row.
        flat: ``(16, 2)`` the flattest parts of the photo, the dark ones first: noise differs with the light.
    """

    structure: FloatArray
    flat: FloatArray


def find_places(gradients: Gradients, photo_size: tuple[int, int]) -> Places:
    """Find the finest block of each cell of the focus grid, and flat blocks of every brightness that the photo has.

    Args:
        gradients: Those of the preview.
        photo_size: Width and height of the photo from which tiles will be cut.
    """
    edges = gradients.falling + gradients.rising
    rows, columns = edges.shape
    members, missing = _cells(rows, columns)
    # Corners and texture first: they tell of both directions, where a straight edge tells of one.
    fine = gradients.corner + np.float32(_PLAIN_EDGES) * edges
    finest = members[_EACH_CELL, np.where(missing, np.float32(-1), fine.reshape(-1)[members]).argmax(axis=1)]
    # What must be flat is all that a tile will cover: many blocks in a small photo, a part of one in a large one.
    covered = FLAT_TILE * max(gradients.size) / (max(photo_size) * gradients.block)
    around = _sums_around(edges, 2 * round(covered / 2) + 1)
    energy = np.where(missing, np.float32(np.inf), around.reshape(-1)[members])
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


def _sums_around(blocks: FloatArray, side: int) -> FloatArray:
    """Sum the ``side × side`` blocks around each; beyond the frame its edge goes on."""
    if side == 1:
        return blocks
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(blocks, side // 2, mode="edge"), (side, side))
    sums: FloatArray = windows.sum(axis=(2, 3))
    return sums


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
