"""What to ask next: the pairs on which models disagree most, by maximum discrepancy.

As in the MAD competition (Wang and Simoncelli, 2008): one model, the *defender*, calls two photos equally good, and
another, the *attacker*, puts them far apart. Whichever way the person answers, one of the two models was wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from trainer.personal.preference import Floats

EQUAL_WITHIN = 0.25
"""Standard deviations of a model's scores within which it is taken to call two photos equal. This project's choice."""
TOO_ALIKE = 0.8
"""Cosine between two pairs' differences from which they ask the same thing. This project's choice."""
_LOOKED_AT = 4000
"""Candidates of which the diverse ones are taken; beyond, they say little."""


@dataclass(frozen=True, slots=True)
class Question:
    """A pair to ask about.

    Attributes:
        first: Row of a photo.
        second: Row of the other.
        defender: The model that calls them equal.
        attacker: The model that does not.
        gap: By how many standard deviations the attacker tells them apart.
    """

    first: int
    second: int
    defender: str
    attacker: str
    gap: float


def most_informative_pairs(
    count: int,
    members: Mapping[str, Floats],
    groups: NDArray[np.int64],
    *,
    inputs: Floats | None = None,
    asked: Collection[tuple[int, int]] = (),
    same_series: bool = False,
) -> list[Question]:
    """The ``count`` most telling pairs, the best first; fewer where there are not so many.

    Args:
        count: How many.
        members: Scores (N,) of the photos by each model; their scales do not matter.
        groups: (N,) series of each photo. Without ``same_series`` no pair is of one series; with it, each is.
        inputs: (N, D) features; pairs that differ in the same way are asked once.
        asked: Pairs of rows that were answered already.
        same_series: Ask about frames of one series.
    """
    names = list(members)
    if len(names) < 2 or len(groups) < 2:
        return []
    scores = np.stack([_standard(members[name]) for name in names])
    one, two = np.triu_indices(len(groups), k=1)
    allowed = (groups[one] == groups[two]) if same_series else (groups[one] != groups[two])
    known = np.asarray([min(pair) * len(groups) + max(pair) for pair in asked], dtype=np.int64)
    allowed &= ~np.isin(one * len(groups) + two, known)
    one, two = one[allowed], two[allowed]
    found, defender, attacker = _discrepancies(scores, one, two)
    order = np.argsort(-found, kind="stable")[:_LOOKED_AT]
    questions: list[Question] = []
    used: set[int] = set()
    directions: list[Floats] = []
    for place in order:
        a, b = int(one[place]), int(two[place])
        if len(questions) == count or found[place] <= 0:
            break
        taken = {a, b} if same_series else {int(groups[a]), int(groups[b])}
        if taken & used:
            continue
        way = _direction(inputs, a, b)
        if way is not None and any(abs(float(way @ other)) > TOO_ALIKE for other in directions):
            continue
        used |= taken
        directions += [] if way is None else [way]
        gap = abs(float(scores[attacker[place], a] - scores[attacker[place], b]))
        questions.append(Question(a, b, names[defender[place]], names[attacker[place]], gap))
    return questions


def _discrepancies(
    scores: Floats, one: NDArray[np.int64], two: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Of each pair the largest gap of an attacker beyond its defender's, shrunk the more its defender sees one too."""
    difference = np.abs(scores[:, one] - scores[:, two])  # (M, pairs)
    calm = np.exp(-((difference / EQUAL_WITHIN) ** 2))
    best = np.zeros(len(one))
    defender, attacker = np.zeros(len(one), np.int64), np.zeros(len(one), np.int64)
    for d in range(len(scores)):
        for a in range(len(scores)):
            value = (difference[a] - difference[d]) * calm[d]
            better = value > best if a != d else np.zeros(len(one), bool)
            best[better], defender[better], attacker[better] = value[better], d, a
    return best, defender, attacker


def _standard(values: Floats) -> Floats:
    spread = float(values.std())
    found: Floats = (values - values.mean()) / (spread if spread > 0 else 1.0)
    return found


def _direction(inputs: Floats | None, a: int, b: int) -> Floats | None:
    if inputs is None:
        return None
    way: Floats = inputs[a] - inputs[b]
    length = float(np.linalg.norm(way))
    return way / length if length > 0 else way
