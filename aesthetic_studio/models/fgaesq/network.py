"""FGAesQ: CLIP ViT-B/16 over tokens of two scales, to a distribution of scores (arXiv 2603.03907, Fig. 4).

    patches (B, L, 3, 16, 16) ─conv1─▶ + scale embedding, + CLIP's positions ─▶ 12 blocks ─▶ CLS ─▶ E_v ─▶ head ─▶ DOS

Written from a description of the released model; the tensors' names are its own, so that its weights load.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from aesthetic_studio.models.fgaesq.config import FGAesQConfig
from aesthetic_studio.models.fgaesq.difftoken import COARSE, FINE, PADDING, TokenBatch
from aesthetic_studio.models.fgaesq.towers import TextTower, VisualTower

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class FGAesQOutput:
    """What the network says of a batch."""

    logits: Tensor
    """(B, 10), before the softmax."""
    embedding: Tensor
    """(B, 512): E_v."""

    @property
    def scores(self) -> Tensor:
        """(B,): ``Σ_k k · softmax(logits)_k`` over k = 1..10."""
        bins = torch.arange(1, self.logits.shape[1] + 1, device=self.logits.device, dtype=self.logits.dtype)
        return self.logits.softmax(dim=1) @ bins


class FGAesQ(nn.Module):
    """The network; 86,343,370 parameters without the text tower, which only CTAlign needs.

    ``parity=True`` does what the released code does where that is at odds with its intention: the scale embedding
    learns nothing, and the ``scales`` handed to ``forward`` have their padding ids overwritten by 0.
    """

    def __init__(self, config: FGAesQConfig | None = None, *, text_tower: bool = False, parity: bool = False) -> None:
        super().__init__()
        self.config = config = config or FGAesQConfig()
        self.parity = parity
        self.scale_embedding = nn.Parameter(0.02 * torch.randn(1, 2, config.width))
        self.mask_token = nn.Parameter(torch.zeros(1, 1, config.width))
        self.clip_model = TextTower(config.text, config.embedding) if text_tower else nn.Module()
        self.clip_model.requires_grad_(False)
        self.clip_model.visual = VisualTower(config)
        first, second = config.hidden
        self.iqa_head = nn.Sequential(
            nn.Linear(config.embedding, first),
            nn.ReLU(),
            nn.Dropout(config.dropout[0]),
            nn.Linear(first, second),
            nn.ReLU(),
            nn.Dropout(config.dropout[1]),
            nn.Linear(second, config.bins),
        )

    @property
    def visual(self) -> VisualTower:
        """CLIP's image tower."""
        tower = self.clip_model.visual
        assert isinstance(tower, VisualTower)  # noqa: S101 - for the type checker: __init__ put it there
        return tower

    def forward(self, patches: Tensor, positions: Tensor, scales: Tensor) -> FGAesQOutput:
        """Judge sequences of tokens.

        Shapes: ``patches`` (B, L, 3, P, P) whose slot 0 holds the place of CLS, ``positions`` (B, L, width), ``scales``
        (B, L) whole numbers: 0 coarse or plain, 1 fine, 9 padding. Padded tokens are attended to, as released.
        """
        x = self.enter(patches, positions, scales)
        cls = self.visual.transformer(x)[:, 0]
        return self.leave(cls)

    def judge(self, batch: TokenBatch) -> FGAesQOutput:
        """``forward`` of a batch that ``DiffToken`` has cut, its positions interpolated here."""
        out: FGAesQOutput = self(batch.patches, self.positions(batch), batch.scales)
        return out

    def positions(self, batch: TokenBatch) -> Tensor:
        """Bicubically interpolated CLIP positions (B, L, width); CLS keeps its own, padding has none."""
        table = self.visual.positional_embedding
        grid = table[1:].view(self.config.tokens.grid, self.config.tokens.grid, -1)
        found = torch.einsum("bli,blj,ijd->bld", batch.rows, batch.columns, grid)
        found[:, 0] = table[0]
        return found

    def enter(self, patches: Tensor, positions: Tensor, scales: Tensor) -> Tensor:
        """Tokens (B, L, width) as the first block reads them."""
        x = self.visual.embed(patches[:, 1:])
        x = torch.where((scales[:, 1:] == PADDING).unsqueeze(2), self.mask_token, x)
        if self.parity:
            scales[scales == PADDING] = COARSE
            known = scales
        else:
            known = scales.masked_fill(scales == PADDING, COARSE)
        table = self.scale_embedding[0].detach() if self.parity else self.scale_embedding[0]
        # A choice of two and no look-up, whose gradient threads would add up in an order of their own.
        x = x + torch.where((known[:, 1:] == FINE).unsqueeze(2), table[FINE], table[COARSE])
        cls = self.visual.class_embedding.expand(len(x), 1, -1)
        out: Tensor = self.visual.ln_pre(torch.cat([cls, x], dim=1) + positions)
        return out

    def leave(self, cls: Tensor) -> FGAesQOutput:
        """E_v and the head, from what slot 0 holds after the last block (B, width)."""
        embedding = self.visual.ln_post(cls) @ self.visual.proj
        return FGAesQOutput(self.iqa_head(embedding), embedding)

    @torch.no_grad()
    def start_from_clip(self, state: Mapping[str, Tensor]) -> None:
        """Take over CLIP's weights, as OpenAI and open_clip name them (``visual.conv1.weight`` …), to train from.

        The text tower is taken over too where this network has one. Nothing is resized. Raises ``ValueError`` naming
        the first tensor that is missing or has another shape.
        """
        own = self.clip_model.state_dict()
        for name, tensor in own.items():
            if name not in state:
                raise ValueError(f"{name} is missing: these are not the weights of such a CLIP")
            if state[name].shape != tensor.shape:
                raise ValueError(f"{name} is {tuple(state[name].shape)}, not {tuple(tensor.shape)}")
        self.clip_model.load_state_dict({name: state[name].to(tensor) for name, tensor in own.items()})
