"""The grid as a person works it: keys, mouse, zoom, and what stays in place while the album changes."""

from __future__ import annotations

from array import array
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication

from aesthetic_studio.desktop.grid.model import PhotoListModel
from aesthetic_studio.desktop.grid.view import GridView
from aesthetic_studio.records import Flag, GridCell, Label, PhotoState, SeriesKind, Verdict

NO, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
Key = Qt.Key


class Album:
    """Cells by id, where a test can change what one shows, and what was fetched."""

    def __init__(self) -> None:
        self.cells: dict[int, GridCell] = {}
        self.fetched = 0

    def __call__(self, ids) -> list[GridCell]:
        self.fetched += len(ids)
        return [self.cells.get(i) or GridCell(i, i, f"IMG_{i}.jpg", PhotoState.PRESENT, Verdict(), 5.0) for i in ids]


@pytest.fixture
def album() -> Album:
    return Album()


@pytest.fixture
def model(album: Album, qapp: object) -> PhotoListModel:
    return PhotoListModel(album)


@pytest.fixture
def grid(qtbot, model: PhotoListModel) -> GridView:
    """Six photos side by side."""
    view = GridView(model)
    qtbot.addWidget(view)
    view.resize(1120, 700)
    view.show()
    qtbot.waitExposed(view)
    return view


def fill(model: PhotoListModel, count: int) -> None:
    model.reset(array("q", range(1, count + 1)))


def centre(grid: GridView, row: int) -> QPoint:
    return grid.visualRect(grid.model().index(row)).center()


def columns(grid: GridView) -> int:
    first = grid.visualRect(grid.model().index(0)).top()
    return next(row for row in range(1, 100) if grid.visualRect(grid.model().index(row)).top() != first)


# -- cost ------------------------------------------------------------------------------------


def painted_and_fetched(qtbot, album: Album, count: int) -> tuple[int, int]:
    """Cells painted by one repaint from the album's middle, and cells fetched for it."""
    painted: list[int] = []
    model = PhotoListModel(album, page_size=1)
    view = GridView(model)
    qtbot.addWidget(view)
    view.resize(1120, 700)
    view.show()
    qtbot.waitExposed(view)
    fill(model, count)
    geometry = view._geometry
    view.verticalScrollBar().setValue(geometry.lines // 2 * geometry.row_height)
    QApplication.processEvents()
    view._delegate.paint = lambda _painter, _option, index: painted.append(index.data(PhotoListModel.CellRole).id)
    model.refresh_all()
    QApplication.processEvents()
    painted.clear()
    model.refresh_all()
    before = album.fetched
    view.viewport().repaint()
    return len(painted), album.fetched - before


def test_a_repaint_touches_only_visible_cells_however_large_the_album(qtbot, album: Album) -> None:
    small = painted_and_fetched(qtbot, album, 1_000)
    large = painted_and_fetched(qtbot, album, 1_000_000)
    assert small == large
    assert 12 <= large[0] <= 40
    assert large[0] == large[1]


def test_a_million_photos_are_selected_as_one_range(grid: GridView, model: PhotoListModel, qtbot) -> None:
    fill(model, 1_000_000)
    qtbot.keyClick(grid, Key.Key_A, CTRL)
    assert grid.selection_count() == 1_000_000
    assert len(grid.selectionModel().selection()) == 1
    assert len(grid.selected_ids()) == 1_000_000


def test_the_last_of_a_million_photos_can_be_reached_and_is_seen_whole(grid, model, qtbot) -> None:
    fill(model, 1_000_000)
    qtbot.keyClick(grid, Key.Key_End)
    assert grid.current_id() == 1_000_000
    assert grid.viewport().rect().contains(grid.visualRect(grid.currentIndex()))
    assert 1_000_000 in grid.visible_ids()


# -- keys ------------------------------------------------------------------------------------


def test_arrows_move_by_one_and_by_a_line(grid: GridView, model: PhotoListModel, qtbot) -> None:
    fill(model, 100)
    wide = columns(grid)
    path = []
    for key in (Key.Key_Right, Key.Key_Down, Key.Key_Left, Key.Key_Up, Key.Key_Home):
        qtbot.keyClick(grid, key)
        path.append(grid.current_id())
    assert path == [2, 2 + wide, 1 + wide, 1, 1]


def test_page_down_moves_by_what_is_on_screen_and_back(grid: GridView, model: PhotoListModel, qtbot) -> None:
    fill(model, 1000)
    qtbot.keyClick(grid, Key.Key_PageDown)
    moved = grid.currentIndex().row()
    assert moved % columns(grid) == 0
    assert moved > 0
    qtbot.keyClick(grid, Key.Key_PageUp)
    assert grid.currentIndex().row() == 0


def test_shift_extends_from_where_it_began_and_shrinks_again(grid: GridView, model, qtbot) -> None:
    fill(model, 50)
    grid.set_current_id(5)
    for _ in range(3):
        qtbot.keyClick(grid, Key.Key_Right, SHIFT)
    assert list(grid.selected_ids()) == [5, 6, 7, 8]
    qtbot.keyClick(grid, Key.Key_Left, SHIFT)
    assert list(grid.selected_ids()) == [5, 6, 7]
    qtbot.keyClick(grid, Key.Key_Right)
    assert list(grid.selected_ids()) == [8]


def test_ctrl_moves_without_selecting_and_ctrl_space_takes_one_more(grid: GridView, model, qtbot) -> None:
    fill(model, 50)
    grid.set_current_id(1)
    qtbot.keyClick(grid, Key.Key_Right, CTRL)
    qtbot.keyClick(grid, Key.Key_Right, CTRL)
    assert list(grid.selected_ids()) == [1]
    qtbot.keyClick(grid, Key.Key_Space, CTRL)
    assert list(grid.selected_ids()) == [1, 3]


def test_enter_opens_the_current_photo(grid: GridView, model: PhotoListModel, qtbot) -> None:
    fill(model, 10)
    grid.set_current_id(4)
    with qtbot.waitSignal(grid.photo_opened) as opened:
        qtbot.keyClick(grid, Key.Key_Return)
    assert opened.args == [4]


@pytest.mark.parametrize("key", [Key.Key_P, Key.Key_X, Key.Key_5, Key.Key_Space, Key.Key_Escape])
def test_letters_and_digits_are_left_to_the_commands(grid: GridView, model, qtbot, key: Qt.Key) -> None:
    fill(model, 10)
    grid.set_current_id(4)
    from PySide6.QtGui import QKeyEvent

    event = QKeyEvent(QEvent.Type.KeyPress, key, NO, "p")
    grid.keyPressEvent(event)
    assert not event.isAccepted()
    assert grid.current_id() == 4


def test_a_step_stops_at_the_albums_end(grid: GridView, model: PhotoListModel) -> None:
    fill(model, 3)
    assert grid.step(1)
    assert grid.step(5)
    assert grid.current_id() == 3
    assert not grid.step(1)


def test_an_empty_album_takes_every_key_without_harm(grid: GridView, model: PhotoListModel, qtbot) -> None:
    for key in (Key.Key_Right, Key.Key_End, Key.Key_Return, Key.Key_PageDown):
        qtbot.keyClick(grid, key)
    assert grid.current_id() is None
    assert not grid.step(1)
    assert grid.neighbours(3, 1) == []
    assert len(grid.selected_ids()) == 0


# -- mouse -----------------------------------------------------------------------------------


def test_clicks_select_toggle_and_extend(grid: GridView, model: PhotoListModel, qtbot) -> None:
    fill(model, 40)
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(grid.viewport(), left, NO, centre(grid, 2))
    assert list(grid.selected_ids()) == [3]
    qtbot.mouseClick(grid.viewport(), left, CTRL, centre(grid, 4))
    assert list(grid.selected_ids()) == [3, 5]
    qtbot.mouseClick(grid.viewport(), left, CTRL, centre(grid, 2))
    assert list(grid.selected_ids()) == [5]
    qtbot.mouseClick(grid.viewport(), left, NO, centre(grid, 1))
    qtbot.mouseClick(grid.viewport(), left, SHIFT, centre(grid, 4))
    assert list(grid.selected_ids()) == [2, 3, 4, 5]


def test_a_right_click_keeps_the_selection_that_it_hits(grid: GridView, model: PhotoListModel, qtbot) -> None:
    fill(model, 40)
    grid.select_ids([2, 3, 4])
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.RightButton, NO, centre(grid, 2))
    assert (list(grid.selected_ids()), grid.current_id()) == ([2, 3, 4], 3)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.RightButton, NO, centre(grid, 7))
    assert list(grid.selected_ids()) == [8]


def test_a_rubber_band_from_a_gap_selects_what_it_touches(grid: GridView, model: PhotoListModel, qtbot) -> None:
    fill(model, 40)
    start = QPoint(2, 2)
    qtbot.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, NO, start)
    qtbot.mouseMove(grid.viewport(), centre(grid, 1))
    qtbot.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, NO, centre(grid, 1))
    assert list(grid.selected_ids()) == [1, 2]
    assert grid.current_id() == 1


def test_a_double_click_opens_the_photo(grid: GridView, model: PhotoListModel, qtbot) -> None:
    fill(model, 40)
    with qtbot.waitSignal(grid.photo_opened) as opened:
        qtbot.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, NO, centre(grid, 3))
    assert opened.args == [4]


def test_the_badge_opens_the_series_and_does_not_select(grid: GridView, model, album: Album, qtbot) -> None:
    album.cells[3] = replace(album([3])[0], series_id=77, series_kind=SeriesKind.BURST, series_size=7)
    fill(model, 40)
    badge = grid._delegate.badge_rect(grid.visualRect(model.index(2)), album.cells[3], grid.font())
    with qtbot.waitSignal(grid.series_toggled) as toggled:
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, NO, badge.center().toPoint())
    assert toggled.args == [77]
    assert 3 not in grid.selected_ids()


def wheel(grid: GridView, *, pixels: int = 0, angle: int = 0, modifiers: Qt.KeyboardModifier = NO) -> None:
    place = QPointF(100, 100)
    event = QWheelEvent(
        place, place, QPoint(0, pixels), QPoint(0, angle), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(grid.viewport(), event)


def test_the_wheel_scrolls_by_pixels_and_glides_by_notches(grid: GridView, model: PhotoListModel, qtbot) -> None:
    fill(model, 1000)
    wheel(grid, pixels=-13)
    assert grid.verticalOffset() == 13
    wheel(grid, angle=-120)
    qtbot.waitUntil(lambda: grid.verticalOffset() > 50)


def test_ctrl_and_wheel_zoom_the_cells_within_their_bounds(grid: GridView, model, qtbot) -> None:
    fill(model, 1000)
    before = grid.cell_size()
    with qtbot.waitSignal(grid.cell_size_changed):
        wheel(grid, angle=120, modifiers=CTRL)
    assert grid.cell_size() > before
    grid.set_cell_size(10_000)
    assert grid.cell_size() == 384
    grid.set_cell_size(1)
    assert grid.cell_size() == 96


# -- what stays in place ---------------------------------------------------------------------


def test_zoom_and_resize_keep_the_current_photo_in_view(grid: GridView, model: PhotoListModel) -> None:
    fill(model, 10_000)
    grid.set_current_id(5000)
    for size in (384, 96, 200):
        grid.set_cell_size(size)
        assert 5000 in grid.visible_ids()
    for width in (700, 1500, 431):
        grid.resize(width, 600)
        assert 5000 in grid.visible_ids()


def test_resizing_back_and_forth_returns_to_the_same_photos(grid: GridView, model: PhotoListModel) -> None:
    fill(model, 10_000)
    grid.verticalScrollBar().setValue(40_000)
    before = grid.visible_ids()[0]
    for width in range(1100, 500, -37):
        grid.resize(width, 700)
    grid.resize(1120, 700)
    assert grid.visible_ids()[0] == before


def test_another_order_keeps_current_photo_and_selection(grid: GridView, model, qtbot) -> None:
    fill(model, 1000)
    grid.set_current_id(500)
    grid.select_ids([500, 501, 7])
    with qtbot.assertNotEmitted(grid.current_photo_changed):
        model.reset(array("q", range(1000, 0, -1)))
    assert grid.current_id() == 500
    assert sorted(grid.selected_ids()) == [7, 500, 501]
    assert 500 in grid.visible_ids()


def test_a_photo_that_leaves_the_album_hands_over_to_the_next(grid: GridView, model, qtbot) -> None:
    """As when a photo is rated under "unrated only": the place is kept and the next one is current."""
    fill(model, 100)
    grid.set_current_id(40)
    with qtbot.waitSignal(grid.current_photo_changed) as changed:
        model.reset([i for i in range(1, 101) if i != 40])
    assert changed.args == [41]
    assert list(grid.selected_ids()) == [41]


def test_the_last_photo_that_leaves_hands_over_to_the_one_before(grid: GridView, model) -> None:
    fill(model, 10)
    grid.set_current_id(10)
    model.reset(range(1, 10))
    assert grid.current_id() == 9


def test_an_album_that_empties_says_that_no_photo_is_current(grid: GridView, model, qtbot) -> None:
    fill(model, 5)
    grid.set_current_id(2)
    with qtbot.waitSignal(grid.current_photo_changed) as changed:
        model.reset([])
    assert changed.args == [-1]


def test_the_first_photo_is_current_until_the_person_chooses(grid: GridView, model: PhotoListModel) -> None:
    fill(model, 5)
    assert grid.current_id() == 1
    model.reset([9, 8, 7, 1])
    assert grid.current_id() == 9
    assert grid.verticalOffset() == 0


def test_a_photo_that_is_not_in_the_album_cannot_become_current(grid: GridView, model: PhotoListModel) -> None:
    fill(model, 5)
    assert not grid.set_current_id(99)
    assert grid.current_id() == 1


# -- what others are told --------------------------------------------------------------------


def test_visible_photos_are_told_top_first_after_scrolling(grid: GridView, model, qtbot) -> None:
    fill(model, 10_000)
    with qtbot.waitSignal(grid.visible_photos_changed, check_params_cb=lambda ids: 1 not in ids) as told:
        grid.verticalScrollBar().setValue(20_000)
    assert told.args[0] == grid.visible_ids()
    assert told.args[0] == sorted(told.args[0])


def test_neighbours_come_in_the_direction_of_travel(grid: GridView, model: PhotoListModel) -> None:
    fill(model, 100)
    grid.set_current_id(50)
    grid.step(1)
    assert grid.neighbours(4, 2) == [52, 53, 50, 54, 55, 49]
    grid.step(-1)
    assert grid.neighbours(4, 1) == [49, 48, 51, 47, 46]


# -- what it looks like ----------------------------------------------------------------------


class OnePicture:
    """The same thumbnail for every photo."""

    def __init__(self) -> None:
        self.picture = QPixmap(120, 80)
        self.picture.fill(QColor(200, 40, 40))

    def pixmap(self, _photo_id: int) -> QPixmap:
        return self.picture


def colour_in_the_middle(grid: GridView, row: int) -> QColor:
    cell = grid.visualRect(grid.model().index(row))
    picture = grid.viewport().grab().toImage()
    return picture.pixelColor(cell.center().x(), cell.top() + cell.width() // 2)


def test_a_rejected_photo_is_dimmed_and_a_missing_one_is_grey(grid: GridView, model, album: Album) -> None:
    album.cells[2] = replace(album([2])[0], verdict=Verdict(0, Flag.REJECT, Label.RED))
    grid._delegate.set_thumbnails(OnePicture())
    fill(model, 4)
    plain, rejected = colour_in_the_middle(grid, 2), colour_in_the_middle(grid, 1)
    assert (plain.red(), plain.green()) == (200, 40)
    assert rejected.red() < 110


def test_selection_and_current_photo_leave_the_photos_colours_alone(grid: GridView, model) -> None:
    grid._delegate.set_thumbnails(OnePicture())
    fill(model, 4)
    grid.selectAll()
    grid.set_current_id(2, select=False)
    assert {colour_in_the_middle(grid, row).getRgb() for row in range(4)} == {(200, 40, 40, 255)}


@pytest.mark.parametrize("state", list(PhotoState))
@pytest.mark.parametrize("size", [96, 176, 384])
def test_every_state_kind_and_verdict_is_painted_at_every_size(grid, model, album: Album, state, size: int) -> None:
    kinds = [None, *SeriesKind]
    for number in range(1, 31):
        kind = kinds[number % 5]
        album.cells[number] = GridCell(
            number, number, "a long name that will not fit at all into its cell.jpg" * 3, state,
            Verdict(number % 6, Flag(number % 3 - 1), Label(number % 6)), None if number % 4 == 0 else 9.9, 1.0,
            number if kind else None, kind, 120 if kind else 1, number % 2 == 0,
        )  # fmt: skip
    grid.set_cell_size(size)
    grid.set_open_series(frozenset({6, 7}))
    fill(model, 30)
    picture = grid.viewport().grab().toImage()
    cell = grid.visualRect(model.index(0))
    shades = {picture.pixel(x, cell.top() + cell.width() // 2) for x in range(cell.left(), cell.right())}
    assert len(shades) > 1


def test_an_empty_grid_says_what_is_missing(grid: GridView) -> None:
    grid.set_empty_text("", "")
    blank = grid.viewport().grab().toImage()
    grid.set_empty_text("No photos match", "Clear the filter to see all.")
    assert grid.viewport().grab().toImage() != blank


def test_the_grid_is_named_for_screen_readers(grid: GridView) -> None:
    assert grid.accessibleName() == "Photo grid"
    assert "Enter opens" in grid.accessibleDescription()
