"""From a key to an edit of bursts: which photos it is about, and what has to be seen before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from aesthetic_studio.desktop.commands.registry import needs
from aesthetic_studio.pipeline import burst_edits
from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.desktop.album import Album
    from aesthetic_studio.desktop.views import Views
    from aesthetic_studio.desktop.work.decisions import Decisions
    from aesthetic_studio.library.catalogue import Catalogue, Decision
    from aesthetic_studio.records import GridCell


class BurstEdits(QObject):
    """Groups photos as bursts and takes bursts apart.

    Signals:
        said: What to do next, for the status line.
    """

    said = Signal(str)

    def __init__(self, decisions: Decisions, album: Album, views: Views, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._decisions = decisions
        self._album = album
        self._views = views

    # -- whether -----------------------------------------------------------------------------------------------------

    @needs(N_("Select several photos in the grid first"))
    def can_merge(self) -> bool:
        """Whether several photos are selected."""
        return self._views.mode == "grid" and self._views.grid.selection_count() > 1

    @needs(N_("This photo is not part of a burst"))
    def has_frame(self) -> bool:
        """Whether the current photo is a frame of a series, of whatever kind."""
        frame = self._frame()
        return frame is not None and frame.series_id is not None

    # -- do ----------------------------------------------------------------------------------------------------------

    def merge(self) -> None:
        """Make one burst of the selected photos; a photo that stands for a collapsed burst brings all of its frames."""
        ids, query = self._views.target_ids(), self._album.query

        def write(catalogue: Catalogue) -> Decision:
            inside = {cell.series_id for cell in catalogue.cells(ids) if cell.series_id is not None}
            return burst_edits.merge(catalogue, ids, inside - query.open_series if query.collapse_series else ())

        self._write(write)

    def split(self) -> None:
        """Let the current frame and those shot after it be a burst of their own.

        That goes by time, so it is done only where the frames stand in the order of shooting; they are brought into it
        first.
        """
        frame = self._frame()
        if frame is None or frame.series_id is None:
            return
        if self._views.mode == "burst" and self._views.burst.is_as_shot():
            photo = frame.id
            self._write(lambda catalogue: burst_edits.split(catalogue, photo))
        else:
            self._views.show_as_shot()
            self.said.emit(_("In the order of shooting: go to the first frame of the second burst and split there"))

    def take_out(self) -> None:
        """Let the chosen frames stand alone."""
        ids = self._views.target_ids()
        self._write(lambda catalogue: burst_edits.take_out(catalogue, ids))

    def dissolve(self) -> None:
        """Let all frames of the chosen bursts stand alone."""
        ids = self._views.target_ids()
        self._write(lambda catalogue: burst_edits.dissolve(catalogue, ids))

    def _write(self, job: Callable[[Catalogue], Decision]) -> None:
        self._album.touch()
        self._decisions.carry_out(job)

    def _frame(self) -> GridCell | None:
        current = self._views.current_id()
        return None if current is None else self._views.cell_of(current)
