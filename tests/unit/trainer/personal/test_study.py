"""The study of personal models: people judge as they are said to, and every table is made."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aesthetic_studio.errors import KnownError
from aesthetic_studio.judgements import PreferenceSource
from trainer.data.votes import read_votes
from trainer.personal.preference import Scaling
from trainer.studies import people
from trainer.studies import personal as study_module
from trainer.studies.people import Person, RandomPerson
from trainer.studies.personal import PersonalStudySettings, pair_accuracy
from trainer.studies.worlds import World, read_people

from .conftest import picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trainer.personal.features import PhotoFeatures


@pytest.fixture(scope="module")
def judged_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety photos of three sources, with the votes of two panels."""
    folder = tmp_path_factory.mktemp("judged")
    generator = np.random.default_rng(0)
    stars = [f"stars{k}" for k in range(1, 6)]
    with (
        (folder / "ratings.csv").open("w", newline="") as ratings,
        (folder / "panels.csv").open("w", newline="") as two,
    ):
        table, panels = csv.writer(ratings), csv.writer(two)
        table.writerow(["file", "source", *stars])
        panels.writerow(["file", "panel", *stars])
        for number in range(90):
            picture(number).save(folder / f"{number:03d}.png")
            votes = [generator.multinomial(20, generator.dirichlet(np.ones(5))) for _ in range(2)]
            table.writerow([f"{number:03d}.png", "abc"[number % 3], *sum(votes)])
            for panel, given in zip(("one", "two"), votes, strict=True):
                panels.writerow([f"{number:03d}.png", panel, *given])
    return folder


def test_a_panels_member_gives_stars_that_the_panel_gave(judged_photos: Path) -> None:
    photos, _ = read_votes(judged_photos, 24)
    panel = people.panels(judged_photos, photos)[0]
    assert panel.votes is not None
    rows = np.repeat(np.arange(10), 50)
    stars = panel.rate(rows, np.random.default_rng(0)).astype(int)
    assert all(panel.votes[row, given - 1] > 0 for row, given in zip(rows, stars, strict=True))


def test_a_taste_gives_more_stars_to_what_it_likes() -> None:
    person = Person("made", np.linspace(-2, 2, 50))
    stars = person.rate(np.arange(50), np.random.default_rng(0))
    assert stars[:15].mean() < 2.5 < 3.5 < stars[-15:].mean()
    assert set(stars) <= {1.0, 2.0, 3.0, 4.0, 5.0}


def test_members_of_a_panel_may_see_no_difference() -> None:
    votes = np.zeros((2, 5))
    votes[:, 2] = 4  # everybody gives both three stars
    judged = people.judge_pairs(Person("panel", np.zeros(2), votes), np.asarray([[0, 1]]), np.random.default_rng(0))
    assert judged.preferences[0].source == PreferenceSource.TIE


def test_random_people_have_no_order() -> None:
    truth = np.arange(400.0)
    stars = RandomPerson().rate(np.arange(400), np.random.default_rng(0))
    assert pair_accuracy(stars, truth) == pytest.approx(0.5, abs=0.05)


def test_a_set_without_panels_is_told(tmp_path: Path, judged_photos: Path) -> None:
    photos, _ = read_votes(judged_photos, 24)
    with pytest.raises(KnownError, match=r"panels\.csv"):
        people.panels(tmp_path, photos)


def test_every_table_is_made(
    judged_photos: Path,
    tmp_path: Path,
    made_features: Callable[[int, int], PhotoFeatures],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    features = made_features(90, 1)
    rows = np.arange(90)
    world = World("a + b", features, Scaling.of(features).apply(features), rows)
    monkeypatch.setattr(study_module, "left_out_worlds", lambda _photos, _members: [world] * 3)
    photos, everyone = read_people(judged_photos)
    some = [one for one in everyone if one.name in ("panel one", "all panels", "colourful")]
    monkeypatch.setattr(study_module, "read_people", lambda _data: (photos, some))
    for name, value in (("COUNTS", (10, 30)), ("GATE_COUNTS", (30,)), ("ASKED_COUNTS", (10,)), ("TIMED", 30)):
        monkeypatch.setattr(study_module, name, value)
    study_module.study(judged_photos, tmp_path, PersonalStudySettings(seeds=1, gate_runs=1, power_runs=1))
    told = capsys.readouterr().out
    for heading in (
        "## Stars",
        "## Pairs",
        "## Without",
        "## Whose",
        "## Pairs chosen",
        "## Random",
        "## Real",
        "## Time",
    ):
        assert heading in told
    assert "| panel one |" in told and "| colourful * |" in told and "| all panels |" in told
    assert (tmp_path / "table.md").read_text(encoding="utf-8").strip() in told
    assert (tmp_path / "personal.png").stat().st_size > 10_000


def test_sources_that_cannot_be_left_out_are_told(tmp_path: Path, judged_photos: Path) -> None:
    text = (judged_photos / "ratings.csv").read_text().replace(".png,b,", ".png,a,").replace(".png,c,", ".png,a,")
    (tmp_path / "ratings.csv").write_text(text)
    for number in range(90):
        (tmp_path / f"{number:03d}.png").write_bytes((judged_photos / f"{number:03d}.png").read_bytes())
    with pytest.raises(KnownError, match="fewer than three sources"):
        read_people(tmp_path)
