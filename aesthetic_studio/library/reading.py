"""Typed records out of the catalogue."""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from aesthetic_studio.errors import LibraryError
from aesthetic_studio.library.connection import in_chunks
from aesthetic_studio.library.rows import CELL_SQL, RECORD_SQL, cell, files, from_db, moment, record
from aesthetic_studio.records import GridCell, PhotoFiles, PhotoRecord, PhotoState, UnreadableFile
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from aesthetic_studio.library.connection import Store

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class LibraryTotals:
    """What the library holds, photos of removed roots left out."""

    photos: int
    present: int
    missing: int
    offline: int
    unreadable: int
    scored: int
    """Photos with a score of the active model."""
    series: int


class Reading:
    """Reads photos."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def cells(self, ids: Sequence[int]) -> list[GridCell]:
        """What a grid needs of these photos, in this order; photos that are gone from the catalogue are left out."""
        return self._in_order(CELL_SQL, ids, cell)

    def photos(self, ids: Sequence[int]) -> list[PhotoRecord]:
        """All that is known of these photos, in this order."""
        return self._in_order(RECORD_SQL, ids, record)

    def files(self, ids: Sequence[int]) -> list[PhotoFiles]:
        """Where the files of these photos lie, in this order."""
        return self._in_order("SELECT p.id, p.path, p.state, p.companions FROM photo p", ids, files)

    def photo(self, photo_id: int) -> PhotoRecord:
        """All that is known of one photo. Raises ``LibraryError`` where there is none of this id."""
        found = self.photos([photo_id])
        if not found:
            raise LibraryError(
                kept("problem", "The library has no photo of the number {photo_id}.").format(photo_id=photo_id),
                kept("problem", "Refresh the view."),
            )
        return found[0]

    def _in_order(self, sql: str, ids: Sequence[int], make: Callable[[Sequence[Any]], _Answer]) -> list[_Answer]:
        found: dict[int, _Answer] = {}
        for marks, chunk in in_chunks(ids):
            for row in self._store.all(f"{sql} WHERE p.id IN ({marks})", chunk):
                found[row[0]] = make(row)
        return [found[photo] for photo in ids if photo in found]

    def folder_counts(self) -> list[tuple[str, int]]:
        """Every folder with listed photos and how many it has, in order of path."""
        rows = self._store.all(
            "SELECT f.path, n.photos FROM folder f JOIN (SELECT folder_id, count(*) AS photos FROM photo "
            "WHERE listing > 0 GROUP BY folder_id) n ON n.folder_id = f.id ORDER BY f.path"
        )
        return [(from_db(path), photos) for path, photos in rows]

    def cameras(self) -> list[tuple[str, int]]:
        """Every camera that is named and how many photos it took, in order of name."""
        return self._gear("camera")

    def lenses(self) -> list[tuple[str, int]]:
        """Every lens that is named and how many photos were taken through it, in order of name."""
        return self._gear("lens")

    def _gear(self, column: str) -> list[tuple[str, int]]:
        return self._store.all(
            f"SELECT g.{column}, sum(n.photos) FROM gear g JOIN (SELECT gear_id, count(*) AS photos FROM photo "
            "WHERE listing > 0 AND gear_id IS NOT NULL GROUP BY gear_id) n ON n.gear_id = g.id "
            f"WHERE g.{column} <> '' GROUP BY g.{column} ORDER BY g.{column} COLLATE NOCASE"
        )

    def days(self) -> tuple[datetime, datetime] | None:
        """The first and the last moment that a listed photo was taken at; ``None`` where none has a time."""
        ends = [
            self._store.value(
                "SELECT taken FROM photo WHERE taken IS NOT NULL AND listing > 0 "
                f"ORDER BY taken {direction}, path LIMIT 1"
            )
            for direction in ("ASC", "DESC")
        ]
        return None if ends[0] is None else (moment(ends[0]), moment(ends[1]))

    def contents(self) -> list[tuple[int, int]]:
        """Every listed photo that could be read with its content, by number."""
        return self._store.all(
            "SELECT id, content_id FROM photo WHERE listing > 0 AND content_id IS NOT NULL ORDER BY id"
        )

    def contents_state(self) -> tuple[int, int]:
        """Numbers that are others once ``contents`` may be; both come from an index alone."""
        listed = self._store.value("SELECT count(*) FROM photo WHERE listing > 0")
        return int(listed), int(self._store.value("SELECT total(content_id) FROM photo"))

    def shoot_standing(self, photo_id: int) -> tuple[int, int]:
        """How many photos of a photo's shoot are scored, it among them, and how many of those score lower.

        A shoot is what one folder holds of one day by the camera's clock, where a day ends at four in the morning; the
        photos without a time are one too. ``(0, 0)`` for a photo without a score.
        """
        day = "(({}.taken - 14400000000) / 86400000000)"
        found = self._store.one(
            "SELECT count(*), coalesce(sum(o.score < p.score), 0) FROM photo p JOIN photo o ON "
            f"o.folder_id = p.folder_id AND {day.format('o')} IS {day.format('p')} "
            "WHERE p.id = ? AND p.score IS NOT NULL AND o.score IS NOT NULL AND o.listing > 0",
            (photo_id,),
        )
        return (0, 0) if found is None else (int(found[0]), int(found[1]))

    def twins(self, photo_id: int) -> list[int]:
        """Other photos with the same content, in order of path."""
        rows = self._store.all(
            "SELECT id FROM photo WHERE content_id = (SELECT content_id FROM photo WHERE id = ?1) AND id <> ?1 "
            "AND listing > 0 ORDER BY path",
            (photo_id,),
        )
        return [photo for (photo,) in rows]

    def decided(self) -> list[int]:
        """Photos with stars, a flag or a label, or chosen out of a series, in order of path.

        Those too whose file is missing or whose folder is no longer listed: what was decided about them is kept.
        """
        rows = self._store.all("SELECT id FROM photo WHERE rating OR flag OR label OR series_chosen ORDER BY path")
        return [photo for (photo,) in rows]

    def series_frames(self, series_id: int) -> list[PhotoRecord]:
        """The frames of a series in order of rank; the one that the person chose is a burst's first."""
        rows = self._store.all(f"{RECORD_SQL} WHERE p.series_id = ? ORDER BY p.series_rank, p.path", (series_id,))
        return [record(row) for row in rows]

    def problems(self) -> list[UnreadableFile]:
        """Files that are there and that no photo could be made of, in order of path."""
        rows = self._store.all(
            "SELECT path, problem, advice FROM photo WHERE problem IS NOT NULL AND state = 3 AND listing > 0 "
            "ORDER BY path"
        )
        return [UnreadableFile(from_db(path), problem, advice or "") for path, problem, advice in rows]

    def totals(self) -> LibraryTotals:
        """How many photos there are, by state."""
        with self._store.lock:
            by_state: dict[int, int] = dict(
                self._store.all("SELECT state, count(*) FROM photo WHERE listing > 0 GROUP BY state")
            )
            scored = self._store.value("SELECT count(*) FROM photo WHERE score IS NOT NULL AND listing > 0")
            series = self._store.value("SELECT count(*) FROM series")
        return LibraryTotals(
            photos=sum(by_state.values()),
            present=by_state.get(PhotoState.PRESENT, 0),
            missing=by_state.get(PhotoState.MISSING, 0),
            offline=by_state.get(PhotoState.OFFLINE, 0),
            unreadable=by_state.get(PhotoState.UNREADABLE, 0),
            scored=scored,
            series=series,
        )

    def newest_photo_id(self) -> int:
        """Say the highest photo id given so far."""
        return int(self._store.value("SELECT seq FROM sqlite_sequence WHERE name = 'photo'") or 0)

    def unread_count(self) -> int:
        """Photos whose preview was lost and that have to be decoded again."""
        return int(
            self._store.value(
                "SELECT count(*) FROM photo WHERE state = 0 AND content_id IN "
                "(SELECT id FROM content WHERE NOT has_preview)"
            )
        )

    def hash_of_photo(self, photo_id: int) -> bytes | None:
        """The content hash of a photo, where it has been read."""
        found: bytes | None = self._store.value(
            "SELECT c.hash FROM photo p JOIN content c ON c.id = p.content_id WHERE p.id = ?", (photo_id,)
        )
        return found

    def hashes(self, contents: Sequence[int]) -> dict[bytes, int]:
        """Content hash → content."""
        found: dict[bytes, int] = {}
        for marks, chunk in in_chunks(contents):
            found.update(self._store.all(f"SELECT hash, id FROM content WHERE id IN ({marks})", chunk))
        return found
