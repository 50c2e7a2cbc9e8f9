"""Edits of bursts by hand, each one step that can be undone, with the series of its photos found again at once.

What is read, decided and found is one transaction, so whatever ends the program, it was done or it was not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.curation import regrouping
from aesthetic_studio.errors import CannotGroup
from aesthetic_studio.paths import shown
from aesthetic_studio.pipeline.grouping import regroup
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aesthetic_studio.groupings import Statement
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.library.decisions import Decision
    from aesthetic_studio.records import PhotoRecord


GROUPING = kept("undo", "grouping {count} photos as one {kind}")


def merge(catalogue: Catalogue, photo_ids: Sequence[int], whole_series: Iterable[int] = ()) -> Decision:
    """Make one series of these photos and of all frames of ``whole_series``. Raises ``CannotGroup``."""
    with catalogue.transaction():
        frames = [frame for series in whole_series for frame in catalogue.series_frames(series)]
        photos = list({photo.id: photo for photo in [*catalogue.photos(photo_ids), *frames]}.values())
        statement = regrouping.merged(photos, _series_of(catalogue, photos))
        kind = regrouping.KIND_NAMES[statement.parts[0].kind]
        return _group(catalogue, statement, GROUPING.format(count=len(photos), kind=kind))


def split(catalogue: Catalogue, photo_id: int) -> Decision:
    """Make this frame of a series and those shot after it a series of their own. Raises ``CannotGroup``."""
    with catalogue.transaction():
        photo = catalogue.photo(photo_id)
        if photo.series_id is None:
            raise CannotGroup(
                kept("problem", "{name} is not part of a burst.").format(name=shown(photo.name)),
                kept("problem", "Go to a frame of a burst."),
            )
        frames = catalogue.series_frames(photo.series_id)
        title = kept("undo", "splitting {series} at {name}").format(
            series=regrouping.name_of(frames), name=shown(photo.name)
        )
        return _group(catalogue, regrouping.split(photo, frames), title)


def take_out(catalogue: Catalogue, photo_ids: Sequence[int]) -> Decision:
    """Let these frames stand alone, and the others of their series stay together. Raises ``CannotGroup``."""
    with catalogue.transaction():
        photos = [photo for photo in catalogue.photos(photo_ids) if photo.series_id is not None]
        statement = regrouping.taken_out(photos, _series_of(catalogue, photos))
        title = kept("undo", "taking {count} frames out of their bursts").format(count=len(photos))
        if len(photos) == 1:
            title = kept("undo", "taking {name} out of its burst").format(name=shown(photos[0].name))
        return _group(catalogue, statement, title)


def dissolve(catalogue: Catalogue, photo_ids: Sequence[int]) -> Decision:
    """Let every frame of the series of these photos stand alone. Raises ``CannotGroup``."""
    with catalogue.transaction():
        series = _series_of(catalogue, catalogue.photos(photo_ids))
        statement = regrouping.dissolved(series)
        what = kept("undo", "{count} bursts").format(count=len(series))
        if len(series) == 1:
            what = regrouping.name_of(next(iter(series.values())))
        return _group(catalogue, statement, kept("undo", "taking {series} apart").format(series=what))


def undo(catalogue: Catalogue) -> Decision | None:
    """Take the last step back, whatever it was, and find the series again that it grouped."""
    with catalogue.transaction():
        return _settled(catalogue, catalogue.undo())


def redo(catalogue: Catalogue) -> Decision | None:
    """Do the step again that was taken back last, and find the series again that it groups."""
    with catalogue.transaction():
        return _settled(catalogue, catalogue.redo())


def _group(catalogue: Catalogue, statement: Statement, title: str) -> Decision:
    decision = catalogue.group_by_hand(statement, title)
    regroup(catalogue, decision.photo_ids)
    return decision


def _settled(catalogue: Catalogue, decision: Decision | None) -> Decision | None:
    if decision is not None and decision.folders:
        regroup(catalogue, decision.photo_ids)
    return decision


def _series_of(catalogue: Catalogue, photos: Iterable[PhotoRecord]) -> dict[int, list[PhotoRecord]]:
    ids = dict.fromkeys(photo.series_id for photo in photos if photo.series_id is not None)
    return {series: catalogue.series_frames(series) for series in ids}
