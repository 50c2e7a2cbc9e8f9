"""What the mouse does in the views, listed here for the shortcut sheet: keys are commands, and stand in the registry.

It depends on where the cursor is, and on how far a wheel is turned, so no menu can hold it.
"""

from __future__ import annotations

from typing import NamedTuple

from aesthetic_studio.translation import N_


class ViewerKey(NamedTuple):
    """What a view does by itself.

    Attributes:
        gesture: What is done with the mouse, in words.
        text: What it does.
    """

    gesture: str
    text: str


VIEWER_KEYS: dict[str, tuple[ViewerKey, ...]] = {
    N_("In the grid"): (
        ViewerKey(N_("Wheel"), N_("Scroll")),
        ViewerKey(N_("Ctrl + wheel"), N_("Size of the photos")),
        ViewerKey(N_("Double click"), N_("Open in the loupe")),
        ViewerKey(N_("Drag a photo"), N_("Copy files to a program")),
        ViewerKey(N_("Alt + drag"), N_("Their companion files too")),
    ),
    N_("In the loupe"): (
        ViewerKey(N_("Drag"), N_("Move the zoomed photo")),
        ViewerKey(N_("Ctrl + drag"), N_("Copy the file to a program")),
        ViewerKey(N_("Wheel"), N_("Zoom in and out at the cursor")),
        ViewerKey(N_("Click"), N_("1:1 at that place, and back")),
        ViewerKey(N_("Hold an arrow"), N_("Scrub through the photos")),
    ),
    N_("In compare and survey"): (
        ViewerKey(N_("Tab"), N_("To the other photo")),
        ViewerKey(N_("Wheel"), N_("Zoom all in step")),
    ),
    N_("When keeping the best"): (
        ViewerKey(N_("Space or Enter"), N_("Move to the other side")),
        ViewerKey(N_("Click"), N_("Move to the other side")),
        ViewerKey("X", N_("Let a kept photo go")),
        ViewerKey("P", N_("Keep one that goes")),
        ViewerKey(N_("Ctrl+Enter"), N_("Decide so")),
        ViewerKey(N_("Esc"), N_("Back, deciding nothing")),
    ),
}
"""By the view that the cursor is over."""
