"""The loupe's second window: it follows, hears keys, finds its place, and outlives a screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication

from aesthetic_studio.albums import PhotoFilter
from aesthetic_studio.desktop.second import place as places
from aesthetic_studio.desktop.second.place import (
    Place,
    ScreenRoom,
    first_place,
    is_reachable,
    read_place,
    setup_name,
    stored_place,
)
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.records import Flag, VerdictChange
from aesthetic_studio.settings import Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

Key = Qt.Key
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
Make = Callable[..., Any]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
LEFT, RIGHT = ScreenRoom("left", QRect(0, 0, 1000, 800)), ScreenRoom("right", QRect(1000, 0, 1600, 1200))


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Plug these screens in, and no others."""
    present: list[ScreenRoom] = []
    monkeypatch.setattr(places, "screens", lambda: list(present))

    def plug_(*wanted: ScreenRoom, window: Any = None) -> None:
        present[:] = wanted
        if window is not None:
            window.second.settle()

    plug_(LEFT)
    return plug_


def opened(qtbot: QtBot, window: MainWindow) -> Any:
    """Open the second window by its key."""
    qtbot.keyClick(window.grid, Key.Key_L, CTRL_SHIFT)
    second = window.second.window
    qtbot.waitUntil(lambda: second is not None and second.isVisible())
    return second


def test_it_shows_the_current_photo_and_follows_it(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)
    second = opened(qtbot, window)
    seen = [second.loupe.photo_id()]

    qtbot.keyClick(window.grid, Key.Key_Right)
    seen.append(second.loupe.photo_id())

    assert seen == library.ids[:2]
    assert window.registry["view.second_window"].checked()


def test_keys_work_in_both_windows(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)
    second = opened(qtbot, window)
    second.activateWindow()
    second.loupe.setFocus()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is second)

    qtbot.keyClick(second.loupe, Key.Key_Right)
    with qtbot.waitSignal(window.verdicts.applied, timeout=5000):
        qtbot.keyClick(second.loupe, Key.Key_P)
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    with qtbot.waitSignal(window.verdicts.applied, timeout=5000):
        qtbot.keyClick(window.grid, Key.Key_4)

    verdict = library.verdict(library.ids[1])
    assert (verdict.flag, verdict.rating) == (Flag.PICK, 4)
    assert second.loupe.photo_id() == library.ids[1]


def test_zoom_means_the_window_it_is_pressed_in(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    second = opened(qtbot, window)
    second.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is second)

    qtbot.keyClick(second.loupe, Key.Key_Z)
    zoomed = second.loupe.is_fitted(), window.views.mode
    qtbot.keyClick(second.loupe, Key.Key_F)
    full = second.isFullScreen(), window.isFullScreen()
    qtbot.keyClick(second.loupe, Key.Key_Escape)

    assert zoomed == (False, "grid")
    assert full == (True, False)
    assert not second.isFullScreen()
    assert second.isVisible()


def test_it_closes_with_the_main_window_and_by_its_key(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    second = opened(qtbot, window)
    qtbot.keyClick(window.grid, Key.Key_L, CTRL_SHIFT)
    by_key = second.isHidden()
    qtbot.keyClick(window.grid, Key.Key_L, CTRL_SHIFT)
    again = second.isVisible()

    window.close()

    assert by_key
    assert again
    assert window.second.window is None


@pytest.mark.parametrize(
    ("main", "present", "expected"),
    [
        (QRect(100, 100, 800, 600), [LEFT, RIGHT], RIGHT.room),
        (QRect(1200, 100, 800, 600), [LEFT, RIGHT], LEFT.room),
        (QRect(100, 100, 800, 600), [LEFT], QRect(500, 0, 500, 800)),
    ],
)
def test_it_stands_on_the_other_screen_or_beside(main: QRect, present: list[ScreenRoom], expected: QRect) -> None:
    assert first_place(main, present) == expected


def test_it_survives_that_its_screen_is_unplugged(
    qtbot: QtBot, make_library: Make, show_window: Make, plug: Callable[..., None]
) -> None:
    plug(LEFT, RIGHT)
    library = make_library()
    window = show_window(library)
    window.move(0, 0)
    second = opened(qtbot, window)
    far = second.geometry()

    plug(LEFT, window=window)
    near = second.geometry()
    qtbot.keyClick(window.grid, Key.Key_Right)

    assert is_reachable(far, [RIGHT])
    assert is_reachable(near, [LEFT])
    assert second.isVisible()
    assert second.loupe.photo_id() == library.ids[1]


def test_it_goes_back_when_its_screen_is_plugged_in_again(
    qtbot: QtBot, make_library: Make, show_window: Make, plug: Callable[..., None]
) -> None:
    plug(LEFT, RIGHT)
    window = show_window(make_library())
    window.move(0, 0)
    second = opened(qtbot, window)
    second.setGeometry(1300, 200, 700, 500)

    plug(LEFT, window=window)
    plug(LEFT, RIGHT, window=window)

    assert second.geometry() == QRect(1300, 200, 700, 500)


def test_a_screen_that_comes_or_goes_is_heard_of(
    qtbot: QtBot, make_library: Make, show_window: Make, plug: Callable[..., None], qapp: QApplication
) -> None:
    plug(LEFT, RIGHT)
    window = show_window(make_library())
    window.move(0, 0)
    second = opened(qtbot, window)

    plug(LEFT)
    qapp.screenRemoved.emit(qapp.primaryScreen())

    qtbot.waitUntil(lambda: is_reachable(second.geometry(), [LEFT]))


def test_its_place_is_remembered_for_each_set_of_screens(
    qtbot: QtBot, make_library: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plug: Callable[..., None]
) -> None:
    monkeypatch.setattr(MainWindow, "rescan", lambda _window: None)
    library = make_library()

    def run(*screens: ScreenRoom, move_to: QRect | None = None) -> tuple[bool, QRect | None]:
        plug(*screens)
        window = MainWindow(
            library.catalogue,
            load_settings(tmp_path / "settings.json"),
            settings_path=tmp_path / "settings.json",
        )
        qtbot.addWidget(window)
        window.show()
        window.start()
        if move_to is not None:
            if not window.second.is_open():
                window.second.toggle()
            window.second.window.setGeometry(move_to)
        found = window.second.is_open(), window.second.window.geometry() if window.second.window else None
        window.close()
        return found

    run(LEFT, RIGHT, move_to=QRect(1400, 300, 640, 480))
    run(LEFT, move_to=QRect(300, 100, 500, 400))

    assert run(LEFT, RIGHT) == (True, QRect(1400, 300, 640, 480))
    assert run(LEFT) == (True, QRect(300, 100, 500, 400))
    assert run(RIGHT) == (False, None)


rectangles = st.builds(
    QRect, st.integers(-9000, 9000), st.integers(-9000, 9000), st.integers(1, 5000), st.integers(1, 5000)
)


@given(rect=rectangles, full=st.booleans(), is_open=st.booleans())
def test_a_place_survives_being_written(rect: QRect, full: bool, is_open: bool) -> None:
    place = Place(rect, full, is_open)

    assert read_place(stored_place(place)) == place


@given(main=rectangles)
def test_its_first_place_can_always_be_reached(main: QRect) -> None:
    for present in ([LEFT], [RIGHT], [LEFT, RIGHT]):
        assert is_reachable(first_place(main, present), present)


@pytest.mark.parametrize("stored", [None, [], {}, {"rect": [1, 2, 3]}, {"rect": [0, 0, 0, 5]}, {"rect": [True] * 4}])
def test_a_place_that_is_not_understood_is_none(stored: object) -> None:
    assert read_place(stored) is None


def test_screens_are_known_again_in_whatever_order_they_are_told() -> None:
    assert setup_name([LEFT, RIGHT]) == setup_name([RIGHT, LEFT]) != setup_name([LEFT])


# -- full screen, view by view ---------------------------------------------------------------------------------------


def test_each_view_remembers_for_itself_whether_it_fills_the_screen(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    window = show_window(make_library())
    met = []
    window.registry.run("view.loupe")
    qtbot.keyClick(window.loupe, Key.Key_F)

    for command in ("view.grid", "view.loupe"):
        met.append(window.isFullScreen())
        window.registry.run(command)
    met.append(window.isFullScreen())

    assert met == [True, False, True]


def test_the_views_that_fill_the_screen_are_remembered(
    qtbot: QtBot, make_library: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MainWindow, "rescan", lambda _window: None)
    library = make_library()
    window = MainWindow(library.catalogue, settings_path=tmp_path / "settings.json")
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(window.album.loaded):
        window.start()
    window.registry.run("view.loupe")
    window.registry.run("view.full_screen")
    window.close()

    again = MainWindow(library.catalogue, load_settings(tmp_path / "settings.json"))
    qtbot.addWidget(again)
    again.show()
    with qtbot.waitSignal(again.album.loaded):
        again.start()
    at_first = again.isFullScreen()
    again.registry.run("view.loupe")

    assert not at_first
    assert again.isFullScreen()
    assert again.panels.left_shown() is False


# -- two windows of the whole program on one library -----------------------------------------------------------------


@pytest.fixture
def second_program(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Open a library a second time, as another process would."""
    monkeypatch.setattr(MainWindow, "rescan", lambda _window: None)
    opened_: list[Catalogue] = []

    def open_(library: Any) -> MainWindow:
        catalogue = Catalogue.open(library.path)
        opened_.append(catalogue)
        window = MainWindow(catalogue, Settings())
        qtbot.addWidget(window)
        window.show()
        with qtbot.waitSignal(window.album.loaded):
            window.start()
        return window

    yield open_
    for catalogue in opened_:
        catalogue.close()


def test_what_one_window_decides_the_other_shows_when_it_is_used_again(
    qtbot: QtBot, make_library: Make, show_window: Make, second_program: Callable[..., MainWindow]
) -> None:
    library = make_library()
    first = show_window(library)
    other = second_program(library)
    other.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is other)
    with qtbot.waitSignal(other.verdicts.applied, timeout=5000):
        qtbot.keyClick(other.grid, Key.Key_5)

    with qtbot.waitSignal(first.decisions.history_changed, timeout=5000):
        first.activateWindow()
    assert first.views.cell_of(library.ids[0]).verdict.rating == 5
    assert first.history.undo_title is None, "what the other window decided is its own to take back"

    other.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is other)
    with qtbot.waitSignal(other.verdicts.applied, timeout=5000):
        qtbot.keyClick(other.grid, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(first.decisions.history_changed, timeout=5000):
        first.activateWindow()

    assert first.views.cell_of(library.ids[0]).verdict.rating == 0
    other.close()


def test_a_photo_that_was_rated_in_one_window_leaves_the_others_filter(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library()
    window = show_window(library)
    with qtbot.waitSignal(window.album.loaded):
        window.filter_panel.set_filter(PhotoFilter(rating=0))
    library.catalogue.decide([library.ids[2]], VerdictChange(rating=3), "elsewhere")

    other = QApplication.activeWindow()
    assert other is window
    window.second.toggle()
    window.second.window.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.activateWindow()

    assert library.ids[2] not in window.grid.model().ids


def test_both_windows_may_decide_and_nothing_is_lost(
    qtbot: QtBot, make_library: Make, show_window: Make, second_program: Callable[..., MainWindow]
) -> None:
    library = make_library()
    first = show_window(library)
    other = second_program(library)
    for number, photo in enumerate(library.ids):
        window = (first, other)[number % 2]
        window.views.go_to(photo)
        with qtbot.waitSignal(window.verdicts.applied, timeout=5000):
            window.verdicts.apply(VerdictChange(rating=number % 5 + 1))

    other.close()
    first.close()

    assert [library.verdict(photo).rating for photo in library.ids] == [1, 2, 3, 4, 5, 1]
