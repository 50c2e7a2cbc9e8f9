"""Paints one photo's cell: the photo letterboxed on neutral grey, and below it what is known and decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from aesthetic_studio.desktop.grid.bands import Band, band_of, paint_bracket, paint_plate
from aesthetic_studio.desktop.grid.glyphs import SERIES_GLYPHS, Glyph, draw_glyph
from aesthetic_studio.desktop.grid.model import PhotoListModel
from aesthetic_studio.desktop.grid.pixmaps import FittedPixmaps
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag, GridCell, Label, PhotoState
from aesthetic_studio.translation import N_, _, decimal

COMPACT_BELOW = 132
"""Cells narrower than this have one line below the photo instead of two."""

INSET = 7
"""From the cell's edge to the photo's square."""

_PROBLEMS = {
    PhotoState.MISSING: (Glyph.MISSING, N_("File missing")),
    PhotoState.OFFLINE: (Glyph.OFFLINE, N_("Drive offline")),
    PhotoState.UNREADABLE: (Glyph.UNREADABLE, N_("Unreadable")),
}


class Thumbnails(Protocol):
    """Where the delegate gets its pictures."""

    def pixmap(self, photo_id: int) -> QPixmap | None:
        """The thumbnail, ``None`` where there is none yet."""


@dataclass(frozen=True, slots=True)
class CellStyle:
    """How a cell stands among the others."""

    selected: bool = False
    current: bool = False
    focused: bool = False
    """The view has the keyboard."""
    opened: bool = False
    """Its series is shown frame by frame."""
    band: Band | None = None
    """How it continues an opened series."""


class GridDelegate(QStyledItemDelegate):
    """Paints cells, and knows where in a cell the series badge is."""

    def __init__(self, thumbnails: Thumbnails | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._open_series: frozenset[int] = frozenset()
        self._fitted = FittedPixmaps()

    def set_thumbnails(self, thumbnails: Thumbnails | None) -> None:
        """Take pictures from here."""
        self._thumbnails = thumbnails

    def set_open_series(self, series: frozenset[int]) -> None:
        """These series are shown frame by frame, so their cells are not drawn as a stack."""
        self._open_series = series

    @staticmethod
    def footer_height(metrics: QFontMetrics, cell_size: int) -> int:
        """Height below the photo's square, which grows with the user's font."""
        lines = 1 if cell_size < COMPACT_BELOW else 2
        return lines * (metrics.height() + 3) + 8

    def sizeHint(self, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        """The grid decides how large a cell is; this only answers whoever asks."""
        return option.rect.size()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the cell of ``index`` into ``option.rect``."""
        cell = index.data(PhotoListModel.CellRole)
        state = option.state
        opened = cell.series_id in self._open_series
        style = CellStyle(
            selected=bool(state & QStyle.StateFlag.State_Selected),
            current=bool(state & QStyle.StateFlag.State_HasFocus),
            focused=bool(state & QStyle.StateFlag.State_Active),
            opened=opened,
            band=band_of(index, cell, option.widget) if opened else None,
        )
        self.paint_cell(painter, option.rect, cell, style, option.font)

    def paint_cell(self, painter: QPainter, rect: QRect, cell: GridCell, style: CellStyle, font: QFont) -> None:
        """Paint one cell; everything is drawn within ``rect``."""
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        metrics = QFontMetrics(font)
        self._paint_ground(painter, rect, style)
        square = QRectF(rect.x() + INSET, rect.y() + INSET, rect.width() - 2 * INSET, rect.width() - 2 * INSET)
        stacked = cell.series_size > 1 and cell.series_kind is not None and not style.opened
        self._paint_photo(painter, square, cell, stacked)
        if cell.state is not PhotoState.PRESENT:
            painter.setFont(font)
            self._paint_problem(painter, square, cell.state, metrics)
        if cell.series_size > 1 and cell.series_kind is not None:
            self._paint_badge(painter, self._badge_rect(rect, cell, metrics), cell, style, font)
        self._paint_footer(painter, rect, cell, style, font)
        if cell.verdict.label is not Label.NONE:
            self._paint_label(painter, rect, cell.verdict.label)
        if style.band is not None:
            paint_bracket(painter, rect, style.band)
        self._paint_ring(painter, rect, style)

    def badge_rect(self, rect: QRect, cell: GridCell, font: QFont) -> QRectF:
        """Where a click opens or closes the cell's series; empty where it is in none."""
        if cell.series_size < 2 or cell.series_kind is None:
            return QRectF()
        return self._badge_rect(rect, cell, QFontMetrics(font))

    # -- parts ------------------------------------------------------------

    @staticmethod
    def _paint_ground(painter: QPainter, rect: QRect, style: CellStyle) -> None:
        if style.band is not None:
            paint_plate(painter, rect, style.band, colours.METRICS.radius)
            if not style.selected:
                return
        ground = colours.CELL
        if style.selected:
            ground = colours.CELL_CURRENT if style.current else colours.CELL_SELECTED
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(rect), colours.METRICS.radius, colours.METRICS.radius)

    def _paint_photo(self, painter: QPainter, square: QRectF, cell: GridCell, stacked: bool) -> None:
        pixmap = self._thumbnails.pixmap(cell.id) if self._thumbnails is not None else None
        steps = max(3.0, square.width() / 40) if stacked else 0.0
        area = square.adjusted(0, 2 * steps, -2 * steps, 0) if stacked else square
        if pixmap is None:
            target = QRectF(0, 0, area.width(), area.height() * 0.72)
            target.moveCenter(area.center())
        else:
            target = fitted(pixmap, area)
        if stacked:
            self._paint_stack(painter, target, steps)
        if pixmap is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.WELL)
            painter.drawRect(target)
            return
        out_of_reach = cell.state is not PhotoState.PRESENT
        opacity = colours.MISSING_OPACITY if out_of_reach else 1.0
        if cell.verdict.flag is Flag.REJECT:
            opacity = min(opacity, colours.REJECTED_OPACITY)
        painter.setOpacity(opacity)
        self._fitted.draw(painter, pixmap, target, grey=out_of_reach)
        painter.setOpacity(1.0)

    @staticmethod
    def _paint_stack(painter: QPainter, photo: QRectF, step: float) -> None:
        """Two more sheets that look out behind the photo."""
        painter.setPen(QPen(colours.SHEET_EDGE, 1))
        for depth, shade in ((2, colours.SHEET_FAR), (1, colours.SHEET_NEAR)):
            painter.setBrush(shade)
            painter.drawRect(photo.translated(depth * step, -depth * step))

    @staticmethod
    def _paint_problem(painter: QPainter, square: QRectF, state: PhotoState, metrics: QFontMetrics) -> None:
        glyph, words = _PROBLEMS[state][0], _(_PROBLEMS[state][1])
        side = min(square.width() * 0.3, 56.0)
        width = min(square.width(), max(side, metrics.horizontalAdvance(words)) + 20)
        plate = QRectF(0, 0, width, side + metrics.height() + 18)
        plate.moveCenter(square.center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.CHIP_ON_PHOTO)
        painter.drawRoundedRect(plate, 6, 6)
        place = QRectF(plate.center().x() - side / 2, plate.top() + 7, side, side)
        draw_glyph(painter, glyph, place, colours.PROBLEM if state is PhotoState.UNREADABLE else colours.TEXT_MUTED)
        painter.setPen(colours.TEXT)
        line = QRectF(plate.left() + 4, place.bottom() + 4, plate.width() - 8, metrics.height())
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, shown)

    @staticmethod
    def _badge_rect(rect: QRect, cell: GridCell, metrics: QFontMetrics) -> QRectF:
        height = metrics.height() + 4
        width = height + metrics.horizontalAdvance(str(cell.series_size)) + 8
        return QRectF(rect.right() - INSET - width - 1, rect.top() + INSET + 3, width, height)

    @staticmethod
    def _paint_badge(painter: QPainter, badge: QRectF, cell: GridCell, style: CellStyle, font: QFont) -> None:
        painter.setPen(QPen(colours.EDGE, 1))
        painter.setBrush(colours.CHIP_ON_PHOTO)
        painter.drawRoundedRect(badge, badge.height() / 2, badge.height() / 2)
        side = badge.height() * 0.62
        place = QRectF(badge.left() + badge.height() * 0.28, badge.center().y() - side / 2, side, side)
        best_of_open = style.opened and cell.best_of_series
        glyph = Glyph.BEST if best_of_open else SERIES_GLYPHS[cell.series_kind]  # type: ignore[index]
        draw_glyph(painter, glyph, place, colours.BEST if best_of_open else colours.TEXT)
        painter.setFont(font)
        painter.setPen(colours.TEXT)
        text = QRectF(place.right() + 2, badge.top(), badge.right() - place.right() - 7, badge.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignCenter, str(cell.series_size))

    def _paint_footer(self, painter: QPainter, rect: QRect, cell: GridCell, style: CellStyle, font: QFont) -> None:
        metrics = QFontMetrics(font)
        left, right = rect.left() + INSET + 1.0, rect.right() - INSET
        line = metrics.height() + 3
        top = rect.top() + rect.width() - 1.0
        compact = rect.bottom() - top < 2 * line
        chip_width = self._paint_score(painter, QRectF(left, top, right - left, line), cell, font)
        if compact:
            painter.setFont(font)
            self._paint_short_decision(painter, QRectF(left, top, right - left - chip_width - 4, line), cell)
            return
        name = metrics.elidedText(shown(cell.name), Qt.TextElideMode.ElideMiddle, int(right - left - chip_width - 6))
        painter.setFont(font)
        faint = cell.verdict.flag is Flag.REJECT and not style.selected
        painter.setPen(colours.TEXT if style.selected else colours.TEXT_FAINT if faint else colours.TEXT_MUTED)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, top, right - left - chip_width, line), flags, name)
        self._paint_decision(painter, QRectF(left, top + line, right - left, line), cell)

    @staticmethod
    def _paint_score(painter: QPainter, line: QRectF, cell: GridCell, font: QFont) -> float:
        """The score at the line's right end; answers with the width it took."""
        if cell.score is None:
            return 0.0
        bold = QFont(font)
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        text = decimal(cell.score)
        width = metrics.horizontalAdvance(text) + 10.0
        chip = QRectF(line.right() - width, line.top() + 1, width, line.height() - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.CHIP_ON_CELL)
        painter.drawRoundedRect(chip, 4, 4)
        painter.setFont(bold)
        painter.setPen(colours.TEXT)
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
        return width

    @staticmethod
    def _paint_decision(painter: QPainter, line: QRectF, cell: GridCell) -> None:
        """Stars from the left, the flag at the right end; what is not decided is not drawn, so the grid stays quiet."""
        side = min(line.height() * 0.78, line.width() / 6.4)
        y = line.center().y() - side / 2
        for star in range(cell.verdict.rating):
            draw_glyph(painter, Glyph.STAR, QRectF(line.left() + star * side * 1.05, y, side, side), colours.STAR)
        _draw_flag(painter, QRectF(line.right() - side - 1, y, side, side), cell.verdict.flag)

    @staticmethod
    def _paint_short_decision(painter: QPainter, line: QRectF, cell: GridCell) -> None:
        """The same where there is room for one star only: its number stands beside it."""
        side = line.height() * 0.74
        place = QRectF(line.left(), line.center().y() - side / 2, side, side)
        if cell.verdict.flag is not Flag.NONE:
            _draw_flag(painter, place, cell.verdict.flag)
            place.translate(side + 4, 0)
        if cell.verdict.rating:
            draw_glyph(painter, Glyph.STAR, place, colours.STAR)
            painter.setPen(colours.TEXT)
            text = QRectF(place.right() + 2, line.top(), side, line.height())
            painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, str(cell.verdict.rating))

    @staticmethod
    def _paint_label(painter: QPainter, rect: QRect, label: Label) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.LABELS[label])
        bar = QRectF(rect.left() + INSET, rect.bottom() - 5, rect.width() - 2 * INSET, 4)
        painter.drawRoundedRect(bar, 2, 2)

    @staticmethod
    def _paint_ring(painter: QPainter, rect: QRect, style: CellStyle) -> None:
        if not (style.current or style.selected):
            return
        colour, width = colours.RING_SELECTED, 1.0
        if style.current:
            colour, width = (colours.RING, 2.5) if style.focused else (colours.RING_UNFOCUSED, 2.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, width))
        half = width / 2
        radius = colours.METRICS.radius
        painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), radius, radius)


def _draw_flag(painter: QPainter, place: QRectF, flag: Flag) -> None:
    if flag is Flag.PICK:
        draw_glyph(painter, Glyph.PICK, place, colours.PICKED)
    elif flag is Flag.REJECT:
        draw_glyph(painter, Glyph.REJECT, place, colours.REJECTED)


def fitted(pixmap: QPixmap, area: QRectF) -> QRectF:
    """Where a picture lies when it is centred in ``area`` as large as its shape allows."""
    scale = min(area.width() / max(1, pixmap.width()), area.height() / max(1, pixmap.height()))
    size = QPointF(max(1.0, pixmap.width() * scale), max(1.0, pixmap.height() * scale))
    return QRectF(area.center().x() - size.x() / 2, area.center().y() - size.y() / 2, size.x(), size.y())


def quiet_palette(palette: QPalette) -> QPalette:
    """A palette whose base is the views' neutral grey."""
    neutral = QPalette(palette)
    neutral.setColor(QPalette.ColorRole.Base, colours.BACKGROUND)
    neutral.setColor(QPalette.ColorRole.Window, colours.BACKGROUND)
    neutral.setColor(QPalette.ColorRole.Text, colours.TEXT)
    neutral.setColor(QPalette.ColorRole.WindowText, colours.TEXT)
    return neutral
