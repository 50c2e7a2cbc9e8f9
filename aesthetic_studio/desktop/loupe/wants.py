"""In which size a photo is needed, by how the loupe looks at it. Arithmetic without widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.loupe.images import Want
from aesthetic_studio.desktop.loupe.photo import side_to_decode

if TYPE_CHECKING:
    from aesthetic_studio.desktop.loupe.geometry import LoupeGeometry
    from aesthetic_studio.desktop.loupe.pictures import LoupeImage
    from aesthetic_studio.records import PhotoRecord


def want_shown(path: str, look: LoupeGeometry, kept: LoupeImage | None) -> Want:
    """How the photo is needed that is looked at, of which ``kept`` is at hand."""
    want = _want(path, look)
    if want.long_side is not None:
        return want
    part, fitted = look.seen_part, max(look.zoomed(None).device_size)
    is_larger = min(look.scale, 1.0) > look.fit_scale and (kept is None or not kept.has(fitted))
    seen = (part.x, part.y, part.width, part.height)
    return Want(path, None, want.pixels, seen=seen, fitted=fitted if is_larger else None)


def want_ahead(record: PhotoRecord, look: LoupeGeometry) -> Want:
    """How another photo will be needed once it is looked at in the same way."""
    known = record.width > 0 and record.height > 0
    return _want(str(record.path), look.with_photo(record.width, record.height) if known else look)


def _want(path: str, look: LoupeGeometry) -> Want:
    if look.zoom is None and look.scale < 1:
        width, height = look.device_size
        return Want(path, max(width, height), width * height, (width, height))
    long_side = side_to_decode(look)
    pixels = look.photo_width * look.photo_height
    if long_side is not None:
        pixels = round(pixels * (long_side / max(look.photo_width, look.photo_height)) ** 2)
    return Want(path, long_side, pixels)
