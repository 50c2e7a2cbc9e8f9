"""Which frame of one scene is the better, by what was done to it; it means nothing between scenes.

    strengths of all layers (B, T) ──linear──────────────────────────────────────────────┐
    answers of a middle layer (B, C, h, w) ─roots, components─▶ (B, K, h, w) ─MeritNet───┴─▶ sum, a merit for each

Blur, motion and noise change how strongly an encoder's layers answer, all over the photo: that part is linear. Light, a
lean or a cut that goes through what matters show in where they answer, to which a small convolutional network listens;
several of it are averaged, the same recipe from several seeds. The architecture is this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from aesthetic_studio.models.protocol import VisualTokens

LARGEST_TEXTURE, LARGEST_WIDTH, MOST_MEMBERS = 1 << 16, 4096, 64
FAINTEST = 1e-4
"""Answers below it are taken for it: a root has no slope at 0."""
LEAST_VARIANCE = 1e-5


@dataclass(frozen=True, slots=True)
class MeritConfig:
    """The architecture's settings; they travel in the model's card."""

    texture_width: int
    """Numbers that say how strongly the layers answer."""
    middle_width: int = 0
    """Channels of the middle layer; 0 leaves its answers, and all that follows, out."""
    components: int = 64
    """Principal components of the roots of its answers; not more than it has channels."""
    width: int = 96
    members: int = 3

    def __post_init__(self) -> None:
        allowed = {
            "texture_width": (1, LARGEST_TEXTURE),
            "middle_width": (0, LARGEST_WIDTH),
            "components": (1, self.middle_width or LARGEST_WIDTH),
            "width": (1, LARGEST_WIDTH),
            "members": (1, MOST_MEMBERS),
        }
        for name, (least, most) in allowed.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}; allowed: {least} to {most}")


class Merit(nn.Module):
    """The function; ``config.middle_width`` 0 leaves the linear part alone."""

    mean: Tensor
    basis: Tensor

    def __init__(self, config: MeritConfig) -> None:
        super().__init__()
        self.config = config
        self.linear = nn.Linear(config.texture_width, 1)
        count = config.members if config.middle_width else 0
        self.nets = nn.ModuleList([MeritNet(config.components, config.width) for _ in range(count)])
        self.register_buffer("mean", torch.zeros(config.middle_width))
        # As they are, until components are found; on the meta device torch would load its compiler for that.
        basis = torch.zeros(config.middle_width, config.components)
        self.register_buffer("basis", basis if basis.is_meta else basis.fill_diagonal_(1.0))

    def forward(self, tokens: VisualTokens) -> Tensor | None:
        """Merits (B,) of encoded photos; ``None`` where the encoder does not say what it takes."""
        if tokens.texture is None or (self.nets and tokens.middle is None):
            return None
        seen = self.components(tokens.middle) if self.nets and tokens.middle is not None else None
        return self.of(tokens.texture, seen)

    def of(self, texture: Tensor, seen: Tensor | None) -> Tensor:
        """Merits (B,) of strengths (B, T) and components (B, K, h, w); without these, of the linear part alone."""
        found: Tensor = self.linear(texture)[:, 0]
        if self.nets and seen is not None:
            found = found + torch.stack([net(seen) for net in self.nets]).mean(dim=0)
        return found

    def components(self, middle: Tensor) -> Tensor:
        """What the networks see (B, K, h, w) of a middle layer's answers (B, C, h, w), 0 or more."""
        return ((self.rooted(middle.permute(0, 2, 3, 1)) - self.mean) @ self.basis).permute(0, 3, 1, 2)

    @staticmethod
    def rooted(answers: Tensor) -> Tensor:
        """Their square roots, which draw in a ReLU's long tail."""
        return answers.clamp_min(FAINTEST).sqrt()


class MeritNet(nn.Module):
    """Separable convolutions to a quarter of the side, then mean and deviation over the places, and a linear layer."""

    def __init__(self, components: int, width: int, dropout: float = 0.3) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *_across(components, width),
            *_separable(width, width, stride=2),
            *_separable(width, width, stride=1),
            *_separable(width, 2 * width, stride=2),
        ).to(memory_format=torch.channels_last)
        self.dropout = nn.Dropout(dropout)
        self.answer = nn.Linear(4 * width, 1)
        nn.init.zeros_(self.answer.weight)

    def forward(self, seen: Tensor) -> Tensor:
        """Merits (B,) of components (B, K, h, w)."""
        found: Tensor = self.layers(seen).flatten(2)
        deviation = (found.var(dim=2, unbiased=False) + LEAST_VARIANCE).sqrt()
        merits: Tensor = self.answer(self.dropout(torch.cat([found.mean(dim=2), deviation], dim=1)))[:, 0]
        return merits


def _across(before: int, width: int) -> list[nn.Module]:
    return [nn.Conv2d(before, width, 1, bias=False), nn.BatchNorm2d(width), nn.GELU()]


def _separable(before: int, width: int, *, stride: int) -> list[nn.Module]:
    return [nn.Conv2d(before, before, 3, stride, 1, groups=before, bias=False), *_across(before, width)]
