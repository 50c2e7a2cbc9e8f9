"""What a command says while it works: lines and progress on standard error; results alone go to standard output."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from tqdm import tqdm

Say = Callable[[str], None]


def say(line: str) -> None:
    """Tell the person at the terminal how it goes."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def say_to(main: bool) -> Say:
    """``say``, or silence in a process that is not the main one."""
    return say if main else lambda _line: None


@contextlib.contextmanager
def progress_bar(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing elsewhere; what it yields is told done and total."""
    with tqdm(desc=what, unit=unit, disable=not sys.stderr.isatty()) as bar:

        def moved(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield moved
