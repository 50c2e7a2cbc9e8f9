"""How the loupe looks at a photo: fit, zoom at a point, pan. Arithmetic without widgets, so that laws can be tested.

Lengths are device-independent pixels of the view; a scale is *device* pixels for one pixel of the photo, so that 1 is
"one to one" on a screen of any density.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

MAX_SCALE = 16.0
ZOOM_STEP = 1.25
"""By how much one notch of the wheel zooms."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of the view."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class LoupeGeometry:
    """One way of looking at one photo.

    Attributes:
        view_width: Of the view.
        view_height: Of the view.
        photo_width: Pixels of the upright photo, at least 1.
        photo_height: Pixels of the upright photo, at least 1.
        ratio: Device pixels for one device-independent pixel.
        zoom: The scale that the user chose, ``None`` to fit the photo into the view.
        centre_x: What part of the photo is in the middle of the view, 0..1 from its left.
        centre_y: The same from its top.
    """

    view_width: float
    view_height: float
    photo_width: int
    photo_height: int
    ratio: float = 1.0
    zoom: float | None = None
    centre_x: float = 0.5
    centre_y: float = 0.5

    @property
    def fit_scale(self) -> float:
        """The scale at which the whole photo is just seen."""
        across = self.view_width * self.ratio / self.photo_width
        down = self.view_height * self.ratio / self.photo_height
        return max(1e-6, min(across, down))

    @property
    def scale(self) -> float:
        """Device pixels for one pixel of the photo."""
        return self.fit_scale if self.zoom is None else self.zoom

    @property
    def photo_rect(self) -> Rect:
        """Where the whole photo lies, on whole device pixels: no shimmer while panning, and 1:1 stays crisp."""
        step = self.scale / self.ratio
        width, height = self.photo_width * step, self.photo_height * step
        left = self._edge(width, self.view_width, self.centre_x)
        top = self._edge(height, self.view_height, self.centre_y)
        return Rect(round(left * self.ratio) / self.ratio, round(top * self.ratio) / self.ratio, width, height)

    @property
    def can_pan(self) -> bool:
        """Whether part of the photo is out of sight."""
        rect = self.photo_rect
        return rect.width > self.view_width + 0.5 or rect.height > self.view_height + 0.5

    def photo_point(self, x: float, y: float) -> tuple[float, float]:
        """What part of the photo is at a point of the view: 0..1 within the photo."""
        rect = self.photo_rect
        return (x - rect.x) / rect.width, (y - rect.y) / rect.height

    def zoomed(self, zoom: float | None, x: float | None = None, y: float | None = None) -> LoupeGeometry:
        """Zoom so that what is at the point stays there (the view's middle, where none is given); ``None`` fits."""
        if zoom is None:
            return replace(self, zoom=None, centre_x=0.5, centre_y=0.5)
        x = self.view_width / 2 if x is None else x
        y = self.view_height / 2 if y is None else y
        # A point beside the photo stands for the nearest one on it, so that a click there cannot lead into nothing.
        across, down = (min(1.0, max(0.0, part)) for part in self.photo_point(x, y))
        scale = min(MAX_SCALE, max(min(self.fit_scale, 1.0), zoom))
        step = scale / self.ratio
        centre_x = across + (self.view_width / 2 - x) / (self.photo_width * step)
        centre_y = down + (self.view_height / 2 - y) / (self.photo_height * step)
        return self.looking(scale, centre_x, centre_y)

    def looking_at(self, x: float, y: float, width: float, height: float) -> LoupeGeometry:
        """Bring a part of the photo, 0..1 of it, to the middle at 1:1, or smaller so that it fits."""
        across = self.view_width * self.ratio / max(1.0, width * self.photo_width)
        down = self.view_height * self.ratio / max(1.0, height * self.photo_height)
        scale = max(min(self.fit_scale, 1.0), min(1.0, across, down))
        return replace(self, zoom=scale, centre_x=x + width / 2, centre_y=y + height / 2)._settled()

    def stepped(self, notches: float, x: float | None = None, y: float | None = None) -> LoupeGeometry:
        """Zoom by so many notches at a point; out beyond the whole photo fits it."""
        zoom = self.scale * ZOOM_STEP**notches
        if zoom <= self.fit_scale * 1.001 and notches < 0:
            return self.zoomed(None)
        return self.zoomed(zoom, x, y)

    def panned(self, dx: float, dy: float) -> LoupeGeometry:
        """Move the photo by so much of the view, no further than its edges."""
        rect = self.photo_rect
        moved = replace(self, centre_x=self.centre_x - dx / rect.width, centre_y=self.centre_y - dy / rect.height)
        return moved._settled()

    def looking(self, zoom: float, centre_x: float, centre_y: float) -> LoupeGeometry:
        """Zoom to a scale at a part of the photo, 0..1 from its left and top, as far as edges and scales allow."""
        scale = min(MAX_SCALE, max(min(self.fit_scale, 1.0), zoom))
        return replace(self, zoom=scale, centre_x=centre_x, centre_y=centre_y)._settled()

    def with_photo(self, width: int, height: int) -> LoupeGeometry:
        """Look at another photo in the same way: the same zoom at the same part of it."""
        return replace(self, photo_width=max(1, width), photo_height=max(1, height))._settled()

    def with_view(self, width: float, height: float, ratio: float) -> LoupeGeometry:
        """Look through a view of another size."""
        return replace(self, view_width=max(1.0, width), view_height=max(1.0, height), ratio=ratio)._settled()

    def _settled(self) -> LoupeGeometry:
        """The centre held so that no empty border shows which the photo could fill."""
        if self.zoom is None:
            return self
        step = self.scale / self.ratio
        return replace(
            self,
            centre_x=_held(self.centre_x, self.view_width / (self.photo_width * step)),
            centre_y=_held(self.centre_y, self.view_height / (self.photo_height * step)),
        )

    @staticmethod
    def _edge(length: float, room: float, centre: float) -> float:
        return (room - length) / 2 if length <= room else room / 2 - centre * length


def _held(centre: float, seen: float) -> float:
    """A centre such that the ``seen`` share of the photo lies within it; the middle where all of it is seen."""
    return 0.5 if seen >= 1 else min(1 - seen / 2, max(seen / 2, centre))
