"""What the person judged, read out for the trainer in an order that follows from the library alone."""

# ruff: noqa: S608 - only fixed text is put together; values are bound

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from aesthetic_studio.judgements import (
    FlaggedPhoto,
    JudgedPhoto,
    Judgements,
    Preference,
    RatedPhoto,
    SeriesChoice,
)
from aesthetic_studio.library.choices import holding
from aesthetic_studio.library.rows import from_db
from aesthetic_studio.records import Flag, PhotoState, SeriesKind

if TYPE_CHECKING:
    from aesthetic_studio.library.connection import Row, Store

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PHOTO = "p.id, p.content_id, c.hash, p.path, p.state FROM photo p JOIN content c ON c.id = p.content_id"
_FIRST_COPY = "ORDER BY p.content_id, p.state <> 0, p.path, p.id"
"""Of identical files the one that is there speaks for all, the first by path."""


def judgements(store: Store) -> Judgements:
    """Everything that was judged. What was said of a content that no photo has any more is left out."""
    with store.lock:
        rated = _once(store.all(f"SELECT p.rating, {_PHOTO} WHERE p.rating > 0 {_FIRST_COPY}"))
        flagged = _once(store.all(f"SELECT p.flag, {_PHOTO} WHERE p.flag <> 0 {_FIRST_COPY}"))
        return Judgements(
            ratings=tuple(RatedPhoto(photo, stars) for stars, photo in rated),
            flags=tuple(FlaggedPhoto(photo, Flag(flag)) for flag, photo in flagged),
            preferences=_preferences(store),
            choices=_choices(store),
        )


def _preferences(store: Store) -> tuple[Preference, ...]:
    said = f"FROM preference WHERE {holding('preference')}"
    named = {
        photo.content_id: photo
        for _, photo in _once(
            store.all(
                f"SELECT 0, {_PHOTO} WHERE p.content_id IN (SELECT better_id {said} UNION SELECT worse_id {said}) "
                f"{_FIRST_COPY}"
            )
        )
    }
    return tuple(
        Preference(named[better], named[worse], source, _EPOCH + timedelta(microseconds=made))
        for better, worse, source, made in store.all(f"SELECT better_id, worse_id, source, made {said} ORDER BY id")
        if better in named and worse in named
    )


def _choices(store: Store) -> tuple[SeriesChoice, ...]:
    rows = store.all(
        f"SELECT p.series_chosen, e.id, e.kind, {_PHOTO} JOIN series e ON e.id = p.series_id "
        "WHERE p.series_id IN (SELECT series_id FROM photo WHERE series_chosen) "
        "ORDER BY e.id, p.series_order, p.path"
    )
    found: dict[int, tuple[str, list[JudgedPhoto], list[JudgedPhoto]]] = {}
    for chosen, series, kind, *photo in rows:
        _, best, others = found.setdefault(series, (kind, [], []))
        (best if chosen else others).append(_photo(tuple(photo)))
    return tuple(
        SeriesChoice(series, SeriesKind(kind), best[0], tuple(others)) for series, (kind, best, others) in found.items()
    )


def _once(rows: list[Row]) -> list[tuple[int, JudgedPhoto]]:
    """A value and a photo for each content, the first row of it."""
    found: dict[int, tuple[int, JudgedPhoto]] = {}
    for value, *photo in rows:
        found.setdefault(photo[1], (value, _photo(tuple(photo))))
    return list(found.values())


def _photo(row: Row) -> JudgedPhoto:
    photo, content, content_hash, path, state = row
    return JudgedPhoto(photo, content, content_hash, Path(from_db(path)), state == PhotoState.PRESENT)
