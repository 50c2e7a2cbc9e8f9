"""The panels left and right of the photos: shown, hidden, walked through by key, and remembered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QSize, Qt
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QWidget

if TYPE_CHECKING:
    from aesthetic_studio.desktop.views import Views
    from aesthetic_studio.settings import Settings

DEFAULT_SIZE = QSize(1440, 900)
SHARE_OF_SCREEN = 0.94
DEFAULT_WIDTHS = [280, 860, 300]


class Panels(QObject):
    """Shows and hides the panels of one window.

    Args:
        window: The window whose size is remembered.
        splitter: Holds left panel, middle and right panel.
        left, right: The panels.
        panes: What F6 walks through, in order: each takes the keyboard by itself or through its focus proxy.
        bars: What full screen hides besides the panels.
    """

    def __init__(
        self,
        window: QMainWindow,
        splitter: QSplitter,
        left: QWidget,
        right: QWidget,
        *,
        panes: list[QWidget],
        bars: list[QWidget],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._splitter = splitter
        self.left, self.right = left, right
        self._panes = panes
        self._bars = bars
        self._strip: tuple[QWidget, Views] | None = None
        self._strip_wanted = False
        self._before_full_screen: tuple[bool, bool] | None = None
        self._mode = "grid"
        self._full: set[str] = set()

    # isHidden and not isVisible: a panel counts as shown also before the window itself is.

    def left_shown(self) -> bool:
        """Whether folders and filter are shown."""
        return not self.left.isHidden()

    def right_shown(self) -> bool:
        """Whether the inspector is shown."""
        return not self.right.isHidden()

    def toggle_left(self) -> None:
        """Show or hide folders and filter."""
        self.left.setVisible(not self.left_shown())

    def toggle_right(self) -> None:
        """Show or hide the inspector."""
        self.right.setVisible(not self.right_shown())

    def toggle_both(self) -> None:
        """Hide both panels, or show both."""
        show = not (self.left_shown() or self.right_shown())
        self.left.setVisible(show)
        self.right.setVisible(show)

    def show_left(self) -> None:
        """Show folders and filter."""
        self.left.show()

    def add_strip(self, strip: QWidget, views: Views) -> None:
        """Take the strip, which is shown below the grid only: a photo in the loupe has the room to itself."""
        self._strip = (strip, views)
        views.mode_changed.connect(lambda _: self._show_strip())
        self._show_strip()

    def strip_shown(self) -> bool:
        """Whether the strip is wanted, in the grid."""
        return self._strip_wanted

    def toggle_strip(self) -> None:
        """Show or hide the strip below the grid."""
        self._strip_wanted = not self._strip_wanted
        self._show_strip()

    def _show_strip(self) -> None:
        if self._strip is not None:
            strip, views = self._strip
            had_focus = (focus := self._window.focusWidget()) is not None and strip.isAncestorOf(focus)
            strip.setVisible(self._strip_wanted and views.mode == "grid")
            if had_focus and strip.isHidden():
                views.take_focus()

    def is_full_screen(self) -> bool:
        """Whether the photos fill the screen."""
        return self._before_full_screen is not None

    def show_mode(self, mode: str) -> None:
        """Fill the screen where this view did when it was left, and not where it did not."""
        self._mode = mode
        if (mode in self._full) is not self.is_full_screen():
            self._set_full_screen(on=mode in self._full)

    def toggle_full_screen(self) -> None:
        """Let the photos fill the screen, or bring everything back as it was; each view remembers it for itself."""
        self._full ^= {self._mode}
        self._set_full_screen(on=self._mode in self._full)

    def _set_full_screen(self, *, on: bool) -> None:
        if on == self.is_full_screen():
            return
        if self._before_full_screen is None:
            self._before_full_screen = (self.left_shown(), self.right_shown())
            self.left.hide()
            self.right.hide()
            self._window.setWindowState(self._window.windowState() | Qt.WindowState.WindowFullScreen)
        else:
            left, right = self._before_full_screen
            self._before_full_screen = None
            self.left.setVisible(left)
            self.right.setVisible(right)
            self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowFullScreen)
        for bar in self._bars:
            bar.setVisible(self._before_full_screen is None)

    def next_pane(self, step: int) -> None:
        """Bring the keyboard to the next pane that is shown, or the one before."""
        panes = [pane for pane in self._panes if pane.isVisible() and _control_of(pane) is not None]
        focus = self._window.focusWidget()
        here = next((i for i, pane in enumerate(panes) if focus and (pane is focus or pane.isAncestorOf(focus))), -1)
        if panes and (control := _control_of(panes[(here + step) % len(panes)])) is not None:
            control.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def restore(self, settings: Settings) -> None:
        """Stand as the last run left it."""
        room = self._window.screen().availableSize()
        self._window.resize(DEFAULT_SIZE.boundedTo(room * SHARE_OF_SCREEN))
        if settings.geometry:
            self._window.restoreGeometry(QByteArray.fromBase64(settings.geometry.encode()))
        self._splitter.setSizes(DEFAULT_WIDTHS)
        if settings.splitter:
            self._splitter.restoreState(QByteArray.fromBase64(settings.splitter.encode()))
        self.left.setVisible(settings.folders_shown)
        self.right.setVisible(settings.inspector_shown)
        self._strip_wanted = settings.strip_shown
        self._show_strip()
        self._full = set(settings.full_screen)
        self.show_mode(self._mode)

    def remember(self, settings: Settings) -> Settings:
        """Return the settings with how the window stands now."""
        self._set_full_screen(on=False)
        return replace(
            settings,
            geometry=self._window.saveGeometry().toBase64().toStdString(),
            splitter=self._splitter.saveState().toBase64().toStdString(),
            folders_shown=self.left_shown(),
            inspector_shown=self.right_shown(),
            strip_shown=self.strip_shown(),
            full_screen=sorted(self._full),
        )


def _control_of(pane: QWidget) -> QWidget | None:
    """Find what takes the keyboard in a pane: itself, or the first control in it that can."""
    if pane.focusPolicy() is not Qt.FocusPolicy.NoFocus:
        return pane
    if isinstance(pane, QStackedWidget):
        return pane.currentWidget()
    children = (child for child in pane.findChildren(QWidget) if child.isVisible() and child.isEnabled())
    return next((child for child in children if child.focusPolicy() & Qt.FocusPolicy.TabFocus), None)
