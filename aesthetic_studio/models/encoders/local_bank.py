"""A frozen bank of local image features: dictionaries of patches learned without labels, and local statistics.

    photo 80×80 ─┬─ at 80 px: patches ─┬─▶ normalise ▸ whiten ▸ triangle code ▸ pool to a grid ─┐
                 ├─ at 40 px: patches ─┘                                                        ├─▶ PCA ▸ tokens
                 └─ colour, oriented energy and contrast of each cell ──────────────────────────┘

Dictionaries and coding are those of Coates, Lee and Ng, "An analysis of single-layer networks in unsupervised feature
learning" (2011): k-means centroids of whitened patches and their triangle activation.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor, nn

from aesthetic_studio.models.encoders.base import Encoder
from aesthetic_studio.models.protocol import VisualTokens

if TYPE_CHECKING:
    from collections.abc import Mapping

STATISTICS = 22
"""Numbers that ``cell_statistics`` says of each cell."""

CPU_PHOTOS = 1
"""Photos encoded at once on a CPU: the codes of one photo take 9 MB, those of a batch would leave every cache."""


@dataclass(frozen=True, slots=True)
class DictionaryConfig:
    """One dictionary of patches."""

    side: int
    """The photo is shrunk to this side first: the scale that the patches see."""
    patch: int
    stride: int
    atoms: int
    normalise: bool = True
    """Patches lose their mean and contrast first, so that they tell structure, and not colour and light."""
    contrast_floor: float = 0.001
    """Added to a patch's variance, so that noise in flat places is not blown up."""


@dataclass(frozen=True, slots=True)
class BankConfig:
    """The bank's settings; they travel in the encoder's card."""

    input_size: int
    grid: int
    """Tokens a side."""
    width: int
    """Of a token."""
    pooled_width: int
    """Of the vector for the whole photo."""
    dictionaries: tuple[DictionaryConfig, ...]

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Read what ``dataclasses.asdict`` wrote. Raises ``TypeError`` or ``KeyError`` for anything else."""
        parts = tuple(DictionaryConfig(**part) for part in content["dictionaries"])
        return cls(**{**content, "dictionaries": parts})

    @property
    def raw_width(self) -> int:
        """Numbers a cell has before PCA."""
        return sum(part.atoms for part in self.dictionaries) + STATISTICS


class PatchDictionary(nn.Module):
    """Triangle codes of every patch: how much nearer than on average a patch lies to each centroid.

    Contrast normalisation and whitening are one convolution, x = W(p/s − m) for a patch p of contrast s; the distances
    to the centroids c are one product of matrices, |x − c|² = |x|² − 2 x·c + |c|².
    """

    whitening: Tensor
    offset: Tensor
    centroids: Tensor

    def __init__(self, config: DictionaryConfig) -> None:
        super().__init__()
        self.config = config
        size = 3 * config.patch**2
        self.register_buffer("whitening", torch.zeros(size, 3, config.patch, config.patch))  # W, its rows summing to 0
        self.register_buffer("offset", torch.zeros(size))  # −W m
        self.register_buffer("centroids", torch.zeros(config.atoms, size))  # c

    def forward(self, images: Tensor) -> Tensor:
        """Codes (B, atoms, h, w) of photos (B, 3, side, side) in 0..1."""
        whitened = F.conv2d(images, self.whitening, stride=self.config.stride)
        if self.config.normalise:
            whitened = whitened / self._contrast(images)
        points = (whitened + self.offset[:, None, None]).permute(0, 2, 3, 1)
        flat = points.flatten(0, 2)
        squared = torch.addmm(self.centroids.square().sum(dim=1), flat, self.centroids.T, alpha=-2.0)
        distance = squared.add_(flat.square().sum(dim=1, keepdim=True)).clamp_min_(0.0).sqrt_()
        codes = (distance.mean(dim=1, keepdim=True) - distance).clamp_min_(0.0)  # the triangle, their section 3.2.1
        return codes.view(*points.shape[:3], -1).permute(0, 3, 1, 2)

    def _contrast(self, images: Tensor) -> Tensor:
        c = self.config
        mean = F.avg_pool2d(images.mean(dim=1, keepdim=True), c.patch, c.stride)
        square = F.avg_pool2d(images.square().mean(dim=1, keepdim=True), c.patch, c.stride)
        return ((square - mean.square()).clamp_min(0.0) + c.contrast_floor).sqrt()


class LocalBank(Encoder):
    """Dictionaries and statistics of every cell, decorrelated by PCA, as tokens."""

    kind = "local-bank"
    mean: Tensor
    basis: Tensor
    pooled_mean: Tensor
    pooled_basis: Tensor

    def __init__(self, config: BankConfig) -> None:
        super().__init__()
        self.config = config
        self.dictionaries = nn.ModuleList([PatchDictionary(part) for part in config.dictionaries])
        for name, raw, width in (
            ("", config.raw_width, config.width),
            ("pooled_", 2 * config.raw_width, config.pooled_width),
        ):
            self.register_buffer(f"{name}mean", torch.zeros(raw))
            self.register_buffer(f"{name}basis", torch.zeros(width, raw))

    def forward(self, images: Tensor) -> VisualTokens:
        """Tokens (B, grid², width) and the whole photo (B, pooled_width) of photos (B, 3, S, S), uint8 sRGB."""
        step = CPU_PHOTOS if images.device.type == "cpu" else max(1, len(images))
        parts = [self._tokens(some) for some in torch.split(images, step)]
        return VisualTokens(
            grid=torch.cat([grid for grid, _ in parts]),
            pooled=torch.cat([pooled for _, pooled in parts]),
            height=self.config.grid,
            width=self.config.grid,
        )

    def _tokens(self, images: Tensor) -> tuple[Tensor, Tensor]:
        cells, whole = self.features(images)
        return F.linear(cells - self.mean, self.basis), F.linear(whole - self.pooled_mean, self.pooled_basis)

    def features(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Every number before PCA: of the cells (B, grid², raw) and of the whole photo (B, 2·raw)."""
        grid = self.config.grid
        pixels = images.to(torch.float32) / 255.0
        cells, whole = [], []
        for part, dictionary in zip(self.config.dictionaries, self.dictionaries, strict=True):
            codes: Tensor = dictionary(shrink(pixels, part.side))
            # The square root keeps one frequent patch from drowning all others.
            cells.append(F.adaptive_avg_pool2d(codes, grid).sqrt())
            whole.append(codes.mean(dim=(2, 3)).sqrt())
        statistics = cell_statistics(pixels, grid)
        cells.append(statistics)
        whole.append(statistics.mean(dim=(2, 3)))
        rows = torch.cat(cells, dim=1).flatten(2).transpose(1, 2)
        # How much a feature differs from place to place says as much as how frequent it is.
        return rows, torch.cat([*whole, rows.std(dim=1)], dim=1)

    def as_json(self) -> dict[str, Any]:
        """The settings as the card keeps them."""
        return dataclasses.asdict(self.config)


def shrink(pixels: Tensor, side: int) -> Tensor:
    """Photos (B, 3, S, S) at a smaller side, every pixel weighed alike."""
    return pixels if pixels.shape[-1] == side else F.interpolate(pixels, size=(side, side), mode="area")


def cell_statistics(pixels: Tensor, grid: int) -> Tensor:
    """Classical local statistics (B, STATISTICS, grid, grid) of photos in 0..1.

    Means and deviations of luma, of the two opponent colours and of saturation; energies along four orientations at two
    scales; local contrast against the whole photo; and where the cell lies.
    """
    red, green, blue = pixels.unbind(dim=1)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    saturation = pixels.amax(dim=1) - pixels.amin(dim=1)
    planes = torch.stack([luma, red - green, 0.5 * (red + green) - blue, saturation], dim=1)
    mean = F.adaptive_avg_pool2d(planes, grid)
    deviation = (F.adaptive_avg_pool2d(planes.square(), grid) - mean.square()).clamp_min(0.0).sqrt()
    energies = [_oriented_energy(shrink(luma.unsqueeze(1), pixels.shape[-1] // step), grid) for step in (1, 2)]
    contrast = deviation[:, :1] / (luma.std(dim=(1, 2))[:, None, None, None] + 0.02)
    place = _place(grid, pixels).expand(len(pixels), -1, -1, -1)
    return torch.cat([mean, deviation, *energies, contrast, place], dim=1)


def _oriented_energy(luma: Tensor, grid: int) -> Tensor:
    """Energy of luma's derivative along four directions in each cell (B, 4, grid, grid), compressed by a root."""
    across = F.pad(luma[..., :, 2:] - luma[..., :, :-2], (1, 1, 0, 0))
    down = F.pad(luma[..., 2:, :] - luma[..., :-2, :], (0, 0, 1, 1))
    diagonal = [(across + down) / 2.0**0.5, (across - down) / 2.0**0.5]
    energy = torch.cat([across, diagonal[0], down, diagonal[1]], dim=1).square()
    return F.adaptive_avg_pool2d(energy, grid).clamp_min(1e-8).sqrt()


def _place(grid: int, like: Tensor) -> Tensor:
    """Where a cell lies (1, 5, grid, grid): across, down, squared, and how far from the middle; each −1..1."""
    axis = (torch.arange(grid, device=like.device, dtype=like.dtype) + 0.5) / grid * 2.0 - 1.0
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    radius = (x.square() + y.square()).sqrt() - 0.75
    return torch.stack([x, y, x.square() - 0.33, y.square() - 0.33, radius]).unsqueeze(0)
