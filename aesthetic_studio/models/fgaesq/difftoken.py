"""DiffToken: a photo of any size becomes one sequence of tokens, fine where it matters and coarse elsewhere.

    photo ─▶ 32×32 blocks ─┬─ chosen ones ──▶ four 16×16 patches each, at native resolution (scale 1)
                           └─ all others ───▶ one 16×16 patch each, shrunk (scale 0)

For a single photo the fine blocks are drawn at random; for a pair, from where the two photos differ (arXiv 2603.03907).
The released code's quirks are named a–h as this project's notes do; ``parity=True`` has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from aesthetic_studio.models.fgaesq.config import CLIP_MEAN, CLIP_STD, DiffTokenConfig
from aesthetic_studio.models.fgaesq.pairing import Size, align, importance, importance_in_order, limited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

COARSE, FINE, PADDING = 0, 1, 9
"""Ids of scales, as released."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One photo as a sequence; slot 0 is kept for CLS."""

    patches: Tensor
    """(L, 3, P, P), normalised; zeros in slot 0 and in padding."""
    scales: Tensor
    """(L,): 0 coarse or plain, 1 fine, 9 padding."""
    rows: Tensor
    """(L, G): weights over the rows of CLIP's grid of positions; zeros in slot 0 and in padding."""
    columns: Tensor
    """(L, G): the same for its columns."""
    cells: Tensor
    """(L, 2): row and column of the pixels in their own scale's grid; −1 in slot 0 and in padding."""

    @property
    def count(self) -> int:
        """Tokens that are no padding, the CLS slot among them."""
        return int((self.scales != PADDING).sum())


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Sequences side by side, what ``FGAesQ.judge`` reads. Shapes as in ``Tokens`` with a leading B."""

    patches: Tensor
    scales: Tensor
    rows: Tensor
    columns: Tensor

    @classmethod
    def of(cls, sequences: Sequence[Tokens]) -> TokenBatch:
        """Put sequences together."""
        return cls(
            torch.stack([tokens.patches for tokens in sequences]),
            torch.stack([tokens.scales for tokens in sequences]),
            torch.stack([tokens.rows for tokens in sequences]),
            torch.stack([tokens.columns for tokens in sequences]),
        )

    def __len__(self) -> int:
        return len(self.patches)

    def to(self, device: torch.device | str) -> TokenBatch:
        """The same on a device."""
        return TokenBatch(
            self.patches.to(device), self.scales.to(device), self.rows.to(device), self.columns.to(device)
        )


@dataclass(frozen=True, slots=True)
class _Layout:
    """Tokens of one photo before any pixel is cut, CLS and padding not among them."""

    scales: NDArray[np.int64]
    cells: NDArray[np.int64]
    """(N, 2): where the pixels are."""
    places: NDArray[np.int64]
    """(N, 2): where the position embedding says they are; the same cells, but for quirk a."""

    def keep(self, chosen: NDArray[np.int64]) -> _Layout:
        return _Layout(self.scales[chosen], self.cells[chosen], self.places[chosen])


class DiffToken:
    """Cuts photos into tokens.

    Args:
        config: Sizes and numbers.
        parity: Do as the released code does: a — positions of fine tokens in raster order although the tokens come
            block by block; b — when tokens are dropped, those whose place in the sequence equals a fine block's number
            are spared instead of the fine tokens; c — a single photo is drawn anew each time unless a seed is given;
            e — no limit of size; h — blocks of a pair are compared in the order in which they come, although the
            photos may differ in width. The default does what was meant: d, dropped tokens of large photos, is
            the method itself, softened by ``max_pixels``.

    Which of its generators the released code asks in which order is not known, so the same seed draws other blocks
    here; each draw has the same distribution. Both photos of a pair draw alike, so that those of one size keep the same
    tokens, and blocks of the same importance are ranked by lot: this project's choices.
    """

    def __init__(self, config: DiffTokenConfig | None = None, *, parity: bool = False) -> None:
        self.config = config or DiffTokenConfig()
        self.parity = parity

    def single(self, photo: NDArray[np.uint8], seed: int | None = None) -> Tokens:
        """Tokens of one photo (H, W, 3), sRGB, at its own resolution and aspect.

        Without a ``seed`` it is 0, or in parity a new one each time.
        """
        generator = torch.Generator()
        if seed is None and self.parity:
            generator.seed()
        else:
            generator.manual_seed(seed or 0)
        checked(photo)
        if not self.parity:
            photo = limited(photo, self.config.max_pixels)
        if self.config.patches(*photo.shape[:2]) <= self.config.length:
            return self._plain(photo, generator)
        rows, columns = self._grid(photo.shape[:2])
        fine = torch.randperm(rows * columns, generator=generator)[: self.config.fine_blocks].numpy()
        layout = self._layout(rows, columns, fine)
        return self._cut(photo, self._dropped(layout, None, generator), (rows, columns))

    def pair(self, first: NDArray[np.uint8], second: NDArray[np.uint8], seed: int) -> tuple[Tokens, Tokens]:
        """Tokens of two photos (H, W, 3) of one series, fine where they differ.

        Raises ``KnownError`` for sizes that no common scale suits.
        """
        checked(first)
        checked(second)
        generator = torch.Generator().manual_seed(seed)
        by_width = bool(torch.randint(2, (1,), generator=generator))
        photos = align(first, second, self.config, by_width=by_width, parity=self.parity)
        sizes = [self._grid(photo.shape[:2]) for photo in photos]
        one, two = self._importances(photos, sizes, generator)
        draw = int(torch.randint(2**31, (1,), generator=generator))
        return (
            self._of_pair(photos[0], one, sizes[0], torch.Generator().manual_seed(draw)),
            self._of_pair(photos[1], two, sizes[1], torch.Generator().manual_seed(draw)),
        )

    def _of_pair(
        self, photo: NDArray[np.uint8], ranks: NDArray[np.float64], size: Size, generator: torch.Generator
    ) -> Tokens:
        count = max(1, int(len(ranks) * self.config.importance))
        by_lot = torch.randperm(len(ranks), generator=generator).numpy()
        candidates = by_lot[np.argsort(-ranks[by_lot], kind="stable")][:count]
        drawn = torch.randperm(count, generator=generator)[: self.config.fine_blocks].numpy()
        fine = candidates[drawn]
        layout = self._layout(*size, fine)
        # Places in the sequence, where slot 0 is CLS.
        protected = fine if self.parity else 1 + np.flatnonzero(layout.scales == FINE)
        return self._cut(photo, self._dropped(layout, protected, generator), size)

    def _importances(
        self, photos: Sequence[NDArray[np.uint8]], sizes: Sequence[Size], generator: torch.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """1 − SSIM of each photo's blocks, row by row; a lot where the other photo has no such block."""
        side = self.config.block
        rows = min(size[0] for size in sizes)
        compared = [
            self._whole_blocks(photo.astype(np.float32) / 255.0, size)[: rows * side]
            for photo, size in zip(photos, sizes, strict=True)
        ]
        found = []
        lots = torch.Generator().manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
        if self.parity:
            shared = importance_in_order(compared[0], compared[1], self.config)
            for height, width in sizes:
                ranks = torch.rand(height * width, generator=lots, dtype=torch.float64).numpy()
                ranks[: len(shared)] = shared
                found.append(ranks)
        else:
            columns = min(size[1] for size in sizes)
            first, second = (np.ascontiguousarray(part[:, : columns * side]) for part in compared)
            shared = importance(first, second, self.config)
            for height, width in sizes:
                ranks = torch.rand(height * width, generator=lots, dtype=torch.float64).numpy().reshape(height, width)
                ranks[:rows, :columns] = shared
                found.append(ranks.ravel())
        return found[0], found[1]

    def _grid(self, size: Size) -> Size:
        """Rows and columns of blocks: the rest of a photo is cropped, or else padded to a whole block.

        It is cropped where the padding would be larger than what it is padded to; a photo less than one block high or
        wide is always padded, for nothing would be left of it.
        """
        side = self.config.block
        rest = [length % side for length in size]
        lacking = [side - part if part else 1 for part in rest]
        present = [part or 1 for part in rest]
        crop = lacking[0] * lacking[1] > present[0] * present[1] and min(size) >= side
        rows, columns = (length // side if crop else -(-length // side) for length in size)
        return rows, columns

    def _whole_blocks(self, photo: NDArray[np.float32], size: Size) -> NDArray[np.float32]:
        """A photo (H, W, 3) cropped, or padded with zeros, to whole blocks."""
        return _fitted(photo, size[0] * self.config.block, size[1] * self.config.block)

    def _plain(self, photo: NDArray[np.uint8], generator: torch.Generator) -> Tokens:
        """Every patch of a photo that is small enough to be seen whole."""
        side = self.config.patch
        rows, columns = -(-photo.shape[0] // side), -(-photo.shape[1] // side)
        cells = _raster(rows, columns)
        layout = _Layout(np.full(len(cells), COARSE), cells, cells)
        layout = self._dropped(layout, None, generator)
        pixels = _fitted(_normalised(photo), rows * side, columns * side)
        patches = _tiles(torch.from_numpy(pixels), side)[layout.cells[:, 0], layout.cells[:, 1]]
        places = (
            position_weights(rows, self.config)[layout.places[:, 0]],
            position_weights(columns, self.config)[layout.places[:, 1]],
        )
        return self._padded(patches, layout, places)

    def _layout(self, rows: int, columns: int, fine: NDArray[np.int64]) -> _Layout:
        """All tokens: coarse blocks in ascending order, then fine blocks in ascending order, four patches each."""
        ratio = self.config.ratio
        is_fine = np.zeros(rows * columns, bool)
        is_fine[fine] = True
        blocks = _raster(rows, columns)
        coarse = blocks[~is_fine]
        within = _raster(ratio, ratio)
        patches = (blocks[is_fine][:, None, :] * ratio + within[None]).reshape(-1, 2)
        places = patches
        if self.parity:  # quirk a
            places = patches[np.lexsort((patches[:, 1], patches[:, 0]))]
        scales = np.concatenate([np.full(len(coarse), COARSE), np.full(len(patches), FINE)])
        return _Layout(scales, np.concatenate([coarse, patches]), np.concatenate([coarse, places]))

    def _dropped(self, layout: _Layout, protected: NDArray[np.int64] | None, generator: torch.Generator) -> _Layout:
        """At most as many tokens as the sequence holds beside CLS; ``protected`` places go only where all must."""
        room, count = self.config.length - 1, len(layout.scales)
        if count <= room:
            return layout
        order = torch.randperm(count, generator=generator).numpy()
        if protected is not None:
            spared = np.isin(order + 1, protected)
            order = np.concatenate([order[spared], order[~spared]])
        return layout.keep(np.sort(order[:room]))

    def _cut(self, photo: NDArray[np.uint8], layout: _Layout, size: Size) -> Tokens:
        """Cut the pixels of a photo's tokens."""
        config = self.config
        pixels = torch.from_numpy(self._whole_blocks(_normalised(photo), size))
        fine = layout.scales == FINE
        coarse_cells, fine_cells = layout.cells[~fine], layout.cells[fine]
        whole = _tiles(pixels, config.block)[coarse_cells[:, 0], coarse_cells[:, 1]]
        shrunk = torch.nn.functional.interpolate(
            whole, size=(config.patch, config.patch), mode="bicubic", align_corners=False
        )
        native = _tiles(pixels, config.patch)[fine_cells[:, 0], fine_cells[:, 1]]
        weights = []
        for axis, cells in enumerate(size):
            coarse = position_weights(cells, config)[layout.places[~fine][:, axis]]
            weights.append(
                torch.cat([coarse, position_weights(cells * config.ratio, config)[layout.places[fine][:, axis]]])
            )
        return self._padded(torch.cat([shrunk, native]), layout, (weights[0], weights[1]))

    def _padded(self, patches: Tensor, layout: _Layout, places: tuple[Tensor, Tensor]) -> Tokens:
        """The sequence with its CLS slot, filled up with padding."""
        length, count = self.config.length, len(layout.scales)
        used = slice(1, count + 1)
        side, grid = self.config.patch, self.config.grid
        all_patches = torch.zeros(length, 3, side, side)
        all_patches[used] = patches
        scales = torch.full((length,), PADDING)
        scales[0] = COARSE
        scales[used] = torch.from_numpy(layout.scales)
        rows, columns = torch.zeros(length, grid), torch.zeros(length, grid)
        rows[used], columns[used] = places
        cells = torch.full((length, 2), -1)
        cells[used] = torch.from_numpy(layout.cells)
        return Tokens(all_patches, scales, rows, columns, cells)


@lru_cache(maxsize=64)
def position_weights(cells: int, config: DiffTokenConfig) -> Tensor:
    """Weights (cells, G) that interpolate a grid of G positions to ``cells`` along one side.

    Bicubic, with scale factor ``(cells + 0.1) / G`` and not with the size, as released. Along the two sides the
    interpolation is a product, so whole grids of embeddings, of which few are needed, are never made.
    """
    one_hot = torch.eye(config.grid)[None, :, :, None]
    factor = (cells + config.position_offset) / config.grid
    spread = torch.nn.functional.interpolate(
        one_hot, scale_factor=(factor, 1.0), mode="bicubic", align_corners=False, recompute_scale_factor=False
    )
    return spread[0, :, :cells, 0].T.contiguous()


def checked(photo: NDArray[np.uint8]) -> None:
    """Raise ``ValueError`` for anything but pixels (H, W, 3), uint8, of at least one pixel."""
    if photo.ndim != 3 or photo.shape[2] != 3 or photo.dtype != np.uint8 or photo.size == 0:
        raise ValueError(f"a photo is (H, W, 3) uint8 and not empty; this is {photo.shape} {photo.dtype}")


def _normalised(photo: NDArray[np.uint8]) -> NDArray[np.float32]:
    scaled = photo.astype(np.float32) / 255.0
    mean, std = (np.array(values, dtype=np.float32) for values in (CLIP_MEAN, CLIP_STD))
    found: NDArray[np.float32] = ((scaled - mean) / std).astype(np.float32, copy=False)
    return found


def _fitted(photo: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """A photo (H, W, 3) of another size: cropped, or padded with zeros, at its right and lower edge."""
    inside = photo[:height, :width]
    if inside.shape[:2] == (height, width):
        return inside
    larger = np.zeros((height, width, 3), np.float32)
    larger[: inside.shape[0], : inside.shape[1]] = inside
    return larger


def _tiles(pixels: Tensor, side: int) -> Tensor:
    """A view (rows, columns, 3, side, side) of pixels (H, W, 3)."""
    return pixels.unfold(0, side, side).unfold(1, side, side)


def _raster(rows: int, columns: int) -> NDArray[np.int64]:
    """(rows · columns, 2): every cell, row by row."""
    return np.stack(np.divmod(np.arange(rows * columns), columns), axis=1)
