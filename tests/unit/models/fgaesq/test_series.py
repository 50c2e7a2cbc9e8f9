"""Series are ordered by all their pairs, one pair in memory at a time, and single photos are scored repeatably."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.models.fgaesq import FGAesQ, FGAesQConfig, FGAesQModel, PairScore, pair_seed, series_scores
from aesthetic_studio.models.fgaesq import model as model_module
from aesthetic_studio.models.fgaesq.published import save_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Make = Callable[..., NDArray[np.uint8]]


@pytest.fixture
def model(network: FGAesQ, tmp_path: Path) -> FGAesQModel:
    """Installed and loaded again."""
    card = save_model(network, tmp_path / "m", name="tiny", version="1", title="Tiny", licence="Apache-2.0")
    return FGAesQModel.load(card)


@given(scores=st.lists(st.floats(1, 10), min_size=2, max_size=8))
def test_with_all_pairs_the_order_is_that_of_the_means(scores: list[float]) -> None:
    count = len(scores)
    pairs = [PairScore(i, j, scores[i], scores[j]) for i in range(count) for j in range(i + 1, count)]
    found = series_scores(count, pairs)
    for i in range(count):
        for j in range(count):
            if scores[i] > scores[j] + 1e-9:
                assert found[i] > found[j] - 1e-12
    middle = sum(scores) / count
    expected = [0.9 * s + 0.1 * middle for s in scores] if count >= 4 else scores
    assert found == pytest.approx(expected)


def test_a_score_of_few_comparisons_is_drawn_to_the_mean_of_the_series() -> None:
    pairs = [PairScore(0, 1, 8.0, 2.0), PairScore(1, 2, 4.0, 5.0), PairScore(1, 3, 3.0, 6.0), PairScore(2, 3, 7.0, 6.0)]
    means = [8.0, 3.0, 6.0, 6.0]
    middle = sum(means) / 4
    weights = [0.3, 0.9, 0.7, 0.7]
    expected = [w * m + (1 - w) * middle for w, m in zip(weights, means, strict=True)]
    assert series_scores(4, pairs) == pytest.approx(expected)
    assert series_scores(3, pairs[:2]) == pytest.approx([8.0, 3.0, 5.0]), "three photos are not shrunk"


def test_a_photo_without_comparison_has_no_score() -> None:
    found = series_scores(4, [PairScore(0, 1, 8.0, 2.0)])
    assert [math.isnan(score) for score in found] == [False, False, True, True]
    assert all(math.isnan(score) for score in series_scores(2, []))
    assert series_scores(0, []) == []


def test_a_series_is_scored_by_all_its_pairs_each_with_a_seed_of_its_own(model: FGAesQModel, textured: Make) -> None:
    photos = [textured(60, 80, seed=seed) for seed in range(4)]
    found = list(model.score_pairs([lambda p=photo: p for photo in photos], "beach"))
    assert [(pair.first, pair.second) for pair in found] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    for pair in found:
        seed = pair_seed("beach", pair.first, pair.second)
        expected = model.score_pair(photos[pair.first], photos[pair.second], seed)
        assert (pair.first_score, pair.second_score) == expected
    scores = model.score_series([lambda p=photo: p for photo in photos], "beach")
    assert scores == series_scores(4, found)
    assert scores == model.score_series([lambda p=photo: p for photo in photos], "beach"), "again the same"
    assert all(1.0 <= score <= 10.0 for score in scores)


def test_pairs_that_are_known_are_not_scored_again(model: FGAesQModel, textured: Make) -> None:
    loaders = [lambda s=seed: textured(40, 40, seed=s) for seed in range(3)]
    found = list(model.score_pairs(loaders, "x", known={(0, 1), (1, 2)}))
    assert [(pair.first, pair.second) for pair in found] == [(0, 2)]


def test_an_unreadable_photo_takes_part_in_no_pair(model: FGAesQModel, textured: Make) -> None:
    asked = []

    def broken() -> NDArray[np.uint8]:
        asked.append(1)
        raise UnreadablePhoto("b.jpg", "is damaged", "")

    scores = model.score_series([lambda: textured(40, 40), broken, lambda: textured(40, 40, seed=2)], "x")
    assert [math.isnan(score) for score in scores] == [False, True, False]
    assert len(asked) == 1


def test_a_series_of_one_has_nothing_to_be_compared_with(model: FGAesQModel, textured: Make) -> None:
    assert all(math.isnan(score) for score in model.score_series([lambda: textured(40, 40)], "x"))
    assert model.score_series([], "x") == []


def test_photos_are_opened_once_and_only_so_many_are_held(
    model: FGAesQModel, textured: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []

    def loader(number: int) -> Callable[[], NDArray[np.uint8]]:
        def load() -> NDArray[np.uint8]:
            opened.append(number)
            return textured(40, 40, seed=number)

        return load

    model.score_series([loader(number) for number in range(5)], "x")
    assert opened == [0, 1, 2, 3, 4]
    opened.clear()
    monkeypatch.setattr(model_module, "KEPT_BYTES", 1)
    limited = model.score_series([loader(number) for number in range(5)], "x")
    assert len(opened) > 5
    monkeypatch.undo()
    assert limited == model.score_series([loader(number) for number in range(5)], "x")


def test_a_single_photo_is_scored_repeatably_and_draws_are_averaged(model: FGAesQModel, textured: Make) -> None:
    large = textured(90, 90)
    once = model.score_image(large, seed=3)
    assert once == model.score_image(large, seed=3)
    assert once != model.score_image(large, seed=4)
    assert sum(once.probabilities) == pytest.approx(1.0)
    several = model.score_image(large, seed=3, draws=2)
    mean = np.mean([model.score_image(large, seed=seed).probabilities for seed in (3, 4)], axis=0)
    assert several.probabilities == pytest.approx(tuple(mean), abs=1e-6)
    small = textured(16, 16)
    assert model.score_image(small, seed=1) == model.score_image(small, seed=2, draws=3), "a small one is seen whole"


def test_previews_are_scored_as_single_photos_of_their_size_are(model: FGAesQModel, textured: Make) -> None:
    side = model.card.input_size
    photos = [textured(side, side, seed=seed) for seed in range(3)]
    images = torch.from_numpy(np.stack([photo.transpose(2, 0, 1) for photo in photos]))
    tokens = model.encode(images)
    assert tokens.grid.shape[1] == tokens.height * tokens.width == (side // 4) ** 2
    answer = model.score(tokens)
    for row, photo in enumerate(photos):
        alone = model.score_image(photo).probabilities
        assert answer.probabilities[row].tolist() == pytest.approx(alone, abs=1e-5)
    torch.testing.assert_close(answer.attention.sum(dim=(1, 2)), torch.ones(3))
    assert bool((answer.attention >= 0).all())
    assert model.encode_words(["a"]) is None


def test_the_published_size_reads_previews_of_352_pixels() -> None:
    assert model_module.preview_side(FGAesQConfig()) == 352


def test_the_programs_own_scorer_takes_it(model: FGAesQModel, textured: Make) -> None:
    import io

    from PIL import Image

    from aesthetic_studio.pipeline.scorer import Scorer

    preview = io.BytesIO()
    Image.fromarray(textured(60, 80)).save(preview, "JPEG")
    scorer = Scorer(model=model, device="cpu")
    found = scorer.score_previews([preview.getvalue(), b"no picture"])
    attention = scorer.attention(preview.getvalue())
    scorer.close()
    assert found[0] is not None
    assert found[1] is None
    assert attention is not None
    assert attention[:2] == (5, 5)


def test_two_frames_of_a_real_series_are_compared(real_data: Path, tiny: FGAesQConfig, network: FGAesQ) -> None:
    """The sibling on made photos is above; here the house's own decoder opens a camera's files."""
    from aesthetic_studio.imaging.decode import load_upright

    frames = sorted((real_data / "focus_series").glob("*.JPG"))[:2]
    card = None
    model = FGAesQModel(card, network)  # type: ignore[arg-type]
    loaders = [lambda path=path: np.asarray(load_upright(str(path), 512)) for path in frames]
    scores = model.score_series(loaders, "pcb")
    assert all(1.0 <= score <= 10.0 for score in scores)
