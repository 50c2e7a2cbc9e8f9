"""The installed model: distributions that keep their promises, and files that are what they say."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models import registry
from aesthetic_studio.models.personal import (
    ATTRIBUTES,
    PersonalHead,
    PersonalModel,
    attributes,
    mean_scores,
    save_personal_model,
    soft_limits,
    tilt,
)

from .conftest import picture

if TYPE_CHECKING:
    from pathlib import Path

    from aesthetic_studio.models.card import ModelCard

votes = st.lists(st.floats(0.0, 100.0), min_size=10, max_size=10).filter(lambda v: sum(v) > 1)


@settings(max_examples=60, deadline=None)
@given(votes, st.floats(1.1, 9.9))
def test_a_tilted_distribution_is_one_and_has_the_wanted_mean(given_votes: list[float], mean: float) -> None:
    p = torch.tensor([given_votes])
    found = tilt(p / p.sum(), torch.tensor([mean]))
    assert float(found.sum()) == pytest.approx(1.0, abs=1e-5)
    assert float(found.min()) >= 0
    assert float(mean_scores(found)) == pytest.approx(mean, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(votes)
def test_no_shift_leaves_the_distribution_as_it_is(given_votes: list[float]) -> None:
    p = torch.tensor([given_votes])
    p = p / p.sum()
    assert torch.allclose(tilt(p, mean_scores(p)), p, atol=2e-4)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-20, 30), min_size=2, max_size=2))
def test_limits_keep_the_order_and_the_range(scores: list[float]) -> None:
    low, high = soft_limits(torch.tensor(sorted(scores)))
    assert 1.0 < float(low) <= float(high) < 10.0


def test_scores_within_the_range_stay_as_they_are() -> None:
    scores = torch.linspace(1.5, 9.5, 50)
    assert torch.allclose(soft_limits(scores), scores, atol=1e-5)


def test_attributes_say_what_they_are_named_for() -> None:
    grey = torch.full((1, 3, 16, 16), 60, dtype=torch.uint8)
    bright, red, green = grey + 120, grey.clone(), grey.clone()
    red[:, 0] += 150
    green[:, 1] += 150
    checks = grey.clone()
    checks[:, :, ::2, ::2] += 150
    found = {
        one.name: column
        for one, column in zip(ATTRIBUTES, attributes(torch.cat([grey, bright, red, green, checks])).T, strict=False)
    }
    assert found["brightness"][1] > found["brightness"][0]
    assert found["colourfulness"][2] > found["colourfulness"][0]
    assert found["saturation"][3] > found["saturation"][0]
    assert found["warmth"][2] > found["warmth"][0] > found["warmth"][3] - 1e-6
    assert found["greenness"][3] > found["greenness"][2]
    assert found["contrast"][4] > found["contrast"][0]
    assert found["detail"][4] > found["detail"][0]


@pytest.fixture
def images() -> torch.Tensor:
    return torch.stack([torch.from_numpy(np.array(picture(k).resize((24, 24)))).permute(2, 0, 1) for k in range(12)])


def head_for(base: ModelCard, **buffers: float) -> PersonalHead:
    del base
    head = PersonalHead(whole_width=10, query_width=8)
    for name, value in buffers.items():
        getattr(head, name).fill_(value)
    return head


def install(folder: Path, base: ModelCard, head: PersonalHead, name: str = "mine") -> ModelCard:
    return save_personal_model(folder / "models" / name, head, base, name=name, number=3, title="Mine")


def test_a_nil_residual_scores_as_the_base_does(base: ModelCard, own_data_folder: Path, images: torch.Tensor) -> None:
    install(own_data_folder, base, head_for(base, base_centre=5.5, base_weight=0.7, stretch=1 / 0.7, score_centre=5.5))
    ours, theirs = registry.load_model("mine", "cpu"), registry.load_model("small", "cpu")
    mine, other = ours.score(ours.encode(images)), theirs.score(theirs.encode(images))
    assert torch.allclose(mean_scores(mine.probabilities), mean_scores(other.probabilities), atol=1e-3)
    # Not to the last bit: which kernel a processor takes may hang on where in memory the weights of a model lie.
    torch.testing.assert_close(mine.attention, other.attention, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(mine.embedding, other.embedding, atol=1e-6, rtol=1e-5)


def test_a_taste_for_brightness_orders_by_brightness(
    base: ModelCard, own_data_folder: Path, images: torch.Tensor
) -> None:
    head = head_for(base, base_weight=0.0, stretch=1.0)
    head.attribute_weight[0] = 1.0
    head.attribute_centre[0], head.attribute_scale[0] = 0.4, 0.2
    card = install(own_data_folder, base, head)
    model = registry.load_model("mine", "cpu")
    answer = model.score(model.encode(images)).probabilities
    assert torch.equal(mean_scores(answer).argsort(), attributes(images)[:, 0].argsort())
    assert torch.allclose(answer.sum(dim=1), torch.ones(12), atol=1e-5)
    assert card.kind == "personal"
    assert card.version.startswith("3-")


def test_another_version_of_the_base_is_refused(base: ModelCard, own_data_folder: Path) -> None:
    install(own_data_folder, base, head_for(base))
    dataclasses.replace(base, version="2").save(base.weights.parent)
    with pytest.raises(ModelUnavailable, match="was trained on small 1"):
        registry.load_model("mine", "cpu")


def test_a_base_that_is_gone_is_named(base: ModelCard, own_data_folder: Path) -> None:
    card = install(own_data_folder, dataclasses.replace(base, name="gone"), head_for(base))
    with pytest.raises(ModelUnavailable, match="gone"):
        PersonalModel.load(card)


def test_a_personal_model_cannot_rest_on_another(base: ModelCard, own_data_folder: Path) -> None:
    first = install(own_data_folder, base, head_for(base), "first")
    second = install(own_data_folder, first, head_for(base), "second")
    with pytest.raises(ModelUnavailable, match="itself a personal model"):
        PersonalModel.load(second)


def test_damaged_weights_are_refused(base: ModelCard, own_data_folder: Path) -> None:
    card = install(own_data_folder, base, head_for(base))
    card.weights.write_bytes(card.weights.read_bytes()[:-4] + b"oops")
    with pytest.raises(KnownError, match="damaged"):
        PersonalModel.load(card)


@pytest.mark.parametrize("config", [{}, {"base": "small"}, {"base": {"name": "small"}, "whole_width": 1}])
def test_a_card_without_its_base_is_refused(base: ModelCard, own_data_folder: Path, config: dict[str, object]) -> None:
    card = dataclasses.replace(install(own_data_folder, base, head_for(base)), config=config)
    with pytest.raises(ModelUnavailable, match="no base"):
        PersonalModel.load(card)
