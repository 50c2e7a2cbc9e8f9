"""Keys and mouse of the views themselves, which are no commands of the window: listed here for the shortcut sheet.

They depend on where the keyboard or the cursor is, and on how far a wheel is turned, so no menu can hold them.
"""

from __future__ import annotations

from typing import NamedTuple


class ViewerKey(NamedTuple):
    """What a view does by itself.

    Attributes:
        keys: Keys in Qt's portable notation.
        text: What they do.
        gesture: What is done with the mouse, in words, in place of keys or before them.
    """

    keys: tuple[str, ...]
    text: str
    gesture: str = ""


VIEWER_KEYS: dict[str, tuple[ViewerKey, ...]] = {
    "In the grid": (
        ViewerKey(("PgUp", "PgDown"), "A page up or down"),
        ViewerKey((), "Select on the way", "Shift + arrows"),
        ViewerKey(("Ctrl+Space",), "Select, or no longer"),
        ViewerKey((), "Scroll", "Wheel"),
        ViewerKey((), "Size of the photos", "Ctrl + wheel"),
        ViewerKey((), "Open in the loupe", "Double click"),
    ),
    "In the loupe": (
        ViewerKey((), "Move the zoomed photo", "Shift + arrows"),
        ViewerKey((), "Move the zoomed photo", "Drag"),
        ViewerKey((), "Zoom in and out at the cursor", "Wheel"),
        ViewerKey((), "1:1 at that place, and back", "Click"),
    ),
    "In compare and survey": (
        ViewerKey(("Up",), "The challenger wins: it is the champion"),
        ViewerKey(("Down",), "The champion wins: the next challenger"),
        ViewerKey(("Tab",), "To the other photo"),
        ViewerKey((), "Move all in step", "Shift + arrows"),
        ViewerKey((), "Zoom all in step", "Wheel"),
    ),
    "In the burst view": (
        ViewerKey(("Home", "End"), "First or last frame"),
        ViewerKey(("Return",), "Open the frame in the loupe"),
    ),
    "When keeping the best": (
        ViewerKey(("Space", "Return"), "Move to the other side"),
        ViewerKey((), "Move to the other side", "Click"),
        ViewerKey(("X",), "Let a kept photo go"),
        ViewerKey(("P",), "Keep one that goes"),
        ViewerKey(("Ctrl+Return",), "Decide so"),
        ViewerKey(("Esc",), "Back, deciding nothing"),
    ),
}
"""By the view that has the keyboard or the cursor."""
