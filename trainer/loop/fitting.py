"""Fits a model: one loop for every recipe.

    epoch: draws ─▶ share ─threads load─▶ batch ─▶ loss ─▶ gradients, averaged over processes ─▶ AdamW ─▶ … ─▶ validate

Every step begins with all that matters in one place (``_Progress``, weights, moments, random states), which is what a
checkpoint holds; so a run that was killed goes on at its last checkpoint and writes the same lines as one that was not.
"""

from __future__ import annotations

import dataclasses
import random
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from aesthetic_studio.errors import KnownError
from trainer.loop import checkpoints
from trainer.loop.batches import Batches, Share, share_of
from trainer.loop.engine import Engine, to_device
from trainer.loop.optimisation import adamw, check_finite, update

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.loop.settings import LoopSettings
    from trainer.runs import RunFolder

Batch = TypeVar("Batch")
Loss = Callable[[nn.Module, Batch], Tensor]
Validate = Callable[[nn.Module], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of a fit.

    Attributes:
        epochs: Epochs that were trained, all runs together.
        steps: Steps likewise.
        stopped_early: Whether ``patience`` ended it.
        best: Validation metrics of the best epoch; empty without validation.
        best_epoch: Its number; the last one's without validation.
        checkpoint: The file of the weights that the model now has.
    """

    epochs: int
    steps: int
    stopped_early: bool
    best: Mapping[str, float]
    best_epoch: int
    checkpoint: Path


@dataclass(slots=True)
class _Progress:
    """Where a fit stands."""

    epoch: int = 1
    position: int = 0
    """Steps of this epoch that are done."""
    step: int = 0
    loss: float = 0.0
    """This epoch's losses so far, times their rows."""
    rows: int = 0
    best: dict[str, float] = dataclasses.field(default_factory=dict)
    best_epoch: int = 0
    finished: bool = False
    stopped_early: bool = False
    metrics_end: int = 0


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
    engine: Engine | None = None,
) -> Fitted:
    """Fit ``model`` to the mean of ``loss`` over each step's rows; afterwards it holds the best weights.

    ``loss`` takes the model, which it calls (``model(…)``, so that several processes share gradients), and this
    process's share of a batch, and answers with a mean over the share's rows; losses that compare rows with each other
    take them from ``whole_batch``. ``validate`` takes the model in evaluation mode, in every process, once an epoch.
    ``stage`` names checkpoints where a recipe fits several times in one run. With ``resume`` it goes on from the run's
    last checkpoint where there is one.
    Raises ``KnownError`` where the loss is no number any more, a checkpoint cannot be written or does not fit.
    """
    return _Fit(model, batches, loss, settings, run, validate, stage, engine or Engine()).fitted(resume=resume)


class _Fit(Generic[Batch]):
    def __init__(
        self,
        model: nn.Module,
        batches: Batches[Batch],
        loss: Loss[Batch],
        settings: LoopSettings,
        run: RunFolder,
        validate: Validate | None,
        stage: str,
        engine: Engine,
    ) -> None:
        self.model = model
        self.batches = batches
        self.loss = loss
        self.settings = settings
        self.run = run
        self.validate = validate
        self.stage = stage
        self.engine = engine
        self.progress = _Progress(metrics_end=0)
        self.last = run.checkpoint(f"{stage}-last" if stage else "last")
        self.best = run.checkpoint(f"{stage}-best" if stage else "best")
        self.steps_of_epoch = len(batches.draws(1))
        steps = settings.epochs * self.steps_of_epoch
        self.optimiser, self.schedule = adamw(model.parameters(), settings, steps, settings.betas)
        self.wrapped, self.stepper = engine.accelerator.prepare(model, self.optimiser)

    def fitted(self, *, resume: bool) -> Fitted:
        """Train what is left to train."""
        _seed(self.settings.seed + 100_003 * self.engine.process)
        if resume and any(self.engine.everyones(self.last.exists())):
            self._restore()
        else:
            self._save()  # so that whatever is logged from here on can be taken back
        with _bar(self) as bar:
            while not self.progress.finished:
                self._epoch(bar)
        self.engine.accelerator.wait_for_everyone()
        chosen = self.best if self.validate is not None else self.last
        checkpoints.load(chosen).fill(self.model)
        self.engine.accelerator.unwrap_model(self.wrapped, keep_fp32_wrapper=False)
        self.engine.accelerator.free_memory()  # or it would keep every model that it ever prepared
        at = self.progress
        return Fitted(at.epoch - 1, at.step, at.stopped_early, dict(at.best), at.best_epoch or at.epoch - 1, chosen)

    def _epoch(self, bar: Any) -> None:
        at, engine = self.progress, self.engine
        self.model.train()
        draws = self.batches.draws(at.epoch)
        key = (self.settings.seed, at.epoch)
        shares = [
            share_of(draw, engine.process, engine.processes, (*key, step))
            for step, draw in enumerate(draws)
            if step >= at.position
        ]
        for share, batch in _loaded(self.batches, shares, self.settings.workers):
            self._step(share, batch)
            bar.update()
            every = self.settings.checkpoint_every
            if every and at.step % every == 0 and at.position < len(draws):
                self._save()
        self._end_epoch(bar)

    def _step(self, share: Share, batch: Batch) -> None:
        at, engine = self.progress, self.engine
        weight = len(share.places) / share.whole
        value = self.loss(self.wrapped, to_device(batch, engine.device))
        average = engine.total(value * weight)
        where = f"{self.stage + ', ' if self.stage else ''}epoch {at.epoch}, step {at.step + 1}"
        check_finite(average, where, self.settings.learning_rate_key, self._rescue())
        # Processes' gradients are averaged; weights make their sum the mean over all rows.
        norm = update(
            value * (weight * engine.processes),
            self.model.parameters(),
            self.stepper,
            self.schedule,
            clip=self.settings.clip,
            backward=engine.accelerator.backward,
            clip_norm=engine.accelerator.clip_grad_norm_,
            scaled=engine.accelerator.scaler is not None,
        )
        if engine.accelerator.scaler is None:  # with one, steps whose gradients overflow are passed over
            check_finite(norm, where, self.settings.learning_rate_key, self._rescue())
        at.step += 1
        at.position += 1
        at.loss += average * share.whole
        at.rows += share.whole
        if self.settings.log_every and at.step % self.settings.log_every == 0:
            self._log({"event": "step", "epoch": at.epoch, "step": at.step, "loss": average, **self._rate()})

    def _end_epoch(self, bar: Any) -> None:
        at = self.progress
        average = at.loss / max(1, at.rows)
        found = self._validated()
        bar.set_postfix({"loss": f"{average:.4f}", **{name: f"{value:.3f}" for name, value in found.items()}})
        self._log({"event": "epoch", "epoch": at.epoch, "step": at.step, "loss": average, **self._rate(), **found})
        if found and self._better(found):
            at.best, at.best_epoch = found, at.epoch
            facts = {"epoch": at.epoch, "step": at.step, "stage": self.stage, "validation": found}
            self.engine.by_main(lambda: checkpoints.save(self.best, checkpoints.model_tensors(self.model), facts))
        patience = self.settings.patience
        at.stopped_early = bool(found and patience and at.epoch - at.best_epoch >= patience)
        at.finished = at.stopped_early or at.epoch >= self.settings.epochs
        at.epoch, at.position, at.loss, at.rows = at.epoch + 1, 0, 0.0, 0
        self._save()

    def _validated(self) -> dict[str, float]:
        if self.validate is None:
            return {}
        self.model.eval()
        with torch.inference_mode():
            found = {name: float(value) for name, value in self.validate(self.model).items()}
        if self.settings.watch not in found:
            raise ValueError(f"the validation says {', '.join(found)} and not {self.settings.watch!r}")
        return found

    def _better(self, found: Mapping[str, float]) -> bool:
        name = self.settings.watch
        if name not in self.progress.best:
            return True
        gain = found[name] - self.progress.best[name]
        return gain > 0 if self.settings.higher_is_better else gain < 0

    def _log(self, line: dict[str, Any]) -> None:
        whole = {"event": line.pop("event"), **({"stage": self.stage} if self.stage else {}), **line}
        self.engine.by_main(lambda: self.run.log(whole))

    def _rate(self) -> dict[str, float]:
        return {"learning_rate": float(self.schedule.get_last_lr()[0])}

    def _save(self) -> None:
        generators = self.engine.everyones(checkpoints.random_state(self.engine.device))
        self.engine.by_main(lambda: self._write(generators))

    def _write(self, generators: list[dict[str, Any]]) -> None:
        weights = checkpoints.model_tensors(self.model)
        if not checkpoints.all_finite(weights.values()):
            check_finite(float("nan"), f"step {self.progress.step}", self.settings.learning_rate_key, self._rescue())
        self.progress.metrics_end = self.run.metrics_end()
        moments, groups = checkpoints.optimiser_tensors(self.optimiser)
        scaler = self.engine.accelerator.scaler
        facts = {
            "stage": self.stage,
            "progress": dataclasses.asdict(self.progress),
            "steps_of_epoch": self.steps_of_epoch,
            "optimiser": groups,
            "schedule": {k: v for k, v in self.schedule.state_dict().items() if k != "lr_lambdas"},
            "scaler": scaler.state_dict() if scaler is not None else {},
            "random": generators,
        }
        checkpoints.save(self.last, {**weights, **moments}, facts)

    def _restore(self) -> None:
        found = checkpoints.load(self.last)
        if found.facts["steps_of_epoch"] != self.steps_of_epoch:
            raise KnownError(
                f"{found.path}: an epoch had {found.facts['steps_of_epoch']} steps, and now has {self.steps_of_epoch}.",
                "Resume with the same data and batch size, or name another --output.",
            )
        found.fill(self.model)
        found.fill_optimiser(self.optimiser)
        self.schedule.load_state_dict({**found.facts["schedule"], "lr_lambdas": [None]})
        scaler = self.engine.accelerator.scaler
        if scaler is not None and found.facts["scaler"]:
            scaler.load_state_dict(found.facts["scaler"])
        self.progress = _Progress(**found.facts["progress"])
        generators = found.facts["random"]
        if len(generators) == self.engine.processes:  # another number of them draws anew, from the seed and the step
            checkpoints.set_random_state(generators[self.engine.process], self.engine.device)
        else:
            _seed(self.settings.seed + 100_003 * self.engine.process + 7 * self.progress.step)
        self.engine.by_main(lambda: self.run.cut_metrics(self.progress.metrics_end))

    def _rescue(self) -> str:
        return f"The last good checkpoint is {self.last}."


def _loaded(batches: Batches[Batch], shares: list[Share], workers: int) -> Iterator[tuple[Share, Batch]]:
    """Shares with their batches in order, loaded ahead by threads."""
    if workers == 0:
        for share in shares:
            yield share, batches.load(share)
        return
    with ThreadPoolExecutor(workers) as pool:
        waiting = deque((share, pool.submit(batches.load, share)) for share in shares[: 2 * workers])
        coming = iter(shares[2 * workers :])
        try:
            while waiting:
                share, future = waiting.popleft()
                for following in coming:
                    waiting.append((following, pool.submit(batches.load, following)))
                    break
                yield share, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def _bar(fitting: _Fit[Any]) -> Any:
    return tqdm(
        total=fitting.settings.epochs * fitting.steps_of_epoch,
        initial=fitting.progress.step,
        desc=fitting.stage or "training",
        unit="step",
        disable=not (fitting.engine.main and sys.stderr.isatty()),
    )
