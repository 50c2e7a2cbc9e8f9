"""The slim bar above the photos: which view, which order, how large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from aesthetic_studio.desktop.commands.key_tips import key_tip
from aesthetic_studio.desktop.commands.view import SORTS_WITH_KEYS
from aesthetic_studio.desktop.grid.geometry import MAX_CELL, MIN_CELL
from aesthetic_studio.desktop.toolkit.controls import IconLabel, action_button, icon_button
from aesthetic_studio.desktop.toolkit.theme import icon
from aesthetic_studio.desktop.toolkit.words import SORT_NAMES
from aesthetic_studio.translation import _, inside

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QAction, QResizeEvent

    from aesthetic_studio.albums import SortKey

SORT_KEYS = list(SORT_NAMES)
FIRST_VIEWS = 3
"""So many views keep their buttons in the narrowest window."""


class ToolBar(QWidget):
    """View buttons, order, size.

    Signals:
        sort_chosen: A ``SortKey``.
        direction_toggled: The other way round.
        size_chosen: Pixels of a cell's side.
    """

    sort_chosen = Signal(object)
    direction_toggled = Signal()
    size_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("toolBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(8, 5, 8, 5)
        self._layout.setSpacing(4)
        self._sort = QComboBox()
        self._sort.addItems([SORT_NAMES[key] for key in SORT_KEYS])
        self._caption = QLabel(_("Sort"))
        self._caption.setProperty("role", "dim")
        self._caption.setBuddy(self._sort)
        self._views: list[QToolButton] = []
        self._pictures = [_picture("small-photos"), _picture("large-photos")]
        self._switches: list[QToolButton] = []
        self._sort.setMinimumWidth(92)
        self._sort.setMinimumContentsLength(5)
        self._sort.view().setMinimumWidth(self._sort.view().sizeHintForColumn(0) + 24)
        self._sort.setMaxVisibleItems(len(SORT_KEYS))
        self._sort.setAccessibleName(_("Sort by"))
        orders = (f"{inside(name)} [view.sort.{key.value}]" for key, name in list(SORT_NAMES.items())[:SORTS_WITH_KEYS])
        key_tip(self._sort, _("Sort by {orders}").format(orders=", ".join(orders)))
        self._direction = icon_button("descending", _("Order"))
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(MIN_CELL, MAX_CELL)
        self._size.setSingleStep(16)
        self._size.setPageStep(48)
        self._size.setFixedWidth(96)
        self._size.setAccessibleName(_("Size of the photos in the grid"))
        key_tip(self._size, _("Size of the photos: larger [view.thumbnails_larger], smaller [view.thumbnails_smaller]"))
        self._sort.activated.connect(lambda row: self.sort_chosen.emit(SORT_KEYS[row]))
        self._direction.clicked.connect(self.direction_toggled)
        self._size.valueChanged.connect(self.size_chosen)
        self._spare: list[Callable[[bool], None]] = [
            self._caption.setVisible,
            self._show_pictures,
            self._show_words,
            self._widen_sort,
            self._size.setVisible,
            self._show_switches,
            self._direction.setVisible,
            self._sort.setVisible,
            self._show_later_views,
        ]

    def fill(self, views: list[QAction], switches: list[QAction], panels: list[QAction]) -> None:
        """Put the buttons of these actions around the bar's own controls."""
        self._layout.addWidget(action_button(panels[0]))
        self._views = [action_button(action, text=True) for action in views]
        for button in self._views:
            self._layout.addWidget(button)
        self._layout.addSpacing(12)
        for widget in (self._caption, self._sort, self._direction):
            self._layout.addWidget(widget)
        self._switches = [action_button(action) for action in switches]
        for button in self._switches:
            self._layout.addWidget(button)
        self._layout.addStretch(1)
        for control in (self._pictures[0], self._size, self._pictures[1]):
            self._layout.addWidget(control)
        for action in panels[1:]:
            self._layout.addWidget(action_button(action))
        self._fit()

    def button_of(self, action: QAction) -> QToolButton | None:
        """Find the button of an action, None where the bar has none."""
        return next((b for b in self.findChildren(QToolButton) if b.defaultAction() is action), None)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out as little as makes the rest fit, the least missed first; what has gone can still be done by key."""
        if not self._views:
            # A control that is shown before it stands in the bar would be a window of its own.
            return
        for spared in range(len(self._spare) + 1):
            for number, show in enumerate(self._spare):
                show(number >= spared)
            self._layout.invalidate()
            if self._layout.sizeHint().width() <= self.width():
                break

    def _show_pictures(self, shown: bool) -> None:
        for picture in self._pictures:
            picture.setVisible(shown)

    def _show_words(self, shown: bool) -> None:
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if shown else Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in self._views:
            button.setToolButtonStyle(style)

    def _widen_sort(self, wide: bool) -> None:
        """Give the longest name its room, or the usual ones; the open list shows all names whole."""
        policy = QComboBox.SizeAdjustPolicy
        self._sort.setSizeAdjustPolicy(
            policy.AdjustToContents if wide else policy.AdjustToMinimumContentsLengthWithIcon
        )

    def _show_later_views(self, shown: bool) -> None:
        for button in self._views[FIRST_VIEWS:]:
            button.setVisible(shown)

    def _show_switches(self, shown: bool) -> None:
        for button in self._switches:
            button.setVisible(shown)

    def show_order(self, sort: SortKey, *, descending: bool) -> None:
        """Bring the controls in line with the album's order."""
        with QSignalBlocker(self._sort):
            self._sort.setCurrentIndex(SORT_KEYS.index(sort))
        name = _("Descending") if descending else _("Ascending")
        self._direction.setIcon(icon("descending" if descending else "ascending"))
        self._direction.setAccessibleName(_("Order: {name}").format(name=inside(name)))
        key_tip(self._direction, _("{name}: turn the order round [view.turn_order]").format(name=name))

    def show_size(self, size: int) -> None:
        """Bring the slider in line with the grid."""
        with QSignalBlocker(self._size):
            self._size.setValue(size)


def _picture(name: str) -> QLabel:
    label = IconLabel(name, 15)
    label.setAccessibleName(_("Smaller") if name.startswith("small") else _("Larger"))
    return label
