"""Reasons in words: why a frame stands where it stands in its series, and what can be said of a photo alone.

Within a series everything is relative to the other frames, and nothing is said of differences too small to see. Of a
photo alone only facts are said; above all nothing is called blurred, since soft light and shallow focus are no faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.curation.brackets import relative_exposures
from aesthetic_studio.curation.eyes import closed_alone
from aesthetic_studio.curation.standing import Standing, stand
from aesthetic_studio.records import SeriesKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aesthetic_studio.records import PhotoRecord

CLEARLY_SHARPER = 0.15
"""Binary logarithm of acutance against the median, 11 %: less is not worth a word."""
CLEARLY_SOFTER = 0.3
AS_SHARP = 0.1
"""Binary logarithm of acutance, 7 %: frames this near the sharpest share its place."""
CLEARLY_MOVED = 0.2
"""Share of edge energy missing along one direction, against the median; defocus alone measures up to 0.15."""
OFF_EXPOSURE_EV = 0.7
BURNT_OUT = 0.02
BLOCKED_UP = 0.05
LEANS_DEGREES = 1.5
LEVEL_DEGREES = 0.6
NOISIER = 0.7
CLEAR_SCORE_LEAD = 0.05
"""Points; a smaller lead would show as the same number."""
DISAGREEMENT = 1.3
"""Spread against the library's usual spread."""
AGREEMENT = 0.75

_NO_DIFFERENCE = 0.12
"""Worth below which no aspect explains anything."""
_SMALL_PRAISE = {
    "score": "a little higher score than most",
    "sharpness": "a little sharper than most",
    "motion": "a little less movement than in most",
    "exposure": "exposed better than most",
    "clipping": "less clipped than most",
    "tilt": "a little more level than most",
    "noise": "a little cleaner than most",
}
_SMALL_WORDS = {
    "score": "a little lower score than the best",
    "sharpness": "a little softer than the best",
    "motion": "a little more movement than in the best",
    "exposure": "exposed a little off the others",
    "clipping": "a little more clipped than the best",
    "tilt": "leans a little more than the best",
    "noise": "a little noisier than the best",
    "eyes": "eyes closed",
}


def reasons_within(frames: Sequence[PhotoRecord], standings: Sequence[Standing] | None = None) -> list[tuple[str, ...]]:
    """At least one reason for each frame of a burst, given best first; relative to the other frames throughout."""
    standings = stand(frames) if standings is None else standings
    count = len(frames)
    alone = sum(each.softness is not None and each.softness <= AS_SHARP for each in standings) == 1
    reasons = []
    for index, (frame, standing) in enumerate(zip(frames, standings, strict=True)):
        words = [
            *_eye_words(standing),
            *_score_words(standing, count),
            *_sharpness_words(standing, count, alone),
            *_exposure_words(standing),
            *_lean_words(standing),
        ]
        if standing.noise is not None and standing.noise >= NOISIER:
            words.append("noisier than the others")
        if frame.metadata.burst_primary:
            words.append("the camera's own choice")
        if not words:
            words.append(_small_word(index, standing, standings[0], count))
        reasons.append(tuple(words))
    return reasons


def reasons_deliberate(kind: SeriesKind, frames: Sequence[PhotoRecord]) -> list[tuple[str, ...]]:
    """Say what each frame of a bracket, panorama or focus stack is for, in the order of shooting."""
    count = len(frames)
    if kind is SeriesKind.BRACKET:
        return [(f"{_signed_ev(value)} of a bracket of {count}",) for value in relative_exposures(frames)]
    title = {SeriesKind.PANORAMA: "frame {} of a panorama of {}", SeriesKind.FOCUS: "focus frame {} of {}"}.get(
        kind, "frame {} of {}"
    )
    return [(title.format(place, count),) for place in range(1, count + 1)]


def reasons_alone(photo: PhotoRecord, usual_spread: float | None = None) -> tuple[str, ...]:
    """Facts about a photo that is in no series; often none.

    ``usual_spread`` is the spread that the model's answers usually have in this library, in points. Without it nothing
    is said about agreement but of votes that gather at two ends, since every model has a spread of its own.
    """
    closed = closed_alone(photo)
    blinks = (closed_words(closed, len(photo.faces)),) if closed else ()
    return (*blinks, *_agreement_words(photo, usual_spread), *_clipping_words(photo))


def series_summary(kind: SeriesKind, size: int) -> str:
    """Say what a photo stands for that stands for a series: ``"best of a burst of 7"``."""
    names = {
        SeriesKind.BURST: "best of a burst of {}",
        SeriesKind.BRACKET: "stands for a bracket of {}",
        SeriesKind.PANORAMA: "stands for a panorama of {}",
        SeriesKind.FOCUS: "stands for a focus stack of {}",
    }
    return names[kind].format(size)


def closed_words(closed: int, faces: int) -> str:
    """Say how many close their eyes: ``"eyes closed: 1 of 3"``."""
    return f"eyes closed: {closed} of {faces}" if faces > 1 else "eyes closed"


def _eye_words(standing: Standing) -> Iterator[str]:
    """Say who blinks, and who does not where others do: eyes that are open throughout are worth no word."""
    eyes = standing.eyes
    if eyes.closed:
        yield closed_words(eyes.closed, eyes.faces)
    elif standing.others_blink and eyes.faces and eyes.open == eyes.faces:
        yield {1: "eyes open", 2: "eyes open on both faces"}.get(eyes.faces, f"eyes open on all {eyes.faces} faces")


def _score_words(standing: Standing, count: int) -> Iterator[str]:
    if standing.compared is not None:
        # Who was preferred side by side says more of a burst than the scores of whole photos.
        if count == 2:
            if standing.compared.won:
                yield "preferred side by side"
        elif standing.compared.won * 2 >= standing.compared.of:
            yield f"preferred in {standing.compared.won} of {standing.compared.of} comparisons"
        return
    if standing.score_place == 1 and (standing.score_lead or 0.0) >= CLEAR_SCORE_LEAD:
        yield f"highest score of {count}" if count > 2 else "the higher score of the two"


def _sharpness_words(standing: Standing, count: int, alone: bool) -> Iterator[str]:
    """Words on sharpness; ``alone`` tells whether one frame is sharper than all others by more than nothing."""
    sharpness, softness = standing.sharpness, standing.softness
    # Words tell what was measured: the eyes where every frame shows them, else the subject.
    eyes, whose = (" eyes", "eyes ") if standing.eyes.sharpness is not None else ("", "")
    if sharpness is None or softness is None or standing.sharpness_place is None:
        return
    # Of two frames the median lies half-way, so the lead over the other one is twice the lead over the median.
    lead = sharpness * 2 if count == 2 else sharpness
    if lead >= CLEARLY_SHARPER and not alone and softness <= AS_SHARP:
        yield f"among the sharpest{eyes} of {count}"
    elif lead >= CLEARLY_SHARPER and standing.sharpness_place <= min(3, (count + 1) // 2):
        place = ("", "2nd ", "3rd ")[standing.sharpness_place - 1]
        yield f"{place}sharpest{eyes} of {count}" if count > 2 else f"the sharper{eyes} of the two"
    elif standing.motion is not None and standing.motion >= CLEARLY_MOVED and softness >= CLEARLY_SHARPER:
        yield "blurred by motion"
    elif softness >= CLEARLY_SOFTER:
        yield f"{whose}softer than the best" if softness < 1 else f"{whose}much softer than the best"


def _exposure_words(standing: Standing) -> Iterator[str]:
    off = standing.exposure_ev
    if off is not None and abs(off) >= OFF_EXPOSURE_EV:
        steps = round(abs(off) * 2) / 2 if abs(off) >= 1 else round(abs(off), 1)
        yield f"{steps:g} EV {'under' if off < 0 else 'over'} the others"
    if standing.highlights is not None and standing.highlights >= BURNT_OUT:
        yield "highlights burnt out, unlike the others"
    if standing.shadows is not None and standing.shadows >= BLOCKED_UP:
        yield "shadows blocked up, unlike the others"


def _lean_words(standing: Standing) -> Iterator[str]:
    if standing.tilt_degrees is None or standing.others_tilt is None:
        return
    lean = abs(standing.tilt_degrees)
    if lean <= LEVEL_DEGREES and standing.others_tilt >= LEANS_DEGREES:
        yield "level, the others lean"
    elif lean >= LEANS_DEGREES and lean - standing.others_tilt >= LEANS_DEGREES / 2:
        yield f"leans {lean:.0f}°"


def _small_word(index: int, standing: Standing, best: Standing, count: int) -> str:
    """Say of a frame that nothing sets apart what cost it most against the best, if anything did."""
    if index == 0:
        gain, aspect = max((part, name) for name, part in standing.parts.items())
        if count > 2 and gain >= _NO_DIFFERENCE:
            return _SMALL_PRAISE[aspect]
        return f"best of {count}, by a little" if count > 2 else "the better of the two, by a little"
    cost, aspect = min((part - best.parts[name], name) for name, part in standing.parts.items())
    return _SMALL_WORDS[aspect] if cost <= -_NO_DIFFERENCE else "about as good as the best"


def _signed_ev(value: float) -> str:
    """Exposure as cameras write it, in tenths where it is no whole number: ``−2 EV``, ``+0.7 EV``."""
    tenths = round(value * 10) / 10
    whole = round(tenths)
    # Rounded shutter speeds make 1.9 or 2.1 of a nominal 2.
    nominal = whole if abs(tenths - whole) <= 0.15 else tenths
    sign = "−" if nominal < 0 else "+" if nominal > 0 else ""
    return f"{sign}{abs(nominal):g} EV"


def _agreement_words(photo: PhotoRecord, usual_spread: float | None) -> Iterator[str]:
    if photo.score is None:
        return
    votes = photo.score.distribution.probabilities
    if usual_spread is not None and usual_spread > 0:
        relative = photo.score.distribution.spread / usual_spread
        if relative >= DISAGREEMENT:
            yield "people would disagree about it"
        elif relative <= AGREEMENT:
            yield "people would agree about it"
    elif (ends := _two_camps(votes)) is not None:
        yield f"people would disagree: votes gather at {ends[0]} and at {ends[1]}"


def _two_camps(votes: Sequence[float]) -> tuple[int, int] | None:
    """Two scores at which votes gather with clearly fewer in between, or ``None``."""
    peaks = [
        place
        for place, vote in enumerate(votes)
        if vote >= 0.1 and all(vote > other for other in votes[max(0, place - 1) : place])
        and all(vote >= other for other in votes[place + 1 : place + 2])
    ]  # fmt: skip
    for low in peaks:
        for high in reversed(peaks):
            if high - low >= 3 and min(votes[low:high]) <= 0.5 * min(votes[low], votes[high]):
                return low + 1, high + 1
    return None


def _clipping_words(photo: PhotoRecord) -> Iterator[str]:
    if photo.measurements is None:
        return
    if photo.measurements.clipped_highlights >= 0.25:
        yield f"{photo.measurements.clipped_highlights:.0%} of the picture is burnt out"
    if photo.measurements.clipped_shadows >= 0.4:
        yield f"{photo.measurements.clipped_shadows:.0%} of the picture is black"
