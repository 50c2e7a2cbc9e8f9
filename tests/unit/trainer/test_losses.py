"""Losses keep their laws: EMD is a metric, RankReg wants people's order, CTAlign wants the words' direction."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch import Tensor

from trainer import metrics
from trainer.losses import bradley_terry_loss, ct_align_loss, emd_loss, rank_loss, rank_reg_loss, total_loss

FIRST_IS_BETTER = torch.tensor([0.9])
ONE_PAIR = torch.tensor([[0, 1]])
ALL_OF_FOUR = torch.tensor([[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]])
SURER_WHEN_FARTHER = torch.tensor([0.6, 0.8, 0.95, 0.6, 0.8, 0.6])

four_scores = arrays.arrays(np.float64, 4, elements=st.floats(1.0, 10.0)).map(torch.from_numpy)
probabilities = arrays.arrays(np.float64, 6, elements=st.integers(0, 10).map(lambda k: k / 10)).map(torch.from_numpy)
vectors = arrays.arrays(np.float64, (3, 5), elements=st.floats(-5.0, 5.0)).map(torch.from_numpy)


def distributions(rows: int = 1) -> st.SearchStrategy[Tensor]:
    counts = arrays.arrays(np.int64, (rows, 10), elements=st.integers(0, 50))
    return counts.filter(lambda votes: bool((votes.sum(axis=1) > 0).all())).map(
        lambda votes: torch.from_numpy(votes / votes.sum(axis=1, keepdims=True))
    )


@given(first=distributions(), second=distributions(), third=distributions(), r=st.sampled_from([1.0, 2.0]))
@settings(deadline=None)
def test_emd_is_a_metric(first: Tensor, second: Tensor, third: Tensor, r: float) -> None:
    def between(a: Tensor, b: Tensor) -> float:
        return float(emd_loss(a, b, r))

    assert between(first, first) <= 1e-6
    assert between(first, second) == pytest.approx(between(second, first))
    assert between(first, third) <= between(first, second) + between(second, third) + 1e-6


@given(first=distributions(4), second=distributions(4))
@settings(deadline=None)
def test_the_loss_is_the_metric_with_r_2(first: Tensor, second: Tensor) -> None:
    assert float(emd_loss(first, second)) == pytest.approx(metrics.emd(first.numpy(), second.numpy(), 2.0), abs=2e-6)


def test_emd_has_a_gradient_where_both_distributions_are_the_same() -> None:
    predicted = torch.full((2, 10), 0.1, requires_grad=True)
    emd_loss(predicted, torch.full((2, 10), 0.1)).backward()
    assert predicted.grad is not None
    assert bool(torch.isfinite(predicted.grad).all())


def test_the_rank_loss_wants_the_order_that_people_gave() -> None:
    actual = torch.tensor([2.0, 5.0, 8.0])
    right, wrong = torch.tensor([3.0, 5.0, 7.0]), torch.tensor([7.0, 5.0, 3.0])
    assert float(rank_loss(right, actual)) < float(rank_loss(wrong, actual))
    nobody = torch.eye(3, dtype=torch.bool)
    assert float(rank_loss(wrong, actual, same=nobody)) == 0.0


def test_rank_reg_is_the_papers_equation_where_pairs_are_listed_once() -> None:
    scores = torch.tensor([7.0, 6.0, 4.0])
    pairs, sure = torch.tensor([[1, 0], [0, 2]]), torch.tensor([0.25, 0.9])
    first, second = torch.sigmoid(torch.tensor(3.0)), torch.sigmoid(torch.tensor(1.0))
    expected = -torch.log(first.exp() / (first.exp() + second.exp())) - torch.log(second.exp() / second.exp())
    found = rank_reg_loss(scores, pairs, sure, directions="better")
    assert float(found) == pytest.approx(float(expected), abs=1e-6)


@given(worse=st.floats(1.0, 10.0), low=st.floats(1.0, 10.0), rise=st.floats(0.05, 3.0))
@settings(deadline=None)
def test_rank_reg_falls_when_the_better_photo_rises(worse: float, low: float, rise: float) -> None:
    def loss(better: float) -> float:
        return float(rank_reg_loss(torch.tensor([better, worse], dtype=torch.double), ONE_PAIR, FIRST_IS_BETTER))

    assert loss(low + rise) < loss(low)


@given(values=four_scores, order=st.permutations(range(4)))
@settings(deadline=None)
def test_rank_reg_is_lowest_at_the_annotated_order(values: Tensor, order: list[int]) -> None:
    best_first = values.sort(descending=True).values
    right = rank_reg_loss(best_first, ALL_OF_FOUR, SURER_WHEN_FARTHER)
    assert float(right) <= float(rank_reg_loss(best_first[order], ALL_OF_FOUR, SURER_WHEN_FARTHER)) + 1e-9


@given(scores=four_scores, sure=probabilities, constant=st.floats(-100.0, 100.0))
@settings(deadline=None)
def test_rank_reg_knows_differences_only(scores: Tensor, sure: Tensor, constant: float) -> None:
    found = float(rank_reg_loss(scores, ALL_OF_FOUR, sure))
    assert float(rank_reg_loss(scores + constant, ALL_OF_FOUR, sure)) == pytest.approx(found, abs=1e-6)


@given(scores=four_scores, sure=probabilities, order=st.permutations(range(6)), flipped=st.integers(0, 63))
@settings(deadline=None)
def test_rank_reg_does_not_care_how_pairs_are_written(
    scores: Tensor, sure: Tensor, order: list[int], flipped: int
) -> None:
    turn = torch.tensor([bool(flipped >> k & 1) for k in range(6)])
    pairs = torch.where(turn[:, None], ALL_OF_FOUR.flip(1), ALL_OF_FOUR)[order]
    other = torch.where(turn, 1.0 - sure, sure)[order]
    found = float(rank_reg_loss(scores, ALL_OF_FOUR, sure))
    assert float(rank_reg_loss(scores, pairs, other)) == pytest.approx(found, abs=1e-9)
    once = float(rank_reg_loss(scores, ALL_OF_FOUR, sure, directions="better"))
    assert float(rank_reg_loss(scores, pairs, other, directions="better")) == pytest.approx(once, abs=1e-9)


@pytest.mark.parametrize("directions", ["both", "better"])
def test_an_even_pair_is_drawn_together(directions: str) -> None:
    pairs, sure = torch.tensor([[0, 1], [2, 3]]), torch.tensor([1.0, 0.5])
    for even in ([6.0, 4.0], [4.0, 6.0]):
        apart = torch.tensor([8.0, 2.0, *even], requires_grad=True)
        rank_reg_loss(apart, pairs, sure, directions=directions).backward()  # type: ignore[arg-type]
        assert apart.grad is not None
        assert float((apart.grad[2] - apart.grad[3]) * (even[0] - even[1])) > 0.0


def test_rank_reg_has_finite_gradients_at_extreme_scores() -> None:
    for extreme in (1e4, -1e4, 1e30):
        scores = torch.tensor([extreme, 0.0, -extreme, 5.0], requires_grad=True)
        loss = rank_reg_loss(scores, ALL_OF_FOUR, SURER_WHEN_FARTHER)
        loss.backward()
        assert scores.grad is not None
        assert bool(torch.isfinite(loss))
        assert bool(torch.isfinite(scores.grad).all())


def test_lists_are_judged_apart_and_averaged() -> None:
    scores = torch.tensor([7.0, 5.0, 6.0, 3.0, 4.0])
    pairs, sure = torch.tensor([[0, 1], [1, 2], [3, 4]]), torch.tensor([0.8, 0.3, 0.6])
    together = rank_reg_loss(scores, pairs, sure, lists=torch.tensor([4, 4, 9]))
    apart = (rank_reg_loss(scores, pairs[:2], sure[:2]) + rank_reg_loss(scores, pairs[2:], sure[2:])) / 2
    assert float(together) == pytest.approx(float(apart), abs=1e-6)


def test_a_batch_without_pairs_costs_nothing_and_still_has_a_gradient() -> None:
    scores = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = rank_reg_loss(scores, torch.empty(0, 2, dtype=torch.long), torch.empty(0))
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert scores.grad is not None


def test_the_likelihood_of_pairs_is_bradley_and_terrys() -> None:
    scores, pairs = torch.tensor([1.0, 0.0, -2.0]), torch.tensor([[0, 1], [2, 0]])
    found = bradley_terry_loss(scores, pairs, torch.tensor([1.0, 0.3]))
    first, second = math.log1p(math.exp(-1.0)), 0.3 * math.log1p(math.exp(3.0)) + 0.7 * math.log1p(math.exp(-3.0))
    assert float(found) == pytest.approx((first + second) / 2)


def test_the_likelihood_draws_the_more_at_a_pair_the_further_it_is_out_of_order() -> None:
    slopes = []
    for gap in (1.0, 5.0, 50.0):
        scores = torch.tensor([0.0, gap], requires_grad=True)
        bradley_terry_loss(scores, torch.tensor([[0, 1]]), torch.ones(1)).backward()
        assert scores.grad is not None
        slopes.append(float(scores.grad[1]))
    assert slopes == sorted(slopes)
    assert slopes[-1] == pytest.approx(1.0)
    empty = torch.zeros(2, requires_grad=True)
    assert bradley_terry_loss(empty, torch.zeros(0, 2, dtype=torch.long), torch.zeros(0)).item() == 0.0


@given(better=vectors, reference=vectors, text=vectors)
@settings(deadline=None)
def test_ct_align_lies_between_0_and_2(better: Tensor, reference: Tensor, text: Tensor) -> None:
    assert -1e-9 <= float(ct_align_loss(better, reference, text)) <= 2.0 + 1e-9


@given(reference=vectors, text=vectors, scale=st.floats(0.01, 100.0))
@settings(deadline=None)
def test_ct_align_knows_directions_only(reference: Tensor, text: Tensor, scale: float) -> None:
    text = text + 0.1 * torch.sign(text + 0.01)
    aligned = ct_align_loss(reference + scale * text, reference, text)
    assert float(aligned) == pytest.approx(0.0, abs=1e-6)
    assert float(ct_align_loss(reference - text, reference, scale * text)) == pytest.approx(2.0, abs=1e-6)


def test_two_photos_embedded_alike_have_no_direction_and_a_finite_gradient() -> None:
    better = torch.ones(1, 4, requires_grad=True)
    loss = ct_align_loss(better, torch.ones(1, 4), torch.ones(1, 4))
    loss.backward()
    assert better.grad is not None
    assert float(loss.detach()) == 1.0
    assert bool(torch.isfinite(better.grad).all())


def test_series_and_votes_take_turns_in_the_total() -> None:
    votes, rank, align = torch.tensor(0.2), torch.tensor(3.0), torch.tensor(0.5)
    assert float(total_loss(0.0, distribution=votes)) == pytest.approx(0.2)
    assert float(total_loss(1.0, rank=rank, align=align)) == pytest.approx(10.0 * 0.5 + 3.0)
    assert float(total_loss(1.0, rank=rank)) == pytest.approx(3.0)
    assert float(total_loss(0.5, distribution=votes, rank=rank, align=align, align_weight=2.0)) == pytest.approx(2.1)


@pytest.mark.parametrize("delta", [0.0, 0.5, 1.0, -0.1, 1.5])
def test_a_loss_that_is_weighed_but_missing_is_an_error(delta: float) -> None:
    with pytest.raises(ValueError, match=r"batch|delta"):
        total_loss(delta)
