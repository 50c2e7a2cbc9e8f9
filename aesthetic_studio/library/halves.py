"""Long walks along the photos, done by two connections at once, each one half.

SQLite works an answer out on one core, and Python's lock is free meanwhile. A reader that has a second connection to
the same file lets both walk: one the photos up to a value of the column that the order begins with, the other those
behind it. What they find is put together as it is only where the file did not change between their beginnings and
their ends; otherwise the caller walks the whole way again by one connection, which sees one state of the file always.
"""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from aesthetic_studio.library.conditions import Part
from aesthetic_studio.library.connection import Store, connect_reader, known_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from aesthetic_studio.library.connection import Row

    Statement = tuple[str, Sequence[Any]]

LARGE = 20_000
"""From so many photos on two are quicker than one."""
SAMPLES = 200
"""Photos that are asked for the middle of a column: it then parts them 46 to 54 at worst, nearly always."""


class PairedReader(Store):
    """A reader with a second connection, opened when it is first of use."""

    def __init__(self, path: Path) -> None:
        super().__init__(connect_reader(path), path)
        self._beside: Store | None = None
        self._pool: ThreadPoolExecutor | None = None

    def both(self, one: Statement, other: Statement) -> tuple[list[Row], list[Row]] | None:
        """The rows of two statements, of one state of the file; ``None`` where it changed meanwhile."""
        with self.lock, known_errors(self.path):
            beside, pool = self._beside, self._pool
            if beside is None or pool is None:
                beside = self._beside = Store(connect_reader(self.path), self.path)
                pool = self._pool = ThreadPoolExecutor(1, thread_name_prefix="half")
            before = self.stamp(), beside.stamp()
            asked = pool.submit(beside.all, *other)
            try:
                found = self.all(*one)
            finally:
                beyond = asked.result()
            return (found, beyond) if (self.stamp(), beside.stamp()) == before else None

    def close(self) -> None:
        """Close both connections; harmless twice."""
        with self.lock:
            if self._pool is not None:
                self._pool.shutdown()
            if self._beside is not None:
                self._beside.close()
            super().close()


def walk(
    store: Store, column: str, statement: Callable[[Part], Statement], *, descending: bool = False
) -> list[list[Row]]:
    """The rows of a statement along a column, once or in two halves, one behind the other.

    Args:
        store: Halves are walked only where it is a ``PairedReader``.
        column: What the statement's order, or the order in each of its groups, begins with; photos that lack it are
            left out.
        statement: Makes the statement with one more part of its condition.
        descending: The walk begins at the highest value.
    """
    middle = _middle(store, column) if isinstance(store, PairedReader) else None
    if middle is not None and isinstance(store, PairedReader):
        below, above = Part(f"{column} < ?", (middle,)), Part(f"{column} >= ?", (middle,))
        one, other = (above, below) if descending else (below, above)
        found = store.both(statement(one), statement(other))
        if found is not None:
            return list(found)
    return [store.all(*statement(Part(f"{column} IS NOT NULL")))]


def _middle(store: Store, column: str) -> Any:
    """About the middle of a column's values, by photos all over the library; ``None`` where halves do not pay."""
    newest = store.value("SELECT max(id) FROM photo") or 0
    if newest < LARGE:
        return None
    rows = store.all(
        f"SELECT {column} FROM photo WHERE id IN (SELECT value FROM json_each(?)) AND {column} IS NOT NULL "
        f"ORDER BY {column}",
        (json.dumps(list(range(1, newest + 1, max(1, newest // SAMPLES)))),),
    )
    return rows[len(rows) // 2][0] if rows else None
