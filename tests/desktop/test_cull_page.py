"""Keep the best: the page shows what would stay and go, is worked by keys alone, and decides as one undoable step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPoint, Qt

from aesthetic_studio.albums import PhotoFilter, PhotoQuery
from aesthetic_studio.curation.cull.records import Fate, Strictness
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.records import Flag, Look, SeriesKind, VerdictChange

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.cull.page import CullPage
    from aesthetic_studio.desktop.window import MainWindow

Key = Qt.Key
PLAIN, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
Make = Callable[..., Any]
PICK, REJECT = VerdictChange(flag=Flag.PICK), VerdictChange(flag=Flag.REJECT)


@pytest.fixture
def library(make_library: Make) -> Any:
    """Twelve photos, best first; the first four are a burst."""
    made = make_library(12)
    made.group(made.ids[:4])
    return made


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    qtbot.keyClick(window.focusWidget() or window, key, modifiers)


def planned(qtbot: QtBot, page: CullPage) -> None:
    """Wait until the page shows the plan that was asked for."""
    qtbot.waitUntil(page.apply_button.isEnabled, timeout=15_000)


def open_page(qtbot: QtBot, window: MainWindow, number: int | None = None) -> CullPage:
    press(qtbot, window, Key.Key_N, CTRL | SHIFT)
    page = window.cull.page
    assert page is not None
    assert page.isVisible()
    planned(qtbot, page)
    if number is not None:
        page.controls.number.setValue(number)
        planned(qtbot, page)
    return page


def apply(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.decisions.decided, timeout=15_000):
        press(qtbot, window, Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not window.cull.is_open)


def flags(library: Any) -> dict[Flag, set[int]]:
    found: dict[Flag, set[int]] = {flag: set() for flag in Flag}
    for photo in library.ids:
        found[library.verdict(photo).flag].add(photo)
    return found


def shown(page: CullPage, fate: Fate) -> list[int]:
    return list((page.kept if fate is Fate.KEPT else page.gone).model().ids)


# -- what it is about ------------------------------------------------------------------------------------------------


def test_every_frame_of_a_collapsed_burst_is_asked_about(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    assert len(window.grid.model().ids) == 9, "the burst is collapsed"
    page = open_page(qtbot, window, 3)
    assert sorted(shown(page, Fate.KEPT) + shown(page, Fate.GONE)) == sorted(library.ids)
    assert "Of the 12 photos shown, all frames of 1 burst included." in texts(page)
    assert page.draft.reason(library.ids[1]) == "frame 2 of a burst whose best frame is kept"


def test_a_selection_is_asked_about_alone_and_a_collapsed_burst_in_it_whole(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    window = show_window(library)
    window.grid.select_ids([library.ids[0], library.ids[5]])
    page = open_page(qtbot, window, 1)
    assert sorted(shown(page, Fate.KEPT) + shown(page, Fate.GONE)) == [*library.ids[:4], library.ids[5]]
    assert "Of the 5 photos selected, all frames of 1 burst included." in texts(page)


def test_what_the_filter_hides_is_not_asked_about(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    with qtbot.waitSignal(window.album.loaded):
        window.album.set_filter(PhotoFilter(text="photo-1"))
    page = open_page(qtbot, window, 1)
    assert sorted(shown(page, Fate.KEPT) + shown(page, Fate.GONE)) == library.ids[10:]


# -- deciding --------------------------------------------------------------------------------------------------------


def test_apply_picks_and_rejects_in_one_step_that_undo_takes_back(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    window = show_window(library)
    library.catalogue.decide([library.ids[7]], REJECT, "before")
    page = open_page(qtbot, window, 3)
    keep, go = set(shown(page, Fate.KEPT)), set(shown(page, Fate.GONE))
    assert len(keep) == 3

    apply(qtbot, window)

    assert flags(library) == {Flag.PICK: keep, Flag.REJECT: go, Flag.NONE: set()}
    assert "Kept 3, rejected 9. Undo (Ctrl+Z) takes it back." in texts(window.status)
    assert window.focusWidget() is window.grid
    with qtbot.waitSignal(window.decisions.decided):
        press(qtbot, window, Key.Key_Z, CTRL)
    assert flags(library) == {
        Flag.PICK: set(),
        Flag.REJECT: {library.ids[7]},
        Flag.NONE: {*library.ids} - {library.ids[7]},
    }


def test_without_rejecting_the_others_only_picks_are_made(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    page = open_page(qtbot, window, 3)
    page.controls.reject_others.setChecked(False)
    assert page.apply_button.text() == "Pick 3"
    keep = set(shown(page, Fate.KEPT))
    apply(qtbot, window)
    assert flags(library) == {Flag.PICK: keep, Flag.REJECT: set(), Flag.NONE: {*library.ids} - keep}


def test_cancel_decides_nothing_and_brings_the_photos_back(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    page = open_page(qtbot, window, 3)
    press(qtbot, window, Key.Key_Escape)
    assert not page.isVisible()
    assert window.grid.isVisible()
    assert window.focusWidget() is window.grid
    assert flags(library)[Flag.NONE] == set(library.ids)
    assert window.views.current_id() is not None


def test_keys_of_the_window_decide_about_no_photo_that_lies_below(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    window = show_window(library)
    page = open_page(qtbot, window, 3)
    page.controls.reject_others.setFocus()
    for key in (Key.Key_5, Key.Key_X, Key.Key_P, Key.Key_6):
        press(qtbot, window, key)
    assert not window.registry.run("photo.reject"), "nor does the palette"
    window.decisions.look_again()
    qtbot.waitUntil(lambda: not window.decisions.is_behind(window.history))
    assert window.history.undo_title is None
    assert flags(library)[Flag.NONE] == set(library.ids)


def test_what_was_decided_or_vanished_since_is_left_and_told(
    qtbot: QtBot, library: Any, show_window: Make, tmp_path: Any
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    library.catalogue.add_root(str(elsewhere))
    lost = library.add("lost.jpg", folder=str(elsewhere), score=9.0)
    window = show_window(library)
    page = open_page(qtbot, window, 3)
    kept = shown(page, Fate.KEPT)
    assert kept[0] == lost
    # Another window on the same library: this one does not hear of it.
    with Catalogue.open(library.path) as other:
        other.decide([kept[1]], REJECT, "elsewhere")
        other.remove_root(str(elsewhere))

    apply(qtbot, window)

    assert library.verdict(kept[1]).flag is Flag.REJECT, "what the person decided stands"
    assert library.verdict(lost).flag is Flag.NONE
    told = texts(window.status)
    assert "Kept 1, rejected 10. 1 photo decided about meanwhile was left as it is." in told
    assert "1 photo was no longer in the library." in told


# -- moving photos ---------------------------------------------------------------------------------------------------


def test_a_click_moves_a_photo_to_the_other_side_and_back(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    page = open_page(qtbot, window, 3)
    first = shown(page, Fate.KEPT)[0]
    click(qtbot, page.kept, 0)
    assert shown(page, Fate.GONE)[0] == first
    assert page.draft.reason(first) == "moved by you"
    assert page.apply_button.text() == "Keep 2, reject 10"
    click(qtbot, page.gone, 0)
    assert shown(page, Fate.KEPT)[0] == first
    assert page.draft.reason(first) == "best of a burst of 4"


def test_a_double_click_moves_one_photo(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    page = open_page(qtbot, window, 3)
    place = centre(page.kept, 0)
    qtbot.mouseClick(page.kept.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(page.kept.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert len(shown(page, Fate.KEPT)) == 2


def test_a_moved_photo_stays_where_it_was_put_when_the_number_changes(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    window = show_window(library)
    page = open_page(qtbot, window, 3)
    best, worst = shown(page, Fate.KEPT)[0], shown(page, Fate.GONE)[-1]
    page.draft.swap([best, worst])
    page.controls.number.setValue(5)
    planned(qtbot, page)
    assert best in shown(page, Fate.GONE)
    assert worst in shown(page, Fate.KEPT)
    apply(qtbot, window)
    assert library.verdict(best).flag is Flag.REJECT
    assert library.verdict(worst).flag is Flag.PICK


def test_a_frame_of_a_bracket_takes_the_whole_bracket_along(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(8)
    library.group(library.ids[:3], SeriesKind.BRACKET)
    page = open_page(qtbot, show_window(library), 2)
    assert "Keeping 4 photos in 2 places" in texts(page)
    page.gone.setFocus()
    click(qtbot, page.kept, shown(page, Fate.KEPT).index(library.ids[1]))
    assert {*library.ids[:3]} <= set(shown(page, Fate.GONE))


def test_it_can_be_worked_by_keys_alone(qtbot: QtBot, library: Any, show_window: Make) -> None:
    window = show_window(library)
    page = open_page(qtbot, window)
    for key in (Key.Key_4,):
        press(qtbot, window, key)
    planned(qtbot, page)
    assert len(shown(page, Fate.KEPT)) == 4
    press(qtbot, window, Key.Key_Tab)
    press(qtbot, window, Key.Key_Tab)
    press(qtbot, window, Key.Key_Right)
    assert page.controls.strictness() is Strictness.STRICT
    planned(qtbot, page)
    press(qtbot, window, Key.Key_Tab)
    press(qtbot, window, Key.Key_Space)
    assert not page.rejects_others()
    press(qtbot, window, Key.Key_Space)
    press(qtbot, window, Key.Key_Tab)
    assert window.focusWidget() is page.kept
    second = shown(page, Fate.KEPT)[1]
    press(qtbot, window, Key.Key_Right)
    press(qtbot, window, Key.Key_Space)
    assert shown(page, Fate.GONE)[0] == second
    press(qtbot, window, Key.Key_Tab)
    assert window.focusWidget() is page.gone
    press(qtbot, window, Key.Key_End)
    last = shown(page, Fate.GONE)[-1]
    press(qtbot, window, Key.Key_P)
    assert shown(page, Fate.KEPT)[0] == last
    press(qtbot, window, Key.Key_Tab)
    press(qtbot, window, Key.Key_Tab)
    assert window.focusWidget() is page.apply_button
    with qtbot.waitSignal(window.decisions.decided, timeout=15_000):
        press(qtbot, window, Key.Key_Return)
    assert library.verdict(last).flag is Flag.PICK
    assert library.verdict(second).flag is Flag.REJECT


# -- the plan --------------------------------------------------------------------------------------------------------


def test_one_scene_does_not_flood_what_is_kept(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(0)
    flood = [library.add(f"flood-{number}.jpg", score=9.0 - 0.01 * number) for number in range(9)]
    others = [
        library.add(f"other-{number}.jpg", score=8.8 - 0.1 * number, minute=500 + 200 * number, look=tinted(number))
        for number in range(9)
    ]
    page = open_page(qtbot, show_window(library), 6)
    assert len(set(shown(page, Fate.KEPT)) & set(flood)) <= 4, "balanced"
    page.controls.set_strictness(Strictness.LENIENT)
    planned(qtbot, page)
    assert set(shown(page, Fate.KEPT)) < set(flood), "lenient is by score"
    page.controls.set_strictness(Strictness.STRICT)
    planned(qtbot, page)
    assert len(set(shown(page, Fate.KEPT)) & set(flood)) == 1
    assert len(set(shown(page, Fate.KEPT)) & set(others)) == 5
    assert page.draft.reason(flood[4]) == "1 better photo of the same scene is kept"


def test_a_share_keeps_that_share(qtbot: QtBot, library: Any, show_window: Make) -> None:
    page = open_page(qtbot, show_window(library), 3)
    page.controls.unit.setCurrentIndex(1)
    assert page.controls.number.value() == 25
    page.controls.number.setValue(50)
    planned(qtbot, page)
    assert len(shown(page, Fate.KEPT)) == 6


def test_of_many_changes_in_a_row_the_last_one_is_shown(qtbot: QtBot, library: Any, show_window: Make) -> None:
    page = open_page(qtbot, show_window(library), 3)
    for number in (9, 1, 7, 2, 6):
        page.controls.number.setValue(number)
        assert not page.apply_button.isEnabled(), "what is shown is not what is asked for"
    planned(qtbot, page)
    assert len(shown(page, Fate.KEPT)) == 6


def test_opened_again_it_knows_what_changed_and_forgets_what_was_moved(
    qtbot: QtBot, library: Any, show_window: Make
) -> None:
    window = show_window(library)
    page = open_page(qtbot, window, 3)
    click(qtbot, page.kept, 0)
    press(qtbot, window, Key.Key_Escape)
    with Catalogue.open(library.path) as other:
        other.decide([library.ids[9]], PICK, "elsewhere")
    assert open_page(qtbot, window) is page
    assert page.controls.number.value() == 3, "the number is remembered"
    assert page.draft.moved == {}
    assert shown(page, Fate.KEPT)[0] == library.ids[9]


def test_what_has_no_score_is_left_alone_and_told(qtbot: QtBot, library: Any, show_window: Make) -> None:
    unscored = library.add("new.jpg", score=None)
    window = show_window(library)
    page = open_page(qtbot, window, 3)
    assert unscored not in shown(page, Fate.KEPT) + shown(page, Fate.GONE)
    assert "Left alone: not scored yet (1)." in texts(page)
    apply(qtbot, window)
    assert library.verdict(unscored).flag is Flag.NONE


def test_picks_beyond_the_number_all_stay_and_are_told(qtbot: QtBot, library: Any, show_window: Make) -> None:
    library.catalogue.decide(library.ids[6:10], PICK, "before")
    page = open_page(qtbot, show_window(library), 2)
    assert sorted(shown(page, Fate.KEPT)) == library.ids[6:10]
    assert "You picked 4 already, more than 2: all of them stay." in texts(page)


def test_an_undo_while_the_page_is_open_is_seen_in_the_plan(qtbot: QtBot, library: Any, show_window: Make) -> None:
    library.catalogue.decide([library.ids[11]], PICK, "picking 1 photo")
    window = show_window(library)
    page = open_page(qtbot, window, 2)
    assert library.ids[11] in shown(page, Fate.KEPT)
    page.kept.setFocus()
    press(qtbot, window, Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: library.ids[11] in shown(page, Fate.GONE), timeout=15_000)


def test_a_photo_tells_its_reason_to_a_screen_reader(qtbot: QtBot, library: Any, show_window: Make) -> None:
    page = open_page(qtbot, show_window(library), 3)
    index = page.kept.model().index(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).endswith(": best of a burst of 4")
    assert page.kept.accessibleName() == "Keeping 3 photos"


def test_the_page_fits_the_smallest_window_and_has_names(qtbot: QtBot, library: Any, show_window: Make) -> None:
    from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QSpinBox

    window = show_window(library)
    window.resize(window.minimumSize())
    page = open_page(qtbot, window)
    qtbot.waitUntil(lambda: page.width() == window.minimumSize().width())
    for kind in (QAbstractButton, QAbstractItemView, QComboBox, QSpinBox):
        for widget in page.findChildren(kind):
            if widget.isVisible() and widget.objectName():
                assert widget.accessibleName() or widget.text(), widget
                corner = widget.mapTo(page, QPoint(widget.width(), widget.height()))
                assert corner.x() <= page.width(), widget.objectName()
                assert corner.y() <= page.height(), widget.objectName()


def test_there_is_nothing_to_cull_in_an_empty_album(make_library: Make, show_window: Make) -> None:
    window = show_window(make_library(0))
    assert not window.registry["photo.cull"].enabled()


def test_scope_is_read_whatever_series_are_open(library: Any) -> None:
    from aesthetic_studio.desktop.cull.planner import Scope, read_scope

    series = library.catalogue.photo(library.ids[0]).series_id
    opened = PhotoQuery(open_series=frozenset({series}))
    chosen = read_scope(library.catalogue, Scope(opened, (library.ids[0], library.ids[2])))
    assert [photo.id for photo in chosen] == [library.ids[0], library.ids[2]], "shown frame by frame, chosen so"


def texts(widget: Any) -> str:
    from PySide6.QtWidgets import QLabel

    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def tinted(number: int) -> Look:
    """A look of one colour."""
    tint = bytes([(60, 230, 90)[number % 3], (200, 70, 140)[number // 3], 40 + 90 * (number % 2)])
    return Look(bytes([128]) * 32 * 32, tint * 8 * 8)


def centre(grid: Any, row: int) -> QPoint:
    return grid.visualRect(grid.model().index(row)).center()


def click(qtbot: QtBot, grid: Any, row: int) -> None:
    grid.scrollTo(grid.model().index(row))
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre(grid, row))
