"""The laws that learnable queries keep."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from aesthetic_studio.models.mmlq import MMLQ, MMLQConfig

IMAGE_ONLY = MMLQConfig(visual_width=6, global_width=5, width=16, heads=4, blocks=2, query_std=1.0)


def build(config: MMLQConfig, seed: int = 0) -> MMLQ:
    torch.manual_seed(seed)
    return MMLQ(config).eval()


def photos(count: int = 3, seed: int = 1) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    tokens = {
        "visual": torch.randn(count, 9, 6, generator=generator),
        "text": torch.randn(count, 4, 7, generator=generator),
    }
    return tokens, torch.randn(count, 5, generator=generator)


@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100.0))
@settings(max_examples=25, deadline=None)
def test_every_answer_is_a_distribution(seed: int, scale: float) -> None:
    tokens, whole = photos(seed=seed)
    answer = build(IMAGE_ONLY, seed)({"visual": tokens["visual"] * scale}, whole * scale)
    probabilities = answer.logits.softmax(dim=1)
    torch.testing.assert_close(probabilities.sum(dim=1), torch.ones(3))
    assert bool((probabilities >= 0).all())
    torch.testing.assert_close(answer.attention["visual"].sum(dim=1), torch.ones(3))


@given(order=st.permutations(range(4)), seed=st.integers(0, 100))
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("self_attention", ["joint", "separate", "none"])
def test_the_order_of_the_queries_does_not_matter(self_attention: str, order: list[int], seed: int) -> None:
    model = build(dataclasses.replace(IMAGE_ONLY, self_attention=self_attention), seed)
    tokens, whole = photos(seed=seed)
    before = model(tokens, whole)
    model.queries["visual"].data = model.queries["visual"].data[order]
    after = model(tokens, whole)
    torch.testing.assert_close(before.logits, after.logits)
    torch.testing.assert_close(before.attention["visual"], after.attention["visual"])


@given(order=st.permutations(range(9)))
@settings(max_examples=10, deadline=None)
def test_attention_follows_a_token_wherever_it_stands(order: list[int]) -> None:
    model = build(IMAGE_ONLY)
    tokens, whole = photos()
    before, after = model(tokens, whole), model({"visual": tokens["visual"][:, order]}, whole)
    torch.testing.assert_close(before.logits, after.logits)
    torch.testing.assert_close(before.attention["visual"][:, [*order, 9]], after.attention["visual"])


@pytest.mark.parametrize("config", [IMAGE_ONLY, dataclasses.replace(IMAGE_ONLY, text_width=7)])
def test_a_padded_token_changes_nothing(config: MMLQConfig) -> None:
    model = build(config)
    tokens, whole = photos()
    longer = {name: torch.cat([part, torch.full_like(part[:, :2], 9.0)], dim=1) for name, part in tokens.items()}
    padding = {name: torch.arange(part.shape[1]).expand(3, -1) >= part.shape[1] - 2 for name, part in longer.items()}
    torch.testing.assert_close(model(tokens, whole).logits, model(longer, whole, padding).logits)


@pytest.mark.parametrize("self_attention", ["joint", "separate", "none"])
@pytest.mark.parametrize("feed_forward", ["shared", "separate", "none"])
def test_every_replaceable_layer_can_be_replaced_with_and_without_words(self_attention: str, feed_forward: str) -> None:
    for text_width in (None, 7):
        config = dataclasses.replace(
            IMAGE_ONLY, text_width=text_width, self_attention=self_attention, feed_forward=feed_forward
        )
        model = build(config)
        tokens, whole = photos()
        answer = model(tokens, whole)
        answer.logits.square().sum().backward()
        assert set(answer.attention) == set(config.modalities)
        assert answer.embedding.shape == (3, 16 * len(config.modalities))
        assert all(query.grad is not None and bool(query.grad.abs().sum() > 0) for query in model.queries.values())


def test_a_photo_is_judged_alike_alone_and_in_company() -> None:
    model = build(IMAGE_ONLY)
    tokens, whole = photos(5)
    together = model(tokens, whole).logits
    alone = model({"visual": tokens["visual"][2:3]}, whole[2:3]).logits
    torch.testing.assert_close(together[2:3], alone)


def test_hidden_tokens_are_hidden_in_training_only() -> None:
    model = build(dataclasses.replace(IMAGE_ONLY, token_dropout=0.9, dropout=0.0))
    tokens, whole = photos()
    seen = model(tokens, whole).attention["visual"]
    hidden = model.train()(tokens, whole).attention["visual"]
    assert bool((seen > 0).all())
    assert 0 < int((hidden == 0).sum()) < hidden.numel()
    torch.testing.assert_close(hidden.sum(dim=1), torch.ones(3))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"self_attention": "sideways"}, "joint, separate, none"),
        ({"feed_forward": "backward"}, "shared, separate, none"),
        ({"heads": 3}, "cannot be shared among 3 heads"),
    ],
)
def test_an_impossible_setting_says_what_is_allowed(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        dataclasses.replace(IMAGE_ONLY, **change)
