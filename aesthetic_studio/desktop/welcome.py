"""What an empty library shows: an invitation, with everything a first minute needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from aesthetic_studio.desktop.commands.key_tips import key_text
from aesthetic_studio.desktop.toolkit.controls import push_button
from aesthetic_studio.desktop.toolkit.theme import icon
from aesthetic_studio.translation import _, ngettext

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

TEXT_WIDTH = 440


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
        self._title = _centred(_("See your best photos first"), "title")
        self._text = _centred(
            _(
                "Choose a folder, or drop one here. Every photo in it is scored, bursts are put "
                "together under their best frame, and your originals are never touched."
            ),
            "dim",
        )
        self._text.setMinimumWidth(TEXT_WIDTH)
        self._choose = push_button(_("Choose a folder…"), "chooseFolder", "main")
        self._choose.setIcon(icon("add-folder"))
        self._sample = push_button(_("Look at the sample album"), "sampleAlbum", "plain")
        self._choose.clicked.connect(self.folder_wanted)
        self._sample.clicked.connect(self.sample_wanted)
        hint = _centred("", "small")
        key_text(hint, _("At any time: all keys [help.keys], all commands [help.commands]"))
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addStretch(2)
        layout.addWidget(picture)
        layout.addWidget(self._title)
        layout.addLayout(_in_the_middle(self._text))
        layout.addSpacing(10)
        self._buttons = _in_the_middle(self._choose, self._sample)
        layout.addLayout(self._buttons)
        layout.addSpacing(10)
        layout.addWidget(hint)
        layout.addStretch(3)
        self.setFocusProxy(self._choose)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the buttons below each other where they have no room side by side."""
        super().resizeEvent(event)
        needed = self._choose.sizeHint().width() + self._sample.sizeHint().width() + 4 * self._buttons.spacing()
        ways = QBoxLayout.Direction
        self._buttons.setDirection(ways.LeftToRight if needed <= event.size().width() else ways.TopToBottom)

    def show_working(self, text: str) -> None:
        """Say what goes on while there is no photo to show yet; empty for nothing."""
        self._title.setText(text or _("See your best photos first"))
        for button in (self._choose, self._sample):
            button.setEnabled(not text)

    def show_nothing_in(self, folders: int) -> None:
        """Say that the folders that were chosen hold no photo."""
        self._title.setText(ngettext("There is no photo in that folder", "There is no photo in those folders", folders))


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
        self._title = _centred(_("No photo passes the filter"), "title")
        self._detail = _centred("", "dim")
        button = push_button(_("Show all"), "showAllPhotos", "main")
        button.clicked.connect(self.show_all_wanted)
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addStretch(2)
        layout.addWidget(self._title)
        layout.addWidget(self._detail)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self.setFocusProxy(button)

    def show_hidden(self, text: str, *, searched: bool = False) -> None:
        """Say how many photos the filter, or a search, hides."""
        self._title.setText(_("The search finds no photo") if searched else _("No photo passes the filter"))
        self._detail.setText(text)


def _in_the_middle(*widgets: QWidget) -> QHBoxLayout:
    layout = QHBoxLayout()
    layout.setSpacing(12)
    layout.addStretch(1)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return layout


def _centred(text: str, role: str) -> QLabel:
    label = QLabel(text, alignment=Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label
