"""The line above the photos that says what was searched for, and ends the search."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from aesthetic_studio.desktop.toolkit.controls import icon_button


class FindBar(QWidget):
    """Hidden while nothing is searched for.

    Signals:
        closed: The person wants all photos back.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._text = QLabel()
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._close = icon_button("clear", "End the search")
        self._close.setToolTip("End the search (Esc)")
        self._close.clicked.connect(self.closed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 4, 8, 4)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._close)
        self.hide()

    def say(self, text: str) -> None:
        """Say what is shown; empty for no search."""
        self._text.setText(text)
        self._text.setToolTip(text)
        self.setVisible(bool(text))

    def text(self) -> str:
        """What it says."""
        return self._text.text()
