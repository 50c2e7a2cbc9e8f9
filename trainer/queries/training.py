"""Trains IAA-LQ and MMLQ on cached tokens: the model, its batches, its loss, and what it is validated by.

FeatureCache ─rows, views─▶ QueryBatch ─▶ MMLQ ─▶ EMD (+ rank loss), photos' order checked on validation rows
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from aesthetic_studio.models.mmlq import MMLQ
from aesthetic_studio.models.protocol import TextTokens
from trainer import metrics
from trainer.data.records import PhotoSet
from trainer.embedded.training import smoothed, start_from_average
from trainer.loop import LoopSettings, Share, Shuffled, fit, whole_batch
from trainer.losses import VOTES, emd_loss, rank_loss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.data.splits import Splits
    from trainer.features import FeatureCache
    from trainer.loop import Engine, Fitted
    from trainer.recipes.recipe import QueryRecipe
    from trainer.runs import RunFolder

    Rows = NDArray[np.int64]

PREDICTION_BATCH = 256


@dataclass(frozen=True, slots=True)
class QueryBatch:
    """One process's part of a step.

    Attributes:
        grid: (b, N, D) tokens of the photos.
        pooled: (b, P).
        words: Tokens of their words, or ``None``.
        goals: (B, 10) votes of the whole step's photos.
        groups: (B,) their sources' numbers.
        share: Which of them are this process's.
    """

    grid: Tensor
    pooled: Tensor
    words: TextTokens | None
    goals: Tensor
    groups: Tensor
    share: Share


class CachedBatches(Shuffled):
    """Batches of a cache's rows; each photo is seen through a view drawn for the step."""

    def __init__(
        self, cache: FeatureCache, goals: Tensor, groups: Tensor, rows: Rows, *, batch: int, seed: int, words: bool
    ) -> None:
        super().__init__(rows, batch, seed)
        self.cache = cache
        self.goals = goals
        self.groups = groups
        self.words = words

    def load(self, share: Share) -> QueryBatch:
        """A share's tokens and the whole step's votes."""
        views = share.own(share.generator().integers(0, self.cache.views, share.whole))
        tokens = self.cache.tokens(share.rows, torch.from_numpy(views))
        everyone = torch.from_numpy(share.everyone)
        return QueryBatch(
            tokens.grid,
            tokens.pooled,
            self.cache.text(share.rows) if self.words else None,
            self.goals[everyone],
            self.groups[everyone],
            share,
        )


class QueryTraining:
    """One training of queries on a cache.

    Attributes:
        model: The queries; trained after ``fit``.
        reads_words: Whether they read words.
    """

    def __init__(self, recipe: QueryRecipe, cache: FeatureCache, splits: Splits, engine: Engine) -> None:
        if not isinstance(cache.set, PhotoSet):
            raise TypeError("queries learn from photos with votes")
        self.recipe = recipe
        self.cache = cache
        self.splits = splits
        self.engine = engine
        self.reads_words = bool(recipe.model.text_encoder) and cache.text_encoder is not None
        text_width = cache.text_encoder.width if self.reads_words and cache.text_encoder is not None else None
        self.votes = cache.set.votes
        goals = torch.from_numpy(self.votes).float()
        self.goals = smoothed(goals, torch.from_numpy(splits.train), recipe.training.vote_smoothing)
        self.groups = torch.from_numpy(np.unique(cache.set.sources, return_inverse=True)[1])
        torch.manual_seed(recipe.seed)
        self.model = MMLQ(recipe.head.config(cache.encoder.width, cache.encoder.pooled_width, text_width))
        start_from_average(self.model, self.goals[torch.from_numpy(splits.train)])

    def fit(self, run: RunFolder, *, resume: bool = False, workers: int = 2) -> Fitted:
        """Train, and keep the epoch whose validation SRCC is best. Raises ``KnownError``."""
        settings = self.recipe.training
        batches = CachedBatches(
            self.cache,
            self.goals,
            self.groups,
            self.splits.train,
            batch=settings.batch,
            seed=self.recipe.seed,
            words=self.reads_words,
        )
        loop = LoopSettings(
            epochs=settings.epochs,
            learning_rate=settings.learning_rate,
            weight_decay=settings.weight_decay,
            warmup=settings.warmup,
            clip=settings.clip,
            seed=self.recipe.seed,
            checkpoint_every=settings.checkpoint_every,
            patience=settings.patience,
            workers=workers,
        )
        return fit(
            self.model,
            batches,
            self.loss,
            settings=loop,
            run=run,
            validate=self.validate,
            resume=resume,
            engine=self.engine,
        )

    def loss(self, model: nn.Module, batch: QueryBatch) -> Tensor:
        """EMD of this share's photos, and the rank loss over the whole step's where the recipe wants it."""
        settings = self.recipe.training
        predicted = _distributions(model, batch.grid, batch.pooled, batch.words)
        own = torch.from_numpy(batch.share.places if len(batch.share.places) else np.zeros(1, dtype=np.int64))
        loss = emd_loss(predicted, batch.goals[own.to(batch.goals.device)], settings.emd_r)
        if settings.rank_weight:
            votes = VOTES.to(predicted.device)
            everyone = whole_batch(predicted, batch.share)
            same = batch.groups[:, None] == batch.groups[None, :] if settings.source_balance else None
            loss = loss + settings.rank_weight * rank_loss(everyone @ votes, batch.goals @ votes, same=same)
        return loss

    def validate(self, model: nn.Module) -> dict[str, float]:
        """How well the validation photos are judged."""
        rows = self.splits.validation
        predicted, actual = self.predict(rows, model=model), self.votes[rows]
        return {name: metrics.METRICS[name](predicted, actual) for name in ("srcc", "plcc", "emd")}

    @torch.inference_mode()
    def predict(self, rows: Rows, *, model: nn.Module | None = None, words: bool = True) -> NDArray[np.float64]:
        """Distributions (n, 10) of some rows as they are, with their words or without."""
        chosen = (self.model if model is None else model).eval()

        def judged(some: Rows) -> Tensor:
            tokens = self.cache.tokens(rows[some])
            said = self.cache.text(rows[some]) if words and self.reads_words else None
            device = self.engine.device
            if said is not None:
                said = TextTokens(said.tokens.to(device), said.padding.to(device))
            return _distributions(chosen, tokens.grid.to(device), tokens.pooled.to(device), said)

        found = self.engine.rows(len(rows), judged, PREDICTION_BATCH).double().cpu().numpy()
        shares: NDArray[np.float64] = found / found.sum(axis=1, keepdims=True)
        return shares


def _distributions(model: nn.Module, grid: Tensor, pooled: Tensor, words: TextTokens | None) -> Tensor:
    tokens, padding = {"visual": grid}, {}
    if words is not None:
        tokens["text"], padding["text"] = words.tokens, words.padding
    found: Tensor = model(tokens, pooled, padding).logits.float().softmax(dim=1)
    return found
