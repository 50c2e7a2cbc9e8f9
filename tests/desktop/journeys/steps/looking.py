"""What is seen: in the grid, the loupe and the burst view."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from journey_steps.desk import Desk, numbers_in
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QLabel
from pytest_bdd import parsers, then, when

from aesthetic_studio.desktop.loupe.hud import Notice

if TYPE_CHECKING:
    import pytest

    from aesthetic_studio.desktop.loupe.view import LoupeView

TRUE_TONE = 3
"""Levels that a tone may be off by: JPEG rounds."""

SAME_PART = 0.002
"""Of the photo's width and height: less than a pixel of the screen."""

opened: list[str] | None = None
"""Photo files that were opened since somebody began to listen; a hook cannot be taken back, so it is told to rest."""


def _on_audit(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and opened is not None and str(arguments[0]).endswith(".jpg"):
        opened.append(str(arguments[0]))


sys.addaudithook(_on_audit)


def tone_of(number: int) -> tuple[int, int, int]:
    """The colour that photo file ``number``, from 1, is made of."""
    return 20 + 12 * number, 120, 230 - 12 * number


def middle_of(loupe: LoupeView) -> tuple[int, ...]:
    """The colour in the middle of what is on screen."""
    picture = loupe.grab().toImage()
    return picture.pixelColor(picture.width() // 2, picture.height() // 2).getRgb()[:3]


@when("the loupe has made the next photos ready")
def the_next_are_ready(desk: Desk) -> None:
    loupe = desk.window.loupe
    desk.until(loupe.has_true_pixels)
    desk.until(lambda: loupe.kept_count() == len(desk.library.ids) and loupe.is_settled())


@then(parsers.parse("Right shows photos {which} at once, in true pixels and without opening a file"))
def right_shows_at_once(desk: Desk, which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for: what is looked at is what is there when the key's own work is done."""
    loupe, listening = desk.window.loupe, list[str]()
    monkeypatch.setattr(sys.modules[__name__], "opened", listening)
    for number in numbers_in(which):
        desk.qtbot.keyClick(loupe, Qt.Key.Key_Right)
        assert loupe.photo_id() == desk.id_of(number)
        assert loupe.has_true_pixels()
        assert all(abs(a - b) <= TRUE_TONE for a, b in zip(middle_of(loupe), tone_of(number), strict=True))
    assert listening == []


@when("I click on the loupe a quarter from its left and top")
def i_click_on_the_loupe(desk: Desk) -> None:
    loupe = desk.window.loupe
    place = QPoint(loupe.width() // 4, loupe.height() // 4)
    desk.looked_at = QPointF(place), part_at(desk, QPointF(place))
    desk.qtbot.mouseClick(loupe, Qt.MouseButton.LeftButton, pos=place)


@then("the same part of the photo is under the cursor at 1:1")
def the_same_part_is_there(desk: Desk) -> None:
    assert desk.looked_at is not None
    place, part = desk.looked_at
    assert desk.window.loupe.scale() == 1.0
    assert all(abs(a - b) <= SAME_PART for a, b in zip(part_at(desk, place), part, strict=True))


def part_at(desk: Desk, place: QPointF) -> tuple[float, float]:
    rect = desk.window.loupe.photo_rect()
    return (place.x() - rect.x()) / rect.width(), (place.y() - rect.y()) / rect.height()


@then(parsers.parse("photo {number:d} is current"))
def it_is_current(desk: Desk, number: int) -> None:
    assert desk.current() == number


@then(parsers.parse("the loupe shows photo {number:d}"))
def the_loupe_shows(desk: Desk, number: int) -> None:
    desk.settle()
    assert desk.window.views.mode == "loupe"
    assert desk.window.loupe.photo_id() == desk.id_of(number)
    assert desk.current() == number, "keys act on the photo that is seen"


@then(parsers.parse('the loupe says "{words}"'))
def the_loupe_says(desk: Desk, words: str) -> None:
    desk.until(lambda: words in notice(desk.window.loupe))


@then("the loupe says nothing is amiss")
def the_loupe_is_quiet(desk: Desk) -> None:
    desk.until(lambda: notice(desk.window.loupe) == "" and desk.window.loupe.has_true_pixels())


def notice(loupe: LoupeView) -> str:
    found = next(plate for plate in loupe.findChildren(Notice) if plate.accessibleName() == "Notice")
    return found.text() if found.isVisible() else ""


@then("the grid is shown")
def the_grid_is_shown(desk: Desk) -> None:
    assert desk.window.views.mode == "grid"


@then(parsers.parse("photos {which} are shown"))
def these_are_shown(desk: Desk, which: str) -> None:
    desk.settle()
    assert desk.numbers() == numbers_in(which)


@then(parsers.parse('the window says "{words}"'))
def the_window_says(desk: Desk, words: str) -> None:
    desk.settle()
    assert words in desk.window.chips.findChild(object, "showAll").text()


@then(parsers.parse('the window says of these frames "{words}"'))
def the_burst_view_says(desk: Desk, words: str) -> None:
    desk.settle()
    said = [label.text() for label in desk.window.burst.findChildren(QLabel) if label.isVisible()]
    assert any(words in text for text in said), said
