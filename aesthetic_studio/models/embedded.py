"""The embedded model: learnable queries over a frozen encoder that ships with the program.

    photo (B, 3, S, S) ──encoder, frozen──▶ VisualTokens ──MMLQ, image only──▶ distribution, attention, embedding

The encoder lies in the model's ``encoder`` folder with a card of its own, so that another one can take its place.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor, nn

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import CARD_FILE, REINSTALL, ModelCard
from aesthetic_studio.models.encoders import Encoder, load_encoder
from aesthetic_studio.models.mmlq import MMLQ, MMLQConfig
from aesthetic_studio.models.protocol import ModelOutput, TextTokens, VisualTokens
from aesthetic_studio.models.weights import load_weights

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ENCODER_FOLDER = "encoder"


class QueryHead(nn.Module):
    """One or several MMLQ modules, their distributions averaged: the same recipe trained from several seeds."""

    def __init__(self, config: MMLQConfig, members: int = 1) -> None:
        super().__init__()
        self.config = config
        self.members = nn.ModuleList([MMLQ(config) for _ in range(members)])

    def forward(self, tokens: VisualTokens) -> ModelOutput:
        """Judge encoded photos. Shapes as in ``ModelOutput``."""
        answers = [member({"visual": tokens.grid}, tokens.pooled) for member in self.members]
        probabilities = torch.stack([answer.logits.softmax(dim=1) for answer in answers]).mean(dim=0)
        attention = torch.stack([answer.attention["visual"] for answer in answers]).mean(dim=0)
        # A key beyond the grid stands for the whole photo and has no place on it.
        on_photo = attention[:, : tokens.height * tokens.width]
        on_photo = on_photo / on_photo.sum(dim=1, keepdim=True).clamp_min(1e-12)
        return ModelOutput(
            probabilities=probabilities,
            attention=on_photo.view(-1, tokens.height, tokens.width),
            embedding=torch.cat([answer.embedding for answer in answers], dim=1),
        )


class EmbeddedModel:
    """An ``AestheticModel`` of a bundled frozen encoder and learnable queries."""

    def __init__(self, card: ModelCard, encoder: Encoder, head: QueryHead) -> None:
        self.card = card
        self.encoder = encoder.eval().requires_grad_(False)
        self.head = head.eval().requires_grad_(False)

    @classmethod
    def load(cls, card: ModelCard) -> Self:
        """Load both parts, checked by sha256. Raises ``ModelUnavailable``."""
        weights = card.weights
        encoder = load_encoder(weights.parent / ENCODER_FOLDER)
        if (encoder.card.name, encoder.card.version) != (card.encoder.name, card.encoder.version):
            raise ModelUnavailable(
                f"{weights.parent / ENCODER_FOLDER}: this is encoder {encoder.card.name} {encoder.card.version}, "
                f"and {card.name} needs {card.encoder.name} {card.encoder.version}.",
                REINSTALL,
            )
        head = head_of(card.config, weights.parent / CARD_FILE)
        load_weights(head, weights, card.sha256)
        return cls(card, encoder, head)

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return next(self.head.parameters()).device

    def to(self, device: torch.device) -> Self:
        """Move it to a device and return it."""
        self.encoder.to(device)
        self.head.to(device)
        return self

    @torch.inference_mode()
    def encode(self, images: Tensor) -> VisualTokens:
        """Tokens of photos (B, 3, S, S), uint8 sRGB, S the card's input size."""
        return self.encoder(images.to(self.device))

    def encode_words(self, words: Sequence[str]) -> TextTokens | None:
        """Nothing: this model reads no words."""
        del words
        return None

    @torch.inference_mode()
    def score(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
        """Judge encoded photos. This model reads no words, so ``text`` changes nothing."""
        del text
        answer: ModelOutput = self.head(tokens)
        return answer


def head_config(config: MMLQConfig, members: int) -> dict[str, Any]:
    """The architecture as a card keeps it."""
    return {"members": members, "mmlq": dataclasses.asdict(config)}


def head_of(config: dict[str, Any], card: Path) -> QueryHead:
    """The queries that a card describes, untrained. Raises ``ModelUnavailable`` naming the card."""
    try:
        return QueryHead(MMLQConfig(**config["mmlq"]), int(config["members"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"{card}: this program cannot build such a model ({error}).", REINSTALL) from error
