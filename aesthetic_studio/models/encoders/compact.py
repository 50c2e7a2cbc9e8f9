"""A compact convolutional encoder: small enough to ship, fast enough for a CPU; it learns by distillation.

    photo S×S ─stem: strided 3×3─▶ [ depthwise 3×3 ▸ pointwise ] × blocks ─root─▶ places (S/32)² ─components─▶ tokens
                                                                                      └─ mean ──components─▶ whole photo

The layers are those of MobileNet (arXiv 1704.04861, table 1) with widths of its own: on a CPU they do twice the
arithmetic in the time of larger kernels or smoother activations. Every layer ends in a ReLU that is cut off at six.
The square root draws in the ReLU's long tail, and principal components of unlabelled photos keep what varies.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from aesthetic_studio.models.encoders.base import Encoder, resized
from aesthetic_studio.models.protocol import VisualTokens

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_WIDTH, LARGEST_DEPTH, LARGEST_SIDE, LARGEST_COUNT = 4096, 64, 1024, 1 << 26
"""No config asks for more, so that a damaged card asks for no impossible memory or time."""

FAINTEST = 1e-4
"""Answers below this are taken for it, so that a silent channel has a logarithm."""

CEILING = 6.0
"""No answer of a layer is larger."""


@dataclass(frozen=True, slots=True)
class CompactConfig:
    """The architecture's settings; they travel in the encoder's card."""

    input_size: int = 160
    """Side of the square input in pixels; a multiple of the stride."""
    stem: int = 32
    """Width of the strided convolution that comes first."""
    widths: tuple[int, ...] = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
    """Of each block."""
    strides: tuple[int, ...] = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
    """Of each block's depthwise layer, 1 or 2."""
    width: int = 128
    """Of a token: principal components of the last block's answers; not more than it has."""
    pooled_width: int = 256
    """Of the whole photo, likewise."""

    def __post_init__(self) -> None:
        if not self.widths or len(self.widths) != len(self.strides) or len(self.widths) > LARGEST_DEPTH:
            raise ValueError(
                f"{len(self.widths)} widths and {len(self.strides)} strides; allowed: as many, 1 to {LARGEST_DEPTH}"
            )
        if not all(1 <= width <= LARGEST_WIDTH for width in (self.stem, *self.widths)):
            raise ValueError(f"widths are {(self.stem, *self.widths)}; allowed: 1 to {LARGEST_WIDTH}")
        around = zip((self.stem, *self.widths[:-1]), self.widths, strict=True)
        if sum(before * after for before, after in around) > LARGEST_COUNT:
            raise ValueError(f"widths are {(self.stem, *self.widths)}; allowed: {LARGEST_COUNT} weights in all")
        if not all(1 <= width <= self.widths[-1] for width in (self.width, self.pooled_width)):
            raise ValueError(f"{self.width} and {self.pooled_width} components; allowed: 1 to {self.widths[-1]}")
        if not all(stride in (1, 2) for stride in self.strides):
            raise ValueError(f"strides are {self.strides}; allowed: 1 and 2")
        least = 2 * self.stride  # one place alone has no deviation
        if not least <= self.input_size <= LARGEST_SIDE or self.input_size % self.stride:
            raise ValueError(
                f"input_size is {self.input_size}; allowed: multiples of {self.stride}, {least} to {LARGEST_SIDE}"
            )

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Read what ``dataclasses.asdict`` wrote. Raises ``TypeError``, ``KeyError`` or ``ValueError`` for others."""
        several = {name: tuple(int(number) for number in content[name]) for name in ("widths", "strides")}
        return cls(**{**content, **several})

    @property
    def stride(self) -> int:
        """Pixels of the input a token stands for, along a side."""
        return 2 * math.prod(self.strides)

    @property
    def last_of_resolution(self) -> tuple[int, ...]:
        """Blocks behind which a strided one comes, or none."""
        return tuple(number for number, stride in enumerate((*self.strides[1:], 2)) if stride == 2)

    @property
    def texture_width(self) -> int:
        """Numbers that say how strongly the layers answer."""
        return 3 * sum(self.widths[number] for number in self.last_of_resolution)

    @property
    def middle(self) -> int:
        """Which of ``last_of_resolution`` is halfway."""
        return len(self.last_of_resolution) // 2

    @property
    def middle_width(self) -> int:
        """Channels halfway."""
        return self.widths[self.last_of_resolution[self.middle]]

    @property
    def grid(self) -> int:
        """Tokens a side."""
        return self.input_size // self.stride


class CompactEncoder(Encoder):
    """Convolutions to a grid of places, and principal components of them and of their mean.

    ``normed`` puts a batch norm behind every convolution, for training; ``folded`` gives the encoder without them.
    """

    kind = "compact"
    mean: Tensor
    basis: Tensor
    pooled_mean: Tensor
    pooled_basis: Tensor

    def __init__(self, config: CompactConfig, *, normed: bool = False) -> None:
        super().__init__()
        self.config = config
        layers = [Layer(3, config.stem, kernel=3, stride=2, normed=normed)]
        before = config.stem
        for width, stride in zip(config.widths, config.strides, strict=True):
            layers.append(Layer(before, before, kernel=3, stride=stride, groups=before, normed=normed))
            layers.append(Layer(before, width, kernel=1, normed=normed))
            before = width
        # Half as fast again on a CPU with the channels of a place side by side.
        self.layers = nn.ModuleList(layers).to(memory_format=torch.channels_last)
        for name, width in (("", config.width), ("pooled_", config.pooled_width)):
            self.register_buffer(f"{name}mean", torch.zeros(before))
            self.register_buffer(f"{name}basis", torch.eye(before)[:, :width].contiguous())

    def forward(self, images: Tensor) -> VisualTokens:
        """Tokens (B, grid², width) and wholes (B, pooled_width) of photos (B, 3, S, S), uint8 sRGB, resized."""
        seen = self.seen(images)
        places = seen[-1]
        rooted = self.rooted(places)
        grid = (rooted - self.mean) @ self.basis
        pooled = (rooted.mean(dim=1) - self.pooled_mean) @ self.pooled_basis
        texture = torch.cat([_strengths(answer) for answer in seen], dim=1)
        return VisualTokens(grid, pooled, places.shape[2], places.shape[3], texture, seen[self.config.middle])

    def places(self, images: Tensor) -> Tensor:
        """The last block's answers (B, C, grid, grid), from 0 to 6."""
        return self.seen(images)[-1]

    def seen(self, images: Tensor) -> list[Tensor]:
        """What the last block of each resolution answers (B, C, h, w), fine to coarse."""
        found = self.normalised(resized(images, self.config.input_size))
        stem, *others = self.chain
        found, answers = stem(found), []
        for number, (alone, across) in enumerate(zip(others[::2], others[1::2], strict=True)):
            found = across(alone(found))
            if number in self.config.last_of_resolution:
                answers.append(found)
        return answers

    @staticmethod
    def rooted(places: Tensor) -> Tensor:
        """Their square roots, place by place: (B, grid², C)."""
        return places.flatten(2).transpose(1, 2).sqrt()

    @property
    def chain(self) -> list[Layer]:
        """The layers, the first to the last."""
        return [layer for layer in self.layers if isinstance(layer, Layer)]

    def normalised(self, images: Tensor) -> Tensor:
        """Bytes (B, 3, h, w) as numbers from -1 to 1, in the order of memory that the layers are fast in."""
        numbers = images.to(self.chain[0].convolution.weight.dtype)
        return (numbers / 127.5 - 1.0).contiguous(memory_format=torch.channels_last)

    def folded(self) -> CompactEncoder:
        """A copy that answers as this one does at rest, its norms merged into the convolutions before them."""
        plain = CompactEncoder(self.config).to(self.chain[0].convolution.weight.device)
        plain.train(self.training)
        for mine, its in zip(self.chain, plain.chain, strict=True):
            its.convolution.load_state_dict(mine.folded().state_dict())
        for name, buffer in plain.named_buffers():
            buffer.copy_(self.get_buffer(name))
        return plain

    def as_json(self) -> dict[str, Any]:
        """The settings as the card keeps them."""
        return dataclasses.asdict(self.config)


def _strengths(answer: Tensor) -> Tensor:
    """Of each channel (B, C, h, w) the mean, the mean root and the deviation, as logarithms: (B, 3C).

    Blur, noise and light change how strongly layers answer and hardly what they answer to, by factors.
    """
    mean, count = answer.mean(dim=(2, 3)), answer.shape[2] * answer.shape[3]
    # Means go through the channels as they lie in memory; a deviation asked for at once would copy them first.
    variance = (answer.square().mean(dim=(2, 3)) - mean.square()).clamp_min(0.0) * (count / (count - 1))
    found = [mean, answer.sqrt().mean(dim=(2, 3)), variance.sqrt()]
    return torch.cat(found, dim=1).clamp_min(FAINTEST).log()


class Layer(nn.Module):
    """A convolution, a norm in training, and a ReLU up to six.

    A strided one pads below and to the right only, as TensorFlow's "same" does for even sides, so that a grid that is
    learned from such a network lies where the network's own does.
    """

    def __init__(
        self, before: int, width: int, *, kernel: int, stride: int = 1, groups: int = 1, normed: bool = False
    ) -> None:
        super().__init__()
        around = kernel // 2
        self.padding = (0, 1, 0, 1) if stride == 2 else (around, around, around, around)
        """Left, right, above, below."""
        self.convolution = nn.Conv2d(
            before, width, kernel, stride, 0 if stride == 2 else around, groups=groups, bias=not normed
        )
        nn.init.kaiming_normal_(self.convolution.weight, mode="fan_in", nonlinearity="relu")
        self.norm = nn.BatchNorm2d(width) if normed else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(B, before, h, w) to (B, width, h / stride, w / stride), from 0 to 6."""
        found: Tensor = F.relu6(self.linear(x))
        return found

    def linear(self, x: Tensor) -> Tensor:
        """As ``forward``, before the ReLU."""
        if self.convolution.stride[0] == 2:
            x = F.pad(x, self.padding)
        found: Tensor = self.norm(self.convolution(x))
        return found

    def folded(self) -> nn.Conv2d:
        """The convolution with the norm's resting state in it."""
        if not isinstance(self.norm, nn.BatchNorm2d):
            return self.convolution
        here = self.training
        merged = fuse_conv_bn_eval(self.convolution.eval(), self.norm.eval())
        self.train(here)
        return merged

    @torch.no_grad()
    def give(self, weight: Tensor, bias: Tensor, channels: slice = slice(None)) -> None:
        """Take weights (C, inputs) and biases (C,) for some of the channels; for a layer without a norm."""
        mine, offset = self.convolution.weight[channels], self.convolution.bias
        if offset is None:
            raise ValueError("a layer with a norm has no biases of its own")
        mine.copy_(weight.reshape(mine.shape))
        offset[channels].copy_(bias)
