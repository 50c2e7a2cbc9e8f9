"""The comparer in a process of its own: a broken original or a stalled model costs that process and nothing else.

desktop thread ──("compare", (paths, known pairs))──▶ child: Comparer ──("pair", …)─ … ─("compared", None)──▶ thread
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.pipeline.child_process import ChildProcess

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from multiprocessing.connection import Connection

    from aesthetic_studio.pipeline.comparing import Pair


class ComparingProcess(ChildProcess):
    """A ``Comparer`` in a child process. Use it from one thread.

    Args:
        model_name: An installed model that compares.
        device: As for ``Comparer``.
        niceness: How much the child yields to others.
    """

    def __init__(self, model_name: str, device: str = "auto", *, niceness: int = 10) -> None:
        super().__init__(_answer_all, (model_name, device), called="compares photos", niceness=niceness)

    @property
    def model_name(self) -> str:
        """The model that compares; starts the process if need be."""
        name: str = self._description()[0]
        return name

    @property
    def model_version(self) -> str:
        """Its version."""
        version: str = self._description()[1]
        return version

    def compare(self, paths: Sequence[str], known: Collection[tuple[int, int]] = ()) -> Iterator[Pair]:
        """Compare the photos of a series two by two, but for the pairs that are known.

        Whoever stops asking half-way leaves the child with a question that nobody needs answered, so it is ended; the
        next series starts another. Raises ``KnownError`` when the child dies.
        """
        self.start()
        self._send(("compare", (list(paths), sorted(known))))
        finished = False
        try:
            while True:
                kind, payload = self._receive_any()
                if kind == "compared":
                    finished = True
                    return
                if kind != "pair":
                    raise RuntimeError(f"the process that compares photos failed:\n{payload}")
                yield payload
        finally:
            if not finished:
                self.close()


def _answer_all(connection: Connection, model_name: str, device: str) -> None:
    from aesthetic_studio.pipeline.comparing import Comparer

    comparer = Comparer(model_name, device)
    connection.send(("ready", (comparer.model_name, comparer.model_version)))
    while True:
        _, (paths, known) = connection.recv()
        for pair in comparer.compare(paths, {tuple(each) for each in known}):
            connection.send(("pair", pair))
        connection.send(("compared", None))
