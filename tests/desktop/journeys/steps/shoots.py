"""What is there before: made photos, what groups they are, what was decided about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_steps.desk import Desk, Make, numbers_in
from pytest_bdd import given, parsers

from aesthetic_studio.records import Flag, Look, ScoreDistribution, SeriesKind, VerdictChange

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

WORST = ScoreDistribution((1.0, *(0.0,) * 9))


@given(parsers.parse("a shoot of {count:d} photos"), target_fixture="desk")
def a_shoot(count: int, qtbot: QtBot, make_library: Make, show_window: Make) -> Desk:
    return Desk(qtbot, make_library(count), show_window)


@given(parsers.parse("a shoot of {count:d} photos with {bursts:d} bursts of {frames:d}"), target_fixture="desk")
def a_shoot_with_bursts(
    count: int, bursts: int, frames: int, qtbot: QtBot, make_library: Make, show_window: Make
) -> Desk:
    """Bursts stand anywhere in the order of scores; every photo or burst is a scene of its own."""
    library = make_library(0)
    with library.catalogue.transaction():
        for number in range(count):
            burst, frame = divmod(number, frames)
            scene = burst if burst < bursts else number
            library.add(
                f"photo-{number:03d}.jpg",
                score=9.0 - (number * 37 % count) * 7 / count,
                minute=scene * 90 + (frame if burst < bursts else 0),
                look=Look(bytes([scene * 53 % 256]) * 1024, bytes([scene * 7 % 256, scene * 29 % 256, 90]) * 64),
                burst=f"burst {burst}" if burst < bursts else None,
            )
    library.find_bursts()
    return Desk(qtbot, library, show_window)


@given(parsers.parse("a library of {count:d} photos, not one of them rated"), target_fixture="desk")
def a_large_library(count: int, qtbot: QtBot, make_library: Make, show_window: Make) -> Desk:
    """Rows as a walk leaves them before the first photo is decoded; made one by one they would take a minute."""
    library = make_library(1)
    store = library.catalogue._store
    with library.catalogue.transaction():
        store.run_many(
            "INSERT INTO photo (folder_id, path, name, state, size, mtime_ns, search, name_key) "
            "SELECT folder_id, ?1, ?2, 0, 1, 1, ?2, ?2 FROM photo WHERE id = ?3",
            [
                (f"{library.folder}/{name}", name, library.ids[0])
                for name in (f"made-{number:05d}.jpg" for number in range(count - 1))
            ],
        )
    library.ids[:] = [photo for (photo,) in store.all("SELECT id FROM photo ORDER BY id")]
    return Desk(qtbot, library, show_window)


@given(parsers.parse("photos {which} are a {kind}"))
def they_are_a_series(desk: Desk, which: str, kind: str) -> None:
    """Several groups of one folder add up, as a run finds them all at once."""
    frames = [desk.id_of(number) for number in numbers_in(which)]
    groups = desk.remembered.setdefault("groups", [])
    groups.append((frames, SeriesKind(kind)))
    desk.library.group_all(groups)


@given(parsers.parse("photo {number:d} is rejected already"))
def it_is_rejected_already(desk: Desk, number: int) -> None:
    desk.library.catalogue.decide([desk.id_of(number)], VerdictChange(flag=Flag.REJECT), "earlier")


@given(parsers.parse("photo {number:d} has the worst score there is"))
def it_has_the_worst_score(desk: Desk, number: int) -> None:
    content = desk.library.catalogue.photo(desk.id_of(number)).content_id
    desk.library.catalogue.store_scores("made", "1", [(content, WORST)])


@given(parsers.parse("a photo in soft light with hardly a sharp edge, scored {score:f}, as photo {number:d}"))
def a_soft_photo(desk: Desk, score: float, number: int) -> None:
    desk.library.add("soft.jpg", score=score, sharpness=0.01)
    assert len(desk.library.ids) == number


@given(parsers.parse("a tack-sharp photo, scored {score:f}, as photo {number:d}"))
def a_sharp_photo(desk: Desk, score: float, number: int) -> None:
    desk.library.add("sharp.jpg", score=score, sharpness=0.98)
    assert len(desk.library.ids) == number
