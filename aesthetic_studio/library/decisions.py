"""Decisions of the person: every change of verdicts is one step that can be undone, after a restart too."""

# ruff: noqa: S608 - only fixed text and question marks are put together; values are bound

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.library.rows import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.library.connection import Row, Store
    from aesthetic_studio.records import VerdictChange

_LAST_DONE = "SELECT id, title FROM decision WHERE NOT undone ORDER BY id DESC LIMIT 1"
_FIRST_UNDONE = "SELECT id, title FROM decision WHERE undone ORDER BY id LIMIT 1"


@dataclass(frozen=True, slots=True)
class Decision:
    """One step of the undo log.

    ``photo_ids`` are the photos whose verdict the step changed. Where nothing changed there is no step: ``id`` is 0.
    """

    id: int
    title: str
    photo_ids: tuple[int, ...]


class Decisions:
    """The undo log."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def decide(self, photo_ids: Sequence[int], change: VerdictChange, title: str) -> Decision:
        """Apply a change to photos, however many, as one step; what was undone before can no longer be redone."""
        after = [None if value is None else int(value) for value in (change.rating, change.flag, change.label)]
        if after[0] is not None and not 0 <= after[0] <= 5:
            raise ValueError(f"a rating is 0 to 5 stars, not {after[0]}")
        with self._store.transaction():
            decision = self._store.insert("INSERT INTO decision (title) VALUES (?)", (plain(title),))
            changed = self._store.run(
                """
                INSERT INTO decision_change
                SELECT ?1, id, rating, flag, label, coalesce(?2, rating), coalesce(?3, flag), coalesce(?4, label)
                FROM photo WHERE id IN (SELECT value FROM json_each(?5))
                AND (rating <> coalesce(?2, rating) OR flag <> coalesce(?3, flag) OR label <> coalesce(?4, label))
                """,
                (decision, *after, json.dumps(list(photo_ids))),
            )
            if not changed:
                self._store.run("DELETE FROM decision WHERE id = ?", (decision,))
                return Decision(0, title, ())
            self._store.run("DELETE FROM decision WHERE undone")
            return Decision(decision, title, self._apply(decision, "after"))

    def undo(self) -> Decision | None:
        """Give the photos of the last step exactly the verdicts they had; ``None`` where there is no step."""
        return self._step(_LAST_DONE, "before", undone=True)

    def redo(self) -> Decision | None:
        """Do the step again that was undone last; ``None`` where there is none."""
        return self._step(_FIRST_UNDONE, "after", undone=False)

    def undo_title(self) -> str | None:
        """What would be undone."""
        return self._title(_LAST_DONE)

    def redo_title(self) -> str | None:
        """What would be redone."""
        return self._title(_FIRST_UNDONE)

    def _title(self, which: str) -> str | None:
        row = self._store.one(which)
        return None if row is None else str(row[1])

    def _step(self, which: str, side: str, *, undone: bool) -> Decision | None:
        with self._store.transaction():
            row: Row | None = self._store.one(which)
            if row is None:
                return None
            self._store.run("UPDATE decision SET undone = ? WHERE id = ?", (undone, row[0]))
            return Decision(row[0], row[1], self._apply(row[0], side))

    def _apply(self, decision: int, side: str) -> tuple[int, ...]:
        """Set the verdicts of one side of a step; says which photos it holds."""
        rows = self._store.all(
            f"SELECT rating_{side}, flag_{side}, label_{side}, photo_id FROM decision_change WHERE decision_id = ?",
            (decision,),
        )
        self._store.run_many("UPDATE photo SET rating = ?, flag = ?, label = ? WHERE id = ?", rows)
        return tuple(row[3] for row in rows)
