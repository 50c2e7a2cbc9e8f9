"""Views of photos for training: flips, crops, stretches and blur, encoded once by the frozen encoder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from torch import Tensor

from aesthetic_studio.models.embedded import with_global_token
from aesthetic_studio.models.encoders import Encoder
from trainer.recipe import AugmentationSettings

BATCH = 32


@dataclass(frozen=True, slots=True)
class Views:
    """Encoded views of photos.

    Attributes:
        tokens: (N, views, tokens, D) half precision; view 0 is the photo itself, and the last token the whole photo.
        height: Rows of the grid.
        width: Columns of it.
    """

    tokens: Tensor
    height: int
    width: int


def encode_views(
    encoder: Encoder,
    images: NDArray[np.uint8],
    settings: AugmentationSettings,
    seed: int,
    say: Callable[[int, int], None] = lambda _done, _total: None,
) -> Views:
    """Encode every view of every photo (N, 3, S, S). The same seed gives the same views."""
    generator = np.random.default_rng(seed)
    rows = []
    for start in range(0, len(images), BATCH):
        some = images[start : start + BATCH]
        views = np.stack(
            [view(image, number, settings, generator) for image in some for number in range(settings.views)]
        )
        with torch.inference_mode():
            tokens = encoder(torch.from_numpy(views))
            flat = with_global_token(tokens, tokens.grid.shape[2]).half()
        rows.append(flat.unflatten(0, (len(some), settings.views)))
        say(min(start + BATCH, len(images)), len(images))
    return Views(torch.cat(rows).clone(), tokens.height, tokens.width)


def view(
    image: NDArray[np.uint8], number: int, settings: AugmentationSettings, generator: np.random.Generator
) -> NDArray[np.uint8]:
    """One view (3, S, S) of a photo: number 0 is the photo itself, 1 its mirror image, the others are drawn."""
    if number == 0:
        return image
    if number == 1 and settings.flip:
        return np.ascontiguousarray(image[:, :, ::-1])
    picture = Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0)))
    side = picture.width
    keep = generator.uniform(settings.crop, 1.0)
    ratio = 1.0 + generator.uniform(-settings.stretch, settings.stretch)
    wide, high = (min(1.0, keep * part) * side for part in (ratio**0.5, ratio**-0.5))
    left, top = generator.uniform(0.0, side - wide), generator.uniform(0.0, side - high)
    flipped = settings.flip and generator.random() < 0.5
    blur = generator.uniform(0.0, settings.blur)
    picture = picture.resize((side, side), Image.Resampling.BICUBIC, box=(left, top, left + wide, top + high))
    if flipped:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if blur > 0.2:  # less than that changes nothing
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1))
