"""Leads through the window once, when the first photos of a new library are there, and again only when asked to."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent

from aesthetic_studio.desktop.commands.keymap import native
from aesthetic_studio.desktop.commands.registry import menu_name
from aesthetic_studio.desktop.tour.callout import Callout
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from aesthetic_studio.desktop.window import MainWindow
    from aesthetic_studio.desktop.work.reader import AlbumAnswer, Overview

MOVING = frozenset({QEvent.Type.Resize, QEvent.Type.LayoutRequest})


@dataclass(frozen=True, slots=True)
class Step:
    """One stop.

    Attributes:
        words: What is said; a command's id in square brackets stands for its key.
        target: Where it is said, in the window's coordinates; None where that part is not shown.
    """

    words: str
    target: Callable[[], QRect | None]


class Tour(QObject):
    """The short tour of one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._callout: Callout | None = None
        self._step = 0
        self._is_new: bool | None = None
        self._placing = QTimer(self, singleShot=True, interval=0)
        self._placing.timeout.connect(self._place)
        self._steps = self._make_steps()
        window.reader.overview_loaded.connect(self._on_overview_loaded)
        window.album.loaded.connect(self._on_album_loaded)
        for moved in (window.views.mode_changed, window.views.current_changed, window.album.loaded):
            moved.connect(self._on_moved)

    def is_running(self) -> bool:
        """Whether a callout is shown."""
        return self._callout is not None

    def start(self, *, asked: bool = True) -> None:
        """Begin at the first stop; the keyboard comes along only where the person asked for the tour."""
        self.end()
        window = self._window
        window.views.show_grid()
        window.memory.keep(tour_seen=True)
        self._step = 0
        self._callout = Callout(window)
        self._callout.next_wanted.connect(self._on_next)
        self._callout.skip_wanted.connect(self.end)
        window.installEventFilter(self)
        self._show()
        if asked:
            self._callout.take_keys()

    def end(self) -> bool:
        """End it; says whether there was anything to end."""
        if self._callout is None:
            return False
        callout, self._callout = self._callout, None
        had_keys = callout.isAncestorOf(self._window.focusWidget() or self._window)
        self._window.removeEventFilter(self)
        callout.away()
        callout.ring.deleteLater()
        callout.deleteLater()
        if had_keys:
            self._window.views.take_focus()
        return True

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Stay beside the target while the window changes."""
        if event.type() in MOVING:
            self._placing.start()
        return False

    def _on_moved(self) -> None:
        if self._callout is not None:
            self._placing.start()

    # -- when --------------------------------------------------------------------------------------------------------

    def _on_overview_loaded(self, overview: Overview) -> None:
        if self._is_new is None:
            self._is_new = not overview.totals.photos and not overview.roots

    def _on_album_loaded(self, answer: AlbumAnswer) -> None:
        if self._is_new and len(answer.ids) and not self._window.settings.tour_seen:
            self._is_new = False
            # The photos are painted first.
            QTimer.singleShot(0, self._start_unasked)

    def _start_unasked(self) -> None:
        if self._window.isVisible() and not self._window.settings.tour_seen:
            self.start(asked=False)

    # -- what --------------------------------------------------------------------------------------------------------

    def _on_next(self) -> None:
        self._step += 1
        if self._step < len(self._steps):
            self._show()
        else:
            self.end()

    def _show(self) -> None:
        if self._callout is None:
            return
        self._callout.say(self._with_keys(self._steps[self._step].words), self._step + 1, len(self._steps))
        self._place()
        QAccessible.updateAccessibility(QAccessibleEvent(self._callout, QAccessible.Event.Alert))

    def _place(self) -> None:
        if self._callout is not None:
            room = self._window.rect()
            target = self._steps[self._step].target() or self._rect_of(self._window.menuBar()) or room
            self._callout.point_at(target.intersected(room), room)

    def _with_keys(self, words: str) -> str:
        registry = self._window.registry
        said = escape(words)
        for command in registry:
            place = f"[{command.id}]"
            if place in said:
                keys = registry.keys(command.id)
                key = native(keys[0]) if keys else f"{menu_name(command.menu)} → {command.text}"
                said = said.replace(place, f"<b>{escape(key)}</b>")
        return said

    def _make_steps(self) -> list[Step]:
        window = self._window
        return [
            Step(
                _(
                    "[photo.pick] picks the marked photo, [photo.reject] rejects it, [photo.rate.1] "
                    "to [photo.rate.5] give stars. You can begin while the rest is still being read. "
                    "[edit.undo] takes anything back."
                ),
                self._rect_of_photo,
            ),
            Step(
                _(
                    "[view.loupe] shows the photo large, [view.zoom] goes to its true pixels, "
                    "[view.grid] comes back here."
                ),
                lambda: self._rect_of(window.toolbar.button_of(window.actions_["view.loupe"])),
            ),
            Step(
                _(
                    "Photos of one moment lie under their best frame. [view.burst] shows them side "
                    "by side, [view.open_burst] opens them in the grid."
                ),
                lambda: self._rect_of(window.toolbar.button_of(window.actions_["view.burst"])),
            ),
            Step(
                _(
                    "[edit.filter] narrows what you see by name, camera, stars and more. What is "
                    "hidden is not gone: [edit.show_all] shows all."
                ),
                lambda: self._rect_of(window.filter_panel),
            ),
            Step(
                _(
                    "[help.commands] finds any command by a few letters, [help.keys] shows all keys. "
                    "This tour is here too, should you want it again."
                ),
                self._rect_of_help,
            ),
        ]

    def _rect_of(self, part: QWidget | None) -> QRect | None:
        if part is None or not part.isVisible():
            return None
        return QRect(part.mapTo(self._window, QPoint(0, 0)), part.size())

    def _rect_of_photo(self) -> QRect | None:
        grid = self._window.grid
        port, cell = grid.viewport(), grid.visualRect(grid.currentIndex())
        if not port.isVisible():
            return None
        seen = cell.intersected(port.rect())
        return (seen if not seen.isEmpty() else port.rect()).translated(port.mapTo(self._window, QPoint(0, 0)))

    def _rect_of_help(self) -> QRect | None:
        bar = self._window.menuBar()
        menus = bar.actions()
        if not bar.isVisible() or not menus:
            return None
        return bar.actionGeometry(menus[-1]).translated(bar.mapTo(self._window, QPoint(0, 0)))
