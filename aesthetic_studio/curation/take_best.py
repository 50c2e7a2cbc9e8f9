"""Take the best of each burst and reject the rest: what would become of every frame, and what never becomes of any.

Planning decides nothing. What the person has decided stands: a picked or starred frame is not rejected, a rejected one
is not brought back, and sets that are kept whole are not touched. Only what the person wishes of a frame in the plan
itself goes further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from aesthetic_studio.curation.comparisons import MOST_COMPARED
from aesthetic_studio.curation.standing import NOTHING_COMPARED, stand
from aesthetic_studio.records import Flag, PhotoState, SeriesKind, Verdict, VerdictChange
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from aesthetic_studio.curation.comparisons import Comparisons
    from aesthetic_studio.records import PhotoRecord

NEARLY_AS_GOOD = 0.25
"""Standing, in the units of ``standing.WEIGHTS``: a quarter of a noticeable step of sharpness. Chosen so by reason."""


class Fate(StrEnum):
    """What would become of a frame."""

    BEST = "best"
    """It is taken: picked, where picking is wished."""
    KEPT = "kept"
    """It is kept beside the best; picked too, where the person wishes it kept."""
    REJECTED = "rejected"
    LEFT = "left"
    """It stays as it is."""


class Wish(Enum):
    """What the person wants of a frame, whatever was planned for it."""

    BEST = "best"
    """Take this one instead of the one that was suggested."""
    KEEP = "keep"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What planning has to know of a frame."""

    photo_id: int
    name: str
    state: PhotoState
    verdict: Verdict
    best: bool
    """It stands for its burst."""
    chosen: bool
    """The person chose it to."""
    worth: float
    """Its standing; more is better, and only differences within the burst mean something."""
    score: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BurstFrames:
    """A series as planning sees it, its frames in order of rank."""

    series_id: int
    kind: SeriesKind
    folder: str
    frames: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class TakeOptions:
    """How it is done."""

    second: bool = False
    """Keep also the next frame, where it is nearly as good."""
    pick: bool = True
    """Pick the best; else only the rest is rejected."""


@dataclass(frozen=True, slots=True)
class PlannedFrame:
    """What would become of a frame, and why."""

    photo_id: int
    fate: Fate
    why: str
    flag: Flag | None
    """The flag that it would get; ``None`` where it keeps its own."""


@dataclass(frozen=True, slots=True)
class BurstPlan:
    """What would become of a series."""

    series_id: int
    frames: tuple[PlannedFrame, ...]
    """In order of rank."""
    untouched: str = ""
    """Why nothing at all is done to it; empty where something may be."""
    choice: int | None = None
    """The frame that the person took in place of the suggested one: a judgement."""

    def count(self, fate: Fate) -> int:
        """How many frames would become this."""
        return sum(frame.fate is fate for frame in self.frames)

    @property
    def changes(self) -> int:
        """How many frames would get another flag."""
        return sum(frame.flag is not None for frame in self.frames)


Wishes = Mapping[int, Wish]
NO_WISHES: Wishes = {}


def burst_frames(frames: Sequence[PhotoRecord], comparisons: Comparisons = NOTHING_COMPARED) -> BurstFrames:
    """What planning has to know of a series, given in order of rank; ``comparisons`` as for ``order_frames``."""
    # As in best_shot.order_frames, those that stand best are what comparisons are about.
    standings = stand(frames[:MOST_COMPARED], comparisons)
    least = min((standing.worth for standing in standings), default=0.0)
    worth = [*(standing.worth for standing in standings), *([least] * (len(frames) - len(standings)))]
    return BurstFrames(
        series_id=frames[0].series_id or 0,
        kind=frames[0].series_kind or SeriesKind.BURST,
        folder=frames[0].folder,
        frames=tuple(
            Candidate(
                photo_id=frame.id,
                name=frame.name,
                state=frame.state,
                verdict=frame.verdict,
                best=frame.best_of_series,
                chosen=frame.chosen,
                worth=standing,
                score=None if frame.score is None else frame.score.distribution.mean,
                reasons=frame.reasons,
            )
            for frame, standing in zip(frames, worth, strict=True)
        ),
    )


def plan_burst(burst: BurstFrames, options: TakeOptions, wishes: Wishes = NO_WISHES) -> BurstPlan:
    """Say what would become of each frame of a series.

    The best frame is the one that the person chose, else picked, else gave most stars, else the one found best. A wish
    changes the fate of its own frame only; but where another frame becomes the best, the suggested one is of the rest,
    and where the suggested one is not wanted, the first of those that are kept is the best.
    """
    reason = _untouched(burst)
    if reason:
        frames = tuple(PlannedFrame(frame.photo_id, Fate.LEFT, "", None) for frame in burst.frames)
        return BurstPlan(burst.series_id, frames, untouched=reason)
    suggested = _suggested(burst.frames)
    second = _second(burst.frames, suggested) if options.second else None
    best = _wished_best(burst.frames, suggested, second, wishes)
    planned = []
    for frame in burst.frames:
        wish = wishes.get(frame.photo_id)
        fate, why = _fate(frame, best, second, wish)
        picked = options.pick and (fate is Fate.BEST or (fate is Fate.KEPT and wish is not None))
        planned.append(PlannedFrame(frame.photo_id, fate, why, _new_flag(frame.verdict.flag, fate, picked=picked)))
    choice = best if best is not None and best != suggested else None
    return BurstPlan(burst.series_id, tuple(planned), choice=choice)


def decisions(plans: Sequence[BurstPlan]) -> tuple[dict[VerdictChange, list[int]], dict[int, int]]:
    """What the plans change: the photos of each change of a flag, and series → the frame that the person took."""
    changes: dict[VerdictChange, list[int]] = {}
    for plan in plans:
        for frame in plan.frames:
            if frame.flag is not None:
                changes.setdefault(VerdictChange(flag=frame.flag), []).append(frame.photo_id)
    return changes, {plan.series_id: plan.choice for plan in plans if plan.choice is not None}


def _untouched(burst: BurstFrames) -> str:
    if burst.kind is not SeriesKind.BURST:
        return kept("reason", "kept whole, as it was shot")
    if all(frame.verdict.flag is Flag.REJECT for frame in burst.frames):
        return kept("reason", "you rejected every frame")
    if not any(map(_may_be_best, burst.frames)):
        return kept("reason", "no frame that is left has its file")
    return ""


def _may_be_best(frame: Candidate) -> bool:
    return frame.verdict.flag is not Flag.REJECT and frame.state in (PhotoState.PRESENT, PhotoState.OFFLINE)


def _preference(frame: Candidate) -> tuple[bool, bool, int, bool]:
    return frame.chosen, frame.verdict.flag is Flag.PICK, frame.verdict.rating, frame.best


def _suggested(frames: Sequence[Candidate]) -> int:
    """The frame that is taken where the person wishes nothing else; of equals the first in rank."""
    return max(filter(_may_be_best, frames), key=_preference).photo_id


def _wished_best(frames: Sequence[Candidate], suggested: int, second: int | None, wishes: Wishes) -> int | None:
    """The frame that is taken; ``None`` where the person wants the suggested one rejected and no other kept."""
    for frame in frames:
        if wishes.get(frame.photo_id) is Wish.BEST:
            return frame.photo_id
    if wishes.get(suggested) is not Wish.REJECT:
        return suggested
    kept = [frame for frame in frames if _is_kept(frame, wishes.get(frame.photo_id), second)]
    return max(kept, key=_preference).photo_id if kept else None


def _is_kept(frame: Candidate, wish: Wish | None, second: int | None) -> bool:
    if wish is not None:
        return wish is Wish.KEEP
    return frame.photo_id == second or (_may_be_best(frame) and bool(_protected(frame)))


def _second(frames: Sequence[Candidate], best: int) -> int | None:
    """The frame that is nearly as good as the best, unless the person keeps a second one already."""
    worth = {frame.photo_id: frame.worth for frame in frames}
    others = [frame for frame in frames if frame.photo_id != best and _may_be_best(frame)]
    if not others or any(map(_protected, others)):
        return None
    second = max(others, key=lambda frame: frame.worth)
    return second.photo_id if worth[best] - second.worth <= NEARLY_AS_GOOD else None


def _protected(frame: Candidate) -> str:
    """Why the program may not reject a frame; empty where it may."""
    if frame.verdict.flag is Flag.PICK:
        return kept("reason", "you picked it")
    if frame.verdict.rating:
        return (
            kept("reason", "you gave it 1 star")
            if frame.verdict.rating == 1
            else kept("reason", "you gave it {number} stars").format(number=frame.verdict.rating)
        )
    if frame.state in (PhotoState.MISSING, PhotoState.UNREADABLE):
        return (
            kept("reason", "its file is missing")
            if frame.state is PhotoState.MISSING
            else kept("reason", "its file could not be read")
        )
    return ""


def _fate(frame: Candidate, best: int | None, second: int | None, wish: Wish | None) -> tuple[Fate, str]:
    """What becomes of a frame, and why."""
    if frame.photo_id == best:
        return Fate.BEST, kept("reason", "you chose it") if frame.chosen else _protected(frame)
    if wish is not None:
        return (Fate.REJECTED if wish is Wish.REJECT else Fate.KEPT), ""
    if frame.verdict.flag is Flag.REJECT:
        return Fate.LEFT, kept("reason", "rejected already")
    if why := _protected(frame):
        return Fate.LEFT, why
    if frame.photo_id == second:
        return Fate.KEPT, kept("reason", "nearly as good as the best")
    return Fate.REJECTED, ""


def _new_flag(flag: Flag, fate: Fate, *, picked: bool) -> Flag | None:
    """The flag that a fate brings; ``None`` where the frame has it already."""
    wanted = flag
    if fate is Fate.REJECTED:
        wanted = Flag.REJECT
    elif picked:
        wanted = Flag.PICK
    elif fate in (Fate.BEST, Fate.KEPT) and flag is Flag.REJECT:
        wanted = Flag.NONE
    return None if wanted is flag else wanted
