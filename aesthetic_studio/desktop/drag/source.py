"""Lets photos be dragged out of a view that knows nothing of dragging."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

MOUSE = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease})


class DragSource(QObject):
    """Watches the mouse over one view.

    Args:
        view: Where a drag begins; also over children that leave the mouse's moves to it.
        held: A key without which a drag is the view's own, and with which the view hears nothing of it.

    Signals:
        wanted: The hand has moved further than it trembles; whether Alt is held.
    """

    wanted = Signal(bool)

    def __init__(self, view: QWidget, *, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        super().__init__(view)
        self._held = held
        self._start: QPointF | None = None
        self._ours = False
        self._on_ground = False
        view.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Begin a drag where it is one, and keep its mouse from the view where a key says whose it is."""
        if event.type() not in MOUSE or not isinstance(event, QMouseEvent):
            return False
        keyed = bool(self._held.value)
        if event.type() == QEvent.Type.MouseButtonPress:
            # A press that no child took is one on the ground between them.
            self._ours = keyed and event.button() == Qt.MouseButton.LeftButton and bool(event.modifiers() & self._held)
            self._on_ground = not keyed
            self._start = event.globalPosition() if self._ours else None
        elif event.type() == QEvent.Type.MouseMove:
            self._follow(event)
        else:
            self._start, self._on_ground = None, False
            self._ours, was_ours = False, self._ours
            return was_ours
        return self._ours

    def _follow(self, event: QMouseEvent) -> None:
        if not event.buttons() & Qt.MouseButton.LeftButton or self._on_ground:
            self._start = None
        elif self._start is None:
            # A child heard the press, and the first move stands for it.
            self._start = None if self._held.value else event.globalPosition()
        elif (event.globalPosition() - self._start).manhattanLength() >= QApplication.startDragDistance():
            self._start = None
            self.wanted.emit(bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
