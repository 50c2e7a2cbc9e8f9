"""Folders and files dropped on the window are opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from aesthetic_studio.desktop.drag.hint import DropHint

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class DropIn(QObject):
    """Hears what is dragged over one window.

    Args:
        window: What is dropped on.
        over: The part of it that says what dropping does.

    Signals:
        dropped: The folders to open, as a list of text.
    """

    dropped = Signal(list)

    def __init__(self, window: QWidget, over: QWidget) -> None:
        super().__init__(window)
        self.hint = DropHint(over)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take folders and files from a file manager; photos of this program are dragged out, not in."""
        if isinstance(event, QDragEnterEvent):
            # A drag's enter is a drop to Qt's classes, so it is asked for first.
            if event.source() is None and folders_of(event.mimeData()):
                event.acceptProposedAction()
                self.hint.appear()
            return True
        if event.type() == QEvent.Type.DragLeave:
            self.hint.hide()
        elif event.type() == QEvent.Type.Drop and isinstance(event, QDropEvent):
            self.hint.hide()
            if folders := folders_of(event.mimeData()):
                event.acceptProposedAction()
                self.dropped.emit(folders)
            return True
        return False


def folders_of(mime: QMimeData) -> list[str]:
    """List the folders that are handed over, each once; of a file, the folder it is in."""
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    return list(dict.fromkeys(str(path if path.is_dir() else path.parent) for path in paths))
