"""The grid of photos: paints what is visible, whatever the album's size, and is worked by keys and mouse alike.

Data flows::

    PhotoListModel ──cell──▶ GridDelegate ──paint──▶ viewport
          ▲                        ▲
       album ids             ThumbnailProvider ◀──want(visible, ahead)── GridView
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView, QApplication, QRubberBand, QWidget

from aesthetic_studio.desktop.grid.geometry import MAX_CELL, MIN_CELL
from aesthetic_studio.desktop.grid.place import Place, alternating
from aesthetic_studio.desktop.grid.surface import GridSurface
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QShowEvent, QWheelEvent

    from aesthetic_studio.desktop.grid.model import PhotoListModel
    from aesthetic_studio.desktop.grid.thumbnails import ThumbnailProvider

NOTICE_MS = 40
"""Visible photos are told at most this often while scrolling."""

SCREENS_AHEAD = 1.5
"""Screenfuls decoded in advance in the direction of travel."""

KEPT_SELECTION = 20_000
"""A selection of up to so many photos is found again after the album changed."""

HEIRS = 24
"""So many photos next to the current one are asked, in turn, to take its place when it left the album."""

Modifier = Qt.KeyboardModifier
Select = QItemSelectionModel.SelectionFlag


@dataclass(frozen=True, slots=True)
class _BeforeReset:
    """What is to be found again after the album changed."""

    ids: array[int]
    row: int
    selected: array[int]
    place: Place | None


class GridView(GridSurface):
    """Photos in equal cells.

    Signals:
        current_photo_changed: The photo that keys act on; −1 where there is none.
        selection_changed: Other photos are selected.
        photo_opened: Double click or Enter.
        series_toggled: The badge of this series was clicked.
        visible_photos_changed: The photos on screen, top first.
        cell_size_changed: By ``set_cell_size`` or Ctrl+wheel.
        drag_wanted: The selected photos are dragged out; whether Alt is held.
    """

    current_photo_changed = Signal(int)
    selection_changed = Signal()
    photo_opened = Signal(int)
    series_toggled = Signal(int)
    visible_photos_changed = Signal(list)
    cell_size_changed = Signal(int)
    drag_wanted = Signal(bool)

    def __init__(
        self, model: PhotoListModel, thumbnails: ThumbnailProvider | None = None, parent: QWidget | None = None
    ) -> None:
        self._notice: QTimer | None = None
        super().__init__(model, thumbnails, parent)
        self._thumbnails = thumbnails
        self._anchor_row = 0
        self._travel = 1
        self._chosen_by_user = False
        self._told_current = -1
        self._before_reset: _BeforeReset | None = None
        self._visible_rows: dict[int, int] = {}
        self._band: QRubberBand | None = None
        self._band_start = QPoint()
        self._press: QPoint | None = None
        self._click_pending = -1
        self._notice = QTimer(self)
        self._notice.setSingleShot(True)
        self._notice.setInterval(NOTICE_MS)
        self._notice.timeout.connect(self._on_view_rests)
        model.modelAboutToBeReset.connect(self._on_about_to_reset)
        model.modelReset.connect(self._on_reset)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        if thumbnails is not None:
            thumbnails.thumbnail_ready.connect(self._on_thumbnail_ready)
        self.setAccessibleName(_("Photo grid"))
        self.setAccessibleDescription(
            _("Arrow keys move between photos, Enter opens one, Shift and Ctrl select several.")
        )
        if model.rowCount():
            self._on_reset()

    # -- what the window asks ------------------------------------------------------------

    def cell_size(self) -> int:
        """The narrowest a cell may be, 96..384 device-independent pixels."""
        return self._cell_size

    def set_cell_size(self, size: int) -> None:
        """Zoom the grid; the current photo, or else the top one, stays where it is."""
        size = min(MAX_CELL, max(MIN_CELL, size))
        if size == self._cell_size:
            return
        self._cell_size = size
        self._remember_place()
        self._lay_out()
        self.cell_size_changed.emit(size)

    def current_id(self) -> int | None:
        """The photo that keys act on."""
        return self._photos.id_at(self.currentIndex().row())

    def set_current_id(self, photo_id: int, *, select: bool = True) -> bool:
        """Go to a photo and show it; ``False`` where the album does not hold it."""
        row = self._photos.row_of(photo_id, hint=max(0, self.currentIndex().row()))
        if row < 0:
            return False
        self._go_to(row, Modifier.NoModifier if select else Modifier.ControlModifier)
        return True

    def step(self, by: int) -> bool:
        """Go on by so many photos; ``False`` at the album's end, where nothing moves."""
        row, count = self.currentIndex().row(), self._photos.rowCount()
        target = min(max(0, row + by), count - 1) if row >= 0 else 0
        if target == row or count == 0:
            return False
        self._go_to(target, Modifier.NoModifier)
        return True

    def selected_ids(self) -> array[int]:
        """The selected photos in the album's order."""
        chosen: array[int] = array("q")
        for first, last in sorted((part.top(), part.bottom()) for part in self.selectionModel().selection().toList()):
            chosen.extend(self._photos.ids[first : last + 1])
        return chosen

    def selection_count(self) -> int:
        """How many photos are selected, without listing them."""
        return sum(part.height() for part in self.selectionModel().selection().toList())

    def select_ids(self, photo_ids: Iterable[int]) -> None:
        """Select these photos instead; those that the album does not hold are passed over."""
        boxes: list[range] = []
        for row in self._photos.rows_of(photo_ids):
            if boxes and boxes[-1].stop == row:
                boxes[-1] = range(boxes[-1].start, row + 1)
            else:
                boxes.append(range(row, row + 1))
        self.selectionModel().select(self._selection(boxes), Select.ClearAndSelect)

    def visible_ids(self) -> list[int]:
        """The photos on screen, top first."""
        rows = self._visible_range()
        return list(self._photos.ids[rows.start : rows.stop])

    def neighbours(self, onward: int, back: int) -> list[int]:
        """The photos next to the current one, nearest first: so many in the direction of travel, so many against it."""
        row, ids = self.currentIndex().row(), self._photos.ids
        if row < 0:
            return []
        down = self._travel >= 0
        after, before = (onward, back) if down else (back, onward)
        below, above = list(ids[row + 1 : row + 1 + after]), list(ids[max(0, row - before) : row])[::-1]
        first, then = (below, above) if down else (above, below)
        return alternating(first, then, lead=2)

    def set_open_series(self, series: frozenset[int]) -> None:
        """These series are shown frame by frame."""
        self._delegate.set_open_series(series)
        self.viewport().update()

    def set_empty_text(self, title: str, detail: str = "") -> None:
        """What stands in the grid where the album is empty."""
        self._empty_text = (title, detail)
        self.viewport().update()

    def travel(self, move: QAbstractItemView.CursorAction, *, extend: bool = False) -> None:
        """Go where a movement leads, or select up to there."""
        row = self._row_after(move)
        if row >= 0:
            self._go_to(row, Modifier.ShiftModifier if extend else Modifier.NoModifier)

    def toggle_current(self) -> None:
        """Select the current photo beside the others, or no longer."""
        self.selectionModel().select(self.currentIndex(), Select.Toggle)

    # -- keys and mouse ------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Movement, opening and selection; every other key is left to the window's commands."""
        key, modifiers = event.key(), event.modifiers() & ~Modifier.KeypadModifier
        action = _MOVEMENTS.get(Qt.Key(key))
        if action is not None and not modifiers & (Modifier.AltModifier | Modifier.MetaModifier):
            row = self._row_after(action)
            if row >= 0:
                self._go_to(row, modifiers)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not modifiers:
            self._open(self.currentIndex())
        elif key == Qt.Key.Key_A and modifiers == Modifier.ControlModifier:
            self.selectAll()
        elif key == Qt.Key.Key_Space and modifiers == Modifier.ControlModifier:
            self.toggle_current()
        else:
            event.ignore()
            return
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Select a photo, open a series by its badge, or begin a rubber band in a gap."""
        point = event.position().toPoint()
        index = self.indexAt(point)
        self._press, self._click_pending = None, -1
        if event.button() == Qt.MouseButton.LeftButton:
            if not index.isValid():
                self._begin_band(point, event.modifiers())
            elif not self._toggle_series(index, point):
                self._press_on(index, point, event.modifiers())
        elif event.button() == Qt.MouseButton.RightButton and index.isValid():
            # What the context menu acts on is what is marked: another selection stays only where it was hit.
            if self.selectionModel().isSelected(index):
                self.selectionModel().setCurrentIndex(index, Select.NoUpdate)
            else:
                self._go_to(index.row(), Modifier.NoModifier, scroll=False)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Draw the rubber band, or drag the selected photos out once the hand has moved further than it trembles."""
        if self._press is not None:
            moved = (event.position().toPoint() - self._press).manhattanLength()
            if moved >= QApplication.startDragDistance():
                self._press, self._click_pending = None, -1
                self.drag_wanted.emit(bool(event.modifiers() & Modifier.AltModifier))
            return
        if self._band is None:
            return
        start = self._band_start - QPoint(0, self.verticalOffset())
        rect = QRect(start, event.position().toPoint()).normalized()
        self._band.setGeometry(rect)
        self._band.show()
        self.setSelection(rect, Select.ClearAndSelect)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End the rubber band; the first photo in it becomes the current one. A click chooses one of many selected."""
        if self._click_pending >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._go_to(min(self._click_pending, self._photos.rowCount() - 1), Modifier.NoModifier, scroll=False)
        self._press, self._click_pending = None, -1
        if self._band is not None:
            self._band.deleteLater()
            self._band = None
            chosen = [part.top() for part in self.selectionModel().selection().toList()]
            if chosen:
                self._anchor_row = min(chosen)
                self.selectionModel().setCurrentIndex(self._photos.index(self._anchor_row), Select.NoUpdate)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open the photo."""
        point = event.position().toPoint()
        index = self.indexAt(point)
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and not self._toggle_series(index, point):
            self._open(index)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll by pixels; with Ctrl, zoom the cells."""
        unit = self._geometry.scroll_unit
        if event.modifiers() & Modifier.ControlModifier:
            self.set_cell_size(self._cell_size + (16 if event.angleDelta().y() > 0 else -16))
        elif not event.pixelDelta().isNull():
            self._scroller.jump_by(-event.pixelDelta().y() / unit)
        else:
            step = max(48.0, min(self._geometry.row_height / 2, self.viewport().height() / 3))
            self._scroller.glide_by(-event.angleDelta().y() / 120 * step / unit)
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Brighten the focus ring."""
        super().focusInEvent(event)
        self._update_row(self.currentIndex().row())

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Mute the focus ring."""
        super().focusOutEvent(event)
        self._update_row(self.currentIndex().row())

    # -- how it is done ------------------------------------------------------------

    def _go_to(self, row: int, modifiers: Modifier, *, scroll: bool = True, toggle: bool = False) -> None:
        """Make ``row`` current. Shift extends from the anchor, Ctrl keeps the selection (and toggles, for a click)."""
        index, selection = self._photos.index(row), self.selectionModel()
        self._travel = 1 if row >= self.currentIndex().row() else -1
        self._chosen_by_user = True
        if modifiers & Modifier.ShiftModifier:
            low, high = sorted((min(max(0, self._anchor_row), self._photos.rowCount() - 1), row))
            selection.setCurrentIndex(index, Select.NoUpdate)
            command = Select.Select if modifiers & Modifier.ControlModifier else Select.ClearAndSelect
            selection.select(self._selection([range(low, high + 1)]), command)
        else:
            self._anchor_row = row
            command = Select.ClearAndSelect
            if modifiers & Modifier.ControlModifier:
                command = Select.Toggle if toggle else Select.NoUpdate
            selection.setCurrentIndex(index, command)
        if scroll:
            self._scroller.stop()
            self.scrollTo(index)
        self._remember_place()

    def _press_on(self, index: QModelIndex, point: QPoint, modifiers: Modifier) -> None:
        """Select a photo; one of several that are selected only when the button is released, as it may be dragged."""
        self._press = point
        held = modifiers & (Modifier.ShiftModifier | Modifier.ControlModifier)
        if not held and self.selectionModel().isSelected(index) and self.selection_count() > 1:
            self._click_pending = index.row()
            self.selectionModel().setCurrentIndex(index, Select.NoUpdate)
        else:
            self._go_to(index.row(), modifiers, scroll=False, toggle=True)

    def _open(self, index: QModelIndex) -> None:
        photo_id = self._photos.id_at(index.row())
        if photo_id is not None:
            self.photo_opened.emit(photo_id)

    def _toggle_series(self, index: QModelIndex, point: QPoint) -> bool:
        cell = self._photos.cell_at(index.row())
        badge = self._delegate.badge_rect(self.visualRect(index), cell, self.font())
        if cell.series_id is None or not badge.contains(point):
            return False
        self.series_toggled.emit(cell.series_id)
        return True

    def _begin_band(self, point: QPoint, modifiers: Modifier) -> None:
        if not modifiers & (Modifier.ShiftModifier | Modifier.ControlModifier):
            self.clearSelection()
        self._band_start = point + QPoint(0, self.verticalOffset())
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, self.viewport())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Ask for the thumbnails that were not decoded while another view was in front."""
        super().showEvent(event)
        self._view_moved()

    def _view_moved(self) -> None:
        if self._notice is not None and not self._notice.isActive():
            self._notice.start()

    def _on_view_rests(self) -> None:
        rows, ids = self._visible_range(), self._photos.ids
        visible = list(ids[rows.start : rows.stop])
        self._visible_rows = {photo_id: rows.start + place for place, photo_id in enumerate(visible)}
        if self._thumbnails is not None and self.isVisible():
            extra = int(len(visible) * SCREENS_AHEAD)
            after = list(ids[rows.stop : rows.stop + extra])
            before = list(ids[max(0, rows.start - extra) : rows.start])[::-1]
            first, then = (after, before) if self._travel >= 0 else (before, after)
            side = round((self._geometry.cell_width - 14) * self.devicePixelRatioF())
            self._thumbnails.want(visible, first + then[: len(visible) // 2], side=side)
        self.visible_photos_changed.emit(visible)

    def _on_scrolled(self) -> None:
        before = self._place
        super()._on_scrolled()
        if before is not None and self._place is not None and before.row != self._place.row:
            self._travel = 1 if self._place.row > before.row else -1

    def _on_thumbnail_ready(self, photo_id: int) -> None:
        self._update_row(self._visible_rows.get(photo_id, -1))

    def _on_selection_changed(self) -> None:
        self.selection_changed.emit()

    def _on_current_changed(self) -> None:
        photo_id = self.current_id()
        shown = -1 if photo_id is None else photo_id
        if shown != self._told_current:
            self._told_current = shown
            self.current_photo_changed.emit(shown)

    def _on_about_to_reset(self) -> None:
        self._remember_place()
        selected = self.selected_ids() if self.selection_count() <= KEPT_SELECTION else array("q")
        self._before_reset = _BeforeReset(self._photos.ids, self.currentIndex().row(), selected, self._place)

    def _on_reset(self) -> None:
        """Find the current photo, the selection and the place again; what left the album hands over to the next."""
        before, self._before_reset = self._before_reset, None
        count, selection = self._photos.rowCount(), self.selectionModel()
        self._place = None
        row = self._row_again(before) if count else -1
        if row >= 0:
            self._anchor_row = row
            if self._chosen_by_user and before is not None and before.place is not None:
                self._place = Place(row, before.place.y) if before.place.row == before.row else None
            selection.setCurrentIndex(self._photos.index(row), Select.ClearAndSelect)
            if before is not None and len(before.selected) > 1:
                self._select_again(before.selected, row)
        self._lay_out()
        if self._chosen_by_user and row >= 0 and self._place is not None:
            self.scrollTo(self._photos.index(row))
        self._remember_place()
        self._on_current_changed()
        self.selection_changed.emit()

    def _row_again(self, before: _BeforeReset | None) -> int:
        if before is None or before.row < 0 or not self._chosen_by_user:
            return 0
        row = self._photos.row_of(before.ids[before.row], hint=before.row)
        if row >= 0:
            return row
        near = (
            *before.ids[before.row + 1 : before.row + 1 + HEIRS],
            *before.ids[max(0, before.row - HEIRS) : before.row][::-1],
        )
        rows = {self._photos.ids[row]: row for row in self._photos.rows_of(near)}
        heir = next((rows[photo_id] for photo_id in near if photo_id in rows), before.row)
        return min(heir, self._photos.rowCount() - 1)

    def _select_again(self, photo_ids: array[int], current: int) -> None:
        self.select_ids(photo_ids)
        if not self.selectionModel().hasSelection():
            self.selectionModel().select(self._photos.index(current), Select.Select)


_MOVEMENTS = {
    Qt.Key.Key_Left: QAbstractItemView.CursorAction.MoveLeft,
    Qt.Key.Key_Right: QAbstractItemView.CursorAction.MoveRight,
    Qt.Key.Key_Up: QAbstractItemView.CursorAction.MoveUp,
    Qt.Key.Key_Down: QAbstractItemView.CursorAction.MoveDown,
    Qt.Key.Key_Home: QAbstractItemView.CursorAction.MoveHome,
    Qt.Key.Key_End: QAbstractItemView.CursorAction.MoveEnd,
    Qt.Key.Key_PageUp: QAbstractItemView.CursorAction.MovePageUp,
    Qt.Key.Key_PageDown: QAbstractItemView.CursorAction.MovePageDown,
}
