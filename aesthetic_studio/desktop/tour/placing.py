"""Where a callout stands: beside what it speaks of, never over it while there is room, and always in the window."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, QSize

GAP = 14
"""Pixels between the callout and what it speaks of; its arrow lies in them."""

EDGE = 8
"""Pixels that stay free along the window's edge."""


class Side(Enum):
    """On which side of its target a callout stands."""

    BELOW = "below"
    ABOVE = "above"
    RIGHT = "right"
    LEFT = "left"
    OVER = "over"
    """There is no room beside it."""


class Standing(NamedTuple):
    """Where a callout stands.

    Attributes:
        corner: Its top left corner.
        side: Its side of the target.
        tip: What its arrow points at.
    """

    corner: QPoint
    side: Side
    tip: QPoint


def standing(size: QSize, target: QRect, room: QRect) -> Standing:
    """Find a place for a callout of this size, all in the same coordinates."""
    middle = target.center()
    places = {
        Side.BELOW: (
            QPoint(middle.x() - size.width() // 2, target.bottom() + GAP),
            QPoint(middle.x(), target.bottom()),
        ),
        Side.ABOVE: (
            QPoint(middle.x() - size.width() // 2, target.top() - GAP - size.height()),
            QPoint(middle.x(), target.top()),
        ),
        Side.RIGHT: (QPoint(target.right() + GAP, middle.y() - size.height() // 2), QPoint(target.right(), middle.y())),
        Side.LEFT: (
            QPoint(target.left() - GAP - size.width(), middle.y() - size.height() // 2),
            QPoint(target.left(), middle.y()),
        ),
    }
    free = room.adjusted(EDGE, EDGE, -EDGE, -EDGE)
    for side, (wanted, tip) in places.items():
        corner = _within(wanted, size, free)
        moved_along = side in (Side.BELOW, Side.ABOVE)
        kept = corner.y() == wanted.y() if moved_along else corner.x() == wanted.x()
        if kept:
            return Standing(corner, side, tip)
    over = QPoint(middle.x() - size.width() // 2, middle.y() - size.height() // 2)
    return Standing(_within(over, size, free), Side.OVER, middle)


def _within(corner: QPoint, size: QSize, room: QRect) -> QPoint:
    """Move a corner by as little as brings the whole into the room."""
    x = min(max(corner.x(), room.left()), max(room.left(), room.right() + 1 - size.width()))
    y = min(max(corner.y(), room.top()), max(room.top(), room.bottom() + 1 - size.height()))
    return QPoint(x, y)
