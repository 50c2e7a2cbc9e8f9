"""Where cells lie: laws that hold for every size of window, cell and album."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QAbstractItemView

from aesthetic_studio.desktop.grid.geometry import SCROLL_LIMIT, GridGeometry
from aesthetic_studio.desktop.grid.place import alternating, place_of_interest, row_after

Action = QAbstractItemView.CursorAction

geometries = st.builds(
    GridGeometry,
    count=st.integers(1, 5000),
    width=st.integers(60, 4000),
    cell_size=st.integers(96, 384),
    footer=st.integers(20, 120),
    gap=st.integers(0, 16),
)


@given(geometries, st.data())
def test_a_click_in_a_cell_finds_its_photo(geometry: GridGeometry, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, geometry.count - 1))
    left, top, width, height = geometry.cell_at(row)
    x, y = data.draw(st.integers(left, left + width - 1)), data.draw(st.integers(top, top + height - 1))
    assert geometry.row_at(x, y) == row


@given(geometries, st.data())
def test_every_cell_in_sight_is_painted_and_hardly_any_other(geometry: GridGeometry, data: st.DataObject) -> None:
    top = data.draw(st.integers(0, max(0, geometry.height - 1)))
    bottom = top + data.draw(st.integers(0, 2000))
    rows = geometry.rows_between(top, bottom)
    for row in data.draw(st.lists(st.integers(0, geometry.count - 1), max_size=20)):
        _, cell_top, _, height = geometry.cell_at(row)
        if cell_top <= bottom and cell_top + height > top:
            assert row in rows
    assert len(rows) <= ((bottom - top) // geometry.row_height + 3) * geometry.columns


@given(geometries)
def test_cells_fill_the_width_and_never_leave_it(geometry: GridGeometry) -> None:
    left, _, width, _ = geometry.cell_at(geometry.columns - 1)
    if geometry.width > geometry.cell_size + 2 * geometry.gap:
        assert left + width <= geometry.width
        assert geometry.width - (left + width) < geometry.columns + geometry.gap + 1
        assert width >= geometry.cell_size


@given(geometries, st.data())
def test_a_rubber_band_takes_the_cells_that_it_touches(geometry: GridGeometry, data: st.DataObject) -> None:
    left, top = data.draw(st.integers(0, 800)), data.draw(st.integers(0, 800))
    right, bottom = left + data.draw(st.integers(0, 800)), top + data.draw(st.integers(0, 800))
    taken = {row for box in geometry.boxes_between(left, top, right, bottom) for row in box}
    touched = set()
    for row in range(min(geometry.count, geometry.columns * (bottom // geometry.row_height + 2))):
        x, y, width, height = geometry.cell_at(row)
        if x <= right and x + width > left and y <= bottom and y + height > top:
            touched.add(row)
    assert taken == touched


def test_a_hundred_million_photos_can_be_scrolled_to_the_end() -> None:
    geometry = GridGeometry(100_000_000, 300, 384, 60, 8)
    assert geometry.height > 2**31
    assert geometry.height // geometry.scroll_unit <= SCROLL_LIMIT
    assert GridGeometry(1_000_000, 300, 384, 60, 8).scroll_unit == 1


def test_down_from_a_full_line_reaches_the_last_photo_of_a_short_one() -> None:
    assert row_after(Action.MoveDown, 7, 10, 4, 3) == 9
    assert row_after(Action.MoveDown, 9, 10, 4, 3) == 9
    assert row_after(Action.MoveUp, 9, 10, 4, 3) == 5
    assert row_after(Action.MoveUp, 2, 10, 4, 3) == 2


@given(
    st.sampled_from([a for a in Action if a not in (Action.MoveNext, Action.MovePrevious)]),
    st.integers(1, 500), st.integers(1, 20), st.integers(1, 9), st.data(),
)  # fmt: skip
def test_no_key_leads_out_of_the_album(action, count: int, columns: int, lines: int, data: st.DataObject) -> None:
    row = data.draw(st.integers(-1, count - 1))
    assert 0 <= row_after(action, row, count, columns, lines) < count
    assert row_after(action, row, 0, columns, lines) == -1


def test_the_current_photo_is_kept_in_place_where_it_is_in_view_and_else_the_top_one() -> None:
    geometry = GridGeometry(1000, 400, 100, 40, 0)
    offset = 10 * geometry.row_height + 7
    in_view = place_of_interest(geometry, offset, 600, current=12 * geometry.columns)
    assert in_view is not None
    assert (in_view.row, in_view.y) == (12 * geometry.columns, 2 * geometry.row_height - 7)
    out_of_view = place_of_interest(geometry, offset, 600, current=0)
    assert out_of_view is not None
    assert out_of_view.row == 10 * geometry.columns


@given(st.lists(st.integers()), st.lists(st.integers()), st.integers(1, 4))
def test_the_direction_of_travel_leads_and_no_neighbour_is_lost(first: list[int], then: list[int], lead: int) -> None:
    both = alternating(first, then, lead)
    assert sorted(both) == sorted(first + then)
    assert both[:lead] == first[:lead] or len(first) < lead
    assert [item for item in both if both.count(item) == 1 and item in first] == [
        item for item in first if both.count(item) == 1
    ]
