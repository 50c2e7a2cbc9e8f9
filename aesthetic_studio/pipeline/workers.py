"""A pool of decoding processes that outlives any file.

Each worker has its own pipe and at most :data:`DEPTH` jobs in it, so the parent always knows which file a worker was
busy with when it died: that file alone is blamed, the others go to another worker. There is no thread here, which is
what makes forking safe, and stopping takes milliseconds: workers own nothing that is worth waiting for.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aesthetic_studio.pipeline.decode_worker import Decoders, Job, Kind, Message, load_decoders, serve
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

DEPTH = 2
"""Jobs a worker holds: the one it does, and the next, so that it never waits for the parent."""

TIME_LIMIT_S = 120.0
"""Seconds that one file may keep a worker busy."""

START_ATTEMPTS = 3
"""Workers that may die before they were ever ready, one after another, until that is taken for our own fault."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one job."""

    number: int
    kind: Kind
    payload: object


@dataclass(slots=True)
class _Job:
    number: int
    job: Job
    path: str
    crashes: int = 0


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    ready: bool = False
    jobs: deque[_Job] = field(default_factory=deque)
    busy_since: float = 0.0


def default_workers() -> int:
    """One worker per core that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def default_start_method() -> str:
    """``fork`` is quickest, and safe only on Linux in a process that has no other thread."""
    if sys.platform == "linux" and threading.active_count() == 1 and "PySide6" not in sys.modules:
        return "fork"
    return "forkserver" if sys.platform == "linux" else "spawn"


class DecodePool:
    """Worker processes that decode photos; use it from one thread, and :meth:`stop` it.

    Args:
        workers: How many processes, by default one per core.
        start_method: ``"fork"``, ``"forkserver"`` or ``"spawn"``; by default what is safe here.
        time_limit_s: Seconds after which a job is given up and its process killed.
        niceness: How much the workers yield to others.
        load: What a worker calls to get its decoders.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        start_method: str | None = None,
        time_limit_s: float = TIME_LIMIT_S,
        niceness: int = 0,
        load: Callable[[], Decoders] = load_decoders,
    ) -> None:
        self._count = workers or default_workers()
        self._start_method = start_method
        self._time_limit_s = time_limit_s
        self._niceness = niceness
        self._load = load
        self._workers: list[_Worker] = []
        self._waiting: deque[_Job] = deque()
        self._failed_starts = 0
        self._context: BaseContext | None = None

    @property
    def capacity(self) -> int:
        """Jobs that can be in flight; more wait in the caller's own queue, where they cost no memory here."""
        return self._count * DEPTH

    @property
    def in_flight(self) -> int:
        """Jobs that were submitted and are not answered."""
        return len(self._waiting) + sum(len(worker.jobs) for worker in self._workers)

    def start(self) -> None:
        """Start the workers, if they do not run; they load their decoders while the caller goes on."""
        while len(self._workers) < self._count:
            self._workers.append(self._new_worker())

    def submit(self, number: int, job: Job, path: str) -> None:
        """Hand in a job; ``number`` comes back with its answer."""
        self.start()
        self._waiting.append(_Job(number, job, path))
        self._deal()

    def collect(self, timeout_s: float) -> list[Answer]:
        """Return the answers that have come, having waited for the first for at most ``timeout_s`` seconds.

        Raises ``RuntimeError`` when the decoder cannot be loaded at all.
        """
        from multiprocessing.connection import wait

        if not self.in_flight:
            return []
        ready = wait([worker.connection for worker in self._workers], min(timeout_s, self._time_to_next_limit()))
        answers: list[Answer] = []
        for worker in [worker for worker in self._workers if worker.connection in ready]:
            self._receive(worker, answers)
        self._give_up_late_jobs(answers)
        self._deal()
        return answers

    def _time_to_next_limit(self) -> float:
        """Seconds until the first of the jobs in hand is late."""
        begun = [worker.busy_since for worker in self._workers if worker.jobs]
        return max(0.0, min(begun) + self._time_limit_s - time.monotonic()) + 0.001 if begun else self._time_limit_s

    def stop(self) -> None:
        """Kill the workers at once; jobs in flight are forgotten."""
        self._waiting.clear()
        for worker in self._workers:
            worker.process.kill()
            worker.connection.close()
        self._workers.clear()

    def _new_worker(self) -> _Worker:
        if self._context is None:
            self._context = self._make_context()
        ours, theirs = self._context.Pipe()
        inherited = [*(w.connection for w in self._workers), ours] if self._context.get_start_method() == "fork" else []
        process = self._context.Process(  # type: ignore[attr-defined]
            target=serve, args=(theirs, inherited, self._niceness, self._load), name="decoder", daemon=True
        )
        process.start()
        # Held open here, this end would hide the worker's death.
        theirs.close()
        return _Worker(process, ours)

    def _make_context(self) -> BaseContext:
        import multiprocessing

        method = self._start_method or default_start_method()
        context = multiprocessing.get_context(method)
        if method == "forkserver":
            # The server imports the decoder once; a replacement worker then starts in milliseconds.
            context.set_forkserver_preload(["aesthetic_studio.pipeline.decode_preload"])
        return context

    def _deal(self) -> None:
        """Give waiting jobs to the workers that have the least to do."""
        while self._waiting:
            worker = min(self._workers, key=lambda w: len(w.jobs))
            if len(worker.jobs) >= DEPTH:
                return
            job = self._waiting.popleft()
            if not worker.jobs:
                worker.busy_since = time.monotonic()
            worker.jobs.append(job)
            # A dead worker's pipe refuses; its jobs are dealt again when its end is noticed.
            with contextlib.suppress(OSError):
                worker.connection.send((job.number, job.job, job.path))

    def _receive(self, worker: _Worker, answers: list[Answer]) -> None:
        """Take one worker's answers, or note its end."""
        try:
            while worker.connection.poll():
                number, kind, payload = self._message(worker)
                if kind in {Kind.READY, Kind.NOT_READY}:
                    self._note_start(worker, kind, payload)
                elif worker.jobs and worker.jobs[0].number == number:
                    worker.jobs.popleft()
                    worker.busy_since = time.monotonic()
                    answers.append(Answer(number, kind, payload))
        except (EOFError, OSError):
            self._replace(worker, answers)

    @staticmethod
    def _message(worker: _Worker) -> Message:
        """One message; a process whose memory is damaged may send nonsense before it dies."""
        try:
            message: Message = worker.connection.recv()
        except (EOFError, OSError):
            raise
        except Exception as error:
            raise OSError("nonsense on the pipe") from error
        return message

    def _note_start(self, worker: _Worker, kind: Kind, payload: object) -> None:
        if kind == Kind.NOT_READY:
            raise RuntimeError(f"the decoder cannot be loaded:\n{payload}")
        worker.ready = True
        worker.busy_since = time.monotonic()
        self._failed_starts = 0

    def _give_up_late_jobs(self, answers: list[Answer]) -> None:
        now = time.monotonic()
        for worker in [w for w in self._workers if w.jobs and now - w.busy_since > self._time_limit_s]:
            if not worker.ready:
                # It hangs while it loads its decoder, which is no file's fault; its end is noticed as any other.
                worker.process.kill()
                continue
            job = worker.jobs.popleft()
            answers.append(
                Answer(
                    job.number,
                    Kind.TIMED_OUT,
                    kept("problem", "it took more than {time_limit_s} seconds").format(
                        time_limit_s=f"{self._time_limit_s:.0f}"
                    ),
                )
            )
            worker.process.kill()
            self._exchange(worker)

    def _replace(self, worker: _Worker, answers: list[Answer]) -> None:
        """Blame a dead worker's end on the file it was busy with, unless it was never ready."""
        worker.process.join(1.0)
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= START_ATTEMPTS:
                raise RuntimeError(
                    kept("problem", "decoding processes end before they are ready ({how_it_ended})").format(
                        how_it_ended=_how_it_ended(worker.process)
                    )
                )
        elif worker.jobs:
            job = worker.jobs.popleft()
            job.crashes += 1
            if job.crashes > 1:
                reason = kept("problem", "the decoder stopped while it read it ({how_it_ended})").format(
                    how_it_ended=_how_it_ended(worker.process)
                )
                answers.append(Answer(job.number, Kind.CRASHED, reason))
            else:
                # Once more, last: memory that two large photos could not share may do for one.
                self._waiting.append(job)
        self._exchange(worker)

    def _exchange(self, worker: _Worker) -> None:
        """Put a fresh worker in the place of one that is gone; the jobs it had not begun are dealt first."""
        self._waiting.extendleft(reversed(worker.jobs))
        worker.connection.close()
        self._workers.remove(worker)
        self._workers.append(self._new_worker())


def _how_it_ended(process: BaseProcess) -> str:
    """Say how a process ended: ``"signal SIGSEGV"``."""
    import signal

    code = process.exitcode
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
