"""What teacher and student are shown of a photo: the whole of it, then crops, some of them made worse on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trainer.data.degrade import STRENGTHS, Fault, degrade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

    from trainer.recipes.sections import LessonSettings

WORSE = (Fault.BLUR, Fault.MOTION, Fault.EXPOSURE, Fault.NOISE, Fault.COMPRESSION)
"""Faults that are a picture's own; tilt and crop are what views differ in anyway."""

SMALLEST = 16
"""Pixels of a side that a crop keeps, where the photo has them."""


def views_of(photo: Image.Image, settings: LessonSettings, content: str) -> Iterator[Image.Image]:
    """The views of an upright sRGB photo; the same content, settings and seed give the same ones."""
    generator = np.random.default_rng([settings.seed, int(content, 16)])
    for number in range(settings.views):
        yield photo if number == 0 else _crop(photo, settings, generator)


def _crop(photo: Image.Image, settings: LessonSettings, generator: np.random.Generator) -> Image.Image:
    share = generator.uniform(settings.crop, 1.0)
    stretch = np.exp(generator.uniform(-settings.stretch, settings.stretch) / 2)
    wide, high = (
        min(side, max(SMALLEST, round(side * share * by)))
        for side, by in zip(photo.size, (stretch, 1 / stretch), strict=True)
    )
    left, top = (int(generator.integers(0, room + 1)) for room in (photo.width - wide, photo.height - high))
    cut = photo.crop((left, top, left + wide, top + high))
    # Drawn whether it is used or not, so that the share of views made worse changes nothing else.
    worse, fault, strength = generator.random(), int(generator.integers(len(WORSE))), int(generator.integers(3))
    seed = int(generator.integers(1 << 31))
    if worse >= settings.degraded or min(cut.size) < SMALLEST:
        return cut
    chosen = WORSE[fault]
    return degrade(cut, chosen, seed=seed, strengths=STRENGTHS[chosen][strength : strength + 1]).frames[-1]
