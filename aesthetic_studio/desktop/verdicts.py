"""From a key to a decision: which photos it is about, and where the eye goes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from aesthetic_studio.desktop.commands.registry import needs
from aesthetic_studio.records import Flag, SeriesKind
from aesthetic_studio.translation import N_, Texts, retold

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.desktop.album import Album
    from aesthetic_studio.desktop.grid.model import PhotoListModel
    from aesthetic_studio.desktop.views import Views
    from aesthetic_studio.desktop.work.decisions import Decided, Decisions
    from aesthetic_studio.records import GridCell, VerdictChange

SHOWS_ALBUM = ("grid", "loupe")
"""Views of the album: a photo that leaves it leaves them. A burst and a comparison keep their photos."""

TOLD = Texts({"done": N_("Done: {title}"), "undone": N_("Undone: {title}"), "redone": N_("Redone: {title}")})
"""How a decision is told, by its kind."""


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
        decisions.failed.connect(album.recall)

    def apply(self, change: VerdictChange, *, advance: bool = False) -> None:
        """Decide about the photos that are looked at, and go on where that is wanted."""
        targets = self._views.target_ids()
        if not targets:
            return
        self._album.touch()
        self._decisions.decide(targets, change)
        if change.flag is Flag.REJECT and self._views.on_rejected():
            return
        if self._views.mode in SHOWS_ALBUM and self._album.query.filter.loses(change):
            self._album.leave(targets)
        elif advance or self.advance_always or self._caps_lock():
            self._views.step_past_selection()

    def choose_best(self, photo_id: int | None = None) -> None:
        """Let a frame, by default the current one, stand for its burst."""
        frame = self._frame(self._views.current_id() if photo_id is None else photo_id)
        if frame is not None and frame.series_id is not None:
            self._album.touch()
            self._decisions.choose_best(frame.series_id, frame.id)

    def clear_choice(self) -> None:
        """Let the program say again which frame stands for the current photo's burst."""
        frame = self._frame(self._views.current_id())
        if frame is not None and frame.series_id is not None:
            self._album.touch()
            self._decisions.clear_choice(frame.series_id)

    @needs(N_("This photo is not part of a burst, or is your choice of it already"))
    def can_choose(self) -> bool:
        """Whether the current photo is a frame of a burst, and not the chosen one."""
        frame = self._frame(self._views.current_id())
        return frame is not None and frame.series_kind is SeriesKind.BURST and not frame.chosen

    @needs(N_("This photo is not your choice of a burst"))
    def can_clear_choice(self) -> bool:
        """Whether the current photo stands for its burst because it was chosen."""
        frame = self._frame(self._views.current_id())
        return frame is not None and frame.chosen

    def _frame(self, photo_id: int | None) -> GridCell | None:
        return None if photo_id is None else self._views.cell_of(photo_id)

    def toggle_advance(self) -> None:
        """Go on after every decision, or stay."""
        self.advance_always = not self.advance_always

    def _on_decided(self, decided: Decided) -> None:
        self._model.refresh_cells(decided.photo_ids)
        current = self._views.grid.current_id()
        if decided.regrouped and current in decided.photo_ids:
            self._album.refresh_at(self._views.cover_of(current))
        elif self._album.depends_on_verdicts or self._album.has_left(decided.asked):
            # What came back may not be in the album yet; it is to be seen as soon as it is.
            self._album.settle(decided.asked or decided.photo_ids, back=decided.kind != "done")
        elif decided.regrouped:
            self._album.refresh()
        if decided.kind != "done" or decided.edited:
            self.said.emit(TOLD[decided.kind].format(title=retold("undo", decided.title)))
        if decided.kind != "done":
            # What came back should be seen, where the album or the comparison holds it.
            self._views.compare.on_decided(decided)
            found = self._views.is_comparing() or self._model.row_of(next(iter(decided.photo_ids), -1)) >= 0
            if decided.photo_ids and found:
                self._views.go_to(decided.photo_ids[0])
        self.applied.emit(decided.photo_ids)
