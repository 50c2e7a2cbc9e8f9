"""One photo, one decode: the file is opened and read once, and everything later steps need is made from those bytes.

bytes ──▶ identity (BLAKE2b)
  │  └──▶ EXIF, XMP, burst ids ──▶ Metadata
  └─────▶ pixels at real resolution ──▶ tiles ──▶ Measurements
             └──▶ preview (512, sRGB, upright) ──▶ Look
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging import af_point, look, measurements, metadata, pixels, preview, source
from aesthetic_studio.imaging.colour import is_srgb, to_srgb
from aesthetic_studio.imaging.source import Kind, content_hash
from aesthetic_studio.records import PhotoFacts
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from PIL import Image

    from aesthetic_studio.imaging.af_point import AfArea

__all__ = ["content_hash", "load_for_screen", "load_upright", "read_af_area", "read_facts"]

LARGEST_SIDE = 16_384
"""A screen shows longer photos at this length: beyond it one picture would not fit into the memory meant for them."""

# Pillow's remarks about damaged files and large pictures are this module's own warnings and limits, said better.
warnings.filterwarnings("ignore", module=r"PIL(\.|$)")


def read_facts(path: str) -> PhotoFacts:
    """Read everything that the catalogue keeps of one photo.

    Raises ``UnreadablePhoto`` in plain words where no photo can be made of the file; nothing else.
    """
    data = source.read_bytes(path)
    photo = pixels.open_photo(data, source.sniff(data, path), path)
    try:
        small, colour_warning = to_srgb(preview.shrink(photo.image), photo.profile)
        if colour_warning:
            photo.warnings.append(colour_warning)
        shown = preview.upright(small, photo.orientation)
        width, height = photo.size
        return PhotoFacts(
            content_hash=source.hash_bytes(data),
            format=photo.format,
            width=width,
            height=height,
            metadata=metadata.read_metadata(photo.tags, photo.xmp, path, photo.iptc),
            measurements=measurements.measure(photo.image, small, photo.orientation),
            look=look.fingerprint(shown),
            preview=preview.encode(shown),
            warnings=tuple(photo.warnings),
        )
    except MemoryError as problem:
        raise UnreadablePhoto(
            path,
            kept("problem", "there is not enough memory for the picture"),
            kept("problem", "Close other programs, or save a smaller copy."),
        ) from problem


def load_upright(path: str, max_long_side: int | None = None) -> Image.Image:
    """Decode the photo itself as upright sRGB ``RGB`` for the loupe: every pixel, or ``max_long_side`` at most.

    Raises ``UnreadablePhoto``.
    """
    data = source.read_bytes(path)
    kind = source.sniff(data, path)
    photo = pixels.open_photo(data, kind, path, least_long_side=max_long_side, whole=max_long_side is None)
    image = photo.image if max_long_side is None else preview.shrink(photo.image, max_long_side)
    return preview.upright(to_srgb(image, photo.profile)[0], photo.orientation)


def load_for_screen(path: str, max_long_side: int | None = None) -> Image.Image:
    """Decode a photo as upright sRGB ``RGB`` for the length that it is shown at, ``None`` for every pixel it has.

    libjpeg scales down to the next of 1/2, 1/4 and 1/8 that suffices, which saves most of its work. What it gives is
    up to twice as long as asked for, and stays so: who shows it scales it. A picture that would be longer, or whose
    colours have to be converted, is scaled here. A RAW is developed in full only where every pixel is asked for.

    Raises ``UnreadablePhoto``.
    """
    data = source.read_bytes(path)
    kind = source.sniff(data, path)
    whole = max_long_side is None or kind is not Kind.RAW
    photo = pixels.open_photo(data, kind, path, least_long_side=max_long_side, whole=whole)
    image, wanted = photo.image, min(max_long_side or LARGEST_SIDE, LARGEST_SIDE)
    is_near = image.mode == "RGB" and (not photo.profile or is_srgb(photo.profile))
    if not is_near or max(image.size) > min(2 * wanted, LARGEST_SIDE):
        image = preview.for_screen(image, wanted)
    return preview.upright(to_srgb(image, photo.profile)[0], photo.orientation)


def read_af_area(path: str) -> AfArea | None:
    """Read where the camera focused, from the file's header alone; ``None`` where it states no such area.

    Raises ``UnreadablePhoto`` where the file cannot be had.
    """
    try:
        return af_point.af_area(*pixels.read_exif_block(path))
    except UnreadablePhoto:
        raise
    except OSError as problem:
        raise UnreadablePhoto(
            path, kept("problem", "the file is no longer there"), kept("problem", "Index its folder again.")
        ) from problem
    except Exception:  # whatever a damaged header makes its reader raise, it states no area
        return None
