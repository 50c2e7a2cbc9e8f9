"""Where training begins: CLIP's image tower, and its text tower where comparisons are to be embedded."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.encoders.open_clip_tower import OpenClipTower
from aesthetic_studio.models.fgaesq import DiffTokenConfig, FGAesQ, FGAesQConfig, TextTowerConfig
from aesthetic_studio.models.fgaesq.towers import TextTower
from aesthetic_studio.models.torch_files import read_tensors

if TYPE_CHECKING:
    from torch import Tensor

VISUAL = "visual."
LARGEST_FILE = 8 << 30
HEAD_WIDTH = 64
"""Width of an attention head in every CLIP that OpenAI published; a file does not say it."""

FILES = (".safetensors", ".pt", ".pth", ".bin")
WANTED = "Name a ViT of OpenAI's CLIP (ViT-B-16:openai), or a file with both of its towers."


def clip_weights(spec: str) -> dict[str, Tensor]:
    """Tensors of a CLIP: a file's, or the image tower that ``NAME:PRETRAINED`` stands for here.

    Raises ``ModelUnavailable`` naming the command that fetches what is not here, or what is wrong with a file.
    """
    path = Path(spec)
    if path.suffix in FILES:
        return read_tensors(path, LARGEST_FILE, WANTED)
    encoder = find_encoder(spec)
    if not isinstance(encoder, OpenClipTower):
        raise ModelUnavailable(f"{spec}: this is no CLIP.", WANTED)
    architecture = encoder.config.architecture
    if isinstance(architecture, dict) and not architecture.get("quick_gelu"):
        raise ModelUnavailable(f"{spec}: this CLIP was not trained with QuickGELU, which FGAesQ has.", WANTED)
    return {VISUAL + name: tensor for name, tensor in encoder.tower.state_dict().items()}


def config_of(state: dict[str, Tensor], source: str) -> FGAesQConfig:
    """FGAesQ's settings for a CLIP, told from its tensors' shapes; ViT-B/16 gives the published ones.

    Sizes in pixels grow with the patch, so that a sequence shows as much of a photo. Raises ``ModelUnavailable`` where
    these are no tensors of a ViT of CLIP.
    """
    try:
        width, _, patch, _ = state["visual.conv1.weight"].shape
        grid = math.isqrt(len(state["visual.positional_embedding"]) - 1)
        published = DiffTokenConfig()
        tokens = dataclasses.replace(
            published,
            patch=patch,
            block=2 * patch,
            grid=grid,
            min_side=published.min_side * patch // published.patch,
            max_pixels=published.max_pixels * patch**2 // published.patch**2,
        )
        config = FGAesQConfig(
            width=width,
            layers=_layers(state, "visual."),
            heads=max(1, width // HEAD_WIDTH),
            embedding=state["visual.proj"].shape[1],
            tokens=tokens,
        )
        if "token_embedding.weight" in state:
            vocabulary, text_width = state["token_embedding.weight"].shape
            text = TextTowerConfig(
                width=text_width,
                layers=_layers(state, ""),
                heads=max(1, text_width // HEAD_WIDTH),
                context=len(state["positional_embedding"]),
                vocabulary=vocabulary,
            )
            config = dataclasses.replace(config, text=text)
    except (KeyError, ValueError, IndexError) as error:
        raise ModelUnavailable(f"{source}: these are not the weights of a ViT of CLIP ({error}).", WANTED) from error
    return config


def network_from(state: dict[str, Tensor], config: FGAesQConfig, source: str, *, parity: bool, seed: int) -> FGAesQ:
    """FGAesQ with CLIP's image tower and a head drawn by ``seed``. Raises ``ModelUnavailable``."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = FGAesQ(config, parity=parity)
    try:
        network.start_from_clip(state)
    except ValueError as error:
        raise ModelUnavailable(f"{source}: {error}.", WANTED) from error
    return network


def text_tower_from(state: dict[str, Tensor], config: FGAesQConfig, source: str) -> TextTower:
    """CLIP's frozen text tower. Raises ``ModelUnavailable`` where these weights have none."""
    tower = TextTower(config.text, config.embedding)
    own = tower.state_dict()
    missing = [name for name in own if name not in state or state[name].shape != own[name].shape]
    if missing:
        raise ModelUnavailable(
            f"{source}: there is no text tower in these weights ({missing[0]}), and comparisons need one.",
            "Set model.clip to a file with both towers, or leave --comparisons out.",
        )
    tower.load_state_dict({name: state[name].float() for name in own})
    return tower.eval().requires_grad_(False)


def _layers(state: dict[str, Tensor], tower: str) -> int:
    return sum(name.startswith(f"{tower}transformer.resblocks.") and name.endswith(".ln_1.weight") for name in state)
