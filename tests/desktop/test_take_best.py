"""Take the best, reject the rest: the dry run says all of it, keys change it, and one undo takes it back."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QCheckBox, QComboBox, QLabel

from aesthetic_studio.desktop.burst.plan_geometry import PlanGeometry, PlanSizes
from aesthetic_studio.desktop.burst.plan_view import PlanView
from aesthetic_studio.records import Flag, SeriesKind, VerdictChange

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.burst.take_dialog import TakeDialog
    from aesthetic_studio.desktop.window import MainWindow

Key = Qt.Key
PLAIN, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
Make = Callable[..., Any]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def library(make_library: Make) -> Any:
    """Two bursts, of three and of two, best first, and two photos alone."""
    made = make_library(0)
    for number in range(7):
        burst = "A" if number < 3 else "B" if number < 5 else None
        made.add(f"photo-{number:02d}.jpg", burst=burst, score=8.0 - number * 0.6)
    made.find_bursts()
    return made


def flags(library: Any) -> list[int]:
    return [int(library.verdict(photo).flag) for photo in library.ids]


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    qtbot.keyClick(window.focusWidget() or window, key, modifiers)


def opened(qtbot: QtBot, window: MainWindow, command: str = "photo.burst.take_all") -> TakeDialog:
    assert window.registry.run(command)
    qtbot.waitUntil(lambda: window.take_best.dialog is not None)
    dialog = window.take_best.dialog
    assert dialog is not None
    qtbot.waitExposed(dialog)
    return dialog


def plan_list(dialog: TakeDialog) -> PlanView:
    (found,) = dialog.findChildren(PlanView)
    return found


def apply(qtbot: QtBot, window: MainWindow, dialog: TakeDialog) -> None:
    with qtbot.waitSignal(window.verdicts.applied, timeout=10_000):
        qtbot.keyClick(plan_list(dialog), Key.Key_Return, CTRL)

    def is_active() -> bool:  # as a window manager sees to, once the dialog has gone
        window.activateWindow()
        return window.isActiveWindow()

    qtbot.waitUntil(is_active)


def words(dialog: TakeDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def outcomes(dialog: TakeDialog) -> list[str]:
    """What a screen reader says of each row, up to its fate."""
    model = plan_list(dialog).model()
    role = Qt.ItemDataRole.AccessibleTextRole
    return [str(model.index(row, 0).data(role)).split(", ")[1] for row in range(model.rowCount())]


def test_the_best_of_every_burst_is_picked_by_keyboard_and_undone_in_one_step(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    window = show_window(library)
    dialog = opened(qtbot, window)
    assert outcomes(dialog) == ["Pick", "Reject", "Reject", "Pick", "Reject"]
    assert "This would pick 2 frames and reject 3 frames in 2 bursts." in words(dialog)
    assert flags(library) == [0] * 7, "nothing is done before"

    apply(qtbot, window, dialog)

    assert flags(library) == [1, -1, -1, 1, -1, 0, 0]
    qtbot.waitUntil(lambda: window.history.undo_title == "taking the best of 2 bursts")
    with qtbot.waitSignal(window.verdicts.applied):
        press(qtbot, window, Key.Key_Z, CTRL)
    assert flags(library) == [0] * 7
    qtbot.waitUntil(lambda: window.history.undo_title is None)


def test_the_plan_keeps_every_promise_that_qt_asks_of_a_model(
    qtbot: QtBot, qtmodeltester: Any, library: Any, show_window: Make
) -> None:
    frames = plan_list(opened(qtbot, show_window(library)))

    qtmodeltester.check(frames.model())
    for key in (Key.Key_Right, Key.Key_Space, Key.Key_B, Key.Key_U):
        qtbot.keyClick(frames, key)
        qtmodeltester.check(frames.model())


def test_the_key_takes_the_best_of_the_current_burst_alone(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    window.grid.set_current_id(library.ids[3])
    press(qtbot, window, Key.Key_B, CTRL | SHIFT)
    qtbot.waitUntil(lambda: window.take_best.dialog is not None)

    apply(qtbot, window, window.take_best.dialog)

    assert flags(library) == [0, 0, 0, 1, -1, 0, 0]


def test_any_frame_can_be_kept_or_rejected_before(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    dialog = opened(qtbot, window)
    frames = plan_list(dialog)
    for key in (Key.Key_Right, Key.Key_Space, Key.Key_End, Key.Key_Space):
        qtbot.keyClick(frames, key)
    assert outcomes(dialog) == ["Pick", "Pick", "Reject", "Pick", "Pick"]
    qtbot.keyClick(frames, Key.Key_U)
    assert outcomes(dialog)[-1] == "Reject", "U goes back to what was planned"

    apply(qtbot, window, dialog)

    assert flags(library) == [1, 1, -1, 1, -1, 0, 0]
    assert library.catalogue.judgements().preferences == (), "one more is no other best"


def test_another_best_is_taken_and_remembered_as_a_choice(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    dialog = opened(qtbot, window)
    frames = plan_list(dialog)
    qtbot.keyClick(frames, Key.Key_Down)
    qtbot.keyClick(frames, Key.Key_Home)
    qtbot.keyClick(frames, Key.Key_Right)
    qtbot.keyClick(frames, Key.Key_B)
    assert outcomes(dialog)[:3] == ["Reject", "Pick", "Reject"]

    with qtbot.waitSignal(window.album.loaded):
        apply(qtbot, window, dialog)

    record = library.catalogue.photo(library.ids[1])
    assert (record.chosen, record.best_of_series) == (True, True)
    assert library.ids[1] in list(window.grid.model().ids), "it stands for its burst"
    assert len(library.catalogue.judgements().preferences) == 2
    with qtbot.waitSignal(window.verdicts.applied):
        press(qtbot, window, Key.Key_Z, CTRL)
    assert not library.catalogue.photo(library.ids[1]).chosen
    assert flags(library) == [0] * 7


def test_a_click_on_the_chip_keeps_a_double_click_takes(qtbot: QtBot, library: Any, show_window: Make) -> None:
    dialog = opened(qtbot, show_window(library))
    frames = plan_list(dialog)
    cell = frames.visualRect(frames.model().index(2, 0))
    qtbot.mouseClick(frames.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())
    assert outcomes(dialog)[2] == "Reject", "looking at a frame changes nothing"
    chip = cell.topLeft() + type(cell.topLeft())(24, 22)
    qtbot.mouseClick(frames.viewport(), Qt.MouseButton.LeftButton, pos=chip)
    assert outcomes(dialog)[:3] == ["Pick", "Reject", "Pick"]
    qtbot.mouseDClick(frames.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())
    assert outcomes(dialog)[:3] == ["Reject", "Reject", "Pick"]


def test_a_second_frame_and_no_picking_can_be_asked_for(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(0)
    for number in range(2):
        library.add(f"alike-{number}.jpg", burst="A", score=6.0)
    library.find_bursts()
    window = show_window(library)
    dialog = opened(qtbot, window)
    assert outcomes(dialog) == ["Pick", "Reject"]
    dialog.findChild(QComboBox).setCurrentIndex(1)
    assert outcomes(dialog) == ["Pick", "Keep"]
    dialog.findChild(QCheckBox).setChecked(False)
    assert outcomes(dialog) == ["Best", "Keep"]
    assert "Nothing is left to do here." in words(dialog)
    dialog.reject()

    assert outcomes(opened(qtbot, window)) == ["Best", "Keep"], "the options are remembered while the window is open"


def test_cancel_and_enter_decide_nothing(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    dialog = opened(qtbot, window)
    qtbot.keyClick(plan_list(dialog), Key.Key_Return)
    assert dialog.isVisible()
    qtbot.keyClick(plan_list(dialog), Key.Key_Escape)
    qtbot.waitUntil(lambda: window.take_best.dialog is None)
    assert flags(library) == [0] * 7
    assert window.history.undo_title is None


def test_what_is_left_alone_is_listed_with_the_reason(qtbot: QtBot, library: Any, show_window: Make) -> None:
    library.group(library.ids[:3], SeriesKind.BRACKET)
    window = show_window(library)
    dialog = opened(qtbot, window)
    role = Qt.ItemDataRole.AccessibleTextRole
    model = plan_list(dialog).model()
    last = str(model.index(model.rowCount() - 1, 0).data(role))
    assert "Exposure bracket of 3" in last
    assert "kept whole" in last
    assert "1 exposure bracket" in words(dialog)
    qtbot.keyClick(plan_list(dialog), Key.Key_End)
    qtbot.keyClick(plan_list(dialog), Key.Key_Space)
    assert "reject" not in words(dialog).split("\n")[0], "a set that is kept whole cannot be toggled"


def test_what_the_person_decided_is_shown_as_it_is_with_the_reason(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    library.catalogue.decide([library.ids[1]], VerdictChange(rating=4), "Rate")
    library.catalogue.decide([library.ids[4]], VerdictChange(flag=Flag.REJECT), "Reject")
    dialog = opened(qtbot, show_window(library))
    said = [
        str(plan_list(dialog).model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole))
        for row in range(plan_list(dialog).model().rowCount())
    ]
    assert outcomes(dialog) == ["Reject", "Pick", "Reject", "Pick", "As it is"]
    assert "you gave it 4 stars" in said[1]
    assert "rejected already" in said[4]


def test_a_plan_that_no_longer_fits_is_shown_anew_and_nothing_is_decided(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    window = show_window(library)
    first = opened(qtbot, window)
    qtbot.keyClick(plan_list(first), Key.Key_End)
    qtbot.keyClick(plan_list(first), Key.Key_Space)
    library.catalogue.decide([library.ids[1]], VerdictChange(flag=Flag.PICK), "Pick elsewhere")

    qtbot.keyClick(plan_list(first), Key.Key_Return, CTRL)

    qtbot.waitUntil(lambda: window.take_best.dialog not in (None, first))
    again = window.take_best.dialog
    assert again is not None
    assert "changed while the plan was open" in words(again)
    assert outcomes(again) == ["Reject", "Best", "Reject", "Pick", "Pick"], "what was wished is still wished"
    assert flags(library) == [0, 1, 0, 0, 0, 0, 0]
    apply(qtbot, window, again)
    assert flags(library) == [-1, 1, -1, 1, 1, 0, 0]


def test_an_album_without_bursts_says_so(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    told: list[str] = []
    window.take_best.said.connect(told.append)
    assert window.registry.run("photo.burst.take_all")
    qtbot.waitUntil(lambda: "There is no burst here" in told)
    assert window.take_best.dialog is None
    assert not window.registry["photo.burst.take"].enabled()


def test_the_window_closes_with_the_plan_open(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    dialog = opened(qtbot, window)
    window.close()
    assert not dialog.isVisible()
    assert flags(library) == [0] * 7


def test_every_control_of_the_plan_has_a_name_and_is_reached_by_tab(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    dialog = opened(qtbot, show_window(library))
    controls = [
        child
        for kind in (QAbstractButton, QComboBox, QAbstractItemView)
        for child in dialog.findChildren(kind)
        if not isinstance(child.parentWidget(), QComboBox) and child.window() is dialog
    ]
    assert len(controls) > 6
    assert [c.objectName() or type(c).__name__ for c in controls if not (c.accessibleName() or c.text())] == []
    assert all(control.focusPolicy() & Qt.FocusPolicy.TabFocus for control in controls)


def test_pictures_come_as_they_are_decoded(qtbot: QtBot, library: Any, show_window: Make) -> None:
    frames = plan_list(opened(qtbot, show_window(library)))

    def middle() -> tuple[int, int, int]:
        rect = frames.visualRect(frames.model().index(0, 0))
        place = rect.center() - type(rect.center())(0, 30)
        colour = frames.viewport().grab().toImage().pixelColor(place)
        return colour.red(), colour.green(), colour.blue()

    qtbot.waitUntil(lambda: max(middle()) - min(middle()) > 20)


# -- where rows lie ------------------------------------------------------------------------------------------------

COUNTS = st.lists(st.integers(0, 9), min_size=1, max_size=12)


def laid_out(counts: list[int], width: int) -> PlanGeometry:
    return PlanGeometry(counts, PlanSizes(width, cell_width=100, cell_height=80, heading=20))


@given(counts=COUNTS, width=st.integers(60, 900))
def test_every_row_has_a_place_of_its_own(counts, width):
    geometry = laid_out(counts, width)
    boxes = [geometry.box(row) for row in range(sum(max(1, count) for count in counts))]
    for row, (left, top, cell_width, height) in enumerate(boxes):
        assert geometry.row_at(left + cell_width // 2, top + height // 2) == row
        assert top + height <= geometry.height
    for one, other in pairwise(boxes):
        assert other[1] >= one[1] + one[3] or (other[1] == one[1] and other[0] >= one[0] + one[2])
    assert list(geometry.rows_between(0, geometry.height)) == list(range(len(boxes)))


@given(counts=COUNTS, width=st.integers(60, 900), data=st.data())
def test_up_and_down_lead_through_every_line_and_end_at_the_ends(counts, width, data):
    geometry = laid_out(counts, width)
    total = sum(max(1, count) for count in counts)
    row = data.draw(st.integers(0, total - 1))
    for by in (1, -1):
        now, seen = row, 0
        while (after := geometry.above_or_below(now, by)) != now:
            assert (geometry.box(after)[1] - geometry.box(now)[1]) * by > 0
            now, seen = after, seen + 1
            assert seen <= total
        edge = geometry.box(total - 1 if by > 0 else 0)[1]
        assert geometry.box(now)[1] == edge
