"""The grid's ground: where cells lie, painting those that are visible, scrolling, and keeping a photo in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QStyle, QStyleOptionViewItem, QWidget

from aesthetic_studio.desktop.grid.delegate import GridDelegate, quiet_palette
from aesthetic_studio.desktop.grid.geometry import DEFAULT_CELL, MIN_CELL, GridGeometry
from aesthetic_studio.desktop.grid.place import Place, SmoothScroll, place_of_interest, row_after
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aesthetic_studio.desktop.grid.model import PhotoListModel
    from aesthetic_studio.desktop.grid.thumbnails import ThumbnailProvider

Index = QModelIndex | QPersistentModelIndex
Hint = QAbstractItemView.ScrollHint

FAR = 1 << 28
"""Rectangles count in 32 bits, the content does not: what lies further away than this is out of sight all the same."""


class GridSurface(QAbstractItemView):
    """An item view of equal cells whose every cost is that of the cells on screen."""

    def __init__(self, model: PhotoListModel, thumbnails: ThumbnailProvider | None, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._photos = model
        self._cell_size = DEFAULT_CELL
        self._geometry = GridGeometry(0, 100, DEFAULT_CELL, 40, colours.METRICS.gap)
        self._place: Place | None = None
        self._laying_out = False
        self._empty_text = (_("No photos to show"), "")
        self._delegate = self._make_delegate(thumbnails)
        self._scroller = SmoothScroll(self.verticalScrollBar(), self)
        self._set_up_widget()
        self.setModel(model)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def _make_delegate(self, thumbnails: ThumbnailProvider | None) -> GridDelegate:
        """Make what paints the cells."""
        return GridDelegate(thumbnails, self)

    def _set_up_widget(self) -> None:
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAutoScroll(False)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # A bar that comes and goes would change the width, and with it the number of columns, in a circle.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setPalette(quiet_palette(self.palette()))
        self.setMinimumSize(QSize(2 * MIN_CELL, MIN_CELL))

    # -- geometry, asked by Qt ------------------------------------------------------------

    def visualRect(self, index: Index) -> QRect:  # noqa: N802
        """Where a photo's cell is in the viewport."""
        return self._rect_of(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:  # noqa: N802
        """The photo at a point of the viewport."""
        row = self._geometry.row_at(point.x(), point.y() + self.verticalOffset())
        return self._photos.index(row) if row >= 0 else QModelIndex()

    def scrollTo(self, index: Index, hint: Hint = Hint.EnsureVisible) -> None:  # noqa: N802
        """Scroll by as little as shows the whole cell."""
        if not index.isValid():
            return
        _, top, _, height = self._geometry.cell_at(index.row())
        gap, room, offset = self._geometry.gap, self.viewport().height(), self.verticalOffset()
        if hint == Hint.PositionAtCenter:
            self._scroll_to_offset(top + height // 2 - room // 2)
        elif top - gap < offset or hint == Hint.PositionAtTop:
            self._scroll_to_offset(top - gap)
        elif top + height + gap > offset + room or hint == Hint.PositionAtBottom:
            self._scroll_to_offset(min(top - gap, top + height + gap - room))

    def horizontalOffset(self) -> int:  # noqa: N802
        """Always 0: the cells fill the width."""
        return 0

    def verticalOffset(self) -> int:  # noqa: N802
        """Pixels of content above the viewport."""
        return self.verticalScrollBar().value() * self._geometry.scroll_unit

    def isIndexHidden(self, _index: Index) -> bool:  # noqa: N802
        """No photo of the album is hidden."""
        return False

    def moveCursor(  # noqa: N802
        self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """The photo that a movement leads to."""
        return self._photos.index(self._row_after(action))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:  # noqa: N802
        """Select the cells that a rectangle of the viewport touches."""
        offset, box = self.verticalOffset(), rect.normalized()
        boxes = self._geometry.boxes_between(box.left(), box.top() + offset, box.right(), box.bottom() + offset)
        self.selectionModel().select(self._selection(boxes), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:  # noqa: N802
        """The visible part of a selection, whatever its size."""
        visible = self._visible_range()
        region = QRegion()
        for part in selection.toList():
            for row in range(max(part.top(), visible.start), min(part.bottom() + 1, visible.stop)):
                region += self._rect_of(row)
        return region

    def updateGeometries(self) -> None:  # noqa: N802
        """Fit the scroll bar to the content; Qt asks for it after every change of size or model."""
        self._lay_out()

    def keyboardSearch(self, _search: str) -> None:  # noqa: N802
        """Letters are commands, never a search for names."""

    def dataChanged(self, top_left: Index, bottom_right: Index, _roles: Sequence[int] = ()) -> None:  # noqa: N802
        """Repaint those of the changed cells that are visible."""
        visible = self._visible_range()
        for row in range(max(top_left.row(), visible.start), min(bottom_right.row() + 1, visible.stop)):
            self.viewport().update(self._rect_of(row))

    # -- painting and scrolling ------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the cells that the exposed rectangle touches, and no other."""
        painter = QPainter(self.viewport())
        # Cells are laid out by their own arithmetic; a right-to-left interface must not turn the words in them alone.
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.fillRect(event.rect(), colours.BACKGROUND)
        if not self._photos.rowCount():
            self._paint_empty(painter)
            return
        offset, exposed = self.verticalOffset(), event.rect()
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        current, selection = self.currentIndex().row(), self.selectionModel()
        plain = QStyle.StateFlag.State_Enabled
        if self.hasFocus():
            plain |= QStyle.StateFlag.State_Active
        for row in self._geometry.rows_between(exposed.top() + offset, exposed.bottom() + offset):
            rect = self._rect_of(row)
            if not rect.intersects(exposed):
                continue
            index = self._photos.index(row)
            state = plain
            if selection.isSelected(index):
                state |= QStyle.StateFlag.State_Selected
            if row == current:
                state |= QStyle.StateFlag.State_HasFocus
            option.state = state
            option.rect = rect
            self._delegate.paint(painter, option, index)

    def _paint_empty(self, painter: QPainter) -> None:
        title, detail = self._empty_text
        large = self.font()
        large.setPointSizeF(large.pointSizeF() * 1.4)
        room = self.viewport().rect().adjusted(24, 0, -24, 0)
        painter.setFont(large)
        painter.setPen(colours.TEXT_MUTED)
        words = Qt.TextFlag.TextWordWrap
        upper = QRect(room.left(), 0, room.width(), room.height() // 2)
        painter.drawText(upper, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom | words, title)
        painter.setFont(self.font())
        painter.setPen(colours.TEXT_FAINT)
        lower = upper.translated(0, upper.height() + 8)
        painter.drawText(lower, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | words, detail)

    def scrollContentsBy(self, _dx: int, dy: int) -> None:  # noqa: N802
        """Move what is painted already, so that a scroll step paints only what comes into sight."""
        pixels, ratio = dy * self._geometry.scroll_unit, self.devicePixelRatioF()
        if not self._laying_out and abs(pixels) < self.viewport().height() and ratio == int(ratio):
            self.viewport().scroll(0, pixels)
        else:
            self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take up the greys of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.setPalette(quiet_palette(QApplication.palette()))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Lay out anew around the photo that was in view."""
        super().resizeEvent(event)
        self._lay_out()

    # -- how it is done ------------------------------------------------------------

    def _row_after(self, action: QAbstractItemView.CursorAction) -> int:
        lines_on_screen = max(1, self.viewport().height() // self._geometry.row_height)
        columns = self._geometry.columns
        return row_after(action, self.currentIndex().row(), self._photos.rowCount(), columns, lines_on_screen)

    def _selection(self, boxes: Iterable[range]) -> QItemSelection:
        selection = QItemSelection()
        for box in boxes:
            selection.select(self._photos.index(box.start), self._photos.index(box.stop - 1))
        return selection

    def _rect_of(self, row: int) -> QRect:
        if row < 0:
            return QRect()
        left, top, width, height = self._geometry.cell_at(row)
        return QRect(left, min(max(top - self.verticalOffset(), -FAR), FAR), width, height)

    def _visible_range(self) -> range:
        offset = self.verticalOffset()
        return self._geometry.rows_between(offset, offset + self.viewport().height() - 1)

    def _update_row(self, row: int) -> None:
        if row >= 0:
            self.viewport().update(self._rect_of(row))

    def _lay_out(self) -> None:
        """Take up the present width, cell size and number of photos, and keep the remembered photo in its place."""
        if self._laying_out:
            return
        self._laying_out = True
        try:
            footer = self._delegate.footer_height(self.fontMetrics(), self._cell_size)
            count, width = self._photos.rowCount(), self.viewport().width()
            self._geometry = GridGeometry(count, width, self._cell_size, footer, colours.METRICS.gap)
            room, unit, bar = self.viewport().height(), self._geometry.scroll_unit, self.verticalScrollBar()
            bar.setRange(0, max(0, -(-(self._geometry.height - room) // unit)))
            bar.setPageStep(max(1, room // unit))
            bar.setSingleStep(max(1, self._geometry.row_height // 2 // unit))
            if self._place is not None and self._place.row < count:
                bar.setValue((self._geometry.cell_at(self._place.row)[1] - self._place.y) // unit)
        finally:
            self._laying_out = False
        self.viewport().update()
        self._view_moved()

    def _view_moved(self) -> None:
        """Other photos may be visible now."""

    def _remember_place(self) -> None:
        room = self.viewport().height()
        self._place = place_of_interest(self._geometry, self.verticalOffset(), room, self.currentIndex().row())

    def _scroll_to_offset(self, offset: int) -> None:
        self.verticalScrollBar().setValue(max(0, offset) // self._geometry.scroll_unit)

    def _on_scrolled(self) -> None:
        if not self._laying_out:
            self._remember_place()
            self._view_moved()
