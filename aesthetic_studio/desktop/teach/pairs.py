"""The page that asks which of two photos is better, answered with the arrow keys."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from aesthetic_studio.desktop.teach.parts import PairPicture
from aesthetic_studio.desktop.toolkit.controls import named, push_button
from aesthetic_studio.judgements import PreferenceSource
from aesthetic_studio.paths import shown
from aesthetic_studio.translation import _, retold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aesthetic_studio.desktop.grid.thumbnails import ThumbnailProvider
    from trainer.personal.records import AskedPair

AHEAD = 2
"""So many questions before the last one, new ones are asked for."""
SIDE = 512
"""Pixels of a preview's long side: all that is kept of a photo."""


class PairsPage(QWidget):
    """Two photos side by side.

    Signals:
        answered: Better photo, worse photo, and the ``PreferenceSource``; which is better means nothing for a tie.
        more_wanted: There are few questions left.
    """

    answered = Signal(int, int, str)
    more_wanted = Signal()

    def __init__(self, thumbnails: ThumbnailProvider, name_of: Callable[[int], str]) -> None:
        super().__init__()
        self.setObjectName("teachPairs")
        self._thumbnails = thumbnails
        self._name_of = name_of
        self._waiting: deque[AskedPair] = deque()
        self._current: AskedPair | None = None
        self._shown: set[frozenset[int]] = set()
        self._asked = False
        thumbnails.thumbnail_ready.connect(self._on_thumbnail)
        self._question = QLabel(_("Which of these two do you like better?"))
        self._question.setProperty("role", "name")
        self._why = QLabel()
        self._why.setProperty("role", "small")
        self._why.setWordWrap(True)
        self._pictures = (PairPicture(_("Left photo")), PairPicture(_("Right photo")))
        self._names = (QLabel(alignment=Qt.AlignmentFlag.AlignCenter), QLabel(alignment=Qt.AlignmentFlag.AlignCenter))
        for label in self._names:
            label.setProperty("role", "small")
        self._buttons = [
            push_button(_("←  This one"), "teachLeft"),
            push_button(_("No difference  ↓"), "teachTie"),
            push_button(_("Skip  S"), "teachSkip"),
            push_button(_("This one  →"), "teachRight"),
        ]
        actions = (lambda: self._choose(0), self._tie, self._skip, lambda: self._choose(1))
        keys = (Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_S, Qt.Key.Key_Right)
        for button, action, key in zip(self._buttons, actions, keys, strict=True):
            button.clicked.connect(action)
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)
        self._pictures[0].chosen.connect(actions[0])
        self._pictures[1].chosen.connect(actions[3])
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._arrange()
        self._show()

    @property
    def current(self) -> AskedPair | None:
        """The pair that is asked about now."""
        return self._current

    def add(self, questions: Sequence[AskedPair]) -> None:
        """Take up more questions; those that were shown already are left out."""
        self._asked = False
        for question in questions:
            pair = frozenset((question.first, question.second))
            if pair not in self._shown:
                self._shown.add(pair)
                self._waiting.append(question)
        if self._current is None:
            self._next()
        if not questions:
            self._say(_("There is nothing to ask about: add more photos first."))

    def tell(self, words: str) -> None:
        """Say in place of a question why there is none."""
        self._asked = False
        if self._current is None:
            self._say(words)

    def ask_again(self) -> None:
        """Ask for questions, if none are on their way."""
        if not self._asked and len(self._waiting) <= AHEAD:
            self._asked = True
            self.more_wanted.emit()

    def _choose(self, side: int) -> None:
        if self._current is not None:
            pair = (self._current.first, self._current.second)
            self._answer(pair[side], pair[1 - side], PreferenceSource.TEACH)

    def _tie(self) -> None:
        if self._current is not None:
            self._answer(self._current.first, self._current.second, PreferenceSource.TIE)

    def _skip(self) -> None:
        if self._current is not None:
            self._next()

    def _answer(self, better: int, worse: int, source: PreferenceSource) -> None:
        self.answered.emit(better, worse, source.value)
        self._next()

    def _next(self) -> None:
        self._current = self._waiting.popleft() if self._waiting else None
        self._show()
        self.ask_again()

    def _show(self) -> None:
        pair = self._current
        for button in self._buttons:
            button.setEnabled(pair is not None)
        ids = (pair.first, pair.second) if pair is not None else ()
        for place, (picture, label) in enumerate(zip(self._pictures, self._names, strict=True)):
            name = shown(self._name_of(ids[place])) if ids else ""
            label.setText(name)
            picture.setAccessibleDescription(name)
            picture.show_picture(self._thumbnails.pixmap(ids[place]) if ids else None)
        if pair is None:
            self._say(_("Looking for the pairs whose answers tell most…"))
            return
        self._question.setText(_("Which of these two do you like better?"))
        self._why.setText(retold("reason", pair.why))
        coming = [photo for one in list(self._waiting)[:AHEAD] for photo in (one.first, one.second)]
        self._thumbnails.want(ids, coming, side=SIDE)

    def _say(self, words: str) -> None:
        self._question.setText(words)
        self._why.setText("")

    def _on_thumbnail(self, photo_id: int) -> None:
        if self._current is not None and photo_id in (self._current.first, self._current.second):
            place = (self._current.first, self._current.second).index(photo_id)
            self._pictures[place].show_picture(self._thumbnails.pixmap(photo_id))

    def _arrange(self) -> None:
        sides = QHBoxLayout()
        for picture, label in zip(self._pictures, self._names, strict=True):
            column = QVBoxLayout()
            column.addWidget(picture, 1)
            column.addWidget(label)
            sides.addLayout(column, 1)
        row = QHBoxLayout()
        for button in self._buttons:
            row.addWidget(button)
        layout = QVBoxLayout(named(self, "teachPairs"))
        layout.addWidget(self._question)
        layout.addWidget(self._why)
        layout.addLayout(sides, 1)
        layout.addLayout(row)
