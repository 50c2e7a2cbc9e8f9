"""What a frozen encoder can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    from torch import Tensor

    from aesthetic_studio.models.card import EncoderCard
    from aesthetic_studio.models.protocol import VisualTokens


class Encoder(nn.Module, ABC):
    """Photos to ``VisualTokens``; normalisation is the encoder's own.

    Attributes:
        card: Name, version, shapes and where it comes from.
    """

    card: EncoderCard

    @abstractmethod
    def forward(self, images: Tensor) -> VisualTokens:
        """Tokens of photos (B, 3, S, S), uint8 sRGB."""

    if TYPE_CHECKING:

        def __call__(self, images: Tensor) -> VisualTokens:
            """As ``forward``."""
            ...
