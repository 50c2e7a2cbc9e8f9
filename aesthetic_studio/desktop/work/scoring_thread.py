"""Scoring, finding faces, grouping and comparing in the background: one thread that drives the models' own processes.

Importing torch and a forward pass would hold up the event loop, so the model lives in a child process and this thread
only carries previews there and distributions back. It sleeps while there is nothing to do, and wakes for new photos and
for the heat map of the photo that is being looked at, which comes before the rest.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from aesthetic_studio.desktop.toolkit.words import LOADING
from aesthetic_studio.errors import KnownError
from aesthetic_studio.records import Progress
from aesthetic_studio.translation import _, retold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.pipeline.comparing_process import ComparingProcess
    from aesthetic_studio.pipeline.faces_process import FacesProcess
    from aesthetic_studio.pipeline.scoring_process import ScoringProcess

log = logging.getLogger("aesthetic_studio.desktop.scoring")

STOP_PATIENCE_MS = 900
"""How long the thread may take to end by itself; after that the child is ended and the thread with it."""


@dataclass(frozen=True, slots=True)
class AttentionAnswer:
    """Where the model looks in one photo: ``rows × columns`` weights, row by row.

    Attributes:
        weights: None where it cannot be said.
        problem: Why it cannot, where that is known.
    """

    generation: int
    photo_id: int
    rows: int = 0
    columns: int = 0
    weights: tuple[float, ...] | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AttentionRequest:
    """A question for ``AttentionAnswer``."""

    generation: int
    photo_id: int


class ScoringThread(QThread):
    """Owns the model's process.

    Signals:
        progressed: A ``Progress`` of scoring or grouping; new scores are in the catalogue.
        scored: The photo ids that were asked for first, whose scores are in the catalogue by now.
        grouped: How many folders were grouped anew.
        model_ready: The model's name and the device it runs on.
        rested: There is nothing left to do.
        paused, resumed: Scoring stands still, or goes on.
        attention_ready: An ``AttentionAnswer``.
        failed: What happened and what to do; scoring rests until ``retry`` or ``resume``.
    """

    progressed = Signal(object)
    scored = Signal(list)
    grouped = Signal(int)
    model_ready = Signal(str, str)
    rested = Signal()
    paused = Signal()
    resumed = Signal()
    attention_ready = Signal(object)
    failed = Signal(str, str)

    def __init__(
        self,
        catalogue: Catalogue,
        process: ScoringProcess,
        visible: Callable[[], Sequence[int]],
        model: str | None = None,
        parent: QObject | None = None,
        comparing: Callable[[str], ComparingProcess] | None = None,
        faces: Callable[[], FacesProcess] | None = None,
    ) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._process = process
        self._make_comparing = comparing
        self._comparing: ComparingProcess | None = None
        self._make_faces = faces
        self._faces: FacesProcess | None = None
        self._visible = visible
        self._model = model
        self._changed = threading.Condition()
        self._stopping = self._pausing = self._failed = self._score_wanted = self._group_wanted = False
        self._compare_wanted = self._faces_wanted = True
        self._attention: AttentionRequest | None = None
        self._next: tuple[ScoringProcess, str | None] | None = None
        self._announced = ("", "")
        self._settled = False

    # -- called from the GUI thread ----------------------------------------------------------------------------------

    def wake(self, *, score: bool = True, group: bool = False) -> None:
        """There may be new photos to score, or folders to group."""
        with self._changed:
            self._score_wanted |= score
            self._group_wanted |= group
            self._changed.notify()

    def retry(self) -> None:
        """Try again after a failure: only a person asks for that, or the same words would be told again and again."""
        with self._changed:
            self._failed = False
            self._changed.notify()

    def pause(self) -> None:
        """Stand still after the batch that is on its way."""
        with self._changed:
            self._pausing = True
        self.paused.emit()

    def resume(self) -> None:
        """Go on where it stood still."""
        with self._changed:
            self._pausing = self._failed = False
            self._score_wanted = True
            self._changed.notify()
        self.resumed.emit()

    def switch(self, process: ScoringProcess, model: str | None) -> None:
        """Score with another model from now on; what the one before scored is kept under its name."""
        with self._changed:
            self._next = (process, model)
            self._failed = False
            self._score_wanted = True
            self._changed.notify()

    @property
    def is_paused(self) -> bool:
        """Whether it was told to stand still."""
        return self._pausing

    def request_attention(self, request: AttentionRequest) -> None:
        """Ask where the model looks in a photo; an older question that waits is forgotten."""
        with self._changed:
            self._attention = request
            self._changed.notify()

    def stop(self) -> None:
        """End the thread and the child soon, whatever they are doing."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self.isRunning() and not self.wait(STOP_PATIENCE_MS):
            # It waits for a child that loads its model; without the child there is nothing to wait for.
            self._process.interrupt()
            for other in (self._comparing, self._faces):
                if other is not None:
                    other.interrupt()
            self.wait()

    # -- the thread --------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Answer, score and group until told to stop."""
        try:
            while self._wait_for_work():
                self._work()
        finally:
            for process in (self._process, self._comparing, self._faces):
                if process is not None:
                    with contextlib.suppress(OSError):
                        process.close()

    def _wait_for_work(self) -> bool:
        with self._changed:
            self._changed.wait_for(self._has_work)
            return not self._stopping

    def _has_work(self) -> bool:
        ready = ((self._score_wanted or self._finds_faces or self._compares) and not self._failed) or self._group_wanted
        return self._stopping or self._attention is not None or (ready and not self._pausing)

    @property
    def _compares(self) -> bool:
        """Whether bursts may be left to compare; it waits until something was scored or grouped in this run."""
        return self._compare_wanted and self._make_comparing is not None and self._settled

    @property
    def _finds_faces(self) -> bool:
        """Whether there may be photos in which nobody looked for faces; scores and bursts come first."""
        return self._faces_wanted and self._make_faces is not None and self._settled

    def _interrupted(self) -> bool:
        return self._stopping or self._pausing or self._attention is not None or self._next is not None

    def _take_next(self) -> None:
        """Change to the model that was asked for, if one was."""
        with self._changed:
            wanted, self._next = self._next, None
        if wanted is not None:
            self._process.close()
            self._process, self._model = wanted
            self._announced = ("", "")

    def _work(self) -> None:
        self._take_next()
        try:
            if (request := self._take_attention()) is not None:
                self._try_attention(request)
            elif self._take("_group_wanted"):
                self._group()
            elif self._take("_score_wanted"):
                self._score()
            elif self._finds_faces and self._take("_faces_wanted"):
                self._find_faces()
            elif self._take("_compare_wanted"):
                self._compare()
        except KnownError as error:
            self._fail(error.message, error.advice)
        except Exception:
            log.exception("scoring failed")
            self._fail(_("Scoring failed."), _("The log file has the details. Continue to try again."))
        with self._changed:
            waiting = self._score_wanted or self._group_wanted or self._finds_faces or self._compares
            idle = self._failed or not waiting
        if idle:
            self.rested.emit()

    def _fail(self, message: str, advice: str) -> None:
        with self._changed:
            self._failed = True
        if not self._stopping:
            self.failed.emit(message, advice)

    def _take_attention(self) -> AttentionRequest | None:
        with self._changed:
            request, self._attention = self._attention, None
            return request

    def _take(self, name: str) -> bool:
        with self._changed:
            wanted = bool(getattr(self, name))
            setattr(self, name, False)
            return wanted

    def _try_attention(self, request: AttentionRequest) -> None:
        """Answer in any case: a failure is part of the answer, and no reason to interrupt the person."""
        try:
            self._answer_attention(request)
        except KnownError as error:
            answer = AttentionAnswer(
                request.generation,
                request.photo_id,
                problem=f"{retold('problem', error.message)} {retold('problem', error.advice)}",
            )
            self.attention_ready.emit(answer)

    def _answer_attention(self, request: AttentionRequest) -> None:
        preview = self._catalogue.preview(request.photo_id)
        answer = None if preview is None else self._process.attention(preview)
        self._announce()
        if answer is None:
            self.attention_ready.emit(AttentionAnswer(request.generation, request.photo_id))
            return
        rows, columns, weights = answer
        self.attention_ready.emit(AttentionAnswer(request.generation, request.photo_id, rows, columns, tuple(weights)))

    def _score(self) -> None:
        from aesthetic_studio.pipeline.scoring import score_library  # noqa: PLC0415 - not before the window is shown

        if not self._anything_to_score():
            return
        if not self._process.running:
            self.progressed.emit(Progress(LOADING, 0, None))
        self._announce()
        asked: list[int] = []

        def first() -> Sequence[int]:
            asked[:] = self._visible()
            return asked

        report = score_library(
            self._catalogue,
            self._process,
            progress=self.progressed.emit,
            should_stop=self._interrupted,
            first=first,
        )
        if report.scored:
            self.scored.emit(list(asked))
            with self._changed:
                self._group_wanted = self._faces_wanted = True
        if report.interrupted:
            with self._changed:
                self._score_wanted = True

    def _anything_to_score(self) -> bool:
        """Look before the child is started: where all is scored, torch need not be loaded at all."""
        from aesthetic_studio.models import registry  # noqa: PLC0415 - not before the window is shown

        card = registry.find_card(self._model or registry.default_model())
        if self._catalogue.active_model() != (card.name, card.version):
            self._catalogue.set_active_model(card.name, card.version)
        if self._announced == ("", ""):
            self.model_ready.emit(card.name, "")
        known = (card.name, card.version)
        return bool(self._catalogue.unscored(*known, limit=1) or self._catalogue.without_look(*known, limit=1))

    def _group(self) -> None:
        from aesthetic_studio.pipeline.grouping import group_folders  # noqa: PLC0415 - brings numpy

        done = group_folders(self._catalogue, progress=self.progressed.emit, should_stop=self._interrupted)
        self._settled = True
        if done:
            self.grouped.emit(done)
            with self._changed:
                self._compare_wanted = self._faces_wanted = True
        if self._attention is not None or self._pausing:
            self.wake(score=False, group=True)

    def _find_faces(self) -> None:
        """Look for faces where nobody has looked, in a process of its own; without their models nothing happens."""
        from aesthetic_studio.models.faces import parts  # noqa: PLC0415 - not before the window is shown

        if self._make_faces is None or not parts.is_installed():
            return
        from aesthetic_studio.pipeline.faces import find_faces  # noqa: PLC0415

        make = self._make_faces

        def looker() -> FacesProcess:
            self._faces = self._faces or make()
            return self._faces

        try:
            report = find_faces(
                self._catalogue,
                parts.VERSION,
                looker,
                progress=self.progressed.emit,
                should_stop=lambda: self._interrupted() or self._group_wanted or self._score_wanted,
                first=self._visible,
            )
        except KnownError as error:
            # Told once; scoring has no need of faces and goes on.
            self._make_faces = None
            if not self._stopping:
                self.failed.emit(error.message, error.advice)
            return
        with self._changed:
            self._group_wanted |= report.with_faces > 0
            self._faces_wanted |= report.interrupted

    def _compare(self) -> None:
        """Let a model that compares order the bursts, in a process of its own; without one there is nothing to do."""
        from aesthetic_studio.models import registry  # noqa: PLC0415 - not before the window is shown

        card = registry.comparing_model()
        if card is None or self._make_comparing is None:
            return
        from aesthetic_studio.pipeline.comparing import compare_bursts  # noqa: PLC0415

        make = self._make_comparing

        def comparer() -> ComparingProcess:
            self._comparing = self._comparing or make(card.name)
            return self._comparing

        report = compare_bursts(
            self._catalogue,
            (card.name, card.version),
            comparer,
            progress=self.progressed.emit,
            should_stop=lambda: self._interrupted() or self._group_wanted or self._score_wanted,
        )
        if report.pairs:
            self.grouped.emit(report.bursts)
        if report.interrupted:
            with self._changed:
                self._compare_wanted = True

    def _announce(self) -> None:
        name = (self._process.model_name, self._process.device)
        if name != self._announced:
            self._announced = name
            self.model_ready.emit(*name)
