"""Every burst of a plan with its frames: what is kept, what is rejected, and why; keys and mouse change it.

Only what is in sight is painted and decoded, so a plan for a whole library opens like one for a burst.
"""

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
    Qt,
)
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QAbstractItemView, QFrame, QWidget

from aesthetic_studio.curation.take_best import Wish
from aesthetic_studio.desktop.burst.plan_geometry import PlanGeometry, PlanSizes
from aesthetic_studio.desktop.burst.plan_painting import PlanPainter
from aesthetic_studio.desktop.grid.delegate import quiet_palette
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent

    from aesthetic_studio.desktop.burst.plan_model import PlanModel
    from aesthetic_studio.desktop.grid.thumbnails import ThumbnailProvider

Index = QModelIndex | QPersistentModelIndex
Hint = QAbstractItemView.ScrollHint
Key = Qt.Key
Action = QAbstractItemView.CursorAction

CELL_WIDTH = 184
WHEEL_STEP = 90
"""Pixels that one notch of the wheel scrolls."""


class PlanView(QAbstractItemView):
    """A plan as a page of bursts below each other.

    Args:
        model: The plan.
        thumbnails: Where pictures come from; the view says which it wants.
    """

    def __init__(self, model: PlanModel, thumbnails: ThumbnailProvider | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = model
        self._thumbnails = thumbnails
        # The style sheet's font is the view's only once it is polished.
        self.ensurePolished()
        self._painter = PlanPainter(self.font(), thumbnails)
        self._geometry = self._lay_out_for(400)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setAutoScroll(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setPalette(quiet_palette(self.palette()))
        self.setAccessibleName(_("What would be done"))
        self.setAccessibleDescription(
            _(
                "Arrow keys move between frames. Space keeps or rejects one, B takes it as the best, "
                "U undoes your change."
            )
        )
        self.setModel(model)
        model.planned.connect(self.viewport().update)
        if thumbnails is not None:
            thumbnails.thumbnail_ready.connect(self.viewport().update)
        if model.rowCount():
            self.setCurrentIndex(model.index(0))

    # -- what the dialog asks ----------------------------------------------------------------------------------------

    def take_current(self) -> None:
        """Take the current frame as the best of its burst."""
        self._plan.wish(self.currentIndex().row(), Wish.BEST)

    def toggle_current(self) -> None:
        """Keep the current frame, or reject it."""
        self._plan.toggle(self.currentIndex().row())

    def clear_current(self) -> None:
        """Let the current frame be what was planned for it."""
        self._plan.wish(self.currentIndex().row(), None)

    def page_height(self, width: int) -> int:
        """Pixels that the whole plan takes at this width."""
        return self._lay_out_for(width).height

    # -- geometry, asked by Qt ---------------------------------------------------------------------------------------

    def visualRect(self, index: Index) -> QRect:  # noqa: N802
        """Where a row is in the viewport."""
        return self._rect(self._geometry.box(index.row())) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:  # noqa: N802
        """The row at a point of the viewport."""
        row = self._geometry.row_at(point.x(), point.y() + self.verticalOffset())
        return self._plan.index(row) if row >= 0 else QModelIndex()

    def scrollTo(self, index: Index, _hint: Hint = Hint.EnsureVisible) -> None:  # noqa: N802
        """Scroll by as little as shows the whole row, with its burst's heading where that is just above."""
        if not index.isValid():
            return
        _, top, _, height = self._geometry.box(index.row())
        _, heading, _, heading_height = self._geometry.heading_box(self._geometry.burst_of(index.row()))
        start = heading if top - heading <= heading_height else top
        bar, room = self.verticalScrollBar(), self.viewport().height()
        if start - 6 < bar.value():
            bar.setValue(start - 6)
        elif top + height + 10 > bar.value() + room:
            bar.setValue(min(start - 6, top + height + 10 - room))

    def horizontalOffset(self) -> int:  # noqa: N802
        """Always 0: the frames fill the width."""
        return 0

    def verticalOffset(self) -> int:  # noqa: N802
        """Pixels of the page above the viewport."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, _index: Index) -> bool:  # noqa: N802
        """No row is hidden."""
        return False

    def moveCursor(self, action: Action, _modifiers: Qt.KeyboardModifier) -> QModelIndex:  # noqa: N802
        """The row that a movement leads to."""
        row, last = self.currentIndex().row(), self._plan.rowCount() - 1
        if last < 0:
            return QModelIndex()
        lines = max(1, self.viewport().height() // (self._painter.cell_height + self._painter.heading_height))
        steps = {
            Action.MoveLeft: row - 1,
            Action.MovePrevious: row - 1,
            Action.MoveRight: row + 1,
            Action.MoveNext: row + 1,
            Action.MoveHome: 0,
            Action.MoveEnd: last,
        }
        if action in steps:
            target = steps[action]
        else:
            target = row
            up = action in (Action.MoveUp, Action.MovePageUp)
            for _ in range(lines if action in (Action.MovePageUp, Action.MovePageDown) else 1):
                target = self._geometry.above_or_below(target, -1 if up else 1)
        return self._plan.index(min(max(0, target), last))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:  # noqa: N802
        """Select the row that a rectangle's upper left corner is in."""
        index = self.indexAt(rect.topLeft())
        self.selectionModel().select(QItemSelection(index, index), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:  # noqa: N802
        """The part of the viewport that a selection takes."""
        region = QRegion()
        for index in selection.indexes():
            region += self.visualRect(index)
        return region

    def updateGeometries(self) -> None:  # noqa: N802
        """Fit the scroll bar to the page."""
        self._geometry = self._lay_out_for(self.viewport().width())
        bar, room = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self._geometry.height - room))
        bar.setPageStep(max(1, room))
        bar.setSingleStep(WHEEL_STEP // 3)
        self._request()

    def dataChanged(self, _first: Index, _last: Index, _roles: Sequence[int] = ()) -> None:  # noqa: N802
        """Paint what is in sight anew."""
        self.viewport().update()

    # -- keys and mouse ----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Space keeps or rejects, B takes as the best, U goes back to the plan; arrows move."""
        acts = {Key.Key_Space: self.toggle_current, Key.Key_B: self.take_current, Key.Key_U: self.clear_current}
        act = acts.get(Key(event.key()))
        if act is not None and not event.modifiers():
            act()
        elif event.key() in (Key.Key_Return, Key.Key_Enter, Key.Key_Escape) or (
            event.text() and event.text().isprintable()
        ):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802
        """Bring the current row into sight."""
        super().currentChanged(current, previous)
        self.scrollTo(current)
        self.viewport().update()

    def keyboardSearch(self, _search: str) -> None:  # noqa: N802
        """Letters are commands, never a search for names."""

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Make a frame current; a click on its chip keeps or rejects it."""
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self.setCurrentIndex(index)
            if self._is_on_chip(index, event.position().toPoint()):
                self.toggle_current()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Dragging means nothing here."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take a frame as the best of its burst; on its chip, the second click counts as one more."""
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            if self._is_on_chip(index, event.position().toPoint()):
                self.toggle_current()
            else:
                self.take_current()
        event.accept()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the font: cells are as tall as their words."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._painter = PlanPainter(self.font(), self._thumbnails)
            self.updateGeometries()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Lay the frames out for the new width and keep the current one in sight."""
        super().resizeEvent(event)
        self.updateGeometries()
        self.scrollTo(self.currentIndex())

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:  # noqa: N802
        """Paint what has come into sight, and wish for its pictures."""
        self.viewport().update()
        self._request()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Brighten the ring."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Mute the ring."""
        super().focusOutEvent(event)
        self.viewport().update()

    # -- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the bursts in sight."""
        painter = QPainter(self.viewport())
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(event.rect(), colours.BACKGROUND)
        offset, exposed = self.verticalOffset(), event.rect()
        top, bottom = exposed.top() + offset, exposed.bottom() + offset
        for burst in self._geometry.bursts_between(top, bottom):
            if not self._plan.plan_of(burst).untouched:
                rect = self._rect(self._geometry.heading_box(burst))
                self._painter.paint_heading(painter, rect, self._plan, burst)
        current = self.currentIndex().row()
        for row in self._geometry.rows_between(top, bottom):
            rect = self._rect(self._geometry.box(row))
            ring = row == current
            self._painter.paint_row(painter, rect, self._plan, row, ring=ring, focused=self.hasFocus())

    def _is_on_chip(self, index: QModelIndex, point: QPoint) -> bool:
        row = self._plan.row(index.row())
        return row is not None and self._painter.chip_rect(self.visualRect(index), row).contains(point)

    def _rect(self, box: tuple[int, int, int, int]) -> QRect:
        left, top, width, height = box
        return QRect(left, top - self.verticalOffset(), width, height)

    def _lay_out_for(self, width: int) -> PlanGeometry:
        painter = self._painter
        sizes = PlanSizes(width, CELL_WIDTH, painter.cell_height, painter.heading_height)
        return PlanGeometry(self._plan.frame_counts(), sizes)

    def _request(self) -> None:
        """Wish for the pictures in sight, then those of the next screenful."""
        if self._thumbnails is None:
            return
        top, room = self.verticalOffset(), self.viewport().height()
        seen, ahead = self._photos(top, top + room), self._photos(top + room, top + 2 * room)
        self._thumbnails.want(seen, ahead, side=round(CELL_WIDTH * self.devicePixelRatioF()))

    def _photos(self, top: int, bottom: int) -> list[int]:
        rows = [self._plan.row(row) for row in self._geometry.rows_between(top, bottom)]
        return [row.frame.photo_id for row in rows if row is not None]
