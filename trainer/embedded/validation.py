"""Cross-validation in which nothing that is judged has any part in fitting or in choosing.

For each source that is left out, the recipe's alternatives are compared by cross-validation *within* what is learned
from, the best one is trained on all of it, and only then are that source's photos judged, once.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from trainer import metrics
from trainer.embedded.folds import Fold, leave_one_source_out, random_folds
from trainer.embedded.training import Voted, predict, train_head

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trainer.recipes.recipe import EmbeddedRecipe

INNER_RANDOM_FOLDS = 3
TRIAL_SEEDS = 3
"""Members by which alternatives are compared: one alone differs from another by as much as alternatives do."""


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """Out-of-fold answers.

    Attributes:
        rows: Which photos were judged, in the order of ``predicted``.
        predicted: (N, 10).
        chosen: For each fold, which alternative was chosen on its inner folds.
    """

    rows: NDArray[np.int64]
    predicted: NDArray[np.float64]
    chosen: dict[str, dict[str, object]]


def inner_folds(sources: NDArray[np.str_], fold: Fold, *, by_source: bool, seed: int = 0) -> list[Fold]:
    """Folds within what an outer fold learns from, of the same kind as the outer ones."""
    if by_source and len(np.unique(sources[fold.learn])) > 1:
        return leave_one_source_out(sources, fold.learn)
    return random_folds(fold.learn, INNER_RANDOM_FOLDS, seed)


def select(
    recipe: EmbeddedRecipe, data: Voted, folds: list[Fold], say: Callable[[str], None]
) -> tuple[EmbeddedRecipe, float]:
    """The alternative with the highest mean SRCC over the folds' judged photos, and that SRCC."""
    best, best_figure = recipe, -2.0
    candidates = recipe.candidates()
    for candidate in candidates if len(candidates) > 1 else []:
        trial = dataclasses.replace(candidate, seeds=candidate.seeds[:TRIAL_SEEDS])
        figures = [
            metrics.srcc(
                predict(train_head(data, fold.learn, trial), data.views, fold.judge),
                data.votes[fold.judge],
            )
            for fold in folds
        ]
        say(f"  inner SRCC {np.mean(figures):.3f} for {choice(candidate, recipe)}")
        if float(np.mean(figures)) > best_figure:
            best, best_figure = candidate, float(np.mean(figures))
    return (best, best_figure) if len(candidates) > 1 else (candidates[0], best_figure)


def choice(candidate: EmbeddedRecipe, recipe: EmbeddedRecipe) -> dict[str, object]:
    """What an alternative chose for each key that its recipe leaves open."""
    return {key: getattr(getattr(candidate, key.split(".")[0]), key.split(".")[1]) for key in recipe.select}


def cross_validate(
    recipe: EmbeddedRecipe, data: Voted, folds: list[Fold], *, by_source: bool, say: Callable[[str], None]
) -> Judged:
    """Judge every fold's photos with a model that neither learned from them nor was chosen by them.

    Alternatives are chosen on inner folds where sources are left out. Random folds, of which there are many, take the
    recipe's own values without any choosing.
    """
    answers, chosen = [], {}
    for fold in folds:
        say(f"{fold.name}: {len(fold.learn)} to learn from, {len(fold.judge)} to judge")
        best = dataclasses.replace(recipe, select={})
        if by_source:
            best, _ = select(recipe, data, inner_folds(data.sources, fold, by_source=True), say)
            chosen[fold.name] = choice(best, recipe)
        head = train_head(data, fold.learn, best)
        answers.append(predict(head, data.views, fold.judge))
    return Judged(np.concatenate([fold.judge for fold in folds]), np.concatenate(answers), chosen)
