"""The command ``ratings``, as a photographer meets it: from a library to an installed model, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aesthetic_studio.models import registry
from aesthetic_studio.pipeline.scorer import Scorer
from aesthetic_studio.records import SeriesKind
from trainer.cli import main
from trainer.personal.library import groups_of
from trainer.personal.session import Teaching
from trainer.personal.versions import Versions
from trainer.recipes.recipe import PersonalRecipe, read_as

from .conftest import PHOTOS, brightness

if TYPE_CHECKING:
    from pathlib import Path

    from aesthetic_studio.models.card import ModelCard

    from .conftest import Library

BASE = ["--base", "small"]


def run(*arguments: str) -> int:
    return main(["ratings", *arguments])


@pytest.mark.usefixtures("base")
def test_nothing_judged_says_so_and_installs_nothing(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*BASE) == 1
    assert "nothing to learn from yet" in capsys.readouterr().err
    assert library.catalogue.judgements().count == 0
    assert "personal" not in [card.name for card in registry.installed_models()]


@pytest.mark.usefixtures("base")
def test_too_few_ratings_say_how_many_more(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    library.rate({0: 1, 1: 3, 2: 5})
    assert run(*BASE) == 1
    assert "17 more will do" in capsys.readouterr().err


@pytest.mark.usefixtures("base")
def test_equal_ratings_say_so(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    library.rate(dict.fromkeys(range(30), 3))
    assert run(*BASE) == 1
    assert "all 30 ratings are equal" in capsys.readouterr().err


@pytest.mark.usefixtures("base")
def test_a_taste_is_learned_installed_and_scores(
    library: Library, dark_ratings: dict[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    library.rate(dark_ratings)
    assert run(*BASE) == 0
    told = capsys.readouterr().out
    assert "better than the base" in told
    assert "Installed as personal, version 1" in told
    assert "darker than most" in told
    scorer = Scorer("personal", "cpu")
    ids = library.ids
    previews = [library.catalogue.preview(photo) or b"" for photo in ids]
    scores = np.asarray([answer.distribution.mean for answer in scorer.score_previews(previews) if answer is not None])
    light = np.asarray([brightness(number) for number in range(PHOTOS)])
    assert np.corrcoef(scores, light)[0, 1] < -0.7
    scorer.close()


@pytest.mark.usefixtures("base")
def test_a_dry_run_keeps_and_installs_nothing(
    library: Library, dark_ratings: dict[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    library.rate(dark_ratings)
    assert run(*BASE, "--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"]["passed"] is True
    assert told["version"] is None
    assert Versions("personal").list() == []
    assert "personal" not in [card.name for card in registry.installed_models()]


@pytest.mark.usefixtures("base")
def test_random_ratings_are_kept_and_not_installed(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    generator = np.random.default_rng(3)
    library.rate({number: int(generator.integers(1, 6)) for number in range(PHOTOS)})
    assert run(*BASE) == 0
    assert "not installed" in capsys.readouterr().out
    assert Versions("personal").installed() is None
    assert [one.passed for one in Versions("personal").list()] == [False]


@pytest.mark.usefixtures("base")
def test_versions_are_kept_listed_and_reverted(
    library: Library, dark_ratings: dict[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    library.rate({number: stars for number, stars in dark_ratings.items() if number < 40})
    assert run(*BASE, "--set", "gate.level=0.1") == 0
    library.rate(dark_ratings)
    assert run(*BASE, "--set", "gate.level=0.1") == 0
    assert Versions("personal").installed() == 2
    capsys.readouterr()
    assert run("--list", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["number"], row["installed"], row["judgements"]["stars"]) for row in rows] == [
        (1, False, 40),
        (2, True, 60),
    ]
    assert run("--revert") == 0
    assert Versions("personal").installed() == 1
    assert registry.load_model("personal", "cpu").card.version.startswith("1-")
    assert run("--revert", "2") == 0
    assert Versions("personal").installed() == 2
    assert run("--revert", "0") == 0
    assert "personal" not in [card.name for card in registry.installed_models()]
    assert [one.number for one in Versions("personal").list()] == [1, 2]


@pytest.mark.usefixtures("base")
def test_the_same_judgements_make_no_second_version(library: Library, dark_ratings: dict[int, int]) -> None:
    library.rate(dark_ratings)
    assert run(*BASE) == 0
    assert run(*BASE) == 0
    assert [one.number for one in Versions("personal").list()] == [1]


@pytest.mark.usefixtures("base", "library")
def test_reverting_nothing_and_unknown_versions_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--revert") == 1
    assert "No version of personal is installed" in capsys.readouterr().err
    assert run("--revert", "7") == 1
    assert "There is no version 7" in capsys.readouterr().err


@pytest.mark.usefixtures("base")
def test_a_version_that_did_not_pass_is_never_installed(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    generator = np.random.default_rng(3)
    library.rate({number: int(generator.integers(1, 6)) for number in range(PHOTOS)})
    assert run(*BASE) == 0
    assert run("--revert", "1") == 1
    assert "was not better than its base" in capsys.readouterr().err


@pytest.mark.usefixtures("library")
def test_an_unknown_base_and_a_taken_name_are_told(base: ModelCard, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--base", "nobody") == 1
    assert "nobody" in capsys.readouterr().err
    assert run(*BASE, "--name", base.name) == 1
    assert "small is an installed model of kind embedded" in capsys.readouterr().err
    assert run(*BASE, "--name", "../elsewhere") == 1
    assert "is no name for a model" in capsys.readouterr().err


@pytest.mark.usefixtures("base")
def test_a_personal_model_is_no_base(
    library: Library, dark_ratings: dict[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    library.rate(dark_ratings)
    assert run(*BASE) == 0
    assert run("--base", "personal", "--name", "second") == 1
    assert "cannot be the base of one" in capsys.readouterr().err


def test_a_library_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--library", str(tmp_path / "none.sqlite")) == 1
    assert "none.sqlite" in capsys.readouterr().err


@pytest.mark.usefixtures("base")
def test_a_wrong_value_of_the_recipe_is_refused_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--set", "gate.level=2") == 1
    assert "gate.level" in capsys.readouterr().err


@pytest.mark.usefixtures("base")
def test_questions_come_before_the_first_judgement_and_never_twice(library: Library) -> None:
    recipe = read_as(PersonalRecipe, "personal", ['base="small"'])
    first = Teaching(library.catalogue, recipe).questions(4)
    assert all(one.why.endswith((" a large one.", " part here.")) for one in first)
    assert not any("guess" in one.why or "mine" in one.why for one in first), "names that no person has ever heard"
    assert len(first) == 4
    photos = [photo for one in first for photo in (one.first, one.second)]
    assert len(set(photos)) == 8
    for one in first:
        library.catalogue.prefer(one.first, one.second, "teach")
    again = Teaching(library.catalogue, recipe).questions(4)
    known = {frozenset((one.first, one.second)) for one in first}
    assert all(frozenset((one.first, one.second)) not in known for one in again)


def test_frames_of_a_series_and_edited_copies_are_one_group(library: Library) -> None:
    import dataclasses

    records = library.catalogue.photos(library.ids[:6])
    records[1] = dataclasses.replace(records[1], series_id=4, series_kind=SeriesKind.BURST)
    records[2] = dataclasses.replace(records[2], series_id=4, series_kind=SeriesKind.BURST)
    records[5] = dataclasses.replace(records[5], look=records[0].look)
    groups = groups_of(records, 0.6)
    assert groups[1] == groups[2]
    assert groups[0] == groups[5]
    assert len(set(groups.tolist())) == 4
