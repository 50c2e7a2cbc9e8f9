"""Words to vectors, in a process of its own: torch and the text tower never hold up a window.

reader thread ──("embed", text)──▶ child: WordsTower ──("embedding", E floats as bytes)──▶ reader thread
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import KnownError
from aesthetic_studio.pipeline.child_process import ChildProcess
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from numpy.typing import NDArray

KEPT = 64
"""Texts whose vectors are remembered: going back to one answers at once."""


class WordsProcess(ChildProcess):
    """A text tower in a child process. Use it from one thread.

    Args:
        folder: Of the encoder that has it.
        niceness: How much the child yields to others; somebody waits for its answer.
    """

    def __init__(self, folder: str, *, niceness: int = 0) -> None:
        super().__init__(_answer_all, (folder,), called="reads words", niceness=niceness)

    def embed(self, text: str) -> NDArray[np.float32]:
        """The embedding (E,) of a text, at length 1; starts the process if need be. Raises ``KnownError``."""
        self.start()
        self._send(("embed", text))
        return np.frombuffer(self._receive("embedding"), "<f4")


class Words:
    """Texts as vectors beside a model's looks. The process starts with the first text that is not remembered.

    Use it from one thread; ``interrupt`` alone is for any.

    Args:
        on_start: Told before torch is loaded, which takes seconds.
    """

    def __init__(self, on_start: Callable[[], None] = lambda: None) -> None:
        self._on_start = on_start
        self._process: WordsProcess | None = None
        self._tower = ""
        self._known: OrderedDict[tuple[str, str], NDArray[np.float32]] = OrderedDict()
        self._interrupted = False

    @property
    def running(self) -> bool:
        """Whether the process is alive, and holds memory."""
        process = self._process
        return process is not None and process.running

    def vector(self, model: tuple[str, str], text: str) -> NDArray[np.float32]:
        """What a text is (E,) beside the looks of a model, given by name and version, at length 1.

        Raises ``WordsUnavailable`` where no installed text tower fits that model, and ``KnownError`` where the process
        dies.
        """
        from aesthetic_studio.models.looks import words_for

        card = words_for(*model)
        if card.words is None or card.folder is None:
            raise ValueError(f"{card.name} has no words")
        key = (card.words.sha256, " ".join(text.split()))
        if key not in self._known:
            self._known[key] = self._started(str(card.folder), card.words.sha256).embed(key[1])
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def close(self) -> None:
        """End the process; what was read is remembered, and the next new text starts another."""
        if self._process is not None:
            self._process.close()
        self._process = None

    def interrupt(self) -> None:
        """End the process for good, also while it loads; from any thread."""
        # The flag before the look at the process: one that is being made now is met by one or the other.
        self._interrupted = True
        process = self._process
        if process is not None:
            process.interrupt()

    def _started(self, folder: str, tower: str) -> WordsProcess:
        if self._process is not None and self._tower != tower:
            self.close()
        if not self.running:
            self._on_start()
        process = self._process = self._process or WordsProcess(folder)
        self._tower = tower
        if self._interrupted:
            self.close()
            raise KnownError(kept("problem", "The search was ended."), "")
        return process


def _answer_all(connection: Connection, folder: str) -> None:
    """Embed text after text."""
    from pathlib import Path

    from aesthetic_studio.models.encoders.open_clip_words import load_words

    tower = load_words(Path(folder))
    connection.send(("ready", tower.width))
    while True:
        _, text = connection.recv()
        connection.send(("embedding", tower.embed(text).numpy().astype("<f4").tobytes()))
