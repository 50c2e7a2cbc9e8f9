"""Long walks along the photos, done by two connections at once, each one half.

SQLite works an answer out on one core, and Python's lock is free meanwhile. A reader that has a second connection to
the same file lets both walk: one the photos up to a value of the column that the order begins with, the other those
behind it. Both see the file as it was at one moment; where somebody wrote between their beginnings, one walks alone.
"""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from aesthetic_studio.library.conditions import Part
from aesthetic_studio.library.connection import Store, connect_reader, known_errors, one_state, stamp

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aesthetic_studio.library.conditions import Condition
    from aesthetic_studio.library.connection import Parameters, Row

LARGE = 20_000
"""From so many photos on two are quicker than one."""
SAMPLES = 200
"""Photos that are asked for the middle of a column: it then parts them 46 to 54 at worst, nearly always."""


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

    @property
    def is_paired(self) -> bool:
        """Whether both connections see one state of the file; some time within ``one_state``."""
        return self._paired is not None

    def both(self, sql: str, parameters: Parameters, other: str, others: Parameters) -> tuple[list[Row], list[Row]]:
        """The rows of two statements; only while ``is_paired``."""
        with self.lock, known_errors(self.path):
            beside = self._paired
            if beside is None:
                raise RuntimeError("two connections are asked that may see two states of the file")
            beyond = self._pool.submit(lambda: beside.execute(other, others).fetchall())
            try:
                found = self.all(sql, parameters)
            finally:
                rest = beyond.result()
            return found, rest

    def close(self) -> None:
        """Close both connections; harmless twice."""
        with self.lock:
            self._pool.shutdown()
            if self._beside is not None:
                self._beside.close()
            super().close()


def walk(
    store: Store,
    places: Condition,
    column: str,
    sql: Callable[[Condition], str],
    *more: Any,
    descending: bool = False,
) -> list[list[Row]]:
    """The rows of a statement along a column, whole or in two halves, one behind the other.

    Args:
        store: Halves are walked where it is a ``PairedReader`` that sees one state.
        places: What the photos must fulfil; those that lack the column are left out.
        column: What the statement's order, or the order in each of its groups, begins with.
        sql: The statement for a condition, whose parameters come first.
        more: The parameters behind them.
        descending: The walk begins at the highest value.
    """
    if isinstance(store, PairedReader) and store.is_paired and (middle := _middle(store, column)) is not None:
        halves = [places.and_also(Part(f"{column} {side} ?", (middle,))) for side in ("<", ">=")]
        one, other = reversed(halves) if descending else halves
        return list(store.both(sql(one), [*one.parameters, *more], sql(other), [*other.parameters, *more]))
    whole = places.and_also(f"{column} IS NOT NULL")
    return [store.all(sql(whole), [*whole.parameters, *more])]


def _middle(store: Store, column: str) -> Any:
    """About the middle of a column's values, by photos all over the library; ``None`` where those all lack it."""
    newest = store.value("SELECT max(id) FROM photo") or 0
    rows = store.all(
        f"SELECT {column} FROM photo WHERE id IN (SELECT value FROM json_each(?)) AND {column} IS NOT NULL "
        f"ORDER BY {column}",
        (json.dumps(list(range(1, newest + 1, max(1, newest // SAMPLES)))),),
    )
    return rows[len(rows) // 2][0] if rows else None
