"""Bursts: frames that the camera says belong together, or that follow each other closely and look alike.

The closer in time, the less the look has to prove::

    the camera's burst id            nothing
    ≤ 0.5 s, by sub-seconds          does not contradict
    ≤ 2 s                            similar, to the neighbour and to the burst's first or middle frame
    ≤ 48 s                           near-identical framing, to the same

Comparing with the first or middle frame keeps a chain of neighbours from swallowing a whole event.
"""

from __future__ import annotations

from collections import defaultdict
from enum import IntEnum
from typing import TYPE_CHECKING

from aesthetic_studio.curation.timeline import LONGEST_GAP, name_key, runs, seconds
from aesthetic_studio.records import PhotoState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from aesthetic_studio.curation.timeline import Timeline
    from aesthetic_studio.records import PhotoRecord

RAPID_GAP = 0.5
SHORT_GAP = 2.0
SIMILAR = 0.4
"""Likeness of framing. Hand-held frames of one scene stay above 0.6; of other scenes, 1 in 1,000 comes so near."""
SIMILAR_WITH_COLOUR = 0.3
"""Enough where the colours agree as well, as when the subject moves before one background."""
SAME_COLOUR = 0.04
CONTRADICTS = 0.2
"""Likeness of framing under which 95 of 100 unrelated photos are; together with other colours it contradicts."""
IDENTICAL = 0.7
"""Likeness of framing that leaves little more than a shake of the hand."""
IDENTICAL_COLOUR = 0.08
ANCHOR_SIMILAR = 0.35
ANCHOR_IDENTICAL = 0.55
"""To the burst's first or middle frame; more may have changed since than since the neighbour."""


class _Pace(IntEnum):
    """How closely a photo follows the one before, hence what its look has to prove."""

    APART = 0
    SLOW = 1
    SHORT = 2
    RAPID = 3


def find_named_bursts(photos: Iterable[PhotoRecord], taken: Collection[int]) -> list[list[PhotoRecord]]:
    """Bursts by the camera's own id, whatever their times; photos whose id is in ``taken`` are left out."""
    families: dict[tuple[str, str, str], list[PhotoRecord]] = defaultdict(list)
    for photo in photos:
        burst = photo.metadata.burst_id
        if burst and photo.id not in taken and photo.state is not PhotoState.UNREADABLE:
            families[photo.folder, photo.metadata.camera or "", burst].append(photo)

    def order(photo: PhotoRecord) -> tuple[float, object]:
        time = seconds(photo)
        return (0.0 if time is None else time), name_key(photo)

    return [sorted(family, key=order) for _, family in sorted(families.items()) if len(family) > 1]


def find_bursts(timeline: Timeline, free: Sequence[bool]) -> list[list[int]]:
    """Find the bursts among the photos that are ``free``, by time and look, as lists of indices as shot."""
    paces = [
        _pace(timeline, index) if free[index] and free[index + 1] else _Pace.APART for index in range(len(free) - 1)
    ]
    if not any(paces):
        return []
    like = timeline.neighbours
    links = [
        pace is not _Pace.APART
        and _looks_agree(pace, float(framing), float(colour), bool(timeline.photos[index].metadata.camera))
        for index, (pace, framing, colour) in enumerate(zip(paces, like.framing, like.colour, strict=True))
    ]
    found: list[list[int]] = []
    for run in runs(links):
        found += _hold_together(timeline, run, paces)
    return found


def _pace(timeline: Timeline, index: int) -> _Pace:
    """How closely the next photo follows photo ``index``."""
    if not timeline.linked(index, LONGEST_GAP):
        return _Pace.APART
    gap = timeline.gap(index, index + 1)
    if gap <= RAPID_GAP and timeline.has_subseconds(index, index + 1):
        return _Pace.RAPID
    return _Pace.SHORT if gap <= SHORT_GAP else _Pace.SLOW


def _looks_agree(pace: _Pace, framing: float, colour: float, camera_known: bool) -> bool:
    """Whether the likeness to the photo before is enough at this pace; ``nan`` neither agrees nor contradicts."""
    if pace is _Pace.RAPID and camera_known:
        return not (framing < CONTRADICTS and not colour <= SAME_COLOUR)
    if pace is _Pace.SLOW:
        return framing >= IDENTICAL and not colour > IDENTICAL_COLOUR
    return framing >= SIMILAR or (framing >= SIMILAR_WITH_COLOUR and colour <= SAME_COLOUR)


def _hold_together(timeline: Timeline, run: range, paces: Sequence[_Pace]) -> list[list[int]]:
    """Cut a chain of neighbours where it has left the look of its first and middle frames behind."""
    import numpy as np  # noqa: PLC0415  numpy costs start-up time

    least = {_Pace.RAPID: -np.inf, _Pace.SHORT: ANCHOR_SIMILAR, _Pace.SLOW: ANCHOR_IDENTICAL}
    found: list[list[int]] = []
    start, checked, window = run.start, run.start + 1, 16
    while start < run.stop:
        later = np.arange(checked + 1, min(checked + 1 + window, run.stop), dtype=np.intp)
        needed = np.array([least[paces[int(index) - 1]] for index in later])
        strayed = np.flatnonzero(_anchor_likeness(timeline, start, later) < needed)
        if len(strayed):
            stop = int(later[strayed[0]])
        elif len(later):
            # Windows grow, so a long burst costs little, and a cut throws little away.
            checked, window = int(later[-1]), 2 * window
            continue
        else:
            stop = run.stop
        if stop - start > 1:
            found.append(list(range(start, stop)))
        start, checked, window = stop, stop + 1, 16
    return found


def _anchor_likeness(timeline: Timeline, start: int, later: NDArray[np.intp]) -> NDArray[np.float32]:
    """Compare photos with the first and the middle frame so far: the better likeness, infinite where unknown."""
    import numpy as np  # noqa: PLC0415  numpy costs start-up time

    first = timeline.looks.compare(np.full_like(later, start), later).framing
    middle = timeline.looks.compare(start + (later - start) // 2, later).framing
    return np.fmax(np.nan_to_num(first, nan=np.inf), np.nan_to_num(middle, nan=np.inf)).astype(np.float32)
