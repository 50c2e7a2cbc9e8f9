"""The plate that the frames of an opened series lie on, so that one sees where the series begins and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView

from aesthetic_studio.desktop.grid.model import PhotoListModel
from aesthetic_studio.desktop.toolkit import colours

if TYPE_CHECKING:
    from aesthetic_studio.records import GridCell

THICK = 2.0
TICK = 14.0
"""How far the bracket reaches round the corners at the series' ends."""


@dataclass(frozen=True, slots=True)
class Band:
    """How a cell continues its series.

    Attributes:
        begins, ends: It is the first, or last, frame that is shown of the series.
        left, right: Pixels from the cell to its neighbours of the series on the same line, 0 where there is none.
    """

    begins: bool = True
    ends: bool = True
    left: int = 0
    right: int = 0


def band_of(index: QModelIndex | QPersistentModelIndex, cell: GridCell, view: object) -> Band:
    """How the cell of ``index`` continues its series in a view."""
    before, after = _neighbour(index, -1), _neighbour(index, 1)
    begins = before is None or before.data(PhotoListModel.CellRole).series_id != cell.series_id
    ends = after is None or after.data(PhotoListModel.CellRole).series_id != cell.series_id
    if not isinstance(view, QAbstractItemView):
        return Band(begins, ends)
    here = view.visualRect(index)
    left = 0 if begins or before is None else _gap(view.visualRect(before), here)
    right = 0 if ends or after is None else _gap(here, view.visualRect(after))
    return Band(begins, ends, left, right)


def paint_plate(painter: QPainter, rect: QRect, band: Band, radius: float) -> None:
    """Fill the cell, and the gaps to its neighbours of the series, with one ground."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.PLATE)
    plate = QRectF(rect.adjusted(-band.left, 0, band.right, 0))
    painter.drawRoundedRect(plate, radius, radius) if band.begins and band.ends else painter.drawRect(plate)


def paint_bracket(painter: QPainter, rect: QRect, band: Band) -> None:
    """Draw the part of the bracket above the frames that this cell carries, with a tick at either end of the series."""
    half = THICK / 2
    left, right = rect.left() - band.left + half, rect.right() + 1 + band.right - half
    top = rect.top() + half
    painter.setPen(QPen(colours.BRACKET, THICK, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawLine(QPointF(left - half, top), QPointF(right + half, top))
    if band.begins:
        painter.drawLine(QPointF(left, top), QPointF(left, top + TICK))
    if band.ends:
        painter.drawLine(QPointF(right, top), QPointF(right, top + TICK))


def _neighbour(index: QModelIndex | QPersistentModelIndex, by: int) -> QModelIndex | None:
    sibling = index.sibling(index.row() + by, 0)
    return sibling if sibling.isValid() else None


def _gap(one: QRect, other: QRect) -> int:
    """Pixels between two cells of one line, 0 where they are on different ones."""
    return max(0, other.left() - one.right() - 1) if one.top() == other.top() else 0
