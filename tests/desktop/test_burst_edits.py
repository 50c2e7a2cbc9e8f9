"""Bursts edited by keys: grouped, split and taken apart, seen at once and undone in one step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from aesthetic_studio.records import Flag

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.window import MainWindow

Key = Qt.Key
PLAIN, SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
Make = Callable[..., Any]


@pytest.fixture
def library(make_library: Make) -> Any:
    """Two bursts, of four and of two, and two photos alone; the later a frame was shot, the better it is."""
    made = make_library(0)
    for number in range(8):
        burst = "A" if number < 4 else "B" if number < 6 else None
        made.add(f"photo-{number:02d}.jpg", burst=burst, score=3.0 + number * 0.5)
    made.find_bursts()
    return made


def groups(library: Any) -> list[list[int]]:
    """The bursts as numbers of photos, as shot."""
    found: dict[int, list[int]] = {}
    for number, photo in enumerate(library.catalogue.photos(library.ids)):
        if photo.series_id is not None:
            found.setdefault(photo.series_id, []).append(number)
    return sorted(found.values())


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    qtbot.keyClick(window.focusWidget() or window, key, modifiers)


def decide(qtbot: QtBot, window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    """Press a key that decides, and wait until the album shows it."""
    with qtbot.waitSignals([window.verdicts.applied, window.album.loaded], timeout=10_000):
        press(qtbot, window, key, modifiers)


def undo(qtbot: QtBot, window: MainWindow) -> None:
    decide(qtbot, window, Key.Key_Z, CTRL)


def said(window: MainWindow) -> str:
    return "\n".join(label.text() for label in window.status.findChildren(QLabel))


def shown(window: MainWindow) -> list[int]:
    return list(window.grid.model().ids)


def test_selected_photos_and_whole_bursts_are_grouped_by_a_key_and_undone(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    window = show_window(library)
    before = groups(library), shown(window)
    window.grid.set_current_id(library.ids[5])
    window.grid.select_ids([library.ids[5], library.ids[6]])

    decide(qtbot, window, Key.Key_G, CTRL)

    assert groups(library) == [[0, 1, 2, 3], [4, 5, 6]], "the collapsed burst came whole"
    assert len(shown(window)) == 3
    assert window.grid.current_id() == library.ids[6], "the best of the new burst"
    assert "Done: grouping 3 photos as one burst" in said(window)
    qtbot.waitUntil(lambda: window.history.undo_title == "grouping 3 photos as one burst")
    undo(qtbot, window)
    assert (groups(library), shown(window)) == before
    qtbot.waitUntil(lambda: window.history.undo_title is None)
    decide(qtbot, window, Key.Key_Z, CTRL | SHIFT)
    assert groups(library) == [[0, 1, 2, 3], [4, 5, 6]]


def test_of_an_open_burst_only_the_selected_frames_are_grouped(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    window.grid.set_current_id(library.ids[5])
    with qtbot.waitSignal(window.album.loaded):
        press(qtbot, window, Key.Key_S)
    window.grid.select_ids([library.ids[5], library.ids[6]])

    decide(qtbot, window, Key.Key_G, CTRL)

    assert groups(library) == [[0, 1, 2, 3], [5, 6]]


def test_photos_of_two_folders_are_refused_with_both_named(
    qtbot: QtBot, library: Any, show_window: Make, tmp_path: Path
) -> None:
    other = str(tmp_path / "other")
    library.catalogue.add_root(other)
    far = library.add("far.jpg", folder=other)
    window = show_window(library)
    told: list[str] = []
    window.decisions.failed.disconnect()
    window.decisions.failed.connect(lambda message, advice: told.append(f"{message} {advice}"))
    window.grid.set_current_id(library.ids[7])
    window.grid.select_ids([library.ids[7], far])

    press(qtbot, window, Key.Key_G, CTRL)

    qtbot.waitUntil(lambda: bool(told))
    assert library.folder in told[0]
    assert other in told[0]
    assert "one folder" in told[0]
    assert groups(library) == [[0, 1, 2, 3], [4, 5]]


def test_a_burst_is_split_in_the_order_of_shooting_which_is_shown_first(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    window = show_window(library)
    window.grid.set_current_id(library.ids[3])
    press(qtbot, window, Key.Key_S, CTRL | ALT)
    assert (window.views.mode, groups(library)) == ("burst", [[0, 1, 2, 3], [4, 5]]), "nothing is split unseen"
    assert window.burst.is_as_shot()
    assert "order of shooting" in said(window)
    press(qtbot, window, Key.Key_Home)
    press(qtbot, window, Key.Key_Right)

    decide(qtbot, window, Key.Key_S, CTRL | ALT)

    assert groups(library) == [[1, 2, 3], [4, 5]]
    assert window.burst.current_id() == library.ids[1]
    assert sorted(window.burst.neighbours()) == library.ids[2:4], "the second burst is shown"
    assert window.views.has_focus(), "and keys go on in it"
    undo(qtbot, window)
    assert groups(library) == [[0, 1, 2, 3], [4, 5]]
    assert sorted(window.burst.neighbours()) == [library.ids[0], *library.ids[2:4]]


def test_frames_stand_by_verdict_or_as_shot(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    window.grid.set_current_id(library.ids[3])
    press(qtbot, window, Key.Key_B)
    by_verdict = [window.burst.current_id(), *window.burst.neighbours()]
    press(qtbot, window, Key.Key_S, SHIFT)
    press(qtbot, window, Key.Key_Home)

    assert by_verdict == library.ids[3::-1]
    assert [window.burst.current_id(), *window.burst.neighbours()] == library.ids[:4]
    assert window.actions_["view.as_shot"].isChecked()
    press(qtbot, window, Key.Key_S, SHIFT)
    assert not window.burst.is_as_shot()
    assert window.burst.current_id() == library.ids[0], "the frame stays current"


def test_a_frame_taken_out_leaves_the_others_in_sight(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    window.grid.set_current_id(library.ids[3])
    press(qtbot, window, Key.Key_B)

    decide(qtbot, window, Key.Key_O, CTRL | ALT)

    assert groups(library) == [[0, 1, 2], [4, 5]]
    assert window.views.mode == "burst"
    assert window.burst.current_id() == library.ids[2], "the frame that came after it"
    assert library.ids[3] in shown(window)
    undo(qtbot, window)
    assert groups(library) == [[0, 1, 2, 3], [4, 5]]
    assert window.burst.current_id() == library.ids[2]


@pytest.mark.parametrize("view", [Key.Key_G, Key.Key_B, Key.Key_E])
def test_what_is_no_burst_is_shown_photo_by_photo(qtbot: QtBot, library: Any, show_window: Make, view: Qt.Key) -> None:
    window = show_window(library)
    window.grid.set_current_id(library.ids[3])
    press(qtbot, window, view)

    decide(qtbot, window, Key.Key_G, CTRL | SHIFT)

    assert groups(library) == [[4, 5]]
    assert len(shown(window)) == 7
    assert window.views.mode == ("loupe" if view == Key.Key_E else "grid")
    assert window.views.current_id() == library.ids[3]
    assert "Done: taking a burst of 4 apart" in said(window)
    undo(qtbot, window)
    assert groups(library) == [[0, 1, 2, 3], [4, 5]]
    assert window.views.current_id() == library.ids[3]


def test_commands_that_need_a_burst_or_a_selection_are_off_without(library: Any, show_window: Make) -> None:
    window = show_window(library)
    window.grid.set_current_id(library.ids[7])
    state = {name: window.registry[f"photo.burst.{name}"].enabled() for name in ("merge", "split", "out", "dissolve")}
    assert not any(state.values())
    window.grid.set_current_id(library.ids[5])
    assert window.registry["photo.burst.out"].enabled()
    assert not window.registry["photo.burst.merge"].enabled()
    assert not window.registry["view.as_shot"].enabled(), "only the burst view has frames to order"


def test_keys_decide_about_the_current_frame_in_either_order(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    window.grid.set_current_id(library.ids[3])
    press(qtbot, window, Key.Key_B)
    press(qtbot, window, Key.Key_S, SHIFT)
    press(qtbot, window, Key.Key_Home)
    for key in (Key.Key_X, Key.Key_3):
        with qtbot.waitSignal(window.verdicts.applied):
            press(qtbot, window, key)
    verdict = library.verdict(library.ids[0])
    assert (verdict.flag, verdict.rating) == (Flag.REJECT, 3)
    assert window.burst.current_id() == library.ids[0]


def test_edits_outlive_a_restart(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    window.grid.set_current_id(library.ids[3])
    decide(qtbot, window, Key.Key_G, CTRL | SHIFT)
    window.close()

    again = show_window(library)

    assert len(shown(again)) == 7
    qtbot.waitUntil(lambda: again.history.undo_title == "taking a burst of 4 apart")
    undo(qtbot, again)
    assert groups(library) == [[0, 1, 2, 3], [4, 5]]
