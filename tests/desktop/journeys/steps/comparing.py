"""Champion against challengers, and several side by side."""

from __future__ import annotations

from journey_steps.desk import Desk, numbers_in
from pytest_bdd import parsers, then, when


@when(parsers.parse("I select photos {which}"))
def i_select(desk: Desk, which: str) -> None:
    desk.window.grid.select_ids([desk.id_of(number) for number in numbers_in(which)])


@then(parsers.parse("photo {champion:d} meets photo {challenger:d}"))
def they_meet(desk: Desk, champion: int, challenger: int) -> None:
    desk.settle()
    assert desk.window.views.mode == "compare"
    assert seen(desk) == [champion, challenger]
    assert desk.current() == challenger, "keys act on the challenger"


@then(parsers.parse("photo {champion:d} has met all"))
def it_has_met_all(desk: Desk, champion: int) -> None:
    assert seen(desk) == [champion, None]
    assert "is the champion" in desk.window.compare.view.panes()[1].accessibleName()


@then(parsers.parse("photos {which} stand side by side"))
def they_stand_side_by_side(desk: Desk, which: str) -> None:
    desk.settle()
    assert desk.window.views.mode == "survey"
    assert seen(desk) == numbers_in(which)


@then("both show the same part of their photo at 1:1")
def both_show_the_same_part(desk: Desk) -> None:
    looks = [pane.canvas.look for pane in desk.window.compare.view.panes()]
    assert [look.scale for look in looks] == [1.0, 1.0]
    place = (looks[0].centre_x, looks[0].centre_y)
    assert (looks[1].centre_x, looks[1].centre_y) == place
    assert place[0] != 0.5, "it was moved there"


@then("both do not show the same part of their photo")
def they_show_other_parts(desk: Desk) -> None:
    left, right = (pane.canvas.look for pane in desk.window.compare.view.panes())
    assert left.scale == right.scale == 1.0
    assert left.centre_x != right.centre_x


@then(parsers.parse("photo {better:d} was said to be better than photo {worse:d}"))
def it_was_said(desk: Desk, better: int, worse: int) -> None:
    desk.settle()
    assert (better, worse) in said(desk)


@then("nothing was said of two photos")
def nothing_was_said(desk: Desk) -> None:
    desk.settle()
    assert said(desk) == []


def seen(desk: Desk) -> list[int | None]:
    return [desk.number_of(pane.photo_id()) for pane in desk.window.compare.view.panes()]


def said(desk: Desk) -> list[tuple[int | None, int | None]]:
    preferences = desk.library.catalogue.judgements().preferences
    return [(desk.number_of(each.better.photo_id), desk.number_of(each.worse.photo_id)) for each in preferences]
