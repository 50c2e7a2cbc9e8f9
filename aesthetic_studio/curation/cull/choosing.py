"""The greedy order in which places are kept.

Again and again the place of most gain is taken, of those whose burst gave the fewest frames so far::

    gain(i | kept) = q(i) + stars(i) − λ · log2(1 + Σ s(i, j))        summed over the kept places j

``q`` is the score in units of the usual range, that of the middle eight tenths of the places, so that it means the same
with every model and in every album; a star weighs as much as the whole range from the lowest score to the highest.
``s`` is how far two places show one scene, 0..1 (``scenes``), and λ the strictness.

It is a greedy order and no optimum. A place's gain only falls while others are kept, as in maximal marginal relevance
(Carbonell and Goldstein, 1998) and in submodular summaries (Lin and Bilmes, 2010). The sum in place of MMR's maximum
makes a scene's tenth photo dearer than its second, so none can flood; the logarithm keeps a scene that is half of the
album from being shut out by what is merely different. Nothing in the order depends on how many are kept, so whoever
keeps more keeps what was kept before.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.curation.cull.records import Strictness
from aesthetic_studio.curation.scenes import SAME_SCENE, WHOLE, Scenes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from aesthetic_studio.curation.cull.places import Place

PENALTY = {Strictness.LENIENT: 0.0, Strictness.BALANCED: 0.25, Strictness.STRICT: 0.5}
"""λ: by which share of the usual range a scene's second photo stands back; again for each doubling."""
USUAL = (0.1, 0.9)
LEAST_RANGE = 0.2
"""Points: in an album whose scores lie closer together, the model hardly tells its photos apart."""


class PlanStopped(Exception):
    """Nobody waits for this plan any more."""


@dataclass(slots=True)
class Chosen:
    """Places in the order of keeping, and how those that are not kept stand to them.

    Attributes:
        order: Indices of the kept places, picked ones first.
        picked: How many of them the person picked.
        last: The place of least worth that was kept by its worth; ``None`` where picks took all places.
        number_in_scene: By kept place: 1 where no kept one showed its scene before it.
        scene_size: By kept place: how many places show its scene, frames of a burst counted once.
        by_score: ``(N,)`` 1 for the highest score, one a burst counted; 0 without a score.
        same: ``(N,)`` kept places of the same scene.
        better: ``(N,)`` those of them that are worth as much or more.
        nearest: ``(N,)`` the kept place that is most like it, −1 where none is like it at all.
        likeness: ``(N,)`` how far that one shows its scene, in thousandths.
        worth: ``(N,)`` stars and standing by score: what a place counts by itself.
    """

    worth: NDArray[np.float64]
    by_score: NDArray[np.int64]
    same: NDArray[np.int64]
    better: NDArray[np.int64]
    nearest: NDArray[np.int64]
    likeness: NDArray[np.int64]
    order: list[int] = field(default_factory=list)
    picked: int = 0
    last: int | None = None
    number_in_scene: dict[int, int] = field(default_factory=dict)
    scene_size: dict[int, int] = field(default_factory=dict)


def choose(places: Sequence[Place], count: int, strictness: Strictness, should_stop: Callable[[], bool]) -> Chosen:
    """Choose ``count`` places, or as many as there are; what is picked is taken first, however much it is.

    Raises ``PlanStopped`` as soon as ``should_stop`` says so.
    """
    choosing = _Choosing(places, strictness)
    for index, place in enumerate(places):
        if place.picked:
            choosing.take(index)
            choosing.chosen.picked += 1
    while len(choosing.chosen.order) < count and (best := choosing.best()) is not None:
        if should_stop():
            raise PlanStopped
        choosing.take(best)
    chosen = choosing.chosen
    chosen.last = min(chosen.order[chosen.picked :], key=lambda index: float(chosen.worth[index]), default=None)
    return chosen


class _Choosing:
    """What is known while places are taken."""

    def __init__(self, places: Sequence[Place], strictness: Strictness) -> None:
        size = len(places)
        self._penalty = PENALTY[strictness]
        self._strict = strictness is Strictness.STRICT
        self._scenes = Scenes([place.stands for place in places])
        self._members: dict[int, list[int]] = defaultdict(list)
        for index in sorted(range(size), key=lambda index: places[index].turn):
            self._members[places[index].group].append(index)
        self._groups = [place.group for place in places]
        self._next = np.array([place.turn == 0 for place in places], dtype=bool)
        self._taken = np.zeros(size, dtype=bool)
        self._given = np.zeros(size, dtype=np.int64)
        self._crowd = np.zeros(size, dtype=np.int64)
        self._first = self._next.copy()
        zeros = np.zeros(size, dtype=np.int64)
        self.chosen = Chosen(_worth(places), _by_score(places), zeros, zeros.copy(), zeros - 1, zeros.copy())

    def best(self) -> int | None:
        """The place to take next; ``None`` where all are taken. Of equal gains the first path's."""
        open_ = np.flatnonzero(self._next)
        if not len(open_):
            return None
        open_ = _least(open_, self._given)
        if self._strict:
            open_ = _least(open_, self.chosen.same)
        gains = self.chosen.worth[open_]
        if self._penalty:
            gains = gains - self._penalty * np.log2(1 + self._crowd[open_] / WHOLE)
        return int(open_[np.argmax(np.round(gains, 9))])

    def take(self, index: int) -> None:
        """Keep a place."""
        chosen, members = self.chosen, self._members[self._groups[index]]
        like = self._scenes.like(index)
        like[members] = WHOLE
        scene = like >= SAME_SCENE
        chosen.order.append(index)
        chosen.number_in_scene[index] = 1 + int(chosen.same[index])
        chosen.scene_size[index] = int(np.count_nonzero(scene & self._first))
        self._crowd += like
        chosen.same += scene
        chosen.better += scene & (chosen.worth <= chosen.worth[index])
        nearer = like > chosen.likeness
        chosen.nearest[nearer] = index
        chosen.likeness[nearer] = like[nearer]
        self._taken[index] = True
        self._given[members] += 1
        self._next[members] = False
        following = next((member for member in members if not self._taken[member]), None)
        if following is not None:
            self._next[following] = True


def _least(indices: NDArray[np.intp], values: NDArray[np.int64]) -> NDArray[np.intp]:
    here = values[indices]
    found: NDArray[np.intp] = indices[here == here.min()]
    return found


def _worth(places: Sequence[Place]) -> NDArray[np.float64]:
    """Stars and scores, in usual ranges of scores; one a burst is counted there, lest a long one sets the scale."""
    scores = np.array([np.nan if place.score is None else place.score for place in places], dtype=np.float64)
    known = scores[~np.isnan(scores)]
    first = scores[[place.turn == 0 and place.score is not None for place in places]]
    if not len(first):
        first = known = np.zeros(1)
    low, high = np.quantile(first, USUAL)
    unit = max(float(high - low), LEAST_RANGE)
    star = max(1.0, float(known.max() - known.min()) / unit)
    stars = star * np.array([place.rating for place in places], dtype=np.float64)
    standing = np.where(np.isnan(scores), np.median(first), scores) / unit
    worth: NDArray[np.float64] = np.round(stars + standing, 9)
    return worth


def _by_score(places: Sequence[Place]) -> NDArray[np.int64]:
    """Which place each has by score alone; equal scores share one."""
    scores = np.array([0.0 if place.score is None else place.score for place in places], dtype=np.float64)
    first = np.sort(scores[[place.turn == 0 for place in places]])
    higher = len(first) - np.searchsorted(first, scores, side="right")
    found: NDArray[np.int64] = np.where(scores > 0, 1 + higher, 0).astype(np.int64)
    return found
