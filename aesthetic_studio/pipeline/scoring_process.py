"""The scorer in a process of its own, so that importing torch and forward passes never hold up a window.

desktop thread ──("score", (previews, words))──▶ child: Scorer ──("scores", 10 floats and a look each)──▶ desktop thread
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

from aesthetic_studio.pipeline.child_process import ChildProcess
from aesthetic_studio.records import Answer, ScoreDistribution

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

_Description = tuple[str, str, int, str, bool]
"""Name, version, batch size, device, whether it reads words."""


class ScoringProcess(ChildProcess):
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
        super().__init__(_answer_all, (model_name, device, batch_size), called="scores photos", niceness=niceness)
        self._submitted = 0
        self._discarded = 0

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

    def submit(self, previews: Sequence[bytes], words: Sequence[str] | None = None) -> None:
        """Hand in a batch; the child prepares it while it scores the one before."""
        self.start()
        self._send(("score", (list(previews), None if words is None else list(words))))
        self._submitted += 1

    def take(self) -> list[Answer | None]:
        """Return the answers to the oldest batch handed in. Raises ``KnownError`` when the child died."""
        self._submitted -= 1
        rows = self._receive("scores")
        return [None if row is None else Answer(ScoreDistribution(*row[:2]), row[2]) for row in rows]

    def discard(self) -> None:
        """Forget the batches that were handed in and not taken; their answers are dropped when they come."""
        self._discarded += self._submitted
        self._submitted = 0

    def score_previews(self, previews: Sequence[bytes], words: Sequence[str] | None = None) -> list[Answer | None]:
        """Score a batch of previews, with their words; ``None`` for one that is no picture."""
        self.submit(previews, words)
        return self.take()

    def attention(self, preview: bytes) -> tuple[int, int, tuple[float, ...]] | None:
        """Where the model looked, as (height, width, weights row by row). Not while a batch is on its way."""
        self.start()
        self._send(("attention", preview))
        answer: tuple[int, int, tuple[float, ...]] | None = self._receive("attention")
        return answer

    def close(self) -> None:
        """End the child at once."""
        super().close()
        self._submitted = self._discarded = 0

    def _description(self) -> _Description:
        described: _Description = super()._description()
        return described

    def _is_unwanted(self, kind: str) -> bool:
        if kind != "scores" or not self._discarded:
            return False
        self._discarded -= 1
        return True


def _answer_all(connection: Connection, model_name: str | None, device: str, batch_size: int | None) -> None:
    """Score batch after batch; a thread takes in the next one, whose decoding starts while the model is busy."""
    import queue
    import threading

    from aesthetic_studio.pipeline.scorer import Scorer

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
            connection.send(("scores", [None if one is None else _as_row(one) for one in scorer.take()]))
        else:
            connection.send(("attention", scorer.attention(payload)))


def _as_row(answer: Answer) -> tuple[tuple[float, ...], float | None, bytes]:
    """Plain values, as messages are made of."""
    return answer.distribution.probabilities, answer.distribution.merit, answer.look
