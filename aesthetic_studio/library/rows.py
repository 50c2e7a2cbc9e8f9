"""Between SQLite's values and the records that every room speaks in."""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import json
import math
import os
import re
import struct
import unicodedata
from array import array
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aesthetic_studio.faces import Face
from aesthetic_studio.paths import shown
from aesthetic_studio.records import (
    LOOK_SIDE,
    SCORE_BINS,
    CaptureTime,
    Flag,
    GridCell,
    Label,
    Look,
    Measurements,
    Metadata,
    PhotoFiles,
    PhotoRecord,
    PhotoState,
    Score,
    ScoreDistribution,
    SeriesKind,
    Verdict,
    Words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

OWN_REASON = "your choice"
"""The reason that comes before the program's own where the person chose the frame."""

_EPOCH = datetime(1970, 1, 1)
_MEASURES = 9
_DISTRIBUTION = struct.Struct(f"<{SCORE_BINS}f")
_WITH_MERIT = struct.Struct(f"<{SCORE_BINS + 1}f")
_DIGITS = re.compile("[0-9]+")


def to_db(name: str) -> str | bytes:
    """A path or file name as TEXT, or as BLOB where it is not UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(name)
    return name


def from_db(value: str | bytes) -> str:
    """The path or file name that ``to_db`` stored."""
    return os.fsdecode(value) if isinstance(value, bytes) else value


def folded(text: str) -> str:
    """Text for searching: one case, one way to write accents."""
    return unicodedata.normalize("NFC", shown(text)).casefold()


def name_key(name: str) -> str:
    """A key that sorts names as people do: case aside, ``IMG_9`` before ``IMG_10``."""
    return _DIGITS.sub(_counted_digits, folded(name))


def _counted_digits(match: re.Match[str]) -> str:
    digits = match.group().lstrip("0")
    return f"{len(digits):03d}{digits}"


def to_json(values: Sequence[str]) -> str:
    """A list of strings; names that are not UTF-8 stay what they are."""
    return json.dumps(list(values), separators=(",", ":")) if values else "[]"


def from_json(text: str) -> tuple[str, ...]:
    """The list that ``to_json`` stored."""
    return () if text == "[]" else tuple(json.loads(text))


def microseconds(time: CaptureTime | None) -> int | None:
    """The camera's clock as one number to sort by, microseconds."""
    return None if time is None else clock(time.local)


def clock(local: datetime) -> int:
    """A moment of a camera's clock as ``photo.taken`` has it, microseconds."""
    return (local.replace(tzinfo=None) - _EPOCH) // timedelta(microseconds=1)


def moment(taken: int) -> datetime:
    """The moment that ``clock`` stored."""
    return _EPOCH + timedelta(microseconds=taken)


def pack_measurements(measured: Measurements) -> bytes:
    """Nine doubles and then the focus map's."""
    scalars = (
        measured.sharpness,
        measured.motion_blur,
        measured.noise,
        measured.exposure_ev,
        measured.clipped_highlights,
        measured.clipped_shadows,
        measured.contrast,
        measured.colourfulness,
        measured.tilt_degrees,
    )
    return array("d", (*scalars, *measured.focus_map)).tobytes()


def unpack_measurements(blob: bytes | None) -> Measurements | None:
    """The measurements that ``pack_measurements`` stored."""
    if blob is None:
        return None
    values = array("d", blob).tolist()
    sharpness, motion_blur, noise, exposure_ev, highlights, shadows, contrast, colourfulness, tilt = values[:_MEASURES]
    return Measurements(
        sharpness=sharpness,
        motion_blur=motion_blur,
        noise=noise,
        exposure_ev=exposure_ev,
        clipped_highlights=highlights,
        clipped_shadows=shadows,
        contrast=contrast,
        colourfulness=colourfulness,
        tilt_degrees=tilt,
        focus_map=tuple(values[_MEASURES:]),
    )


def sharpness_of(blob: bytes | None) -> float | None:
    """The sharpness of packed measurements, as one number to sort by; ``None`` where there is none."""
    value = array("d", blob[:8])[0] if blob else math.nan
    return value if math.isfinite(value) else None


def pack_look(look: Look) -> bytes:
    """Luma and then colour."""
    return look.luma + look.colour


def unpack_look(blob: bytes | None) -> Look | None:
    """The look that ``pack_look`` stored."""
    return None if blob is None else Look(luma=blob[: LOOK_SIDE**2], colour=blob[LOOK_SIDE**2 :])


def pack_distribution(distribution: ScoreDistribution) -> bytes:
    """Ten float32."""
    if distribution.merit is None:
        return _DISTRIBUTION.pack(*distribution.probabilities)
    return _WITH_MERIT.pack(*distribution.probabilities, distribution.merit)


def unpack_distribution(blob: bytes) -> ScoreDistribution:
    """The distribution that ``pack_distribution`` stored."""
    if len(blob) == _DISTRIBUTION.size:
        return ScoreDistribution(_DISTRIBUTION.unpack(blob))
    *probabilities, merit = _WITH_MERIT.unpack(blob)
    return ScoreDistribution(tuple(probabilities), merit)


ACTIVE_MODEL = "(SELECT id FROM model WHERE active)"

CELL_SQL = f"""
SELECT p.id, p.content_id, p.name, p.state, p.rating, p.flag, p.label, p.score, s.spread,
       p.series_id, e.kind, e.size, p.series_best, p.series_chosen
FROM photo p
LEFT JOIN score s ON s.model_id = {ACTIVE_MODEL} AND s.content_id = p.content_id
LEFT JOIN series e ON e.id = p.series_id
"""

RECORD_SQL = """
SELECT p.id, p.content_id, p.path, p.state, p.size, p.mtime_ns, p.companions, p.rating, p.flag, p.label,
       p.series_id, e.kind, p.series_rank, e.size, p.series_best, p.reasons, p.problem, p.advice,
       c.format, c.width, c.height, c.warnings,
       c.taken_at, c.taken_resolution, c.utc_offset_minutes, g.make, g.model, g.lens,
       c.focal_length_mm, c.aperture, c.shutter_s, c.iso, c.exposure_bias_ev, c.latitude, c.longitude,
       c.orientation, c.burst_id, c.burst_primary, c.live_id,
       t.measurements, t.look, m.name, m.version, s.distribution,
       p.series_chosen, w.caption, w.keywords, x.caption, x.keywords, x.problem,
       (SELECT json_group_array(json_array(f.x, f.y, f.width, f.height, f.confidence, f.eyes_open, f.eyes_confidence,
                                           f.sharpness))
        FROM (SELECT * FROM face WHERE content_id = p.content_id ORDER BY number) f)
FROM photo p
LEFT JOIN content c ON c.id = p.content_id
LEFT JOIN gear g ON g.id = c.gear_id
LEFT JOIN technical t ON t.content_id = p.content_id
LEFT JOIN words w ON w.content_id = p.content_id
LEFT JOIN sidecar x ON x.photo_id = p.id
LEFT JOIN model m ON m.active
LEFT JOIN score s ON s.model_id = m.id AND s.content_id = p.content_id
LEFT JOIN series e ON e.id = p.series_id
"""


def cell(row: Sequence[Any]) -> GridCell:
    """One row of ``CELL_SQL``."""
    return GridCell(
        id=row[0],
        content_id=row[1] or 0,
        name=from_db(row[2]),
        state=PhotoState(row[3]),
        verdict=Verdict(row[4], Flag(row[5]), Label(row[6])),
        score=row[7],
        spread=row[8],
        series_id=row[9],
        series_kind=SeriesKind(row[10]) if row[10] else None,
        series_size=row[11] or 1,
        best_of_series=bool(row[12]),
        chosen=bool(row[13]),
    )


def files(row: Sequence[Any]) -> PhotoFiles:
    """Id, path, state and companions of one photo."""
    return PhotoFiles(from_db(row[1]), PhotoState(row[2]), from_json(row[3]))


def record(row: Sequence[Any]) -> PhotoRecord:
    """One row of ``RECORD_SQL``."""
    problem = " ".join(part for part in row[16:18] if part)
    reasons = from_json(row[15])
    return PhotoRecord(
        id=row[0],
        content_id=row[1] or 0,
        path=Path(from_db(row[2])),
        state=PhotoState(row[3]),
        size=row[4],
        mtime_ns=row[5],
        companions=from_json(row[6]),
        verdict=Verdict(row[7], Flag(row[8]), Label(row[9])),
        series_id=row[10],
        series_kind=SeriesKind(row[11]) if row[11] else None,
        series_rank=row[12],
        series_size=row[13] or 1,
        best_of_series=bool(row[14]),
        chosen=bool(row[44]),
        reasons=(OWN_REASON, *reasons) if row[44] else reasons,
        problem=problem or None,
        format=row[18] or "",
        width=row[19] or 0,
        height=row[20] or 0,
        warnings=(*from_json(row[21] or "[]"), *((row[49],) if row[49] else ())),
        metadata=_metadata(row[22:39], _words(row[45:49])) if row[18] is not None else Metadata(),
        measurements=unpack_measurements(row[39]),
        look=unpack_look(row[40]),
        score=Score(row[41], row[42], unpack_distribution(row[43])) if row[43] is not None else None,
        faces=faces_of(row[50]),
    )


def faces_of(text: str | None) -> tuple[Face, ...]:
    """The faces that ``RECORD_SQL`` gives as JSON."""
    return tuple(Face(*values) for values in json.loads(text)) if text and text != "[]" else ()


def _words(row: Sequence[Any]) -> Words:
    """What a photo's file and its own sidecars say."""
    return Words(row[0], from_json(row[1] or "[]")).with_sidecar(Words(row[2], from_json(row[3] or "[]")))


def _metadata(row: Sequence[Any], words: Words) -> Metadata:
    taken = None
    if row[0] is not None:
        taken = CaptureTime(datetime.fromisoformat(row[0]), row[1], row[2])
    return Metadata(
        taken=taken,
        make=row[3] or None,
        model=row[4] or None,
        lens=row[5] or None,
        focal_length_mm=row[6],
        aperture=row[7],
        shutter_s=row[8],
        iso=row[9],
        exposure_bias_ev=row[10],
        latitude=row[11],
        longitude=row[12],
        orientation=row[13],
        burst_id=row[14],
        burst_primary=bool(row[15]),
        live_id=row[16],
        caption=words.caption,
        keywords=words.keywords,
    )
