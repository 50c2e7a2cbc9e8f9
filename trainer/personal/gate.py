"""The gate: whether the personal model beats its base, beyond chance, on judgements that it did not learn from.

Photos are parted into folds, whole series and near-duplicates together. Each fold's comparisons are judged by a model
that learned from no comparison with any photo of that fold: every judged photo is held out once in each partition, and
no photo that judges has taught. Held-out comparisons share photos, so they are not independent: the test's variance is
the one for pairs that share members (dyadic clusters, Aronow, Samii and Assenova 2015), and its level is proven by
simulation in ``tests`` and in the study, not by the formula alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aesthetic_studio.models.card import Interval
from aesthetic_studio.translation import kept
from trainer.personal.preference import Design, Floats, fit
from trainer.personal.records import GateVerdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainer.personal.settings import GateSettings, PersonalLearningSettings

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HeldOutPairs:
    """Comparisons that were judged by models that learned from neither photo.

    Attributes:
        better: (P,) rows of the photos that the person preferred.
        worse: (P,) the others.
        weight: (P,).
        base: (P,) 1 where the base agrees, 0.5 where it sees no difference, 0 where it does not.
        personal: (P,) the same of the personal models, averaged over partitions.
        groups: (N,) of each photo: series and near-duplicates share one.
    """

    better: Rows
    worse: Rows
    weight: Floats
    base: Floats
    personal: Floats
    groups: Rows

    def __len__(self) -> int:
        return len(self.weight)


def fold_of(groups: Rows, pairs: Floats, folds: int, generator: np.random.Generator) -> Rows:
    """A fold for each photo (N,). Groups stay whole; photos that were compared by hand go together where they fit.

    Args:
        groups: (N,) of each photo.
        pairs: (N, N), above 0 where two photos were compared with each other alone (not through their stars).
        folds: How many.
        generator: Draws the order.
    """
    count = int(groups.max()) + 1
    touching = np.zeros((count, count), dtype=bool)
    one, two = np.nonzero(pairs)
    touching[groups[one], groups[two]] = True
    touching |= touching.T
    sizes = np.bincount(groups, minlength=count)
    room = -(-len(groups) // folds)
    filled = np.zeros(folds, dtype=np.int64)
    placed = np.full(count, -1, dtype=np.int64)
    for first in generator.permutation(count):
        if placed[first] >= 0:
            continue
        fold, waiting = int(filled.argmin()), [int(first)]
        while waiting:
            group = waiting.pop(0)
            if placed[group] >= 0 or (group != first and filled[fold] + sizes[group] > room):
                continue
            placed[group] = fold
            filled[fold] += sizes[group]
            waiting += [int(other) for other in np.flatnonzero(touching[group]) if placed[other] < 0]
    found: Rows = placed[groups]
    return found


def hold_out(
    photos: Design,
    wins: Floats,
    pairs: Floats,
    groups: Rows,
    learning: PersonalLearningSettings,
    gate: GateSettings,
    seed: int,
    step: Callable[[int, int], None] = lambda _done, _total: None,
) -> HeldOutPairs:
    """Judge every comparison that a partition leaves whole by a model that saw neither photo."""
    generator = np.random.default_rng(seed)
    agreed, times = np.zeros_like(wins), np.zeros_like(wins)
    for repeat in range(gate.repeats):
        fold = fold_of(groups, pairs, gate.folds, generator)
        for number in range(gate.folds):
            step(repeat * gate.folds + number, gate.repeats * gate.folds)
            held = fold == number
            outcome = wins * held[:, None] * held[None, :]
            if not outcome.any():
                continue
            learned = wins * ~held[:, None] * ~held[None, :]
            rows = np.flatnonzero(held)
            liking = np.zeros(len(photos))
            # With nothing to learn from, the base's own order is all there is.
            liking[rows] = (
                fit(photos, learned, learning).liking(photos.take(rows)) if learned.any() else photos.base[rows]
            )
            agreed += np.where(outcome > 0, _agrees(liking), 0.0)
            times += outcome > 0
    better, worse = np.nonzero(times)
    return HeldOutPairs(
        better,
        worse,
        wins[better, worse],
        _agrees(photos.base)[better, worse],
        agreed[better, worse] / times[better, worse],
        groups,
    )


def _agrees(liking: Floats) -> Floats:
    """(N, N): 1 where the row's photo is liked more than the column's, 0.5 where equally, 0 elsewhere."""
    found: Floats = (np.sign(liking[:, None] - liking[None, :]) + 1.0) / 2.0
    return found


def judge(held: HeldOutPairs, gate: GateSettings) -> GateVerdict:
    """Decide on held-out comparisons."""
    base, personal = _mean(held, held.base), _mean(held, held.personal)
    gain = _mean(held, held.personal - held.base)
    photos = len(np.unique(np.concatenate([held.better, held.worse])))
    error, freedom = _error(held, held.personal - held.base)
    chance = upper_tail(gain / error, freedom) if error > 0 else 1.0
    passed = bool(gain > gate.least_gain and chance < gate.level)
    return GateVerdict(
        passed=passed,
        base=_interval(held, held.base, base, low=0.0, high=1.0),
        personal=_interval(held, held.personal, personal, low=0.0, high=1.0),
        gain=_interval(held, held.personal - held.base, gain, low=-1.0, high=1.0),
        chance=chance,
        pairs=len(held),
        photos=photos,
        words=_words(passed, base, personal, chance, gate),
    )


def upper_tail(value: float, freedom: float) -> float:
    """P(T > value) of Student's t, by integrating its density over the angle whose tangent is T / √ν."""
    start = float(np.arctan(value / np.sqrt(freedom)))
    angles = np.linspace(-np.pi / 2, np.pi / 2, 20_001)
    density = np.cos(angles) ** (freedom - 1)
    return float(np.clip(density[angles > start].sum() / density.sum(), 0.0, 1.0))


def _mean(held: HeldOutPairs, values: Floats) -> float:
    return float(held.weight @ values / held.weight.sum())


def _error(held: HeldOutPairs, values: Floats) -> tuple[float, float]:
    """Standard error of a weighted mean over pairs that share groups, and its degrees of freedom.

    Every two pairs with a group in common may be dependent in any way: the squares of each group's sum count them all,
    and pairs between the same two groups, which two sums hold, are taken off once.
    """
    count = int(held.groups.max()) + 1
    one, two = held.groups[held.better], held.groups[held.worse]
    own = held.weight * (values - _mean(held, values))
    apart = one != two
    sums = np.bincount(one, own, count) + np.bincount(two[apart], own[apart], count)
    between = np.minimum(one, two) * count + np.maximum(one, two)
    _, place = np.unique(between[apart], return_inverse=True)
    twice = np.bincount(place, own[apart]) if apart.any() else np.zeros(0)
    variance = float((sums**2).sum() - (twice**2).sum()) / float(held.weight.sum()) ** 2
    # Where base and personal model differ on few photos only, these alone decide, however many others there are.
    fourth = float((sums**4).sum())
    freedom = float((sums**2).sum()) ** 2 / fourth - 1.0 if fourth > 0 else 1.0
    # Below 0 by chance where pairs are few: then nothing is known, and nothing can be beyond chance.
    return float(np.sqrt(max(variance, 0.0))), max(freedom, 1.0)


def _interval(held: HeldOutPairs, values: Floats, mean: float, *, low: float, high: float) -> Interval:
    error, _ = _error(held, values)
    return Interval(round(mean, 4), round(max(low, mean - 1.96 * error), 4), round(min(high, mean + 1.96 * error), 4))


def _words(passed: bool, base: float, personal: float, chance: float, gate: GateSettings) -> str:
    figures = kept(
        "reason", "it puts {personal} of the held-out comparisons in your order, the base model {base}"
    ).format(personal=f"{personal:.0%}", base=f"{base:.0%}")
    if passed:
        return kept(
            "reason", "Your model is better than the base on judgements that it did not learn from: {figures}."
        ).format(figures=figures)
    if personal > base:
        return kept(
            "reason",
            "Not better beyond chance yet: {figures}. Chance alone does as well in about {chance} of cases; "
            "less than {level} is asked for. The base model stays.",
        ).format(figures=figures, chance=f"{chance:.1%}", level=f"{gate.level:.1%}")
    return kept("reason", "Not better than the base: {figures}. The base model stays.").format(figures=figures)
