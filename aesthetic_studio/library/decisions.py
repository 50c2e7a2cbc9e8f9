"""Decisions of the person: every verdict, choice and preference is one step that can be undone, after a restart too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.errors import LibraryError
from aesthetic_studio.library.rows import from_db
from aesthetic_studio.library.steps import Steps
from aesthetic_studio.paths import shown
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aesthetic_studio.groupings import Statement
    from aesthetic_studio.library.by_hand import ByHand
    from aesthetic_studio.library.choices import Choices, SeriesFrame
    from aesthetic_studio.library.connection import Store
    from aesthetic_studio.records import SeriesKind, VerdictChange


@dataclass(frozen=True, slots=True)
class Decision:
    """One step of the undo log.

    ``photo_ids`` are the photos that the step changed, ``regrouped`` tells that a series is now represented by another
    of its frames, and in ``folders`` the series of these photos have to be found again. ``preferred`` are the better
    and the worse content, where the step says just that of two. Where nothing changed there is no step: ``id`` is 0.
    """

    id: int
    title: str
    photo_ids: tuple[int, ...]
    regrouped: bool = False
    folders: tuple[str, ...] = ()
    preferred: tuple[int, int] | None = None


class Decisions:
    """The undo log."""

    def __init__(self, store: Store, choices: Choices, by_hand: ByHand) -> None:
        self._store = store
        self._choices = choices
        self._by_hand = by_hand
        self._steps = Steps(store)

    def decide(self, photo_ids: Sequence[int], change: VerdictChange, title: str) -> Decision:
        """Apply a change to photos, however many, as one step; what was undone before can no longer be redone."""
        return self.decide_each({change: photo_ids}, title)

    def decide_each(
        self,
        changes: Mapping[VerdictChange, Sequence[int]],
        title: str,
        choices: Mapping[int, int] | None = None,
    ) -> Decision:
        """Apply several changes, each to its own photos, and choose frames of series (series → photo), as one step.

        Raises ``ValueError`` where a photo is to be changed in two ways, ``LibraryError`` where a chosen photo is none
        of its series' frames.
        """
        wanted = [photo for photos in changes.values() for photo in set(photos)]
        if len(set(wanted)) < len(wanted):
            raise ValueError("one step changes a photo in one way only")
        with self._store.transaction():
            decision = self._store.insert("INSERT INTO decision (title) VALUES (?)", (shown(title),))
            noted = sum(self._note(decision, change, photos) for change, photos in changes.items())
            chosen = sum(self._choose(decision, series, photo) for series, photo in (choices or {}).items())
            if not noted and not chosen:
                self._store.run("DELETE FROM decision WHERE id = ?", (decision,))
                return Decision(0, title, ())
            self._steps.note(decision)
            self._steps.drop_undone(but=decision)
            settled = self._choices.settle(self._choices.series_of(decision)) if chosen else []
            photos = dict.fromkeys((*settled, *self._steps.apply(decision, "after")))
            return Decision(decision, title, tuple(photos), regrouped=bool(settled))

    def _choose(self, decision: int, series: int, photo: int) -> bool:
        """Let a frame stand for its series within a step; says whether it did not before."""
        kind, frames, chosen = self._frame(series, photo)
        if chosen.chosen:
            return False
        self._choices.choose(decision, kind, frames, chosen)
        return True

    def _note(self, decision: int, change: VerdictChange, photo_ids: Sequence[int]) -> int:
        """Write down what a change does to those photos that it changes; says how many."""
        after = [None if value is None else int(value) for value in (change.rating, change.flag, change.label)]
        if after[0] is not None and not 0 <= after[0] <= 5:
            raise ValueError(f"a rating is 0 to 5 stars, not {after[0]}")
        return self._store.run(
            """
            INSERT INTO decision_change
            SELECT ?1, id, rating, flag, label, coalesce(?2, rating), coalesce(?3, flag), coalesce(?4, label)
            FROM photo WHERE id IN (SELECT value FROM json_each(?5))
            AND (rating <> coalesce(?2, rating) OR flag <> coalesce(?3, flag) OR label <> coalesce(?4, label))
            """,
            (decision, *after, json.dumps(list(photo_ids))),
        )

    def choose_best(self, series: int, photo: int, title: str | None = None) -> Decision:
        """Let one frame stand for its series as one step. Raises ``LibraryError`` where it is none of its frames."""
        with self._store.transaction():
            kind, frames, chosen = self._frame(series, photo)
            title = title or kept("undo", "choosing {name} out of {count}").format(
                name=_shown(chosen), count=len(frames)
            )
            if chosen.chosen:
                return Decision(0, title, ())
            decision = self._begin(title)
            self._choices.choose(decision, kind, frames, chosen)
            return self._settled(decision, title, frames)

    def _frame(self, series: int, photo: int) -> tuple[SeriesKind, list[SeriesFrame], SeriesFrame]:
        """A series' kind, its frames, and one of them."""
        kind, frames = self._choices.frames(series)
        chosen = next((frame for frame in frames if frame.photo_id == photo), None)
        if kind is None or chosen is None:
            raise LibraryError(
                kept("problem", "This photo is not, or no longer, in that series."),
                kept("problem", "Open its series again and choose there."),
            )
        return kind, frames, chosen

    def clear_choice(self, series: int, title: str | None = None) -> Decision:
        """Let the program say again which frame stands for a series, as one step."""
        with self._store.transaction():
            _, frames = self._choices.frames(series)
            chosen = next((frame for frame in frames if frame.chosen), None)
            if chosen is None:
                return Decision(0, title or "", ())
            title = title or kept("undo", "no longer choosing {name}").format(name=_shown(chosen))
            decision = self._begin(title)
            self._choices.clear(decision, frames)
            return self._settled(decision, title, frames)

    def prefer(self, better: int, worse: int, source: str, title: str | None = None) -> Decision:
        """Say that one photo is better than another, as one step; said again, nothing changes.

        Raises ``LibraryError`` for identical files and for photos that could not be read.
        """
        with self._store.transaction():
            rows = {
                row[0]: row
                for row in self._store.all("SELECT id, content_id, name FROM photo WHERE id IN (?, ?)", (better, worse))
            }
            contents: list[int] = [rows[photo][1] or 0 if photo in rows else 0 for photo in (better, worse)]
            if not all(contents) or contents[0] == contents[1]:
                raise LibraryError(
                    kept(
                        "problem",
                        "These two photos cannot be compared: they are identical, or one of them could not be read.",
                    ),
                    kept("problem", "Choose two different photos."),
                )
            names = [shown(from_db(rows[photo][2])) for photo in (better, worse)]
            title = title or kept("undo", "preferring {name} to {other}").format(name=names[0], other=names[1])
            if self._choices.prefers(contents[0], contents[1]):
                return Decision(0, title, ())
            decision = self._begin(title)
            self._choices.prefer(decision, contents[0], contents[1], source)
            return Decision(decision, title, (better, worse), preferred=(contents[0], contents[1]))

    def group(self, statement: Statement, title: str) -> Decision:
        """Say which contents belong together, as one step; their series are to be found again."""
        with self._store.transaction():
            decision = self._begin(title)
            self._by_hand.state(decision, statement)
            folders, photos = self._by_hand.unsettle(decision)
            return Decision(decision, title, tuple(photos), bool(folders), tuple(folders))

    def undo(self) -> Decision | None:
        """Give the photos of the last step exactly the verdicts they had; ``None`` where there is no step."""
        return self._step(self._steps.last_done, "before", undone=True)

    def redo(self) -> Decision | None:
        """Do the step again that was undone last; ``None`` where there is none."""
        return self._step(self._steps.first_undone, "after", undone=False)

    def undo_title(self) -> str | None:
        """What would be undone."""
        step = self._steps.last_done()
        return None if step is None else step[1]

    def redo_title(self) -> str | None:
        """What would be redone."""
        step = self._steps.first_undone()
        return None if step is None else step[1]

    def _step(self, which: Callable[[], tuple[int, str] | None], side: str, *, undone: bool) -> Decision | None:
        with self._store.transaction():
            row = which()
            if row is None:
                return None
            self._store.run("UPDATE decision SET undone = ? WHERE id = ?", (undone, row[0]))
            verdicts = self._steps.apply(row[0], side)
            series = self._choices.settle(self._choices.series_of(row[0]))
            folders, grouped = self._by_hand.unsettle(row[0])
            photos = dict.fromkeys((*series, *verdicts, *grouped))
            return Decision(
                row[0],
                row[1],
                tuple(photos),
                bool(series or folders),
                tuple(folders),
                self._choices.preferred_by(row[0]),
            )

    def _begin(self, title: str) -> int:
        """Open a step; what was undone before can no longer be redone."""
        self._steps.drop_undone()
        step = self._store.insert("INSERT INTO decision (title) VALUES (?)", (shown(title),))
        self._steps.note(step)
        return step

    def _settled(self, decision: int, title: str, frames: Sequence[SeriesFrame]) -> Decision:
        changed = self._choices.settle(self._choices.series_with([frame.content_id for frame in frames]))
        return Decision(decision, title, tuple(changed), regrouped=bool(changed))


def _shown(frame: SeriesFrame) -> str:
    return shown(from_db(frame.name))
