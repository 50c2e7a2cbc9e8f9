"""Sub-scores relative to the burst: how a frame's sharpness, motion, noise and exposure lie among its burst's.

An absolute measurement misleads (soft light is no fault), so what says something is where a frame lies between the
lowest and the highest of the frames of its own scene.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.desktop.toolkit import words
from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import PhotoRecord

FEWEST_FRAMES = 2


@dataclass(frozen=True, slots=True)
class SubScore:
    """What is compared.

    Attributes:
        field: Of ``Measurements``.
        more_is_better: ``None`` where neither end is the better one.
        alike: Frames that differ by less than this do not differ to the eye.
        most: What the frame at the better end of so many is called.
    """

    field: str
    more_is_better: bool | None
    alike: float
    most: str


SUB_SCORES: dict[str, SubScore] = {
    N_("Sharpness"): SubScore("sharpness", True, 0.02, N_("the sharpest of {count}")),
    N_("Motion blur"): SubScore("motion_blur", False, 0.02, N_("the stillest of {count}")),
    N_("Noise"): SubScore("noise", False, 0.0005, N_("the cleanest of {count}")),
    N_("Exposure"): SubScore("exposure_ev", None, 0.1, ""),
}
"""By the row that shows it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame lies within its burst.

    Attributes:
        share: Between the burst's lowest, 0, and highest, 1; ``None`` where all frames are alike.
        words: The same in words.
    """

    share: float | None
    words: str


def places_in(record: PhotoRecord, frames: Sequence[PhotoRecord]) -> dict[str, Place]:
    """Where a photo lies among the frames of its burst, it among them, by row; empty where nothing can be compared."""
    measured = [frame.measurements for frame in frames if frame.measurements is not None]
    if record.measurements is None or len(measured) < FEWEST_FRAMES:
        return {}
    found = {}
    for name, score in SUB_SCORES.items():
        values = sorted(getattr(each, score.field) for each in measured)
        found[name] = _place(getattr(record.measurements, score.field), values, score)
    return found


def _place(value: float, values: Sequence[float], score: SubScore) -> Place:
    lowest, highest, count = values[0], values[-1], len(values)
    if highest - lowest < score.alike:
        return Place(None, _("all alike"))
    share = min(1.0, max(0.0, (value - lowest) / (highest - lowest)))
    if score.more_is_better is None:
        middle = (values[(count - 1) // 2] + values[count // 2]) / 2
        apart = words.exposure_bias(value - middle)
        return Place(
            share, _("as the others") if apart == "0 EV" else _("{exposure} beside the others").format(exposure=apart)
        )
    better = sum(other > value if score.more_is_better else other < value for other in values)
    return Place(
        share,
        _(score.most).format(count=count)
        if better == 0
        else _("{rank} of {count}").format(rank=better + 1, count=count),
    )
