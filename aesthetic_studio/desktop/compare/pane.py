"""One pane of several: a photo, the words under it, and the ring that says whether keys act on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from aesthetic_studio.desktop.compare.canvas import PhotoCanvas
from aesthetic_studio.desktop.compare.caption import Beside, PaneCaption
from aesthetic_studio.desktop.grid.model import cell_of, spoken_text
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.loupe.images import LoupeImages
    from aesthetic_studio.records import PhotoRecord

RING = 2


class PhotoPane(QFrame):
    """A photo among those that are compared.

    Attributes:
        record: The photo, ``None`` where words stand in for one.

    Signals:
        entered: The keyboard or a click came here.
        clicked: A click on the photo, where; not the one that made the pane current.
        turned: Tab: on to the next pane, or back.
    """

    entered = Signal()
    clicked = Signal(QPointF)
    turned = Signal(int)

    def __init__(self, images: LoupeImages, parent: QWidget) -> None:
        super().__init__(parent)
        self.record: PhotoRecord | None = None
        self.canvas, self.caption = PhotoCanvas(images, self), PaneCaption(self)
        self._role = ""
        self._current = self._was_current = False
        layout = QVBoxLayout(self)
        layout.setContentsMargins(RING, RING, RING, RING)
        layout.setSpacing(0)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.caption)
        self.canvas.pressed.connect(self._on_pressed)
        self.canvas.clicked.connect(self._on_clicked)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    # -- what is shown -------------------------------------------------------------------------------------------------

    def show_photo(self, record: PhotoRecord, preview: QImage) -> None:
        """Show a photo."""
        self.record = record
        self.canvas.show_photo(record, preview)

    def show_role(self, role: str, *, crowned: bool = False) -> None:
        """Say in the corner what this photo is here: ``Champion``."""
        self._role = self.canvas.title = role
        self.canvas.crowned = crowned
        self.canvas.refresh()

    def update_record(self, record: PhotoRecord) -> None:
        """Take up what changed about the shown photo."""
        self.record = record
        self.canvas.update_record(record)

    def show_beside(self, beside: Beside) -> None:
        """Say how the photo differs from another."""
        if self.record is not None:
            self.caption.setVisible(True)
            self.caption.show_record(self.record, beside)
        self._name_for_readers()

    def show_words(self, words: str) -> None:
        """Show words in place of a photo."""
        self.record, self._role = None, ""
        self.canvas.title = ""
        self.canvas.show_words(words)
        self.caption.setVisible(False)
        self._name_for_readers()

    def photo_id(self) -> int | None:
        """The photo that is shown."""
        return None if self.record is None else self.record.id

    def is_alone(self) -> bool:
        """Whether it moves alone."""
        return self.canvas.alone

    def set_alone(self, *, alone: bool) -> None:
        """Whether it moves alone."""
        self.canvas.alone = alone
        self.canvas.refresh()
        self._name_for_readers()

    # -- current or not ------------------------------------------------------------------------------------------------

    def is_current(self) -> bool:
        """Whether keys act on this photo."""
        return self._current

    def set_current(self, *, current: bool) -> None:
        """Whether keys act on this photo."""
        if current != self._current:
            self._current = current
            # Where Qt looks for a place to put the keyboard it finds the current pane alone. None takes it by a click
            # before the click can tell whether it made the pane current.
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus if current else Qt.FocusPolicy.NoFocus)
            self._name_for_readers()
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the ground, and a ring around the current pane: bright where the keyboard is in it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours.CELL if self._current else colours.WELL)
        if self._current:
            half = RING / 2
            painter.setPen(QPen(colours.RING if self.hasFocus() else colours.RING_UNFOCUSED, RING))
            painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click on the words makes the pane current too."""
        self._on_pressed()
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """The keyboard is here: this is the current pane."""
        super().focusInEvent(event)
        self.entered.emit()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Mute the ring."""
        super().focusOutEvent(event)
        self.update()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802
        """Tab leads from pane to pane; F6 leads out of them."""
        self.turned.emit(1 if forward else -1)
        return True

    def _on_clicked(self, at: QPointF) -> None:
        if self._was_current:
            self.clicked.emit(at)

    def _on_pressed(self) -> None:
        self._was_current = self._current
        if self.record is not None:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.entered.emit()

    def _name_for_readers(self) -> None:
        if self.record is None:
            self.setAccessibleName(self.canvas.words_on_it())
            self.setAccessibleDescription("")
            return
        parts = [self._role, spoken_text(cell_of(self.record)), _("moves alone") if self.is_alone() else ""]
        self.setAccessibleName(", ".join(part for part in parts if part))
        self.setAccessibleDescription(self.caption.spoken())
