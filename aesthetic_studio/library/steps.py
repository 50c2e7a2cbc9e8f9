"""The steps of the undo log: whose they are to take back, and what taking one back does to the verdicts.

Two programs may decide in one library at a time. Undo takes back what was decided here, or before this library was
opened; what another program decides meanwhile is that one's to take back, as long as both are open. So the last step of
a program need not be the last of the log: only what a step itself changed is put back, and what a later step decided
about the same photo stands.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from aesthetic_studio.errors import LibraryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aesthetic_studio.library.connection import Store

_BATCH = 64
_CHANGES = """
SELECT c.decision_id, d.undone, c.photo_id,
       c.rating_before, c.flag_before, c.label_before, c.rating_after, c.flag_after, c.label_after
FROM decision_change c JOIN decision d ON d.id = c.decision_id
"""
_OF_STEP = f"{_CHANGES} WHERE c.decision_id = ?"
_SAME_PHOTOS = "AND c.photo_id IN (SELECT photo_id FROM decision_change WHERE decision_id = ?1)"
_LATER_DONE = f"{_CHANGES} WHERE c.decision_id > ?1 AND NOT d.undone {_SAME_PHOTOS}"
_EARLIER = f"{_CHANGES} WHERE c.decision_id < ?1 {_SAME_PHOTOS} ORDER BY c.decision_id DESC"

_Place = tuple[int, int]
"""A photo, and which of its verdict's three values."""


class _Change(NamedTuple):
    """What a step changed of one place."""

    step: int
    undone: bool
    before: int
    after: int


class Steps:
    """Finds and applies steps."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._since = int(store.value("SELECT coalesce(max(id), 0) FROM decision"))
        self._made: set[int] = set()
        store.after_rollback(self._forget_lost)

    def note(self, step: int) -> None:
        """Remember that this step was made here."""
        self._made.add(step)

    def last_done(self) -> tuple[int, str] | None:
        """What undo takes back: id and title."""
        before = 2**62
        while rows := self._store.all(
            "SELECT id, title FROM decision WHERE NOT undone AND id < ? ORDER BY id DESC LIMIT ?", (before, _BATCH)
        ):
            for step, title in rows:
                if self._is_ours(step):
                    return step, title
            before = rows[-1][0]
        return None

    def first_undone(self) -> tuple[int, str] | None:
        """What redo does again: id and title."""
        last = self.last_done()
        return next(self._undone(after=0 if last is None else last[0]), None)

    def drop_undone(self, but: int = 0) -> None:
        """What was taken back can no longer be done again, now that a step, perhaps ``but``, was made here.

        One that another program's later step was built on is kept as what came before that.
        """
        last = self._store.value("SELECT coalesce(max(id), 0) FROM decision WHERE NOT undone AND id <> ?", (but,))
        self._store.run_many("DELETE FROM decision WHERE id = ?", [(step,) for step, _ in self._undone(after=last)])

    def apply(self, step: int, side: str) -> tuple[int, ...]:
        """Set what a step changed to its ``side``, ``"before"`` or ``"after"``; says which photos it holds."""
        stands = self._decided_later(step)
        earlier = self._decided_earlier(step) if side == "before" else {}
        updates: dict[int, list[int | None]] = {}
        for (photo,) in self._store.all("SELECT photo_id FROM decision_change WHERE decision_id = ?", (step,)):
            updates[photo] = [None, None, None, photo]
        for (photo, place), change in self._changes(_OF_STEP, step):
            if (photo, place) not in stands:
                back = self._untouched(change.before, earlier.get((photo, place), ()))
                updates[photo][place] = change.after if side == "after" else back
        self._store.run_many(
            "UPDATE photo SET rating = coalesce(?, rating), flag = coalesce(?, flag), label = coalesce(?, label) "
            "WHERE id = ?",
            updates.values(),
        )
        return tuple(updates)

    def _decided_later(self, step: int) -> set[_Place]:
        """What later steps that are done changed of this step's photos; nothing for the last step of the log."""
        if self._store.value("SELECT 1 FROM decision WHERE id > ? AND NOT undone LIMIT 1", (step,)) is None:
            return set()
        return {place for place, _ in self._changes(_LATER_DONE, step)}

    def _decided_earlier(self, step: int) -> dict[_Place, list[_Change]]:
        """Earlier changes of this step's photos, the newest first; nothing where one program decided in a row."""
        found = defaultdict(list)
        before = self._store.all(
            "SELECT id, undone FROM decision WHERE id < ? AND (undone OR id > ?)", (step, self._since)
        )
        if any(undone or not self._is_ours(other) for other, undone in before):
            for place, change in self._changes(_EARLIER, step):
                found[place].append(change)
        return found

    def _untouched(self, value: int, earlier: Sequence[_Change]) -> int:
        """What a value was before a step, by what was taken back, or done again elsewhere, since."""
        for change in earlier:
            if not change.undone:
                return value if self._is_ours(change.step) else change.after
            if change.after == value:
                value = change.before
        return value

    def _changes(self, sql: str, step: int) -> Iterator[tuple[_Place, _Change]]:
        for other, undone, photo, *values in self._store.all(sql, (step,)):
            for place in range(3):
                if values[place] != values[place + 3]:
                    yield (photo, place), _Change(other, bool(undone), values[place], values[place + 3])

    def _undone(self, after: int) -> Iterator[tuple[int, str]]:
        rows = self._store.all("SELECT id, title FROM decision WHERE undone AND id > ? ORDER BY id", (after,))
        return ((step, title) for step, title in rows if self._is_ours(step))

    def _is_ours(self, step: int) -> bool:
        return step <= self._since or step in self._made

    def _forget_lost(self, _everything: bool) -> None:
        """A step that was rolled back gives its number to another, perhaps of another program."""
        if self._made:
            with contextlib.suppress(LibraryError):
                rows = self._store.all("SELECT id FROM decision WHERE id > ?", (self._since,))
                self._made &= {step for (step,) in rows}
