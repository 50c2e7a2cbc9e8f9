"""The left panel: the library's folders above, the filter below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aesthetic_studio.desktop.inspector.parts import heading_label, line
from aesthetic_studio.desktop.side.filter_panel import FilterPanel
from aesthetic_studio.desktop.side.folder_tree import FolderTree
from aesthetic_studio.desktop.toolkit.controls import action_button

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

NARROWEST = 262


class SidePanel(QWidget):
    """Folders with a button that adds one, and the filter.

    Attributes:
        folders: The tree.
        filter: The filter's fields.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidePanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(NARROWEST)
        self.folders, self.filter = FolderTree(), FilterPanel()
        self.folders.setMinimumHeight(96)
        self._buttons = QHBoxLayout()
        self._buttons.setContentsMargins(12, 8, 8, 2)
        self._buttons.addWidget(heading_label("Folders"), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._buttons)
        layout.addWidget(self.folders, 1)
        layout.addWidget(line())
        layout.addWidget(self.filter)

    def add_button(self, action: QAction) -> None:
        """Put an action's button beside the folders' heading."""
        self._buttons.addWidget(action_button(action, size=16))
