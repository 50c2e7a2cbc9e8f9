"""Losses: on distributions of scores, on the order within series, and on why one photo is the better."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Directions = Literal["both", "better"]
Ties = Literal["together", "as_given"]

VOTES = torch.arange(1.0, 11.0)
"""What the ten bins of a distribution stand for."""

ALIGN_WEIGHT = 10.0
"""λ of FGAesQ's total loss (arXiv 2603.03907)."""


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


def rank_reg_loss(
    scores: Tensor,
    pairs: Tensor,
    probabilities: Tensor,
    *,
    lists: Tensor | None = None,
    directions: Directions = "both",
    ties: Ties = "together",
) -> Tensor:
    """RankReg, FGAesQ (arXiv 2603.03907) eq. 4-5: ListMLE over pairs, in the order of how sure people were of them.

    Bradley-Terry's ``P'(x > y) = sigmoid(S_x − S_y)`` is predicted for each pair, and the pairs' ``P'`` should fall in
    the order of the annotated ``P``: ``L = −Σ_i log(exp P'(r_i) / Σ_{j ≥ i} exp P'(r_j))``, ``r`` the annotated order.

    Shapes: ``scores`` (n,) on 1..10, ``pairs`` (P, 2) rows of ``scores``, ``probabilities`` (P,) that people prefer the
    first of each. A pair that is scored by itself (FGAesQ cuts a photo differently for each partner) simply has two
    rows of its own. The answer is a sum within each list, as the paper prints it, and a mean over lists; 0 for no pair.

    What the paper leaves open is this project's choice:

    - ``lists`` (P,) whole numbers: pairs of one number make one list; all of them together where it is ``None``. One
      list a series, over all its pairs, is the choice; a list per anchor photo is had by numbering anchors.
    - ``directions``: ``"both"`` lists a pair as (x, y) with P and as (y, x) with 1 − P; ``"better"`` lists it once, as
      people preferred it. The literal ``"better"`` says nothing of a series with one pair (a list of one is always in
      order), and draws a list's last pair towards the wrong photo, so ``"both"`` is the choice.
    - ``ties``: equal probabilities are ``"together"``, each competing with all of its equals, so that the order in
      which pairs come does not matter; or ``"as_given"``, each competing only with those after it.
    """
    if len(pairs) == 0:
        return scores.sum() * 0.0
    gap = scores[pairs[:, 0]] - scores[pairs[:, 1]]
    number = torch.zeros_like(pairs[:, 0]) if lists is None else lists
    wanted = probabilities.to(gap)
    if directions == "both":
        gap, wanted, number = torch.cat([gap, -gap]), torch.cat([wanted, 1.0 - wanted]), torch.cat([number, number])
    else:
        # An even pair has no better photo: the surer of the two ways stands for it, so that it is drawn to 1/2.
        even = wanted == 0.5
        gap = torch.where(even, gap.abs(), torch.where(wanted < 0.5, -gap, gap))
        wanted = torch.maximum(wanted, 1.0 - wanted)
    predicted = torch.sigmoid(gap)
    wanted = wanted.round(decimals=4)  # 0.7 and 1 − 0.3 differ by rounding alone
    after = _not_before(wanted, ties) & (number[:, None] == number[None, :])
    against = predicted[None, :].masked_fill(~after, -torch.inf).logsumexp(dim=1)
    return (against - predicted).sum() / len(torch.unique(number))


def bradley_terry_loss(scores: Tensor, pairs: Tensor, probabilities: Tensor) -> Tensor:
    """Mean negative log likelihood of pairs (P, 2), given how sure people preferred the first of each (P,).

    ``P'(x > y) = sigmoid(S_x − S_y)`` (Bradley and Terry, 1952). Unlike RankReg, whose slope vanishes with that of the
    sigmoid, it draws at a pair the more the further it is out of order. 0 for no pair.
    """
    if len(pairs) == 0:
        return scores.sum() * 0.0
    gap = scores[pairs[:, 0]] - scores[pairs[:, 1]]
    return torch.nn.functional.binary_cross_entropy_with_logits(gap, probabilities)


def ct_align_loss(better: Tensor, reference: Tensor, text: Tensor) -> Tensor:
    """CTAlign, FGAesQ (arXiv 2603.03907) fig. 4: ``1 − cos(E_v(x) − E_v(y), E_t)``, averaged over pairs; in 0..2.

    ``better`` and ``reference`` (P, D) are visual embeddings of the preferred photo and of the one it is compared with,
    ``text`` (P, D) embeds why it is better. The printed loss is the cosine itself, described as a distance to minimise;
    so it is taken as one minus it. Two photos embedded alike have no direction and count as 1.
    """
    return (1.0 - torch.nn.functional.cosine_similarity(better - reference, text, dim=1)).mean()


def total_loss(
    delta: float,
    *,
    distribution: Tensor | None = None,
    rank: Tensor | None = None,
    align: Tensor | None = None,
    align_weight: float = ALIGN_WEIGHT,
) -> Tensor:
    """``δ (λ L_align + L_RR) + (1 − δ) L_EMD``, FGAesQ's total: δ = 1 on batches of series, 0 on batches with votes.

    ``align_weight`` is λ, 10 in the paper. ``align`` may be missing on a batch of series, where no text says why.
    Raises ``ValueError`` where δ gives weight to a loss that is missing, or is not in 0..1.
    """
    if not 0.0 <= delta <= 1.0:
        raise ValueError(f"delta is {delta}, and must lie in 0..1")
    terms = []
    if delta > 0.0:
        if rank is None:
            raise ValueError("a batch of series needs its rank loss")
        terms.append(delta * (rank if align is None else align_weight * align + rank))
    if delta < 1.0:
        if distribution is None:
            raise ValueError("a batch with votes needs its loss on distributions")
        terms.append((1.0 - delta) * distribution)
    return torch.stack(terms).sum()


def _not_before(wanted: Tensor, ties: Ties) -> Tensor:
    """(P, P), true where the second pair does not stand before the first in the annotated order."""
    if ties == "together":
        return wanted[None, :] <= wanted[:, None]
    place = torch.argsort(torch.argsort(wanted, descending=True, stable=True), stable=True)
    return place[None, :] >= place[:, None]
