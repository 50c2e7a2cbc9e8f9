"""From one score to a distribution of votes, for models that predict a point."""

from __future__ import annotations

import torch
from torch import Tensor

VOTES = torch.arange(1.0, 11.0, dtype=torch.float64)
SPREAD_FACTOR = 0.288
"""People's variance at mean score m is about ``0.288 (m − 1)(10 − m)``.

The form vanishes where everybody agrees, at both ends. The factor is the least-squares fit to the 734 photos of
sophoappeal, whose five stars count as pairs of votes (1, 2), …, (9, 10); it meets their standard deviations with a root
mean square error of 0.17 (a constant one: 0.23). A test measures it again on the votes.
"""


def usual_spread(scores: Tensor, factor: float = SPREAD_FACTOR) -> Tensor:
    """Standard deviation that people's votes usually have at these mean scores (B,)."""
    return (factor * (scores - 1.0) * (10.0 - scores)).clamp_min(1e-4).sqrt()


def distribution_of(scores: Tensor, spread: Tensor | None = None) -> Tensor:
    """Votes over 1..10 (B, 10) whose mean is exactly the score (B,), as wide as ``spread`` (B,) at most.

    A normal distribution on the ten votes, tilted until its mean is right: where the score is near an end it becomes
    narrower, as votes do. ``spread`` is ``usual_spread`` where it is not given. Scores are held within 1.01..9.99.
    """
    mean = scores.double().clamp(1.01, 9.99)
    sigma = (usual_spread(mean) if spread is None else spread.double()).clamp_min(0.05)
    votes = VOTES.to(scores.device)
    logits = -0.5 * ((votes - mean[:, None]) / sigma[:, None]) ** 2
    # The mean of softmax(logits + tilt · votes) rises with the tilt, so bisection always finds it.
    low, high = torch.full_like(mean, -400.0), torch.full_like(mean, 400.0)
    for _ in range(80):
        tilt = (low + high) / 2.0
        found = (logits + tilt[:, None] * votes).softmax(dim=1) @ votes
        low, high = torch.where(found < mean, tilt, low), torch.where(found < mean, high, tilt)
    return (logits + ((low + high) / 2.0)[:, None] * votes).softmax(dim=1).to(scores.dtype)
