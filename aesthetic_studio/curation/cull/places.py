"""What is chosen among: photos alone, bursts frame by frame, and sets that were meant to be together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.records import Flag, PhotoState, SeriesKind
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aesthetic_studio.records import PhotoRecord

    Node = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """What is kept, or goes, as one.

    Attributes:
        photos: One photo, or the frames of a bracket, panorama or focus stack in the order of shooting.
        stands: The photo whose look, time and score are this place's.
        group: Shared by the frames of one burst and by copies of one file.
        turn: 0 for the frame that its group gives first.
        copy_of: The same file, earlier in the group.
    """

    photos: tuple[PhotoRecord, ...]
    stands: PhotoRecord
    group: int
    turn: int = 0
    copy_of: PhotoRecord | None = None

    @property
    def picked(self) -> bool:
        """Whether the person picked it, or a frame of it."""
        return any(photo.verdict.flag is Flag.PICK for photo in self.photos)

    @property
    def rating(self) -> int:
        """Stars, 0 to 5: the most of any of its frames."""
        return max(photo.verdict.rating for photo in self.photos)

    @property
    def score(self) -> float | None:
        """1..10; ``None`` only where it was picked without one."""
        return score_of(self.stands)

    @property
    def is_set(self) -> bool:
        """Whether it is a set that is kept whole."""
        return is_whole(self.stands)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Photos by what can be done with them."""

    places: tuple[Place, ...]
    """In the order of their paths."""
    rejected: tuple[PhotoRecord, ...]
    left: tuple[tuple[PhotoRecord, str], ...]
    """Photos that cannot be judged, with why."""


def score_of(photo: PhotoRecord) -> float | None:
    """The score, rounded so that equal votes tie in spite of the last bits of a sum."""
    return None if photo.score is None else round(photo.score.distribution.mean, 9)


def is_whole(photo: PhotoRecord) -> bool:
    """Whether a photo belongs to a set that was meant to be together."""
    return photo.series_id is not None and photo.series_kind not in (None, SeriesKind.BURST)


def sort_out(photos: Iterable[PhotoRecord]) -> Sorted:
    """Make places of photos, in whatever order they come; of one that is given twice, one."""
    ordered = sorted({photo.id: photo for photo in photos}.values(), key=_path_key)
    rejected = tuple(photo for photo in ordered if photo.verdict.flag is Flag.REJECT)
    left: list[tuple[PhotoRecord, str]] = []
    single: list[PhotoRecord] = []
    sets: dict[int, list[PhotoRecord]] = defaultdict(list)
    for photo in ordered:
        if photo.verdict.flag is Flag.REJECT:
            continue
        picked, obstacle = photo.verdict.flag is Flag.PICK, _obstacle(photo)
        if obstacle and not picked:
            left.append((photo, obstacle))
        elif is_whole(photo) and photo.series_id is not None:
            sets[photo.series_id].append(photo)
        elif picked or photo.score is not None:
            single.append(photo)
        else:
            left.append((photo, UNSCORED))
    places = _groups(single)
    for frames in sets.values():
        whole = _set_of(frames, group=-frames[0].id)
        if whole.picked or whole.score is not None:
            places.append(whole)
        else:
            left += [(frame, UNSCORED) for frame in frames]
    places.sort(key=lambda place: _path_key(place.stands))
    return Sorted(tuple(places), rejected, tuple(sorted(left, key=lambda entry: _path_key(entry[0]))))


UNSCORED = kept("reason", "not scored yet")


def _obstacle(photo: PhotoRecord) -> str:
    if photo.state is PhotoState.UNREADABLE:
        return kept("reason", "the file could not be read")
    return kept("reason", "the file is missing") if photo.state is PhotoState.MISSING else ""


def _path_key(photo: PhotoRecord) -> tuple[str, int]:
    return str(photo.path), photo.id


def _set_of(frames: Sequence[PhotoRecord], group: int) -> Place:
    """Make one place of a set; the best scored frame stands for it where the one that does is not there."""
    frames = sorted(frames, key=lambda frame: (frame.series_rank or 0, *_path_key(frame)))
    by_standing = sorted(frames, key=lambda frame: (frame.score is None, not frame.best_of_series))
    return Place(tuple(frames), by_standing[0], group)


def _groups(photos: Sequence[PhotoRecord]) -> list[Place]:
    """Make a place of each photo, those of one burst or one content in one group."""
    families = _Families()
    for photo in photos:
        nodes: list[Node] = [("photo", photo.id)]
        if photo.series_id is not None and photo.series_kind is SeriesKind.BURST:
            nodes.append(("series", photo.series_id))
        if photo.content_id > 0:
            nodes.append(("content", photo.content_id))
        families.join(nodes)
    members: dict[Node, list[PhotoRecord]] = defaultdict(list)
    for photo in photos:
        members[families.head(("photo", photo.id))].append(photo)
    return [place for family in members.values() for place in _in_turn(family)]


def _in_turn(family: Sequence[PhotoRecord]) -> list[Place]:
    """Order the frames of a group: picks, the person's choice, most stars, best shot; copies behind all others."""
    originals: dict[int, PhotoRecord] = {}
    copies: dict[int, PhotoRecord] = {}
    for photo in sorted(family, key=lambda each: (each.verdict.flag is not Flag.PICK, -each.verdict.rating)):
        if photo.content_id > 0 and photo.content_id in originals:
            copies[photo.id] = originals[photo.content_id]
        else:
            originals[photo.content_id] = photo

    def turn(photo: PhotoRecord) -> tuple[object, ...]:
        return (
            photo.id in copies,
            photo.verdict.flag is not Flag.PICK,
            not photo.chosen,
            -photo.verdict.rating,
            photo.series_rank is None,
            photo.series_rank or 0,
            *_path_key(photo),
        )

    group = min(photo.id for photo in family)
    return [
        Place((photo,), photo, group, place, copies.get(photo.id))
        for place, photo in enumerate(sorted(family, key=turn))
    ]


class _Families:
    """Who belongs together, by union of what they have in common."""

    def __init__(self) -> None:
        self._above: dict[Node, Node] = {}

    def head(self, node: Node) -> Node:
        """The node that stands for all that were joined with this one."""
        while (above := self._above.get(node, node)) != node:
            node = above
        return node

    def join(self, nodes: Sequence[Node]) -> None:
        """These belong together from now on."""
        heads = sorted({self.head(node) for node in nodes})
        for head in heads[1:]:
            self._above[head] = heads[0]
