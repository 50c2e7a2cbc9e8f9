"""Learning from comparisons: what a judgement changes, how little a few do, and what many reveal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from trainer.personal.preference import Design, Scaling, fit
from trainer.personal.settings import PersonalLearningSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainer.personal.features import PhotoFeatures

SETTINGS = PersonalLearningSettings()


@pytest.fixture
def design(made_features: Callable[[int], PhotoFeatures]) -> Design:
    photos = made_features(120)
    return Scaling.of(photos).apply(photos)


def stars(liking: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """Comparisons by five grades of what is liked, weighed as one a photo."""
    grade = np.digitize(liking[rows], np.quantile(liking, (0.1, 0.3, 0.7, 0.9)))
    higher = (grade[:, None] > grade[None, :]).astype(float)
    wins = np.zeros((count, count))
    wins[np.ix_(rows, rows)] = higher * len(rows) / max(higher.sum(), 1.0)
    return wins


def accuracy(scores: np.ndarray, liking: np.ndarray) -> float:
    liked = liking[:, None] > liking[None, :]
    return float(((scores[:, None] > scores[None, :]) & liked).sum() / liked.sum())


def test_without_judgements_the_base_order_stays(design: Design) -> None:
    taste = fit(design, np.zeros((120, 120)), SETTINGS)
    assert np.allclose(taste.liking(design), SETTINGS.slope * design.base)
    assert taste.trust_in_base == pytest.approx(SETTINGS.base_trust)


def test_a_preference_raises_the_winner_against_the_loser(design: Design) -> None:
    wins = np.zeros((120, 120))
    wins[3, 7] = 1.0
    before = fit(design, np.zeros((120, 120)), SETTINGS).liking(design)
    after = fit(design, wins, SETTINGS).liking(design)
    assert after[3] - after[7] > before[3] - before[7]


def test_a_tie_draws_two_photos_together(design: Design) -> None:
    wins = np.zeros((120, 120))
    high, low = int(design.base.argmax()), int(design.base.argmin())
    wins[high, low] = wins[low, high] = 3.0
    after = fit(design, wins, SETTINGS).liking(design)
    assert 0 < after[high] - after[low] < SETTINGS.slope * (design.base[high] - design.base[low])


def test_the_order_of_photos_does_not_matter(design: Design) -> None:
    generator = np.random.default_rng(1)
    wins = stars(design.parts["attribute"][:, 0], np.arange(40), 120)
    order = generator.permutation(120)
    straight = fit(design, wins, SETTINGS).liking(design)
    shuffled = fit(design.take(order), wins[np.ix_(order, order)], SETTINGS).liking(design.take(order))
    assert np.allclose(shuffled, straight[order], atol=1e-3)


def test_a_taste_for_an_attribute_is_learned_from_eighty_ratings(design: Design) -> None:
    liking = design.parts["attribute"][:, 2]
    held = np.arange(80, 120)
    taste = fit(design, stars(liking, np.arange(80), 120), SETTINGS)
    assert accuracy(design.base[held], liking[held]) < 0.65
    assert accuracy(taste.liking(design)[held], liking[held]) > 0.8
    assert taste.trust_in_base < 0.05


def test_a_taste_that_only_the_encoder_sees_is_learned_too(design: Design) -> None:
    liking = design.parts["whole"] @ np.random.default_rng(4).normal(size=12)
    held = np.arange(100, 120)
    taste = fit(design, stars(liking, np.arange(100), 120), SETTINGS)
    assert accuracy(taste.liking(design)[held], liking[held]) > 0.75


def test_who_likes_what_the_base_likes_is_left_with_the_base(design: Design) -> None:
    taste = fit(design, stars(design.base, np.arange(60), 120), SETTINGS)
    assert taste.trust_in_base > 0.5
    assert accuracy(taste.liking(design)[60:], design.base[60:]) > 0.95


def test_ten_judgements_do_no_harm_on_average(design: Design) -> None:
    """Over people who like what the base likes with much noise, ten stars cost less than a point of accuracy."""
    lost = []
    for seed in range(20):
        generator = np.random.default_rng(seed)
        liking = design.base + generator.normal(size=120)
        rows = generator.permutation(120)
        after = fit(design, stars(liking, rows[:10], 120), SETTINGS).liking(design)
        held = rows[10:]
        lost.append(accuracy(design.base[held], liking[held]) - accuracy(after[held], liking[held]))
    assert np.mean(lost) < 0.01


def test_the_ensemble_agrees_more_the_more_was_judged(design: Design) -> None:
    liking = design.parts["attribute"][:, 2]
    spread = []
    for count in (10, 80):
        taste = fit(design, stars(liking, np.arange(count), 120), SETTINGS)
        draws = taste.draws(design, 24, np.random.default_rng(0))
        draws = (draws - draws.mean(axis=1, keepdims=True)) / draws.std(axis=1, keepdims=True)
        spread.append(draws.std(axis=0).mean())
    assert spread[1] < spread[0]


def test_there_is_an_ensemble_before_the_first_judgement(design: Design) -> None:
    draws = fit(design, np.zeros((120, 120)), SETTINGS).draws(design, 4, np.random.default_rng(0))
    assert draws.shape == (4, 120)
    assert np.isfinite(draws).all()
    assert not np.allclose(draws[0], draws[1])


def test_the_weights_say_the_same_as_the_pulls(design: Design) -> None:
    taste = fit(design, stars(design.parts["attribute"][:, 1], np.arange(50), 120), SETTINGS)
    by_weight = sum(design.parts[name] @ weight for name, weight in taste.weights().items())
    assert np.allclose(by_weight, taste.pulls(design).sum(axis=1))
