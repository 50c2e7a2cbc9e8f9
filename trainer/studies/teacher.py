"""Learnable queries against ridge regression over one frozen encoder: what the seed of this project promised.

photos ─encoder, once─▶ features of views ─▶ { queries, trained by EMD · ridge on the pooled vectors } ─▶ paired figures

Every alternative is chosen on inner folds of what is learned from, anew for each outer fold; only then are its photos
judged, once. The ridge regressions choose their strength in the same way.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from aesthetic_studio.models.encoders import find_encoder
from trainer import metrics
from trainer.data.opening import open_photos
from trainer.embedded import baselines
from trainer.embedded.folds import Fold, leave_one_source_out, random_folds
from trainer.embedded.training import Voted, train_head
from trainer.embedded.validation import inner_folds
from trainer.embedded.views import Views
from trainer.features import build
from trainer.recipes.recipe import AugmentationSettings, EmbeddedRecipe, HeadSettings, TrainingSettings
from trainer.studies.normalising import Normalisation, normalise, normalise_numbers
from trainer.studies.output import begin, cell, finish, markdown, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aesthetic_studio.models.card import Interval
    from aesthetic_studio.models.embedded import QueryHead
    from trainer.features import FeatureCache
    from trainer.metrics import Array, Difference
    from trainer.runs import RunFolder

QUERIES = "learnable queries"
RIDGE = "ridge on the pooled features"
JUDGED_BY: Mapping[str, metrics.Metric] = {name: metrics.METRICS[name] for name in ("srcc", "plcc")}

VIEWS = AugmentationSettings(views=6, flip=True, crop=0.82, stretch=0.15, blur=0.0)
"""The photo, its mirror image and four crops."""


HEAD = HeadSettings(width=64, queries=4, blocks=1, dropout=0.2, token_dropout=0.3, global_bias=6.0)
TRAINING = TrainingSettings(
    epochs=6,
    batch=64,
    learning_rate=2e-3,
    weight_decay=0.1,
    rank_weight=0.6,
    source_balance=True,
    vote_smoothing=0.2,
)

COMPONENTS = Normalisation(components=128)
ROOTS = Normalisation(power=0.5, components=128)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to train the queries: how tokens are prepared, the head, the optimiser and the losses."""

    name: str
    normalisation: Normalisation = COMPONENTS
    head: HeadSettings = HEAD
    training: TrainingSettings = TRAINING

    def recipe(self, seeds: Sequence[int]) -> EmbeddedRecipe:
        """As the trainer reads it."""
        return EmbeddedRecipe(
            name="teacher", title="Teacher", version="1", seeds=tuple(seeds), head=self.head, training=self.training
        )


CANDIDATES = (
    Candidate("EMD", ROOTS, training=dataclasses.replace(TRAINING, rank_weight=0.0)),
    Candidate("EMD and rank loss", ROOTS),
)
"""What inner folds choose among. What was tried before these were kept is told in docs/studies.md."""


@dataclass(frozen=True, slots=True)
class TeacherSettings:
    """How the study is made.

    Attributes:
        seeds: Members of the queries, averaged; each is also judged alone.
        inner_seeds: Members by which alternatives are compared; all of them would only make that steadier.
        random_folds: Folds of the second protocol.
        resamples: Of the bootstrap.
        views: What is learned from; the queries' answers for all views are averaged, and so are ridge's features.
    """

    seeds: int = 10
    inner_seeds: int = 2
    random_folds: int = 10
    resamples: int = metrics.RESAMPLES
    views: AugmentationSettings = VIEWS
    candidates: tuple[Candidate, ...] = CANDIDATES


@dataclass(frozen=True, slots=True)
class Answers:
    """What every judge said of the photos that it was not taught, by one protocol.

    Attributes:
        rows: Which photos, in the order of the answers.
        judges: Distributions (N, 10) of each judge; of a point score, all votes on its two neighbouring bins.
        alone: Distributions (N, 10) of each member of the queries.
        inner: Mean SRCC on inner folds of each candidate, for each outer fold.
        chosen: The candidate of each outer fold.
    """

    rows: NDArray[np.int64]
    judges: dict[str, Array]
    alone: list[Array]
    inner: dict[str, dict[str, float]]
    chosen: dict[str, str]


def study(data: Path, encoder: str, output: Path, settings: TeacherSettings | None = None) -> dict[str, Any]:
    """Answer by both protocols, print the table and write the results. Raises ``KnownError``."""
    settings = settings or TeacherSettings()
    run = begin(output)
    cache = build(
        open_photos(data), find_encoder(encoder), output / "features", views=settings.views, progress=_progress
    )
    voted = voted_of(cache)
    rows = np.arange(len(cache))
    protocols: list[tuple[str, list[Fold], bool]] = [
        (f"{settings.random_folds} random folds", random_folds(rows, settings.random_folds, 0), False)
    ]
    if len(np.unique(voted.sources)) > 2:
        protocols.insert(0, ("leave one source out", leave_one_source_out(voted.sources, rows), True))
    results: dict[str, Any] = {
        "set": cache.set.name,
        "photos": len(cache),
        "encoder": f"{cache.encoder.name} {cache.encoder.version}",
        "settings": settings,
    }
    lines: list[list[str]] = []
    for name, folds, by_source in protocols:
        answers = answer(voted, folds, by_source=by_source, settings=settings)
        figures = judge(voted, answers, settings.resamples)
        results[name] = {**figures, "inner": answers.inner, "chosen": answers.chosen}
        lines += _lines(name, figures)
        _write_predictions(run, name, answers)
    heading = ["held out", "judge", "SRCC", "PLCC", "SRCC within source", "queries less this judge, SRCC", "p"]
    finish(run, results, markdown(heading, lines))
    return results


def voted_of(cache: FeatureCache) -> Voted:
    """All views of all photos in memory, with votes and sources."""
    every = np.arange(len(cache))
    seen = [cache.tokens(every, view) for view in range(cache.views)]
    views = Views(
        torch.stack([one.grid.half() for one in seen], dim=1),
        torch.stack([one.pooled.half() for one in seen], dim=1),
        seen[0].height,
        seen[0].width,
    )
    return Voted(views, cache.set.votes, cache.set.sources)  # type: ignore[union-attr]


def answer(voted: Voted, folds: Sequence[Fold], *, by_source: bool, settings: TeacherSettings) -> Answers:
    """Every judge's answers for the folds' photos, each fold's queries chosen on its inner folds."""
    members: list[Array] = []
    points: dict[str, list[Array]] = {}
    inner: dict[str, dict[str, float]] = {}
    chosen: dict[str, str] = {}
    for fold in folds:
        within = inner_folds(voted.sources, fold, by_source=by_source)
        # Prepared once for all that happens within the fold: by photos that are learned from, and without their votes.
        prepared = {
            how: dataclasses.replace(voted, views=normalise(voted.views, fold.learn, how))
            for how in {one.normalisation for one in settings.candidates}
        }
        found = {
            one.name: _inner_srcc(prepared[one.normalisation], one, within, settings.inner_seeds)
            for one in settings.candidates
        }
        best = max(settings.candidates, key=lambda one: found[one.name])
        inner[fold.name], chosen[fold.name] = found, best.name
        say(f"{fold.name}: {best.name} of {', '.join(f'{name} {value:.3f}' for name, value in found.items())}")
        seeds = range(1, settings.seeds + 1)
        members.append(_taught(prepared[best.normalisation], best, fold, seeds))
        for name, scores in _ridges(voted, fold, within).items():
            points.setdefault(name, []).append(scores)
    alone = np.concatenate(members, axis=1)
    judges = {QUERIES: alone.mean(axis=0)}
    judges |= {name: metrics.points(np.concatenate(parts)) for name, parts in points.items()}
    return Answers(np.concatenate([fold.judge for fold in folds]), judges, list(alone), inner, chosen)


def _inner_srcc(prepared: Voted, candidate: Candidate, folds: Sequence[Fold], seeds: int) -> float:
    """Mean SRCC over inner folds of a few members' averaged answers."""
    found = [
        metrics.srcc(_taught(prepared, candidate, fold, range(1, seeds + 1)).mean(axis=0), prepared.votes[fold.judge])
        for fold in folds
    ]
    return float(np.mean(found))


def _taught(prepared: Voted, candidate: Candidate, fold: Fold, seeds: Sequence[int]) -> Array:
    """Distributions (members, judged, 10) of a fold's photos by members that learned its others."""
    head = train_head(prepared, fold.learn, candidate.recipe(seeds))
    return member_answers(head, prepared.views, fold.judge)


@torch.no_grad()
def member_answers(head: QueryHead, views: Views, chosen: NDArray[np.int64]) -> Array:
    """Each member's distributions (members, chosen, 10), averaged over a photo's views."""
    rows = torch.from_numpy(chosen)
    answers: list[list[torch.Tensor]] = [[] for _ in head.members]
    for view in range(views.grid.shape[1]):
        tokens = views.of(rows, view)
        for number, member in enumerate(head.members):
            answers[number].append(member({"visual": tokens.grid}, tokens.pooled).logits.softmax(dim=1))
    found = np.stack([torch.stack(one).mean(dim=0).double().numpy() for one in answers])
    shares: Array = found / found.sum(axis=2, keepdims=True)
    return shares


def _ridges(voted: Voted, fold: Fold, within: Sequence[Fold]) -> dict[str, Array]:
    """Ridge regressions of the mean vote: as the promise has it, and with what else the queries were given."""
    pooled = voted.views.pooled
    components = normalise_numbers(pooled, pooled[torch.from_numpy(fold.learn), 0], COMPONENTS)
    return {
        name: baselines.ridge(features.double().numpy(), voted.votes, fold, within)
        for name, features in (
            (RIDGE, pooled[:, 0]),
            (f"{RIDGE}, all views averaged", pooled.float().mean(dim=1)),
            (f"{RIDGE}, all views averaged, {COMPONENTS.components} components", components.float().mean(dim=1)),
        )
    }


def judge(voted: Voted, answers: Answers, resamples: int) -> dict[str, Any]:
    """Every judge's figures with intervals, and by how much the queries are ahead on the same photos."""
    votes, sources = voted.votes[answers.rows], voted.sources[answers.rows]
    queries = answers.judges[QUERIES]
    found: dict[str, Any] = {"judges": {}, "queries less": {}}
    for name, predicted in answers.judges.items():
        found["judges"][name] = {
            "pooled": metrics.summary(predicted, votes, metrics=JUDGED_BY, resamples=resamples),
            "within source": metrics.summary_within(predicted, votes, sources, metrics=JUDGED_BY, resamples=resamples),
        }
        if name != QUERIES:
            found["queries less"][name] = {
                "pooled": metrics.differences(queries, predicted, votes, metrics=JUDGED_BY, resamples=resamples),
                "within source": metrics.differences(
                    queries, predicted, votes, sources, metrics=JUDGED_BY, resamples=resamples
                ),
            }
    found["each seed alone"] = [metrics.srcc(one, votes) for one in answers.alone]
    return found


def _lines(protocol: str, figures: Mapping[str, Any]) -> list[list[str]]:
    lines = []
    for name, found in figures["judges"].items():
        pooled: dict[str, Interval] = found["pooled"]
        ahead: Difference | None = figures["queries less"].get(name, {}).get("pooled", {}).get("srcc")
        lines.append(
            [
                protocol,
                name,
                cell(pooled["srcc"]),
                cell(pooled["plcc"]),
                cell(found["within source"]["srcc"]),
                cell(ahead),
                f"{ahead.p:.3f}" if ahead else "–",
            ]
        )
    alone = figures["each seed alone"]
    each = f"{np.mean(alone):.3f} ± {np.std(alone):.3f}"
    lines.insert(1, [protocol, f"{QUERIES}, one seed (mean ± deviation of {len(alone)})", each, "–", "–", "–", "–"])
    return lines


def _write_predictions(run: RunFolder, protocol: str, answers: Answers) -> None:
    table = np.column_stack([answers.rows, *(metrics.mean_scores(one) for one in answers.judges.values())])
    np.savetxt(
        run.path / f"predictions-{protocol.replace(' ', '-')}.csv",
        table,
        fmt=["%d", *["%.6f"] * len(answers.judges)],
        delimiter=",",
        header=",".join(["row", *(name.replace(",", ";") for name in answers.judges)]),
        comments="",
    )


def _progress(what: str, done: int, total: int) -> None:
    if done == total or done % 128 == 0:
        say(f"{what}: {done} of {total}")
