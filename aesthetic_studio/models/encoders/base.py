"""What a frozen encoder can do."""

from __future__ import annotations

import dataclasses
import shutil
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import nn

from aesthetic_studio.models.weights import load_weights

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from aesthetic_studio.models.card import EncoderCard
    from aesthetic_studio.models.protocol import VisualTokens


class Encoder(nn.Module, ABC):
    """Photos to ``VisualTokens``; normalisation is the encoder's own.

    Attributes:
        card: Name, version, shapes and where it comes from.
        spec: By which ``find_encoder`` finds it on any machine that has it; ``None`` for one that a model carries.
    """

    card: EncoderCard
    spec: str | None = None

    @abstractmethod
    def forward(self, images: Tensor) -> VisualTokens:
        """Tokens of photos (B, 3, S, S), uint8 sRGB."""

    def look(self, tokens: VisualTokens) -> Tensor:
        """What encoded photos show (B, P), at length 1: photos that look alike have looks with a cosine near 1."""
        return F.normalize(tokens.pooled.float(), dim=1)

    def fill(self, file: Path, sha256: str) -> None:
        """Take the tensors of a file. Raises ``ModelUnavailable`` where it is missing, damaged or of another kind."""
        load_weights(self, file, sha256)

    def store(self, folder: Path) -> EncoderCard:
        """Put card and weights into a folder, so that a model carries its encoder along."""
        here = self.card.folder
        if here is None:
            raise ValueError(f"encoder {self.card.name} lies nowhere, so it cannot be copied")
        folder.mkdir(parents=True, exist_ok=True)
        if here.resolve() != folder.resolve():
            shutil.copyfile(here / self.card.file, folder / self.card.file)
            # A text tower stays where it is: what is copied is what a model scores with.
            dataclasses.replace(self.card, words=None).save(folder)
        return dataclasses.replace(self.card, folder=folder)

    if TYPE_CHECKING:

        def __call__(self, images: Tensor) -> VisualTokens:
            """As ``forward``."""
            ...


def resized(images: Tensor, side: int) -> Tensor:
    """Photos (B, 3, S, S), uint8, at an encoder's own side, smoothed where they shrink."""
    if images.shape[-2:] == (side, side):
        return images
    wanted = F.interpolate(images.float(), size=(side, side), mode="bicubic", antialias=True)
    return wanted.round().clamp(0, 255).to(torch.uint8)
