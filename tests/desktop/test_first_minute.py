"""The first minute: an invitation by button and by drop, photos to judge at once, and a short tour that comes once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, QRect, QSize, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from aesthetic_studio.desktop.tour.callout import Callout
from aesthetic_studio.desktop.tour.placing import EDGE, Side, standing
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.desktop.work.scoring_thread import ScoringThread
from aesthetic_studio.pipeline import indexing
from aesthetic_studio.records import Flag, Progress
from aesthetic_studio.settings import Settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

Key = Qt.Key
Make = Callable[..., Any]
LEFT, NOTHING_HELD = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def mime_of(path: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    return mime


# -- the drop --------------------------------------------------------------------------------------------------------


def test_a_folder_over_the_window_shows_that_it_may_be_dropped(
    make_library: Make, show_window: Make, tmp_path: Path
) -> None:
    window = show_window(make_library(0))
    mime = mime_of(tmp_path)
    seen = [window.drop_in.hint.isVisible()]

    enter = QDragEnterEvent(QPoint(500, 400), Qt.DropAction.CopyAction, mime, LEFT, NOTHING_HELD)
    QApplication.sendEvent(window, enter)
    seen.append(window.drop_in.hint.isVisible())
    QApplication.sendEvent(window, QDragLeaveEvent())
    seen.append(window.drop_in.hint.isVisible())

    assert seen == [False, True, False]
    assert enter.isAccepted()


def test_a_drop_opens_the_folder_and_ends_the_sign(
    make_library: Make, show_window: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show_window(make_library(0))
    started: list[list[str]] = []
    monkeypatch.setattr(window.work, "start", started.append)
    mime = mime_of(tmp_path)
    QApplication.sendEvent(
        window, QDragEnterEvent(QPoint(500, 400), Qt.DropAction.CopyAction, mime, LEFT, NOTHING_HELD)
    )

    QApplication.sendEvent(window, QDropEvent(QPoint(5, 5), Qt.DropAction.CopyAction, mime, LEFT, NOTHING_HELD))

    assert started == [[str(tmp_path)]]
    assert not window.drop_in.hint.isVisible()


def test_text_over_the_window_is_not_taken(make_library: Make, show_window: Make) -> None:
    window = show_window(make_library(0))
    mime = QMimeData()
    mime.setText("hello")

    enter = QDragEnterEvent(QPoint(500, 400), Qt.DropAction.CopyAction, mime, LEFT, NOTHING_HELD)
    enter.ignore()
    QApplication.sendEvent(window, enter)

    assert not enter.isAccepted()
    assert not window.drop_in.hint.isVisible()


# -- the first photos ------------------------------------------------------------------------------------------------


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Index a folder's first three photos at once, and the rest when the event is set."""
    go_on = threading.Event()

    def index(catalogue: Any, folders: Any, *, progress: Any, should_stop: Any, niceness: int) -> Any:
        made = MADE["library"]
        catalogue.add_root(folders[0])
        for number in range(6):
            if number == 3:
                progress(Progress("index", 3, 6))
                while not go_on.wait(0.05) and not should_stop():
                    pass
            if should_stop():
                break
            made.add(f"new-{number}.jpg", score=None)
        progress(Progress("index", 6, 6))
        return indexing.IndexReport()

    monkeypatch.setattr(indexing, "index", index)
    yield go_on
    go_on.set()


MADE: dict[str, Any] = {}


def new_library(make_library: Make) -> Any:
    """A library without a folder, as on the first day."""
    library = make_library(0)
    library.catalogue.remove_root(library.folder)
    MADE["library"] = library
    return library


@pytest.fixture
def quiet_scoring(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model is loaded: the scoring thread finds nothing to do."""
    monkeypatch.setattr(ScoringThread, "start", lambda *_: None)


def test_the_first_photos_can_be_judged_while_the_rest_is_read(
    qtbot: QtBot, make_library: Make, show_window: Make, slow_disk: threading.Event, quiet_scoring: None
) -> None:
    library = new_library(make_library)
    window = show_window(library)
    assert window.views.welcome.isVisible()

    window.open_folders([library.folder])
    qtbot.waitUntil(lambda: len(window.grid.model().ids) == 3, timeout=10_000)
    first = window.views.current_id()
    with qtbot.waitSignal(window.verdicts.applied, timeout=5000):
        qtbot.keyClick(window.grid, Key.Key_P)
    judged_meanwhile = library.verdict(first).flag, window.news.is_working, window.work.is_busy, slow_disk.is_set()
    slow_disk.set()
    qtbot.waitUntil(lambda: len(window.grid.model().ids) == 6, timeout=10_000)

    assert judged_meanwhile == (Flag.PICK, True, True, False)
    assert window.views.current_id() == first, "the photo in hand stays in hand while others arrive"
    assert library.verdict(first).flag is Flag.PICK


# -- the tour --------------------------------------------------------------------------------------------------------


def words_of(window: MainWindow) -> str:
    return window.findChild(Callout).findChild(QLabel).text()


def test_the_tour_comes_with_the_first_photos_of_a_new_library(
    qtbot: QtBot, make_library: Make, show_window: Make, slow_disk: threading.Event, quiet_scoring: None
) -> None:
    window = show_window(new_library(make_library))
    before = window.tour.is_running()

    window.open_folders([MADE["library"].folder])
    qtbot.waitUntil(window.tour.is_running, timeout=10_000)

    assert not before
    assert window.settings.tour_seen
    assert window.focusWidget() is window.grid, "the keys stay with the photos"


def test_the_tour_never_comes_again_unasked(
    qtbot: QtBot, make_library: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MainWindow, "rescan", lambda _window: None)
    library = new_library(make_library)
    ran = []

    for photo in ("one.jpg", "two.jpg"):
        window = MainWindow(
            library.catalogue, load_settings(tmp_path / "settings.json"), settings_path=tmp_path / "settings.json"
        )
        qtbot.addWidget(window)
        window.show()
        with qtbot.waitSignals([window.album.loaded, window.reader.overview_loaded], timeout=5000):
            window.start()
        library.catalogue.add_root(library.folder)
        library.add(photo)
        with qtbot.waitSignal(window.album.loaded, timeout=5000):
            window.album.refresh()
        QApplication.processEvents()
        ran.append(window.tour.is_running())
        window.close()
        library.catalogue.remove_root(library.folder)

    assert ran == [True, False]


def test_a_library_that_holds_photos_already_shows_no_tour(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())

    with qtbot.waitSignal(window.album.loaded):
        window.album.refresh()
    QApplication.processEvents()

    assert not window.tour.is_running()


def test_help_offers_the_tour_and_it_leads_through_every_stop(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    window = show_window(make_library(), tour_seen=True)
    met = []

    window.registry.run("help.tour")
    qtbot.waitUntil(lambda: window.focusWidget().objectName() == "tourNext")
    while window.tour.is_running():
        callout = window.findChild(Callout)
        inside = window.rect().contains(callout.geometry().adjusted(14, 14, -14, -14))
        met.append((words_of(window), inside, callout.ring.isVisible()))
        callout.findChild(QPushButton, "tourNext").click()
        QApplication.processEvents()

    assert len(met) == 5
    assert all(inside and ringed for _, inside, ringed in met)
    assert "<b>P</b> picks" in met[0][0]
    assert "<b>Ctrl+K</b> finds" in met[4][0]
    assert not any("[" in words for words, _, _ in met)
    assert window.focusWidget() is window.grid


def test_the_tour_names_the_keys_as_they_are(make_library: Make, show_window: Make) -> None:
    changed = {"photo.pick": {"removed": ["P"], "added": ["F2"]}, "photo.reject": {"removed": ["X"]}}
    window = show_window(make_library(), keys=changed)

    window.registry.run("help.tour")

    assert "<b>F2</b> picks the marked photo, <b>Photo → Reject</b> rejects it" in words_of(window)


def test_escape_ends_the_tour_and_nothing_else(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    window.grid.selectAll()
    window.tour.start(asked=False)

    qtbot.keyClick(window.grid, Key.Key_Escape)

    assert not window.tour.is_running()
    assert window.grid.selection_count() == 6


def test_photos_can_be_judged_while_the_tour_is_shown(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)
    window.tour.start(asked=False)

    with qtbot.waitSignal(window.verdicts.applied, timeout=5000):
        qtbot.keyClick(window.grid, Key.Key_X)

    assert library.verdict(library.ids[0]).flag is Flag.REJECT
    assert window.tour.is_running()


@pytest.mark.parametrize("hidden", [False, True])
def test_the_tour_stays_in_a_window_of_any_size(
    qtbot: QtBot, make_library: Make, show_window: Make, hidden: bool
) -> None:
    window = show_window(make_library(), folders_shown=not hidden, inspector_shown=not hidden)
    window.tour.start()
    for step in range(5):
        for size in (QSize(810, 480), QSize(1440, 900)):
            window.resize(size)
            QApplication.processEvents()
            QApplication.processEvents()
            callout = window.findChild(Callout)
            assert window.rect().contains(callout.geometry().adjusted(14, 14, -14, -14)), (step, size)
        callout.findChild(QPushButton, "tourNext").click()

    assert not window.tour.is_running()


places = st.integers(0, 2000)


@given(x=places, y=places, width=st.integers(1, 600), height=st.integers(1, 600))
def test_a_callout_is_always_in_the_window_and_covers_its_target_only_without_room(
    x: int, y: int, width: int, height: int
) -> None:
    room, size = QRect(0, 0, 1280, 800), QSize(320, 140)
    target = QRect(min(x, 1200), min(y, 780), width, height).intersected(room)

    found = standing(size, target, room)
    bubble = QRect(found.corner, size)

    assert room.adjusted(EDGE, EDGE, -EDGE, -EDGE).contains(bubble)
    assert (found.side is Side.OVER) or not bubble.intersects(target)
    assert target.contains(found.tip)


def test_settings_of_a_first_run_have_not_seen_the_tour() -> None:
    assert not Settings().tour_seen
