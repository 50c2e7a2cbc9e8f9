"""Photos are dragged out as copies: the right files, under their own names, and never an original away."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QFont, QMouseEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from aesthetic_studio.desktop.burst.card import FrameCard
from aesthetic_studio.desktop.drag import out
from aesthetic_studio.desktop.drag.out import URI_LIST, file_url, mime_of, start_drag
from aesthetic_studio.desktop.drag.picture import drag_picture
from aesthetic_studio.library.catalogue import Catalogue

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Make = Callable[..., Any]
Left, Modifier = Qt.MouseButton.LeftButton, Qt.KeyboardModifier


class Dropped:
    """Stands for the program that photos are dropped on: notes what it is handed."""

    def __init__(self) -> None:
        self.paths: list[list[bytes]] = []
        self.pictures: list[QPixmap] = []

    def __call__(self, drag: QDrag) -> Qt.DropAction:
        lines = bytes(drag.mimeData().data(URI_LIST).data()).split(b"\r\n")[:-1]
        self.paths.append([unquote_to_bytes(line.removeprefix(b"file://")) for line in lines])
        self.pictures.append(drag.pixmap())
        return Qt.DropAction.CopyAction


@pytest.fixture
def dropped(monkeypatch: pytest.MonkeyPatch) -> Dropped:
    """Windows made from now on drop what is dragged here."""
    target = Dropped()
    monkeypatch.setattr(out.DragOut.__init__, "__kwdefaults__", {"start": target})
    return target


def path_of(library: Any, photo_id: int) -> bytes:
    return os.fsencode(str(library.catalogue.photos([photo_id])[0].path))


def drag(window: Any, photo_id: int, held: Modifier = Modifier.NoModifier) -> None:
    """Press on a photo in the grid and move the hand."""
    grid, row = window.grid, window.grid.model().row_of(photo_id)
    place = grid.visualRect(grid.model().index(row)).center()
    port = grid.viewport()
    QTest.mousePress(port, Left, Modifier.NoModifier, place)
    for step in (4, 40):
        event_held(port, place + QPoint(step, step), held)
    QTest.mouseRelease(port, Left, Modifier.NoModifier, place + QPoint(40, 40))


def event_held(widget: Any, place: QPoint, held: Modifier) -> None:
    at = QPointF(place)
    moved = QMouseEvent(QEvent.Type.MouseMove, at, QPointF(widget.mapToGlobal(place)), Left, Left, held)
    QApplication.sendEvent(widget, moved)


def test_a_photo_is_dragged_out_by_its_main_file(make_library: Make, show_window: Make, dropped: Dropped) -> None:
    library = make_library()
    window = show_window(library)

    drag(window, library.ids[1])

    assert dropped.paths == [[path_of(library, library.ids[1])]]


def test_the_selection_is_dragged_and_stays_selected(make_library: Make, show_window: Make, dropped: Dropped) -> None:
    library = make_library()
    window = show_window(library)
    window.grid.select_ids(library.ids[1:4])

    drag(window, library.ids[2])

    assert dropped.paths == [[path_of(library, photo) for photo in library.ids[1:4]]]
    assert list(window.grid.selected_ids()) == library.ids[1:4]


def test_a_photo_outside_the_selection_is_dragged_alone(
    make_library: Make, show_window: Make, dropped: Dropped
) -> None:
    library = make_library()
    window = show_window(library)
    window.grid.select_ids(library.ids[1:4])

    drag(window, library.ids[5])

    assert dropped.paths == [[path_of(library, library.ids[5])]]


def test_a_click_on_one_of_several_selected_chooses_it_alone(make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)
    window.grid.select_ids(library.ids[1:4])
    place = window.grid.visualRect(window.grid.model().index(2)).center()

    QTest.mouseClick(window.grid.viewport(), Left, Modifier.NoModifier, place)

    assert list(window.grid.selected_ids()) == [library.ids[2]]


def test_a_hand_that_trembles_drags_nothing(make_library: Make, show_window: Make, dropped: Dropped) -> None:
    window = show_window(make_library())
    place = window.grid.visualRect(window.grid.model().index(1)).center()

    QTest.mousePress(window.grid.viewport(), Left, Modifier.NoModifier, place)
    event_held(window.grid.viewport(), place + QPoint(2, 1), Modifier.NoModifier)
    QTest.mouseRelease(window.grid.viewport(), Left, Modifier.NoModifier, place + QPoint(2, 1))

    assert dropped.paths == []


def test_alt_brings_the_companion_files_along_and_the_status_line_says_so(
    make_library: Make, show_window: Make, dropped: Dropped
) -> None:
    library = make_library(1)
    photo = library.add("zz.jpg", companions=("zz.cr3", "zz.xmp"))
    window = show_window(library)
    said: list[str] = []
    window.drag_out.said.connect(said.append)
    folder = os.fsencode(library.folder) + b"/"

    drag(window, photo)
    drag(window, photo, Modifier.AltModifier)

    assert dropped.paths == [[folder + b"zz.jpg"], [folder + b"zz.jpg", folder + b"zz.cr3", folder + b"zz.xmp"]]
    assert "hold Alt as you drag for 2 companion files too" in said[0]
    assert "with 2 companion files" in said[1]


def test_photos_whose_files_are_not_there_are_left_out_in_words(
    make_library: Make, show_window: Make, dropped: Dropped
) -> None:
    library = make_library(3)
    library.lose([library.ids[1]])
    window = show_window(library)
    said: list[str] = []
    window.drag_out.said.connect(said.append)
    window.grid.selectAll()

    drag(window, library.ids[0])
    library.lose(library.ids)
    window.drag_out.drag(window.grid, companions=False)

    assert dropped.paths == [[path_of(library, library.ids[0]), path_of(library, library.ids[2])]]
    assert said[0].endswith("1 photo left out, its file is not there now")
    assert said[1] == "Nothing to drag: 3 photos left out, their files are not there now"


def test_a_frame_is_dragged_out_of_the_burst_view(
    qtbot: QtBot, make_library: Make, show_window: Make, dropped: Dropped
) -> None:
    library = make_library()
    library.group(library.ids[:3])
    window = show_window(library)
    window.registry.run("view.burst")
    card = window.burst.findChildren(FrameCard)[1]
    qtbot.waitUntil(card.isVisible)

    QTest.mousePress(card, Left, Modifier.NoModifier, QPoint(20, 20))
    for step in (25, 60):
        event_held(card, QPoint(step, step), Modifier.NoModifier)

    assert dropped.paths == [[path_of(library, library.ids[1])]]


def test_ctrl_drags_the_photo_out_of_the_loupe_and_a_plain_drag_does_not(
    make_library: Make, show_window: Make, dropped: Dropped
) -> None:
    library = make_library()
    window = show_window(library)
    window.registry.run("view.loupe")
    middle = window.loupe.rect().center()

    for held in (Modifier.NoModifier, Modifier.ControlModifier):
        QTest.mousePress(window.loupe, Left, held, middle)
        event_held(window.loupe, middle + QPoint(60, 60), held)
        QTest.mouseRelease(window.loupe, Left, held, middle + QPoint(60, 60))

    assert dropped.paths == [[path_of(library, library.ids[0])]]
    assert window.loupe.is_fitted()


def test_nothing_but_a_copy_is_offered(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, make_library: Make) -> None:
    offered: list[tuple[Any, ...]] = []

    class Drag:
        def exec(self, *actions: Any) -> Any:
            offered.append(actions)
            return Qt.DropAction.CopyAction

    start_drag(Drag())

    assert offered == [(Qt.DropAction.CopyAction, Qt.DropAction.CopyAction)]


@pytest.mark.skipif(sys.platform == "win32", reason="file names are bytes on POSIX only")
@given(
    name=st.binary(min_size=1, max_size=40).filter(lambda name: not {0, 47} & set(name) and name not in (b".", b".."))
)
def test_any_name_arrives_byte_for_byte(name: bytes) -> None:
    url = file_url(os.fsdecode(b"/photos/" + name))

    assert url.isascii()
    assert unquote_to_bytes(url) == b"file:///photos/" + name


def test_programs_that_use_qt_read_the_same_files() -> None:
    paths = ["/photos/Süd see/a b#1?.jpg", "/photos/100%.jpg", "/photos/山.jpg"]

    mime = mime_of(paths)

    assert [url.toLocalFile() for url in mime.urls()] == paths
    assert mime.formats() == [URI_LIST]


def test_the_files_of_thousands_of_photos_are_asked_for_in_one_go(
    make_library: Make, show_window: Make, dropped: Dropped, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(0)
    with library.catalogue.transaction():
        for number in range(1500):
            library.add(f"photo-{number:04d}.jpg", score=None)
    asked: list[int] = []
    files = Catalogue.files
    monkeypatch.setattr(Catalogue, "files", lambda own, ids: asked.append(len(ids)) or files(own, ids))
    window = show_window(library)
    window.grid.selectAll()
    records: list[int] = []
    photos = Catalogue.photos
    monkeypatch.setattr(Catalogue, "photos", lambda own, ids: records.append(len(ids)) or photos(own, ids))

    window.drag_out.drag(window.grid, companions=True)

    assert len(dropped.paths[0]) == 1500
    assert asked == [1500]
    assert not [count for count in records if count > 1], "whole records are slow by the thousand"


@pytest.mark.parametrize("count", [1, 12, 5000])
@pytest.mark.parametrize("ratio", [1.0, 1.5, 3.0])
def test_the_picture_is_sharp_and_tells_how_many(qapp: Any, count: int, ratio: float) -> None:
    thumbnail = QPixmap(300, 200)
    thumbnail.fill(Qt.GlobalColor.red)

    picture, alone = drag_picture(thumbnail, count, ratio, QFont()), drag_picture(thumbnail, 1, ratio, QFont())

    assert picture.devicePixelRatio() == ratio
    assert picture.width() > 112 * ratio
    assert (picture.toImage() == alone.toImage()) == (count == 1)


def test_a_photo_without_a_thumbnail_can_be_dragged_too(qapp: Any) -> None:
    assert not drag_picture(None, 3, 1.0, QFont()).isNull()


def test_photos_of_this_window_are_not_taken_for_folders_that_are_dropped_in(
    make_library: Make, show_window: Make
) -> None:
    library = make_library()
    window = show_window(library)

    class Inside(QDragEnterEvent):
        def source(self) -> Any:
            return window.grid

    event = Inside(QPoint(5, 5), Qt.DropAction.CopyAction, mime_of(["/photos/a.jpg"]), Left, Modifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(window, event)
    outside = QMimeData()
    outside.setData(URI_LIST, mime_of(["/photos"]).data(URI_LIST))
    other = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, outside, Left, Modifier.NoModifier)
    other.ignore()
    QApplication.sendEvent(window, other)

    assert not event.isAccepted()
    assert other.isAccepted()
