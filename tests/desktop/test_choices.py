"""The person's own best frame of a burst: kept, shown as the burst's cover, and undone like every decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt

from aesthetic_studio.cli.ranking import series_objects
from aesthetic_studio.records import Flag, SeriesKind

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.window import MainWindow

Key = Qt.Key
PLAIN, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
Make = Callable[..., Any]


@pytest.fixture
def library(make_library: Make) -> Any:
    """Six photos, the first three a burst."""
    made = make_library()
    made.group(made.ids[:3])
    return made


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    qtbot.keyClick(window.focusWidget() or window, key, modifiers)


def decide(qtbot: QtBot, window: MainWindow, act: Callable[[], object]) -> None:
    """Do something that decides, and wait until the album shows it."""
    with qtbot.waitSignals([window.verdicts.applied, window.album.loaded], timeout=10_000):
        act()


def covers(window: MainWindow) -> list[int]:
    return list(window.grid.model().ids)


def test_the_frame_whose_button_is_pressed_stands_for_its_burst(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    first, second, *_ = library.ids
    press(qtbot, window, Key.Key_B)
    press(qtbot, window, Key.Key_Right)

    decide(qtbot, window, window.burst.choose_current)

    assert covers(window) == [second, *library.ids[3:]]
    assert window.burst.current_id() == second
    assert library.verdict(second).flag is Flag.NONE, "a choice is no pick"
    record = library.catalogue.photo(second)
    assert (record.chosen, record.series_rank, record.reasons[0]) == (True, 1, "your choice")
    [told] = series_objects(library.catalogue.photos(library.ids))
    assert [frame["chosen"] for frame in told["photos"]] == [True, False, False]
    press(qtbot, window, Key.Key_G)
    assert window.views.current_id() == second
    assert not library.catalogue.photo(first).best_of_series


def test_shift_b_chooses_and_undo_brings_the_old_cover_back(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    press(qtbot, window, Key.Key_B)
    press(qtbot, window, Key.Key_End)

    decide(qtbot, window, lambda: press(qtbot, window, Key.Key_B, SHIFT))
    chosen = covers(window)[0]
    qtbot.waitUntil(lambda: window.history.undo_title == "choosing photo-02.jpg out of 3")
    press(qtbot, window, Key.Key_G)
    decide(qtbot, window, lambda: press(qtbot, window, Key.Key_Z, CTRL))

    assert chosen == library.ids[2]
    assert covers(window) == [library.ids[0], *library.ids[3:]]
    assert window.views.current_id() == library.ids[0]
    assert library.catalogue.judgements().preferences == ()
    decide(qtbot, window, lambda: press(qtbot, window, Key.Key_Z, CTRL | SHIFT))
    assert covers(window)[0] == library.ids[2]


def test_a_choice_can_be_given_back_from_the_menu(qtbot: QtBot, library: Any, show_window: Make) -> None:
    series = library.catalogue.photo(library.ids[0]).series_id
    library.catalogue.choose_best(series, library.ids[1])
    window = show_window(library)
    assert covers(window)[0] == library.ids[1]
    window.grid.set_current_id(library.ids[1])
    assert not window.registry["photo.best"].enabled()

    decide(qtbot, window, lambda: window.registry.run("photo.best.clear"))

    assert covers(window)[0] == library.ids[0]
    assert not window.registry["photo.best.clear"].enabled()


def test_only_a_frame_of_a_burst_can_be_made_the_best(make_library: Make, show_window: Make) -> None:
    library = make_library()
    library.group(library.ids[:3], SeriesKind.BRACKET)
    window = show_window(library)
    window.grid.set_current_id(library.ids[0])
    assert not window.registry["photo.best"].enabled(), "a bracket is kept whole"
    window.grid.set_current_id(library.ids[4])
    assert not window.registry["photo.best"].enabled(), "a photo alone is the best of nothing"
