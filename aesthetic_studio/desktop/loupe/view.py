"""One photo, large, worked by keys and mouse: zoom at the cursor, pan, overlays, and stepping with a held key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QMouseEvent, QWheelEvent

from aesthetic_studio.desktop.loupe.heat_map import attention_rows, heat_map_image
from aesthetic_studio.desktop.loupe.photo import PAN_KEYS, PAN_STEP, Hand, cursor_over, parts_of
from aesthetic_studio.desktop.loupe.surface import LoupeSurface
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from aesthetic_studio.desktop.loupe.images import LoadPhoto
    from aesthetic_studio.desktop.loupe.marks import MarksWorker, Overlay


class LoupeView(LoupeSurface):
    """A photo in the loupe.

    Signals:
        photo_step_requested: Go on by so many photos.
    """

    photo_step_requested = Signal(int)

    def __init__(
        self, parent: QWidget | None = None, *, load: LoadPhoto | None = None, marks: MarksWorker | None = None
    ) -> None:
        super().__init__(parent, load=load, marks=marks)
        self._hand = Hand()
        self._is_held = False
        self.setAccessibleDescription(_("Click or Z zooms to one to one, Shift and arrow keys move the zoomed photo."))

    # -- zoom --------------------------------------------------------------------------------------------------------

    def zoom_to_fit(self) -> None:
        """Show the whole photo."""
        self._look(self._geometry.zoomed(None))

    def zoom_to(self, scale: float, at: QPointF | None = None) -> None:
        """Zoom so that what is at a point (or the middle) stays there; 1.0 is one to one."""
        self._look(self._geometry.zoomed(scale, *parts_of(at)))

    def look_at(self, part: QRectF) -> None:
        """Bring a part of the photo, 0..1 of it, to the middle at 1:1, or smaller so that it fits."""
        self._look(self._geometry.looking_at(part.x(), part.y(), part.width(), part.height()))

    def toggle_zoom(self, at: QPointF | None = None, scale: float | None = None) -> None:
        """To one to one, or another scale, and back; at the cursor where that is over the photo.

        Back to fit is from that scale; where none is named, from any.
        """
        zoom = self._geometry.zoom
        if zoom is None or (scale is not None and abs(zoom - scale) > 1e-6):
            self.zoom_to(scale or 1.0, at if at is not None else self._cursor_place())
        else:
            self.zoom_to_fit()

    def zoom_in(self, notches: float = 1.0, at: QPointF | None = None) -> None:
        """Zoom in a little, at the cursor where that is over the photo."""
        self._look(self._geometry.stepped(notches, *parts_of(at if at is not None else self._cursor_place())))

    def zoom_out(self, notches: float = 1.0) -> None:
        """Zoom out a little, down to the whole photo."""
        self.zoom_in(-notches)

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the zoomed photo by so many device-independent pixels."""
        self._look(self._geometry.panned(dx, dy))

    # -- overlays ----------------------------------------------------------------------------------------------------

    def set_attention(self, attention: Any | None) -> None:
        """Lay a map (H, W) of where the model looks over the photo; ``None`` takes it away."""
        self._overlays.set_heat(None if attention is None else heat_map_image(attention))

    def set_heat_map(self, rows: int, columns: int, weights: Sequence[float]) -> None:
        """Lay ``rows × columns`` weights, row by row, over the photo."""
        self.set_attention(attention_rows(rows, columns, weights))

    def clear_heat_map(self) -> None:
        """Take the heat map away."""
        self.set_attention(None)

    def set_heat_map_opacity(self, opacity: float) -> None:
        """How much of the photo the heat map may cover, 0..1."""
        self._overlays.set_heat_opacity(opacity)

    def set_overlay(self, overlay: Overlay, *, on: bool) -> None:
        """Lay it over this and the next photos, or no longer."""
        self._overlays.set_on(overlay, on=on)

    def has_overlay(self, overlay: Overlay) -> bool:
        """Whether it is laid over photos."""
        return self._overlays.is_on(overlay)

    def overlay_words(self) -> str:
        """What the overlays say of this photo."""
        return self._overlays.words()

    # -- stepping ----------------------------------------------------------------------------------------------------

    def is_held(self) -> bool:
        """Whether the key that was heard last is being held down."""
        return self._is_held

    def takes_step(self) -> bool:
        """Whether it may step on: a held key steps only once the photo before is on screen.

        So what a slow machine cannot show is passed over, and nothing is left to be played when the key is released.
        """
        return not (self._is_held and self._is_unpainted)

    # -- keys and mouse ---------------------------------------------------------------------

    def note_held(self, *, held: bool) -> None:
        """The key that was heard last is being held down, or was pressed anew: told before commands hear the key."""
        self._is_held = held

    def event(self, event: QEvent) -> bool:
        """Note of each key whether it repeats; in the window, where keys are commands, the window does so."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            self.note_held(held=event.isAutoRepeat())
        return super().event(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """A held key was let go: this is where the eye rests."""
        if not event.isAutoRepeat() and self._is_held:
            self._is_held = False
            self._on_rest()
        super().keyReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows step; with Shift they move the zoomed photo; plus and minus zoom. The rest is the window's."""
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        plain, shift = not modifiers, modifiers == Qt.KeyboardModifier.ShiftModifier
        if plain and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.photo_step_requested.emit(1 if key == Qt.Key.Key_Right else -1)
        elif shift and key in PAN_KEYS:
            across, down = PAN_KEYS[key]
            self.pan_by(across * PAN_STEP * self.width(), down * PAN_STEP * self.height())
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal) and (plain or shift):
            self.zoom_in()
        elif key == Qt.Key.Key_Minus and plain:
            self.zoom_out()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._hand.press(event.position())
            self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Pan, once the hand has moved further than it trembles."""
        step = self._hand.move(event.position())
        if step is not None:
            self.pan_by(step.x(), step.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click that was no drag zooms at its place."""
        if event.button() != Qt.MouseButton.LeftButton or not self._hand.is_down:
            return
        if self._hand.release() and self._record is not None:
            self.toggle_zoom(event.position())
        self._show_cursor()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom around the cursor."""
        notches = event.angleDelta().y() / 120
        if notches and self._record is not None:
            self._look(self._geometry.stepped(notches, *parts_of(event.position())))
        event.accept()

    def _show_cursor(self) -> None:
        self.setCursor(cursor_over(self._geometry, self._hand))

    def _cursor_place(self) -> QPointF | None:
        place = QPointF(self.mapFromGlobal(QCursor.pos()))
        return place if self.photo_rect().contains(place) and QRectF(self.rect()).contains(place) else None
