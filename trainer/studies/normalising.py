"""What becomes of a frozen encoder's numbers before learnable queries read them, learned without any votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from trainer.embedded.bank import signed_power
from trainer.embedded.views import Views

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

CHUNK = 64


@dataclass(frozen=True, slots=True)
class Normalisation:
    """How tokens and whole photos' vectors are prepared; all of it this project's choice.

    Attributes:
        power: Of the numbers, signs kept, before anything else: 0.5 draws a ReLU's long tail in; 1 leaves it.
        components: Principal components that are kept, each at a scale common to all; 0 keeps the encoder's numbers.
        whitening: 0 leaves the components at their own variances, 1 brings all of them to the same one.
    """

    power: float = 1.0
    components: int = 128
    whitening: float = 0.0


def normalise(views: Views, learn: NDArray[np.int64], how: Normalisation) -> Views:
    """Prepare all photos by what the photos of ``learn``, as they are, say of the numbers' spread."""
    rows = torch.from_numpy(learn)
    return Views(
        normalise_numbers(views.grid, views.grid[rows, 0], how),
        normalise_numbers(views.pooled, views.pooled[rows, 0], how),
        views.height,
        views.width,
    )


def normalise_numbers(numbers: Tensor, learned_from: Tensor, how: Normalisation) -> Tensor:
    """Prepare numbers (…, D) by the spread of others; half precision."""
    middle, scale = _fit(learned_from, how)
    parts = []
    for some in torch.split(numbers, CHUNK):
        x = signed_power(some.float(), how.power) - middle
        parts.append((x @ scale if scale.dim() else x * scale).half())
    return torch.cat(parts)


def _fit(numbers: Tensor, how: Normalisation) -> tuple[Tensor, Tensor]:
    """Middle (D,) and what it is multiplied by: (D, K), or one number where components are not wanted."""
    x = signed_power(numbers.reshape(-1, numbers.shape[-1]).float(), how.power)
    middle = x.mean(dim=0)
    x = x - middle
    if not how.components:
        return middle, 1.0 / x.std(dim=0).mean().clamp_min(1e-6)
    variances, directions = torch.linalg.eigh(x.T @ x / len(x))
    kept = min(how.components, int(directions.shape[1]))
    spread = variances.flip(0)[:kept].clamp_min(1e-8)
    common = spread.mean()
    return middle, directions.flip(1)[:, :kept] * (spread / common) ** (-how.whitening / 2.0) / common.sqrt()
