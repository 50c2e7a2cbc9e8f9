"""The order of a burst's frames, best first, by score and by measurements relative to that burst."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.curation.reasons import reasons_within
from aesthetic_studio.curation.standing import Standing, stand
from aesthetic_studio.records import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import PhotoRecord

TIE = 0.05
"""Standings closer than this are a tie, which the camera's own choice of cover breaks."""


def order_frames(frames: Sequence[PhotoRecord]) -> tuple[Frame, ...]:
    """Order the frames of one burst, best first, each with its reasons.

    Frames without a score, or without measurements, count as the burst's median in what is missing. Ties go to the
    camera's cover frame and then to the path, so the order never depends on the order given.
    """
    # The path decides what is computed first too: sums of floats depend on their order.
    frames = sorted(frames, key=lambda frame: (str(frame.path), frame.id))
    standings = stand(frames)
    order = sorted(range(len(frames)), key=lambda index: _key(frames[index], standings[index]))
    reasons = reasons_within([frames[index] for index in order], [standings[index] for index in order])
    return tuple(
        Frame(photo_id=frames[index].id, rank=rank, best=rank == 1, reasons=words)
        for rank, (index, words) in enumerate(zip(order, reasons, strict=True), start=1)
    )


def _key(frame: PhotoRecord, standing: Standing) -> tuple[float, bool, float, str, int]:
    # Rounding first makes a tie a tie in spite of the last bits of a float.
    worth = round(standing.worth, 6)
    return -round(worth / TIE), not frame.metadata.burst_primary, -worth, str(frame.path), frame.id
