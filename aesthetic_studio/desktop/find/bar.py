"""The line above the photos: asks what to search for, says what was found, and ends the search."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from aesthetic_studio.desktop.toolkit.controls import IconLabel, icon_button
from aesthetic_studio.translation import _

ROOM_FOR_WORDS = 260
"""Pixels that the words have at least before a hint is shown beside them."""

LONGEST_TEXT = 300
"""Letters; what a model reads of a text ends before."""


class _Mode(Enum):
    SAYING = auto()
    ASKING = auto()
    TELLING = auto()


class WordsField(QLineEdit):
    """Where words to search for are typed.

    Signals:
        left: Escape was pressed.
    """

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findWords")
        self.setAccessibleName(_("Words to find photos by"))
        self.setPlaceholderText(_("What the photo shows, in English: a boat at sunset"))
        self.setMaxLength(LONGEST_TEXT)
        self.setClearButtonEnabled(True)
        for button in self.findChildren(QToolButton):
            button.setAccessibleName(_("Clear words"))

    def event(self, event: QEvent) -> bool:
        """Take Escape before the window does, which would only take the keyboard away."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave by Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class FindBar(QWidget):
    """Hidden while nothing is searched for.

    Signals:
        asked: Words to search for.
        left: No words after all.
        closed: The person wants all photos back.
    """

    asked = Signal(str)
    left = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._mode = _Mode.SAYING
        self._said = self._told = ""
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._picture = IconLabel("search", 16)
        self._field = WordsField()
        self._hint = QLabel(_("Enter searches, Esc leaves"))
        self._hint.setProperty("role", "dim")
        self._close = icon_button("clear", _("End the search"))
        self._close.setToolTip(_("End the search (Esc)"))
        self._field.returnPressed.connect(self._on_return)
        self._field.left.connect(self.left)
        self._close.clicked.connect(self.closed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 5, 8, 5)
        for widget, stretch in ((self._text, 1), (self._picture, 0), (self._field, 1), (self._hint, 0)):
            layout.addWidget(widget, stretch)
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._arrange()

    def say(self, text: str) -> None:
        """Say what is shown, once nothing is asked or told any longer; empty for no search."""
        self._said = text
        self._arrange()

    def ask(self, text: str) -> None:
        """Let words be typed, in place of ``text``."""
        self._mode = _Mode.ASKING
        self._field.setText(text)
        self._arrange()
        self._field.setFocus()
        self._field.selectAll()

    def tell(self, message: str, advice: str) -> None:
        """Tell why nothing can be searched for and what to do, until the bar is closed or asked again."""
        self._mode = _Mode.TELLING
        self._told = f"{message}\n{advice}".strip()
        self._arrange()

    def rest(self) -> None:
        """Ask and tell nothing any longer."""
        self._mode = _Mode.SAYING
        self._arrange()

    @property
    def is_asking(self) -> bool:
        """Whether words can be typed."""
        return self._mode is _Mode.ASKING

    def text(self) -> str:
        """What it says, or tells."""
        return self._text.text()

    def field(self) -> WordsField:
        """Where words are typed."""
        return self._field

    def _arrange(self) -> None:
        telling = self._mode is _Mode.TELLING
        text = self._told if telling else self._said
        self._text.setText(text)
        self._text.setToolTip("" if telling else text)
        self._text.setWordWrap(telling)
        # A command that is told can be copied; the keyboard reaches it too.
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            if telling
            else Qt.TextInteractionFlag.NoTextInteraction
        )
        for widget in (self._picture, self._field):
            widget.setVisible(self.is_asking)
        self._show_hint()
        self._text.setVisible(not self.is_asking)
        self.setVisible(self.is_asking or bool(text))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave the room to the words."""
        super().resizeEvent(event)
        self._show_hint()

    def _show_hint(self) -> None:
        room = self.width() - self._hint.sizeHint().width() - 2 * self._close.sizeHint().width()
        self._hint.setVisible(self.is_asking and room >= ROOM_FOR_WORDS)

    def _on_return(self) -> None:
        text = " ".join(self._field.text().split())
        if text:
            self.asked.emit(text)
        else:
            self.left.emit()
