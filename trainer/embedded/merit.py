"""Which frame of one scene is the better: a linear function of how strongly an encoder's layers answer.

What blur, noise, light or compression do to a photo shows in the strength of early layers' answers more than in what is
seen. The queries' score is made to agree with votes between scenes and has little room for it; this function has no
other task, and learns it by RankReg from degraded series of photos that nobody voted on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from aesthetic_studio.models.card import HeldOut
from trainer.data.degrade import Fault
from trainer.embedded.series import as_lists
from trainer.loop.optimisation import check_finite, update
from trainer.losses import rank_reg_loss
from trainer.series_metrics import SERIES_METRICS, summary, tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainer.embedded.series import EncodedSeries
    from trainer.recipes.sections import DegradedSettings

LEAST_DEVIATION = 1e-3
HELD_OUT = 0.2
SHOWN = ("pair_accuracy", "series_accuracy", "exact_order")
RATE_KEY = "degraded.merit_rate"


def learn_merit(
    encoded: EncodedSeries, settings: DegradedSettings, log: Callable[[dict[str, float | int]], None] = lambda _: None
) -> nn.Linear | None:
    """Learn the function from series; ``None`` where the encoder does not say how strongly its layers answer.

    Raises ``KnownError`` where the loss is no number any more.
    """
    texture = encoded.tokens.texture
    if texture is None or not settings.merit_steps:
        return None
    numbers = texture.float()
    rows = torch.tensor(sorted({row for one in encoded.series for row in one.members}))
    mean, deviation = numbers[rows].mean(dim=0), numbers[rows].std(dim=0).clamp_min(LEAST_DEVIATION)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        found = nn.Linear(numbers.shape[1], 1)
        nn.init.zeros_(found.weight)
        optimiser = torch.optim.AdamW(found.parameters(), settings.merit_rate, weight_decay=settings.merit_decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.merit_rate, total_steps=settings.merit_steps)
        for step in range(1, settings.merit_steps + 1):
            chosen = torch.randint(len(encoded), (settings.merit_batch,)).tolist()
            loss = _loss(found, (numbers, mean, deviation), encoded, chosen)
            check_finite(float(loss.detach()), f"merit, step {step}", RATE_KEY)
            check_finite(update(loss, found.parameters(), optimiser, schedule), f"merit, step {step}", RATE_KEY)
            if step % 100 == 0:
                log({"merit_step": step, "merit_loss": float(loss.detach())})
    return _at_any_scale(found, mean, deviation)


def judge_merit(encoded: EncodedSeries, settings: DegradedSettings, name: str, resamples: int) -> tuple[HeldOut, ...]:
    """How often the function finds the better frame in series of photos that it did not learn from.

    A fifth of the photos is held out, with all their series; nothing is chosen by them.
    """
    photos = np.asarray([one.name.rpartition("-")[0] for one in encoded.series])
    order = np.random.default_rng(settings.seed).permutation(np.unique(photos))
    held = np.isin(photos, order[: round(HELD_OUT * len(order))])
    if held.all() or not held.any():
        return ()
    found = learn_merit(encoded.of(np.flatnonzero(~held)), settings)
    if found is None or encoded.tokens.texture is None:
        return ()
    judged = [one for one, mine in zip(encoded.series, held, strict=True) if mine]
    with torch.no_grad():
        merits = found(encoded.tokens.texture.float())[:, 0].double().numpy()
    kinds = {"all kinds": judged, **{str(f): [one for one in judged if one.category == f] for f in Fault}}
    shown = {metric: SERIES_METRICS[metric] for metric in SHOWN}
    return tuple(
        HeldOut(
            set=f"{name}, made worse in three steps",
            protocol=f"photos held out, {kind}",
            photos=len({one.name.rpartition("-")[0] for one in some}),
            metrics=summary(
                tally(some, [merits[list(one.members)] for one in some]), metrics=shown, resamples=resamples
            ),
        )
        for kind, some in kinds.items()
        if some
    )


def _loss(
    found: nn.Linear, texture: tuple[Tensor, Tensor, Tensor], encoded: EncodedSeries, chosen: list[int]
) -> Tensor:
    numbers, mean, deviation = texture
    lists = as_lists(encoded.series, chosen)
    merits = found((numbers[lists.rows] - mean) / deviation)[:, 0]
    return rank_reg_loss(merits, lists.pairs, lists.sure, lists=lists.numbers)


@torch.no_grad()
def _at_any_scale(found: nn.Linear, mean: Tensor, deviation: Tensor) -> nn.Linear:
    """The same function of numbers that were not standardised."""
    weight = found.weight / deviation
    found.bias.sub_(weight @ mean)
    found.weight.copy_(weight)
    return found.requires_grad_(False)
