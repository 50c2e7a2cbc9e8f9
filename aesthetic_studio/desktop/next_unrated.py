"""The way to the next photo without stars or flag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.album import Album
    from aesthetic_studio.desktop.grid.model import PhotoListModel
    from aesthetic_studio.desktop.views import Views
    from aesthetic_studio.desktop.work.reader import LibraryReader
    from aesthetic_studio.library.catalogue import Catalogue

LOOK_AHEAD = 200
"""Cells looked at before the library is asked."""
NONE_LEFT = N_("Every photo here has stars or a flag")


class NextUnrated(QObject):
    """Finds the next photo that is still to be judged, under whatever filter; from the end it starts over.

    In the burst view the burst's own frames come first. A collapsed burst whose best frame is decided counts as
    decided.

    Signals:
        said: Why there is none, for the status line.
    """

    said = Signal(str)

    def __init__(
        self,
        album: Album,
        views: Views,
        model: PhotoListModel,
        reader: LibraryReader,
        reader_here: Catalogue,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._album = album
        self._views = views
        self._model = model
        self._reader = reader
        self._reader_here = reader_here
        self._search = -1
        reader.undecided_found.connect(self._on_found)

    def go(self) -> None:
        """Go to it, or say that there is none."""
        frame = self._frame_ahead()
        if frame is not None:
            self._go_to(frame)
            return
        ids = self._model.ids
        current = self._views.current_id() if self._views.is_comparing() else self._views.grid.current_id()
        start = self._model.row_of(current or -1) + 1
        for row in range(start, start + min(LOOK_AHEAD, len(ids))):
            verdict = self._model.cell_at(row % len(ids)).verdict
            if not verdict.rating and not verdict.flag:
                self._go_to(ids[row % len(ids)])
                return
        if len(ids) <= LOOK_AHEAD:
            self.said.emit(_(NONE_LEFT))
        else:  # further on it may take long: every photo of a large album may have to be asked
            self._search = self._reader.request_undecided(ids[start:] + ids[:start])

    def _frame_ahead(self) -> int | None:
        if self._views.mode != "burst":
            return None
        cells = self._reader_here.cells(self._views.burst.ids_ahead())
        return next((cell.id for cell in cells if not cell.verdict.rating and not cell.verdict.flag), None)

    def _on_found(self, generation: int, photo_id: int) -> None:
        if generation == self._search and photo_id >= 0:
            self._go_to(photo_id)
        elif generation == self._search:
            self.said.emit(_(NONE_LEFT))

    def _go_to(self, photo_id: int) -> None:
        self._search = -1
        self._album.touch()
        if not self._show(photo_id):
            self.said.emit(_("The next unrated photo is not among these"))

    def _show(self, photo_id: int) -> bool:
        """Make it current where it is seen: from a burst, as a burst or in the loupe."""
        views = self._views
        if views.mode != "burst" or views.burst.set_current_id(photo_id):
            return views.go_to(photo_id)
        if not views.grid.set_current_id(photo_id):
            return False
        if views.has_series():
            views.show_burst()
        else:
            views.show_view("loupe")
        return True
