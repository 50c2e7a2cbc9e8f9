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
LEAST_FRAMES = 4
"""Of three frames in any order two thirds rise and fall once at each place, so three prove nothing."""
SAME_FRAMING = 0.75
"""Likeness of framing of neighbours; the real series reaches 0.94 although it drifts and breathes."""
EXPOSURE_EV = 0.4
BRIGHTNESS_EV = 0.6
VARIES = 0.47
"""Natural logarithm of the change in acutance that makes a place tell: 1.6-fold from its softest to its sharpest."""
MOST_PLACES = 0.5
"""Share of the textured places that must vary, and of the varying ones that must rise and fall but once."""
STRAYS = 0.2
"""Share of a place's total change that may go the wrong way."""
OTHER_DEPTHS = 0.1
"""Share of the varying places that have their turn at another frame than most."""
CLEARLY = 0.15
"""Natural logarithm of the acutance by which such a place is sharper at its own turn."""
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
        and bool(timeline.neighbours.framing[index] >= SAME_FRAMING)
    )


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
    """Find the stacks in a run of one framing: all of it, or what is left and right of its greatest jump."""
    import numpy as np  # noqa: PLC0415  numpy costs start-up time

    maps = np.array([_focus_map(timeline.photos[index]) for index in indices], dtype=np.float64)
    # A floor keeps the noise of plain places from looking like a change.
    curves = np.log(np.maximum(maps, 0) + 0.05 * max(float(maps.max()), 1e-6))
    found: list[list[int]] = []
    todo = [(0, len(indices))]
    while todo:
        start, stop = todo.pop()
        part = curves[start:stop]
        if stop - start < LEAST_FRAMES or not _varies(part):
            continue
        if _is_stack(part):
            found.append(indices[start:stop])
            continue
        # Stacks shot back to back part where the focus jumps back to where it began.
        jumps = np.abs(np.diff(part, axis=0)).mean(axis=1)
        cut = start + 1 + int(jumps.argmax())
        todo += [(cut, stop), (start, cut)]
    return found


def _varies(curves: NDArray[np.float64]) -> bool:
    return bool(((curves.max(axis=0) - curves.min(axis=0)) >= VARIES).mean() >= MOST_PLACES / 2)


def _is_stack(curves: NDArray[np.float64]) -> bool:
    """Whether acutance ``(frames, places)``, as logarithms, rises and falls once at most places, in turn."""
    import numpy as np  # noqa: PLC0415  numpy costs start-up time

    peak = curves.max(axis=0)
    textured = peak > float(peak.max()) - 2.3
    change = peak - curves.min(axis=0)
    telling = textured & (change >= VARIES)
    if telling.sum() < max(MOST_PLACES * textured.sum(), FOCUS_GRID):
        return False
    places = curves[:, telling]
    travelled = np.abs(np.diff(places, axis=0)).sum(axis=0)
    needed = 2 * places.max(axis=0) - places[0] - places[-1]
    once = travelled - needed <= STRAYS * travelled
    if once.mean() < MOST_PLACES:
        return False
    places = places[:, once]
    turns = places.argmax(axis=0)
    main = np.bincount(turns, minlength=len(places)).argmax()
    elsewhere = places.max(axis=0) - places[main] >= CLEARLY
    return bool(elsewhere.mean() >= OTHER_DEPTHS)
