"""Stepping in the loupe: the next photo is there when the key is pressed, and a held key never lags behind."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from aesthetic_studio.desktop.loupe.hud import Notice, VerdictPlate
from aesthetic_studio.desktop.loupe.view import LoupeView
from aesthetic_studio.imaging import preview
from aesthetic_studio.records import Metadata, PhotoRecord, PhotoState, Verdict

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.window import MainWindow

Make = Callable[..., Any]
Key = Qt.Key
PLAIN = Qt.KeyboardModifier.NoModifier


def write_photos(library: Any, size: tuple[int, int] = (1500, 1000)) -> None:
    """Put a photo of a tone of its own where the library says each is."""
    for number, photo in enumerate(library.catalogue.photos(library.ids)):
        photo.path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, tone_of(number)).save(photo.path, quality=92)


def tone_of(number: int) -> tuple[int, int, int]:
    return 20 + 12 * number, 120, 230 - 12 * number


def open_loupe(qtbot: QtBot, window: MainWindow) -> None:
    """Show the loupe at the first photo, and let what lies nearest around it be made ready."""
    window.views.show_loupe()
    qtbot.waitUntil(window.loupe.has_true_pixels, timeout=10_000)
    # Before the photos around it are known, nothing is decoded either.
    nearest = min(4, len(window.grid.model().ids))
    qtbot.waitUntil(lambda: window.loupe.kept_count() >= nearest, timeout=10_000)
    qtbot.waitUntil(window.loupe.is_settled, timeout=10_000)


def middle_of(loupe: LoupeView) -> tuple[int, int, int]:
    """The colour in the middle of what is on screen."""
    picture = loupe.grab().toImage()
    return picture.pixelColor(picture.width() // 2, picture.height() // 2).getRgb()[:3]


def is_tone(colour: tuple[int, int, int], number: int) -> bool:
    return all(abs(one - other) <= 3 for one, other in zip(colour, tone_of(number), strict=True))


def repeat(loupe: LoupeView, key: Qt.Key) -> None:
    """One repeat of a key that is held down."""
    QTest.simulateEvent(loupe, True, key, PLAIN, "", True, -1)


def notice(loupe: LoupeView) -> str:
    found = next(plate for plate in loupe.findChildren(Notice) if plate.accessibleName() == "Notice")
    return found.text() if found.isVisible() else ""


# -- the next photo is there -----------------------------------------------------------------


def test_the_next_photo_is_there_when_the_key_is_pressed(
    qtbot: QtBot, make_library: Make, show_window: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(8)
    write_photos(library)
    window = show_window(library)
    open_loupe(qtbot, window)
    qtbot.waitUntil(lambda: window.loupe.kept_count() == 8)
    asked: list[str] = []
    for name in ("photos", "preview"):
        monkeypatch.setattr(window.reader_here, name, lambda _ids, name=name: asked.append(name))

    for number in (1, 2, 3):
        qtbot.keyClick(window.loupe, Key.Key_Right)
        assert window.loupe.photo_id() == library.ids[number]
        assert window.loupe.has_true_pixels()
        assert is_tone(middle_of(window.loupe), number)
    assert asked == [], "a step waits neither for the library nor for a preview"


def test_stepping_back_finds_what_was_left(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(8)
    write_photos(library)
    window = show_window(library)
    open_loupe(qtbot, window)

    for key, number in ((Key.Key_Right, 1), (Key.Key_Right, 2), (Key.Key_Left, 1)):
        qtbot.keyClick(window.loupe, key)
        assert window.loupe.photo_id() == library.ids[number]
        qtbot.waitUntil(window.loupe.has_true_pixels)
    assert is_tone(middle_of(window.loupe), 1)


def test_a_decision_is_still_seen_when_the_photo_is_stepped_back_to(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(4)
    write_photos(library)
    window = show_window(library)
    open_loupe(qtbot, window)
    with qtbot.waitSignal(window.verdicts.applied, timeout=5000):
        qtbot.keyClick(window.loupe, Key.Key_4)

    qtbot.keyClick(window.loupe, Key.Key_Right)
    assert not window.loupe.findChild(VerdictPlate).isVisible()
    qtbot.keyClick(window.loupe, Key.Key_Left)
    assert window.loupe.findChild(VerdictPlate).isVisible()
    assert "4 stars" in window.loupe.accessibleName()


def test_zoom_and_place_are_kept_and_true_pixels_come_at_that_zoom(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(4)
    write_photos(library, (6000, 4000))
    window = show_window(library)
    open_loupe(qtbot, window)
    qtbot.keyClick(window.loupe, Key.Key_Z, Qt.KeyboardModifier.ShiftModifier)
    place = window.loupe.photo_rect()

    qtbot.keyClick(window.loupe, Key.Key_Right)

    assert window.loupe.scale() == 2.0
    assert window.loupe.photo_rect() == place
    qtbot.waitUntil(window.loupe.has_true_pixels, timeout=10_000)
    qtbot.waitUntil(window.loupe.is_settled, timeout=20_000)
    assert window.loupe.photo_rect() == place
    assert window.loupe.kept_bytes() <= window.loupe.budget_bytes()


def test_z_and_shift_z_zoom_and_the_same_key_leads_back(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(2)
    window = show_window(library)
    window.views.show_loupe()
    shift = Qt.KeyboardModifier.ShiftModifier
    seen = []
    for modifiers in (PLAIN, PLAIN, shift, shift, PLAIN, shift, PLAIN, PLAIN):
        qtbot.keyClick(window.loupe, Key.Key_Z, modifiers)
        seen.append(None if window.loupe.is_fitted() else window.loupe.scale())
    assert seen == [1.0, None, 2.0, None, 1.0, 2.0, 1.0, None]


# -- holding the key -------------------------------------------------------------------------


def test_a_held_key_steps_no_further_than_what_is_on_screen(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(20)
    write_photos(library, (150, 100))
    window = show_window(library)
    open_loupe(qtbot, window)
    loupe = window.loupe
    loupe.repaint()

    for _ in range(10):
        repeat(loupe, Key.Key_Right)
    assert window.views.current_id() == library.ids[1], "nothing was painted in between"
    qtbot.waitUntil(loupe.takes_step)
    for _ in range(10):
        repeat(loupe, Key.Key_Right)
    assert window.views.current_id() == library.ids[2]

    QTest.keyRelease(loupe, Key.Key_Right)
    qtbot.waitUntil(loupe.is_settled)
    assert window.views.current_id() == library.ids[2], "nothing is played after the key is released"


def test_keys_pressed_one_by_one_all_count(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(20)
    window = show_window(library)
    window.views.show_loupe()
    for _ in range(6):
        qtbot.keyPress(window.loupe, Key.Key_Right)
    assert window.views.current_id() == library.ids[6]


def test_scrubbing_decodes_nothing_on_the_way_and_what_it_rests_on(qtbot: QtBot, loupe: Make, tmp_path: Path) -> None:
    asked: list[str] = []

    def load(path: str, _long_side: int | None) -> Image.Image:
        asked.append(Path(path).name)
        return Image.new("RGB", (900, 600), tone_of(5))

    view = loupe(load=load)
    for number in range(30):
        view.show_photo(record(tmp_path / f"{number}.jpg", number + 1, (900, 600)), None, passing=True)
        view.repaint()
    assert asked == []
    qtbot.waitUntil(view.has_true_pixels)
    assert asked == ["29.jpg"]
    assert is_tone(middle_of(view), 5)


def test_a_long_scrub_shows_a_preview_of_each_photo_and_true_pixels_at_its_end(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(40)
    write_photos(library, (150, 100))
    window = show_window(library)
    open_loupe(qtbot, window)

    qtbot.keyPress(window.loupe, Key.Key_Right)
    while window.views.current_id() != library.ids[35]:
        repeat(window.loupe, Key.Key_Right)
        qtbot.waitUntil(window.loupe.takes_step)
    assert window.loupe.photo_id() == library.ids[35]
    QTest.keyRelease(window.loupe, Key.Key_Right)
    qtbot.waitUntil(window.loupe.has_true_pixels)
    assert window.views.current_id() == library.ids[35]


# -- without a flicker -----------------------------------------------------------------------


@pytest.fixture
def loupe(qtbot: QtBot):
    made: list[LoupeView] = []

    def make(**arguments: Any) -> LoupeView:
        view = LoupeView(**arguments)
        qtbot.addWidget(view)
        view.resize(803, 601)
        view.show()
        qtbot.waitExposed(view)
        made.append(view)
        return view

    yield make
    for view in made:
        view.close_workers()


def record(path: Path, photo_id: int, size: tuple[int, int], **changes: Any) -> PhotoRecord:
    state = PhotoState.PRESENT
    made = PhotoRecord(photo_id, photo_id, path, state, 1, 1, (), "JPEG", *size, Metadata(), None, None, Verdict())
    return replace(made, **changes)


def as_qimage(image: Image.Image) -> QImage:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return QImage.fromData(buffer.getvalue())


def grey_of(view: LoupeView) -> np.ndarray:
    picture = view.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
    return rows[:, : picture.width()].astype(float).copy()


def centre_of(spot: np.ndarray) -> tuple[float, float]:
    rows, columns = np.indices(spot.shape)
    weight = np.clip(spot - 128, 0, None)
    return float((columns * weight).sum() / weight.sum()), float((rows * weight).sum() / weight.sum())


@pytest.mark.parametrize("size", [(3001, 1999), (2000, 2999), (5184, 3456), (4999, 1234)])
@pytest.mark.parametrize("zoom", [None, 1.0])
def test_true_pixels_take_the_previews_place_without_a_shift(
    qtbot: QtBot, loupe: Make, tmp_path: Path, size: tuple[int, int], zoom: float | None
) -> None:
    photo = Image.new("L", size, 100)
    draw = ImageDraw.Draw(photo)
    radius = min(size) // 16
    across, down = size[0] * 0.52, size[1] * 0.47
    draw.ellipse((across - radius, down - radius, across + radius, down + radius), fill=255)
    path = tmp_path / "spot.jpg"
    photo.save(path, quality=95)
    view = loupe()
    if zoom is not None:
        view.zoom_to(zoom)
    view.hide()  # so that nothing is decoded yet
    view.show_photo(record(path, 1, size), as_qimage(preview.shrink(photo)))
    before, place = grey_of(view), view.photo_rect()

    with qtbot.waitSignal(view.photo_decoded, timeout=10_000):
        view.show()
    qtbot.waitUntil(view.is_settled)
    after = grey_of(view)

    # A pixel of the screen, or half of one of the preview where those are larger.
    allowed = max(1.0, 0.5 * max(place.width(), place.height()) / 512)
    assert view.photo_rect() == place
    assert centre_of(after) == pytest.approx(centre_of(before), abs=allowed)
    assert ((before > 60) == (after > 60)).all(), "the photo's border stays where it is"


def test_a_fitted_photo_is_painted_pixel_for_pixel(qtbot: QtBot, loupe: Make, tmp_path: Path) -> None:
    noise = Image.effect_noise((2400, 1600), 60)
    path = tmp_path / "noise.png"
    noise.save(path)
    view = loupe()
    with qtbot.waitSignal(view.photo_decoded, timeout=10_000):
        view.show_photo(record(path, 1, noise.size), None)
    rect = view.photo_rect()
    size = (round(rect.width()), round(rect.height()))
    expected = np.asarray(preview.for_screen(noise, max(size)), dtype=float)
    shown = grey_of(view)[round(rect.y()) :, round(rect.x()) :][: size[1], : size[0]]
    assert np.abs(shown - expected).max() <= 1


def test_no_background_flashes_between_two_photos(qtbot: QtBot, loupe: Make, tmp_path: Path) -> None:
    for number in (1, 2):
        Image.new("RGB", (900, 600), tone_of(number)).save(tmp_path / f"{number}.jpg", quality=95)
    view = loupe()
    with qtbot.waitSignal(view.photo_decoded):
        view.show_photo(record(tmp_path / "1.jpg", 1, (900, 600)), None)
    assert is_tone(middle_of(view), 1)

    view.show_photo(record(tmp_path / "2.jpg", 2, (900, 600)), None, preview_follows=True)
    assert is_tone(middle_of(view), 1), "until something of the second photo is there"
    with qtbot.waitSignal(view.photo_decoded):
        pass
    assert is_tone(middle_of(view), 2)


# -- files that go away ----------------------------------------------------------------------


def test_a_photo_that_vanishes_while_it_is_shown_stays_on_screen_with_a_notice(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(4)
    write_photos(library)
    window = show_window(library)
    open_loupe(qtbot, window)
    shown = library.catalogue.photos(library.ids[:1])[0]
    shown.path.unlink()

    window.loupe.update_record(replace(shown, state=PhotoState.MISSING))
    assert "not there any more" in notice(window.loupe)
    assert is_tone(middle_of(window.loupe), 0)

    qtbot.keyClick(window.loupe, Key.Key_Right)
    assert notice(window.loupe) == ""
    assert is_tone(middle_of(window.loupe), 1)


def test_a_drive_that_goes_offline_during_a_pass_is_said_and_its_return_is_seen(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(30)
    write_photos(library, (150, 100))
    window = show_window(library)
    open_loupe(qtbot, window)
    photos, away = Path(library.folder), Path(library.folder).with_name("away")
    photos.rename(away)

    qtbot.keyClick(window.loupe, Key.Key_End)
    qtbot.waitUntil(lambda: "out of reach" in notice(window.loupe))
    assert not window.loupe.has_true_pixels()
    for _ in range(3):
        qtbot.keyClick(window.loupe, Key.Key_Left)
        qtbot.waitUntil(lambda: "out of reach" in notice(window.loupe))
    assert window.loupe.photo_id() == library.ids[26]

    away.rename(photos)
    qtbot.keyClick(window.loupe, Key.Key_Right)
    qtbot.waitUntil(window.loupe.has_true_pixels)
    assert notice(window.loupe) == ""


def test_a_photo_whose_preview_cannot_be_read_is_not_shown_as_the_one_before(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(30)
    write_photos(library, (150, 100))
    window = show_window(library)
    open_loupe(qtbot, window)
    before = middle_of(window.loupe)
    library.catalogue.photos(library.ids[-1:])[0].path.unlink()
    content = library.catalogue.photos(library.ids[-1:])[0].content_id
    previews = library.path.with_name(f"{library.path.stem}-previews.sqlite")
    with sqlite3.connect(previews) as store:
        store.execute("DELETE FROM preview WHERE hash = ?", (library.catalogue.hashes([content])[content],))

    qtbot.keyClick(window.loupe, Key.Key_End)

    qtbot.waitUntil(lambda: "not there any more" in notice(window.loupe))
    qtbot.waitUntil(lambda: middle_of(window.loupe) != before)
