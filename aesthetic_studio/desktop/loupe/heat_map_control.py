"""The heat map of the current photo: asked of the model when it is wanted, dropped when the photo is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.work.scoring_thread import AttentionAnswer

Ask = Callable[[int, int], None]
"""Generation and photo id: the answer comes later, or never."""

KEPT_ANSWERS = 64


class HeatMapControl(QObject):
    """Asks for the attention over the current photo, and lets only the answer to the newest question through.

    Attributes:
        is_on: Whether the heat map is wanted.

    Signals:
        shown: The ``AttentionAnswer`` to paint over the current photo.
        cleared: There is none to paint (now): why, or empty.
        toggled: Whether it is wanted.
    """

    shown = Signal(object)
    cleared = Signal(str)
    toggled = Signal(bool)

    def __init__(self, ask: Ask, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ask = ask
        self.is_on = False
        self._photo_id: int | None = None
        self._generation = 0
        self._kept: dict[int, AttentionAnswer] = {}

    def toggle(self) -> None:
        """Want it, or not."""
        self.set_on(on=not self.is_on)

    def set_on(self, *, on: bool) -> None:
        """Want it or not."""
        if on != self.is_on:
            self.is_on = on
            self.toggled.emit(on)
            self._update()

    def set_photo(self, photo_id: int | None) -> None:
        """Another photo is looked at."""
        if photo_id != self._photo_id:
            self._photo_id = photo_id
            self._update()

    def on_answer(self, answer: AttentionAnswer) -> None:
        """Take an answer; one to an older question is dropped."""
        if answer.generation != self._generation or answer.photo_id != self._photo_id or not self.is_on:
            return
        if answer.weights is None:
            self.cleared.emit(answer.problem or _("There is no preview of this photo for the model to look at."))
            return
        self._keep(answer)
        self.shown.emit(answer)

    def on_failed(self) -> None:
        """Say that the model could not answer."""
        if self.is_on:
            self.cleared.emit(_("The model could not be asked."))

    def _update(self) -> None:
        self._generation += 1
        if not self.is_on or self._photo_id is None:
            self.cleared.emit("")
            return
        known = self._kept.get(self._photo_id)
        if known is not None:
            self.shown.emit(known)
            return
        self.cleared.emit(_("Asking the model where it looks…"))
        self._ask(self._generation, self._photo_id)

    def _keep(self, answer: AttentionAnswer) -> None:
        self._kept[answer.photo_id] = answer
        while len(self._kept) > KEPT_ANSWERS:
            del self._kept[next(iter(self._kept))]
