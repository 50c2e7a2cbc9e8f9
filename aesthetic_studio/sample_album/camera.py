"""The pretended camera: from a scene's linear light to an 8-bit photo, with the flaws that real photos have."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise

import numpy as np
from PIL import Image

from aesthetic_studio.sample_album.noise import Array, Generator, blur, resize

_LEVELS = 4096
_WHITE = 6.0
"""Linear light that the film curve still tells from more; mid-grey is 0.18."""


@cache
def _film_curve() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """8-bit sRGB for each level of the square root of light: toe, straight part and shoulder of a film.

    The curve is the rational fit of ACES by Narkowicz (2015), brightened so that 0.18 lands at middle grey.
    """
    light = (np.linspace(0, math.sqrt(_WHITE), _LEVELS) ** 2) * 0.66
    film = np.clip(light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14), 0, 1)
    encoded = np.where(film <= 0.0031308, 12.92 * film, 1.055 * film ** (1 / 2.4) - 0.055)
    # A little more contrast in the middle, as a print has it.
    encoded = 0.62 * encoded + 0.38 * encoded * encoded * (3 - 2 * encoded)
    return np.asarray(np.round(encoded * 255), dtype=np.uint8)


@cache
def _grain_tile(seed: int) -> Array:
    """Sensor noise to cut frames from; slightly soft, as after demosaicing."""
    raw = np.random.default_rng([seed, 77]).standard_normal((1280, 1792, 3), dtype=np.float32)
    soft = raw + 0.45 * (np.roll(raw, 1, axis=0) + np.roll(raw, 1, axis=1))
    shared = soft.mean(axis=2, keepdims=True)
    return np.asarray((0.55 * soft + 0.75 * shared) / 1.05, dtype=np.float32)


def develop(
    light: Array, rng: Generator, *, ev: float = 0.0, grain: float = 0.006, vignette: float = 0.28
) -> Image.Image:
    """A photo of linear ``light`` (H, W, 3), exposed by ``ev`` stops more.

    ``grain`` is the noise's deviation on the square root of light, where a sensor's shot noise is even.
    """
    height, width = light.shape[:2]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    falloff = 1.0 - np.float32(vignette) * ((x * x + y * y) / 2) ** 1.3
    level = np.maximum(light, 0.0)
    level *= (falloff * np.float32(2.0**ev))[..., None]
    np.sqrt(level, out=level)
    tile = _grain_tile(1)
    top = int(rng.integers(tile.shape[0] - height)) if height < tile.shape[0] else 0
    left = int(rng.integers(tile.shape[1] - width)) if width < tile.shape[1] else 0
    piece = tile[top : top + height, left : left + width]
    if piece.shape != level.shape:
        piece = np.resize(piece, level.shape)
    level += np.float32(grain) * piece
    level *= np.float32((_LEVELS - 1) / math.sqrt(_WHITE))
    np.clip(level, 0, _LEVELS - 1, out=level)
    return Image.fromarray(_film_curve()[level.astype(np.uint16)])


def bloom(light: Array, amount: float = 0.12, radius: float = 24.0, threshold: float = 1.0) -> Array:
    """Light that a lens scatters around what is very bright."""
    bright = np.minimum(np.maximum(light - threshold, 0.0), 12.0)
    glow = blur(bright, radius) + 0.5 * blur(bright, radius * 3)
    return np.asarray(light + amount * glow, dtype=np.float32)


def crop(light: Array, size: tuple[int, int], shift: tuple[int, int] = (0, 0)) -> Array:
    """The middle ``size`` (height, width) of a scene rendered with a margin, moved by ``shift`` (rows, columns)."""
    height, width = size
    top = min(max(0, (light.shape[0] - height) // 2 + shift[0]), light.shape[0] - height)
    left = min(max(0, (light.shape[1] - width) // 2 + shift[1]), light.shape[1] - width)
    return light[top : top + height, left : left + width]


def shake(light: Array, size: tuple[int, int], shift: tuple[int, int], path: tuple[float, float]) -> Array:
    """A crop taken while the camera moved along ``path`` (rows, columns, pixels)."""
    steps = max(2, round(max(abs(path[0]), abs(path[1]))))
    total = np.zeros((*size, 3), dtype=np.float32)
    for step in range(steps):
        part = step / (steps - 1) - 0.5
        total += crop(light, size, (round(shift[0] + part * path[0]), round(shift[1] + part * path[1])))
    return np.asarray(total / steps, dtype=np.float32)


def defocus(light: Array, radius: float) -> Array:
    """The picture of a lens that is out of focus by ``radius`` pixels."""
    return blur(light, radius * 0.6)


def tilt(light: Array, degrees: float) -> Array:
    """The scene turned clockwise, as from a camera held askew; corners repeat what is there when no margin is left."""
    height, width = light.shape[:2]
    turned = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(light[..., c])).rotate(-degrees, resample=Image.Resampling.BILINEAR),
            dtype=np.float32,
        )
        for c in range(light.shape[2])
    ]
    # The empty corners are cut away by an enlargement, just large enough.
    angle = math.radians(abs(degrees))
    zoom = math.cos(angle) + math.sin(angle) * max(width / height, height / width)
    h, w = int(height / zoom), int(width / zoom)
    top, left = (height - h) // 2, (width - w) // 2
    return resize(np.stack(turned, axis=-1)[top : top + h, left : left + w], height, width)


def focus_layers(light: Array, radii: tuple[float, ...] = (0.0, 1.5, 3.5, 7.0, 13.0)) -> list[tuple[float, Array]]:
    """The scene at several degrees of defocus, from which every focus distance can be mixed."""
    return [(radius, light if radius == 0 else blur(light, radius * 0.62)) for radius in radii]


def focus_at(layers: list[tuple[float, Array]], circle: Array) -> Array:
    """The scene with a circle of confusion ``circle`` (H, W), pixels, different at every place."""
    result = layers[0][1]
    for (low, _), (high, softer) in pairwise(layers):
        weight = np.clip((circle - low) / (high - low), 0.0, 1.0)[..., None]
        result = result + (softer - result) * weight
    return np.asarray(result, dtype=np.float32)
