"""The gate: nothing that judges has taught, chance does not come in, and a real difference does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats as scipy_stats

from trainer.personal import gate as gate_module
from trainer.personal.gate import HeldOutPairs, fold_of, hold_out, judge, upper_tail
from trainer.personal.preference import Design, Scaling, fit
from trainer.personal.settings import GateSettings, PersonalLearningSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainer.personal.features import PhotoFeatures

LEARNING = PersonalLearningSettings(residuals=(0.5,))
GATE = GateSettings(repeats=2)


@pytest.fixture
def design(made_features: Callable[[int], PhotoFeatures]) -> Design:
    photos = made_features(60)
    return Scaling.of(photos).apply(photos)


def by_grade(grades: np.ndarray) -> np.ndarray:
    higher = (grades[:, None] > grades[None, :]).astype(float)
    return higher * len(grades) / max(higher.sum(), 1.0)


def held(base: list[float], personal: list[float], groups: np.ndarray | None = None) -> HeldOutPairs:
    count = len(base)
    rows = np.arange(2 * count).reshape(-1, 2)
    return HeldOutPairs(
        rows[:, 0],
        rows[:, 1],
        np.ones(count),
        np.asarray(base),
        np.asarray(personal),
        np.arange(2 * count) if groups is None else groups,
    )


def test_groups_never_straddle_folds() -> None:
    groups = np.random.default_rng(0).integers(0, 25, 100)
    groups = np.unique(groups, return_inverse=True)[1]
    fold = fold_of(groups, np.zeros((100, 100)), 5, np.random.default_rng(1))
    for group in np.unique(groups):
        assert len(set(fold[groups == group])) == 1
    assert np.bincount(fold, minlength=5).min() > 10


def test_photos_compared_by_hand_are_held_out_together() -> None:
    pairs = np.zeros((100, 100))
    pairs[np.arange(0, 100, 2), np.arange(1, 100, 2)] = 1
    fold = fold_of(np.arange(100), pairs, 5, np.random.default_rng(0))
    together = fold[0::2] == fold[1::2]
    assert together.mean() > 0.9


def test_no_photo_that_judges_has_taught(design: Design, monkeypatch: pytest.MonkeyPatch) -> None:
    taught: list[set[int]] = []

    def spy(photos: Design, wins: np.ndarray, settings: PersonalLearningSettings) -> object:
        taught.append(set(np.flatnonzero((wins + wins.T).any(axis=1)).tolist()))
        return fit(photos, wins, settings)

    monkeypatch.setattr(gate_module, "fit", spy)
    groups = np.arange(60) // 2
    wins = by_grade(np.random.default_rng(0).integers(1, 6, 60))
    found = hold_out(design, wins, np.zeros((60, 60)), groups, LEARNING, GATE, 0)
    assert len(taught) == GATE.folds * GATE.repeats
    assert {len(one) for one in taught} != {60}
    for learned in taught:
        left_out = set(range(60)) - learned
        assert all((row ^ 1) in left_out for row in left_out)  # whole groups of two
    assert len(found) > 100


def test_chance_is_refused(design: Design) -> None:
    """30 people who give stars by chance: one of them at most may get through."""
    passed = 0
    for seed in range(30):
        grades = np.random.default_rng(seed).integers(1, 6, 60)
        found = hold_out(design, by_grade(grades), np.zeros((60, 60)), np.arange(60), LEARNING, GATE, seed)
        passed += judge(found, GATE).passed
    assert passed <= 1


def test_a_real_taste_passes(design: Design) -> None:
    liking = design.parts["attribute"][:, 2]
    grades = np.digitize(liking, np.quantile(liking, (0.2, 0.4, 0.6, 0.8)))
    found = hold_out(design, by_grade(grades), np.zeros((60, 60)), np.arange(60), LEARNING, GATE, 0)
    verdict = judge(found, GATE)
    assert verdict.passed
    assert verdict.personal.value > verdict.base.value
    assert "better than the base" in verdict.words


def test_nothing_gained_is_refused_in_words() -> None:
    verdict = judge(held([1.0, 0.0] * 20, [1.0, 0.0] * 20), GATE)
    assert not verdict.passed
    assert verdict.chance == 1.0
    assert verdict.words.startswith("Not better than the base")


def test_a_small_gain_is_told_apart_from_none() -> None:
    verdict = judge(held([1.0, 0.0] * 20, [1.0, 0.0] * 19 + [1.0, 1.0]), GATE)
    assert not verdict.passed
    assert verdict.gain.value > 0
    assert "beyond chance" in verdict.words


def test_the_error_of_separate_pairs_is_the_usual_one() -> None:
    gains = np.random.default_rng(0).choice([-1.0, 0.0, 1.0], 200, p=[0.2, 0.5, 0.3])
    verdict = judge(held([0.0] * 200, gains.tolist()), GATE)
    error = gains.std() / np.sqrt(200)
    assert verdict.gain.high - verdict.gain.low == pytest.approx(2 * 1.96 * error, rel=0.01)


def test_pairs_that_share_photos_count_for_less() -> None:
    gains = ([1.0] * 6 + [-1.0] * 4) * 4
    apart = judge(held([0.0] * 40, gains), GATE)
    sharing = judge(held([0.0] * 40, gains, np.arange(80) // 20), GATE)  # series of ten pairs that gain alike
    alike = judge(held([0.0] * 40, sorted(gains), np.arange(80) // 20), GATE)
    assert alike.chance > apart.chance
    assert sharing.gain.value == pytest.approx(apart.gain.value)


@pytest.mark.parametrize(("value", "freedom"), [(0.0, 5), (2.0, 10), (3.5, 40), (-1.0, 3), (4.0, 199)])
def test_the_tail_is_students(value: float, freedom: int) -> None:
    assert upper_tail(value, freedom) == pytest.approx(scipy_stats.t.sf(value, freedom), rel=0.01, abs=1e-6)
