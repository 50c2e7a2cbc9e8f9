"""Fits a model: one loop for every recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn

    from trainer.loop.batches import Batches
    from trainer.loop.settings import LoopSettings
    from trainer.runs import RunFolder

Batch = TypeVar("Batch")
Loss = Callable[["nn.Module", Batch], "Tensor"]
Validate = Callable[["nn.Module"], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of a fit.

    Attributes:
        epochs: Epochs that were trained, all runs together.
        steps: Steps likewise.
        stopped_early: Whether ``patience`` ended it.
        best: Validation metrics of the best epoch; empty without validation.
        best_epoch: Its number; the last one's without validation.
        checkpoint: The best weights' file.
    """

    epochs: int
    steps: int
    stopped_early: bool
    best: Mapping[str, float]
    best_epoch: int
    checkpoint: Path


def fit(
    model: nn.Module,
    batches: Batches[Batch],
    loss: Loss[Batch],
    *,
    settings: LoopSettings,
    run: RunFolder,
    validate: Validate | None = None,
    resume: bool = True,
    stage: str = "",
) -> Fitted:
    """Fit ``model`` to the mean of ``loss`` over each step's rows; afterwards it holds the best weights.

    ``loss`` takes the model and this process's share of a batch and answers with a mean over the share's rows.
    ``validate`` takes the model in evaluation mode, once an epoch. ``stage`` names checkpoints where a recipe fits
    several times in one run.
    """
    raise NotImplementedError


_ = Any
