"""More than one window on a library, very many photos in one, and the command line beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from journey_steps.desk import Desk, numbers_in
from PySide6.QtCore import QTimer
from pytest_bdd import parsers, then, when

from aesthetic_studio.cli import main
from aesthetic_studio.library.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


@pytest.fixture
def another_program() -> Callable[[Desk], AbstractContextManager[Catalogue]]:
    """Opens the library once more, as another program does, for the length of a block."""
    return lambda desk: Catalogue.open(desk.library.path)


@pytest.fixture
def second_catalogues() -> Iterator[list[Catalogue]]:
    """What second windows were opened on; closed when the windows are."""
    opened: list[Catalogue] = []
    yield opened
    for catalogue in opened:
        catalogue.close()


@when("I open a second window on the same library")
def i_open_a_second_window(desk: Desk, second_catalogues: list[Catalogue]) -> None:
    first = desk.window
    second_catalogues.append(Catalogue.open(desk.library.path))
    desk.second = desk.open_window(replace(desk.library, catalogue=second_catalogues[-1]))
    assert desk.second is not first


@when(parsers.parse("I press {keys} in the {which} window"))
def i_press_in(desk: Desk, keys: str, which: str) -> None:
    window = window_of(desk, which)
    desk.activate(window)
    desk.settle(window)
    for key in keys.split(", "):
        desk.press(key, window)


@when(parsers.parse("I go to the {which} window"))
def i_go_to(desk: Desk, which: str) -> None:
    window = window_of(desk, which)
    desk.activate(window)
    desk.settle(window)


@then(parsers.parse("the {which} window shows photo {number:d} with {stars:d} stars"))
def it_shows_stars(desk: Desk, which: str, number: int, stars: int) -> None:
    assert cell(desk, which, number).verdict.rating == stars


@then(parsers.parse("the {which} window shows photo {number:d} as {flag}"))
def it_shows_flag(desk: Desk, which: str, number: int, flag: str) -> None:
    assert cell(desk, which, number).verdict.flag.name.lower() == flag


def cell(desk: Desk, which: str, number: int) -> Any:
    """What a window's own grid paints."""
    model = window_of(desk, which).grid.model()
    return model.cell_at(model.row_of(desk.id_of(number)))


def window_of(desk: Desk, which: str) -> Any:
    window = {"first": desk.window, "second": desk.second}[which]
    assert window is not None
    return window


# -- very many -------------------------------------------------------------------------------------------------------


@when(parsers.parse("I select all and press {key}"))
def i_select_all_and_press(desk: Desk, key: str) -> None:
    """Count how often the window's event loop turns until the decision is written."""
    desk.press("Ctrl+A")
    window, turns = desk.window, list[bool]()
    timer = QTimer()
    timer.timeout.connect(lambda: turns.append(window.decisions.is_behind(window.history)))
    timer.start(0)
    desk.press(key)
    timer.stop()
    desk.remembered["turns"] = turns.count(True)


@then("the window stayed alive meanwhile")
def it_stayed_alive(desk: Desk) -> None:
    assert desk.remembered["turns"] >= 3


# -- the command line ------------------------------------------------------------------------------------------------


@when("I ask the command line for the verdicts")
def i_ask_for_verdicts(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.settle()
    capsys.readouterr()
    assert main(["verdicts", "--json", "--library", str(desk.library.path)]) == 0
    desk.remembered["verdicts"] = json.loads(capsys.readouterr().out)


@then(parsers.parse("it tells {which} of photo {number:d} by path, size and content"))
def it_tells(desk: Desk, which: str, number: int) -> None:
    photo = desk.library.catalogue.photo(desk.id_of(number))
    content_hash = desk.library.catalogue.hashes([photo.content_id])[photo.content_id]
    (told,) = [each for each in desk.remembered["verdicts"] if each["path"] == str(photo.path)]
    assert (told["size"], told["hash"]) == (photo.size, content_hash.hex())
    said = [f"{told['rating']} stars" if told["rating"] else "", told["flag"] or "", told["label"] or ""]
    assert [part for part in said if part] == [which]


@then(parsers.parse("it tells nothing of photos {which}"))
def it_tells_nothing(desk: Desk, which: str) -> None:
    paths = {str(desk.library.catalogue.photo(desk.id_of(number)).path) for number in numbers_in(which)}
    assert not paths & {each["path"] for each in desk.remembered["verdicts"]}
