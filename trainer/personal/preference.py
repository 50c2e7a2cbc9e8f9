"""Learns what one person likes from comparisons: a linear residual on a base model's score, averaged over priors.

    u(x) = τ · z(x) + r(x),   P(a is preferred to b) = sigmoid(u(a) − u(b))          (Bradley-Terry)

``z`` is the base's score, ``r`` a Gaussian process with linear kernels over named attributes, the frozen encoder's
vector and the query embedding. How large ``r`` may be, and of what, is not chosen: each possibility (one of them
``r = 0``, the base as it is) is weighed by its evidence, in Laplace's approximation (Rasmussen and Williams, *Gaussian
Processes for Machine Learning*, 2006, sec. 3.4), times a prior belief. With few judgements the belief in the base
outweighs the rest, so little changes; with many the evidence decides. Everything is convex and exact up to a few Newton
steps: no learning rate, no epochs, no seed.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trainer.personal.features import PhotoFeatures
    from trainer.personal.settings import PersonalLearningSettings

Floats = NDArray[np.float64]

PARTS = ("attribute", "whole", "query")
"""Of the residual."""
MIXES = ((1.0, 0.0, 0.0), (0.0, 0.5, 0.5), (1 / 3, 1 / 3, 1 / 3))
"""Shares of the residual's variance: named attributes alone, the networks' vectors alone, all three."""
LIMIT = 4.0
"""Standard deviations beyond which an attribute counts no further: one odd photo decides nothing."""
_STEPS = 12
_SETTLED = 1e-2
_LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True)
class Scaling:
    """What is usual among the person's photos: centres and scales of every input.

    Attributes:
        base: Mean and standard deviation of the base's scores.
        centres: By part, (D,).
        scales: By part: (A,) for attributes, one number for the others, so that a usual photo has a length of 1.
    """

    base: tuple[float, float]
    centres: dict[str, Floats]
    scales: dict[str, Floats]

    @classmethod
    def of(cls, photos: PhotoFeatures) -> Self:
        """Measure photos, at least one of them."""
        scores = photos.scores
        values = _parts(photos)
        centres = {name: part.mean(axis=0) for name, part in values.items()}
        scales = {
            name: np.asarray(np.sqrt(np.maximum(((part - centres[name]) ** 2).sum(axis=1).mean(), _LEAST_SPREAD)))
            for name, part in values.items()
        }
        deviation = values["attribute"].std(axis=0)
        scales["attribute"] = np.maximum(deviation, 1e-3)
        return cls((float(scores.mean()), max(float(scores.std()), 1e-3)), centres, scales)

    def apply(self, photos: PhotoFeatures) -> Design:
        """Bring photos to these scales."""
        mean, deviation = self.base
        parts = {name: (part - self.centres[name]) / self.scales[name] for name, part in _parts(photos).items()}
        standard = np.clip(parts["attribute"], -LIMIT, LIMIT)
        parts["attribute"] = standard / np.sqrt(standard.shape[1])
        return Design((photos.scores - mean) / deviation, parts)


@dataclass(frozen=True, slots=True)
class Design:
    """Scaled inputs.

    Attributes:
        base: (N,) the base's score in standard deviations.
        parts: By name of ``PARTS``, (N, D).
    """

    base: Floats
    parts: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.base)

    def take(self, rows: NDArray[np.int64]) -> Design:
        """Some of the photos."""
        return Design(self.base[rows], {name: part[rows] for name, part in self.parts.items()})

    def kernels(self, other: Design) -> list[Floats]:
        """Inner products (N, M) of each part."""
        return [self.parts[name] @ other.parts[name].T for name in PARTS]


@dataclass(frozen=True, slots=True)
class Prior:
    """One possibility: the residual's variance by part, and the logarithm of the belief in it."""

    variances: tuple[float, float, float]
    log_belief: float


@dataclass(frozen=True, slots=True)
class Taste:
    """What was learned.

    Attributes:
        photos: The photos that were learned from.
        slope: τ.
        priors: The possibilities.
        beliefs: (M,) after the judgements; they sum to 1.
        duals: (M, N): how much each photo that was learned from pulls others of its kind up or down.
        curvatures: (M, N, N) of the log likelihood, negated.
    """

    photos: Design
    slope: float
    priors: tuple[Prior, ...]
    beliefs: Floats
    duals: Floats
    curvatures: Floats

    @property
    def trust_in_base(self) -> float:
        """How likely it is, by now, that the base's order is the person's own."""
        return float(sum(b for b, prior in zip(self.beliefs, self.priors, strict=True) if not any(prior.variances)))

    def liking(self, photos: Design) -> Floats:
        """How much photos are liked (N,): differences are log-odds."""
        found: Floats = self.slope * photos.base + self.pulls(photos).sum(axis=1)
        return found

    def pulls(self, photos: Design) -> Floats:
        """What each photo that was learned from (column) adds to the liking of each of ``photos`` (row)."""
        total = np.zeros((len(photos), len(self.photos)))
        for part, kernel in enumerate(photos.kernels(self.photos)):
            total += kernel * self._dual_of(part)
        return total

    def weights(self) -> dict[str, Floats]:
        """The residual as one weight for each scaled input, by part."""
        return {name: self.photos.parts[name].T @ self._dual_of(part) for part, name in enumerate(PARTS)}

    def draws(self, photos: Design, count: int, generator: np.random.Generator) -> Floats:
        """``count`` likings (count, N) that the judgements leave possible, of a person who does differ from the base.

        A possibility is drawn by belief, then the residual from its Gaussian posterior (pathwise, Wilson et al. 2020).
        """
        free = np.flatnonzero([any(prior.variances) for prior in self.priors])
        chances = self.beliefs[free] + 1e-12
        found = np.empty((count, len(photos)))
        for number, member in enumerate(generator.choice(free, size=count, p=chances / chances.sum())):
            found[number] = self._draw(photos, int(member), generator)
        return found

    def _draw(self, photos: Design, member: int, generator: np.random.Generator) -> Floats:
        variances = self.priors[member].variances
        here, there = np.zeros(len(self.photos)), np.zeros(len(photos))
        for name, variance in zip(PARTS, variances, strict=True):
            weight = generator.normal(0.0, np.sqrt(variance), self.photos.parts[name].shape[1])
            here += self.photos.parts[name] @ weight
            there += photos.parts[name] @ weight
        across = sum(v * kernel for v, kernel in zip(variances, photos.kernels(self.photos), strict=True))
        own = sum(v * kernel for v, kernel in zip(variances, self.photos.kernels(self.photos), strict=True))
        root = _root(self.curvatures[member])
        noise = generator.normal(size=len(here))
        inner = np.eye(len(here)) + root @ own @ root
        correction = root @ np.linalg.solve(inner, root @ here + noise)
        mean = across @ self.duals[member]
        answer: Floats = self.slope * photos.base + mean + there - across @ correction
        return answer

    def _dual_of(self, part: int) -> Floats:
        variances = np.asarray([prior.variances[part] for prior in self.priors])
        pulled: Floats = (self.beliefs * variances) @ self.duals
        return pulled


def priors(settings: PersonalLearningSettings) -> tuple[Prior, ...]:
    """The possibilities: the base as it is, and every size of residual in every mix, these equally likely."""
    options = list(itertools.product(settings.residuals, MIXES))
    each = np.log((1.0 - settings.base_trust) / len(options))
    # Beside the base's τ² · 1, so that a residual's size does not hang on the slope.
    unit = settings.slope**2
    rest = [Prior((unit * v * mix[0], unit * v * mix[1], unit * v * mix[2]), float(each)) for v, mix in options]
    return (Prior((0.0, 0.0, 0.0), float(np.log(settings.base_trust))), *rest)


def fit(photos: Design, wins: Floats, settings: PersonalLearningSettings) -> Taste:
    """Learn from comparisons: ``wins`` (N, N) says with which weight the row's photo was preferred to the column's."""
    judged = np.flatnonzero((wins + wins.T).any(axis=1))
    known, outcome = photos.take(judged), wins[np.ix_(judged, judged)]
    count, options = len(judged), priors(settings)
    compared, kernels = _Compared.of(outcome), np.stack(known.kernels(known))
    offset = settings.slope * known.base
    evidence, duals = np.empty(len(options)), np.zeros((len(options), count))
    curvatures = np.zeros((len(options), count, count))
    start: Floats = np.array(offset)
    for number, option in enumerate(options):
        kernel: Floats = np.einsum("p,pij->ij", option.variances, kernels)
        dual, start, curvature, fitness = _laplace(compared, kernel, offset, start)
        duals[number], curvatures[number], evidence[number] = dual, curvature, fitness
        evidence[number] += option.log_belief
    beliefs = np.exp(evidence - evidence.max())
    return Taste(known, settings.slope, options, beliefs / beliefs.sum(), duals, curvatures)


def _laplace(
    compared: _Compared, kernel: Floats, offset: Floats, start: Floats
) -> tuple[Floats, Floats, Floats, float]:
    """Newton's steps to the mode: dual (N,), liking (N,), curvature (N, N), log evidence."""
    size = np.eye(len(kernel))
    dual: Floats = np.zeros(len(kernel))
    liking = start if kernel.any() else offset
    fitness, slope, curvature = compared.likelihood(liking)
    for _ in range(_STEPS if kernel.any() else 0):
        answer = np.linalg.solve(size + curvature @ kernel, curvature @ (liking - offset) + slope)
        dual = np.asarray(answer, dtype=np.float64)
        moved = offset + kernel @ dual
        change = float(np.abs(moved - liking).max(initial=0.0))
        liking = moved
        fitness, slope, curvature = compared.likelihood(liking)
        if change < _SETTLED:
            break
    volume = float(np.linalg.slogdet(size + curvature @ kernel)[1])
    return dual, liking, curvature, fitness - 0.5 * float(dual @ (liking - offset)) - 0.5 * volume


@dataclass(frozen=True, slots=True)
class _Compared:
    """Which of ``count`` photos were compared: rows of both (P,), and the weights with which each was preferred."""

    count: int
    one: NDArray[np.intp]
    two: NDArray[np.intp]
    first: Floats
    second: Floats

    @classmethod
    def of(cls, wins: Floats) -> Self:
        one, two = np.nonzero(np.triu(wins + wins.T, k=1))
        return cls(len(wins), one, two, wins[one, two], wins[two, one])

    def likelihood(self, liking: Floats) -> tuple[float, Floats, Floats]:
        """Log likelihood of the comparisons, its slope (N,) and its negated curvature (N, N)."""
        difference = liking[self.one] - liking[self.two]
        chance = 0.5 * (1.0 + np.tanh(0.5 * difference))  # the sigmoid, without overflow
        surprise = self.first * (1.0 - chance) - self.second * chance
        slope = np.zeros(self.count)
        np.add.at(slope, self.one, surprise)
        np.subtract.at(slope, self.two, surprise)
        weight = (self.first + self.second) * chance * (1.0 - chance)
        curvature = np.zeros((self.count, self.count))
        curvature[self.one, self.two] = curvature[self.two, self.one] = -weight
        np.fill_diagonal(curvature, -curvature.sum(axis=1))
        fitness = self.first @ np.logaddexp(0.0, -difference) + self.second @ np.logaddexp(0.0, difference)
        return -float(fitness), slope, curvature


def _root(curvature: Floats) -> Floats:
    values, vectors = np.linalg.eigh(curvature)
    root: Floats = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


def _parts(photos: PhotoFeatures) -> dict[str, Floats]:
    return {"attribute": photos.attributes, "whole": photos.whole, "query": photos.query}
