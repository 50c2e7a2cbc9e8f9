"""A series frame by frame: order, reasons, the best, and keys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QPushButton

from aesthetic_studio.desktop.burst.card import FrameCard, reasons_text
from aesthetic_studio.desktop.burst.view import BurstView
from aesthetic_studio.records import (
    Flag,
    Metadata,
    PhotoRecord,
    PhotoState,
    Score,
    ScoreDistribution,
    SeriesKind,
    Verdict,
)

if TYPE_CHECKING:
    from pathlib import Path

Key = Qt.Key


class Previews:
    """Grey previews for the catalogue's part."""

    def preview(self, _photo_id: int) -> bytes:
        image = QImage(512, 384, QImage.Format.Format_RGB32)
        image.fill(QColor(90, 90, 90))
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "JPEG")
        return buffer.data().data()

    def close(self) -> None:
        pass


def green(_path: str, max_long_side: int | None) -> Image.Image:
    return Image.new("RGB", (1600, 1200), (0, 200, 0)).resize((max_long_side or 1600, 3 * (max_long_side or 1600) // 4))


@pytest.fixture
def burst(qtbot):
    view = BurstView(Previews, load=green)
    qtbot.addWidget(view)
    view.resize(1000, 700)
    view.show()
    qtbot.waitExposed(view)
    yield view
    view.close_workers()


def frames(folder: Path, count: int, kind: SeriesKind = SeriesKind.BURST) -> list[PhotoRecord]:
    score = Score("m", "1", ScoreDistribution.from_votes([0, 0, 0, 0, 1, 2, 1, 0, 0, 0]))
    made = []
    for number in range(1, count + 1):
        path = folder / f"{number}.jpg"
        frame = PhotoRecord(
            number, number, path, PhotoState.PRESENT, 1, 1, (), "JPEG", 1600, 1200, Metadata(), None, None, Verdict(),
            score=score, series_id=3, series_kind=kind, series_rank=number, series_size=count,
            best_of_series=number == 1, reasons=(f"sharpness {number} of {count}",),
        )  # fmt: skip
        made.append(frame)
    return made


def cards(burst: BurstView) -> list[FrameCard]:
    return burst.findChildren(FrameCard)


def words(burst: BurstView) -> str:
    return "\n".join(label.text() for label in burst.findChildren(QLabel))


def test_frames_stand_best_first_with_their_reasons(burst: BurstView, tmp_path: Path) -> None:
    burst.show_series(frames(tmp_path, 7))
    assert [card.record.id for card in cards(burst)] == [1, 2, 3, 4, 5, 6, 7]
    assert "Burst of 7" in words(burst)
    assert "Sharpness 3 of 7" in words(burst)
    assert burst.current_id() == 1


def test_each_frame_is_named_with_rank_reasons_and_verdict(burst: BurstView, tmp_path: Path) -> None:
    series = frames(tmp_path, 2)
    burst.show_series([series[0], replace(series[1], verdict=Verdict(2, Flag.REJECT))])
    best, other = cards(burst)
    assert best.accessibleName() == "1.jpg, score 6.0, best of a burst of 2, rank 1"
    assert other.accessibleName() == "2.jpg, score 6.0, 2 stars, rejected, one of a burst of 2, rank 2"
    assert other.accessibleDescription() == "sharpness 2 of 2"


def test_arrows_lead_from_frame_to_frame_and_enter_opens(qtbot, burst: BurstView, tmp_path: Path) -> None:
    burst.show_series(frames(tmp_path, 7))
    burst.setFocus()
    for key, now in ((Key.Key_Right, 2), (Key.Key_Down, 2 + burst.columns()), (Key.Key_Home, 1), (Key.Key_End, 7)):
        qtbot.keyClick(burst.focusWidget() or burst, key)
        assert burst.current_id() == now
    with qtbot.waitSignal(burst.photo_opened) as opened:
        qtbot.keyClick(burst.focusWidget() or burst, Key.Key_Return)
    assert opened.args == [7]
    assert not burst.step(1)


def test_arrows_reach_the_frames_while_a_card_has_the_keyboard(qtbot, burst: BurstView, tmp_path: Path) -> None:
    burst.show_series(frames(tmp_path, 3))
    qtbot.keyClick(cards(burst)[0], Key.Key_Right)
    assert burst.current_id() == 2


def test_a_click_makes_a_frame_current_and_a_double_click_opens_it(qtbot, burst: BurstView, tmp_path: Path) -> None:
    burst.show_series(frames(tmp_path, 3))
    with qtbot.waitSignal(burst.current_photo_changed) as changed:
        qtbot.mouseClick(cards(burst)[1], Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    assert changed.args == [2]
    with qtbot.waitSignal(burst.photo_opened) as opened:
        qtbot.mouseDClick(cards(burst)[2], Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    assert opened.args == [3]


def buttons(burst: BurstView) -> list[QPushButton]:
    return [button for button in burst.findChildren(QPushButton) if button.isVisible()]


def test_the_current_frame_can_be_made_the_best_by_its_button(qtbot, burst: BurstView, tmp_path: Path) -> None:
    series = frames(tmp_path, 3)
    burst.show_series(series)
    burst.set_current_id(2)
    (button,) = buttons(burst)
    assert button.text() == "Make this the best"
    assert button.accessibleName() == "Make 2.jpg the best of its burst"
    with qtbot.waitSignal(burst.best_chosen) as chosen:
        button.click()
    assert chosen.args == [2]
    burst.show_series([replace(frame, verdict=Verdict(0, Flag.PICK)) for frame in series])
    assert len(buttons(burst)) == 1, "a pick is another matter"


def test_the_chosen_frame_comes_first_and_keeps_the_keyboard(qtbot, burst: BurstView, tmp_path: Path) -> None:
    first, second, third = frames(tmp_path, 3)
    burst.show_series([first, second, third])
    burst.set_current_id(3)
    burst.setFocus()
    card = cards(burst)[2]
    chosen = replace(
        third, series_rank=1, best_of_series=True, chosen=True, reasons=("your choice", "sharpness 3 of 3")
    )
    burst.show_series([chosen, replace(first, series_rank=2, best_of_series=False), replace(second, series_rank=3)])
    assert burst.current_id() == 3
    assert burst.window().focusWidget() is card
    qtbot.waitUntil(lambda: card.x() == min(each.x() for each in cards(burst)))
    assert buttons(burst) == []
    assert "Your choice" in words(burst)
    assert "your choice, best of a burst of 3" in card.accessibleName()


def test_a_series_kept_whole_has_no_frame_to_settle_on(burst: BurstView, tmp_path: Path) -> None:
    burst.show_series(frames(tmp_path, 3, SeriesKind.BRACKET))
    burst.set_current_id(2)
    assert buttons(burst) == []
    assert "Exposure bracket of 3" in words(burst)
    assert "order of shooting" in words(burst)


def test_a_decision_refreshes_the_cards_and_keeps_the_current_frame(burst: BurstView, tmp_path: Path) -> None:
    series = frames(tmp_path, 3)
    burst.show_series(series)
    burst.set_current_id(3)
    before = cards(burst)
    burst.show_series([replace(frame, verdict=Verdict(5, Flag.PICK)) for frame in series])
    assert cards(burst) == before
    assert burst.current_id() == 3
    assert "5 stars, picked" in cards(burst)[0].accessibleName()


def test_the_preview_shows_first_and_the_photos_own_pixels_follow(qtbot, burst: BurstView, tmp_path: Path) -> None:
    burst.show_series(frames(tmp_path, 2))
    picture = cards(burst)[0].picture

    def shown() -> QColor:
        return picture.grab().toImage().pixelColor(picture.width() // 2, picture.height() // 2)

    qtbot.waitUntil(lambda: shown().green() == 200)


def test_a_rejected_frame_is_dimmed_and_still_to_be_recognised(qtbot, burst: BurstView, tmp_path: Path) -> None:
    first, second = frames(tmp_path, 2)
    burst.show_series([first, replace(second, verdict=Verdict(0, Flag.REJECT))])
    card = cards(burst)[1]

    def shown() -> QColor:
        return card.grab().toImage().pixelColor(card.picture.geometry().center())

    qtbot.waitUntil(lambda: 60 < shown().green() < 120 and shown().red() < 40)


def test_a_frame_whose_file_is_gone_shows_its_preview(qtbot, burst: BurstView, tmp_path: Path) -> None:
    first, second = frames(tmp_path, 2)
    burst.show_series([first, replace(second, state=PhotoState.MISSING)])
    picture = cards(burst)[1].picture
    qtbot.waitUntil(picture.has_image)
    assert "file missing" in cards(burst)[1].accessibleName()


def test_cards_take_as_many_columns_as_the_width_has_room_for(burst: BurstView, tmp_path: Path) -> None:
    burst.show_series(frames(tmp_path, 9))
    wide = burst.columns()
    burst.resize(420, 700)
    assert burst.columns() < wide
    burst.resize(2000, 700)
    assert burst.columns() > wide


def test_a_burst_of_hundreds_opens_at_once_and_ends_complete(qtbot, burst: BurstView, tmp_path: Path) -> None:
    burst.show_series(frames(tmp_path, 120))
    assert len(cards(burst)) < 60
    qtbot.waitUntil(lambda: len(cards(burst)) == 120)
    assert burst.set_current_id(120)


def test_the_last_of_hundreds_can_be_reached_before_all_are_made(burst: BurstView, tmp_path: Path) -> None:
    burst.show_series(frames(tmp_path, 120))
    assert burst.step(1000)
    assert burst.current_id() == 120


def test_another_series_replaces_the_one_before(qtbot, burst: BurstView, tmp_path: Path) -> None:
    burst.show_series(frames(tmp_path, 4))
    burst.set_current_id(4)
    other = [replace(frame, id=frame.id + 100) for frame in frames(tmp_path, 2)]
    with qtbot.waitSignal(burst.current_photo_changed) as changed:
        burst.show_series(other, 102)
    assert changed.args == [102]
    assert not burst.set_current_id(4)
    burst.clear()
    assert burst.current_id() is None


def test_frames_seen_before_have_their_pictures_again(qtbot, burst: BurstView, tmp_path: Path) -> None:
    """As when a burst is split: what is left of it is shown in new cards."""
    four = frames(tmp_path, 4)
    burst.show_series(four)
    qtbot.waitUntil(lambda: all(card.picture.has_image() for card in cards(burst)))
    burst.show_series(four[:2])
    shown = [card for card in cards(burst) if card.isVisible()]
    assert [card.record.id for card in shown] == [1, 2]
    assert all(card.picture.has_image() for card in shown)


def test_reasons_cannot_smuggle_markup_onto_a_card(tmp_path: Path) -> None:
    (frame,) = frames(tmp_path, 1)
    assert "&lt;b&gt;x" in reasons_text(replace(frame, reasons=("sharp <b>x",)))
