"""A small fit on made data that a test may run in a process of its own, and kill."""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from trainer.loop import Engine, LoopSettings, Share, Shuffled, fit, whole_batch
from trainer.losses import rank_loss
from trainer.runs import RunFolder

ROWS, WIDTH = 42, 6
GENERATOR = np.random.default_rng(5)
INPUTS = torch.from_numpy(GENERATOR.normal(size=(ROWS, WIDTH))).float()
GOALS = INPUTS @ torch.from_numpy(GENERATOR.normal(size=WIDTH)).float()
SETTINGS = LoopSettings(epochs=3, learning_rate=1e-2, weight_decay=0.01, seed=3, checkpoint_every=2, log_every=1)


class Examples(Shuffled):
    def load(self, share: Share) -> tuple[Tensor, Tensor]:
        noise = share.own(share.generator().normal(0, 0.1, (share.whole, WIDTH)).astype(np.float32))
        return INPUTS[share.rows] + torch.from_numpy(noise), GOALS[share.rows]


def examples() -> Examples:
    """Ten rows a step: four full steps, and one of two rows."""
    return Examples(np.arange(ROWS), 10, seed=3)


def network(dropout: float) -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(WIDTH, 8), nn.GELU(), nn.Dropout(dropout), nn.Linear(8, 1))


def loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    # Every global generator has a part in it, so that a resumed run is the same only if all of them were kept.
    noise = random.random() + float(np.random.random()) if model.training else 0.0  # noqa: S311
    return ((model(batch[0])[:, 0] - batch[1]) ** 2).mean() * (1.0 + 0.1 * noise)


def validate(model: nn.Module) -> dict[str, float]:
    return {"srcc": -float(((model(INPUTS)[:, 0] - GOALS) ** 2).mean())}


def killed_at(step: int):
    """The loss, which ends its process without a word when it is asked for the given time."""
    calls = 0

    def deadly(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        nonlocal calls
        calls += 1
        if calls == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return loss(model, batch)

    return deadly


def train_in_shares(folder: Path) -> None:
    """One epoch over shares of each batch, with a loss that compares all rows of a batch with each other."""
    engine = Engine("cpu", all_used=True)
    run = RunFolder(folder, writes=engine.main)

    class Ranked(Examples):
        def load(self, share: Share):  # type: ignore[override]
            return (*super().load(share), share)

    def ranked(model: nn.Module, batch) -> Tensor:
        inputs, goals, share = batch
        found = model(inputs)[:, 0]
        everyone = rank_loss(whole_batch(found, share), GOALS[share.everyone])
        return ((found - goals) ** 2).mean() + everyone

    batches = Ranked(np.arange(ROWS), 10, seed=3)
    settings = LoopSettings(epochs=1, learning_rate=1e-2, seed=3, log_every=1)
    model = network(0.0)
    fit(model, batches, ranked, settings=settings, run=run, validate=None, engine=engine)


if __name__ == "__main__":
    torch.set_num_threads(1)
    folder, step = Path(sys.argv[1]), int(sys.argv[2])
    if step < 0:
        train_in_shares(folder)
    else:
        run = RunFolder(folder, resume=True)
        fit(
            network(0.3),
            examples(),
            killed_at(step),
            settings=SETTINGS,
            run=run,
            validate=validate,
            engine=Engine("cpu"),
        )
