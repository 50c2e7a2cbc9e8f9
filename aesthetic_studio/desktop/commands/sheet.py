"""The ``?`` sheet: every command that has a key, made from the registry and so never out of date.

The sections stand in as many columns as there is room for, and flow anew when the sheet is resized: it scrolls
downwards where the screen is low, and never sideways.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
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

from aesthetic_studio.desktop.commands.keymap import native
from aesthetic_studio.desktop.commands.registry import menu_name
from aesthetic_studio.desktop.inspector.parts import heading_label
from aesthetic_studio.desktop.toolkit.viewer_keys import VIEWER_KEYS
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from aesthetic_studio.desktop.commands.registry import Command, CommandRegistry
    from aesthetic_studio.desktop.toolkit.viewer_keys import ViewerKey

MOST_COLUMNS = 5
COLUMN_GAP = 28
SECTION_GAP = 12
GROUP_GAP = 6
SHARE_OF_SCREEN = 0.94
EASY_HEIGHT = 720
"""Pixels that the eye takes in at once: on a tall screen more columns read better than long ones."""
CAPS = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter
GOING_ON = ".advance"
"""How the id ends of a decision that also goes on to the next photo."""


class ShortcutSheet(QDialog):
    """Shows keys by menu, in columns.

    Attributes:
        change_wanted: The person wants to change keys next.
    """

    def __init__(self, registry: CommandRegistry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keyboard shortcuts"))
        self.setObjectName("shortcutSheet")
        self.change_wanted = False
        self._page = SheetPage(_sections(registry))
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName(_("Keyboard shortcuts"))
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self._page)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        change = self._buttons.addButton(_("Change keys…"), QDialogButtonBox.ButtonRole.ActionRole)
        change.clicked.connect(self._on_change)
        self._buttons.rejected.connect(self.reject)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self._scroll)
        self._layout.addWidget(self._buttons)
        self.fit(self.screen().availableSize() * SHARE_OF_SCREEN)

    def _on_change(self) -> None:
        self.change_wanted = True
        self.accept()

    def fit(self, room: QSize) -> None:
        """Take the size at which all is seen, or as much of it as there is room for on the screen."""
        # The sizes below are those of the style sheet, which a hidden window does not ask for by itself.
        self.ensurePolished()
        margins = self._layout.contentsMargins()
        width = margins.left() + margins.right() + self._scroll.verticalScrollBar().sizeHint().width()
        height = margins.top() + margins.bottom() + self._layout.spacing() + self._buttons.sizeHint().height()
        frame = QSize(width, height)
        self.resize((self._page.best_size(room - frame) + frame).boundedTo(room))


class Section(QWidget):
    """Some rows of keys under a heading, which a section that only goes on bears at the top of a column alone.

    Args:
        title: The heading.
        goes_on: It belongs to the section before it.
    """

    def __init__(self, title: str, *, goes_on: bool = False) -> None:
        super().__init__()
        self.goes_on = goes_on
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(12)
        self.grid.setVerticalSpacing(2)
        self.grid.setColumnStretch(1, 1)
        self._headings: list[QWidget] = []
        self._caps: list[QWidget] = []
        self._add_heading(heading_label(title), 0, 2)

    def add_row(self, caps: QWidget, text: str, more: QWidget | None = None) -> None:
        """Add keys with what they do, and perhaps the keys that also go on."""
        row = self.grid.rowCount()
        self._caps.append(caps)
        self.grid.addWidget(caps, row, 0, CAPS)
        self.grid.addWidget(_text(text), row, 1)
        if more is not None:
            self.grid.addWidget(more, row, 2, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
            if len(self._headings) == 1:
                self._add_heading(_dim(_("and go on")), 2, 1)

    def height_in_column(self, *, first: bool) -> int:
        """Return the pixels that it takes, with the gap above it."""
        self.place(first=first, caps=0)
        return self.sizeHint().height()

    def widths(self) -> tuple[int, int]:
        """Return the pixels of its widest keys, and of all that stands beside them."""
        caps = max((caps.sizeHint().width() for caps in self._caps), default=0)
        return caps, self.sizeHint().width() - caps

    def place(self, *, first: bool, caps: int) -> None:
        """Take up whether it begins a column, and how wide the keys of that column are."""
        for heading in self._headings:
            heading.setVisible(first or not self.goes_on)
        self.grid.setColumnMinimumWidth(0, caps)
        self.grid.setContentsMargins(0, 0 if first else GROUP_GAP if self.goes_on else SECTION_GAP, 0, 0)

    def _add_heading(self, heading: QWidget, column: int, span: int) -> None:
        self._headings.append(heading)
        self.grid.addWidget(heading, 0, column, 1, span)


class SheetPage(QWidget):
    """Sections in columns of about equal length, in order.

    Args:
        sections: Each stays in one piece.
    """

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self._sections = list(sections)
        self._heights = [
            (section.height_in_column(first=True), section.height_in_column(first=False)) for section in self._sections
        ]
        self._widths = [section.widths() for section in self._sections]
        self._columns: list[QVBoxLayout] = []
        self._layout = QHBoxLayout(self)
        self._layout.setSpacing(COLUMN_GAP)
        for _column in range(min(MOST_COLUMNS, len(self._sections))):
            column = QVBoxLayout()
            column.setSpacing(0)
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
        parts = [*self._parts(count), *([range(0)] * len(self._columns))][: len(self._columns)]
        for column, part in zip(self._columns, parts, strict=True):
            while column.count():
                column.takeAt(0)
            caps = max((self._widths[place][0] for place in part), default=0)
            for place in part:
                self._sections[place].place(first=place == part.start, caps=caps)
                column.addWidget(self._sections[place])
            if part:
                column.addStretch(1)
        for number, part in enumerate(parts):
            # Room is shared as the columns need it, so that none wraps its words while another has width to spare.
            self._layout.setStretch(number, self._width_of(part))

    def _parts(self, count: int) -> list[range]:
        """Cut the sections where the longest column becomes shortest."""
        low, high = max(first for first, _ in self._heights), self._height_of(range(len(self._sections)))
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if len(self._filled(middle)) <= count else (middle + 1, high)
        return self._filled(low)

    def _filled(self, limit: int) -> list[range]:
        """Fill column after column up to a height."""
        parts, start = [], 0
        for place in range(1, len(self._sections) + 1):
            if place == len(self._sections) or self._height_of(range(start, place + 1)) > limit:
                parts.append(range(start, place))
                start = place
        return parts

    def _height_of(self, part: range) -> int:
        return self._heights[part.start][0] + sum(self._heights[place][1] for place in part[1:])

    def _width_of(self, part: range) -> int:
        return sum(max((self._widths[place][side] for place in part), default=0) for side in (0, 1))

    def _size_of(self, count: int) -> QSize:
        parts = self._parts(count)
        margins = self._layout.contentsMargins()
        width = sum(map(self._width_of, parts)) + COLUMN_GAP * (len(parts) - 1)
        height = max(self._height_of(part) for part in parts)
        return QSize(width + margins.left() + margins.right(), height + margins.top() + margins.bottom())


def _sections(registry: CommandRegistry) -> list[Section]:
    """Make sections of each menu whose commands have keys, one a group, then one of each view's mouse."""
    sections: list[Section] = []
    for menu in registry.menus():
        listed = [command for command in registry.in_menu(menu) if _has_row(registry, command)]
        for number, group in enumerate(groupby(listed, key=lambda command: command.group)):
            sections.append(_menu_section(registry, menu, list(group[1]), goes_on=number > 0))
    return [*sections, *(_viewer_section(title, keys) for title, keys in VIEWER_KEYS.items())]


def _menu_section(registry: CommandRegistry, title: str, commands: Sequence[Command], *, goes_on: bool) -> Section:
    section = Section(menu_name(title), goes_on=goes_on)
    for command in commands:
        going_on = registry.get(f"{command.id}{GOING_ON}")
        more = _keys(going_on.text, registry.keys(going_on.id)) if going_on and registry.keys(going_on.id) else None
        section.add_row(_keys(command.text, registry.keys(command.id)), command.text, more)
    return section


def _viewer_section(title: str, keys: Sequence[ViewerKey]) -> Section:
    section = Section(_(title))
    for key in keys:
        text, gesture = _(key.text), _(key.gesture)
        section.add_row(_chip(gesture, f"{text}: {gesture}"), text)
    return section


def _has_row(registry: CommandRegistry, command: Command) -> bool:
    """Say whether a command has a row: what also goes on stands in the row of what does not, where there is one."""
    if not registry.keys(command.id):
        return False
    plain = registry.get(command.id.removesuffix(GOING_ON)) if command.id.endswith(GOING_ON) else None
    return plain is None or not registry.keys(plain.id)


def _keys(text: str, keys: Sequence[str]) -> QWidget:
    """Show each key as a cap of its own, side by side."""
    caps = QWidget()
    row = QHBoxLayout(caps)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for key in keys:
        words = native(key)
        row.addWidget(_chip(words, f"{text}: {words}"))
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
