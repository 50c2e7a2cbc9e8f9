"""What an empty library shows: an invitation, with everything a first minute needs."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from aesthetic_studio.desktop.theme import icon


class WelcomePage(QWidget):
    """Invites a folder by button and by drop, or the sample album.

    Signals:
        folder_wanted: Choose a folder.
        sample_wanted: Make and open the sample album.
    """

    folder_wanted = Signal()
    sample_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        picture.setPixmap(icon("aesthetic-studio").pixmap(QSize(88, 88)))
        picture.setAccessibleName("Aesthetic Studio")
        self._title = _centred("See your best photos first", "title")
        self._text = _centred(
            "Choose a folder, or drop one here. Every photo in it is scored, bursts are put together under their best "
            "frame, and your originals are never touched.",
            "dim",
        )
        self._text.setMaximumWidth(520)
        self._choose = QPushButton("Choose a folder…", objectName="chooseFolder")
        self._choose.setProperty("role", "main")
        self._choose.setIcon(icon("add-folder"))
        self._sample = QPushButton("Look at the sample album", objectName="sampleAlbum")
        self._sample.setProperty("role", "plain")
        self._choose.clicked.connect(self.folder_wanted)
        self._sample.clicked.connect(self.sample_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch(1)
        buttons.addWidget(self._choose)
        buttons.addWidget(self._sample)
        buttons.addStretch(1)
        hint = _centred("Press ? at any time for all keys, Ctrl+K for all commands.", "small")
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addStretch(2)
        layout.addWidget(picture)
        layout.addWidget(self._title)
        layout.addWidget(self._text, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(10)
        layout.addLayout(buttons)
        layout.addSpacing(10)
        layout.addWidget(hint)
        layout.addStretch(3)
        self.setFocusProxy(self._choose)

    def show_working(self, text: str) -> None:
        """Say what goes on while there is no photo to show yet; empty for nothing."""
        self._title.setText(text or "See your best photos first")
        for button in (self._choose, self._sample):
            button.setEnabled(not text)

    def show_nothing_in(self, folders: int) -> None:
        """Say that the folders that were chosen hold no photo."""
        where = "that folder" if folders == 1 else "those folders"
        self._title.setText(f"There is no photo in {where}")


class NothingFound(QWidget):
    """Stands in the grid's place when the filter hides every photo.

    Signals:
        show_all_wanted: Clear the filter.
    """

    show_all_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("nothingFound")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._title = _centred("No photo passes the filter", "title")
        self._detail = _centred("", "dim")
        button = QPushButton("Show all", objectName="showAllPhotos")
        button.setProperty("role", "main")
        button.clicked.connect(self.show_all_wanted)
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addStretch(2)
        layout.addWidget(self._title)
        layout.addWidget(self._detail)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self.setFocusProxy(button)

    def show_hidden(self, text: str) -> None:
        """Say how many photos the filter hides."""
        self._detail.setText(text)


def _centred(text: str, role: str) -> QLabel:
    label = QLabel(text, alignment=Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label
