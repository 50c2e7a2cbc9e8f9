"""Exposure brackets: the same framing at deliberately different exposures, three or more frames, or a pair 2 EV apart.

The camera's settings decide (shutter, aperture and ISO, or the exposure bias); the measured brightness has to follow
them, or the light changed and not the intent. Only where the file states no settings the measured brightness decides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from aesthetic_studio.curation.timeline import runs, setting_light

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.curation.timeline import Timeline
    from aesthetic_studio.records import PhotoRecord

LONGEST_GAP = 3.0
"""Seconds between the frames of one bracket, exposure time not counted."""
STEP_EV = 0.5
SPAN_EV = 1.0
PAIR_EV = 2.0
"""EV between the two frames of a pair: nobody's automatic exposure jumps so far over one framing within 3 s."""
ROUNDING_EV = 0.1
"""Shutter speeds are written rounded: 1/125 to 1/90 s is half a stop that computes as 0.47 EV."""
MOST_FRAMES = 9
"""Frames of the longest bracket that cameras offer."""
SAME_FRAMING = 0.6
"""Likeness of framing: hand-held frames reach 0.7 and more even 3 EV apart, other scenes stay below 0.5."""
MAYBE_SAME_FRAMING = 0.3
"""Likeness of framing under which neighbours as shot are not worth a look. Cameras that shoot 0, −, + put the darkest
beside the brightest frame, and what is bright in one is burnt out and black in the other. Neighbours in exposure
decide, who have most in common, by ``SAME_FRAMING``."""
FOLLOWS = 0.25
"""Share of the settings' span that the measured brightness must follow; clipping swallows the rest."""


@dataclass(frozen=True, slots=True)
class _Exposures:
    """Light by three sources, in EV for each photo, ``None`` where the file does not say."""

    settings: list[float | None]
    bias: list[float | None]
    measured: list[float | None]

    def differ(self, one: int, two: int) -> bool:
        """Whether any source that may decide puts a step between two photos."""
        sources = [self.settings, self.bias]
        if self.settings[one] is None or self.settings[two] is None:
            sources.append(self.measured)
        return any(_apart(source[one], source[two]) >= STEP_EV - ROUNDING_EV for source in sources)


def find_brackets(timeline: Timeline) -> list[list[int]]:
    """Find the brackets of a timeline, as lists of indices in the order of shooting."""
    exposures = _Exposures(
        settings=[setting_light(photo.metadata) for photo in timeline.photos],
        bias=[photo.metadata.exposure_bias_ev for photo in timeline.photos],
        measured=[photo.measurements.exposure_ev if photo.measurements else None for photo in timeline.photos],
    )
    stepping = [
        exposures.differ(index, index + 1) and timeline.linked(index, LONGEST_GAP) for index in range(len(timeline) - 1)
    ]
    if not any(stepping):
        return []
    framing = timeline.neighbours.framing
    links = [step and not framing[index] < MAYBE_SAME_FRAMING for index, step in enumerate(stepping)]
    found: list[list[int]] = []
    for run in runs(links):
        found += _split(timeline, exposures, run)
    within = {index for indices in found for index in indices}
    return [indices for indices in found if len(indices) > 2 or _stands_alone(timeline, indices, within)]


def relative_exposures(frames: Sequence[PhotoRecord]) -> tuple[float, ...]:
    """Each frame's exposure against the one that stands for the bracket, in EV; positive is brighter."""
    values = _values(_exposures_of(frames), range(len(frames)))
    if values is None:
        return (0.0,) * len(frames)
    base = values[normal_frame(frames)]
    return tuple(value - base for value in values)


def normal_frame(frames: Sequence[PhotoRecord]) -> int:
    """Index of the frame that stands for a bracket: the one nearest to normal exposure.

    That is the frame whose bias is nearest zero; where the bias does not tell, the middle exposure, and of two middle
    ones that whose brightness is nearest middle grey.
    """
    exposures = _exposures_of(frames)
    bias = exposures.bias
    known = [value for value in bias if value is not None]
    if len(known) == len(frames) and max(known) - min(known) >= STEP_EV - ROUNDING_EV:
        return min(range(len(frames)), key=lambda index: (abs(known[index]), index))
    values = _values(exposures, range(len(frames))) or [0.0] * len(frames)
    middle = median(values)

    def strangeness(index: int) -> tuple[float, float, int]:
        measured = exposures.measured[index]
        return round(abs(values[index] - middle), 1), abs(measured) if measured is not None else math.inf, index

    return min(range(len(frames)), key=strangeness)


def _exposures_of(frames: Sequence[PhotoRecord]) -> _Exposures:
    return _Exposures(
        settings=[setting_light(photo.metadata) for photo in frames],
        bias=[photo.metadata.exposure_bias_ev for photo in frames],
        measured=[photo.measurements.exposure_ev if photo.measurements else None for photo in frames],
    )


def _apart(one: float | None, two: float | None) -> float:
    return 0.0 if one is None or two is None else abs(one - two)


def _known(source: list[float | None], indices: Sequence[int]) -> list[float] | None:
    values = [value for index in indices if (value := source[index]) is not None]
    return values if len(values) == len(indices) else None


def _values(exposures: _Exposures, indices: Sequence[int]) -> list[float] | None:
    """Take the exposures from the source that decides about these photos; ``None`` where they make no bracket."""
    settings, bias = _known(exposures.settings, indices), _known(exposures.bias, indices)
    for values in (settings, bias):
        if values is not None and max(values) - min(values) >= SPAN_EV - ROUNDING_EV:
            return values
    return None if settings is not None else _known(exposures.measured, indices)


def _split(timeline: Timeline, exposures: _Exposures, run: range) -> list[list[int]]:
    """Cut a run of ever-changing exposures into brackets, so that they hold as many of its frames as possible.

    A bracket has each exposure once, so brackets shot back to back part where an exposure comes again; a frame shot
    just before is left alone rather than breaking what follows.
    """
    worths, sizes = [0.0], [0]
    for end in range(1, len(run) + 1):
        worth, chosen = worths[end - 1], 1
        for size in range(2, min(MOST_FRAMES, end) + 1):
            here = worths[end - size] + _worth(timeline, exposures, list(run[end - size : end]))
            if here > worth + 1e-9:
                worth, chosen = here, size
        worths.append(worth)
        sizes.append(chosen)
    found: list[list[int]] = []
    end = len(run)
    while end:
        if sizes[end] > 1:
            found.append(list(run[end - sizes[end] : end]))
        end -= sizes[end]
    return found[::-1]


def _worth(timeline: Timeline, exposures: _Exposures, indices: list[int]) -> float:
    """How good an explanation of these photos a bracket is; 0 where it is none.

    Larger sets beat smaller ones, even steps beat uneven ones, and a pair is the last thing to believe in.
    """
    values = _values(exposures, indices)
    if values is None:
        return 0.0
    order = sorted(range(len(indices)), key=lambda index: values[index])
    steps = [values[two] - values[one] for one, two in pairwise(order)]
    least = PAIR_EV if len(indices) == 2 else STEP_EV
    if min(steps) < least - ROUNDING_EV or sum(steps) < SPAN_EV - ROUNDING_EV:
        return 0.0
    if len(indices) == 2 and not _stated(exposures, indices):
        return 0.0
    by_exposure = [indices[index] for index in order]
    if not _brightness_follows(exposures, by_exposure, sum(steps)) or not _same_framing(timeline, by_exposure):
        return 0.0
    if len(indices) == 2:
        return 1.0
    even = max(steps) <= 1.6 * min(steps)
    return len(indices) * (1.0 if even else 0.7) - 0.1


def _stated(exposures: _Exposures, indices: list[int]) -> bool:
    """Whether the file itself states the exposures."""
    return any(_known(source, indices) is not None for source in (exposures.settings, exposures.bias))


def _stands_alone(timeline: Timeline, pair: list[int], within: set[int]) -> bool:
    """Whether nothing but other brackets is shot right before and after a pair over the same framing.

    Within a burst a frame that is 2 EV off is a flash that failed or a slip of the dial, and no intent.
    """
    for loose, link in ((pair[0] - 1, pair[0] - 1), (pair[-1] + 1, pair[-1])):
        if loose < 0 or loose >= len(timeline) or loose in within:
            continue
        if timeline.linked(link, LONGEST_GAP) and not timeline.neighbours.framing[link] < SAME_FRAMING:
            return False
    return True


def _brightness_follows(exposures: _Exposures, by_exposure: list[int], span: float) -> bool:
    """Whether the measured brightness rises with the exposure; a cloud moves settings and leaves brightness alone."""
    measured = [value for index in by_exposure if (value := exposures.measured[index]) is not None]
    if len(measured) < 2:
        return True
    falls = (one - two for one, two in pairwise(measured))
    return measured[-1] - measured[0] >= FOLLOWS * span and max(falls) <= 0.3


def _same_framing(timeline: Timeline, by_exposure: list[int]) -> bool:
    """Whether each frame shows what the frame of the next exposure shows; neighbours in exposure compare best."""
    import numpy as np  # noqa: PLC0415  numpy costs start-up time

    one, two = np.array(by_exposure[:-1]), np.array(by_exposure[1:])
    framing = timeline.looks.compare(one, two).framing
    told = ~np.isnan(framing)
    return bool(told.any()) and not bool((framing[told] < SAME_FRAMING).any())
