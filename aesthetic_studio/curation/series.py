"""Which photos belong together: what the person put together first, then deliberate sets, kept whole, then bursts.

::

    photos of a folder ──by hand──▶ parts of a statement, exactly as said
        │                                                                          as shot, or best first
        └─the others─▶ timelines──▶ one camera and lens, by time
        │                             ├─▶ brackets ──▶ panoramas ──▶ focus stacks    as shot
        │                             └─▶ bursts by time and look ┐
        └─▶ bursts by the camera's own id ────────────────────────┴─▶ best shot       best first

Each step sees only what the steps before have left, so a photo is in one series at most.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from aesthetic_studio.curation.best_shot import order_frames
from aesthetic_studio.curation.brackets import find_brackets, normal_frame
from aesthetic_studio.curation.bursts import find_bursts, find_named_bursts
from aesthetic_studio.curation.focus import find_focus_stacks
from aesthetic_studio.curation.panoramas import find_panoramas
from aesthetic_studio.curation.reasons import reasons_deliberate
from aesthetic_studio.curation.standing import NOTHING_COMPARED
from aesthetic_studio.curation.timeline import Timeline, as_shot, name_key, timelines
from aesthetic_studio.groupings import ALONE, NOTHING_HELD
from aesthetic_studio.records import Frame, PhotoState, Series, SeriesKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.curation.comparisons import Comparisons
    from aesthetic_studio.groupings import Held, Holding
    from aesthetic_studio.records import PhotoRecord


def find_series(
    photos: Sequence[PhotoRecord], comparisons: Comparisons = NOTHING_COMPARED, held: Holding = NOTHING_HELD
) -> list[Series]:
    """Group the photos of one folder into series, each photo in one at most, in the order of their first frames.

    ``comparisons`` of contents, by a model that compares, help to order bursts; they never decide what is one. The
    answer does not depend on the order of ``photos``. Photos of several folders are never grouped together.

    ``held`` says where the person put contents: photos of one part are a series, whatever their times and looks, and
    no other photo joins them; one whose part has no other photo in this folder stands alone. The other photos are
    grouped as if those were not there.
    """
    photos = list({photo.id: photo for photo in photos}.values())
    taken: set[int] = set()
    found: list[tuple[SeriesKind, list[PhotoRecord]]] = []

    def keep(kind: SeriesKind, frames: list[PhotoRecord]) -> None:
        taken.update(frame.id for frame in frames)
        found.append((kind, frames))

    for kind, frames in _by_hand(photos, held):
        keep(kind, frames)
    photos = [photo for photo in photos if photo.content_id not in held]
    lines = list(timelines(photos))
    for line in lines:
        for kind, frames in _deliberate(line):
            keep(kind, frames)
    for family in find_named_bursts(photos, taken):
        keep(SeriesKind.BURST, family)
    for line in lines:
        for indices in find_bursts(line, _free(line, taken)):
            keep(SeriesKind.BURST, [line.photos[index] for index in indices])
    found.sort(key=lambda entry: name_key(entry[1][0]))
    return [_series(kind, frames, comparisons) for kind, frames in found]


def _by_hand(photos: Sequence[PhotoRecord], held: Holding) -> list[tuple[SeriesKind, list[PhotoRecord]]]:
    """The parts that the person made, each in the order of shooting."""
    parts: dict[tuple[str, Held], list[PhotoRecord]] = defaultdict(list)
    for photo in photos:
        place = held.get(photo.content_id)
        if place is not None and place.part != ALONE and photo.state is not PhotoState.UNREADABLE:
            parts[photo.folder, place].append(photo)
    return [(place.kind, as_shot(frames)) for (_, place), frames in parts.items() if len(frames) > 1]


def standing_frame(kind: SeriesKind, frames: Sequence[PhotoRecord]) -> int:
    """Index of the frame that stands for a series kept as shot.

    A bracket's is the frame nearest normal exposure, a panorama's the middle one, a focus stack's that of the highest
    score, or the middle one where none is scored.
    """
    middle = (len(frames) - 1) // 2
    if kind is SeriesKind.BRACKET:
        return normal_frame(frames)
    scores = [round(frame.score.distribution.mean, 9) if frame.score else 0.0 for frame in frames]
    if kind is SeriesKind.FOCUS and any(scores):
        return max(range(len(frames)), key=lambda index: (scores[index], -abs(index - middle), -index))
    return middle


def _deliberate(line: Timeline) -> list[tuple[SeriesKind, list[PhotoRecord]]]:
    """Brackets, panoramas and focus stacks of one timeline."""
    free = [True] * len(line)
    found: list[tuple[SeriesKind, list[PhotoRecord]]] = []

    def keep(kind: SeriesKind, sets: list[list[int]]) -> None:
        for indices in sets:
            for index in indices:
                free[index] = False
            found.append((kind, [line.photos[index] for index in indices]))

    keep(SeriesKind.BRACKET, find_brackets(line))
    keep(SeriesKind.PANORAMA, find_panoramas(line, free))
    keep(SeriesKind.FOCUS, find_focus_stacks(line, free))
    return found


def _free(line: Timeline, taken: set[int]) -> list[bool]:
    return [photo.id not in taken for photo in line.photos]


def _series(kind: SeriesKind, frames: list[PhotoRecord], comparisons: Comparisons) -> Series:
    if kind is SeriesKind.BURST:
        return Series(kind, order_frames(frames, comparisons))
    stands = standing_frame(kind, frames)
    reasons = reasons_deliberate(kind, frames)
    return Series(
        kind,
        tuple(
            Frame(photo_id=frame.id, rank=place, best=place == stands + 1, reasons=words)
            for place, (frame, words) in enumerate(zip(frames, reasons, strict=True), start=1)
        ),
    )
