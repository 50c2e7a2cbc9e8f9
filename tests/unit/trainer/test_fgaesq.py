"""FGAesQ learns: batches are repeatable, losses are what the paper says, and a planted order is found."""

from __future__ import annotations

import csv
import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter
from safetensors.torch import save_file

from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models.card import ModelCard
from aesthetic_studio.models.fgaesq import DiffTokenConfig, FGAesQ, FGAesQConfig, FGAesQModel, TextTowerConfig
from aesthetic_studio.models.fgaesq.towers import TextTower
from trainer import series_metrics
from trainer.data.records import LabelledPair, LabelledSeries, PhotoSet, SeriesSet
from trainer.fgaesq.comparisons import clip_tokeniser, embed, read_comparisons
from trainer.fgaesq.judging import Judge
from trainer.fgaesq.objective import CoarseBatch, Explanations, FGAesQObjective, FineBatch, ObjectiveSettings
from trainer.fgaesq.run import NO_COMPARISONS, FGAesQOptions, split_series, train
from trainer.fgaesq.start import clip_weights, config_of, network_from, text_tower_from
from trainer.loop import Draw, Engine, LoopSettings, fit
from trainer.loop.batches import share_of
from trainer.recipes.recipe import FGAesQRecipe, read_recipe
from trainer.runs import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.loop import Share

TOKENS = DiffTokenConfig(patch=4, block=8, length=48, grid=6, hidden_size=16, min_side=24, max_pixels=64 * 64)
TINY = FGAesQConfig(
    width=32,
    layers=1,
    heads=2,
    embedding=16,
    hidden=(16, 16),
    dropout=(0.0, 0.0),
    tokens=TOKENS,
    text=TextTowerConfig(width=16, layers=1, heads=2, context=8, vocabulary=30),
)
BLURS = (0.0, 0.6, 1.4)


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> SeriesSet:
    """Sixteen scenes, each three times, the sharper the better; four scenes are held out."""
    folder = tmp_path_factory.mktemp("series")
    generator = np.random.default_rng(0)
    paths, made = [], []
    for scene in range(16):
        noise = generator.normal(0, 45, (40, 48, 3)) + generator.uniform(90, 160, 3)
        sharp = Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8))
        rows = []
        for place in generator.permutation(len(BLURS)):
            path = folder / f"{scene:02d}-{place}.png"
            sharp.filter(ImageFilter.GaussianBlur(BLURS[place])).save(path)
            rows.append((len(paths), int(place)))
            paths.append(path)
        pairs = [
            LabelledPair(a, b, 0.9 if one < two else 0.1) for k, (a, one) in enumerate(rows) for b, two in rows[k + 1 :]
        ]
        best_first = tuple(row for row, place in sorted(rows, key=lambda item: item[1]))
        split = "train" if scene < 12 else "test"
        made.append(LabelledSeries(f"s{scene}", tuple(row for row, _ in rows), tuple(pairs), best_first, "", split))
    return SeriesSet("blurred", tuple(path.name for path in paths), tuple(paths), tuple(made), kind="series")


@pytest.fixture(scope="module")
def photos(series: SeriesSet) -> PhotoSet:
    """The same photos with votes: people like sharp ones."""
    place = [int(file[3]) for file in series.files]
    means = np.asarray([(8.0, 5.5, 3.0)[number] for number in place])
    votes = np.exp(-0.5 * (np.arange(1, 11)[None] - means[:, None]) ** 2)
    splits = [
        "train" if int(file[:2]) < 10 else "validation" if int(file[:2]) < 12 else "test" for file in series.files
    ]
    return PhotoSet(
        "voted",
        series.files,
        series.paths,
        votes / votes.sum(axis=1, keepdims=True),
        np.asarray(["made"] * len(place)),
        np.asarray(splits),
    )


def network(seed: int = 0) -> FGAesQ:
    torch.manual_seed(seed)
    return FGAesQ(TINY)


def both(photos: PhotoSet, series: SeriesSet, **settings: object) -> FGAesQObjective:
    chosen = ObjectiveSettings(coarse_batch=12, fine_batch=18, **settings)  # type: ignore[arg-type]
    return FGAesQObjective(network(), chosen, (photos, photos.rows("train")), (series, series.rows("train")))


def share(draw: Draw, process: int = 0, processes: int = 1) -> Share:
    return share_of(draw, process, processes, (0, 1, 0))


def test_an_epoch_takes_turns_and_has_as_many_steps_as_every_other(photos: PhotoSet, series: SeriesSet) -> None:
    objective = both(photos, series)
    epochs = [objective.draws(epoch) for epoch in (1, 2, 3)]
    for draws in epochs:
        assert [draw.kind for draw in draws] == ["fine", "coarse"] * 4
        seen = np.concatenate([draw.rows for draw in draws if draw.kind == "fine"])
        np.testing.assert_array_equal(np.sort(seen), series.rows("train"))
    assert not np.array_equal(epochs[0][0].rows, epochs[1][0].rows)
    again = objective.draws(1)
    assert all(np.array_equal(a.rows, b.rows) for a, b in zip(epochs[0], again, strict=True))


def test_a_batch_is_cut_alike_each_time_it_is_loaded(photos: PhotoSet, series: SeriesSet) -> None:
    objective = both(photos, series)
    for draw in objective.draws(1)[:2]:
        first, second = objective.load(share(draw)), objective.load(share(draw))
        assert torch.equal(first.tokens.patches, second.tokens.patches)
        other = objective.load(share_of(draw, 0, 1, (0, 2, 0)))
        assert not torch.equal(first.tokens.patches, other.tokens.patches), "another epoch draws other blocks"


def test_coarse_batches_cost_emd_and_fine_ones_rank_reg(photos: PhotoSet, series: SeriesSet) -> None:
    from trainer.losses import emd_loss, rank_reg_loss

    objective = both(photos, series)
    model = objective.network.eval()
    fine, coarse = (objective.load(share(draw)) for draw in objective.draws(1)[:2])
    assert isinstance(coarse, CoarseBatch)
    assert isinstance(fine, FineBatch)
    expected = emd_loss(model.judge(coarse.tokens).logits.softmax(dim=1), coarse.votes, 2.0)
    torch.testing.assert_close(objective.loss(model, coarse), expected)
    scores = model.judge(fine.tokens).scores
    pairs = torch.arange(len(scores)).view(-1, 2)
    expected = rank_reg_loss(scores, pairs, fine.probabilities, lists=fine.series)
    torch.testing.assert_close(objective.loss(model, fine), expected)


def test_two_processes_learn_what_one_does(photos: PhotoSet, series: SeriesSet) -> None:
    texts = Explanations(torch.randn(200, 16), {})
    files = series.files
    keys = [
        (files[pair.first], files[pair.second]) if pair.probability > 0.5 else (files[pair.second], files[pair.first])
        for one in series.series[:5]
        for pair in one.pairs[:2]
    ]
    objective = dataclasses.replace(
        both(photos, series), explanations=dataclasses.replace(texts, rows={key: k for k, key in enumerate(keys)})
    )
    model = objective.network.eval()
    assert objective.explained == 10
    for draw in (Draw(np.arange(5), "fine"), Draw(photos.rows("train")[:7], "coarse")):
        whole = objective.loss(model, objective.load(share(draw)))
        parts = [share(draw, process, 2) for process in range(2)]
        split = sum(objective.loss(model, objective.load(p)) * (len(p.places) / p.whole) for p in parts)
        torch.testing.assert_close(split, whole)


def test_align_pulls_from_the_worse_photo_to_the_better_one(photos: PhotoSet, series: SeriesSet) -> None:
    objective = both(photos, series)
    pair = series.series[0].pairs[0]
    better, reference = (pair.first, pair.second) if pair.probability > 0.5 else (pair.second, pair.first)
    draw = Draw(np.asarray([0]), "fine")
    plain = objective.load(share(draw))
    assert isinstance(plain, FineBatch)
    model = objective.network.eval()
    answer = model.judge(plain.tokens)
    assert objective.fine_losses(answer, plain)[1] is None
    ends = answer.embedding[:2] if better == pair.first else answer.embedding[:2].flip(0)
    wanted = (ends[0] - ends[1]).detach()
    key = (series.files[better], series.files[reference])
    for text, cost in ((wanted, 0.0), (-wanted, 2.0)):
        told = dataclasses.replace(objective, explanations=Explanations(text[None], {key: 0}))
        batch = told.load(share(draw))
        assert isinstance(batch, FineBatch)
        rank, align = told.fine_losses(answer, batch)
        assert align is not None
        assert float(align.detach()) == pytest.approx(cost, abs=1e-4)
        total = told.loss(model, batch)
        torch.testing.assert_close(total, 10.0 * align + rank)
    wrong_way = dataclasses.replace(objective, explanations=Explanations(wanted[None], {key[::-1]: 0}))
    assert wrong_way.explained == 0


def test_many_pairs_of_one_series_are_drawn_anew_each_epoch(photos: PhotoSet, series: SeriesSet) -> None:
    objective = both(photos, series, most_pairs=2)
    draw = Draw(np.asarray([0, 1]), "fine")
    seen = set()
    for epoch in range(6):
        batch = objective.load(share_of(draw, 0, 1, (0, epoch, 0)))
        assert isinstance(batch, FineBatch)
        assert batch.series.tolist() == [0, 0, 1, 1]
        seen.add(tuple(batch.tokens.patches.flatten(1).sum(dim=1).round().tolist()))
    assert len(seen) > 1


def test_a_photo_that_cannot_be_read_is_recorded_and_counts_nothing(
    photos: PhotoSet, series: SeriesSet, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no photo")
    lost = photos.rows("train")[0]
    paths = tuple(broken if row == lost else path for row, path in enumerate(photos.paths))
    objective = both(dataclasses.replace(photos, paths=paths), dataclasses.replace(series, paths=paths))
    model = objective.network.eval()
    coarse = objective.load(share(Draw(photos.rows("train")[:3], "coarse")))
    fine = objective.load(share(Draw(np.asarray([0, 1]), "fine")))
    assert isinstance(coarse, CoarseBatch)
    assert isinstance(fine, FineBatch)
    assert coarse.readable.tolist() == [False, True, True]
    assert fine.readable.tolist().count(False) == 2
    assert list(objective.excluded) == [photos.files[lost]]
    scrawled = dataclasses.replace(coarse, votes=coarse.votes.index_fill(0, torch.tensor([0]), 0.1))
    torch.testing.assert_close(objective.loss(model, coarse), objective.loss(model, scrawled))
    alone = objective.load(share(Draw(np.asarray([lost]), "coarse")))
    nothing = objective.loss(model, alone)
    assert float(nothing.detach()) == 0.0
    nothing.backward()


def test_without_any_data_there_is_nothing_to_learn(photos: PhotoSet) -> None:
    with pytest.raises(KnownError, match="nothing to learn"):
        FGAesQObjective(network(), ObjectiveSettings())
    with pytest.raises(KnownError, match="nothing to learn"):
        FGAesQObjective(network(), ObjectiveSettings(), (photos, np.zeros(0, np.int64)))


def test_the_loss_falls_and_the_planted_order_is_learned(photos: PhotoSet, series: SeriesSet, tmp_path: Path) -> None:
    objective = both(photos, series)
    engine = Engine("cpu")
    judge = Judge(objective, engine)
    test = series.rows("test")
    before = series_metrics.pair_accuracy(series_metrics.tally(*judge.series(series, test)))
    run = RunFolder(tmp_path / "run")
    settings = LoopSettings(epochs=6, learning_rate=4e-3, seed=1, workers=0, log_every=1)
    fit(objective.network, objective, objective.loss, settings=settings, run=run, engine=engine)
    losses = [line["loss"] for line in run.lines() if line["event"] == "step"]
    run.close()
    fine, coarse = np.asarray(losses[::2]), np.asarray(losses[1::2])
    assert coarse[-4:].mean() < 0.7 * coarse[:4].mean()
    assert fine[-4:].mean() < fine[:4].mean() - 0.02, "a list of six has log 720 at the start, and little to lose"
    known, scores = judge.series(series, test)
    after = series_metrics.pair_accuracy(series_metrics.tally(known, scores))
    assert after >= 0.9, f"{before:.2f} before"
    found = judge.validate((photos, photos.rows("validation")), (series, test))
    assert found["srcc"] > 0.6
    assert found["balanced"] == pytest.approx((found["srcc"] + found["pair_accuracy"]) / 2)


# --- comparisons in words


def test_comparisons_are_read_and_embedded_once(tmp_path: Path) -> None:
    table = tmp_path / "why.csv"
    with table.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(
            [("better", "reference", "text"), ("a.png", "b.png", "crisper, and level"), ("c.png", "a.png", "")]
        )
    found = read_comparisons(table)
    assert found == {("a.png", "b.png"): "crisper, and level"}
    torch.manual_seed(0)
    tower = TextTower(TINY.text, TINY.embedding).eval()
    long, short = torch.tensor([[28, 3, 4, 29, 0, 0, 0, 0]]), torch.tensor([[28, 3, 4, 29, 7, 7, 7, 7]])
    embeddings = [embed(["x"], tower, lambda _, ids=ids: ids) for ids in (long, short)]
    torch.testing.assert_close(embeddings[0], embeddings[1]), "what follows the end of a text changes nothing"
    assert embed([], tower, lambda _: long).shape == (0, TINY.embedding)


@pytest.mark.parametrize("content", [None, "", "better,reference\na,b\n", "better,reference,text\n,,\n"])
def test_a_table_without_comparisons_says_so(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "why.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(KnownError, match=r"why\.csv"):
        read_comparisons(path)


def test_a_long_text_is_cut_at_77_tokens_and_keeps_its_end() -> None:
    ids = clip_tokeniser(77)(["sharp " * 200, "sharp"])
    assert ids.shape == (2, 77)
    assert int(ids[0, -1]) == int(ids.max()) == 49407
    assert int(ids[1].argmax()) == 2


# --- where training begins


@pytest.fixture
def clip_file(tmp_path: Path) -> Path:
    """A CLIP with both towers, small enough for a test, named as OpenAI and open_clip name theirs."""
    torch.manual_seed(3)
    config = dataclasses.replace(
        TINY,
        width=64,
        heads=1,
        tokens=DiffTokenConfig(patch=8, block=16, grid=4),
        text=TextTowerConfig(width=64, layers=1, heads=1, context=77, vocabulary=49408),
    )
    whole = FGAesQ(config, text_tower=True).clip_model.state_dict()
    path = tmp_path / "clip.safetensors"
    save_file({name: tensor.clone() for name, tensor in whole.items()}, path)
    return path


def test_a_clips_shapes_say_what_to_build(clip_file: Path) -> None:
    state = clip_weights(str(clip_file))
    config = config_of(state, "clip")
    assert (config.width, config.layers, config.heads, config.embedding) == (64, 1, 1, 16)
    assert (config.tokens.patch, config.tokens.block, config.tokens.grid, config.tokens.min_side) == (8, 16, 4, 192)
    assert config.text == TextTowerConfig(width=64, layers=1, heads=1, context=77, vocabulary=49408)
    made = network_from(state, config, "clip", parity=False, seed=0)
    assert torch.equal(made.visual.proj, state["visual.proj"])
    assert torch.equal(
        made.iqa_head[0].weight, network_from(state, config, "clip", parity=False, seed=0).iqa_head[0].weight
    )
    tower = text_tower_from(state, config, "clip")
    assert torch.equal(tower.text_projection, state["text_projection"])
    assert not any(parameter.requires_grad for parameter in tower.parameters())


def test_the_published_clip_gives_the_published_settings() -> None:
    with torch.device("meta"):
        state = FGAesQ(text_tower=True).clip_model.state_dict()
    assert config_of(state, "ViT-B-16") == FGAesQConfig()


def test_weights_that_are_no_clip_are_refused(tmp_path: Path, clip_file: Path) -> None:
    other = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(2)}, other)
    with pytest.raises(ModelUnavailable, match=r"not the weights of a ViT of CLIP"):
        config_of(clip_weights(str(other)), "other")
    other.write_bytes(b"nothing")
    with pytest.raises(ModelUnavailable, match=r"other\.safetensors"):
        clip_weights(str(other))
    state = clip_weights(str(clip_file))
    config = config_of(state, "clip")
    images = {name: tensor for name, tensor in state.items() if name.startswith("visual.")}
    with pytest.raises(ModelUnavailable, match="no text tower"):
        text_tower_from(images, config, "clip")
    with pytest.raises(ModelUnavailable, match=r"visual\.class_embedding is missing"):
        network_from({}, config, "clip", parity=False, seed=0)  # type: ignore[arg-type]


def test_a_clip_that_is_not_here_names_the_command_that_fetches_it() -> None:
    with pytest.raises(ModelUnavailable, match="models fetch ViT-B-16:openai"):
        clip_weights("ViT-B-16:openai")


# --- the whole command


def write_sets(folder: Path, photos: PhotoSet, series: SeriesSet, scenes: int) -> tuple[Path, Path]:
    """Both sets as a user would have them: a table of votes, and a table of pairs, beside the photos."""
    kept = [row for row, file in enumerate(series.files) if int(file[:2]) < scenes]
    for name in ("votes", "pairs"):
        (folder / name).mkdir(parents=True)
        for row in kept:
            (folder / name / series.files[row]).write_bytes(series.paths[row].read_bytes())
    with (folder / "votes" / "ratings.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["file", *(f"votes{k}" for k in range(1, 11))])
        for row in kept:
            table.writerow([photos.files[row], *(photos.votes[row] * 200).round().astype(int)])
    with (folder / "pairs" / "pairs.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["series", "first", "second", "probability"])
        for one in series.series[:scenes]:
            table.writerows(
                [(one.name, series.files[p.first], series.files[p.second], p.probability) for p in one.pairs]
            )
    return folder / "votes", folder / "pairs"


def recipe_for(clip_file: Path) -> FGAesQRecipe:
    changes = (
        f"model.clip='{clip_file}'",
        "stage1.epochs=1",
        "stage2.epochs=1",
        "stage1.batch=8",
        "stage2.fine_batch=12",
        "stage2.coarse_batch=8",
    )
    recipe = read_recipe("fgaesq", changes)
    assert isinstance(recipe, FGAesQRecipe)
    return recipe


def test_the_command_leaves_a_model_that_orders_series(
    photos: PhotoSet, series: SeriesSet, clip_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    votes, pairs = write_sets(tmp_path, photos, series, scenes=5)
    why = tmp_path / "why.csv"
    pair = series.series[0].pairs[0]
    better, other = (pair.first, pair.second) if pair.probability > 0.5 else (pair.second, pair.first)
    why.write_text(f"better,reference,text\n{series.files[better]},{series.files[other]},it is sharper\n")
    output = tmp_path / "run"
    options = FGAesQOptions(output, votes, series=pairs, comparisons=why, device="cpu", resamples=20)
    train(recipe_for(clip_file), options)
    captured = capsys.readouterr()
    said = captured.err
    assert "pair_accuracy" in captured.out or "pair accuracy" in captured.out
    assert "Stage 1" in said
    assert "Stage 2" in said
    assert "1 comparisons are embedded" in said
    card = ModelCard.load(output / "model" / "card.json")
    assert card.kind == "fgaesq"
    assert {held.set for held in card.held_out} == {"votes", "pairs"}
    assert card.headline is not None
    assert "pair_accuracy" in card.headline.metrics
    model = FGAesQModel.load(card)
    scores = model.score_series(
        [lambda: np.zeros((40, 40, 3), np.uint8), lambda: np.full((40, 40, 3), 9, np.uint8)], "x"
    )
    assert all(1.0 <= score <= 10.0 for score in scores)
    for name in ("recipe.json", "metrics.jsonl", "results.json", "predictions.csv", "report.html"):
        assert (output / name).is_file(), name
    with pytest.raises(KnownError, match="already"):
        train(recipe_for(clip_file), options)


@pytest.fixture
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports have tests of their own, and each takes seconds to draw."""
    monkeypatch.setattr("trainer.fgaesq.run.report", lambda *_: None)


@pytest.mark.usefixtures("no_report")
def test_series_alone_are_learned_from_and_what_is_missing_is_said(
    photos: PhotoSet, series: SeriesSet, clip_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, pairs = write_sets(tmp_path, photos, series, scenes=4)
    train(recipe_for(clip_file), FGAesQOptions(tmp_path / "run", series=pairs, device="cpu", resamples=20))
    said = capsys.readouterr().err
    assert NO_COMPARISONS in said
    assert "Stage 1" not in said
    with pytest.raises(KnownError, match="--series is needed"):
        train(recipe_for(clip_file), FGAesQOptions(tmp_path / "other"))
    assert not (tmp_path / "other").exists()


@pytest.mark.usefixtures("no_report")
def test_a_run_that_was_killed_in_its_second_stage_goes_on_there(
    photos: PhotoSet, series: SeriesSet, clip_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    votes, pairs = write_sets(tmp_path, photos, series, scenes=4)
    whole, cut = (FGAesQOptions(tmp_path / name, votes, series=pairs, device="cpu", resamples=5) for name in "ab")
    train(recipe_for(clip_file), whole)
    right_way = FGAesQObjective.fine_losses

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(FGAesQObjective, "fine_losses", killed)
    with pytest.raises(KeyboardInterrupt):
        train(recipe_for(clip_file), cut)
    monkeypatch.setattr(FGAesQObjective, "fine_losses", right_way)
    train(recipe_for(clip_file), dataclasses.replace(cut, resume=True))
    lines = [(tmp_path / name / "metrics.jsonl").read_text() for name in "ab"]
    assert lines[0] == lines[1]
    first, second = (ModelCard.load(tmp_path / name / "model" / "card.json") for name in "ab")
    assert first.sha256 == second.sha256


def test_series_are_split_whole_and_always_alike(series: SeriesSet) -> None:
    recipe = read_recipe("fgaesq")
    assert isinstance(recipe, FGAesQRecipe)
    unsaid = dataclasses.replace(series, series=tuple(dataclasses.replace(one, split="") for one in series.series))
    first, second = split_series(unsaid, recipe), split_series(unsaid, recipe)
    for name, rows in first.items():
        np.testing.assert_array_equal(rows, second[name])
        assert len(rows) > 0
    np.testing.assert_array_equal(np.sort(np.concatenate(list(first.values()))), np.arange(16))
    stated = split_series(series, recipe)
    np.testing.assert_array_equal(stated["test"], series.rows("test"))
    assert not set(stated["validation"]) & set(stated["train"])
    with pytest.raises(KnownError, match="no series to learn from"):
        split_series(series.take(np.zeros(0, np.int64)), recipe)
