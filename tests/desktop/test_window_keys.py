"""The keys do what photographers know them to do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from aesthetic_studio.albums import PhotoFilter
from aesthetic_studio.records import Flag, Label, Verdict, VerdictChange

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.window import MainWindow

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
Make = Callable[..., Any]


def press(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Press a key where the keyboard is."""
    target: QWidget = window.focusWidget() or window
    qtbot.keyClick(target, key, modifiers)


def press_and_wait(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Press a key that decides, and wait until it is in the catalogue."""
    with qtbot.waitSignal(window.verdicts.applied, timeout=5000):
        press(qtbot, window, key, modifiers)


@pytest.mark.parametrize("rating", range(6))
def test_digits_give_stars(qtbot: QtBot, make_library: Make, show_window: Make, rating: int) -> None:
    library = make_library()
    library.catalogue.decide([library.ids[0]], VerdictChange(rating=2), "before")
    window = show_window(library)

    press_and_wait(qtbot, window, Key(Key.Key_0 + rating))

    assert library.verdict(library.ids[0]).rating == rating
    assert window.views.current_id() == library.ids[0]


@pytest.mark.parametrize(("key", "flag"), [(Key.Key_P, Flag.PICK), (Key.Key_X, Flag.REJECT), (Key.Key_U, Flag.NONE)])
def test_p_x_and_u_flag(qtbot: QtBot, make_library: Make, show_window: Make, key: Qt.Key, flag: Flag) -> None:
    library = make_library()
    library.catalogue.decide(
        [library.ids[0]], VerdictChange(flag=Flag.PICK if flag is not Flag.PICK else Flag.NONE), "x"
    )
    window = show_window(library)

    press_and_wait(qtbot, window, key)

    assert library.verdict(library.ids[0]).flag is flag


@pytest.mark.parametrize(
    ("key", "label"),
    [(Key.Key_6, Label.RED), (Key.Key_7, Label.YELLOW), (Key.Key_8, Label.GREEN), (Key.Key_9, Label.BLUE)],
)
def test_6_to_9_label(qtbot: QtBot, make_library: Make, show_window: Make, key: Qt.Key, label: Label) -> None:
    library = make_library()
    window = show_window(library)

    press_and_wait(qtbot, window, key)

    assert library.verdict(library.ids[0]).label is label


def test_shift_with_a_key_decides_and_goes_on(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)

    press_and_wait(qtbot, window, Key.Key_4, SHIFT)

    assert library.verdict(library.ids[0]).rating == 4
    assert window.views.current_id() == library.ids[1]


def test_going_on_can_be_made_the_rule(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library, advance=True)

    press_and_wait(qtbot, window, Key.Key_P)

    assert window.views.current_id() == library.ids[1]


def test_caps_lock_goes_on_after_every_decision(
    qtbot: QtBot, make_library: Make, show_window: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library()
    monkeypatch.setattr("aesthetic_studio.desktop.window.caps_lock_in", lambda _event: True)
    window = show_window(library)

    press_and_wait(qtbot, window, Key.Key_2)

    assert window.views.current_id() == library.ids[1]


def test_space_and_arrows_step(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)
    seen = []

    for key in (Key.Key_Space, Key.Key_Right, Key.Key_Left, Key.Key_End, Key.Key_Home):
        press(qtbot, window, key)
        seen.append(library.ids.index(window.views.current_id()))

    assert seen == [1, 2, 1, 5, 0]


def test_up_and_down_go_by_rows(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(24)
    window = show_window(library)

    press(qtbot, window, Key.Key_Down)
    below = library.ids.index(window.views.current_id())
    press(qtbot, window, Key.Key_Up)

    assert below > 1
    assert window.views.current_id() == library.ids[0]


def test_a_selection_is_decided_in_one_step_of_undo(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)
    chosen = library.ids[1:4]
    window.grid.select_ids(chosen)

    press_and_wait(qtbot, window, Key.Key_3)
    qtbot.waitUntil(lambda: window.actions_["edit.undo"].text() == "Undo rating 3 photos ★★★")
    rated = [library.verdict(photo).rating for photo in library.ids]
    press_and_wait(qtbot, window, Key.Key_Z, CTRL)

    assert rated == [0, 3, 3, 3, 0, 0]
    assert all(library.verdict(photo) == Verdict() for photo in chosen)


def test_undo_and_redo_walk_every_decision(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)
    photo = library.ids[0]
    states = [library.verdict(photo)]
    for key in (Key.Key_5, Key.Key_P, Key.Key_6):
        press_and_wait(qtbot, window, key)
        states.append(library.verdict(photo))

    for expected in reversed(states[:-1]):
        press_and_wait(qtbot, window, Key.Key_Z, CTRL)
        assert library.verdict(photo) == expected
    for expected in states[1:]:
        press_and_wait(qtbot, window, Key.Key_Z, CTRL | SHIFT)
        assert library.verdict(photo) == expected


def test_undo_shows_the_photo_it_changed(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)
    press_and_wait(qtbot, window, Key.Key_X, SHIFT)
    press(qtbot, window, Key.Key_End)

    press_and_wait(qtbot, window, Key.Key_Z, CTRL)

    assert window.views.current_id() == library.ids[0]


def test_undo_pressed_before_a_decision_is_written_takes_that_decision_back(
    qtbot: QtBot, make_library: Make, show_window: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library()
    window = show_window(library)
    disk = threading.Event()
    decide = library.catalogue.decide

    def decide_on_a_slow_disk(*arguments: Any) -> Any:
        disk.wait(10)
        return decide(*arguments)

    monkeypatch.setattr(window.decisions._catalogue, "decide", decide_on_a_slow_disk)
    with qtbot.waitSignals([window.verdicts.applied, window.verdicts.applied], timeout=5000):
        press(qtbot, window, Key.Key_X)
        press(qtbot, window, Key.Key_Z, CTRL)
        disk.set()

    assert library.verdict(library.ids[0]) == Verdict()


def test_rating_under_a_filter_moves_to_the_next(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)
    with qtbot.waitSignal(window.album.loaded):
        window.filter_panel.set_filter(PhotoFilter(rating=0))
    window.views.go_to(library.ids[2])

    for expected in (library.ids[3], library.ids[4]):
        with qtbot.waitSignal(window.album.loaded, timeout=5000):
            press(qtbot, window, Key.Key_3)
        assert window.views.current_id() == expected

    assert [library.verdict(photo).rating for photo in library.ids] == [0, 0, 3, 3, 0, 0]


def test_rating_the_last_photo_under_a_filter_keeps_a_photo_current(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(3)
    window = show_window(library)
    with qtbot.waitSignal(window.album.loaded):
        window.filter_panel.set_filter(PhotoFilter(rating=0))
    window.views.go_to(library.ids[2])

    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        press(qtbot, window, Key.Key_1)

    assert window.views.current_id() == library.ids[1]


def test_next_unrated_skips_what_is_decided(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    library.catalogue.decide(library.ids[1:3], VerdictChange(rating=1), "x")
    library.catalogue.decide([library.ids[3]], VerdictChange(flag=Flag.REJECT), "x")
    window = show_window(library)

    press(qtbot, window, Key.Key_Right, CTRL)

    assert window.views.current_id() == library.ids[4]


def test_g_e_and_enter_change_the_view(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    modes = []

    for key in (Key.Key_E, Key.Key_G, Key.Key_Return, Key.Key_Escape):
        press(qtbot, window, key)
        modes.append(window.views.mode)

    assert modes == ["loupe", "grid", "loupe", "grid"]


def test_the_loupe_steps_and_decides_about_the_photo_it_shows(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library()
    window = show_window(library)
    window.grid.selectAll()
    press(qtbot, window, Key.Key_E)

    press(qtbot, window, Key.Key_Right)
    press_and_wait(qtbot, window, Key.Key_5)

    shown = window.loupe.photo_id()
    assert shown == window.views.current_id()
    assert [photo for photo in library.ids if library.verdict(photo).rating == 5] == [shown]


def test_z_zooms_to_one_to_one_and_back(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())

    press(qtbot, window, Key.Key_Z)
    zoomed = (window.views.mode, window.loupe.is_fitted(), window.loupe.scale())
    press(qtbot, window, Key.Key_Z)

    assert zoomed == ("loupe", False, 1.0)
    assert window.loupe.is_fitted()


def test_s_opens_and_closes_a_burst(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    library.group(library.ids[:3])
    window = show_window(library)
    collapsed = list(window.grid.model().ids)

    with qtbot.waitSignal(window.album.loaded):
        press(qtbot, window, Key.Key_S)
    opened = list(window.grid.model().ids)
    press(qtbot, window, Key.Key_Right)
    with qtbot.waitSignal(window.album.loaded):
        press(qtbot, window, Key.Key_S)

    assert collapsed == [library.ids[0], *library.ids[3:]]
    assert opened == library.ids
    assert list(window.grid.model().ids) == collapsed
    assert window.views.current_id() == library.ids[0]


def test_b_shows_the_frames_of_a_burst(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    library.group(library.ids[:3])
    window = show_window(library)

    press(qtbot, window, Key.Key_B)
    press(qtbot, window, Key.Key_Right)
    press_and_wait(qtbot, window, Key.Key_P)

    assert window.views.mode == "burst"
    assert library.verdict(library.ids[1]).flag is Flag.PICK


def test_b_says_why_where_there_is_no_burst(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())

    with qtbot.waitSignal(window.views.said) as said:
        window.views.show_burst()

    assert said.args == ["This photo is not part of a burst"]
    assert window.views.mode == "grid"


def test_a_frame_opened_from_a_collapsed_burst_is_the_one_that_keys_act_on(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library()
    library.group(library.ids[:3])
    window = show_window(library)
    press(qtbot, window, Key.Key_B)
    press(qtbot, window, Key.Key_Right)

    press(qtbot, window, Key.Key_E)
    qtbot.waitUntil(lambda: window.views.mode == "loupe")
    press_and_wait(qtbot, window, Key.Key_4)

    assert window.loupe.photo_id() == library.ids[1]
    assert library.verdict(library.ids[1]).rating == 4


def test_i_f7_and_f9_show_and_hide_panels(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library(1))
    shown = []

    for key in (Key.Key_I, Key.Key_F7, Key.Key_F9, Key.Key_F9):
        press(qtbot, window, key)
        shown.append((window.panels.left_shown(), window.panels.right_shown()))

    assert shown == [(True, False), (False, False), (True, True), (False, False)]


def test_f_fills_the_screen_and_escape_brings_everything_back(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    window = show_window(make_library(1))

    press(qtbot, window, Key.Key_F)
    full = (window.isFullScreen(), window.toolbar.isVisible(), window.panels.left_shown())
    press(qtbot, window, Key.Key_Escape)

    assert full == (True, False, False)
    assert (window.isFullScreen(), window.toolbar.isVisible(), window.panels.left_shown()) == (False, True, True)


def test_slash_goes_to_the_filter_and_letters_typed_there_decide_nothing(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library()
    window = show_window(library)

    press(qtbot, window, Key.Key_Slash)
    field = window.focusWidget()
    with qtbot.waitSignal(window.album.loaded):
        qtbot.keyClicks(field, "photo-03")
    press(qtbot, window, Key.Key_Return)

    assert field.objectName() == "filterText"
    assert list(window.grid.model().ids) == [library.ids[3]]
    assert window.focusWidget() is window.grid
    assert all(library.verdict(photo) == Verdict() for photo in library.ids)


def test_space_presses_a_button_that_has_the_keyboard(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)
    button = window.filter_panel.findChild(QWidget, "clearFilters")
    with qtbot.waitSignal(window.album.loaded):
        window.filter_panel.set_filter(PhotoFilter(rating=5))
    button.setFocus()

    with qtbot.waitSignal(window.album.loaded):
        press(qtbot, window, Key.Key_Space)

    assert window.album.query.filter == PhotoFilter()


def test_enter_presses_the_invitation(
    qtbot: QtBot, make_library: Make, show_window: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show_window(make_library(0))
    asked: list[bool] = []
    monkeypatch.setattr(
        "aesthetic_studio.desktop.dialogs.QFileDialog.getExistingDirectory", lambda *_: asked.append(True) or ""
    )

    press(qtbot, window, Key.Key_Return)

    assert asked == [True]


def test_f6_walks_through_the_panes(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    start = window.focusWidget()
    met = []

    for _ in range(5):
        press(qtbot, window, Key.Key_F6)
        met.append(window.focusWidget())

    assert len(set(met)) == 5
    assert met[-1] is start or start not in met[:-1]


def test_ctrl_digits_sort(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)

    with qtbot.waitSignal(window.album.loaded):
        press(qtbot, window, Key.Key_3, CTRL)
    by_name = list(window.grid.model().ids)
    with qtbot.waitSignal(window.album.loaded):
        press(qtbot, window, Key.Key_R, CTRL)

    assert by_name == library.ids
    assert list(window.grid.model().ids) == library.ids[::-1]
