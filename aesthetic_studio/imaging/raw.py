"""Camera RAW: its embedded preview, and half-size demosaicing where there is none."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from PIL import Image, JpegImagePlugin

from aesthetic_studio.imaging import exif_tags
from aesthetic_studio.imaging.exif_tags import ExifTags

MIN_PREVIEW_LONG_SIDE = 1000
"""An embedded preview smaller than this is a thumbnail, too small to judge sharpness on."""

MAX_SENSOR_PIXELS = 256_000_000

_ORIENTATION_OF_FLIP = {3: 3, 5: 8, 6: 6}
_TIFF_RELATIVES = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0")


@dataclass
class RawPhoto:
    """What a RAW file gives without developing it.

    Attributes:
        image: The embedded preview, or the half-size demosaic.
        orientation: The turn that ``image`` still needs, 1..8.
        size: Width and height of the upright photo, in pixels of the sensor.
        tags: EXIF.
    """

    image: Image.Image
    orientation: int
    size: tuple[int, int]
    tags: ExifTags
    profile: bytes | None = None


def read_raw(data: bytes, *, true_pixels: bool = False) -> RawPhoto:
    """Read a RAW file's picture; ``true_pixels`` develops it in full where the embedded preview is reduced.

    Raises whatever ``rawpy`` raises on a damaged file.
    """
    import rawpy  # noqa: PLC0415 - few libraries hold RAW

    with rawpy.imread(io.BytesIO(data)) as raw:
        sizes = raw.sizes
        width, height = int(sizes.width), int(sizes.height)
        if width * height > MAX_SENSOR_PIXELS:
            raise Image.DecompressionBombError(f"{width}×{height} pixels")
        orientation = _ORIENTATION_OF_FLIP.get(int(sizes.flip), 1)
        size = (height, width) if orientation >= 5 else (width, height)
        thumbnail = _embedded(raw)
        tags = _all_tags(data, thumbnail, raw)
        enough = 0.9 * max(size) if true_pixels else min(MIN_PREVIEW_LONG_SIDE, 0.9 * max(size))
        if thumbnail is not None and max(thumbnail.size) >= enough:
            already_turned = orientation >= 5 and (thumbnail.width < thumbnail.height) != (width < height)
            profile = thumbnail.info.get("icc_profile")
            return RawPhoto(thumbnail, 1 if already_turned else orientation, size, tags, profile)
        developed = raw.postprocess(half_size=not true_pixels, use_camera_wb=True, output_bps=8)
        return RawPhoto(Image.fromarray(developed), 1, size, tags)


def format_name(path: str) -> str:
    """``CR2`` for a Canon RAW, by its name's end."""
    return PurePath(path).suffix[1:].upper() or "RAW"


def _embedded(raw: Any) -> Image.Image | None:
    import rawpy  # noqa: PLC0415 - few libraries hold RAW

    try:
        thumbnail = raw.extract_thumb()
        if thumbnail.format == rawpy.ThumbFormat.JPEG:
            image: Image.Image = JpegImagePlugin.JpegImageFile(io.BytesIO(thumbnail.data))
            image.load()
            return image
        if thumbnail.format == rawpy.ThumbFormat.BITMAP:
            return Image.fromarray(thumbnail.data)
    except (rawpy.LibRawError, OSError, SyntaxError, ValueError, TypeError):
        return None
    return None


def read_tags(data: bytes) -> ExifTags:
    """EXIF of a RAW's own structure, from the file or its beginning. Never raises."""
    if data[4:8] == b"ftyp":
        return _canon_boxes(data)
    if data.startswith((b"II*\0", b"MM\0*", *_TIFF_RELATIVES)):
        magic = b"II*\0" if data.startswith(b"II") else b"MM\0*"
        return exif_tags.read_pillow(lambda: _tiff_exif(magic + data[4:]))
    return ExifTags()


def _all_tags(data: bytes, thumbnail: Image.Image | None, raw: Any) -> ExifTags:
    """EXIF from wherever this maker keeps it: the TIFF structure, Canon's boxes, the embedded preview, LibRaw."""
    tags = read_tags(data)
    block = thumbnail.info.get("exif") if thumbnail is not None else None
    if isinstance(block, bytes) and "model" not in tags.values:
        inner = exif_tags.read_block(block)
        tags.values = {**inner.values, **tags.values}
        tags.texts = {**inner.texts, **tags.texts}
        tags.maker_note = tags.maker_note or inner.maker_note
    with contextlib.suppress(Exception):  # LibRaw's own notion is a bonus; a RAW without it is still a photo
        other = raw.other
        for name, value in (
            ("photographic_sensitivity", other.iso_speed),
            ("exposure_time", other.shutter),
            ("f_number", other.aperture),
            ("focal_length", other.focal_len),
        ):
            tags.values.setdefault(name, value)
    return tags


def _tiff_exif(data: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load_from_fp(io.BytesIO(data))
    return exif


def _canon_boxes(data: bytes) -> ExifTags:
    """CR3 keeps the main directory in a ``CMT1`` box and the EXIF directory, on its own, in ``CMT2``."""
    tags = ExifTags()
    for name in (b"CMT1", b"CMT2"):
        at = data.find(name, 0, 1 << 20)
        size = int.from_bytes(data[at - 4 : at], "big") if at >= 4 else 0
        if 16 < size <= 1 << 20:
            body = data[at + 4 : at - 4 + size]
            found = exif_tags.read_pillow(lambda body=body: _tiff_exif(body))  # type: ignore[misc]
            tags.values.update(found.values)
            tags.texts.update(found.texts)
    return tags
