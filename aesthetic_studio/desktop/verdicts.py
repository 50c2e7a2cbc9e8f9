"""From a key to a decision: which photos it is about, and where the eye goes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from aesthetic_studio.records import SeriesKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.desktop.album import Album
    from aesthetic_studio.desktop.grid.model import PhotoListModel
    from aesthetic_studio.desktop.views import Views
    from aesthetic_studio.desktop.work.decisions import Decided, Decisions
    from aesthetic_studio.desktop.work.reader import LibraryReader
    from aesthetic_studio.records import GridCell, VerdictChange

LOOK_AHEAD = 200
"""Cells looked at on the way to the next unrated photo before the library is asked."""


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
        reader: LibraryReader,
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
        self._reader = reader
        self._search = -1
        decisions.decided.connect(self._on_decided)
        decisions.failed.connect(album.recall)
        reader.undecided_found.connect(self._on_undecided_found)

    def apply(self, change: VerdictChange, *, advance: bool = False) -> None:
        """Decide about the photos that are looked at, and go on where that is wanted."""
        targets = self._views.target_ids()
        if not targets:
            return
        self._album.touch()
        self._decisions.decide(targets, change)
        if self._views.mode != "burst" and self._album.query.filter.loses(change):
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

    def can_choose(self) -> bool:
        """Whether the current photo is a frame of a burst, and not the chosen one."""
        frame = self._frame(self._views.current_id())
        return frame is not None and frame.series_kind is SeriesKind.BURST and not frame.chosen

    def can_clear_choice(self) -> bool:
        """Whether the current photo stands for its burst because it was chosen."""
        frame = self._frame(self._views.current_id())
        return frame is not None and frame.chosen

    def _frame(self, photo_id: int | None) -> GridCell | None:
        return None if photo_id is None else self._views.cell_of(photo_id)

    def toggle_advance(self) -> None:
        """Go on after every decision, or stay."""
        self.advance_always = not self.advance_always

    def next_unrated(self) -> None:
        """Go to the next photo without stars or flag, under whatever filter; from the end it starts over.

        In the burst view the burst's own frames come first. A collapsed burst whose best frame is decided counts as
        decided.
        """
        frame = self._views.undecided_frame()
        if frame is not None:
            self._go_to_undecided(frame)
            return
        ids = self._model.ids
        start = self._model.row_of(self._views.grid.current_id() or -1) + 1
        for row in range(start, min(start + LOOK_AHEAD, len(ids))):
            verdict = self._model.cell_at(row).verdict
            if not verdict.rating and not verdict.flag:
                self._go_to_undecided(ids[row])
                return
        # Further on it may take long: every photo of a large album may have to be asked.
        self._search = self._reader.request_undecided(ids[start:] + ids[:start])

    def _on_undecided_found(self, generation: int, photo_id: int) -> None:
        if generation == self._search and photo_id >= 0:
            self._go_to_undecided(photo_id)
        elif generation == self._search:
            self.said.emit("Every photo here has stars or a flag")

    def _go_to_undecided(self, photo_id: int) -> None:
        self._search = -1
        self._album.touch()
        self._views.go_on_to(photo_id)

    def _on_decided(self, decided: Decided) -> None:
        self._model.refresh_cells(decided.photo_ids)
        if decided.regrouped and self._views.grid.current_id() in decided.photo_ids:
            self._album.refresh_at(decided.photo_ids[0])
        elif self._album.depends_on_verdicts:
            self._album.settle(decided.asked or decided.photo_ids, back=decided.kind == "undone")
        elif decided.regrouped:
            self._album.refresh()
        if decided.kind != "done":
            verb = "Undone" if decided.kind == "undone" else "Redone"
            self.said.emit(f"{verb}: {decided.title}")
            # What came back should be seen, where the album holds it.
            if decided.photo_ids and self._model.row_of(decided.photo_ids[0]) >= 0:
                self._views.go_to(decided.photo_ids[0])
        self.applied.emit(decided.photo_ids)
