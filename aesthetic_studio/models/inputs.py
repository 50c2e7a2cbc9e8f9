"""From a preview's JPEG bytes to the pixels that a model reads."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aesthetic_studio.models.card import ModelCard


def load_input(preview: bytes, card: ModelCard) -> NDArray[np.uint8]:
    """The model's input (3, S, S), sRGB, of a preview: the whole photo, stretched to a square.

    Stretched and not cropped, so that nothing at the borders goes unjudged and the heat map lies over the whole photo.
    libjpeg decodes at a fraction of the size, never below twice the input's side, so the last step can smooth properly.
    Raises ``OSError`` for bytes that are no picture.
    """
    image = Image.open(io.BytesIO(preview))
    image.draft("RGB", (2 * card.input_size, 2 * card.input_size))
    return to_input(image, card.input_size)


def to_input(image: Image.Image, side: int) -> NDArray[np.uint8]:
    """An upright picture as (3, side, side) sRGB bytes."""
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    small = rgb.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    return np.ascontiguousarray(np.asarray(small).transpose(2, 0, 1))
