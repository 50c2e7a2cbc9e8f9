"""An opened series lies on one plate, so that one sees where it begins and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aesthetic_studio.desktop.grid.bands import BRACKET, PLATE, Band, band_of
from aesthetic_studio.desktop.grid.model import PhotoListModel
from aesthetic_studio.desktop.grid.view import GridView
from aesthetic_studio.desktop.toolkit import colours
from aesthetic_studio.records import GridCell, PhotoState, SeriesKind, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QColor

SERIES = {2: 7, 3: 7, 4: 7, 5: 7, 6: 8, 7: 8}
"""Photo → series; 1 and 8 stand alone."""


def cells(ids: Sequence[int]) -> list[GridCell]:
    return [
        GridCell(
            photo,
            photo,
            f"{photo}.jpg",
            PhotoState.PRESENT,
            Verdict(),
            series_id=SERIES.get(photo),
            series_kind=SeriesKind.BURST if photo in SERIES else None,
            series_size=4 if photo in SERIES else 1,
        )
        for photo in ids
    ]


@pytest.fixture
def grid(qtbot):
    """Eight photos, three on a line, the series 7 of four of them opened."""
    model = PhotoListModel(cells)
    view = GridView(model)
    qtbot.addWidget(view)
    view.set_cell_size(160)
    view.resize(3 * 160 + 60, 700)
    view.show()
    model.reset(list(range(1, 9)))
    view.set_open_series(frozenset({7}))
    view.set_current_id(8)
    assert view.visualRect(model.index(3, 0)).left() == view.visualRect(model.index(0, 0)).left(), "three on a line"
    return view


def between(grid: GridView, row: int) -> QColor:
    """The colour between a cell and the next one on its line."""
    one, other = (grid.visualRect(grid.model().index(r, 0)) for r in (row, row + 1))
    return grid.viewport().grab().toImage().pixelColor((one.right() + other.left()) // 2, one.center().y())


def test_the_gaps_within_an_opened_series_are_filled_and_others_are_not(grid):
    assert between(grid, 0) == colours.BACKGROUND, "a photo alone, then the series"
    assert between(grid, 1) == PLATE
    assert between(grid, 3) == PLATE
    assert between(grid, 6) == colours.BACKGROUND, "a collapsed series"


def test_a_bracket_spans_the_series_with_a_tick_at_either_end(grid):
    picture = grid.viewport().grab().toImage()

    def corner(row: int, *, right: bool) -> QColor:
        rect = grid.visualRect(grid.model().index(row, 0))
        return picture.pixelColor(rect.right() if right else rect.left(), rect.top() + 8)

    for row in (1, 2, 3, 4):
        rect = grid.visualRect(grid.model().index(row, 0))
        assert picture.pixelColor(rect.center().x(), rect.top()) == BRACKET
    assert corner(1, right=False) == BRACKET
    assert corner(4, right=True) == BRACKET
    assert corner(2, right=True) == PLATE, "it goes on, on the next line"
    assert corner(3, right=False) == PLATE


def test_a_closed_series_has_no_plate(grid):
    grid.set_open_series(frozenset())
    assert between(grid, 1) == colours.BACKGROUND


def test_a_series_is_continued_by_its_own_frames_only(grid):
    def band(row: int) -> Band:
        index = grid.model().index(row, 0)
        return band_of(index, index.data(PhotoListModel.CellRole), grid)

    gap = colours.METRICS.gap
    assert (band(1).begins, band(1).left, band(1).ends) == (True, 0, False)
    assert band(1).right >= gap
    assert band(2) == Band(begins=False, ends=False, left=band(1).right, right=0), "the line ends here"
    assert (band(4).begins, band(4).ends, band(4).right) == (False, True, 0), "another series follows"
    assert (band(5).begins, band(5).ends) == (True, False)
