"""Compare and survey in the window: the champion stays, keys act on the current photo alone, undo brings back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from aesthetic_studio.albums import Comparison, PhotoFilter
from aesthetic_studio.judgements import PreferenceSource
from aesthetic_studio.records import Flag, Label, PhotoState, SeriesKind, Verdict, VerdictChange

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


def press(qtbot: QtBot, window: MainWindow, *keys: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    for key in keys:
        qtbot.keyClick(window.focusWidget() or window, key, modifiers)


def decide(qtbot: QtBot, window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    """Press a key that decides, and wait until it is in the catalogue and on screen."""
    with qtbot.waitSignal(window.verdicts.applied, timeout=10_000):
        press(qtbot, window, key, modifiers=modifiers)


def shown(window: MainWindow) -> list[int | None]:
    """The photos on screen, the champion first; None where words stand in for a challenger."""
    return [pane.photo_id() for pane in window.compare.view.panes()]


def preferences(library: Any) -> list[tuple[int, int, str]]:
    said = library.catalogue.judgements().preferences
    return [(each.better.photo_id, each.worse.photo_id, each.source) for each in said]


@pytest.fixture
def library(make_library: Make) -> Any:
    return make_library(6)


@pytest.fixture
def window(library: Any, show_window: Make) -> MainWindow:
    made: MainWindow = show_window(library)
    return made


# -- champion and challengers ----------------------------------------------------------------------------------------


def test_the_champion_stays_while_challengers_pass(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    first, *others = library.ids
    press(qtbot, window, Key.Key_C)
    assert window.views.mode == "compare"
    met = [shown(window)]
    for key in (Key.Key_Right, Key.Key_Space, Key.Key_Right, Key.Key_Right):
        press(qtbot, window, key)
        met.append(shown(window))
    assert met == [[first, other] for other in others]
    press(qtbot, window, Key.Key_Left)
    assert shown(window) == [first, others[-2]]
    assert preferences(library) == [], "passing by says nothing"
    assert window.history.undo_title is None


def test_zoom_and_place_are_kept_from_challenger_to_challenger(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    press(qtbot, window, Key.Key_C, Key.Key_Z)
    press(qtbot, window, Key.Key_Right, modifiers=SHIFT)
    looks = [(pane.canvas.look.scale, pane.canvas.look.centre_x) for pane in window.compare.view.panes()]
    press(qtbot, window, Key.Key_Right)
    after = [(pane.canvas.look.scale, pane.canvas.look.centre_x) for pane in window.compare.view.panes()]
    assert after == looks
    assert looks[0] == looks[1]
    assert looks[0][0] == 1.0
    assert looks[0][1] != 0.5


def test_plus_and_minus_zoom_all_in_step_and_out_to_the_whole(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, Key.Key_C, Key.Key_Plus, Key.Key_Plus)
    near = [pane.canvas.look.scale for pane in window.compare.view.panes()]
    press(qtbot, window, Key.Key_Minus)
    less = [pane.canvas.look.scale for pane in window.compare.view.panes()]
    press(qtbot, window, Key.Key_Minus, Key.Key_Minus)
    assert near[0] == near[1] > less[0] == less[1]
    assert all(pane.canvas.look.zoom is None for pane in window.compare.view.panes())


def test_at_the_end_it_is_said_and_no_key_hits_a_photo(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    window.grid.select_ids(library.ids[:2])
    press(qtbot, window, Key.Key_C, Key.Key_Right)
    assert shown(window) == [library.ids[0], None]
    assert "That was the last challenger" in window.compare.view.panes()[1].accessibleName()
    assert window.views.current_id() is None
    press(qtbot, window, Key.Key_X)
    press(qtbot, window, Key.Key_Left)
    assert shown(window) == library.ids[:2]
    decide(qtbot, window, Key.Key_P)
    assert [library.verdict(photo).flag for photo in library.ids[:2]] == [Flag.NONE, Flag.PICK]


def test_up_makes_the_challenger_champion_and_is_kept_as_a_preference(
    qtbot: QtBot, library: Any, window: MainWindow
) -> None:
    first, second, third, *_ = library.ids
    press(qtbot, window, Key.Key_C)
    decide(qtbot, window, Key.Key_Up)
    assert shown(window) == [second, third]
    assert preferences(library) == [(second, first, PreferenceSource.COMPARE)]
    press(qtbot, window, Key.Key_Left)
    assert shown(window) == [second, first], "the old champion is the predecessor"


def test_return_does_what_up_does(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    press(qtbot, window, Key.Key_C)
    decide(qtbot, window, Key.Key_Return)
    assert shown(window) == library.ids[1:3]
    assert window.views.mode == "compare"


def test_down_keeps_the_champion_and_undo_and_redo_walk_both(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    first, second, third, fourth, *_ = library.ids
    press(qtbot, window, Key.Key_C)
    decide(qtbot, window, Key.Key_Down)
    decide(qtbot, window, Key.Key_Up)
    assert shown(window) == [third, fourth]
    assert [pair[:2] for pair in preferences(library)] == [(first, second), (third, first)]

    decide(qtbot, window, Key.Key_Z, CTRL)
    assert shown(window) == [first, third]
    assert [pair[:2] for pair in preferences(library)] == [(first, second)]
    decide(qtbot, window, Key.Key_Z, CTRL)
    assert shown(window) == [first, second]
    assert preferences(library) == []
    decide(qtbot, window, Key.Key_Z, CTRL | SHIFT)
    decide(qtbot, window, Key.Key_Z, CTRL | SHIFT)
    assert shown(window) == [third, fourth]
    assert len(preferences(library)) == 2


def test_frames_of_a_set_kept_whole_are_compared_and_not_judged(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(4)
    library.group(library.ids[:3], SeriesKind.BRACKET)
    window = show_window(library)
    press(qtbot, window, Key.Key_C, Key.Key_Up)
    assert shown(window) == library.ids[1:3]
    decide(qtbot, window, Key.Key_5)
    assert preferences(library) == []


# -- keep and reject from there --------------------------------------------------------------------------------------


def test_a_filter_that_a_decision_empties_does_not_end_a_comparison(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    library.catalogue.decide(library.ids[2:], VerdictChange(rating=1), "x")
    window = show_window(library)
    with qtbot.waitSignal(window.album.loaded):
        window.filter_panel.set_filter(PhotoFilter(rating=0, rating_comparison=Comparison.EXACTLY))
    press(qtbot, window, Key.Key_C)
    for key in (Key.Key_5, Key.Key_Tab, Key.Key_5):
        press(qtbot, window, key)
    qtbot.waitUntil(lambda: window.album.answer is not None and not window.album.answer.ids)
    assert shown(window) == library.ids[:2]
    assert all(pane.isVisible() for pane in window.compare.view.panes())
    press(qtbot, window, Key.Key_Escape)
    qtbot.waitUntil(window.views.nothing.isVisible)


@pytest.mark.parametrize(
    ("key", "verdict"),
    [
        (Key.Key_P, Verdict(flag=Flag.PICK)),
        (Key.Key_4, Verdict(4)),
        (Key.Key_6, Verdict(label=Label.RED)),
    ],
)
def test_keys_act_on_the_current_photo_alone(
    qtbot: QtBot, library: Any, window: MainWindow, key: Qt.Key, verdict: Verdict
) -> None:
    window.grid.select_ids(library.ids[:4])
    press(qtbot, window, Key.Key_C)
    decide(qtbot, window, key)
    assert [library.verdict(photo) for photo in library.ids] == [Verdict(), verdict, *[Verdict()] * 4]
    press(qtbot, window, Key.Key_Tab)
    decide(qtbot, window, key)
    assert [library.verdict(photo) for photo in library.ids] == [verdict, verdict, *[Verdict()] * 4]
    assert shown(window) == library.ids[:2], "nothing goes on where that is not wanted"


def test_a_rejected_challenger_goes_and_the_next_comes(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    first, second, third, *_ = library.ids
    press(qtbot, window, Key.Key_C)
    decide(qtbot, window, Key.Key_X)
    assert shown(window) == [first, third]
    assert library.verdict(second).flag is Flag.REJECT
    press(qtbot, window, Key.Key_Left)
    assert shown(window) == [first, third], "it is out of the contest"

    decide(qtbot, window, Key.Key_Z, CTRL)
    assert shown(window) == [first, second], "undo brings it back"
    decide(qtbot, window, Key.Key_Z, CTRL | SHIFT)
    assert shown(window) == [first, third]


def test_quick_rejects_hit_one_photo_each(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    press(qtbot, window, Key.Key_C)
    with qtbot.waitSignals([window.verdicts.applied] * 3, timeout=10_000):
        press(qtbot, window, Key.Key_X, Key.Key_X, Key.Key_X)
    assert [library.verdict(photo).flag for photo in library.ids] == [0, -1, -1, -1, 0, 0]
    assert shown(window) == [library.ids[0], library.ids[4]]


def test_a_rejected_champion_leaves_the_field_to_its_challenger(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    first, second, third, *_ = library.ids
    press(qtbot, window, Key.Key_C, Key.Key_Tab)
    decide(qtbot, window, Key.Key_X)
    assert shown(window) == [second, third]
    assert window.views.current_id() == third, "the next press is not meant for the new champion"
    decide(qtbot, window, Key.Key_Z, CTRL)
    assert shown(window) == [first, second]


def test_going_on_after_a_decision_brings_the_next_challenger(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library, advance=True)
    press(qtbot, window, Key.Key_C)
    decide(qtbot, window, Key.Key_3)
    assert shown(window) == [library.ids[0], library.ids[2]]
    decide(qtbot, window, Key.Key_X)
    assert shown(window) == [library.ids[0], library.ids[3]], "a reject goes on once, not twice"


def test_o_leaves_a_challenger_out_without_a_judgement(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    press(qtbot, window, Key.Key_C)
    decide(qtbot, window, Key.Key_1)
    press(qtbot, window, Key.Key_O)
    assert shown(window) == [library.ids[0], library.ids[2]]
    assert library.verdict(library.ids[1]) == Verdict(1)
    decide(qtbot, window, Key.Key_Z, CTRL)
    assert library.verdict(library.ids[1]) == Verdict()
    assert shown(window) == [library.ids[0], library.ids[2]], "what was left out stays out"


def test_the_words_under_a_photo_follow_undo(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    press(qtbot, window, Key.Key_C)
    pane = window.compare.view.panes()[1]
    decide(qtbot, window, Key.Key_5)
    assert "5 stars" in pane.accessibleName()
    decide(qtbot, window, Key.Key_Z, CTRL)
    assert "5 stars" not in pane.accessibleName()


def test_frames_of_a_burst_challenge_each_other_and_one_can_be_made_its_best(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    library.group(library.ids[:3])
    library.catalogue.decide([library.ids[1]], VerdictChange(flag=Flag.REJECT), "x")
    window = show_window(library)
    press(qtbot, window, Key.Key_C)
    assert shown(window) == [library.ids[0], library.ids[2]], "a rejected frame does not compete"
    with qtbot.waitSignals([window.verdicts.applied, window.album.loaded], timeout=10_000):
        press(qtbot, window, Key.Key_B, modifiers=SHIFT)
    assert library.catalogue.photo(library.ids[2]).chosen
    assert shown(window) == [library.ids[0], library.ids[2]]
    qtbot.waitUntil(lambda: "your choice" in window.compare.view.panes()[1].accessibleName())


def test_the_inspector_and_the_heat_map_follow_the_current_pane(
    qtbot: QtBot, library: Any, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(window.heat_map, "_ask", lambda _generation, photo: asked.append(photo))
    press(qtbot, window, Key.Key_C, Key.Key_H)
    press(qtbot, window, Key.Key_Tab)
    name = library.catalogue.photo(library.ids[0]).name
    told = window.inspector.findChildren(QLabel)
    qtbot.waitUntil(lambda: name in {label.text().replace("\u200b", "") for label in told})
    assert asked == [library.ids[1], library.ids[0]]


def test_l_releases_the_current_photo_and_locks_it_again(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    press(qtbot, window, Key.Key_C, Key.Key_Z, Key.Key_L)
    left, right = window.compare.view.panes()
    before = left.canvas.look
    press(qtbot, window, Key.Key_Right, modifiers=SHIFT)
    assert left.canvas.look == before
    assert right.canvas.look != before
    press(qtbot, window, Key.Key_L)
    press(qtbot, window, Key.Key_Left, modifiers=SHIFT)
    assert left.canvas.look != before


def test_a_challenger_that_vanishes_stays_with_a_notice(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    press(qtbot, window, Key.Key_C)
    library.catalogue.finish_scan([library.folder], [])
    with qtbot.waitSignal(window.album.loaded, timeout=10_000):
        window.album.refresh()
    pane = window.compare.view.panes()[1]
    assert library.catalogue.photo(library.ids[1]).state is not PhotoState.PRESENT
    assert shown(window) == library.ids[:2]
    assert "preview that the library keeps" in pane.canvas.words_on_it()
    decide(qtbot, window, Key.Key_X)
    assert library.verdict(library.ids[1]).flag is Flag.REJECT


# -- survey ----------------------------------------------------------------------------------------------------------


def test_a_survey_of_nine_says_that_more_were_selected(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(12)
    window = show_window(library)
    said: list[str] = []
    window.views.said.connect(said.append)
    window.grid.select_ids(library.ids[:11])
    press(qtbot, window, Key.Key_N)
    assert window.views.mode == "survey"
    assert shown(window) == library.ids[:9]
    assert said == ["The first 9 of 11 selected photos are shown"]


def test_in_a_survey_rejects_go_and_what_is_left_out_is_not_judged(
    qtbot: QtBot, library: Any, window: MainWindow
) -> None:
    window.grid.select_ids(library.ids[:5])
    press(qtbot, window, Key.Key_N, Key.Key_Right)
    decide(qtbot, window, Key.Key_X)
    first, second, third, fourth, fifth, _ = library.ids
    assert shown(window) == [first, third, fourth, fifth]
    assert window.views.current_id() == third
    press(qtbot, window, Key.Key_O)
    assert shown(window) == [first, fourth, fifth]
    assert library.verdict(third) == Verdict()
    decide(qtbot, window, Key.Key_Z, CTRL)
    assert shown(window) == [first, second, fourth, fifth]
    assert window.views.current_id() == second
    press(qtbot, window, Key.Key_N)
    assert shown(window) == [first, second, third, fourth, fifth], "N shows all of them again"


def test_arrows_move_between_the_panes_of_a_survey(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    window.grid.select_ids(library.ids[:4])
    press(qtbot, window, Key.Key_N)
    columns = window.compare.view.columns()
    press(qtbot, window, Key.Key_End)
    assert window.views.current_id() == library.ids[3]
    press(qtbot, window, Key.Key_Home, Key.Key_Down)
    assert window.views.current_id() == library.ids[min(columns, 3)]
    assert preferences(library) == []


def test_enter_opens_a_surveyed_photo_in_the_loupe_and_escape_leads_back(
    qtbot: QtBot, library: Any, window: MainWindow
) -> None:
    window.grid.select_ids(library.ids[:3])
    press(qtbot, window, Key.Key_N, Key.Key_Right, Key.Key_Return)
    assert window.views.mode == "loupe"
    assert window.loupe.photo_id() == library.ids[1]
    press(qtbot, window, Key.Key_Escape)
    assert list(window.grid.selected_ids()) == library.ids[:3], "the selection outlives a look"


def test_escape_leads_back_to_where_a_comparison_began(qtbot: QtBot, library: Any, window: MainWindow) -> None:
    press(qtbot, window, Key.Key_E, Key.Key_C, Key.Key_Right)
    press(qtbot, window, Key.Key_Escape)
    assert window.views.mode == "loupe"
    assert window.loupe.photo_id() == library.ids[2]
    press(qtbot, window, Key.Key_G, Key.Key_N, Key.Key_C, Key.Key_Escape)
    assert window.views.mode == "survey"
    press(qtbot, window, Key.Key_Escape)
    assert window.views.mode == "grid"


def test_a_comparison_of_a_burst_begins_at_its_current_frame_and_leads_back_to_it(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    library.group(library.ids[:3])
    window = show_window(library)
    press(qtbot, window, Key.Key_B, Key.Key_Right, Key.Key_C)
    assert shown(window) == library.ids[1:3]
    assert window.views.current_id() == library.ids[2], "keys act on the challenger from wherever one comes"
    press(qtbot, window, Key.Key_Escape)
    assert window.views.mode == "burst"
    assert window.views.current_id() == library.ids[2]
    press(qtbot, window, Key.Key_N)
    assert shown(window) == library.ids[:3]


def test_one_photo_alone_is_compared_with_nothing_and_that_is_said(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    window = show_window(make_library(1))
    said: list[str] = []
    window.views.said.connect(said.append)
    press(qtbot, window, Key.Key_C, Key.Key_N)
    assert window.views.mode == "grid"
    assert len(said) == 2
