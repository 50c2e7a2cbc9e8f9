"""Trains learnable queries on the tokens of a frozen encoder."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from aesthetic_studio.models.embedded import QueryHead
from aesthetic_studio.models.mmlq import MMLQ
from trainer.embedded.series import series_loss
from trainer.loop.optimisation import adamw, check_finite, update
from trainer.losses import VOTES, emd_loss, rank_loss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.embedded.series import EncodedSeries
    from trainer.embedded.views import Views
    from trainer.recipes.recipe import EmbeddedRecipe
    from trainer.recipes.sections import TrainingSettings

Log = Callable[[dict[str, float | int]], None]
RATE_KEY = "training.learning_rate"


@dataclass(frozen=True, slots=True)
class Voted:
    """Encoded photos with their votes and sources, and series of other photos where those are learned too."""

    views: Views
    votes: NDArray[np.float64]
    sources: NDArray[np.str_]
    degraded: EncodedSeries | None = None


def train_head(
    data: Voted,
    chosen: NDArray[np.int64],
    recipe: EmbeddedRecipe,
    log: Log = lambda _: None,
) -> QueryHead:
    """Train one member for each of the recipe's seeds on the chosen photos, for the recipe's number of epochs.

    Raises ``KnownError`` where the loss is no number any more.
    """
    config = recipe.head.config(data.views.grid.shape[-1], data.views.pooled.shape[-1])
    head = QueryHead(config, members=len(recipe.seeds))
    for number, seed in enumerate(recipe.seeds):
        head.members[number] = _train_member(data, chosen, recipe, seed, log)
    return head.eval()


def _train_member(data: Voted, chosen: NDArray[np.int64], recipe: EmbeddedRecipe, seed: int, log: Log) -> MMLQ:
    settings, series = recipe.training, data.degraded
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        member = MMLQ(recipe.head.config(data.views.grid.shape[-1], data.views.pooled.shape[-1]))
        rows = torch.from_numpy(chosen)
        goal = smoothed(torch.from_numpy(data.votes).float(), rows, settings.vote_smoothing)
        start_from_average(member, goal[rows])
        group = torch.from_numpy(np.unique(data.sources, return_inverse=True)[1])
        steps = settings.epochs * math.ceil(len(rows) / settings.batch)
        optimiser, schedule = adamw(member.parameters(), settings, steps)
        member.train()
        for epoch in range(1, settings.epochs + 1):
            total = 0.0
            for batch in torch.split(rows[torch.randperm(len(rows))], settings.batch):
                tokens = data.views.of(batch, torch.randint(data.views.grid.shape[1], (len(batch),)))
                predicted = member({"visual": tokens.grid}, tokens.pooled).logits.softmax(dim=1)
                loss = votes_loss(predicted, goal[batch], group[batch], settings)
                if series is not None and recipe.degraded.weight:
                    some = torch.randint(len(series), (recipe.degraded.batch,)).tolist()
                    loss = loss + recipe.degraded.weight * series_loss(member, series, some)
                where = f"seed {seed}, epoch {epoch}"
                check_finite(float(loss.detach()), where, RATE_KEY)
                check_finite(update(loss, member.parameters(), optimiser, schedule), where, RATE_KEY)
                total += float(loss.detach()) * len(batch)
            log({"seed": seed, "epoch": epoch, "loss": total / len(rows)})
    return member


def votes_loss(predicted: Tensor, goal: Tensor, group: Tensor, settings: TrainingSettings) -> Tensor:
    """EMD of distributions (B, 10) and, where the recipe says so, the order of photos of one group (B,)."""
    loss = emd_loss(predicted, goal)
    if settings.rank_weight:
        same = group[:, None] == group[None, :] if settings.source_balance else None
        loss = loss + settings.rank_weight * rank_loss(predicted @ VOTES, goal @ VOTES, same=same)
    return loss


@torch.no_grad()
def start_from_average(member: MMLQ, votes: Tensor) -> None:
    """Let an untrained member answer with the average votes (N, 10), so that training begins at the best constant."""
    member.head.weight.mul_(0.1)
    member.head.bias.copy_(votes.mean(dim=0).clamp_min(1e-4).log())


@torch.no_grad()
def predict(head: QueryHead, views: Views, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """Distributions (N, 10) of the chosen photos, as they are."""
    found: NDArray[np.float64] = head(views.of(torch.from_numpy(chosen), 0)).probabilities.double().numpy()
    shares: NDArray[np.float64] = found / found.sum(axis=1, keepdims=True)
    return shares


def smoothed(votes: Tensor, rows: Tensor, share: float) -> Tensor:
    """Votes (N, 10) of which a share is replaced by the average of those rows."""
    return (1.0 - share) * votes + share * votes[rows].mean(dim=0) if share else votes
