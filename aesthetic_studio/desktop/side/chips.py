"""The line above the photos: which filters are on, each to be taken off by itself, and how many photos they hide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from aesthetic_studio.albums import PhotoFilter
from aesthetic_studio.desktop.commands.key_tips import key_tip
from aesthetic_studio.desktop.toolkit.controls import push_button
from aesthetic_studio.desktop.toolkit.filter_words import filter_parts
from aesthetic_studio.desktop.toolkit.flow_layout import FlowLayout
from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.translation import _, whole

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from aesthetic_studio.desktop.toolkit.filter_words import FilterPart

LONGEST = 34
"""Letters of a chip; its tool tip has the rest."""


class ChipBar(QWidget):
    """Chips and the way back; it takes no room where nothing is filtered and nothing hidden.

    Signals:
        filter_wanted: The ``PhotoFilter`` without the part whose chip was pressed.
        show_all_wanted: Clear the filter and end the search.
        left: The last chip that could have the keyboard is gone.
    """

    filter_wanted = Signal(object)
    show_all_wanted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chipBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Filters that are on"))
        self._wanted = PhotoFilter()
        self._hidden = 0
        self._chips: list[Chip] = []
        self._line = QWidget()
        self._flow = FlowLayout(self._line)
        self._show_all = push_button("", "showAll", "link")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 5, 8, 5)
        layout.setSpacing(10)
        layout.addWidget(self._line, 1)
        layout.addWidget(self._show_all, 0, Qt.AlignmentFlag.AlignTop)
        key_tip(self._show_all, _("Show all [edit.show_all]"))
        self._show_all.clicked.connect(self.show_all_wanted)
        self.show_hidden(0)

    def show_filter(self, wanted: PhotoFilter) -> None:
        """Make a chip of each thing that the filter asks for."""
        if wanted == self._wanted:
            return
        self._wanted = wanted
        focused = next((place for place, chip in enumerate(self._chips) if chip.hasFocus()), -1)
        for chip in self._chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = [self._chip(part) for part in filter_parts(wanted)]
        for chip in self._chips:
            self._flow.addWidget(chip)
        self._line.updateGeometry()
        self._show_or_hide()
        if focused >= 0:
            if self._chips:
                self._chips[min(focused, len(self._chips) - 1)].setFocus()
            else:
                self.left.emit()

    def show_hidden(self, hidden: int) -> None:
        """Say how many photos the filter hides."""
        self._hidden = hidden
        self._show_all.setText(_("{hidden} hidden – show all").format(hidden=whole(hidden)))
        self._show_all.setAccessibleName(_("{photos} hidden – show all").format(photos=count_of(hidden, "photo")))
        self._show_all.setVisible(hidden > 0)
        self._show_or_hide()

    def _show_or_hide(self) -> None:
        self.setVisible(bool(self._chips) or self._hidden > 0)

    def _chip(self, part: FilterPart) -> Chip:
        chip = Chip(part)
        chip.clicked.connect(lambda: self.filter_wanted.emit(part.without))
        return chip


class Chip(QPushButton):
    """One part of the filter, with a cross; what does not fit is cut with an ellipsis and never the cross."""

    def __init__(self, part: FilterPart) -> None:
        super().__init__()
        self._words = part.text
        self.setObjectName("chip")
        self.setProperty("role", "chip")
        self.setAutoDefault(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("Remove the filter: {text}").format(text=part.text))
        self.setToolTip(_("{text}: click to remove this filter").format(text=part.text))
        self._show_words(LONGEST)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Ask for the room of all its words, whatever is cut just now."""
        words, text = self.fontMetrics().horizontalAdvance(self._cut(LONGEST)), self.text()
        hint = super().sizeHint()
        return QSize(hint.width() - self.fontMetrics().horizontalAdvance(text) + words, hint.height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Be content with a few letters."""
        return QSize(min(self.sizeHint().width(), 60), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Cut what does not fit."""
        super().resizeEvent(event)
        fits = LONGEST
        room = event.size().width() - (self.sizeHint().width() - self.fontMetrics().horizontalAdvance(self._cut(fits)))
        while fits > 3 and self.fontMetrics().horizontalAdvance(self._cut(fits)) > room:
            fits -= 1
        self._show_words(fits)

    def _show_words(self, letters: int) -> None:
        self.setText(self._cut(letters).replace("&", "&&"))

    def _cut(self, letters: int) -> str:
        words = self._words if len(self._words) <= letters else f"{self._words[: letters - 1]}…"
        return f"{words}  ✕"
