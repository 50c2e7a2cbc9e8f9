"""Plans for many photos: the best of bursts, and the best N of a shoot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journey_steps.desk import Desk, numbers_in
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytest_bdd import parsers, then, when

from aesthetic_studio.curation.cull.records import Fate
from aesthetic_studio.desktop.burst.plan_view import PlanView
from aesthetic_studio.records import Flag, VerdictChange

if TYPE_CHECKING:
    from aesthetic_studio.desktop.burst.take_dialog import TakeDialog
    from aesthetic_studio.desktop.cull.page import CullPage

FATES = {"kept": Fate.KEPT, "gone": Fate.GONE}


# -- the best of every burst -----------------------------------------------------------------------------------------


@when("I plan to take the best of every burst")
def i_plan_to_take_the_best(desk: Desk) -> None:
    assert desk.window.registry.run("photo.burst.take_all")
    desk.until(lambda: desk.window.take_best.dialog is not None)
    desk.qtbot.waitExposed(dialog_of(desk))


@then(parsers.parse('the plan says "{words}"'))
def the_plan_says(desk: Desk, words: str) -> None:
    desk.until(lambda: words in plan_words(desk))


@when("I apply the plan")
def i_apply_the_plan(desk: Desk) -> None:
    window = desk.window
    if window.cull.is_open:
        desk.press("Ctrl+Return")
        desk.until(lambda: not window.cull.is_open)
    else:
        before = dialog_of(desk)
        (plan,) = before.findChildren(PlanView)
        desk.qtbot.keyClick(plan, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        desk.until(lambda: window.take_best.dialog is not before)
    desk.settle()


@then("the plan is shown anew")
def the_plan_is_shown_anew(desk: Desk) -> None:
    desk.until(lambda: desk.window.take_best.dialog is not None)
    assert "changed while the plan was open" in plan_words(desk)


def dialog_of(desk: Desk) -> TakeDialog:
    dialog = desk.window.take_best.dialog
    assert dialog is not None
    return dialog


def plan_words(desk: Desk) -> str:
    dialog = desk.window.take_best.dialog
    return "" if dialog is None else "\n".join(label.text() for label in dialog.findChildren(QLabel))


# -- the best N ------------------------------------------------------------------------------------------------------


@when(parsers.parse("I ask to keep the best {count:d}"))
def i_ask_to_keep(desk: Desk, count: int) -> None:
    desk.press("Ctrl+Shift+N")
    page_of(desk).controls.number.selectAll()
    for digit in str(count):
        desk.press(digit)
    assert page_of(desk).controls.number.value() == count


@then(parsers.parse("photos {which} would be {fate}"))
def they_would_be(desk: Desk, which: str, fate: str) -> None:
    wanted = {desk.id_of(number) for number in numbers_in(which)}
    assert wanted <= set(page_of(desk).draft.ids(FATES[fate]))


@then(parsers.parse("{count:d} photos would be {fate}, each for a reason"))
def so_many_would_be(desk: Desk, count: int, fate: str) -> None:
    draft = page_of(desk).draft
    ids = draft.ids(FATES[fate])
    assert len(ids) == count
    assert [photo for photo in ids if not draft.reason(photo)] == []


@then("no burst would keep more than one frame")
def one_frame_a_burst(desk: Desk) -> None:
    kept = desk.library.catalogue.cells(page_of(desk).draft.ids(Fate.KEPT))
    bursts = [cell.series_id for cell in kept if cell.series_id is not None]
    assert bursts, "some stand for their burst"
    assert len(set(bursts)) == len(bursts)


@then(parsers.parse("{picked:d} photos are picked and {rejected:d} are rejected"))
def so_many_are_flagged(desk: Desk, picked: int, rejected: int) -> None:
    desk.settle()
    flags = [cell.verdict.flag for cell in desk.library.catalogue.cells(desk.library.ids)]
    assert (flags.count(Flag.PICK), flags.count(Flag.REJECT)) == (picked, rejected)


@when(parsers.parse("photo {number:d} is {flag} in another program meanwhile"))
def it_is_flagged_elsewhere(desk: Desk, number: int, flag: str, another_program: object) -> None:
    """As a second window does: this one does not hear of it."""
    wanted = {"picked": Flag.PICK, "rejected": Flag.REJECT}[flag]
    with another_program(desk) as catalogue:  # type: ignore[operator]
        catalogue.decide([desk.id_of(number)], VerdictChange(flag=wanted), "elsewhere")


def page_of(desk: Desk) -> CullPage:
    page = desk.window.cull.page
    assert page is not None
    return page
