"""The settings of FGAesQ: its published numbers are the defaults. Standard library only."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
"""CLIP's own normalisation of sRGB values in 0..1."""


@dataclass(frozen=True, slots=True)
class DiffTokenConfig:
    """How a photo of any size becomes one sequence of tokens."""

    patch: int = 16
    """Side of a token, pixels."""
    block: int = 32
    """Side of a block, pixels: one coarse token, or ``(block / patch)²`` fine ones."""
    length: int = 512
    """Tokens in a sequence, the CLS slot among them."""
    grid: int = 14
    """Rows and columns of CLIP's own positions, which are interpolated to any other grid."""
    hidden_size: int = 112
    """``initial_hidden_size`` of the released code; with ``importance`` it says how many blocks are fine."""
    importance: float = 0.5
    """p: the share of blocks that may become fine in a pair. The paper found 0.5 best, with 32-pixel blocks."""
    min_side: int = 384
    """A photo of a pair that is too small for a full sequence is enlarged to at least this short side, pixels."""
    spare: float = 1.2
    """And to at least this many times ``length`` patches."""
    position_offset: float = 0.1
    """Added to rows and columns when positions are interpolated, as vision transformers do to avoid rounding down."""
    max_pixels: int = 1 << 20
    """A larger photo is shrunk to this many pixels first; parity ignores it. This project's choice.

    The released code means to have such a limit, and it has no effect (quirk e). 511 tokens can show 0.48 megapixels
    whole; at one megapixel half of a photo is seen, and of 24 megapixels, undisturbed, two parts in a hundred."""

    def __post_init__(self) -> None:
        if self.patch < 1 or self.block % self.patch or self.block < self.window:
            raise ValueError(f"block {self.block} must be a multiple of patch {self.patch}, and {self.window} or more")
        if self.length <= 1 + self.fine_blocks * self.ratio**2 or self.fine_blocks < 1:
            raise ValueError(f"{self.length} tokens do not hold {self.fine_blocks} fine blocks and one coarse one")

    @property
    def window(self) -> int:
        """Side of the SSIM window, pixels: scikit-image's own, as released."""
        return 7

    @property
    def ratio(self) -> int:
        """Patches along a side of a block."""
        return self.block // self.patch

    @property
    def fine_blocks(self) -> int:
        """How many blocks become fine: ``int(112 · 0.5 / 4) = 14``."""
        return int(self.hidden_size * self.importance / self.ratio**2)

    def patches(self, height: int, width: int) -> int:
        """How many patches cover a photo."""
        return -(-height // self.patch) * -(-width // self.patch)


@dataclass(frozen=True, slots=True)
class TextTowerConfig:
    """CLIP's text tower, which CTAlign needs in training."""

    width: int = 512
    layers: int = 12
    heads: int = 8
    context: int = 77
    """Tokens of a text, its start and end among them; what is longer is cut."""
    vocabulary: int = 49408


@dataclass(frozen=True, slots=True)
class FGAesQConfig:
    """CLIP ViT-B/16, the head of FGAesQ and its tokens; these settings travel in the model's card."""

    width: int = 768
    layers: int = 12
    heads: int = 12
    embedding: int = 512
    """Width of E_v, CLIP's space of images and texts."""
    hidden: tuple[int, int] = (256, 64)
    """Widths within the regression head."""
    dropout: tuple[float, float] = (0.2, 0.1)
    """After each of its hidden layers."""
    bins: int = 10
    """Votes 1..10."""
    tokens: DiffTokenConfig = field(default_factory=DiffTokenConfig)
    text: TextTowerConfig = field(default_factory=TextTowerConfig)

    def __post_init__(self) -> None:
        for name, width, heads in (("", self.width, self.heads), ("text.", self.text.width, self.text.heads)):
            if width % heads:
                raise ValueError(f"{name}width {width} cannot be shared among {heads} heads")

    def as_json(self) -> dict[str, Any]:
        """What a card keeps."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Read what ``as_json`` wrote. Raises ``TypeError``, ``KeyError`` or ``ValueError`` for anything else."""
        first, second = content["hidden"]
        after_first, after_second = content["dropout"]
        parts: dict[str, Any] = {
            "tokens": DiffTokenConfig(**content["tokens"]),
            "text": TextTowerConfig(**content["text"]),
            "hidden": (int(first), int(second)),
            "dropout": (float(after_first), float(after_second)),
        }
        return cls(**{**content, **parts})
