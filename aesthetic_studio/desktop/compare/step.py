"""How several views look at their photos in step. Arithmetic without widgets, so that laws can be tested.

One look is shared by all panes that are locked: which part of the photo is in the middle, and how long the photo's
long side is on the screen. So photos of different sizes show the same part, and photos of one size the same scale. A
pane may keep a shift of its own, as of a frame whose framing moved, and a released pane looks for itself.

    pane acts ──▶ its own LoupeGeometry ──▶ SharedLook ──▶ every other locked pane's LoupeGeometry
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aesthetic_studio.desktop.loupe.geometry import LoupeGeometry


@dataclass(frozen=True, slots=True)
class Shift:
    """How a locked pane differs from the shared look.

    Attributes:
        across: By how much its middle lies further right, of the photo's width.
        down: By how much it lies lower, of the photo's height.
        factor: How many times as long its photo is.
    """

    across: float = 0.0
    down: float = 0.0
    factor: float = 1.0


NO_SHIFT = Shift()


@dataclass(frozen=True, slots=True)
class SharedLook:
    """What all locked panes look at.

    Attributes:
        length: Device pixels of the photo's long side, ``None`` to fit each photo into its pane.
        centre_x: What part of the photo is in the middle, 0..1 from its left.
        centre_y: The same from its top.
    """

    length: float | None = None
    centre_x: float = 0.5
    centre_y: float = 0.5

    def seen_by(self, look: LoupeGeometry, shift: Shift = NO_SHIFT) -> LoupeGeometry:
        """Look so through one pane; its photo's edges and the largest scale still hold."""
        if self.length is None:
            return look.zoomed(None)
        scale = self.length * shift.factor / _long_side(look)
        return look.looking(scale, self.centre_x + shift.across, self.centre_y + shift.down)

    def zoomed_by(self, after: LoupeGeometry, shift: Shift = NO_SHIFT) -> SharedLook:
        """The shared look after one pane zoomed to ``after``."""
        if after.zoom is None:
            return SharedLook()
        return SharedLook(
            length=after.zoom * _long_side(after) / shift.factor,
            centre_x=after.centre_x - shift.across,
            centre_y=after.centre_y - shift.down,
        )

    def panned_by(self, before: LoupeGeometry, after: LoupeGeometry) -> SharedLook:
        """The shared look after one pane was moved: by as much as it really moved, so that no other pane jumps."""
        return replace(
            self,
            centre_x=self.centre_x + after.centre_x - before.centre_x,
            centre_y=self.centre_y + after.centre_y - before.centre_y,
        )

    def shift_of(self, look: LoupeGeometry) -> Shift | None:
        """How a pane that looked for itself differs; ``None`` where either of the two shows the whole photo."""
        if self.length is None or look.zoom is None:
            return None
        return Shift(
            across=look.centre_x - self.centre_x,
            down=look.centre_y - self.centre_y,
            factor=look.zoom * _long_side(look) / self.length,
        )


def _long_side(look: LoupeGeometry) -> int:
    return max(look.photo_width, look.photo_height)
