"""Focus stacks: one framing, one exposure, and a sharp region that moves steadily through the picture.

As the focus passes through a scene, each place gets sharper until the focus reaches it and softer afterwards, and
places at different depths have their turn at different frames. A burst is sharp or soft as a whole, or in no order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.curation.timeline import runs, setting_light
from aesthetic_studio.records import FOCUS_GRID

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from aesthetic_studio.curation.timeline import Timeline
    from aesthetic_studio.records import PhotoRecord

LONGEST_GAP = 15.0
"""Seconds: time to turn the focus ring by hand."""
LEAST_FRAMES = 5
"""A place that varies by chance rises and falls but once in 1 of 3 series of four frames, and in 1 of 8 of five. One in
ten hand-held bursts of four would pass for a stack, and 1 in 150 of five or six do."""
SAME_FRAMING = 0.9
"""Likeness of framing of neighbours: a shaking hand moves edges from place to place as a moving focus would. The real
series reaches 0.94 although it drifts and breathes."""
RAPID_GAP = 0.5
STILL = 0.95
"""Likeness of framing of frames that follow as fast as rapid fire: a subject that runs past a soft background moves the
sharp region too, and only a camera on its tripod, stepping the focus itself, keeps so still."""
SAME_SCENE = 0.4
"""Likeness of framing of every frame to the middle one; defocus alone takes the real series down to 0.5."""
SAME_COLOUR = 0.06
EXPOSURE_EV = 0.4
BRIGHTNESS_EV = 0.6
SOFT = 0.5
"""Share of the stack's greatest acutance below which a place is out of focus; how far out cannot be measured well."""
VARIES = 0.35
"""Natural logarithm of the change in acutance that makes a place tell."""
LEAST_PLACES = FOCUS_GRID
"""Places of the 64 that must tell."""
IN_TURN = 0.75
"""Share of the telling places that rise and fall once. The real series has 0.9, bursts with soft frames 0.2, and the
luckiest five frames of a shaken burst 0.7."""
STRAYS = 0.3
"""Share of a place's total change that may go the wrong way."""
OTHER_DEPTHS = 0.25
"""Share of the places in turn that have theirs at another frame than most. The real series has 0.4, copies blurred and
compressed ever more reach 0.2."""
CLEARLY = 0.2
"""Natural logarithm of the acutance by which such a place is sharper at its own turn."""
_NEW_STACK = 2.0
"""Frames that a further stack must gain, so that one stack is not seen as two."""
LONGEST_RUN = 200
"""Frames looked at together; a longer stack is cut."""


def find_focus_stacks(timeline: Timeline, free: Sequence[bool]) -> list[list[int]]:
    """Find the focus stacks among the photos that are ``free``, as lists of indices in the order of shooting."""
    links = [free[index] and free[index + 1] and _linked(timeline, index) for index in range(len(timeline) - 1)]
    found: list[list[int]] = []
    for run in runs(links):
        for start in range(run.start, run.stop, LONGEST_RUN):
            found += _stacks(timeline, list(range(start, min(start + LONGEST_RUN, run.stop))))
    return found


def _linked(timeline: Timeline, index: int) -> bool:
    one, two = timeline.photos[index], timeline.photos[index + 1]
    return (
        _focus_map(one) is not None
        and _focus_map(two) is not None
        and timeline.linked(index, LONGEST_GAP)
        and not (one.metadata.burst_id is not None and one.metadata.burst_id == two.metadata.burst_id)
        and _same_exposure(one, two)
        and bool(timeline.neighbours.framing[index] >= _needed_likeness(timeline, index))
    )


def _needed_likeness(timeline: Timeline, index: int) -> float:
    rapid = timeline.has_subseconds(index, index + 1) and timeline.gap(index, index + 1) <= RAPID_GAP
    return STILL if rapid else SAME_FRAMING


def _focus_map(photo: PhotoRecord) -> tuple[float, ...] | None:
    if photo.measurements is None or len(photo.measurements.focus_map) != FOCUS_GRID**2:
        return None
    return photo.measurements.focus_map


def _same_exposure(one: PhotoRecord, two: PhotoRecord) -> bool:
    light = setting_light(one.metadata), setting_light(two.metadata)
    if light[0] is not None and light[1] is not None and abs(light[0] - light[1]) > EXPOSURE_EV:
        return False
    if one.measurements is None or two.measurements is None:
        return False
    return abs(one.measurements.exposure_ev - two.measurements.exposure_ev) <= BRIGHTNESS_EV


def _stacks(timeline: Timeline, indices: list[int]) -> list[list[int]]:
    """Find the stacks in a run of one framing: all of it, or the parts of it that make the best stacks."""
    import numpy as np  # noqa: PLC0415  numpy costs start-up time

    maps = np.array([_focus_map(timeline.photos[index]) for index in indices], dtype=np.float64)
    greatest = max(float(np.quantile(maps, 0.99)), 1e-6)
    curves = np.log(np.maximum(maps, SOFT * greatest))
    if len(indices) < LEAST_FRAMES or not _varies(curves):
        return []
    parts = [(0, len(indices))] if _is_stack(curves) else _best_parts(curves)
    found = [indices[start:stop] for start, stop in parts]
    return [stack for stack in found if _one_scene(timeline, stack)]


def _best_parts(curves: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Part a run into stacks so that as many frames as possible are in stacks that rise and fall as one should.

    Stacks shot back to back part in this way, and frames before and after a stack are left out.
    """
    size = len(curves)
    worths, starts = [0.0] * (size + 1), list(range(-1, size))
    for start in range(size):
        if start and worths[start] < worths[start - 1]:
            worths[start], starts[start] = worths[start - 1], start - 1
        for stop, share in _shares_in_turn(curves[start:]):
            worth = worths[start] + stop * share - _NEW_STACK
            if worth > worths[start + stop] + 1e-9 and _is_stack(curves[start : start + stop]):
                worths[start + stop], starts[start + stop] = worth, start
    if worths[size] < worths[size - 1]:
        starts[size] = size - 1
    parts = []
    stop = size
    while stop > 0:
        if stop - starts[stop] > 1:
            parts.append((starts[stop], stop))
        stop = starts[stop]
    return parts[::-1]


def _shares_in_turn(curves: NDArray[np.float64]) -> list[tuple[int, float]]:
    """For each number of first frames that could be a stack: the share of telling places that rise and fall once."""
    import numpy as np  # noqa: PLC0415  numpy costs start-up time

    most, least = np.maximum.accumulate(curves), np.minimum.accumulate(curves)
    travelled = np.concatenate([np.zeros_like(curves[:1]), np.abs(np.diff(curves, axis=0)).cumsum(axis=0)])
    tells = most - least >= VARIES
    once = tells & (travelled - (2 * most - curves[0] - curves) <= STRAYS * travelled)
    count = tells.sum(axis=1)
    share = once.sum(axis=1) / np.maximum(count, 1)
    likely = np.flatnonzero((count >= LEAST_PLACES) & (share >= IN_TURN))
    return [(int(index) + 1, float(share[index])) for index in likely if index + 1 >= LEAST_FRAMES]


def _one_scene(timeline: Timeline, stack: list[int]) -> bool:
    """Whether the first and last frames still show what the middle one shows; a scene that changes moves edges too."""
    import numpy as np  # noqa: PLC0415  numpy costs start-up time

    middle = np.full(len(stack), stack[len(stack) // 2], dtype=np.intp)
    likeness = timeline.looks.compare(middle, np.array(stack, dtype=np.intp))
    return bool((likeness.framing >= SAME_SCENE).all()) and not bool((likeness.colour > SAME_COLOUR).any())


def _varies(curves: NDArray[np.float64]) -> bool:
    return int(((curves.max(axis=0) - curves.min(axis=0)) >= VARIES).sum()) >= LEAST_PLACES


def _is_stack(curves: NDArray[np.float64]) -> bool:
    """Whether acutance ``(frames, places)``, as logarithms, rises and falls once at most places, in turn."""
    import numpy as np  # noqa: PLC0415  numpy costs start-up time

    places = curves[:, (curves.max(axis=0) - curves.min(axis=0)) >= VARIES]
    travelled = np.abs(np.diff(places, axis=0)).sum(axis=0)
    needed = 2 * places.max(axis=0) - places[0] - places[-1]
    once = travelled - needed <= STRAYS * travelled
    if once.mean() < IN_TURN:
        return False
    places = places[:, once]
    turns = places.argmax(axis=0)
    main = np.bincount(turns, minlength=len(places)).argmax()
    elsewhere = places.max(axis=0) - places[main] >= CLEARLY
    return bool(elsewhere.mean() >= OTHER_DEPTHS)
