"""Says, while a folder is dragged over the window, that it may be dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from aesthetic_studio.desktop.toolkit.controls import IconLabel
from aesthetic_studio.desktop.toolkit.theme import accent, grey
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

MARGIN = 14


class DropHint(QWidget):
    """Lies over a part of the window while something that can be dropped is over it.

    Args:
        over: What it covers.
    """

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("dropHint")
        self.setAccessibleName(_("Drop to open this folder"))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._over = over
        title = QLabel(_("Drop to open this folder"), alignment=Qt.AlignmentFlag.AlignCenter)
        title.setProperty("role", "title")
        detail = QLabel(_("Photos are read where they are. Nothing is moved."), alignment=Qt.AlignmentFlag.AlignCenter)
        detail.setProperty("role", "dim")
        for label in (title, detail):
            label.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(48, 48, 48, 48)
        layout.setSpacing(12)
        layout.addStretch(1)
        layout.addWidget(IconLabel("add-folder", 56), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(title)
        layout.addWidget(detail)
        layout.addStretch(1)
        self.hide()

    def appear(self) -> None:
        """Cover it."""
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint a veil with a dashed frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(grey("ground"))
        veil.setAlpha(0xEC)
        painter.fillRect(self.rect(), veil)
        pen = QPen(accent(), 2, Qt.PenStyle.DashLine)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN), 10, 10)
