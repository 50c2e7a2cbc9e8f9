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
        ViewerKey((), "Scrub through the photos", "Hold an arrow"),
    ),
    "In the burst view": (
        ViewerKey(("Home", "End"), "First or last frame"),
        ViewerKey(("Return",), "Open the frame in the loupe"),
    ),
}
"""By the view that has the keyboard or the cursor."""
