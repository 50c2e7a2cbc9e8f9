"""Queries that were trained on votes go on to learn the order of degraded series by RankReg, and keep their votes.

degraded series ─frozen encoder─▶ tokens ─▶ RankReg  ┐
photos with votes ─frozen encoder─▶ tokens ─▶ EMD    ┴─▶ one step, weighed
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from trainer.embedded.series import EncodedSeries, series_loss, shares_of
from trainer.embedded.training import RATE_KEY
from trainer.loop.optimisation import adamw, check_finite, update
from trainer.losses import emd_loss
from trainer.recipes.recipe import TrainingSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aesthetic_studio.models.embedded import QueryHead
    from aesthetic_studio.models.mmlq import MMLQ
    from aesthetic_studio.models.protocol import VisualTokens


@dataclass(frozen=True, slots=True)
class RankRegSettings:
    """How queries learn from series; all of it this project's choice.

    Attributes:
        training: Epochs over the series, their number in a batch, and the optimiser.
        rank_weight: Weight of RankReg beside the EMD, which keeps what the votes taught.
        keep: What the EMD holds the queries to on photos with votes: the ``votes`` themselves, or the ``answers`` that
            they gave before. There are many more steps than a few hundred photos' votes can be learned in.
        votes_batch: Photos with votes in each step.
    """

    training: TrainingSettings = field(
        default_factory=lambda: TrainingSettings(epochs=3, batch=16, learning_rate=1e-3, weight_decay=0.1)
    )
    rank_weight: float = 0.05
    keep: Literal["votes", "answers"] = "answers"
    votes_batch: int = 64


@dataclass(frozen=True, slots=True)
class Lessons:
    """Encoded photos that lie in memory, and what is known of them.

    Attributes:
        series: Degraded series, and their order.
        photos: Tokens of photos with votes.
        votes: (N, 10).
    """

    series: EncodedSeries
    photos: VisualTokens
    votes: NDArray[np.float64]


def learn_series(
    head: QueryHead, lessons: Lessons, chosen: NDArray[np.int64], settings: RankRegSettings, *, seed: int = 0
) -> QueryHead:
    """A copy of a head, each member of which learned the series' order and, of the chosen photos, their votes again."""
    taught = copy.deepcopy(head)
    for number, member in enumerate(taught.members):
        _learn(member, lessons, chosen, settings, seed + number)  # type: ignore[arg-type]
    return taught.eval().requires_grad_(False)


def _learn(member: MMLQ, lessons: Lessons, chosen: NDArray[np.int64], settings: RankRegSettings, seed: int) -> None:
    training = settings.training
    with torch.no_grad():
        before = shares_of(member.eval(), lessons.photos, torch.arange(len(lessons.votes)))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        member.requires_grad_(True).train()
        batches = math.ceil(len(lessons.series) / training.batch)
        optimiser, schedule = adamw(member.parameters(), training, training.epochs * batches)
        goal = torch.from_numpy(lessons.votes).float() if settings.keep == "votes" else before
        rows = torch.from_numpy(chosen)
        for epoch in range(1, training.epochs + 1):
            for batch in torch.split(torch.randperm(len(lessons.series)), training.batch):
                some = rows[torch.randint(len(rows), (min(settings.votes_batch, len(rows)),))]
                loss = emd_loss(shares_of(member, lessons.photos, some), goal[some])
                loss = loss + settings.rank_weight * series_loss(member, lessons.series, batch.tolist())
                where = f"series, seed {seed}, epoch {epoch}"
                check_finite(float(loss.detach()), where, RATE_KEY)
                check_finite(update(loss, member.parameters(), optimiser, schedule), where, RATE_KEY)


@torch.no_grad()
def distributions(head: QueryHead, tokens: VisualTokens) -> NDArray[np.float64]:
    """What a head says of encoded photos, (N, 10)."""
    shares: NDArray[np.float64] = np.concatenate(
        [
            torch.stack([shares_of(member, tokens, some) for member in head.members]).mean(dim=0).double().numpy()  # type: ignore[arg-type]
            for some in torch.split(torch.arange(len(tokens.grid)), 256)
        ]
    )
    whole: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
    return whole
