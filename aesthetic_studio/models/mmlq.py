"""MMLQ: learnable queries that read aesthetic features from frozen encoders (arXiv 2405.01326, Fig. 2).

    tokens of a frozen encoder F_v, F_t
              │ (cross-attention, one for each modality)
    queries Q_v, Q_t ─▶ [ self-attention ▸ cross-attention ▸ feed-forward ] × blocks ─▶ mean ─▶ linear ─▶ softmax: DOS

With ``text_width=None`` it is the image-only form, IAA-LQ (arXiv 2309.02861). The papers publish neither equations nor
code: what a field's docstring calls *this project's choice* is not theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Mapping

SelfAttention = Literal["joint", "separate", "none"]
FeedForward = Literal["shared", "separate", "none"]


@dataclass(frozen=True, slots=True)
class MMLQConfig:
    """The architecture's settings; they travel in the model's card."""

    visual_width: int
    """Width of the visual tokens F_v."""
    global_width: int | None = None
    """Width of the whole photo's vector, a ViT's [CLS], which becomes one more visual key; ``None`` leaves it out.

    That it is kept, has a projection of its own and begins with ``global_bias`` is this project's choice."""
    global_bias: float = 4.6
    """First value of what is added to the whole photo's attention logits; ln 100 sets it against 100 tokens."""
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
    """Of each modality (B, N): the last block's cross-attention, averaged over queries and heads; rows sum to 1."""
    embedding: Tensor
    """(B, modalities × width): the averaged queries, side by side."""


class InteractionBlock(nn.Module):
    """One MMIB (Fig. 2): self-attention, cross-attention to each modality's own tokens, feed-forward.

    Residual connections with the norm before each layer: this project's choice, steadier on few photos.
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
        self, queries: dict[str, Tensor], keys: Mapping[str, Tensor], bias: Mapping[str, Tensor]
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Queries (B, Q, width) after this block, and where they looked (B, N), both by modality.

        ``bias`` (B, N) is added to the attention's logits.
        """
        queries = self._mix(queries)
        attention = {}
        for name, q in queries.items():
            read, weights = self.cross_attention[name](
                self.norms[f"{name}_cross"](q), keys[name], keys[name], key_padding_mask=bias[name]
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
        self.project = nn.ModuleDict({name: _projection(width, d) for name, width in modalities.items()})
        if config.global_width:
            self.project_global = _projection(config.global_width, d)
            self.global_bias = nn.Parameter(torch.tensor(config.global_bias))
        self.blocks = nn.ModuleList([InteractionBlock(config) for _ in range(config.blocks)])
        self.norm = nn.LayerNorm(d)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(d * len(modalities), config.bins)

    def forward(
        self,
        tokens: Mapping[str, Tensor],
        whole: Tensor | None = None,
        padding: Mapping[str, Tensor] | None = None,
    ) -> MMLQOutput:
        """Judge tokens (B, N, width) of each modality and the photo's global vector (B, global_width).

        ``padding`` (B, N) is true where a token is none.
        """
        keys = {name: project(tokens[name]) for name, project in self.project.items()}
        bias = {name: self._bias(tokens[name], (padding or {}).get(name)) for name in keys}
        if self.config.global_width:
            if whole is None:
                raise ValueError("these queries were made to read a vector of the whole photo too")
            keys["visual"] = torch.cat([keys["visual"], self.project_global(whole).unsqueeze(1)], dim=1)
            bias["visual"] = torch.cat([bias["visual"], self.global_bias.expand(len(whole), 1)], dim=1)
        batch = keys["visual"].shape[0]
        queries = {name: q.expand(batch, -1, -1) for name, q in self.queries.items()}
        attention: dict[str, Tensor] = {}
        for block in self.blocks:
            queries, attention = block(queries, keys, bias)
        # Fig. 2: the averaged queries of each modality are concatenated, then linear layers and softmax.
        embedding = torch.cat([self.norm(q).mean(dim=1) for q in queries.values()], dim=1)
        return MMLQOutput(self.head(self.dropout(embedding)), attention, embedding)

    def _bias(self, tokens: Tensor, padding: Tensor | None) -> Tensor:
        """What is added to the logits of tokens (B, N, D): −∞ for those that are none, or hidden in training."""
        bias = tokens.new_zeros(tokens.shape[:2])
        if self.training and self.config.token_dropout:
            hidden = torch.rand_like(bias) < self.config.token_dropout
            hidden[:, 0] = False  # at least one token stays, or the softmax over none is undefined
            bias = bias.masked_fill(hidden, -torch.inf)
        return bias if padding is None else bias.masked_fill(padding, -torch.inf)


def _projection(tokens: int, width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(tokens, width), nn.LayerNorm(width))


def _attention(config: MMLQConfig) -> nn.MultiheadAttention:
    return nn.MultiheadAttention(config.width, config.heads, batch_first=True)
