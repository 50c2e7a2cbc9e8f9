"""Queries that also learn what makes photos worse: from a pool without votes, always alike, and only where asked to."""

from __future__ import annotations

import dataclasses
import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PIL import Image

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.card import DataSource, ModelCard
from aesthetic_studio.models.encoders import Encoder, load_encoder
from aesthetic_studio.models.inputs import to_input
from aesthetic_studio.models.mmlq import MMLQ
from aesthetic_studio.models.protocol import VisualTokens
from aesthetic_studio.models.registry import load_from_card
from trainer import cli, metrics
from trainer.data.degrade import Fault, labels
from trainer.data.files import photo_files
from trainer.data.votes import read_votes
from trainer.embedded import run as embedded_run
from trainer.embedded.bank import learn_bank, read_pool, save_bank
from trainer.embedded.series import EncodedSeries, drawn, encode_series, series_loss, shares_of
from trainer.embedded.training import Voted, predict, train_head
from trainer.embedded.views import Views
from trainer.recipes.recipe import EmbeddedRecipe, read_as
from trainer.recipes.sections import DegradedSettings, HeadSettings, TrainingSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aesthetic_studio.models.embedded import QueryHead

pytestmark = pytest.mark.xdist_group("embedded")
"""What these tests share is made once, not once a process."""

STEPS = 4
GOOD = 3
"""Photos of the pool that can be made worse."""
QUICK = [
    *("--set", "head.width=16", "--set", "head.heads=2", "--set", "head.queries=2", "--set", "seeds=[1]"),
    *("--set", "training.epochs=1", "--set", "select={}", "--set", "augmentation.views=1"),
    *("--set", f"degraded.photos={GOOD + 2}", "--set", "degraded.batch=4", "--resamples", "20"),
]


def picture(seed: int, wide: int, high: int) -> Image.Image:
    draw = np.random.default_rng(seed)
    coarse = draw.integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((wide, high), Image.Resampling.BICUBIC)


@pytest.fixture(scope="module")
def worsened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool of three photos, one that is too small, and a file that is no photo."""
    folder = tmp_path_factory.mktemp("worsened")
    for number in range(GOOD):
        picture(number, 128, 100 + number).save(folder / f"{number}.png")
    picture(9, 128, 95).save(folder / "icon.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    return folder


@pytest.fixture(scope="module")
def encoder_folder(planted: Path, shared_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = read_as(EmbeddedRecipe, str(shared_recipe))
    assert recipe.bank is not None
    bank = learn_bank(recipe.bank.recipe(), read_pool(planted, 20, 24, seed=0))
    folder = tmp_path_factory.mktemp("frozen")
    save_bank(bank, recipe.bank.recipe(), folder, version="1", data=DataSource("made", 20, "none", "local features"))
    return folder


@pytest.fixture(scope="module")
def encoder(encoder_folder: Path) -> Encoder:
    return load_encoder(encoder_folder)


def encode(pool: Path, encoder: Encoder, seed: int = 1) -> EncodedSeries:
    return encode_series(photo_files(pool), encoder, seed=seed, say=lambda _: None)


def test_each_photo_becomes_one_series_for_every_kind_of_fault(worsened: Path, encoder: Encoder) -> None:
    found = encode(worsened, encoder)
    assert len(found) == GOOD * len(Fault)
    assert found.tokens.grid.shape == (GOOD * len(Fault) * STEPS, 9, 12)
    assert found.tokens.grid.dtype == found.tokens.pooled.dtype == torch.float16
    assert [one.category for one in found.series] == [str(fault) for fault in Fault] * GOOD
    assert [row for one in found.series for row in one.members] == list(range(GOOD * len(Fault) * STEPS))
    for one in found.series:
        assert one.order == one.members
        assert {(pair.first, pair.second) for pair in one.pairs} == {
            (better, worse) for better in one.members for worse in one.members if better < worse
        }


def test_the_first_frame_of_a_series_is_the_photo_itself(worsened: Path, encoder: Encoder) -> None:
    found = encode(worsened, encoder)
    with torch.inference_mode():
        photo = encoder(torch.from_numpy(to_input(Image.open(worsened / "1.png"), 24))[None]).pooled[0]
    for number in (1, 2):
        series = found.series[number * len(Fault) + list(Fault).index(Fault.COMPRESSION)]
        apart = (found.tokens.pooled[list(series.members)].float() - photo).abs().amax(dim=1).tolist()
        if number == 1:
            assert apart[0] < 0.05 < 0.5 < min(apart[1:])
        else:
            assert min(apart) > 0.1, "these are of another photo"


def test_the_same_seed_gives_the_same_series_and_another_seed_others(worsened: Path, encoder: Encoder) -> None:
    one, again, other = (encode(worsened, encoder, seed) for seed in (1, 1, 2))
    assert one.series == again.series
    assert torch.equal(one.tokens.grid, again.tokens.grid)
    assert torch.equal(one.tokens.pooled, again.tokens.pooled)
    assert not torch.equal(one.tokens.pooled, other.tokens.pooled)


def test_photos_that_cannot_be_read_or_are_tiny_are_left_out_and_named(worsened: Path, encoder: Encoder) -> None:
    said: list[str] = []
    encode_series(photo_files(worsened), encoder, seed=1, say=said.append)
    left_out = sorted(line for line in said if line.startswith("left out: "))
    assert len(left_out) == 2
    assert left_out[0].startswith(f"left out: {worsened / 'broken.jpg'}: ")
    assert left_out[1] == f"left out: {worsened / 'icon.png'}: 128 × 95 px is too small"


def test_photos_that_are_left_out_change_nothing_of_the_others(
    worsened: Path, encoder: Encoder, tmp_path: Path
) -> None:
    for number in range(GOOD):
        shutil.copyfile(worsened / f"{number}.png", tmp_path / f"{number}.png")
    clean, found = encode(tmp_path, encoder), encode(worsened, encoder)
    assert clean.series == found.series
    assert torch.equal(clean.tokens.pooled, found.tokens.pooled)


def test_a_pool_of_no_use_says_what_a_photo_needs(worsened: Path, encoder: Encoder) -> None:
    with pytest.raises(KnownError, match="Not one of these photos can be used") as caught:
        encode_series([worsened / "broken.jpg", worsened / "icon.png"], encoder, seed=1, say=lambda _: None)
    assert "96 px" in caught.value.advice


def test_photos_of_a_pool_are_drawn_by_seed_and_keep_their_order(tmp_path: Path) -> None:
    files = [tmp_path / f"{number:02d}.png" for number in range(40)]
    some = drawn(files, 10, seed=1)
    assert some == drawn(files, 10, seed=1)
    assert some != drawn(files, 10, seed=2)
    assert some == sorted(some)
    assert len(set(some)) == 10
    assert set(some) <= set(files)
    assert drawn(files, 1000, seed=1) == files


RECIPE = EmbeddedRecipe(
    name="made",
    title="Made",
    version="1",
    seeds=(1,),
    head=HeadSettings(width=16, queries=2, heads=2, feed_forward_width=16, dropout=0.0),
    training=TrainingSettings(epochs=10, batch=24, learning_rate=1e-2, weight_decay=0.01),
    degraded=DegradedSettings(weight=0.1, batch=8),
)


def made_series(count: int, seed: int) -> EncodedSeries:
    """Series of noise, in which one number of every token says what was done to a frame."""
    tokens = torch.randn(count * STEPS, 9, 8, generator=torch.Generator().manual_seed(seed))
    tokens[:, :, 1] -= torch.arange(count * STEPS).remainder(STEPS)[:, None] * 0.8
    known = labels([(f"{number}", "blur", STEPS) for number in range(count)])
    return EncodedSeries(known, VisualTokens(tokens.half(), tokens.mean(dim=1).half(), 3, 3))


@pytest.fixture(scope="module")
def taught() -> Voted:
    """160 photos, of whose tokens another number says how they are liked; and series to learn from."""
    draw = np.random.default_rng(6)
    liking = draw.uniform(3.0, 8.0, 160)
    grid = draw.normal(0, 1, (160, 1, 9, 8))
    grid[..., 0] += (liking[:, None, None] - 5.5) * 0.5
    chances = np.exp(-((np.arange(1.0, 11.0) - liking[:, None]) ** 2) / 4.0)
    tokens = torch.from_numpy(grid).half()
    views = Views(tokens, tokens.float().mean(dim=2).half(), 3, 3)
    sources = np.asarray([f"source {row % 2}" for row in range(160)])
    return Voted(views, chances / chances.sum(axis=1, keepdims=True), sources, made_series(40, seed=1))


def in_order(head: QueryHead, judged: EncodedSeries) -> float:
    """Share of pairs whose better frame scores higher."""
    with torch.inference_mode():
        tokens = VisualTokens(judged.tokens.grid.float(), judged.tokens.pooled.float(), 3, 3)
        scores = metrics.mean_scores(head(tokens).probabilities.double().numpy())
    pairs = [(pair.first, pair.second) for one in judged.series for pair in one.pairs]
    return float(np.mean([scores[better] > scores[worse] for better, worse in pairs]))


def test_queries_that_learn_degraded_series_order_others_better_and_still_agree_with_votes(taught: Voted) -> None:
    others, learn, judge = made_series(60, seed=2), np.arange(100), np.arange(100, 160)
    votes_alone = train_head(dataclasses.replace(taught, degraded=None), learn, RECIPE)
    both = train_head(taught, learn, RECIPE)

    assert in_order(votes_alone, others) < 0.7
    assert in_order(both, others) > 0.85
    agreement = [metrics.srcc(predict(head, taught.views, judge), taught.votes[judge]) for head in (votes_alone, both)]
    assert min(agreement) > 0.8
    assert agreement[1] > agreement[0] - 0.1


def test_series_of_weight_nought_change_nothing(taught: Voted) -> None:
    rows, brief = np.arange(60), dataclasses.replace(RECIPE.training, epochs=2)
    without = dataclasses.replace(RECIPE, degraded=DegradedSettings(weight=0.0), training=brief)
    ignored, absent, learned = (
        train_head(data, rows, recipe).state_dict()
        for data, recipe in (
            (taught, without),
            (dataclasses.replace(taught, degraded=None), without),
            (taught, dataclasses.replace(RECIPE, training=brief)),
        )
    )
    assert all(torch.equal(ignored[name], absent[name]) for name in absent)
    assert any(not torch.equal(learned[name], absent[name]) for name in absent)


def test_the_same_seed_learns_the_same_from_series(taught: Voted) -> None:
    brief = dataclasses.replace(RECIPE, training=dataclasses.replace(RECIPE.training, epochs=2))
    one, again = (train_head(taught, np.arange(60), brief).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], again[name]) for name in one)


def test_only_the_chosen_series_are_lost_on_and_each_counts_alike() -> None:
    torch.manual_seed(2)
    member = MMLQ(RECIPE.head.config(8, 8)).eval()
    encoded = made_series(6, seed=3)
    with torch.inference_mode():
        alone = [float(series_loss(member, encoded, [number])) for number in range(6)]
        some = float(series_loss(member, encoded, [4, 1]))
        every = float(series_loss(member, encoded, range(6)))
    assert len(set(alone)) == 6
    assert some == pytest.approx((alone[4] + alone[1]) / 2, rel=1e-4)
    assert every == pytest.approx(np.mean(alone), rel=1e-4)


def test_a_series_in_the_right_order_loses_less_than_the_same_one_backwards() -> None:
    torch.manual_seed(2)
    member = MMLQ(RECIPE.head.config(8, 8)).eval()
    encoded = made_series(1, seed=3)
    with torch.inference_mode():
        means = metrics.mean_scores(shares_of(member, encoded.tokens, torch.arange(STEPS)).double().numpy())

        def loss(order: Sequence[int]) -> float:
            rows = torch.tensor(order)
            tokens = VisualTokens(encoded.tokens.grid[rows], encoded.tokens.pooled[rows], 3, 3)
            return float(series_loss(member, EncodedSeries(encoded.series, tokens), [0]))

        best_first = [int(row) for row in np.argsort(-means)]
        assert loss(best_first) < loss(best_first[::-1])


@pytest.mark.parametrize(
    "command",
    [["embedded"], ["train", "embedded"], ["cross-validate", "embedded", "--set", "degraded.weight=0.1"]],
)
def test_a_recipe_that_needs_a_pool_and_gets_none_says_so_before_any_work(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere, output = str(tmp_path / "nowhere"), tmp_path / "run"
    assert cli.main([*command, "--data", nowhere, "--output", str(output)]) == cli.PROBLEM
    said = capsys.readouterr().err
    assert "learns from degraded photos too" in said
    assert "--pool" in said
    assert "degraded.photos = 0" in said
    assert not output.exists()
    # Either way out leads on, to the data that are not there.
    assert cli.main([*command, "--data", nowhere, "--output", str(output), "--set", "degraded.photos=0"]) == cli.PROBLEM
    assert "nowhere" in capsys.readouterr().err
    picture(1, 128, 128).save(tmp_path / "one.png")
    pooled = [*command, "--data", nowhere, "--output", str(output), "--pool", str(tmp_path)]
    assert cli.main(pooled) == cli.PROBLEM
    assert "nowhere" in capsys.readouterr().err
    assert not output.exists()


def test_a_pool_without_photos_is_named_before_anything_is_written(
    planted: Path, encoder_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    command = ["embedded", "--data", str(planted), "--output", str(tmp_path / "run"), "--pool", str(empty)]
    assert cli.main([*command, "--encoder", str(encoder_folder)]) == cli.PROBLEM
    assert f"{empty}: there are no photos" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_where_queries_learn_no_series_none_are_made_and_the_pool_is_not_opened(
    planted: Path,
    encoder_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(embedded_run, "RANDOM_FOLDS", 2)
    pool = tmp_path / "pool"
    pool.mkdir()
    (pool / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    command = ["cross-validate", "embedded", "--data", str(planted), "--pool", str(pool), *QUICK]
    command += ["--encoder", str(encoder_folder)]
    learning = [*command, "--set", "degraded.weight=0.1"]
    assert cli.main([*learning, "--output", str(tmp_path / "with")]) == cli.PROBLEM
    assert "broken.jpg" in capsys.readouterr().err
    assert cli.main([*learning, "--output", str(tmp_path / "without"), "--set", "degraded.photos=0"]) == cli.DONE
    assert "broken.jpg" not in capsys.readouterr().err
    # The recipe's merit learns series, and no merit is judged here.
    assert cli.main([*command, "--output", str(tmp_path / "queries")]) == cli.DONE
    assert "broken.jpg" not in capsys.readouterr().err


def test_a_pool_that_cannot_be_read_never_costs_a_trained_model(
    planted: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    pool = tmp_path / "pool"
    pool.mkdir()
    (pool / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    command = ["embedded", "--data", str(planted), "--output", str(tmp_path / "run"), "--pool", str(pool), *QUICK]
    command += ["--encoder", str(encoder_folder), "--set", "degraded.photos=0", "--no-judging"]
    assert cli.main(command) == cli.DONE
    card = ModelCard.load(tmp_path / "run" / "model" / "card.json")
    assert not card.reference, "no photo of the pool says how others score"
    assert card.standing(5.0) is None


def test_the_embedded_recipe_trains_over_an_encoder_and_a_pool_to_a_model_that_loads(
    planted: Path,
    encoder_folder: Path,
    worsened: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(embedded_run, "RANDOM_FOLDS", 2)
    output = tmp_path / "run"
    command = ["embedded", "--data", str(planted), "--output", str(output), *QUICK]
    assert cli.main([*command, "--pool", str(worsened), "--encoder", str(encoder_folder)]) == cli.DONE

    said = capsys.readouterr().err
    assert f"left out: {worsened / 'broken.jpg'}: " in said
    assert f"left out: {worsened / 'icon.png'}: " in said
    recipe = json.loads((output / "recipe.json").read_text(encoding="utf-8"))
    assert recipe["degraded"]["merit_steps"] > 0
    assert recipe["degraded"]["photos"] == GOOD + 2
    events = [json.loads(line) for line in (output / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [event["epoch"] for event in events if "loss" in event] == [1]
    card = ModelCard.load(output / "model" / "card.json")
    assert card.headline is not None
    assert card.headline.protocol == "leave one source out, pooled"
    assert card.encoder is not None
    assert card.encoder.name == "local-bank"
    assert card.reference_photos == f"{GOOD + 1} photos of {worsened.name}", "a small one can be scored"
    assert list(card.reference) == sorted(card.reference)
    model, images = load_from_card(card, "cpu"), read_votes(planted, card.input_size)[0].images
    answer = model.score(model.encode(torch.from_numpy(images))).probabilities
    assert answer.shape == (96, 10)
    assert torch.allclose(answer.sum(dim=1), torch.ones(96), atol=1e-4)
    kept = load_encoder(output / "model" / "encoder").state_dict()
    given = load_encoder(encoder_folder).state_dict()
    assert all(torch.equal(kept[name], given[name]) for name in given), "--encoder is used, and no bank is learned"


def test_cross_validation_takes_a_pool_and_judges_what_was_learned_from_it(
    planted: Path,
    encoder_folder: Path,
    worsened: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(embedded_run, "RANDOM_FOLDS", 2)
    command = ["cross-validate", "embedded", "--data", str(planted), "--encoder", str(encoder_folder), *QUICK]
    tables = []
    for run, options in (
        ("with", ["--pool", str(worsened), "--set", "degraded.weight=1"]),
        ("without", ["--set", "degraded.photos=0"]),
    ):
        assert cli.main([*command, "--output", str(tmp_path / run), *options]) == cli.DONE
        table = " ".join(capsys.readouterr().out.split())
        assert "| this model | leave one source out, pooled | 96 |" in table
        assert json.loads((tmp_path / run / "results.json").read_text(encoding="utf-8"))
        tables.append((tmp_path / run / "predictions.csv").read_text(encoding="utf-8"))
    assert tables[0] != tables[1]


def test_a_bank_of_local_features_can_be_learned_from_the_pool_that_series_are_made_of(
    planted: Path, shared_recipe: Path, worsened: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", str(shared_recipe), "--data", str(planted), "--output", str(tmp_path / "run"), *QUICK]
    options = ["--pool", str(worsened), "--set", "degraded.weight=0.1", "--no-judging"]
    assert cli.main([*command, *options]) == cli.DONE
    said = capsys.readouterr().err
    assert f"Learning local features from {GOOD + 1} photos" in said, "small ones serve for that"
    assert f"left out: {worsened / 'icon.png'}: " in said
    assert ModelCard.load(tmp_path / "run" / "model" / "card.json").recipe["degraded"]["weight"] == 0.1
