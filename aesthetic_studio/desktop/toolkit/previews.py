"""Decoded photos, and the library's previews, as pictures that Qt paints.

Pillow decodes them. Qt's own reader chooses its plug-in under a lock of the whole process, and asks the device for the
first bytes meanwhile; where the device was made in Python that waits for the interpreter, which another thread may hold
while it waits for that lock. Both then stand still for ever. So no picture is read by way of ``QImageReader`` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from PIL.Image import Image

STRIP_ROWS = 16
"""Rows converted at a time: they stay in the processor's cache, and the thread that paints never waits for long."""


def read_preview(preview: bytes | None, side: int | None = None) -> QImage:
    """A stored preview, a JPEG, scaled down to a long side of ``side`` pixels; a null image where it is no image."""
    from aesthetic_studio.imaging.preview import decode  # noqa: PLC0415 - brings Pillow, not before a photo is shown

    image = None if preview is None else decode(preview, side)
    return QImage() if image is None else to_picture(image)


def to_picture(image: Image) -> QImage:
    """An ``RGB`` picture in Qt's own order of bytes. Pillow and Qt let other threads run in between."""
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    width, height = rgb.size
    picture = QImage(width, height, QImage.Format.Format_RGB32)
    if picture.isNull():
        raise MemoryError(f"no memory for a picture of {width}×{height}")
    line = picture.bytesPerLine()
    target = memoryview(picture.bits()).cast("B")
    for top in range(0, height, STRIP_ROWS):
        strip = rgb.crop((0, top, width, min(height, top + STRIP_ROWS)))
        # The fourth byte is opaque, without which Qt draws nothing where a photo is dimmed.
        strip.putalpha(255)
        target[top * line : (top + strip.height) * line] = strip.tobytes("raw", "BGRA")
    return picture
