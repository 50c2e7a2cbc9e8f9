"""Opening the catalogue's file, and its one lock.

Plain ``sqlite3`` here and in every part that runs for each photo: the hot path prepares a statement once and binds
thousands of rows to it. ``sqlite-utils`` is for inspection (see ``health.py``).

A ``Store`` is a connection with a lock. In one process writers take turns by that lock, across processes by
``BEGIN IMMEDIATE`` and SQLite's busy timeout; readers have connections of their own and never wait (WAL).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import sys
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from aesthetic_studio.errors import DiskFull, LibraryError, LibraryLocked, LibraryTooNew, NotALibrary
from aesthetic_studio.library import migrations
from aesthetic_studio.paths import shown
from aesthetic_studio.translation import kept

BUSY_TIMEOUT_S = 10.0
"""How long a writer waits for another process before it says so."""
BOUND_AT_ONCE = 500
"""Values in one statement; SQLite allows a limited number of variables."""

_SQLITE_MAGIC = b"SQLite format 3\x00"
_NEARLY_FULL_BYTES = 1 << 20

Row = tuple[Any, ...]
Parameters = Sequence[Any]
Statement = tuple[str, Parameters]
_Value = TypeVar("_Value")


def in_chunks(values: Sequence[_Value]) -> Iterator[tuple[str, list[_Value]]]:
    """Values in lists short enough to be bound at once, each with its marks for ``IN``: ``?,?,?``."""
    for start in range(0, len(values), BOUND_AT_ONCE):
        chunk = list(values[start : start + BOUND_AT_ONCE])
        yield ",".join("?" * len(chunk)), chunk


def unjoined(ids: str | None) -> array[int]:
    """The integers that SQLite's ``group_concat`` wrote as one text; none for ``None``.

    numpy, where it is loaded already, takes a quarter of the time. A large library has it loaded behind its first
    album; for others it would not pay.
    """
    if ids and "numpy" in sys.modules:
        import numpy as np  # noqa: PLC0415 - not before the first window is shown

        return array("q", np.fromstring(ids, dtype=np.int64, sep=",").tobytes())
    return array("q", json.loads(f"[{ids or ''}]"))


def _known_error(error: sqlite3.Error, path: Path) -> LibraryError | None:  # noqa: PLR0911 - one a kind of trouble
    """What a failure of SQLite means to the person, or ``None`` where it is a bug of ours."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    name = shown(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryLocked(
            f"{name}: the library is held by another program.",
            "Close the other window or backup program that uses it and try again; nothing was changed.",
        )
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_nearly_full(path)):
        return DiskFull(
            kept("problem", "{name}: the disk is full, so the last change was not kept.").format(name=name),
            kept("problem", "Free some space and go on: everything before it is safe."),
        )
    if code == sqlite3.SQLITE_IOERR:
        return LibraryError(
            kept("problem", "{name}: the disk reported an error.").format(name=name),
            kept("problem", "Check the drive and its cable, then try again."),
        )
    if code == sqlite3.SQLITE_NOTADB:
        return _not_a_library(path)
    if code == sqlite3.SQLITE_CORRUPT:
        return LibraryError(
            kept("problem", "{name}: the library file is damaged.").format(name=name),
            kept(
                "problem",
                "Restore the file from a backup, or name another with --library; the photos themselves are untouched.",
            ),
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return LibraryError(
            kept("problem", "{name}: the library cannot be opened for writing.").format(name=name),
            kept(
                "problem", "Check the permissions of the file and its folder, or choose another place with --library."
            ),
        )
    return None


def _not_a_library(path: Path) -> NotALibrary:
    return NotALibrary(
        kept("problem", "{path}: this file is not a library of Aesthetic Studio; it was left as it is.").format(
            path=shown(path)
        ),
        kept("problem", "Name another file with --library; a file that does not exist yet is created."),
    )


def _is_nearly_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _NEARLY_FULL_BYTES
    except OSError:
        return False


def stamp(connection: sqlite3.Connection) -> tuple[int, int]:
    """As ``Store.stamp``: what other connections committed, and what this one wrote."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0]), connection.total_changes


@contextlib.contextmanager
def one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """Read the file as it is at one moment, that of the first read: another program may be writing meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


@contextlib.contextmanager
def known_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's failures into errors that name the file and say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        known = _known_error(error, path)
        if known is None:
            raise
        raise known from error


class Store:
    """A connection with the lock that makes it safe to share between threads.

    Attributes:
        path: The file.
        lock: Held by whoever reads or writes through this connection.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self.lock = threading.RLock()
        self._connection = connection
        self._depth = 0
        self._on_commit: list[Callable[[], None]] = []
        self._on_rollback: list[Callable[[bool], None]] = []

    def before_commit(self, action: Callable[[], None]) -> None:
        """Do this just before each outermost commit; where it fails, all is rolled back."""
        self._on_commit.append(action)

    def after_rollback(self, action: Callable[[bool], None]) -> None:
        """Do this after each rollback, so that what is held in memory is forgotten with it.

        The action is told whether the whole transaction was undone, or only an inner step.
        """
        self._on_rollback.append(action)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested, an inner one being undone on its own where it fails."""
        with self.lock, known_errors(self.path):
            outermost = self._depth == 0
            savepoint = f"step_{self._depth}"
            self._connection.execute("BEGIN IMMEDIATE" if outermost else f"SAVEPOINT {savepoint}")
            self._depth += 1
            try:
                yield
                if outermost:
                    for action in self._on_commit:
                        action()
                self._connection.execute("COMMIT" if outermost else f"RELEASE {savepoint}")
            except BaseException:
                self._roll_back(None if outermost else savepoint)
                raise
            finally:
                self._depth -= 1

    def _roll_back(self, savepoint: str | None) -> None:
        # A full disk may have ended the transaction already; then there is nothing left to undo.
        if self._connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                if savepoint is None:
                    self._connection.execute("ROLLBACK")
                else:
                    self._connection.execute(f"ROLLBACK TO {savepoint}")
                    self._connection.execute(f"RELEASE {savepoint}")
        for action in self._on_rollback:
            action(savepoint is None)

    @contextlib.contextmanager
    def one_state(self) -> Iterator[None]:
        """Read the file as it is at one moment, however many statements that takes. Nothing can be written inside."""
        with self.lock, known_errors(self.path), one_state(self._connection):
            yield

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Execute one statement and say how many rows it changed."""
        with self.lock, known_errors(self.path):
            return self._connection.execute(sql, parameters).rowcount

    def insert(self, sql: str, parameters: Parameters = ()) -> int:
        """Execute one INSERT and say the new row's id."""
        with self.lock, known_errors(self.path):
            return int(self._connection.execute(sql, parameters).lastrowid or 0)

    def run_many(self, sql: str, rows: Iterable[Parameters]) -> None:
        """Execute one statement for each row."""
        with self.lock, known_errors(self.path):
            self._connection.executemany(sql, rows)

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Every row of a query."""
        with self.lock, known_errors(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    @property
    def is_paired(self) -> bool:
        """Whether ``each`` asks two statements at once now."""
        return False

    def each(self, asked: Sequence[Statement]) -> list[list[Row]]:
        """Every row of each of some queries."""
        return [self.all(sql, parameters) for sql, parameters in asked]

    def ids(self, sql: str, parameters: Parameters = ()) -> array[int]:
        """Every ``id`` of a query that selects it, in the query's order.

        SQLite writes them as one text, in one step that lets other Python threads run: at 100,000 photos that takes
        half the time of as many rows, and the window's thread is not held up a hundred thousand times.
        """
        return unjoined(self.value(f"SELECT group_concat(id) FROM ({sql})", parameters))  # noqa: S608 - ours

    def one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """The first row of a query."""
        with self.lock, known_errors(self.path):
            row: Row | None = self._connection.execute(sql, parameters).fetchone()
            return row

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of the first row, ``None`` where there is no row."""
        row = self.one(sql, parameters)
        return None if row is None else row[0]

    def stamp(self) -> tuple[int, int]:
        """Numbers that are others once anything was written, here or through another connection. It costs nothing."""
        with self.lock, known_errors(self.path):
            return stamp(self._connection)

    def close(self) -> None:
        """Close the connection; harmless twice."""
        with self.lock:
            self._connection.close()


def open_writer(path: Path, *, create: bool) -> Store:
    """Open the catalogue for writing: created, checked and migrated.

    Raises ``NotALibrary``, ``LibraryTooNew``, ``LibraryLocked``, ``DiskFull``, or ``LibraryError`` for the rest.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() follows links, and another file would be named
    with known_errors(path):
        _prepare(path, create=create)
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            _bring_up_to_date(connection, path)
            enter_wal(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA cache_size = -16000")
        except BaseException:
            connection.close()
            raise
    return Store(connection, path)


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open one more connection, which can only read."""
    with known_errors(path):
        connection = sqlite3.connect(
            _uri(path, "ro"), uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA cache_size = -16000")
    return connection


def enter_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging. SQLite does not wait for others here, so it is asked again for a while."""
    tries = max(1, int(BUSY_TIMEOUT_S / 0.02))
    for attempt in range(tries):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or attempt == tries - 1:
                raise
            threading.Event().wait(0.02)
        else:
            return


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


def _prepare(path: Path, *, create: bool) -> None:
    """Refuse what is not a catalogue before anything is written to it."""
    try:
        if path.is_dir():
            raise _not_a_library(path)
        if not path.exists():
            if not create:
                raise LibraryError(
                    kept("problem", "{path}: there is no library here.").format(path=shown(path)),
                    kept("problem", "Index a folder first, or name another."),
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            return
        with path.open("rb") as file:
            magic = file.read(len(_SQLITE_MAGIC))
    except OSError as error:
        raise LibraryError(
            kept("problem", "{path}: the library cannot be opened ({strerror}).").format(
                path=shown(path), strerror=error.strerror
            ),
            kept(
                "problem", "Check the permissions of the file and its folder, or choose another place with --library."
            ),
        ) from error
    if magic and magic != _SQLITE_MAGIC:
        raise _not_a_library(path)
    if magic:
        connection = sqlite3.connect(_uri(path, "ro"), uri=True, timeout=BUSY_TIMEOUT_S)
        try:
            check_version(connection, path)
        finally:
            connection.close()


def check_version(connection: sqlite3.Connection, path: Path) -> int:
    """The schema version, 0 for an empty file. Raises ``NotALibrary`` or ``LibraryTooNew``."""
    with one_state(connection):
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if application != migrations.APPLICATION_ID:
        if application or version or not is_empty:
            raise _not_a_library(path)
        return 0
    if version > migrations.newest_version():
        raise LibraryTooNew(
            kept(
                "problem",
                "{path}: this library was written by a newer version of Aesthetic "
                "Studio (its format is {version}, this program knows "
                "{newest_version}).",
            ).format(path=shown(path), version=version, newest_version=migrations.newest_version()),
            kept("problem", "Update the program, or name another library with --library; this one was left as it is."),
        )
    return version


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Create or migrate the schema; two programs that start together take turns."""
    version = check_version(connection, path)
    if version == migrations.newest_version():
        return
    if version:
        back_up(connection, backup_path(path, version))
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = check_version(connection, path)
        if version < migrations.newest_version():
            migrations.migrate(connection, version)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def backup_path(path: Path, version: int) -> Path:
    """Where the file goes before it is migrated from ``version``."""
    return path.with_name(f"{path.stem}-version-{version}-backup.sqlite")


def back_up(connection: sqlite3.Connection, target: Path) -> None:
    """Copy a consistent state of the catalogue to ``target``, which appears only when it is whole."""
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    copy = sqlite3.connect(partial)
    try:
        with copy:
            connection.backup(copy)
    finally:
        copy.close()
    partial.replace(target)
