"""From a key to a decision: which photos it is about, and where the eye goes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from aesthetic_studio.records import Flag, VerdictChange

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.desktop.album import Album
    from aesthetic_studio.desktop.decisions import Decided, Decisions
    from aesthetic_studio.desktop.grid_model import PhotoListModel
    from aesthetic_studio.desktop.views import Views

LOOK_AHEAD = 200
"""Cells looked at in one go on the way to the next unrated photo."""


class Verdicts(QObject):
    """Applies verdicts to what the person looks at.

    Attributes:
        advance_always: Every decision goes on to the next photo.

    Signals:
        applied: The photo ids that changed, by a decision, an undo or a redo.
        said: What happened, for the status line.
    """

    applied = Signal(tuple)
    said = Signal(str)

    def __init__(
        self,
        decisions: Decisions,
        album: Album,
        views: Views,
        model: PhotoListModel,
        *,
        caps_lock: Callable[[], bool],
        advance_always: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._decisions = decisions
        self._album = album
        self._views = views
        self._model = model
        self._caps_lock = caps_lock
        self.advance_always = advance_always
        decisions.decided.connect(self._on_decided)

    def apply(self, change: VerdictChange, *, advance: bool = False) -> None:
        """Decide about the photos that are looked at, and go on where that is wanted."""
        targets = self._views.target_ids()
        if not targets:
            return
        self._album.touch()
        self._decisions.decide(targets, change)
        if advance or self.advance_always or self._caps_lock():
            self._views.step_past_selection()

    def pick(self, photo_id: int) -> None:
        """Pick one photo, whichever is current."""
        self._album.touch()
        self._decisions.decide([photo_id], VerdictChange(flag=Flag.PICK))

    def toggle_advance(self) -> None:
        """Go on after every decision, or stay."""
        self.advance_always = not self.advance_always

    def next_unrated(self) -> None:
        """Go to the next photo without stars or flag, under whatever filter; from the end it starts over."""
        ids = self._model.ids
        start = self._model.row_of(self._views.current_id() or -1) + 1
        for first in (*range(start, len(ids), LOOK_AHEAD), *range(0, start, LOOK_AHEAD)):
            for row in range(first, min(first + LOOK_AHEAD, len(ids))):
                verdict = self._model.cell_at(row).verdict
                if not verdict.rating and not verdict.flag:
                    self._album.touch()
                    self._views.go_to(ids[row])
                    return
        self.said.emit("Every photo here has stars or a flag")

    def _on_decided(self, decided: Decided) -> None:
        self._model.refresh_cells(decided.photo_ids)
        if self._album.depends_on_verdicts:
            self._album.refresh()
        if decided.kind != "done":
            verb = "Undone" if decided.kind == "undone" else "Redone"
            self.said.emit(f"{verb}: {decided.title}")
            # What came back should be seen, where the album holds it.
            if decided.photo_ids and self._model.row_of(decided.photo_ids[0]) >= 0:
                self._views.go_to(decided.photo_ids[0])
        self.applied.emit(decided.photo_ids)
