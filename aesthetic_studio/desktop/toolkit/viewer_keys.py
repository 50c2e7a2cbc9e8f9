"""What the mouse does in the views, listed here for the shortcut sheet: keys are commands, and stand in the registry.

It depends on where the cursor is, and on how far a wheel is turned, so no menu can hold it.
"""

from __future__ import annotations

from typing import NamedTuple


class ViewerKey(NamedTuple):
    """What a view does by itself.

    Attributes:
        gesture: What is done with the mouse, in words.
        text: What it does.
    """

    gesture: str
    text: str


VIEWER_KEYS: dict[str, tuple[ViewerKey, ...]] = {
    "In the grid": (
        ViewerKey("Wheel", "Scroll"),
        ViewerKey("Ctrl + wheel", "Size of the photos"),
        ViewerKey("Double click", "Open in the loupe"),
        ViewerKey("Drag a photo", "Copy files to a program"),
        ViewerKey("Alt + drag", "Their companion files too"),
    ),
    "In the loupe": (
        ViewerKey("Drag", "Move the zoomed photo"),
        ViewerKey("Ctrl + drag", "Copy the file to a program"),
        ViewerKey("Wheel", "Zoom in and out at the cursor"),
        ViewerKey("Click", "1:1 at that place, and back"),
    ),
    "In compare and survey": (
        ViewerKey("Tab", "To the other photo"),
        ViewerKey("Wheel", "Zoom all in step"),
    ),
    "When keeping the best": (
        ViewerKey("Space or Enter", "Move to the other side"),
        ViewerKey("Click", "Move to the other side"),
        ViewerKey("X", "Let a kept photo go"),
        ViewerKey("P", "Keep one that goes"),
        ViewerKey("Ctrl+Enter", "Decide so"),
        ViewerKey("Esc", "Back, deciding nothing"),
    ),
}
"""By the view that the cursor is over."""
