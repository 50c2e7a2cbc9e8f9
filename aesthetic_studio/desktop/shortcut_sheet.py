"""The ``?`` sheet: every command that has a key, made from the registry and so never out of date."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
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
from aesthetic_studio.desktop.inspector_parts import heading_label

if TYPE_CHECKING:
    from aesthetic_studio.desktop.commands import Command, CommandRegistry

COLUMNS = 3
ROWS_OF_A_HEADING = 2
GOING_ON = ".advance"
"""How the id ends of a decision that also goes on to the next photo."""


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
            columns.addLayout(self._column(registry, group))
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
        self.resize(min(wanted.width() + 100, 1180), min(wanted.height() + 110, 760))

    @staticmethod
    def _in_columns(registry: CommandRegistry) -> list[list[tuple[str, list[Command]]]]:
        """Spread the menus over columns of about equal length, in order."""
        sections = [(menu, [c for c in registry.in_menu(menu) if _has_row(c)]) for menu in registry.menus()]
        sections = [(menu, commands) for menu, commands in sections if commands]
        heights = [len(commands) + ROWS_OF_A_HEADING for _, commands in sections]
        cuts = min(
            combinations(range(1, len(sections)), min(COLUMNS, len(sections)) - 1),
            key=lambda cuts: max(sum(heights[first:last]) for first, last in pairwise((0, *cuts, len(sections)))),
        )
        return [sections[first:last] for first, last in pairwise((0, *cuts, len(sections)))]

    @staticmethod
    def _column(registry: CommandRegistry, sections: list[tuple[str, list[Command]]]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        for menu, commands in sections:
            column.addWidget(heading_label(menu))
            grid = QGridLayout()
            grid.setHorizontalSpacing(14)
            grid.setVerticalSpacing(4)
            grid.setColumnStretch(1, 1)
            for row, command in enumerate(commands):
                grid.addWidget(_keys(command), row, 0, Qt.AlignmentFlag.AlignRight)
                grid.addWidget(QLabel(command.text), row, 1)
                if (going_on := registry.get(f"{command.id}{GOING_ON}")) is not None:
                    grid.addWidget(_keys(going_on), row, 2)
                    grid.addWidget(_dim("and go on"), row, 3)
            column.addLayout(grid)
            column.addSpacing(12)
        column.addStretch(1)
        return column


def _has_row(command: Command) -> bool:
    """Say whether a command has a row of its own: what also goes on stands in the row of what does not."""
    return bool(command.shortcuts) and not command.id.endswith(GOING_ON)


def _keys(command: Command) -> QLabel:
    keys = QLabel(keys_in_words(command).replace(", ", "   "))
    keys.setAccessibleName(f"{command.text}: {keys_in_words(command)}")
    keys.setProperty("role", "key")
    return keys


def _dim(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "dim")
    return label
