"""The strip below the grid: counts that add up, and a filter that is drawn over them by mouse and by keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from aesthetic_studio.albums import Histogram, PhotoFilter, Timeline
from aesthetic_studio.desktop.strip.axes import Axis, score_axis, time_axis
from aesthetic_studio.desktop.strip.chart import RangeChart
from aesthetic_studio.desktop.strip.panel import place_of

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.window import MainWindow

Make = Callable[..., Any]
Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def chart(qtbot: QtBot) -> RangeChart:
    """Ten bins over 512 pixels, 50 pixels each."""
    made = RangeChart("Score", "nothing")
    qtbot.addWidget(made)
    made.resize(512, 90)
    made.show_axis(Axis(tuple(range(1, 11)), tuple(range(11))))
    made.show()
    return made


def at(place: float) -> QPoint:
    return QPoint(round(6 + place * 50), 40)


def drag(qtbot: QtBot, chart: RangeChart, start: float, end: float) -> None:
    qtbot.mousePress(chart, LEFT, pos=at(start))
    for step in (0.4, 0.8, 1.0):
        qtbot.mouseMove(chart, at(start + (end - start) * step))
    qtbot.mouseRelease(chart, LEFT, pos=at(end))


def told(chart: RangeChart) -> list[tuple[int, int] | None]:
    found: list[tuple[int, int] | None] = []
    chart.chosen.connect(lambda first, last: found.append((first, last)))
    chart.cleared.connect(lambda: found.append(None))
    return found


@pytest.mark.parametrize(("start", "end", "chosen"), [(2.5, 5.5, (2, 6)), (5.5, 2.5, (2, 6)), (0.1, 9.9, (0, 10))])
def test_dragging_chooses_the_bins_on_the_way(
    qtbot: QtBot, chart: RangeChart, start: float, end: float, chosen: tuple[int, int]
) -> None:
    found = told(chart)

    drag(qtbot, chart, start, end)

    assert found[-1] == chosen


def test_a_click_chooses_one_bin(qtbot: QtBot, chart: RangeChart) -> None:
    found = told(chart)

    qtbot.mouseClick(chart, LEFT, pos=at(3.5))

    assert found == [(3, 4)]


@pytest.mark.parametrize(
    ("grip", "to", "chosen"), [(4.0, 2.2, (2, 7)), (7.0, 8.9, (4, 9)), (7.0, 1.0, (4, 5)), (4.0, 9.0, (6, 7))]
)
def test_an_edge_that_is_dragged_moves_alone_and_never_past_the_other(
    qtbot: QtBot, chart: RangeChart, grip: float, to: float, chosen: tuple[int, int]
) -> None:
    chart.show_range((4.0, 7.0))
    found = told(chart)

    drag(qtbot, chart, grip, to)

    assert found[-1] == chosen


@pytest.mark.parametrize("way", ["double click", "Esc", "Delete"])
def test_a_range_is_taken_off(qtbot: QtBot, chart: RangeChart, way: str) -> None:
    chart.show_range((4.0, 7.0))
    found = told(chart)

    if way == "double click":
        qtbot.mouseDClick(chart, LEFT, pos=at(5))
    else:
        qtbot.keyClick(chart, Key.Key_Escape if way == "Esc" else Key.Key_Delete)

    assert found == [None]


def test_arrows_go_from_bin_to_bin_and_with_shift_they_draw(qtbot: QtBot, chart: RangeChart) -> None:
    found = told(chart)
    chart.setFocus()

    qtbot.keyClick(chart, Key.Key_Right)
    qtbot.keyClick(chart, Key.Key_Right)
    qtbot.keyClick(chart, Key.Key_Right, SHIFT)
    qtbot.keyClick(chart, Key.Key_Right, SHIFT)
    qtbot.keyClick(chart, Key.Key_End, SHIFT)
    qtbot.keyClick(chart, Key.Key_Home)
    qtbot.keyClick(chart, Key.Key_Return)

    assert found == [(2, 4), (2, 5), (2, 10), (0, 1)]


def test_each_bin_says_what_it_holds(qtbot: QtBot, chart: RangeChart, monkeypatch: pytest.MonkeyPatch) -> None:
    place, tips = at(3.5), []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, _widget: tips.append(text))
    QApplication.sendEvent(chart, QHelpEvent(QEvent.Type.ToolTip, place, chart.mapToGlobal(place)))
    chart.setFocus()
    qtbot.keyClick(chart, Key.Key_Right)

    assert tips == ["3 to 4: 4 photos"]
    assert chart.accessibleDescription() == "1 to 2: 2 photos"


def show_strip(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.reader.spreading_loaded, timeout=5000):
        qtbot.keyClick(window.focusWidget(), Key.Key_H, CTRL)


def pixel(chart: RangeChart, share: float) -> QPoint:
    return QPoint(round(6 + share * (chart.width() - 12)), chart.height() // 2)


def test_drawing_over_the_scores_filters_the_album_and_the_panel_follows(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    window = show_window(make_library())  # scores from 8.0 down to 3.0, one apart
    show_strip(qtbot, window)
    scores = window.strip.scores

    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        qtbot.mousePress(scores, LEFT, pos=pixel(scores, (4.5 - 1) / 9))
        qtbot.mouseMove(scores, pixel(scores, (5.5 - 1) / 9))
        qtbot.mouseMove(scores, pixel(scores, (6.5 - 1) / 9))
        qtbot.mouseRelease(scores, LEFT, pos=pixel(scores, (6.5 - 1) / 9))

    qtbot.waitUntil(lambda: len(window.grid.model().ids) == 2, timeout=5000)
    wanted = window.filter_panel.filter()
    assert (wanted.score_at_least, wanted.score_at_most) == (4.4, 6.6)
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        qtbot.mouseDClick(scores, LEFT, pos=pixel(scores, 0.5))
    assert window.filter_panel.filter() == PhotoFilter()


def test_drawing_over_the_timeline_filters_by_capture_time(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())  # a minute apart from 14:03:07
    show_strip(qtbot, window)
    times = window.strip.times
    times.setFocus()

    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        qtbot.keyClick(times, Key.Key_Right)
        qtbot.keyClick(times, Key.Key_Right, SHIFT)

    qtbot.waitUntil(lambda: len(window.grid.model().ids) == 2, timeout=5000)
    wanted = window.filter_panel.filter()
    assert wanted.taken_from == datetime(2024, 5, 12, 14, 4)
    assert wanted.taken_before == datetime(2024, 5, 12, 14, 6)
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        qtbot.keyClick(times, Key.Key_Escape)
    assert window.filter_panel.filter() == PhotoFilter()


def test_a_chart_counts_the_album_without_its_own_filter_and_with_the_other(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    window = show_window(make_library())
    show_strip(qtbot, window)
    counted = []
    window.reader.spreading_loaded.connect(counted.append)

    with qtbot.waitSignal(window.reader.spreading_loaded, timeout=5000):
        window.filter_panel.set_filter(PhotoFilter(score_at_least=6.5))

    assert sum(counted[-1].histogram.counts) == 6
    assert sum(counted[-1].timeline.counts) == 2


def test_without_photos_no_chart_says_what_photos_lack(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    show_strip(qtbot, window)

    with qtbot.waitSignal(window.reader.spreading_loaded, timeout=5000):
        window.filter_panel.set_filter(PhotoFilter(text="nothing like it"))

    assert [chart.accessibleDescription() for chart in (window.strip.scores, window.strip.times)] == ["No photos"] * 2


def test_the_strip_makes_way_for_the_loupe(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    show_strip(qtbot, window)
    below_the_grid = window.strip.isVisible()

    window.views.show_loupe()
    beside_the_loupe = window.strip.isVisible()
    window.views.show_grid()

    assert (below_the_grid, beside_the_loupe, window.strip.isVisible()) == (True, False, True)


@given(
    edges=st.lists(st.integers(-1000, 1000), min_size=2, max_size=20, unique=True).map(sorted),
    value=st.integers(-1100, 1100),
)
def test_a_value_stands_between_the_edges_that_enclose_it(edges: list[int], value: int) -> None:
    place = place_of(edges, value)

    assert 0 <= place <= len(edges) - 1
    if edges[0] <= value < edges[-1]:
        assert edges[int(place)] <= value < edges[int(place) + 1]


@pytest.mark.parametrize(
    ("step", "each", "edges", "marks"),
    [
        ("year", 1, [datetime(year, 1, 1) for year in range(2019, 2026)], ["2020", "2022", "2024"]),
        ("month", 1, [datetime(2023, month, 1) for month in range(11, 13)] + [datetime(2024, m, 1) for m in (1, 2, 3)],
         ["2024"]),
        ("minute", 1, [datetime(2024, 5, 12, 14) + timedelta(minutes=n) for n in range(9)], ["14:00", "14:05"]),
        ("day", 1, [datetime(2024, 5, 10) + timedelta(days=n) for n in range(9)], ["13 May"]),
    ],
)  # fmt: skip
def test_marks_stand_where_clock_and_calendar_turn(
    step: str, each: int, edges: list[datetime], marks: list[str]
) -> None:
    axis = time_axis(Timeline(tuple(edges), (0,) * (len(edges) - 1), step, each))

    assert [axis.mark(edge) for edge in axis.marks(most=4)][: len(marks)] == marks


def test_bins_are_said_in_words() -> None:
    scores = score_axis(Histogram((1.0, 1.2, 1.4), (3, 1)))
    months = time_axis(Timeline((datetime(2024, 5, 1), datetime(2024, 6, 1)), (2,), "month", 1))

    assert scores.said(0, 2) == "1.0 to 1.4: 4 photos"
    assert months.said(0, 1) == "May 2024: 2 photos"
