"""The order of a burst's frames, best first, by score and by measurements relative to that burst."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.curation.comparisons import MOST_COMPARED
from aesthetic_studio.curation.reasons import reasons_within
from aesthetic_studio.curation.standing import NOTHING_COMPARED, Standing, stand
from aesthetic_studio.records import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.curation.comparisons import Comparisons
    from aesthetic_studio.records import PhotoRecord

TIE = 0.05
"""Standings closer than this are a tie, which the camera's own choice of cover breaks."""


def order_frames(frames: Sequence[PhotoRecord], comparisons: Comparisons = NOTHING_COMPARED) -> tuple[Frame, ...]:
    """Order the frames of one burst, best first, each with its reasons.

    ``comparisons`` are what a model said of pairs of them, if one was asked.

    Frames without a score, or without measurements, count as the burst's median in what is missing. Ties go to the
    camera's cover frame and then to the path, so the order never depends on the order given.
    """
    # The path decides what is computed first too: sums of floats depend on their order.
    ordered = _ordered(sorted(frames, key=lambda frame: (str(frame.path), frame.id)), NOTHING_COMPARED)
    if comparisons:
        # Those that stand best are compared and ordered anew; the others of a long burst stay behind them.
        ordered = _ordered([frame for frame, _ in ordered[:MOST_COMPARED]], comparisons) + ordered[MOST_COMPARED:]
    reasons = reasons_within([frame for frame, _ in ordered], [standing for _, standing in ordered])
    return tuple(
        Frame(photo_id=frame.id, rank=rank, best=rank == 1, reasons=words, eyes_closed=standing.eyes.closed)
        for rank, ((frame, standing), words) in enumerate(zip(ordered, reasons, strict=True), start=1)
    )


def frames_to_compare(frames: Sequence[PhotoRecord]) -> list[PhotoRecord]:
    """The frames of a burst that a model should compare with each other, those that stand best first."""
    by_id = {frame.id: frame for frame in frames}
    return [by_id[frame.photo_id] for frame in order_frames(frames)[:MOST_COMPARED]]


def _ordered(frames: list[PhotoRecord], comparisons: Comparisons) -> list[tuple[PhotoRecord, Standing]]:
    standings = zip(frames, stand(frames, comparisons), strict=True)
    return sorted(standings, key=lambda entry: _key(*entry))


def _key(frame: PhotoRecord, standing: Standing) -> tuple[float, bool, float, str, int]:
    # Rounding first makes a tie a tie in spite of the last bits of a float.
    worth = round(standing.worth, 6)
    return -round(worth / TIE), not frame.metadata.burst_primary, -worth, str(frame.path), frame.id
