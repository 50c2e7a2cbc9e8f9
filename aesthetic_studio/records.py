"""The types that every room speaks in: frozen, typed, standard library only.

Data flows one way through them::

    PhotoFile ──decode──▶ PhotoFacts ──store──▶ PhotoRecord ──score──▶ ScoreDistribution
                                                     │
                                                     └──curate──▶ Series, RankedPhoto

Times are seconds, lengths pixels, exposure EV, scores 1..10, angles degrees (positive is clockwise).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aesthetic_studio.faces import Face

SCORE_BINS = 10
"""A scorer answers with votes over the integers 1..10, as AVA's judges gave them."""

PREVIEW_LONG_SIDE = 512
"""Pixels of a preview's long side. Grid thumbnails and every model input of up to 384 px are made from it."""

FOCUS_GRID = 8
"""A focus map has ``FOCUS_GRID × FOCUS_GRID`` cells, row by row from the top left."""

LOOK_SIDE = 32
"""Side of the square luma image in a look fingerprint."""

LOOK_COLOUR_SIDE = 8
"""Side of the square colour image in a look fingerprint."""


@dataclass(frozen=True, slots=True)
class ScoreDistribution:
    """Predicted votes over 1..10: ten probabilities that sum to 1; ``ValueError`` where they are none."""

    probabilities: tuple[float, ...]
    merit: float | None = None
    """The better frame of a scene has more, by what was done to it; it means nothing beside other scenes."""

    def __post_init__(self) -> None:
        if len(self.probabilities) != SCORE_BINS:
            raise ValueError(f"a score distribution has {SCORE_BINS} bins, not {len(self.probabilities)}")
        if any(not (p >= -1e-6) for p in self.probabilities) or not math.isfinite(self.merit or 0.0):
            raise ValueError("a score distribution has no negative or missing number")
        if not math.isclose(sum(self.probabilities), 1.0, abs_tol=1e-3):
            raise ValueError(f"a score distribution sums to 1, not {sum(self.probabilities):.4f}")

    @classmethod
    def from_votes(cls, votes: Sequence[float]) -> ScoreDistribution:
        """Normalise ten counts of votes. Raises ``ValueError`` where there is no vote at all."""
        total = float(sum(votes))
        if not total > 0:
            raise ValueError("no votes: a distribution needs at least one")
        return cls(tuple(float(v) / total for v in votes))

    @property
    def mean(self) -> float:
        """The score: the expected vote, 1..10."""
        return sum(k * p for k, p in enumerate(self.probabilities, start=1))

    @property
    def spread(self) -> float:
        """How much people would disagree: the votes' standard deviation, 0..4.5."""
        mean = self.mean
        return math.sqrt(max(0.0, sum(p * (k - mean) ** 2 for k, p in enumerate(self.probabilities, start=1))))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says of one photo."""

    distribution: ScoreDistribution
    look: bytes = b""
    """What the photo shows, as half floats in little-endian order, at length 1; empty from a model that says none."""


class Flag(IntEnum):
    """The pick flag. Stars stay independent of it."""

    REJECT = -1
    NONE = 0
    PICK = 1


class Label(IntEnum):
    """Colour label; the five names that other programs read."""

    NONE = 0
    RED = 1
    YELLOW = 2
    GREEN = 3
    BLUE = 4
    PURPLE = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the person decided about a photo. A score never changes it by itself."""

    rating: int = 0
    """Stars, 0 (unrated) to 5."""
    flag: Flag = Flag.NONE
    label: Label = Label.NONE

    def __post_init__(self) -> None:
        if not 0 <= self.rating <= 5:
            raise ValueError(f"a rating is 0 to 5 stars, not {self.rating}")


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A change to apply to verdicts: ``None`` leaves a field as it is."""

    rating: int | None = None
    flag: Flag | None = None
    label: Label | None = None

    def apply(self, verdict: Verdict) -> Verdict:
        """The verdict after this change."""
        return Verdict(
            rating=verdict.rating if self.rating is None else self.rating,
            flag=verdict.flag if self.flag is None else self.flag,
            label=verdict.label if self.label is None else self.label,
        )


@dataclass(frozen=True, slots=True)
class CaptureTime:
    """When the shutter opened, with how exactly that is known."""

    local: datetime
    """The camera's own clock, without a zone."""
    resolution: float
    """Seconds of the finest step: 60 where seconds are missing, 1 without sub-seconds, 0.1, 0.01, 0.001 with them."""
    utc_offset_minutes: int | None = None
    """The zone, where the file states one."""


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote about a photo: in its file, or in a sidecar beside it."""

    caption: str | None = None
    keywords: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.caption or self.keywords)

    @property
    def text(self) -> str:
        """All of it as the one text that a model reads: the caption, a line each, then the keywords."""
        return "\n".join(part for part in (self.caption or "", ", ".join(self.keywords)) if part)

    def with_sidecar(self, sidecar: Words) -> Words:
        """These and a sidecar's: its caption is taken for the newer one, keywords are united, each once."""
        united: dict[str, str] = {}
        for keyword in (*self.keywords, *sidecar.keywords):
            united.setdefault(keyword.casefold(), keyword)
        return Words(sidecar.caption or self.caption, tuple(united.values()))


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the file says of itself. ``None`` where it says nothing that can be believed."""

    taken: CaptureTime | None = None
    make: str | None = None
    model: str | None = None
    lens: str | None = None
    focal_length_mm: float | None = None
    aperture: float | None = None
    """The f-number."""
    shutter_s: float | None = None
    iso: int | None = None
    exposure_bias_ev: float | None = None
    latitude: float | None = None
    """Degrees, north positive."""
    longitude: float | None = None
    """Degrees, east positive."""
    orientation: int = 1
    """Exif orientation 1..8, as stored; previews and sizes have it applied."""
    burst_id: str | None = None
    """Apple BurstUUID, GCamera:BurstID or the stem of a burst's file name: frames of one burst share it."""
    burst_primary: bool = False
    """The camera itself marked this frame as the burst's cover."""
    live_id: str | None = None
    """Apple ContentIdentifier, shared by a Live Photo's still and movie."""
    caption: str | None = None
    """Title and description that somebody wrote, a line each; what a camera writes by itself is none."""
    keywords: tuple[str, ...] = ()

    @property
    def words(self) -> Words:
        """What was written about the photo."""
        return Words(self.caption, self.keywords)

    @property
    def camera(self) -> str | None:
        """Make and model as one name, the make not said twice (``Canon EOS 350D DIGITAL``)."""
        if not self.model:
            return self.make
        if not self.make or self.model.lower().startswith(self.make.split()[0].lower()):
            return self.model
        return f"{self.make} {self.model}"

    @property
    def exposure_value(self) -> float | None:
        """EV at ISO 100 that the settings stand for, ``log2(N²/t) − log2(ISO/100)``; one more is half the light."""
        if not self.aperture or not self.shutter_s or self.aperture <= 0 or self.shutter_s <= 0:
            return None
        return math.log2(self.aperture**2 / self.shutter_s) - math.log2((self.iso or 100) / 100)


@dataclass(frozen=True, slots=True)
class Measurements:
    """Technical measurements at the real resolution. Each is 0..1 unless it says otherwise.

    Absolute values mislead (soft light and shallow focus are no faults), so curation compares them
    within a series and never against one threshold for all photos.
    """

    sharpness: float
    """Of the subject: the acutance of the region that is meant to be sharp. More is sharper."""
    motion_blur: float
    """Share of edge energy that is missing along one direction. More is more smeared."""
    noise: float
    """Standard deviation of the noise in flat regions, of full scale."""
    exposure_ev: float
    """Mean luminance against middle grey (18 %), in EV: negative is dark."""
    clipped_highlights: float
    """Share of pixels with a channel burnt out."""
    clipped_shadows: float
    """Share of pixels that are black."""
    contrast: float
    """Standard deviation of luma, of full scale."""
    colourfulness: float
    """Hasler and Süsstrunk (2003), eq. 3, divided by 109 (their 'extremely colourful')."""
    tilt_degrees: float
    """By how much the horizon or verticals lean, −15..15; 0 where no line tells."""
    focus_map: tuple[float, ...] = ()
    """Local acutance over ``FOCUS_GRID × FOCUS_GRID`` cells, row by row; where the sharp region is."""


@dataclass(frozen=True, slots=True)
class Look:
    """A fingerprint of how a photo looks, to compare neighbours in a series.

    Two tiny pictures, stretched to squares: ``luma`` tells framing and drift, ``colour`` tells light and subject.
    """

    luma: bytes
    """``LOOK_SIDE × LOOK_SIDE`` bytes, row by row, sRGB luma."""
    colour: bytes
    """``LOOK_COLOUR_SIDE × LOOK_COLOUR_SIDE × 3`` bytes, sRGB, row by row."""

    def __post_init__(self) -> None:
        if len(self.luma) != LOOK_SIDE**2 or len(self.colour) != 3 * LOOK_COLOUR_SIDE**2:
            raise ValueError("a look has 32×32 luma and 8×8×3 colour bytes")


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """Everything that one decode of one file yields."""

    content_hash: bytes
    """16 bytes, BLAKE2b of the whole file: the photo's identity."""
    format: str
    """The format the bytes really are, upper case (``JPEG``, ``HEIF``, ``CR2``), whatever the name says."""
    width: int
    height: int
    """Pixels of the upright photo."""
    metadata: Metadata
    measurements: Measurements
    look: Look
    preview: bytes
    """JPEG, sRGB, upright, long side ``PREVIEW_LONG_SIDE`` at most."""
    warnings: tuple[str, ...] = ()
    """What was wrong but could be worked around (a damaged EXIF block, a truncated end)."""


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """One photo found on disk: its main file and those that belong to it."""

    folder: str
    name: str
    size: int
    mtime_ns: int
    companions: tuple[str, ...] = ()
    """Names of the photo's other files in the same folder: the RAW of a RAW+JPEG, a Live Photo's movie, ``.xmp``."""

    @property
    def path(self) -> Path:
        """The main file."""
        return Path(self.folder) / self.name

    @property
    def sidecars(self) -> tuple[str, ...]:
        """Those companions in which other programs wrote about the photo."""
        return tuple(name for name in self.companions if name.lower().endswith(".xmp"))


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file that no photo could be made of, and what to do about it."""

    path: str
    reason: str
    advice: str


class PhotoState(IntEnum):
    """Whether a catalogued photo's file is there."""

    PRESENT = 0
    MISSING = 1
    """The folder is there and the file is not: greyed, not forgotten."""
    OFFLINE = 2
    """Its whole folder is out of reach, as on a drive that is not plugged in."""
    UNREADABLE = 3
    """The file is there and no photo can be made of it."""


@dataclass(frozen=True, slots=True)
class Score:
    """A model's answer for one photo, with who gave it."""

    model: str
    version: str
    distribution: ScoreDistribution


class SeriesKind(StrEnum):
    """Why photos belong together."""

    BURST = "burst"
    BRACKET = "bracket"
    PANORAMA = "panorama"
    FOCUS = "focus"


@dataclass(frozen=True, slots=True)
class Frame:
    """One photo's place within its series."""

    photo_id: int
    rank: int
    """1 is the best. In a bracket, panorama or focus stack, which are kept whole, it is the order of shooting."""
    best: bool
    """This frame stands for the series."""
    reasons: tuple[str, ...]
    """In words, relative to this series: ``"sharpest of 7"``."""
    eyes_closed: int = 0
    """Faces that close their eyes here and have them open in other frames."""


@dataclass(frozen=True, slots=True)
class Series:
    """Photos that belong together, best first in a burst and as shot in the deliberate kinds."""

    kind: SeriesKind
    frames: tuple[Frame, ...]

    @property
    def best(self) -> Frame:
        """The frame that stands for the series."""
        return next(frame for frame in self.frames if frame.best)


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """All that the catalogue knows of one photo."""

    id: int
    content_id: int
    """Shared by identical files."""
    path: Path
    state: PhotoState
    size: int
    mtime_ns: int
    companions: tuple[str, ...]
    format: str
    width: int
    height: int
    metadata: Metadata
    measurements: Measurements | None
    look: Look | None
    verdict: Verdict
    score: Score | None = None
    """The active model's answer, ``None`` while unscored."""
    series_id: int | None = None
    series_kind: SeriesKind | None = None
    series_rank: int | None = None
    series_size: int = 1
    best_of_series: bool = False
    chosen: bool = False
    """The person chose this frame to stand for its series."""
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    problem: str | None = None
    """Why the file is unreadable, with what to do, where it is."""
    faces: tuple[Face, ...] = ()
    """The largest first; none where nobody has looked yet."""

    @property
    def folder(self) -> str:
        """The folder that holds the main file."""
        return str(self.path.parent)

    @property
    def name(self) -> str:
        """The main file's name."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class PhotoFiles:
    """Where a photo's files lie, and nothing else: thousands of them are asked for at once."""

    path: str
    state: PhotoState
    companions: tuple[str, ...]
    """Names of further files in the same folder."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """The little that a grid needs to paint one photo."""

    id: int
    content_id: int
    name: str
    state: PhotoState
    verdict: Verdict
    score: float | None = None
    spread: float | None = None
    series_id: int | None = None
    series_kind: SeriesKind | None = None
    series_size: int = 1
    best_of_series: bool = False
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class RankedPhoto:
    """One place in a ranking."""

    photo_id: int
    rank: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far long work has come."""

    stage: str
    """``"scan"``, ``"index"``, ``"score"``, ``"faces"`` or ``"group"``."""
    done: int
    total: int | None
    """``None`` while it is still being counted."""
    rate: float = 0.0
    """Items a second, smoothed."""
    seconds_left: float | None = None
    current: str = ""
