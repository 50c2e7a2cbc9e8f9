"""Which photos are compared or surveyed, from what is selected, shown and current: no widgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.desktop.compare.contest import Contest
from aesthetic_studio.records import Flag, SeriesKind
from aesthetic_studio.translation import N_, Texts, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import PhotoRecord

MOST = 9
"""More photos side by side are too small to judge."""
NEIGHBOURS = 4
"""So many photos are surveyed where nothing says which: the current one and those after it."""


THIS = Texts(
    {
        SeriesKind.BURST: N_("this burst"),
        SeriesKind.BRACKET: N_("this exposure bracket"),
        SeriesKind.PANORAMA: N_("this panorama"),
        SeriesKind.FOCUS: N_("this focus stack"),
    }
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the person looks at when a comparison begins.

    Attributes:
        current: The photo that keys act on.
        selected: The selected photos in the album's order; one or none stands for no choice.
        album: All photos of the album in order.
        frames: The frames of the current photo's series, best first; none where it is in no series.
    """

    current: int
    selected: tuple[int, ...]
    album: Sequence[int]
    frames: tuple[PhotoRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Photos to survey, and what to say of the choice.

    Attributes:
        photo_ids: At most nine.
        among: What they are part of: ``"this burst"``.
        left_out: What was left out, for the title; empty for nothing.
    """

    photo_ids: tuple[int, ...]
    among: str
    left_out: str = ""


def choose_contest(looked: Looked) -> tuple[Contest, Chosen]:
    """Choose challengers for the current photo: those selected with it, else its burst's frames, else the album.

    Photos of a selection or a burst come once each, those after the champion first; of a burst, rejected frames are
    left out. The contest has no challenger where there is none.
    """
    current = looked.current
    if len(looked.selected) > 1:
        champion = current if current in looked.selected else looked.selected[0]
        others = _from(looked.selected, champion)
        return Contest(champion, others), Chosen((champion, *others), _("the selection"))
    if looked.frames:
        frames, left_out = _frames(looked)
        others = _from(frames, current)
        return Contest(current, others), Chosen((current, *others), _series_name(looked.frames), left_out)
    album = list(looked.album)
    if current not in album:
        return Contest(current, []), Chosen((current,), _("the album"))
    place = album.index(current)
    del album[place]
    # Behind the album's last photo there is none to challenge it: the one before does.
    return Contest(current, album, min(place, max(0, len(album) - 1))), Chosen((current,), _("the album"))


def choose_survey(looked: Looked) -> Chosen:
    """Choose up to nine photos: the selection, else the burst's frames, else the current photo and those next to it."""
    if len(looked.selected) > 1:
        first = looked.selected[:MOST]
        left_out = (
            _("the first {most} of {count} selected photos").format(most=MOST, count=len(looked.selected))
            if len(first) < len(looked.selected)
            else ""
        )
        return Chosen(tuple(first), _("the selection"), left_out)
    if looked.frames:
        frames, left_out = _frames(looked)
        first = frames[:MOST]
        if looked.current not in first:
            first = (*frames[: MOST - 1], looked.current)
        more = _("{most} of {count} frames").format(most=MOST, count=len(frames)) if len(frames) > MOST else ""
        return Chosen(first, _series_name(looked.frames), ", ".join(part for part in (more, left_out) if part))
    album = looked.album
    if looked.current not in album:
        return Chosen((looked.current,), _("the album"))
    place = album.index(looked.current)
    start = max(0, min(place, len(album) - NEIGHBOURS))
    return Chosen(tuple(album[start : start + NEIGHBOURS]), _("the album"))


def _series_name(frames: Sequence[PhotoRecord]) -> str:
    kind = frames[0].series_kind
    return _("this series") if kind is None else THIS[kind]


def _frames(looked: Looked) -> tuple[tuple[int, ...], str]:
    """The frames that compete, the current one always, and how many were left out in words."""
    kept = tuple(
        frame.id for frame in looked.frames if frame.verdict.flag is not Flag.REJECT or frame.id == looked.current
    )
    count = len(looked.frames) - len(kept)
    return kept, ngettext("{count} rejected left out", "{count} rejected left out", count).format(
        count=count
    ) if count else ""


def _from(photo_ids: Sequence[int], champion: int) -> list[int]:
    """The others, those behind the champion first and then those ahead of it."""
    place = list(photo_ids).index(champion)
    return [*photo_ids[place + 1 :], *photo_ids[:place]]
