"""Whether words help: a planted signal on real photos, judged on photos that were not learned from.

photos ─frozen encoder─▶ visual tokens ──────┐
votes ─planted words─▶ a tiny frozen BERT ───┴─▶ MMLQ, with modality dropout ─▶ judged with words, and without

Words that carry the answer should help; words that carry nothing should do no harm; and judged by the photo alone, a
checkpoint that was trained with words should be as good as one that never saw any.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.mmlq import MMLQ
from aesthetic_studio.models.protocol import TextTokens
from aesthetic_studio.models.text import find_text_encoder
from trainer import metrics
from trainer.data.opening import open_photos
from trainer.embedded import baselines
from trainer.embedded.folds import random_folds
from trainer.embedded.training import RATE_KEY, Voted, start_from_average
from trainer.embedded.validation import inner_folds
from trainer.features import build
from trainer.loop.optimisation import adamw, check_finite, update
from trainer.losses import emd_loss
from trainer.recipes.recipe import AugmentationSettings, HeadSettings, TrainingSettings
from trainer.studies.output import begin, cell, finish, markdown, say
from trainer.studies.planting import bag, make_bert, tell
from trainer.studies.teacher import voted_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from trainer.embedded.folds import Fold
    from trainer.metrics import Array

IMAGE_ONLY = "image only, never saw words"
TELLING, EMPTY = "telling words", "empty words"


@dataclass(frozen=True, slots=True)
class TextSettings:
    """How the study is made.

    Attributes:
        seeds: Trainings of each kind in each fold.
        folds: Random folds; every photo is judged by queries that did not learn from it.
        clarity: Of the telling words (see ``planting.tell``).
        noise: Added to what the telling words know of the standardised mean vote.
    """

    seeds: int = 5
    folds: int = 5
    clarity: float = 1.5
    noise: float = 0.7
    resamples: int = metrics.RESAMPLES
    head: HeadSettings = field(
        default_factory=lambda: HeadSettings(
            dropout=0.2, token_dropout=0.3, global_bias=6.0, modality_dropout=0.5, normalise_tokens=False
        )
    )
    training: TrainingSettings = field(
        default_factory=lambda: TrainingSettings(epochs=12, batch=64, learning_rate=1e-3, weight_decay=0.1)
    )
    views: AugmentationSettings = field(default_factory=lambda: AugmentationSettings(views=2))


def study(data: Path, output: Path, settings: TextSettings | None = None) -> dict[str, Any]:
    """Train and judge every kind, print the table and write the results. Raises ``KnownError``."""
    settings = settings or TextSettings()
    run = begin(output)
    cache = build(open_photos(data), find_encoder("embedded"), output / "features", views=settings.views)
    voted = voted_of(cache)
    said = {
        TELLING: tell(voted.votes, clarity=settings.clarity, noise=settings.noise, seed=1),
        EMPTY: tell(voted.votes, clarity=0.0, noise=0.0, seed=2),
    }
    reader = find_text_encoder(str(make_bert(output / "bert")))
    words = {kind: reader.encode(texts) for kind, texts in said.items()}
    folds = random_folds(np.arange(len(voted.votes)), settings.folds, 0)
    answers = judge_all(voted, words, folds, settings)
    ceiling = np.concatenate(
        [
            baselines.ridge(bag(said[TELLING]), voted.votes, f, inner_folds(voted.sources, f, by_source=False))
            for f in folds
        ]
    )
    results = figures(answers, voted.votes, np.concatenate([fold.judge for fold in folds]), settings.resamples)
    results |= {"set": cache.set.name, "photos": len(cache), "settings": settings}
    actual = voted.votes[np.concatenate([fold.judge for fold in folds])]
    results["ridge on counted telling words"] = metrics.srcc(metrics.points(ceiling), actual)
    finish(run, results, _table(results))
    return results


def judge_all(
    voted: Voted, words: Mapping[str, TextTokens], folds: list[Fold], settings: TextSettings
) -> dict[str, list[Array]]:
    """Out-of-fold distributions (N, 10), in the folds' order, of each kind of training and judging; one a seed."""
    found: dict[str, list[Array]] = {}
    for seed in range(1, settings.seeds + 1):
        parts: dict[str, list[Array]] = {}
        for fold in folds:
            parts.setdefault(IMAGE_ONLY, []).append(
                _judged(_trained(voted, None, fold, settings, seed), voted, None, fold)
            )
            for kind, text in words.items():
                member = _trained(voted, text, fold, settings, seed)
                parts.setdefault(f"{kind}, judged with them", []).append(_judged(member, voted, text, fold))
                parts.setdefault(f"{kind}, judged by the photo alone", []).append(
                    _judged(member, voted, silent(text), fold)
                )
        for name, some in parts.items():
            found.setdefault(name, []).append(np.concatenate(some))
        say(f"seed {seed}: " + ", ".join(f"{name} {len(some)} folds" for name, some in parts.items()))
    return found


def silent(text: TextTokens) -> TextTokens:
    """The same photos without a word."""
    return TextTokens(text.tokens, torch.ones_like(text.padding))


def figures(
    answers: Mapping[str, list[Array]], votes: Array, rows: NDArray[np.int64], resamples: int
) -> dict[str, Any]:
    """SRCC of every kind: of the seeds' averaged answers with an interval, of each seed, and paired with image only."""
    actual = votes[rows]
    only: dict[str, metrics.Metric] = {"srcc": metrics.srcc}
    plain = answers[IMAGE_ONLY]
    found = {}
    for name, each in answers.items():
        mean = np.mean(each, axis=0)
        gaps = [metrics.srcc(one, actual) - metrics.srcc(other, actual) for one, other in zip(each, plain, strict=True)]
        found[name] = {
            "srcc": metrics.summary(mean, actual, metrics=only, resamples=resamples)["srcc"],
            "each seed": [metrics.srcc(one, actual) for one in each],
            "less image only": None
            if name == IMAGE_ONLY
            else metrics.differences(mean, np.mean(plain, axis=0), actual, metrics=only, resamples=resamples)["srcc"],
            "less image only, each seed": gaps,
        }
    return {"kinds": found}


def _trained(voted: Voted, text: TextTokens | None, fold: Fold, settings: TextSettings, seed: int) -> MMLQ:
    """Queries that learned a fold's photos by EMD, with words (hidden from some of them) or without."""
    training = settings.training
    head = settings.head if text is not None else dataclasses.replace(settings.head, modality_dropout=0.0)
    views, rows = voted.views, torch.from_numpy(fold.learn)
    votes = torch.from_numpy(voted.votes).float()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        width = text.tokens.shape[-1] if text is not None else None
        member = MMLQ(head.config(views.grid.shape[-1], views.pooled.shape[-1], width))
        start_from_average(member, votes[rows])
        steps = training.epochs * math.ceil(len(rows) / training.batch)
        optimiser, schedule = adamw(member.parameters(), training, steps)
        member.train()
        for epoch in range(1, training.epochs + 1):
            for batch in torch.split(rows[torch.randperm(len(rows))], training.batch):
                view = torch.randint(views.grid.shape[1], (len(batch),))
                loss = emd_loss(_answers(member, voted, text, batch, view), votes[batch])
                where = f"seed {seed}, epoch {epoch}"
                check_finite(float(loss.detach()), where, RATE_KEY)
                check_finite(update(loss, member.parameters(), optimiser, schedule), where, RATE_KEY)
    return member.eval()


@torch.no_grad()
def _judged(member: MMLQ, voted: Voted, text: TextTokens | None, fold: Fold) -> Array:
    found: Array = _answers(member, voted, text, torch.from_numpy(fold.judge), 0).double().numpy()
    shares: Array = found / found.sum(axis=1, keepdims=True)
    return shares


def _answers(
    member: MMLQ, voted: Voted, text: TextTokens | None, rows: torch.Tensor, view: torch.Tensor | int
) -> torch.Tensor:
    seen = voted.views.of(rows, view)
    modalities, padding = {"visual": seen.grid}, {}
    if text is not None:
        modalities["text"], padding["text"] = text.tokens[rows], text.padding[rows]
    shares: torch.Tensor = member(modalities, seen.pooled, padding).logits.softmax(dim=1)
    return shares


def _table(results: dict[str, Any]) -> str:
    lines = []
    for name, found in results["kinds"].items():
        each, gaps = found["each seed"], found["less image only, each seed"]
        lines.append(
            [
                name,
                cell(found["srcc"]),
                f"{np.mean(each):.3f} ± {np.std(each):.3f}",
                cell(found["less image only"]),
                f"{np.mean(gaps):+.3f} ± {np.std(gaps):.3f}" if found["less image only"] else "–",
            ]
        )
    counted = results["ridge on counted telling words"]
    lines.append(["ridge on how often each telling word is said", f"{counted:.3f}", "–", "–", "–"])
    return markdown(
        ["trained with", "SRCC, seeds averaged", "one seed", "less image only (paired)", "the same, one seed"], lines
    )
