"""What can be done with the photos that are looked at: the menu over them, their paths and their folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.paths import shown
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow

ENTRIES = [
    *("view.loupe", "view.burst", "view.compare", "view.survey", "view.open_burst", ""),
    *("photo.best", "photo.burst.merge", "photo.burst.out", "photo.burst.dissolve", ""),
    *("photo.pick", "photo.reject", "photo.unflag", ""),
    *(f"photo.rate.{rating}" for rating in range(5, -1, -1)),
    *("", "photo.show_file", "edit.copy_path"),
]
"""The commands of the menu; an empty one is a line."""


class PhotoMenu(QObject):
    """The menu over the grid of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def open_at(self, place: QPoint) -> None:
        """Open the menu at a point of the grid."""
        menu = self._window.actions_.context_menu(self._window, ENTRIES)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._window.grid.viewport().mapToGlobal(place))

    def copy_paths(self) -> None:
        """Put the paths of the chosen photos on the clipboard, a line each."""
        records = self._window.reader_here.photos(self._window.views.target_ids())
        QGuiApplication.clipboard().setText("\n".join(shown(record.path) for record in records))
        self._window.status.show_message(_("Copied {paths}").format(paths=count_of(len(records), "path")))

    def show_in_file_manager(self) -> None:
        """Open the current photo's folder."""
        records = self._window.reader_here.photos([self._window.views.current_id() or -1])
        if records:
            QDesktopServices.openUrl(QUrl.fromLocalFile(shown(records[0].folder)))
