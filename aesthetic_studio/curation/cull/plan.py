"""Keep the best N: a plan that says of every photo whether it stays, goes or is left alone, and why.

The person's word comes first. What is rejected never stays. What is picked always stays and counts towards N; picks
beyond N stay too. The chosen frame of a burst is its first. Stars are a vote and no decision: a star weighs as much as
the whole range from the lowest score to the highest, so no score makes up for one, and the frame with most stars leads
its burst; but where many photos of one scene have as many stars, some make way for other scenes. No stars is less than
one star, as in an album sorted by rating. Labels mean whatever the person lets them mean, and are not asked.

One place is a photo alone, one frame of a burst, or a whole bracket, panorama or focus stack: these were meant to be
together, stay or go as one and count once. A burst gives a second frame only when every place has one; so do copies of
one file. Photos that cannot be judged are left alone: without a score, missing, unreadable. Offline ones have a score
and are judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.curation.cull.places import Place, sort_out
from aesthetic_studio.curation.cull.reasons import REJECTED, why_gone, why_kept
from aesthetic_studio.curation.cull.records import CullChoice, CullPlan, CullTarget, Fate, Strictness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from aesthetic_studio.curation.cull.choosing import Chosen
    from aesthetic_studio.records import PhotoRecord


def cull(
    photos: Iterable[PhotoRecord],
    target: CullTarget,
    strictness: Strictness = Strictness.BALANCED,
    should_stop: Callable[[], bool] = lambda: False,
) -> CullPlan:
    """Plan which of ``photos`` to keep; a share is one of all of them.

    The answer does not depend on the order given, and whoever keeps more keeps what was kept before. Of N photos and K
    kept places it takes O(N K): half a second for 500 of 5,000, two for the half of them. Raises ``PlanStopped`` as
    soon as ``should_stop`` says so.
    """
    from aesthetic_studio.curation.cull.choosing import choose  # noqa: PLC0415  numpy costs start-up time

    photos = list({photo.id: photo for photo in photos}.values())
    found = sort_out(photos)
    asked = target.of(len(photos))
    chosen = choose(found.places, asked, strictness, should_stop)
    choices = [
        *_kept(found.places, chosen),
        *_gone(found.places, chosen, strictness),
        *(CullChoice(photo.id, Fate.GONE, REJECTED, photo.verdict) for photo in found.rejected),
        *(CullChoice(photo.id, Fate.LEFT, why, photo.verdict) for photo, why in found.left),
    ]
    return CullPlan(tuple(choices), asked, len(chosen.order), chosen.picked)


def _kept(places: Sequence[Place], chosen: Chosen) -> Iterator[CullChoice]:
    for index in chosen.order:
        for photo in places[index].photos:
            yield _choice(places[index], photo, Fate.KEPT, why_kept(index, photo, places, chosen))


def _gone(places: Sequence[Place], chosen: Chosen, strictness: Strictness) -> Iterator[CullChoice]:
    """What is not kept, the worthiest first."""
    first: dict[int, Place] = {}
    for index in chosen.order:
        held = first.setdefault(places[index].group, places[index])
        if places[index].turn < held.turn:
            first[places[index].group] = places[index]
    kept = set(chosen.order)
    rest = [index for index in range(len(places)) if index not in kept]
    for index in sorted(rest, key=lambda index: (-float(chosen.worth[index]), index)):
        why = why_gone(index, places, chosen, first, strictness)
        for photo in places[index].photos:
            yield _choice(places[index], photo, Fate.GONE, why)


def _choice(place: Place, photo: PhotoRecord, fate: Fate, why: str) -> CullChoice:
    others = tuple(other.id for other in place.photos if other.id != photo.id)
    return CullChoice(photo.id, fate, why, photo.verdict, others)
