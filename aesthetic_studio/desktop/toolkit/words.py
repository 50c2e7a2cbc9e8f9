"""How numbers and states are said to a person: no Qt, so that the same words serve the screen and its reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.albums import GroupKind, SortKey
from aesthetic_studio.records import (
    CaptureTime,
    Flag,
    Label,
    Metadata,
    PhotoRecord,
    PhotoState,
    Progress,
    ScoreDistribution,
    SeriesKind,
)
from aesthetic_studio.translation import N_, Texts, _, decimal, ngettext, percent, pgettext, retold, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

STAR = "★"
UNKNOWN = "—"

SORT_NAMES = Texts(
    {
        SortKey.SCORE: N_("Score"),
        SortKey.TIME: N_("Time"),
        SortKey.NAME: N_("Name"),
        SortKey.RATING: N_("Rating"),
        SortKey.SPREAD: N_("Spread"),
        SortKey.SHARPNESS: N_("Sharpness"),
        SortKey.FLAG: N_("Flag"),
        SortKey.LABEL: N_("Label"),
        SortKey.CAMERA: N_("Camera"),
        SortKey.FOCAL_LENGTH: N_("Focal length"),
        SortKey.ISO: N_("ISO"),
        SortKey.PIXELS: N_("Pixels"),
        SortKey.FILE_SIZE: N_("File size"),
        SortKey.ADDED: N_("Date added"),
    }
)
FLAG_NAMES = Texts({Flag.PICK: N_("Picked"), Flag.NONE: N_("Unflagged"), Flag.REJECT: N_("Rejected")})
STATE_NAMES = Texts(
    {
        PhotoState.PRESENT: N_("Present"),
        PhotoState.MISSING: N_("Missing"),
        PhotoState.OFFLINE: N_("Offline"),
        PhotoState.UNREADABLE: N_("Unreadable"),
    }
)
SERIES_NAMES = Texts(
    {
        SeriesKind.BURST: N_("Burst"),
        SeriesKind.BRACKET: N_("Exposure bracket"),
        SeriesKind.PANORAMA: N_("Panorama"),
        SeriesKind.FOCUS: N_("Focus stack"),
    }
)
GROUP_NAMES = Texts(
    {
        GroupKind.SINGLE: N_("Single photos"),
        GroupKind.BURST: N_("Bursts"),
        GroupKind.BRACKET: N_("Exposure brackets"),
        GroupKind.PANORAMA: N_("Panoramas"),
        GroupKind.FOCUS: N_("Focus stacks"),
    }
)
LABEL_NAMES = Texts(
    {
        Label.NONE: N_("No label"),
        Label.RED: N_("Red"),
        Label.YELLOW: N_("Yellow"),
        Label.GREEN: N_("Green"),
        Label.BLUE: N_("Blue"),
        Label.PURPLE: N_("Purple"),
    }
)
MONTHS = (
    *(N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun")),
    *(N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")),
)
LONG_MONTHS = (
    *(N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June")),
    *(N_("July"), N_("August"), N_("September"), N_("October"), N_("November"), N_("December")),
)
LOADING = "load"
"""The stage before scoring, which has nothing to count."""

STAGE_NAMES = Texts(
    {
        "scan": N_("Looking for photos"),
        "index": N_("Reading photos"),
        "score": N_("Scoring"),
        "faces": N_("Looking for faces"),
        "group": N_("Finding bursts"),
        "compare": N_("Comparing bursts"),
        LOADING: N_("Loading the model"),
    }
)


def label_name(label: Label) -> str:
    """``Red``, or ``No label``."""
    return LABEL_NAMES[label]


THINGS: dict[str, Callable[[int], str]] = {
    "photo": lambda n: ngettext("{number} photo", "{number} photos", n),
    "frame": lambda n: ngettext("{number} frame", "{number} frames", n),
    "burst": lambda n: ngettext("{number} burst", "{number} bursts", n),
    "bracket": lambda n: ngettext("{number} exposure bracket", "{number} exposure brackets", n),
    "panorama": lambda n: ngettext("{number} panorama", "{number} panoramas", n),
    "focus": lambda n: ngettext("{number} focus stack", "{number} focus stacks", n),
    "challenger": lambda n: ngettext("{number} challenger", "{number} challengers", n),
    "place": lambda n: ngettext("{number} place", "{number} places", n),
    "file": lambda n: ngettext("{number} file", "{number} files", n),
    "companion file": lambda n: ngettext("{number} companion file", "{number} companion files", n),
    "path": lambda n: ngettext("{number} path", "{number} paths", n),
    "group": lambda n: ngettext("{number} group", "{number} groups", n),
    "face": lambda n: ngettext("{number} face", "{number} faces", n),
    "star": lambda n: ngettext("{number} star", "{number} stars", n),
    "judgement": lambda n: ngettext("{number} judgement", "{number} judgements", n),
}
"""What the window counts, each in the forms that a number asks for."""


def count_of(number: int, thing: str) -> str:
    """``1 photo``, ``12,345 photos``."""
    return THINGS[thing](number).format(number=whole(number))


def series_of(kind: SeriesKind | None, count: int, rank: int | None = None) -> str:
    """``Burst of 7``, ``Burst of 7, place 2``."""
    name = _("Series") if kind is None else SERIES_NAMES[kind]
    if rank:
        return _("{kind} of {count}, place {rank}").format(kind=name, count=count, rank=rank)
    return _("{kind} of {count}").format(kind=name, count=count)


def reasons_of(record: PhotoRecord) -> list[str]:
    """Why a photo stands where it stands, which the library keeps in English, in the language in force."""
    return [retold("reason", reason) for reason in record.reasons]


def stars(rating: int) -> str:
    """``★★★``, or ``Unrated``."""
    return STAR * rating if rating else _("Unrated")


def spread_in_words(spread: float, usual: tuple[float, float] | None = None) -> str:
    """Say what the votes' standard deviation means.

    Models differ in how wide they spread their votes, so a spread means most beside what is ``usual``: the quartiles of
    the other photos. Without them it is judged by itself (AVA's photos lie around 1.4).
    """
    low, high = usual or (1.2, 1.8)
    if spread < low:
        return _("People would agree more than usual") if usual else _("People would agree")
    if spread <= high:
        return _("Opinions differ as usual") if usual else _("Opinions would differ")
    return _("People would disagree more than usual") if usual else _("People would disagree")


def distribution_in_words(distribution: ScoreDistribution) -> str:
    """Say the plot, for those who do not see it."""
    percents = ", ".join(f"{k}: {percent(p)}" for k, p in enumerate(distribution.probabilities, start=1))
    return _("Predicted votes from 1 to 10. {percents}. Mean {mean}, spread {spread}.").format(
        percents=percents, mean=decimal(distribution.mean), spread=decimal(distribution.spread)
    )


def shutter(seconds: float | None) -> str:
    """``1/250 s``, ``0.5 s``, ``30 s``."""
    if not seconds or seconds <= 0:
        return UNKNOWN
    if seconds < 0.3:
        return f"1/{round(1 / seconds)} s"
    return _short(seconds) + " s"


def _short(number: float) -> str:
    """One digit behind the mark, none where it is nought."""
    return decimal(number, 0 if round(number, 1) == int(round(number, 1)) else 1)


def aperture(number: float | None) -> str:
    """``f/2.8``."""
    return f"f/{_short(number)}" if number else UNKNOWN


def focal_length(millimetres: float | None) -> str:
    """``50 mm``."""
    return f"{_short(millimetres)} mm" if millimetres else UNKNOWN


def iso(value: int | None) -> str:
    """``ISO 400``."""
    return f"ISO {value}" if value else UNKNOWN


def exposure_bias(ev: float | None) -> str:
    """``+0.7 EV``, ``0 EV``."""
    if ev is None:
        return UNKNOWN
    return "0 EV" if abs(ev) < 0.05 else decimal(ev, sign="+").replace("-", "−") + " EV"


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
    return f"{date_in_words(local)}, {clock}{zone}"


def date_in_words(day: datetime) -> str:
    """``12 May 2024``."""
    return pgettext("date", "{day} {month} {year}").format(day=day.day, month=month_in_words(day), year=day.year)


def day_in_words(day: datetime) -> str:
    """``12 May``."""
    return pgettext("date", "{day} {month}").format(day=day.day, month=month_in_words(day))


def month_in_words(day: datetime, *, long: bool = False) -> str:
    """``Sep``, or ``September``."""
    return _((LONG_MONTHS if long else MONTHS)[day.month - 1])


def _offset(minutes: int) -> str:
    sign = "+" if minutes >= 0 else "−"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def place(metadata: Metadata) -> str:
    """``48.8584° N, 2.2945° E``."""
    if metadata.latitude is None or metadata.longitude is None:
        return UNKNOWN
    north = pgettext("latitude", "N") if metadata.latitude >= 0 else pgettext("latitude", "S")
    east = pgettext("longitude", "E") if metadata.longitude >= 0 else pgettext("longitude", "W")
    return f"{decimal(abs(metadata.latitude), 4)}° {north}, {decimal(abs(metadata.longitude), 4)}° {east}"


def dimensions(width: int, height: int) -> str:
    """``6000 × 4000 (24.0 MP)``."""
    if width <= 0 or height <= 0:
        return UNKNOWN
    return f"{width} × {height} ({decimal(width * height / 1e6)} MP)"


def file_size(size: int) -> str:
    """``4.2 MB``, in powers of ten as file managers say it."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return _("{number} bytes").format(number=size) if unit == "bytes" else f"{decimal(amount)} {unit}"
        amount /= 1000
    return UNKNOWN


def duration(seconds: float | None) -> str:
    """``about 40 s left``, ``about 3 min left``; empty while it is not known."""
    if seconds is None or seconds < 0:
        return ""
    if seconds < 60:
        return _("about {seconds} s left").format(seconds=max(1, round(seconds)))
    if seconds < 3600:
        return _("about {minutes} min left").format(minutes=round(seconds / 60))
    return _("about {hours} h left").format(hours=decimal(seconds / 3600))


def progress_in_words(progress: Progress) -> str:
    """``Scoring 120 of 4,000 · 53/s · about 1 min left``."""
    stage = STAGE_NAMES.get(progress.stage, progress.stage)
    if progress.stage == LOADING or progress.total == 0:
        return f"{stage}…"
    amount = (
        whole(progress.done)
        if progress.total is None
        else _("{done} of {total}").format(done=whole(progress.done), total=whole(progress.total))
    )
    rate = _("{number}/s").format(number=decimal(progress.rate, 0)) if progress.rate >= 1 else ""
    left = "" if progress.total == progress.done else duration(progress.seconds_left)
    return " · ".join(part for part in (f"{stage} {amount}", rate, left) if part)


def joined(parts: Sequence[str]) -> str:
    """Parts that are known, apart by dots."""
    return " · ".join(part for part in parts if part and part != UNKNOWN)
