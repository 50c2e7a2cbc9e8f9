"""Words that name a key, kept true: they are written with a command in place of the key.

``key_tip(button, "Show all [edit.show_all]")`` shows ``Show all (Ctrl+Shift+F)``, whichever key the command has now,
and ``Show all`` where it has none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QDynamicPropertyChangeEvent, QEvent, QObject
from PySide6.QtWidgets import QLabel, QWidget

from aesthetic_studio.desktop.commands.keymap import native

if TYPE_CHECKING:
    from aesthetic_studio.desktop.commands.registry import CommandRegistry

TIP, TEXT = "keyTip", "keyText"
PLACE = re.compile(r" ?\[([a-z_0-9.]+)\]")


def key_tip(widget: QWidget, words: str) -> None:
    """Give a widget a tool tip; each ``[command.id]`` in it stands for that command's key."""
    widget.setToolTip(PLACE.sub("", words))
    widget.setProperty(TIP, words)


def key_text(label: QLabel, words: str) -> None:
    """Give a label a text; each ``[command.id]`` in it stands for that command's key."""
    label.setText(PLACE.sub("", words))
    label.setProperty(TEXT, words)


class KeyTips(QObject):
    """Fills in the keys of one window's words, when they are set and when a key changes."""

    def __init__(self, registry: CommandRegistry, window: QWidget) -> None:
        super().__init__(window)
        self._registry = registry
        self._window = window

    def words(self, words: str) -> str:
        """Put the keys in force into words."""

        def key(place: re.Match[str]) -> str:
            command = self._registry.get(place[1])
            keys = self._registry.keys(command.id) if command is not None else ()
            return f" ({native(keys[0])})" if keys else ""

        return PLACE.sub(key, words)

    def refresh(self) -> None:
        """Fill in all words anew."""
        for widget in self._window.findChildren(QWidget):
            if widget.property(TIP) or widget.property(TEXT):
                self._fill(widget)
                widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Fill in words that were set a moment ago."""
        if isinstance(event, QDynamicPropertyChangeEvent) and isinstance(watched, QWidget):
            self._fill(watched)
        return False

    def _fill(self, widget: QWidget) -> None:
        if words := widget.property(TIP):
            widget.setToolTip(self.words(words))
        if isinstance(widget, QLabel) and (words := widget.property(TEXT)):
            widget.setText(self.words(words))
