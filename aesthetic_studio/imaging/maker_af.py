"""The AF area in the notes of the makers that state it in coordinates: Canon, Nikon, Sony, FujiFilm, Panasonic.

Each answer is ``(x, y, width, height)`` as shares of the picture as stored, the middle first; ``None`` for none. Makers
that name a point by its number alone are left out: where that point is depends on the model.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from aesthetic_studio.imaging.tiff_tags import Place, Tiff

if TYPE_CHECKING:
    from collections.abc import Sequence

Area = tuple[float, float, float, float]

_CANON_INFO, _CANON_INFO_2 = 0x0012, 0x0026
_NIKON_INFO_2 = 0x00B7
_SONY_FOCUS_LOCATION = 0x2027
_FUJI_FOCUS_PIXEL = 0x1023
_PANASONIC_POINT = 0x004D

_NIKON_START, _NIKON_TIFF = b"Nikon\0", 10
_SONY_STARTS = (b"SONY DSC \0\0\0", b"SONY CAM \0\0\0")
_FUJI_START, _PANASONIC_START = b"FUJIFILM", b"Panasonic\0\0\0"
_MOST_POINTS = 4096
_UNSET = 16.0
"""Panasonic writes this, and larger numbers, where no point was used."""


def canon(tiff: Tiff, note: Place, model: str) -> Area | None:
    """Canon's lists of AF areas with a mask of those in focus; several give the rectangle around them.

    Positions count from the picture's middle, upward in an EOS and downward in a compact camera.
    """
    directory = tiff.directory(note.start)
    upward = "EOS" in model.upper()
    words = directory.numbers(_CANON_INFO_2)
    if len(words) >= 8:
        count, frame, lists = words[2], words[6:8], words[8:]
        if not 0 < count <= _MOST_POINTS or len(lists) < 4 * count + (count + 15) // 16:
            return None
        widths, heights = lists[:count], lists[count : 2 * count]
        across, down, mask = lists[2 * count : 3 * count], lists[3 * count : 4 * count], lists[4 * count :]
    else:
        words = directory.numbers(_CANON_INFO)
        if len(words) < 8:
            return None
        count, frame, lists = words[0], words[4:6], words[8:]
        if not 0 < count <= _MOST_POINTS or len(lists) < 2 * count + (count + 15) // 16:
            return None
        widths, heights = (words[6],) * count, (words[7],) * count
        across, down, mask = lists[:count], lists[count : 2 * count], lists[2 * count :]
    if min(frame) <= 0:
        return None
    boxes = []
    for point in range(count):
        if mask[point // 16] >> (point % 16) & 1:
            x = frame[0] / 2 + _signed(across[point])
            y = frame[1] / 2 + _signed(down[point]) * (-1 if upward else 1)
            boxes.append((x, y, abs(_signed(widths[point])), abs(_signed(heights[point]))))
    return _around(boxes, frame)


def nikon(tiff: Tiff, note: Place) -> Area | None:
    """Nikon's ``AFInfo2``, by its version; only where the camera says that it states coordinates."""
    data = tiff.data[note.start : note.start + note.length]
    inner = Tiff.of(data[_NIKON_TIFF:]) if data.startswith(_NIKON_START) else None
    if inner is None:
        return None
    info = inner.first().data(_NIKON_INFO_2)
    layouts = {b"0100": (4, 0x10), b"0101": (4, 0x46), b"0300": (7, 0x2A), b"0400": (7, 0x3E), b"0401": (7, 0x3E)}
    said_at, start = layouts.get(info[:4], (0, 0))
    if not start or len(info) < start + 12 or info[said_at] != 1:
        return None
    width, height, x, y, area_width, area_height = struct.unpack_from(f"{inner.order}6H", info, start)
    return (x / width, y / height, area_width / width, area_height / height) if width and height else None


def sony(tiff: Tiff, note: Place) -> Area | None:
    """Sony's focus location: the size of the picture and the point in it."""
    skipped = 12 if tiff.data[note.start : note.start + 12] in _SONY_STARTS else 0
    values = tiff.directory(note.start + skipped).numbers(_SONY_FOCUS_LOCATION)
    if len(values) != 4 or not values[0] or not values[1] or not (values[2] or values[3]):
        return None
    return values[2] / values[0], values[3] / values[1], 0.0, 0.0


def fujifilm(tiff: Tiff, note: Place, frame: tuple[int, int] | None) -> Area | None:
    """FujiFilm's focus pixel, in pixels of the picture; its note has offsets of its own and is little-endian."""
    data = tiff.data[note.start : note.start + note.length]
    if frame is None or not data.startswith(_FUJI_START) or len(data) < 12:
        return None
    (at,) = struct.unpack_from("<I", data, 8)
    values = Tiff(data, "<").directory(at).numbers(_FUJI_FOCUS_PIXEL)
    return (values[0] / frame[0], values[1] / frame[1], 0.0, 0.0) if len(values) == 2 else None


def panasonic(tiff: Tiff, note: Place) -> Area | None:
    """Panasonic's AF point, in shares of the picture."""
    if not tiff.data[note.start :].startswith(_PANASONIC_START):
        return None
    values = tiff.directory(note.start + len(_PANASONIC_START)).fractions(_PANASONIC_POINT)
    return (values[0], values[1], 0.0, 0.0) if len(values) == 2 and max(values) < _UNSET else None


def _signed(word: int) -> int:
    """Canon stores signed numbers as unsigned ones of 16 bits."""
    return word - 0x10000 if word >= 0x8000 else word


def _around(boxes: Sequence[Area], frame: Sequence[int]) -> Area | None:
    """The rectangle around boxes given by their middles, as shares of the frame."""
    if not boxes:
        return None
    left = max(0.0, min(x - width / 2 for x, _, width, _ in boxes))
    right = min(float(frame[0]), max(x + width / 2 for x, _, width, _ in boxes))
    top = max(0.0, min(y - height / 2 for _, y, _, height in boxes))
    bottom = min(float(frame[1]), max(y + height / 2 for _, y, _, height in boxes))
    return (
        (left + right) / 2 / frame[0],
        (top + bottom) / 2 / frame[1],
        (right - left) / frame[0],
        (bottom - top) / frame[1],
    )
