"""Rating under a filter keeps the place, goes to the next photo, and loses neither a key nor a selection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt

from aesthetic_studio.albums import Comparison, PhotoFilter
from aesthetic_studio.errors import LibraryError
from aesthetic_studio.records import Flag, Label, SeriesKind, Verdict, VerdictChange

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.window import MainWindow

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Make = Callable[..., Any]
UNRATED = PhotoFilter(rating=0, rating_comparison=Comparison.EXACTLY)


def press(
    qtbot: QtBot, window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    target: QWidget = window.focusWidget() or window
    qtbot.keyClick(target, key, modifiers)


def show_only(qtbot: QtBot, window: MainWindow, wanted: PhotoFilter) -> None:
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.filter_panel.set_filter(wanted)


def written(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until every decision is in the library and the album knows of it."""
    qtbot.waitUntil(lambda: not window.decisions.is_behind(window.history), timeout=5000)
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.album.refresh()


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[MainWindow], threading.Event]:
    """Hold back what is decided until the event is set."""

    def hold(window: MainWindow) -> threading.Event:
        disk, decide = threading.Event(), window.catalogue.decide

        def decide_later(*arguments: Any) -> Any:
            disk.wait(10)
            return decide(*arguments)

        monkeypatch.setattr(window.catalogue, "decide", decide_later)
        return disk

    return hold


@pytest.mark.parametrize("view", ["grid", "loupe"])
def test_keys_pressed_faster_than_the_library_writes_rate_one_photo_each(
    qtbot: QtBot, make_library: Make, show_window: Make, slow_disk: Make, view: str
) -> None:
    library = make_library(8)
    window = show_window(library)
    show_only(qtbot, window, UNRATED)
    window.views.go_to(library.ids[2])
    if view == "loupe":
        press(qtbot, window, Key.Key_E)
    disk = slow_disk(window)

    for key in (Key.Key_3, Key.Key_3, Key.Key_5):
        press(qtbot, window, key)
    seen = window.views.current_id()
    disk.set()
    written(qtbot, window)

    assert seen == window.views.current_id() == library.ids[5]
    assert [library.verdict(photo).rating for photo in library.ids] == [0, 0, 3, 3, 5, 0, 0, 0]
    assert window.views.mode == view
    if view == "loupe":
        assert window.loupe.photo_id() == library.ids[5]


def test_a_photo_that_left_is_back_once_another_filter_takes_it(
    qtbot: QtBot, make_library: Make, show_window: Make, slow_disk: Make
) -> None:
    library = make_library(4)
    window = show_window(library)
    show_only(qtbot, window, UNRATED)
    disk = slow_disk(window)

    press(qtbot, window, Key.Key_2)
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.filter_panel.clear()
    disk.set()

    qtbot.waitUntil(lambda: list(window.grid.model().ids) == library.ids, timeout=5000)
    assert library.verdict(library.ids[0]).rating == 2


def test_an_answer_from_before_the_decision_does_not_bring_the_photo_back(
    qtbot: QtBot, make_library: Make, show_window: Make, slow_disk: Make
) -> None:
    library = make_library()
    window = show_window(library)
    show_only(qtbot, window, UNRATED)
    window.views.go_to(library.ids[1])
    disk = slow_disk(window)

    press(qtbot, window, Key.Key_2)
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.album.refresh()  # as the library's news do while photos are being scored
    held = list(window.grid.model().ids)
    disk.set()
    written(qtbot, window)

    assert held == list(window.grid.model().ids) == [library.ids[0], *library.ids[2:]]
    assert window.views.current_id() == library.ids[2]


@pytest.mark.parametrize("view", ["grid", "loupe"])
def test_undo_brings_the_photo_back_and_makes_it_current(
    qtbot: QtBot, make_library: Make, show_window: Make, view: str
) -> None:
    library = make_library()
    window = show_window(library)
    show_only(qtbot, window, UNRATED)
    window.views.go_to(library.ids[2])
    if view == "loupe":
        press(qtbot, window, Key.Key_E)

    press(qtbot, window, Key.Key_4)
    press(qtbot, window, Key.Key_Z, CTRL)

    qtbot.waitUntil(lambda: window.views.current_id() == library.ids[2], timeout=5000)
    assert list(window.grid.model().ids) == library.ids
    assert library.verdict(library.ids[2]) == Verdict()
    assert window.views.mode == view


def test_a_selection_leaves_together_and_the_next_photo_follows(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(9)
    window = show_window(library)
    show_only(qtbot, window, PhotoFilter(flags=frozenset({Flag.NONE})))
    window.views.go_to(library.ids[2])
    for _ in range(3):
        press(qtbot, window, Key.Key_Right, SHIFT)

    press(qtbot, window, Key.Key_X)
    at_once = (window.views.current_id(), list(window.grid.selected_ids()))
    written(qtbot, window)

    assert at_once == (library.ids[6], [library.ids[6]])
    assert window.views.current_id() == library.ids[6]
    assert [library.verdict(photo).flag for photo in library.ids[2:6]] == [Flag.REJECT] * 4


def test_going_on_by_itself_skips_no_photo_under_a_filter(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)
    show_only(qtbot, window, UNRATED)
    window.views.go_to(library.ids[1])

    press(qtbot, window, Key.Key_3, SHIFT)

    assert window.views.current_id() == library.ids[2]


def test_a_decision_that_keeps_the_photo_in_the_album_stays_on_it(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library()
    window = show_window(library)
    show_only(qtbot, window, UNRATED)
    window.views.go_to(library.ids[1])

    press(qtbot, window, Key.Key_P)
    written(qtbot, window)

    assert window.views.current_id() == library.ids[1]
    assert len(window.grid.model().ids) == 6


@pytest.mark.parametrize(
    ("wanted", "change", "leaves"),
    [
        (UNRATED, VerdictChange(rating=1), True),
        (UNRATED, VerdictChange(rating=0), False),
        (PhotoFilter(rating=3), VerdictChange(rating=2), True),
        (PhotoFilter(rating=3), VerdictChange(rating=5), False),
        (PhotoFilter(rating=3, rating_comparison=Comparison.AT_MOST), VerdictChange(rating=4), True),
        (PhotoFilter(rating=3, rating_comparison=Comparison.AT_MOST), VerdictChange(rating=0), False),
        (PhotoFilter(flags=frozenset({Flag.PICK})), VerdictChange(flag=Flag.NONE), True),
        (PhotoFilter(flags=frozenset({Flag.PICK})), VerdictChange(rating=1), False),
        (PhotoFilter(labels=frozenset({Label.RED})), VerdictChange(label=Label.BLUE), True),
        (PhotoFilter(labels=frozenset({Label.RED, Label.BLUE})), VerdictChange(label=Label.BLUE), False),
        (PhotoFilter(text="sea"), VerdictChange(rating=1), False),
    ],
)
def test_what_takes_a_photo_out_of_the_album_is_known_at_once(
    wanted: PhotoFilter, change: VerdictChange, leaves: bool
) -> None:
    assert wanted.loses(change) is leaves


def test_the_last_photo_gives_way_to_the_one_before_it(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(3)
    window = show_window(library)
    show_only(qtbot, window, UNRATED)
    window.views.go_to(library.ids[2])

    press(qtbot, window, Key.Key_1)

    assert window.views.current_id() == library.ids[1]


def test_a_decision_that_cannot_be_written_shows_the_photo_again(
    qtbot: QtBot, make_library: Make, show_window: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library()
    window = show_window(library)
    show_only(qtbot, window, UNRATED)

    def fail(*_: Any) -> None:
        raise LibraryError("The disk is full.", "Free some space.")

    told: list[str] = []
    monkeypatch.setattr(window.catalogue, "decide", fail)
    monkeypatch.setattr("aesthetic_studio.desktop.dialogs.QMessageBox.exec", lambda box: told.append(box.text()))
    with qtbot.waitSignal(window.decisions.failed, timeout=5000):
        press(qtbot, window, Key.Key_1)

    qtbot.waitUntil(lambda: list(window.grid.model().ids) == library.ids, timeout=5000)
    assert told == ["The disk is full."]


def test_next_unrated_looks_through_an_album_of_any_length(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(2)
    more = [library.add(f"rated-{number:03d}.jpg", score=4.0) for number in range(230)]
    last = library.add("the-last.jpg", score=1.0)
    library.catalogue.decide([library.ids[1], *more], VerdictChange(rating=1), "x")
    window = show_window(library)

    press(qtbot, window, Key.Key_Right, CTRL)
    qtbot.waitUntil(lambda: window.views.current_id() == last, timeout=5000)
    press(qtbot, window, Key.Key_Right, CTRL)
    qtbot.waitUntil(lambda: window.views.current_id() == library.ids[0], timeout=5000)


def test_next_unrated_says_so_where_all_is_decided(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(3)
    library.catalogue.decide(library.ids, VerdictChange(flag=Flag.REJECT), "x")
    window = show_window(library)

    with qtbot.waitSignal(window.next_unrated.said, timeout=5000) as said:
        press(qtbot, window, Key.Key_Right, CTRL)

    assert said.args == ["Every photo here has stars or a flag"]


@pytest.mark.parametrize(
    "wanted", [PhotoFilter(score_at_least=3.0), PhotoFilter(rating=1, rating_comparison=Comparison.AT_MOST), UNRATED]
)
def test_next_unrated_works_under_every_filter(
    qtbot: QtBot, make_library: Make, show_window: Make, wanted: PhotoFilter
) -> None:
    library = make_library()
    library.catalogue.decide(library.ids[1:3], VerdictChange(rating=1), "x")
    window = show_window(library)
    show_only(qtbot, window, wanted)

    press(qtbot, window, Key.Key_Right, CTRL)

    assert window.views.current_id() == library.ids[3]


def test_next_unrated_in_the_burst_view_goes_through_its_frames_and_then_on(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library()
    library.group(library.ids[1:4], SeriesKind.BURST)
    library.catalogue.decide([library.ids[1]], VerdictChange(rating=4), "x")
    window = show_window(library)
    window.views.go_to(library.ids[1])
    press(qtbot, window, Key.Key_B)

    visited = []
    for _ in range(3):
        press(qtbot, window, Key.Key_Right, CTRL)
        visited.append((window.views.mode, window.views.current_id()))

    assert visited == [("burst", library.ids[2]), ("burst", library.ids[3]), ("loupe", library.ids[4])]
