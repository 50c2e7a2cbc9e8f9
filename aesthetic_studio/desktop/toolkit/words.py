"""How numbers and states are said to a person: no Qt, so that the same words serve the screen and its reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.albums import GroupKind, SortKey
from aesthetic_studio.records import (
    CaptureTime,
    Flag,
    Label,
    Metadata,
    PhotoState,
    Progress,
    ScoreDistribution,
    SeriesKind,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

STAR = "★"
UNKNOWN = "—"

SORT_NAMES = {
    SortKey.SCORE: "Score",
    SortKey.TIME: "Time",
    SortKey.NAME: "Name",
    SortKey.RATING: "Rating",
    SortKey.SPREAD: "Spread",
    SortKey.SHARPNESS: "Sharpness",
    SortKey.FLAG: "Flag",
    SortKey.LABEL: "Label",
    SortKey.CAMERA: "Camera",
    SortKey.FOCAL_LENGTH: "Focal length",
    SortKey.ISO: "ISO",
    SortKey.PIXELS: "Pixels",
    SortKey.FILE_SIZE: "File size",
    SortKey.ADDED: "Date added",
}
FLAG_NAMES = {Flag.PICK: "Picked", Flag.NONE: "Unflagged", Flag.REJECT: "Rejected"}
STATE_NAMES = {
    PhotoState.PRESENT: "Present",
    PhotoState.MISSING: "Missing",
    PhotoState.OFFLINE: "Offline",
    PhotoState.UNREADABLE: "Unreadable",
}
SERIES_NAMES = {
    SeriesKind.BURST: "Burst",
    SeriesKind.BRACKET: "Exposure bracket",
    SeriesKind.PANORAMA: "Panorama",
    SeriesKind.FOCUS: "Focus stack",
}
GROUP_NAMES = {
    GroupKind.SINGLE: "Single photos",
    GroupKind.BURST: "Bursts",
    GroupKind.BRACKET: "Exposure brackets",
    GroupKind.PANORAMA: "Panoramas",
    GroupKind.FOCUS: "Focus stacks",
}
LOADING = "load"
"""The stage before scoring, which has nothing to count."""

STAGE_NAMES = {
    "scan": "Looking for photos",
    "index": "Reading photos",
    "score": "Scoring",
    "faces": "Looking for faces",
    "group": "Finding bursts",
    "compare": "Comparing bursts",
    LOADING: "Loading the model",
}


def label_name(label: Label) -> str:
    """``Red``, or ``No label``."""
    return "No label" if label is Label.NONE else label.name.capitalize()


def count_of(number: int, thing: str) -> str:
    """``1 photo``, ``12,345 photos``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def stars(rating: int) -> str:
    """``★★★``, or ``Unrated``."""
    return STAR * rating if rating else "Unrated"


def spread_in_words(spread: float, usual: tuple[float, float] | None = None) -> str:
    """Say what the votes' standard deviation means.

    Models differ in how wide they spread their votes, so a spread means most beside what is ``usual``: the quartiles of
    the other photos. Without them it is judged by itself (AVA's photos lie around 1.4).
    """
    low, high = usual or (1.2, 1.8)
    if spread < low:
        return "People would agree more than usual" if usual else "People would agree"
    if spread <= high:
        return "Opinions differ as usual" if usual else "Opinions would differ"
    return "People would disagree more than usual" if usual else "People would disagree"


def distribution_in_words(distribution: ScoreDistribution) -> str:
    """Say the plot, for those who do not see it."""
    percents = ", ".join(f"{k}: {p:.0%}" for k, p in enumerate(distribution.probabilities, start=1))
    return f"Predicted votes from 1 to 10. {percents}. Mean {distribution.mean:.1f}, spread {distribution.spread:.1f}."


def shutter(seconds: float | None) -> str:
    """``1/250 s``, ``0.5 s``, ``30 s``."""
    if not seconds or seconds <= 0:
        return UNKNOWN
    if seconds < 0.3:
        return f"1/{round(1 / seconds)} s"
    return f"{seconds:.1f}".removesuffix(".0") + " s"


def aperture(number: float | None) -> str:
    """``f/2.8``."""
    return f"f/{number:.1f}".removesuffix(".0") if number else UNKNOWN


def focal_length(millimetres: float | None) -> str:
    """``50 mm``."""
    return f"{millimetres:.1f}".removesuffix(".0") + " mm" if millimetres else UNKNOWN


def iso(value: int | None) -> str:
    """``ISO 400``."""
    return f"ISO {value}" if value else UNKNOWN


def exposure_bias(ev: float | None) -> str:
    """``+0.7 EV``, ``0 EV``."""
    if ev is None:
        return UNKNOWN
    return "0 EV" if abs(ev) < 0.05 else f"{ev:+.1f} EV".replace("-", "−")


def capture_time(taken: CaptureTime | None) -> str:
    """``12 May 2024, 14:03:07.25 (UTC+02:00)``, with as many digits as are known."""
    if taken is None:
        return UNKNOWN
    local: datetime = taken.local
    clock = local.strftime("%H:%M" if taken.resolution >= 60 else "%H:%M:%S")
    if taken.resolution < 1:
        digits = 1 if taken.resolution >= 0.1 else 2 if taken.resolution >= 0.01 else 3
        clock += f".{local.microsecond:06d}"[: digits + 1]
    zone = "" if taken.utc_offset_minutes is None else f" ({_offset(taken.utc_offset_minutes)})"
    return f"{local.day} {local.strftime('%b %Y')}, {clock}{zone}"


def _offset(minutes: int) -> str:
    sign = "+" if minutes >= 0 else "−"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def place(metadata: Metadata) -> str:
    """``48.8584° N, 2.2945° E``."""
    if metadata.latitude is None or metadata.longitude is None:
        return UNKNOWN
    north = "N" if metadata.latitude >= 0 else "S"
    east = "E" if metadata.longitude >= 0 else "W"
    return f"{abs(metadata.latitude):.4f}° {north}, {abs(metadata.longitude):.4f}° {east}"


def dimensions(width: int, height: int) -> str:
    """``6000 × 4000 (24.0 MP)``."""
    if width <= 0 or height <= 0:
        return UNKNOWN
    return f"{width} × {height} ({width * height / 1e6:.1f} MP)"


def file_size(size: int) -> str:
    """``4.2 MB``, in powers of ten as file managers say it."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return UNKNOWN


def duration(seconds: float | None) -> str:
    """``about 40 s left``, ``about 3 min left``; empty while it is not known."""
    if seconds is None or seconds < 0:
        return ""
    if seconds < 60:
        return f"about {max(1, round(seconds))} s left"
    if seconds < 3600:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"


def progress_in_words(progress: Progress) -> str:
    """``Scoring 120 of 4,000 · 53/s · about 1 min left``."""
    stage = STAGE_NAMES.get(progress.stage, progress.stage)
    if progress.stage == LOADING or progress.total == 0:
        return f"{stage}…"
    amount = f"{progress.done:,}" if progress.total is None else f"{progress.done:,} of {progress.total:,}"
    rate = f"{progress.rate:.0f}/s" if progress.rate >= 1 else ""
    left = "" if progress.total == progress.done else duration(progress.seconds_left)
    return " · ".join(part for part in (f"{stage} {amount}", rate, left) if part)


def joined(parts: Sequence[str]) -> str:
    """Parts that are known, apart by dots."""
    return " · ".join(part for part in parts if part and part != UNKNOWN)
