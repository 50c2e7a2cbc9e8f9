"""Linear regression on answers that are cut off below at zero and above at a ceiling.

A layer of a network that ends in a ReLU tells no more of what it cut off than the side. So the loss of a weight vector
w at a sample (x, y) is (x·w - y)² where y lies between, and the square of what x·w is short of the cut where y lies on
it (the loss of a support vector machine with squared hinge, from both sides). It is convex: there is one lowest value,
and no luck in finding it.

Steepest descent in the metric of the inputs' own second moments, with Nesterov's momentum; a step never overshoots, for
the loss is nowhere more curved than that of the plain regression.
"""

from __future__ import annotations

import torch
from torch import Tensor

RIDGE = 1e-5
"""Of the inputs' mean square, added to each so that inputs that are never there have a weight: none."""


def fit_clipped(x: Tensor, y: Tensor, *, ceiling: float, tolerance: float, steps: int) -> tuple[Tensor, Tensor]:
    """Weights (G, F, O) and intercepts (G, O) for inputs (G, N, F) and answers (G, N, O) of G separate problems.

    ``tolerance``: an answer so close to a cut lies on it.
    """
    groups, samples, _ = x.shape
    x = torch.cat([x, x.new_ones(groups, samples, 1)], dim=2)
    transposed = x.transpose(1, 2)
    moments = (transposed @ x).double() / samples
    scale = moments.diagonal(dim1=1, dim2=2).mean(dim=1)
    moments += torch.eye(x.shape[2], dtype=torch.float64) * (RIDGE * scale)[:, None, None]
    factor = torch.linalg.cholesky(moments)
    low, high = y <= tolerance, y >= ceiling - tolerance

    def descent(residuals: Tensor) -> Tensor:
        return torch.cholesky_solve((transposed @ residuals).double() / samples, factor).float()

    found = ahead = descent(y)
    momentum = 1.0
    for _ in range(steps):
        said = x @ ahead
        missed = y - said
        missed[(low & (said < 0.0)) | (high & (said > ceiling))] = 0.0
        moved = ahead + descent(missed)
        following = (1.0 + (1.0 + 4.0 * momentum * momentum) ** 0.5) / 2.0
        ahead = moved + (momentum - 1.0) / following * (moved - found)
        found, momentum = moved, following
    return found[:, :-1], found[:, -1]
