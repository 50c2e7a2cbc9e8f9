"""The faces of a photo: a small picture of each, and what is known of their eyes in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QToolButton, QVBoxLayout, QWidget

from aesthetic_studio.curation.eyes import is_open
from aesthetic_studio.desktop.inspector.parts import text_label
from aesthetic_studio.desktop.toolkit.previews import read_preview
from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.desktop.work.reader import FaceNews
    from aesthetic_studio.faces import Face

SIDE = 38
ACROSS, MOST = 4, 8
"""So many fit into the panel at its narrowest."""
_FRAME = 6
_MARGIN = 0.25
"""How much is shown around a face, of its size."""


class FaceRow(QWidget):
    """Pictures of faces, each a button, above a line of words.

    Signals:
        chosen: The place of the face that was pressed.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        self._grid = QGridLayout()
        self._grid.setSpacing(4)
        self._grid.setColumnStretch(ACROSS, 1)
        self.buttons: list[QToolButton] = []
        self.words = text_label(_("Faces"))
        self.note = text_label(_("About faces"), "small")
        layout.addLayout(self._grid)
        layout.addWidget(self.words)
        layout.addWidget(self.note)

    def show_faces(self, faces: Sequence[Face], news: FaceNews) -> bool:
        """Show these faces; says whether there is anything to show."""
        self.words.setText(faces_in_words(faces) if faces or news.looked else "")
        self.words.setVisible(bool(self.words.text()))
        self.note.setText(news.note)
        self.note.setVisible(bool(news.note))
        for place in range(max(len(self.buttons), min(MOST, len(news.pictures)))):
            if place >= len(self.buttons):
                self._add_button(place)
            button = self.buttons[place]
            button.setVisible(place < len(news.pictures))
            if place < len(news.pictures):
                button.setIcon(QIcon(_pixmap(news.pictures[place], self.devicePixelRatioF())))
        return bool(self.words.text() or news.note)

    def _add_button(self, place: int) -> None:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIconSize(QSize(SIDE, SIDE))
        button.setFixedSize(SIDE + _FRAME, SIDE + _FRAME)
        button.setAccessibleName(_("Look at face {place}").format(place=place + 1))
        button.setToolTip(_("Look at face {place} (Y looks at the next one)").format(place=place + 1))
        button.clicked.connect(lambda: self.chosen.emit(place))
        self._grid.addWidget(button, place // ACROSS, place % ACROSS)
        self.buttons.append(button)


def faces_in_words(faces: Sequence[Face]) -> str:
    """``3 faces, eyes open: 2 of 3``; of eyes only what is sure."""
    if not faces:
        return _("No face was found")
    seen = sum(is_open(face) for face in faces)
    said = count_of(len(faces), "face")
    if not seen:
        return said
    if len(faces) == 1:
        return _("{faces}, eyes open").format(faces=said)
    return _("{faces}, eyes open: {seen} of {count}").format(faces=said, seen=seen, count=len(faces))


def crop_faces(preview: bytes | None, faces: Sequence[Face]) -> tuple[QImage, ...]:
    """Square pictures of the first :data:`MOST` faces, cut out of a preview. For a worker thread."""
    whole = read_preview(preview if faces else None)
    if whole.isNull():
        return ()
    pictures = []
    for face in faces[:MOST]:
        x, y = face.centre
        side = round(max(2.0, max(face.width * whole.width(), face.height * whole.height()) * (1 + 2 * _MARGIN)))
        side = min(side, whole.width(), whole.height())
        # At its edge the picture is shifted, so that it shows nothing beyond the photo.
        left = min(max(0, round(x * whole.width() - side / 2)), whole.width() - side)
        top = min(max(0, round(y * whole.height() - side / 2)), whole.height() - side)
        pictures.append(whole.copy(left, top, side, side))
    return tuple(pictures)


def _pixmap(picture: QImage, ratio: float) -> QPixmap:
    side = round(SIDE * ratio)
    scaled = picture.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    scaled.setDevicePixelRatio(ratio)
    return QPixmap.fromImage(scaled)
