"""The order of an album, best first, in which one series takes one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.curation.reasons import reasons_alone, series_summary
from aesthetic_studio.records import PhotoState, RankedPhoto

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import PhotoRecord


def rank(photos: Sequence[PhotoRecord], collapse: bool = True) -> list[RankedPhoto]:
    """Rank photos by score, best first; with ``collapse`` a series takes one place, that of the frame standing for it.

    Where that frame is not among ``photos`` (a filter left it out) the next best frame stands in. Unscored photos come
    last, ties and unscored ones in the order of their paths. Missing and offline photos keep their place; unreadable
    ones have none.
    """
    listed = sorted(
        (photo for photo in photos if photo.state is not PhotoState.UNREADABLE),
        key=lambda photo: (str(photo.path), photo.id),
    )
    if collapse:
        listed = _one_a_series(listed)
    listed.sort(key=_score_key)
    return [
        RankedPhoto(photo_id=photo.id, rank=place, reasons=_reasons(photo, collapse))
        for place, photo in enumerate(listed, start=1)
    ]


def _score_key(photo: PhotoRecord) -> tuple[bool, float]:
    # Rounding makes equal distributions tie in spite of the last bits of a sum.
    return photo.score is None, -round(photo.score.distribution.mean, 9) if photo.score else 0.0


def _one_a_series(photos: Sequence[PhotoRecord]) -> list[PhotoRecord]:
    """Each photo that is in no series, and of each series the frame that stands for it."""
    chosen: dict[int, PhotoRecord] = {}
    for photo in photos:
        if photo.series_id is not None:
            held = chosen.get(photo.series_id)
            if held is None or _stands_before(photo, held):
                chosen[photo.series_id] = photo
    return [photo for photo in photos if photo.series_id is None or chosen[photo.series_id] is photo]


def _stands_before(photo: PhotoRecord, held: PhotoRecord) -> bool:
    def key(each: PhotoRecord) -> tuple[bool, bool, int]:
        return not each.best_of_series, each.series_rank is None, each.series_rank or 0

    return key(photo) < key(held)


def _reasons(photo: PhotoRecord, collapse: bool) -> tuple[str, ...]:
    if photo.series_id is None or photo.series_kind is None:
        return photo.reasons or reasons_alone(photo)
    if collapse and photo.best_of_series:
        return (series_summary(photo.series_kind, photo.series_size), *photo.reasons)
    return photo.reasons
