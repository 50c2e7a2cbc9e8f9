"""One key shows what is undecided, picked or rejected, and all again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt

from aesthetic_studio.records import Flag, VerdictChange

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Make = Callable[..., Any]
CTRL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


@pytest.mark.parametrize(
    ("key", "command", "shown"),
    [
        (Qt.Key.Key_P, "edit.only_picks", [0]),
        (Qt.Key.Key_X, "edit.only_rejects", [1]),
        (Qt.Key.Key_U, "edit.only_undecided", [3, 4]),
    ],
)
def test_one_key_narrows_the_album_and_the_same_key_widens_it_again(
    qtbot: QtBot, make_library: Make, show_window: Make, key: Qt.Key, command: str, shown: list[int]
) -> None:
    library = make_library(5)
    for number, change in enumerate(
        (VerdictChange(flag=Flag.PICK), VerdictChange(flag=Flag.REJECT), VerdictChange(rating=3))
    ):
        library.catalogue.decide([library.ids[number]], change, "earlier")
    window = show_window(library)

    qtbot.keyClick(window.grid, key, CTRL_ALT)

    qtbot.waitUntil(lambda: listed(window) == [library.ids[number] for number in shown])
    assert window.registry[command].checked()
    qtbot.keyClick(window.grid, key, CTRL_ALT)
    qtbot.waitUntil(lambda: listed(window) == library.ids)
    assert not window.registry[command].checked()


def test_one_takes_the_place_of_the_other_and_all_else_stays(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(4)
    library.catalogue.decide(library.ids[:2], VerdictChange(flag=Flag.PICK), "earlier")
    library.catalogue.decide(library.ids[2:], VerdictChange(flag=Flag.REJECT), "earlier")
    window = show_window(library)
    name = library.catalogue.photo(library.ids[3]).name
    window.filter_panel.set_filter(window.filtering.wanted().__class__(text=name))

    qtbot.keyClick(window.grid, Qt.Key.Key_P, CTRL_ALT)
    qtbot.waitUntil(lambda: listed(window) == [])
    qtbot.keyClick(window.grid, Qt.Key.Key_X, CTRL_ALT)

    qtbot.waitUntil(lambda: listed(window) == [library.ids[3]])
    assert window.filtering.wanted().text == name


def listed(window: Any) -> list[int]:
    answer = window.album.answer
    return [] if answer is None else list(answer.ids)
