"""What every model that scores photos can do, the embedded one and those to come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from torch import Tensor

    from aesthetic_studio.models.card import ModelCard


@dataclass(frozen=True, slots=True)
class VisualTokens:
    """What a frozen visual encoder says of a batch of photos, the ``F_v`` of MMLQ."""

    grid: Tensor
    """(B, N, D), N = height × width tokens, row by row from the top left."""
    pooled: Tensor
    """(B, P): one vector for the whole photo, the place of a ViT's [CLS]."""
    height: int
    width: int
    texture: Tensor | None = None
    """(B, T): how strongly the encoder's layers answer over the whole photo, which tells frames of one scene apart;
    ``None`` of an encoder that does not say."""
    middle: Tensor | None = None
    """(B, C, h, w): what a layer halfway answers, 0 or more, at places finer than the tokens'; ``None`` likewise."""


@dataclass(frozen=True, slots=True)
class TextTokens:
    """What a frozen text encoder says of a batch of photos' words, the ``F_t`` of MMLQ."""

    tokens: Tensor
    """(B, M, D_t)."""
    padding: Tensor
    """(B, M), true where a token is none; a row that is all true belongs to a photo without words."""


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """A model's answer for a batch of photos."""

    probabilities: Tensor
    """(B, 10): votes over 1..10, each row sums to 1."""
    attention: Tensor
    """(B, H, W): where the queries looked, each map sums to 1."""
    embedding: Tensor
    """(B, E): the averaged queries, a pooled aesthetic embedding."""
    merit: Tensor | None = None
    """(B,): which frame of one scene is the better, by what was done to it, in log odds; it means nothing between
    scenes. ``None`` of a model that did not learn it."""
    look: Tensor | None = None
    """(B, P): what the photo shows, at length 1; photos that look alike have looks with a cosine near 1."""
    text_attention: Tensor | None = None
    """(B, M): which of the words' tokens were looked at, each row sums to 1, or to 0 for a photo without words;
    ``None`` where no words were given."""


class AestheticModel(Protocol):
    """Photos in, distributions of scores out.

    ``encode`` is separate from ``score`` so that features of a frozen encoder can be kept and scored again.
    """

    card: ModelCard

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        ...

    def to(self, device: torch.device) -> Self:
        """Move it to a device and return it."""
        ...

    def encode(self, images: Tensor) -> VisualTokens:
        """Tokens of photos (B, 3, S, S), uint8 sRGB, S the card's input size."""
        ...

    @property
    def reads_words(self) -> bool:
        """Whether it judges words too; then a photo is scored again when its words change."""
        ...

    def encode_words(self, words: Sequence[str]) -> TextTokens | None:
        """Tokens of each photo's words, empty where it has none; ``None`` from a model that reads no words."""
        ...

    def score(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
        """Judge encoded photos, with their words where the model reads them and there are any."""
        ...


class PictureAlone:
    """A model's answers about words where it judges the picture alone."""

    @property
    def reads_words(self) -> bool:
        """It does not."""
        return False

    def encode_words(self, words: Sequence[str]) -> TextTokens | None:
        """Nothing, whatever the words are."""
        del words
        return None
