"""Previews and looks: a second file beside the catalogue, since they are a cache that can be made again.

It is a connection of its own and not an attached database, for two reasons. SQLite in WAL mode does not commit two
attached files as one, so a kill between them could leave facts without their preview; here the previews are committed
first, and one too many does no harm. And damage in this large file can never stop the catalogue from opening.
"""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

from aesthetic_studio.errors import LibraryError
from aesthetic_studio.library.connection import BUSY_TIMEOUT_S, enter_wal, in_chunks, known_errors, stamp
from aesthetic_studio.paths import shown
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PREVIEWS_ID = 0x41537470
"""``AStp`` in the header."""

_VERSION = 2
"""The second version brought the looks."""
_PAGE_SIZE = 16384
"""A preview has some 40 kB; large pages read it in few steps."""
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS preview (hash BLOB NOT NULL UNIQUE, jpeg BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS look (model TEXT NOT NULL, hash BLOB NOT NULL, vector BLOB NOT NULL, "
    "UNIQUE (model, hash))",  # not one tree of both: counting would read every vector
)


def previews_path(library: Path) -> Path:
    """Where the previews of this library lie."""
    return library.with_name(f"{library.stem}-previews.sqlite")


class PreviewStore:
    """JPEG previews by content hash. Used under the lock of the catalogue's ``Store``.

    Attributes:
        path: The file.
    """

    def __init__(self, connection: sqlite3.Connection | None, path: Path) -> None:
        self.path = path
        self._connection = connection

    def put(self, content_hash: bytes, jpeg: bytes) -> None:
        """Keep a preview; it is on disk once ``commit`` has been called."""
        with known_errors(self.path):
            self._begin().execute("INSERT OR REPLACE INTO preview (hash, jpeg) VALUES (?, ?)", (content_hash, jpeg))

    def put_looks(self, model: str, looks: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep what a model says photos show, by content hash; it is on disk once ``commit`` has been called."""
        with known_errors(self.path):
            self._begin().executemany(
                "INSERT OR REPLACE INTO look (model, hash, vector) VALUES (?, ?, ?)",
                ((model, content_hash, vector) for content_hash, vector in looks),
            )

    def looks(self, model: str) -> Iterator[tuple[bytes, bytes]]:
        """Every look of a model by content hash, in the order of the hashes; of a damaged file, what can be read."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.DatabaseError):
                yield from self._connection.execute(
                    "SELECT hash, vector FROM look WHERE model = ? ORDER BY hash", (model,)
                )

    def looked_at(self, model: str) -> set[bytes]:
        """The contents whose look is kept."""
        return {row[0] for row in self._rows("SELECT hash FROM look WHERE model = ?", model)}

    def look_count(self, model: str) -> int:
        """How many looks of a model are kept."""
        return next((int(row[0]) for row in self._rows("SELECT count(*) FROM look WHERE model = ?", model)), 0)

    def stamp(self) -> tuple[int, int]:
        """Numbers that are others once anything was written, as ``Store.stamp``."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.DatabaseError):
                return stamp(self._connection)
        return 0, 0

    def _rows(self, sql: str, model: str) -> list[Any]:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.DatabaseError):
                return self._connection.execute(sql, (model,)).fetchall()
        return []

    def commit(self) -> None:
        """Write what was put."""
        with known_errors(self.path):
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Forget what was put since the last commit."""
        with contextlib.suppress(sqlite3.Error):
            if self._connection is not None and self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def get(self, hashes: Iterable[bytes]) -> dict[bytes, bytes]:
        """The previews that are there; a damaged file has none."""
        wanted = list(hashes)
        found: dict[bytes, bytes] = {}
        if self._connection is None:
            return found
        with contextlib.suppress(sqlite3.DatabaseError):
            for marks, chunk in in_chunks(wanted):
                found.update(self._connection.execute(f"SELECT hash, jpeg FROM preview WHERE hash IN ({marks})", chunk))
        return found

    def is_empty(self) -> bool:
        """Whether no preview is kept here."""
        if self._connection is None:
            return True
        with known_errors(self.path):
            return self._connection.execute("SELECT 1 FROM preview LIMIT 1").fetchone() is None

    def clear(self) -> None:
        """Drop all previews, the file with them."""
        self.close()
        _remove(self.path)
        self._connection = _open(self.path)

    def close(self) -> None:
        """Close the connection; harmless twice."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _begin(self) -> sqlite3.Connection:
        """The connection, with a transaction open."""
        connection = self._open_connection()
        if not connection.in_transaction:
            connection.execute("BEGIN IMMEDIATE")
        return connection

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise LibraryError(
                kept("problem", "{path}: the previews are not open.").format(path=shown(self.path)),
                kept("problem", "Start the program again."),
            )
        return self._connection


def open_previews(library: Path) -> PreviewStore:
    """Open the previews for writing; a file that is damaged or foreign to this program is made anew."""
    path = previews_path(library)
    with known_errors(path):
        try:
            return PreviewStore(_open(path), path)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                raise
            _remove(path)
            return PreviewStore(_open(path), path)


def open_previews_reader(library: Path) -> PreviewStore:
    """Open the previews for reading; where they cannot be read there are none."""
    path = previews_path(library)
    try:
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("SELECT 1 FROM preview LIMIT 1").fetchone()
    except sqlite3.DatabaseError:
        return PreviewStore(None, path)
    return PreviewStore(connection, path)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        if application not in (0, PREVIEWS_ID):
            raise LibraryError(
                kept(
                    "problem",
                    "{path}: this file stands where the previews of the library belong; it was left as it is.",
                ).format(path=shown(path)),
                kept("problem", "Move it away, or name another library with --library."),
            )
        connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        enter_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {PREVIEWS_ID}")
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            connection.execute("COMMIT")
        connection.execute("SELECT 1 FROM preview LIMIT 1").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
