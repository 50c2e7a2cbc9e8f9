"""One photo, large: at once, then sharp, zoomed at the cursor, and honest about files that are not there."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from aesthetic_studio.desktop.loupe.hud import HeatLegend
from aesthetic_studio.desktop.loupe.images import LoupeImages, Want
from aesthetic_studio.desktop.loupe.marks import Overlay
from aesthetic_studio.desktop.loupe.pictures import LoupeImage, fitted_picture
from aesthetic_studio.desktop.loupe.view import LoupeView
from aesthetic_studio.desktop.toolkit.previews import to_picture
from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.records import Flag, Metadata, PhotoRecord, PhotoState, Verdict

NO, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


class Files:
    """Photos that are decoded on demand: red on the left, blue on the right; can be held up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.size = (1600, 1200)
        self.asked: list[tuple[str, int | None]] = []
        self.open = threading.Event()
        self.open.set()

    def add(self, name: str) -> Path:
        path = self.folder / name
        path.write_bytes(b"there")
        return path

    def __call__(self, path: str, max_long_side: int | None) -> Image.Image:
        self.asked.append((Path(path).name, max_long_side))
        self.open.wait(10)
        if "broken" in path:
            raise UnreadablePhoto(path, "the JPEG data ends early", "Copy it from the card again.")
        if not Path(path).exists():
            raise FileNotFoundError(path)
        image = Image.new("RGB", self.size, (250, 0, 0))
        image.paste((0, 0, 250), (self.size[0] // 2, 0, *self.size))
        if max_long_side:
            image.thumbnail((max_long_side, max_long_side))
        return image


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def loupe(qtbot, files: Files):
    view = LoupeView(load=files)
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.show()
    qtbot.waitExposed(view)
    yield view
    files.open.set()
    view.close_workers()


def record(path: Path, photo_id: int = 1, **changes) -> PhotoRecord:
    made = PhotoRecord(
        photo_id, photo_id, path, PhotoState.PRESENT, 1, 1, (), "JPEG", 1600, 1200, Metadata(), None, None, Verdict()
    )
    return replace(made, **changes)


def grey_preview() -> QImage:
    image = QImage(512, 384, QImage.Format.Format_RGB32)
    image.fill(QColor(90, 90, 90))
    return image


def colour_at(loupe: LoupeView, x: int, y: int) -> tuple[int, int, int]:
    return loupe.grab().toImage().pixelColor(x, y).getRgb()[:3]


def legend(loupe: LoupeView) -> HeatLegend:
    return loupe.findChild(HeatLegend)


def notice(loupe: LoupeView) -> str:
    return loupe._notice.text() if loupe._notice.isVisible() else ""


# -- what is shown ---------------------------------------------------------------------------


def test_the_preview_shows_at_once_and_the_true_pixels_take_its_place(qtbot, loupe: LoupeView, files: Files) -> None:
    files.open.clear()
    loupe.show_photo(record(files.add("a.jpg")), grey_preview())
    place = loupe.photo_rect()
    assert colour_at(loupe, 100, 300) == (90, 90, 90)
    assert not loupe.has_true_pixels()
    with qtbot.waitSignal(loupe.photo_decoded) as decoded:
        files.open.set()
    assert decoded.args == [1]
    assert loupe.photo_rect() == place
    assert colour_at(loupe, 100, 300) == (250, 0, 0)
    assert colour_at(loupe, 700, 300) == (0, 0, 250)


def test_only_as_much_is_decoded_as_is_shown_until_someone_zooms_in(qtbot, loupe: LoupeView, files: Files) -> None:
    files.size = (6000, 4500)
    shown = record(files.add("a.jpg"), width=6000, height=4500)
    with qtbot.waitSignal(loupe.photo_decoded):
        loupe.show_photo(shown, grey_preview())
    assert files.asked == [("a.jpg", 800)]
    with qtbot.waitSignal(loupe.photo_decoded):
        loupe.toggle_zoom(QPointF(400, 300))
    assert len(files.asked) == 2
    assert files.asked[1][1] is None or files.asked[1][1] > 6000


def test_a_neighbour_is_there_when_it_is_stepped_to(qtbot, loupe: LoupeView, files: Files) -> None:
    first, second = files.add("a.jpg"), files.add("b.jpg")
    with qtbot.waitSignals([loupe._images.loaded] * 2):
        loupe.show_photo(record(first), grey_preview())
        loupe.set_ahead([record(second, 2)])
    loupe.show_photo(record(second, 2), grey_preview())
    assert loupe.has_true_pixels()
    assert sorted(name for name, _ in files.asked) == ["a.jpg", "b.jpg"]


def test_a_turn_cancels_what_was_not_begun(qtbot, loupe: LoupeView, files: Files) -> None:
    with qtbot.waitSignal(loupe.photo_decoded):
        loupe.show_photo(record(files.add("a.jpg")), grey_preview())
    files.open.clear()
    loupe.set_ahead([record(files.add(f"onward{number}.jpg"), 10 + number) for number in range(6)])
    qtbot.waitUntil(lambda: len(files.asked) == 2)
    loupe.set_ahead([record(files.add("back.jpg"), 20)])
    files.open.set()
    qtbot.waitUntil(loupe.is_settled)
    assert [name for name, _ in files.asked] == ["a.jpg", "onward0.jpg", "back.jpg"]


def test_the_shown_photo_never_waits_for_those_ahead(qtbot, loupe: LoupeView, files: Files) -> None:
    with qtbot.waitSignal(loupe.photo_decoded):
        loupe.show_photo(record(files.add("a.jpg")), grey_preview())
    files.open.clear()
    loupe.set_ahead([record(files.add(f"ahead{number}.jpg"), 10 + number) for number in range(6)])
    qtbot.waitUntil(lambda: len(files.asked) == 2)
    loupe.show_photo(record(files.add("far.jpg"), 2), grey_preview())
    qtbot.waitUntil(lambda: files.asked[-1][0] == "far.jpg")
    files.open.set()


def test_a_photo_edited_on_disk_is_decoded_anew(qtbot, loupe: LoupeView, files: Files) -> None:
    path = files.add("a.jpg")
    for mtime in (1, 2):
        with qtbot.waitSignal(loupe.photo_decoded):
            loupe.show_photo(record(path, mtime_ns=mtime), grey_preview())
    assert len(files.asked) == 2


def test_nothing_is_decoded_while_the_loupe_is_hidden(qtbot, loupe: LoupeView, files: Files) -> None:
    loupe.hide()
    loupe.show_photo(record(files.add("a.jpg")), grey_preview())
    assert files.asked == []
    with qtbot.waitSignal(loupe.photo_decoded):
        loupe.show()


# -- zoom and pan ----------------------------------------------------------------------------


def test_a_click_zooms_to_one_to_one_at_its_place_and_back(qtbot, loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.add("a.jpg"), width=4000, height=3000), grey_preview())
    x, y = 200, 150
    before = loupe._geometry.photo_point(x, y)
    with qtbot.waitSignal(loupe.zoom_changed) as zoomed:
        qtbot.mouseClick(loupe, LEFT, NO, QPoint(x, y))
    assert zoomed.args == [pytest.approx(1.0)]
    assert loupe._geometry.photo_point(x, y) == pytest.approx(before, abs=1e-3)
    qtbot.mouseClick(loupe, LEFT, NO, QPoint(x, y))
    assert loupe.is_fitted()


def test_zoom_and_place_are_kept_while_stepping(loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.add("a.jpg"), width=4000, height=3000), grey_preview())
    loupe.zoom_to(2.0, QPointF(700, 100))
    place = loupe.photo_rect()
    loupe.show_photo(record(files.add("b.jpg"), 2, width=4000, height=3000), grey_preview())
    assert loupe.scale() == 2.0
    assert loupe.photo_rect() == place


def test_the_wheel_zooms_around_the_cursor(loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.add("a.jpg"), width=4000, height=3000), grey_preview())
    place = QPointF(420, 310)
    before, scale = loupe._geometry.photo_point(420, 310), loupe.scale()
    for _ in range(4):
        event = QWheelEvent(
            place, place, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, NO, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(loupe, event)
    assert loupe.scale() > 2 * scale
    assert loupe._geometry.photo_point(420, 310) == pytest.approx(before, abs=2e-3)


def test_a_drag_moves_the_photo_and_is_no_click(qtbot, loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.add("a.jpg"), width=4000, height=3000), grey_preview())
    loupe.zoom_to(1.0)
    before = loupe.photo_rect()
    qtbot.mousePress(loupe, LEFT, NO, QPoint(400, 300))
    qtbot.mouseMove(loupe, QPoint(340, 260))
    qtbot.mouseRelease(loupe, LEFT, NO, QPoint(340, 260))
    assert loupe.scale() == 1.0
    assert loupe.photo_rect().topLeft() == before.topLeft() + QPointF(-60, -40)


def test_keys_pan_when_zoomed_and_step_otherwise(qtbot, loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.add("a.jpg"), width=4000, height=3000), grey_preview())
    loupe.zoom_to(1.0)
    left = loupe.photo_rect().left()
    qtbot.keyClick(loupe, Qt.Key.Key_Right, SHIFT)
    assert loupe.photo_rect().left() < left
    with qtbot.waitSignal(loupe.photo_step_requested) as step:
        qtbot.keyClick(loupe, Qt.Key.Key_Left)
    assert step.args == [-1]
    assert loupe.scale() == 1.0


def test_plus_and_minus_zoom_down_to_fit(qtbot, loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.add("a.jpg"), width=4000, height=3000), grey_preview())
    qtbot.keyClick(loupe, Qt.Key.Key_Plus)
    assert not loupe.is_fitted()
    for _ in range(3):
        qtbot.keyClick(loupe, Qt.Key.Key_Minus)
    assert loupe.is_fitted()


def test_the_view_stays_fitted_while_the_window_grows(loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.add("a.jpg")), grey_preview())
    loupe.resize(1000, 500)
    assert loupe.is_fitted()
    assert loupe.photo_rect().height() == pytest.approx(500)


def test_far_in_each_pixel_is_a_sharp_square(qtbot, loupe: LoupeView, files: Files) -> None:
    files.size = (400, 300)
    with qtbot.waitSignal(loupe.photo_decoded):
        loupe.show_photo(record(files.add("a.jpg"), width=400, height=300), grey_preview())
    loupe.zoom_to(8.0)
    picture = loupe.grab().toImage()
    colours = {picture.pixelColor(x, 300).getRgb()[:3] for x in range(380, 420)}
    assert colours == {(250, 0, 0), (0, 0, 250)}


# -- what is wrong ---------------------------------------------------------------------------


def test_a_missing_file_shows_its_preview_and_says_so(loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.folder / "gone.jpg", state=PhotoState.MISSING), grey_preview())
    assert "not there any more" in notice(loupe)
    assert colour_at(loupe, 400, 200) == (90, 90, 90)
    assert files.asked == []


def test_a_file_that_vanishes_while_shown_is_said_to_be_gone(qtbot, loupe: LoupeView, files: Files) -> None:
    path = files.add("a.jpg")
    path.unlink()
    with qtbot.waitSignal(loupe._images.failed):
        loupe.show_photo(record(path), grey_preview())
    assert "not there any more" in notice(loupe)


def test_an_unreadable_file_gives_its_reason_and_what_to_do(qtbot, loupe: LoupeView, files: Files) -> None:
    with qtbot.waitSignal(loupe._images.failed):
        loupe.show_photo(record(files.add("broken.jpg")), grey_preview())
    assert notice(loupe) == "The JPEG data ends early. Copy it from the card again."
    problem = "The file is empty. Copy it again."
    loupe.show_photo(record(files.add("b.jpg"), 2, state=PhotoState.UNREADABLE, problem=problem), None)
    assert notice(loupe) == problem


def test_the_notice_goes_when_the_next_photo_is_fine(loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.folder / "gone.jpg", state=PhotoState.OFFLINE), grey_preview())
    assert "offline" in notice(loupe)
    loupe.show_photo(record(files.add("a.jpg"), 2), grey_preview())
    assert notice(loupe) == ""


def test_a_catalogue_that_is_wrong_about_the_size_is_corrected(qtbot, loupe: LoupeView, files: Files) -> None:
    with qtbot.waitSignal(loupe.photo_decoded):
        loupe.show_photo(record(files.add("a.jpg"), width=1200, height=1600), grey_preview())
    assert loupe.photo_rect().width() == pytest.approx(800)
    assert loupe.photo_rect().height() == pytest.approx(600)


# -- overlays and readers --------------------------------------------------------------------


def test_the_heat_map_lies_over_the_photo_under_zoom_and_goes_with_it(loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.add("a.jpg"), state=PhotoState.MISSING, width=4000, height=3000), grey_preview())
    loupe.set_heat_map(2, 2, (1.0, 0.0, 0.0, 0.0))
    strong, weak = colour_at(loupe, 120, 120), colour_at(loupe, 700, 400)
    assert strong[0] > 150
    assert max(weak) < 90
    assert legend(loupe).isVisible()
    loupe.zoom_to(1.0, QPointF(0, 0))
    assert colour_at(loupe, 600, 100)[0] > 150
    loupe.clear_heat_map()
    assert colour_at(loupe, 600, 100) == (90, 90, 90)
    assert not legend(loupe).isVisible()


def test_a_heat_map_never_stays_over_another_photo(loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.add("a.jpg")), grey_preview())
    loupe.set_heat_map(2, 2, (1.0, 0.0, 0.0, 0.0))
    loupe.show_photo(record(files.add("b.jpg"), 2), grey_preview())
    assert not legend(loupe).isVisible()
    assert colour_at(loupe, 120, 120)[0] != 255


def test_the_thirds_are_drawn_on_the_photo(loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.folder / "g.jpg", state=PhotoState.MISSING), grey_preview())
    plain = loupe.grab().toImage()
    loupe.set_overlay(Overlay.THIRDS, on=True)
    assert loupe.grab().toImage().pixelColor(800 // 3, 100) != plain.pixelColor(800 // 3, 100)


def test_a_decision_is_seen_and_heard_in_the_loupe(loupe: LoupeView, files: Files) -> None:
    shown = record(files.add("a.jpg"))
    loupe.show_photo(shown, grey_preview())
    assert not loupe._verdict_plate.isVisible()
    loupe.update_record(replace(shown, verdict=Verdict(3, Flag.PICK)))
    assert loupe._verdict_plate.isVisible()
    assert "a.jpg" in loupe.accessibleName()
    assert "3 stars, picked" in loupe.accessibleName()
    assert "whole photo" in loupe.accessibleName()


def test_without_a_photo_the_loupe_is_empty_and_says_so(loupe: LoupeView, files: Files) -> None:
    loupe.show_photo(record(files.add("a.jpg")), grey_preview())
    loupe.clear()
    assert loupe.photo_id() is None
    assert loupe.accessibleName() == "Loupe, no photo"
    colours = {colour_at(loupe, x, 300) for x in (10, 400, 790)}
    assert len(colours) == 1


# -- memory ----------------------------------------------------------------------------------


def test_full_photos_are_kept_within_their_bound(qtbot, files: Files) -> None:
    paths = [str(files.add(f"{number}.jpg")) for number in range(6)]
    one = to_picture(files(paths[0], None)).sizeInBytes()
    images = LoupeImages(files, budget_bytes=3 * one)
    with qtbot.waitSignals([images.loaded] * 6):
        images.want(paths, None)
    assert images.kept_bytes <= 3 * one
    assert sum(images.image(path) is not None for path in paths) == 3
    images.close()


def test_no_more_is_decoded_ahead_than_fits_beside_the_shown_photo(qtbot, files: Files) -> None:
    wants = [Want(str(files.add(f"{number}.jpg")), None, 1600 * 1200) for number in range(6)]
    images = LoupeImages(files, budget_bytes=3 * wants[0].cost)
    images.want_shown(wants[0], wants[1:])
    qtbot.waitUntil(lambda: images.is_settled)
    assert [name for name, _ in files.asked] == ["0.jpg", "1.jpg", "2.jpg"]
    assert images.kept_bytes <= images.budget_bytes
    images.close()


def test_photos_that_nobody_wants_make_room_before_the_next_are_decoded(qtbot, files: Files) -> None:
    a, b, c, d = (Want(str(files.add(f"{name}.jpg")), None, 1600 * 1200) for name in "abcd")
    images = LoupeImages(files, budget_bytes=2 * a.cost)
    images.want_shown(a, [b])
    qtbot.waitUntil(lambda: images.is_settled)
    files.open.clear()
    images.want_shown(b, [c])
    assert [images.image(want.path) is not None for want in (a, b)] == [False, True]
    images.want_shown(d)
    assert images.kept_bytes + d.cost <= images.budget_bytes
    files.open.set()
    images.close()


@pytest.fixture
def stepped_past(qtbot, files: Files):
    """Photos of which the first is stepped past while it is decoded, and both of them."""
    first, second = (Want(str(files.add(f"{name}.jpg")), None, 1600 * 1200) for name in "ab")
    images = LoupeImages(files)
    files.open.clear()
    images.want_shown(first)
    qtbot.waitUntil(lambda: len(files.asked) == 1)
    images.want_shown(second)
    files.open.set()
    yield images, first, second
    images.close()


def test_a_whole_photo_that_was_stepped_past_while_it_was_decoded_is_not_kept(qtbot, stepped_past) -> None:
    images, passed, shown = stepped_past
    qtbot.waitUntil(lambda: images.is_settled)
    assert images.image(passed.path) is None
    assert images.image(shown.path) is not None
    images.want_shown(passed)
    qtbot.waitUntil(lambda: images.image(passed.path) is not None)


def test_a_photo_that_is_wanted_again_just_when_it_was_dropped_is_decoded_after_all(
    qtbot, files: Files, stepped_past
) -> None:
    images, back, _ = stepped_past
    images._pool.waitForDone()  # it was dropped, and nobody has been told yet
    images.want_shown(back)
    qtbot.waitUntil(lambda: images.image(back.path) is not None)
    assert [name for name, _ in files.asked].count("a.jpg") == 2


@pytest.mark.parametrize("long_side", [700, 1100, 1999])
@pytest.mark.parametrize("orientation", ["wide", "tall"])
def test_a_photo_that_is_waited_for_looks_as_one_that_was_made_ready(long_side: int, orientation: str) -> None:
    size = (2000, 1333) if orientation == "wide" else (1333, 2000)
    photo = Image.effect_noise(size, 80).convert("RGB").filter(ImageFilter.GaussianBlur(2))
    other = round(long_side * 1333 / 2000) + 1
    exact = (long_side, other) if orientation == "wide" else (other, long_side)
    both = [fitted_picture(photo, long_side, exact, at_once=at_once) for at_once in (True, False)]
    assert [(picture.width(), picture.height()) for picture in both] == [exact, exact]
    waited, ready = (
        np.frombuffer(picture.constBits(), np.uint8).reshape(exact[1], -1)[:, : 4 * exact[0]].astype(int)
        for picture in both
    )
    assert np.abs(waited - ready).mean() < 1
    assert np.abs(waited - ready).max() < 12
    assert (waited[:, 3::4] == ready[:, 3::4]).all()


def test_any_zoom_is_painted_from_a_copy_of_its_size_and_never_from_a_smaller_one() -> None:
    image = LoupeImage((to_picture(Image.new("RGB", (4001, 3000), (9, 9, 9))),), whole=True)
    for width in (300, 1000, 1999, 3000):
        image = image.scaled_to(width)
        assert image.level_for(width).width() == width
        assert image.level_for(width + 100).width() >= width + 100
    assert image.level_for(9000).width() == 4001


def test_a_real_photo_replaces_its_preview(qtbot, real_data: Path) -> None:
    path = next(iter(sorted((real_data / "photos" / "jpeg").glob("Canon*.jpg"))))
    view = LoupeView()
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.show()
    with qtbot.waitSignal(view.photo_decoded, timeout=20_000):
        view.show_photo(record(path, width=0, height=0), grey_preview())
    assert colour_at(view, 400, 300) != (90, 90, 90)
    view.close_workers()
