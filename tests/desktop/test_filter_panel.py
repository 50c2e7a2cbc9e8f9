"""Each field of the filter does what it says, alone and together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aesthetic_studio.albums import Comparison, PhotoFilter
from aesthetic_studio.desktop.side.filter_panel import FilterPanel
from aesthetic_studio.records import Flag, Label, PhotoState, VerdictChange

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Make = Callable[..., Any]
CAMERAS = [("Canon EOS 5D", 5), ("Ricoh GR", 1)]

filters = st.builds(
    PhotoFilter,
    folders=st.sampled_from([(), ("/photos",), ("/photos/a", "/photos/b")]),
    text=st.sampled_from(["", "sea", "two words", "été"]),
    score_at_least=st.none() | st.integers(11, 100).map(lambda tenth: tenth / 10),
    score_at_most=st.none() | st.integers(10, 99).map(lambda tenth: tenth / 10),
    flags=st.none() | st.frozensets(st.sampled_from(Flag), min_size=1),
    labels=st.none() | st.frozensets(st.sampled_from(Label), min_size=1),
    camera=st.none() | st.sampled_from([name for name, _ in CAMERAS]),
    states=st.none() | st.sampled_from(PhotoState).map(lambda state: frozenset({state})),
)


@pytest.fixture
def panel(qtbot: QtBot) -> FilterPanel:
    made = FilterPanel()
    qtbot.addWidget(made)
    made.set_cameras(CAMERAS)
    return made


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(wanted=filters)
def test_a_filter_that_is_set_is_the_filter_that_is_shown(panel: FilterPanel, wanted: PhotoFilter) -> None:
    panel.set_filter(wanted)

    assert panel.filter() == wanted


@pytest.mark.parametrize("comparison", Comparison)
@pytest.mark.parametrize("rating", range(1, 6))
def test_stars_compare_as_chosen(panel: FilterPanel, rating: int, comparison: Comparison) -> None:
    wanted = PhotoFilter(rating=rating, rating_comparison=comparison)

    panel.set_filter(wanted)

    assert panel.filter() == wanted


def test_unrated_means_exactly_that(panel: FilterPanel) -> None:
    panel.set_filter(PhotoFilter(rating=0, rating_comparison=Comparison.AT_LEAST))

    assert panel.filter().rating_comparison is Comparison.EXACTLY


def test_setting_everything_is_told_once(qtbot: QtBot, panel: FilterPanel) -> None:
    told: list[PhotoFilter] = []
    panel.filter_changed.connect(told.append)

    panel.set_filter(PhotoFilter(text="sea", rating=3, flags=frozenset({Flag.PICK}), score_at_least=5.0))

    assert len(told) == 1


def test_clearing_keeps_the_chosen_folders(panel: FilterPanel) -> None:
    panel.set_filter(PhotoFilter(folders=("/photos",), text="sea", rating=3))

    panel.clear()

    assert panel.filter() == PhotoFilter(folders=("/photos",))


def test_the_chosen_camera_survives_new_counts(panel: FilterPanel) -> None:
    panel.set_filter(PhotoFilter(camera="Ricoh GR"))

    panel.set_cameras([("Canon EOS 5D", 6), ("Nikon D70", 2), ("Ricoh GR", 2)])

    assert panel.filter().camera == "Ricoh GR"


def test_typing_is_followed_once_it_rests(qtbot: QtBot, panel: FilterPanel) -> None:
    told: list[PhotoFilter] = []
    panel.filter_changed.connect(told.append)

    with qtbot.waitSignal(panel.filter_changed):
        qtbot.keyClicks(panel.findChild(type(panel._text)), "seaside")

    assert [each.text for each in told] == ["seaside"]


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (PhotoFilter(text="photo-02"), [2]),
        (PhotoFilter(text="ricoh"), [5]),
        (PhotoFilter(score_at_least=7.0), [0]),
        (PhotoFilter(rating=3, rating_comparison=Comparison.EXACTLY), [1]),
        (PhotoFilter(rating=3, rating_comparison=Comparison.AT_LEAST), [1, 2]),
        (PhotoFilter(flags=frozenset({Flag.REJECT})), [3]),
        (PhotoFilter(flags=frozenset({Flag.REJECT, Flag.PICK})), [0, 3]),
        (PhotoFilter(labels=frozenset({Label.BLUE})), [4]),
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
