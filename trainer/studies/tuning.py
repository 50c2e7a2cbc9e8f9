"""Whether it helps to let the encoder's last blocks learn votes too, beside a term that keeps what it was.

photos ─early blocks, frozen─▶ last blocks ─▶ tokens ─▶ queries ─▶ EMD + rank loss ┐
photos ─the encoder as it was─────────────▶ tokens ─▶ mean squared difference ─────┴─▶ one loss

Every source is left out in turn, so an encoder is tuned for each; then queries learn from its tokens as they do from
those of the frozen one.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.encoders.compact import CompactEncoder
from aesthetic_studio.models.mmlq import MMLQ
from trainer import metrics
from trainer.data.votes import read_votes
from trainer.embedded.folds import leave_one_source_out
from trainer.embedded.training import RATE_KEY, Voted, predict, smoothed, start_from_average, train_head, votes_loss
from trainer.embedded.views import encode_views
from trainer.loop.optimisation import check_finite, rate, update
from trainer.recipes.recipe import EmbeddedRecipe, read_as
from trainer.studies.output import begin, cell, finish, markdown, say

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from trainer.data.votes import VotedPhotos


@dataclass(frozen=True, slots=True)
class TuningSettings:
    """How the study is made.

    Attributes:
        keeps: Weights of the term that keeps the encoder, each tried by itself; the frozen encoder is judged first.
        blocks: Of the encoder, from its end, that learn.
        epochs: Of tuning.
        rate: Of the encoder; its queries learn at the recipe's own.
        seeds: Members that are averaged.
    """

    keeps: tuple[float, ...] = (0.0, 10.0)
    blocks: int = 2
    epochs: int = 4
    rate: float = 3e-5
    seeds: int = 3
    resamples: int = metrics.RESAMPLES


def study(data: Path, encoder: str, output: Path, settings: TuningSettings | None = None) -> dict[str, Any]:
    """Judge, print the table and write the results.

    Raises ``KnownError`` where data or encoder cannot be used; only a compact encoder can be tuned.
    """
    settings = settings or TuningSettings()
    frozen = find_encoder(encoder).eval().requires_grad_(False)
    if not isinstance(frozen, CompactEncoder):
        raise KnownError(f"{encoder}: this encoder has no blocks that could be tuned.", "Name a compact encoder.")
    photos, _ = read_votes(data, frozen.card.input_size)
    recipe = _recipe(settings)
    run = begin(output)
    figures: dict[str, dict[str, Any]] = {}
    for keep in (None, *settings.keeps):
        name = "frozen" if keep is None else f"kept with weight {keep:g}"
        figures[name] = found = _judge(photos, frozen, recipe, settings, keep)
        say(f"{name}: SRCC {found['srcc'].value:.3f}, within a source {found['within'].value:.3f}")
    table = markdown(
        ["the encoder's last blocks", "SRCC, leave one source out", "mean within source", "tokens' variance explained"],
        [[name, cell(found["srcc"]), cell(found["within"]), f"{found['kept']:.3f}"] for name, found in figures.items()],
    )
    results = {"settings": settings, "encoder": frozen.card.name, "photos": len(photos), "judged": figures}
    finish(run, results, table)
    return results


def tune(
    encoder: CompactEncoder,
    photos: VotedPhotos,
    rows: NDArray[np.int64],
    recipe: EmbeddedRecipe,
    settings: TuningSettings,
    keep: float,
) -> CompactEncoder:
    """A copy of an encoder whose last blocks learned the votes of some photos; ``keep`` weighs what it was.

    Raises ``KnownError`` where the loss is no number any more.
    """
    tuned = copy.deepcopy(encoder)
    for layer in tuned.chain[-2 * settings.blocks :]:
        layer.requires_grad_(True)
    learning = recipe.training
    votes, every = torch.from_numpy(photos.votes).float(), torch.from_numpy(rows)
    goal = smoothed(votes, every, learning.vote_smoothing)
    group = torch.from_numpy(np.unique(photos.sources, return_inverse=True)[1])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seeds[0])
        queries = MMLQ(recipe.head.config(encoder.card.width, encoder.card.pooled_width))
        start_from_average(queries, goal[every])
        parameters = [*queries.parameters(), *(some for some in tuned.parameters() if some.requires_grad)]
        optimiser = torch.optim.AdamW(
            [
                {"params": list(queries.parameters()), "lr": learning.learning_rate},
                {"params": parameters[len(list(queries.parameters())) :], "lr": settings.rate},
            ],
            weight_decay=learning.weight_decay,
        )
        steps = settings.epochs * math.ceil(len(rows) / learning.batch)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate(step, steps, learning.warmup))
        queries.train()
        for epoch in range(1, settings.epochs + 1):
            for batch in torch.split(every[torch.randperm(len(every))], learning.batch):
                images = _flipped(torch.from_numpy(photos.images[batch.numpy()]))
                tokens = tuned(images)
                with torch.no_grad():
                    before = encoder(images)
                predicted = queries({"visual": tokens.grid}, tokens.pooled).logits.softmax(dim=1)
                moved = _moved(tokens.grid, before.grid) + _moved(tokens.pooled, before.pooled)
                loss = votes_loss(predicted, goal[batch], group[batch], learning) + keep * moved
                where = f"tuning, epoch {epoch}"
                check_finite(float(loss.detach()), where, RATE_KEY)
                check_finite(update(loss, parameters, optimiser, schedule), where, RATE_KEY)
    return tuned.eval().requires_grad_(False)


def _judge(
    photos: VotedPhotos, frozen: CompactEncoder, recipe: EmbeddedRecipe, settings: TuningSettings, keep: float | None
) -> dict[str, Any]:
    rows = np.arange(len(photos))
    predicted = np.zeros((len(photos), 10))
    kept: list[float] = []
    views = encode_views(frozen, photos.images, recipe.augmentation, seed=0)
    before = views.grid[:, 0].float()
    for fold in leave_one_source_out(photos.sources, rows):
        if keep is not None:
            tuned = tune(frozen, photos, fold.learn, recipe, settings, keep)
            views = encode_views(tuned, photos.images, recipe.augmentation, seed=0)
        kept.append(1.0 - float(_moved(views.grid[fold.judge, 0].float(), before[fold.judge])))
        head = train_head(Voted(views, photos.votes, photos.sources), fold.learn, recipe)
        predicted[fold.judge] = predict(head, views, fold.judge)
    asked = {"srcc": metrics.srcc}
    pooled = metrics.summary(predicted, photos.votes, metrics=asked, resamples=settings.resamples)
    within = metrics.summary_within(
        predicted, photos.votes, photos.sources, metrics=asked, resamples=settings.resamples
    )
    return {"srcc": pooled["srcc"], "within": within["srcc"], "kept": float(np.mean(kept))}


def _recipe(settings: TuningSettings) -> EmbeddedRecipe:
    """The embedded model's own recipe, with two views and no series, so that only the encoder differs."""
    recipe = read_as(EmbeddedRecipe, "embedded", ["degraded.photos=0", "augmentation.views=2"])
    return dataclasses.replace(recipe, select={}, seeds=tuple(range(1, settings.seeds + 1)))


def _moved(now: Tensor, before: Tensor) -> Tensor:
    """How far numbers moved: their mean squared difference, in parts of what they varied by."""
    return (now - before).square().mean() / before.var().clamp_min(1e-6)


def _flipped(images: Tensor) -> Tensor:
    """Every second photo (B, 3, S, S), drawn anew, as its mirror image."""
    mirrored = torch.rand(len(images)) < 0.5
    return torch.where(mirrored[:, None, None, None], images.flip(3), images)
