"""Each study answers on made data, and what it says can be false."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.protocol import TextTokens, VisualTokens
from trainer import cli, metrics
from trainer.data.degrade import labels
from trainer.embedded.baselines import ridge
from trainer.embedded.folds import Fold, random_folds
from trainer.embedded.series import EncodedSeries
from trainer.embedded.training import Voted, train_head
from trainer.embedded.views import Views
from trainer.recipes.recipe import AugmentationSettings, HeadSettings, TrainingSettings
from trainer.studies import frozen, planting, series, series_learning, teacher, text
from trainer.studies.normalising import Normalisation, normalise
from trainer.studies.series_judges import laplacian_variance, measured, standings

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SMALL = HeadSettings(width=16, queries=2, heads=2, feed_forward_width=16, dropout=0.0)
QUICK = TrainingSettings(epochs=8, batch=24, learning_rate=2e-2, weight_decay=0.01)
LONGER = dataclasses.replace(QUICK, epochs=40, learning_rate=1e-2)


def votes_of(means: NDArray[np.float64]) -> NDArray[np.float64]:
    chances = np.exp(-((np.arange(1.0, 11.0)[None, :] - means[:, None]) ** 2) / 4.0)
    shares: NDArray[np.float64] = chances / chances.sum(axis=1, keepdims=True)
    return shares


@pytest.fixture(scope="module")
def few(planted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the first 24 planted photos."""
    folder = tmp_path_factory.mktemp("few")
    heading, *rows = (planted / "ratings.csv").read_text(encoding="utf-8").splitlines()
    (folder / "ratings.csv").write_text("\n".join([heading, *rows[:24]]) + "\n", encoding="utf-8")
    for row in rows[:24]:
        name = row.split(",")[0]
        (folder / name).write_bytes((planted / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def voted() -> Voted:
    """120 photos of three sources; one number in four of the tokens says how they are liked."""
    draw = np.random.default_rng(6)
    liking = draw.uniform(3.0, 8.0, 120)
    grid = draw.normal(0, 1, (120, 2, 9, 8))
    grid[..., 0] += (liking[:, None, None] - 5.5) * 0.5
    tokens = torch.from_numpy(grid).half()
    return Voted(
        Views(tokens, tokens.float().mean(dim=2).half(), 3, 3),
        votes_of(liking),
        np.asarray([f"source {row % 3}" for row in range(120)]),
    )


def settings_of_teacher(**changes: Any) -> teacher.TeacherSettings:
    candidates = (
        teacher.Candidate("good", Normalisation(components=4), SMALL, QUICK),
        teacher.Candidate(
            "untrained", Normalisation(components=4), SMALL, dataclasses.replace(QUICK, epochs=1, learning_rate=1e-9)
        ),
    )
    return dataclasses.replace(
        teacher.TeacherSettings(seeds=2, inner_seeds=1, resamples=10, candidates=candidates), **changes
    )


def test_the_teacher_study_chooses_on_inner_folds_and_judges_every_photo_once(voted: Voted) -> None:
    folds = random_folds(np.arange(120), 2, 0)

    answers = teacher.answer(voted, folds, by_source=False, settings=settings_of_teacher())
    figures = teacher.judge(voted, answers, 20)

    assert sorted(answers.rows) == list(range(120))
    assert set(answers.chosen.values()) == {"good"}
    assert figures["judges"][teacher.QUERIES]["pooled"]["srcc"].value > 0.7
    assert figures["judges"][teacher.RIDGE]["pooled"]["srcc"].value > 0.7
    assert len(figures["each seed alone"]) == 2


def test_votes_of_judged_photos_change_no_answer(voted: Voted) -> None:
    fold = random_folds(np.arange(120), 3, 0)[0]
    votes = voted.votes.copy()
    votes[fold.judge] = votes[fold.judge][:, ::-1]
    other = dataclasses.replace(voted, votes=votes)

    one, two = (
        teacher.answer(data, [fold], by_source=False, settings=settings_of_teacher()) for data in (voted, other)
    )

    assert one.inner == two.inner
    for name, answer in one.judges.items():
        assert np.array_equal(answer, two.judges[name]), name


def test_tokens_are_prepared_by_what_is_learned_from_alone(voted: Voted) -> None:
    learn = np.arange(60)
    changed = voted.views.grid.clone()
    changed[60:] *= 3.0

    one = normalise(voted.views, learn, Normalisation(components=5))
    two = normalise(dataclasses.replace(voted.views, grid=changed), learn, Normalisation(components=5))

    assert one.grid.shape == (120, 2, 9, 5)
    assert torch.equal(one.grid[:60], two.grid[:60])


def test_whitened_components_have_one_variance(voted: Voted) -> None:
    white = normalise(voted.views, np.arange(120), Normalisation(components=6, whitening=1.0)).grid[:, 0].float()

    spread = white.reshape(-1, 6).var(dim=0)
    assert float(spread.max() / spread.min()) < 1.05


def test_queries_learn_the_order_of_series_and_keep_their_answers(voted: Voted) -> None:
    draw = torch.Generator().manual_seed(1)
    frames = torch.randn(80, 9, 8, generator=draw)
    frames[:, :, 1] -= torch.arange(80).remainder(4)[:, None] * 0.8  # what was done to a frame, in another number
    tokens = VisualTokens(frames.half(), frames.mean(dim=1).half(), 3, 3)
    known = labels([(f"{n}", "blur", 4) for n in range(20)])
    photos = VisualTokens(voted.views.grid[:, 0], voted.views.pooled[:, 0], 3, 3)
    lessons = series_learning.Lessons(EncodedSeries(known, tokens), photos, voted.votes)
    recipe = teacher.Candidate("good", head=SMALL, training=QUICK).recipe([1])
    head = train_head(voted, np.arange(120), recipe)
    settings = series_learning.RankRegSettings(training=dataclasses.replace(QUICK, batch=10), rank_weight=0.2)

    taught = series_learning.learn_series(head, lessons, np.arange(120), settings)

    def pairs(found: NDArray[np.float64]) -> float:
        scores = metrics.mean_scores(found).reshape(20, 4)
        return float(np.mean([scores[:, a] > scores[:, b] for a in range(4) for b in range(a + 1, 4)]))

    before, after = (series_learning.distributions(one, tokens) for one in (head, taught))
    assert pairs(before) < 0.7 < 0.9 < pairs(after)
    assert metrics.srcc(series_learning.distributions(taught, photos), voted.votes) > 0.7
    assert np.array_equal(before, series_learning.distributions(head, tokens))


def test_measurements_and_the_laplacian_see_blur(sharp_photo: Image.Image) -> None:
    from trainer.data.degrade import Fault, degrade

    frames = degrade(sharp_photo, Fault.BLUR, seed=0).frames

    worth = standings([measured(frame) for frame in frames])
    sharp = [laplacian_variance(frame) for frame in frames]
    assert list(np.argsort(-worth)) == [0, 1, 2, 3]
    assert sharp == sorted(sharp, reverse=True)


@pytest.fixture(scope="module")
def sharp_photo() -> Image.Image:
    """A busy picture with fine and coarse detail."""
    draw = np.random.default_rng(2)
    coarse = Image.fromarray(draw.integers(0, 255, (24, 36, 3), dtype=np.uint8)).resize(
        (360, 240), Image.Resampling.NEAREST
    )
    fine = draw.normal(0, 3, (240, 360, 3))
    return Image.fromarray(np.clip(np.asarray(coarse) + fine, 0, 255).astype(np.uint8))


def test_words_that_carry_the_answer_help_and_others_do_no_harm(tmp_path: Path, voted: Voted) -> None:
    from aesthetic_studio.models.text import find_text_encoder

    noisy = torch.randn(voted.views.grid.shape, generator=torch.Generator().manual_seed(1)) * 4.0
    grid = (voted.views.grid.float() + noisy).half()
    weak = dataclasses.replace(voted, views=Views(grid, grid.float().mean(dim=2).half(), 3, 3))
    reader = find_text_encoder(str(planting.make_bert(tmp_path / "bert", width=16)))
    said = {
        text.TELLING: planting.tell(voted.votes, clarity=2.0, noise=0.3, seed=1),
        text.EMPTY: planting.tell(voted.votes, clarity=0.0, noise=0.0, seed=2),
    }
    settings = text.TextSettings(
        seeds=1, folds=2, head=dataclasses.replace(SMALL, modality_dropout=0.3), training=LONGER, resamples=20
    )
    folds = random_folds(np.arange(120), 2, 0)

    words = {kind: reader.encode(one) for kind, one in said.items()}
    answers = text.judge_all(weak, words, folds, settings)
    found = text.figures(answers, weak.votes, np.concatenate([fold.judge for fold in folds]), 20)["kinds"]

    plain = found[text.IMAGE_ONLY]["srcc"].value
    assert found[f"{text.TELLING}, judged with them"]["srcc"].value > plain + 0.1
    assert found[f"{text.EMPTY}, judged with them"]["srcc"].value > plain - 0.2
    assert found[f"{text.TELLING}, judged by the photo alone"]["srcc"].value > plain - 0.2


def test_planted_words_carry_the_votes_or_nothing() -> None:
    votes = votes_of(np.random.default_rng(1).uniform(3, 8, 200))
    fold = Fold("half", np.arange(100), np.arange(100, 200))
    inner = random_folds(fold.learn, 2, 0)

    def told(clarity: float) -> float:
        counts = planting.bag(planting.tell(votes, clarity=clarity, noise=0.2, seed=3))
        return metrics.srcc(metrics.points(ridge(counts, votes, fold, inner)), votes[fold.judge])

    assert told(2.0) > 0.7
    assert abs(told(0.0)) < 0.3


def test_a_silent_photo_is_all_padding() -> None:
    words = TextTokens(torch.ones(2, 3, 4), torch.zeros(2, 3, dtype=torch.bool))

    assert bool(text.silent(words).padding.all())


def test_an_epoch_over_the_cache_is_timed_beside_one_from_the_photos(few: Path, tmp_path: Path) -> None:
    assert cli.main(["study", "frozen", "--data", str(few), "--output", str(tmp_path / "run"), "--epochs", "1"]) == 0

    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert results["photos"] == 24
    assert results["ratio"] > 1.0
    assert results["ratio end to end"] > 1.0
    assert (tmp_path / "run" / "table.md").read_text().startswith("| what |")


def test_an_encoder_that_is_trained_with_the_head_is_timed_too(few: Path, tmp_path: Path) -> None:
    command = ["study", "frozen", "--data", str(few), "--output", str(tmp_path / "run"), "--epochs", "1"]
    assert cli.main([*command, "--encoder", "untrained:ViT-S-32"]) == 0

    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert results["ratio end to end"] > results["ratio"] > 1.0
    assert "end to end" in (tmp_path / "run" / "table.md").read_text()


def test_an_unknown_tower_is_named(few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["study", "frozen", "--data", str(few), "--output", str(tmp_path / "run")]
    assert cli.main([*command, "--encoder", "untrained:no-such-tower"]) != 0
    assert "no tower 'no-such-tower'" in capsys.readouterr().err


def test_the_series_study_answers_as_a_command(few: Path, tmp_path: Path, sharp_photo: Image.Image) -> None:
    for folder in ("judged", "learned"):
        (tmp_path / folder).mkdir()
        sharp_photo.save(tmp_path / folder / f"{folder}.png")
    settings = series.SeriesSettings(
        learn=1,
        resamples=20,
        kept_votes=False,
        rank_reg=series_learning.RankRegSettings(training=TrainingSettings(epochs=1, batch=4)),
    )

    results = series.study([tmp_path / "judged"], tmp_path / "learned", few, tmp_path / "run", settings)

    assert results["series"] == 7
    assert set(results["judges"]) >= {series.MODEL, series.LEARNED, series.MEASURED, series.LAPLACIAN}
    assert results["by fault"][series.LAPLACIAN]["blur"]["pair_accuracy"] == 1.0
    assert "pristine chosen" in (tmp_path / "run" / "table.md").read_text()


def test_a_photo_is_never_learned_from_and_judged(few: Path, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="learned from and judged"):
        series.study([few], few, few, tmp_path / "run")


def test_the_teacher_study_answers_as_a_command(few: Path, tmp_path: Path) -> None:
    quick = teacher.Candidate("quick", Normalisation(components=8), SMALL, dataclasses.replace(QUICK, epochs=1))
    settings = settings_of_teacher(
        views=AugmentationSettings(views=2), candidates=(quick,), seeds=1, random_folds=2, resamples=10
    )

    results = teacher.study(few, "embedded", tmp_path / "run", settings)

    assert set(results) >= {"leave one source out", "2 random folds"}
    assert (tmp_path / "run" / "predictions-leave-one-source-out.csv").is_file()
    assert results["leave one source out"]["queries less"][teacher.RIDGE]["pooled"]["srcc"].p <= 1.0


def test_an_epoch_from_photos_and_one_from_the_cache_see_the_same_tokens(few: Path, tmp_path: Path) -> None:
    from trainer.data.opening import open_photos
    from trainer.features import build

    photos, encoder = open_photos(few), find_encoder("embedded")
    cache = build(photos, encoder, tmp_path / "cache")
    rows = torch.tensor([3, 1, 7])

    anew, cached = frozen.encoded(photos, encoder, rows), cache.tokens(rows)

    assert torch.allclose(anew.grid, cached.grid, atol=2e-2)
