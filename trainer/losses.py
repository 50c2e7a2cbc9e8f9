"""Losses on distributions of scores."""

from __future__ import annotations

import torch
from torch import Tensor


def emd_loss(predicted: Tensor, actual: Tensor, r: float = 2.0) -> Tensor:
    """Earth Mover's Distance between distributions (B, 10), NIMA (arXiv 1709.05424) eq. 1, averaged over the batch.

    r = 2 for training, since it is the easier one for gradient descent; r = 1 is the metric. A tiny constant under the
    root keeps its gradient finite where both distributions are the same.
    """
    gap = (predicted.cumsum(dim=1) - actual.cumsum(dim=1)).abs()
    return ((gap**r).mean(dim=1) + 1e-12).pow(1.0 / r).mean()


def rank_loss(predicted: Tensor, actual: Tensor, temperature: float = 0.5, same: Tensor | None = None) -> Tensor:
    """Logistic loss over all pairs of mean scores (B,), weighed by how far apart people put them.

    Bradley-Terry's ``P(x > y) = sigmoid((S_x − S_y) / temperature)``: the order of photos, which EMD leaves vague.
    ``same`` (B, B) is true where two photos may be compared; all may where it is ``None``.
    """
    difference = (predicted[:, None] - predicted[None, :]) / temperature
    wanted = actual[:, None] - actual[None, :]
    weight = wanted.clamp_min(0.0) if same is None else wanted.clamp_min(0.0) * same
    return (weight * torch.nn.functional.softplus(-difference)).sum() / weight.sum().clamp_min(1e-6)
