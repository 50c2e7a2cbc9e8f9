"""A small model, built in moments, that lies in the user's folder as an installed one does."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import save_file

from aesthetic_studio.models.card import DataSource, EncoderReference, ModelCard, file_sha256
from aesthetic_studio.models.embedded import QueryHead, head_config
from aesthetic_studio.models.encoders.local_bank import BankConfig, DictionaryConfig
from aesthetic_studio.models.mmlq import MMLQConfig
from aesthetic_studio.models.places import ENCODER_FOLDER
from aesthetic_studio.models.weights import save_weights
from trainer.embedded.bank import BankRecipe, learn_bank, save_bank
from trainer.miniature import write_bert

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIDE = 24
TINY_VIT = {
    "embed_dim": 12,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8},
    "text_cfg": {"context_length": 12, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 2},
    "quick_gelu": True,
}
WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] a blurred sharp light dull lovely photo of the sea and tree . , ! ##ly ##s"


@pytest.fixture(scope="session")
def bank_recipe() -> BankRecipe:
    """A bank that is learned in a second."""
    config = BankConfig(
        SIDE, 3, 8, 10, (DictionaryConfig(24, 4, 2, 12), DictionaryConfig(12, 3, 1, 6, normalise=False))
    )
    return BankRecipe(config, photos=16, patches=600, rounds=3)


@pytest.fixture(scope="session")
def made_photos() -> torch.Tensor:
    """Photos (16, 3, SIDE, SIDE) of stripes and blots, uint8."""
    generator = torch.Generator().manual_seed(5)
    axis = torch.arange(SIDE) / SIDE
    photos = []
    for _ in range(16):
        angle, pitch, shift = torch.rand(3, generator=generator).tolist()
        wave = torch.sin((axis[None] * angle + axis[:, None] * (1 - angle) + shift) * (4 + 30 * pitch))
        colour = torch.rand(3, 1, 1, generator=generator)
        noise = torch.rand(3, SIDE, SIDE, generator=generator) * 0.1
        photos.append(((0.5 + 0.4 * wave) * colour + noise).clamp(0, 1))
    return (torch.stack(photos) * 255).to(torch.uint8)


@pytest.fixture
def install_model(
    own_data_folder: Path, bank_recipe: BankRecipe, made_photos: torch.Tensor
) -> Callable[..., ModelCard]:
    """Install a small untrained model under a name; ``changes`` overwrite fields of its card."""

    def install(name: str = "small", **changes: object) -> ModelCard:
        folder = own_data_folder / "models" / name
        source = DataSource("made", 16, "none needed", "dictionaries")
        bank = learn_bank(bank_recipe, made_photos)
        encoder = save_bank(bank, bank_recipe, folder / ENCODER_FOLDER, version="1", data=source)
        torch.manual_seed(0)
        head = QueryHead(MMLQConfig(visual_width=8, global_width=10, width=8, heads=2), members=2)
        save_weights(head, folder / "model.safetensors")
        card = ModelCard(
            name=name,
            version="1",
            title="Small",
            kind="embedded",
            encoder=EncoderReference(encoder.name, encoder.version),
            input_size=SIDE,
            mean=(0.0, 0.0, 0.0),
            std=(1.0, 1.0, 1.0),
            score_range=(1.0, 10.0),
            parameters=1,
            file="model.safetensors",
            sha256=file_sha256(folder / "model.safetensors"),
            size_bytes=1,
            licence="Apache-2.0",
            summary="For tests.",
            config=head_config(head),
        )
        card = dataclasses.replace(card, **changes)
        card.save(folder)
        return dataclasses.replace(card, folder=folder)

    return install


def open_clip_model(architecture: dict[str, Any], kind: str = "CLIP") -> torch.nn.Module:
    """A whole open_clip model of a kind, text tower and all, with random weights."""
    import open_clip

    torch.manual_seed(11)
    model = getattr(open_clip, kind)(
        architecture["embed_dim"],
        open_clip.CLIPVisionCfg(**architecture["vision_cfg"]),
        open_clip.CLIPTextCfg(**architecture["text_cfg"]),
        quick_gelu=architecture.get("quick_gelu", False),
    )
    return model.eval()


def save_clip(model: torch.nn.Module, path: Path) -> Path:
    """Write a model as it would be downloaded."""
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, path)
    return path


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[torch.nn.Module, Path]:
    """A small CLIP and the file it would be downloaded as."""
    model = open_clip_model(TINY_VIT)
    return model, save_clip(model, tmp_path_factory.mktemp("clip") / "open_clip_model.safetensors")


@pytest.fixture
def installed_tower(own_data_folder: Path, tiny_clip: tuple[torch.nn.Module, Path]) -> torch.nn.Module:
    """The small CLIP, its towers installed as ``Tiny:made``."""
    from aesthetic_studio.models.encoders.open_clip_tower import install_tower
    from aesthetic_studio.models.places import encoder_folder

    model, path = tiny_clip
    install_tower("Tiny", "made", path, encoder_folder("Tiny:made"), architecture=TINY_VIT)
    return model


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small BERT as transformers writes it, its vocabulary two dozen words long."""
    folder = tmp_path_factory.mktemp("bert") / "tiny-bert"
    write_bert(folder, WORDS.split(), width=16, positions=24)
    return folder


@pytest.fixture
def installed_bert(own_data_folder: Path, tiny_bert: Path) -> Path:
    """The small BERT, installed as ``tiny-bert``."""
    return shutil.copytree(tiny_bert, own_data_folder / "encoders" / "tiny-bert")
