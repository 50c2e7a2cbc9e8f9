"""MMLQ: learnable queries that read aesthetic features from frozen encoders (arXiv 2405.01326, Fig. 2).

    tokens of a frozen encoder F_v, F_t
              │ (cross-attention, one for each modality)
    queries Q_v, Q_t ─▶ [ self-attention ▸ cross-attention ▸ feed-forward ] × blocks ─▶ mean ─▶ linear ─▶ softmax: DOS

With ``text_width=None`` it is the image-only form, IAA-LQ (arXiv 2309.02861). A photo without words is read all the
same: its textual queries then find one learned key, "no words". The papers publish neither equations nor code: what a
field's docstring calls *this project's choice* is not theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Mapping

SelfAttention = Literal["joint", "separate", "cross", "none"]
FeedForward = Literal["shared", "separate", "none"]

LARGEST = 1 << 14
"""No whole number of a config is larger, so that a damaged card asks for no impossible memory or time."""


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
    """What fills the *replaceable* self-attention slot (Fig. 2): ``joint`` over all queries, ``separate`` over each
    modality's own, ``cross`` from each modality's queries to the other's, or ``none``.

    With one modality there is no other, and ``cross`` is ``none``. The default is this project's choice."""
    feed_forward: FeedForward = "separate"
    """What fills the *replaceable* feed-forward slot (Fig. 2): one for all modalities, one for each, or nothing.
    The default is this project's choice."""
    dropout: float = 0.1
    """After every sub-layer, this project's choice."""
    token_dropout: float = 0.0
    """Share of tokens hidden from the queries in training, this project's choice."""
    normalise_tokens: bool = False
    """Whether each token of the encoders is brought to mean 0 and deviation 1 first, this project's choice."""
    modality_dropout: float = 0.0
    """Share of training photos whose words are hidden, so that one checkpoint scores with or without words.

    This project's choice: the paper does not state what becomes of photos without comments."""
    head_layers: int = 1
    """Linear layers from the averaged queries to the bins (Fig. 2 says "linear layers"); their number, and GELU between
    them, is this project's choice."""
    query_std: float = 0.02
    """Standard deviation of the queries' first values, N(0, 0.02²) as BLIP-2 has it; this project's choice."""
    bins: int = 10
    """Votes 1..10."""

    def __post_init__(self) -> None:
        for name, allowed in (("self_attention", get_args(SelfAttention)), ("feed_forward", get_args(FeedForward))):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is {getattr(self, name)!r}; allowed: {', '.join(allowed)}")
        for name in (
            "visual_width",
            "width",
            "queries",
            "blocks",
            "heads",
            "feed_forward_width",
            "head_layers",
            "bins",
        ):
            _whole_number(name, getattr(self, name))
        for name in ("global_width", "text_width"):
            if getattr(self, name) is not None:
                _whole_number(name, getattr(self, name))
        for name in ("dropout", "token_dropout", "modality_dropout"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} is {getattr(self, name)!r}; allowed: 0 and more, below 1")
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
    """Of each modality (B, N): the last block's cross-attention, averaged over queries and heads; rows sum to 1.

    Behind the visual tokens stands the whole photo where it is read; behind the words stands "no words"."""
    embedding: Tensor
    """(B, modalities × width): the averaged queries side by side, the visual ones first."""


class InteractionBlock(nn.Module):
    """One MMIB (Fig. 2): self-attention, cross-attention to each modality's own tokens, feed-forward.

    Residual connections with the norm before each layer: this project's choice, steadier on few photos.
    """

    def __init__(self, config: MMLQConfig) -> None:
        super().__init__()
        self.config = config
        names, d = tuple(config.modalities), config.width
        groups = {"joint": ("all",), "separate": names, "cross": names if len(names) > 1 else (), "none": ()}
        kinds = {"shared": ("all",), "separate": names, "none": ()}
        self.self_attention = nn.ModuleDict({name: _attention(config) for name in groups[config.self_attention]})
        self.cross_attention = nn.ModuleDict({name: _attention(config) for name in names})
        self.feed_forward = nn.ModuleDict(
            {
                name: nn.Sequential(
                    nn.Linear(d, config.feed_forward_width), nn.GELU(), nn.Linear(config.feed_forward_width, d)
                )
                for name in kinds[config.feed_forward]
            }
        )
        slots = {"self": self.self_attention, "cross": self.cross_attention, "forward": self.feed_forward}
        used = [slot for slot, layers in slots.items() if layers]
        self.norms = nn.ModuleDict({f"{name}_{slot}": nn.LayerNorm(d) for name in names for slot in used})
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
        """The self-attention slot: among all queries, among each modality's own, from one to the other, or nothing."""
        if not self.self_attention:
            return dict(queries)
        normed = {name: self.norms[f"{name}_self"](q) for name, q in queries.items()}
        if self.config.self_attention == "joint":
            everyone = torch.cat(list(normed.values()), dim=1)
            mixed, _ = self.self_attention["all"](everyone, everyone, everyone, need_weights=False)
            parts = dict(zip(queries, mixed.split([q.shape[1] for q in queries.values()], dim=1), strict=True))
        else:
            swapped = dict(zip(normed, reversed(normed.values()), strict=True))
            keys = normed if self.config.self_attention == "separate" else swapped
            parts = {n: self.self_attention[n](q, keys[n], keys[n], need_weights=False)[0] for n, q in normed.items()}
        return {name: q + self.dropout(parts[name]) for name, q in queries.items()}


class MMLQ(nn.Module):
    """Learnable queries over frozen tokens, to a distribution of scores."""

    def __init__(self, config: MMLQConfig) -> None:
        super().__init__()
        self.config = config
        d, modalities = config.width, config.modalities
        self.queries = nn.ParameterDict({name: _drawn(config.queries, d, config.query_std) for name in modalities})
        self.project = nn.ModuleDict(
            {name: _projection(each, d, normalise=config.normalise_tokens) for name, each in modalities.items()}
        )
        if config.global_width:
            self.project_global = _projection(config.global_width, d, normalise=config.normalise_tokens)
            self.global_bias = nn.Parameter(torch.tensor(config.global_bias))
        if config.text_width:
            self.no_words = _drawn(1, d, config.query_std)
        self.blocks = nn.ModuleList([InteractionBlock(config) for _ in range(config.blocks)])
        self.norm = nn.LayerNorm(d)
        self.dropout = nn.Dropout(config.dropout)
        wide = d * len(modalities)
        self.hidden = nn.Sequential(
            *[part for _ in range(config.head_layers - 1) for part in (nn.Linear(wide, wide), nn.GELU())]
        )
        self.head = nn.Linear(wide, config.bins)

    def forward(
        self,
        tokens: Mapping[str, Tensor],
        whole: Tensor | None = None,
        padding: Mapping[str, Tensor] | None = None,
    ) -> MMLQOutput:
        """Judge tokens (B, N, width) of each modality and the photo's global vector (B, global_width).

        ``padding`` (B, N) is true where a token is none. A photo whose text is all padding has no words, and neither
        has one whose ``text`` is left out; modality dropout hides words in training. Raises ``ValueError`` where the
        visual tokens or the global vector are missing.
        """
        padding = padding or {}
        batch = tokens["visual"].shape[0]
        keys, bias = {}, {}
        keys["visual"], bias["visual"] = self._keys("visual", tokens["visual"], padding.get("visual"))
        if self.config.global_width:
            if whole is None:
                raise ValueError("these queries were made to read a vector of the whole photo too")
            keys["visual"] = torch.cat([keys["visual"], self.project_global(whole).unsqueeze(1)], dim=1)
            bias["visual"] = torch.cat([bias["visual"], self.global_bias.expand(batch, 1)], dim=1)
        if self.config.text_width:
            keys["text"], bias["text"] = self._words(tokens.get("text"), padding.get("text"), batch)
        # By the config's order, not the dictionary's own, which torch sorts.
        queries = {name: self.queries[name].expand(batch, -1, -1) for name in self.config.modalities}
        attention: dict[str, Tensor] = {}
        for block in self.blocks:
            queries, attention = block(queries, keys, bias)
        # Fig. 2: the averaged queries of each modality are concatenated, then linear layers and softmax.
        embedding = torch.cat([self.norm(q).mean(dim=1) for q in queries.values()], dim=1)
        return MMLQOutput(self.head(self.hidden(self.dropout(embedding))), attention, embedding)

    def _words(self, tokens: Tensor | None, padding: Tensor | None, batch: int) -> tuple[Tensor, Tensor]:
        """Keys (B, M + 1, width) and bias of words; the last key is "no words", seen by a photo that has none alone."""
        absent = self.no_words.expand(batch, 1, -1)
        if tokens is None or (not self.training and padding is not None and bool(padding.all())):
            return absent, absent.new_zeros(batch, 1)
        silent = tokens.new_zeros(tokens.shape[:2], dtype=torch.bool) if padding is None else padding
        if self.training and self.config.modality_dropout:
            hidden = torch.rand(batch, 1, device=tokens.device) < self.config.modality_dropout
            silent = silent | hidden
        keys, bias = self._keys("text", tokens, silent)
        has_words = torch.isfinite(bias).any(dim=1, keepdim=True)
        alone = bias.new_zeros(batch, 1).masked_fill(has_words, -torch.inf)
        return torch.cat([keys, absent], dim=1), torch.cat([bias, alone], dim=1)

    def _keys(self, name: str, tokens: Tensor, padding: Tensor | None) -> tuple[Tensor, Tensor]:
        """Keys (B, N, width) of a modality's tokens, and what is added to their logits (B, N).

        That is −∞ for a token that is none, or that is hidden in training.
        """
        bias = tokens.new_zeros(tokens.shape[:2])
        if self.training and self.config.token_dropout:
            hidden = torch.rand_like(bias) < self.config.token_dropout
            hidden[:, 0] = False  # at least one token stays, or the softmax over none is undefined
            bias = bias.masked_fill(hidden, -torch.inf)
        if padding is not None:
            bias = bias.masked_fill(padding, -torch.inf)
            tokens = tokens.masked_fill(padding.unsqueeze(2), 0.0)  # so that even a NaN in padding reaches nothing
        return self.project[name](tokens), bias


def _drawn(count: int, width: int, deviation: float) -> nn.Parameter:
    """First values, normally distributed. On the meta device nothing is drawn: torch would load its compiler first."""
    values = torch.empty(count, width)
    return nn.Parameter(values if values.is_meta else values.normal_() * deviation)


def _projection(tokens: int, width: int, *, normalise: bool) -> nn.Sequential:
    layers = [nn.Linear(tokens, width), nn.LayerNorm(width)]
    return nn.Sequential(*([nn.LayerNorm(tokens, elementwise_affine=False)] if normalise else []), *layers)


def _attention(config: MMLQConfig) -> nn.MultiheadAttention:
    return nn.MultiheadAttention(config.width, config.heads, batch_first=True)


def _whole_number(name: str, found: object) -> None:
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= LARGEST:
        raise ValueError(f"{name} is {found!r}; allowed: a whole number from 1 to {LARGEST}")
