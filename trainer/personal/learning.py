"""Learning a personal model, whole: comparisons and features in, residual and verdict out."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from aesthetic_studio.models.personal import PersonalHead
from trainer.personal.evidence import Evidence, check
from trainer.personal.gate import hold_out, judge
from trainer.personal.preference import LIMIT, Design, Floats, Scaling, Taste, fit
from trainer.personal.settings import GateSettings, PersonalLearningSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.personal.features import PhotoFeatures
    from trainer.personal.records import GateVerdict

Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PersonalResult:
    """What was learned, and whether it may take the base's place.

    Attributes:
        head: The residual, ready to be saved.
        taste: The same with all that it rests on.
        scaling: What is usual among the person's photos.
        evidence: What it learned from.
        verdict: The gate's, with the held-out accuracy of both.
        trust_in_base: How likely it is that the base's order is the person's own after all.
        seconds: It took, features cached.
    """

    head: PersonalHead
    taste: Taste
    scaling: Scaling
    evidence: Evidence
    verdict: GateVerdict
    trust_in_base: float
    seconds: float


def learn(
    evidence: Evidence,
    features: PhotoFeatures,
    groups: NDArray[np.int64],
    *,
    learning: PersonalLearningSettings | None = None,
    gate: GateSettings | None = None,
    seed: int = 0,
    step: Step = lambda _done, _total: None,
) -> PersonalResult:
    """Learn from comparisons and let the gate judge.

    Args:
        evidence: The comparisons; features must hold every photo of it.
        features: The base's answers to these photos, and to others of the library that say what is usual there.
        groups: (N,) of each photo of ``evidence``: frames of one series and near-duplicates share a number.
        learning: The prior.
        gate: The test.
        seed: Of the partitions into folds. What is learned does not depend on it.
        step: Told how far it has come.

    Raises ``TooFewJudgements`` where there is too little to learn from.
    """
    learning, gate = learning or PersonalLearningSettings(), gate or GateSettings()
    check(evidence, gate.least)
    begun = time.perf_counter()
    row_of = features.row_of()
    judged = features.take([row_of[content] for content in evidence.hashes])
    with one_thread():
        scaling = Scaling.of(features)
        design = scaling.apply(judged)
        total = gate.repeats * gate.folds + 1
        held = hold_out(
            design, evidence.wins, evidence.by_hand, groups, learning, gate, seed, lambda done, _: step(done, total)
        )
        step(total - 1, total)
        taste = fit(design, evidence.wins, learning)
        head = head_of(taste, scaling, scaling.apply(features), features)
        verdict = judge(held, gate)
    step(total, total)
    return PersonalResult(head, taste, scaling, evidence, verdict, taste.trust_in_base, time.perf_counter() - begun)


def head_of(taste: Taste, scaling: Scaling, everyone: Design, photos: PhotoFeatures) -> PersonalHead:
    """The residual in the inputs' own units, and a score scale on which ``photos`` keep their mean and deviation.

    Where the residual is nil, every score stays exactly what the base says.
    """
    head = PersonalHead(photos.whole.shape[1], photos.query.shape[1])
    weights = taste.weights()
    liking = taste.liking(everyone)
    spread = float(liking.std())
    mean, deviation = scaling.base
    values: dict[str, Floats | float] = {
        "base_centre": mean,
        "base_weight": taste.slope / deviation,
        "attribute_limit": LIMIT,
        "attribute_scale": scaling.scales["attribute"],
        "liking_centre": float(liking.mean()),
        "score_centre": float(photos.scores.mean()),
        "stretch": float(photos.scores.std()) / spread if spread > 0 else 0.0,
    }
    for name, weight in weights.items():
        values[f"{name}_centre"] = scaling.centres[name]
        values[f"{name}_weight"] = weight / (
            np.sqrt(len(weight)) if name == "attribute" else float(scaling.scales[name])
        )
    with torch.no_grad():
        for name, value in values.items():
            getattr(head, name).copy_(torch.as_tensor(np.asarray(value, dtype=np.float32)))
    return head


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Keep the linear algebra to one thread.

    Its matrices are small, and threads that wait for each other on a busy machine make it many times slower.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        yield
