"""The laws that learnable queries keep."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from aesthetic_studio.models.mmlq import MMLQ, MMLQConfig

IMAGE_ONLY = MMLQConfig(visual_width=6, global_width=5, width=16, heads=4, blocks=2, query_std=1.0)
WITH_WORDS = dataclasses.replace(IMAGE_ONLY, text_width=7)
SLOTS = ["joint", "separate", "cross", "none"]


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


@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100.0), words=st.booleans())
@settings(max_examples=25, deadline=None)
def test_every_answer_is_a_distribution(seed: int, scale: float, *, words: bool) -> None:
    tokens, whole = photos(seed=seed)
    given_tokens = {name: part * scale for name, part in tokens.items() if words or name == "visual"}
    for config in (IMAGE_ONLY, WITH_WORDS):
        answer = build(config, seed)(given_tokens, whole * scale)
        probabilities = answer.logits.softmax(dim=1)
        torch.testing.assert_close(probabilities.sum(dim=1), torch.ones(3))
        assert bool((probabilities >= 0).all())
        for looked in answer.attention.values():
            torch.testing.assert_close(looked.sum(dim=1), torch.ones(3))


@given(order=st.permutations(range(4)), seed=st.integers(0, 100), modality=st.sampled_from(["visual", "text"]))
@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("self_attention", SLOTS)
def test_the_order_of_the_queries_does_not_matter(
    self_attention: str, order: list[int], seed: int, modality: str
) -> None:
    model = build(dataclasses.replace(WITH_WORDS, self_attention=self_attention), seed)
    tokens, whole = photos(seed=seed)
    before = model(tokens, whole)
    model.queries[modality].data = model.queries[modality].data[order]
    after = model(tokens, whole)
    torch.testing.assert_close(before.logits, after.logits)
    torch.testing.assert_close(before.attention, after.attention)


@given(order=st.permutations(range(9)))
@settings(max_examples=10, deadline=None)
def test_attention_follows_a_token_wherever_it_stands(order: list[int]) -> None:
    model = build(IMAGE_ONLY)
    tokens, whole = photos()
    before, after = model(tokens, whole), model({"visual": tokens["visual"][:, order]}, whole)
    torch.testing.assert_close(before.logits, after.logits)
    torch.testing.assert_close(before.attention["visual"][:, [*order, 9]], after.attention["visual"])


@given(
    extra=st.integers(0, 6),
    content=st.one_of(st.floats(width=32), st.sampled_from([float("nan"), float("inf"), 1e30])),
    self_attention=st.sampled_from(SLOTS),
    in_front=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_a_padded_token_changes_nothing(extra: int, content: float, self_attention: str, *, in_front: bool) -> None:
    model = build(dataclasses.replace(WITH_WORDS, self_attention=self_attention))
    tokens, whole = photos()
    longer, padding = {}, {}
    for name, part in tokens.items():
        rest = torch.full((3, extra, part.shape[2]), content)
        longer[name] = torch.cat([rest, part] if in_front else [part, rest], dim=1)
        silent = torch.zeros(3, part.shape[1] + extra, dtype=torch.bool)
        silent[:, :extra] = in_front
        silent[:, part.shape[1] :] = silent[:, part.shape[1] :] | (not in_front)
        padding[name] = silent if extra else torch.zeros(3, part.shape[1], dtype=torch.bool)
    before, after = model(tokens, whole), model(longer, whole, padding)
    torch.testing.assert_close(before.logits, after.logits)
    hidden = after.attention["text"][:, :-1][padding["text"]]
    assert bool((hidden == 0).all())


@pytest.mark.parametrize("self_attention", SLOTS)
@pytest.mark.parametrize("length", [1, 4])
def test_text_that_is_all_padding_is_no_text(self_attention: str, length: int) -> None:
    model = build(dataclasses.replace(WITH_WORDS, self_attention=self_attention))
    tokens, whole = photos()
    without = model({"visual": tokens["visual"]}, whole)
    empty = tokens | {"text": torch.full((3, length, 7), torch.nan)}
    padded = model(empty, whole, {"text": torch.ones(3, length, dtype=torch.bool)})
    assert torch.equal(without.logits, padded.logits)
    assert torch.equal(without.embedding, padded.embedding)
    assert bool(without.logits.isfinite().all())


def test_one_photo_without_words_is_judged_as_alone_among_photos_with_words() -> None:
    model = build(WITH_WORDS)
    tokens, whole = photos()
    padding = torch.zeros(3, 4, dtype=torch.bool)
    padding[1] = True
    answer = model(tokens, whole, {"text": padding})
    without = model({"visual": tokens["visual"]}, whole)
    with_words = model(tokens, whole)
    torch.testing.assert_close(answer.logits[1], without.logits[1])
    torch.testing.assert_close(answer.logits[[0, 2]], with_words.logits[[0, 2]])
    assert not torch.allclose(without.logits[0], with_words.logits[0])


@pytest.mark.parametrize("self_attention", SLOTS)
@pytest.mark.parametrize("feed_forward", ["shared", "separate", "none"])
def test_every_combination_of_layers_learns_with_all_its_parameters(self_attention: str, feed_forward: str) -> None:
    for text_width in (None, 7):
        config = dataclasses.replace(
            IMAGE_ONLY,
            text_width=text_width,
            self_attention=self_attention,
            feed_forward=feed_forward,
            head_layers=2,
            modality_dropout=0.3,
            token_dropout=0.2,
            normalise_tokens=True,
        )
        model = build(config).train()
        tokens, whole = photos(8)
        padding = torch.zeros(8, 4, dtype=torch.bool)
        padding[0] = True  # who reads words also learns what it is to have none
        optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
        answer = model(tokens, whole, {"text": padding})
        answer.logits.softmax(dim=1)[:, :3].sum().backward()
        assert set(answer.attention) == set(config.modalities)
        assert answer.embedding.shape == (8, 16 * len(config.modalities))
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None, name
            assert bool(parameter.grad.isfinite().all()), name
            assert bool(parameter.grad.abs().sum() > 0), name
        optimiser.step()
        assert bool(model.eval()(tokens, whole).logits.isfinite().all())


def test_cross_attention_among_queries_carries_words_to_the_visual_queries() -> None:
    tokens, whole = photos()
    other = tokens | {"text": tokens["text"] + 1.0}
    for slot, carried in (("cross", True), ("joint", True), ("separate", False), ("none", False)):
        model = build(dataclasses.replace(WITH_WORDS, self_attention=slot))
        before, after = model(tokens, whole).embedding[:, :16], model(other, whole).embedding[:, :16]
        assert torch.equal(before, after) is not carried, slot


def test_with_one_modality_cross_is_none() -> None:
    cross = build(dataclasses.replace(IMAGE_ONLY, self_attention="cross"))
    nothing = build(dataclasses.replace(IMAGE_ONLY, self_attention="none"))
    nothing.load_state_dict(cross.state_dict())
    assert torch.equal(cross(*photos()).logits, nothing(*photos()).logits)


def test_hidden_words_are_hidden_in_training_only_and_for_the_stated_share() -> None:
    model = build(dataclasses.replace(WITH_WORDS, modality_dropout=0.3, dropout=0.0))
    tokens, whole = photos(1500)
    torch.manual_seed(3)
    without = model.train()(tokens, whole).attention["text"][:, -1] == 1.0
    assert 0.25 < float(without.float().mean()) < 0.35
    assert bool((model.eval()(tokens, whole).attention["text"][:, -1] == 0.0).all())


def test_a_deeper_head_has_more_layers_and_the_shallow_one_keeps_its_names() -> None:
    shallow, deep = build(IMAGE_ONLY), build(dataclasses.replace(IMAGE_ONLY, head_layers=3))
    more = set(deep.state_dict()) - set(shallow.state_dict())
    assert {name.split(".")[0] for name in more} == {"hidden"}
    assert sum(name.endswith("weight") for name in more) == 2
    assert {"head.weight", "head.bias"} <= set(shallow.state_dict())


def test_normalised_tokens_forget_their_scale() -> None:
    model = build(dataclasses.replace(IMAGE_ONLY, normalise_tokens=True))
    tokens, whole = photos()
    larger = model({"visual": tokens["visual"] * 50.0}, whole * 50.0)
    torch.testing.assert_close(model(tokens, whole).logits, larger.logits, atol=1e-3, rtol=1e-3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is here")
@pytest.mark.parametrize("self_attention", SLOTS)
def test_a_gpu_judges_as_the_cpu_does(self_attention: str) -> None:
    model = build(dataclasses.replace(WITH_WORDS, self_attention=self_attention))
    tokens, whole = photos()
    padding = {"text": torch.tensor([[False] * 4, [True] * 4, [False] * 3 + [True]])}
    here = model(tokens, whole, padding)
    there = model.cuda()(
        {name: part.cuda() for name, part in tokens.items()}, whole.cuda(), {"text": padding["text"].cuda()}
    )
    torch.testing.assert_close(here.logits, there.logits.cpu(), atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(here.attention["text"], there.attention["text"].cpu(), atol=1e-4, rtol=1e-3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is here")
def test_half_precision_gives_nearly_the_same_distribution() -> None:
    model = build(WITH_WORDS).cuda()
    tokens, whole = ({name: part.cuda() for name, part in photos()[0].items()}, photos()[1].cuda())
    padding = {"text": torch.tensor([[False] * 4, [True] * 4, [False] * 3 + [True]]).cuda()}
    full = model(tokens, whole, padding).logits.softmax(dim=1)
    for kind in (torch.bfloat16, torch.float16):
        with torch.autocast("cuda", kind):
            half = model(tokens, whole, padding).logits.float().softmax(dim=1)
        torch.testing.assert_close(full, half, atol=0.05, rtol=0.1)


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
        ({"self_attention": "sideways"}, "self_attention is 'sideways'; allowed: joint, separate, cross, none"),
        ({"feed_forward": "backward"}, "shared, separate, none"),
        ({"heads": 3}, "width 16 cannot be shared among 3 heads"),
        ({"queries": 0}, "queries is 0; allowed: a whole number from 1"),
        ({"blocks": 10**9}, "blocks is 1000000000; allowed"),
        ({"head_layers": 1.5}, "head_layers is 1.5"),
        ({"text_width": 0}, "text_width is 0"),
        ({"modality_dropout": 1.0}, "modality_dropout is 1.0; allowed: 0 and more, below 1"),
        ({"dropout": -0.1}, "dropout is -0.1"),
    ],
)
def test_an_impossible_setting_says_what_is_allowed(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        dataclasses.replace(IMAGE_ONLY, **change)


def test_queries_that_read_the_whole_photo_ask_for_it() -> None:
    with pytest.raises(ValueError, match="a vector of the whole photo"):
        build(IMAGE_ONLY)(photos()[0])
