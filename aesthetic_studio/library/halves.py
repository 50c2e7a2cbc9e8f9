"""Long reads of a large library, done by two connections at once, each one half.

SQLite works an answer out on one core, and Python's lock is free meanwhile. A reader that has a second connection to
the same file parts what it asks for in two: a walk along an order at about the middle of the column that the order
begins with, a look through captions or faces at the middle of the contents. Both see the file as it was at one moment;
where somebody wrote between their beginnings, one reads alone.
"""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import contextlib
import importlib
import json
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from aesthetic_studio.library.connection import Store, connect_reader, known_errors, one_state, stamp

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aesthetic_studio.library.connection import Row, Statement

LARGE = 20_000
"""From so many photos on two are quicker than one."""
SAMPLES = 200
"""Photos of a sample: the middle of their values parts a column 46 to 54 at worst, nearly always."""


class PairedReader(Store):
    """A reader with a second connection, opened when it is first of use."""

    def __init__(self, path: Path) -> None:
        super().__init__(connect_reader(path), path)
        self._beside: sqlite3.Connection | None = None
        self._paired: sqlite3.Connection | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="half")

    @contextlib.contextmanager
    def one_state(self) -> Iterator[None]:
        """Read the file as it is at one moment, in a large library by both connections."""
        with self.lock, known_errors(self.path):
            if self._connection.in_transaction or (self.value("SELECT max(id) FROM photo") or 0) < LARGE:
                with super().one_state():
                    yield
                return
            self._beside = beside = self._beside or connect_reader(self.path)
            before = stamp(beside)
            with super().one_state():
                self.stamp()  # its moment lies between the two looks of the other, which tell whether anybody wrote
                with one_state(beside):
                    self._paired = beside if stamp(beside) == before else None
                    try:
                        yield
                    finally:
                        self._paired = None
            if "numpy" not in sys.modules:
                # The first album is here; to read the ids of the next ones numpy takes a quarter of the time.
                self._pool.submit(importlib.import_module, "numpy")

    @property
    def is_paired(self) -> bool:
        """Whether both connections see one state of the file; some time within ``one_state``."""
        return self._paired is not None

    def each(self, asked: Sequence[Statement]) -> list[list[Row]]:
        """The rows of some statements, which both connections take in turn while they see one state."""
        with self.lock, known_errors(self.path):
            beside = self._paired
            if beside is None or len(asked) < 2:
                return super().each(asked)
            waiting = deque(enumerate(asked))
            answers: dict[int, list[Row]] = {}

            def take(connection: sqlite3.Connection) -> None:
                while True:
                    try:
                        place, (sql, parameters) = waiting.popleft()
                    except IndexError:  # the other connection took the last one
                        return
                    answers[place] = connection.execute(sql, parameters).fetchall()

            beyond = self._pool.submit(take, beside)
            try:
                take(self._connection)
            finally:
                waiting.clear()
                if not beyond.cancel():  # it may not have begun yet
                    beyond.result()
            return [answers[place] for place in range(len(asked))]

    def close(self) -> None:
        """Close both connections; harmless twice."""
        with self.lock:
            self._pool.shutdown()
            if self._beside is not None:
                self._beside.close()
            super().close()


Side = tuple[str, tuple[Any, ...]]
"""A part of a WHERE clause and its values."""


def sides(store: Store, column: str, *, descending: bool = False) -> list[Side]:
    """The photos that have a column, all at once or in two halves that ``each`` asks for at once.

    Args:
        store: Two it is where both connections of a reader see one state.
        column: What the statement's order, or the order in each of its groups, begins with.
        descending: The half of the higher values comes first.
    """
    if not store.is_paired or (middle := _middle(store, column)) is None:
        return [(f"{column} IS NOT NULL", ())]
    low, high = (f"{column} < ?", (middle,)), (f"{column} >= ?", (middle,))
    return [high, low] if descending else [low, high]


def content_sides(store: Store, column: str) -> list[Side]:
    """All contents at once or in two halves, by the ``column`` that holds their ids."""
    if not store.is_paired:
        return [("1", ())]
    middle = (store.value("SELECT max(id) FROM content") or 0) // 2
    return [(f"{column} <= ?", (middle,)), (f"{column} > ?", (middle,))]


def _middle(store: Store, column: str) -> Any:
    """About the middle of a column's values, by photos all over the library; ``None`` where those all lack it."""
    rows = store.all(
        f"SELECT {column} FROM photo WHERE id IN (SELECT value FROM json_each(?)) AND {column} IS NOT NULL "
        f"ORDER BY {column}",
        (sample(store),),
    )
    return rows[len(rows) // 2][0] if rows else None


def sample(store: Store) -> str:
    """Ids all over the library, as JSON."""
    newest = store.value("SELECT max(id) FROM photo") or 0
    return json.dumps(list(range(1, newest + 1, max(1, newest // SAMPLES))))
