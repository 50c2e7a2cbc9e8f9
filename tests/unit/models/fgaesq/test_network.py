"""The network: the published size and names, what parity and the default do, and where gradients go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from aesthetic_studio.models.fgaesq import DiffToken, FGAesQ, FGAesQConfig, TokenBatch

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Make = Callable[..., NDArray[np.uint8]]


def sequences(config: FGAesQConfig, textured: Make, count: int = 2) -> TokenBatch:
    """Photos that are too small for a whole sequence, so that there is padding."""
    cutter = DiffToken(config.tokens)
    return TokenBatch.of([cutter.single(textured(14, 14, seed=seed)) for seed in range(count)])


def test_the_published_model_has_86_343_370_parameters() -> None:
    with torch.device("meta"):
        network = FGAesQ()
        whole = FGAesQ(text_tower=True)
    assert sum(parameter.numel() for parameter in network.parameters()) == 86_343_370
    visual = sum(parameter.numel() for parameter in network.visual.parameters())
    head = sum(parameter.numel() for parameter in network.iqa_head.parameters())
    assert (visual, head) == (86_192_640, 148_426)
    text = [parameter for name, parameter in whole.clip_model.named_parameters() if not name.startswith("visual.")]
    assert sum(parameter.numel() for parameter in text) == 63_428_097
    assert not any(parameter.requires_grad for parameter in text)


def test_a_photo_is_judged_alike_alone_and_in_company(network: FGAesQ, tiny: FGAesQConfig, textured: Make) -> None:
    together = sequences(tiny, textured, 4)
    alone = TokenBatch(together.patches[2:3], together.scales[2:3], together.rows[2:3], together.columns[2:3])
    torch.testing.assert_close(network.judge(together).logits[2:3], network.judge(alone).logits)


def test_the_score_is_the_expectation_over_1_to_10(network: FGAesQ, tiny: FGAesQConfig, textured: Make) -> None:
    answer = network.judge(sequences(tiny, textured))
    expected = (answer.logits.softmax(dim=1) * torch.arange(1.0, 11.0)).sum(dim=1)
    torch.testing.assert_close(answer.scores, expected)
    assert answer.embedding.shape == (2, tiny.embedding)


def test_padding_is_the_mask_token_and_is_attended_to(network: FGAesQ, tiny: FGAesQConfig, textured: Make) -> None:
    batch = sequences(tiny, textured)
    before = network.judge(batch).logits
    scrawled = batch.patches.clone()
    scrawled[batch.scales == 9] = 3.0
    written = TokenBatch(scrawled, batch.scales, batch.rows, batch.columns)
    torch.testing.assert_close(network.judge(written).logits, before)
    with torch.no_grad():
        network.mask_token += torch.linspace(-1.0, 1.0, tiny.width)
    assert not torch.allclose(network.judge(batch).logits, before)


def test_what_lies_in_the_slot_of_cls_changes_nothing(network: FGAesQ, tiny: FGAesQConfig, textured: Make) -> None:
    batch = sequences(tiny, textured)
    before = network.judge(batch).logits
    batch.patches[:, 0] = 5.0
    torch.testing.assert_close(network.judge(batch).logits, before)


def test_fine_and_coarse_tokens_have_embeddings_of_their_own(
    network: FGAesQ, tiny: FGAesQConfig, textured: Make
) -> None:
    batch = sequences(tiny, textured)
    scales = batch.scales.clone()
    scales[:, 1] = 1
    first, second = (
        network.enter(batch.patches, torch.zeros(2, tiny.tokens.length, tiny.width), s) for s in (batch.scales, scales)
    )
    assert torch.equal(first[:, 2:], second[:, 2:])
    assert not torch.allclose(first[:, 1], second[:, 1])


def test_cls_keeps_its_own_position_and_padding_has_none(network: FGAesQ, tiny: FGAesQConfig, textured: Make) -> None:
    batch = sequences(tiny, textured)
    positions = network.positions(batch)
    table = network.visual.positional_embedding
    torch.testing.assert_close(positions[:, 0], table[:1].expand(2, -1))
    assert not positions[batch.scales == 9].any()


@pytest.mark.parametrize("parity", [False, True])
def test_the_scale_embedding_learns_and_ids_stay_but_not_in_parity(
    tiny: FGAesQConfig, textured: Make, parity: bool
) -> None:
    network = FGAesQ(tiny, parity=parity)
    batch = sequences(tiny, textured)
    scales = batch.scales.clone()
    network.judge(batch).logits.square().sum().backward()
    assert (network.scale_embedding.grad is None) == parity
    assert torch.equal(batch.scales, scales) != parity
    if parity:
        assert int(batch.scales.max()) == 0
    assert network.mask_token.grad is not None
    assert bool(network.mask_token.grad.any())
    trained = {name for name, parameter in network.named_parameters() if parameter.grad is not None}
    everything = {name for name, _ in network.named_parameters()}
    still = {"clip_model.visual.positional_embedding"} | ({"scale_embedding"} if parity else set())
    assert everything - trained == still


def test_parity_and_default_score_alike_on_the_first_use(tiny: FGAesQConfig, network: FGAesQ, textured: Make) -> None:
    quirky = FGAesQ(tiny, parity=True).eval()
    quirky.load_state_dict(network.state_dict())
    batch = sequences(tiny, textured)
    before = network.judge(batch).logits
    torch.testing.assert_close(quirky.judge(batch).logits, before)
    assert not torch.allclose(quirky.judge(batch).logits, before), "the ids were overwritten, so padding is no padding"


def test_it_is_open_clips_vit_where_both_can_read_a_photo(textured: Make) -> None:
    """One square photo of CLIP's own size, whole sequence, no scale: the tower must be CLIP's, number for number."""
    open_clip = pytest.importorskip("open_clip")
    side, patch, width = 40, 8, 16
    vision = open_clip.CLIPVisionCfg(layers=2, width=width, head_width=8, patch_size=patch, image_size=side)
    text = open_clip.CLIPTextCfg(context_length=6, vocab_size=30, width=8, heads=2, layers=1)
    torch.manual_seed(0)
    clip = open_clip.CLIP(8, vision, text, quick_gelu=True).eval()
    from aesthetic_studio.models.fgaesq import DiffTokenConfig, TextTowerConfig

    config = FGAesQConfig(
        width=width,
        layers=2,
        heads=2,
        embedding=8,
        tokens=DiffTokenConfig(
            patch=patch, block=2 * patch, length=26, grid=5, hidden_size=8, position_offset=0.0, max_pixels=1 << 20
        ),
        text=TextTowerConfig(width=8, layers=1, heads=2, context=6, vocabulary=30),
    )
    network = FGAesQ(config, text_tower=True).eval()
    network.start_from_clip(clip.state_dict())
    torch.nn.init.zeros_(network.scale_embedding)
    photo = textured(side, side)
    tokens = TokenBatch.of([DiffToken(config.tokens).single(photo)])
    image = torch.from_numpy(photo).permute(2, 0, 1).float()[None] / 255
    mean, std = (torch.tensor(v)[:, None, None] for v in (open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD))
    ours = network.judge(tokens).embedding
    torch.testing.assert_close(ours, clip.encode_image((image - mean) / std), atol=1e-4, rtol=1e-4)
    words = torch.tensor([[28, 3, 4, 29, 0, 0], [28, 9, 29, 0, 0, 0]])
    encode = network.clip_model.encode_text
    torch.testing.assert_close(encode(words), clip.encode_text(words), atol=1e-5, rtol=1e-4)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_gpu_and_the_cpu_agree(network: FGAesQ, tiny: FGAesQConfig, textured: Make) -> None:
    batch = sequences(tiny, textured, 4)
    here = network.judge(batch).logits
    there = network.to("cuda").judge(batch.to("cuda")).logits.cpu()
    torch.testing.assert_close(there, here, atol=1e-3, rtol=1e-3)


def test_a_clip_of_another_shape_is_refused(tiny: FGAesQConfig, network: FGAesQ) -> None:
    state = network.clip_model.state_dict()
    with pytest.raises(ValueError, match=r"visual.proj is missing"):
        network.start_from_clip({name: tensor for name, tensor in state.items() if name != "visual.proj"})
    with pytest.raises(ValueError, match=r"visual.proj is \(2, 2\)"):
        network.start_from_clip({**state, "visual.proj": torch.zeros(2, 2)})


def test_the_settings_survive_a_card(tiny: FGAesQConfig) -> None:
    import json

    for config in (tiny, FGAesQConfig()):
        assert FGAesQConfig.from_json(json.loads(json.dumps(config.as_json()))) == config
    with pytest.raises((TypeError, KeyError)):
        FGAesQConfig.from_json({"width": 3})
    with pytest.raises(ValueError, match="cannot be shared"):
        FGAesQConfig(width=10, heads=3)
