"""The catalogue's schema, as numbered migrations: number ``n`` turns version ``n − 1`` into version ``n``.

A migration that has been released is never edited: a change is one more entry, with a stored file of the version
before it in ``tests/unit/library/past_versions``.

What lies where::

    root      folders the person chose            folder   every folder that holds photos, with its stat signature
    content   facts of one content (its hash)     technical  the wide part of the facts: measurements, look
    gear      distinct camera and lens pairs      model, score  who judged, and the ten probabilities
    photo     one file: path, state, verdict      series   photos that belong together (members are photo rows)
    decision, decision_change                     the undo log: what each verdict was before and after

``photo`` repeats a few facts (``score``, ``taken``, ``gear_id``, ``listing``) so that an album of 100,000 photos is one
walk along one index: the four ``photo_by_…`` indexes hold every column that an album can filter by, so no row is looked
up; in the direction that an index does not run, SQLite sorts only the ties. ``listing`` is 0 for photos of a removed
root, 1 for frames behind their series' best frame, and 2 for photos with a place of their own. ``series_order`` is 0
for the best frame and the rank for the others.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

APPLICATION_ID = 0x41537464
"""``ASTd`` in the file's header: how a catalogue is told from any other SQLite file."""

_VERSION_1 = """
CREATE TABLE root (
    id INTEGER PRIMARY KEY,
    path NOT NULL UNIQUE
);
CREATE TABLE folder (
    id INTEGER PRIMARY KEY,
    path NOT NULL UNIQUE,
    search TEXT NOT NULL,
    signature BLOB,
    listed INTEGER NOT NULL DEFAULT 1,
    changed INTEGER NOT NULL DEFAULT 1,
    grouped INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX folder_to_group ON folder (id) WHERE changed <> grouped;
CREATE TABLE gear (
    id INTEGER PRIMARY KEY,
    make TEXT NOT NULL,
    model TEXT NOT NULL,
    lens TEXT NOT NULL,
    camera TEXT NOT NULL,
    search TEXT NOT NULL,
    UNIQUE (make, model, lens)
);
CREATE TABLE content (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    has_preview INTEGER NOT NULL,
    format TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    gear_id INTEGER NOT NULL REFERENCES gear (id),
    taken INTEGER,
    taken_at TEXT,
    taken_resolution REAL,
    utc_offset_minutes INTEGER,
    focal_length_mm REAL,
    aperture REAL,
    shutter_s REAL,
    iso INTEGER,
    exposure_bias_ev REAL,
    latitude REAL,
    longitude REAL,
    orientation INTEGER NOT NULL,
    burst_id TEXT,
    burst_primary INTEGER NOT NULL,
    live_id TEXT,
    warnings TEXT NOT NULL
);
CREATE INDEX content_of_gear ON content (gear_id);
CREATE INDEX content_without_preview ON content (id) WHERE NOT has_preview;
CREATE TABLE technical (
    content_id INTEGER PRIMARY KEY REFERENCES content (id) ON DELETE CASCADE,
    measurements BLOB NOT NULL,
    look BLOB NOT NULL
);
CREATE TABLE model (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 0,
    UNIQUE (name, version)
);
CREATE UNIQUE INDEX the_active_model ON model (active) WHERE active;
CREATE TABLE score (
    model_id INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
    content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    distribution BLOB NOT NULL,
    mean REAL NOT NULL,
    spread REAL NOT NULL,
    PRIMARY KEY (model_id, content_id)
) WITHOUT ROWID;
CREATE INDEX score_of_content ON score (content_id);
CREATE TABLE series (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL
);
CREATE INDEX series_of_folder ON series (folder_id);
CREATE TABLE photo (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder_id INTEGER NOT NULL REFERENCES folder (id),
    path NOT NULL,
    name NOT NULL,
    state INTEGER NOT NULL,
    listing INTEGER NOT NULL DEFAULT 2,
    rating INTEGER NOT NULL DEFAULT 0 CHECK (rating BETWEEN 0 AND 5),
    flag INTEGER NOT NULL DEFAULT 0 CHECK (flag BETWEEN -1 AND 1),
    label INTEGER NOT NULL DEFAULT 0 CHECK (label BETWEEN 0 AND 5),
    score REAL,
    taken INTEGER,
    gear_id INTEGER,
    content_id INTEGER REFERENCES content (id),
    previous_content_id INTEGER REFERENCES content (id),
    series_id INTEGER REFERENCES series (id) ON DELETE SET NULL,
    series_rank INTEGER,
    series_best INTEGER NOT NULL DEFAULT 0,
    series_order INTEGER,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    search TEXT NOT NULL,
    name_key TEXT NOT NULL,
    companions TEXT NOT NULL DEFAULT '[]',
    reasons TEXT NOT NULL DEFAULT '[]',
    problem TEXT,
    advice TEXT
);
CREATE UNIQUE INDEX photo_at_path ON photo (path) WHERE state <> 1;
CREATE INDEX photo_in_folder ON photo (folder_id, listing, state);
CREATE INDEX photo_of_content ON photo (content_id);
CREATE INDEX photo_edited ON photo (previous_content_id) WHERE previous_content_id IS NOT NULL;
CREATE INDEX photo_of_gear ON photo (gear_id, listing);
CREATE INDEX photo_of_size ON photo (size);
CREATE INDEX photo_of_series ON photo (
    series_id, series_order, listing, state, rating, flag, label, folder_id, gear_id, score
) WHERE series_id IS NOT NULL;
CREATE INDEX photo_with_problem ON photo (path) WHERE problem IS NOT NULL;
CREATE INDEX photo_unreadable ON photo (path) WHERE state = 3;
CREATE INDEX photo_by_words ON photo (search);
CREATE INDEX photo_by_score ON photo (
    score DESC, path, listing, state, rating, flag, label, folder_id, gear_id
);
CREATE INDEX photo_by_time ON photo (
    taken DESC, path, listing, state, rating, flag, label, folder_id, gear_id, score
);
CREATE INDEX photo_by_name ON photo (
    name_key, path, listing, state, rating, flag, label, folder_id, gear_id, score
);
CREATE INDEX photo_by_rating ON photo (
    rating DESC, path, listing, state, flag, label, folder_id, gear_id, score
);
CREATE TABLE decision (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE decision_change (
    decision_id INTEGER NOT NULL REFERENCES decision (id) ON DELETE CASCADE,
    photo_id INTEGER NOT NULL REFERENCES photo (id) ON DELETE CASCADE,
    rating_before INTEGER NOT NULL,
    flag_before INTEGER NOT NULL,
    label_before INTEGER NOT NULL,
    rating_after INTEGER NOT NULL,
    flag_after INTEGER NOT NULL,
    label_after INTEGER NOT NULL,
    PRIMARY KEY (decision_id, photo_id)
) WITHOUT ROWID;
CREATE INDEX decision_of_photo ON decision_change (photo_id);
"""

MIGRATIONS: tuple[str, ...] = (_VERSION_1,)
"""Scripts in order; the newest version is their number."""


def newest_version() -> int:
    """The schema version that this program writes."""
    return len(MIGRATIONS)


def statements(script: str) -> Iterator[str]:
    """Split a script, since ``executescript`` would commit half way through a migration."""
    gathered = ""
    for line in script.splitlines():
        gathered += line + "\n"
        if sqlite3.complete_statement(gathered):
            yield gathered.strip()
            gathered = ""
    if gathered.strip():
        raise ValueError("a migration ends within a statement")


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring the schema from ``version`` to the newest, within the transaction that the caller holds."""
    for script in MIGRATIONS[version:]:
        for statement in statements(script):
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {newest_version()}")
