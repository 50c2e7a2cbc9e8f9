"""Teaching in a process of its own: reading features, learning and judging never hold up the window.

    thread ──("questions" | "teach" | …, payload)──▶ child: trainer.personal.session.Teaching
           ◀──("progress", …) … ("answer", plain data) | ("refused", (message, advice))──

No Qt and no torch here: the child imports what it needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aesthetic_studio.errors import KnownError
from aesthetic_studio.pipeline.child_process import ChildProcess

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from trainer.personal.records import AskedPair, TeachReport, TeachState
    from trainer.personal.session import Teaching

RECIPE = "personal"
ANSWER_LIMIT_S = 3600.0
"""A large library's features may take long the first time; the person can cancel at any moment."""


class TeachProcess(ChildProcess):
    """A ``Teaching`` in a child process. Use it from one thread.

    Args:
        library: The library's file.
        changes: To the recipe, as ``--set`` writes them.
        niceness: How much the child yields to others.
    """

    def __init__(self, library: Path, changes: tuple[str, ...] = (), *, niceness: int = 10) -> None:
        super().__init__(_answer_all, (str(library), changes), called="learns your taste", niceness=niceness)

    def state(self) -> TeachState:
        """How things stand."""
        found: TeachState = self._ask("state", None, _ignore)
        return found

    def questions(self, count: int, progress: Callable[[str, int, int], None]) -> list[AskedPair]:
        """The pairs whose answers would tell most."""
        found: list[AskedPair] = self._ask("questions", count, progress)
        return found

    def teach(self, progress: Callable[[str, int, int], None]) -> TeachReport:
        """Learn, judge, keep, and install where it won. Raises ``KnownError`` where there is too little."""
        found: TeachReport = self._ask("teach", None, progress)
        return found

    def revert(self, number: int) -> TeachState:
        """Install a version, or 0 for none; how things stand then."""
        found: TeachState = self._ask("revert", number, _ignore)
        return found

    def _ask(self, what: str, payload: object, progress: Callable[[str, int, int], None]) -> Any:
        self.start()
        self._send((what, payload))
        while True:
            kind, answer = self._receive_any(ANSWER_LIMIT_S)
            if kind == "progress":
                progress(*answer)
            elif kind == "refused":
                raise KnownError(*answer)
            elif kind == "answer":
                return answer
            else:
                self.close()
                raise RuntimeError(f"the process that learns your taste failed:\n{answer}")


def _answer_all(connection: Connection, library: str, changes: tuple[str, ...]) -> None:
    """Be the child. Each question reads the library anew, since it is judged meanwhile."""
    from aesthetic_studio.library.catalogue import Catalogue  # noqa: PLC0415 - only in the child
    from trainer.personal.session import Teaching  # noqa: PLC0415
    from trainer.recipes.recipe import PersonalRecipe, read_as  # noqa: PLC0415

    recipe = read_as(PersonalRecipe, RECIPE, changes)
    with Catalogue.open(Path(library), create=False) as catalogue:
        connection.send(("ready", None))
        while True:
            what, payload = connection.recv()
            try:
                answer = _answer(Teaching(catalogue, recipe), what, payload, connection)
            except KnownError as error:
                connection.send(("refused", (error.message, error.advice)))
            else:
                connection.send(("answer", answer))


def _answer(teaching: Teaching, what: str, payload: Any, connection: Connection) -> Any:
    def progress(stage: str, done: int, total: int) -> None:
        connection.send(("progress", (stage, done, total)))

    if what == "questions":
        return teaching.questions(payload, progress=progress)
    if what == "teach":
        return teaching.teach(progress=progress)
    if what == "revert":
        teaching.versions.revert(payload)
    return teaching.state()


def _ignore(_stage: str, _done: int, _total: int) -> None:
    """Nobody watches."""
