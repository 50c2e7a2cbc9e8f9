"""The words of the features: a made shoot, a real window, keys that are pressed where the keyboard is.

No step waits for a time: a key is followed by what it sets off, decisions by their being written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel
from pytest_bdd import given, parsers, then, when

from aesthetic_studio.albums import PhotoFilter
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.records import Flag, SeriesKind, VerdictChange

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.window import MainWindow

Make = Callable[..., Any]
PATIENCE_MS = 10_000


@dataclass
class Desk:
    """A shoot and the window over it; photos are counted from 1 in the order of their scores.

    Attributes:
        looked_at: Part of the photo that was clicked on, and where in the loupe.
    """

    qtbot: QtBot
    library: Any
    open_window: Make
    opened: MainWindow | None = None
    looked_at: tuple[QPointF, tuple[float, float]] | None = field(default=None)

    @property
    def window(self) -> MainWindow:
        """The window, opened when it is first looked at: until then a scenario is being set up."""
        if self.opened is None:
            self.opened = self.open_window(self.library)
        return self.opened

    def id_of(self, number: int) -> int:
        return int(self.library.ids[number - 1])

    def numbers(self) -> list[int]:
        return [self.library.ids.index(photo) + 1 for photo in self.window.album._model.ids]

    def current(self) -> int:
        self.settle()
        current = self.window.views.current_id()
        assert current is not None
        return int(self.library.ids.index(current)) + 1

    def verdict(self, number: int) -> Any:
        self.settle()
        return self.library.verdict(self.id_of(number))

    def press(self, key: str) -> None:
        """One key as Qt writes it, ``Ctrl+Shift+Z``, on whatever has the keyboard."""
        combination = QKeySequence(key)[0]
        window = self.window
        self.qtbot.keyClick(window.focusWidget() or window, combination.key(), combination.keyboardModifiers())
        self.settle()

    def settle(self) -> None:
        """Until all that was decided is written and the album shows it."""
        if self.opened is not None:
            window = self.opened
            self.qtbot.waitUntil(lambda: not window.decisions.is_behind(window.history), timeout=PATIENCE_MS)
            self.qtbot.waitUntil(lambda: window.album.is_settled, timeout=PATIENCE_MS)


def numbers_in(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


@given(parsers.parse("a shoot of {count:d} photos"), target_fixture="desk")
def a_shoot(count: int, qtbot: QtBot, make_library: Make, show_window: Make) -> Desk:
    return Desk(qtbot, make_library(count), show_window)


@given(parsers.parse("photos {which} are a {kind}"))
def they_are_a_series(desk: Desk, which: str, kind: str) -> None:
    desk.library.group([desk.id_of(number) for number in numbers_in(which)], SeriesKind(kind))


@given(parsers.parse("photo {number:d} is rejected already"))
def it_is_rejected_already(desk: Desk, number: int) -> None:
    desk.library.catalogue.decide([desk.id_of(number)], VerdictChange(flag=Flag.REJECT), "earlier")


@given(parsers.parse("photo {number:d} has the worst score there is"))
def it_has_the_worst_score(desk: Desk, number: int, worst: Any) -> None:
    content = desk.library.catalogue.photo(desk.id_of(number)).content_id
    desk.library.catalogue.store_scores("made", "1", [(content, worst)])


@pytest.fixture
def worst() -> Any:
    from aesthetic_studio.records import ScoreDistribution

    return ScoreDistribution((1.0, *(0.0,) * 9))


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
    assert part_at(desk, place) == pytest.approx(part, abs=0.002)


def part_at(desk: Desk, place: QPointF) -> tuple[float, float]:
    rect = desk.window.loupe.photo_rect()
    return (place.x() - rect.x()) / rect.width(), (place.y() - rect.y()) / rect.height()


@then(parsers.parse("photo {number:d} is picked"))
def it_is_picked(desk: Desk, number: int) -> None:
    assert desk.verdict(number).flag is Flag.PICK


@then(parsers.parse("photo {number:d} is rejected"))
def it_is_rejected(desk: Desk, number: int) -> None:
    assert desk.verdict(number).flag is Flag.REJECT


@then(parsers.parse("photo {number:d} is not flagged"))
def it_is_not_flagged(desk: Desk, number: int) -> None:
    assert desk.verdict(number).flag is Flag.NONE


@then(parsers.parse("photo {number:d} has {stars:d} stars"))
def it_has_stars(desk: Desk, number: int, stars: int) -> None:
    assert desk.verdict(number).rating == stars


@then(parsers.parse("every photo has {stars:d} stars"))
def all_have_stars(desk: Desk, stars: int) -> None:
    assert {desk.verdict(number).rating for number in range(1, len(desk.library.ids) + 1)} == {stars}


@then(parsers.parse("photo {number:d} is current"))
def it_is_current(desk: Desk, number: int) -> None:
    assert desk.current() == number


@then(parsers.parse("the loupe shows photo {number:d}"))
def the_loupe_shows(desk: Desk, number: int) -> None:
    desk.settle()
    assert desk.window.views.mode == "loupe"
    assert desk.window.loupe.photo_id() == desk.id_of(number)
    assert desk.current() == number, "keys act on the photo that is seen"


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


@then(parsers.parse("photo {number:d} stands for its burst"))
def it_stands_for_its_burst(desk: Desk, number: int) -> None:
    desk.settle()
    assert desk.library.catalogue.photo(desk.id_of(number)).best_of_series


@then(parsers.parse('the window says of these frames "{words}"'))
def the_burst_view_says(desk: Desk, words: str) -> None:
    desk.settle()
    said = [label.text() for label in desk.window.burst.findChildren(QLabel) if label.isVisible()]
    assert any(words in text for text in said), said
