"""The LAION aesthetic predictor: a head on the image embedding of a frozen CLIP tower, one score a photo.

    photo ──CLIP ViT-L/14──▶ embedding e (768), unit length ──five linear layers──▶ score ──▶ distribution

The published head has no activations between its layers, so the score is linear in the embedding, ``w · e + b``: one
layer does for five, and projected patch tokens dotted with ``w`` tell which parts of the photo raise the score. Reading
that as a heat map is this project's choice; the authors show none. So is the input: the whole photo stretched to a
square, as every model of previews here reads it, where the authors crop its middle.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor, nn

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import (
    REINSTALL,
    DataSource,
    EncoderReference,
    ModelCard,
    file_sha256,
)
from aesthetic_studio.models.distribution import SPREAD_FACTOR, distribution_of, usual_spread
from aesthetic_studio.models.encoders import find_installed
from aesthetic_studio.models.encoders.open_clip_tower import OpenClipTower
from aesthetic_studio.models.protocol import ModelOutput, PictureAlone, TextTokens, VisualTokens
from aesthetic_studio.models.torch_files import read_torch_file
from aesthetic_studio.models.weights import load_weights, save_weights

if TYPE_CHECKING:
    from pathlib import Path


KIND = "laion"
TOWER = "ViT-L-14:openai"
LAYERS = {
    "layers.0": (1024, 768),
    "layers.2": (128, 1024),
    "layers.4": (64, 128),
    "layers.6": (16, 64),
    "layers.7": (1, 16),
}
"""Names and shapes (out, in) of the published head's linear layers; what lies between are dropouts."""
LARGEST_HEAD = 64 << 20
"""Bytes; the published one has 3.7 MB."""


class LaionHead(nn.Module):
    """The published head with its layers multiplied out: ``score = w · e + b``."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, 1)

    def forward(self, embedding: Tensor) -> Tensor:
        """Scores (B,) of image embeddings (B, width), which are brought to unit length."""
        unit = nn.functional.normalize(embedding.float(), dim=-1)
        scores: Tensor = self.linear(unit).squeeze(-1)
        return scores


class LaionModel(PictureAlone):
    """An ``AestheticModel`` of a frozen CLIP tower and the LAION head. Its looks are CLIP's image embeddings."""

    def __init__(self, card: ModelCard, tower: OpenClipTower, head: LaionHead) -> None:
        self.card = card
        self.tower = tower
        self.head = head.eval().requires_grad_(False)
        self._spread = float(card.config.get("spread_factor", SPREAD_FACTOR))

    @classmethod
    def load(cls, card: ModelCard) -> Self:
        """Load the head, checked by sha256, and its tower. Raises ``ModelUnavailable`` saying what is missing."""
        try:
            spec, width = str(card.config["encoder_spec"]), int(card.config["width"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelUnavailable(f"{card.name}: its card says no tower and width ({error}).", REINSTALL) from error
        head = LaionHead(width)
        load_weights(head, card.weights, card.sha256)
        tower = find_installed(spec)
        if not isinstance(tower, OpenClipTower):
            raise ModelUnavailable(f"{card.name}: {spec} is no CLIP tower.", REINSTALL)
        return cls(card, tower, head)

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return self.head.linear.weight.device

    def to(self, device: torch.device) -> Self:
        """Move it to a device and return it."""
        self.tower.to(device)
        self.head.to(device)
        return self

    @torch.inference_mode()
    def encode(self, images: Tensor) -> VisualTokens:
        """Tokens of photos (B, 3, S, S), uint8 sRGB, S the card's input size."""
        return self.tower(images.to(self.device))

    @torch.inference_mode()
    def score(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
        """Judge encoded photos; words change nothing."""
        del text
        embedding = nn.functional.normalize(self.tower.project(tokens.pooled).float(), dim=-1)
        scores = self.head(embedding)
        parts = nn.functional.normalize(self.tower.project(tokens.grid).float(), dim=-1) @ self.head.linear.weight[0]
        attention = (parts / parts.std(dim=1, keepdim=True).clamp_min(1e-6)).softmax(dim=1)
        return ModelOutput(
            probabilities=distribution_of(scores, usual_spread(scores.clamp(1.0, 10.0), self._spread)),
            attention=attention.view(-1, tokens.height, tokens.width),
            embedding=embedding,
            look=embedding,
        )


def read_published(path: Path) -> LaionHead:
    """The head of a published torch file, its layers multiplied out. Raises ``ModelUnavailable``."""
    tensors = read_torch_file(path, LARGEST_HEAD)
    expected: dict[str, tuple[int, ...]] = {f"{name}.weight": shape for name, shape in LAYERS.items()}
    expected |= {f"{name}.bias": shape[:1] for name, shape in LAYERS.items()}
    problems = [f"{name} is missing" for name in expected if name not in tensors]
    problems += [f"{name} is not part of it" for name in tensors if name not in expected]
    problems += [
        f"{name} is {tuple(tensors[name].shape)}, not {shape}"
        for name, shape in expected.items()
        if name in tensors and tuple(tensors[name].shape) != shape
    ]
    if problems:
        raise ModelUnavailable(
            f"{path}: this is not a head of the LAION aesthetic predictor ({problems[0]}).",
            "Take the linear one for CLIP ViT-L/14: aesthetic-studio models fetch laion.",
        )
    weight, bias = torch.eye(768, dtype=torch.float64), torch.zeros(768, dtype=torch.float64)
    for name in LAYERS:
        step = tensors[f"{name}.weight"].double()
        weight, bias = step @ weight, step @ bias + tensors[f"{name}.bias"].double()
    head = LaionHead(768)
    with torch.no_grad():
        head.linear.weight.copy_(weight)
        head.linear.bias.copy_(bias)
    return head


def install_published(path: Path, folder: Path) -> ModelCard:
    """Write the installed form of a published head into ``folder``: safetensors and card."""
    head = read_published(path)
    weights = folder / "model.safetensors"
    save_weights(head, weights)
    card = ModelCard(
        name="laion",
        version="linear-mse-1",
        title="LAION aesthetic predictor",
        kind=KIND,
        encoder=EncoderReference(TOWER, "1"),
        input_size=224,
        mean=(0.48145466, 0.4578275, 0.40821073),
        std=(0.26862954, 0.26130258, 0.27577711),
        score_range=(1.0, 10.0),
        parameters=303_966_208 + 769,
        file=weights.name,
        sha256=file_sha256(weights),
        size_bytes=weights.stat().st_size,
        licence="Apache-2.0",
        summary=(
            "A widely used predictor: CLIP looks at the photo, and a linear head turns what it sees into one score. "
            "It knows what is in a photo, and likes what people on the web liked: artful and dramatic pictures. It "
            "says one number; the spread shown is what people's votes usually have at that score, not this photo's. "
            "Others report that its order on AVA agrees with people's at SRCC 0.665, but it learned from AVA too."
        ),
        training_data=(
            DataSource("SAC", 176_000, "public domain", "ratings of made images"),
            DataSource("LAION-Logos", 15_000, "not stated", "ratings of logos"),
            DataSource("AVA", 250_000, "rights stay with the photographers", "mean votes"),
        ),
        limits=(
            "It must not be used to delete or reject photos: a score is advice.",
            "It learned from made images and logos too, and may prefer a picture's style to its moment.",
            "It sees 224 × 224 pixels: it cannot tell whether a photo is in focus at full size.",
        ),
        config={
            "encoder_spec": TOWER,
            "width": 768,
            "spread_factor": SPREAD_FACTOR,
            "published_sha256": file_sha256(path),
        },
    )
    card.save(folder)
    return dataclasses.replace(card, folder=folder)
