"""A personal model: an installed model's answer, shifted by what one person's judgements say.

    photo ──base model──▶ distribution, whole-photo vector, query embedding ─┐
          └─plain sums over pixels─▶ attributes ───────────────────────────── ┴─▶ liking ─▶ the distribution, tilted

The liking is the base's score plus a small linear residual; ``trainer.personal`` fits it. The base's distribution is
tilted exponentially, ``q_k ∝ p_k · exp(t k)``, until its mean is the score that the liking stands for: of all
distributions with that mean it is the nearest to the base's (in Kullback-Leibler divergence), and where the residual
says nothing ``t = 0`` leaves the base's answer as it is. That rule, and everything else here, is this project's choice.

The base is referred to by name, version and sha256 and is not part of the model. Its attention is shown unchanged.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor, nn

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models import registry
from aesthetic_studio.models.card import REINSTALL, ModelCard, file_sha256
from aesthetic_studio.models.weights import load_weights, save_weights
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aesthetic_studio.models.protocol import AestheticModel, ModelOutput, TextTokens, VisualTokens

KIND = "personal"
WEIGHTS_FILE = "model.safetensors"
TRAIN_AGAIN = "Train it again with: aesthetic-studio-train ratings"

LOWEST, HIGHEST, SOFT = 1.5, 9.5, 0.45
"""Scores stay as they are between the first two and approach, beyond them, a value ``SOFT`` further out."""
LEAST_PROBABILITY = 1e-6
"""So that no vote is impossible, and the tilt can reach every mean."""
_STEEPEST, _HALVINGS = 60.0, 40


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property of pixels that a person can name.

    Attributes:
        name: Of what is measured.
        more: What a photo is that has more of it than most of the person's photos.
        less: The opposite.
    """

    name: str
    more: str
    less: str


ATTRIBUTES = (
    Attribute("brightness", kept("reason", "brighter"), kept("reason", "darker")),
    Attribute("contrast", kept("reason", "more contrasty"), kept("reason", "flatter in contrast")),
    Attribute("colourfulness", kept("reason", "more colourful"), kept("reason", "less colourful")),
    Attribute("saturation", kept("reason", "more saturated"), kept("reason", "less saturated")),
    Attribute("warmth", kept("reason", "warmer in colour"), kept("reason", "cooler in colour")),
    Attribute("greenness", kept("reason", "greener"), kept("reason", "less green")),
    Attribute("detail", kept("reason", "busier in detail"), kept("reason", "calmer in detail")),
    Attribute("shadows", kept("reason", "with more deep shadow"), kept("reason", "with less deep shadow")),
    Attribute("highlights", kept("reason", "with more bright light"), kept("reason", "with less bright light")),
)
"""In the order of ``attributes``."""


def attributes(images: Tensor) -> Tensor:
    """Measure photos (B, 3, S, S), uint8 sRGB, as (B, A) in the order of ``ATTRIBUTES``; each is about 0..1.

    Colourfulness is that of Hasler and Süsstrunk (2003), eq. 3, on values of 0..1.
    """
    red, green, blue = (images.float() / 255.0).unbind(dim=1)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    opponent, other = red - green, 0.5 * (red + green) - blue
    over = (1, 2)
    colourfulness = (opponent.var(over) + other.var(over)).sqrt() + 0.3 * (
        opponent.mean(over).square() + other.mean(over).square()
    ).sqrt()
    peak = torch.stack([red, green, blue]).amax(dim=0) - torch.stack([red, green, blue]).amin(dim=0)
    detail = luma.diff(dim=1).abs().mean(over) + luma.diff(dim=2).abs().mean(over)
    return torch.stack(
        [
            luma.mean(over),
            luma.std(over),
            colourfulness,
            peak.mean(over),
            (red - blue).mean(over),
            (green - 0.5 * (red + blue)).mean(over),
            detail,
            (luma < 0.1).float().mean(over),
            (luma > 0.9).float().mean(over),
        ],
        dim=1,
    )


class PersonalHead(nn.Module):
    """The linear residual, and the map from liking to a score.

    Every input is centred on the person's own photos. ``trainer.personal`` fills the buffers.
    """

    def __init__(self, whole_width: int, query_width: int) -> None:
        super().__init__()
        for part, width in (("attribute", len(ATTRIBUTES)), ("whole", whole_width), ("query", query_width)):
            self.register_buffer(f"{part}_centre", torch.zeros(width))
            self.register_buffer(f"{part}_weight", torch.zeros(width))
        self.register_buffer("attribute_scale", torch.ones(len(ATTRIBUTES)))
        self.register_buffer("attribute_limit", torch.tensor(4.0))
        self.register_buffer("base_centre", torch.tensor(5.5))
        self.register_buffer("base_weight", torch.tensor(1.0))
        # score = centre + stretch · (liking − liking_centre)
        self.register_buffer("liking_centre", torch.tensor(0.0))
        self.register_buffer("stretch", torch.tensor(1.0))
        self.register_buffer("score_centre", torch.tensor(5.5))

    def liking(self, scores: Tensor, attribute: Tensor, whole: Tensor, query: Tensor) -> Tensor:
        """How much the person would like photos (B,): a base score (B,) and the residual over (B, A), (B, P), (B, E).

        Differences are log-odds of one photo being preferred to another (Bradley-Terry).
        """
        limit = float(self._get("attribute_limit"))
        standard = ((attribute - self._get("attribute_centre")) / self._get("attribute_scale")).clamp(-limit, limit)
        return (
            (scores - self._get("base_centre")) * self._get("base_weight")
            + standard @ self._get("attribute_weight")
            + (whole - self._get("whole_centre")) @ self._get("whole_weight")
            + (query - self._get("query_centre")) @ self._get("query_weight")
        )

    def forward(self, probabilities: Tensor, attribute: Tensor, whole: Tensor, query: Tensor) -> Tensor:
        """The base's distributions (B, 10), tilted to the person's scores."""
        liking = self.liking(mean_scores(probabilities), attribute, whole, query)
        wanted = self._get("score_centre") + self._get("stretch") * (liking - self._get("liking_centre"))
        return tilt(probabilities, soft_limits(wanted))

    def _get(self, name: str) -> Tensor:
        buffer: Tensor = getattr(self, name)
        return buffer


def mean_scores(probabilities: Tensor) -> Tensor:
    """Expected votes (B,) of distributions (B, K)."""
    bins = torch.arange(1.0, probabilities.shape[1] + 1, device=probabilities.device)
    return probabilities.float() @ bins


def soft_limits(scores: Tensor) -> Tensor:
    """Scores brought into the open interval (1, 10) in the same order; those between 1.5 and 9.5 stay as they are."""
    over, under = (scores - HIGHEST).clamp_min(0.0), (LOWEST - scores).clamp_min(0.0)
    return scores.clamp(LOWEST, HIGHEST) + SOFT * (torch.tanh(over / SOFT) - torch.tanh(under / SOFT))


def tilt(probabilities: Tensor, means: Tensor) -> Tensor:
    """Distributions (B, 10) tilted exponentially, ``q_k ∝ p_k exp(t k)``, so that their means are ``means`` (B,).

    The mean rises with ``t`` without a break, so halving an interval finds it. Rows whose mean is right already stay.
    """
    p = probabilities.float().clamp_min(LEAST_PROBABILITY)
    p = p / p.sum(dim=1, keepdim=True)
    bins = torch.arange(1.0, p.shape[1] + 1, device=p.device)
    logits = p.log()
    low = torch.full_like(means, -_STEEPEST, dtype=torch.float32)
    high = -low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        too_low = (logits + middle[:, None] * bins).softmax(dim=1) @ bins < means
        low, high = torch.where(too_low, middle, low), torch.where(too_low, high, middle)
    tilted = (logits + ((low + high) / 2.0)[:, None] * bins).softmax(dim=1)
    right = ((p @ bins) - means).abs() < 1e-5
    return torch.where(right[:, None], p, tilted)


class PersonalModel:
    """An ``AestheticModel`` of an installed base model and one person's residual.

    Its tokens' ``pooled`` is the base's followed by the photo's attributes, so that kept features can be scored again.
    """

    def __init__(self, card: ModelCard, base: AestheticModel, head: PersonalHead) -> None:
        self.card = card
        self.base = base
        self.head = head.eval().requires_grad_(False)

    @classmethod
    def load(cls, card: ModelCard) -> Self:
        """Load the residual, checked by sha256, and the base that it was fitted on. Raises ``ModelUnavailable``."""
        try:
            head = PersonalHead(int(card.config["whole_width"]), int(card.config["query_width"]))
            name, version, sha256 = (str(card.config["base"][key]) for key in ("name", "version", "sha256"))
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ModelUnavailable(
                kept("problem", "{parent}: this card says no base and widths ({error}).").format(
                    parent=card.weights.parent, error=error
                ),
                REINSTALL,
            ) from error
        found = registry.find_card(name)
        if found.kind == KIND:
            raise ModelUnavailable(
                kept("problem", "{name} rests on {name_2}, which is itself a personal model.").format(
                    name=card.name, name_2=name
                ),
                TRAIN_AGAIN,
            )
        if (found.version, found.sha256) != (version, sha256):
            raise ModelUnavailable(
                kept(
                    "problem",
                    "{name} was trained on {name_2} {version} ({sha256}…), and "
                    "{name_2} {version_2} ({sha256_2}…) is installed.",
                ).format(
                    name=card.name,
                    name_2=name,
                    version=version,
                    sha256=sha256[:12],
                    version_2=found.version,
                    sha256_2=found.sha256[:12],
                ),
                TRAIN_AGAIN,
            )
        load_weights(head, card.weights, card.sha256)
        return cls(card, registry.load_from_card(found, "cpu"), head)

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return self.base.device

    def to(self, device: torch.device) -> Self:
        """Move it to a device and return it."""
        self.base.to(device)
        self.head.to(device)
        return self

    @property
    def reads_words(self) -> bool:
        """Whether the base does."""
        return self.base.reads_words

    @torch.inference_mode()
    def encode(self, images: Tensor) -> VisualTokens:
        """Tokens of photos (B, 3, S, S), uint8 sRGB, S the card's input size."""
        tokens = self.base.encode(images)
        measured = attributes(images.to(self.device)).to(tokens.pooled.dtype)
        return dataclasses.replace(tokens, pooled=torch.cat([tokens.pooled, measured], dim=1))

    def encode_words(self, words: Sequence[str]) -> TextTokens | None:
        """Tokens of each photo's words, where the base reads words."""
        return self.base.encode_words(words)

    @torch.inference_mode()
    def score(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
        """Judge encoded photos as this person would."""
        whole, measured = tokens.pooled[:, : -len(ATTRIBUTES)], tokens.pooled[:, -len(ATTRIBUTES) :]
        answer = self.base.score(dataclasses.replace(tokens, pooled=whole), text)
        with torch.autocast(self.device.type, enabled=False):
            tilted = self.head(answer.probabilities.float(), measured.float(), whole.float(), answer.embedding.float())
        return dataclasses.replace(answer, probabilities=tilted)


def save_personal_model(
    folder: Path, head: PersonalHead, base: ModelCard, *, name: str, number: int, title: str, **facts: Any
) -> ModelCard:
    """Write a personal model into a folder: weights and card, with the base named by version and sha256.

    Its version is its number and a part of its sha256, so that scores kept under a version are this model's for good.
    ``facts`` are other fields of the card. Raises ``KnownError`` where it cannot be written.
    """
    weights = folder / WEIGHTS_FILE
    save_weights(head, weights)
    sha256 = file_sha256(weights)
    config: dict[str, Any] = {"base": {"name": base.name, "version": base.version, "sha256": base.sha256}}
    config |= {f"{part}_width": len(getattr(head, f"{part}_weight")) for part in ("whole", "query")}
    # What the base needs to be fetched is needed here too, so that the registry can say so.
    config |= {key: base.config[key] for key in ("encoder_spec", "text_spec", "text_version") if key in base.config}
    card = ModelCard(
        name=name,
        version=f"{number}-{sha256[:6]}",
        title=title,
        kind=KIND,
        encoder=base.encoder,
        input_size=base.input_size,
        mean=base.mean,
        std=base.std,
        score_range=base.score_range,
        parameters=base.parameters + sum(buffer.numel() for buffer in head.buffers()),
        file=weights.name,
        sha256=sha256,
        size_bytes=weights.stat().st_size,
        licence=facts.pop("licence", base.licence),
        summary=facts.pop("summary", f"{base.title}, shifted by your own judgements."),
        config=config,
        **facts,
    )
    card.save(folder)
    return dataclasses.replace(card, folder=folder)
