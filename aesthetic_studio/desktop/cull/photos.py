"""One side of the page: photos in a grid, each with its reason; a click or Space moves it to the other side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QWidget

from aesthetic_studio.desktop.grid.delegate import INSET, CellStyle, GridDelegate
from aesthetic_studio.desktop.grid.model import PhotoListModel, spoken_text
from aesthetic_studio.desktop.grid.view import GridView
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QKeyEvent, QMouseEvent

    from aesthetic_studio.desktop.grid.model import FetchCells
    from aesthetic_studio.desktop.grid.thumbnails import ThumbnailProvider
    from aesthetic_studio.records import GridCell

Index = QModelIndex | QPersistentModelIndex

REASON_LINES = 3
"""Lines for the reason: the longest need as many in cells of the usual width."""


class CullListModel(PhotoListModel):
    """Photos whose reason is said with them."""

    def __init__(self, fetch: FetchCells, reason: Callable[[int], str], parent: QWidget | None = None) -> None:
        super().__init__(fetch, parent)
        self._reason = reason

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What the grid knows of a photo, with the reason for whoever hears it or stays on it with the mouse."""
        if role == Qt.ItemDataRole.ToolTipRole and (photo := self.id_at(index.row())) is not None:
            return f"{shown(self.cell_at(index.row()).name)}\n{self._reason(photo)}"
        if role == Qt.ItemDataRole.AccessibleTextRole and (photo := self.id_at(index.row())) is not None:
            return f"{spoken_text(self.cell_at(index.row()))}: {self._reason(photo)}"
        return super().data(index, role)


class ReasonDelegate(GridDelegate):
    """Paints the reason where the grid paints stars and flag; no frame stands for its series here."""

    def __init__(self, thumbnails: ThumbnailProvider | None, parent: QWidget) -> None:
        super().__init__(thumbnails, parent)
        self.reason: Callable[[int], str] = lambda _: ""

    @staticmethod
    def footer_height(metrics: QFontMetrics, cell_size: int) -> int:
        """Room for the name and the reason, whatever the size of the cell."""
        del cell_size
        return (metrics.height() + 3) + REASON_LINES * metrics.lineSpacing() + 8

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the cell of ``index`` as one frame among others."""
        state = option.state
        style = CellStyle(
            selected=bool(state & QStyle.StateFlag.State_Selected),
            current=bool(state & QStyle.StateFlag.State_HasFocus),
            focused=bool(state & QStyle.StateFlag.State_Active),
            opened=True,
        )
        self.paint_cell(painter, option.rect, index.data(PhotoListModel.CellRole), style, option.font)

    def _paint_footer(self, painter: QPainter, rect: QRect, cell: GridCell, style: CellStyle, font: QFont) -> None:
        metrics = QFontMetrics(font)
        left, right = rect.left() + INSET + 1.0, rect.right() - INSET
        line, top = metrics.height() + 3, rect.top() + rect.width() - 1.0
        chip = self._paint_score(painter, QRectF(left, top, right - left, line), cell, font)
        name = metrics.elidedText(shown(cell.name), Qt.TextElideMode.ElideMiddle, int(right - left - chip - 6))
        painter.setFont(font)
        painter.setPen(colours.TEXT)
        place = QRectF(left, top, right - left - chip, line)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(colours.TEXT if style.selected else colours.TEXT_MUTED)
        room = QRectF(left, top + line + 1, right - left, REASON_LINES * metrics.lineSpacing())
        words = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(room, words, shown(self.reason(cell.id)))


class CullGrid(GridView):
    """Photos of one fate.

    Signals:
        swap_wanted: These photos are to change sides.
    """

    swap_wanted = Signal(list)

    def __init__(
        self,
        fetch: FetchCells,
        reason: Callable[[int], str],
        thumbnails: ThumbnailProvider,
        *,
        name: str,
        key: Qt.Key,
    ) -> None:
        """``key`` moves photos away from here, beside Space and Enter."""
        self._swap_keys = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, key})
        self._pressed_row = -1
        super().__init__(CullListModel(fetch, reason), thumbnails)
        self._delegate.reason = reason  # type: ignore[attr-defined]
        self.setObjectName(name)

    def _make_delegate(self, thumbnails: ThumbnailProvider | None) -> GridDelegate:
        return ReasonDelegate(thumbnails, self)

    def show_ids(self, photo_ids: list[int]) -> None:
        """Show these photos; the current one stays current, or hands over to the next."""
        self._photos.reset(photo_ids)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Space, Enter or the side's own key move what is selected; all else is the grid's."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and Qt.Key(event.key()) in self._swap_keys:
            self._swap(list(self.selected_ids()))
            event.accept()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Note where a plain click begins."""
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        self._pressed_row = self.indexAt(event.position().toPoint()).row() if plain else -1
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move the photo that was clicked; one that the mouse left meanwhile stays."""
        super().mouseReleaseEvent(event)
        row, self._pressed_row = self._pressed_row, -1
        photo = self._photos.id_at(row) if row == self.indexAt(event.position().toPoint()).row() else None
        if photo is not None:
            self._swap([photo])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Do nothing: the first click moved a photo, and what lies there now was not meant."""
        event.accept()

    def _toggle_series(self, index: QModelIndex, point: QPoint) -> bool:
        """Leave series as they are: every frame is shown."""
        del index, point
        return False

    def _swap(self, photo_ids: list[int]) -> None:
        if photo_ids:
            self.swap_wanted.emit(photo_ids)
