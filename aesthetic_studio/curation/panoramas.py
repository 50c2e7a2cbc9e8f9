"""Panoramas: three or more frames whose content drifts steadily in one direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.curation.timeline import runs, setting_light

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aesthetic_studio.curation.timeline import Timeline

LONGEST_GAP = 30.0
"""Seconds: time to turn the camera and look."""
RAPID_GAP = 0.5
"""Seconds: frames that all follow so fast are a burst that follows its subject, not a panorama."""
LEAST_FRAMES = 3
LEAST_STEP = 0.14
"""Share of the frame that each step turns at least; hands shake by less, and who stitches turns by more."""
LEAST_TURN = 0.4
"""Share of the frame that the whole set turns at least."""
OVERLAPS = 0.3
"""Likeness where neighbours overlap. Rendered panoramas reach it in 97 of 100 steps, unrelated photos in 1 of 100."""
EXPOSURE_EV = 1.5
"""Difference of exposure between neighbours that automatic exposure may make while the camera turns."""
UNEVEN = 2.5
"""The longest step against the shortest."""
STILL = 0.65
"""Likeness of framing above which neighbours that did not move need no search for a drift."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A move between neighbours, in shares of the frame; ``along`` is 0 for sideways and 1 for up and down."""

    index: int
    along: int
    length: float
    """Signed: positive where the content moves right or down."""


def find_panoramas(timeline: Timeline, free: Sequence[bool]) -> list[list[int]]:
    """Find the panoramas among the photos that are ``free``, as lists of indices in the order of shooting."""
    import numpy as np  # noqa: PLC0415  numpy costs start-up time

    likely = [free[index] and free[index + 1] and _may_turn(timeline, index) for index in range(len(timeline) - 1)]
    # A single step is no panorama: registering is the costly part, so only neighbouring candidates are registered.
    asked = [index for run in runs(likely) if len(run) >= LEAST_FRAMES for index in run[:-1]]
    if not asked:
        return []
    pairs = np.array(asked, dtype=np.intp)
    drift = timeline.looks.drift(pairs, pairs + 1)
    steps = [
        step
        for index, likeness, x, y in zip(asked, drift.framing, drift.shift_x, drift.shift_y, strict=True)
        if likeness >= OVERLAPS and (step := _step(index, float(x), float(y))) is not None
    ]
    return [
        list(range(chain[0].index, chain[-1].index + 2)) for chain in _chains(steps) if _is_panorama(timeline, chain)
    ]


def _may_turn(timeline: Timeline, index: int) -> bool:
    """Whether time, setup, exposure and look leave it open that the camera turned between two neighbours."""
    if not timeline.linked(index, LONGEST_GAP):
        return False
    one, two = timeline.photos[index].metadata, timeline.photos[index + 1].metadata
    if one.burst_id is not None and one.burst_id == two.burst_id:
        return False
    light = setting_light(one), setting_light(two)
    if light[0] is not None and light[1] is not None and abs(light[0] - light[1]) > EXPOSURE_EV:
        return False
    like = timeline.neighbours
    moved = max(abs(float(like.shift_x[index])), abs(float(like.shift_y[index]))) >= 3 / 32
    return moved or not like.framing[index] >= STILL


def _step(index: int, x: float, y: float) -> _Step | None:
    along = 0 if abs(x) >= abs(y) else 1
    length, across = (x, y) if along == 0 else (y, x)
    if abs(length) < LEAST_STEP or abs(across) > max(0.12, 0.35 * abs(length)):
        return None
    return _Step(index, along, length)


def _chains(steps: Sequence[_Step]) -> Iterator[list[_Step]]:
    """Stretches of steps that go on in one direction at a steady pace."""
    chain: list[_Step] = []
    shortest = longest = 0.0
    for step in steps:
        length = abs(step.length)
        if chain and not (_goes_on(chain[-1], step) and max(longest, length) <= UNEVEN * min(shortest, length)):
            yield chain
            chain = []
        shortest, longest = (min(shortest, length), max(longest, length)) if chain else (length, length)
        chain.append(step)
    if chain:
        yield chain


def _goes_on(last: _Step, step: _Step) -> bool:
    """Whether a step follows the last at once and in its direction."""
    return step.index == last.index + 1 and step.along == last.along and step.length * last.length > 0


def _is_panorama(timeline: Timeline, chain: Sequence[_Step]) -> bool:
    if len(chain) + 1 < LEAST_FRAMES or sum(abs(step.length) for step in chain) < LEAST_TURN:
        return False
    gaps = [timeline.gap(step.index, step.index + 1) for step in chain]
    return max(gaps) > RAPID_GAP
