"""Where a picture has lost its tones: burnt out at the top, blocked at the bottom."""

from __future__ import annotations

from aesthetic_studio.imaging.arrays import NDArray, np

BURNT_OUT = 254
"""A pixel is burnt out once its brightest channel reaches this, of 255: that colour has nowhere to go any more."""

BLACK = 3
"""A pixel is blocked where not even its brightest channel is above this, of 255."""


def clipped(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Masks ``(H, W)`` of the burnt-out and of the blocked pixels among 8-bit ``(H, W, 3)``, in any order of channels.

    Meant for true pixels: those of a picture that was scaled down are averages, which hide what is clipped in points.
    """
    brightest = np.maximum(np.maximum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    return brightest >= BURNT_OUT, brightest <= BLACK
