"""The album's item model: a million ids, cells fetched only as they are looked at."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester

from aesthetic_studio.desktop.grid.model import PhotoListModel, cell_of, spoken_text
from aesthetic_studio.paths import shown
from aesthetic_studio.records import (
    Flag,
    GridCell,
    Label,
    Metadata,
    PhotoRecord,
    PhotoState,
    Score,
    ScoreDistribution,
    SeriesKind,
    Verdict,
)


class Source:
    """Cells made on demand, counting what was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.gone: set[int] = set()
        self.verdict = Verdict()

    def __call__(self, ids) -> list[GridCell]:
        self.asked.append(list(ids))
        return [
            GridCell(i, i, f"IMG_{i}.jpg", PhotoState.PRESENT, self.verdict, 5.0) for i in ids if i not in self.gone
        ]


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def model(source: Source, qapp: object) -> PhotoListModel:
    return PhotoListModel(source)


def test_the_model_keeps_every_promise_that_qt_asks_of_one(model: PhotoListModel) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.reset([3, 1, 2])
    model.refresh_cells([1])
    model.reset(array("q", range(1000)))
    model.reset([])
    assert isinstance(tester.model(), QAbstractItemModel)
    assert model.rowCount() == 0


def test_a_million_photos_are_listed_without_fetching_a_cell(model: PhotoListModel, source: Source) -> None:
    model.reset(array("q", range(1_000_000)))
    assert model.rowCount() == 1_000_000
    assert source.asked == []
    assert model.index(999_999).data() == "IMG_999999.jpg"
    assert [len(ids) for ids in source.asked] == [200]


def test_a_cell_that_was_fetched_is_not_fetched_again(model: PhotoListModel, source: Source) -> None:
    model.reset(range(500))
    for row in (0, 199, 5, 0):
        model.cell_at(row)
    assert len(source.asked) == 1


def test_memory_for_cells_is_bounded_while_scrolling_through_everything(source: Source, qapp: object) -> None:
    model = PhotoListModel(source, page_size=10, cached_pages=3)
    model.reset(range(1000))
    for row in range(0, 1000, 10):
        model.cell_at(row)
    asked = len(source.asked)
    model.cell_at(999)
    assert len(source.asked) == asked
    model.cell_at(0)
    assert len(source.asked) == asked + 1


def test_a_changed_verdict_is_shown_and_only_it_is_fetched(qtbot, model: PhotoListModel, source: Source) -> None:
    model.reset(range(100, 400))
    model.cell_at(0)
    source.asked.clear()
    source.verdict = Verdict(5, Flag.PICK)
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.refresh_cells([107, 108, 399, 9999])
    assert source.asked == [[107, 108]]
    assert (changed.args[0].row(), changed.args[1].row()) == (7, 8)
    assert model.cell_at(8).verdict.rating == 5
    assert model.cell_at(9).verdict.rating == 0


def test_the_same_album_again_keeps_rows_and_fetches_anew(qtbot, model: PhotoListModel, source: Source) -> None:
    model.reset([4, 5, 6])
    model.cell_at(0)
    source.verdict = Verdict(3)
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.reset([4, 5, 6])
    assert model.cell_at(0).verdict.rating == 3


def test_a_photo_removed_meanwhile_is_painted_as_missing(model: PhotoListModel, source: Source) -> None:
    source.gone = {2}
    model.reset([1, 2, 3])
    assert [model.cell_at(row).state for row in range(3)] == [
        PhotoState.PRESENT,
        PhotoState.MISSING,
        PhotoState.PRESENT,
    ]
    assert model.cell_at(2).id == 3


@given(st.lists(st.integers(min_value=0, max_value=1 << 40), unique=True, max_size=60), st.integers(0, 1 << 40))
def test_every_photo_is_found_in_its_row_and_no_other(ids: list[int], other: int) -> None:
    model = PhotoListModel(Source(), page_size=4)
    model.reset(ids)
    assert [model.row_of(photo_id) for photo_id in ids] == list(range(len(ids)))
    assert model.rows_of(ids) == list(range(len(ids)))
    assert model.row_of(other, hint=7) == (ids.index(other) if other in ids else -1)


def test_a_photo_is_found_where_ids_look_alike_across_their_bytes(model: PhotoListModel) -> None:
    model.reset([0x0100, 0x01, 0x010000, 0x01000000000000, 0])
    assert model.row_of(1, hint=100_000) == 1
    assert model.row_of(0x0100, hint=100_000) == 0


def test_a_screen_reader_hears_name_score_stars_flag_and_burst() -> None:
    cell = GridCell(
        1, 1, "IMG_1.jpg", PhotoState.PRESENT, Verdict(4, Flag.PICK), 6.31, 1.1, 9, SeriesKind.BURST, 7, True
    )
    assert spoken_text(cell) == "IMG_1.jpg, score 6.3, 4 stars, picked, best of a burst of 7"


def test_a_screen_reader_hears_what_is_wrong_and_what_is_unknown() -> None:
    verdict = Verdict(1, Flag.REJECT, Label.RED)
    cell = GridCell(
        1, 1, "a.jpg", PhotoState.OFFLINE, verdict, series_id=2, series_kind=SeriesKind.BRACKET, series_size=3
    )
    assert spoken_text(cell) == (
        "a.jpg, drive offline, not scored yet, 1 star, rejected, red label, one of an exposure bracket of 3"
    )


def test_a_set_that_is_kept_whole_has_no_best_frame() -> None:
    cell = GridCell(
        1, 1, "a.jpg", PhotoState.PRESENT, Verdict(), series_id=2, series_kind=SeriesKind.PANORAMA, series_size=3,
        best_of_series=True,
    )  # fmt: skip
    assert spoken_text(cell).endswith("stands for a panorama of 3")


def test_the_model_speaks_for_each_row(model: PhotoListModel) -> None:
    model.reset([5])
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "IMG_5.jpg, score 5.0"
    assert model.index(0).data(PhotoListModel.IdRole) == 5
    assert model.index(0).data(PhotoListModel.CellRole).name == "IMG_5.jpg"


def test_a_name_that_is_not_utf8_can_be_shown() -> None:
    name = b"caf\xe9.jpg".decode("utf-8", "surrogateescape")
    assert shown(name) == "caf?.jpg"


def test_a_record_gives_the_same_cell_that_the_grid_paints(tmp_path) -> None:
    votes = ScoreDistribution.from_votes([0, 0, 0, 0, 1, 2, 1, 0, 0, 0])
    record = PhotoRecord(
        7, 8, tmp_path / "x.jpg", PhotoState.PRESENT, 1, 1, (), "JPEG", 3, 2, Metadata(), None, None, Verdict(2),
        score=Score("m", "1", votes), series_id=4, series_kind=SeriesKind.FOCUS, series_size=5,
    )  # fmt: skip
    cell = cell_of(record)
    assert (cell.id, cell.content_id, cell.name, cell.verdict, cell.series_size) == (7, 8, "x.jpg", Verdict(2), 5)
    assert cell.score == pytest.approx(6.0)
    assert cell.spread == pytest.approx(votes.spread)
