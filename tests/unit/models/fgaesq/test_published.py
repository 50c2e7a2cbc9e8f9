"""Published weights open where every name and shape is right, and say what is wrong where not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import ModelCard
from aesthetic_studio.models.fgaesq import FGAesQ, FGAesQConfig, convert_published, load_published
from aesthetic_studio.models.fgaesq.published import VISUAL, aliases, published_names
from aesthetic_studio.models.registry import load_from_card

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

SHAPES = {
    "scale_embedding": (1, 2, 768),
    "mask_token": (1, 1, 768),
    "clip_model.visual.class_embedding": (768,),
    "clip_model.visual.positional_embedding": (197, 768),
    "clip_model.visual.proj": (768, 512),
    "clip_model.visual.conv1.weight": (768, 3, 16, 16),
    "clip_model.visual.ln_pre.weight": (768,),
    "clip_model.visual.ln_post.bias": (768,),
    "clip_model.visual.transformer.resblocks.0.attn.in_proj_weight": (2304, 768),
    "clip_model.visual.transformer.resblocks.11.attn.in_proj_bias": (2304,),
    "clip_model.visual.transformer.resblocks.5.attn.out_proj.weight": (768, 768),
    "clip_model.visual.transformer.resblocks.5.ln_1.weight": (768,),
    "clip_model.visual.transformer.resblocks.5.ln_2.bias": (768,),
    "clip_model.visual.transformer.resblocks.5.mlp.c_fc.weight": (3072, 768),
    "clip_model.visual.transformer.resblocks.5.mlp.c_proj.weight": (768, 3072),
    "clip_model.positional_embedding": (77, 512),
    "clip_model.text_projection": (512, 512),
    "clip_model.logit_scale": (),
    "clip_model.token_embedding.weight": (49408, 512),
    "clip_model.ln_final.weight": (512,),
    "clip_model.transformer.resblocks.11.attn.in_proj_weight": (1536, 512),
    "clip_model.transformer.resblocks.0.mlp.c_fc.weight": (2048, 512),
    "ln_pre.weight": (768,),
    "ln_post.bias": (768,),
    "proj": (768, 512),
    "transformer.resblocks.11.mlp.c_fc.bias": (3072,),
    "iqa_head.0.weight": (256, 512),
    "iqa_head.3.weight": (64, 256),
    "iqa_head.6.bias": (10,),
}


@pytest.fixture
def state(tiny: FGAesQConfig) -> dict[str, Tensor]:
    """Everything that a published file of the tiny model holds."""
    torch.manual_seed(1)
    own = FGAesQ(tiny, text_tower=True).state_dict()
    names = {name: tensor.shape for name, tensor in own.items()}
    return {name: tensor.clone() for name, tensor in own.items()} | {
        name: own[VISUAL + name].clone() for name in aliases(names)
    }


def test_the_full_size_names_and_shapes_are_the_published_ones() -> None:
    expected = published_names(FGAesQConfig())
    for name, shape in SHAPES.items():
        assert tuple(expected[name]) == shape, name
    visual = [name for name in expected if name.startswith(VISUAL)]
    # Per tower: 12 layers of 12 tensors; 8 others of the image, 6 of the text tower; two of ours and six of the head.
    assert len(visual) == 12 * 12 + 8
    assert len(expected) == len(visual) + 12 * 12 + 6 + 2 + 6 + (12 * 12 + 5)
    stored = sum(shape.numel() for name, shape in expected.items() if name not in aliases(expected))
    assert stored * 4 == pytest.approx(571.3 * 2**20, rel=1e-4), "the size of the file, as it was counted"


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.parametrize("text_tower", [False, True])
def test_a_published_file_loads_with_and_without_the_text_tower(
    state: dict[str, Tensor], tiny: FGAesQConfig, tmp_path: Path, suffix: str, text_tower: bool
) -> None:
    path = tmp_path / f"FGAesQ{suffix}"
    save_file(state, path) if suffix == ".safetensors" else torch.save(state, path)
    network = load_published(path, config=tiny, text_tower=text_tower)
    assert not network.training
    found = network.state_dict()
    assert any(name.startswith("clip_model.token_embedding") for name in found) == text_tower
    for name, tensor in found.items():
        assert torch.equal(tensor, state[name]), name
    assert network.scale_embedding.requires_grad
    assert not network.visual.positional_embedding.requires_grad


def test_half_precision_and_shared_tensors_are_read_too(
    state: dict[str, Tensor], tiny: FGAesQConfig, tmp_path: Path
) -> None:
    path = tmp_path / "FGAesQ.pt"
    half = {name: tensor.half() for name, tensor in state.items()}
    for name in aliases({name: tensor.shape for name, tensor in state.items()}):
        half[name] = half[VISUAL + name]
    torch.save(half, path)
    network = load_published(path, config=tiny)
    assert network.scale_embedding.dtype == torch.float32
    torch.testing.assert_close(network.iqa_head[0].weight.data, half["iqa_head.0.weight"].float())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"mask_token": None}, "mask_token is missing"),
        ({"clip_model.ln_final.bias": None}, "clip_model.ln_final.bias is missing"),
        ({"transformer.resblocks.0.ln_1.weight": None}, r"transformer.resblocks.0.ln_1.weight is missing"),
        ({"wings": torch.zeros(1)}, "wings is not part of it"),
        ({"scale_embedding": torch.zeros(1, 3, 16)}, r"scale_embedding is \(1, 3, 16\), not \(1, 2, 16\)"),
        ({"iqa_head.6.bias": torch.zeros(10, dtype=torch.long)}, "iqa_head.6.bias holds torch.int64"),
        ({"iqa_head.6.bias": torch.full((10,), torch.nan)}, "iqa_head.6.bias holds values that are no numbers"),
        ({"proj": torch.zeros(16, 8)}, "proj differs from clip_model.visual.proj"),
    ],
)
def test_whatever_is_missing_unexpected_or_of_another_shape_is_named(
    state: dict[str, Tensor],
    tiny: FGAesQConfig,
    tmp_path: Path,
    change: dict[str, Tensor | None],
    complaint: str,
) -> None:
    path = tmp_path / "FGAesQ.pt"
    changed = {name: tensor for name, tensor in {**state, **change}.items() if tensor is not None}
    torch.save(changed, path)
    with pytest.raises(ModelUnavailable, match=rf"FGAesQ\.pt.*{complaint}"):
        load_published(path, config=tiny)


def test_weights_of_another_size_are_refused_by_the_default(state: dict[str, Tensor], tmp_path: Path) -> None:
    path = tmp_path / "FGAesQ.pt"
    torch.save(state, path)
    with pytest.raises(ModelUnavailable, match="not"):
        load_published(path)


class Evil:
    """What a pickle could run."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("import pathlib; pathlib.Path('ran').touch()",)


def test_nothing_in_a_file_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "FGAesQ.pt"
    torch.save({"mask_token": Evil()}, path)
    with pytest.raises(ModelUnavailable, match=r"FGAesQ\.pt"):
        load_published(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"\x00" * 100])
@pytest.mark.parametrize("name", ["FGAesQ.pt", "FGAesQ.safetensors"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=name):
        load_published(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for name in ("none.pt", "none.safetensors"):
        with pytest.raises(ModelUnavailable, match=name):
            load_published(tmp_path / name)


def test_converted_weights_are_an_installed_model_that_answers_the_same(
    state: dict[str, Tensor], tiny: FGAesQConfig, tmp_path: Path
) -> None:
    path = tmp_path / "FGAesQ.pt"
    torch.save(state, path)
    card = convert_published(path, tmp_path / "fgaesq", config=tiny)
    assert (card.kind, card.licence) == ("fgaesq", "none stated")
    assert ModelCard.load(tmp_path / "fgaesq" / "card.json") == card
    installed = load_from_card(card, "cpu")
    original = load_published(path, config=tiny).state_dict()
    for name, tensor in installed.network.state_dict().items():  # type: ignore[attr-defined]
        assert torch.equal(tensor, original[name]), name
    assert torch.equal(load_published(card.weights, config=tiny).mask_token, original["mask_token"])
    assert not any("token_embedding" in name for name in installed.network.state_dict())  # type: ignore[attr-defined]


def test_parity_is_kept_by_the_card(state: dict[str, Tensor], tiny: FGAesQConfig, tmp_path: Path) -> None:
    path = tmp_path / "FGAesQ.pt"
    torch.save(state, path)
    default = convert_published(path, tmp_path / "a", config=tiny)
    quirky = convert_published(path, tmp_path / "b", config=tiny, parity=True)
    assert default.version != quirky.version, "their scores differ, so neither may stand for the other"
    assert load_from_card(quirky, "cpu").network.parity  # type: ignore[attr-defined]


def test_nothing_is_written_for_weights_that_are_wrong(tiny: FGAesQConfig, tmp_path: Path) -> None:
    path = tmp_path / "FGAesQ.pt"
    torch.save({"mask_token": torch.zeros(1, 1, 16)}, path)
    with pytest.raises(ModelUnavailable):
        convert_published(path, tmp_path / "fgaesq", config=tiny)
    assert not (tmp_path / "fgaesq").exists()


def test_a_card_of_an_impossible_architecture_is_named(
    state: dict[str, Tensor], tiny: FGAesQConfig, tmp_path: Path
) -> None:
    import dataclasses

    path = tmp_path / "FGAesQ.pt"
    torch.save(state, path)
    card = convert_published(path, tmp_path / "fgaesq", config=tiny)
    for change in ({"config": {}}, {"input_size": 99}, {"config": {**card.config, "fgaesq": {"width": 16}}}):
        dataclasses.replace(card, **change).save(tmp_path / "fgaesq")
        with pytest.raises(ModelUnavailable, match=r"card\.json"):
            load_from_card(ModelCard.load(tmp_path / "fgaesq" / "card.json"), "cpu")
