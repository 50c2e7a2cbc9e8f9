"""Small controls that several panels use, made alike: named for screen readers, reachable by Tab."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from aesthetic_studio.desktop.toolkit.theme import icon

if TYPE_CHECKING:
    from PySide6.QtGui import QAction, QIcon

Widget = TypeVar("Widget", bound=QWidget)


def named(widget: Widget, name: str) -> Widget:
    """Give a widget the name that the style sheet and the tests know it by."""
    widget.setObjectName(name)
    return widget


class IconLabel(QLabel):
    """One of our own icons, which takes the colour of the theme in force.

    Args:
        name: The icon's name.
        side: Device-independent pixels.
    """

    def __init__(self, name: str, side: int) -> None:
        super().__init__()
        self._name, self._side = name, side
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Draw it anew in another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._draw()

    def _draw(self) -> None:
        self.setPixmap(icon(self._name).pixmap(QSize(self._side, self._side), self.devicePixelRatioF()))


def column(name: str, *widgets: QWidget, grows: QWidget) -> QWidget:
    """Put widgets below each other without a gap; one of them takes the room that is left."""
    made = named(QWidget(), name)
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    layout = QVBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget in widgets:
        layout.addWidget(widget)
    layout.setStretchFactor(grows, 1)
    return made


def icon_button(picture: QIcon | str, name: str, *, size: int = 18, flat: bool = True) -> QToolButton:
    """Make a button that shows only a picture; ``name`` is said and shown as its tool tip."""
    button = QToolButton()
    button.setIcon(icon(picture) if isinstance(picture, str) else picture)
    button.setIconSize(QSize(size, size))
    button.setAccessibleName(name)
    button.setToolTip(name)
    if flat:
        button.setProperty("role", "flat")
    return button


def action_button(action: QAction, *, size: int = 18, text: bool = False) -> QToolButton:
    """Make a button of an action, which brings its picture, tip and state."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setProperty("role", "flat")
    button.setIconSize(QSize(size, size))
    button.setAccessibleName(action.text())
    button.setAccessibleDescription(action.toolTip())
    style = Qt.ToolButtonStyle
    button.setToolButtonStyle(style.ToolButtonTextBesideIcon if text else style.ToolButtonIconOnly)
    # Qt leaves tool buttons out of the tab order; no part of this program is for the mouse alone.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def push_button(text: str, name: str, role: str = "") -> QPushButton:
    """Make a button with a text, in one of the style sheet's roles."""
    button = named(QPushButton(text), name)
    # Enter presses it too, as it does in a dialog.
    button.setAutoDefault(True)
    button.setAccessibleName(text)
    if role:
        button.setProperty("role", role)
    return button
