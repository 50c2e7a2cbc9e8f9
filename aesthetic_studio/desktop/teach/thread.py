"""One thread that carries questions to the teaching process and answers back, in order."""

from __future__ import annotations

import contextlib
import logging
import queue
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from aesthetic_studio.errors import KnownError
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.desktop.teach.process import TeachProcess

log = logging.getLogger("aesthetic_studio.desktop.teach")

STATE, QUESTIONS, TEACH, REVERT = "state", "questions", "teach", "revert"


class TeachThread(QThread):
    """Owns the teaching process.

    Signals:
        started_on: Which of ``STATE``, ``QUESTIONS``, ``TEACH``, ``REVERT`` it works on now.
        progressed: Stage, done and total of it.
        answered: Which, and the answer.
        cancelled: Which was ended by the person; nothing of it was kept.
        failed: Which, what happened and what to do.
    """

    started_on = Signal(str)
    progressed = Signal(str, int, int)
    answered = Signal(str, object)
    cancelled = Signal(str)
    failed = Signal(str, str, str)

    def __init__(self, make_process: Callable[[], TeachProcess], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make_process = make_process
        self._process = make_process()
        self._jobs: queue.SimpleQueue[tuple[str, int] | None] = queue.SimpleQueue()
        self._ending = self._cancelling = False

    def ask(self, what: str, number: int = 0) -> None:
        """Put a job at the end: ``number`` is how many questions, or which version. Nothing after ``stop``."""
        if self._ending:
            return  # an answer that was on its way may still ask for more
        self._jobs.put((what, number))
        if not self.isRunning():
            self.start()

    def cancel(self) -> None:
        """End what runs now, at once; what waits is forgotten."""
        self._forget()
        self._cancelling = True
        self._process.interrupt()

    def stop(self) -> None:
        """End the thread and its process at once."""
        self._ending = True
        self._forget()
        self._jobs.put(None)
        self._process.interrupt()
        self.wait()

    def run(self) -> None:
        """Work until told to stop."""
        try:
            while (job := self._jobs.get()) is not None:
                self._work(*job)
        finally:
            with contextlib.suppress(OSError):
                self._process.close()

    def _work(self, what: str, number: int) -> None:
        if self._cancelling:
            # An interrupted process is ended for good, even where its answer came first.
            with contextlib.suppress(OSError):
                self._process.close()
            self._process = self._make_process()
            self._cancelling = False
        self.started_on.emit(what)
        try:
            answer = self._answer(what, number)
        except KnownError as error:
            self._tell(what, error.message, error.advice)
        except Exception:
            log.exception("teaching failed")
            self._tell(what, _("Learning failed."), _("The log file has the details. Try again."))
        else:
            self.answered.emit(what, answer)

    def _answer(self, what: str, number: int) -> object:
        if what == QUESTIONS:
            return self._process.questions(number, self.progressed.emit)
        if what == TEACH:
            return self._process.teach(self.progressed.emit)
        if what == REVERT:
            return self._process.revert(number)
        return self._process.state()

    def _tell(self, what: str, message: str, advice: str) -> None:
        if self._ending:
            return
        if self._cancelling:
            self.cancelled.emit(what)
        else:
            self.failed.emit(what, message, advice)

    def _forget(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._jobs.get_nowait()
