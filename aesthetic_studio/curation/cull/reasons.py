"""Why a photo is kept or goes, in words that name the one thing that decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.curation.cull.records import Strictness
from aesthetic_studio.records import Flag, SeriesKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aesthetic_studio.curation.cull.choosing import Chosen
    from aesthetic_studio.curation.cull.places import Place
    from aesthetic_studio.records import PhotoRecord

CLEARLY_LIKE = 250
"""Thousandths of one scene: less is not worth naming a photo for."""
PICKED, REJECTED = "picked by you", "rejected by you"
_SETS = {
    SeriesKind.BRACKET: "a bracket of {}, kept whole",
    SeriesKind.PANORAMA: "a panorama of {}, kept whole",
    SeriesKind.FOCUS: "a focus stack of {}, kept whole",
}


def why_kept(index: int, photo: PhotoRecord, places: Sequence[Place], chosen: Chosen) -> str:
    """Say why a photo of a kept place stays."""
    return next(_kept_words(index, photo, places[index], chosen))


def _kept_words(index: int, photo: PhotoRecord, place: Place, chosen: Chosen) -> Iterator[str]:
    """What can be said of a kept photo, the reason that decided first."""
    if photo.verdict.flag is Flag.PICK:
        yield PICKED
    if place.picked:
        yield "kept with the frame you picked"
    if place.is_set and photo.series_kind is not None:
        yield _SETS[photo.series_kind].format(len(place.photos))
    if place.copy_of is not None:
        yield f"the same file as {place.copy_of.name}: there is room for both"
    if place.turn:
        yield f"frame {photo.series_rank} of a burst of {photo.series_size}: there is room for it"
    if photo.series_kind is SeriesKind.BURST and photo.series_size > 1:
        yield f"{_first_of_burst(photo)} of a burst of {photo.series_size}"
    by_score, number, size = int(chosen.by_score[index]), chosen.number_in_scene[index], chosen.scene_size[index]
    standing = "the highest score" if by_score == 1 else f"{_ordinal(by_score)} by score"
    words = f"{'★' * place.rating}, {standing}" if place.rating else standing
    if number > 1:
        yield f"{words}, number {number} of its scene"
    yield f"{words}, first of {size} of its scene" if size > 1 else words


def why_gone(
    index: int, places: Sequence[Place], chosen: Chosen, kept_of_group: Mapping[int, Place], strictness: Strictness
) -> str:
    """Say why a place goes that nobody rejected; ``kept_of_group`` holds the first kept place of each group."""
    return next(_gone_words(index, places, chosen, kept_of_group.get(places[index].group), strictness))


def _gone_words(
    index: int, places: Sequence[Place], chosen: Chosen, sibling: Place | None, strictness: Strictness
) -> Iterator[str]:
    """What can be said of a place that goes, the reason that decided first."""
    place = places[index]
    if sibling is not None:
        yield _why_not_too(place, sibling)
    if place.turn and place.copy_of is not None:
        yield f"the same file as {place.copy_of.name}, which goes too"
    if place.turn:
        yield f"frame {place.stands.series_rank} of a burst that goes"
    better = int(chosen.better[index])
    if strictness is not Strictness.LENIENT and better:
        photos, are = ("photo", "is") if better == 1 else ("photos", "are")
        yield f"{better} better {photos} of the same scene {are} kept"
    line = _below_the_line(place, places, chosen)
    if line:
        yield line
    nearest = int(chosen.nearest[index])
    if nearest >= 0 and chosen.likeness[index] >= CLEARLY_LIKE:
        yield f"somewhat like {places[nearest].stands.name}, which is kept"
    yield "like several that are kept, in look or in time"


def _why_not_too(place: Place, sibling: Place) -> str:
    if place.copy_of is not None:
        return f"the same file as {place.copy_of.name}"
    rank = place.stands.series_rank
    if sibling.stands.best_of_series:
        return f"frame {rank} of a burst whose best frame is kept"
    return f"frame {rank} of a burst of which another frame is kept"


def _below_the_line(place: Place, places: Sequence[Place], chosen: Chosen) -> str:
    """Compare with the lowest place that was kept; empty where that one is no better by itself."""
    if chosen.last is None:
        return "your picks take all places"
    last = places[chosen.last]
    if place.rating < last.rating:
        return f"below the line: {_stars(place)}, the last kept has {_stars(last)}"
    if place.rating > last.rating or place.score is None or last.score is None or place.score >= last.score:
        return ""
    digits = 1 if f"{place.score:.1f}" != f"{last.score:.1f}" else 3
    return f"below the line: score {place.score:.{digits}f}, the last kept has {last.score:.{digits}f}"


def _first_of_burst(photo: PhotoRecord) -> str:
    if photo.chosen:
        return "your choice"
    if photo.best_of_series:
        return "best"
    # The best frame has fewer stars, or was rejected, or is not among the photos asked about.
    return f"frame {photo.series_rank}, first by your stars," if photo.verdict.rating else f"frame {photo.series_rank}"


def _ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``11th``."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def _stars(place: Place) -> str:
    return "★" * place.rating if place.rating else "no stars"
