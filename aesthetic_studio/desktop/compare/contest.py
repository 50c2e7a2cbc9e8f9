"""One champion and the challengers that pass it, as ids: no widgets and no catalogue.

The champion changes only when the person says so. What is shown now is the challenger at ``place``; behind the last one
there is none, and the contest is at its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Outcome(Enum):
    """What the person said of champion and challenger."""

    PROMOTED = "promoted"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Said:
    """One photo was preferred to another."""

    outcome: Outcome
    better: int
    worse: int


@dataclass(frozen=True, slots=True)
class _Gone:
    """Where a photo was that was taken out."""

    place: int
    heir: int | None
    """The challenger that became the champion in its place, where it was the champion."""


class Contest:
    """A champion against challengers in order.

    Attributes:
        champion: Stays until a challenger is promoted, or until it is taken out itself.
        place: Which challenger is shown; as many as there are at the end.
    """

    def __init__(self, champion: int, challengers: Iterable[int], place: int = 0) -> None:
        self.champion = champion
        self._challengers = list(challengers)
        self.place = max(0, min(place, len(self._challengers)))
        self._gone: dict[int, _Gone] = {}
        self._said: list[Said] = []
        self._unsaid: list[Said] = []

    @property
    def challenger(self) -> int | None:
        """The challenger that is shown; ``None`` at the end."""
        return self._challengers[self.place] if self.place < len(self._challengers) else None

    @property
    def count(self) -> int:
        """How many challengers there are."""
        return len(self._challengers)

    def shown(self) -> tuple[int, ...]:
        """The champion, and the challenger where there is one."""
        return (self.champion,) if self.challenger is None else (self.champion, self.challenger)

    def next_ones(self, count: int) -> list[int]:
        """The challengers that likely come next, and the one before."""
        before = self._challengers[max(0, self.place - 1) : self.place]
        return [*self._challengers[self.place + 1 : self.place + 1 + count], *before]

    def holds(self, photo_id: int) -> bool:
        """Whether a photo takes part, or did before it was taken out."""
        return photo_id == self.champion or photo_id in self._gone or photo_id in self._challengers

    # -- passing by --------------------------------------------------------------------------------------------------

    def step(self, by: int) -> bool:
        """Bring another challenger; ``False`` where there is none in that direction."""
        place = min(max(0, self.place + by), self.count)
        moved, self.place = place != self.place, place
        return moved

    def show(self, photo_id: int) -> bool:
        """Bring this challenger."""
        if photo_id in self._challengers:
            self.place = self._challengers.index(photo_id)
            return True
        return photo_id == self.champion

    # -- what the person says ----------------------------------------------------------------------------------------

    def promote(self) -> Said | None:
        """The challenger is the champion now, the old one its predecessor, and the next challenger comes."""
        return self._say(Outcome.PROMOTED)

    def keep(self) -> Said | None:
        """The champion stays, and the next challenger comes."""
        return self._say(Outcome.KEPT)

    def take_out(self, photo_id: int) -> bool:
        """A photo leaves the contest and the next comes; the challenger follows a champion that leaves.

        ``False`` where it takes no part, and for a champion without a challenger to follow it.
        """
        if photo_id == self.champion:
            if self.challenger is None:
                return False
            self._gone[photo_id] = _Gone(self.place, self.challenger)
            self.champion = self._challengers.pop(self.place)
            return True
        if photo_id not in self._challengers:
            return False
        place = self._challengers.index(photo_id)
        self._gone[photo_id] = _Gone(place, None)
        del self._challengers[place]
        if place < self.place:
            self.place -= 1
        return True

    # -- taking back -------------------------------------------------------------------------------------------------

    def bring_back(self, photo_id: int) -> bool:
        """A photo that was taken out takes its place again."""
        gone = self._gone.pop(photo_id, None)
        if gone is None:
            return False
        place = min(gone.place, self.count)
        if gone.heir is not None and gone.heir == self.champion:
            self._challengers.insert(place, self.champion)
            self.champion = photo_id
        else:
            self._challengers.insert(place, photo_id)
        self.place = place
        return True

    def unsay(self, better: int, worse: int) -> bool:
        """Stand as before one photo was preferred to the other."""
        return self._turn(self._said, self._unsaid, better, worse, back=True)

    def say_again(self, better: int, worse: int) -> bool:
        """Stand as after it."""
        return self._turn(self._unsaid, self._said, better, worse, back=False)

    def _say(self, outcome: Outcome) -> Said | None:
        challenger = self.challenger
        if challenger is None:
            return None
        pair = (challenger, self.champion) if outcome is Outcome.PROMOTED else (self.champion, challenger)
        said = Said(outcome, *pair)
        self._said.append(said)
        self._unsaid.clear()
        if outcome is Outcome.PROMOTED:
            self._swap()
        self.place += 1
        return said

    def _turn(self, source: list[Said], target: list[Said], better: int, worse: int, *, back: bool) -> bool:
        said = next((each for each in reversed(source) if (each.better, each.worse) == (better, worse)), None)
        if said is None:
            return False
        source.remove(said)
        target.append(said)
        is_challenging = said.outcome is Outcome.PROMOTED and not back
        champion, listed = (worse, better) if is_challenging else (better, worse)
        if self.champion != champion or not self.show(listed):
            return False  # it went on otherwise since: what is shown stays
        if said.outcome is Outcome.PROMOTED:
            self._swap()
        if not back:
            self.place += 1
        return True

    def _swap(self) -> None:
        self._challengers[self.place], self.champion = self.champion, self._challengers[self.place]
