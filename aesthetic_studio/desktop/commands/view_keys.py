"""Keeps a view from acting on a key that is a command's, so that a key that was taken from the command does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent

from aesthetic_studio.desktop.commands.key_recorder import pressed_key

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from aesthetic_studio.desktop.commands.keymap import KeyMap


class ViewKeys(QObject):
    """Stands before the views of one window.

    A view that stands alone knows the arrows and a few more keys by itself. In the window the same keys are commands
    that the person may change; those that reach a view all the same have been taken away, and must do nothing there.
    """

    def __init__(self, keymap: KeyMap, *views: QWidget) -> None:
        super().__init__(views[0])
        self._keymap = keymap
        for view in views:
            view.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Leave a command's key to the window; where it has nothing to do for it, nothing is done."""
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            if self._keymap.declared_for(pressed_key(event)) is None:
                return False
            event.ignore()
            return True
        return False
