"""A planted signal is learned, the same seed gives the same model, and a run leaves what its folder promises."""

from __future__ import annotations

import csv
import dataclasses
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.card import ModelCard
from aesthetic_studio.models.registry import load_from_card
from trainer import metrics
from trainer.cli import main
from trainer.data.records import TEST
from trainer.data.votes import read_votes
from trainer.embedded import baselines
from trainer.embedded import run as embedded_run
from trainer.embedded.bank import learn_bank, read_pool
from trainer.embedded.folds import leave_one_source_out
from trainer.embedded.training import Voted, train_head
from trainer.embedded.validation import cross_validate, inner_folds
from trainer.embedded.views import encode_views, view
from trainer.recipes.recipe import EmbeddedRecipe, read_as
from trainer.report.reading import read_run

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.xdist_group("embedded")
"""What these tests share is made once, not once a process."""


@pytest.fixture(scope="module")
def recipe(shared_recipe: Path) -> EmbeddedRecipe:
    return read_as(EmbeddedRecipe, str(shared_recipe))


@pytest.fixture(scope="module")
def voted(planted: Path, recipe: EmbeddedRecipe) -> Voted:
    assert recipe.bank is not None
    bank = learn_bank(recipe.bank.recipe(), read_pool(planted, 40, 24, seed=0))
    photos, _ = read_votes(planted, 24)
    return Voted(encode_views(bank, photos.images, recipe.augmentation, seed=0), photos.votes, photos.sources)


def test_a_planted_signal_is_found_on_sources_that_were_not_learned_from(voted: Voted, recipe: EmbeddedRecipe) -> None:
    rows = np.arange(len(voted.votes))
    folds = leave_one_source_out(voted.sources, rows)
    judged = cross_validate(recipe, voted, folds, by_source=True, say=lambda _: None)
    actual = voted.votes[judged.rows]
    assert metrics.srcc(judged.predicted, actual) > 0.8
    average = np.concatenate([baselines.constant(voted.votes, fold) for fold in folds])
    assert metrics.emd(judged.predicted, actual) < 0.7 * metrics.emd(average, actual)


def test_shuffled_votes_teach_nothing(voted: Voted, recipe: EmbeddedRecipe) -> None:
    shuffled = dataclasses.replace(voted, votes=voted.votes[np.random.default_rng(0).permutation(len(voted.votes))])
    folds = leave_one_source_out(voted.sources, np.arange(len(voted.votes)))
    judged = cross_validate(recipe, shuffled, folds, by_source=True, say=lambda _: None)
    assert abs(metrics.srcc(judged.predicted, shuffled.votes[judged.rows])) < 0.35


def test_the_same_seed_gives_the_same_model(voted: Voted, recipe: EmbeddedRecipe) -> None:
    rows = np.arange(60)
    short = dataclasses.replace(recipe, training=dataclasses.replace(recipe.training, epochs=2))
    first, again = (train_head(voted, rows, short).state_dict() for _ in range(2))
    other = train_head(voted, rows, dataclasses.replace(short, seeds=(9,))).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_the_same_seed_gives_the_same_bank(planted: Path, recipe: EmbeddedRecipe) -> None:
    assert recipe.bank is not None
    first, again = (learn_bank(recipe.bank.recipe(), read_pool(planted, 20, 24, seed=0)).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_alternatives_are_chosen_without_the_judged_photos(voted: Voted, recipe: EmbeddedRecipe) -> None:
    fold = leave_one_source_out(voted.sources, np.arange(len(voted.votes)))[0]
    for part in inner_folds(voted.sources, fold, by_source=True):
        assert not (set(part.learn) | set(part.judge)) & set(fold.judge)
    ridge = [voted.views.pooled[:, 0].double().numpy(), voted.votes]
    changed = voted.votes.copy()
    changed[fold.judge] = np.roll(changed[fold.judge], 5, axis=1)
    inner = inner_folds(voted.sources, fold, by_source=True)
    np.testing.assert_array_equal(
        baselines.ridge(ridge[0], voted.votes, fold, inner), baselines.ridge(ridge[0], changed, fold, inner)
    )
    selecting = dataclasses.replace(
        recipe,
        training=dataclasses.replace(recipe.training, epochs=1),
        select={"training.learning_rate": (1e-4, 5e-3)},
    )
    first = cross_validate(selecting, voted, [fold], by_source=True, say=lambda _: None)
    other = dataclasses.replace(voted, votes=changed)
    again = cross_validate(selecting, other, [fold], by_source=True, say=lambda _: None)
    assert first.chosen == again.chosen
    np.testing.assert_array_equal(first.predicted, again.predicted)


def test_views_are_the_photo_its_mirror_image_and_then_others(recipe: EmbeddedRecipe) -> None:
    image = np.random.default_rng(0).integers(0, 255, (3, 24, 24), dtype=np.uint8)
    generator = np.random.default_rng(1)
    views = [view(image, number, recipe.augmentation, generator) for number in range(3)]
    np.testing.assert_array_equal(views[0], image)
    np.testing.assert_array_equal(views[1], image[:, :, ::-1])
    assert views[2].shape == image.shape
    assert not np.array_equal(views[2], image)


def test_a_learning_rate_that_explodes_is_named(voted: Voted, recipe: EmbeddedRecipe) -> None:
    broken = Voted(
        dataclasses.replace(voted.views, pooled=torch.full_like(voted.views.pooled, float("nan"))),
        voted.votes,
        voted.sources,
    )
    with pytest.raises(KnownError, match=r"no number any more \(seed 1, epoch 1\)"):
        train_head(broken, np.arange(60), recipe)


def test_a_run_leaves_recipe_metrics_and_a_model_that_loads(
    planted: Path, shared_recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_run, "RANDOM_FOLDS", 2)
    output = tmp_path / "run"
    command = ["train", str(shared_recipe), "--data", str(planted), "--output", str(output), "--pool", str(planted)]
    assert main([*command, "--resamples", "20"]) == 0
    card = ModelCard.load(output / "model" / "card.json")
    assert card.headline is not None
    assert card.headline.protocol == "leave one source out, pooled"
    assert card.headline.metrics["srcc"].value > 0.7
    assert {result.subject for result in card.held_out} == {
        "this model",
        "ridge on the pooled features",
        "the average vote",
    }
    assert json.loads((output / "recipe.json").read_text())["training"]["epochs"] == 12
    events = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    losses = [event["loss"] for event in events if "loss" in event]
    assert losses[-1] < losses[0]
    model = load_from_card(card, "cpu")
    photos, _ = read_votes(planted, card.input_size)
    answer = model.score(model.encode(torch.from_numpy(photos.images))).probabilities.double().numpy()
    assert metrics.srcc(answer, photos.votes) > 0.8


def test_cross_validation_prints_a_table_and_leaves_what_a_report_needs(
    planted: Path, shared_recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bank = tmp_path / "bank"
    assert main(["bank", "--recipe", str(shared_recipe), "--pool", str(planted), "--output", str(bank)]) == 0
    run = tmp_path / "run"
    command = ["cross-validate", str(shared_recipe), "--data", str(planted), "--encoder", str(bank)]
    assert main([*command, "--output", str(run), "--resamples", "20", "--set", "training.epochs=1"]) == 0
    table = " ".join(capsys.readouterr().out.split())
    assert "| this model | leave one source out, pooled | 96 |" in table
    assert "| the average vote | 10-fold, mean within source | 96 |" in table
    left = read_run(run)
    assert left.predictions is not None
    assert len(left.predictions.of(TEST)) == 96
    with (run / "predictions.csv").open(encoding="utf-8") as stream:
        said = {row["file"]: [float(row[f"a{k}"]) for k in range(1, 11)] for row in csv.DictReader(stream)}
    photos, _ = read_votes(planted, 24)
    np.testing.assert_allclose([said[file] for file in photos.files], photos.votes, atol=1e-6)
    assert (run / "predictions-10-fold.csv").is_file()
    assert left.finished
    assert {row.protocol for row in left.held_out} >= {"leave one source out, pooled", "10-fold, pooled"}


def test_what_is_missing_is_said_without_a_traceback(
    planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    common = ["--data", str(planted), "--output", str(tmp_path / "run")]
    assert main(["embedded", *common, "--pool", str(empty)]) == 1
    assert "there are no photos" in capsys.readouterr().err
    assert main(["embedded", *common, "--pool", str(planted), "--encoder", str(empty)]) == 1
    assert "card cannot be read" in capsys.readouterr().err
    assert main(["evaluate", "nobody", "--data", str(planted)]) == 1
    assert "no model named 'nobody'" in capsys.readouterr().err
