"""The window as a whole: what it shows, what it remembers, and that everyone can use it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QWidget,
)

from aesthetic_studio.albums import PhotoFilter
from aesthetic_studio.desktop.commands.palette import CommandPalette
from aesthetic_studio.desktop.commands.sheet import SheetPage, ShortcutSheet
from aesthetic_studio.desktop.problems_dialog import ProblemsDialog
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.errors import LibraryLocked
from aesthetic_studio.paths import shown
from aesthetic_studio.records import Flag, PhotoFile, Progress
from aesthetic_studio.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

Make = Callable[..., Any]
CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QSlider, QAbstractItemView)


def controls_of(widget: QWidget) -> Iterator[QWidget]:
    """The controls a person meets, without the parts that Qt builds other controls of."""
    for child in widget.findChildren(QWidget):
        parent = child.parentWidget()
        inner = isinstance(parent, (QComboBox, QAbstractSpinBox)) or child.objectName().startswith("qt_")
        popup = child.window() is not widget.window()
        if isinstance(child, CONTROLS) and not inner and not popup:
            yield child


def test_every_control_has_a_name_for_screen_readers(make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())

    nameless = [(type(c).__name__, c.objectName()) for c in controls_of(window) if not c.accessibleName()]

    assert nameless == []
    assert len(list(controls_of(window))) > 25


def test_no_button_is_for_the_mouse_alone(make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())

    unreachable = [
        button.accessibleName()
        for button in controls_of(window)
        if isinstance(button, QAbstractButton)
        and not isinstance(button.parentWidget(), QLineEdit)
        and not button.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]

    assert unreachable == []


def test_every_command_has_a_text_and_a_menu(make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())

    assert all(command.text.strip() and command.menu for command in window.registry)
    assert len({command.id for command in window.registry}) == len(window.registry) > 50


def test_every_key_is_on_the_sheet(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    sheet = ShortcutSheet(window.registry, window)
    qtbot.addWidget(sheet)

    said = {label.accessibleName().rsplit(": ", 1)[0] for label in sheet.findChildren(QLabel)}

    assert {command.text for command in window.registry if command.shortcuts} <= said


def test_what_the_mouse_does_is_on_the_sheet_too(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    sheet = ShortcutSheet(show_window(make_library()).registry)
    qtbot.addWidget(sheet)

    said = {label.accessibleName() for label in sheet.findChildren(QLabel)}

    assert {"A page up: PgUp", "Move the zoomed photo: Drag", "Scroll: Wheel"} <= said


@pytest.mark.parametrize(("width", "height"), [(720, 450), (1024, 700), (1440, 900), (1920, 1080), (2560, 1600)])
def test_the_sheet_never_scrolls_sideways(
    qtbot: QtBot, make_library: Make, show_window: Make, width: int, height: int
) -> None:
    room = QSize(width, height) * 0.94
    sheet = ShortcutSheet(show_window(make_library()).registry)
    qtbot.addWidget(sheet)
    sheet.fit(room)
    for _ in range(2):
        sheet.grab()
        QApplication.processEvents()
    page, scroll = sheet.findChild(SheetPage), sheet.findChild(QScrollArea)

    labels = [label for label in page.findChildren(QLabel) if label.isVisibleTo(sheet)]

    assert sheet.width() <= room.width()
    assert sheet.height() <= room.height()
    assert len(labels) > 100
    assert page.width() == scroll.viewport().width()
    assert all(label.mapTo(page, label.rect().topRight()).x() <= page.width() for label in labels)
    assert all(label.width() >= label.minimumSizeHint().width() for label in labels), "nothing is cut"
    if width >= 1920:
        assert scroll.verticalScrollBar().maximum() == 0, "all is seen at once"


def test_every_undoable_command_says_so_for_the_photo_menu(make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())

    undoable = {command.id.split(".")[1] for command in window.registry if command.undoable}

    assert undoable == {"rate", "pick", "reject", "unflag", "label", "best", "promote", "keep", "burst"}


def opened_palette(qtbot: QtBot, window: Any) -> tuple[CommandPalette, QLineEdit]:
    palette = CommandPalette(window.registry, window)
    qtbot.addWidget(palette)
    with qtbot.waitExposed(palette):
        palette.open()
    palette.activateWindow()
    return palette, palette.findChild(QLineEdit)


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_palette_runs_what_a_few_letters_find(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    palette, field = opened_palette(qtbot, show_window(make_library()))

    qtbot.keyClicks(field, "sort by name")
    qtbot.keyClick(field, Qt.Key.Key_Return)

    assert palette.chosen == "view.sort.name"


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_palette_is_walked_by_arrows(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    palette, field = opened_palette(qtbot, window)
    qtbot.keyClicks(field, "sort")
    first, second = (command.id for command in window.registry.search("sort")[:2])

    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)

    assert palette.chosen == second != first


def test_an_empty_library_invites(make_library: Make, show_window: Make) -> None:
    window = show_window(make_library(0))

    assert window.views.welcome.isVisible()
    assert window.views.welcome.findChild(QPushButton, "chooseFolder").hasFocus()


def test_one_photo_is_an_album(make_library: Make, show_window: Make) -> None:
    library = make_library(1)
    window = show_window(library)

    assert window.grid.isVisible()
    assert window.views.current_id() == library.ids[0]


def test_a_filter_that_hides_all_says_so_and_offers_the_way_back(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    window = show_window(make_library())
    with qtbot.waitSignal(window.album.loaded):
        window.filter_panel.set_filter(PhotoFilter(text="nothing like it"))
    shown = window.views.nothing.isVisible()

    with qtbot.waitSignal(window.album.loaded):
        window.views.nothing.findChild(QPushButton, "showAllPhotos").click()

    assert shown
    assert window.grid.isVisible()


def test_the_window_remembers_how_it_stood(
    qtbot: QtBot, make_library: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MainWindow, "rescan", lambda _window: None)
    library = make_library()
    window = MainWindow(library.catalogue, settings_path=tmp_path / "settings.json")
    qtbot.addWidget(window)
    window.show()
    window.start()
    for command in ("view.inspector", "view.sort.name", "view.collapse", "photo.advance"):
        assert window.registry.run(command)
    window.grid.set_cell_size(320)
    window.close()

    kept = load_settings(tmp_path / "settings.json")

    assert (
        kept.inspector_shown,
        kept.sort,
        kept.descending,
        kept.collapse_series,
        kept.advance,
        kept.thumbnail_size,
    ) == (
        False,
        "name",
        False,
        False,
        True,
        320,
    )


def test_closing_ends_every_thread(make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())

    window.close()

    assert window.reader.isFinished()
    assert window.decisions.isFinished()


def test_a_decision_made_just_before_closing_is_kept(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)

    for key in (Qt.Key.Key_5, Qt.Key.Key_P):
        qtbot.keyClick(window.grid, key)
    window.close()

    verdict = library.verdict(library.ids[0])
    assert (verdict.rating, verdict.flag) == (5, Flag.PICK)


def test_news_of_a_decision_made_just_before_closing_meets_no_closed_library(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library()
    window = show_window(library)
    shown: list[tuple[int, ...]] = []
    window.verdicts.applied.connect(shown.append)

    qtbot.keyClick(window.grid, Qt.Key.Key_5)
    window.close()
    QApplication.processEvents()

    assert shown == []
    assert library.verdict(library.ids[0]).rating == 5


def test_an_answer_that_comes_while_the_window_closes_meets_no_closed_library(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library()
    window = show_window(library)
    qtbot.keyClick(window.grid, Qt.Key.Key_E)
    answered = threading.Event()
    window.reader.album_loaded.connect(lambda _answer: answered.set(), Qt.ConnectionType.DirectConnection)

    window.album.refresh()
    assert answered.wait(30), "the answer waits for the window's thread"
    window.close()
    library.catalogue.close()
    with qtbot.captureExceptions() as told:
        QApplication.processEvents()

    assert told == []


def test_a_dropped_folder_is_opened(make_library: Make, show_window: Make, tmp_path: Path) -> None:
    window = show_window(make_library(0))
    (tmp_path / "dropped").mkdir()
    (tmp_path / "dropped" / "a.jpg").write_bytes(b"")
    started: list[list[str]] = []
    window.work.start = started.append
    mime = QMimeData()
    mime.setUrls(
        [QUrl.fromLocalFile(str(tmp_path / "dropped")), QUrl.fromLocalFile(str(tmp_path / "dropped" / "a.jpg"))]
    )

    for event in (QDragEnterEvent, QDropEvent):
        given = QPoint(500, 400), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton
        QApplication.sendEvent(window, event(*given, Qt.KeyboardModifier.NoModifier))

    assert started == [[str(tmp_path / "dropped")]]


def test_a_folder_that_is_not_there_is_told(
    make_library: Make, show_window: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show_window(make_library(0))
    told: list[str] = []
    monkeypatch.setattr(window.dialogs, "tell", lambda message, _advice: told.append(message))

    window.open_folders(["/nowhere/at all"])

    assert told == ["/nowhere/at all is not a folder."]


def test_a_folder_that_is_opened_beside_others_is_the_one_that_is_shown(
    qtbot: QtBot, make_library: Make, show_window: Make, tmp_path: Path
) -> None:
    library = make_library()
    second = tmp_path / "second"
    second.mkdir()
    library.catalogue.add_root(str(second))
    photo = library.add("new.jpg", folder=str(second))
    window = show_window(library)

    window.news.narrow_to([str(second)])
    with qtbot.waitSignals([window.reader.overview_loaded, window.album.loaded]):
        window.reader.request_overview()

    assert list(window.grid.model().ids) == [photo]
    assert window.folder_tree.chosen() == (str(second),)


def test_an_error_of_the_surroundings_is_told_in_its_own_words(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from aesthetic_studio.desktop import app

    told: list[tuple[str, str]] = []
    monkeypatch.setattr(app, "show_known_error", lambda *words: told.append(words))
    error = LibraryLocked("library.sqlite is in use.", "Close the other program.")

    app._on_unexpected(type(error), error, None)

    assert told == [("library.sqlite is in use.", "Close the other program.")]


def test_progress_and_its_buttons_are_shown_while_work_runs(make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())

    window.work.progressed.emit(Progress("score", 3, 6, 12.0, 0.25))
    running = {b.accessibleName() for b in controls_of(window.status) if b.isVisible()}
    window.work.rested.emit()

    assert running >= {"Pause", "Stop"}
    assert not [b for b in controls_of(window.status) if b.isVisible()]


def test_a_failure_behind_the_window_is_told_and_work_rests(
    make_library: Make, show_window: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show_window(make_library())
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(window.dialogs, "tell", lambda *words: told.append(words))
    window.work.failed.disconnect()
    window.work.failed.connect(window.news._on_work_failed)
    window.work.progressed.emit(Progress("score", 3, 6))

    window.work.failed.emit("The disk is full.", "Make room.")

    assert told == [("The disk is full.", "Make room.")]
    assert not window.news.is_working


def test_unreadable_files_are_offered_with_reason_and_advice(
    qtbot: QtBot, make_library: Make, show_window: Make, unreadable: Any
) -> None:
    library = make_library()
    library.catalogue.store_unreadable(PhotoFile(library.folder, "torn.jpg", 7, 7), unreadable)
    window = show_window(library)
    button = window.status.findChild(QPushButton, "problems")

    dialog = ProblemsDialog(library.catalogue.problems(), window)
    qtbot.addWidget(dialog)

    assert button.isVisible()
    assert button.text() == "1 file could not be read"
    assert unreadable.reason in dialog.text()
    assert unreadable.advice in dialog.text()
    whole = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "The file ends in the middle. Copy it from the card again." in whole, "no column cuts it"


def test_names_that_are_not_utf8_are_shown(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(0)
    library.add("caf\udce9.jpg")
    library.add("x" * 240 + ".jpg")
    library.add("🏔 山.jpg")
    window = show_window(library)

    for photo in library.ids:
        window.views.go_to(photo)
        name = shown(library.catalogue.photo(photo).name)
        told = window.inspector.findChildren(QLabel)
        qtbot.waitUntil(lambda name=name, told=told: name in {each.text().replace("\u200b", "") for each in told})


def test_the_first_window_is_shown_without_torch_or_numpy(tmp_path: Path, repository: Path) -> None:
    program = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from aesthetic_studio.desktop import app
shown = []
def look():
    windows = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    shown.extend(name for name in ("torch", "numpy", "PIL", "sqlite_utils") if name in sys.modules)
    print(len(windows), *shown)
    [w.close() for w in windows]
app.MainWindow.start = lambda window, folders=(): QTimer.singleShot(0, look)
sys.exit(app.run([], Path(sys.argv[1])))
"""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "AESTHETIC_STUDIO_DATA": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "library.sqlite")],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=repository,
        env=environment,
        check=False,
    )

    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr


def test_a_locked_library_is_told_and_not_a_crash(tmp_path: Path, qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from aesthetic_studio.desktop import app

    def locked(_path: Path) -> None:
        raise LibraryLocked("library.sqlite is in use.", "Close the other program.")

    told: list[tuple[str, str]] = []
    monkeypatch.setattr(app.Catalogue, "open", locked)
    monkeypatch.setattr(app, "show_known_error", lambda *words: told.append(words))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)

    code = app.run([], tmp_path / "library.sqlite")

    assert code == app.EXIT_CANNOT_OPEN
    assert told == [("library.sqlite is in use.", "Close the other program.")]


def test_a_bug_goes_to_the_log_and_not_onto_the_screen(
    qapp: Any, own_data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aesthetic_studio.desktop import app

    told: list[str] = []
    monkeypatch.setattr(app.QMessageBox, "exec", lambda box: told.append(box.text() + box.informativeText()))
    app.start_log()

    try:
        raise ZeroDivisionError("a bug of ours")
    except ZeroDivisionError as error:
        app._on_unexpected(type(error), error, error.__traceback__)

    assert len(told) == 1
    assert "Traceback" not in told[0]
    assert "a bug of ours" in (own_data_folder / "logs" / "aesthetic-studio.log").read_text()
