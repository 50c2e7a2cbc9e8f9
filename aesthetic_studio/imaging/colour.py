"""Into sRGB: the colours of a profile, of print, of transparency and of deep pixels, as eight-bit sRGB.

Profiles are applied at the size that is shown, as a transform at full size costs more than the decode itself.
"""

from __future__ import annotations

import io
import logging
from functools import lru_cache

from PIL import Image

from aesthetic_studio.imaging.arrays import np
from aesthetic_studio.translation import kept

logger = logging.getLogger("imaging")

BEHIND_TRANSPARENCY = (128, 128, 128)
"""Neutral: neither a white nor a black drawing disappears on it, and no measured colour shifts."""

_SHOWN_AS_THEY_ARE = frozenset({"L", "RGB", "RGBA", "CMYK"})
_WITH_ALPHA = frozenset({"LA", "PA", "La", "RGBa"})
_MAX_PROFILE_BYTES = 8 << 20


def to_eight_bits(image: Image.Image) -> Image.Image:
    """Convert to ``L``, ``RGB``, ``RGBA`` or ``CMYK``, full scale staying full scale."""
    if image.mode in _SHOWN_AS_THEY_ARE:
        see_through = "transparency" in image.info and image.mode in {"L", "RGB"}
        return image.convert("RGBA") if see_through else image
    if image.mode[0] in "IF":
        return _scaled(image, 65535.0 if image.mode.startswith("I;16") else None)
    if image.mode == "LAB":
        return _from_lab(image)
    if image.mode == "1":
        return image.convert("L")
    see_through = image.mode in _WITH_ALPHA or (image.mode == "P" and "transparency" in image.info)
    return image.convert("RGBA" if see_through else "RGB")


def flatten(image: Image.Image) -> Image.Image:
    """Lay a transparent picture on neutral grey; others are returned as they are."""
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, BEHIND_TRANSPARENCY)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, str | None]:
    """Convert to sRGB ``RGB``, with a warning where its colour profile cannot be used.

    A picture that is that already is returned as it is: a copy of 24 megapixels costs a tenth of their decode.
    """
    image = flatten(image)
    if not profile or (image.mode != "CMYK" and is_srgb(profile)):
        return (image if image.mode == "RGB" else image.convert("RGB")), None
    transform = _transform(profile, image.mode) if len(profile) <= _MAX_PROFILE_BYTES else None
    if transform is None:
        return image.convert("RGB"), kept(
            "problem", "the colour profile cannot be used; colours are shown as if they were sRGB"
        )
    mode, apply = transform
    return apply(image if image.mode == mode else image.convert(mode)), None


def is_srgb(profile: bytes) -> bool:
    """Whether an ICC profile calls itself sRGB, by its ``desc`` tag alone: no colour engine has to be loaded for it."""
    if len(profile) < 132:
        return False
    count = int.from_bytes(profile[128:132], "big")
    for start in range(132, 132 + 12 * min(count, 100), 12):
        if profile[start : start + 4] != b"desc":
            continue
        offset = int.from_bytes(profile[start + 4 : start + 8], "big")
        text = profile[offset : offset + 256].replace(b"\0", b"").lower()
        return b"srgb" in text and b"linear" not in text
    return False


class _Apply:
    """One ready transform to sRGB."""

    def __init__(self, transform: object) -> None:
        self._transform = transform

    def __call__(self, image: Image.Image) -> Image.Image:
        from PIL import ImageCms  # noqa: PLC0415 - most photos need no colour engine

        done = ImageCms.applyTransform(image, self._transform)  # type: ignore[arg-type]
        return image.convert("RGB") if done is None else done


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> tuple[str, _Apply] | None:
    """Build the transform for a profile, and say the mode it wants; ``None`` where it is unusable for such pixels."""
    from PIL import ImageCms  # noqa: PLC0415 - most photos need no colour engine

    wanted = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        source_mode = wanted.get(source.profile.xcolor_space.strip())
        if source_mode is None or (source_mode == "CMYK") != (mode == "CMYK") or (source_mode == "L" and mode != "L"):
            return None
        built = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), source_mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as problem:
        logger.debug("unusable colour profile: %s", problem)
        return None
    return source_mode, _Apply(built)


def _scaled(image: Image.Image, full_scale: float | None) -> Image.Image:
    """Deep grey pixels as eight bits; where the format does not say what white is, the pixels' own depth does."""
    values = np.asarray(image)
    if full_scale is None:
        finite = np.nan_to_num(values.astype(np.float32, copy=False), nan=0.0, posinf=0.0, neginf=0.0)
        values = finite
        full_scale = _depth_of(float(finite.max(initial=0.0)))
    scaled = np.clip(values * np.float32(255.0 / full_scale) + np.float32(0.5), 0, 255)
    return Image.fromarray(scaled.astype(np.uint8))


def _depth_of(brightest: float) -> float:
    """Tell the full scale that numbers up to ``brightest`` were written for: 1, 8, 16 or 32 bits."""
    return next((scale for scale in (1.0, 255.0, 65535.0, 4294967295.0) if brightest <= scale), brightest)


def _from_lab(image: Image.Image) -> Image.Image:
    from PIL import ImageCms  # noqa: PLC0415 - most photos need no colour engine

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    done = ImageCms.applyTransform(image, ImageCms.buildTransform(lab, srgb, "LAB", "RGB"))
    return image.getchannel(0) if done is None else done
