"""Into a comparison from whatever is looked at, and back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from aesthetic_studio.desktop.compare.choosing import Looked

if TYPE_CHECKING:
    from array import array

    from aesthetic_studio.desktop.compare.control import CompareControl
    from aesthetic_studio.desktop.grid.model import PhotoListModel
    from aesthetic_studio.desktop.views import Views
    from aesthetic_studio.library.catalogue import Catalogue


class CompareMode(QObject):
    """Opens and leaves compare and survey.

    Args:
        views: The middle of the window.
        control: Fills the compare view.
        model: The album.
        reader: Answers which frames a burst has.
    """

    def __init__(self, views: Views, control: CompareControl, model: PhotoListModel, reader: Catalogue) -> None:
        super().__init__(views)
        self._views = views
        self._control = control
        self._model = model
        self._reader = reader
        self._came_from: dict[str, str] = {}

    def show_compare(self) -> None:
        """Let other photos challenge the current one."""
        if self._views.mode == "compare":
            return
        looked = self._looked()
        if looked is not None and self._control.open_contest(looked):
            self._begin("compare")

    def show_survey(self) -> None:
        """Show the chosen photos side by side; once more, those too that were left out."""
        if self._views.mode == "survey":
            self._control.restore_survey()
            return
        looked = self._looked()
        if looked is not None and self._control.open_survey(looked):
            self._begin("survey")

    def back(self) -> None:
        """Go back to where the comparison began, with the photo current that keys acted on last."""
        views = self._views
        current, before = self._control.current_id(), self._came_from.get(views.mode, "grid")
        if before == "survey":
            self._control.reopen_survey()
        elif before != "burst" and current is not None:
            views.go_in_grid(current)
        views.show_view(before)
        if before == "burst":
            # Once it is shown: the keyboard goes back to the card that had it, which makes that one current.
            views.refresh_burst(current)

    def _begin(self, mode: str) -> None:
        if self._views.mode != "compare":
            self._came_from[mode] = self._views.mode
        elif (before := self._came_from.get("compare", "grid")) != "survey":
            # A survey of those compared leads back to where the comparison began, and not into a circle.
            self._came_from[mode] = before
        self._views.show_view(mode)

    def _looked(self) -> Looked | None:
        """What is looked at now; ``None`` for no photo."""
        views, album = self._views, self._album()
        if views.is_comparing():
            return self._control.looked(album)
        current = views.current_id()
        cell = None if current is None else views.cell_of(current)
        if current is None or cell is None:
            return None
        several = views.mode == "grid" and views.grid.selection_count() > 1
        frames = self._reader.series_frames(cell.series_id) if cell.series_id is not None else []
        return Looked(
            current,
            tuple(views.grid.selected_ids()) if several else (),
            album,
            tuple(frames) if len(frames) > 1 else (),
        )

    def _album(self) -> array[int]:
        return self._model.ids
