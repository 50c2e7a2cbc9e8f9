"""Parts of the Teach panel: a picture to compare, the photos that moved, and accuracy before and after as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QSizePolicy, QWidget

from aesthetic_studio.desktop.toolkit.theme import accent, grey
from aesthetic_studio.paths import shown
from aesthetic_studio.translation import _, decimal, percent, retold

if TYPE_CHECKING:
    from aesthetic_studio.models.card import Interval
    from trainer.personal.records import TeachReport

ROW = 72
"""Pixels of a row's thumbnail."""


class PairPicture(QLabel):
    """One photo of a pair, as large as there is room; a click chooses it.

    Signals:
        chosen: It is the better one.
    """

    chosen = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(alignment=Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName(name)
        self.setMinimumSize(QSize(220, 220))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._picture: QPixmap | None = None

    def show_picture(self, picture: QPixmap | None) -> None:
        """Show a photo, or that it is on its way."""
        self._picture = picture
        self.setText("" if picture is not None else "…")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the photo whole, never larger than its pixels twice over."""
        if self._picture is None or self._picture.isNull():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect()).adjusted(6, 6, -6, -6)
        size = self._picture.size().scaled(area.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(area.center())
        painter.drawPixmap(place, self._picture, QRectF(self._picture.rect()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose it."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()


class AccuracyBars(QWidget):
    """Held-out pair accuracy of base and personal model, each a bar with its interval, on a scale from 30 to 100 %."""

    LOW, HIGH = 0.3, 1.0

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[str, Interval]] = []
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    def show_figures(self, base: Interval, personal: Interval) -> None:
        """Show both."""
        self._rows = [(_("Base model"), base), (_("Your model"), personal)]
        told = [
            _("{name}: {value}, {low} to {high}").format(
                name=name, value=percent(figure.value), low=percent(figure.low), high=percent(figure.high)
            )
            for name, figure in self._rows
        ]
        self.setAccessibleName(". ".join([_("Pairs in your order"), *told]))
        self.setToolTip(_("Share of the held-out comparisons in your order, with the 95 % interval"))
        self.setVisible(True)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw both bars; a line says where chance lies."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        half = self._x(0.5)
        for row, (name, figure) in enumerate(self._rows):
            top = row * (line + 26)
            painter.setPen(grey("text"))
            painter.drawText(0, top + line - 3, f"{name}: {percent(figure.value)}")
            bar = QRectF(0, top + line + 3, self._x(figure.value), 10)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(grey("faint") if row == 0 else accent())
            painter.drawRoundedRect(bar, 2, 2)
            painter.setPen(QPen(grey("bright"), 1.5))
            middle = bar.center().y()
            painter.drawLine(int(self._x(figure.low)), int(middle), int(self._x(figure.high)), int(middle))
            painter.setPen(QPen(grey("line"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(int(half), int(bar.top() - 2), int(half), int(bar.bottom() + 2))

    def _x(self, share: float) -> float:
        return max(0.0, min(1.0, (share - self.LOW) / (self.HIGH - self.LOW))) * self.width()


class MovedList(QListWidget):
    """The photos that changed places most: thumbnail, old and new place, and why."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("Photos that moved most"))
        self.setIconSize(QSize(ROW, ROW))
        self.setWordWrap(True)
        self.setSpacing(2)
        self.setUniformItemSizes(False)
        self._items: dict[int, QListWidgetItem] = {}

    def show_report(self, report: TeachReport) -> list[int]:
        """List what moved; says whose thumbnails are wanted."""
        self.clear()
        self._items.clear()
        for one in report.moved:
            way = "↑" if one.after < one.before else "↓"
            why = "; ".join(retold("reason", reason) for reason in one.reasons) or _("many small things")
            name = shown(report.names.get(one.content_hash, ""))
            item = QListWidgetItem(
                _("{name}   {way} place {before} → {after} of {among}   (score {score_before} → {score_after})").format(
                    name=name,
                    way=way,
                    before=one.before,
                    after=one.after,
                    among=one.among,
                    score_before=decimal(one.score_before),
                    score_after=decimal(one.score_after),
                )
                + f"\n{why[:1].upper()}{why[1:]}"
            )
            item.setSizeHint(QSize(0, ROW + 8))
            self.addItem(item)
            if (photo_id := report.photo_ids.get(one.content_hash)) is not None:
                self._items[photo_id] = item
        if not report.moved:
            self.addItem(_("No photo changed its place."))
        return list(self._items)

    def show_thumbnail(self, photo_id: int, picture: QPixmap | None) -> None:
        """Put a thumbnail beside its photo, where that is listed."""
        item = self._items.get(photo_id)
        if item is not None and picture is not None:
            item.setIcon(picture)
