"""Photos dragged out to other programs: as copies, whatever the other program would like to do with them.

view ──drag wanted──▶ DragOut ──files of the photos──▶ text/uri-list ──▶ the other program
"""

from __future__ import annotations

import os
import sys
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from PySide6.QtCore import QByteArray, QMimeData, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QDrag

from aesthetic_studio.desktop.drag.picture import drag_picture
from aesthetic_studio.desktop.drag.source import DragSource
from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.paths import shown
from aesthetic_studio.records import PhotoFiles, PhotoState
from aesthetic_studio.translation import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QPixmap
    from PySide6.QtWidgets import QWidget

    from aesthetic_studio.desktop.views import Views

URI_LIST = "text/uri-list"
OUT_OF_REACH = frozenset({PhotoState.MISSING, PhotoState.OFFLINE})
UNDER_THE_CURSOR = QPoint(20, 20)
"""Where in its picture a drag is held, in device-independent pixels."""


def start_drag(drag: QDrag) -> Qt.DropAction:
    """Let it be dragged until it is dropped. A copy is all that is offered: no other program may move an original."""
    return drag.exec(Qt.DropAction.CopyAction, Qt.DropAction.CopyAction)


class DragOut(QObject):
    """Drags photos out of the views of one window.

    Args:
        views: Say which photos are looked at.
        files: Answers where the files of photos lie.
        thumbnail: Answers with a photo's thumbnail, None where there is none yet.
        start: Drags until it is dropped.

    Signals:
        said: What is dragged, for the status line.
    """

    said = Signal(str)

    def __init__(
        self,
        views: Views,
        files: Callable[[Sequence[int]], list[PhotoFiles]],
        thumbnail: Callable[[int], QPixmap | None],
        parent: QObject | None = None,
        *,
        start: Callable[[QDrag], Qt.DropAction] = start_drag,
    ) -> None:
        super().__init__(parent)
        self._views = views
        self._files = files
        self._thumbnail = thumbnail
        self._start = start
        views.grid.drag_wanted.connect(lambda alt: self.drag(views.grid, companions=alt))
        self.watch(views.burst)
        self.watch(views.loupe, held=Qt.KeyboardModifier.ControlModifier)

    def watch(self, view: QWidget, *, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Let photos be dragged out of a view, where dragging means something else only with a key held."""
        DragSource(view, held=held).wanted.connect(lambda alt: self.drag(view, companions=alt))

    def drag(self, source: QWidget, *, companions: bool) -> None:
        """Drag the files of the photos that are looked at, and their companion files where they are wanted too."""
        found = self._files(self._views.target_ids())
        there = [photo for photo in found if photo.state not in OUT_OF_REACH]
        left_out = len(found) - len(there)
        if not there:
            self.said.emit(
                _("Nothing to drag: {why}").format(why=_not_there(left_out))
                if left_out
                else _("There is no photo to drag")
            )
            return
        paths = paths_of(there, companions=companions)
        self.said.emit(drag_in_words(there, len(paths), left_out, companions=companions))
        drag = QDrag(source)
        drag.setMimeData(mime_of(paths))
        current = self._views.current_id()
        thumbnail = None if current is None else self._thumbnail(current)
        drag.setPixmap(drag_picture(thumbnail, len(paths), source.devicePixelRatioF(), source.font()))
        drag.setHotSpot(UNDER_THE_CURSOR)
        self._start(drag)


def paths_of(photos: Sequence[PhotoFiles], *, companions: bool) -> list[str]:
    """List the files to drag: each photo's main file, and then the files that belong to it."""
    paths: list[str] = []
    for photo in photos:
        paths.append(photo.path)
        if companions:
            folder = os.path.dirname(photo.path)  # noqa: PTH120 — text that may not be UTF-8, thousands of them
            paths += [os.path.join(folder, name) for name in photo.companions]  # noqa: PTH118
    return paths


def mime_of(paths: Sequence[str]) -> QMimeData:
    """Put paths into the form in which programs hand files to each other."""
    mime = QMimeData()
    mime.setData(URI_LIST, QByteArray(b"".join(file_url(path) + b"\r\n" for path in paths)))
    return mime


def file_url(path: str) -> bytes:
    """Write a path as a URL byte for byte: a name that is not UTF-8 arrives as it is on the disk (RFC 8089)."""
    if sys.platform == "win32":
        return PureWindowsPath(path).as_uri().encode("ascii")
    return b"file://" + quote(os.fsencode(path), safe="/").encode("ascii")


def drag_in_words(photos: Sequence[PhotoFiles], files: int, left_out: int, *, companions: bool) -> str:
    """Say what is dragged and what is not."""
    name = photos[0].path.replace("\\", "/").rsplit("/", 1)[-1]
    what = shown(name) if len(photos) == 1 else count_of(len(photos), "photo")
    further = sum(len(photo.companions) for photo in photos)
    parts = [_("Copying {what}; the originals stay where they are").format(what=what)]
    if companions and files > len(photos):
        parts = [
            _("Copying {what} with {companion_files}; the originals stay").format(
                what=what, companion_files=count_of(files - len(photos), "companion file")
            )
        ]
    elif further and not companions:
        parts.append(
            _("hold Alt as you drag for {companion_files} too").format(
                companion_files=count_of(further, "companion file")
            )
        )
    if left_out:
        parts.append(_not_there(left_out))
    return " · ".join(parts)


def _not_there(count: int) -> str:
    return ngettext(
        "{photos} left out, its file is not there now", "{photos} left out, their files are not there now", count
    ).format(photos=count_of(count, "photo"))
