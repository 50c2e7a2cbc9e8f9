"""Photos of one camera, lens and folder in the order they were taken, with what neighbours have in common."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING

from aesthetic_studio.records import PhotoState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aesthetic_studio.curation.looks import Likeness
    from aesthetic_studio.records import Metadata, PhotoRecord

LONGEST_GAP = 48.0
"""Seconds after which no two photos belong to one series, however alike they look."""

_EPOCH = datetime(1970, 1, 1)
_LONGEST_SHUTTER = 60.0
"""Seconds; a longer one is no reason to believe that frames followed each other at once."""

SortKey = tuple[list[str | int], str, int]


def name_key(photo: PhotoRecord) -> SortKey:
    """Names in the order a person counts (``IMG_2`` before ``IMG_10``); no two photos have the same key."""
    parts: list[str | int] = [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", photo.name)]
    return parts, str(photo.path), photo.id


def seconds(photo: PhotoRecord) -> float | None:
    """When the photo was taken, in seconds of the camera's clock; ``None`` where seconds are not known."""
    taken = photo.metadata.taken
    if taken is None or taken.resolution >= 60:
        return None
    return (taken.local.replace(tzinfo=None) - _EPOCH).total_seconds()


def as_shot(photos: Iterable[PhotoRecord]) -> list[PhotoRecord]:
    """Photos in the order they were taken; in the order of their names where the time of any is not known."""
    photos = sorted(photos, key=name_key)
    times = {photo.id: time for photo in photos if (time := seconds(photo)) is not None}
    return sorted(photos, key=lambda photo: times[photo.id]) if len(times) == len(photos) else photos


def same_setup(one: PhotoRecord, two: PhotoRecord) -> bool:
    """Whether zoom, shape and way of holding the camera are the same."""
    if abs(one.width * two.height - two.width * one.height) > 0.01 * max(one.width * two.height, 1):
        return False
    if one.metadata.orientation != two.metadata.orientation:
        return False
    before, after = one.metadata.focal_length_mm, two.metadata.focal_length_mm
    return before is None or after is None or abs(before - after) <= 0.05 * max(before, after)


def setting_light(metadata: Metadata) -> float | None:
    """Find the light that the settings let in, in EV: one more is twice the light."""
    value = metadata.exposure_value
    return None if value is None else -value


class Timeline:
    """Photos of one camera, lens and folder whose times are known to the second, in the order they were taken.

    Attributes:
        photos: the photos, by time and then by name.
        looks: their fingerprints, in the same order.
    """

    def __init__(self, photos: Iterable[PhotoRecord]) -> None:
        """Sort ``photos``, each of which has a time with seconds."""
        from aesthetic_studio.curation.looks import LookTable  # noqa: PLC0415  numpy costs start-up time

        timed = [(time, name_key(photo), photo) for photo in photos if (time := seconds(photo)) is not None]
        timed.sort(key=lambda entry: entry[:2])
        self.photos: list[PhotoRecord] = [entry[2] for entry in timed]
        self.times: list[float] = [entry[0] for entry in timed]
        self.looks = LookTable([photo.look for photo in self.photos])
        self._neighbours: Likeness | None = None

    def __len__(self) -> int:
        return len(self.photos)

    def gap(self, earlier: int, later: int) -> float:
        """Seconds between the end of one exposure and the start of another, never finer than the clock.

        A clock without sub-seconds cannot say that frames are closer than a second.
        """
        first = self.photos[earlier].metadata
        shutter = min(first.shutter_s or 0.0, _LONGEST_SHUTTER)
        return max(self.times[later] - self.times[earlier] - shutter, 0.0, self._clock(earlier, later))

    def has_subseconds(self, earlier: int, later: int) -> bool:
        """Whether both times are known to better than a second."""
        return self._clock(earlier, later) == 0.0

    def _clock(self, earlier: int, later: int) -> float:
        steps = [photo.metadata.taken.resolution for photo in (self.photos[earlier], self.photos[later])
                 if photo.metadata.taken is not None]  # fmt: skip
        finest = max(steps, default=1.0)
        return finest if finest >= 1 else 0.0

    def linked(self, index: int, longest: float = LONGEST_GAP) -> bool:
        """Whether photo ``index`` and the next could belong to one series by time and setup."""
        return self.gap(index, index + 1) <= longest and same_setup(self.photos[index], self.photos[index + 1])

    @property
    def neighbours(self) -> Likeness:
        """The likeness of each photo to the next, ``(N − 1,)``; ``nan`` where time or setup part them anyway."""
        if self._neighbours is None:
            import numpy as np  # noqa: PLC0415  numpy costs start-up time

            from aesthetic_studio.curation.looks import Likeness  # noqa: PLC0415

            size = max(len(self) - 1, 0)
            near = np.array([index for index in range(size) if self.linked(index)], dtype=np.intp)
            measured = self.looks.compare(near, near + 1)
            filled = []
            for values in (measured.framing, measured.colour, measured.shift_x, measured.shift_y):
                full = np.full(size, np.nan, dtype=np.float32)
                full[near] = values
                filled.append(full)
            self._neighbours = Likeness(*filled)
        return self._neighbours


def timelines(photos: Iterable[PhotoRecord]) -> Iterator[Timeline]:
    """One timeline for each folder, camera and lens; photos whose time lacks seconds are in none."""
    groups: dict[tuple[str, str, str], list[PhotoRecord]] = defaultdict(list)
    for photo in photos:
        if photo.state is not PhotoState.UNREADABLE and seconds(photo) is not None:
            groups[photo.folder, photo.metadata.camera or "", photo.metadata.lens or ""].append(photo)
    for key in sorted(groups):
        if len(groups[key]) > 1:
            yield Timeline(groups[key])


def runs(links: Sequence[bool]) -> Iterator[range]:
    """Yield the stretches of photos held together by links; ``links[k]`` holds photos ``k`` and ``k + 1`` together.

    >>> list(runs([True, True, False, True]))
    [range(0, 3), range(3, 5)]
    """
    start = 0
    for index, link in enumerate([*links, False]):
        if not link:
            if index > start:
                yield range(start, index + 1)
            start = index + 1
