"""By how much a photo leans, from the lines it holds; nothing where no line tells."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from aesthetic_studio.imaging.arrays import FloatArray, np

if TYPE_CHECKING:
    from aesthetic_studio.imaging.tiles import Gradients

MAX_TILT = 15.0
_WINDOW = 22.0
"""Lines that lean by more say nothing about the horizon, yet belong to the floor the peak must rise from."""
_SQUARE = 16
"""Side in preview pixels of what votes; two by two blocks of the gradients."""
_STEP = 0.25
_LEAST_COHERENCE = 0.6
_LEAST_ENERGY, _STRONG_ENERGY = 8.0, 50.0
_NEAR_PEAK = 1.5
_LEAST_SHARE = 0.35
_LEAST_BLOCKS = 8.0


def tilt_degrees(gradients: Gradients) -> float:
    """Measure the lean of horizon or verticals in degrees, clockwise positive, −15..15; 0 where nothing tells.

    Each block of the preview that holds one straight edge votes, by its structure tensor, for the angle of that edge
    beside the nearer axis. A lean is believed where the votes agree on one angle.
    """
    if 2 * gradients.block != _SQUARE:
        return 0.0
    angles, weights = _votes(gradients)
    if weights.sum() < _LEAST_BLOCKS:
        return 0.0
    histogram, _ = np.histogram(angles, bins=round(2 * _WINDOW / _STEP), range=(-_WINDOW, _WINDOW), weights=weights)
    smooth = np.convolve(histogram, _kernel(), mode="same")
    peak = (int(smooth.argmax()) + 0.5) * _STEP - _WINDOW
    near = np.abs(angles - peak) <= _NEAR_PEAK
    agreeing = float(weights[near].sum())
    if agreeing < _LEAST_SHARE * float(weights.sum()) or agreeing < _LEAST_BLOCKS or abs(peak) > MAX_TILT:
        return 0.0
    return float((angles[near] * weights[near]).sum()) / agreeing


def _votes(gradients: Gradients) -> tuple[FloatArray, FloatArray]:
    """Angle beside the nearer axis and weight 0..1 of each square of the preview that holds one straight edge."""
    falling, rising, mixed = (_two_by_two(sums) for sums in (gradients.falling, gradients.rising, gradients.mixed))
    energy, difference, twice_xy = (falling + rising) / 2, mixed, (falling - rising) / 2
    coherence = np.hypot(difference, twice_xy) / np.maximum(energy, np.float32(1e-6))
    # The tensor's main axis is across the edge; beside the nearer axis that is the edge's own lean.
    across = np.degrees(np.arctan2(twice_xy, difference)) / 2
    lean = ((across + 45) % 90 - 45).astype(np.float32)
    usable = (coherence > _LEAST_COHERENCE) & (energy > _LEAST_ENERGY * _SQUARE**2) & (np.abs(lean) < _WINDOW)
    strength = energy[usable] / (energy[usable] + np.float32(_STRONG_ENERGY * _SQUARE**2))
    return lean[usable], (strength * coherence[usable] ** 2).astype(np.float32)


def _two_by_two(sums: FloatArray) -> FloatArray:
    rows, columns = (side // 2 * 2 for side in sums.shape)
    pairs = sums[0:rows:2, :columns] + sums[1:rows:2, :columns]
    return (pairs[:, 0::2] + pairs[:, 1::2]).reshape(-1)


@lru_cache(maxsize=1)
def _kernel() -> FloatArray:
    reach = round(_NEAR_PEAK / _STEP)
    kernel = (reach + 1 - np.abs(np.arange(-reach, reach + 1))) / (reach + 1) ** 2
    return kernel.astype(np.float32)
