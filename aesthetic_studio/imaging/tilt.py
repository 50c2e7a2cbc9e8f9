"""By how much a photo leans, from the lines it holds; nothing where no line tells."""

from __future__ import annotations

from functools import lru_cache

from aesthetic_studio.imaging.arrays import FloatArray, np
from aesthetic_studio.imaging.tiles import Gradients, block_sums

MAX_TILT = 15.0
_WINDOW = 22.0
"""Lines that lean by more say nothing about the horizon, yet belong to the floor the peak must rise from."""
_BLOCK = 16
_STEP = 0.25
_LEAST_COHERENCE = 0.6
_LEAST_ENERGY = 16.0
_NEAR_PEAK = 1.5
_LEAST_SHARE = 0.35
_LEAST_BLOCKS = 8.0


def tilt_degrees(gradients: Gradients) -> float:
    """The lean of horizon or verticals in degrees, clockwise positive, −15..15; 0 where nothing tells.

    Each block of the preview that holds one straight edge votes, by its structure tensor, for the angle of that edge
    beside the nearer axis. A lean is believed where the votes agree on one angle.
    """
    if min(gradients.size) <= 2 * _BLOCK:
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
    """Angle beside the nearer axis and weight 0..1 of each block that holds one straight edge."""
    x, y = gradients.x, gradients.y
    xx, yy, xy = (block_sums(product, _BLOCK).reshape(-1) for product in (x * x, y * y, x * y))
    energy = xx + yy
    coherence = np.hypot(xx - yy, 2 * xy) / np.maximum(energy, 1e-6)
    # The tensor's main axis is across the edge; beside the nearer axis that is the edge's own lean.
    across = np.degrees(np.arctan2(2 * xy, xx - yy)) / 2
    lean = (across + 45) % 90 - 45
    usable = (coherence > _LEAST_COHERENCE) & (energy > _LEAST_ENERGY * _BLOCK**2) & (np.abs(lean) < _WINDOW)
    strength = energy[usable] / (energy[usable] + np.float32(100.0 * _BLOCK**2))
    return lean[usable], strength * coherence[usable] ** 2


@lru_cache(maxsize=1)
def _kernel() -> FloatArray:
    reach = round(_NEAR_PEAK / _STEP)
    kernel = (reach + 1 - np.abs(np.arange(-reach, reach + 1, dtype=np.float32))) / np.float32((reach + 1) ** 2)
    return kernel
