"""Smart albums: filters and orders under names, stored as JSON with a version.

What a newer version of the program wrote and this one does not know stays in the stored text: it is told by name, and
only saving another filter under the same name replaces it.
"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aesthetic_studio.albums import Comparison, GroupKind, PhotoFilter, PhotoQuery, SmartAlbum, SortKey
from aesthetic_studio.errors import LibraryError
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag, Label, PhotoState
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import Enum

    from aesthetic_studio.library.connection import Store

VERSION = 1
"""Raised where a field that older programs know changes its meaning; a new field needs no new version."""
LONGEST_NAME = 200

_LEFT_OUT = frozenset({"series_id"})
"""A series has another number after its folder is grouped anew."""


class SmartAlbums:
    """Writes and reads smart albums."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[SmartAlbum]:
        """Every smart album, in order of name."""
        rows = self._store.all("SELECT id, name, query FROM smart_album ORDER BY name")
        return [SmartAlbum(album, name, *from_text(text)) for album, name, text in rows]

    def save(self, name: str, query: PhotoQuery) -> int:
        """Keep the filter and order of a query under a name, in place of what was there; says the album's id.

        Raises ``LibraryError`` for a name that is none.
        """
        name = _usable(name)
        with self._store.transaction():
            self._store.run(
                "INSERT INTO smart_album (name, query) VALUES (?1, ?2) "
                "ON CONFLICT (name) DO UPDATE SET query = excluded.query",
                (name, to_text(query)),
            )
            return int(self._store.value("SELECT id FROM smart_album WHERE name = ?", (name,)))

    def rename(self, album: int, name: str) -> None:
        """Give an album another name. Raises ``LibraryError`` where another one has it."""
        name = _usable(name)
        with self._store.transaction():
            taken = self._store.value("SELECT 1 FROM smart_album WHERE name = ? AND id <> ?", (name, album))
            if taken is not None:
                raise LibraryError(
                    kept("problem", "There is a smart album called {name} already.").format(name=name),
                    kept("problem", "Choose another name."),
                )
            self._store.run("UPDATE smart_album SET name = ? WHERE id = ?", (name, album))

    def delete(self, album: int) -> None:
        """Forget an album; its photos stay as they are."""
        with self._store.transaction():
            self._store.run("DELETE FROM smart_album WHERE id = ?", (album,))


def _usable(name: str) -> str:
    name = " ".join(shown(name).split())
    if not name:
        raise LibraryError(kept("problem", "A smart album needs a name."), kept("problem", "Type one."))
    if len(name) > LONGEST_NAME:
        raise LibraryError(
            kept("problem", "A name has at most {longest_name} letters.").format(longest_name=LONGEST_NAME),
            kept("problem", "Choose a shorter one."),
        )
    return name


def to_text(query: PhotoQuery) -> str:
    """Filter and order as JSON; fields that filter nothing are left out."""
    nothing = PhotoFilter()
    wanted = {
        field.name: _plain(getattr(query.filter, field.name))
        for field in fields(PhotoFilter)
        if field.name not in _LEFT_OUT and getattr(query.filter, field.name) != getattr(nothing, field.name)
    }
    stored = {"version": VERSION, "filter": wanted, "sort": query.sort.value, "descending": query.descending}
    return json.dumps(stored, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(_name(one) for one in value)
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _name(value: Enum) -> str:
    return value.name.lower()


def from_text(text: str) -> tuple[PhotoQuery, tuple[str, ...]]:
    """The query that ``to_text`` stored, and by name what of it this program does not know."""
    try:
        stored = json.loads(text)
        version, wanted = stored["version"], dict(stored["filter"])
    except (ValueError, TypeError, KeyError):
        return PhotoQuery(), ("everything: the stored filter is damaged",)
    unknown = [f"format {version}"] if version != VERSION else []
    known: dict[str, Any] = {}
    for name, value in wanted.items():
        try:
            known[name] = _READ[name](value)
        except (KeyError, ValueError, TypeError):
            unknown.append(name)
    query = PhotoQuery(PhotoFilter(**known), descending=stored.get("descending") is not False)
    try:
        query = replace(query, sort=SortKey(stored.get("sort")))
    except ValueError:
        unknown.append("sort")
    return query, tuple(unknown)


def _members(kind: type[Enum]) -> Callable[[Any], frozenset[Any]]:
    return lambda names: frozenset(kind[name.upper()] for name in names)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(value)
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


_READ: dict[str, Callable[[Any], Any]] = {
    "folders": lambda value: tuple(_text(folder) for folder in value),
    "text": _text,
    "score_at_least": _number,
    "score_at_most": _number,
    "rating": _whole,
    "rating_comparison": Comparison,
    "flags": _members(Flag),
    "labels": _members(Label),
    "camera": _text,
    "lens": _text,
    "states": _members(PhotoState),
    "groups": _members(GroupKind),
    "focal_at_least": _number,
    "focal_at_most": _number,
    "iso_at_least": _whole,
    "iso_at_most": _whole,
    "taken_from": datetime.fromisoformat,
    "taken_before": datetime.fromisoformat,
    "spread_at_least": _number,
    "spread_at_most": _number,
    "sharpness_at_least": _number,
    "sharpness_at_most": _number,
    "faces_at_least": _whole,
    "faces_at_most": _whole,
    "eyes_closed": _truth,
}
"""How each field of the filter is read back; one that is added to the filter needs its line here."""
