"""Photos of the sample album and shoot as files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PIL import Image

from aesthetic_studio.sample_album.exif_block import exif_of
from aesthetic_studio.sample_album.plan import Flaw, SampleShot

if TYPE_CHECKING:
    from pathlib import Path

_STORED_TURN = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}


def save(path: Path, shot: SampleShot, picture: Image.Image, quality: int = 92, *, full_colour: bool = True) -> None:
    """Write a developed photo, upright in ``picture``, whole or not at all; a JPEG in ``full_colour`` or half."""
    if shot.orientation in _STORED_TURN:
        picture = picture.transpose(_STORED_TURN[shot.orientation])
    exif = exif_of(shot, picture.size)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.{os.getpid()}.part")
    suffix = path.suffix.lower()
    if suffix == ".heic":
        import pillow_heif  # noqa: PLC0415 - only one file needs it

        pillow_heif.from_pillow(picture).save(
            partial, quality=85, exif=exif.tobytes(), enc_params={"preset": "ultrafast"}
        )
    elif suffix == ".webp":
        picture.save(partial, "WEBP", quality=90, method=2, exif=exif)
    elif suffix == ".png":
        picture.save(partial, "PNG", compress_level=3, exif=exif)
    else:
        if shot.flaw is Flaw.COMPRESSION:
            quality, full_colour = 9, False
        picture.save(partial, "JPEG", quality=quality, subsampling=0 if full_colour else 2, exif=exif)
    partial.replace(path)
