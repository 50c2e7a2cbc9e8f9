"""Where the queries looked: a photo beside itself with the heat map on it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging import colour, pixels, preview, source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from trainer.report.reading import Looked

SIDE = 320
"""Long side of an embedded picture, pixels."""
EXAMPLES = 8
RAMP = np.array(
    [
        (0.00, 0, 0, 0, 0.50),
        (0.25, 58, 28, 0, 0.46),
        (0.50, 168, 92, 0, 0.52),
        (0.75, 232, 156, 30, 0.64),
        (1.00, 255, 222, 140, 0.78),
    ]
)
"""Level, red, green, blue, opacity: the app's own heat map, one hue of rising lightness that all eyes can read."""
QUALITY = 86


@dataclass(frozen=True, slots=True)
class Example:
    """One photo (JPEG), the same with its heat map, and what was predicted and voted (NaN where unknown)."""

    file: str
    photo: bytes
    heat: bytes
    predicted: float
    actual: float


def examples(looked: Sequence[Looked], folder: Path, most: int = EXAMPLES) -> tuple[list[Example], int]:
    """Pictures of up to ``most`` photos, spread evenly over the list, and how many photos could not be read.

    A path that is not absolute is one in the run's ``folder``.
    """
    made: list[Example] = []
    missing = 0
    spread = np.linspace(0, max(0, len(looked) - 1), min(most, len(looked))).round().astype(int)
    chosen = list(dict.fromkeys(int(place) for place in spread))
    # Where one of those cannot be read, another takes its place.
    for place in [*chosen, *(other for other in range(len(looked)) if other not in set(chosen))]:
        if len(made) == most:
            break
        try:
            photo = _open(folder / looked[place].path)
        except UnreadablePhoto:
            missing += 1
            continue
        one = looked[place]
        made.append(Example(one.file, _jpeg(photo), _jpeg(overlay(photo, one.map)), one.predicted, one.actual))
    return made, missing


def overlay(photo: Image.Image, heat: NDArray[np.float32]) -> Image.Image:
    """A photo under its heat map (H, W), as the app draws it: relative to the strongest and the weakest place."""
    low, high = float(heat.min()), float(heat.max())
    if high - low <= 1e-6 * max(abs(high), abs(low), 1e-12):
        return photo
    level = Image.fromarray(((heat - low) / (high - low)).astype(np.float32))
    smooth = np.clip(np.asarray(level.resize(photo.size, Image.Resampling.BICUBIC)), 0.0, 1.0)
    red, green, blue, opacity = (np.interp(smooth, RAMP[:, 0], RAMP[:, part])[..., None] for part in (1, 2, 3, 4))
    mixed = (1.0 - opacity) * np.asarray(photo, dtype=np.float32) + opacity * np.concatenate([red, green, blue], axis=2)
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))


def _open(path: Path) -> Image.Image:
    """A photo upright, sRGB, no larger than it is shown. Raises ``UnreadablePhoto``."""
    data = source.read_bytes(str(path))
    photo = pixels.open_photo(data, source.sniff(data, str(path)), str(path), least_long_side=2 * SIDE)
    small, _ = colour.to_srgb(preview.shrink(photo.image, 2 * SIDE), photo.profile)
    shown = preview.upright(small, photo.orientation).convert("RGB")
    scale = SIDE / max(shown.size)
    size = (max(1, round(shown.width * scale)), max(1, round(shown.height * scale)))
    return shown.resize(size, Image.Resampling.LANCZOS)


def _jpeg(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()
