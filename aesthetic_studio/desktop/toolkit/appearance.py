"""Which theme is chosen: dark, light, or as the system has it, followed while the program runs."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from aesthetic_studio.desktop.toolkit.theme import Scheme, apply_theme, scheme


class Theme(Enum):
    """What a person may choose."""

    DARK = "dark"
    LIGHT = "light"
    SYSTEM = "system"


class Appearance(QObject):
    """Dresses the program as it was chosen.

    Attributes:
        theme: What was chosen.

    Signals:
        changed: The program wears another theme.
    """

    changed = Signal()

    def __init__(self, theme: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = Theme(theme) if theme in {known.value for known in Theme} else Theme.DARK
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._dress()

    def choose(self, theme: Theme) -> None:
        """Wear this theme, at once."""
        self.theme = theme
        self._dress()

    def _dress(self) -> None:
        hints = QGuiApplication.styleHints()
        if self.theme is Theme.SYSTEM:
            hints.unsetColorScheme()
        else:
            # The frame that the system draws around the window follows this.
            hints.setColorScheme(_QT_SCHEMES[self.theme])
        wanted = Scheme.LIGHT if self._wants_light() else Scheme.DARK
        application = QApplication.instance()
        if wanted is not scheme() and isinstance(application, QApplication):
            apply_theme(application, wanted)
            self.changed.emit()

    def _wants_light(self) -> bool:
        if self.theme is Theme.SYSTEM:
            return system_scheme() is Qt.ColorScheme.Light
        return self.theme is Theme.LIGHT

    def _on_system_changed(self) -> None:
        if self.theme is Theme.SYSTEM:
            self._dress()


def system_scheme() -> Qt.ColorScheme:
    """Say what the system wears; unknown where it does not tell."""
    return QGuiApplication.styleHints().colorScheme()


_QT_SCHEMES = {Theme.DARK: Qt.ColorScheme.Dark, Theme.LIGHT: Qt.ColorScheme.Light}
