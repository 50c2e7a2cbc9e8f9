"""Where each frame stands within its burst: every measurement relative to the others, never to a fixed threshold.

Soft light and shallow focus are no faults, so a frame is only ever softer, darker or more tilted *than the others of
its burst*. Differences are counted in steps that a person notices, and count ever less the larger they are, so that
one wild measurement does not decide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from aesthetic_studio.curation.comparisons import Compared, Comparisons, compare_frames
from aesthetic_studio.curation.eyes import NO_FACES, FrameEyes, eyes_within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aesthetic_studio.records import Measurements, PhotoRecord

NOTHING_COMPARED: Comparisons = {}

WEIGHTS: Mapping[str, float] = {
    "score": 2.5,
    "sharpness": 1.0,
    "motion": 0.8,
    "exposure": 0.9,
    "clipping": 0.5,
    "tilt": 0.3,
    "noise": 0.2,
}
"""What one step counts. Sharpness leads, since it cannot be mended; motion blur adds to it; exposure can be mended in
part, a lean and noise for the most part. The score's step is its spread, some 1.4 points, hence its weight: 0.4 points,
which judges hardly notice, count more than half as much as one step of sharpness. Chosen so by reason, fitted on no
data."""
COMPARED_WEIGHT = 1.5
"""What one point counts between frames that a model compared side by side. FGAesQ's points are log odds: one point is
73 of 100 people preferring the frame (Bradley-Terry). Such a model was made to see what differs within a series, so it
counts more than a score of the whole photo, and replaces it. Chosen so by reason, fitted on no data."""
MERIT_WEIGHT = 0.3
"""What one point of merit counts, where a model learned what makes a frame of one scene worse. Its points are log odds,
as those of comparisons, but it learned from made faults and never saw that somebody blinked: it counts less. It stands
in for the score, which compares scenes, and adds or takes no more. Chosen so by reason, fitted on no data."""
COMPARED_LIMIT = 2.4
"""What comparisons can add or take at most: no more than a smear or a missed focus."""
SCORE_LIMIT = 1.2
"""What a score can add or take at most. Frames of one burst show one scene, so points between them are as likely the
model's taste for dusk or softness as merit: no score makes up for 2 EV, a smear or a missed focus."""

ONE_BLINKS, ALL_BLINK = 1.2, 2.4
"""What closed eyes take: the first of many faces as much as an exposure that is off by more than a step, those of all
faces as much as a missed focus. A blink cannot be mended. Chosen so by reason, fitted on no data."""

SHARPNESS_STEP = 0.25
"""Binary logarithm: 19 % more acutance."""
MOTION_STEP = 0.1
EXPOSURE_STEP_EV = 0.5
EXPOSURE_TOLERANCE_EV = 0.3
HIGHLIGHTS_STEP = 0.02
SHADOWS_STEP = 0.05
TILT_STEP_DEGREES = 1.5
NOISE_STEP = 0.5
INVISIBLE_NOISE = 0.004
"""One step of 8 bits; below it one frame is as clean as another."""
LEAST_SPREAD = 0.5
"""Points; a model surer than that is not believed to be."""
_SATURATION = 3.0
"""Steps from which on a difference counts clearly less than in proportion."""
_CONSENSUS_EV = 0.35
"""Median deviation up to which the frames agree on an exposure."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One frame against its burst. Every difference is ``frame − others``; ``None`` where it was not measured."""

    parts: Mapping[str, float]
    """What each aspect of ``WEIGHTS`` adds to or takes from the frame's standing."""
    sharpness: float | None
    """Binary logarithm of the acutance against the burst's median."""
    softness: float | None
    """Binary logarithm of the sharpest frame's acutance against this one's, 0 or more."""
    sharpness_place: int | None
    """1 is the sharpest."""
    motion: float | None
    exposure_ev: float | None
    """Against the burst's own exposure: the median where frames agree, else the frame nearest middle grey."""
    highlights: float | None
    shadows: float | None
    tilt_degrees: float | None
    """By how much this frame leans; ``None`` where no line tells."""
    others_tilt: float | None
    """By how much the median frame leans, 0 or more."""
    noise: float | None
    """Binary logarithm against the median."""
    score_place: int | None
    """1 is the highest."""
    score_lead: float | None
    """Points by which the highest is ahead of the next; ``None`` for all others."""
    eyes: FrameEyes = NO_FACES
    """Faces and eyes. Where it tells the eyes' sharpness, that stands for the subject's in all of the above."""
    others_blink: bool = False
    """Somebody closes the eyes in another frame."""
    compared: Compared | None = None
    """How it did against each other frame; ``None`` where no model compared them all."""

    @property
    def worth(self) -> float:
        """The frame's standing as one number; more is better, 0 is the burst's median in everything."""
        return math.fsum(self.parts.values())


def stand(frames: Sequence[PhotoRecord], comparisons: Comparisons = NOTHING_COMPARED) -> list[Standing]:
    """Find the standing of each frame, in the order given. What was not measured counts as the burst's median.

    Where a model compared every two frames, its comparisons stand in for the score.
    """
    measured = [frame.measurements for frame in frames]
    eyes = eyes_within(frames)
    sharp = [each.sharpness for each in eyes]
    if None in sharp:
        sharp = _each(measured, lambda m: math.log2(max(m.sharpness, 1e-3)))
    blinking = [each.closed > 0 for each in eyes]
    sharp_relative = _against_median(sharp)
    most = max((value for value in sharp if value is not None), default=0.0)
    motion = _against_median(_each(measured, lambda m: m.motion_blur))
    exposure = _exposures(_each(measured, lambda m: m.exposure_ev))
    highlights = _each(measured, lambda m: m.clipped_highlights)
    shadows = _each(measured, lambda m: m.clipped_shadows)
    # Exactly 0 stands for "no line tells", which is no proof of a level horizon.
    tilts = _each(measured, lambda m: m.tilt_degrees if m.tilt_degrees != 0 else None)
    others_tilt = _median([abs(value) for value in tilts if value is not None])
    noise = _against_median(_each(measured, lambda m: math.log2(max(m.noise, INVISIBLE_NOISE))))
    scores = [frame.score.distribution.mean if frame.score else None for frame in frames]
    compared = compare_frames(frames, comparisons)
    merits = _compared_merits(compared) if compared else _learned_merits(frames) or _score_merits(frames)
    highlights_relative, shadows_relative = _against_median(highlights), _against_median(shadows)
    sharp_places, score_places = _places(sharp), _places(scores)
    score_lead = _lead(scores)
    least_highlights, least_shadows = _least(highlights), _least(shadows)
    standings = []
    for index in range(len(frames)):
        parts = {
            "score": merits[index],
            "sharpness": WEIGHTS["sharpness"] * _steps(sharp_relative[index], SHARPNESS_STEP),
            "motion": -WEIGHTS["motion"] * _steps(motion[index], MOTION_STEP),
            "exposure": -WEIGHTS["exposure"] * _steps(_beyond(exposure[index]), EXPOSURE_STEP_EV),
            "clipping": -WEIGHTS["clipping"]
            * (
                _steps(_difference(highlights[index], least_highlights), HIGHLIGHTS_STEP)
                + _steps(_difference(shadows[index], least_shadows), SHADOWS_STEP)
            ),
            "tilt": -WEIGHTS["tilt"] * _steps(_tilt_excess(tilts[index], others_tilt), TILT_STEP_DEGREES),
            "noise": -WEIGHTS["noise"] * _steps(noise[index], NOISE_STEP),
        }
        if any(blinking):
            parts["eyes"] = -_blink_cost(eyes[index])
        standings.append(
            Standing(
                parts=parts,
                sharpness=sharp_relative[index],
                softness=_difference(most, sharp[index]),
                sharpness_place=sharp_places[index],
                motion=motion[index],
                exposure_ev=exposure[index],
                highlights=highlights_relative[index],
                shadows=shadows_relative[index],
                tilt_degrees=tilts[index],
                others_tilt=others_tilt,
                noise=noise[index],
                score_place=score_places[index],
                score_lead=score_lead if score_places[index] == 1 else None,
                eyes=eyes[index],
                others_blink=any(blinking[:index]) or any(blinking[index + 1 :]),
                compared=compared[index] if compared else None,
            )
        )
    return standings


def _each(
    measured: Sequence[Measurements | None], aspect: Callable[[Measurements], float | None]
) -> list[float | None]:
    """One aspect of every frame; what is no finite number was not measured."""
    values = [aspect(each) if each is not None else None for each in measured]
    return [value if value is not None and math.isfinite(value) else None for value in values]


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _difference(one: float | None, two: float | None) -> float | None:
    return None if one is None or two is None else one - two


def _against_median(values: Sequence[float | None]) -> list[float | None]:
    middle = _median([value for value in values if value is not None])
    return [_difference(value, middle) for value in values]


def _steps(difference: float | None, step: float) -> float:
    """Count a difference in noticeable steps, like a logarithm when large, so that worse still counts as worse."""
    if difference is None:
        return 0.0
    return math.copysign(_SATURATION * math.log1p(abs(difference) / step / _SATURATION), difference)


def _blink_cost(eyes: FrameEyes) -> float:
    """Between what one of many faces and what all of them cost."""
    if not eyes.closed:
        return 0.0
    return ONE_BLINKS + (ALL_BLINK - ONE_BLINKS) * eyes.closed / max(eyes.faces, eyes.closed)


def _beyond(exposure: float | None) -> float | None:
    return None if exposure is None else max(0.0, abs(exposure) - EXPOSURE_TOLERANCE_EV)


def _least(values: Sequence[float | None]) -> float | None:
    """Find the least of what was measured: what the scene itself makes every frame lose to clipping."""
    return min((value for value in values if value is not None), default=None)


def _tilt_excess(tilt: float | None, others: float | None) -> float | None:
    return _difference(abs(tilt), others) if tilt is not None else None


def _exposures(values: Sequence[float | None]) -> list[float | None]:
    """Exposure against the burst's own.

    Where the frames agree, the odd one out is wrong and the median right. Where they do not, the median is nothing but
    the middle of a disagreement, and the frame nearest middle grey is the better guess.
    """
    known = [value for value in values if value is not None]
    if not known:
        return [None] * len(values)
    middle = median(known)
    if len(known) < 3 or median(abs(value - middle) for value in known) > _CONSENSUS_EV:
        middle = min(known, key=lambda value: (abs(value), value))
    return [_difference(value, middle) for value in values]


def _score_merits(frames: Sequence[PhotoRecord]) -> list[float]:
    """What the scores of whole photos add to and take from each frame."""
    return [SCORE_LIMIT * math.tanh(WEIGHTS["score"] * (step or 0.0) / SCORE_LIMIT) for step in _score_steps(frames)]


def _learned_merits(frames: Sequence[PhotoRecord]) -> list[float]:
    """What merits within the scene add and take; empty where a frame has none."""
    merits = [frame.score.distribution.merit if frame.score else None for frame in frames]
    if None in merits or len({(frame.score.model, frame.score.version) for frame in frames if frame.score}) > 1:
        return []
    return [SCORE_LIMIT * math.tanh(MERIT_WEIGHT * (step or 0.0) / SCORE_LIMIT) for step in _against_median(merits)]


def _compared_merits(compared: Sequence[Compared | None]) -> list[float]:
    """What comparisons side by side add and take, in points against the median frame."""
    points = _against_median([each.score if each is not None else None for each in compared])
    return [COMPARED_LIMIT * math.tanh(COMPARED_WEIGHT * (point or 0.0) / COMPARED_LIMIT) for point in points]


def _score_steps(frames: Sequence[PhotoRecord]) -> list[float | None]:
    """Scores against their median, in units of the votes' spread: how far people's opinions would move."""
    distributions = [frame.score.distribution if frame.score else None for frame in frames]
    spread = _median([each.spread for each in distributions if each is not None]) or LEAST_SPREAD
    relative = _against_median([each.mean if each is not None else None for each in distributions])
    return [None if value is None else value / max(spread, LEAST_SPREAD) for value in relative]


def _places(values: Sequence[float | None]) -> list[int | None]:
    """Give 1 to the largest; equal values share a place, and an unmeasured one has none."""
    places: dict[float, int] = {}
    for place, value in enumerate(sorted((value for value in values if value is not None), reverse=True), start=1):
        places.setdefault(value, place)
    return [None if value is None else places[value] for value in values]


def _lead(scores: Sequence[float | None]) -> float:
    """Find by how much the highest score is ahead of the next; 0 where it is shared or alone."""
    known = sorted(score for score in scores if score is not None)
    return known[-1] - known[-2] if len(known) > 1 else 0.0
