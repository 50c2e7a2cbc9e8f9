"""A field that is told a key by pressing it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPushButton

from aesthetic_studio.desktop.commands.keymap import MODIFIERS
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent
    from PySide6.QtWidgets import QWidget

Modifier = Qt.KeyboardModifier
HELD = Modifier.ShiftModifier | Modifier.ControlModifier | Modifier.AltModifier | Modifier.MetaModifier
FIRST_DIGIT = {"win32": 0x02, "linux": 10}
"""The scan code of the key that bears the 1, by system; the digits follow it up to the 0."""


class KeyRecorder(QPushButton):
    """Starts to listen when pressed, and ends with the first key that is not held only.

    Signals:
        recorded: The key in Qt's portable notation.
    """

    recorded = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listening = False
        self.setAutoDefault(False)
        self.clicked.connect(lambda: self.listen(on=not self._listening))
        self.listen(on=False)

    def is_listening(self) -> bool:
        """Whether the next key is recorded."""
        return self._listening

    def listen(self, *, on: bool) -> None:
        """Record the next key, or no longer."""
        self._listening = on
        self.setText(_("Press the new key…") if on else _("Add a key"))
        self.setAccessibleName(self.text())
        if on:
            self.setFocus()

    def event(self, event: QEvent) -> bool:
        """Keep every key from shortcuts and from moving the focus while it listens."""
        if self._listening and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._take(event)
                return True
            if event.type() == QEvent.Type.KeyRelease:
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Listen no longer where something else is done."""
        super().focusOutEvent(event)
        self.listen(on=False)

    def _take(self, event: QKeyEvent) -> None:
        if Qt.Key(event.key()) in MODIFIERS:
            return
        self.listen(on=False)
        self.recorded.emit(pressed_key(event))


def pressed_key(event: QKeyEvent) -> str:
    """Write the key of an event in Qt's portable notation.

    Shift counts where it changes no sign: Shift+P, but ``?`` and not Shift+?. On the row of digits the digit counts,
    as in the keys that commands come with: Shift+3, whatever sign stands above the 3.
    """
    key, held = Qt.Key(event.key()), event.modifiers() & HELD
    if key == Qt.Key.Key_Backtab:
        key, held = Qt.Key.Key_Tab, held | Modifier.ShiftModifier
    text = event.text()
    if held & Modifier.ShiftModifier and text and text.isprintable() and not (text.isalnum() or text.isspace()):
        digit = event.nativeScanCode() - FIRST_DIGIT.get(sys.platform, 0x10000)
        if 0 <= digit <= 9:
            key = Qt.Key(Qt.Key.Key_0 + (digit + 1) % 10)
        else:
            held &= ~Modifier.ShiftModifier
    value = key.value | held.value
    return QKeySequence(value).toString(QKeySequence.SequenceFormat.PortableText)
