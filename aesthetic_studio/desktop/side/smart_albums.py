"""Smart albums: filters and orders under names, listed with counts, shown by a click."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHeaderView, QMenu, QMessageBox, QTreeWidget, QTreeWidgetItem, QWidget

from aesthetic_studio.albums import PhotoFilter, PhotoQuery
from aesthetic_studio.desktop.commands.registry import needs
from aesthetic_studio.desktop.side.album_dialog import AlbumDialog
from aesthetic_studio.desktop.toolkit.filter_words import filter_parts
from aesthetic_studio.desktop.toolkit.theme import grey, icon
from aesthetic_studio.desktop.toolkit.words import SORT_NAMES, count_of
from aesthetic_studio.translation import N_, _, inside, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.albums import SmartAlbum
    from aesthetic_studio.desktop.window import MainWindow

MOST_LINES = 6
"""So many albums are in sight at once; more are scrolled to."""
COUNTING_PAUSE_MS = 700
"""Albums are counted again once decisions have rested for so long."""


class SmartAlbumList(QTreeWidget):
    """The albums by name, the one that is shown marked.

    Signals:
        album_chosen: A ``SmartAlbum`` to show.
        rename_wanted: A ``SmartAlbum`` to give another name.
        delete_wanted: A ``SmartAlbum`` to forget.
        shown: Whether there is any album.
    """

    album_chosen = Signal(object)
    rename_wanted = Signal(object)
    delete_wanted = Signal(object)
    shown = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("smartAlbums")
        self.setAccessibleName(_("Smart albums"))
        self.setAccessibleDescription(_("Enter shows an album, F2 renames it, Delete deletes it"))
        self.setHeaderHidden(True)
        self.setColumnCount(2)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.header()
        header.setAccessibleName(_("Smart album and number of photos"))
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._albums: list[SmartAlbum] = []
        self._query = PhotoQuery()
        self.itemClicked.connect(lambda item: self.album_chosen.emit(self._album_of(item)))
        self.customContextMenuRequested.connect(self._on_context_menu)
        self.show_albums([])

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take up the greys of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            for item in self._items():
                item.setForeground(1, grey("dim"))

    def albums(self) -> list[SmartAlbum]:
        """Return the albums as they are listed."""
        return list(self._albums)

    def show_albums(self, albums: Sequence[SmartAlbum]) -> None:
        """List these albums; counts that are known stay until they are counted again."""
        if list(albums) == self._albums and self.topLevelItemCount():
            return
        current = self._current()
        row = self._albums.index(current) if current is not None else 0
        known = {album.id: item.text(1) for album, item in zip(self._albums, self._items(), strict=True)}
        self._albums = list(albums)
        self.clear()
        for album in self._albums:
            item = QTreeWidgetItem(self, [album.name, known.get(album.id, "")])
            item.setIcon(0, icon("smart-album"))
            item.setForeground(1, grey("dim"))
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(0, f"{album.name}\n{query_in_words(album.query)}{unknown_in_words(album)}")
        self.setVisible(bool(self._albums))
        self.shown.emit(bool(self._albums))
        if self._albums and current is not None:
            places = [album.id for album in self._albums]
            place = places.index(current.id) if current.id in places else min(row, len(places) - 1)
            self.setCurrentItem(self._items()[place])
        self._mark()
        self.updateGeometry()

    def show_count(self, album_id: int, count: int) -> None:
        """Say how many photos an album holds."""
        for album, item in zip(self._albums, self._items(), strict=True):
            if album.id == album_id:
                item.setText(1, whole(count))
                item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{album.name}, {count_of(count, 'photo')}")

    def show_query(self, query: PhotoQuery) -> None:
        """Mark the album that this query is."""
        self._query = query
        self._mark()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Ask for as many lines as there are albums, up to a few."""
        return QSize(200, self._height_of(MOST_LINES))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Ask for two lines at least, where there are as many."""
        return QSize(80, self._height_of(2))

    def _height_of(self, most: int) -> int:
        first = self.topLevelItem(0)
        line = self.visualItemRect(first).height() if first is not None else self.fontMetrics().height() + 6
        return min(most, max(1, len(self._albums))) * max(line, 20) + 6

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter shows an album, F2 renames it, Delete deletes it."""
        album, key = self._current(), event.key()
        if album is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.album_chosen.emit(album)
        elif album is not None and key == Qt.Key.Key_F2:
            self.rename_wanted.emit(album)
        elif album is not None and key == Qt.Key.Key_Delete:
            self.delete_wanted.emit(album)
        else:
            super().keyPressEvent(event)

    def _items(self) -> list[QTreeWidgetItem]:
        items = (self.topLevelItem(place) for place in range(self.topLevelItemCount()))
        return [item for item in items if item is not None]

    def _album_of(self, item: QTreeWidgetItem) -> SmartAlbum:
        return self._albums[self.indexOfTopLevelItem(item)]

    def _current(self) -> SmartAlbum | None:
        item = self.currentItem()
        return None if item is None else self._album_of(item)

    def _mark(self) -> None:
        """Select what is shown and nothing else: an album whose filter was changed since is no longer shown."""
        for album, item in zip(self._albums, self._items(), strict=True):
            item.setSelected(is_shown(album, self._query))

    def _on_context_menu(self, place: QPoint) -> None:
        item = self.itemAt(place)
        if item is None:
            return
        album = self._album_of(item)
        menu = QMenu(self)
        menu.addAction(_("Show")).triggered.connect(lambda: self.album_chosen.emit(album))
        rename = menu.addAction(_("Rename…"))
        rename.setShortcut(QKeySequence(Qt.Key.Key_F2))
        rename.triggered.connect(lambda: self.rename_wanted.emit(album))
        delete = menu.addAction(_("Delete…"))
        delete.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        delete.triggered.connect(lambda: self.delete_wanted.emit(album))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.viewport().mapToGlobal(place))


class SmartAlbums(QObject):
    """Saves, shows, renames, deletes and counts the smart albums of one window."""

    def __init__(self, window: MainWindow, albums: SmartAlbumList) -> None:
        super().__init__(window)
        self._window = window
        self._list = albums
        self._counting = QTimer(self, singleShot=True, interval=COUNTING_PAUSE_MS)
        self._counting.timeout.connect(window.reader.request_albums)
        albums.album_chosen.connect(self.show)
        albums.rename_wanted.connect(self.rename)
        albums.delete_wanted.connect(self.delete)
        window.reader.albums_loaded.connect(albums.show_albums)
        window.reader.album_counted.connect(albums.show_count)
        window.reader.overview_loaded.connect(window.reader.request_albums)
        window.decisions.albums_changed.connect(window.reader.request_albums)
        window.verdicts.applied.connect(lambda _decided: self._counting.start())
        window.album.query_changed.connect(albums.show_query)
        albums.show_query(window.album.query)

    def stop(self) -> None:
        """Ask for nothing any more."""
        self._counting.stop()

    @needs(N_("No filter is set"))
    def can_save(self) -> bool:
        """Whether there is a filter to keep."""
        return replace(self._window.album.query.filter, series_id=None) != PhotoFilter()

    def save(self) -> None:
        """Ask for a name, and keep the present filter and order under it."""
        query, albums = self._window.album.query, self._list.albums()
        shown = next((album for album in albums if is_shown(album, query)), None)
        dialog = AlbumDialog(
            _("Save as smart album"),
            query_in_words(query),
            albums,
            name=shown.name if shown else suggested_name(query),
            parent=self._window,
        )
        if dialog.exec():
            self._window.decisions.keep_album(dialog.name(), query)
            self._window.status.show_message(_("Saved the smart album {name}").format(name=dialog.name()))

    def show(self, album: SmartAlbum) -> None:
        """Show the photos of an album in its order."""
        query = album.query
        self._window.filtering.show_album(query.filter, query.sort, descending=query.descending)
        if album.unknown:
            self._window.status.show_message(unknown_in_words(album).strip())

    def rename(self, album: SmartAlbum) -> None:
        """Ask for another name."""
        dialog = AlbumDialog(
            _("Rename the smart album"),
            query_in_words(album.query),
            self._list.albums(),
            renamed=album,
            name=album.name,
            parent=self._window,
        )
        if dialog.exec() and dialog.name() != album.name:
            self._window.decisions.rename_album(album.id, dialog.name())

    def delete(self, album: SmartAlbum) -> None:
        """Ask, then forget an album."""
        question = QMessageBox(
            QMessageBox.Icon.Question,
            _("Delete the smart album"),
            _("Delete the smart album {name}?").format(name=album.name),
        )
        question.setInformativeText(_("Only the filter is forgotten. Its photos stay as they are."))
        delete = question.addButton(_("Delete"), QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.exec()
        if question.clickedButton() is delete:
            self._window.decisions.delete_album(album.id)


def is_shown(album: SmartAlbum, query: PhotoQuery) -> bool:
    """Whether a query is this album, however series are shown in it."""
    wanted = album.query
    return (wanted.filter, wanted.sort, wanted.descending) == (query.filter, query.sort, query.descending)


def query_in_words(query: PhotoQuery) -> str:
    """``★ ≥ 3 · ISO 800–3200 · by score, descending``."""
    order = _("by {name}, descending") if query.descending else _("by {name}, ascending")
    order = order.format(name=inside(SORT_NAMES[query.sort]))
    return " · ".join([*(part.text for part in filter_parts(query.filter)), order])


def suggested_name(query: PhotoQuery) -> str:
    """What a filter is, as a name."""
    return ", ".join(part.text for part in filter_parts(query.filter)[:3])


def unknown_in_words(album: SmartAlbum) -> str:
    """What of an album this program cannot do, on a line of its own; nothing where it knows all."""
    if not album.unknown:
        return ""
    return "\n" + _("A newer version filters it by more than this one knows: {fields}.").format(
        fields=", ".join(album.unknown)
    )
