"""What learning from a person's judgements tells, as plain data that can cross to another process.

Standard library only, so that a window can show it without loading torch or numpy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aesthetic_studio.translation import _, ngettext, pgettext

if TYPE_CHECKING:
    from aesthetic_studio.models.card import Interval

ENOUGH = 150
"""Judgements with which a taste that the model can see passes the gate nearly always, as the study measures."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much was judged, and how much of that can be compared with something.

    Attributes:
        stars: Photos with stars.
        picks: Picked photos.
        rejects: Rejected photos.
        choices: Bursts in which a frame was chosen.
        pairs: Asked pairs that were answered.
        ties: Those of them with the answer *no difference*.
        unseen: Judged photos without a preview; they take no part.
        usable: Judgements that say something of an order.
    """

    stars: int = 0
    picks: int = 0
    rejects: int = 0
    choices: int = 0
    pairs: int = 0
    ties: int = 0
    unseen: int = 0
    usable: int = 0


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What the held-out judgements say.

    Attributes:
        passed: Whether the personal model takes the base's place.
        base: Held-out pair accuracy of the base, with its 95 % interval.
        personal: The same of the personal model.
        gain: Their difference, with its interval.
        chance: How often chance alone would give so large a gain (one-sided p).
        pairs: Comparisons that were held out.
        photos: Photos in them.
        words: All of it in one or two sentences.
    """

    passed: bool
    base: Interval
    personal: Interval
    gain: Interval
    chance: float
    pairs: int
    photos: int
    words: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A photo that changed its place.

    Attributes:
        content_hash: Which.
        before: Its place by the base's scores; 1 is the best.
        after: Its place by the personal model's.
        score_before: 1..10.
        score_after: 1..10.
        among: How many photos were put in order.
        reasons: The strongest causes, in words.
    """

    content_hash: bytes
    before: int
    after: int
    score_before: float
    score_after: float
    among: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """What is remembered of one version.

    Attributes:
        number: From 1.
        made: When, ISO 8601, UTC.
        base: Name and version of the model it rests on.
        passed: Whether the gate let it in.
        words: The gate's verdict.
        base_accuracy: Held-out pair accuracy before.
        personal_accuracy: And after.
        chance: The gate's p.
        pairs: Comparisons that were held out.
        judgements: Counts by kind.
        version: Of its card.
    """

    number: int
    made: str
    base: str
    passed: bool
    words: str
    base_accuracy: Interval
    personal_accuracy: Interval
    chance: float
    pairs: int
    judgements: dict[str, int] = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True, slots=True)
class TeachReport:
    """What a run of teaching did.

    Attributes:
        name: Of the personal model.
        base: Name and version of the model it started from.
        counts: What it learned from.
        verdict: The gate's.
        moved: Photos that changed places most; places among ``looked_at`` photos of the library.
        looked_at: How many.
        version: What was kept; ``None`` in a dry run.
        installed: Whether it scores from now on.
        seconds: Learning and judging took, features cached.
        photo_ids: Of the photos in ``moved``, by content.
        names: Their file names, by content.
    """

    name: str
    base: str
    counts: Counts
    verdict: GateVerdict
    moved: tuple[Moved, ...]
    looked_at: int
    version: VersionRecord | None
    installed: bool
    seconds: float
    photo_ids: dict[bytes, int] = field(default_factory=dict)
    names: dict[bytes, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskedPair:
    """A pair to ask the person about.

    Attributes:
        first: Photo id.
        second: Photo id.
        why: In words.
    """

    first: int
    second: int
    why: str


@dataclass(frozen=True, slots=True)
class TeachState:
    """How things stand before anything is learned.

    Attributes:
        name: Of the personal model.
        base: Title of the model it starts from.
        base_name: Its name.
        counts: What was judged.
        least: Judgements that are needed.
        versions: Every version, the oldest first.
        installed: The number of the installed one.
    """

    name: str
    base: str
    base_name: str
    counts: Counts
    least: int
    versions: tuple[VersionRecord, ...] = ()
    installed: int | None = None


def said(counts: Counts) -> str:
    """What was judged, in one line."""
    parts = {
        ngettext("{number} photo with stars", "{number} photos with stars", counts.stars): counts.stars,
        ngettext("{number} pick", "{number} picks", counts.picks): counts.picks,
        ngettext("{number} reject", "{number} rejects", counts.rejects): counts.rejects,
        ngettext("{number} chosen frame", "{number} chosen frames", counts.choices): counts.choices,
        ngettext("{number} answered pair", "{number} answered pairs", counts.pairs): counts.pairs,
    }
    told = [", ".join(words.format(number=number) for words, number in parts.items() if number)]
    if not told[0]:
        told = [pgettext("judgements", "none")]
    if counts.unseen:
        told.append(_("{number} without a preview").format(number=counts.unseen))
    if sum(parts.values()) != counts.usable:
        told.append(_("{number} of these can be compared").format(number=counts.usable))
    return "; ".join(told)


def more_would_help(counts: Counts, least: int) -> str:
    """How many more judgements would help, and for what, in one sentence."""
    if counts.usable < least:
        return ngettext(
            "{number} more judgement is needed before there is anything to learn.",
            "{number} more judgements are needed before there is anything to learn.",
            least - counts.usable,
        ).format(number=least - counts.usable)
    if counts.usable < ENOUGH:
        return ngettext(
            "{number} more judgement would make it likely that a taste unlike the base model's shows, and sharpen one "
            "that shows already.",
            "{number} more judgements would make it likely that a taste unlike the base model's shows, and sharpen one "
            "that shows already.",
            ENOUGH - counts.usable,
        ).format(number=ENOUGH - counts.usable)
    return _("That is plenty; more judgements will still sharpen it.")
