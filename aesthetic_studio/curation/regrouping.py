"""What an edit of bursts says: who belongs with whom, from the series as they are now.

Every edit speaks of all frames of the series that it touches, so what the person sees afterwards is what was said, and
no frame is left to chance. Identical files cannot be told apart and stay together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aesthetic_studio.curation.timeline import as_shot
from aesthetic_studio.errors import CannotGroup
from aesthetic_studio.groupings import Part, Statement
from aesthetic_studio.paths import shown
from aesthetic_studio.records import PhotoState, SeriesKind
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aesthetic_studio.records import PhotoRecord

KIND_NAMES = {
    SeriesKind.BURST: kept("undo", "burst"),
    SeriesKind.BRACKET: kept("undo", "exposure bracket"),
    SeriesKind.PANORAMA: kept("undo", "panorama"),
    SeriesKind.FOCUS: kept("undo", "focus stack"),
}

SeriesFrames = Mapping[int, Sequence["PhotoRecord"]]
"""Series → all its frames, of every series that an edit touches."""


def merged(photos: Sequence[PhotoRecord], series: SeriesFrames) -> Statement:
    """Say that these photos are one series, and that what is left of the series they were in stays together.

    It is a burst, unless all of them that were in a series were in brackets, or in panoramas, or in focus stacks: then
    the set that is kept whole has become longer, and is still kept whole. Raises ``CannotGroup``.
    """
    if len({photo.id for photo in photos}) < 2:
        raise CannotGroup(
            kept("problem", "A burst has two photos or more."),
            kept("problem", "Select the photos that belong together."),
        )
    gone = next((photo for photo in photos if photo.state in (PhotoState.MISSING, PhotoState.UNREADABLE)), None)
    if gone is not None:
        raise CannotGroup(
            kept("problem", "{path}: the file is missing or could not be read, so it cannot be grouped.").format(
                path=shown(gone.path)
            ),
            kept("problem", "Select photos whose files are there."),
        )
    folders = sorted({photo.folder for photo in photos})
    if len(folders) > 1:
        raise CannotGroup(
            kept("problem", "These photos lie in different folders: {folders} and {folders_2}.").format(
                folders=shown(folders[0]), folders_2=shown(folders[1])
            ),
            kept(
                "problem",
                "A burst lies in one folder. Select photos of one folder, or move the files into one and press F5.",
            ),
        )
    together = _contents(photos)
    kinds = {photo.series_kind for photo in photos if photo.series_kind is not None}
    kind = kinds.pop() if len(kinds) == 1 else SeriesKind.BURST
    if any(_contents(frames) == together and frames[0].series_kind is kind for frames in series.values()):
        raise CannotGroup(
            kept("problem", "These photos are together already."),
            kept(
                "problem",
                "To make a burst of a set that is kept whole, take it apart first (Not a burst), then group it.",
            ),
        )
    rest = [[frame for frame in frames if frame.content_id not in together] for frames in series.values()]
    return _said([(kind, together), *map(_left, rest)])


def split(photo: PhotoRecord, frames: Sequence[PhotoRecord]) -> Statement:
    """Say that this frame of a series and those shot after it are apart from those shot before. Raises ``CannotGroup``.

    What was a bracket, panorama or focus stack is two of them.
    """
    shot = as_shot(frames)
    place = next(index for index, frame in enumerate(shot) if frame.id == photo.id)
    after = _contents(shot[place:])
    before = [frame for frame in shot[:place] if frame.content_id not in after]
    if not before:
        raise CannotGroup(
            kept("problem", "{name} is the first frame of its burst: no frame was shot before it.").format(
                name=shown(photo.name)
            ),
            kept(
                "problem",
                "Go to the frame that the second burst begins with. Shift+S shows the frames in the order of shooting.",
            ),
        )
    return _said([_left([frame for frame in shot if frame.content_id in after]), _left(before)])


def taken_out(photos: Sequence[PhotoRecord], series: SeriesFrames) -> Statement:
    """Say that these frames belong to no series, and the others of theirs stay together. Raises ``CannotGroup``."""
    out = _contents(photo for photo in photos if photo.series_id in series)
    if not out:
        raise CannotGroup(
            kept("problem", "This photo is not part of a burst."), kept("problem", "Select frames of a burst.")
        )
    rest = [[frame for frame in frames if frame.content_id not in out] for frames in series.values()]
    return _said([(None, out), *map(_left, rest)])


def dissolved(series: SeriesFrames) -> Statement:
    """Say that the frames of these series do not belong together. Raises ``CannotGroup``."""
    if not series:
        raise CannotGroup(kept("problem", "This photo is not part of a burst."), kept("problem", "Select a burst."))
    return _said([(None, _contents(frame for frames in series.values() for frame in frames))])


_Said = tuple[SeriesKind | None, tuple[int, ...]]
"""Contents that belong together, as what kind; of no kind, each with no other."""


def _contents(photos: Iterable[PhotoRecord]) -> tuple[int, ...]:
    return tuple(sorted({photo.content_id for photo in photos}))


def _left(frames: Sequence[PhotoRecord]) -> _Said:
    """What is left of a series stays together, as the kind that it was; one frame stands alone."""
    return (frames[0].series_kind or SeriesKind.BURST) if len(frames) > 1 else None, _contents(frames)


def _said(groups: Iterable[_Said]) -> Statement:
    """Put it into one statement. Where identical files are in several groups, the first has their content."""
    parts: list[Part] = []
    alone: list[int] = []
    placed: set[int] = set()
    for kind, contents in groups:
        free = tuple(content for content in contents if content not in placed)
        placed.update(free)
        if kind is None:
            alone.extend(free)
        elif free:
            parts.append(Part(kind, free))
    return Statement(tuple(parts), tuple(alone))


def name_of(frames: Sequence[PhotoRecord]) -> str:
    """``"a burst of 7"``."""
    kind = frames[0].series_kind or SeriesKind.BURST
    names = {
        SeriesKind.BURST: kept("undo", "a burst of {count}"),
        SeriesKind.BRACKET: kept("undo", "an exposure bracket of {count}"),
        SeriesKind.PANORAMA: kept("undo", "a panorama of {count}"),
        SeriesKind.FOCUS: kept("undo", "a focus stack of {count}"),
    }
    return names[kind].format(count=len(frames))
