"""Decoded photos as pictures that Qt paints: whole, scaled, and in parts. Made in workers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage

from aesthetic_studio.desktop.toolkit.previews import to_picture

if TYPE_CHECKING:
    from PIL.Image import Image

KEPT_COPIES = 2
"""The fitted one, and that of the last other zoom."""

ROUNDING = 2
"""By so many pixels a side may differ where it was rounded on several ways."""


@dataclass(frozen=True, slots=True)
class LoupeImage:
    """A decoded photo.

    Attributes:
        levels: The largest picture that there is of it, and smaller copies of the sizes that were shown last.
        whole: The largest has every pixel of the photo.
    """

    levels: tuple[QImage, ...]
    whole: bool

    @property
    def long_side(self) -> int:
        """Of the largest copy."""
        return _long_side(self.levels[0])

    @property
    def cost(self) -> int:
        """Bytes."""
        return sum(level.sizeInBytes() for level in self.levels)

    def has(self, long_side: int | None) -> bool:
        """Whether it can be shown at this length as it is; ``None`` asks for every pixel."""
        if long_side is None or (self.whole and self.long_side <= long_side):
            return self.whole
        return any(abs(_long_side(level) - long_side) <= ROUNDING for level in self.levels)

    def can_make(self, long_side: int | None) -> bool:
        """Whether a copy of this length can be scaled down from it."""
        return long_side is not None and long_side <= self.long_side

    def level_for(self, width: float) -> QImage:
        """The copy that is nearest to this width from above, else the largest."""
        fitting = [level for level in self.levels if level.width() >= width - 0.5]
        return min(fitting, key=QImage.width) if fitting else self.levels[0]

    def scaled_to(self, long_side: int, exact: tuple[int, int] | None = None) -> LoupeImage:
        """The same with a copy of this length, in place of the oldest of those it has.

        Where that differs from the size ``exact`` by no more than rounding, it is made just that.
        """
        from aesthetic_studio.imaging import preview  # noqa: PLC0415 - not before a photo is decoded

        largest = self.levels[0]
        size = preview.fitted_size((largest.width(), largest.height()), long_side)
        return self.with_copies((scaled_picture(largest, just_so(size, exact)), *self.levels[1:]))

    def with_copies(self, copies: tuple[QImage, ...]) -> LoupeImage:
        """The same with these copies, no more of them than are kept."""
        return replace(self, levels=(self.levels[0], *copies[:KEPT_COPIES]))


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The part of a photo that is in sight, shown while the rest is still being converted.

    Attributes:
        picture: Its pixels.
        place: Where they are in the photo, 0..1.
    """

    picture: QImage
    place: QRectF


def fitted_picture(image: Image, long_side: int, exact: tuple[int, int] | None, *, at_once: bool) -> QImage:
    """A decoded photo at the length that it is shown at.

    Qt scales in a fifth of Pillow's time, and holds up all that is Python meanwhile, some 5 to 10 ms: worth it where
    somebody waits (``at_once``), and not for what is made ready while they step.
    """
    from aesthetic_studio.imaging import preview  # noqa: PLC0415 - not before a photo is decoded

    size = just_so(preview.fitted_size(image.size, long_side), exact)
    if at_once and image.size != size:
        smooth = Qt.TransformationMode.SmoothTransformation
        return to_picture(image).scaled(*size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    return to_picture(preview.scaled(image, size))


def just_so(size: tuple[int, int], exact: tuple[int, int] | None) -> tuple[int, int]:
    """The exact size where the other differs from it by no more than rounding, else the other."""
    if exact is None or max(abs(size[0] - exact[0]), abs(size[1] - exact[1])) > 1:
        return size
    return exact


def scaled_picture(picture: QImage, size: tuple[int, int]) -> QImage:
    """A picture scaled down. By Pillow, as Qt would hold up the thread that paints until all of it is done."""
    from PIL import Image  # noqa: PLC0415 - not before a photo is decoded

    whole = (picture.width(), picture.height())
    pixels = cast("bytes", picture.constBits())
    image = Image.frombuffer("RGBX", whole, pixels, "raw", "RGBX", picture.bytesPerLine(), 1)
    small = image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)
    scaled = QImage(*size, QImage.Format.Format_RGB32)
    memoryview(scaled.bits()).cast("B")[:] = small.tobytes("raw", "RGBX")
    return scaled


def glimpse_of(image: Image, part: QRectF) -> Glimpse | None:
    """The part of a picture (0..1) that is in sight; ``None`` where that is most of it."""
    box = QRectF(
        part.x() * image.width, part.y() * image.height, part.width() * image.width, part.height() * image.height
    ).toAlignedRect()
    box = box.intersected(QRect(0, 0, image.width, image.height))
    if box.isEmpty() or 2 * box.width() * box.height() > image.width * image.height:
        return None
    picture = to_picture(image.crop((box.left(), box.top(), box.right() + 1, box.bottom() + 1)))
    place = QRectF(
        box.x() / image.width, box.y() / image.height, box.width() / image.width, box.height() / image.height
    )
    return Glimpse(picture, place)


def _long_side(picture: QImage) -> int:
    return max(picture.width(), picture.height())
