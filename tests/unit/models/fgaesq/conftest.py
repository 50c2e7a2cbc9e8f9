"""A tiny FGAesQ whose numbers have the proportions of the published one, and photos that know where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from aesthetic_studio.models.fgaesq import DiffTokenConfig, FGAesQ, FGAesQConfig, TextTowerConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


@pytest.fixture(scope="session")
def tiny() -> FGAesQConfig:
    """Tokens of 4 pixels, 32 in a sequence, two fine blocks."""
    tokens = DiffTokenConfig(patch=4, block=8, length=32, grid=5, hidden_size=16, min_side=24, max_pixels=96 * 96)
    return FGAesQConfig(
        width=16,
        layers=2,
        heads=2,
        embedding=8,
        hidden=(8, 8),
        tokens=tokens,
        text=TextTowerConfig(width=8, layers=1, heads=2, context=12, vocabulary=40),
    )


@pytest.fixture
def network(tiny: FGAesQConfig) -> FGAesQ:
    """Untrained, its answers well apart."""
    torch.manual_seed(0)
    made = FGAesQ(tiny)
    torch.nn.init.normal_(made.mask_token, std=0.5)
    torch.nn.init.normal_(made.iqa_head[6].weight, std=2.0)
    return made.eval()


@pytest.fixture(scope="session")
def textured() -> Callable[..., NDArray[np.uint8]]:
    """Photos of noise and stripes of any size."""

    def make(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
        generator = np.random.default_rng(seed)
        rows, columns = np.mgrid[:height, :width]
        waves = np.sin(rows / 5.0)[..., None] * 60 + np.sin(columns / 7.0)[..., None] * 60
        return np.clip(128 + waves + generator.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)

    return make
