"""Each field of the filter does what it says, alone and together, by keyboard."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QDateEdit, QScrollArea, QToolButton, QWidget

from aesthetic_studio.albums import Comparison, GroupKind, PhotoFilter
from aesthetic_studio.desktop.side.filter_panel import FilterPanel
from aesthetic_studio.records import Flag, Label, PhotoState, VerdictChange

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Make = Callable[..., Any]
Key = Qt.Key
CAMERAS = [("Canon EOS 5D", 5), ("Ricoh GR", 1)]
LENSES = [("EF 50mm", 5), ("GR 18mm", 1)]
NOON = datetime(2024, 5, 12, 12)

filters = st.builds(
    PhotoFilter,
    folders=st.sampled_from([(), ("/photos",), ("/photos/a", "/photos/b")]),
    text=st.sampled_from(["", "sea", "two words", "été"]),
    score_at_least=st.none() | st.floats(1.01, 10),
    score_at_most=st.none() | st.floats(1, 9.99),
    rating=st.none() | st.integers(1, 5),
    flags=st.none() | st.frozensets(st.sampled_from(Flag), min_size=1),
    labels=st.none() | st.frozensets(st.sampled_from(Label), min_size=1),
    camera=st.none() | st.sampled_from(["Canon EOS 5D", "Ricoh GR", "one that is not listed"]),
    lens=st.none() | st.sampled_from(["EF 50mm", "GR 18mm"]),
    states=st.none() | st.frozensets(st.sampled_from(PhotoState), min_size=1),
    groups=st.none() | st.frozensets(st.sampled_from(GroupKind), min_size=1),
    focal_at_least=st.none() | st.floats(1, 900),
    iso_at_most=st.none() | st.integers(1, 102_400),
    taken_from=st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)),
    taken_before=st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)),
    spread_at_least=st.none() | st.floats(0.1, 4),
    sharpness_at_most=st.none() | st.floats(1, 99),
    faces_at_least=st.none() | st.integers(0, 3),
    faces_at_most=st.none() | st.integers(0, 3),
    eyes_closed=st.none() | st.booleans(),
)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[FilterPanel]:
    host, made = QScrollArea(), FilterPanel()
    qtbot.addWidget(host)
    made.set_cameras(CAMERAS)
    made.set_lenses(LENSES)
    made.set_days((NOON, NOON + timedelta(days=400)))
    made.set_more_shown(shown=True)
    host.setWidget(made)
    host.show()
    yield made
    host.close()


def control(panel: FilterPanel, name: str) -> Any:
    [found] = [each for each in panel.findChildren(QWidget) if each.accessibleName() == name]
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(wanted=filters)
@example(wanted=PhotoFilter(focal_at_least=2.5))  # Qt shows it as 3, Python rounds it to 2
def test_a_filter_that_is_set_stays_exactly_that_while_other_fields_are_edited(
    panel: FilterPanel, wanted: PhotoFilter
) -> None:
    panel.set_filter(wanted)
    stars = control(panel, "Stars")
    stars.setCurrentIndex((stars.currentIndex() + 1) % stars.count())
    edited = panel.filter()
    line = control(panel, "Highest focal length")
    line.setValue(77 if line.value() != 77 else 78)

    assert dataclasses.replace(edited, rating=wanted.rating, rating_comparison=wanted.rating_comparison) == wanted
    assert panel.filter().focal_at_most in (77, 78)
    assert panel.filter().focal_at_least == wanted.focal_at_least, "a bound beside the one that is edited stays exact"


def step(name: str, *keys: Qt.Key) -> Callable[[QtBot, FilterPanel], None]:
    def do(qtbot: QtBot, panel: FilterPanel) -> None:
        for key in keys:
            qtbot.keyClick(control(panel, name), key)

    return do


def typed(name: str, text: str) -> Callable[[QtBot, FilterPanel], None]:
    def do(qtbot: QtBot, panel: FilterPanel) -> None:
        box = control(panel, name)
        box.setFocus()
        box.selectAll()
        qtbot.keyClicks(box, text)
        qtbot.keyClick(box, Key.Key_Return)

    return do


@pytest.mark.parametrize(
    ("edit", "wanted"),
    [
        (typed("Lowest score", "6.5"), PhotoFilter(score_at_least=6.5)),
        (typed("Highest score", "4"), PhotoFilter(score_at_most=4.0)),
        (step("Stars", Key.Key_Down), PhotoFilter(rating=0, rating_comparison=Comparison.EXACTLY)),
        (step("Stars", Key.Key_Down, Key.Key_Down, Key.Key_Down), PhotoFilter(rating=2)),
        (step("Only picked", Key.Key_Space), PhotoFilter(flags=frozenset({Flag.PICK}))),
        (step("Only blue", Key.Key_Space), PhotoFilter(labels=frozenset({Label.BLUE}))),
        (step("Camera", Key.Key_Down, Key.Key_Down), PhotoFilter(camera="Ricoh GR")),
        (step("Lens", Key.Key_Down), PhotoFilter(lens="EF 50mm")),
        (typed("Lowest focal length", "24"), PhotoFilter(focal_at_least=24.0)),
        (step("Highest focal length", Key.Key_Up, Key.Key_Up), PhotoFilter(focal_at_most=10.0)),
        (step("Lowest ISO", Key.Key_Up, Key.Key_Up, Key.Key_Up), PhotoFilter(iso_at_least=200)),
        (typed("Highest ISO", "3200"), PhotoFilter(iso_at_most=3200)),
        (typed("Lowest spread", "1.2"), PhotoFilter(spread_at_least=1.2)),
        (typed("Highest sharpness", "10"), PhotoFilter(sharpness_at_most=10.0)),
        (step("Lowest sharpness", Key.Key_Up), PhotoFilter(sharpness_at_least=5.0)),
        (step("Only bursts", Key.Key_Space), PhotoFilter(groups=frozenset({GroupKind.BURST}))),
        (step("Only single photos", Key.Key_Space), PhotoFilter(groups=frozenset({GroupKind.SINGLE}))),
        (step("Faces", Key.Key_Down), PhotoFilter(faces_at_least=1)),
        (step("Faces", *[Key.Key_Down] * 4), PhotoFilter(faces_at_most=0)),
        (step("Faces", *[Key.Key_Down] * 5), PhotoFilter(eyes_closed=True)),
        (step("Faces", *[Key.Key_Down] * 5, *[Key.Key_Up] * 5), PhotoFilter()),
        (step("State", Key.Key_Down, Key.Key_Down), PhotoFilter(states=frozenset({PhotoState.MISSING}))),
        (step("First day", Key.Key_Up), PhotoFilter(taken_from=datetime(2024, 5, 12))),
        (step("Last day", Key.Key_Up), PhotoFilter(taken_before=datetime(2025, 6, 17))),
        (step("Last day", Key.Key_Up, Key.Key_Delete), PhotoFilter()),
    ],
)
def test_every_field_is_worked_by_keyboard(
    qtbot: QtBot, panel: FilterPanel, edit: Callable[[QtBot, FilterPanel], None], wanted: PhotoFilter
) -> None:
    edit(qtbot, panel)

    assert panel.filter() == wanted


def test_what_is_set_is_shown(panel: FilterPanel) -> None:
    panel.set_filter(
        PhotoFilter(
            iso_at_least=800,
            iso_at_most=3200,
            focal_at_most=85,
            lens="GR 18mm",
            taken_from=NOON,
            taken_before=datetime(2024, 6, 1),
            groups=frozenset({GroupKind.PANORAMA}),
            rating=2,
            rating_comparison=Comparison.AT_MOST,
        )
    )

    boxes = {box.accessibleName(): box.text() for box in panel.findChildren(QAbstractSpinBox)}
    assert (boxes["Lowest ISO"], boxes["Highest ISO"]) == ("800", "3200")
    assert (boxes["Lowest focal length"], boxes["Highest focal length"]) == ("any", "85 mm")
    assert control(panel, "First day").date() == QDate(2024, 5, 12)
    assert control(panel, "Last day").date() == QDate(2024, 5, 31), "a range that ends at midnight ends the day before"
    assert control(panel, "Lens").currentText() == "GR 18mm (1)"
    assert control(panel, "How stars compare").currentText() == "or fewer"
    assert [b.accessibleName() for b in panel.findChildren(QToolButton) if b.isChecked() and b.toolTip()] == [
        "Only panoramas"
    ]


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_calendar_opens_where_the_photos_are(qtbot: QtBot, panel: FilterPanel) -> None:
    for name, month in (("First day", 5), ("Last day", 6)):
        day: QDateEdit = control(panel, name)
        qtbot.keyClick(day, Key.Key_Down, Qt.KeyboardModifier.AltModifier)

        assert day.calendarWidget().isVisible()
        assert day.calendarWidget().monthShown() == month
        day.calendarWidget().window().close()


@pytest.mark.parametrize("comparison", Comparison)
@pytest.mark.parametrize("rating", range(1, 6))
def test_stars_compare_as_chosen(panel: FilterPanel, rating: int, comparison: Comparison) -> None:
    stars, compare = control(panel, "Stars"), control(panel, "How stars compare")
    words = {Comparison.AT_LEAST: "or more", Comparison.EXACTLY: "exactly", Comparison.AT_MOST: "or fewer"}

    stars.setCurrentIndex(rating + 1)
    compare.setCurrentText(words[comparison])

    assert panel.filter() == PhotoFilter(rating=rating, rating_comparison=comparison)


def test_unrated_means_exactly_that(panel: FilterPanel) -> None:
    panel.set_filter(PhotoFilter(rating=0, rating_comparison=Comparison.AT_LEAST))

    assert panel.filter().rating_comparison is Comparison.EXACTLY


def test_setting_everything_is_told_once(qtbot: QtBot, panel: FilterPanel) -> None:
    told: list[PhotoFilter] = []
    panel.filter_changed.connect(told.append)

    panel.set_filter(PhotoFilter(text="sea", rating=3, flags=frozenset({Flag.PICK}), score_at_least=5.0))

    assert len(told) == 1


def test_clearing_keeps_the_chosen_folders(panel: FilterPanel) -> None:
    panel.set_filter(PhotoFilter(folders=("/photos",), text="sea", rating=3, iso_at_least=100))

    panel.clear()

    assert panel.filter() == PhotoFilter(folders=("/photos",))


def test_the_chosen_camera_survives_new_counts(panel: FilterPanel) -> None:
    panel.set_filter(PhotoFilter(camera="Ricoh GR"))

    panel.set_cameras([("Canon EOS 5D", 6), ("Nikon D70", 2), ("Ricoh GR", 2)])

    assert panel.filter().camera == "Ricoh GR"
    box: QComboBox = control(panel, "Camera")
    assert box.currentText() == "Ricoh GR (2)"


def test_what_filters_behind_more_is_counted_there(panel: FilterPanel) -> None:
    more = panel.findChild(QToolButton, "moreFilters")
    panel.set_more_shown(shown=False)
    before = more.text()

    panel.set_filter(PhotoFilter(rating=3, iso_at_least=800, iso_at_most=3200, lens="EF 50mm"))

    assert (before, more.text()) == ("More", "More · 2 on")
    assert not control(panel, "Lowest ISO").isVisible()


def test_typing_is_followed_once_it_rests(qtbot: QtBot, panel: FilterPanel) -> None:
    told: list[PhotoFilter] = []
    panel.filter_changed.connect(told.append)

    with qtbot.waitSignal(panel.filter_changed):
        qtbot.keyClicks(panel.findChild(QWidget, "filterText"), "seaside")

    assert [each.text for each in told] == ["seaside"]


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (PhotoFilter(text="photo-02"), [2]),
        (PhotoFilter(text="ricoh"), [5]),
        (PhotoFilter(camera="Canon Ricoh GR"), [5]),
        (PhotoFilter(score_at_least=7.0), [0]),
        (PhotoFilter(rating=3, rating_comparison=Comparison.EXACTLY), [1]),
        (PhotoFilter(rating=3, rating_comparison=Comparison.AT_LEAST), [1, 2]),
        (PhotoFilter(rating=3, rating_comparison=Comparison.AT_MOST), [0, 1, 3, 4, 5]),
        (PhotoFilter(flags=frozenset({Flag.REJECT})), [3]),
        (PhotoFilter(flags=frozenset({Flag.REJECT, Flag.PICK})), [0, 3]),
        (PhotoFilter(labels=frozenset({Label.BLUE})), [4]),
        (PhotoFilter(taken_before=datetime(2024, 5, 12, 14, 5)), [0, 1]),
        (PhotoFilter(rating=3, text="photo-02"), [2]),
        (PhotoFilter(folders=("/elsewhere",)), []),
    ],
)
def test_the_album_holds_what_the_filter_lets_through(
    qtbot: QtBot, make_library: Make, show_window: Make, wanted: PhotoFilter, left: list[int]
) -> None:
    library = make_library(5)
    library.add("other.jpg", camera="Ricoh GR", score=1.5)
    decide = library.catalogue.decide
    decide([library.ids[0]], VerdictChange(flag=Flag.PICK), "x")
    decide([library.ids[1]], VerdictChange(rating=3), "x")
    decide([library.ids[2]], VerdictChange(rating=5), "x")
    decide([library.ids[3]], VerdictChange(flag=Flag.REJECT), "x")
    decide([library.ids[4]], VerdictChange(label=Label.BLUE), "x")
    window = show_window(library)

    with qtbot.waitSignal(window.album.loaded):
        window.filter_panel.set_filter(wanted)

    assert sorted(library.ids.index(photo) for photo in window.grid.model().ids) == left
    assert window.album.answer.hidden == (0 if wanted.folders else 6 - len(left))
