"""Image towers of open_clip as frozen encoders, built small and with random weights."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import EncoderCard, file_sha256
from aesthetic_studio.models.encoders import find_encoder, find_installed, load_encoder
from aesthetic_studio.models.encoders.open_clip_tower import OpenClipTower, TowerConfig, install_tower
from aesthetic_studio.models.places import encoder_folder

if TYPE_CHECKING:
    from pathlib import Path

MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
TINY_VISION = {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8}
TINY = {"embed_dim": 12, "vision_cfg": TINY_VISION, "quick_gelu": True}
TIMM = {"timm_model_name": "test_vit", "image_size": 160}
EVA_LIKE = {"embed_dim": 12, "vision_cfg": TIMM | {"timm_pool": "token", "timm_proj": None}}
SIGLIP_LIKE = {"embed_dim": 64, "vision_cfg": TIMM | {"timm_pool": "map", "timm_proj": "none"}}
CONVOLUTIONAL = {
    "embed_dim": 12,
    "vision_cfg": {"image_size": 64, "layers": [1, 1, 1, 1], "width": 8, "head_width": 8, "patch_size": None},
}
POOLING = {
    "embed_dim": 12,
    "vision_cfg": {
        "image_size": 32,
        "layers": 1,
        "width": 24,
        "head_width": 8,
        "patch_size": 8,
        "attentional_pool": True,
        "attn_pooler_heads": 2,
        "attn_pooler_queries": 4,
    },
}


def photos(side: int, count: int = 2) -> torch.Tensor:
    return torch.randint(0, 256, (count, 3, side, side), dtype=torch.uint8, generator=torch.Generator().manual_seed(4))


def normalised(images: torch.Tensor) -> torch.Tensor:
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (MEAN, STD))
    return (images / 255.0 - mean) / std


def build(architecture: dict[str, Any], side: int | None = None) -> OpenClipTower:
    torch.manual_seed(6)
    return OpenClipTower(TowerConfig(architecture, MEAN, STD), side).eval()


def test_an_installed_tower_gives_tokens_and_the_image_embedding_of_open_clip(installed_tower: torch.nn.Module) -> None:
    encoder = find_encoder("Tiny:made")
    images = photos(32)
    tokens = encoder(images)
    assert isinstance(encoder, OpenClipTower)
    assert tokens.grid.shape == (2, 16, 32)
    assert (tokens.height, tokens.width) == encoder.card.grid == (4, 4)
    assert tokens.pooled.shape == (2, 32)
    expected = installed_tower.encode_image(normalised(images))
    torch.testing.assert_close(encoder.project(tokens.pooled), expected)
    torch.testing.assert_close(encoder.image_embedding(images), torch.nn.functional.normalize(expected, dim=-1))
    assert encoder.project(tokens.grid).shape == (2, 16, 12)


def test_its_tokens_are_those_that_open_clip_gives_out(installed_tower: Any) -> None:
    images = photos(32)
    installed_tower.visual.output_tokens = True
    try:
        _, expected = installed_tower.visual(normalised(images))
    finally:
        installed_tower.visual.output_tokens = False
    torch.testing.assert_close(find_encoder("Tiny:made")(images).grid, expected)


def test_its_card_says_what_it_is_and_each_tower_has_a_file_of_its_own(installed_tower: Any) -> None:
    folder = encoder_folder("Tiny:made")
    card = EncoderCard.load(folder / "encoder.json")
    assert (card.name, card.version, card.kind, card.input_size) == ("Tiny", "made", "open-clip", 32)
    assert card.parameters == sum(parameter.numel() for parameter in installed_tower.visual.parameters())
    assert card.sha256 == file_sha256(folder / card.file)
    assert set(load_file(folder / card.file)) == set(installed_tower.visual.state_dict())
    assert {path.name for path in folder.iterdir()} == {"encoder.json", "encoder.safetensors", "words.safetensors"}


@pytest.mark.parametrize("patch", [0, 3, 6, 15])
def test_a_bright_patch_lights_its_own_token(installed_tower: torch.nn.Module, patch: int) -> None:
    encoder = find_encoder("Tiny:made")
    for block in encoder.tower.transformer.resblocks:  # no attention: each token then sees its own patch alone
        torch.nn.init.zeros_(block.attn.out_proj.weight)
        torch.nn.init.zeros_(block.attn.out_proj.bias)
    dark = torch.zeros(1, 3, 32, 32, dtype=torch.uint8)
    bright = dark.clone()
    row, column = divmod(patch, 4)
    bright[:, :, 8 * row : 8 * row + 8, 8 * column : 8 * column + 8] = 255
    changed = (encoder(bright).grid - encoder(dark).grid).abs().sum(dim=2)[0]
    assert changed.argmax() == patch
    assert int((changed > 0).sum()) == 1


def test_a_tower_is_frozen(installed_tower: torch.nn.Module) -> None:
    encoder = find_encoder("Tiny:made")
    assert not encoder.training
    assert not any(parameter.requires_grad for parameter in encoder.parameters())
    assert not encoder(photos(32)).grid.requires_grad


def test_half_precision_on_disk_is_read_and_stays_half_there(
    tiny_clip: tuple[torch.nn.Module, Path], tmp_path: Path
) -> None:
    path = tmp_path / "half.safetensors"
    save_file({name: tensor.half() for name, tensor in tiny_clip[0].state_dict().items()}, path)
    install_tower("Tiny", "half", path, tmp_path / "to", architecture=TINY)
    assert {tensor.dtype for tensor in load_file(tmp_path / "to" / "encoder.safetensors").values()} == {torch.float16}
    images = photos(32)
    found = load_encoder(tmp_path / "to")
    assert found(images).grid.dtype == torch.float32
    expected = tiny_clip[0].encode_image(normalised(images))
    torch.testing.assert_close(found.project(found(images).pooled), expected, atol=0.01, rtol=0.01)


def test_photos_of_another_side_are_brought_to_the_towers(installed_tower: torch.nn.Module) -> None:
    encoder = find_encoder("Tiny:made")
    smooth = torch.linspace(0, 255, 32).round().to(torch.uint8).expand(1, 3, 32, 32)
    larger = torch.linspace(0, 255, 128).round().to(torch.uint8).expand(1, 3, 128, 128)
    torch.testing.assert_close(encoder(smooth).pooled, encoder(larger).pooled, atol=0.05, rtol=0.05)


def test_a_larger_side_is_had_by_interpolated_positions(installed_tower: torch.nn.Module) -> None:
    native, same, larger = (find_encoder(f"Tiny:made{side}") for side in ("", "@32", "@48"))
    images = photos(32)
    assert torch.equal(native(images).grid, same(images).grid)
    assert larger.card.grid == (6, 6)
    assert larger.card.input_size == 48
    assert larger.card.version == "made@48"
    assert larger(photos(48)).grid.shape == (2, 36, 32)
    before, after = (encoder.tower.positional_embedding for encoder in (native, larger))
    torch.testing.assert_close(before[0], after[0])  # [CLS] has no place
    torch.testing.assert_close(before[1:].mean(dim=0), after[1:].mean(dim=0), atol=0.05, rtol=0.1)


@pytest.mark.parametrize("size", ["@7", "@4096", "@0"])
def test_an_impossible_side_is_a_clear_error(installed_tower: torch.nn.Module, size: str) -> None:
    with pytest.raises(ModelUnavailable, match="Tiny"):
        find_encoder(f"Tiny:made{size}")


@pytest.mark.parametrize(
    ("architecture", "pools_by_class"),
    [(EVA_LIKE, True), (SIGLIP_LIKE, False), (CONVOLUTIONAL, False), (POOLING, False)],
    ids=["eva", "siglip", "resnet", "coca"],
)
def test_towers_of_every_family_give_tokens_and_their_own_embedding(
    architecture: dict[str, Any], *, pools_by_class: bool
) -> None:
    encoder = build(architecture)
    images = photos(encoder.side)
    with torch.no_grad():
        tokens = encoder(images)
        expected = encoder.tower(normalised(images))
        projected = encoder.project(tokens.pooled)
    assert encoder.pools_by_class is pools_by_class
    assert tokens.grid.shape[1] == tokens.height * tokens.width > 1
    torch.testing.assert_close(projected, expected, atol=1e-5, rtol=1e-4)
    assert bool(tokens.grid.isfinite().all())


def test_a_timm_tower_reads_another_side_too() -> None:
    encoder = build(EVA_LIKE)
    encoder.resize(96)
    assert encoder(photos(96)).grid.shape == (2, 36, 64)


def test_a_tower_of_convolutions_keeps_its_side() -> None:
    with pytest.raises(ValueError, match="reads photos of 64 pixels alone"):
        build(CONVOLUTIONAL).resize(96)


def test_normalisation_and_activation_are_those_of_the_pretrained_weights(
    tiny_clip: tuple[Any, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, path = tiny_clip
    known = {"embed_dim": 12, "vision_cfg": TINY_VISION, "text_cfg": {}}
    settings = {"mean": (0.5, 0.4, 0.3), "std": (0.5, 0.6, 0.7), "quick_gelu": True, "hf_hub": "made/tiny/"}
    monkeypatch.setattr("open_clip.get_model_config", lambda name: known if name == "Tiny" else None)
    monkeypatch.setattr("open_clip.get_pretrained_cfg", lambda *_: settings)
    card = install_tower("Tiny", "made", path, tmp_path)
    assert (card.config["mean"], card.config["std"]) == ((0.5, 0.4, 0.3), (0.5, 0.6, 0.7))
    images = photos(32)
    mean, std = (torch.tensor(settings[name]).view(3, 1, 1) for name in ("mean", "std"))
    expected = model.encode_image((images / 255.0 - mean) / std)
    found = load_encoder(tmp_path)
    torch.testing.assert_close(found.project(found(images).pooled), expected)


def test_a_tower_in_the_hubs_cache_is_found(tiny_clip: tuple[Any, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    model, path = tiny_clip
    known = {"embed_dim": 12, "vision_cfg": TINY_VISION, "text_cfg": {}, "quick_gelu": True}
    settings = {"mean": MEAN, "std": STD, "hf_hub": "made/tiny/"}
    monkeypatch.setattr("open_clip.get_model_config", lambda name: known if name == "Tiny" else None)
    monkeypatch.setattr("open_clip.get_pretrained_cfg", lambda *_: settings)
    monkeypatch.setattr(
        "huggingface_hub.try_to_load_from_cache",
        lambda repository, file: str(path) if (repository, file) == ("made/tiny", path.name) else None,
    )
    encoder = find_encoder("Tiny:made")
    images = photos(32)
    torch.testing.assert_close(encoder.project(encoder(images).pooled), model.encode_image(normalised(images)))
    assert encoder.card.sha256 == file_sha256(path)


def test_a_missing_tower_names_the_command_that_fetches_it_and_asks_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *_: None)
    with pytest.raises(ModelUnavailable, match="aesthetic-studio models fetch ViT-B-16:openai"):
        find_encoder("ViT-B-16:openai")
    with pytest.raises(ModelUnavailable, match="models fetch ViT-B-16:openai"):
        find_encoder("ViT-B-16:openai@384")


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("ViT-B-61:openai", "no image tower 'ViT-B-61'.*ViT-B-16"),
        ("ViT-B-16:nobody", "no weights 'nobody' of ViT-B-16.*openai"),
        ("nothing", "There is no encoder 'nothing'.*embedded"),
        ("", "There is no encoder"),
        ("no/such/folder", "There is no encoder"),
    ],
)
def test_an_unknown_name_says_what_is_known(spec: str, complaint: str) -> None:
    with pytest.raises(ModelUnavailable, match=complaint):
        find_encoder(spec)


@pytest.mark.parametrize("spec", ["../x:y", "a:../b", "/etc:passwd", "x.tflite", "folder"])
def test_a_name_from_a_card_never_leads_to_a_path(spec: str) -> None:
    with pytest.raises(ModelUnavailable, match="names no image tower"):
        find_installed(spec)


def test_weights_of_another_tower_are_refused_and_leave_nothing(
    tiny_clip: tuple[torch.nn.Module, Path], tmp_path: Path
) -> None:
    deeper = {"embed_dim": 12, "vision_cfg": TINY_VISION | {"layers": 3}}
    with pytest.raises(ModelUnavailable, match=r"open_clip_model\.safetensors.*another architecture.*Tiny:made"):
        install_tower("Tiny", "made", tiny_clip[1], tmp_path, architecture=deeper)
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_an_image_tower_is_refused(tmp_path: Path) -> None:
    save_file({"text.weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    (tmp_path / "broken.safetensors").write_bytes(b"\x00" * 40)
    for name, complaint in (("other", "holds no image tower"), ("broken", "not a safetensors file")):
        with pytest.raises(ModelUnavailable, match=complaint):
            install_tower("T", "m", tmp_path / f"{name}.safetensors", tmp_path / "to", architecture=EVA_LIKE)


def test_a_torch_file_is_opened_without_running_anything(tiny_clip: tuple[Any, Path], tmp_path: Path) -> None:
    state = {f"module.{name}": tensor for name, tensor in tiny_clip[0].state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "tower.pt")
    install_tower("Tiny", "made", tmp_path / "tower.pt", tmp_path / "to", architecture=TINY)
    images = photos(32)
    found = load_encoder(tmp_path / "to")
    torch.testing.assert_close(found.project(found(images).pooled), tiny_clip[0].encode_image(normalised(images)))

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (tmp_path.joinpath("went-off").touch, ())

    torch.save({"visual.proj": Bomb()}, tmp_path / "bomb.pt")
    with pytest.raises(ModelUnavailable, match="Nothing in it was run"):
        install_tower("Tiny", "made", tmp_path / "bomb.pt", tmp_path / "again", architecture=TINY)
    assert not (tmp_path / "went-off").exists()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"architecture": {"embed_dim": 12, "vision_cfg": TINY_VISION | {"layers": 10**9}}}, "layers is 1000000000"),
        ({"architecture": {"embed_dim": 12, "vision_cfg": TINY_VISION | {"wings": 2}}}, "wings"),
        ({"architecture": {"embed_dim": 12, "vision_cfg": {"timm_model_name": "hf-hub:who/what"}}}, "plain name"),
        ({"architecture": {"embed_dim": 12, "vision_cfg": {"timm_model_name": "no_such_net"}}}, "no_such_net"),
        ({"architecture": "No-Such-Tower"}, "No-Such-Tower"),
        ({"architecture": {"embed_dim": 12}}, "vision_cfg"),
        ({"std": [0.0, 1.0, 1.0]}, "std"),
        ({"mean": [0.1]}, "mean"),
    ],
)
def test_a_card_with_an_impossible_tower_names_the_file(
    installed_tower: torch.nn.Module, change: dict[str, Any], complaint: str
) -> None:
    path = encoder_folder("Tiny:made") / "encoder.json"
    card = json.loads(path.read_text())
    path.write_text(json.dumps(card | {"config": card["config"] | change}))
    with pytest.raises(ModelUnavailable, match=rf"encoder\.json: .*{complaint}"):
        find_encoder("Tiny:made")


def test_a_card_cannot_ask_for_a_download(monkeypatch: pytest.MonkeyPatch) -> None:
    import timm

    asked = []
    create = timm.create_model
    monkeypatch.setattr(timm, "create_model", lambda *a, **k: asked.append(k.get("pretrained")) or create(*a, **k))
    build({"embed_dim": 12, "vision_cfg": EVA_LIKE["vision_cfg"] | {"timm_model_pretrained": True}})
    assert asked == [False]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is here")
def test_a_gpu_encodes_as_the_cpu_does(installed_tower: torch.nn.Module) -> None:
    encoder = find_encoder("Tiny:made")
    images = photos(32)
    here = encoder(images)
    there = encoder.cuda()(images.cuda())
    torch.testing.assert_close(here.grid, there.grid.cpu(), atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(here.pooled, there.pooled.cpu(), atol=1e-3, rtol=1e-3)
