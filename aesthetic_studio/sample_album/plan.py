"""What the sample album holds: every file with its scene, its settings, its flaw and its place in a series.

The plan is the album's ground truth. Tests compare what curation finds with what is written here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from aesthetic_studio.records import SeriesKind

if TYPE_CHECKING:
    from collections.abc import Iterator

MAKE = "Aesthetic Studio"


class Flaw(StrEnum):
    """What went wrong with a frame, on purpose."""

    DEFOCUS = "defocus"
    MOTION = "motion"
    TILT = "tilt"
    UNDEREXPOSED = "underexposed"
    OVEREXPOSED = "overexposed"
    NOISE = "noise"
    COMPRESSION = "compression"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a shot's EXIF says."""

    camera: str
    lens: str
    focal_mm: float
    aperture: float
    shutter_s: float
    iso: int
    bias_ev: float = 0.0


@dataclass(frozen=True, slots=True)
class SampleShot:
    """One file of the album.

    Attributes:
        name: Path within the album, with forward slashes.
        scene: The scene that is rendered.
        taken: The camera's clock; ``utc_offset`` is its zone as EXIF writes it.
        series: Shared by the frames of one series, ``None`` for a single photo.
        kind: What that series is.
        best: The frame that should be chosen from its burst. Always false outside bursts.
        flaw: What is wrong with it, ``None`` where nothing is.
        ev: Stops of exposure against the scene's own.
        shift: Handheld movement of the framing, pixels (rows, columns).
        moment: A number that moves the subject, or chooses the frame's part of a panorama or focus stack.
        gps: Latitude and longitude, degrees.
        orientation: Exif orientation; the pixels are stored turned where it is not 1.
    """

    name: str
    scene: str
    taken: datetime
    settings: Settings
    series: str | None = None
    kind: SeriesKind | None = None
    best: bool = False
    flaw: Flaw | None = None
    ev: float = 0.0
    shift: tuple[int, int] = (0, 0)
    moment: float = 0.0
    gps: tuple[float, float] | None = None
    orientation: int = 1
    utc_offset: str = "+01:00"
    portrait: bool = False


_ALPHA = "Sample Camera A"
_BETA = "Sample Camera B"
_WIDE, _NORMAL, _TELE, _MACRO = (
    "Sample 16-35mm F2.8",
    "Sample 24-70mm F2.8",
    "Sample 70-200mm F4",
    "Sample 100mm F2.8 Macro",
)


def _at(day: int, hour: int, minute: int, second: float = 0.0) -> datetime:
    return datetime(2024, 9, day, hour, minute) + timedelta(seconds=second)


def _mountains() -> Iterator[SampleShot]:
    here = (46.5775, 8.0054)
    wide = Settings(_ALPHA, _WIDE, 24, 8.0, 1 / 125, 100)
    for i in range(5):
        yield SampleShot(
            f"mountains/ASA_{1001 + i}.jpg",
            "alpine_dawn",
            _at(14, 6, 58, 2.4 * i + 0.1 * (i % 3)),
            wide,
            "dawn-panorama",
            SeriesKind.PANORAMA,
            moment=i / 4,
            shift=((0, 6, -5, 8, 2)[i], 0),
            gps=here,
        )
    evening = Settings(_ALPHA, _NORMAL, 28, 11.0, 1 / 15, 100)
    for i, ev in enumerate((-2.0, -1.0, 0.0, 1.0, 2.0)):
        yield SampleShot(
            f"mountains/ASA_{1020 + i}.jpg",
            "mountain_lake",
            _at(14, 19, 21, 0.45 * i),
            replace(evening, shutter_s=evening.shutter_s * 2**ev, bias_ev=ev),
            "lake-bracket",
            SeriesKind.BRACKET,
            ev=ev,
            gps=here,
        )
    yield SampleShot(
        "mountains/ASA_1031.jpg",
        "starry_night",
        _at(14, 23, 12),
        Settings(_ALPHA, _WIDE, 16, 2.8, 20.0, 3200),
        gps=here,
    )
    yield SampleShot(
        "mountains/ASA_1036.jpg",
        "fog_forest",
        _at(15, 8, 40),
        Settings(_ALPHA, _NORMAL, 35, 5.6, 1 / 60, 200),
        portrait=True,
        orientation=8,
    )
    yield SampleShot(
        "mountains/ASA_1044.jpg",
        "moonrise",
        _at(15, 20, 5),
        Settings(_ALPHA, _TELE, 135, 5.6, 1 / 30, 12800),
        flaw=Flaw.NOISE,
    )


def _coast() -> Iterator[SampleShot]:
    here = (50.0657, -5.7147)
    sail = Settings(_BETA, _TELE, 160, 5.6, 1 / 500, 200)
    flaws: tuple[Flaw | None, ...] = (None, Flaw.TILT, Flaw.MOTION, None, Flaw.DEFOCUS, Flaw.UNDEREXPOSED, None)
    shifts = ((6, -10), (-8, 4), (10, 14), (0, 0), (-6, -8), (4, 10), (-12, 16))
    for i, (flaw, shift) in enumerate(zip(flaws, shifts, strict=True)):
        # The first and last frame are a little soft: the middle one alone is sharp and level.
        yield SampleShot(
            f"coast/ASB_{2101 + i}.jpg",
            "sailing_boat",
            _at(20, 18, 31, 0.14 * i),
            replace(sail, shutter_s=1 / 2000) if flaw is Flaw.UNDEREXPOSED else sail,
            "boat-burst",
            SeriesKind.BURST,
            best=i == 3,
            flaw=flaw,
            ev=-2.0 if flaw is Flaw.UNDEREXPOSED else 0.0,
            shift=shift,
            moment=i / 6,
            gps=here,
            utc_offset="+00:00",
        )
    dusk = Settings(_BETA, _NORMAL, 40, 8.0, 1 / 8, 200)
    for i, ev in enumerate((0.0, -1.5, 1.5)):
        yield SampleShot(
            f"coast/ASB_{2120 + i}.jpg",
            "lighthouse",
            _at(20, 20, 2, 0.6 * i),
            replace(dusk, shutter_s=dusk.shutter_s * 2**ev, bias_ev=ev),
            "lighthouse-bracket",
            SeriesKind.BRACKET,
            ev=ev,
            gps=here,
            utc_offset="+00:00",
        )
    yield SampleShot(
        "coast/ASB_2088.jpg",
        "sea_sunset",
        _at(19, 20, 11),
        Settings(_BETA, _NORMAL, 35, 8.0, 1 / 200, 100),
        gps=here,
        utc_offset="+00:00",
    )
    yield SampleShot(
        "coast/ASB_2140.jpg", "pier", _at(21, 6, 55), Settings(_BETA, _WIDE, 20, 16.0, 30.0, 64), utc_offset="+00:00"
    )
    yield SampleShot(
        "coast/ASB_2147.jpg",
        "calm_sea",
        _at(21, 9, 30),
        Settings(_BETA, _NORMAL, 50, 8.0, 1 / 500, 100),
        flaw=Flaw.TILT,
        utc_offset="+00:00",
    )


def _city() -> Iterator[SampleShot]:
    here = (41.8869, -87.6232)
    yield SampleShot(
        "city/ASA_1203.jpg",
        "skyline",
        _at(26, 19, 4),
        Settings(_ALPHA, _NORMAL, 45, 8.0, 8.0, 100),
        gps=here,
        utc_offset="-05:00",
    )
    yield SampleShot(
        "city/ASA_1215.jpg",
        "rainy_street",
        _at(26, 21, 47),
        Settings(_ALPHA, _NORMAL, 50, 2.8, 1 / 60, 1600),
        utc_offset="-05:00",
    )
    yield SampleShot(
        "city/ASA_1222.webp",
        "facade",
        _at(27, 11, 15),
        Settings(_ALPHA, _TELE, 85, 8.0, 1 / 640, 100),
        utc_offset="-05:00",
    )
    yield SampleShot(
        "city/ASA_1230.png",
        "staircase",
        _at(27, 15, 2),
        Settings(_ALPHA, _WIDE, 18, 4.0, 1 / 40, 800),
        utc_offset="-05:00",
    )
    yield SampleShot(
        "city/ASA_1241.jpg",
        "facade_noon",
        _at(27, 12, 34),
        Settings(_ALPHA, _TELE, 110, 8.0, 1 / 80, 100),
        flaw=Flaw.OVEREXPOSED,
        ev=2.4,
        utc_offset="-05:00",
    )
    yield SampleShot(
        "city/ASA_1252.jpg",
        "night_crossing",
        _at(27, 22, 20),
        Settings(_ALPHA, _NORMAL, 50, 4.0, 1 / 4, 400),
        flaw=Flaw.MOTION,
        utc_offset="-05:00",
    )


def _studio() -> Iterator[SampleShot]:
    stack = Settings(_ALPHA, _MACRO, 100, 3.5, 1 / 60, 200)
    for i in range(6):
        yield SampleShot(
            f"studio/ASA_{1301 + i}.jpg",
            "marbles",
            _at(29, 14, 10, 1.3 * i),
            stack,
            "marbles-focus",
            SeriesKind.FOCUS,
            moment=float(i),
        )
    close = Settings(_BETA, _MACRO, 100, 4.0, 1 / 250, 400)
    flaws: tuple[Flaw | None, ...] = (None, Flaw.DEFOCUS, None, Flaw.MOTION, Flaw.UNDEREXPOSED)
    shifts = ((-9, 7), (6, 12), (0, 0), (10, -12), (-4, -14))
    for i, (flaw, shift) in enumerate(zip(flaws, shifts, strict=True)):
        yield SampleShot(
            f"studio/ASB_{2301 + i}.jpg",
            "flower",
            _at(30, 10, 22, 0.31 * i),
            replace(close, shutter_s=1 / 1000) if flaw is Flaw.UNDEREXPOSED else close,
            "flower-burst",
            SeriesKind.BURST,
            best=i == 2,
            flaw=flaw,
            ev=-2.0 if flaw is Flaw.UNDEREXPOSED else 0.0,
            shift=shift,
            moment=i / 4,
        )
    yield SampleShot("studio/ASA_1320.jpg", "fruit", _at(29, 16, 45), Settings(_ALPHA, _NORMAL, 70, 5.6, 1 / 30, 200))
    yield SampleShot(
        "studio/ASB_2312.jpg", "city_lights", _at(30, 20, 31), Settings(_BETA, _MACRO, 100, 2.8, 1 / 80, 800)
    )
    yield SampleShot(
        "studio/ASB_2318.jpg",
        "plums",
        _at(30, 21, 3),
        Settings(_BETA, _MACRO, 100, 2.8, 1 / 60, 800),
        flaw=Flaw.DEFOCUS,
    )


def _travel() -> Iterator[SampleShot]:
    yield SampleShot(
        "ASA_1401.heic",
        "balloons",
        _at(8, 6, 51),
        Settings(_ALPHA, _NORMAL, 45, 5.6, 1 / 320, 100),
        gps=(38.6431, 34.8289),
        utc_offset="+03:00",
    )
    yield SampleShot(
        "ASA_1402.jpg", "dunes", _at(9, 18, 20), Settings(_ALPHA, _TELE, 80, 8.0, 1 / 400, 100), gps=(31.0802, -4.0117)
    )
    yield SampleShot(
        "ASA_1409.jpg",
        "aurora",
        _at(11, 23, 41),
        Settings(_ALPHA, _WIDE, 16, 2.8, 6.0, 1600),
        gps=(68.2091, 13.6097),
        utc_offset="+02:00",
    )
    yield SampleShot("ASA_1415.jpg", "photographer", _at(12, 19, 58), Settings(_ALPHA, _TELE, 90, 5.6, 1 / 250, 200))
    yield SampleShot(
        "ASA_1418.jpg",
        "misty_hills",
        _at(13, 7, 9),
        Settings(_ALPHA, _TELE, 120, 8.0, 1 / 640, 100),
        flaw=Flaw.COMPRESSION,
    )
    yield SampleShot(
        "ASA_1422.jpg",
        "evening_dunes",
        _at(9, 19, 2),
        Settings(_ALPHA, _TELE, 100, 8.0, 1 / 1600, 100),
        flaw=Flaw.UNDEREXPOSED,
        ev=-3.0,
    )


@cache
def album_plan() -> tuple[SampleShot, ...]:
    """Every file of the album in the order of its name, with what is true of it."""
    shots = [*_mountains(), *_coast(), *_city(), *_studio(), *_travel()]
    return tuple(sorted(shots, key=lambda shot: shot.name))


def series_plan() -> dict[str, tuple[SampleShot, ...]]:
    """The album's series by their id, frames as shot."""
    series: dict[str, list[SampleShot]] = {}
    for shot in sorted(album_plan(), key=lambda shot: (shot.taken, shot.name)):
        if shot.series is not None:
            series.setdefault(shot.series, []).append(shot)
    return {name: tuple(frames) for name, frames in series.items()}
