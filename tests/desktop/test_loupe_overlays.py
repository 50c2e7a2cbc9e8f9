"""What is laid over a photo follows zoom and pan, stays on while stepping, and says what its colours mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageFilter
from PySide6.QtCore import QPoint, QPointF, Qt

from aesthetic_studio.desktop.loupe.marks import BLOCKED, BURNT, SHARP, MarksWorker, Overlay
from aesthetic_studio.desktop.loupe.view import LoupeView
from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.imaging.af_point import AfArea
from aesthetic_studio.records import Metadata, PhotoRecord, PhotoState, Verdict

if TYPE_CHECKING:
    from PySide6.QtGui import QColor
    from pytestqt.qtbot import QtBot

Make = Callable[..., Any]
SIZE = (2400, 1800)


@pytest.fixture
def loupe(qtbot: QtBot):
    areas: dict[str, AfArea] = {}

    def read_area(path: str) -> AfArea | None:
        if not Path(path).exists():
            raise UnreadablePhoto(path, "the file is no longer there", "Look for it.")
        return areas.get(Path(path).name)

    view = LoupeView(marks=MarksWorker(read_area=read_area))
    view.areas = areas
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.show()
    qtbot.waitExposed(view)
    yield view
    view.close_workers()


def record(path: Path, photo_id: int = 1, **changes: Any) -> PhotoRecord:
    made = PhotoRecord(
        photo_id, photo_id, path, PhotoState.PRESENT, 1, 1, (), "PNG", *SIZE, Metadata(), None, None, Verdict()
    )
    return replace(made, **changes)


def clipped_photo(folder: Path) -> Path:
    """Grey, a burnt-out square at the left quarter and a blocked one at the right."""
    image = Image.new("RGB", SIZE, (120, 120, 120))
    image.paste((255, 255, 255), (300, 600, 900, 1200))
    image.paste((0, 0, 0), (1500, 600, 2100, 1200))
    path = folder / "clipped.png"
    image.save(path)
    return path


def focused_photo(folder: Path) -> Path:
    """A faint edge in focus on the left, a strong one out of focus on the right."""
    image = Image.new("L", SIZE, 100)
    image.paste(140, (600, 0, 1200, 1800))
    image.paste(250, (1200, 0, 2400, 1800))
    soft = image.filter(ImageFilter.GaussianBlur(30))
    image.paste(soft.crop((900, 0, 2400, 1800)), (900, 0))
    path = folder / "focused.png"
    image.convert("RGB").save(path)
    return path


def show(qtbot: QtBot, loupe: LoupeView, shown: PhotoRecord) -> None:
    with qtbot.waitSignal(loupe.photo_decoded, timeout=10_000):
        loupe.show_photo(shown, None)
    qtbot.waitUntil(loupe.is_settled)


def colour_at(loupe: LoupeView, x: float, y: float) -> QColor:
    """The colour on screen at a part of the photo, 0..1 of its width and height."""
    rect = loupe.photo_rect()
    place = QPointF(rect.x() + x * rect.width(), rect.y() + y * rect.height()).toPoint()
    assert loupe.rect().contains(place)
    return loupe.grab().toImage().pixelColor(place)


def is_close(one: QColor, other: QColor) -> bool:
    pairs = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
    return all(abs(a - b) <= 6 for a, b in pairs)


def sharp_columns(loupe: LoupeView) -> set[int]:
    """Columns of the screen that are marked as sharp, half-way down."""
    picture = loupe.grab().toImage()
    row = loupe.height() // 2
    return {x for x in range(picture.width()) if is_close(picture.pixelColor(x, row), SHARP)}


# -- clipping --------------------------------------------------------------------------------


def test_burnt_out_is_red_and_blocked_is_blue_and_the_shares_are_said(
    qtbot: QtBot, loupe: LoupeView, tmp_path: Path
) -> None:
    show(qtbot, loupe, record(clipped_photo(tmp_path)))
    loupe.set_overlay(Overlay.CLIPPING, on=True)
    qtbot.waitUntil(lambda: is_close(colour_at(loupe, 0.25, 0.5), BURNT))
    assert is_close(colour_at(loupe, 0.75, 0.5), BLOCKED)
    assert colour_at(loupe, 0.5, 0.5).getRgb()[:3] == (120, 120, 120)
    assert "Burnt out 8.3 %: a channel at 254 or more" in loupe.overlay_words()
    assert "Blocked 8.3 %: every channel at 3 or less" in loupe.overlay_words()

    loupe.set_overlay(Overlay.CLIPPING, on=False)
    assert colour_at(loupe, 0.25, 0.5).getRgb()[:3] == (255, 255, 255)
    assert loupe.overlay_words() == ""


def test_marks_follow_zoom_and_pan(qtbot: QtBot, loupe: LoupeView, tmp_path: Path) -> None:
    show(qtbot, loupe, record(clipped_photo(tmp_path)))
    loupe.set_overlay(Overlay.CLIPPING, on=True)
    qtbot.waitUntil(lambda: is_close(colour_at(loupe, 0.25, 0.5), BURNT))

    loupe.zoom_to(1.0, QPointF(200, 300))
    assert is_close(colour_at(loupe, 0.25, 0.5), BURNT), "at once, from what is known"
    qtbot.waitUntil(loupe.is_settled)
    loupe.pan_by(-1000, 0)
    qtbot.waitUntil(lambda: is_close(colour_at(loupe, 0.75, 0.5), BLOCKED))
    assert colour_at(loupe, 0.6, 0.5).getRgb()[:3] == (120, 120, 120)


def test_marks_stay_on_while_stepping_and_never_lie_on_another_photo(
    qtbot: QtBot, loupe: LoupeView, tmp_path: Path
) -> None:
    first = record(clipped_photo(tmp_path))
    plain = tmp_path / "plain.png"
    Image.new("RGB", SIZE, (90, 90, 90)).save(plain)
    loupe.set_overlay(Overlay.CLIPPING, on=True)
    show(qtbot, loupe, first)
    qtbot.waitUntil(lambda: is_close(colour_at(loupe, 0.25, 0.5), BURNT))

    show(qtbot, loupe, record(plain, 2))
    assert colour_at(loupe, 0.25, 0.5).getRgb()[:3] == (90, 90, 90)
    loupe.show_photo(first, None)
    qtbot.waitUntil(lambda: is_close(colour_at(loupe, 0.25, 0.5), BURNT))


# -- focus peaking ---------------------------------------------------------------------------


def test_peaking_marks_the_edge_in_focus_and_not_the_strong_one(qtbot: QtBot, loupe: LoupeView, tmp_path: Path) -> None:
    show(qtbot, loupe, record(focused_photo(tmp_path)))
    loupe.set_overlay(Overlay.PEAKING, on=True)
    qtbot.waitUntil(lambda: bool(sharp_columns(loupe)))
    assert all(abs(column - 200) <= 2 for column in sharp_columns(loupe))
    assert "Sharp edges" in loupe.overlay_words()

    loupe.zoom_to(1.0, QPointF(200, 300))
    qtbot.waitUntil(loupe.is_settled)
    edge = loupe.photo_rect().x() + 600
    qtbot.waitUntil(lambda: any(abs(x - edge) <= 3 for x in sharp_columns(loupe)))
    assert all(abs(x - edge) <= 3 for x in sharp_columns(loupe))


# -- AF point --------------------------------------------------------------------------------


def test_the_af_area_is_framed_where_the_file_states_one(qtbot: QtBot, loupe: LoupeView, tmp_path: Path) -> None:
    path = clipped_photo(tmp_path)
    loupe.areas[path.name] = AfArea(0.5, 0.25, 0.2, 0.1, "Canon")
    show(qtbot, loupe, record(path))
    loupe.set_overlay(Overlay.AF_POINT, on=True)
    qtbot.waitUntil(lambda: loupe.overlay_words() == "AF area, by Canon")
    for x, y in ((0.4, 0.2), (0.6, 0.2), (0.4, 0.3), (0.6, 0.3)):
        assert colour_at(loupe, x, y).lightness() > 200
    assert colour_at(loupe, 0.5, 0.25).getRgb()[:3] == (120, 120, 120)
    loupe.zoom_to(1.0, QPointF(400, 150))
    assert colour_at(loupe, 0.4, 0.2).lightness() > 200


def test_a_file_without_an_af_point_is_said_to_state_none(qtbot: QtBot, loupe: LoupeView, tmp_path: Path) -> None:
    loupe.set_overlay(Overlay.AF_POINT, on=True)
    show(qtbot, loupe, record(clipped_photo(tmp_path)))
    qtbot.waitUntil(lambda: loupe.overlay_words() == "No AF point stated in this file")


def test_a_file_that_is_gone_is_not_asked_for_its_af_point(loupe: LoupeView, tmp_path: Path) -> None:
    loupe.set_overlay(Overlay.AF_POINT, on=True)
    loupe.show_photo(record(tmp_path / "gone.png", state=PhotoState.MISSING), None)
    assert loupe.overlay_words() == "The file is not there to ask for its AF point"


# -- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "overlay"),
    [
        (Qt.Key.Key_K, Overlay.PEAKING),
        (Qt.Key.Key_J, Overlay.CLIPPING),
        (Qt.Key.Key_T, Overlay.THIRDS),
        (Qt.Key.Key_A, Overlay.AF_POINT),
    ],
)
def test_a_key_lays_an_overlay_over_photos_and_takes_it_away(
    qtbot: QtBot, make_library: Make, show_window: Make, key: Qt.Key, overlay: Overlay
) -> None:
    window = show_window(make_library(2))
    window.views.show_loupe()
    qtbot.keyClick(window.loupe, key)
    assert window.loupe.has_overlay(overlay)
    qtbot.keyClick(window.loupe, Qt.Key.Key_Right)
    assert window.loupe.has_overlay(overlay)
    qtbot.keyClick(window.loupe, key)
    assert not window.loupe.has_overlay(overlay)


def test_all_overlays_together_leave_the_photo_to_the_hand(qtbot: QtBot, loupe: LoupeView, tmp_path: Path) -> None:
    show(qtbot, loupe, record(focused_photo(tmp_path)))
    for overlay in Overlay:
        loupe.set_overlay(overlay, on=True)
    loupe.set_heat_map(2, 2, (1.0, 0.0, 0.0, 0.0))
    qtbot.mouseClick(loupe, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(60, 60))
    assert loupe.scale() == 1.0
