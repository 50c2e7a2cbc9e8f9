"""EXIF tags by name, however a file holds them: the ``exif`` package first, Pillow where that cannot.

The package reads a JPEG's APP1 block and nothing else. A block that comes from another format is dressed as one, and
a block that would lead the package astray (a chain of directories that bites its own tail) is kept from it.
"""

from __future__ import annotations

import contextlib
import struct
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

TagValue = object
"""As a reader returned it: number, text, tuple or bytes. ``metadata`` decides what of it can be believed."""

EXIF_START = b"Exif\0\0"
_MAX_APP1 = 65533
_MAX_DIRECTORIES = 4
_MAX_ENTRIES = 1000
_EXIF_POINTER = 0x8769
_GPS_POINTER = 0x8825
_MAKER_NOTE = 0x927C
_MAX_MAKER_NOTE = 1 << 20

_MAIN, _EXIF, _GPS = 0, _EXIF_POINTER, _GPS_POINTER
_TAGS: dict[str, tuple[int, int]] = {
    "make": (_MAIN, 0x010F),
    "model": (_MAIN, 0x0110),
    "orientation": (_MAIN, 0x0112),
    "datetime": (_MAIN, 0x0132),
    "exposure_time": (_EXIF, 0x829A),
    "f_number": (_EXIF, 0x829D),
    "photographic_sensitivity": (_EXIF, 0x8827),
    "standard_output_sensitivity": (_EXIF, 0x8831),
    "recommended_exposure_index": (_EXIF, 0x8832),
    "datetime_original": (_EXIF, 0x9003),
    "datetime_digitized": (_EXIF, 0x9004),
    "offset_time": (_EXIF, 0x9010),
    "offset_time_original": (_EXIF, 0x9011),
    "offset_time_digitized": (_EXIF, 0x9012),
    "shutter_speed_value": (_EXIF, 0x9201),
    "aperture_value": (_EXIF, 0x9202),
    "exposure_bias_value": (_EXIF, 0x9204),
    "focal_length": (_EXIF, 0x920A),
    "subsec_time": (_EXIF, 0x9290),
    "subsec_time_original": (_EXIF, 0x9291),
    "subsec_time_digitized": (_EXIF, 0x9292),
    "lens_specification": (_EXIF, 0xA432),
    "lens_model": (_EXIF, 0xA434),
    "gps_latitude_ref": (_GPS, 1),
    "gps_latitude": (_GPS, 2),
    "gps_longitude_ref": (_GPS, 3),
    "gps_longitude": (_GPS, 4),
}

_NAMES = {place: name for name, place in _TAGS.items()}

_TEXTS: dict[tuple[int, int], str] = {
    (_MAIN, 0x010E): "image_description",
    (_MAIN, 0x02BC): "xmp",
    (_MAIN, 0x9C9B): "xp_title",
    (_MAIN, 0x9C9C): "xp_comment",
    (_MAIN, 0x9C9E): "xp_keywords",
    (_MAIN, 0x9C9F): "xp_subject",
    (_EXIF, 0x9286): "user_comment",
}
"""What people write. These are taken as bytes, since writers disagree on what their types and encodings mean."""
_MAX_TEXT_BYTES = 16_384
_MAX_XMP_BYTES = 1 << 20
_BYTE_KINDS = frozenset({1, 2, 6, 7})
"""TIFF's types of one byte: byte, ASCII, signed byte, undefined."""


@dataclass
class ExifTags:
    """The tags of one file, by the names of the ``exif`` package.

    Attributes:
        values: Every tag that could be read.
        texts: What people may have written, as it lies in the file; ``words`` decides what of it are words.
        maker_note: The camera maker's own block, as bytes.
        damaged: Something in the block could not be read.
    """

    values: dict[str, TagValue] = field(default_factory=dict)
    texts: dict[str, TagValue] = field(default_factory=dict)
    maker_note: bytes = b""
    damaged: bool = False


def read_block(block: bytes) -> ExifTags:
    """Read an EXIF block (a TIFF structure, ``EXIF_START`` before it or not). Never raises: damage is in the answer."""
    body = block[len(EXIF_START) :] if block.startswith(EXIF_START) else block
    layout = _Layout.of(body)
    if layout is None:
        return ExifTags(damaged=True)
    tags = ExifTags(texts=dict(layout.texts), maker_note=layout.maker_note, damaged=layout.damaged)
    unread = set(layout.names)
    if layout.sound_chain and len(body) + len(EXIF_START) <= _MAX_APP1:
        tags.values = _by_package(body, layout.names)
        unread -= tags.values.keys()
    if unread:
        by_pillow = read_pillow(lambda: _load_pillow(body), unread)
        tags.values.update(by_pillow.values)
    return tags


def read_pillow(load: Callable[[], Image.Exif], names: set[str] | None = None) -> ExifTags:
    """Read the tags of whatever Pillow can read EXIF from (TIFF, PNG, RAW). Never raises."""
    tags = ExifTags()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exif = load()
            directories = {
                _MAIN: dict(exif),
                _EXIF: dict(exif.get_ifd(_EXIF_POINTER)),
                _GPS: dict(exif.get_ifd(_GPS_POINTER)),
            }
    except Exception:  # whatever a damaged block makes the reader raise, the photo itself is still worth showing
        tags.damaged = True
        return tags
    for name, (directory, tag) in _TAGS.items():
        if names is not None and name not in names:
            continue
        # Some writers put everything into the main directory, and a RAW's EXIF directory may come on its own.
        value = directories[directory].get(tag)
        if value is None and directory == _EXIF:
            value = directories[_MAIN].get(tag)
        if value is not None:
            tags.values[name] = value
    for (directory, tag), name in _TEXTS.items():
        if isinstance(text := directories[directory].get(tag), str | bytes | tuple):
            tags.texts[name] = text[: _MAX_XMP_BYTES if name == "xmp" else _MAX_TEXT_BYTES]
    note = directories[_EXIF].get(_MAKER_NOTE)
    if isinstance(note, bytes):
        tags.maker_note = note[:_MAX_MAKER_NOTE]
    return tags


def _load_pillow(body: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(EXIF_START + body)
    return exif


def _by_package(body: bytes, names: set[str]) -> dict[str, TagValue]:
    """Ask the ``exif`` package for these tags of a TIFF structure; a tag that it cannot read is left out."""
    from exif import Image as ExifImage  # noqa: PLC0415 - its import costs 0.07 s; a PNG has no use for it

    app1 = b"\xff\xd8\xff\xe1" + struct.pack(">H", 2 + len(EXIF_START) + len(body)) + EXIF_START + body + b"\xff\xd9"
    values: dict[str, TagValue] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = ExifImage(app1)
        except Exception:  # the package raises whatever its unpacker raises; Pillow has the next word
            return {}
        for name in names:
            with contextlib.suppress(Exception):  # one bad tag must not cost the others
                values[name] = getattr(image, name)
    return values


class _Layout:
    """What a bounded walk over a TIFF structure finds before any library is let loose on it.

    Attributes:
        names: Those of our tags that the structure holds.
        texts: Bytes of the tags that people write into.
        maker_note: The camera maker's own block.
        sound_chain: The chain of directories ends, and soon.
        damaged: Something points out of the structure.
    """

    def __init__(self, body: bytes, order: str) -> None:
        self.names: set[str] = set()
        self.texts: dict[str, bytes] = {}
        self.maker_note = b""
        self.sound_chain = True
        self.damaged = False
        self._body = body
        self._order = order
        self._pointers: dict[int, int] = {}

    @classmethod
    def of(cls, body: bytes) -> _Layout | None:
        """Walk the directories; ``None`` where there is no TIFF structure at all."""
        order = {b"II": "<", b"MM": ">"}.get(body[:2])
        if order is None or len(body) < 14:
            return None
        layout = cls(body, order)
        (at,) = struct.unpack_from(f"{order}I", body, 4)
        seen: set[int] = set()
        while at:
            if at in seen or len(seen) >= _MAX_DIRECTORIES:
                layout.sound_chain = False
                break
            seen.add(at)
            at = layout._directory(at, _MAIN if len(seen) == 1 else None)
        for directory in (_EXIF, _GPS):
            if directory in layout._pointers:
                layout._directory(layout._pointers[directory], directory)
        return layout

    def _directory(self, at: int, directory: int | None) -> int:
        """Note one directory's tags; the answer is where the next one lies, 0 for none."""
        body, order = self._body, self._order
        if at + 2 > len(body):
            self.damaged = True
            return 0
        (count,) = struct.unpack_from(f"{order}H", body, at)
        end = at + 2 + 12 * count
        if count > _MAX_ENTRIES or end > len(body):
            self.damaged = True
            count = min(count, _MAX_ENTRIES, (len(body) - at - 2) // 12)
        for start in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, length, value = struct.unpack_from(f"{order}HHII", body, start)
            if directory == _MAIN and tag in (_EXIF_POINTER, _GPS_POINTER) and kind in (4, 13):
                self._pointers[tag] = value
            elif directory == _EXIF and tag == _MAKER_NOTE and length > 4:
                self.maker_note = body[value : value + min(length, _MAX_MAKER_NOTE)]
            elif directory is not None and (directory, tag) in _NAMES:
                self.names.add(_NAMES[directory, tag])
            elif directory is not None and (directory, tag) in _TEXTS and kind in _BYTE_KINDS:
                at = value if length > 4 else start + 8
                self.texts[_TEXTS[directory, tag]] = body[at : at + min(length, _MAX_TEXT_BYTES)]
        if end + 4 > len(body) or self.damaged:
            return 0
        return int(struct.unpack_from(f"{order}I", body, end)[0])
