"""The inspector says in words what the numbers mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel

from aesthetic_studio.albums import PhotoFilter
from aesthetic_studio.desktop.inspector.panel import (
    Inspector,
    measurement_in_words,
    reference_in_words,
    standing_in_words,
)
from aesthetic_studio.desktop.inspector.parts import DistributionPlot
from aesthetic_studio.desktop.work.reader import Details, read_details
from aesthetic_studio.models import registry
from aesthetic_studio.records import Flag, PhotoState, ScoreDistribution, SeriesKind, VerdictChange

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Make = Callable[..., Any]


@pytest.fixture
def inspector(qtbot: QtBot) -> Inspector:
    made = Inspector()
    qtbot.addWidget(made)
    made.resize(300, 900)
    made.show()
    return made


def said(inspector: Inspector) -> str:
    """All text that is visible, as it would be read aloud."""
    labels = [label for label in inspector.findChildren(QLabel) if label.isVisibleTo(inspector)]
    return "\n".join(label.text().replace("\u200b", "") for label in labels)


def details_of(library: Any, place: int = 0) -> Details:
    details = read_details(library.catalogue, library.ids[place], PhotoFilter())
    assert details is not None
    return details


def test_exposure_is_said_as_photographers_say_it(inspector: Inspector, make_library: Make) -> None:
    inspector.show_details(details_of(make_library()))

    for words in ("1/250 s", "f/2.8", "50 mm", "400", "−0.3 EV", "Canon EOS 5D", "14:03:07", "UTC+02:00"):
        assert words in said(inspector)


def test_what_was_written_about_a_photo_is_shown_where_there_is_something(
    inspector: Inspector, make_library: Make
) -> None:
    details = details_of(make_library())
    inspector.show_details(details)
    assert "WORDS" not in said(inspector)

    metadata = replace(details.record.metadata, caption="Boats\nAt dawn", keywords=("sea", "mist"))
    inspector.show_details(replace(details, record=replace(details.record, metadata=metadata)))
    assert "Boats\nAt dawn" in said(inspector)
    assert "sea, mist" in said(inspector)


def test_score_spread_and_standing_are_said(inspector: Inspector, make_library: Make) -> None:
    inspector.show_details(details_of(make_library()))

    assert "The best of this library" in said(inspector)
    assert "Spread 1." in said(inspector)


def test_a_standing_among_varied_photos_is_said_where_the_model_knows_of_some(
    inspector: Inspector, make_library: Make
) -> None:
    details = details_of(make_library())
    assert details.standing is None
    inspector.show_details(details)
    assert "The best of this library" in said(inspector)
    assert "varied photos" not in said(inspector)

    inspector.show_details(replace(details, standing=63.4))
    assert "The best of this shoot of 6\nBetter than 63% of varied photos" in said(inspector)

    inspector.show_details(replace(details, ahead_of=None, in_library=None, in_shoot=None, standing=63.4))
    assert "The best of" not in said(inspector)
    assert "Better than 63% of varied photos" in said(inspector)

    inspector.show_details(details)
    assert "varied photos" not in said(inspector), "what was said of another photo is gone"


def test_the_standing_is_that_of_the_model_that_scored(make_library: Make, own_data_folder: Path) -> None:
    library = make_library(2)
    content = library.catalogue.photos(library.ids[:1])[0].content_id
    card = replace(registry.find_card("embedded"), name="standing-shown", version="3", reference=(2.0, 4.0, 6.0))
    card.save(own_data_folder / "models" / card.name)
    votes = ScoreDistribution((0.0,) * 4 + (1.0,) + (0.0,) * 5)
    for version, standing in (("3", 75.0), ("4", None)):
        library.catalogue.set_active_model(card.name, version)
        library.catalogue.store_scores(card.name, version, [(content, votes)])
        assert details_of(library).standing == standing
    assert details_of(library, 1).standing is None, "not scored by it"


def test_a_photo_is_placed_in_the_library_in_the_chosen_folders_and_in_its_shoot(
    inspector: Inspector, make_library: Make
) -> None:
    library = make_library(4)
    for number in range(6):
        library.add(f"other-{number}.jpg", folder=f"{library.folder}/other", score=9.0)
    second = library.ids[1]

    chosen = read_details(library.catalogue, second, PhotoFilter(folders=(f"{library.folder}/other",)))
    everywhere = read_details(library.catalogue, second, PhotoFilter())
    assert chosen is not None
    assert everywhere is not None
    inspector.show_details(everywhere)
    assert "Better than 22% of this library\nBetter than 67% of this shoot of 4" in said(inspector)
    assert "these photos" not in said(inspector)
    inspector.show_details(chosen)
    assert "The last of these photos" in said(inspector)


def test_a_shoot_ends_with_its_day_and_its_folder(make_library: Make) -> None:
    library = make_library(3)
    library.add("past-midnight.jpg", minute=12 * 60)
    library.add("next-day.jpg", minute=24 * 60)
    library.add("elsewhere.jpg", folder=f"{library.folder}/other", minute=1)

    details = details_of(library)

    assert details.shoot_size == 4, "the next day's is another shoot, the one past midnight is not"
    assert details.in_shoot == 1.0


def test_sub_scores_are_placed_within_the_burst(inspector: Inspector, make_library: Make) -> None:
    library = make_library(4)
    library.group(library.ids[:3])
    details = details_of(library)
    frames = tuple(
        replace(frame, measurements=replace(frame.measurements, sharpness=0.3 + place / 10, exposure_ev=-place))
        for place, frame in enumerate(details.frames)
    )
    inspector.show_details(replace(details, record=frames[2], frames=frames))
    for words in ("BESIDE ITS BURST", "the sharpest of 3", "all alike", "−1.0 EV beside the others"):
        assert words in said(inspector)
    inspector.show_details(replace(details, record=frames[0], frames=frames))
    assert "3 of 3" in said(inspector)

    inspector.show_details(details_of(library, 3))
    assert "BESIDE ITS BURST" not in said(inspector), "it is no frame of a burst"


def test_frames_that_differ_on_purpose_are_not_placed_beside_each_other(make_library: Make) -> None:
    library = make_library(4)
    library.group(library.ids[:3], SeriesKind.BRACKET)
    assert details_of(library).frames == ()


def test_the_plot_says_its_votes(inspector: Inspector, make_library: Make) -> None:
    library = make_library()
    inspector.show_details(details_of(library))
    plot = inspector.findChild(DistributionPlot)

    mean = details_of(library).record.score.distribution.mean
    assert f"Mean {mean:.1f}" in plot.accessibleDescription()


def test_the_verdict_is_said(inspector: Inspector, make_library: Make) -> None:
    library = make_library()
    library.catalogue.decide([library.ids[0]], VerdictChange(rating=4, flag=Flag.PICK), "x")

    inspector.show_details(details_of(library))

    assert "★★★★ · Picked" in said(inspector)


def test_an_unscored_photo_says_so(inspector: Inspector, make_library: Make) -> None:
    library = make_library(1)
    library.add("new.jpg", score=None)

    inspector.show_details(details_of(library, 1))

    assert "Not scored yet" in said(inspector)


def test_reasons_and_place_in_the_burst_are_said(inspector: Inspector, make_library: Make) -> None:
    library = make_library()
    library.group(library.ids[:3])

    inspector.show_details(details_of(library))

    assert "Burst of 3, place 1" in said(inspector)
    assert "sharpest of the burst" in said(inspector)


def test_identical_files_and_companions_are_named(inspector: Inspector, make_library: Make) -> None:
    details = details_of(make_library())
    twin = replace(details.record, id=99, path=Path("/elsewhere/copy.jpg"))

    inspector.show_details(
        replace(details, record=replace(details.record, companions=("photo-00.CR2",)), twins=(twin,))
    )

    assert "photo-00.CR2" in said(inspector)
    assert "/elsewhere/copy.jpg" in said(inspector)


def test_a_missing_file_says_that_nothing_is_lost(inspector: Inspector, make_library: Make) -> None:
    details = details_of(make_library())

    inspector.show_details(replace(details, record=replace(details.record, state=PhotoState.MISSING)))

    assert "are kept" in said(inspector)


def test_a_name_without_a_place_to_break_does_not_widen_the_panel(inspector: Inspector, make_library: Make) -> None:
    details = details_of(make_library())

    inspector.show_details(replace(details, record=replace(details.record, path=Path("/p") / ("x" * 250 + ".jpg"))))

    assert inspector.widget().width() <= inspector.viewport().width()


def test_no_photo_is_no_failure(inspector: Inspector, make_library: Make) -> None:
    inspector.show_details(details_of(make_library()))

    inspector.show_details(None)

    assert said(inspector).strip() == "No photo chosen"


def test_the_heat_map_is_a_picture_or_a_reason(inspector: Inspector, make_library: Make) -> None:
    inspector.show_details(details_of(make_library()))
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(0)

    inspector.show_heat_map(image)
    shown = inspector._heat_picture.isVisibleTo(inspector)
    inspector.show_heat_map(None, "The model could not be asked.")

    assert shown
    assert not inspector._heat_picture.isVisibleTo(inspector)
    assert "could not be asked" in said(inspector)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("sharpness", 0.432, "43 %"),
        ("noise", 0.0123, "1.2 %"),
        ("exposure_ev", -1.5, "−1.5 EV"),
        ("tilt_degrees", 2.04, "+2.0°"),
        ("tilt_degrees", 0.1, "level"),
    ],
)
def test_measurements_have_units(field: str, value: float, words: str) -> None:
    assert measurement_in_words(field, value) == words


@pytest.mark.parametrize(
    ("ahead_of", "words"),
    [
        (None, ""),
        (1.0, "The best of these photos"),
        (0.0, "The last of these photos"),
        (0.5, "Better than 50% of these photos"),
    ],
)
def test_the_standing_is_said_in_words(ahead_of: float | None, words: str) -> None:
    assert standing_in_words(ahead_of) == words


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (None, ""),
        (0.0, "Among the last of varied photos"),
        (49.6, "Better than 49% of varied photos"),
        (100.0, "Better than 99% of varied photos"),
    ],
)
def test_the_standing_among_varied_photos_is_said_in_words(standing: float | None, words: str) -> None:
    assert reference_in_words(standing) == words
