"""The photo of one pane: its preview at once, then its true pixels, and what a hand on it asks for.

It never changes its own look: it tells what was wished, and the view answers for all panes that look in step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QCursor,
    QFont,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from aesthetic_studio.desktop.grid.glyphs import Glyph, draw_glyph
from aesthetic_studio.desktop.loupe.geometry import LoupeGeometry
from aesthetic_studio.desktop.loupe.hud import HeatLegend, Notice
from aesthetic_studio.desktop.loupe.photo import (
    Hand,
    cursor_over,
    paint_heat,
    paint_photo,
    paint_sign,
    paint_thirds,
    rect_of,
    size_of,
    with_true_size,
    words_about,
)
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.records import Flag
from aesthetic_studio.translation import N_, _, whole

if TYPE_CHECKING:
    from aesthetic_studio.desktop.loupe.images import LoupeImage, LoupeImages
    from aesthetic_studio.records import PhotoRecord

HEAT_OPACITY = 0.85
EDGE = 8
"""From the canvas's edge to the plates on it."""

ROOM_FOR_LEGEND = 420

MOVES_ALONE = N_("Moves alone")


class PhotoCanvas(QWidget):
    """Paints one photo through a look that is set from outside.

    Attributes:
        look: How the photo is looked at.
        heat: The heat map over it, or an empty picture.
        thirds: Whether the lines at the thirds are drawn.
        title: What this pane is, on a plate in the corner; empty for none.
        crowned: Whether the title bears the mark of the best.
        alone: Whether it moves alone.
        bounded: Whether fewer pixels are decoded than the look asks for, so that all panes fit into memory.

    Signals:
        pressed: A button went down here.
        clicked: A click that was no drag, where.
        dragged: By how much the photo is to be moved.
        wheeled: Notches, and where.
        resized: It has another size.
    """

    pressed = Signal()
    clicked = Signal(QPointF)
    dragged = Signal(QPointF)
    wheeled = Signal(float, QPointF)
    resized = Signal()

    def __init__(self, images: LoupeImages, parent: QWidget) -> None:
        super().__init__(parent)
        self._images = images
        self._record: PhotoRecord | None = None
        self._preview = QImage()
        self._hand = Hand()
        self.look = LoupeGeometry(100, 100, 3, 2)
        self.heat = QImage()
        self.thirds = self.crowned = self.alone = self.bounded = False
        self.title = ""
        self._notice, self._zoom_plate = Notice(self, _("Notice")), Notice(self, _("Zoom"))
        self._legend = HeatLegend(self)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # -- what is shown -------------------------------------------------------------------------------------------------

    def show_photo(self, record: PhotoRecord, preview: QImage) -> None:
        """Show a photo: its preview until more is decoded. The look keeps zoom and place."""
        self._record, self._preview, self.heat = record, preview, QImage()
        self._words.hide()
        self.look = self.look.with_photo(*size_of(record, preview))
        self.take_pixels()

    def update_record(self, record: PhotoRecord) -> None:
        """Take up what changed about the shown photo."""
        self._record = record
        self.refresh()

    def show_words(self, words: str) -> None:
        """Show words in place of a photo."""
        self._record, self._preview, self.heat = None, QImage(), QImage()
        self._words.setText(words)
        self._words.show()
        self.refresh()

    def take_pixels(self) -> None:
        """More of the photo may be decoded now, and with it its true shape be known."""
        decoded = self._decoded()
        if decoded is not None:
            self.look = with_true_size(self.look, decoded)
        self.refresh()

    def set_look(self, look: LoupeGeometry) -> None:
        """Look so from now on."""
        if look != self.look:
            self.look = look
            self.refresh()

    def has_true_pixels(self) -> bool:
        """Whether the photo itself is on screen and no longer its stored preview."""
        return self._decoded() is not None

    def cursor_place(self) -> QPointF | None:
        """Where the cursor is over the photo; ``None`` where it is elsewhere."""
        place = QPointF(self.mapFromGlobal(QCursor.pos()))
        return place if rect_of(self.look).contains(place) and QRectF(self.rect()).contains(place) else None

    def words_on_it(self) -> str:
        """What is said over the photo, or in its place."""
        return self._words.text() if self._record is None else self._notice.text()

    def refresh(self) -> None:
        """Say and paint everything anew."""
        record = self._record
        self._notice.say("" if record is None else self._problem(record) or self._shortfall())
        nothing = record is None or self._picture().isNull()
        percent = f"{self.look.scale * 100:.0f} %" if self.look.scale < 9.995 else f"{self.look.scale:.0f} : 1"
        # A whole photo says so by itself, and of nine panes none has room to spare.
        self._zoom_plate.say("" if nothing or self.look.zoom is None else percent)
        self._legend.setVisible(not self.heat.isNull() and self.width() >= ROOM_FOR_LEGEND)
        self._place_plates()
        self.setCursor(cursor_over(self.look, self._hand))
        self.update()

    # -- painting ------------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the best picture at hand, dimmed where the photo is rejected, and the plate that says what this is."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.LOUPE_BACKGROUND)
        if self._record is None:
            return
        picture = self._picture()
        if picture.isNull():
            paint_sign(painter, QRectF(self.rect()), self._record.state)
        else:
            if self._record.verdict.flag is Flag.REJECT:
                painter.setOpacity(colours.REJECTED_OPACITY)
            paint_photo(painter, self.look, picture, true_pixels=self.has_true_pixels())
            painter.setOpacity(1.0)
            paint_heat(painter, self.look, self.heat, HEAT_OPACITY)
            if self.thirds:
                paint_thirds(painter, rect_of(self.look))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self._paint_title(painter)
        if self.alone:
            self._paint_plate(painter, width, _(MOVES_ALONE))

    def _paint_title(self, painter: QPainter) -> float:
        return self._paint_plate(painter, EDGE, self.title, crowned=self.crowned) if self.title else EDGE

    def _paint_plate(self, painter: QPainter, left: float, words: str, *, crowned: bool = False) -> float:
        """Draw words on a plate at the top; says where the next one begins."""
        font = QFont(self.font())
        font.setBold(True)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        side = metrics.height() + 6.0
        crown = side * 0.85 if crowned else 0.0
        plate = QRectF(left, EDGE, metrics.horizontalAdvance(words) + crown + side * 0.9, side)
        painter.setPen(QPen(colours.BEST if crowned else colours.EDGE, 1))
        painter.setBrush(colours.CHIP_ON_PHOTO)
        painter.drawRoundedRect(plate, side / 2, side / 2)
        if crowned:
            place = QRectF(plate.left() + side * 0.4, plate.center().y() - side * 0.3, side * 0.6, side * 0.6)
            draw_glyph(painter, Glyph.BEST, place, colours.BEST)
        painter.setPen(colours.TEXT)
        painter.drawText(plate.adjusted(crown, 0, 0, 0), Qt.AlignmentFlag.AlignCenter, words)
        return plate.right() + 6

    # -- mouse ---------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin a click or a drag; the pane becomes the current one."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._hand.press(event.position())
            self.pressed.emit()
            self.setCursor(cursor_over(self.look, self._hand))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Pan, once the hand has moved further than it trembles."""
        step = self._hand.move(event.position())
        if step is not None:
            self.dragged.emit(step)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Tell a click that was no drag."""
        if event.button() == Qt.MouseButton.LeftButton and self._hand.is_down:
            if self._hand.release() and self._record is not None:
                self.clicked.emit(event.position())
            self.setCursor(cursor_over(self.look, self._hand))
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Tell a turn of the wheel with its place."""
        notches = event.angleDelta().y() / 120
        if notches and self._record is not None:
            self.wheeled.emit(notches, event.position())
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Look through the new size."""
        super().resizeEvent(event)
        self.fit_view()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Take up the screen's density."""
        super().showEvent(event)
        self.fit_view()

    def fit_view(self) -> None:
        """Look through the size and density that this widget has now."""
        self.look = self.look.with_view(self.width(), self.height(), self.devicePixelRatioF())
        self.resized.emit()
        self.refresh()

    # -- how it is done ------------------------------------------------------------------------------------------------

    def _decoded(self) -> LoupeImage | None:
        return None if self._record is None else self._images.image(str(self._record.path))

    def _picture(self) -> QImage:
        decoded = self._decoded()
        wanted = rect_of(self.look).width() * self.look.ratio
        return self._preview if decoded is None else decoded.level_for(wanted)

    def _problem(self, record: PhotoRecord) -> str:
        return words_about(record, self._images.problem(str(record.path)))

    def _shortfall(self) -> str:
        """Say where fewer pixels are shown than the photo has and the zoom asks for, as memory is bounded."""
        decoded, full = self._decoded(), max(self.look.photo_width, self.look.photo_height)
        if not self.bounded or decoded is None or decoded.whole or self.look.scale * full <= 1.05 * decoded.long_side:
            return ""
        return _("Shown from {long_side} of {full} pixels: more do not fit into memory side by side.").format(
            long_side=whole(decoded.long_side), full=whole(full)
        )

    def _place_plates(self) -> None:
        width, height = max(1, self.width() - 2 * EDGE), self.height()
        self._zoom_plate.fit_into(width)
        self._zoom_plate.move(EDGE + width - self._zoom_plate.width(), height - EDGE - self._zoom_plate.height())
        self._legend.resize(self._legend.sizeHint())
        self._legend.move(EDGE, height - EDGE - self._legend.height())
        self._notice.fit_into(min(width, 560))
        above = self._zoom_plate.height() + 8
        self._notice.move((self.width() - self._notice.width()) // 2, height - EDGE - above - self._notice.height())
        self._words.setGeometry(self.rect().adjusted(24, 24, -24, -24))
