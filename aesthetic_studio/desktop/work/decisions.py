"""What the person decides about photos, written in order by one thread, so that no key press waits for the disk.

The catalogue keeps every decision as one step of undo, however many photos it touches.
"""

from __future__ import annotations

import logging
import queue
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from aesthetic_studio.errors import KnownError
from aesthetic_studio.judgements import PreferenceSource
from aesthetic_studio.pipeline import burst_edits
from aesthetic_studio.pipeline.deciding import title_of
from aesthetic_studio.translation import _, kept

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aesthetic_studio.albums import PhotoQuery
    from aesthetic_studio.library.catalogue import Catalogue, Decision
    from aesthetic_studio.records import VerdictChange

log = logging.getLogger("aesthetic_studio.desktop.work.decisions")


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision that is now in the catalogue.

    Attributes:
        kind: ``"done"``, ``"undone"`` or ``"redone"``.
        regrouped: Another frame stands for some series now.
        asked: The photos that the decision was about, whether or not it changed them.
        preferred: The better and the worse content, where the decision says just that of two.
        edited: Photos were grouped or parted.
    """

    kind: str
    title: str
    photo_ids: tuple[int, ...]
    regrouped: bool = False
    asked: tuple[int, ...] = ()
    preferred: tuple[int, int] | None = None
    edited: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """What undo and redo would act on; None where there is nothing.

    Attributes:
        written: How many of the jobs that were asked for had been done by then.
    """

    undo_title: str | None = None
    redo_title: str | None = None
    written: int = 0


class Decisions(QThread):
    """Writes verdicts one after another.

    Signals:
        decided: A ``Decided``, after it is in the catalogue.
        history_changed: The ``History`` as it is now.
        albums_changed: A smart album was kept, renamed or deleted.
        folders_removed: The folders that were to be removed from the library are.
        failed: What happened and what to do: this decision was not kept.
    """

    decided = Signal(object)
    history_changed = Signal(object)
    albums_changed = Signal()
    folders_removed = Signal()
    failed = Signal(str, str)

    def __init__(self, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._jobs: queue.SimpleQueue[Callable[[], Decided | None] | None] = queue.SimpleQueue()
        self._asked = 0
        self._written = 0

    def decide(self, photo_ids: Sequence[int], change: VerdictChange) -> None:
        """Give these photos a verdict; nothing for no photos."""
        ids = tuple(photo_ids)
        if ids:
            title = title_of(change, len(ids))
            self._ask(lambda: self._write(ids, change, title))

    def decide_by(self, work: Callable[[Catalogue], Decision]) -> None:
        """Let ``work`` decide when it is its turn, by what the catalogue says then."""
        self._ask(lambda: _decided("done", work(self._catalogue)))

    def choose_best(self, series_id: int, photo_id: int) -> None:
        """Let one frame stand for its series."""
        self._ask(lambda: _decided("done", self._catalogue.choose_best(series_id, photo_id)))

    def clear_choice(self, series_id: int) -> None:
        """Let the program say again which frame stands for a series."""
        self._ask(lambda: _decided("done", self._catalogue.clear_choice(series_id)))

    def prefer(self, better: int, worse: int, source: str) -> None:
        """Say that one photo is better than another; ``source`` tells who asked."""
        title = kept("undo", "no difference between two photos") if source == PreferenceSource.TIE else None
        self._ask(lambda: _decided("done", self._catalogue.prefer(better, worse, source, title)))

    def carry_out(self, job: Callable[[Catalogue], Decision | None]) -> None:
        """Decide in a way of the caller's own; it is told like every decision, ``None`` as none."""
        self._ask(lambda: _decided_or_none("done", job(self._catalogue)))

    def undo(self) -> None:
        """Take the last decision back."""
        self._ask(self._undo)

    def redo(self) -> None:
        """Decide again what was taken back last."""
        self._ask(self._redo)

    def remove_folders(self, roots: Sequence[str]) -> None:
        """No longer list these folders; what was decided about their photos is kept."""
        self._ask(lambda: self._remove(tuple(roots)))

    def keep_album(self, name: str, query: PhotoQuery) -> None:
        """Keep a filter and an order under a name."""
        self._ask(lambda: self._change_albums(lambda: self._catalogue.albums.save(name, query)))

    def rename_album(self, album_id: int, name: str) -> None:
        """Give a smart album another name."""
        self._ask(lambda: self._change_albums(lambda: self._catalogue.albums.rename(album_id, name)))

    def delete_album(self, album_id: int) -> None:
        """Forget a smart album."""
        self._ask(lambda: self._change_albums(lambda: self._catalogue.albums.delete(album_id)))

    def is_behind(self, history: History) -> bool:
        """Whether something was asked for that this history does not know of yet, and that undo may act on."""
        return self._asked > history.written

    def look_again(self) -> None:
        """Say anew what can be taken back: another window on the same library may have decided since."""
        self._ask(lambda: None)

    def stop(self) -> None:
        """Write what was decided up to now, then end the thread."""
        self._jobs.put(None)
        self.wait()

    def run(self) -> None:
        """Write decisions in the order they were made."""
        self._tell_history()
        while (job := self._jobs.get()) is not None:
            try:
                done = job()
            except KnownError as error:
                self.failed.emit(error.message, error.advice)
            except Exception:
                log.exception("a decision could not be written")
                self.failed.emit(_("The decision could not be saved."), _("The log file has the details. Try again."))
            else:
                if done is not None:
                    self.decided.emit(done)
            self._written += 1
            self._tell_history()

    def _ask(self, job: Callable[[], Decided | None]) -> None:
        self._asked += 1
        self._jobs.put(job)

    def _write(self, ids: tuple[int, ...], change: VerdictChange, title: str) -> Decided:
        return replace(_decided("done", self._catalogue.decide(ids, change, title)), asked=ids)

    def _remove(self, roots: tuple[str, ...]) -> None:
        for root in roots:
            self._catalogue.remove_root(root)
        self.folders_removed.emit()

    def _change_albums(self, change: Callable[[], object]) -> None:
        change()
        self.albums_changed.emit()

    def _undo(self) -> Decided | None:
        return _decided_or_none("undone", burst_edits.undo(self._catalogue))

    def _redo(self) -> Decided | None:
        return _decided_or_none("redone", burst_edits.redo(self._catalogue))

    def _tell_history(self) -> None:
        try:
            history = History(self._catalogue.undo_title(), self._catalogue.redo_title(), self._written)
        except KnownError as error:
            self.failed.emit(error.message, error.advice)
        else:
            self.history_changed.emit(history)


def _decided(kind: str, decision: Decision) -> Decided:
    return Decided(
        kind,
        decision.title,
        tuple(decision.photo_ids),
        decision.regrouped,
        preferred=decision.preferred,
        edited=bool(decision.folders),
    )


def _decided_or_none(kind: str, decision: Decision | None) -> Decided | None:
    return None if decision is None else _decided(kind, decision)
