"""Where the second window stands: on another screen, else beside; remembered for each set of screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from collections.abc import Sequence

REACHABLE = 80
"""So many pixels of a window must lie on a screen in both directions for a hand to find it."""


class Place(NamedTuple):
    """A window's place among the screens, in device-independent pixels.

    Attributes:
        rect: The window without its frame.
        full: Whether it fills the screen.
        is_open: Whether it was there when the program ended.
    """

    rect: QRect
    full: bool = False
    is_open: bool = True


class ScreenRoom(NamedTuple):
    """One screen: its name, and what of it windows may cover."""

    name: str
    room: QRect


def screens() -> list[ScreenRoom]:
    """List the screens that are plugged in now."""
    return [ScreenRoom(screen.name(), screen.availableGeometry()) for screen in QGuiApplication.screens()]


def setup_name(present: Sequence[ScreenRoom]) -> str:
    """Name a set of screens, so that it is known again when it is plugged in again."""
    return "; ".join(sorted(f"{name} {r.width()}x{r.height()} at {r.x()},{r.y()}" for name, r in present))


def is_reachable(rect: QRect, present: Sequence[ScreenRoom]) -> bool:
    """Whether enough of a window lies on a screen."""
    seen = [rect.intersected(screen.room) for screen in present]
    return any(part.width() >= REACHABLE and part.height() >= REACHABLE for part in seen)


def first_place(main: QRect, present: Sequence[ScreenRoom]) -> QRect:
    """Return the whole of the largest screen that the main window is not on, else the right half of its own."""
    own = max(present, key=lambda screen: _area(screen.room.intersected(main)))
    others = [screen.room for screen in present if screen is not own]
    if others:
        return max(others, key=_area)
    room = own.room
    width = room.width() // 2
    return QRect(room.right() + 1 - width, room.top(), width, room.height())


def read_place(stored: object) -> Place | None:
    """Understand what was remembered; None for anything else."""
    if not isinstance(stored, dict):
        return None
    numbers = stored.get("rect")
    if not (isinstance(numbers, list) and len(numbers) == 4 and all(type(number) is int for number in numbers)):
        return None
    left, top, width, height = numbers
    if width < 1 or height < 1 or max(map(abs, numbers)) > 1 << 20:
        return None
    return Place(QRect(left, top, width, height), stored.get("full") is True, stored.get("open") is True)


def stored_place(place: Place) -> dict[str, object]:
    """Write a place as JSON can hold it."""
    corner: QPoint = place.rect.topLeft()
    rect = [corner.x(), corner.y(), place.rect.width(), place.rect.height()]
    return {"rect": rect, "full": place.full, "open": place.is_open}


def _area(rect: QRect) -> int:
    return max(0, rect.width()) * max(0, rect.height())
