"""A window with a loupe in it, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aesthetic_studio.desktop.loupe.view import LoupeView
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QMoveEvent, QResizeEvent


class SecondWindow(QWidget):
    """Shows one photo, large.

    Attributes:
        loupe: Shows it.

    Signals:
        closed: By the person, through the frame.
        placed: It was moved or took another size.
        key_heard: A key is on its way, as Qt tells it before shortcuts.
    """

    closed = Signal()
    placed = Signal()
    key_heard = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("secondWindow")
        self.setWindowTitle(_("Loupe – Aesthetic Studio"))
        # The program ends with its main window, and not with this one.
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, on=False)
        self.loupe = LoupeView()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.loupe)
        self.setFocusProxy(self.loupe)

    def event(self, event: QEvent) -> bool:
        """Tell of every key on its way."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            self.key_heard.emit(event)
        return super().event(event)

    def moveEvent(self, event: QMoveEvent) -> None:  # noqa: N802
        """Tell where it is."""
        super().moveEvent(event)
        self.placed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Tell how large it is."""
        super().resizeEvent(event)
        self.placed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Tell that it is closed."""
        super().closeEvent(event)
        self.closed.emit()
