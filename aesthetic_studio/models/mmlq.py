"""MMLQ: learnable queries that read aesthetic features from frozen encoders (arXiv 2405.01326, Fig. 2).

    tokens of a frozen encoder F_v, F_t
              │ (cross-attention, one for each modality)
    queries Q_v, Q_t ─▶ [ self-attention ▸ cross-attention ▸ feed-forward ] × blocks ─▶ mean ─▶ linear ─▶ softmax: DOS

With ``text_width=None`` it is the image-only form, IAA-LQ (arXiv 2309.02861). The papers publish neither equations nor
code: what a field's docstring calls *this project's choice* is not theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor, nn

SelfAttention = Literal["joint", "separate", "none"]
FeedForward = Literal["shared", "separate", "none"]


@dataclass(frozen=True, slots=True)
class MMLQConfig:
    """The architecture's settings; they travel in the model's card."""

    visual_width: int
    """Width of the visual tokens F_v."""
    text_width: int | None = None
    """Width of the text tokens F_t (768 for BERT-base); ``None`` leaves the text side out."""
    width: int = 64
    """Width of the queries. This project's choice: the paper does not state it, and 734 photos carry little."""
    queries: int = 4
    """Learnable queries of each modality. Fig. 5 sweeps them; the number is this project's choice."""
    blocks: int = 1
    """Multi-modal interaction blocks (MMIBs). Fig. 4 sweeps them; the number is this project's choice."""
    heads: int = 4
    """Attention heads, this project's choice."""
    feed_forward_width: int = 128
    """Hidden width of the feed-forward layer, this project's choice."""
    self_attention: SelfAttention = "joint"
    """What fills the *replaceable* self-attention slot: over all queries, over each modality's own, or nothing."""
    feed_forward: FeedForward = "separate"
    """What fills the *replaceable* feed-forward slot: one for all modalities, one for each, or nothing."""
    dropout: float = 0.1
    """After every sub-layer, this project's choice."""
    token_dropout: float = 0.0
    """Share of tokens hidden from the queries in training, this project's choice."""
    query_std: float = 0.02
    """Standard deviation of the queries' first values, N(0, 0.02²) as BLIP-2 has it; this project's choice."""
    bins: int = 10
    """Votes 1..10."""

    def __post_init__(self) -> None:
        for name, allowed in (("self_attention", SelfAttention), ("feed_forward", FeedForward)):
            if getattr(self, name) not in get_args(allowed):
                raise ValueError(f"{name} is {getattr(self, name)!r}; allowed: {', '.join(get_args(allowed))}")
        if self.width % self.heads:
            raise ValueError(f"width {self.width} cannot be shared among {self.heads} heads")

    @property
    def modalities(self) -> dict[str, int]:
        """Width of the tokens of each modality that is read."""
        return {"visual": self.visual_width} | ({"text": self.text_width} if self.text_width else {})


@dataclass(frozen=True, slots=True)
class MMLQOutput:
    """What the queries say of a batch."""

    logits: Tensor
    """(B, 10), before the softmax."""
    attention: dict[str, Tensor]
    """Of each modality (B, N): the last block's cross-attention, averaged over queries and heads; each row sums to 1."""
    embedding: Tensor
    """(B, modalities × width): the averaged queries, side by side."""


class InteractionBlock(nn.Module):
    """One MMIB (Fig. 2): self-attention, cross-attention to each modality's own tokens, feed-forward.

    Residual connections with the norm before each layer: this project's choice, steadier on few photos than BERT's order.
    """

    def __init__(self, config: MMLQConfig) -> None:
        super().__init__()
        self.config = config
        names, d = tuple(config.modalities), config.width
        groups = ("all",) if config.self_attention == "joint" else names
        kinds = ("all",) if config.feed_forward == "shared" else names
        self.self_attention = nn.ModuleDict(
            {name: _attention(config) for name in groups if config.self_attention != "none"}
        )
        self.cross_attention = nn.ModuleDict({name: _attention(config) for name in names})
        self.feed_forward = nn.ModuleDict(
            {
                name: nn.Sequential(
                    nn.Linear(d, config.feed_forward_width), nn.GELU(), nn.Linear(config.feed_forward_width, d)
                )
                for name in kinds
                if config.feed_forward != "none"
            }
        )
        self.norms = nn.ModuleDict({f"{n}_{k}": nn.LayerNorm(d) for n in names for k in ("self", "cross", "forward")})
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, queries: dict[str, Tensor], tokens: Mapping[str, Tensor], padding: Mapping[str, Tensor]
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Queries (B, Q, width) after this block, and where they looked (B, N), both by modality."""
        queries = self._mix(queries)
        attention = {}
        for name, q in queries.items():
            read, weights = self.cross_attention[name](
                self.norms[f"{name}_cross"](q), tokens[name], tokens[name], key_padding_mask=padding.get(name)
            )
            queries[name] = q + self.dropout(read)
            attention[name] = weights.mean(dim=1)
        for name, q in queries.items():
            if self.feed_forward:
                layer = self.feed_forward["all" if self.config.feed_forward == "shared" else name]
                queries[name] = q + self.dropout(layer(self.norms[f"{name}_forward"](q)))
        return queries, attention

    def _mix(self, queries: dict[str, Tensor]) -> dict[str, Tensor]:
        """The self-attention slot: among all queries, among each modality's own, or not at all."""
        normed = {name: self.norms[f"{name}_self"](q) for name, q in queries.items()}
        if self.config.self_attention == "joint":
            everyone = torch.cat(list(normed.values()), dim=1)
            mixed, _ = self.self_attention["all"](everyone, everyone, everyone, need_weights=False)
            parts = dict(zip(queries, mixed.split([q.shape[1] for q in queries.values()], dim=1), strict=True))
        elif self.config.self_attention == "separate":
            parts = {n: self.self_attention[n](q, q, q, need_weights=False)[0] for n, q in normed.items()}
        else:
            return dict(queries)
        return {name: q + self.dropout(parts[name]) for name, q in queries.items()}


class MMLQ(nn.Module):
    """Learnable queries over frozen tokens, to a distribution of scores."""

    def __init__(self, config: MMLQConfig) -> None:
        super().__init__()
        self.config = config
        d, modalities = config.width, config.modalities
        self.queries = nn.ParameterDict(
            {name: nn.Parameter(torch.randn(config.queries, d) * config.query_std) for name in modalities}
        )
        self.project = nn.ModuleDict({name: nn.Linear(width, d) for name, width in modalities.items()})
        self.token_norms = nn.ModuleDict({name: nn.LayerNorm(d) for name in modalities})
        self.blocks = nn.ModuleList([InteractionBlock(config) for _ in range(config.blocks)])
        self.norm = nn.LayerNorm(d)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(d * len(modalities), config.bins)

    def forward(self, tokens: Mapping[str, Tensor], padding: Mapping[str, Tensor] | None = None) -> MMLQOutput:
        """Judge tokens (B, N, width) of each modality; ``padding`` (B, N) is true where a token is none."""
        padding = dict(padding or {})
        if self.training and self.config.token_dropout:
            padding = {name: self._hide(tokens[name], padding.get(name)) for name in self.queries}
        keys = {name: self.token_norms[name](self.project[name](tokens[name])) for name in self.queries}
        batch = keys["visual"].shape[0]
        queries = {name: q.expand(batch, -1, -1) for name, q in self.queries.items()}
        attention: dict[str, Tensor] = {}
        for block in self.blocks:
            queries, attention = block(queries, keys, padding)
        # Fig. 2: the averaged queries of each modality are concatenated, then linear layers and softmax.
        embedding = torch.cat([self.norm(q).mean(dim=1) for q in queries.values()], dim=1)
        return MMLQOutput(self.head(self.dropout(embedding)), attention, embedding)

    def _hide(self, tokens: Tensor, padding: Tensor | None) -> Tensor:
        hidden = torch.rand(tokens.shape[:2], device=tokens.device) < self.config.token_dropout
        hidden[:, 0] = False  # at least one token stays, or the softmax over none is undefined
        return hidden if padding is None else hidden | padding


def _attention(config: MMLQConfig) -> nn.MultiheadAttention:
    return nn.MultiheadAttention(config.width, config.heads, batch_first=True)
