"""A compact convolutional encoder: small enough to ship, fast enough for a CPU; it learns by distillation.

    photo S×S ─stem: two strided 3×3─▶ S/4 ─[ strided 3×3 ▸ depthwise blocks ] × stages─▶ S/16 ─1×1─▶ tokens ▸ mean

A block is a depthwise 5×5 and an inverted bottleneck of pointwise layers with hard-swish, as in MobileNetV3
(arXiv 1905.02244), with the depthwise layer first, as in ConvNeXt (arXiv 2201.03545).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor, nn

from aesthetic_studio.models.encoders.base import Encoder, resized
from aesthetic_studio.models.protocol import VisualTokens

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_WIDTH, LARGEST_DEPTH, LARGEST_SIDE = 4096, 64, 1024
"""No config asks for more, so that a damaged card asks for no impossible memory or time."""


@dataclass(frozen=True, slots=True)
class CompactConfig:
    """The architecture's settings; they travel in the encoder's card."""

    input_size: int = 128
    """Side of the square input in pixels; a multiple of the stride."""
    stem: tuple[int, int] = (24, 48)
    """Widths of the two strided convolutions that come first."""
    stages: tuple[tuple[int, int], ...] = ((80, 2), (192, 5))
    """Width and blocks of each stage; each halves the sides first."""
    expansion: int = 2
    """Inner width of a block, in parts of its width."""
    kernel: int = 5
    """Side of the depthwise kernels."""
    width: int = 512
    """Of a token."""

    def __post_init__(self) -> None:
        widths = (*self.stem, *(width for width, _ in self.stages), self.width)
        depths = tuple(blocks for _, blocks in self.stages)
        if len(self.stem) != 2 or not self.stages:
            raise ValueError("stem needs two widths and stages one or more")
        if not all(1 <= width <= LARGEST_WIDTH for width in widths):
            raise ValueError(f"widths are {widths}; allowed: 1 to {LARGEST_WIDTH}")
        if not all(0 <= depth <= LARGEST_DEPTH for depth in depths) or not 1 <= self.expansion <= 8:
            raise ValueError(
                f"blocks are {depths}, expansion {self.expansion}; allowed: to {LARGEST_DEPTH}, and 1 to 8"
            )
        if self.kernel not in (3, 5, 7):
            raise ValueError(f"kernel is {self.kernel}; allowed: 3, 5, 7")
        if self.input_size % self.stride or not self.stride <= self.input_size <= LARGEST_SIDE:
            raise ValueError(f"input_size is {self.input_size}; allowed: multiples of {self.stride} to {LARGEST_SIDE}")

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Read what ``dataclasses.asdict`` wrote. Raises ``TypeError``, ``KeyError`` or ``ValueError`` for others."""
        stages = tuple((int(width), int(blocks)) for width, blocks in content["stages"])
        return cls(**{**content, "stem": tuple(int(width) for width in content["stem"]), "stages": stages})

    @property
    def stride(self) -> int:
        """Pixels of the input a token stands for, along a side."""
        return int(4 * 2 ** len(self.stages))

    @property
    def grid(self) -> int:
        """Tokens a side."""
        return self.input_size // self.stride


class CompactEncoder(Encoder):
    """Convolutions to a grid of tokens; the whole photo is their mean."""

    kind = "compact"
    mean: Tensor
    std: Tensor

    def __init__(self, config: CompactConfig) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = [*_strided(3, config.stem[0]), *_strided(config.stem[0], config.stem[1])]
        before = config.stem[1]
        for width, blocks in config.stages:
            layers += _strided(before, width)
            layers += [Block(width, config.kernel, config.expansion) for _ in range(blocks)]
            before = width
        layers += [nn.Conv2d(before, config.width, 1, bias=False), nn.BatchNorm2d(config.width), nn.Hardswish()]
        # Half as fast again on a CPU with the channels of a place side by side.
        self.layers = nn.Sequential(*layers).to(memory_format=torch.channels_last)
        # Of natural photos as sRGB values, about: whatever they are, the first norm corrects them.
        self.register_buffer("mean", torch.full((3, 1, 1), 0.45), persistent=False)
        self.register_buffer("std", torch.full((3, 1, 1), 0.25), persistent=False)

    def forward(self, images: Tensor) -> VisualTokens:
        """Tokens (B, grid², width) and their mean (B, width) of photos (B, 3, S, S), uint8 sRGB, resized as needed."""
        places = self.places(images)
        grid = places.flatten(2).transpose(1, 2)
        return VisualTokens(grid, grid.mean(dim=1), places.shape[2], places.shape[3])

    def places(self, images: Tensor) -> Tensor:
        """The tokens as a map (B, width, grid, grid)."""
        pixels = resized(images, self.config.input_size).to(self.mean.dtype) / 255.0
        found: Tensor = self.layers((pixels - self.mean) / self.std)
        return found

    def as_json(self) -> dict[str, Any]:
        """The settings as the card keeps them."""
        return dataclasses.asdict(self.config)


class Block(nn.Module):
    """Depthwise, wider, narrower, beside the way through; it begins as that way alone."""

    def __init__(self, width: int, kernel: int, expansion: int) -> None:
        super().__init__()
        inner = width * expansion
        last = nn.BatchNorm2d(width)
        nn.init.zeros_(last.weight)
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width, bias=False),
            nn.BatchNorm2d(width),
            nn.Conv2d(width, inner, 1, bias=False),
            nn.BatchNorm2d(inner),
            nn.Hardswish(),
            nn.Conv2d(inner, width, 1, bias=False),
            last,
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, h, w) to the same shape."""
        found: Tensor = x + self.layers(x)
        return found


def _strided(before: int, width: int) -> list[nn.Module]:
    convolution = nn.Conv2d(before, width, 3, stride=2, padding=1, bias=False)
    return [convolution, nn.BatchNorm2d(width), nn.Hardswish()]
