"""Focus peaking: which edges of a picture are truly sharp, and not merely strong.

A strong edge that is out of focus has a steeper slope than a faint one in focus, so a threshold on the slope marks the
wrong one. Here each edge is blurred once more, and by how much its slope falls tells how sharp it was (Zhuo and Sim,
"Defocus map estimation from a single image", Pattern Recognition 44, 2011, eqs. 3–5): for an edge of blur σ and a
second blur σ₀ the slopes' ratio is R = √((σ² + σ₀²) / σ²).
"""

from __future__ import annotations

import math

from aesthetic_studio.imaging.arrays import FloatArray, NDArray, np

SECOND_BLUR = 1.0
"""σ₀ in pixels: that of the binomial filter 1 4 6 4 1."""

SHARP_BLUR = 1.0
"""An edge of at most this blur σ, in pixels, is sharp."""

_PIXEL_BLUR = 1 / 12 + 1 / 3
"""σ² of a pixel's own width, and of a slope taken over two pixels: every edge has at least these."""

_RATIO = math.sqrt((SHARP_BLUR**2 + _PIXEL_BLUR + SECOND_BLUR**2) / (SHARP_BLUR**2 + _PIXEL_BLUR))

FAINTEST = 4.0
"""Slopes below this, of 255 a pixel, are no edge that an eye would judge focus by."""

_NOISE_SLOPES = 1.2
"""Noise of standard deviation 1 seldom makes a steeper slope than this in a picture that was blurred once."""

_LAPLACIAN = math.sqrt(math.pi / 2) / 6


def sharp_edges(luma: FloatArray) -> NDArray[np.bool_]:
    """Mask ``(H, W)`` of the sharp edges of luma ``(H, W)``, 0..255, judged at these very pixels."""
    if min(luma.shape) < 8:
        return np.zeros(luma.shape, dtype=bool)
    slope, blurred = _slope(luma), _slope(_blurred(luma))
    strong = blurred >= max(FAINTEST, _NOISE_SLOPES * noise_of(luma))
    sharp: NDArray[np.bool_] = strong & (slope >= np.float32(_RATIO) * blurred)
    return sharp


def noise_of(luma: FloatArray) -> float:
    """Standard deviation of the noise, of 255 (Immerkær, "Fast noise variance estimation", CVIU 64, 1996).

    Of every fourth line, and as a median in place of the mean, so that edges do not count as noise.
    """
    rows = luma[: luma.shape[0] // 4 * 4]
    above, line, below = rows[0::4][:, :], rows[1::4], rows[2::4]
    crossed = above - 2 * line + below
    second = crossed[:, :-2] - 2 * crossed[:, 1:-1] + crossed[:, 2:]
    # A median of absolute values is 0.845 of their mean where they are normally distributed.
    return float(np.median(np.abs(second))) / 0.845 * _LAPLACIAN


def _slope(luma: FloatArray) -> FloatArray:
    """How steep the picture is at each pixel, of 255 a pixel; 0 at its border."""
    across, down = np.zeros_like(luma), np.zeros_like(luma)
    across[:, 1:-1] = (luma[:, 2:] - luma[:, :-2]) / 2
    down[1:-1] = (luma[2:] - luma[:-2]) / 2
    steep: FloatArray = np.hypot(across, down)
    steep[0] = steep[-1] = 0
    steep[:, 0] = steep[:, -1] = 0
    return steep


def _blurred(luma: FloatArray) -> FloatArray:
    """Blurred by 1 4 6 4 1 along both sides."""
    wide = np.pad(luma, 2, mode="edge")
    rows = wide[:-4] + 4 * wide[1:-3] + 6 * wide[2:-2] + 4 * wide[3:-1] + wide[4:]
    both = rows[:, :-4] + 4 * rows[:, 1:-3] + 6 * rows[:, 2:-2] + 4 * rows[:, 3:-1] + rows[:, 4:]
    done: FloatArray = both / np.float32(256)
    return done
