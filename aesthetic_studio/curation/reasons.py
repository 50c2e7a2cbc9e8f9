"""Reasons in words: why a frame stands where it stands in its series, and what can be said of a photo alone.

Within a series everything is relative to the other frames, and nothing is said of differences too small to see. Of a
photo alone only facts are said; above all nothing is called blurred, since soft light and shallow focus are no faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aesthetic_studio.curation.brackets import relative_exposures
from aesthetic_studio.curation.eyes import closed_alone
from aesthetic_studio.curation.standing import Standing, stand
from aesthetic_studio.records import SeriesKind
from aesthetic_studio.translation import kept

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
    "score": kept("reason", "a little higher score than most"),
    "sharpness": kept("reason", "a little sharper than most"),
    "motion": kept("reason", "a little less movement than in most"),
    "exposure": kept("reason", "exposed better than most"),
    "clipping": kept("reason", "less clipped than most"),
    "tilt": kept("reason", "a little more level than most"),
    "noise": kept("reason", "a little cleaner than most"),
}
_SMALL_WORDS = {
    "score": kept("reason", "a little lower score than the best"),
    "sharpness": kept("reason", "a little softer than the best"),
    "motion": kept("reason", "a little more movement than in the best"),
    "exposure": kept("reason", "exposed a little off the others"),
    "clipping": kept("reason", "a little more clipped than the best"),
    "tilt": kept("reason", "leans a little more than the best"),
    "noise": kept("reason", "a little noisier than the best"),
    "eyes": kept("reason", "eyes closed"),
}


BRACKETED = kept("reason", "{exposure} of a bracket of {count}")


class _SharpnessWords(NamedTuple):
    among: str
    places: tuple[str, str, str]
    of_two: str
    softer: str
    much_softer: str


SUBJECT = _SharpnessWords(
    kept("reason", "among the sharpest of {count}"),
    (
        kept("reason", "sharpest of {count}"),
        kept("reason", "2nd sharpest of {count}"),
        kept("reason", "3rd sharpest of {count}"),
    ),
    kept("reason", "the sharper of the two"),
    kept("reason", "softer than the best"),
    kept("reason", "much softer than the best"),
)
EYES = _SharpnessWords(
    kept("reason", "among the sharpest eyes of {count}"),
    (
        kept("reason", "sharpest eyes of {count}"),
        kept("reason", "2nd sharpest eyes of {count}"),
        kept("reason", "3rd sharpest eyes of {count}"),
    ),
    kept("reason", "the sharper eyes of the two"),
    kept("reason", "eyes softer than the best"),
    kept("reason", "eyes much softer than the best"),
)


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
            words.append(kept("reason", "noisier than the others"))
        if frame.metadata.burst_primary:
            words.append(kept("reason", "the camera's own choice"))
        if not words:
            words.append(_small_word(index, standing, standings[0], count))
        reasons.append(tuple(words))
    return reasons


def reasons_deliberate(kind: SeriesKind, frames: Sequence[PhotoRecord]) -> list[tuple[str, ...]]:
    """Say what each frame of a bracket, panorama or focus stack is for, in the order of shooting."""
    count = len(frames)
    if kind is SeriesKind.BRACKET:
        return [(BRACKETED.format(exposure=_signed_ev(value), count=count),) for value in relative_exposures(frames)]
    title = {
        SeriesKind.PANORAMA: kept("reason", "frame {place} of a panorama of {count}"),
        SeriesKind.FOCUS: kept("reason", "focus frame {place} of {count}"),
    }.get(kind, kept("reason", "frame {place} of {count}"))
    return [(title.format(place=place, count=count),) for place in range(1, count + 1)]


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
        SeriesKind.BURST: kept("reason", "best of a burst of {count}"),
        SeriesKind.BRACKET: kept("reason", "stands for a bracket of {count}"),
        SeriesKind.PANORAMA: kept("reason", "stands for a panorama of {count}"),
        SeriesKind.FOCUS: kept("reason", "stands for a focus stack of {count}"),
    }
    return names[kind].format(count=size)


def closed_words(closed: int, faces: int) -> str:
    """Say how many close their eyes: ``"eyes closed: 1 of 3"``."""
    if faces == 1:
        return kept("reason", "eyes closed")
    return kept("reason", "eyes closed: {closed} of {faces}").format(closed=closed, faces=faces)


def _eye_words(standing: Standing) -> Iterator[str]:
    """Say who blinks, and who does not where others do: eyes that are open throughout are worth no word."""
    eyes = standing.eyes
    if eyes.closed:
        yield closed_words(eyes.closed, eyes.faces)
    elif standing.others_blink and eyes.faces and eyes.open == eyes.faces:
        if eyes.faces > 2:
            yield kept("reason", "eyes open on all {faces} faces").format(faces=eyes.faces)
        else:
            yield kept("reason", "eyes open on both faces") if eyes.faces == 2 else kept("reason", "eyes open")


def _score_words(standing: Standing, count: int) -> Iterator[str]:
    if standing.compared is not None:
        # Who was preferred side by side says more of a burst than the scores of whole photos.
        if count == 2:
            if standing.compared.won:
                yield kept("reason", "preferred side by side")
        elif standing.compared.won * 2 >= standing.compared.of:
            yield kept("reason", "preferred in {won} of {of} comparisons").format(
                won=standing.compared.won, of=standing.compared.of
            )
        return
    if standing.score_place == 1 and (standing.score_lead or 0.0) >= CLEAR_SCORE_LEAD:
        yield (
            kept("reason", "highest score of {count}").format(count=count)
            if count > 2
            else kept("reason", "the higher score of the two")
        )


def _sharpness_words(standing: Standing, count: int, alone: bool) -> Iterator[str]:
    """Words on sharpness; ``alone`` tells whether one frame is sharper than all others by more than nothing."""
    sharpness, softness = standing.sharpness, standing.softness
    # Words tell what was measured: the eyes where every frame shows them, else the subject.
    words = EYES if standing.eyes.sharpness is not None else SUBJECT
    if sharpness is None or softness is None or standing.sharpness_place is None:
        return
    # Of two frames the median lies half-way, so the lead over the other one is twice the lead over the median.
    lead = sharpness * 2 if count == 2 else sharpness
    if lead >= CLEARLY_SHARPER and not alone and softness <= AS_SHARP:
        yield words.among.format(count=count)
    elif lead >= CLEARLY_SHARPER and standing.sharpness_place <= min(3, (count + 1) // 2):
        place = words.places[standing.sharpness_place - 1]
        yield place.format(count=count) if count > 2 else words.of_two
    elif standing.motion is not None and standing.motion >= CLEARLY_MOVED and softness >= CLEARLY_SHARPER:
        yield kept("reason", "blurred by motion")
    elif softness >= CLEARLY_SOFTER:
        yield words.softer if softness < 1 else words.much_softer


def _exposure_words(standing: Standing) -> Iterator[str]:
    off = standing.exposure_ev
    if off is not None and abs(off) >= OFF_EXPOSURE_EV:
        steps = round(abs(off) * 2) / 2 if abs(off) >= 1 else round(abs(off), 1)
        words = (
            kept("reason", "{steps} EV under the others") if off < 0 else kept("reason", "{steps} EV over the others")
        )
        yield words.format(steps=f"{steps:g}")
    if standing.highlights is not None and standing.highlights >= BURNT_OUT:
        yield kept("reason", "highlights burnt out, unlike the others")
    if standing.shadows is not None and standing.shadows >= BLOCKED_UP:
        yield kept("reason", "shadows blocked up, unlike the others")


def _lean_words(standing: Standing) -> Iterator[str]:
    if standing.tilt_degrees is None or standing.others_tilt is None:
        return
    lean = abs(standing.tilt_degrees)
    if lean <= LEVEL_DEGREES and standing.others_tilt >= LEANS_DEGREES:
        yield kept("reason", "level, the others lean")
    elif lean >= LEANS_DEGREES and lean - standing.others_tilt >= LEANS_DEGREES / 2:
        yield kept("reason", "leans {degrees}°").format(degrees=f"{lean:.0f}")


def _small_word(index: int, standing: Standing, best: Standing, count: int) -> str:
    """Say of a frame that nothing sets apart what cost it most against the best, if anything did."""
    if index == 0:
        gain, aspect = max((part, name) for name, part in standing.parts.items())
        if count > 2 and gain >= _NO_DIFFERENCE:
            return _SMALL_PRAISE[aspect]
        return (
            kept("reason", "best of {count}, by a little").format(count=count)
            if count > 2
            else kept("reason", "the better of the two, by a little")
        )
    cost, aspect = min((part - best.parts[name], name) for name, part in standing.parts.items())
    return _SMALL_WORDS[aspect] if cost <= -_NO_DIFFERENCE else kept("reason", "about as good as the best")


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
            yield kept("reason", "people would disagree about it")
        elif relative <= AGREEMENT:
            yield kept("reason", "people would agree about it")
    elif (ends := _two_camps(votes)) is not None:
        yield kept("reason", "people would disagree: votes gather at {low} and at {high}").format(
            low=ends[0], high=ends[1]
        )


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
        yield kept("reason", "{share}% of the picture is burnt out").format(
            share=f"{photo.measurements.clipped_highlights * 100:.0f}"
        )
    if photo.measurements.clipped_shadows >= 0.4:
        yield kept("reason", "{share}% of the picture is black").format(
            share=f"{photo.measurements.clipped_shadows * 100:.0f}"
        )
