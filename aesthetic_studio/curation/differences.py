"""How one photo differs from another, as photographers say it: ``sharper``, ``0.7 EV darker``, ``leans 1.2° more``.

What is said of one photo against another is the opposite of what is said the other way round. Small differences are
said to be none: the thresholds are those from which on a burst's reasons speak.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from aesthetic_studio.curation.reasons import (
    AS_SHARP,
    BURNT_OUT,
    CLEARLY_MOVED,
    CLEARLY_SHARPER,
    LEVEL_DEGREES,
    NOISIER,
)
from aesthetic_studio.curation.standing import EXPOSURE_TOLERANCE_EV, INVISIBLE_NOISE, MOTION_STEP, NOISE_STEP
from aesthetic_studio.translation import N_, kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import Measurements, PhotoRecord

MUCH_SHARPER = 1.0
"""Binary logarithm: twice the acutance, from which on a burst's frame counts as much softer."""
LEAST_SHARPNESS = 1e-3


class Aspect(StrEnum):
    """What of a photo is measured and compared."""

    SHARPNESS = N_("Sharpness")
    MOTION = N_("Motion blur")
    NOISE = N_("Noise")
    EXPOSURE = N_("Exposure")
    HIGHLIGHTS = N_("Burnt out")
    TILT = N_("Tilt")


@dataclass(frozen=True, slots=True)
class Difference:
    """How a photo differs from another in one aspect.

    Attributes:
        amount: The photo's value less the other's: binary logarithms of sharpness and noise, EV, degrees of lean, and
            shares of motion blur and burnt-out pixels.
        words: The difference in words, and in numbers where they mean something by themselves.
        clear: Whether there is more than nothing to see.
        favours: 1 where the difference is to the photo's credit, −1 where it is to the other's, 0 where it is neither:
            darker and brighter are no merits.
    """

    aspect: Aspect
    amount: float
    words: str
    clear: bool
    favours: int


def differences(photo: PhotoRecord, other: PhotoRecord) -> tuple[Difference, ...]:
    """Compare the measurements of two photos; an aspect that one of them lacks is left out."""
    if photo.measurements is None or other.measurements is None:
        return ()
    mine, theirs = _values(photo.measurements), _values(other.measurements)
    found = []
    for aspect in Aspect:
        one, two = mine[aspect], theirs[aspect]
        if one is not None and two is not None:
            found.append(_difference(aspect, one, two))
    return tuple(found)


def clear_differences(photo: PhotoRecord, other: PhotoRecord) -> tuple[str, ...]:
    """Say only what can be seen, the largest aspects of a burst's order first; nothing where two photos are alike."""
    return tuple(each.words for each in differences(photo, other) if each.clear)


def score_lead(photo: PhotoRecord, other: PhotoRecord) -> float | None:
    """By how many points a photo is ahead, of the scores as they are shown; ``None`` where no one model scored both."""
    if photo.score is None or other.score is None:
        return None
    if (photo.score.model, photo.score.version) != (other.score.model, other.score.version):
        return None
    return round(round(photo.score.distribution.mean, 1) - round(other.score.distribution.mean, 1), 1)


def score_words(photo: PhotoRecord, other: PhotoRecord | None = None) -> str:
    """Say a score, and by how much it differs: ``6.1, +0.4``; empty for a photo that is not scored."""
    if photo.score is None:
        return ""
    score = f"{photo.score.distribution.mean:.1f}"
    lead = None if other is None else score_lead(photo, other)
    return score if lead is None else kept("difference", "{score}, {lead}").format(score=score, lead=signed(lead))


def signed(points: float) -> str:
    """Points as a difference: ``+0.4``, ``−0.4``, ``±0``."""
    return f"{points:+.1f}".replace("-", "−") if round(points, 1) else "±0"


def best_of(photos: Sequence[PhotoRecord]) -> PhotoRecord | None:
    """Find the photo with the highest score, the first of equals; the first where none is scored."""
    scored = [photo for photo in photos if photo.score is not None]
    if not scored:
        return photos[0] if photos else None
    return max(scored, key=lambda photo: photo.score.distribution.mean if photo.score else 0.0)


def _values(measured: Measurements) -> dict[Aspect, float | None]:
    """Give each aspect on the scale on which equal steps look equal."""
    values: dict[Aspect, float | None] = {
        Aspect.SHARPNESS: _binary(measured.sharpness, LEAST_SHARPNESS),
        Aspect.MOTION: measured.motion_blur,
        Aspect.NOISE: _binary(measured.noise, INVISIBLE_NOISE),
        Aspect.EXPOSURE: measured.exposure_ev,
        Aspect.HIGHLIGHTS: measured.clipped_highlights,
        # Exactly 0 stands for "no line tells", which is no proof of a level horizon.
        Aspect.TILT: abs(measured.tilt_degrees) if measured.tilt_degrees != 0 else None,
    }
    return {name: value if value is not None and math.isfinite(value) else None for name, value in values.items()}


def _binary(value: float, least: float) -> float | None:
    return math.log2(max(value, least)) if math.isfinite(value) else None


def _difference(aspect: Aspect, one: float, two: float) -> Difference:
    amount = one - two
    words = _level_words(one, two) if aspect is Aspect.TILT else _words(aspect, amount)
    clear = words is not None
    sign = (amount > 0) - (amount < 0)
    favours = sign * _GOOD[aspect] if clear else 0
    return Difference(aspect, amount, words or _ALIKE[aspect], clear, favours)


def _words(aspect: Aspect, amount: float) -> str | None:
    """Say a difference; ``None`` where it is too small to see."""
    size = abs(amount)
    more, less = _OPPOSITES[aspect]
    word = more if amount > 0 else less
    if aspect is Aspect.EXPOSURE:
        # Rounded before it is judged, so that no 0.3 is said beside a 0.3 that is not.
        steps = round(size, 1)
        return word.format(steps=f"{steps:.1f}") if steps >= EXPOSURE_TOLERANCE_EV else None
    least, clearly = _LIMITS[aspect]
    if size < least:
        return None
    if size < clearly:
        return kept("difference", "a little {more}").format(more=word)
    if aspect is Aspect.SHARPNESS and size >= MUCH_SHARPER:
        return kept("difference", "much {more}").format(more=word)
    return word


def _level_words(one: float, two: float) -> str | None:
    size = round(abs(one - two), 1)
    if size < LEVEL_DEGREES:
        return None
    return _OPPOSITES[Aspect.TILT][0 if one > two else 1].format(degrees=f"{size:.1f}")


_OPPOSITES = {
    Aspect.SHARPNESS: (kept("difference", "sharper"), kept("difference", "softer")),
    Aspect.MOTION: (kept("difference", "more motion blur"), kept("difference", "less motion blur")),
    Aspect.NOISE: (kept("difference", "noisier"), kept("difference", "cleaner")),
    Aspect.EXPOSURE: (kept("difference", "{steps} EV brighter"), kept("difference", "{steps} EV darker")),
    Aspect.HIGHLIGHTS: (kept("difference", "more burnt out"), kept("difference", "less burnt out")),
    Aspect.TILT: (kept("difference", "leans {degrees}° more"), kept("difference", "leans {degrees}° less")),
}
_ALIKE = {
    Aspect.SHARPNESS: kept("difference", "as sharp"),
    Aspect.MOTION: kept("difference", "as steady"),
    Aspect.NOISE: kept("difference", "as clean"),
    Aspect.EXPOSURE: kept("difference", "as bright"),
    Aspect.HIGHLIGHTS: kept("difference", "burnt out alike"),
    Aspect.TILT: kept("difference", "leans alike"),
}
_LIMITS = {
    Aspect.SHARPNESS: (AS_SHARP, CLEARLY_SHARPER),
    Aspect.MOTION: (MOTION_STEP, CLEARLY_MOVED),
    Aspect.NOISE: (NOISE_STEP, NOISIER),
    Aspect.HIGHLIGHTS: (BURNT_OUT, BURNT_OUT),
}
"""From where on a difference is a little, and from where on it is clear."""
_GOOD = {
    Aspect.SHARPNESS: 1,
    Aspect.MOTION: -1,
    Aspect.NOISE: -1,
    Aspect.EXPOSURE: 0,
    Aspect.HIGHLIGHTS: -1,
    Aspect.TILT: -1,
}
