"""The scorer in a process of its own, so that importing torch and forward passes never hold up a window.

    desktop thread ──("score", (previews, words))──▶ child: Scorer ──("scores", 10 floats each)──▶ desktop thread

Messages are tuples of plain values. The child ends with its parent; its death is a ``KnownError`` here, after which
:meth:`ScoringProcess.start` starts another.
"""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Any

from aesthetic_studio.errors import KnownError
from aesthetic_studio.records import ScoreDistribution

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

START_LIMIT_S = 180.0
"""Importing torch from a cold, slow disk takes its time; longer than this it never will."""

ANSWER_LIMIT_S = 300.0
"""Seconds that one batch may take on the slowest machine."""


_Description = tuple[str, str, int, str, bool]
"""Name, version, batch size, device, whether it reads words."""


class ScoringProcess:
    """A ``Scorer`` in a child process. Use it from one thread.

    Args:
        model_name: An installed model; by default the one that ships with the program.
        device: As for ``Scorer``.
        batch_size: As for ``Scorer``.
        niceness: How much the child yields to others.
    """

    def __init__(
        self, model_name: str | None = None, device: str = "auto", batch_size: int | None = None, *, niceness: int = 5
    ) -> None:
        self._wanted = (model_name, device, batch_size)
        self._niceness = niceness
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._described: _Description | None = None
        self._submitted = 0
        self._discarded = 0
        self._interrupted = False

    @property
    def model_name(self) -> str:
        """The model that answers; starts the process if need be."""
        return self._description()[0]

    @property
    def model_version(self) -> str:
        """Its version."""
        return self._description()[1]

    @property
    def batch_size(self) -> int:
        """How many previews to hand in at once."""
        return self._description()[2]

    @property
    def device(self) -> str:
        """Where the model runs."""
        return self._description()[3]

    @property
    def reads_words(self) -> bool:
        """Whether the model judges words too."""
        return self._description()[4]

    @property
    def running(self) -> bool:
        """Whether the child is alive."""
        return self._process is not None and self._process.is_alive()

    def start(self) -> None:
        """Start the child and wait until its model is loaded; does nothing while it runs.

        Raises ``KnownError``: the model or device is not there, or the child died.
        """
        if self.running and self._described is not None:
            return
        self.close()
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, *self._wanted, self._niceness), name="scorer", daemon=True
        )
        process.start()
        theirs.close()
        self._process, self._connection = process, ours
        if self._interrupted:
            raise self._died()
        name, version, batch_size, device, reads_words = self._receive("ready", START_LIMIT_S)
        self._described = (name, version, batch_size, device, reads_words)

    def submit(self, previews: Sequence[bytes], words: Sequence[str] | None = None) -> None:
        """Hand in a batch; the child prepares it while it scores the one before."""
        self.start()
        self._send(("score", (list(previews), None if words is None else list(words))))
        self._submitted += 1

    def take(self) -> list[ScoreDistribution | None]:
        """Return the answers to the oldest batch handed in. Raises ``KnownError`` when the child died."""
        self._submitted -= 1
        rows = self._receive("scores", ANSWER_LIMIT_S)
        return [None if row is None else ScoreDistribution(tuple(row)) for row in rows]

    def discard(self) -> None:
        """Forget the batches that were handed in and not taken; their answers are dropped when they come."""
        self._discarded += self._submitted
        self._submitted = 0

    def score_previews(
        self, previews: Sequence[bytes], words: Sequence[str] | None = None
    ) -> list[ScoreDistribution | None]:
        """Score a batch of previews, with their words; ``None`` for one that is no picture."""
        self.submit(previews, words)
        return self.take()

    def attention(self, preview: bytes) -> tuple[int, int, tuple[float, ...]] | None:
        """Where the model looked, as (height, width, weights row by row). Not while a batch is on its way."""
        self.start()
        self._send(("attention", preview))
        answer: tuple[int, int, tuple[float, ...]] | None = self._receive("attention", ANSWER_LIMIT_S)
        return answer

    def interrupt(self) -> None:
        """End the child for good, whatever it does, also while it loads its model.

        The one method for any thread: the thread that waits for an answer meets a ``KnownError`` instead of it.
        """
        # The flag before the look at the process: a child that is being started now is met by one or the other.
        self._interrupted = True
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the child at once."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.join(5.0)
        self._process = self._connection = self._described = None
        self._submitted = self._discarded = 0

    def _description(self) -> _Description:
        self.start()
        if self._described is None:
            raise self._died()
        return self._described

    def _send(self, message: tuple[object, ...]) -> None:
        if self._connection is None:
            raise self._died()
        try:
            self._connection.send(message)
        except OSError as error:
            raise self._died() from error

    def _receive(self, expected: str, limit_s: float) -> Any:
        """Return the next message's payload. Raises ``KnownError`` for a death, a silence or what the child tells."""
        if self._connection is None:
            raise self._died()
        try:
            while True:
                if not self._connection.poll(limit_s):
                    raise self._died()
                kind, payload = self._connection.recv()
                if kind != "scores" or not self._discarded:
                    break
                self._discarded -= 1
        except (EOFError, OSError) as error:
            raise self._died() from error
        if kind == "known":
            self.close()
            raise KnownError(*payload)
        if kind != expected:
            self.close()
            raise RuntimeError(f"the scoring process failed:\n{payload}")
        return payload

    def _died(self) -> KnownError:
        """Clean up after the child and say what happened."""
        code = self._process.exitcode if self._process is not None else None
        self.close()
        how = f" (exit code {code})" if code is not None else ""
        return KnownError(
            f"The process that scores photos has stopped{how}.",
            "What it had scored is kept. Start again; if it stops again, choose another device or free memory.",
        )


def _serve(connection: Connection, model_name: str | None, device: str, batch_size: int | None, niceness: int) -> None:
    """Be the child: load the model, then answer until the parent closes its end or dies."""
    import traceback

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if niceness and hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(niceness)
    with contextlib.suppress(EOFError, OSError):
        try:
            _answer_all(connection, model_name, device, batch_size)
        except KnownError as error:
            connection.send(("known", (error.message, error.advice)))
        except (EOFError, OSError):
            raise
        except Exception:
            connection.send(("broken", traceback.format_exc()))
    # Torch's own clean-up is slow and nobody waits for it.
    os._exit(0)


def _answer_all(connection: Connection, model_name: str | None, device: str, batch_size: int | None) -> None:
    """Score batch after batch; a thread takes in the next one, whose decoding starts while the model is busy."""
    import queue
    import threading

    from aesthetic_studio.pipeline.scoring import Scorer

    scorer = Scorer(model_name, device, batch_size)
    described = (scorer.model_name, scorer.model_version, scorer.batch_size, scorer.device, scorer.reads_words)
    connection.send(("ready", described))
    asked: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

    def take_in() -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                kind, payload = connection.recv()
                if kind == "score":
                    scorer.submit(*payload)
                asked.put((kind, payload))
        # The parent is gone or done with us, and whatever runs now is for nobody.
        os._exit(0)

    threading.Thread(target=take_in, name="intake", daemon=True).start()
    while True:
        kind, payload = asked.get()
        if kind == "score":
            rows = [None if answer is None else answer.probabilities for answer in scorer.take()]
            connection.send(("scores", rows))
        else:
            connection.send(("attention", scorer.attention(payload)))
