"""Views of photos for training: flips, crops, stretches and blur, encoded once by the frozen encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor

from aesthetic_studio.models.protocol import VisualTokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from aesthetic_studio.models.encoders import Encoder
    from trainer.recipes.recipe import AugmentationSettings

BATCH = 32


@dataclass(frozen=True, slots=True)
class Views:
    """Encoded views of photos.

    Attributes:
        grid: (N, views, tokens, D), half precision; view 0 is the photo itself.
        pooled: (N, views, P), half precision: the whole photo.
        height: Rows of the grid.
        width: Columns of it.
    """

    grid: Tensor
    pooled: Tensor
    height: int
    width: int

    def of(self, rows: Tensor, view: Tensor | int) -> VisualTokens:
        """Tokens of some photos, each seen through the view of its number."""
        return VisualTokens(self.grid[rows, view].float(), self.pooled[rows, view].float(), self.height, self.width)


def encode_views(
    encoder: Encoder,
    images: NDArray[np.uint8],
    settings: AugmentationSettings,
    seed: int,
    say: Callable[[int, int], None] = lambda _done, _total: None,
) -> Views:
    """Encode every view of every photo (N, 3, S, S). The same seed gives the same views."""
    generator = np.random.default_rng(seed)
    grids, pooled, height, width = [], [], 0, 0
    for start in range(0, len(images), BATCH):
        some = images[start : start + BATCH]
        seen = [view(image, number, settings, generator) for image in some for number in range(settings.views)]
        with torch.no_grad():
            tokens = encoder(torch.from_numpy(np.stack(seen)))
        height, width = tokens.height, tokens.width
        grids.append(tokens.grid.half().view(len(some), settings.views, *tokens.grid.shape[1:]))
        pooled.append(tokens.pooled.half().view(len(some), settings.views, -1))
        say(min(start + BATCH, len(images)), len(images))
    return Views(torch.cat(grids), torch.cat(pooled), height, width)


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
