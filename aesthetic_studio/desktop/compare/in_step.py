"""Zoom and place of all panes: what one pane is asked for, all locked ones do, and all of it is decoded as shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aesthetic_studio.desktop.compare.step import NO_SHIFT, SharedLook, Shift
from aesthetic_studio.desktop.loupe.photo import SIDE_STEP, parts_of, side_to_decode
from aesthetic_studio.records import PhotoState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QPointF

    from aesthetic_studio.desktop.compare.pane import PhotoPane
    from aesthetic_studio.desktop.loupe.geometry import LoupeGeometry
    from aesthetic_studio.desktop.loupe.images import LoupeImages
    from aesthetic_studio.records import PhotoRecord

BUDGET_BYTES = 1280 * 1024 * 1024
"""For all panes together: nine whole photos of 24 megapixels with their halved copies."""

BYTES_A_PIXEL = 4 * 4 / 3
"""Of a decoded photo with its halved copies."""


class InStep:
    """Moves and decodes for all panes.

    Attributes:
        panes: Those on screen, kept by the view.
        likely: Photos that are likely looked at next; they are decoded in advance.
    """

    def __init__(self, images: LoupeImages) -> None:
        self._images = images
        self._shared = SharedLook()
        self._shifts: dict[int, Shift] = {}
        self.panes: list[PhotoPane] = []
        self.likely: Sequence[PhotoRecord] = ()

    def begin(self) -> None:
        """Other photos are looked at: whole, in step, with nothing kept in memory of the last ones."""
        self._shared, self._shifts, self.likely = SharedLook(), {}, ()
        self._images.let_go()
        for pane in self.panes:
            pane.set_alone(alone=False)

    # -- what one pane is asked for ------------------------------------------------------------------------------------

    def zoom(self, pane: PhotoPane, notches: float, at: QPointF | None = None) -> None:
        """Zoom by so many notches at a point of a pane."""
        self._zoomed(pane, pane.canvas.look.stepped(notches, *parts_of(at)))

    def toggle(self, pane: PhotoPane, at: QPointF | None = None) -> None:
        """From fit to one to one of this pane's photo, and back."""
        look = pane.canvas.look
        self._zoomed(pane, look.zoomed(1.0, *parts_of(at)) if look.zoom is None else look.zoomed(None))

    def pan(self, pane: PhotoPane, dx: float, dy: float) -> None:
        """Move by so many device-independent pixels."""
        before = pane.canvas.look
        after = before.panned(dx, dy)
        if pane.is_alone():
            pane.canvas.set_look(after)
        elif after != before:
            self._shared = self._shared.panned_by(before, after)
            self._follow()

    def release(self, pane: PhotoPane) -> None:
        """Let a pane move alone."""
        pane.set_alone(alone=True)

    def lock(self, pane: PhotoPane) -> None:
        """Let a pane move with the others again, as far from them as it stands now."""
        shift = self._shared.shift_of(pane.canvas.look)
        photo_id = pane.photo_id()
        if shift is not None and photo_id is not None:
            self._shifts[photo_id] = shift
        pane.set_alone(alone=False)
        self.follow(pane)

    def follow(self, pane: PhotoPane) -> None:
        """Bring a pane that shows another photo, or has another size, in line with the others."""
        if not pane.is_alone():
            pane.canvas.set_look(self._shared.seen_by(pane.canvas.look, self._shift(pane)))

    def _zoomed(self, pane: PhotoPane, after: LoupeGeometry) -> None:
        if pane.is_alone():
            pane.canvas.set_look(after)
        else:
            self._shared = self._shared.zoomed_by(after, self._shift(pane))
            self._follow()
        self.request()

    def _follow(self) -> None:
        for pane in self.panes:
            self.follow(pane)

    def _shift(self, pane: PhotoPane) -> Shift:
        photo_id = pane.photo_id()
        return NO_SHIFT if photo_id is None else self._shifts.get(photo_id, NO_SHIFT)

    # -- decoding ------------------------------------------------------------------------------------------------------

    def request(self) -> None:
        """Wish for the photos in sight at the size they are shown at, and for the likely ones likewise."""
        seen = [pane for pane in self.panes if pane.record is not None]
        if not any(pane.isVisible() for pane in seen):
            return
        share = BUDGET_BYTES / (len(seen) + bool(self.likely))
        sides: dict[str, int | None] = {}
        for pane in sorted(seen, key=lambda pane: not pane.is_current()):
            side = side_to_decode(pane.canvas.look)
            most = longest_side(pane.canvas.look, share)
            pane.canvas.bounded = most is not None and (side is None or side > most)
            if pane.record is not None and pane.record.state is PhotoState.PRESENT:
                self._images.note_version(str(pane.record.path), pane.record.mtime_ns)
                sides[str(pane.record.path)] = most if pane.canvas.bounded else side
        held = tuple(sides)
        if seen and self.likely:
            # The next photo will be seen where the last pane is, at the same size.
            side = sides.get(str(seen[-1].record.path)) if seen[-1].record is not None else None
            there = (record for record in self.likely if record.state is PhotoState.PRESENT)
            sides |= {str(record.path): side for record in there if str(record.path) not in held}
        self._images.want_each(sides, held)


def longest_side(look: LoupeGeometry, share: float) -> int | None:
    """The longest side that a photo may be decoded to within so many bytes; ``None`` where all of it fits."""
    pixels = look.photo_width * look.photo_height
    room = share / BYTES_A_PIXEL
    if pixels <= room:
        return None
    side = max(look.photo_width, look.photo_height) * math.sqrt(room / pixels)
    return max(SIDE_STEP, int(side) // SIDE_STEP * SIDE_STEP)
