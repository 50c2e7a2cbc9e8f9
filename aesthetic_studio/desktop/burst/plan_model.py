"""The plan of taking the best of bursts as a Qt list model: a row a frame, and a row a series that is left alone.

Series of which a frame would change come first, each with all its frames in order of rank; then those that are decided
already; then, a line each, those that are not touched, with the reason.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from aesthetic_studio.curation.take_best import Fate, TakeOptions, Wish, plan_burst
from aesthetic_studio.desktop.toolkit.words import count_of, series_of
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag, SeriesKind
from aesthetic_studio.translation import _, retold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aesthetic_studio.curation.take_best import BurstFrames, BurstPlan, Candidate, PlannedFrame

_NO_PARENT = QModelIndex()


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A frame with what would become of it."""

    frame: Candidate
    planned: PlannedFrame

    @property
    def is_rejected(self) -> bool:
        """Whether it would be rejected, or stays so."""
        left = self.planned.fate is Fate.LEFT and self.frame.verdict.flag is Flag.REJECT
        return left or self.planned.fate is Fate.REJECTED


class PlanModel(QAbstractListModel):
    """What would become of each frame, and what the person wishes otherwise.

    Attributes:
        RowRole: A ``PlanRow``, None for a series that is left alone.

    Signals:
        planned: Something would become of other frames now.
    """

    RowRole = int(Qt.ItemDataRole.UserRole) + 1
    planned = Signal()

    def __init__(
        self,
        bursts: Sequence[BurstFrames],
        options: TakeOptions,
        wishes: Mapping[int, Wish] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._options = options
        self._wishes = dict(wishes or {})
        plans = {burst.series_id: plan_burst(burst, options, self._wishes) for burst in bursts}
        self.bursts = sorted(bursts, key=lambda burst: _lateness(plans[burst.series_id]))
        self._plans = [plans[burst.series_id] for burst in self.bursts]
        self._places: list[tuple[int, int]] = []
        self.firsts: list[int] = []
        for number, (burst, plan) in enumerate(zip(self.bursts, self._plans, strict=True)):
            self.firsts.append(len(self._places))
            count = 1 if plan.untouched else len(burst.frames)
            self._places += [(number, place) for place in range(count)]

    # -- what Qt asks ------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_PARENT) -> int:  # noqa: N802
        """The number of frames and of series that are left alone."""
        return 0 if parent.isValid() else len(self._places)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a role says of a row; ``None`` for roles that are not ours."""
        if not index.isValid() or not 0 <= index.row() < len(self._places):
            return None
        row = self.row(index.row())
        if role == self.RowRole:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return self.heading(self.burst_of(index.row())) if row is None else shown(row.frame.name)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self.spoken(index.row())
        return None

    # -- what the dialog asks ----------------------------------------------------------------------------------------

    @property
    def plans(self) -> list[BurstPlan]:
        """The plan of each series, in the order of ``bursts``."""
        return list(self._plans)

    def plan_of(self, burst: int) -> BurstPlan:
        """The plan of one series."""
        return self._plans[burst]

    def frame_counts(self) -> list[int]:
        """Frames of each series that have a row, 0 where it is left alone and takes a line."""
        counted = zip(self.bursts, self._plans, strict=True)
        return [0 if plan.untouched else len(burst.frames) for burst, plan in counted]

    @property
    def wishes(self) -> dict[int, Wish]:
        """What the person wishes, by photo."""
        return dict(self._wishes)

    @property
    def options(self) -> TakeOptions:
        """How it is done."""
        return self._options

    def burst_of(self, number: int) -> int:
        """The series of a row, by its place in ``bursts``."""
        return self._places[number][0]

    def row(self, number: int) -> PlanRow | None:
        """The frame of a row; None where it is the line of a series that is left alone."""
        burst, place = self._places[number]
        plan = self._plans[burst]
        return None if plan.untouched else PlanRow(self.bursts[burst].frames[place], plan.frames[place])

    def heading(self, burst: int) -> str:
        """``"Burst of 5"``, with the reason where it is left alone."""
        frames, plan = self.bursts[burst], self._plans[burst]
        name = series_of(frames.kind, len(frames.frames))
        if plan.untouched:
            others = _("{name} and {count} more").format(
                name=shown(frames.frames[0].name), count=len(frames.frames) - 1
            )
            return _("{name} · {others} · left alone: {untouched}").format(
                name=name, others=others, untouched=retold("reason", plan.untouched)
            )
        return name

    def keeps_any(self, burst: int) -> bool:
        """Whether a frame of a series would not be rejected."""
        frames = zip(self.bursts[burst].frames, self._plans[burst].frames, strict=True)
        return not all(PlanRow(frame, planned).is_rejected for frame, planned in frames)

    def outcome(self, burst: int) -> str:
        """What happens to a series, in a few words: ``"picks 1, rejects 4"``."""
        plan = self._plans[burst]
        flags = [frame.flag for frame in plan.frames]
        kept = plan.count(Fate.BEST) + plan.count(Fate.KEPT)
        parts = [
            _("picks {count}").format(count=flags.count(Flag.PICK))
            if Flag.PICK in flags
            else _("keeps {count}").format(count=kept)
            if kept
            else "",
            _("rejects {count}").format(count=flags.count(Flag.REJECT)) if Flag.REJECT in flags else "",
            _("leaves {count} as it is").format(count=plan.count(Fate.LEFT)) if plan.count(Fate.LEFT) else "",
        ]
        if not self.keeps_any(burst):
            return _("keeps none of it")
        return ", ".join(part for part in parts if part) if plan.changes else _("nothing left to do")

    def spoken(self, number: int) -> str:
        """A row in one sentence, for a screen reader."""
        row, burst = self.row(number), self.burst_of(number)
        if row is None:
            return self.heading(burst)
        heading = _("{heading}, number {burst} of {count}").format(
            heading=self.heading(burst), burst=burst + 1, count=len(self.bursts)
        )
        return ", ".join(part for part in (shown(row.frame.name), said(row.planned), why(row), heading) if part)

    def about(self, number: int) -> str:
        """A row in full, what would become of it first and why below, for the eye."""
        row, burst = self.row(number), self.burst_of(number)
        if row is None:
            return self.heading(burst)
        reasons = why(row)
        first = f"{shown(row.frame.name)} · {self.heading(burst)} · {said(row.planned)}"
        return f"{first}\n{reasons[:1].upper()}{reasons[1:]}"

    def counts(self) -> tuple[int, int, int]:
        """How many frames would be picked, how many rejected, and of how many series."""
        flags = [frame.flag for plan in self._plans for frame in plan.frames]
        bursts = sum(plan.changes > 0 for plan in self._plans)
        return flags.count(Flag.PICK), flags.count(Flag.REJECT), bursts

    def left_alone(self) -> list[str]:
        """What is left alone: ``"2 exposure brackets"``, and bursts with the reason."""
        found = Counter(
            (burst.kind, plan.untouched if burst.kind is SeriesKind.BURST else "")
            for burst, plan in zip(self.bursts, self._plans, strict=True)
            if plan.untouched
        )
        return [_left_words(kind, number, reason) for (kind, reason), number in found.items()]

    # -- what changes it ---------------------------------------------------------------------------------------------

    def set_options(self, options: TakeOptions) -> None:
        """Plan it in another way; wishes stay."""
        self._options = options
        self._plan(range(len(self.bursts)))

    def wish(self, number: int, wish: Wish | None) -> None:
        """Wish something of a frame, or no longer anything."""
        row, burst = self.row(number), self.burst_of(number)
        if row is None:
            return
        if wish is Wish.BEST:
            # There is one best: whoever takes another one no longer means the one before.
            for frame in self.bursts[burst].frames:
                if self._wishes.get(frame.photo_id) is Wish.BEST:
                    del self._wishes[frame.photo_id]
        if wish is None:
            self._wishes.pop(row.frame.photo_id, None)
        else:
            self._wishes[row.frame.photo_id] = wish
        self._plan([burst])

    def toggle(self, number: int) -> None:
        """Keep a frame that would be rejected or is, and reject one that would not be."""
        row = self.row(number)
        if row is not None:
            self.wish(number, Wish.KEEP if row.is_rejected else Wish.REJECT)

    def _plan(self, bursts: Sequence[int]) -> None:
        for number in bursts:
            self._plans[number] = plan_burst(self.bursts[number], self._options, self._wishes)
        if self._places:
            self.dataChanged.emit(self.index(0), self.index(len(self._places) - 1))
        self.planned.emit()


def said(planned: PlannedFrame) -> str:
    """What would become of a frame, in a word or two."""
    if planned.flag is Flag.PICK:
        return _("Pick")
    return {Fate.BEST: _("Best"), Fate.KEPT: _("Keep"), Fate.REJECTED: _("Reject"), Fate.LEFT: _("As it is")}[
        planned.fate
    ]


def why(row: PlanRow) -> str:
    """Why it would: what the person said of the frame, then what sets it apart in its burst."""
    return "; ".join(
        retold("reason", reason) for reason in dict.fromkeys((row.planned.why, *row.frame.reasons)) if reason
    )


def _left_words(kind: SeriesKind, number: int, reason: str) -> str:
    """``2 bursts of which you rejected every frame``, ``1 panorama``."""
    series = count_of(number, kind.name.lower())
    return _("{series} of which {reason}").format(series=series, reason=retold("reason", reason)) if reason else series


def _lateness(plan: BurstPlan) -> int:
    return 2 if plan.untouched else 0 if plan.changes else 1


def summary(model: PlanModel) -> str:
    """The whole plan in a sentence."""
    picked, rejected, bursts = model.counts()
    where = count_of(bursts, "burst")
    if picked and rejected:
        return _("This would pick {picked} and reject {rejected} in {bursts}.").format(
            picked=count_of(picked, "frame"), rejected=count_of(rejected, "frame"), bursts=where
        )
    if picked:
        return _("This would pick {picked} in {bursts}.").format(picked=count_of(picked, "frame"), bursts=where)
    if rejected:
        return _("This would reject {rejected} in {bursts}.").format(rejected=count_of(rejected, "frame"), bursts=where)
    return _("Nothing is left to do here.")
