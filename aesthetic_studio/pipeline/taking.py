"""Take the best of bursts and reject the rest: what planning needs from the catalogue, and the decision itself.

What is decided is what was planned and shown, never what happens to be there by then: where anything that the plan
rests on has changed since, nothing is decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.curation.take_best import BurstFrames, BurstPlan, burst_frames, decisions
from aesthetic_studio.errors import BurstsChanged
from aesthetic_studio.pipeline.grouping import comparing_model
from aesthetic_studio.pipeline.progress import ShouldStop, never_stop
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.library.decisions import Decision


def read_bursts(
    catalogue: Catalogue, series: Iterable[int], *, should_stop: ShouldStop = never_stop
) -> list[BurstFrames]:
    """What planning has to know of these series, in their order; every frame of each, whatever a filter shows."""
    model = comparing_model()
    found = []
    for one in series:
        if should_stop():
            break
        frames = catalogue.series_frames(one)
        if len(frames) > 1:
            contents = [frame.content_id for frame in frames]
            found.append(burst_frames(frames, catalogue.pair_scores(*model, contents) if model else {}))
    return found


def take_best(catalogue: Catalogue, bursts: Sequence[BurstFrames], plans: Sequence[BurstPlan]) -> Decision:
    """Decide what was planned for these series, as one step that can be undone.

    Raises ``BurstsChanged`` where a frame was judged, or a series found otherwise, since ``bursts`` were read.
    """
    changed = sum(plan.changes > 0 or plan.choice is not None for plan in plans)
    what = kept("undo", "1 burst") if changed == 1 else kept("undo", "{count} bursts").format(count=changed)
    if len(bursts) == 1:
        what = kept("undo", "a burst of {count}").format(count=len(bursts[0].frames))
    with catalogue.transaction():
        if any(_as_read(burst) != now for burst, now in zip(bursts, _as_now(catalogue, bursts), strict=True)):
            raise BurstsChanged(
                kept("problem", "The bursts changed since this was planned, so nothing was decided."),
                kept("problem", "Look at the new plan."),
            )
        changes, choices = decisions(plans)
        return catalogue.decide_each(changes, kept("undo", "taking the best of {series}").format(series=what), choices)


_Frames = dict[int, tuple[object, ...]]


def _as_read(burst: BurstFrames) -> _Frames:
    return {
        frame.photo_id: (burst.series_id, len(burst.frames), frame.verdict, frame.state, frame.best, frame.chosen)
        for frame in burst.frames
    }


def _as_now(catalogue: Catalogue, bursts: Sequence[BurstFrames]) -> list[_Frames]:
    """What the catalogue says of the same frames."""
    cells = {cell.id: cell for cell in catalogue.cells([frame.photo_id for burst in bursts for frame in burst.frames])}
    return [
        {
            cell.id: (cell.series_id, cell.series_size, cell.verdict, cell.state, cell.best_of_series, cell.chosen)
            for frame in burst.frames
            if (cell := cells.get(frame.photo_id)) is not None
        }
        for burst in bursts
    ]
