"""Where the camera focused, as far as a file states it: Exif's subject area, and the notes of five makers.

A pure parser of a TIFF structure (an EXIF block, or a RAW file's beginning). Every offset and count is checked, as
these bytes come from files of any origin; what is out of bounds states nothing. Layouts follow the documents of
ExifTool (Canon, FujiFilm, Nikon, Panasonic, Sony) and Exif 2.32, 4.6.5 (SubjectArea).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.imaging import maker_af
from aesthetic_studio.imaging.tiff_tags import Directory, Tiff

if TYPE_CHECKING:
    from collections.abc import Callable

EXIF_START = b"Exif\0\0"

_MAKE, _MODEL, _ORIENTATION, _EXIF = 0x010F, 0x0110, 0x0112, 0x8769
_MAKER_NOTE, _SUBJECT_AREA, _WIDTH, _HEIGHT = 0x927C, 0x9214, 0xA002, 0xA003


@dataclass(frozen=True, slots=True)
class AfArea:
    """The area that the camera focused on.

    Attributes:
        x: Its middle, 0..1 from the left of the upright photo.
        y: The same from the top.
        width: 0..1 of the photo's width; 0 where only a point is stated.
        height: 0..1 of the photo's height.
        source: Who states it: ``Exif``, or the maker.
    """

    x: float
    y: float
    width: float
    height: float
    source: str


def af_area(block: bytes, size: tuple[int, int] | None = None, orientation: int | None = None) -> AfArea | None:
    """Read the AF area of an EXIF block or TIFF structure; ``None`` where it states none that can be believed.

    Args:
        block: The bytes.
        size: Width and height of the picture as stored, for blocks that do not state them.
        orientation: Exif orientation 1..8, for files whose reader has put another into the block.
    """
    tiff = Tiff.of(block.removeprefix(EXIF_START))
    if tiff is None:
        return None
    main = tiff.first()
    exif = tiff.directory(main.number(_EXIF) or 0)
    stated = (exif.number(_WIDTH) or 0, exif.number(_HEIGHT) or 0)
    frame = stated if min(stated) > 0 else size
    found = _of_maker(tiff, main, exif, frame) or _of_subject(exif, frame)
    if found is None:
        return None
    turn = orientation or main.number(_ORIENTATION) or 1
    return _upright(found, turn if 1 <= turn <= 8 else 1)


def _of_subject(exif: Directory, frame: tuple[int, int] | None) -> AfArea | None:
    """Exif's own tag: a point, a circle by its diameter, or a rectangle, around a centre in pixels as stored."""
    values = exif.numbers(_SUBJECT_AREA)
    if frame is None or len(values) not in (2, 3, 4):
        return None
    x, y, width, height = (*values, *((values[2],) if len(values) == 3 else ()), 0, 0)[:4]
    return _checked(x / frame[0], y / frame[1], width / frame[0], height / frame[1], "Exif")


def _of_maker(tiff: Tiff, main: Directory, exif: Directory, frame: tuple[int, int] | None) -> AfArea | None:
    place = exif.place(_MAKER_NOTE)
    make = main.text(_MAKE).upper()
    if place is None:
        return None
    readers: dict[str, Callable[[], maker_af.Area | None]] = {
        "CANON": lambda: maker_af.canon(tiff, place, main.text(_MODEL)),
        "NIKON": lambda: maker_af.nikon(tiff, place),
        "SONY": lambda: maker_af.sony(tiff, place),
        "FUJIFILM": lambda: maker_af.fujifilm(tiff, place, frame),
        "PANASONIC": lambda: maker_af.panasonic(tiff, place),
        "LEICA": lambda: maker_af.panasonic(tiff, place),
    }
    name = next((name for name in readers if make.startswith(name)), None)
    if name is None:
        return None
    try:
        found = readers[name]()
    except (struct.error, ZeroDivisionError, OverflowError):  # a note that is cut off states nothing
        return None
    return None if found is None else _checked(*found, name.capitalize())


def _checked(x: float, y: float, width: float, height: float, source: str) -> AfArea | None:
    """An area whose middle is on the photo and that is no larger than it; ``None`` for what cannot be one."""
    if not (0 <= x <= 1 and 0 <= y <= 1 and 0 <= width <= 1 and 0 <= height <= 1):
        return None
    return None if x == y == 0 else AfArea(x, y, width, height, source)


def _upright(area: AfArea, orientation: int) -> AfArea:
    """Turn and mirror as the Exif orientation 1..8 asks."""
    x, y, width, height = area.x, area.y, area.width, area.height
    if orientation in (2, 3):
        x = 1 - x
    if orientation in (3, 4):
        y = 1 - y
    if orientation >= 5:
        x, y, width, height = y, x, height, width
        if orientation in (6, 7):
            x = 1 - x
        if orientation in (7, 8):
            y = 1 - y
    return AfArea(x, y, width, height, area.source)
