"""How large photos are shown in whichever view is open, and what is laid over them: what the zoom keys ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.loupe.marks import Overlay

if TYPE_CHECKING:
    from aesthetic_studio.desktop.views import Views

CELL_STEP = 32
"""By how much one key press makes the grid's cells larger."""


class Magnifier:
    """Zooms what is open: the loupe, what is compared, or the grid's cells."""

    def __init__(self, views: Views) -> None:
        self._views = views

    def zoom(self, scale: float | None = 1.0) -> None:
        """To this scale and back, ``None`` to fit; from the grid or a burst, open the loupe so."""
        views = self._views
        if views.is_comparing():
            views.compare.view.toggle_zoom(scale)
            return
        if views.mode != "loupe":
            views.show_loupe()
        if scale is None:
            views.loupe.zoom_to_fit()
        else:
            views.loupe.toggle_zoom(scale=scale)

    def is_zoomed_to(self, scale: float | None) -> bool:
        """Whether photos are shown at this scale, ``None`` for fitted."""
        views = self._views
        if views.is_comparing():
            return views.compare.view.is_zoomed_to(scale)
        fitted = views.loupe.is_fitted()
        return views.mode == "loupe" and (fitted if scale is None else not fitted and views.loupe.scale() == scale)

    def magnify(self, by: int) -> None:
        """In or out by a step."""
        views = self._views
        if views.is_comparing():
            views.compare.view.zoom_in(by)
        elif views.mode == "loupe":
            views.loupe.zoom_in(by)
        else:
            self.resize_cells(by)

    def resize_cells(self, by: int) -> None:
        """Make the grid's photos larger or smaller."""
        grid = self._views.grid
        grid.set_cell_size(grid.cell_size() + by * CELL_STEP)

    def toggle_overlay(self, overlay: Overlay) -> None:
        """Lay it over photos in the loupe, or no longer; the lines at the thirds also over what is compared."""
        loupe = self._views.loupe
        loupe.set_overlay(overlay, on=not loupe.has_overlay(overlay))
        if overlay is Overlay.THIRDS:
            self._views.compare.view.set_thirds(loupe.has_overlay(overlay))
