"""Everything that narrows the album or widens it again: panel, folders, chips, strip, smart albums, and the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from aesthetic_studio.albums import PhotoFilter, PhotoQuery, SortKey
    from aesthetic_studio.desktop.album import Album
    from aesthetic_studio.desktop.find.control import FindControl
    from aesthetic_studio.desktop.side.chips import ChipBar
    from aesthetic_studio.desktop.side.panel import SidePanel
    from aesthetic_studio.desktop.strip.panel import Strip
    from aesthetic_studio.desktop.views import Views
    from aesthetic_studio.desktop.work.reader import AlbumAnswer


class Filtering(QObject):
    """Keeps all that shows the filter of one window in step, whichever of them was used.

    Args:
        side: Folders and the filter's fields.
        chips: The line above the photos.
        strip: Histogram and timeline.
    """

    def __init__(
        self,
        side: SidePanel,
        chips: ChipBar,
        strip: Strip,
        album: Album,
        views: Views,
        finding: FindControl,
    ) -> None:
        super().__init__(side)
        self._folders, self._panel, self._chips, self._strip = side.folders, side.filter, chips, strip
        self._album, self._views, self._finding = album, views, finding
        self._folders.folders_chosen.connect(self._panel.set_folders)
        self._panel.filter_changed.connect(album.set_filter)
        self._panel.left.connect(views.take_focus)
        self._panel.show_all_wanted.connect(self.show_all)
        chips.show_all_wanted.connect(self.show_all)
        chips.filter_wanted.connect(self.show_filter)
        chips.left.connect(views.take_focus)
        strip.filter_wanted.connect(self._panel.set_filter)
        views.nothing.show_all_wanted.connect(self.show_all)
        album.query_changed.connect(self._on_query_changed)
        album.loaded.connect(self._on_album_loaded)

    def wanted(self) -> PhotoFilter:
        """The filter in force."""
        return self._panel.filter()

    def show_filter(self, wanted: PhotoFilter) -> None:
        """Show these photos, and the filter's folders in the tree."""
        if wanted.folders != self._panel.filter().folders:
            self._folders.choose(wanted.folders)
        self._panel.set_filter(wanted)

    def show_album(self, wanted: PhotoFilter, sort: SortKey, *, descending: bool) -> None:
        """Show these photos in this order, which a search would not keep: it ends."""
        if self._finding.is_searching:
            self._finding.end()
        self._album.show(wanted, sort, descending=descending)
        self._folders.choose(wanted.folders)
        self._panel.set_filter(wanted)

    def show_all(self) -> None:
        """Clear the filter and end the search: nothing is hidden any longer."""
        self._panel.clear()
        if self._finding.is_searching:
            self._finding.end()

    def _on_query_changed(self, query: PhotoQuery) -> None:
        self._chips.show_filter(query.filter)
        self._strip.show_filter(query.filter)

    def _on_album_loaded(self, answer: AlbumAnswer) -> None:
        self._chips.show_hidden(answer.hidden)
        self._strip.refresh(answer.ids if answer.query.search is not None else None)
        self._views.nothing.show_hidden(
            _("{photos} hidden").format(photos=count_of(answer.hidden, "photo")),
            searched=answer.query.search is not None,
        )
