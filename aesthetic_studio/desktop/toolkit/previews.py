"""The library's previews as pictures that Qt paints."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

START_OF_IMAGE = b"\xff\xd8"
"""How a JPEG begins."""


def read_preview(preview: bytes | None, side: int | None = None) -> QImage:
    """A stored preview, a JPEG, scaled down to a long side of ``side`` pixels; a null image where it is no image.

    Qt is told what it is. Left to find out, it asks its SVG plug-in too, which connects a signal while this thread
    holds the interpreter; a thread that just then disconnects one waits for the interpreter, and both for ever.
    """
    if preview is None or not preview.startswith(START_OF_IMAGE):
        return QImage()
    buffer = QBuffer()
    buffer.setData(QByteArray(preview))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"jpeg"))
    reader.setAutoDetectImageFormat(False)
    size = reader.size() if side is not None else QSize()
    if side is not None and size.isValid() and max(size.width(), size.height()) > side:
        # libjpeg scales while it decodes, which is most of the work saved.
        reader.setScaledSize(size.scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1)))
    return reader.read()
