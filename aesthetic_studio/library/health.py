"""Is the library sound? For ``doctor``, by ``sqlite-utils``.

It earns its place here, where a schema is compared and tables are looked over; it takes a third of a second to import
and wraps each row, so nothing that runs at start or for each photo uses it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aesthetic_studio.library import migrations
from aesthetic_studio.library.connection import known_errors
from aesthetic_studio.library.previews import previews_path
from aesthetic_studio.library.rows import sharpness_of
from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class TableStatistics:
    """One table of the library."""

    name: str
    rows: int
    indexes: int


def statistics(path: Path) -> list[TableStatistics]:
    """Rows and indexes of every table."""
    with known_errors(path):
        database = _inspect(path)
        try:
            return [
                TableStatistics(table.name, table.count, len(table.indexes))
                for table in database.tables
                if not table.name.startswith("sqlite_")
            ]
        finally:
            database.conn.close()


def problems(path: Path) -> list[str]:
    """What is wrong, each with what to do; empty where all is well."""
    try:
        database = _inspect(path)
    except sqlite3.Error as error:
        return [f"{shown(path)} cannot be opened ({error}). Restore it from a backup."]
    try:
        return [*_damage(database, path), *_schema(database), *_contradictions(database), *_previews(database, path)]
    except sqlite3.DatabaseError as error:
        return [f"{shown(path)} is damaged ({error}). Restore it from a backup; the photos are untouched."]
    finally:
        database.conn.close()


def optimise(path: Path) -> None:
    """Give free pages back to the disk and let SQLite measure its tables anew. Needs the library for itself."""
    with known_errors(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("VACUUM")
            connection.execute("ANALYZE")
        finally:
            connection.close()


def _inspect(path: Path) -> Any:
    import sqlite_utils  # noqa: PLC0415 - a third of a second

    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.create_function("sharpness_of", 1, sharpness_of, deterministic=True)
    return sqlite_utils.Database(connection)


def _damage(database: Any, path: Path) -> list[str]:
    lines = [row[0] for row in database.execute("PRAGMA integrity_check(5)").fetchall()]
    found = [
        f"{shown(path)} is damaged: {line}. Restore it from a backup; the photos are untouched."
        for line in lines
        if line != "ok"
    ]
    loose = len(database.execute("PRAGMA foreign_key_check").fetchall())
    if loose:
        found.append(f"{loose} rows refer to rows that are gone. Index the folders again to mend them.")
    return found


def _schema(database: Any) -> list[str]:
    """Compare tables and indexes with what the migrations make."""
    import sqlite_utils  # noqa: PLC0415 - a third of a second

    fresh = sqlite_utils.Database(memory=True)
    try:
        migrations.migrate(fresh.conn, 0)
        found = []
        for table in fresh.tables:
            if table.name.startswith("sqlite_"):
                continue
            if not database[table.name].exists():
                found.append(f"The table {table.name} is missing. Restore the library from a backup.")
                continue
            there = {index.name for index in database[table.name].indexes}
            lost = sorted(index.name for index in table.indexes if index.name not in there)
            found += [f"The index {name} of {table.name} is missing, which makes the library slow." for name in lost]
        return found
    finally:
        fresh.conn.close()


def _contradictions(database: Any) -> list[str]:
    """Facts that photos repeat for speed must agree with where they come from."""
    checks = {
        "photos show another score than the active model gave": """
            SELECT count(*) FROM photo p LEFT JOIN score s
            ON s.content_id = p.content_id AND s.model_id = (SELECT id FROM model WHERE active)
            WHERE p.score IS NOT s.mean OR p.spread IS NOT s.spread""",
        "photos sort by another time than their file tells": """
            SELECT count(*) FROM photo p JOIN content c ON c.id = p.content_id WHERE p.taken IS NOT c.taken""",
        "photos sort by another ISO, focal length or size than their file tells": """
            SELECT count(*) FROM photo p JOIN content c ON c.id = p.content_id
            WHERE p.iso IS NOT c.iso OR p.focal_mm IS NOT c.focal_length_mm OR p.pixels IS NOT c.width * c.height""",
        "photos sort by another sharpness than was measured": """
            SELECT count(*) FROM photo p JOIN technical t ON t.content_id = p.content_id
            WHERE p.sharpness IS NOT sharpness_of(t.measurements)""",
        "photos are filtered by another number of faces than was found": """
            SELECT count(*) FROM photo p LEFT JOIN face_look l ON l.content_id = p.content_id
            WHERE p.faces IS NOT l.faces""",
        "series have no best frame": """
            SELECT count(*) FROM series WHERE id NOT IN (
                SELECT series_id FROM photo WHERE series_best AND series_id IS NOT NULL)""",
    }
    counted = {text: database.execute(sql).fetchone()[0] for text, sql in checks.items()}
    return [f"{number} {text}. Index the folders again to mend it." for text, number in counted.items() if number]


def _previews(database: Any, path: Path) -> list[str]:
    previews = previews_path(path)
    advice = "Index the folders again: they are made anew and nothing else is lost."
    wanted = database.execute("SELECT count(*) FROM content WHERE has_preview").fetchone()[0]
    if not previews.exists():
        return [f"The previews ({shown(previews)}) are missing. {advice}"] if wanted else []
    try:
        database.execute("ATTACH ? AS previews", (f"{previews.absolute().as_uri()}?mode=ro",))
        lines = [row[0] for row in database.execute("PRAGMA previews.quick_check(1)").fetchall()]
        missing = database.execute(
            "SELECT count(*) FROM content WHERE has_preview AND hash NOT IN (SELECT hash FROM previews.preview)"
        ).fetchone()[0]
    except sqlite3.DatabaseError as error:
        lines, missing = [str(error)], 0
    if lines != ["ok"]:
        return [f"The previews ({shown(previews)}) are damaged: {lines[0]}. Delete that file. {advice}"]
    return [f"{missing} previews are missing from {shown(previews)}. Delete that file. {advice}"] if missing else []
