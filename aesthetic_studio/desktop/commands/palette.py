"""Ctrl+K: type a few letters of any command, press Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from aesthetic_studio.desktop.toolkit.theme import grey

if TYPE_CHECKING:
    from aesthetic_studio.desktop.commands.registry import Command, CommandRegistry

WIDTH, HEIGHT = 560, 420


class CommandPalette(QDialog):
    """Lists the commands that match what is typed, best first.

    Attributes:
        chosen: The command to run once the dialog is closed, so that it acts on the window and not on the dialog.
    """

    def __init__(self, registry: CommandRegistry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Commands")
        self.setObjectName("commandPalette")
        self.resize(WIDTH, HEIGHT)
        self.chosen: str | None = None
        self._registry = registry
        self._text = QLineEdit()
        self._text.setPlaceholderText("Type a command")
        self._text.setAccessibleName("Find a command")
        self._list = QTreeWidget()
        self._list.setAccessibleName("Commands found")
        self._list.setHeaderHidden(True)
        self._list.setRootIsDecorated(False)
        self._list.setColumnCount(2)
        self._list.header().setStretchLastSection(False)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        layout = QVBoxLayout(self)
        layout.addWidget(self._text)
        layout.addWidget(self._list)
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
        for command in self._registry.search(text):
            self._list.addTopLevelItem(self._item(command))
        self._mark(0)

    def _item(self, command: Command) -> QTreeWidgetItem:
        item = QTreeWidgetItem([f"{command.menu}: {command.text}", keys_in_words(command)])
        item.setData(0, Qt.ItemDataRole.UserRole, command.id)
        item.setForeground(1, grey("dim"))
        if not command.enabled():
            item.setForeground(0, grey("faint"))
            item.setToolTip(0, "Not possible now")
        return item

    def _on_activated(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.chosen = item.data(0, Qt.ItemDataRole.UserRole)
            self.accept()


def keys_in_words(command: Command) -> str:
    """Write a command's keys as this system writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(QKeySequence(key).toString(native) for key in command.shortcuts)
