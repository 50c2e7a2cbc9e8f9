"""The ``?`` sheet: every command that has a key, made from the registry and so never out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from aesthetic_studio.desktop.command_palette import keys_in_words

if TYPE_CHECKING:
    from aesthetic_studio.desktop.commands import Command, CommandRegistry

COLUMNS = 3


class ShortcutSheet(QDialog):
    """Shows keys by menu, in columns."""

    def __init__(self, registry: CommandRegistry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setObjectName("shortcutSheet")
        page = QWidget()
        columns = QHBoxLayout(page)
        columns.setSpacing(36)
        for group in self._in_columns(registry):
            columns.addLayout(self._column(group))
        scroll = QScrollArea()
        scroll.setAccessibleName("Keyboard shortcuts")
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll)
        layout.addWidget(close)
        wanted = page.sizeHint()
        self.resize(min(wanted.width() + 60, 1120), min(wanted.height() + 90, 720))

    @staticmethod
    def _in_columns(registry: CommandRegistry) -> list[list[tuple[str, list[Command]]]]:
        """Spread the menus over columns of about equal length, in order."""
        sections = [(menu, [c for c in registry.in_menu(menu) if c.shortcuts]) for menu in registry.menus()]
        sections = [(menu, commands) for menu, commands in sections if commands]
        share = sum(len(commands) + 2 for _, commands in sections) / COLUMNS
        columns: list[list[tuple[str, list[Command]]]] = [[] for _ in range(COLUMNS)]
        length = 0.0
        for menu, commands in sections:
            middle = length + (len(commands) + 2) / 2
            columns[min(COLUMNS - 1, int(middle / share))].append((menu, commands))
            length += len(commands) + 2
        return [column for column in columns if column]

    @staticmethod
    def _column(sections: list[tuple[str, list[Command]]]) -> QVBoxLayout:
        column = QVBoxLayout()
        for menu, commands in sections:
            heading = QLabel(menu.upper())
            heading.setProperty("role", "heading")
            column.addWidget(heading)
            grid = QGridLayout()
            grid.setHorizontalSpacing(14)
            grid.setVerticalSpacing(4)
            grid.setColumnStretch(1, 1)
            for row, command in enumerate(commands):
                keys = QLabel("   ".join(_keys(command)))
                keys.setAccessibleName(f"{command.text}: {keys_in_words(command)}")
                keys.setProperty("role", "key")
                grid.addWidget(keys, row, 0, Qt.AlignmentFlag.AlignRight)
                grid.addWidget(QLabel(command.text), row, 1)
            column.addLayout(grid)
            column.addSpacing(12)
        column.addStretch(1)
        return column


def _keys(command: Command) -> list[str]:
    return [QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in command.shortcuts]
