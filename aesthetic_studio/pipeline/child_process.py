"""Work with torch in a process of its own, so that importing it and forward passes never hold up a window.

    one thread here ──(kind, payload)──▶ child ──(kind, payload)──▶ the same thread

Messages are tuples of plain values. The child ends with its parent; its death is a ``KnownError`` here, after which
:meth:`ChildProcess.start` starts another.
"""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Any

from aesthetic_studio.errors import KnownError
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

START_LIMIT_S = 180.0
"""Importing torch from a cold, slow disk takes its time; longer than this it never will."""

ANSWER_LIMIT_S = 300.0
"""Seconds that one answer may take on the slowest machine."""


class ChildProcess:
    """A child that answers questions. Use it from one thread; ``interrupt`` alone is for any.

    Args:
        work: What the child does: ``work(connection, *arguments)``, a function at the top of a module. Its first
            message is ``("ready", description)``.
        arguments: Plain values.
        called: What it does, for the user: ``"scores photos"``.
        niceness: How much the child yields to others.
    """

    def __init__(
        self, work: Callable[..., None], arguments: tuple[object, ...], *, called: str, niceness: int = 5
    ) -> None:
        self._work = work
        self._arguments = arguments
        self._called = called
        self._niceness = niceness
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._described: Any = None
        self._interrupted = False

    @property
    def running(self) -> bool:
        """Whether the child is alive."""
        return self._process is not None and self._process.is_alive()

    def start(self) -> None:
        """Start the child and wait until it is ready; does nothing while it runs.

        Raises ``KnownError``: what it needs is not there, or the child died.
        """
        if self.running and self._described is not None:
            return
        self.close()
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self._niceness, self._work, self._arguments), name=self._called, daemon=True
        )
        process.start()
        theirs.close()
        self._process, self._connection = process, ours
        if self._interrupted:
            raise self._died()
        self._described = self._receive("ready", START_LIMIT_S)

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

    def _description(self) -> Any:
        """What the child said of itself; starts it if need be."""
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

    def _receive(self, expected: str, limit_s: float = ANSWER_LIMIT_S) -> Any:
        """Return the payload of the next message, which must be of this kind. Raises as ``_receive_any`` does."""
        kind, payload = self._receive_any(limit_s)
        if kind != expected:
            self.close()
            raise RuntimeError(f"the process that {self._called} failed:\n{payload}")
        return payload

    def _receive_any(self, limit_s: float = ANSWER_LIMIT_S) -> tuple[str, Any]:
        """Return the next message. Raises ``KnownError`` for a death, a silence or what the child tells."""
        if self._connection is None:
            raise self._died()
        try:
            while True:
                if not self._connection.poll(limit_s):
                    raise self._died()
                kind, payload = self._connection.recv()
                if not self._is_unwanted(kind):
                    break
        except (EOFError, OSError) as error:
            raise self._died() from error
        if kind == "known":
            self.close()
            raise KnownError(*payload)
        return kind, payload

    def _is_unwanted(self, kind: str) -> bool:
        """Whether a message answers a question that nobody asks any more; for a subclass to say."""
        del kind
        return False

    def _died(self) -> KnownError:
        """Clean up after the child and say what happened."""
        code = self._process.exitcode if self._process is not None else None
        self.close()
        how = f" (exit code {code})" if code is not None else ""
        return KnownError(
            kept("problem", "The process that {called} has stopped{how}.").format(called=self._called, how=how),
            kept(
                "problem",
                "What it had done is kept. Start again; if it stops again, choose another device or free memory.",
            ),
        )


def _serve(connection: Connection, niceness: int, work: Callable[..., None], arguments: tuple[object, ...]) -> None:
    """Be the child: work until the parent closes its end or dies."""
    import traceback

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if niceness and hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(niceness)
    with contextlib.suppress(EOFError, OSError):
        try:
            work(connection, *arguments)
        except KnownError as error:
            connection.send(("known", (error.message, error.advice)))
        except (EOFError, OSError):
            raise
        except Exception:
            connection.send(("broken", traceback.format_exc()))
    # Torch's own clean-up is slow and nobody waits for it.
    os._exit(0)
