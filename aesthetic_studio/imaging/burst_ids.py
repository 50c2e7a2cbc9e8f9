"""What ties frames of one burst together: Apple's maker note, Google's XMP, and the families of file names.

All of it is read from bytes that anybody may have written, so every step is bounded: entry counts, string lengths,
no entity expansion (XMP is searched by pattern and never parsed as XML).
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import PurePath

_APPLE_HEADER = b"Apple iOS\0"
_APPLE_IFD_AT = 14
_BURST_UUID = 0x000B
_CONTENT_IDENTIFIER = 0x0011
_ASCII = 2
_MAX_ENTRIES = 256
_MAX_ID = 128

_MAX_XMP = 1 << 20
_CAMERA_NAMESPACE = re.compile(
    rb"xmlns:([A-Za-z_][\w.-]{0,40})\s*=\s*[\"']http://ns\.google\.com/photos/1\.0/camera/[\"']"
)

_NAME_FAMILIES = (
    # IMG_20200102_030405_BURST001_COVER.jpg: the frames share what stands before.
    re.compile(r"^(?P<family>.+?)_BURST\d{1,4}(?P<cover>_COVER)?$", re.IGNORECASE),
    # 00001IMG_00001_BURST20200102030405678_COVER.jpg: the frames share the burst's own time.
    re.compile(r"^\d{5}IMG_\d{5}_(?P<family>BURST\d{8,})(?P<cover>_COVER)?$", re.IGNORECASE),
    # DSC_0001_BURST20200102030405678.JPG
    re.compile(r"^[A-Z]{2,4}_?\d{3,5}_(?P<family>BURST\d{8,})(?P<cover>_COVER)?$", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True)
class BurstIds:
    """What a file says about the burst, and the Live Photo, it belongs to."""

    burst_id: str | None = None
    primary: bool = False
    live_id: str | None = None


def from_maker_note(note: bytes) -> BurstIds:
    """Apple's BurstUUID and ContentIdentifier; nothing where the note is another maker's or damaged."""
    if not note.startswith(_APPLE_HEADER) or len(note) < _APPLE_IFD_AT + 2:
        return BurstIds()
    order = "<" if note[12:14] == b"II" else ">"
    (count,) = struct.unpack_from(f"{order}H", note, _APPLE_IFD_AT)
    found: dict[int, str] = {}
    for index in range(min(count, _MAX_ENTRIES)):
        at = _APPLE_IFD_AT + 2 + 12 * index
        if at + 12 > len(note):
            break
        tag, kind, length, offset = struct.unpack_from(f"{order}HHII", note, at)
        if kind == _ASCII and tag in (_BURST_UUID, _CONTENT_IDENTIFIER) and 4 < length <= _MAX_ID:
            text = _clean_id(note[offset : offset + length])
            if text:
                found[tag] = text
    return BurstIds(burst_id=found.get(_BURST_UUID), live_id=found.get(_CONTENT_IDENTIFIER))


def from_xmp(xmp: bytes) -> BurstIds:
    """``GCamera:BurstID`` and ``GCamera:BurstPrimary``, under whatever prefix the packet binds to that namespace."""
    xmp = xmp[:_MAX_XMP]
    namespace = _CAMERA_NAMESPACE.search(xmp)
    if namespace is None:
        return BurstIds()
    prefix = namespace.group(1)
    burst_id = _xmp_value(xmp, prefix, b"BurstID")
    primary = _xmp_value(xmp, prefix, b"BurstPrimary")
    return BurstIds(burst_id=burst_id, primary=burst_id is not None and primary in {"1", "True", "true"})


def from_name(path: str) -> BurstIds:
    """Recognise the families of names that cameras give to bursts."""
    stem = PurePath(path).stem
    for family in _NAME_FAMILIES:
        match = family.match(stem)
        if match:
            shared = match["family"].encode("utf-8", "replace").decode()[:_MAX_ID]
            return BurstIds(burst_id=shared, primary=match["cover"] is not None)
    return BurstIds()


def _xmp_value(xmp: bytes, prefix: bytes, name: bytes) -> str | None:
    key = re.escape(prefix) + b":" + name
    match = re.search(key + rb"\s*=\s*[\"']([^\"'<&]{1,128})[\"']", xmp) or re.search(
        b"<" + key + rb"\s*>([^<&]{1,128})</", xmp
    )
    return _clean_id(match.group(1)) if match else None


def _clean_id(raw: bytes) -> str | None:
    text = raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
    return text if text and text.isprintable() else None
