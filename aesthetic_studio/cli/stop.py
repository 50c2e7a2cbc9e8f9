"""Ctrl-C as a request: the work in hand ends cleanly and all that is done is kept. A second one insists."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class Stop:
    """Whether the user asked to stop; ask it by calling it."""

    def __init__(self) -> None:
        self._asked = False

    def __call__(self) -> bool:
        """Whether to stop."""
        return self._asked

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if the user asked to stop: between steps, where nothing is left half done."""
        if self._asked:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def listening(self) -> Iterator[Stop]:
        """Take Ctrl-C and the polite ``kill`` as requests while this lasts."""
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
