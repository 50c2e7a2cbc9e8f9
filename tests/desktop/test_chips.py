"""The line above the photos says which filters are on and how many photos they hide, in every view."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from aesthetic_studio.albums import Comparison, GroupKind, PhotoFilter
from aesthetic_studio.desktop.toolkit.filter_words import filter_parts
from aesthetic_studio.records import Flag, Label, PhotoState, VerdictChange

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.side.chips import ChipBar

Make = Callable[..., Any]
NOON = datetime(2024, 5, 12, 12)
PICKED = PhotoFilter(flags=frozenset({Flag.PICK}))


def chips(bar: ChipBar) -> list[str]:
    return [chip.accessibleName().removeprefix("Remove the filter: ") for chip in buttons(bar)]


def buttons(bar: ChipBar) -> list[QPushButton]:
    return [chip for chip in bar.findChildren(QPushButton, "chip") if not chip.isHidden()]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (PhotoFilter(rating=3), "★ ≥ 3"),
        (PhotoFilter(rating=3, rating_comparison=Comparison.EXACTLY), "★ = 3"),
        (PhotoFilter(rating=2, rating_comparison=Comparison.AT_MOST), "★ ≤ 2"),
        (PhotoFilter(rating=0, rating_comparison=Comparison.EXACTLY), "Unrated"),
        (PhotoFilter(iso_at_least=800, iso_at_most=3200), "ISO 800–3200"),
        (PhotoFilter(iso_at_least=800), "ISO ≥ 800"),
        (PhotoFilter(focal_at_least=24, focal_at_most=70.5), "24–70.5 mm"),
        (PhotoFilter(score_at_most=4.5), "Score ≤ 4.5"),
        (PhotoFilter(sharpness_at_least=75), "Sharpest 25 %"),
        (PhotoFilter(sharpness_at_most=10), "Softest 10 %"),
        (PhotoFilter(flags=frozenset({Flag.REJECT, Flag.PICK})), "Picked or rejected"),
        (PhotoFilter(labels=frozenset({Label.RED, Label.BLUE})), "Red or blue"),
        (PhotoFilter(groups=frozenset({GroupKind.SINGLE, GroupKind.FOCUS})), "Single photos or focus stacks"),
        (PhotoFilter(states=frozenset({PhotoState.MISSING})), "Missing"),
        (PhotoFilter(faces_at_least=1), "With faces"),
        (PhotoFilter(faces_at_least=1, faces_at_most=1), "One face"),
        (PhotoFilter(faces_at_least=2), "Faces ≥ 2"),
        (PhotoFilter(faces_at_least=1, faces_at_most=3), "Faces 1–3"),
        (PhotoFilter(faces_at_most=0), "No faces"),
        (PhotoFilter(eyes_closed=True), "Eyes closed"),
        (PhotoFilter(eyes_closed=False), "No eyes closed"),
        (PhotoFilter(folders=("/photos/Sea",)), "In Sea"),
        (PhotoFilter(text="boat"), "“boat”"),
        (PhotoFilter(taken_from=datetime(2024, 5, 12), taken_before=datetime(2024, 5, 13)), "12 May 2024"),
        (PhotoFilter(taken_from=datetime(2024, 5, 12), taken_before=datetime(2024, 6, 3)), "12 May – 2 Jun 2024"),
        (PhotoFilter(taken_from=NOON, taken_before=NOON.replace(minute=20)), "12 May 2024, 12:00–12:20"),
        (PhotoFilter(taken_from=datetime(2024, 5, 12)), "Since 12 May 2024"),
        (PhotoFilter(taken_before=datetime(2024, 5, 13)), "Until 12 May 2024"),
    ],
)
def test_a_filter_is_said_as_photographers_say_it(wanted: PhotoFilter, said: str) -> None:
    assert [part.text for part in filter_parts(wanted)] == [said]


@given(
    wanted=st.builds(
        PhotoFilter,
        folders=st.sampled_from([(), ("/a",), ("/a", "/b")]),
        text=st.sampled_from(["", "sea"]),
        score_at_least=st.none() | st.just(5.0),
        rating=st.none() | st.just(3),
        flags=st.none() | st.just(frozenset({Flag.PICK})),
        labels=st.none() | st.just(frozenset({Label.RED})),
        camera=st.none() | st.just("R5"),
        lens=st.none() | st.just("50mm"),
        states=st.none() | st.just(frozenset({PhotoState.MISSING})),
        groups=st.none() | st.just(frozenset({GroupKind.BURST})),
        focal_at_most=st.none() | st.just(50.0),
        iso_at_least=st.none() | st.just(100),
        taken_from=st.none() | st.just(NOON),
        taken_before=st.none() | st.just(NOON),
        spread_at_most=st.none() | st.just(1.5),
        sharpness_at_least=st.none() | st.just(50.0),
        series_id=st.none() | st.just(7),
    )
)
def test_taking_off_one_part_after_the_other_leaves_the_empty_filter(wanted: PhotoFilter) -> None:
    parts = filter_parts(wanted)
    for left in range(len(parts), 0, -1):
        assert len(filter_parts(wanted)) == left
        wanted = filter_parts(wanted)[0].without

    assert wanted == PhotoFilter()


def test_each_chip_takes_off_its_own_filter(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    with qtbot.waitSignal(window.album.loaded):
        window.filter_panel.set_filter(PhotoFilter(text="photo", score_at_least=5.0))
    shown = chips(window.chips)

    with qtbot.waitSignal(window.album.loaded):
        qtbot.mouseClick(buttons(window.chips)[1], Qt.MouseButton.LeftButton)

    assert shown == ["“photo”", "Score ≥ 5"]
    assert chips(window.chips) == ["“photo”"]
    assert window.filter_panel.filter() == PhotoFilter(text="photo")


def test_a_folders_chip_lets_the_tree_go_back_to_all_photos(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library()
    window = show_window(library)
    with qtbot.waitSignal(window.album.loaded):
        window.folder_tree.choose([library.folder])

    with qtbot.waitSignal(window.album.loaded):
        buttons(window.chips)[0].click()

    assert window.folder_tree.chosen() == ()
    assert window.chips.isHidden()


def test_chips_are_taken_off_by_keyboard_one_after_the_other(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    window = show_window(make_library())
    with qtbot.waitSignal(window.album.loaded):
        window.filter_panel.set_filter(PhotoFilter(text="photo", score_at_least=2.0))

    buttons(window.chips)[0].setFocus()
    for _ in range(2):
        with qtbot.waitSignal(window.album.loaded):
            qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Space)

    assert window.filter_panel.filter() == PhotoFilter()
    assert window.views.has_focus()


@pytest.mark.parametrize("view", ["show_grid", "show_loupe", "show_burst"])
def test_how_many_are_hidden_is_in_sight_in_every_view_and_without_panels(
    qtbot: QtBot, make_library: Make, show_window: Make, view: str
) -> None:
    library = make_library()
    library.group(library.ids[:2])
    library.catalogue.decide(library.ids[:2], VerdictChange(flag=Flag.PICK), "x")
    window = show_window(library)
    with qtbot.waitSignal(window.album.loaded):
        window.filter_panel.set_filter(PICKED)
    getattr(window.views, view)()
    window.panels.toggle_both()

    link = window.chips.findChild(QPushButton, "showAll")
    assert link.isVisible()
    assert link.text() == "4 hidden – show all"
    with qtbot.waitSignal(window.album.loaded):
        link.click()
    assert link.isHidden()
    assert window.album.answer.hidden == 0


def test_the_number_of_hidden_photos_is_whole_at_any_width(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    with qtbot.waitSignal(window.album.loaded):
        window.filter_panel.set_filter(
            PhotoFilter(
                text="a text that is rather long for a chip of this line", iso_at_least=100, lens="EF 50mm", rating=5
            )
        )
    link = window.chips.findChild(QPushButton, "showAll")
    for width in range(810, 1640, 80):
        window.resize(width, 700)
        window.chips.show_hidden(99_926)
        qtbot.waitUntil(lambda: link.width() >= link.sizeHint().width(), timeout=2000)

        for chip in buttons(window.chips):
            assert chip.text().endswith("✕")
            assert chip.fontMetrics().horizontalAdvance(chip.text()) < chip.width()
            assert window.chips.rect().contains(chip.mapTo(window.chips, chip.rect().bottomRight()))
