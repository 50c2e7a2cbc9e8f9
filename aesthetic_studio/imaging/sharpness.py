"""How sharp, how smeared, how noisy: from tiles at the real resolution.

Acutance is told by how the energy of gradients falls from one octave to the next coarser. Over a sharp edge the mean
squared difference between neighbours doubles when pixels are binned two by two; over a smooth ramp it grows
fourfold. That ratio knows neither contrast nor exposure, falls with every blur, and is asked over three octaves so
that a heavily blurred frame can still be told from a hopeless one. White noise adds a known amount to each octave,
which is taken away first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from aesthetic_studio.imaging.arrays import FloatArray, np, scratch
from aesthetic_studio.imaging.tiles import CLIPPED, per_tile
from aesthetic_studio.records import FOCUS_GRID

if TYPE_CHECKING:
    from collections.abc import Sequence

_BINS = (1, 2, 4, 8)
_OCTAVE_WEIGHTS = np.array([0.5, 0.3, 0.2], np.float32)
_SMOOTH_RATIO = 0.25
"""Gradient energy of a smooth ramp, over that one octave coarser."""
_QUANTISATION = 1 / 6
"""Gradient energy of rounding to whole grey levels: no photo is less noisy."""
_NOISE_DOUBT = 0.3
"""Energy of this share of the noise's is believed half: a noise that was measured elsewhere is taken away inexactly."""
_LEAST_STRUCTURE = 1.0
"""Squared grey levels of gradient energy below which a tile has nothing to be sharp."""
_RELATIVE_STRUCTURE = 0.05
"""A tile with this share of the photo's strongest structure is believed half."""
_EDGE_OF_FRAME = 0.2
"""By how much less a region at the corners counts than one in the middle."""
_FEW_TILES = 0.3
_ONE_DIRECTION = 0.1
"""Ridge of the fit over directions, as a share of all tiles."""
_NATURAL_ANISOTROPY = 0.15
"""What sharp photos of fields, façades and waves show without any smear."""
_HOPELESS = 0.05
"""Acutance so low that its direction tells nothing any more."""
_ONE_EACH = np.ones(FOCUS_GRID**2, np.float32)
_EACH_TILE = np.arange(FOCUS_GRID**2)


@dataclass(frozen=True)
class Octave:
    """Gradient energies of every tile at one binning: the entries of its structure tensor, in squared grey levels.

    Attributes:
        xx, yy, xy: Mean products of the gradients along rows and columns, noise included; one number a tile.
        noise: How much of ``xx + yy`` is noise.
    """

    xx: FloatArray
    yy: FloatArray
    xy: FloatArray
    noise: FloatArray | float = 0.0

    @property
    def energy(self) -> FloatArray:
        """The picture's own gradient energy."""
        energy: FloatArray = np.maximum(self.xx + self.yy - self.noise, 0)
        return energy


def noise_sigma(flat: FloatArray) -> float:
    """Estimate the standard deviation of the noise, in grey levels, from tiles cut where the photo is flattest.

    The mean absolute deviation of a high-pass that is blind to ramps (Immerkær, 1996, eq. 3): the lower quartile over
    the tiles that are not clipped, as a flat tile may still hold some texture.
    """
    side = flat.shape[1] // FOCUS_GRID
    tiles = flat.reshape(-1, side, FOCUS_GRID, side)
    rows = tiles[:, :-2] - 2 * tiles[:, 1:-1] + tiles[:, 2:]
    deviation = np.abs(rows[..., :-2] - 2 * rows[..., 1:-1] + rows[..., 2:]).mean(axis=(1, 3)).reshape(-1)
    level = per_tile(flat)
    usable = np.sort(deviation[(level >= CLIPPED[0]) & (level <= CLIPPED[1])])
    return float(usable[usable.size // 4]) * math.sqrt(math.pi / 2) / 6 if usable.size else 0.0


def octaves(mosaic: FloatArray, flat: FloatArray | None = None) -> list[Octave]:
    """Gradient energies of a mosaic's tiles at bins of 1, 2, 4 and 8 pixels.

    With ``flat``, a mosaic of flat tiles, the energy of the noise is taken away: that of the quietest of the three
    flat tiles nearest in brightness, as measured in each octave (a camera's noise is not white).
    """
    found = []
    side = mosaic.shape[1] // FOCUS_GRID
    noises: list[FloatArray] = _noise_energies(mosaic, flat) if flat is not None else []
    binned = mosaic
    for index, size in enumerate(_BINS):
        if size > 1:
            rows = scratch.get("pairs", binned.shape[0] // 2, binned.shape[1])
            np.add(binned[0::2], binned[1::2], out=rows)
            binned = (rows[:, 0::2] + rows[:, 1::2]) * np.float32(0.25)
        octave = _tensor(binned, side // size, 8 // size)
        found.append(replace(octave, noise=noises[index]) if noises else octave)
    return found


def _noise_energies(mosaic: FloatArray, flat: FloatArray) -> list[FloatArray]:
    """Look up the noise's gradient energy in each octave, ``(64,)``, for each tile's brightness."""
    levels = per_tile(flat)
    energies = [octave.energy for octave in octaves(flat)]
    nearest = np.abs(per_tile(mosaic)[:, None] - levels[None, :]).argsort(axis=1)[:, :3]
    quietest = nearest[_EACH_TILE, energies[0][nearest].argmin(axis=1)]
    finest = energies[0][quietest]
    # Noise falls by 4 an octave if white and by 2 if smeared by a denoiser; what falls less is the picture itself.
    return [
        np.maximum(np.minimum(energy[quietest], finest / size), _QUANTISATION / size**2)
        for size, energy in zip(_BINS, energies, strict=True)
    ]


def tile_sharpness(found: list[Octave]) -> FloatArray:
    """Acutance of each tile, 0..1: 0 is a smooth ramp in every octave, 1/3 an ideal edge, more is finer texture."""
    return _acutance([octave.energy for octave in found], [octave.noise for octave in found])


def _acutance(energies: Sequence[FloatArray], noises: Sequence[FloatArray | float]) -> FloatArray:
    """Acutance from gradient energies in the octaves, noise taken away, and how much was taken."""
    sharpness = np.zeros(energies[0].shape, np.float32)
    for weight, fine, coarse, noise in zip(_OCTAVE_WEIGHTS, energies, energies[1:], noises, strict=False):
        ratio = fine / np.maximum(coarse, 1e-3)
        proven = fine / np.maximum(fine + _NOISE_DOUBT * noise, 1e-6)
        sharpness += weight * proven * np.clip((ratio - _SMOOTH_RATIO) / (ratio + _SMOOTH_RATIO), 0, 1)
    return sharpness


def tile_confidence(found: list[Octave]) -> FloatArray:
    """How far each tile's acutance can be believed, 0..1: by the structure it has beside the photo's strongest."""
    return _belief(found[-1].energy)


def _belief(structure: FloatArray) -> FloatArray:
    strongest = float(np.sort(structure)[-structure.size // 10 :].mean())
    return structure / (structure + np.float32(_LEAST_STRUCTURE + _RELATIVE_STRUCTURE * strongest))


def subject_sharpness(sharpness: FloatArray, confidence: FloatArray) -> float:
    """Acutance of the sharpest coherent region, 0..1: two by two neighbouring cells, the middle slightly preferred."""
    weights = confidence.reshape(FOCUS_GRID, FOCUS_GRID)
    weighted = weights * sharpness.reshape(FOCUS_GRID, FOCUS_GRID)
    region = _two_by_two(weighted) / (_two_by_two(weights) + np.float32(_FEW_TILES))
    return float((region * _centre_prior()).max())


def motion_smear(found: list[Octave]) -> float:
    """Share of the acutance that is missing along one direction beside the direction across it, 0..1.

    Each tile tells the acutance along its strongest gradient and across that. A smear takes it from whatever edges
    stand against it, all over the photo: fitted as ``a + b·cos 2φ + c·sin 2φ`` over the directions φ, it shows as an
    amplitude. Stripes are not taken for a smear, as directions without structure have no say.
    """
    coarse = found[-1]
    along = np.arctan2(2 * coarse.xy, coarse.xx - coarse.yy) / 2
    doubled = 2 * np.concatenate([along, along + np.float32(math.pi / 2)])
    cosine, sine = np.cos(doubled).astype(np.float32), np.sin(doubled).astype(np.float32)
    energies: list[FloatArray] = []
    noises: list[FloatArray] = []
    for octave in found:
        total, difference, mixed, noise = (
            np.concatenate([part, part])
            for part in (octave.xx + octave.yy, octave.xx - octave.yy, 2 * octave.xy, octave.noise * _ONE_EACH)
        )
        energy = np.maximum((total + difference * cosine + mixed * sine - noise) / 2, 0)
        energies.append(energy.astype(np.float32))
        noises.append((noise / 2).astype(np.float32))
    acutance = _acutance(energies, noises)
    weights = _belief(energies[-1])
    everything = float(weights.sum())
    if everything < _FEW_TILES:
        return 0.0
    # Weighted least squares of three unknowns; the ridge keeps a photo with edges in one direction only at zero.
    basis = np.stack([np.ones_like(cosine), cosine, sine])
    normal = (basis[:, None] * basis[None] * weights).sum(axis=2)
    normal[1, 1] += _ONE_DIRECTION * everything
    normal[2, 2] += _ONE_DIRECTION * everything
    mean, *waves = (float(value) for value in np.linalg.solve(normal, (basis * weights * acutance).sum(axis=1)))
    amplitude = math.hypot(*waves)
    missing = 2 * amplitude / (max(mean, 0.0) + amplitude + _HOPELESS)
    return min(1.0, max(0.0, (missing - _NATURAL_ANISOTROPY) / (1 - _NATURAL_ANISOTROPY)))


def _tensor(binned: FloatArray, side: int, block: int) -> Octave:
    """Structure tensor of each tile; differences that straddle tiles, or libjpeg's blocks, are left out."""
    period = block if block > 2 else side
    falling, rising = (scratch.get(name, *binned.shape) for name in ("falling", "rising"))
    np.subtract(binned[1:, 1:], binned[:-1, :-1], out=falling[:-1, :-1])
    np.subtract(binned[:-1, 1:], binned[1:, :-1], out=rising[:-1, :-1])
    for differences in (falling, rising):
        differences[period - 1 :: period] = 0
        differences[:, period - 1 :: period] = 0
    shape = (-1, side, FOCUS_GRID, side)
    falling, rising = falling.reshape(shape), rising.reshape(shape)
    count = np.float32((side * (period - 1) // period) ** 2)
    p, q, r = (
        np.einsum("iajb,iajb->ij", one, other).reshape(-1) / count
        for one, other in ((falling, falling), (rising, rising), (falling, rising))
    )
    # p and q run along the diagonals: x = (p + q) / 2, y = (p - q) / 2.
    energy = (p + q) / 2
    return Octave(xx=(energy + r) / 2, yy=(energy - r) / 2, xy=(p - q) / 4)


@lru_cache(maxsize=1)
def _centre_prior() -> FloatArray:
    middle = np.linspace(-1, 1, FOCUS_GRID - 1, dtype=np.float32)
    square = middle * middle
    return 1 - np.float32(_EDGE_OF_FRAME / 2) * (square[:, None] + square[None, :])


def _two_by_two(cells: FloatArray) -> FloatArray:
    return cells[:-1, :-1] + cells[:-1, 1:] + cells[1:, :-1] + cells[1:, 1:]
