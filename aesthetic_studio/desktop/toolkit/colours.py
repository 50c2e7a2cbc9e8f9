"""The colours that the photo views paint with: neutral greys, so that nothing casts a colour on a photo.

Colour is kept for what means something (labels, pick and reject, stars) and stays off the photo's surroundings.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor

from aesthetic_studio.desktop.toolkit.theme import GREYS, LABEL_COLOURS
from aesthetic_studio.records import Label

BACKGROUND = QColor(GREYS["base"])
"""Behind the grid and the burst's cards."""

LOUPE_BACKGROUND = QColor(GREYS["edge"])
"""Around a single photo: darker still, so that the photo alone sets the eye's white point."""

CELL = QColor(0x2B, 0x2B, 0x2B)
CELL_SELECTED = QColor(0x4A, 0x4A, 0x4A)
CELL_CURRENT = QColor(0x62, 0x62, 0x62)
WELL = QColor(0x25, 0x25, 0x25)
"""Where a photo will be, until its thumbnail is there."""

RING = QColor(0xF0, 0xF0, 0xF0)
RING_SELECTED = QColor(0x8C, 0x8C, 0x8C)
RING_UNFOCUSED = QColor(0xA8, 0xA8, 0xA8)

TEXT = QColor(0xE4, 0xE4, 0xE4)
TEXT_MUTED = QColor(0xA6, 0xA6, 0xA6)
TEXT_FAINT = QColor(0x78, 0x78, 0x78)
CHIP = QColor(0x3C, 0x3C, 0x3C)
CHIP_ON_PHOTO = QColor(0x12, 0x12, 0x12, 0xD8)
EDGE = QColor(0x50, 0x50, 0x50)

STAR = QColor(0xE6, 0xC2, 0x5A)
STAR_EMPTY = QColor(0x58, 0x58, 0x58)
PICKED = QColor(0xF2, 0xF2, 0xF2)
REJECTED = QColor(0xE0, 0x6C, 0x62)
BEST = QColor(0xE6, 0xC2, 0x5A)
PROBLEM = QColor(0xD8, 0x9A, 0x4A)

LABELS: dict[Label, QColor] = {label: QColor(LABEL_COLOURS[label]) for label in Label if label is not Label.NONE}

REJECTED_OPACITY = 0.32
"""How much of a rejected photo remains: dimmed, still to be recognised."""

MISSING_OPACITY = 0.40


@dataclass(frozen=True, slots=True)
class Metrics:
    """Distances that all photo views share, in device-independent pixels."""

    gap: int = 8
    padding: int = 8
    radius: int = 4


METRICS = Metrics()


def css(colour: QColor) -> str:
    """A colour as a style sheet writes it."""
    return colour.name(QColor.NameFormat.HexRgb)
