"""The catalogue's schema, as numbered migrations: number ``n`` turns version ``n − 1`` into version ``n``.

A migration that has been released is never edited: a change is one more entry, with a stored file of the version
before it in ``tests/unit/library/past_versions``.

What lies where::

    root      folders the person chose            folder   every folder that holds photos, with its stat signature
    content   facts of one content (its hash)     technical  the wide part of the facts: measurements, look
    gear      distinct camera and lens pairs      model, score  who judged, and the ten probabilities
    photo     one file: path, state, verdict      series   photos that belong together (members are photo rows)
    decision, decision_change                     the undo log: what each verdict was before and after
    words     what was written in a photo's file  sidecar   what was written beside it, photo by photo
    preference, choice                            judgements by pairs; the chosen best of a series
    pair_score                                    what a model that compares says of two contents
    smart_album                                   filters and orders that the person kept under a name, as JSON
    face_look, face                               who looked for faces, how many there are; each face of a content
    grouping                                      where the person put contents: together, apart or alone

``photo`` repeats a few facts (``score``, ``spread``, ``taken``, ``iso``, ``focal_mm``, ``pixels``, ``sharpness``,
``faces``, ``gear_id``, ``listing``) so that an album of 100,000 photos is one walk along one index: the ``photo_by_…``
indexes hold every column that an album can filter by, so no row is looked up. ``photo_by_path`` serves the orders of a
few values (``queries.py`` says how). Together they take about a kilobyte a photo, a fortieth of its preview.
``listing`` is 0 for photos of a removed root, 1 for frames behind their series' best frame, and 2 for photos with a
place of their own. ``series_order`` is 0 for the best frame and the rank for the others.

Preferences and choices hold contents, so they outlive moves and regrouping. They belong to the decision that made them
and may name one that ended them: they hold while the first is done and the second is not, so undo has nothing more to
change. ``series_place`` and ``suggested_id`` are the program's own order and best frame; ``series_rank``,
``series_best`` and ``series_order`` are what counts, with the person's choice ahead of it.

A decision that groups by hand has a row for each content it speaks of; of several that are done, the newest counts.
``part`` is 0 for contents that stand alone.

``words`` has a row only where there are words; its ``text`` unites what the file and the sidecars of its photos say. A
score keeps the hash of the words it was made with, nothing where its model reads none, and is made again when they
differ. ``eyes_closed`` is how many faces of a photo close their eyes where other frames of its burst show them open.
``words_due`` marks photos whose words are still to be read, so that a run that ends early is gone on with.
"""

from __future__ import annotations

import math
import sqlite3
from array import array
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

_VERSION_2 = """
ALTER TABLE content ADD COLUMN words_read INTEGER NOT NULL DEFAULT 0;
ALTER TABLE photo ADD COLUMN words_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE photo ADD COLUMN series_place INTEGER;
ALTER TABLE photo ADD COLUMN series_chosen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE series ADD COLUMN suggested_id INTEGER;
ALTER TABLE score ADD COLUMN words BLOB;
CREATE TABLE words (
    content_id INTEGER PRIMARY KEY REFERENCES content (id) ON DELETE CASCADE,
    caption TEXT,
    keywords TEXT NOT NULL,
    text TEXT NOT NULL,
    search TEXT NOT NULL,
    hash BLOB NOT NULL
);
CREATE TABLE sidecar (
    photo_id INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,
    mark TEXT NOT NULL,
    caption TEXT,
    keywords TEXT NOT NULL,
    problem TEXT
);
CREATE TABLE preference (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    better_id INTEGER NOT NULL REFERENCES content (id),
    worse_id INTEGER NOT NULL REFERENCES content (id),
    source TEXT NOT NULL,
    made INTEGER NOT NULL,
    decision_id INTEGER NOT NULL REFERENCES decision (id) ON DELETE CASCADE,
    ended_id INTEGER REFERENCES decision (id) ON DELETE SET NULL,
    CHECK (better_id <> worse_id)
);
CREATE INDEX preference_of_better ON preference (better_id, worse_id);
CREATE INDEX preference_of_worse ON preference (worse_id, better_id);
CREATE INDEX preference_by_decision ON preference (decision_id);
CREATE INDEX preference_ended ON preference (ended_id) WHERE ended_id IS NOT NULL;
CREATE TABLE choice (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_id INTEGER NOT NULL REFERENCES content (id),
    photo_id INTEGER REFERENCES photo (id) ON DELETE SET NULL,
    made INTEGER NOT NULL,
    decision_id INTEGER NOT NULL REFERENCES decision (id) ON DELETE CASCADE,
    ended_id INTEGER REFERENCES decision (id) ON DELETE SET NULL
);
CREATE INDEX choice_of_content ON choice (content_id);
CREATE INDEX choice_of_photo ON choice (photo_id);
CREATE INDEX choice_by_decision ON choice (decision_id);
CREATE INDEX choice_ended ON choice (ended_id) WHERE ended_id IS NOT NULL;
CREATE TABLE pair_score (
    model_id INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
    first_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    second_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    first_score REAL NOT NULL,
    second_score REAL NOT NULL,
    PRIMARY KEY (model_id, first_id, second_id),
    CHECK (first_id < second_id)
) WITHOUT ROWID;
CREATE INDEX pair_score_of_first ON pair_score (first_id);
CREATE INDEX pair_score_of_second ON pair_score (second_id);
CREATE INDEX photo_words_due ON photo (id) WHERE words_due;
UPDATE photo SET words_due = 1 WHERE content_id IS NOT NULL;
UPDATE photo SET series_place = series_rank WHERE series_id IS NOT NULL;
UPDATE series SET suggested_id = (SELECT p.id FROM photo p WHERE p.series_id = series.id AND p.series_best);
"""

_VERSION_3 = """
ALTER TABLE photo ADD COLUMN spread REAL;
ALTER TABLE photo ADD COLUMN sharpness REAL;
ALTER TABLE photo ADD COLUMN iso INTEGER;
ALTER TABLE photo ADD COLUMN focal_mm REAL;
ALTER TABLE photo ADD COLUMN pixels INTEGER;
ALTER TABLE photo ADD COLUMN faces INTEGER;
ALTER TABLE photo ADD COLUMN eyes_closed INTEGER NOT NULL DEFAULT 0;
CREATE TABLE smart_album (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    query TEXT NOT NULL
);
DROP INDEX photo_by_score;
DROP INDEX photo_by_time;
DROP INDEX photo_by_name;
DROP INDEX photo_by_rating;
DROP INDEX photo_of_series;
DROP INDEX photo_of_size;
DROP INDEX photo_by_words;
UPDATE photo SET (iso, focal_mm, pixels, sharpness) = (
    SELECT c.iso, c.focal_length_mm, c.width * c.height, first_double(t.measurements)
    FROM content c LEFT JOIN technical t ON t.content_id = c.id WHERE c.id = photo.content_id);
UPDATE photo SET spread = (
    SELECT s.spread FROM score s WHERE s.content_id = photo.content_id
    AND s.model_id = (SELECT id FROM model WHERE active));
CREATE INDEX photo_of_series ON photo (
    series_id, series_order, listing, state, rating, flag, label, folder_id, gear_id, iso, focal_mm, score, spread,
    sharpness, taken, faces, search
) WHERE series_id IS NOT NULL;
CREATE INDEX photo_by_path ON photo (
    path, listing, state, rating, flag, label, folder_id, gear_id, series_id, iso, focal_mm, score, spread, sharpness,
    taken, faces, search
);
CREATE INDEX photo_by_score ON photo (
    score DESC, path, listing, state, rating, flag, label, folder_id, gear_id, series_id, iso, focal_mm, spread,
    sharpness, taken, faces, search
);
CREATE INDEX photo_by_time ON photo (
    taken, path, listing, state, rating, flag, label, folder_id, gear_id, series_id, iso, focal_mm, score, spread,
    sharpness, faces, search
);
CREATE INDEX photo_by_name ON photo (
    name_key, path, listing, state, rating, flag, label, folder_id, gear_id, series_id, iso, focal_mm, score, spread,
    sharpness, taken, faces, search
);
CREATE INDEX photo_by_spread ON photo (
    spread DESC, path, listing, state, rating, flag, label, folder_id, gear_id, series_id, iso, focal_mm, score,
    sharpness, taken, faces, search
);
CREATE INDEX photo_by_sharpness ON photo (
    sharpness DESC, path, listing, state, rating, flag, label, folder_id, gear_id, series_id, iso, focal_mm, score,
    spread, taken, faces, search
);
CREATE INDEX photo_rank_of_sharpness ON photo (sharpness) WHERE sharpness IS NOT NULL AND listing > 0;
CREATE INDEX photo_by_iso ON photo (
    iso, path, listing, state, rating, flag, label, folder_id, gear_id, series_id, focal_mm, score, spread, sharpness,
    taken, faces, search
);
CREATE INDEX photo_by_focal_length ON photo (
    focal_mm, path, listing, state, rating, flag, label, folder_id, gear_id, series_id, iso, score, spread, sharpness,
    taken, faces, search
);
CREATE INDEX photo_by_gear ON photo (
    gear_id, path, listing, state, rating, flag, label, folder_id, series_id, iso, focal_mm, score, spread, sharpness,
    taken, faces, search
);
CREATE INDEX photo_by_pixels ON photo (
    pixels, path, listing, state, rating, flag, label, folder_id, gear_id, series_id, iso, focal_mm, score, spread,
    sharpness, taken, faces, search
);
CREATE INDEX photo_by_size ON photo (
    size DESC, path, listing, state, rating, flag, label, folder_id, gear_id, series_id, iso, focal_mm, score, spread,
    sharpness, taken, faces, search
);
CREATE TABLE face_look (
    content_id INTEGER PRIMARY KEY REFERENCES content (id) ON DELETE CASCADE,
    version TEXT NOT NULL,
    faces INTEGER NOT NULL
);
CREATE TABLE face (
    content_id INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    x REAL NOT NULL,
    y REAL NOT NULL,
    width REAL NOT NULL,
    height REAL NOT NULL,
    confidence REAL NOT NULL,
    eyes_open REAL,
    eyes_confidence REAL NOT NULL,
    sharpness REAL,
    PRIMARY KEY (content_id, number)
) WITHOUT ROWID;
CREATE INDEX photo_with_closed_eyes ON photo (id) WHERE eyes_closed > 0;
CREATE TABLE grouping (
    decision_id INTEGER NOT NULL REFERENCES decision (id) ON DELETE CASCADE,
    content_id INTEGER NOT NULL REFERENCES content (id),
    part INTEGER NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (decision_id, content_id)
) WITHOUT ROWID;
CREATE INDEX grouping_of_content ON grouping (content_id);
"""

_VERSION_4 = """
CREATE INDEX photo_not_listed ON photo (id) WHERE listing = 0;
CREATE INDEX face_by_eyes ON face (eyes_open, eyes_confidence, confidence) WHERE eyes_open IS NOT NULL;
"""

MIGRATIONS: tuple[str, ...] = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4)
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
    connection.create_function("first_double", 1, _first_double, deterministic=True)
    for script in MIGRATIONS[version:]:
        for statement in statements(script):
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {newest_version()}")


def _first_double(packed: bytes | None) -> float | None:
    """The number at the start of a blob of doubles: of measurements, the sharpness."""
    first = array("d", packed[:8])[0] if packed else math.nan
    return first if math.isfinite(first) else None
