"""Where to look closely: small tiles of the photo at its real resolution, gathered into one mosaic.

Looking at every pixel would cost more than decoding them. The preview tells where each part of the photo has its
finest structure (there sharpness shows) and where it is flattest (there noise shows).
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from aesthetic_studio.imaging.arrays import FloatArray, NDArray, np
from aesthetic_studio.imaging.colour import flatten
from aesthetic_studio.records import FOCUS_GRID

STRUCTURE_TILE = 64
FLAT_TILE = 32
_BLOCK = 8
"""Both the side of a preview block that is looked for, and libjpeg's block, on which tiles are laid."""


@dataclass(frozen=True)
class Gradients:
    """The preview's luma gradients.

    Attributes:
        x: Along rows, ``(H-1, W-1)``, a grey level a pixel.
        y: Along columns.
        size: Width and height of the preview.
    """

    x: FloatArray
    y: FloatArray
    size: tuple[int, int]

    @classmethod
    def of(cls, luma: Image.Image) -> Gradients:
        """Roberts' diagonal differences, turned onto the axes."""
        width, height = (max(2 * FOCUS_GRID, side) for side in luma.size)
        if (width, height) != luma.size:
            luma = luma.resize((width, height), Image.Resampling.BILINEAR)
        grey = np.asarray(luma, dtype=np.float32)
        falling = grey[1:, 1:] - grey[:-1, :-1]
        rising = grey[:-1, 1:] - grey[1:, :-1]
        return cls((falling + rising) / 2, (falling - rising) / 2, (width, height))


@dataclass(frozen=True)
class Places:
    """Where tiles are cut, one for each cell of the focus grid, row by row.

    Attributes:
        structure: ``(64, 2)`` centres x, y of each cell's finest structure, 0..1 of width and height.
        flat: The same for each cell's flattest part.
    """

    structure: FloatArray
    flat: FloatArray


def find_places(gradients: Gradients) -> Places:
    """The finest and the flattest block of each cell of the focus grid."""
    width, height = gradients.size
    block = max(1, min(_BLOCK, width // (2 * FOCUS_GRID), height // (2 * FOCUS_GRID)))
    rows, columns = (height - 1) // block, (width - 1) // block
    energy = block_sums(gradients.x * gradients.x + gradients.y * gradients.y, block)
    structure, flat = np.empty((FOCUS_GRID**2, 2), np.float32), np.empty((FOCUS_GRID**2, 2), np.float32)
    for cell in range(FOCUS_GRID**2):
        top, bottom = _span(cell // FOCUS_GRID, rows)
        left, right = _span(cell % FOCUS_GRID, columns)
        part = energy[top:bottom, left:right]
        for places, index in ((structure, int(part.argmax())), (flat, int(part.argmin()))):
            row, column = divmod(index, right - left)
            places[cell] = (left + column + 0.5) * block / width, (top + row + 0.5) * block / height
    return Places(structure, flat)


def block_sums(values: FloatArray, block: int) -> FloatArray:
    """Sums over whole ``block × block`` squares; what is left over at the edges is left out."""
    rows, columns = values.shape[0] // block, values.shape[1] // block
    cut = values[: rows * block, : columns * block].reshape(rows, block, columns * block)
    sums: FloatArray = np.einsum("rbc->rc", cut).reshape(rows, columns, block).sum(axis=2)
    return sums


def cut_mosaic(image: Image.Image, places: FloatArray, side: int) -> FloatArray:
    """Luma of one tile a place, ``(8·side, 8·side)`` grey levels; tiles lie on libjpeg's 8-pixel grid.

    ``side`` is a multiple of 8. A picture too small for such tiles is enlarged first, so that there always are some.
    """
    width, height = image.size
    if min(width, height) < side:
        width, height = max(width, side), max(height, side)
        image = image.resize((width, height), Image.Resampling.NEAREST)
    mosaic = Image.new(image.mode, (FOCUS_GRID * side, FOCUS_GRID * side))
    lefts = _on_grid(places[:, 0], width, side)
    tops = _on_grid(places[:, 1], height, side)
    for cell, (left, top) in enumerate(zip(lefts, tops, strict=True)):
        tile = image.crop((left, top, left + side, top + side))
        mosaic.paste(tile, (cell % FOCUS_GRID * side, cell // FOCUS_GRID * side))
    mosaic = flatten(mosaic)
    if mosaic.mode == "CMYK":
        mosaic = mosaic.convert("RGB")
    return np.asarray(mosaic.convert("L"), dtype=np.float32)


def tile_side(image: Image.Image, side: int) -> int:
    """The side of tiles for a picture: ``side``, or less where the picture is small; a multiple of 8."""
    return max(_BLOCK, min(side, min(image.size) // _BLOCK * _BLOCK))


def per_tile(mosaic: FloatArray) -> FloatArray:
    """Means over each tile of a mosaic, ``(64,)``."""
    side = mosaic.shape[0] // FOCUS_GRID
    sums: FloatArray = np.einsum("iajb->ij", mosaic.reshape(FOCUS_GRID, side, FOCUS_GRID, side))
    return sums.reshape(-1) / np.float32(side * side)


def _span(cell: int, blocks: int) -> tuple[int, int]:
    start = cell * blocks // FOCUS_GRID
    return start, max(start + 1, (cell + 1) * blocks // FOCUS_GRID)


def _on_grid(centres: FloatArray, length: int, side: int) -> list[int]:
    starts: NDArray[np.float32] = np.clip(centres * length - side / 2, 0, length - side)
    return (starts.astype(np.int32) // _BLOCK * _BLOCK).tolist()
