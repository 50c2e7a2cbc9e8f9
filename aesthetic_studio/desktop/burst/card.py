"""One frame of a series as a card: picture, rank and score, what was decided, and the reasons in words."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from aesthetic_studio.desktop.grid.glyphs import Glyph, draw_glyph
from aesthetic_studio.desktop.grid.model import cell_of, spoken_text
from aesthetic_studio.desktop.loupe.hud import VerdictPlate
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.desktop.toolkit.words import reasons_of
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag, PhotoRecord, PhotoState, SeriesKind
from aesthetic_studio.translation import N_, _, decimal, retold

_PROBLEMS = {
    PhotoState.MISSING: (Glyph.MISSING, N_("File missing")),
    PhotoState.OFFLINE: (Glyph.OFFLINE, N_("Drive offline")),
    PhotoState.UNREADABLE: (Glyph.UNREADABLE, N_("Unreadable")),
}


class FramePicture(QWidget):
    """A frame's picture, with its rank in the corner and a mark on the best."""

    def __init__(self, record: PhotoRecord, parent: QWidget) -> None:
        super().__init__(parent)
        self._record = record
        self._image = QImage()
        self._has_true_pixels = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_record(self, record: PhotoRecord) -> None:
        """Take up what changed about the frame."""
        self._record = record
        self.update()

    def show_preview(self, image: QImage) -> None:
        """Show the stored preview, until the photo's own pixels are there."""
        if not self._has_true_pixels:
            self._image = image
            self.update()

    def show_photo(self, image: QImage) -> None:
        """Show the photo's own pixels."""
        self._has_true_pixels = True
        self._image = image
        self.update()

    def has_image(self) -> bool:
        """Whether there is something to see yet."""
        return not self._image.isNull()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw picture, rank and marks."""
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        place = self._paint_image(painter)
        self._paint_problem(painter)
        self._paint_rank(painter, place)

    def _paint_image(self, painter: QPainter) -> QRectF:
        area = QRectF(self.rect())
        if self._image.isNull():
            painter.fillRect(area, colours.WELL)
            return area
        scale = min(area.width() / self._image.width(), area.height() / self._image.height())
        place = QRectF(0, 0, self._image.width() * scale, self._image.height() * scale)
        place.moveCenter(area.center())
        if self._record.verdict.flag is Flag.REJECT:
            painter.setOpacity(colours.REJECTED_OPACITY)
        elif self._record.state is not PhotoState.PRESENT:
            painter.setOpacity(colours.MISSING_OPACITY)
        painter.drawImage(place, self._image, QRectF(self._image.rect()))
        painter.setOpacity(1.0)
        return place

    def _paint_problem(self, painter: QPainter) -> None:
        if self._record.state not in _PROBLEMS:
            return
        glyph, words = _PROBLEMS[self._record.state][0], _(_PROBLEMS[self._record.state][1])
        place = QRectF(0, 0, 56, 56)
        place.moveCenter(QRectF(self.rect()).center() - QPointF(0, 12))
        draw_glyph(painter, glyph, place, colours.TEXT_MUTED)
        painter.setPen(colours.TEXT)
        line = QRectF(0, place.bottom() + 6, self.width(), self.fontMetrics().height())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_rank(self, painter: QPainter, place: QRectF) -> None:
        """The rank in the picture’s corner; in a series kept whole it is the order of shooting."""
        font = QFont(self.font())
        font.setBold(True)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        words = str(self._record.series_rank or "–")
        side = metrics.height() + 6.0
        best = self._record.best_of_series and self._record.series_kind is SeriesKind.BURST
        width = side + (
            metrics.horizontalAdvance(_("Best")) + side * 0.9
            if best
            else max(0.0, metrics.horizontalAdvance(words) - side * 0.5)
        )
        chip = QRectF(place.left() + 8, place.top() + 8, width, side)
        painter.setPen(QPen(colours.BEST, 1) if best else QPen(colours.EDGE, 1))
        painter.setBrush(colours.CHIP_ON_PHOTO)
        painter.drawRoundedRect(chip, side / 2, side / 2)
        painter.setPen(colours.TEXT)
        if not best:
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)
            return
        crown = QRectF(chip.left() + side * 0.4, chip.center().y() - side * 0.3, side * 0.6, side * 0.6)
        draw_glyph(painter, Glyph.BEST, crown, colours.BEST)
        painter.drawText(
            QRectF(crown.right() + 5, chip.top(), chip.right() - crown.right(), side),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            _("Best"),
        )


class FrameCard(QFrame):
    """A frame among the others.

    Signals:
        chosen: The person wants this frame to stand for the burst.
        entered: The keyboard or a click came here.
        opened: Double click.
    """

    chosen = Signal(int)
    entered = Signal(int)
    opened = Signal(int)

    def __init__(self, record: PhotoRecord, parent: QWidget) -> None:
        super().__init__(parent)
        self.record = record
        self._current = False
        self.picture = FramePicture(record, self)
        self._name, self._score, self._reasons = QLabel(self), QLabel(self), QLabel(self)
        self._verdict = VerdictPlate(self, plate=False)
        self._choose = QPushButton(_("Make this the best"), self)
        self._build()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_record(record)

    def _build(self) -> None:
        self._name.setProperty("role", "dim")
        self._score.setProperty("role", "name")
        self._reasons.setWordWrap(True)
        self._reasons.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._choose.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = self._choose.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._choose.setSizePolicy(policy)
        self._choose.clicked.connect(lambda: self.chosen.emit(self.record.id))
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._name, 1)
        top.addWidget(self._verdict)
        top.addWidget(self._score)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 10, 10)
        layout.setSpacing(7)
        layout.addWidget(self.picture)
        layout.addLayout(top)
        layout.addWidget(self._reasons)
        layout.addStretch(1)
        layout.addWidget(self._choose)

    def show_record(self, record: PhotoRecord) -> None:
        """Take up what changed about the frame."""
        self.record = record
        self.picture.show_record(record)
        self._name.setToolTip(shown(record.name))
        self._elide_name()
        self._score.setText("" if record.score is None else decimal(record.score.distribution.mean))
        self._reasons.setText(reasons_text(record))
        self._verdict.show_verdict(record.verdict)
        self._show_choice()
        self._choose.setAccessibleName(_("Make {name} the best of its burst").format(name=shown(record.name)))
        place = _("rank {rank}").format(rank=record.series_rank) if record.series_rank else _("not ranked")
        self.setAccessibleName(f"{spoken_text(cell_of(record))}, {place}")
        self.setAccessibleDescription("; ".join(reasons_of(record)))

    def set_current(self, current: bool) -> None:
        """Whether keys act on this frame."""
        if current != self._current:
            self._current = current
            self._show_choice()
            self.update()

    def set_picture_height(self, height: int) -> None:
        """How tall the picture is; all cards of a series agree."""
        self.picture.setFixedHeight(height)

    def resizeEvent(self, event: object) -> None:  # noqa: N802
        """Fit the name."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._elide_name()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As narrow as the layout decides."""
        return QSize(120, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the card's ground and, around the current one, a ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.CELL_SELECTED if self._current else colours.CELL)
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        if self._current:
            width = 2.5 if self.hasFocus() else 1.5
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.RING if self.hasFocus() else colours.RING_UNFOCUSED, width))
            half = width / 2
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), 6, 6)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """The keyboard is here: this is the current frame."""
        super().focusInEvent(event)
        self.entered.emit(self.record.id)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Mute the ring."""
        super().focusOutEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click makes the frame current."""
        self.entered.emit(self.record.id)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open the frame in the loupe."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(self.record.id)
        event.accept()

    def _show_choice(self) -> None:
        """Only the current frame offers itself, and only in a burst: other series are kept whole."""
        in_burst = self.record.series_kind is SeriesKind.BURST
        self._choose.setVisible(self._current and in_burst and not self.record.chosen)

    def _elide_name(self) -> None:
        name = shown(self.record.name)
        self._name.setText(self._name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, self._name.width()))


def reasons_text(record: PhotoRecord) -> str:
    """The frame's reasons as rich text, one a line, indented behind its dot; what is wrong is said first."""
    lines = [retold("problem", record.problem)] if record.problem else []
    items = (escape(f"{reason[:1].upper()}{reason[1:]}") for reason in [*lines, *reasons_of(record)])
    return "".join(f'<p style="margin: 0 0 3px 14px; text-indent: -14px">•&nbsp;&nbsp;{item}</p>' for item in items)
