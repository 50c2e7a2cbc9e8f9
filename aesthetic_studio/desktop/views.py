"""The middle of the window: grid, loupe, burst and compare view over one album, and what each key means in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QStackedWidget, QWidget

from aesthetic_studio.desktop.commands.registry import needs
from aesthetic_studio.desktop.loupe.feed import LoupeFeed
from aesthetic_studio.desktop.magnifier import Magnifier
from aesthetic_studio.desktop.welcome import NothingFound, WelcomePage
from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.burst.view import BurstView
    from aesthetic_studio.desktop.compare.control import CompareControl
    from aesthetic_studio.desktop.grid.model import PhotoListModel
    from aesthetic_studio.desktop.grid.view import GridView
    from aesthetic_studio.desktop.loupe.view import LoupeView
    from aesthetic_studio.desktop.work.scoring_thread import AttentionAnswer
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.records import GridCell, PhotoRecord

Move = QAbstractItemView.CursorAction

AHEAD, BEHIND = 12, 4
"""Photos that the loupe makes ready in the direction of travel and against it; fewer where memory ends first."""

SCRUBBED = 24
"""Previews that are read ahead while a key is held."""

PAN = {Move.MoveLeft: (1, 0), Move.MoveRight: (-1, 0), Move.MoveUp: (0, 1), Move.MoveDown: (0, -1)}
"""Which way the zoomed photo goes, by the way that is looked."""

PAN_STEP = 0.2
"""How far a key moves it, of the view."""


class Views(QObject):
    """Shows one of the views, and answers which photos keys act on.

    Attributes:
        mode: ``"grid"``, ``"loupe"``, ``"burst"``, ``"compare"`` or ``"survey"``: what is chosen, also while a page
            stands in for an empty album.

        covered: Another page lies over the views: no key may act on a photo that is not seen.
        magnifier: Zooms what is open.
        feed: Shows photos in the loupe, and makes ready what comes next.

    Signals:
        current_changed: The photo that keys act on, −1 for none.
        mode_changed: The new mode.
        series_toggled: A series is to be opened or closed in the grid, and its best frame.
        frame_wanted: This series is to be opened in the grid at this frame, for the loupe.
        said: Why something was not done, for the status line.
    """

    current_changed = Signal(int)
    mode_changed = Signal(str)
    series_toggled = Signal(int, int)
    frame_wanted = Signal(int, int)
    said = Signal(str)

    def __init__(
        self,
        stack: QStackedWidget,
        grid: GridView,
        loupe: LoupeView,
        burst: BurstView,
        compare: CompareControl,
        *,
        model: PhotoListModel,
        reader: Catalogue,
    ) -> None:
        super().__init__(stack)
        self._stack = stack
        self.grid, self.loupe, self.burst, self.compare = grid, loupe, burst, compare
        self.welcome, self.nothing = WelcomePage(), NothingFound()
        self._model = model
        self._reader = reader
        self.mode = "grid"
        self.covered = False
        self.magnifier = Magnifier(self)
        self.feed = LoupeFeed(loupe, reader.reader, self._record, self)
        self._burst_series: int | None = None
        self._substitute: QWidget | None = None
        for page in (grid, loupe, burst, compare.view, self.welcome, self.nothing):
            stack.addWidget(page)
        grid.current_photo_changed.connect(self._on_grid_current_changed)
        grid.photo_opened.connect(lambda _: self.show_loupe())
        grid.series_toggled.connect(self._toggle_series)
        loupe.photo_step_requested.connect(self.step)
        burst.current_photo_changed.connect(self._on_burst_current_changed)
        burst.photo_opened.connect(self._open_frame)
        compare.view.current_photo_changed.connect(self._on_compare_current_changed)
        compare.said.connect(self.said)

    # -- which photos ------------------------------------------------------------------------------------------------

    def current_id(self) -> int | None:
        """Return the photo that keys act on."""
        if self.covered:
            return None
        if self.is_comparing():
            return self.compare.current_id()
        return self.burst.current_id() if self.mode == "burst" else self.grid.current_id()

    @needs(N_("Compare photos first"))
    def is_comparing(self) -> bool:
        """Whether photos are compared or surveyed side by side."""
        return self.mode in ("compare", "survey")

    def target_ids(self) -> list[int]:
        """List the photos that a decision is about: the selection in the grid, the one that is shown elsewhere."""
        if self.mode == "grid" and not self.covered:
            selected = list(self.grid.selected_ids())
            if selected:
                return selected
        current = self.current_id()
        return [] if current is None else [current]

    @needs(N_("There is no photo here"))
    def has_photos(self) -> bool:
        """Whether the album holds any photo."""
        return self._model.rowCount() > 0 and not self.covered

    @needs(N_("Choose a photo first"))
    def has_current(self) -> bool:
        """Whether there is a photo for keys to act on."""
        return self.current_id() is not None

    @needs(N_("This photo is not part of a burst"))
    def has_series(self) -> bool:
        """Whether the current photo is part of a series."""
        cell = self.current_cell()
        return cell is not None and cell.series_id is not None and cell.series_size > 1

    def current_cell(self) -> GridCell | None:
        """Return what the grid knows of its current photo; in a comparison, what is known of the one keys act on."""
        if self.is_comparing():
            current = self.compare.current_id()
            return None if current is None else next(iter(self._reader.cells([current])), None)
        row = self.grid.currentIndex().row()
        return self._model.cell_at(row) if 0 <= row < self._model.rowCount() else None

    def cell_of(self, photo_id: int) -> GridCell | None:
        """Return what is known of a photo that the grid or the burst view shows."""
        cell = self.current_cell()
        if cell is not None and cell.id == photo_id:
            return cell
        found = self._reader.cells([photo_id])
        return found[0] if found else None

    def cover_of(self, photo_id: int) -> int:
        """Return the photo that stands for a photo's series, the photo itself where it is in none."""
        cells = self._reader.cells([photo_id])
        series = cells[0].series_id if cells else None
        frames = [] if series is None else self._reader.series_frames(series)
        return next((frame.id for frame in frames if frame.best_of_series), photo_id)

    # -- which view --------------------------------------------------------------------------------------------------

    def show_grid(self) -> None:
        """Show all photos."""
        self._set_mode("grid")

    def show_loupe(self) -> None:
        """Show the current photo large."""
        if self.mode == "burst" and (frame := self.burst.current_id()) is not None:
            self._open_frame(frame)
        elif self.is_comparing() and (cell := self.current_cell()) is not None:
            self._open_in_loupe(cell.id, cell.series_id)
        elif self.has_photos():
            self._set_mode("loupe")

    def open_current(self) -> None:
        """Show the current photo large; in a comparison of two, let the challenger win."""
        if self.mode == "compare":
            self.compare.promote()
        else:
            self.show_loupe()

    def show_burst(self) -> None:
        """Show the frames of the current photo's series, best first."""
        cell = self.current_cell()
        if cell is None or cell.series_id is None or cell.series_size < 2:
            self.said.emit(_("This photo is not part of a burst"))
            return
        self._load_series(cell.series_id, cell.id)
        self._set_mode("burst")

    def show_view(self, mode: str) -> None:
        """Show one of the views."""
        self._set_mode(mode)

    def refresh_burst(self, current: int | None) -> None:
        """Read the frames of the burst view anew, with this one current where it is among them."""
        if self._burst_series is not None:
            self._load_series(self._burst_series, current)

    def show_as_shot(self) -> None:
        """Show the frames of the current photo's series in the order of shooting."""
        self.burst.set_as_shot(as_shot=True)
        if self.mode != "burst":
            self.show_burst()
        self.mode_changed.emit(self.mode)

    def toggle_as_shot(self) -> None:
        """Show frames in the order of shooting, or of verdict."""
        self.burst.set_as_shot(as_shot=not self.burst.is_set_as_shot())

    def show_page(self, *, empty_library: bool, nothing_found: bool) -> None:
        """Show the page that fits: the invitation, "nothing found", or the chosen view."""
        self._substitute = self.welcome if empty_library else self.nothing if nothing_found else None
        self._show_page()

    def _show_page(self) -> None:
        views: dict[str, QWidget] = {"grid": self.grid, "loupe": self.loupe, "burst": self.burst}
        page = self._substitute or views.get(self.mode, self.compare.view)
        if self.is_comparing() and page is self.nothing:
            page = self.compare.view  # what is compared was chosen before: the filter has no say in it
        if self._stack.currentWidget() is not page:
            had_focus = self.has_focus()
            self._stack.setCurrentWidget(page)
            if had_focus:
                page.setFocus()

    def has_focus(self) -> bool:
        """Whether the keyboard is in the middle of the window."""
        focus = self._stack.window().focusWidget()
        return focus is None or self._stack.isAncestorOf(focus)

    def take_focus(self) -> None:
        """Bring the keyboard to the photos."""
        if (page := self._stack.currentWidget()) is not None:
            page.setFocus()

    # -- keys --------------------------------------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """Go on by so many photos, frames or challengers; a held key steps only as fast as the loupe shows."""
        if self.is_comparing():
            if not self.compare.step(by):
                self.said.emit(_("There is none after this") if by > 0 else _("There is none before this"))
            return
        if self.mode == "loupe" and not self.loupe.takes_step():
            return
        moved = self.burst.step(by) if self.mode == "burst" else self.grid.step(by)
        if not moved:
            self.said.emit(_("This is the last photo") if by > 0 else _("This is the first photo"))

    def step_row(self, by: int) -> None:
        """Go to the row above or below; one photo back or on in the loupe."""
        if self.mode == "compare":
            (self.compare.promote if by < 0 else self.compare.keep)()
            return
        if self.mode != "grid":
            columns = {"burst": self.burst.columns(), "survey": self.compare.view.columns()}
            self.step(by * columns.get(self.mode, 1))
            return
        index = self.grid.moveCursor(Move.MoveDown if by > 0 else Move.MoveUp, Qt.KeyboardModifier.NoModifier)
        photo_id = self._model.id_at(index.row())
        if photo_id is not None:
            self.grid.set_current_id(photo_id)

    def page(self, by: int) -> None:
        """Go a screenful up or down; one photo back or on in the loupe."""
        if self.mode != "grid":
            (self.step if self.is_comparing() else self.step_row)(by)
            return
        self.grid.travel(Move.MovePageDown if by > 0 else Move.MovePageUp)

    def extend(self, move: Move) -> None:
        """Select on the way in the grid; in the loupe, move the zoomed photo that way."""
        if self.mode == "grid":
            self.grid.travel(move, extend=True)
        elif self.mode == "loupe" and move in PAN:
            across, down = PAN[move]
            self.loupe.pan_by(across * PAN_STEP * self.loupe.width(), down * PAN_STEP * self.loupe.height())
        elif self.is_comparing() and move in PAN:
            self.compare.view.pan_step(*PAN[move])

    def toggle_selected(self) -> None:
        """Select the grid's current photo beside the others, or no longer."""
        if self.mode == "grid":
            self.grid.toggle_current()

    def step_past_selection(self) -> None:
        """Go on to the photo after the one, or ones, that a decision was about."""
        if self.mode == "grid" and self.grid.selection_count() > 1:
            last = self._model.row_of(self.grid.selected_ids()[-1], hint=self.grid.currentIndex().row())
            photo_id = self._model.id_at(min(last + 1, self._model.rowCount() - 1))
            if photo_id is not None:
                self.grid.set_current_id(photo_id)
            return
        self.step(1)

    def go_to(self, photo_id: int) -> bool:
        """Make this photo current, or bring it into the comparison; ``False`` where it is not among what is shown."""
        if self.is_comparing():
            return self.compare.go_to(photo_id)
        if self.mode == "burst" and self.burst.set_current_id(photo_id):
            return True
        return self.grid.set_current_id(photo_id)

    def on_rejected(self) -> bool:
        """The photo that keys act on was rejected; says whether it went by that, so that no step is needed."""
        if self.is_comparing():
            self.compare.on_rejected()
        return self.is_comparing()

    def go_to_end(self, *, first: bool) -> None:
        """Go to the first or last photo."""
        if self.mode == "burst":
            self.burst.step(-len(self._model.ids) if first else len(self._model.ids))
            return
        if self.is_comparing():
            self.compare.go_to_end(first=first)
            return
        photo_id = self._model.id_at(0 if first else self._model.rowCount() - 1)
        if photo_id is not None:
            self.grid.set_current_id(photo_id)

    def select_all(self) -> None:
        """Select every photo of the album."""
        self._set_mode("grid")
        self.grid.selectAll()

    def toggle_series(self) -> None:
        """Open the current photo's series in the grid, or close it."""
        cell = self.current_cell()
        if cell is not None and cell.series_id is not None:
            self._toggle_series(cell.series_id)

    def back(self) -> bool:
        """Go back one step: to the grid, or to a single selected photo. False where there is nowhere to go back to."""
        if self.mode != "grid":
            self.show_grid()
            return True
        if self.grid.selection_count() > 1 and (current := self.grid.current_id()) is not None:
            self.grid.set_current_id(current)
            return True
        return False

    # -- news --------------------------------------------------------------------------------------------------------

    def refresh(self, photo_ids: tuple[int, ...] | None = None) -> None:
        """Verdicts or scores changed: show them in the view that is open."""
        self.feed.forget(photo_ids)
        if self.is_comparing():
            self.compare.refresh(photo_ids)
        elif self.mode == "loupe":
            current = self.grid.current_id()
            if current is not None and (photo_ids is None or current in photo_ids):
                self._refresh_loupe(current)
        elif self.mode == "burst" and self._burst_series is not None:
            self._reload_series(self._burst_series)

    def show_heat_map(self, answer: AttentionAnswer) -> None:
        """Paint the heat map over the photo in the loupe, or over the current one of several."""
        if answer.weights is not None and self.is_comparing():
            self.compare.view.set_heat_map(answer.photo_id, answer.rows, answer.columns, answer.weights)
        elif answer.weights is not None and answer.photo_id == self.loupe.photo_id():
            self.loupe.set_heat_map(answer.rows, answer.columns, answer.weights)

    def clear_heat_map(self) -> None:
        """Paint no heat map."""
        self.loupe.clear_heat_map()
        self.compare.view.clear_heat_map()

    # -- how ---------------------------------------------------------------------------------------------------------

    def _set_mode(self, mode: str) -> None:
        if mode == "loupe":
            if self.mode != "loupe":
                self.loupe.drop_last()
            self._show_in_loupe()
        if mode != self.mode:
            if self.is_comparing() and mode not in ("compare", "survey"):
                self.compare.leave()
            self.mode = mode
            self._show_page()
            self.mode_changed.emit(mode)
            self.current_changed.emit(-1 if (current := self.current_id()) is None else current)
        self.take_focus()

    def _toggle_series(self, series_id: int) -> None:
        frames = self._reader.series_frames(series_id)
        best = next((frame.id for frame in frames if frame.best_of_series), -1)
        self.series_toggled.emit(series_id, best)

    def _on_grid_current_changed(self, photo_id: int) -> None:
        if self.mode == "loupe":
            self._show_in_loupe()
        elif self.mode == "grid" and photo_id >= 0:
            self.feed.prepare([photo_id, *self.grid.neighbours(2, 1)])
        if self.mode != "burst" and not self.is_comparing():
            self.current_changed.emit(photo_id)

    def _on_compare_current_changed(self, photo_id: int) -> None:
        if self.is_comparing():
            self.current_changed.emit(photo_id)

    def _on_burst_current_changed(self, photo_id: int) -> None:
        if self.mode == "burst":
            self.current_changed.emit(photo_id)

    def _open_frame(self, photo_id: int) -> None:
        """Show a frame of the burst in the loupe; one that is collapsed in the grid is brought there first.

        The loupe always shows the grid's current photo, so that a key never acts on another photo than the one shown.
        """
        self._open_in_loupe(photo_id, self._burst_series)

    def _open_in_loupe(self, photo_id: int, series_id: int | None) -> None:
        if self.go_in_grid(photo_id):
            self._set_mode("loupe")
        elif series_id is not None:
            self.frame_wanted.emit(series_id, photo_id)
        else:
            self.said.emit(_("The filter hides this photo"))

    def go_in_grid(self, photo_id: int) -> bool:
        """Make a photo the grid's current one; several that are selected stay selected."""
        return self.grid.set_current_id(photo_id, select=self.grid.selection_count() < 2)

    def on_frame_ready(self, photo_id: int) -> None:
        """Go on with the frame that was asked for, −1 where it cannot be shown."""
        if photo_id < 0:
            self.said.emit(_("The filter hides this frame"))
        else:
            self._set_mode("loupe")

    def _show_in_loupe(self) -> None:
        current = self.grid.current_id()
        if current is not None:
            passing = self.loupe.is_held()
            around = self.grid.neighbours(SCRUBBED, 0) if passing else self.grid.neighbours(AHEAD, BEHIND)
            self.feed.show(current, around, passing=passing)

    def _refresh_loupe(self, photo_id: int) -> None:
        record = self._record(photo_id)
        if record is not None:
            self.loupe.update_record(record)

    def _record(self, photo_id: int) -> PhotoRecord | None:
        found = self._reader.photos([photo_id])
        return found[0] if found else None

    def _reload_series(self, series_id: int) -> None:
        """Follow the current frame into the series that it is in now; where it is alone, stay with the others."""
        current = self.burst.current_id()
        cells = [] if current is None else self._reader.cells([current])
        if cells and cells[0].series_id is not None:
            self._load_series(cells[0].series_id, current)
            return
        left = {frame.id for frame in self._reader.series_frames(series_id)}
        if left:
            self._load_series(series_id, next((near for near in self.burst.neighbours() if near in left), None))
            return
        self.show_grid()
        if current is not None:
            self.grid.set_current_id(current)

    def _load_series(self, series_id: int, current: int | None) -> None:
        frames = self._reader.series_frames(series_id)
        self._burst_series = series_id
        self.burst.show_series(frames, current)
