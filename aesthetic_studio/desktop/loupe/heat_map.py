"""Where the model looks, as a picture to lay over the photo: one hue, lighter where it looks more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from collections.abc import Sequence

LONG_SIDE = 192
"""Pixels of the map's long side: smooth at any zoom, since attention is only a few cells wide."""

SPREAD = 0.62
"""Standard deviation of the smoothing, in cells of the attention: cells melt into each other and stay apart."""

RAMP = (
    # weight, red, green, blue, opacity: from a dark veil over a deep to a light amber, of rising lightness
    (0.00, 0x00, 0x00, 0x00, 0.50),
    (0.25, 0x3A, 0x1C, 0x00, 0.46),
    (0.50, 0xA8, 0x5C, 0x00, 0.52),
    (0.75, 0xE8, 0x9C, 0x1E, 0.64),
    (1.00, 0xFF, 0xDE, 0x8C, 0.78),
)


def heat_map_image(attention: Any) -> QImage:
    """Attention ``(H, W)``, any non-negative floats, as premultiplied ARGB that covers the whole photo.

    The weights are shown relative to the photo's strongest and weakest; attention that is equal everywhere gives a
    clear picture. Raises ``ValueError`` for what is not a map of numbers.
    """
    import numpy as np  # noqa: PLC0415 - 0.2 s to import, and only needed once the first map is wanted

    weights = np.asarray(attention, dtype=np.float32)
    if weights.ndim != 2 or 0 in weights.shape or not np.isfinite(weights).all():
        raise ValueError("attention is a map (H, W) of finite numbers")
    height, width = weights.shape
    scale = LONG_SIDE / max(height, width)
    rows, columns = (_smoothing(np, count, max(2, round(count * scale))) for count in (height, width))
    smooth = rows @ weights @ columns.T
    low, high = float(smooth.min()), float(smooth.max())
    if high - low <= 1e-6 * max(abs(high), abs(low), 1e-12):
        return _clear_image(smooth.shape[1], smooth.shape[0])
    level = (smooth - low) / (high - low)
    stops = np.array(RAMP, dtype=np.float32)
    red, green, blue, alpha = (np.interp(level, stops[:, 0], stops[:, part]) for part in (1, 2, 3, 4))
    # Premultiplied: the colours are scaled by the opacity, as Qt draws fastest.
    pixels = np.stack([blue * alpha, green * alpha, red * alpha, 255 * alpha], axis=-1)
    packed = np.ascontiguousarray(np.rint(pixels).clip(0, 255).astype(np.uint8))
    image = QImage(
        packed.data, packed.shape[1], packed.shape[0], packed.strides[0], QImage.Format.Format_ARGB32_Premultiplied
    )
    return image.copy()


def _clear_image(width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    return image


def attention_rows(rows: int, columns: int, weights: Sequence[float]) -> list[list[float]]:
    """Weights given row by row as a map. Raises ``ValueError`` where their number does not fit."""
    if rows < 1 or columns < 1 or len(weights) != rows * columns:
        raise ValueError(f"{len(weights)} weights are no map of {rows} × {columns}")
    return [list(weights[row * columns : (row + 1) * columns]) for row in range(rows)]


def _smoothing(np: Any, count: int, size: int) -> Any:
    """Matrix ``(size, count)`` that spreads ``count`` cells over ``size`` pixels with a normalised Gaussian."""
    centres = (np.arange(count, dtype=np.float32) + 0.5) / count
    places = (np.arange(size, dtype=np.float32) + 0.5) / size
    distance = (places[:, None] - centres[None, :]) * count
    weights = np.exp(-0.5 * (distance / SPREAD) ** 2)
    return weights / weights.sum(axis=1, keepdims=True)
