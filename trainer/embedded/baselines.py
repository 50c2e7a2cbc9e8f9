"""What the learnable queries are measured against, judged on the same folds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trainer.metrics import mean_scores, pearson, ranks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trainer.embedded.folds import Fold

STRENGTHS = 10.0 ** np.arange(-3.0, 3.5, 0.5)


def constant(votes: NDArray[np.float64], fold: Fold) -> NDArray[np.float64]:
    """The average votes (N, 10) of what was learned from, for every judged photo."""
    return np.repeat(votes[fold.learn].mean(axis=0, keepdims=True), len(fold.judge), axis=0)


def ridge(
    features: NDArray[np.float64], votes: NDArray[np.float64], fold: Fold, inner: Sequence[Fold]
) -> NDArray[np.float64]:
    """Ridge regression of the mean vote on features (N, D), its strength chosen on the inner folds; scores (N,)."""
    scores = mean_scores(votes)
    agreement = np.zeros(len(STRENGTHS))
    for part in inner:
        actual = ranks(scores[part.judge])
        agreement += [pearson(ranks(found), actual) for found in _ridge(features, scores, part, STRENGTHS)]
    return _ridge(features, scores, fold, STRENGTHS[[int(agreement.argmax())]])[0]


def _ridge(
    features: NDArray[np.float64], scores: NDArray[np.float64], fold: Fold, strengths: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """Predictions for each strength, in the dual form: photos are fewer than features."""
    # One scale for all features: their principal components' own variances say how far each can be trusted.
    mean, scale = features[fold.learn].mean(axis=0), features[fold.learn].std(axis=0).mean() + 1e-6
    learn, judge = ((features[rows] - mean) / scale for rows in (fold.learn, fold.judge))
    kernel, across = learn @ learn.T / learn.shape[1], judge @ learn.T / learn.shape[1]
    average = scores[fold.learn].mean()
    gap = scores[fold.learn] - average
    return [across @ np.linalg.solve(kernel + s * np.eye(len(kernel)), gap) + average for s in strengths]
