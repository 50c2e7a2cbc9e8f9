"""Random fields and array helpers that the rendered scenes are made of; all arrays are float32."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Array = npt.NDArray[Any]
Generator = np.random.Generator


def random_for(seed: int, *names: str) -> Generator:
    """Random numbers of their own for what these names call."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def resize(field: Array, height: int, width: int, how: Image.Resampling = Image.Resampling.BICUBIC) -> Array:
    """A field ``(h, w)`` or picture ``(h, w, C)`` at another size."""
    if field.ndim == 3:
        return np.stack([resize(field[..., c], height, width, how) for c in range(field.shape[2])], axis=-1)
    picture = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(picture.resize((width, height), how), dtype=np.float32)


def smoothstep(low: float | Array, high: float | Array, x: Array) -> Array:
    """0 below ``low``, 1 above ``high``, smooth between; ``low > high`` falls instead of rising."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)


def mix(a: Array, b: Array | tuple[float, float, float], weight: Array) -> Array:
    """``a`` where ``weight`` (h, w) is 0, ``b`` where it is 1."""
    w = weight[..., None]
    return np.asarray(a + (np.asarray(b, dtype=np.float32) - a) * w, dtype=np.float32)


def colour(red: float, green: float, blue: float) -> Array:
    """A linear-light colour as an array, to do arithmetic with."""
    return np.array([red, green, blue], dtype=np.float32)


def gradient(x: Array, stops: list[tuple[float, tuple[float, float, float]]]) -> Array:
    """Colours ``(…, 3)`` for positions ``x`` in 0..1, linear between ``stops`` (position, colour) in rising order."""
    places = [place for place, _ in stops]
    even = np.linspace(0, 1, 1024)
    table = np.stack([np.interp(even, places, [shade[c] for _, shade in stops]) for c in range(3)], axis=-1)
    return np.asarray(table.astype(np.float32)[np.clip(x * 1023, 0, 1023).astype(np.int32)])


def fbm(
    rng: Generator,
    height: int,
    width: int,
    cell: tuple[float, float] | float,
    *,
    octaves: int = 5,
    gain: float = 0.5,
    ridged: bool = False,
) -> Array:
    """Fractal noise, roughly 0..1 around 0.5; ``cell`` is the size of the largest blobs in pixels (rows, columns)."""
    rows, columns = (cell, cell) if isinstance(cell, (int, float)) else cell
    total = np.zeros((2, 2), dtype=np.float32)
    weight, norm = 1.0, 0.0
    for octave in range(octaves):
        h = max(2, min(height, round(height * 2**octave / rows) + 3))
        w = max(2, min(width, round(width * 2**octave / columns) + 3))
        # Coarse octaves are smooth: they are summed on a small field that grows along.
        last = octave == octaves - 1
        size = (height, width) if last else (min(height, 6 * h), min(width, 6 * w))
        layer = resize(rng.random((h, w), dtype=np.float32), *size)
        if ridged:
            layer = 1.0 - np.abs(2.0 * layer - 1.0)
        total = (resize(total, *size) if octave else 0.0) + np.float32(weight) * layer
        norm += weight
        weight *= gain
    # Bicubic steps overshoot a little; powers of the field need it inside 0..1.
    return np.asarray(np.clip(total / np.float32(norm), 0.0, 1.0))


def spectral(rng: Generator, size: int, slope: float, *, low_cut: float = 1.0, wind: float = 0.0) -> Array:
    """A tileable random field, zero mean and unit deviation, amplitude falling as frequency to the ``−slope``.

    ``wind`` above 0 favours waves that run along the rows' direction, as on water.
    """
    fy = np.fft.fftfreq(size, 1 / size).astype(np.float32)[:, None]
    fx = np.fft.rfftfreq(size, 1 / size).astype(np.float32)[None, :]
    frequency = np.sqrt(fx * fx + fy * fy)
    amplitude = np.where(frequency >= low_cut, np.maximum(frequency, 1.0) ** -slope, 0.0)
    if wind:
        amplitude = amplitude * (np.abs(fy) / np.maximum(frequency, 1.0)) ** wind
    phase = rng.random(frequency.shape, dtype=np.float32) * np.float32(2 * np.pi)
    field = np.fft.irfft2(amplitude * np.exp(1j * phase), s=(size, size)).astype(np.float32)
    field -= field.mean()
    return np.asarray(field / field.std(), dtype=np.float32)


def sample(field: Array, rows: Array, columns: Array) -> Array:
    """Bilinear values of a tileable field at fractional, wrapping positions."""
    h, w = field.shape[:2]
    y0, x0 = np.floor(rows), np.floor(columns)
    fy, fx = (rows - y0).astype(np.float32), (columns - x0).astype(np.float32)
    if field.ndim == 3:
        fy, fx = fy[..., None], fx[..., None]
    iy, ix = y0.astype(np.int32) % h, x0.astype(np.int32) % w
    jy, jx = (iy + 1) % h, (ix + 1) % w
    top = field[iy, ix] * (1 - fx) + field[iy, jx] * fx
    bottom = field[jy, ix] * (1 - fx) + field[jy, jx] * fx
    return np.asarray(top * (1 - fy) + bottom * fy, dtype=np.float32)


def blur(picture: Array, sigma: float | tuple[float, float]) -> Array:
    """Gaussian blur by ``sigma`` pixels (rows, columns), edges repeated; large blurs are done on a reduced picture."""
    sy, sx = sigma if isinstance(sigma, tuple) else (sigma, sigma)
    h, w = picture.shape[:2]
    fy, fx = max(1, int(sy / 2)), max(1, int(sx / 2))
    small = picture
    if fy > 1 or fx > 1:
        small = resize(picture, max(1, -(-h // fy)), max(1, -(-w // fx)), Image.Resampling.BOX)
    small = _convolve(_convolve(small, sy / fy, 0), sx / fx, 1)
    return resize(small, h, w) if small.shape[:2] != (h, w) else small


def _convolve(picture: Array, sigma: float, axis: int) -> Array:
    if sigma < 0.15:
        return picture
    radius = max(1, int(np.ceil(2.6 * sigma)))
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2).astype(np.float32)
    taps /= taps.sum()
    padding = [(0, 0)] * picture.ndim
    padding[axis] = (radius, radius)
    padded = np.pad(picture, padding, mode="edge")
    length = picture.shape[axis]
    result = np.zeros_like(picture)
    for i, tap in enumerate(taps):
        result += tap * (padded[i : i + length] if axis == 0 else padded[:, i : i + length])
    return result


def grid(height: int, width: int) -> tuple[Array, Array]:
    """Coordinates of every pixel: ``y`` and ``x``, the height being 1, the centre at 0, ``y`` pointing up."""
    rows = (height / 2 - 0.5 - np.arange(height, dtype=np.float32)) / height
    columns = (np.arange(width, dtype=np.float32) - width / 2 + 0.5) / height
    y, x = np.meshgrid(rows, columns, indexing="ij")
    return y, x
