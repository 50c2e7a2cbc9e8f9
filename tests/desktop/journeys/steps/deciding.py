"""Keys, and what became of photos by them."""

from __future__ import annotations

from journey_steps.desk import Desk, Make, numbers_in
from pytest_bdd import given, parsers, then, when

from aesthetic_studio.albums import PhotoFilter
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.records import Flag

FLAGS = {"picked": Flag.PICK, "rejected": Flag.REJECT, "not flagged": Flag.NONE}


@given(parsers.parse("only {which} photos are shown"))
@when(parsers.parse("only {which} photos are shown"))
def only_these_are_shown(desk: Desk, which: str) -> None:
    wanted = {
        "unrated": PhotoFilter(rating=0),
        "rejected": PhotoFilter(flags=frozenset({Flag.REJECT})),
        "picked": PhotoFilter(flags=frozenset({Flag.PICK})),
    }[which]
    desk.window.filter_panel.set_filter(wanted)
    desk.settle()


@when(parsers.parse("I press {keys}"))
def i_press(desk: Desk, keys: str) -> None:
    for key in keys.split(", "):
        desk.press(key)


@when("I close the program and start it again")
def i_start_it_again(desk: Desk, show_window: Make) -> None:
    path = desk.library.path
    desk.window.close()
    desk.library.catalogue.close()
    desk.library.catalogue = Catalogue.open(path)
    desk.opened = show_window(desk.library)


@then(parsers.re(r"photos? (?P<which>[\d, -]+) (is|are) (?P<flag>picked|rejected|not flagged)$"))
def they_are_flagged(desk: Desk, which: str, flag: str) -> None:
    wanted = numbers_in(which)
    assert {number: desk.verdict(number).flag for number in wanted} == dict.fromkeys(wanted, FLAGS[flag])


@then(parsers.parse("photo {number:d} has {stars:d} stars"))
def it_has_stars(desk: Desk, number: int, stars: int) -> None:
    assert desk.verdict(number).rating == stars


@then(parsers.parse("every photo has {stars:d} stars"))
def all_have_stars(desk: Desk, stars: int) -> None:
    desk.settle()
    store = desk.library.catalogue._store
    ratings = {rating for (rating,) in store.all("SELECT DISTINCT rating FROM photo")}
    assert ratings == {stars}


@then("nothing is decided about any photo")
def nothing_is_decided(desk: Desk) -> None:
    desk.settle()
    assert desk.library.catalogue.decided() == []


@then("nothing is left to undo")
def nothing_to_undo(desk: Desk) -> None:
    desk.settle()
    assert desk.window.history.undo_title is None


@then(parsers.parse("photo {number:d} stands for its burst"))
def it_stands_for_its_burst(desk: Desk, number: int) -> None:
    desk.settle()
    assert desk.library.catalogue.photo(desk.id_of(number)).best_of_series
