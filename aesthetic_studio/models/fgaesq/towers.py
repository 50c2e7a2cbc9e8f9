"""CLIP's two towers, in the tensor names that OpenAI, open_clip and the released FGAesQ share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from aesthetic_studio.models.fgaesq.config import FGAesQConfig, TextTowerConfig


class QuickGELU(nn.Module):
    """``x · sigmoid(1.702 x)``: OpenAI's CLIP was trained with this stand-in for GELU."""

    def forward(self, x: Tensor) -> Tensor:
        """Element by element."""
        return x * torch.sigmoid(1.702 * x)


class FeedForward(nn.Module):
    """Two linear layers, four times as wide between them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width)
        self.gelu = QuickGELU()
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, width) to the same shape."""
        out: Tensor = self.c_proj(self.gelu(self.c_fc(x)))
        return out


class Block(nn.Module):
    """One transformer layer, the norm before each part."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = FeedForward(width)
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, N, width) to the same shape; ``mask`` (N, N) is added to the attention's logits."""
        normed = self.ln_1(x)
        x = x + self.attn(normed, normed, normed, need_weights=False, attn_mask=mask)[0]
        return x + self._forward_part(x)

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The layer for slot 0 alone, and what it looked at: (B, width) and (B, N), whose rows sum to 1."""
        normed = self.ln_1(x)
        read, weights = self.attn(normed[:, :1], normed, normed)
        first = x[:, :1] + read
        return (first + self._forward_part(first))[:, 0], weights[:, 0]

    def _forward_part(self, x: Tensor) -> Tensor:
        out: Tensor = self.mlp(self.ln_2(x))
        return out


class Transformer(nn.Module):
    """A stack of layers."""

    def __init__(self, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList([Block(width, heads) for _ in range(layers)])

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, N, width) to the same shape."""
        for block in self.resblocks:
            x = block(x, mask)
        return x


class VisualTower(nn.Module):
    """CLIP's image tower, fed with tokens instead of one square picture."""

    def __init__(self, config: FGAesQConfig) -> None:
        super().__init__()
        width, patch = config.width, config.tokens.patch
        self.conv1 = nn.Conv2d(3, width, patch, stride=patch, bias=False)
        self.class_embedding = nn.Parameter(width**-0.5 * torch.randn(width))
        # The released code interpolates positions outside the network, so they are never trained.
        self.positional_embedding = nn.Parameter(
            width**-0.5 * torch.randn(1 + config.tokens.grid**2, width), requires_grad=False
        )
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, config.layers, config.heads)
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(width**-0.5 * torch.randn(width, config.embedding))

    def embed(self, patches: Tensor) -> Tensor:
        """Patches (B, N, 3, P, P) to (B, N, width): the convolution, whose stride is its width, is one product."""
        return nn.functional.linear(patches.flatten(2), self.conv1.weight.flatten(1))


class TextTower(nn.Module):
    """CLIP's text tower: why one photo is better than another, in the space of E_v. It stays frozen."""

    def __init__(self, config: TextTowerConfig, embedding: int) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(config.vocabulary, config.width)
        self.positional_embedding = nn.Parameter(0.01 * torch.randn(config.context, config.width))
        self.transformer = Transformer(config.width, config.layers, config.heads)
        self.ln_final = nn.LayerNorm(config.width)
        self.text_projection = nn.Parameter(config.width**-0.5 * torch.randn(config.width, embedding))
        # Part of CLIP's files and of no use here.
        self.logit_scale = nn.Parameter(torch.tensor(0.0))

    def encode_text(self, tokens: Tensor) -> Tensor:
        """E_t (B, embedding) of token ids (B, context), as open_clip's tokenizer writes them."""
        length = tokens.shape[1]
        mask = torch.full((length, length), -torch.inf, device=tokens.device).triu(1)
        x = self.token_embedding(tokens) + self.positional_embedding[:length]
        x = self.ln_final(self.transformer(x, mask))
        # The end of the text has the highest id of all.
        ends = x[torch.arange(len(x), device=x.device), tokens.argmax(dim=1)]
        out: Tensor = ends @ self.text_projection
        return out
