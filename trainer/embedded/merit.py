"""Learns which frame of one scene is the better (``models/merit.py``) from degraded series, by RankReg.

What blur, noise, light or compression do to a photo shows in the strength of early layers' answers more than in what is
seen. The queries' score is made to agree with votes between scenes and has little room for it; merit has no other task,
and learns it from photos that nobody voted on: first the linear part, then, where it still errs, the networks.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy import optimize
from torch import Tensor, nn

from aesthetic_studio.models.card import HeldOut
from aesthetic_studio.models.inputs import to_input
from aesthetic_studio.models.merit import Merit, MeritConfig, MeritNet
from trainer.data.degrade import REFERENCE_SIDE, Fault
from trainer.embedded.bank import principal_components
from trainer.embedded.series import as_lists, photo_of, readable_photos
from trainer.loop.optimisation import check_finite, update
from trainer.losses import bradley_terry_loss, rank_reg_loss
from trainer.series_metrics import SERIES_METRICS, summary, tally

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aesthetic_studio.models.encoders import Encoder
    from trainer.embedded.series import EncodedSeries
    from trainer.recipes.sections import DegradedSettings

    Log = Callable[[dict[str, float | int]], None]

BATCH = 256
LEAST_DEVIATION = 1e-3
HELD_OUT = 0.2
SHOWN = ("pair_accuracy", "series_accuracy", "exact_order")
LIKELIHOOD = 6.0
"""Weight of the pairs' likelihood beside RankReg, as many as there are pairs in a series of four."""
TEMPERATURES = (1.0, 100.0)
COMPONENT_PHOTOS, COMPONENT_PLACES = 300, 60
"""Components are found on so many places of so many photos."""


def begin_merit(files: Sequence[Path], encoder: Encoder, settings: DegradedSettings) -> Merit | None:
    """Merit that has learned nothing yet but the components of the encoder's middle layer, of photos as they are.

    ``None`` where the recipe wants no merit, or the encoder does not say how strongly its layers answer.
    """
    card = encoder.card
    if not settings.merit_steps or not card.texture_width:
        return None
    if not settings.places_steps or not card.middle_width:
        return Merit(MeritConfig(card.texture_width)).eval()
    kept = min(settings.components, card.middle_width)
    config = MeritConfig(card.texture_width, card.middle_width, kept, settings.width, settings.members)
    draw = torch.Generator().manual_seed(settings.seed)
    rooted = []
    merit = Merit(config).eval()
    for _, photo in readable_photos(files[:COMPONENT_PHOTOS], REFERENCE_SIDE, lambda _: None):
        with torch.inference_mode():
            middle = encoder(torch.from_numpy(to_input(photo, card.input_size))[None]).middle
        if middle is not None:
            places = middle[0].flatten(1).T
            rooted.append(merit.rooted(places[torch.randperm(len(places), generator=draw)[:COMPONENT_PLACES]]))
    if rooted:
        mean, basis = principal_components(torch.cat(rooted).double(), kept, 0.0, standardise=False)
        merit.mean.copy_(mean)
        merit.basis.copy_(basis.T)
    return merit


def learn_merit(
    begun: Merit | None, encoded: EncodedSeries, settings: DegradedSettings, log: Log = lambda _: None
) -> Merit | None:
    """Learn from series what ``begun`` is for; ``None`` for none, and ``begun`` itself stays as it is.

    Raises ``KnownError`` where the loss is no number any more.
    """
    texture = encoded.tokens.texture
    if begun is None or texture is None:
        return None
    found = copy.deepcopy(begun)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        _learn_linear(found.linear, texture, encoded, settings, log)
        if encoded.middle is not None:
            with torch.no_grad():
                linear = torch.cat([found.linear(part.float())[:, 0] for part in torch.split(texture, BATCH)])
            for number in range(len(found.nets)):
                torch.manual_seed(settings.seed + number)
                found.nets[number] = _learned_net(found.config, linear, encoded.middle, encoded, settings, log)
    return found.eval().requires_grad_(False)


@torch.no_grad()
def merits_of(merit: Merit, encoded: EncodedSeries) -> Tensor:
    """Merits (frames,) of encoded series whose middle layer was kept as this merit sees it."""
    if encoded.tokens.texture is None:
        raise ValueError("the encoder does not say how strongly its layers answer")
    texture, middle = encoded.tokens.texture, encoded.middle
    return torch.cat(
        [
            merit.of(texture[rows].float(), None if middle is None else middle[rows].float())
            for rows in torch.split(torch.arange(len(texture)), BATCH)
        ]
    )


@dataclass(frozen=True, slots=True)
class MeritJudged:
    """What held-out photos say of merit.

    Attributes:
        held_out: For the card: how often it finds the better frame, over all kinds of fault and for each.
        temperature: What its points are to be divided by, so that they are log odds.
    """

    held_out: tuple[HeldOut, ...] = ()
    temperature: float = 1.0


def judge_merit(
    begun: Merit | None, encoded: EncodedSeries, settings: DegradedSettings, name: str, resamples: int
) -> MeritJudged:
    """How often the function finds the better frame in series of photos that it did not learn from.

    A fifth of the photos is held out, with all their series; nothing is chosen by them.
    """
    photos = np.asarray([photo_of(one.name) for one in encoded.series])
    order = np.random.default_rng(settings.seed).permutation(np.unique(photos))
    held = np.isin(photos, order[: round(HELD_OUT * len(order))])
    if held.all() or not held.any():
        return MeritJudged()
    found = learn_merit(begun, encoded.of(np.flatnonzero(~held)), settings)
    if found is None:
        return MeritJudged()
    judged = [one for one, mine in zip(encoded.series, held, strict=True) if mine]
    merits = merits_of(found, encoded).double().numpy()
    kinds = {"all kinds": judged, **{str(f): [one for one in judged if one.category == f] for f in Fault}}
    shown = {metric: SERIES_METRICS[metric] for metric in SHOWN}
    held_out = tuple(
        HeldOut(
            set=f"{name}, made worse in three steps",
            protocol=f"photos held out, {kind}",
            photos=len({photo_of(one.name) for one in some}),
            metrics=summary(
                tally(some, [merits[list(one.members)] for one in some]), metrics=shown, resamples=resamples
            ),
        )
        for kind, some in kinds.items()
        if some
    )
    gaps = [merits[pair.first] - merits[pair.second] for one in judged for pair in one.pairs]
    return MeritJudged(held_out, temperature_of(np.asarray(gaps)))


def temperature_of(gaps: NDArray[np.float64]) -> float:
    """What gaps between the better and the worse of pairs (P,) are to be divided by, so that they are log odds.

    The one that makes the pairs likeliest (Guo et al., 2017), within what is reasonable: pairs that are all in order
    would have it vanish.
    """
    found = optimize.minimize_scalar(
        lambda log: float(np.logaddexp(0.0, -gaps / np.exp(log)).mean()), bounds=np.log(TEMPERATURES), method="bounded"
    )
    return float(np.exp(found.x))


@torch.no_grad()
def cooled(merit: Merit, temperature: float) -> Merit:
    """The same merit with its points divided by a temperature."""
    found = copy.deepcopy(merit)
    for last in (found.linear, *(net.answer for net in found.nets if isinstance(net, MeritNet))):
        last.weight.div_(temperature)
        last.bias.div_(temperature)
    return found


def _learn_linear(
    linear: nn.Linear, texture: Tensor, encoded: EncodedSeries, settings: DegradedSettings, log: Log
) -> None:
    numbers = texture.float()
    rows = torch.tensor(sorted({row for one in encoded.series for row in one.members}))
    mean, deviation = numbers[rows].mean(dim=0), numbers[rows].std(dim=0).clamp_min(LEAST_DEVIATION)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    plan = _Plan("merit", settings.merit_steps, settings.merit_batch, settings.merit_rate, settings.merit_decay)
    _learn(linear, lambda some: linear((numbers[some] - mean) / deviation)[:, 0], encoded, plan, log)
    _at_any_scale(linear, mean, deviation)


def _learned_net(
    config: MeritConfig, linear: Tensor, middle: Tensor, encoded: EncodedSeries, settings: DegradedSettings, log: Log
) -> MeritNet:
    """A network that adds what the linear part (frames,) does not say."""
    net = MeritNet(config.components, config.width)
    plan = _Plan("places", settings.places_steps, settings.places_batch, settings.places_rate, settings.places_decay)
    _learn(net, lambda some: linear[some] + net(middle[some].float()), encoded, plan, log)
    return net


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one part of merit learns; ``name`` begins the recipe's keys for it."""

    name: str
    steps: int
    batch: int
    rate: float
    decay: float


def _learn(part: nn.Module, merits: Callable[[Tensor], Tensor], encoded: EncodedSeries, plan: _Plan, log: Log) -> None:
    optimiser = torch.optim.AdamW(part.parameters(), plan.rate, weight_decay=plan.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, plan.rate, total_steps=plan.steps)
    where, key = f"{plan.name}, step", f"degraded.{plan.name}_rate"
    part.train()
    for step in range(1, plan.steps + 1):
        lists = as_lists(encoded.series, torch.randint(len(encoded), (plan.batch,)).tolist())
        found = merits(lists.rows)
        loss = rank_reg_loss(found, lists.pairs, lists.sure, lists=lists.numbers)
        loss = loss + LIKELIHOOD * bradley_terry_loss(found, lists.pairs, lists.sure)
        check_finite(float(loss.detach()), f"{where} {step}", key)
        check_finite(update(loss, part.parameters(), optimiser, schedule), f"{where} {step}", key)
        if step % 100 == 0:
            log({f"{plan.name}_step": step, f"{plan.name}_loss": float(loss.detach())})
    part.eval()


@torch.no_grad()
def _at_any_scale(found: nn.Linear, mean: Tensor, deviation: Tensor) -> None:
    """Make it the same function of numbers that were not standardised."""
    weight = found.weight / deviation
    found.bias.sub_(weight @ mean)
    found.weight.copy_(weight)
