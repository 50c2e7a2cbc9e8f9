"""From the tags of a file to ``Metadata``, believing only what can be true.

Cameras write year 0 when their clock is not set, 0/0 for what they do not know, and coordinates from a receiver that
had no fix; editors write halves of all this. What cannot be believed is ``None``, never a guess.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aesthetic_studio.imaging import burst_ids, words
from aesthetic_studio.records import CaptureTime, Metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aesthetic_studio.imaging.exif_tags import ExifTags, TagValue

_TIME = re.compile(r"^\s*(\d{4})[:\-/.](\d{1,2})[:\-/.](\d{1,2})[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?")
_OFFSET = re.compile(r"^\s*([+-])(\d{1,2}):?(\d{2})\s*$")
_LENS_IN_XMP = re.compile(rb"aux:Lens(?:\s*=\s*[\"']|>)([^\"'<&]{2,120})")
_MAX_TEXT = 200
_FINEST_S = 0.001


def read_metadata(tags: ExifTags, xmp: bytes, path: str, iptc: Mapping[Any, Any] | None = None) -> Metadata:
    """Gather all that a file says of itself; burst ids by strength: maker note, XMP, file name."""
    values = tags.values
    apple, google, named = (
        burst_ids.from_maker_note(tags.maker_note),
        burst_ids.from_xmp(xmp),
        burst_ids.from_name(path),
    )
    latitude, longitude = _position(values)
    make, model = _text(values.get("make")), _text(values.get("model"))
    said = words.words_of(tags.texts, xmp, iptc or {}, (make or "", model or ""))
    return Metadata(
        taken=_taken(values),
        make=make,
        model=model,
        lens=_lens(values, xmp),
        focal_length_mm=_within(values.get("focal_length"), 0.1, 20_000),
        aperture=_aperture(values),
        shutter_s=_shutter(values),
        iso=_iso(values),
        exposure_bias_ev=_within(values.get("exposure_bias_value"), -20, 20),
        latitude=latitude,
        longitude=longitude,
        orientation=orientation_of(values.get("orientation")),
        burst_id=apple.burst_id or google.burst_id or named.burst_id,
        burst_primary=google.primary or named.primary,
        live_id=apple.live_id,
        caption=said.caption,
        keywords=said.keywords,
    )


def orientation_of(value: TagValue) -> int:
    """Exif orientation 1..8; 1 for everything that is none."""
    number = _number(value)
    return int(number) if number is not None and number in range(1, 9) else 1


def _taken(values: dict[str, TagValue]) -> CaptureTime | None:
    for which in ("_original", "_digitized", ""):
        text = _text(values.get(f"datetime{which}"))
        match = _TIME.match(text) if text else None
        if match is None:
            continue
        year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
        second = int(match[6]) if match[6] else 0
        digits = _subsecond_digits(values.get(f"subsec_time{which}")) or match[7] or ""
        try:
            # 60 seconds is a leap second or a rounding camera; datetime knows neither.
            local = datetime(year, month, day, hour, minute, min(second, 59))
        except ValueError:
            continue
        if not 1800 <= year <= 2200:
            continue
        resolution = 60.0 if match[6] is None else 1.0
        if match[6] is not None and digits:
            local = local.replace(microsecond=int(digits[:6].ljust(6, "0")))
            resolution = max(_FINEST_S, 10.0 ** -len(digits))
        return CaptureTime(local, resolution, _offset_minutes(values.get(f"offset_time{which}")))
    return None


def _subsecond_digits(value: TagValue) -> str:
    text = _text(value) if not isinstance(value, int) else str(value)
    return text if text and text.isascii() and text.isdigit() and len(text) <= 9 else ""


def _offset_minutes(value: TagValue) -> int | None:
    text = _text(value)
    if text and text.strip().upper() == "Z":
        return 0
    match = _OFFSET.match(text) if text else None
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    return None if minutes > 14 * 60 else (-minutes if match[1] == "-" else minutes)


def _aperture(values: dict[str, TagValue]) -> float | None:
    direct = _within(values.get("f_number"), 0.3, 512)
    if direct is not None:
        return direct
    apex = _within(values.get("aperture_value"), 0.01, 18)
    return None if apex is None else round(2 ** (apex / 2), 2)


def _shutter(values: dict[str, TagValue]) -> float | None:
    direct = _within(values.get("exposure_time"), 1e-7, 7 * 86_400)
    if direct is not None:
        return direct
    apex = _within(values.get("shutter_speed_value"), -20, 24)
    return None if not apex else 2**-apex


def _iso(values: dict[str, TagValue]) -> int | None:
    # 65535 says "more than this tag can hold": the newer tags then have the number.
    for name in ("photographic_sensitivity", "recommended_exposure_index", "standard_output_sensitivity"):
        iso = _within(values.get(name), 1, 10_000_000)
        if iso is not None and iso != 65535:
            return round(iso)
    return None


def _lens(values: dict[str, TagValue], xmp: bytes) -> str | None:
    named = _text(values.get("lens_model"))
    if named and named.strip("-. 0/mf"):
        return named
    match = _LENS_IN_XMP.search(xmp[:65536])
    if match:
        return _text(match.group(1))
    return _lens_from_specification(values.get("lens_specification"))


def _lens_from_specification(value: TagValue) -> str | None:
    """``(24, 70, 2.8, 2.8)`` as ``24–70mm f/2.8``."""
    parts = (
        [_number(part) for part in value] if isinstance(value, Sequence) and not isinstance(value, str | bytes) else []
    )
    if len(parts) != 4 or parts[0] is None or parts[1] is None or not 0.1 <= parts[0] <= parts[1] <= 20_000:
        return None
    focal = f"{parts[0]:g}mm" if parts[0] == parts[1] else f"{parts[0]:g}–{parts[1]:g}mm"
    return f"{focal} f/{parts[2]:g}" if parts[2] else focal


def _position(values: dict[str, TagValue]) -> tuple[float | None, float | None]:
    latitude = _degrees(values.get("gps_latitude"), values.get("gps_latitude_ref"), "NS", 90)
    longitude = _degrees(values.get("gps_longitude"), values.get("gps_longitude_ref"), "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        # Half a position is none, and 0°/0° is what a receiver without a fix writes.
        return None, None
    return latitude, longitude


def _degrees(value: TagValue, reference: TagValue, letters: str, most: float) -> float | None:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes) or not 1 <= len(value) <= 3:
        return None
    parts = [_number(part) for part in value]
    side = (_text(reference) or "").upper()[:1]
    if any(part is None or part < 0 for part in parts) or side not in letters or not side:
        return None
    degrees = sum(part / 60.0**power for power, part in enumerate(parts) if part is not None)
    if degrees > most:
        return None
    return -degrees if side == letters[1] else degrees


def _within(value: TagValue, least: float, most: float) -> float | None:
    number = _number(value)
    return number if number is not None and least <= number <= most else None


def _number(value: TagValue) -> float | None:
    """Get a finite number out of what readers return for one: int, float, ratio, or a tuple that starts with one."""
    if isinstance(value, tuple | list):
        value = value[0] if value else None
    if value is None or isinstance(value, str | bytes | bool):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _decode(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _unmixed(text: str) -> str:
    """Undo Pillow's reading of every text as Latin-1 where it was UTF-8."""
    try:
        return text if text.isascii() else _decode(text.encode("latin-1"))
    except UnicodeEncodeError:
        return text


def _text(value: TagValue) -> str | None:
    """Get printable text without padding; Latin-1 where it is not UTF-8, as old cameras wrote it."""
    if isinstance(value, bytes):
        text = _decode(value)
    elif isinstance(value, str):
        text = _unmixed(value)
    else:
        return None
    text = "".join(letter if letter.isprintable() else " " for letter in text.split("\0", 1)[0][:_MAX_TEXT])
    return " ".join(text.split()) or None
