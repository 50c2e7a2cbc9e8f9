"""The ``?`` sheet: every command that has a key, made from the registry and so never out of date.

The sections stand in as many columns as there is room for, and flow anew when the sheet is resized: it scrolls
downwards where the screen is low, and never sideways.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from aesthetic_studio.desktop.inspector.parts import heading_label
from aesthetic_studio.desktop.toolkit.viewer_keys import VIEWER_KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from aesthetic_studio.desktop.commands.registry import Command, CommandRegistry
    from aesthetic_studio.desktop.toolkit.viewer_keys import ViewerKey

MOST_COLUMNS = 5
LONGEST_PIECE = 12
"""Rows of a menu that stay together."""
COLUMN_GAP = 28
SECTION_GAP = 12
SHARE_OF_SCREEN = 0.94
EASY_HEIGHT = 720
"""Pixels that the eye takes in at once: on a tall screen more columns read better than long ones."""
CAPS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
GOING_ON = ".advance"
"""How the id ends of a decision that also goes on to the next photo."""


class ShortcutSheet(QDialog):
    """Shows keys by menu, in columns."""

    def __init__(self, registry: CommandRegistry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setObjectName("shortcutSheet")
        self._page = SheetPage(_sections(registry))
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName("Keyboard shortcuts")
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self._page)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._buttons.rejected.connect(self.reject)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self._scroll)
        self._layout.addWidget(self._buttons)
        self.fit(self.screen().availableSize() * SHARE_OF_SCREEN)

    def fit(self, room: QSize) -> None:
        """Take the size at which all is seen, or as much of it as there is room for on the screen."""
        # The sizes below are those of the style sheet, which a hidden window does not ask for by itself.
        self.ensurePolished()
        margins = self._layout.contentsMargins()
        width = margins.left() + margins.right() + self._scroll.verticalScrollBar().sizeHint().width()
        height = margins.top() + margins.bottom() + self._layout.spacing() + self._buttons.sizeHint().height()
        frame = QSize(width, height)
        self.resize((self._page.best_size(room - frame) + frame).boundedTo(room))


class SheetPage(QWidget):
    """Sections in columns of about equal length, in order.

    Args:
        sections: Each stays in one piece.
    """

    def __init__(self, sections: Sequence[QWidget]) -> None:
        super().__init__()
        self._sections = list(sections)
        self._columns: list[QVBoxLayout] = []
        self._layout = QHBoxLayout(self)
        self._layout.setSpacing(COLUMN_GAP)
        for _ in range(min(MOST_COLUMNS, len(self._sections))):
            column = QVBoxLayout()
            column.setSpacing(SECTION_GAP)
            self._columns.append(column)
            self._layout.addLayout(column)
        self._shown = 0
        self._flow(1)

    @property
    def columns(self) -> int:
        """How many columns there are now."""
        return self._shown

    def best_size(self, room: QSize) -> QSize:
        """Return the size of the fewest columns of an easy length, else of as many as fit the room's width."""
        size = self._size_of(1)
        for count in range(1, len(self._columns) + 1):
            wanted = self._size_of(count)
            if count > 1 and wanted.width() > room.width():
                break
            size = wanted
            if size.height() <= min(room.height(), EASY_HEIGHT):
                break
        return size

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Flow into as many columns as fit."""
        super().resizeEvent(event)
        fitting = [n for n in range(1, len(self._columns) + 1) if self._size_of(n).width() <= event.size().width()]
        self._flow(max(fitting, default=1))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Let the page become as narrow as its narrowest column; words wrap below that."""
        return QSize(0, super().minimumSizeHint().height())

    def _flow(self, count: int) -> None:
        if count == self._shown:
            return
        self._shown = count
        parts = [*self._parts(count), *([[]] * (len(self._columns) - count))]
        for column, sections in zip(self._columns, parts, strict=True):
            while column.count():
                column.takeAt(0)
            for section in sections:
                column.addWidget(section)
            if sections:
                column.addStretch(1)
        for number, sections in enumerate(parts):
            # Room is shared as the columns need it, so that none wraps its words while another has width to spare.
            self._layout.setStretch(number, max((section.sizeHint().width() for section in sections), default=0))

    def _parts(self, count: int) -> list[list[QWidget]]:
        """Cut the sections where the longest column becomes shortest."""
        heights = [section.sizeHint().height() + SECTION_GAP for section in self._sections]
        cuts = min(
            combinations(range(1, len(heights)), count - 1),
            key=lambda cuts: max(sum(heights[first:last]) for first, last in pairwise((0, *cuts, len(heights)))),
        )
        return [self._sections[first:last] for first, last in pairwise((0, *cuts, len(heights)))]

    def _size_of(self, count: int) -> QSize:
        parts = self._parts(count)
        margins = self._layout.contentsMargins()
        width = sum(max(section.sizeHint().width() for section in part) for part in parts) + COLUMN_GAP * (count - 1)
        height = max(sum(section.sizeHint().height() + SECTION_GAP for section in part) for part in parts)
        return QSize(width + margins.left() + margins.right(), height + margins.top() + margins.bottom())


def _sections(registry: CommandRegistry) -> list[QWidget]:
    """Make a section of each menu whose commands have keys, then one of each view's own keys."""
    menus = [(menu, [c for c in registry.in_menu(menu) if _has_row(c)]) for menu in registry.menus()]
    commands = [
        _menu_section(registry, menu if number == 0 else f"{menu}, continued", piece)
        for menu, listed in menus
        for number, piece in enumerate(_pieces(listed))
    ]
    return [*commands, *(_viewer_section(title, keys) for title, keys in VIEWER_KEYS.items())]


def _pieces(commands: Sequence[Command]) -> list[Sequence[Command]]:
    """Cut a long menu between two groups, as near the middle as can be, so that columns come out about equal."""
    if len(commands) <= LONGEST_PIECE:
        return [commands] if commands else []
    borders = [at for at in range(1, len(commands)) if commands[at].group != commands[at - 1].group]
    if not borders:
        return [commands]
    cut = min(borders, key=lambda at: abs(2 * at - len(commands)))
    return [*_pieces(commands[:cut]), *_pieces(commands[cut:])]


def _menu_section(registry: CommandRegistry, title: str, commands: Sequence[Command]) -> QWidget:
    section, grid = _section(title)
    for row, command in enumerate(commands, start=1):
        grid.addWidget(_keys(command.text, command.shortcuts), row, 0, CAPS)
        grid.addWidget(_text(command.text), row, 1)
        if (going_on := registry.get(f"{command.id}{GOING_ON}")) is not None:
            grid.addWidget(
                _keys(going_on.text, going_on.shortcuts),
                row,
                2,
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            )
            if grid.itemAtPosition(0, 2) is None:
                grid.addWidget(_dim("and go on"), 0, 2)
    return section


def _viewer_section(title: str, keys: Sequence[ViewerKey]) -> QWidget:
    section, grid = _section(title)
    for row, key in enumerate(keys, start=1):
        said = _chip(key.gesture, f"{key.text}: {key.gesture}") if key.gesture else _keys(key.text, key.keys)
        grid.addWidget(said, row, 0, CAPS)
        grid.addWidget(_text(key.text), row, 1)
    return section


def _section(title: str) -> tuple[QWidget, QGridLayout]:
    section = QWidget()
    grid = QGridLayout(section)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(1, 1)
    grid.addWidget(heading_label(title), 0, 0, 1, 2)
    return section, grid


def _has_row(command: Command) -> bool:
    """Say whether a command has a row of its own: what also goes on stands in the row of what does not."""
    return bool(command.shortcuts) and not command.id.endswith(GOING_ON)


def _keys(text: str, keys: Sequence[str]) -> QWidget:
    """Show each key as a cap of its own, side by side."""
    caps = QWidget()
    row = QHBoxLayout(caps)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for key in keys:
        native = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        row.addWidget(_chip(native, f"{text}: {native}"))
    return caps


def _chip(words: str, said: str) -> QLabel:
    chip = QLabel(words)
    chip.setAccessibleName(said)
    chip.setProperty("role", "key")
    return chip


def _text(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    return label


def _dim(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "dim")
    return label
