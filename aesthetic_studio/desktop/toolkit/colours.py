"""The colours that the photo views paint with: neutral greys, so that nothing casts a colour on a photo.

Colour is kept for what means something (labels, pick and reject, stars) and stays off the photo's surroundings. Each
name stays one object, which takes another value when the theme changes: whoever holds it paints with the new one.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor

from aesthetic_studio.desktop.toolkit.theme import LABEL_COLOURS, Scheme, follow
from aesthetic_studio.records import Label

_SHADES: dict[Scheme, dict[str, str]] = {
    Scheme.DARK: {
        "BACKGROUND": "#171717",
        "LOUPE_BACKGROUND": "#141414",
        "CELL": "#2b2b2b",
        "CELL_SELECTED": "#4a4a4a",
        "CELL_CURRENT": "#626262",
        "WELL": "#252525",
        "RING": "#f0f0f0",
        "RING_SELECTED": "#8c8c8c",
        "RING_UNFOCUSED": "#a8a8a8",
        "TEXT": "#e4e4e4",
        "TEXT_MUTED": "#a6a6a6",
        "TEXT_FAINT": "#989898",
        "CHIP": "#3c3c3c",
        "CHIP_ON_CELL": "#48000000",
        "CHIP_ON_PHOTO": "#d8121212",
        "EDGE": "#505050",
        "PLATE": "#383838",
        "BRACKET": "#9a9a9a",
        "SHEET_NEAR": "#727272",
        "SHEET_FAR": "#505050",
        "SHEET_EDGE": "#1a1a1a",
        "STAR": "#e6c25a",
        "STAR_EMPTY": "#585858",
        "PICKED": "#f2f2f2",
        "REJECTED": "#e06c62",
        "BEST": "#e6c25a",
        "PROBLEM": "#d89a4a",
    },
    Scheme.LIGHT: {
        "BACKGROUND": "#cfcfcf",
        "LOUPE_BACKGROUND": "#969696",
        "CELL": "#dedede",
        "CELL_SELECTED": "#bababa",
        "CELL_CURRENT": "#a8a8a8",
        "WELL": "#d2d2d2",
        "RING": "#101010",
        "RING_SELECTED": "#6a6a6a",
        "RING_UNFOCUSED": "#565656",
        "TEXT": "#161616",
        "TEXT_MUTED": "#444444",
        "TEXT_FAINT": "#525252",
        "CHIP": "#c6c6c6",
        "CHIP_ON_CELL": "#48ffffff",
        "CHIP_ON_PHOTO": "#e4f0f0f0",
        "EDGE": "#9a9a9a",
        "PLATE": "#c2c2c2",
        "BRACKET": "#4e4e4e",
        "SHEET_NEAR": "#b8b8b8",
        "SHEET_FAR": "#a2a2a2",
        "SHEET_EDGE": "#e8e8e8",
        "STAR": "#7d5a00",
        "STAR_EMPTY": "#a8a8a8",
        "PICKED": "#1a1a1a",
        "REJECTED": "#a3261c",
        "BEST": "#7d5a00",
        "PROBLEM": "#7a4a08",
    },
}
"""What each colour is, by theme and name."""


def _shade(name: str) -> QColor:
    return QColor(_SHADES[Scheme.DARK][name])


BACKGROUND = _shade("BACKGROUND")
"""Behind the grid and the burst's cards."""

LOUPE_BACKGROUND = _shade("LOUPE_BACKGROUND")
"""Around a single photo, neutral in both themes, and in both darker than all else: the photo alone is to set the eye's
white point."""

CELL, CELL_SELECTED, CELL_CURRENT = _shade("CELL"), _shade("CELL_SELECTED"), _shade("CELL_CURRENT")
WELL = _shade("WELL")
"""Where a photo will be, until its thumbnail is there."""

RING, RING_SELECTED, RING_UNFOCUSED = _shade("RING"), _shade("RING_SELECTED"), _shade("RING_UNFOCUSED")
TEXT, TEXT_MUTED, TEXT_FAINT = _shade("TEXT"), _shade("TEXT_MUTED"), _shade("TEXT_FAINT")
CHIP, CHIP_ON_CELL, CHIP_ON_PHOTO = _shade("CHIP"), _shade("CHIP_ON_CELL"), _shade("CHIP_ON_PHOTO")
EDGE = _shade("EDGE")
PLATE, BRACKET = _shade("PLATE"), _shade("BRACKET")
"""What lies under the frames of an opened burst, and around them."""

SHEET_NEAR, SHEET_FAR, SHEET_EDGE = _shade("SHEET_NEAR"), _shade("SHEET_FAR"), _shade("SHEET_EDGE")
"""The sheets that look out behind a burst's best frame."""

STAR, STAR_EMPTY = _shade("STAR"), _shade("STAR_EMPTY")
PICKED, REJECTED, BEST, PROBLEM = _shade("PICKED"), _shade("REJECTED"), _shade("BEST"), _shade("PROBLEM")

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


def _take_up(scheme: Scheme) -> None:
    for name, shade in _SHADES[scheme].items():
        colour: QColor = globals()[name]
        colour.setRgba(QColor(shade).rgba())


follow(_take_up)
