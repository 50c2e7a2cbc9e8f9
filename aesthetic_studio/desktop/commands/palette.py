"""Ctrl+K: type a few letters of any command, press Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from aesthetic_studio.desktop.commands.keymap import keys_in_words
from aesthetic_studio.desktop.commands.registry import menu_name
from aesthetic_studio.desktop.toolkit.theme import grey
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.desktop.commands.registry import Command, CommandRegistry

WIDTH, HEIGHT = 640, 460
WHY, POSSIBLE = int(Qt.ItemDataRole.UserRole) + 1, int(Qt.ItemDataRole.UserRole) + 2
REMEMBERED = 8
"""So many commands that were run last stand first while nothing is typed."""


class CommandPalette(QDialog):
    """Lists the commands that match what is typed, best first; before anything is typed, those run last stand first.

    Args:
        registry: The commands.
        recent: The ids of the commands that were run last, the last first.

    Attributes:
        chosen: The command to run once the dialog is closed, so that it acts on the window and not on the dialog.
    """

    def __init__(self, registry: CommandRegistry, parent: QWidget | None = None, *, recent: Sequence[str] = ()) -> None:
        super().__init__(parent)
        self._recent = [command for name in recent if (command := registry.get(name)) is not None]
        self.setWindowTitle(_("Commands"))
        self.setObjectName("commandPalette")
        self.resize(WIDTH, HEIGHT)
        self.chosen: str | None = None
        self._registry = registry
        self._text = QLineEdit()
        self._text.setPlaceholderText(_("Type a command"))
        self._text.setAccessibleName(_("Find a command"))
        self._list = QTreeWidget()
        self._list.setAccessibleName(_("Commands found"))
        self._list.setHeaderHidden(True)
        self._list.setRootIsDecorated(False)
        self._list.setColumnCount(2)
        self._list.header().setStretchLastSection(False)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._list.currentItemChanged.connect(self._on_current_changed)
        self._why = QLabel()
        self._why.setAccessibleName(_("About the marked command"))
        self._why.setProperty("role", "small")
        self._why.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addWidget(self._text)
        layout.addWidget(self._list)
        layout.addWidget(self._why)
        self._text.textChanged.connect(self._on_text_changed)
        self._text.installEventFilter(self)
        self._list.itemActivated.connect(self._on_activated)
        self._on_text_changed("")
        self._text.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let the arrows walk the list while the typing goes on, and Enter run what is marked."""
        if watched is self._text and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            if (step := steps.get(Qt.Key(event.key()))) is not None:
                self._walk(step)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._on_activated(self._list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _walk(self, step: int) -> None:
        count = self._list.topLevelItemCount()
        current = self._list.currentItem()
        if current is not None:
            row = self._list.indexOfTopLevelItem(current) + step
            self._mark(min(max(row, 0), count - 1))

    def _mark(self, row: int) -> None:
        item = self._list.topLevelItem(row)
        if item is not None:
            self._list.setCurrentItem(item)

    def _on_text_changed(self, text: str) -> None:
        self._list.clear()
        found = self._registry.search(text)
        if not text.strip():
            found = [*self._recent, *(command for command in found if command not in self._recent)]
        for command in found:
            self._list.addTopLevelItem(self._item(command, recent=not text.strip() and command in self._recent))
        self._mark(0)
        if not found:
            self._why.setText(_("No command has these letters in this order"))

    def _item(self, command: Command, *, recent: bool) -> QTreeWidgetItem:
        item = QTreeWidgetItem(
            [f"{menu_name(command.menu)}: {command.text}", keys_in_words(self._registry.keys(command.id))]
        )
        item.setData(0, Qt.ItemDataRole.UserRole, command.id)
        item.setForeground(1, grey("dim"))
        why = "" if command.enabled() else command.reason
        item.setData(0, WHY, why or (_("Used a moment ago") if recent else ""))
        if why:
            item.setForeground(0, grey("faint"))
            item.setForeground(1, grey("faint"))
            item.setToolTip(0, why)
            item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, why)
            item.setData(0, POSSIBLE, False)
        return item

    def _on_current_changed(self, item: QTreeWidgetItem | None) -> None:
        """Say what there is to say about the marked command."""
        self._why.setText("" if item is None else item.data(0, WHY) or "")

    def _on_activated(self, item: QTreeWidgetItem | None) -> None:
        """Run a command that can be done; what cannot be done now says why and stays."""
        if item is not None and item.data(0, POSSIBLE) is not False:
            self.chosen = item.data(0, Qt.ItemDataRole.UserRole)
            self.accept()


def run_last(recent: Sequence[str], command_id: str) -> list[str]:
    """Put a command that was run in front of those run before it."""
    return [command_id, *(name for name in recent if name != command_id)][:REMEMBERED]
