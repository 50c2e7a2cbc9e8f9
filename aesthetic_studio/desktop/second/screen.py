"""Opens and closes the second window, lets it follow the current photo, and finds it a place among the screens."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from aesthetic_studio.desktop.second import place as places
from aesthetic_studio.desktop.second.place import Place, first_place, is_reachable, read_place, setup_name, stored_place
from aesthetic_studio.desktop.second.window import SecondWindow
from aesthetic_studio.desktop.views import NEIGHBOURS, PAN, PAN_STEP
from aesthetic_studio.records import PhotoState

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.desktop.window import MainWindow
    from aesthetic_studio.desktop.work.scoring_thread import AttentionAnswer

PANNING = dict(zip(("go.select_left", "go.select_right", "go.select_up", "go.select_down"), PAN.values(), strict=True))


class SecondScreen(QObject):
    """The second window of one main window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._main = window
        self.window: SecondWindow | None = None
        self._places: dict[str, Place] = {
            name: place
            for name, stored in window.settings.second_window.items()
            if (place := read_place(stored)) is not None
        }
        self._thirds = False
        # Settles once the system has moved the windows of a screen that is gone.
        self._settling = QTimer(self, singleShot=True, interval=0)
        self._settling.timeout.connect(self.settle)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._on_screens_changed)
            application.screenRemoved.connect(self._on_screens_changed)
        window.views.current_changed.connect(self._on_current_changed)
        window.verdicts.applied.connect(self._on_applied)
        window.album.loaded.connect(lambda _: self._show(window.views.current_id()))
        window.heat_map.shown.connect(self._on_heat_map)
        window.heat_map.cleared.connect(self._on_heat_map_cleared)

    def is_open(self) -> bool:
        """Whether it is on a screen."""
        return self.window is not None and not self.window.isHidden()

    def toggle(self) -> None:
        """Open it, or close it."""
        if self.is_open():
            self._shut()
        else:
            self._open()

    def restore(self) -> None:
        """Open it where it was open when the program ended with the same screens."""
        known = self._places.get(setup_name(places.screens()))
        if known is not None and known.is_open:
            self._open()
            self._main.activateWindow()

    def settle(self) -> None:
        """Find a place after a screen was plugged in or out."""
        if self.window is None or not self.is_open():
            return
        present = places.screens()
        known = self._places.get(setup_name(present))
        if known is not None and is_reachable(known.rect, present):
            self._stand(known)
        elif not present:
            return
        elif not is_reachable(self.window.frameGeometry(), present):
            self._stand(Place(first_place(self._main.frameGeometry(), present)))
        self._note()

    def close(self) -> None:
        """End it with the main window, and remember it."""
        if self.window is not None:
            self._note()
            window, self.window = self.window, None
            window.hide()
            window.loupe.close_workers()
            window.deleteLater()
        stored = {name: stored_place(place) for name, place in self._places.items()}
        self._main.memory.change(second_window=stored)

    # -- how ---------------------------------------------------------------------------------------------------------

    def _on_screens_changed(self) -> None:
        self._settling.start()

    def _open(self) -> None:
        present = places.screens()
        if self.window is None:
            self.window = SecondWindow()
            self.window.closed.connect(self._on_closed)
            self.window.placed.connect(self._note)
            self.window.key_heard.connect(self._main.note_caps_lock)
            self._main.drag_out.watch(self.window.loupe, held=Qt.KeyboardModifier.ControlModifier)
            self._main.actions_.hear_in(self.window, self.window.loupe, self._own_commands(self.window))
        known = self._places.get(setup_name(present))
        if known is None or not is_reachable(known.rect, present):
            known = Place(first_place(self._main.frameGeometry(), present))
        self._stand(known)
        self._show(self._main.views.current_id())

    def _own_commands(self, window: SecondWindow) -> dict[str, Callable[[], None]]:
        """Say what the keys mean here that mean the photo they are pressed over."""
        loupe = window.loupe

        def pan(across: int, down: int) -> None:
            loupe.pan_by(across * PAN_STEP * loupe.width(), down * PAN_STEP * loupe.height())

        return {
            "view.zoom": loupe.toggle_zoom,
            "view.magnify": loupe.zoom_in,
            "view.reduce": loupe.zoom_out,
            "view.thirds": self._toggle_thirds,
            "view.full_screen": lambda: self._fill_screen(on=not window.isFullScreen()),
            "go.photos": self._go_back,
            **{name: partial(pan, *way) for name, way in PANNING.items()},
        }

    def _go_back(self) -> None:
        """Leave full screen, else bring the keyboard to the main window."""
        if self.window is not None and self.window.isFullScreen():
            self._fill_screen(on=False)
        else:
            self._main.activateWindow()
            self._main.views.take_focus()

    def _toggle_thirds(self) -> None:
        self._thirds = not self._thirds
        if self.window is not None:
            self.window.loupe.set_thirds(self._thirds)

    def _fill_screen(self, *, on: bool) -> None:
        if self.window is not None:
            self.window.showFullScreen() if on else self.window.showNormal()
            self._note()

    def _stand(self, place: Place) -> None:
        if self.window is None:
            return
        if self.window.isFullScreen():
            self.window.showNormal()
        self.window.setGeometry(place.rect)
        self.window.showFullScreen() if place.full else self.window.showNormal()

    def _note(self) -> None:
        """Remember where it stands among the screens that there are."""
        if self.window is None or self.window.isHidden():
            return
        present = places.screens()
        full = self.window.isFullScreen()
        rect = self.window.normalGeometry() if full else self.window.geometry()
        if rect.isValid() and is_reachable(rect, present):
            self._places[setup_name(present)] = Place(rect, full)

    def _shut(self) -> None:
        if self.window is not None:
            self._note()
            self.window.hide()
            self._on_closed()

    def _on_closed(self) -> None:
        name = setup_name(places.screens())
        if (place := self._places.get(name)) is not None:
            self._places[name] = place._replace(is_open=False)
        self._main.actions_.refresh_checks()

    # -- the photo ---------------------------------------------------------------------------------------------------

    def _on_current_changed(self, photo_id: int) -> None:
        self._show(photo_id if photo_id >= 0 else None)

    def _on_applied(self, photo_ids: tuple[int, ...]) -> None:
        current = self._main.views.current_id()
        if self.window is not None and self.is_open() and current in photo_ids:
            for record in self._main.reader_here.photos([current]):
                self.window.loupe.update_record(record)

    def _show(self, photo_id: int | None) -> None:
        if self.window is None or not self.is_open():
            return
        reader, loupe = self._main.reader_here, self.window.loupe
        records = [] if photo_id is None else reader.photos([photo_id])
        if not records:
            loupe.clear()
            return
        loupe.show_photo(records[0], reader.preview(records[0].id))
        near = reader.photos(self._main.grid.neighbours(NEIGHBOURS))
        loupe.set_neighbours([record.path for record in near if record.state is PhotoState.PRESENT])

    def _on_heat_map(self, answer: AttentionAnswer) -> None:
        if self.window is not None and answer.weights is not None and self.window.loupe.photo_id() == answer.photo_id:
            self.window.loupe.set_heat_map(answer.rows, answer.columns, answer.weights)

    def _on_heat_map_cleared(self) -> None:
        if self.window is not None:
            self.window.loupe.clear_heat_map()
