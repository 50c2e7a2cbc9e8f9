"""How sharp, how smeared, how noisy: from tiles at the real resolution.

Acutance is told by how the energy of gradients falls from one octave to the next coarser. Over a sharp edge the mean
squared difference between neighbours doubles when pixels are binned two by two; over a smooth ramp it grows
fourfold. That ratio knows neither contrast nor exposure, falls with every blur, and is asked over three octaves so
that a heavily blurred frame can still be told from a hopeless one. White noise adds a known amount to each octave,
which is taken away first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from aesthetic_studio.imaging.arrays import FloatArray, np
from aesthetic_studio.imaging.tiles import per_tile
from aesthetic_studio.records import FOCUS_GRID

_BINS = (1, 2, 4, 8)
_OCTAVE_WEIGHTS = np.array([0.5, 0.3, 0.2], np.float32)
_SMOOTH_RATIO = 0.25
"""Gradient energy of a smooth ramp, over that one octave coarser."""
_LEAST_STRUCTURE = 1.0
"""Squared grey levels of gradient energy below which a tile has nothing to be sharp."""
_RELATIVE_STRUCTURE = 0.05
"""A tile with this share of the photo's strongest structure is believed half."""
_EDGE_OF_FRAME = 0.2
"""By how much less a region at the corners counts than one in the middle."""
_FEW_TILES = 0.3
_ISOTROPY_PRIOR = 0.15
"""Share of the whole gradient energy that a direction is given for free, so that a texture which simply has no
structure along one direction is not taken for one that lost it."""
_NATURAL_ANISOTROPY = 0.25
_CLIPPED = (8.0, 247.0)


@dataclass(frozen=True)
class Octave:
    """Gradient energies of every tile at one binning: the entries of its structure tensor, noise taken away.

    Attributes:
        xx, yy, xy: ``(64,)`` mean products of the gradients along rows and columns.
    """

    xx: FloatArray
    yy: FloatArray
    xy: FloatArray

    @property
    def energy(self) -> FloatArray:
        """The whole gradient energy, ``(64,)``."""
        return self.xx + self.yy


def noise_sigma(mosaic: FloatArray) -> float:
    """Standard deviation of the noise, in grey levels, from tiles cut where the photo is flattest.

    The mean absolute deviation of a high-pass that is blind to ramps (Immerkær, 1996, eq. 3), over the flattest
    quarter of the tiles that are not clipped.
    """
    means = per_tile(mosaic)
    rows = mosaic[:-2] - 2 * mosaic[1:-1] + mosaic[2:]
    high = np.zeros_like(mosaic)
    np.abs(rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:], out=high[1:-1, 1:-1])
    side = mosaic.shape[0] // FOCUS_GRID
    high *= _inside(side, 1)
    # The mask leaves out the border that straddles two tiles.
    deviation = per_tile(high) * (side / (side - 2)) ** 2
    usable = deviation[(means > _CLIPPED[0]) & (means < _CLIPPED[1])]
    if usable.size == 0:
        return 0.0
    usable.sort()
    return float(usable[: max(1, usable.size // 4)].mean()) * math.sqrt(math.pi / 2) / 6


def octaves(mosaic: FloatArray, sigma: float) -> list[Octave]:
    """Gradient energies of the tiles at bins of 1, 2, 4 and 8 pixels, with noise of ``sigma`` taken away."""
    found = []
    side = mosaic.shape[0] // FOCUS_GRID
    binned = mosaic
    for size in _BINS:
        if size > 1:
            rows = binned[0::2] + binned[1::2]
            binned = (rows[:, 0::2] + rows[:, 1::2]) * np.float32(0.25)
        found.append(_tensor(binned, side // size, 8 // size, 2 * (sigma / size) ** 2))
    return found


def tile_sharpness(found: list[Octave]) -> FloatArray:
    """Acutance of each tile, 0..1: 0 is a smooth ramp in every octave, 1/3 an ideal edge, more is finer texture."""
    sharpness = np.zeros(FOCUS_GRID**2, np.float32)
    for weight, fine, coarse in zip(_OCTAVE_WEIGHTS, found, found[1:], strict=False):
        ratio = np.maximum(fine.energy, 0) / np.maximum(coarse.energy, 1e-3)
        sharpness += weight * np.clip((ratio - _SMOOTH_RATIO) / (ratio + _SMOOTH_RATIO), 0, 1)
    return sharpness


def tile_confidence(found: list[Octave], sigma: float) -> FloatArray:
    """How far each tile's acutance can be believed, 0..1: by the structure it has beside the photo's strongest."""
    structure = np.maximum(found[-1].energy, 0)
    strongest = float(np.sort(structure)[-6:].mean())
    floor = _LEAST_STRUCTURE + 2 * (sigma / _BINS[-1]) ** 2 + _RELATIVE_STRUCTURE * strongest
    return structure / (structure + np.float32(floor))


def subject_sharpness(sharpness: FloatArray, confidence: FloatArray) -> float:
    """Acutance of the sharpest coherent region, 0..1: two by two neighbouring cells, the middle slightly preferred."""
    weights = confidence.reshape(FOCUS_GRID, FOCUS_GRID)
    weighted = weights * sharpness.reshape(FOCUS_GRID, FOCUS_GRID)
    region = _two_by_two(weighted) / (_two_by_two(weights) + np.float32(_FEW_TILES))
    return float((region * _centre_prior()).max())


def motion_smear(found: list[Octave], sharpness: FloatArray, confidence: FloatArray) -> float:
    """Share of fine gradient energy that is missing along one direction and there along another, 0..1.

    Directions are compared by what each keeps from the coarsest octave to the finest, not by what each has: stripes
    have nothing along their length at any scale. The least and the most kept are the generalised eigenvalues of the
    two octaves' structure tensors.
    """
    coarse, fine = found[-1], found[0]
    believed = confidence * sharpness / np.maximum(coarse.energy, 1e-3)
    total = float((believed * np.maximum(coarse.energy, 0)).sum())
    if total <= 1e-3:
        return 0.0
    a, b, c = (float((believed * part).sum()) / total for part in (fine.xx, fine.yy, fine.xy))
    d, e, f = (float((believed * part).sum()) / total for part in (coarse.xx, coarse.yy, coarse.xy))
    kept = max(a + b, 1e-6)
    prior = _ISOTROPY_PRIOR
    a, b = a + prior * kept, b + prior * kept
    d, e = d + prior, e + prior
    least, most = _generalised_eigenvalues(a, b, c, d, e, f)
    if most <= 0:
        return 0.0
    missing = 1 - max(0.0, least) / most
    return min(1.0, max(0.0, (missing - _NATURAL_ANISOTROPY) / (1 - _NATURAL_ANISOTROPY)))


def _generalised_eigenvalues(a: float, b: float, c: float, d: float, e: float, f: float) -> tuple[float, float]:
    """λ of ``[[a, c], [c, b]] v = λ [[d, f], [f, e]] v``, the smaller first."""
    determinant = d * e - f * f
    if determinant <= 0:
        return 0.0, 0.0
    half = (a * e + b * d - 2 * c * f) / (2 * determinant)
    product = (a * b - c * c) / determinant
    root = math.sqrt(max(0.0, half * half - product))
    return half - root, half + root


def _tensor(binned: FloatArray, side: int, block: int, noise: float) -> Octave:
    """Structure tensor of each tile; differences that straddle tiles, or libjpeg's blocks, are left out."""
    mask = _inside(side, 0, block if block > 2 else side)
    falling, rising = np.zeros_like(binned), np.zeros_like(binned)
    np.subtract(binned[1:, 1:], binned[:-1, :-1], out=falling[:-1, :-1])
    np.subtract(binned[:-1, 1:], binned[1:, :-1], out=rising[:-1, :-1])
    falling *= mask
    rising *= mask
    share = float(mask.mean())
    shape = (FOCUS_GRID, side, FOCUS_GRID, side)
    falling, rising = falling.reshape(shape), rising.reshape(shape)
    count = np.float32(max(1.0, share * side * side))
    p, q, r = (
        np.einsum("iajb,iajb->ij", one, other).reshape(-1) / count
        for one, other in ((falling, falling), (rising, rising), (falling, rising))
    )
    # p and q run along the diagonals: x = (p + q) / 2, y = (p - q) / 2.
    energy = (p + q) / 2 - np.float32(noise)
    return Octave(xx=energy / 2 + r / 2, yy=energy / 2 - r / 2, xy=(p - q) / 4)


@lru_cache(maxsize=32)
def _inside(side: int, before: int, block: int | None = None) -> FloatArray:
    """1 where a difference to the next (and ``before`` the previous) pixel stays within its block, else 0."""
    block = block or side
    line = np.ones(FOCUS_GRID * side, np.float32)
    line[block - 1 :: block] = 0
    if before:
        line[0::block] = 0
    return np.outer(line, line)


@lru_cache(maxsize=1)
def _centre_prior() -> FloatArray:
    middle = np.linspace(-1, 1, FOCUS_GRID - 1, dtype=np.float32)
    square = middle * middle
    return 1 - np.float32(_EDGE_OF_FRAME / 2) * (square[:, None] + square[None, :])


def _two_by_two(cells: FloatArray) -> FloatArray:
    return cells[:-1, :-1] + cells[:-1, 1:] + cells[1:, :-1] + cells[1:, 1:]
