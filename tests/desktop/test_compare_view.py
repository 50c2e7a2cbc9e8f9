"""Panes side by side: previews at once, true pixels after, zoom and place in step, and words that differ."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel

from aesthetic_studio.desktop.compare import in_step
from aesthetic_studio.desktop.compare.view import CompareView
from aesthetic_studio.desktop.loupe.images import LoupeImages
from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.records import (
    CaptureTime,
    Flag,
    Measurements,
    Metadata,
    PhotoRecord,
    PhotoState,
    Score,
    ScoreDistribution,
    SeriesKind,
    Verdict,
)

if TYPE_CHECKING:
    from aesthetic_studio.desktop.compare.pane import PhotoPane

Key, SHIFT, LEFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier, Qt.MouseButton.LeftButton
MEASURED = Measurements(0.6, 0.1, 0.01, -0.4, 0.0, 0.0, 0.2, 0.4, 1.0)


class Files:
    """Photos of one colour by their name, decoded on demand; can be held up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple[str, int | None]] = []
        self.open = threading.Event()
        self.open.set()

    def __call__(self, path: str, max_long_side: int | None) -> Image.Image:
        self.asked.append((Path(path).name, max_long_side))
        self.open.wait(10)
        if "gone" in path:
            raise UnreadablePhoto(path, "the file ends early", "Copy it from the card again.")
        large = "large" in path
        image = Image.new("RGB", (3200, 2400) if large else (1600, 1200), (0, 200, 0))
        image.paste((0, 0, 250), (image.width // 2, 0, *image.size))
        if max_long_side:
            image.thumbnail((max_long_side, max_long_side))
        return image


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def view(qtbot, files: Files):
    made = CompareView(load=files)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    qtbot.waitExposed(made)
    yield made
    files.open.set()
    made.close_workers()


def photo(files: Files, number: int, *, score: float = 5.0, large: bool = False, **changes) -> PhotoRecord:
    path = files.folder / f"{'large' if large else 'photo'}-{number}.jpg"
    path.write_bytes(b"there")
    votes = [0.0] * 10
    votes[int(score) - 1], votes[int(score)] = 1 - score % 1, score % 1
    made = PhotoRecord(
        number, number, path, PhotoState.PRESENT, 1, 1, (), "JPEG", 3200 if large else 1600, 2400 if large else 1200,
        Metadata(shutter_s=1 / 250, aperture=2.8, iso=400, focal_length_mm=85), MEASURED, None, Verdict(),
        score=Score("m", "1", ScoreDistribution.from_votes(votes)),
    )  # fmt: skip
    return replace(made, **changes)


def grey(_photo_id: int) -> QImage:
    image = QImage(512, 384, QImage.Format.Format_RGB32)
    image.fill(QColor(90, 90, 90))
    return image


def pair(view: CompareView, champion: PhotoRecord, challenger: PhotoRecord | None, place: str = "1 of 3") -> None:
    view.show_pair(champion, challenger, grey, place=place, end="No challenger is left.")


def looks(view: CompareView) -> list[tuple[float, float, float]]:
    return [
        (round(pane.canvas.look.scale, 4), round(pane.canvas.look.centre_x, 4), round(pane.canvas.look.centre_y, 4))
        for pane in view.panes()
    ]


def colour(pane: PhotoPane, x: float = 0.25, y: float = 0.5) -> tuple[int, ...]:
    canvas = pane.canvas
    place = QPoint(round(canvas.width() * x), round(canvas.height() * y))
    return canvas.grab().toImage().pixelColor(place).getRgb()[:3]


def words(pane: PhotoPane) -> str:
    return "\n".join(label.toolTip() or label.text() for label in pane.findChildren(QLabel) if label.isVisible())


def turn_wheel(pane: PhotoPane, at: QPointF, notches: int = 1) -> None:
    canvas = pane.canvas
    event = QWheelEvent(
        at, canvas.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


# -- pixels ----------------------------------------------------------------------------------------------------------


def test_previews_show_at_once_and_true_pixels_take_their_places(qtbot, view: CompareView, files: Files) -> None:
    files.open.clear()
    pair(view, photo(files, 1), photo(files, 2))
    assert [colour(pane) for pane in view.panes()] == [(90, 90, 90)] * 2
    files.open.set()
    qtbot.waitUntil(lambda: all(colour(pane) == (0, 200, 0) for pane in view.panes()))
    assert {side for _, side in files.asked} == {768}, "no more is decoded than is shown"


def test_the_next_challenger_is_decoded_before_it_comes(qtbot, view: CompareView, files: Files) -> None:
    coming = photo(files, 3)
    pair(view, photo(files, 1), photo(files, 2))
    view.set_likely([coming])
    qtbot.waitUntil(lambda: len(files.asked) == 3)
    qtbot.waitUntil(lambda: all(pane.canvas.has_true_pixels() for pane in view.panes()))
    QApplication.processEvents()
    pair(view, photo(files, 1), coming)
    qtbot.waitUntil(view.panes()[1].canvas.has_true_pixels)
    assert [name for name, _ in files.asked].count("photo-3.jpg") == 1


def test_photos_in_sight_stay_sharp_when_memory_is_short(
    qtbot, view: CompareView, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = 3 * 1000 * 750 * in_step.BYTES_A_PIXEL
    monkeypatch.setattr(in_step, "BUDGET_BYTES", room)
    shown = [photo(files, number) for number in range(1, 4)]
    view.show_survey(shown, grey)
    view.toggle_zoom()
    qtbot.waitUntil(lambda: all("Shown from 768 of 1,600 pixels" in words(pane) for pane in view.panes()))
    assert max(side or 99_999 for _, side in files.asked) <= 1000


def test_photos_in_sight_are_not_dropped_for_those_that_may_come(qtbot, files: Files) -> None:
    shown = [str(photo(files, number).path) for number in (1, 2)]
    coming = [str(photo(files, number).path) for number in (3, 4, 5)]
    images = LoupeImages(files, budget_bytes=round(2.5 * 400 * 300 * in_step.BYTES_A_PIXEL))
    with qtbot.waitSignals([images.loaded] * 5):
        images.want_each(dict.fromkeys([*shown, *coming], 400), held=shown)
    assert [images.image(path) is not None for path in shown] == [True, True]
    assert images.kept_bytes < 4 * 400 * 300 * in_step.BYTES_A_PIXEL
    images.close()


def test_a_file_that_cannot_be_read_keeps_its_preview_and_says_why(qtbot, view: CompareView, files: Files) -> None:
    broken = photo(files, 2)
    broken = replace(broken, path=broken.path.with_name("gone-2.jpg"))
    broken.path.write_bytes(b"torn")
    pair(view, photo(files, 1), broken)
    qtbot.waitUntil(lambda: "The file ends early" in words(view.panes()[1]))
    assert colour(view.panes()[1]) == (90, 90, 90)


def test_a_challenger_that_vanishes_keeps_its_preview_with_a_notice(qtbot, view: CompareView, files: Files) -> None:
    files.open.clear()
    challenger = photo(files, 2)
    pair(view, photo(files, 1), challenger)
    view.update_records([replace(challenger, state=PhotoState.MISSING)])
    assert "The file is not there any more" in words(view.panes()[1])
    assert "not there" not in words(view.panes()[0])
    assert colour(view.panes()[1]) == (90, 90, 90)
    view.update_records([replace(challenger, state=PhotoState.OFFLINE)])
    assert "The drive is offline" in words(view.panes()[1])


def test_what_was_looked_at_is_given_back_when_the_view_is_left(qtbot, view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    qtbot.waitUntil(lambda: all(pane.canvas.has_true_pixels() for pane in view.panes()))
    view.leave()
    assert not any(pane.canvas.has_true_pixels() for pane in view.panes())


# -- in step ---------------------------------------------------------------------------------------------------------


def test_the_wheel_zooms_all_at_the_same_place_of_their_photos(view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    left, right = view.panes()
    view.toggle_zoom()
    at = QPointF(left.canvas.width() * 0.3, left.canvas.height() * 0.45)
    there = left.canvas.look.photo_point(at.x(), at.y())
    for _ in range(3):
        turn_wheel(left, at)
    assert left.canvas.look.scale > 1
    for pane in (left, right):
        assert pane.canvas.look.photo_point(at.x(), at.y()) == pytest.approx(there, abs=0.002)
    assert looks(view)[0] == looks(view)[1]


def test_photos_of_different_sizes_show_the_same_part(view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2, large=True))
    left, right = view.panes()
    turn_wheel(left, QPointF(200, 300), 8)
    assert right.canvas.look.scale == pytest.approx(left.canvas.look.scale / 2)
    for x, y in ((0, 0), (300, 400)):
        assert right.canvas.look.photo_point(x, y) == pytest.approx(left.canvas.look.photo_point(x, y), abs=0.002)


def test_z_zooms_to_one_to_one_and_back(view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    view.toggle_zoom()
    assert [scale for scale, _, _ in looks(view)] == [1.0, 1.0]
    view.toggle_zoom()
    assert all(pane.canvas.look.zoom is None for pane in view.panes())


def test_shift_and_arrows_move_all(qtbot, view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    view.toggle_zoom()
    before = looks(view)
    qtbot.keyClick(view.panes()[1], Key.Key_Right, SHIFT)
    after = looks(view)
    assert after[0] == after[1]
    assert after[0][1] > before[0][1]


def test_dragging_in_one_pane_moves_all(qtbot, view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    view.toggle_zoom()
    before = looks(view)
    canvas = view.panes()[0].canvas
    qtbot.mousePress(canvas, LEFT, pos=QPoint(200, 200))
    qtbot.mouseMove(canvas, QPoint(150, 180))
    qtbot.mouseMove(canvas, QPoint(120, 170))
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(120, 170))
    after = looks(view)
    assert after[0] == after[1]
    assert after[0][1] > before[0][1]
    assert after[0][0] == 1.0, "a drag is no click"


def test_a_click_makes_a_pane_current_and_a_second_one_zooms_at_its_place(qtbot, view: CompareView, files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    canvas = view.panes()[0].canvas
    place = QPoint(canvas.width() // 4, canvas.height() // 2)
    there = canvas.look.photo_point(place.x(), place.y())
    qtbot.mouseClick(canvas, LEFT, pos=place)
    assert view.current_id() == 1
    assert canvas.look.zoom is None
    qtbot.mouseClick(canvas, LEFT, pos=place)
    assert canvas.look.scale == 1.0
    assert canvas.look.photo_point(place.x(), place.y()) == pytest.approx(there, abs=0.01)


def test_a_released_pane_moves_alone_and_keeps_its_distance_when_locked(view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    view.toggle_zoom()
    champion = looks(view)[0]
    assert view.toggle_lock()
    view.pan_by(-60, 30)
    apart = looks(view)
    assert apart[0] == champion
    assert apart[1] != champion
    assert "moves alone" in view.panes()[1].accessibleName()

    assert view.toggle_lock() is False
    assert looks(view) == apart, "locking moves nothing"
    view.pan_by(-20, 0)
    after = looks(view)
    assert after[0][1] - apart[0][1] == pytest.approx(after[1][1] - apart[1][1], abs=1e-3)
    assert after[0] != apart[0]


def test_the_others_do_not_move_a_released_pane(view: CompareView, files: Files) -> None:
    view.show_survey([photo(files, number) for number in (1, 2, 3)], grey, 2)
    view.toggle_zoom()
    view.toggle_lock()
    alone = looks(view)[1]
    view.set_current_id(1)
    view.zoom_in(2)
    after = looks(view)
    assert after[1] == alone
    assert after[0] == after[2] != alone


def test_zoom_and_place_are_kept_while_challengers_pass(view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    view.toggle_zoom()
    view.pan_by(-80, 40)
    before = looks(view)
    pair(view, photo(files, 1), photo(files, 3), "2 of 3")
    assert looks(view) == before
    assert [pane.photo_id() for pane in view.panes()] == [1, 3]


def test_a_frame_keeps_the_distance_it_was_given_while_others_pass(view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    view.toggle_zoom()
    view.toggle_lock()
    view.pan_by(-60, 30)
    apart = looks(view)
    pair(view, photo(files, 1), photo(files, 3))
    assert looks(view)[1] == looks(view)[0], "the next one begins in step"
    pair(view, photo(files, 1), photo(files, 2))
    assert looks(view) == apart


def test_resizing_keeps_fit_fitted_and_panes_in_step(qtbot, view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    view.resize(900, 600)
    QApplication.processEvents()
    assert all(pane.canvas.look.zoom is None for pane in view.panes())
    view.toggle_zoom()
    view.resize(1300, 700)
    QApplication.processEvents()
    assert looks(view)[0] == looks(view)[1]
    assert looks(view)[0][0] == 1.0


# -- which photo keys act on -----------------------------------------------------------------------------------------


def test_keys_act_on_the_challenger_until_tab_or_a_click_says_otherwise(qtbot, view: CompareView, files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    assert view.current_id() == 2
    view.setFocus()
    qtbot.keyClick(view.panes()[1], Key.Key_Tab)
    assert view.current_id() == 1
    qtbot.keyClick(view.panes()[0], Key.Key_Tab)
    assert view.current_id() == 2


def test_the_chosen_side_stays_current_while_challengers_pass(view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    view.set_current_id(1)
    pair(view, photo(files, 1), photo(files, 3))
    assert view.current_id() == 1


def test_at_the_end_keys_act_on_nothing_until_the_champion_is_chosen(qtbot, view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    with qtbot.waitSignal(view.current_photo_changed) as changed:
        pair(view, photo(files, 1), None)
    assert changed.args == [-1]
    assert "No challenger is left." in words(view.panes()[1])
    view.turn(1)
    assert view.current_id() == 1
    pair(view, photo(files, 1), None)
    assert view.current_id() == 1


@pytest.mark.parametrize(("key", "signal"), [(Key.Key_Up, "promote_wanted"), (Key.Key_Down, "keep_wanted")])
def test_up_and_down_decide_once_a_press_between_two_and_never_in_a_survey(
    qtbot, view: CompareView, files: Files, key: Qt.Key, signal: str
) -> None:
    heard: list[str] = []
    getattr(view, signal).connect(lambda: heard.append(signal))
    pair(view, photo(files, 1), photo(files, 2))
    qtbot.keyClick(view.panes()[1], key)
    assert heard == [signal]
    held = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "", True)
    QApplication.sendEvent(view.panes()[1], held)
    assert heard == [signal], "a key that is held decides once"
    view.show_survey([photo(files, 1), photo(files, 2)], grey)
    qtbot.keyClick(view.panes()[1], key)
    assert heard == [signal]


# -- survey ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(2, 10))
def test_all_photos_of_a_survey_are_seen_and_none_lies_over_another(view: CompareView, files: Files, count) -> None:
    view.show_survey([photo(files, number) for number in range(1, count + 1)], grey)
    panes = view.panes()
    assert [pane.photo_id() for pane in panes] == list(range(1, count + 1))
    assert all(pane.isVisible() and pane.canvas.height() > 60 for pane in panes)
    for place, pane in enumerate(panes):
        assert not any(pane.geometry().intersects(other.geometry()) for other in panes[place + 1 :])
    assert len({pane.canvas.size().toTuple() for pane in panes}) == 1


def test_those_that_stay_grow_when_one_leaves(view: CompareView, files: Files) -> None:
    shown = [photo(files, number) for number in range(1, 5)]
    view.show_survey(shown, grey)
    before = view.panes()[0].canvas.size()
    view.show_survey(shown[:2], grey)
    after = view.panes()[0].canvas.size()
    assert after.width() * after.height() > before.width() * before.height()
    assert [pane.photo_id() for pane in view.panes()] == [1, 2]


# -- words -----------------------------------------------------------------------------------------------------------


def test_differences_stand_under_each_photo(view: CompareView, files: Files) -> None:
    sharp = replace(MEASURED, sharpness=0.75, exposure_ev=-1.1, tilt_degrees=2.2)
    champion = photo(files, 1, score=5.7)
    challenger = photo(
        files, 2, score=6.1, measurements=sharp, verdict=Verdict(3, Flag.PICK),
        series_id=1, series_kind=SeriesKind.BURST, series_size=7, series_rank=2, reasons=("sharpest of 7",),
    )  # fmt: skip
    pair(view, champion, challenger)
    left, right = (words(pane) for pane in view.panes())
    for said in ("6.1, +0.4", "sharper", "0.7 EV darker", "leans 1.2° more", "1/250 s · f/2.8 · ISO 400 · 85 mm"):
        assert said in right
    assert "Burst of 7, place 2: sharpest of 7" in right
    for said in ("5.7", "softer", "0.7 EV brighter", "leans 1.2° less"):
        assert said in left
    assert "+0.4" not in left
    assert "3 stars, picked" in view.panes()[1].accessibleName()


def test_in_a_survey_every_photo_is_held_against_the_best_shown(view: CompareView, files: Files) -> None:
    soft = replace(MEASURED, sharpness=0.3)
    view.show_survey([photo(files, 1, score=5.7, measurements=soft), photo(files, 2, score=6.1)], grey)
    first, best = (words(pane) for pane in view.panes())
    assert "5.7, −0.4" in first
    assert "Much softer (30 %)" in first or "Softer (30 %)" in first
    assert "The best score shown" in best


def test_words_follow_what_is_decided(view: CompareView, files: Files) -> None:
    champion, challenger = photo(files, 1), photo(files, 2)
    pair(view, champion, challenger)
    view.update_records([replace(challenger, verdict=Verdict(5))])
    assert "5 stars" in view.panes()[1].accessibleName()
    assert "stars" not in view.panes()[0].accessibleName()


def test_a_photo_that_says_nothing_of_itself_is_shown_all_the_same(view: CompareView, files: Files) -> None:
    bare = photo(files, 2, score=5, measurements=None, metadata=Metadata(taken=None))
    pair(view, photo(files, 1, metadata=Metadata(taken=CaptureTime(None, 1.0))), replace(bare, score=None))  # type: ignore[arg-type]
    assert "photo-2.jpg" in words(view.panes()[1])


def test_the_heat_map_lies_over_its_own_photo_alone(view: CompareView, files: Files) -> None:
    pair(view, photo(files, 1), photo(files, 2))
    view.set_heat_map(2, 2, 2, [0.0, 0.0, 0.0, 1.0])
    left, right = view.panes()
    assert left.canvas.heat.isNull()
    assert not right.canvas.heat.isNull()
    view.clear_heat_map()
    assert right.canvas.heat.isNull()
