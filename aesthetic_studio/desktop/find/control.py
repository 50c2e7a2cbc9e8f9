"""From a command to a search, and from its answer to the words above the photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from aesthetic_studio.albums import Duplicates, LikePhoto
from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    from aesthetic_studio.albums import PhotoQuery, Search
    from aesthetic_studio.desktop.album import Album
    from aesthetic_studio.desktop.find.bar import FindBar
    from aesthetic_studio.desktop.views import Views
    from aesthetic_studio.desktop.work.reader import AlbumAnswer


class FindControl(QObject):
    """Searches of one window."""

    def __init__(self, bar: FindBar, album: Album, views: Views) -> None:
        super().__init__(bar)
        self._bar, self._album, self._views = bar, album, views
        bar.closed.connect(self.end)
        album.query_changed.connect(self._on_query_changed)
        album.loaded.connect(self._on_loaded)

    def similar(self) -> None:
        """Show the photos most like the current one."""
        current = self._views.current_id()
        if current is not None:
            self._begin(LikePhoto(current))

    def duplicates(self) -> None:
        """Show photos that are nearly the same, group by group."""
        self._begin(Duplicates())

    def end(self) -> None:
        """Show all photos of the album again; the photo that was current stays so."""
        self._album.touch()
        self._album.set_search(None)

    @property
    def is_searching(self) -> bool:
        """Whether the album is what a search found."""
        return self._album.query.search is not None

    def _begin(self, search: Search) -> None:
        self._views.show_grid()
        self._album.set_search(search)

    def _on_query_changed(self, query: PhotoQuery) -> None:
        self._bar.say("" if query.search is None else f"{self._asked(query.search)} …")

    def _on_loaded(self, answer: AlbumAnswer) -> None:
        search = answer.query.search
        if search is None:
            self._bar.say("")
        elif isinstance(search, Duplicates):
            found = f"{count_of(answer.groups, 'group')}, {count_of(len(answer.ids), 'photo')}"
            self._bar.say(f"{self._asked(search)}: {found if answer.groups else 'none'}")
        else:
            self._bar.say(f"{self._asked(search)}: {count_of(len(answer.ids), 'photo')}, the most alike first")

    def _asked(self, search: Search) -> str:
        match search:
            case LikePhoto(photo_id):
                cell = self._views.cell_of(photo_id)
                return f"Like {shown(cell.name) if cell is not None else 'this photo'}"
            case Duplicates():
                return "Nearly the same"
