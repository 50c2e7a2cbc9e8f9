"""A filter in words, a part each, with the filter that is left without that part: no Qt, as in ``words``."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from aesthetic_studio.albums import Comparison, PhotoFilter
from aesthetic_studio.desktop.toolkit.words import (
    FLAG_NAMES,
    GROUP_NAMES,
    STAR,
    STATE_NAMES,
    date_in_words,
    day_in_words,
    label_name,
)
from aesthetic_studio.paths import shown
from aesthetic_studio.translation import _, decimal, inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class FilterPart:
    """One thing that a filter asks for.

    Attributes:
        text: In words, ``"ISO 800–3200"``.
        without: The filter that no longer asks for it.
    """

    text: str
    without: PhotoFilter


def filter_parts(wanted: PhotoFilter) -> list[FilterPart]:
    """Say each thing that a filter asks for; a field that is added to the filter needs its line here."""
    return [FilterPart(text, replace(wanted, **cleared)) for text, cleared in _parts(wanted)]


def _parts(wanted: PhotoFilter) -> Iterator[tuple[str, dict[str, Any]]]:
    for folder in wanted.folders:
        left = tuple(other for other in wanted.folders if other != folder)
        yield _("In {base}").format(base=_base(folder)), {"folders": left}
    if wanted.text:
        yield _("“{text}”").format(text=shown(wanted.text)), {"text": ""}
    yield from _range(wanted, "score", _("Score {range}").replace("{range}", "{}"))
    if wanted.rating is not None:
        yield _stars(wanted), {"rating": None, "rating_comparison": Comparison.AT_LEAST}
    if wanted.flags is not None:
        yield _either(FLAG_NAMES[flag] for flag in sorted(wanted.flags, reverse=True)), {"flags": None}
    if wanted.labels is not None:
        yield _either(label_name(label) for label in sorted(wanted.labels)), {"labels": None}
    if wanted.taken_from is not None or wanted.taken_before is not None:
        yield time_range(wanted.taken_from, wanted.taken_before), {"taken_from": None, "taken_before": None}
    for name in ("camera", "lens"):
        if (value := getattr(wanted, name)) is not None:
            yield shown(value), {name: None}
    yield from _range(wanted, "focal", "{} mm")
    yield from _range(wanted, "iso", "ISO {}")
    yield from _range(wanted, "spread", _("Spread {range}").replace("{range}", "{}"))
    if wanted.sharpness_at_least is not None or wanted.sharpness_at_most is not None:
        yield _sharpness(wanted), {"sharpness_at_least": None, "sharpness_at_most": None}
    if wanted.faces_at_least is not None or wanted.faces_at_most is not None:
        yield _faces(wanted), {"faces_at_least": None, "faces_at_most": None}
    if wanted.eyes_closed is not None:
        yield _("Eyes closed") if wanted.eyes_closed else _("No eyes closed"), {"eyes_closed": None}
    if wanted.groups is not None:
        yield _either(GROUP_NAMES[kind] for kind in GROUP_NAMES if kind in wanted.groups), {"groups": None}
    if wanted.states is not None:
        yield _either(STATE_NAMES[state] for state in sorted(wanted.states)), {"states": None}
    if wanted.series_id is not None:
        yield _("One series"), {"series_id": None}


def _base(folder: str) -> str:
    return shown(os.path.basename(folder.rstrip(os.sep)) or folder)  # noqa: PTH119 — text, no file is touched


def _range(wanted: PhotoFilter, name: str, words: str) -> Iterator[tuple[str, dict[str, Any]]]:
    least, most = getattr(wanted, f"{name}_at_least"), getattr(wanted, f"{name}_at_most")
    if least is not None or most is not None:
        yield words.format(_between(least, most)), {f"{name}_at_least": None, f"{name}_at_most": None}


def _between(least: float | None, most: float | None) -> str:
    if least is None or most is None:
        return f"≤ {_number(most)}" if least is None else f"≥ {_number(least)}"
    return _number(least) if least == most else f"{_number(least)}–{_number(most)}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    digits = len(f"{value:.2f}".rstrip("0").partition(".")[2])
    return decimal(value, digits)


def _stars(wanted: PhotoFilter) -> str:
    if wanted.rating == 0 and wanted.rating_comparison is not Comparison.AT_LEAST:
        return _("Unrated")
    sign = {Comparison.EXACTLY: "=", Comparison.AT_LEAST: "≥", Comparison.AT_MOST: "≤"}[wanted.rating_comparison]
    return f"{STAR} {sign} {wanted.rating}"


def _sharpness(wanted: PhotoFilter) -> str:
    least, most = wanted.sharpness_at_least, wanted.sharpness_at_most
    if least is None:
        return _("Softest {number} %").format(number=_number(most))
    if most is None:
        return _("Sharpest {number} %").format(number=_number(100 - least))
    return _("Sharpness {least}–{most} %").format(least=_number(least), most=_number(most))


def _faces(wanted: PhotoFilter) -> str:
    least, most = wanted.faces_at_least, wanted.faces_at_most
    if most == 0:
        return _("No faces")
    if least == 1 and most in (None, 1):
        return _("With faces") if most is None else _("One face")
    return _("Faces {between}").format(between=_between(least, most))


def _either(names: Iterable[str]) -> str:
    """``Picked or rejected``; a set of nothing lets nothing through."""
    listed = list(names)
    if not listed:
        return _("Nothing")
    said = listed[0]
    for other in listed[1:]:
        said = _("{one} or {other}").format(one=said, other=inside(other))
    return said


def time_range(start: datetime | None, end: datetime | None) -> str:
    """``12 May 2024``, ``12 May – 3 June 2024``, ``12 May 2024, 14:03–14:20``; ``end`` no longer belongs to it."""
    whole_days = (start is None or start.time() == time()) and (end is None or end.time() == time())
    if start is None:
        return _("Until {day}").format(day=_day(_last(end), whole_days)) if end else _("Any time")
    if end is None:
        return _("Since {day}").format(day=_day(start, whole_days))
    if not whole_days:
        same = start.date() == end.date()
        return f"{_day(start, False)}–{end:%H:%M}" if same else f"{_day(start, False)} – {_day(end, False)}"
    last = _last(end)
    if start.date() == last.date():
        return _day(start, True)
    first = day_in_words(start) if start.year == last.year else date_in_words(start)
    return f"{first} – {_day(last, True)}"


def _last(end: datetime) -> datetime:
    """The last day of a range that ends at midnight, the moment itself otherwise."""
    return end - timedelta(days=1) if end.time() == time() and end > datetime.min + timedelta(days=1) else end


def _day(moment: datetime, whole: bool) -> str:
    day = date_in_words(moment)
    return day if whole else f"{day}, {moment:%H:%M}"
