"""The left panel: the library's folders and smart albums above, the filter below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from aesthetic_studio.desktop.commands.key_tips import key_text
from aesthetic_studio.desktop.inspector.parts import heading_label, line
from aesthetic_studio.desktop.side.filter_panel import FilterPanel
from aesthetic_studio.desktop.side.folder_tree import FolderTree
from aesthetic_studio.desktop.side.smart_albums import SmartAlbumList
from aesthetic_studio.desktop.toolkit.controls import action_button
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

NARROWEST = 270
LEAST_OF_FOLDERS = 84
LEAST_OF_FILTER = 120


class SidePanel(QWidget):
    """Folders with a button that adds one, smart albums with one that saves one, and the filter.

    Attributes:
        folders: The tree.
        albums: The smart albums.
        filter: The filter's fields.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidePanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(NARROWEST)
        self.folders, self.albums, self.filter = FolderTree(), SmartAlbumList(), FilterPanel()
        self.folders.setMinimumHeight(LEAST_OF_FOLDERS)
        self.albums.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._folder_buttons, self._album_buttons = _heading(_("Folders")), _heading(_("Smart albums"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._folder_buttons)
        layout.addWidget(self.folders, 1)
        layout.addWidget(line())
        layout.addLayout(self._album_buttons)
        layout.addWidget(self.albums)
        layout.addWidget(self._hint())
        layout.addWidget(line())
        layout.addWidget(_Scrolled(self.filter))

    def _hint(self) -> QLabel:
        """Say how to make the first smart album, as long as there is none."""
        hint = QLabel(wordWrap=True)
        key_text(hint, _("Save a filter to find it here [edit.save_album]"))
        hint.setProperty("role", "small")
        hint.setContentsMargins(12, 0, 12, 8)
        self.albums.shown.connect(lambda any_there: hint.setVisible(not any_there))
        return hint

    def add_buttons(self, add_folder: QAction, save_album: QAction) -> None:
        """Put the actions' buttons beside the headings."""
        self._folder_buttons.addWidget(action_button(add_folder, size=16))
        self._album_buttons.addWidget(action_button(save_album, size=16))


class _Scrolled(QScrollArea):
    """As high as what is in it where there is room, else scrolled."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self._inside = inside
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Ask for another height when what is inside folds or unfolds; a scroll area does not by itself."""
        if watched is self._inside and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Ask for all of it."""
        return self._inside.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Be content with a part of its height, beside a scroll bar."""
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self._inside.minimumSizeHint().width() + bar, LEAST_OF_FILTER)


def _heading(text: str) -> QHBoxLayout:
    buttons = QHBoxLayout()
    buttons.setContentsMargins(12, 8, 8, 2)
    buttons.addWidget(heading_label(text), 1)
    return buttons
