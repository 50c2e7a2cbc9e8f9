"""What is asked of a cull, and its answer."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aesthetic_studio.records import Verdict


class Strictness(StrEnum):
    """How much a second photo of one scene has to bring. A burst gives one frame a round in all of them."""

    LENIENT = "lenient"
    """By stars and score alone: a scene may fill as many places as its photos earn."""
    BALANCED = "balanced"
    """A scene's second photo stands back by a quarter of the usual range of scores, its fourth by half, and so on."""
    STRICT = "strict"
    """One photo a scene; a second one only once every scene has one."""


class Fate(StrEnum):
    """What becomes of a photo."""

    KEPT = "kept"
    GONE = "gone"
    LEFT = "left"
    """Left alone: nothing is decided about a photo that cannot be judged."""


@dataclass(frozen=True, slots=True)
class CullTarget:
    """How many places to keep: a ``number``, or a ``share`` 0..1 of all photos asked about, at least one.

    Raises ``ValueError`` where it is neither or both, or out of range.
    """

    number: int | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if (self.number is None) == (self.share is None):
            raise ValueError("how many to keep is either a number or a share")
        if self.number is not None and self.number < 1:
            raise ValueError(f"{self.number} is no number of photos to keep; 1 is the least")
        if self.share is not None and not 0 < self.share <= 1:
            raise ValueError(f"{100 * self.share:g}% is no share to keep; it lies above 0% and reaches up to 100%")

    @classmethod
    def parse(cls, text: str) -> CullTarget:
        """Understand ``50`` and ``10%``. Raises ``ValueError`` for anything else."""
        words = text.strip()
        try:
            if words.endswith("%"):
                return cls(share=float(words[:-1]) / 100)
            wanted = int(words)
        except ValueError as error:
            if "share" in str(error):
                raise
            raise ValueError(f"{text!r} is neither a number of photos, such as 50, nor a share, such as 10%") from None
        return cls(number=wanted)

    def of(self, photos: int) -> int:
        """How many places that is of so many photos."""
        if self.number is not None:
            return self.number
        return max(1, math.floor((self.share or 0.0) * photos + 0.5))


@dataclass(frozen=True, slots=True)
class CullChoice:
    """One photo's fate."""

    photo_id: int
    fate: Fate
    reason: str
    """In words: ``"best of a burst of 7"``, ``"below the line: score 4.1, the last kept has 5.0"``."""
    verdict: Verdict
    """What the person had decided about it when the plan was made."""
    together: tuple[int, ...] = ()
    """The other photos of its bracket, panorama or focus stack that share its fate."""


@dataclass(frozen=True, slots=True)
class CullPlan:
    """What would be kept and what would go; nothing is changed by it.

    Attributes:
        choices: One a photo: what is kept in the order of choosing, then what goes, the nearest to being kept first,
            then what is left alone.
        asked: Places that were asked for.
        places: Places that are kept: fewer than asked where there are not enough, more where more are picked.
        picked: Of these, the ones kept since the person picked them.
    """

    choices: tuple[CullChoice, ...]
    asked: int
    places: int
    picked: int

    def ids(self, fate: Fate) -> list[int]:
        """The photos of one fate, in order."""
        return [choice.photo_id for choice in self.choices if choice.fate is fate]

    def counts(self) -> Counter[Fate]:
        """How many photos have each fate."""
        return Counter(choice.fate for choice in self.choices)
