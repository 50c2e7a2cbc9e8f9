"""Queries are trained on a miniature AVA by one command; a stopped run goes on, and a sweep does no work twice."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio import paths
from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.card import ModelCard
from aesthetic_studio.models.registry import load_from_card
from trainer.cli import main
from trainer.data.images import load_image
from trainer.data.records import PhotoSet
from trainer.data.splits import split
from trainer.miniature import write_bert
from trainer.queries import run as query_run
from trainer.queries import sweep as sweep_run
from trainer.queries.training import QueryTraining
from trainer.recipes.sections import SplitSettings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("queries")
"""What these tests share is made once, not once a process."""

SMALL = {
    "model.encoder": "embedded",
    "head.width": "16",
    "head.queries": "2",
    "head.blocks": "1",
    "head.heads": "2",
    "head.feed_forward_width": "16",
    "head.dropout": "0.1",
    "training.epochs": "4",
    "training.batch": "8",
    "training.learning_rate": "5e-3",
    "training.checkpoint_every": "2",
    "data.validation": "0.2",
}
WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] what a wonderful dull picture taken at the sea i think , ."


def changes(**others: str) -> list[str]:
    merged = {**SMALL, **{key.replace("__", "."): value for key, value in others.items()}}
    return [word for key, value in merged.items() for word in ("--set", f"{key}={value}")]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Reports have tests of their own, and each takes a second to draw."""
    if "report" not in request.node.name:
        monkeypatch.setattr(query_run, "report", lambda *_: None)
        monkeypatch.setattr(sweep_run, "report", lambda *_: None)


@pytest.fixture(scope="module")
def features(shared_ava: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the miniature AVA, made once: the tests only read them."""
    made = tmp_path_factory.mktemp("made")
    command = ["features", "--data", str(shared_ava.folder), "--output", str(made / "features"), "--device", "cpu"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AESTHETIC_STUDIO_DATA", str(made / "data"))
        paths.data_folder.cache_clear()
        assert main(command) == 0
    paths.data_folder.cache_clear()
    return made / "features"


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bert") / "tiny-bert"
    write_bert(folder, WORDS.split(), width=16, positions=24)
    return folder


def train(recipe: str, output: Path, *arguments: str) -> int:
    return main([recipe, "--output", str(output), "--device", "cpu", "--resamples", "20", *arguments])


def predictions(run: Path) -> dict[str, dict[str, str]]:
    with (run / "predictions.csv").open(encoding="utf-8") as stream:
        return {row["file"]: row for row in csv.DictReader(stream)}


def test_a_run_on_ava_leaves_an_installable_model_and_a_report(
    made_ava: Any, tmp_path: Path, own_data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert train("iaa-lq-ava", run, "--data", str(made_ava.folder), *changes()) == 0
    assert "| this model" in capsys.readouterr().out
    for name in ("recipe.json", "metrics.jsonl", "results.json", "attention.npz", "manifest.json", "report.html"):
        assert (run / name).is_file(), name
    assert json.loads((run / "recipe.json").read_text())["overrides"]["training.epochs"] == 4
    epochs = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in epochs if line["event"] == "epoch"] == [1, 2, 3, 4]
    assert {"loss", "srcc", "plcc", "emd", "learning_rate"} <= set(epochs[-1])

    found = predictions(run)
    judged = {name for name, row in found.items() if row["split"] == "test"}
    assert judged == set(made_ava.test) - {made_ava.missing, made_ava.broken}
    card = ModelCard.load(run / "model" / "card.json")
    assert card.headline is not None
    assert card.headline.photos == len(judged)
    shutil.copytree(run / "model", own_data_folder / "models" / "mine")
    model = load_from_card(card, "cpu")
    name = sorted(judged)[0]
    pixels = load_image(made_ava.folder / "images" / f"{name}.jpg", card.input_size)
    answer = model.score(model.encode(torch.from_numpy(np.asarray(pixels))[None])).probabilities[0]
    expected = [float(found[name][f"p{k}"]) for k in range(1, 11)]
    # Features are cached in half precision.
    np.testing.assert_allclose(answer.numpy(), expected, atol=5e-3)


def test_words_that_carry_the_answer_are_read_and_the_model_also_scores_without(
    made_ava: Any, tiny_bert: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    words = changes(model__text_encoder=f'"{tiny_bert}"', head__modality_dropout="0.3", training__epochs="12")
    data = ["--data", str(made_ava.folder), "--comments", str(made_ava.comments)]
    assert train("mmlq-ava", run, *data, *words) == 0
    rows = json.loads((run / "results.json").read_text())["rows"]
    figures = {row["judge"]: row["metrics"]["srcc"]["value"] for row in rows if row["part"] == "pooled"}
    assert set(figures) == {"this model", "this model, without words", "the average vote"}
    assert figures["this model"] > 0.5
    assert train("mmlq-ava", tmp_path / "none", "--data", str(made_ava.folder), *words) == 1
    assert not (tmp_path / "none").exists()


class Pulled(KeyboardInterrupt):
    """Somebody pressed the keys that end a program."""


def stopping_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    real, calls = QueryTraining.loss, 0

    def loss(self: QueryTraining, model: Any, batch: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > steps:
            raise Pulled
        return real(self, model, batch)

    monkeypatch.setattr(QueryTraining, "loss", loss)


def test_a_run_that_was_stopped_goes_on_to_the_same_model(
    features: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--features", str(features), *changes(training__rank_weight="0.5")]
    assert train("iaa-lq-ava", tmp_path / "whole", *options) == 0
    unharmed = QueryTraining.loss
    stopping_after(monkeypatch, 9)
    assert train("iaa-lq-ava", tmp_path / "stopped", *options) == 130
    monkeypatch.setattr(QueryTraining, "loss", unharmed)
    assert train("iaa-lq-ava", tmp_path / "stopped", *options) == 1
    assert "there is a run here already" in capsys.readouterr().err
    assert train("iaa-lq-ava", tmp_path / "stopped", *options, "--resume", "--set", "training.warmup=0.3") == 1
    assert "training.warmup" in capsys.readouterr().err
    assert train("iaa-lq-ava", tmp_path / "stopped", *options, "--resume") == 0
    for name in ("metrics.jsonl", "predictions.csv", "model/model.safetensors"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "stopped" / name).read_bytes(), name


def test_a_sweep_trains_each_point_once_and_says_what_the_key_changes(
    features: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "sweep"
    text = ["--set", 'model.text_encoder=""']
    options = ["--features", str(features), *changes(training__epochs="1"), *text]
    del options[options.index("--set", options.index("head.queries=2") - 1) : options.index("head.queries=2") + 1]
    trained: list[int] = []
    real = QueryTraining.fit

    def fit(self: QueryTraining, *arguments: Any, **named: Any) -> Any:
        trained.append(self.model.config.queries)
        return real(self, *arguments, **named)

    monkeypatch.setattr(QueryTraining, "fit", fit)
    assert train("sweep-lq", run, *options, "--set", "values=[1, 2]") == 0
    assert trained == [1, 2]
    assert "| 2 | 1 |" in capsys.readouterr().out
    (run / "points" / "queries-2-seed-0" / "results.json").unlink()
    assert train("sweep-lq", run, *options, "--set", "values=[1, 2, 3]") == 0
    assert trained == [1, 2, 2, 3]
    points = json.loads((run / "sweep.json").read_text())["points"]
    assert [point["value"] for point in points] == [1, 2, 3]
    assert all(low <= value <= high for point in points for value, low, high in point["metrics"].values())
    assert len((run / "sweep.csv").read_text().splitlines()) == 4


def test_real_photos_teach_from_one_command(real_data: Path, tmp_path: Path) -> None:
    table = (real_data / "sophoappeal" / "ratings.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "ratings.csv").write_text("\n".join([table[0], *table[1::12]]) + "\n", encoding="utf-8")
    data = ["--data", str(tmp_path / "ratings.csv"), "--images", str(real_data / "sophoappeal" / "images")]
    assert train("iaa-lq-ava", tmp_path / "run", *data, *changes(training__epochs="2")) == 0
    notes = json.loads((tmp_path / "run" / "results.json").read_text())["notes"]
    assert any("drawn by chance" in note for note in notes)


@given(
    names=st.lists(st.sampled_from(["", "train", "validation", "test"]), min_size=6, max_size=60),
    validation=st.floats(0.0, 0.5),
    test=st.floats(0.0, 0.5),
)
def test_no_photo_is_in_two_splits_and_a_sets_own_test_stays(names: list[str], validation: float, test: float) -> None:
    count = len(names)
    photos = PhotoSet(
        name="made",
        files=tuple(str(number) for number in range(count)),
        paths=(),
        votes=np.full((count, 10), 0.1),
        sources=np.asarray(["all"] * count),
        splits=np.asarray(names, dtype="<U10"),
    )
    settings = SplitSettings(validation=validation, test=test)
    try:
        found = split(photos, settings)
    except KnownError:
        assert names.count("train" if "train" in names else "") < 3
        return
    parts = [set(rows.tolist()) for rows in found.named().values()]
    assert sum(map(len, parts)) == len(set.union(*parts))
    assert all(parts)
    if "test" in names:
        assert parts[2] == {row for row, name in enumerate(names) if name == "test"}
    again = split(photos, settings)
    assert [rows.tolist() for rows in again.named().values()] == [sorted(part) for part in parts]
