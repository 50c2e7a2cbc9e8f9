"""From bytes to a loaded picture with its tags, whatever the format, however damaged.

libjpeg is asked for a scaled picture where the whole would not fit a bounded time and memory; a picture whose end is
missing is shown as far as it goes.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from PIL import Image, ImageChops, ImageFile, JpegImagePlugin

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging import exif_tags, preview, raw, source, words
from aesthetic_studio.imaging.colour import to_eight_bits
from aesthetic_studio.imaging.exif_tags import ExifTags
from aesthetic_studio.imaging.metadata import orientation_of
from aesthetic_studio.imaging.source import Kind
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

logger = logging.getLogger("imaging")

MAX_PIXELS = 500_000_000
"""A picture whose header promises more is refused before any of it is decoded."""

MAX_UNSCALED_PIXELS = 256_000_000
"""The same for the formats that can only be decoded whole; some 1.5 GB of memory."""

FULL_DECODE_PIXELS = 30_000_000
"""A JPEG with more is decoded at 1/2, 1/4 or 1/8, so that one photo's time and memory stay bounded. Its measurements
are then those of the scaled pixels; frames of one camera, which are what is compared, are all scaled alike."""

LEAST_VISIBLE = 0.1
"""Share of the rows that a damaged picture must still show to be a photo."""

_SNIFFED_BYTES = 1 << 16
_RAW_HEADER_BYTES = 4 << 20
"""Where the directories of a RAW, and the texts they point to, are found; its pixels follow them."""

_PLUGINS: dict[Kind, tuple[str, str]] = {
    Kind.PNG: ("PIL.PngImagePlugin", "PngImageFile"),
    Kind.WEBP: ("PIL.WebPImagePlugin", "WebPImageFile"),
    Kind.TIFF: ("PIL.TiffImagePlugin", "TiffImageFile"),
    Kind.BMP: ("PIL.BmpImagePlugin", "BmpImageFile"),
    Kind.GIF: ("PIL.GifImagePlugin", "GifImageFile"),
    Kind.PSD: ("PIL.PsdImagePlugin", "PsdImageFile"),
    Kind.AVIF: ("PIL.AvifImagePlugin", "AvifImageFile"),
    Kind.HEIF: ("pillow_heif.as_plugin", "HeifImageFile"),
}
"""The one reader for each kind, so that no other (PostScript!) is ever tried on a user's file."""

_standard_error = threading.Lock()
_one_at_a_time = threading.Lock()
"""Pillow's patience with truncated files is one switch for the whole process."""


@dataclass
class OpenPhoto:
    """A photo's pixels as stored, and all that is needed to show them right.

    Attributes:
        image: Loaded, in mode ``L``, ``RGB``, ``RGBA`` or ``CMYK``.
        format: What the bytes are.
        size: Width and height of the upright photo at its real resolution.
        orientation: The turn that ``image`` still needs, 1..8.
        profile: ICC profile of ``image``.
        tags: EXIF; its orientation is the one stored in the file.
        xmp: The XMP packet, or nothing.
        iptc: The IPTC records, by record and data set.
        warnings: What had to be worked around.
    """

    image: Image.Image
    format: str
    size: tuple[int, int]
    orientation: int
    profile: bytes | None
    tags: ExifTags
    xmp: bytes = b""
    iptc: Mapping[Any, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def open_photo(
    data: bytes, kind: Kind, path: str, *, least_long_side: int | None = None, whole: bool = False
) -> OpenPhoto:
    """Decode a photo.

    Args:
        data: The file.
        kind: What it is.
        path: Its name, for messages.
        least_long_side: A scaled decode suffices as long as its long side has this many pixels.
        whole: Decode every pixel, however many the size limit admits.

    Raises:
        UnreadablePhoto: In plain words, for everything that can be wrong with a file.
    """
    try:
        if kind is Kind.RAW:
            return _open_raw(data, path, true_pixels=whole)
        return _open_picture(data, kind, path, least_long_side, whole=whole)
    except UnreadablePhoto:
        raise
    except Image.DecompressionBombError as problem:
        raise _too_large(path, str(problem)) from problem
    except MemoryError as problem:
        raise UnreadablePhoto(
            path,
            kept("problem", "there is not enough memory to decode the picture"),
            kept("problem", "Close other programs, or save a smaller copy."),
        ) from problem
    except Exception as problem:  # decoders raise nearly every built-in error on damaged bytes
        logger.debug("cannot decode %r", path, exc_info=True)
        raise UnreadablePhoto(
            path,
            kept("problem", "the {value} data is damaged or of an unknown variety ({first_words})").format(
                value=kind.value, first_words=_first_words(problem)
            ),
            kept("problem", "Try to open it in another program; copy it again from the camera or a backup."),
        ) from problem


def read_header(path: str) -> tuple[ExifTags, bytes, Mapping[Any, Any]]:
    """EXIF, XMP packet and IPTC records of a file, read without decoding a picture and as little of it as will do.

    Raises ``UnreadablePhoto`` where the file is no photo, and whatever a damaged header makes its reader raise.
    """
    with source.open_regular(path) as file:
        kind = source.sniff(file.read(_SNIFFED_BYTES), path)
        file.seek(0)
        if kind is Kind.RAW:
            tags = raw.read_tags(file.read(_RAW_HEADER_BYTES))
            return tags, _bytes_of(tags.texts.get("xmp")), {}
        image = _reader(file, kind)
        return _read_tags(image), _bytes_of(image.info.get("xmp")), words.iptc_of(image)


def read_exif_block(path: str) -> tuple[bytes, tuple[int, int] | None, int | None]:
    """The EXIF block of a file, with the picture's size as stored and the orientation where the block has lost it.

    Of a RAW, which is a TIFF structure itself, its beginning. Raises as ``read_header`` does.
    """
    with source.open_regular(path) as file:
        kind = source.sniff(file.read(_SNIFFED_BYTES), path)
        file.seek(0)
        if kind is Kind.RAW:
            return file.read(_RAW_HEADER_BYTES), None, None
        image = _reader(file, kind)
        block = image.info.get("exif")
        stored = image.info.get("original_orientation") if kind is Kind.HEIF else None
        turned = isinstance(stored, int) and stored >= 5
        size = (image.height, image.width) if turned else image.size
        return (block if isinstance(block, bytes) else b""), size, stored


def _open_raw(data: bytes, path: str, *, true_pixels: bool) -> OpenPhoto:
    photo = raw.read_raw(data, true_pixels=true_pixels)
    return OpenPhoto(
        image=to_eight_bits(photo.image),
        format=raw.format_name(path),
        size=photo.size,
        orientation=photo.orientation,
        profile=photo.profile,
        tags=photo.tags,
        xmp=_bytes_of(photo.tags.texts.get("xmp")),
    )


def _open_picture(data: bytes, kind: Kind, path: str, least_long_side: int | None, *, whole: bool) -> OpenPhoto:
    image, warnings = _open_header(data, kind)
    width, height = image.size
    _check_size(width, height, kind, path)
    # TIFF's tags must be read while its file is open, and Pillow turns a TIFF upright as it loads it.
    tags = _read_tags(image) if kind is Kind.TIFF else None
    iptc = words.iptc_of(image)
    scale = _scale(width, height, least_long_side, whole=whole) if kind is Kind.JPEG else 1
    with _hush_libtiff() if kind is Kind.TIFF else contextlib.nullcontext():
        image, damage = _load(image, data, kind, path, scale)
    warnings += damage
    if tags is None:
        tags = _read_tags(image)
    if tags.damaged:
        warnings.append(kept("problem", "the camera's data (EXIF) is damaged and could be read only in part"))
    stored = image.info.get("original_orientation") if kind is Kind.HEIF else None
    if stored is not None:
        tags.values["orientation"] = stored
    turned_already = kind in (Kind.TIFF, Kind.HEIF)
    orientation = 1 if turned_already else orientation_of(tags.values.get("orientation"))
    size = image.size if scale == 1 else (width, height)
    return OpenPhoto(
        image=to_eight_bits(image),
        format=kind.value,
        size=preview.upright_size(*size, orientation),
        orientation=orientation,
        profile=_bytes_of(image.info.get("icc_profile")) or None,
        tags=tags,
        xmp=_bytes_of(image.info.get("xmp")),
        iptc=iptc,
        warnings=warnings,
    )


def _reader(data: bytes | BinaryIO, kind: Kind) -> ImageFile.ImageFile:
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    if kind is Kind.JPEG:
        # Not through Image.open: it would look for the further frames of a multi-picture file.
        image: ImageFile.ImageFile = JpegImagePlugin.JpegImageFile(file)
        if isinstance(data, bytes):
            image.decodermaxblock = len(data) + 2
        return image
    module, name = _PLUGINS[kind]
    return cast("ImageFile.ImageFile", getattr(importlib.import_module(module), name)(file))


def _open_header(data: bytes, kind: Kind) -> tuple[ImageFile.ImageFile, list[str]]:
    """Read the header; where it is damaged, once more without minding what a picture can be shown without."""
    try:
        return _reader(data, kind), []
    except MemoryError:
        raise
    except Exception:  # decoders raise nearly every built-in error on damaged bytes
        with _patience():
            return _reader(data, kind), [kept("problem", "the file's header is damaged; colours or size may be wrong")]


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Let Pillow go on where a file is damaged or ends too early."""
    with _one_at_a_time:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


@contextlib.contextmanager
def _hush_libtiff() -> Iterator[None]:
    """Keep libtiff's own remarks off standard error, where a user expects this program's words only."""
    with _standard_error, contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, ValueError):  # a window on Windows has no standard error at all
            kept = os.dup(2)
            stack.callback(os.close, kept)
            stack.callback(os.dup2, kept, 2)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
        yield


def _check_size(width: int, height: int, kind: Kind, path: str) -> None:
    if width < 1 or height < 1:
        raise UnreadablePhoto(
            path,
            kept("problem", "the picture has no pixels"),
            kept("problem", "Copy it again from the camera or a backup."),
        )
    limit = MAX_PIXELS if kind is Kind.JPEG else MAX_UNSCALED_PIXELS
    if width * height > limit:
        raise _too_large(path, f"{width}×{height} pixels")


def _scale(width: int, height: int, least_long_side: int | None, *, whole: bool) -> int:
    """Choose the denominator 1, 2, 4 or 8 that libjpeg shall scale by."""
    scale = 1
    while not whole and scale < 8 and width * height > FULL_DECODE_PIXELS * scale * scale:
        scale *= 2
    while least_long_side is not None and scale < 8 and max(width, height) >= 2 * scale * least_long_side:
        scale *= 2
    return scale


def _load(
    image: ImageFile.ImageFile, data: bytes, kind: Kind, path: str, scale: int
) -> tuple[ImageFile.ImageFile, list[str]]:
    """Decode; where the end is missing or damaged, as much of it as there is, with a warning that says how much."""
    try:
        _draft(image, scale)
        image.load()
    except MemoryError:
        raise
    except Exception as problem:  # decoders raise nearly every built-in error on damaged bytes
        return _load_what_is_there(data, kind, path, scale, problem)
    return image, []


def _load_what_is_there(
    data: bytes, kind: Kind, path: str, scale: int, problem: Exception
) -> tuple[ImageFile.ImageFile, list[str]]:
    with _patience():
        image, visible = _as_far_as_it_goes(data, kind, scale)
        if visible < LEAST_VISIBLE and "progressive" in image.info:
            # A progressive JPEG shows nothing before its end; told that this is the end, it shows all it has.
            image, visible = _as_far_as_it_goes(data + b"\xff\xd9", kind, scale)
    if visible < LEAST_VISIBLE:
        raise UnreadablePhoto(
            path,
            kept("problem", "the {value} data is damaged or cut off and shows no picture ({first_words})").format(
                value=kind.value, first_words=_first_words(problem)
            ),
            kept("problem", "Copy it again from the camera or a backup."),
        )
    return image, [
        kept("problem", "the file is damaged or cut off: about {share}% of the picture could be read").format(
            share=f"{visible * 100:.0f}"
        )
    ]


def _as_far_as_it_goes(data: bytes, kind: Kind, scale: int) -> tuple[ImageFile.ImageFile, float]:
    """Give the picture, and the share of its rows down to the last that is not mere filling."""
    image = _reader(data, kind)
    _draft(image, scale)
    image.load()
    # Decoders fill what is missing with the last colour they had, or with none.
    plain = to_eight_bits(image)
    filling = Image.new(plain.mode, plain.size, plain.getpixel((plain.width - 1, plain.height - 1)))
    rows = ImageChops.difference(plain, filling).getbbox(alpha_only=False)
    return image, 0.0 if rows is None else rows[3] / plain.height


def _draft(image: ImageFile.ImageFile, scale: int) -> None:
    if scale > 1:
        image.draft(None, (image.width // scale, image.height // scale))


def _read_tags(image: ImageFile.ImageFile) -> ExifTags:
    block = image.info.get("exif")
    if isinstance(block, bytes) and block:
        return exif_tags.read_block(block)
    if image.format in {"TIFF", "PNG", "WEBP"}:
        return exif_tags.read_pillow(image.getexif)
    return ExifTags()


def _bytes_of(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return value if isinstance(value, bytes) else b""


def _too_large(path: str, size: str) -> UnreadablePhoto:
    return UnreadablePhoto(
        path,
        kept(
            "problem",
            "the picture says it is too large to be decoded safely ({size}; the "
            "limit is {max_unscaled_pixels} megapixels, {max_pixels} for JPEG)",
        ).format(size=size, max_unscaled_pixels=MAX_UNSCALED_PIXELS // 10**6, max_pixels=MAX_PIXELS // 10**6),
        kept("problem", "If it really is a photo, save a smaller copy of it."),
    )


def _first_words(problem: Exception) -> str:
    words = " ".join(str(problem).split())
    return (words or type(problem).__name__)[:120]
