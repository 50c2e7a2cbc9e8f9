"""The work behind the window: index the folders, score what is indexed, group what belongs together.

    start(folders) ──▶ IndexThread ──new photos──▶ ScoringThread (scores, then groups) ──▶ rest

Both write through the one ``Catalogue``. The window is told that something changed at most a few times a second.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from aesthetic_studio.desktop.work.index_thread import IndexThread
from aesthetic_studio.desktop.work.scoring_thread import AttentionRequest, ScoringThread
from aesthetic_studio.pipeline.comparing_process import ComparingProcess
from aesthetic_studio.pipeline.faces_process import FacesProcess
from aesthetic_studio.pipeline.scoring_process import ScoringProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.pipeline.indexing import IndexReport
    from aesthetic_studio.records import Progress

log = logging.getLogger("aesthetic_studio.desktop.work.background")

REFRESH_MS = 400
"""The album is looked at again at most this often while work runs."""

WAKE_MS = 2000
"""How often scoring is told to look for photos that indexing has added meanwhile."""

CLOSE_PATIENCE_MS = 1500


class BackgroundWork(QObject):
    """Starts, pauses and ends indexing and scoring.

    Signals:
        progressed: A ``Progress``.
        library_changed: Photos, scores or bursts changed; told at most every ``REFRESH_MS``.
        indexed: The ``IndexReport`` of a run that ended.
        rested: Nothing is left to do.
        paused_changed: Whether it stands still.
        model_ready: Name and device.
        attention_ready: An ``AttentionAnswer``.
        failed: What happened and what to do.
    """

    progressed = Signal(object)
    library_changed = Signal()
    indexed = Signal(object)
    rested = Signal()
    paused_changed = Signal(bool)
    model_ready = Signal(str, str)
    attention_ready = Signal(object)
    failed = Signal(str, str)

    def __init__(
        self,
        catalogue: Catalogue,
        visible: Callable[[], Sequence[int]],
        *,
        device: str = "auto",
        model: str | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._device = device
        self._index: IndexThread | None = None
        self._waiting: list[str] = []
        self._unfinished: list[str] = []
        self._cancelled = False
        self._refresh = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._refresh.timeout.connect(self.library_changed)
        self._waker = QTimer(self, interval=WAKE_MS)
        self._scoring = ScoringThread(
            catalogue,
            ScoringProcess(model, device),
            visible,
            model,
            self,
            comparing=lambda name: ComparingProcess(name, device),
            faces=FacesProcess,
        )
        self._waker.timeout.connect(self._scoring.wake)
        self._connect_scoring(self._scoring)

    def _connect_scoring(self, scoring: ScoringThread) -> None:
        scoring.progressed.connect(self._on_progressed)
        scoring.grouped.connect(self._on_changed)
        scoring.scored.connect(self._on_changed)
        scoring.rested.connect(self._on_scoring_rested)
        scoring.paused.connect(lambda: self.paused_changed.emit(True))
        scoring.resumed.connect(lambda: self.paused_changed.emit(False))
        scoring.model_ready.connect(self.model_ready)
        scoring.attention_ready.connect(self.attention_ready)
        scoring.failed.connect(self.failed)

    # -- what the window asks ----------------------------------------------------------------------------------------

    def start(self, folders: Sequence[str]) -> None:
        """Index these folders and score them; folders given while it runs wait for their turn."""
        self._cancelled = False
        self._scoring.retry()
        if not self._scoring.isRunning():
            self._scoring.start()
        self._waiting += [folder for folder in folders if folder not in self._waiting]
        self._start_next()
        self._scoring.wake(group=True)

    def toggle_pause(self) -> None:
        """Stand still, or go on. Indexing ends its run where it is and goes on from there."""
        if self._scoring.is_paused:
            self._scoring.resume()
            self.start(self._unfinished)
            self._unfinished = []
        else:
            self._scoring.pause()
            self._end_index(keep=True)

    def cancel(self) -> None:
        """End the work for now: what is done is kept, and a rescan or the next start goes on."""
        self._cancelled = True
        self._waiting.clear()
        self._unfinished.clear()
        self._end_index(keep=False)
        self._scoring.pause()

    @property
    def is_paused(self) -> bool:
        """Whether it stands still."""
        return self._scoring.is_paused

    @property
    def is_busy(self) -> bool:
        """Whether folders are being read."""
        return self._index is not None

    def resume_if_paused(self) -> None:
        """Go on with scoring, as after folders were added."""
        if self._scoring.is_paused:
            self._scoring.resume()

    def use_model(self, name: str) -> None:
        """Score with another installed model from now on."""
        if not self._scoring.isRunning():
            self._scoring.start()
        self._scoring.switch(ScoringProcess(name, self._device), name)

    def request_attention(self, generation: int, photo_id: int) -> None:
        """Ask where the model looks in a photo."""
        if not self._scoring.isRunning():
            self._scoring.start()
        self._scoring.request_attention(AttentionRequest(generation, photo_id))

    def close(self) -> None:
        """End everything; what is stored stays, and the next start goes on from there."""
        self._waker.stop()
        self._refresh.stop()
        self._waiting.clear()
        if self._index is not None:
            self._index.request_stop()
        self._scoring.stop()
        # A thread must never outlive the objects it works with, however slow the disk is.
        if self._index is not None and not self._index.wait(CLOSE_PATIENCE_MS):
            log.warning("indexing takes long to stop")
            self._index.wait()

    # -- indexing ----------------------------------------------------------------------------------------------------

    def _start_next(self) -> None:
        if self._index is not None or not self._waiting:
            return
        folders, self._waiting = self._waiting, []
        self._index = IndexThread(self._catalogue, folders, self)
        self._index.progressed.connect(self._on_progressed)
        self._index.indexed.connect(self._on_indexed)
        self._index.failed.connect(self.failed)
        self._index.finished.connect(self._on_index_finished)
        self._waker.start()
        self._index.start()

    def _end_index(self, *, keep: bool) -> None:
        if self._index is not None:
            if keep:
                self._unfinished = list(dict.fromkeys([*self._index.folders, *self._waiting]))
                self._waiting.clear()
            self._index.request_stop()

    def _on_indexed(self, report: IndexReport) -> None:
        self.indexed.emit(report)

    def _on_index_finished(self) -> None:
        if self._index is not None:
            self._index.deleteLater()
            self._index = None
        self._on_changed()
        if self._scoring.is_paused:
            return
        self._start_next()
        if self._index is None:
            self._waker.stop()
        # Bursts first: they need no score, and the album is calmer with them together.
        self._scoring.wake(group=True)

    # -- news --------------------------------------------------------------------------------------------------------

    def _on_progressed(self, progress: Progress) -> None:
        if not self._cancelled:
            self.progressed.emit(progress)
        self._on_changed()

    def _on_changed(self, *_: object) -> None:
        if not self._refresh.isActive():
            self._refresh.start()

    def _on_scoring_rested(self) -> None:
        if self._index is None and not self._waiting:
            self._on_changed()
            self.rested.emit()
