"""Looking for faces in a process of its own: a broken original or a stalled network costs that process alone.

desktop thread ──("look", (path, preview) each)──▶ child: Looker ──("faces", the faces of each)──▶ desktop thread
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.pipeline.child_process import ChildProcess

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from aesthetic_studio.faces import Face


class FacesProcess(ChildProcess):
    """A ``Looker`` in a child process. Use it from one thread.

    Args:
        niceness: How much the child yields to others.
    """

    def __init__(self, *, niceness: int = 10) -> None:
        super().__init__(_answer_all, (), called="looks for faces", niceness=niceness)

    @property
    def batch_size(self) -> int:
        """How many photos to hand in at once; starts the process if need be."""
        size: int = self._description()
        return size

    def look(self, photos: Sequence[tuple[str, bytes]]) -> list[tuple[Face, ...] | None]:
        """Faces of photos, each a path and its preview. Raises ``KnownError`` when the child dies."""
        self.start()
        self._send(("look", list(photos)))
        faces: list[tuple[Face, ...] | None] = self._receive("faces")
        return faces


def _answer_all(connection: Connection) -> None:
    from aesthetic_studio.pipeline.faces import Looker

    looker = Looker()
    connection.send(("ready", looker.batch_size))
    while True:
        _, photos = connection.recv()
        connection.send(("faces", looker.look(photos)))
