"""Why a photo is kept or goes, in words that name the one thing that decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.curation.cull.records import Strictness
from aesthetic_studio.records import Flag, SeriesKind
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aesthetic_studio.curation.cull.choosing import Chosen
    from aesthetic_studio.curation.cull.places import Place
    from aesthetic_studio.records import PhotoRecord

CLEARLY_LIKE = 250
"""Thousandths of one scene: less is not worth naming a photo for."""
PICKED, REJECTED = kept("reason", "picked by you"), kept("reason", "rejected by you")
_SETS = {
    SeriesKind.BRACKET: kept("reason", "a bracket of {count}, kept whole"),
    SeriesKind.PANORAMA: kept("reason", "a panorama of {count}, kept whole"),
    SeriesKind.FOCUS: kept("reason", "a focus stack of {count}, kept whole"),
}


def why_kept(index: int, photo: PhotoRecord, places: Sequence[Place], chosen: Chosen) -> str:
    """Say why a photo of a kept place stays."""
    return next(_kept_words(index, photo, places[index], chosen))


def _kept_words(index: int, photo: PhotoRecord, place: Place, chosen: Chosen) -> Iterator[str]:
    """What can be said of a kept photo, the reason that decided first."""
    if photo.verdict.flag is Flag.PICK:
        yield PICKED
    if place.picked:
        yield kept("reason", "kept with the frame you picked")
    if place.is_set and photo.series_kind is not None:
        yield _SETS[photo.series_kind].format(count=len(place.photos))
    if place.copy_of is not None:
        yield kept("reason", "the same file as {name}: there is room for both").format(name=place.copy_of.name)
    if place.turn:
        yield kept("reason", "frame {rank} of a burst of {count}: there is room for it").format(
            rank=photo.series_rank, count=photo.series_size
        )
    if photo.series_kind is SeriesKind.BURST and photo.series_size > 1:
        yield kept("reason", "{which} of a burst of {count}").format(
            which=_first_of_burst(photo), count=photo.series_size
        )
    by_score, number, size = int(chosen.by_score[index]), chosen.number_in_scene[index], chosen.scene_size[index]
    standing = (
        kept("reason", "the highest score")
        if by_score == 1
        else kept("reason", "{place} by score").format(place=_ordinal(by_score))
    )
    words = (
        kept("reason", "{stars}, {standing}").format(stars="★" * place.rating, standing=standing)
        if place.rating
        else standing
    )
    if number > 1:
        yield kept("reason", "{standing}, number {number} of its scene").format(standing=words, number=number)
    yield (
        kept("reason", "{standing}, first of {count} of its scene").format(standing=words, count=size)
        if size > 1
        else words
    )


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
        yield kept("reason", "the same file as {name}, which goes too").format(name=place.copy_of.name)
    if place.turn:
        yield kept("reason", "frame {rank} of a burst that goes").format(rank=place.stands.series_rank)
    better = int(chosen.better[index])
    if strictness is not Strictness.LENIENT and better:
        words = (
            kept("reason", "1 better photo of the same scene is kept")
            if better == 1
            else kept("reason", "{number} better photos of the same scene are kept")
        )
        yield words.format(number=better)
    line = _below_the_line(place, places, chosen)
    if line:
        yield line
    nearest = int(chosen.nearest[index])
    if nearest >= 0 and chosen.likeness[index] >= CLEARLY_LIKE:
        yield kept("reason", "somewhat like {name}, which is kept").format(name=places[nearest].stands.name)
    yield kept("reason", "like several that are kept, in look or in time")


def _why_not_too(place: Place, sibling: Place) -> str:
    if place.copy_of is not None:
        return kept("reason", "the same file as {name}").format(name=place.copy_of.name)
    rank = place.stands.series_rank
    if sibling.stands.best_of_series:
        return kept("reason", "frame {rank} of a burst whose best frame is kept").format(rank=rank)
    return kept("reason", "frame {rank} of a burst of which another frame is kept").format(rank=rank)


def _below_the_line(place: Place, places: Sequence[Place], chosen: Chosen) -> str:
    """Compare with the lowest place that was kept; empty where that one is no better by itself."""
    if chosen.last is None:
        return kept("reason", "your picks take all places")
    last = places[chosen.last]
    if place.rating < last.rating:
        return kept("reason", "below the line: {stars}, the last kept has {last}").format(
            stars=_stars(place), last=_stars(last)
        )
    if place.rating > last.rating or place.score is None or last.score is None or place.score >= last.score:
        return ""
    digits = 1 if f"{place.score:.1f}" != f"{last.score:.1f}" else 3
    return kept("reason", "below the line: score {score}, the last kept has {last}").format(
        score=f"{place.score:.{digits}f}", last=f"{last.score:.{digits}f}"
    )


def _first_of_burst(photo: PhotoRecord) -> str:
    if photo.chosen:
        return kept("reason", "your choice")
    if photo.best_of_series:
        return kept("reason", "best")
    # The best frame has fewer stars, or was rejected, or is not among the photos asked about.
    if photo.verdict.rating:
        return kept("reason", "frame {rank}, first by your stars,").format(rank=photo.series_rank)
    return kept("reason", "frame {rank}").format(rank=photo.series_rank)


def _ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``11th``."""
    last = number % 10 if number % 100 not in (11, 12, 13) else 0
    words = {1: kept("reason", "{number}st"), 2: kept("reason", "{number}nd"), 3: kept("reason", "{number}rd")}.get(
        last, kept("reason", "{number}th")
    )
    return words.format(number=f"{number:,}")


def _stars(place: Place) -> str:
    return "★" * place.rating if place.rating else kept("reason", "no stars")
