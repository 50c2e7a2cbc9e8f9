"""Y goes from face to face at 1:1 and stays with it from photo to photo; the inspector says what is known of eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from aesthetic_studio.albums import PhotoFilter
from aesthetic_studio.desktop.faces.boxes import eyes_in_words, face_rect, paint_faces
from aesthetic_studio.desktop.faces.tour import eyes_part
from aesthetic_studio.desktop.inspector.faces import MOST, crop_faces, faces_in_words
from aesthetic_studio.desktop.loupe.geometry import LoupeGeometry
from aesthetic_studio.desktop.work.reader import FaceNews, read_details
from aesthetic_studio.desktop.work.scoring_thread import ScoringThread
from aesthetic_studio.errors import KnownError
from aesthetic_studio.faces import Face
from aesthetic_studio.models.faces import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytestqt.qtbot import QtBot

    Make = Callable[..., Any]

Key = Qt.Key
LARGE = Face(0.2, 0.3, 0.10, 0.15, 0.95, 0.97, 0.9, 0.2)
SMALL = Face(0.7, 0.5, 0.05, 0.08, 0.90, 0.4, 0.1, None)


def add_faces(library: Any, *by_photo: Sequence[Face]) -> None:
    contents = [photo.content_id for photo in library.catalogue.photos(library.ids)]
    library.catalogue.store_faces("1", list(zip(contents, by_photo, strict=False)))


def seen_at(window: Any) -> tuple[float, float]:
    """What part of the photo is in the middle of the loupe."""
    loupe = window.loupe
    rect, middle = loupe.photo_rect(), QRectF(loupe.rect()).center()
    return (middle.x() - rect.x()) / rect.width(), (middle.y() - rect.y()) / rect.height()


def eyes(face: Face) -> tuple[float, float]:
    """Where the middle of the eyes is in the photo."""
    centre = eyes_part(face).center()
    return centre.x(), centre.y()


def press(qtbot: QtBot, window: Any, key: Qt.Key, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(window.focusWidget() or window, key, modifier)


@pytest.fixture
def open_album(make_library: Make, show_window: Make) -> Callable[..., Any]:
    """A window over photos with these faces, photo by photo."""

    def show(*by_photo: Sequence[Face], count: int = 3) -> Any:
        library = make_library(count)
        add_faces(library, *by_photo)
        window = show_window(library)
        window.made_library = library
        return window

    return show


def test_y_goes_from_face_to_face_at_one_to_one_and_round_again(qtbot: QtBot, open_album: Make) -> None:
    window = open_album([LARGE, SMALL])
    said: list[str] = []
    window.faces.said.connect(said.append)
    places = []
    for _ in range(3):
        press(qtbot, window, Key.Key_Y)
        places.append(seen_at(window))
        assert window.loupe.scale() == pytest.approx(1.0)
    assert window.views.mode == "loupe"
    assert places[0] == pytest.approx(eyes(LARGE), abs=0.01)
    assert places[1] == pytest.approx(eyes(SMALL), abs=0.01)
    assert places[2] == places[0]
    assert said == ["Face 1 of 2 · eyes open", "Face 2 of 2", "Face 1 of 2 · eyes open"]


def test_a_step_stays_with_the_face_that_has_moved_on(qtbot: QtBot, open_album: Make) -> None:
    moved = Face(0.27, 0.34, 0.10, 0.15, 0.95)
    elsewhere = Face(0.8, 0.1, 0.2, 0.2, 0.95)
    window = open_album([LARGE], [elsewhere, moved], [elsewhere])
    press(qtbot, window, Key.Key_Y)
    press(qtbot, window, Key.Key_Right)
    assert window.views.current_id() == window.made_library.ids[1]
    assert seen_at(window) == pytest.approx(eyes(moved), abs=0.01)
    press(qtbot, window, Key.Key_Right)
    assert seen_at(window) == pytest.approx(eyes(moved), abs=0.01)
    assert window.loupe.scale() == pytest.approx(1.0)


def test_whoever_turns_away_from_the_face_is_not_taken_back_to_it(qtbot: QtBot, open_album: Make) -> None:
    moved = Face(0.27, 0.34, 0.10, 0.15, 0.95)
    window = open_album([LARGE], [moved])
    press(qtbot, window, Key.Key_Y)
    window.loupe.pan_by(-2500.0, -1200.0)
    place = seen_at(window)
    press(qtbot, window, Key.Key_Right)
    assert seen_at(window) == pytest.approx(place, abs=0.01)

    window.loupe.zoom_to_fit()
    press(qtbot, window, Key.Key_Left)
    assert window.loupe.is_fitted()


def test_without_a_face_y_says_why_and_moves_nothing(
    qtbot: QtBot, open_album: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_album([])
    with qtbot.waitSignal(window.faces.said) as looked:
        press(qtbot, window, Key.Key_Y)
    assert looked.args == ["No face was found in this photo"]
    assert window.views.mode == "grid"

    press(qtbot, window, Key.Key_Right)
    with qtbot.waitSignal(window.faces.said) as missing:
        press(qtbot, window, Key.Key_Y)
    assert "aesthetic-studio models fetch faces" in missing.args[0]

    monkeypatch.setattr(parts, "is_installed", lambda: True)
    with qtbot.waitSignal(window.faces.said) as waiting:
        press(qtbot, window, Key.Key_Y)
    assert waiting.args == ["This photo was not looked at for faces yet"]


def test_what_is_larger_than_the_view_is_shown_whole() -> None:
    look = LoupeGeometry(900, 600, 6000, 4000).looking_at(0.2, 0.1, 0.5, 0.6)
    assert look.scale == pytest.approx(600 / (0.6 * 4000))
    assert LoupeGeometry(900, 600, 6000, 4000).looking_at(0.2, 0.1, 0.02, 0.03).scale == 1.0
    small = LoupeGeometry(900, 600, 300, 200).looking_at(0.4, 0.4, 0.2, 0.2)
    assert (small.scale, small.centre_x, small.centre_y) == (1.0, 0.5, 0.5)


def test_boxes_are_off_until_asked_for_and_follow_the_photo(qtbot: QtBot, open_album: Make) -> None:
    window = open_album([LARGE], [SMALL])
    window.views.show_loupe()
    bare = window.loupe.grab().toImage()
    command = window.registry["view.face_boxes"]
    assert not command.checked()
    press(qtbot, window, Key.Key_Y, Qt.KeyboardModifier.ShiftModifier)
    assert command.checked()
    boxed = window.loupe.grab().toImage()
    corner = face_rect(LARGE, window.loupe.photo_rect()).center()
    edge = face_rect(LARGE, window.loupe.photo_rect()).left()
    ratio = boxed.devicePixelRatio()
    at = (round(edge * ratio), round(corner.y() * ratio))
    assert boxed.pixelColor(*at) != bare.pixelColor(*at)
    press(qtbot, window, Key.Key_Y, Qt.KeyboardModifier.ShiftModifier)
    assert window.loupe.grab().toImage() == bare


def test_a_box_says_of_eyes_only_what_is_sure(make_library: Make) -> None:
    assert eyes_in_words(LARGE) == "eyes open"
    assert eyes_in_words(SMALL) == ""
    assert eyes_in_words(Face(0, 0, 1, 1, 0.95, 0.0004, 0.99)) == "eyes closed"
    assert eyes_in_words(Face(0, 0, 1, 1, 0.95, 0.02, 0.99)) == ""
    library = make_library(1)
    add_faces(library, [LARGE])
    canvas = QImage(600, 400, QImage.Format.Format_RGB32)
    canvas.fill(QColor("gray"))
    with QPainter(canvas) as painter:
        paint_faces(painter, QRectF(0, 0, 600, 400), library.catalogue.photo(library.ids[0]))
    box = face_rect(LARGE, QRectF(0, 0, 600, 400)).toRect()
    assert canvas.pixelColor(box.center()) == QColor("gray")
    assert canvas.pixelColor(box.left(), box.center().y()) != QColor("gray")
    assert canvas.pixelColor(box.left() + 6, box.bottom() + 10) != QColor("gray")


@pytest.mark.parametrize(
    ("faces", "words"),
    [
        ((), "No face was found"),
        ((SMALL,), "1 face"),
        ((LARGE,), "1 face, eyes open"),
        ((LARGE, SMALL, LARGE), "3 faces, eyes open: 2 of 3"),
    ],
)
def test_the_inspector_counts_faces_and_open_eyes(faces: tuple[Face, ...], words: str) -> None:
    assert faces_in_words(faces) == words


def test_the_inspector_shows_faces_and_a_press_looks_at_one(qtbot: QtBot, open_album: Make) -> None:
    window = open_album([LARGE, SMALL], [])
    row = window.inspector.faces
    qtbot.waitUntil(lambda: row.words.text() == "2 faces, eyes open: 1 of 2")
    shown = [button for button in row.buttons if button.isVisible()]
    assert [button.accessibleName() for button in shown] == ["Look at face 1", "Look at face 2"]
    qtbot.mouseClick(shown[1], Qt.MouseButton.LeftButton)
    assert seen_at(window) == pytest.approx(eyes(SMALL), abs=0.01)
    window.views.step(1)
    qtbot.waitUntil(lambda: row.words.text() == "No face was found")
    assert not any(button.isVisible() for button in row.buttons)


def test_where_nobody_can_look_the_inspector_says_how_in_one_line(
    qtbot: QtBot, open_album: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_album()
    row = window.inspector.faces
    qtbot.waitUntil(lambda: "models fetch faces" in row.note.text())
    assert row.note.isVisible()
    assert row.words.text() == ""
    monkeypatch.setattr(parts, "is_installed", lambda: True)
    window.request_details()
    qtbot.waitUntil(lambda: not row.isVisible())


def test_pictures_of_faces_are_cut_from_the_preview_also_at_its_edge(make_library: Make) -> None:
    library = make_library(1)
    add_faces(library, [LARGE, Face(0.95, 0.9, 0.05, 0.1, 0.9)])
    details = read_details(library.catalogue, library.ids[0], PhotoFilter())
    assert details is not None
    assert [picture.width() == picture.height() > 1 for picture in details.faces.pictures] == [True, True]
    assert details.faces.looked
    assert crop_faces(None, [LARGE]) == crop_faces(b"no picture", [LARGE]) == ()
    assert len(crop_faces(library.catalogue.preview(library.ids[0]), [LARGE] * (MOST + 3))) == MOST
    assert FaceNews() == FaceNews(looked=False, pictures=(), note="")


class IdleScorer:
    """A scoring process that has nothing to do."""

    model_name, model_version, running, device = "embedded", "1", True, "cpu"

    def interrupt(self) -> None:
        pass

    def close(self) -> None:
        pass


class MadeFaces:
    """A face process that finds a face in every photo; or fails."""

    batch_size = 2

    def __init__(self, *, fail: bool = False) -> None:
        self.fail, self.closed = fail, False
        self.looked = 0

    def look(self, photos: Sequence[tuple[str, bytes]]) -> list[tuple[Face, ...]]:
        if self.fail:
            raise KnownError("The process that looks for faces has stopped.", "Start again.")
        self.looked += len(photos)
        return [(LARGE,)] * len(photos)

    def interrupt(self) -> None:
        self.fail = True

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def start_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ScoringThread]]:
    """A thread with nothing to score, and a made face process."""
    threads: list[ScoringThread] = []
    monkeypatch.setattr(ScoringThread, "_anything_to_score", lambda _thread: False)

    def start(library: Any, faces: MadeFaces) -> ScoringThread:
        thread = ScoringThread(library.catalogue, IdleScorer(), tuple, faces=lambda: faces)
        threads.append(thread)
        thread.start()
        return thread

    yield start
    for thread in threads:
        thread.stop()


def test_faces_are_found_in_the_background_and_bursts_grouped_anew(
    qtbot: QtBot, make_library: Make, start_thread: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "is_installed", lambda: True)
    library, faces = make_library(5), MadeFaces()
    thread = start_thread(library, faces)
    stages: list[str] = []
    thread.progressed.connect(lambda progress: stages.append(progress.stage))
    with qtbot.waitSignal(thread.rested, timeout=10_000):
        thread.wake(group=True)
    assert faces.looked == 5
    assert library.catalogue.face_counts(parts.VERSION) == (5, 5)
    assert library.catalogue.folders_to_group() == []
    assert "faces" in stages
    thread.stop()
    assert faces.closed


def test_without_the_models_no_process_is_started_and_nothing_is_told(
    qtbot: QtBot, make_library: Make, start_thread: Make
) -> None:
    faces = MadeFaces(fail=True)
    thread = start_thread(make_library(3), faces)
    failures: list[Any] = []
    thread.failed.connect(lambda *words: failures.append(words))
    with qtbot.waitSignal(thread.rested, timeout=10_000):
        thread.wake(group=True)
    assert (failures, faces.looked) == ([], 0)


def test_when_looking_for_faces_fails_it_is_told_once_and_the_rest_goes_on(
    qtbot: QtBot, make_library: Make, start_thread: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "is_installed", lambda: True)
    thread = start_thread(make_library(3), MadeFaces(fail=True))
    failures: list[str] = []
    thread.failed.connect(lambda message, _advice: failures.append(message))
    for _ in range(2):
        with qtbot.waitSignal(thread.rested, timeout=10_000):
            thread.wake(group=True)
    assert failures == ["The process that looks for faces has stopped."]
