"""What FGAesQ learns from: coarse batches of photos with votes, fine batches of compared pairs, and their losses.

Everything random about a batch comes from its share's generator, so a run that was killed, or that several processes
share, cuts the same tokens.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from torch import Tensor

from aesthetic_studio.errors import KnownError, UnreadablePhoto
from aesthetic_studio.imaging.decode import load_upright
from aesthetic_studio.models.fgaesq import DiffToken, FGAesQ, FGAesQOutput, TokenBatch, Tokens
from trainer.data.records import Exclusion, LabelledPair, PhotoSet, SeriesSet
from trainer.loop import Draw, Share, Shuffled, alternate
from trainer.losses import ALIGN_WEIGHT, ct_align_loss, emd_loss, rank_reg_loss, total_loss

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

COARSE, FINE = "coarse", "fine"


@dataclass(frozen=True, slots=True)
class ObjectiveSettings:
    """What a batch is and how its losses are weighed."""

    coarse_batch: int = 128
    """Photos with votes in a batch."""
    fine_batch: int = 64
    """Sequences in a batch of series, about: series stay whole, and each pair takes two."""
    most_pairs: int = 32
    """Pairs of one series in a batch, drawn anew each epoch from more. This project's choice, to bound memory."""
    align_weight: float = ALIGN_WEIGHT
    """λ, the weight of CTAlign beside RankReg."""
    emd_r: float = 2.0
    """The paper does not state its exponent."""
    decoded_side: int = 2048
    """Longest side at which a photo is decoded, pixels, before DiffToken's own limit. This project's choice."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class CoarseBatch:
    """Photos with votes."""

    tokens: TokenBatch
    votes: Tensor
    """(B, 10)."""
    readable: Tensor
    """(B,): false for a photo that could not be opened, which is blank here and counts nothing."""


@dataclass(frozen=True, slots=True)
class FineBatch:
    """Compared pairs of series: sequences 2k and 2k + 1 are pair k's."""

    tokens: TokenBatch
    probabilities: Tensor
    """(P,): that people prefer the first."""
    series: Tensor
    """(P,): number of the pair's series within the batch."""
    readable: Tensor
    """(P,): false where a photo of the pair could not be opened."""
    text: Tensor
    """(P, E): E_t of why the better one is better; zeros where nobody says."""
    explained: Tensor
    """(P,): whether somebody says."""
    count: int
    """Series in the batch."""


Batch = CoarseBatch | FineBatch


@dataclass(frozen=True, slots=True)
class Explanations:
    """Embedded comparisons.

    Attributes:
        embeddings: (K, E).
        rows: By file of the better photo and of its reference: which embedding.
    """

    embeddings: Tensor
    rows: Mapping[tuple[str, str], int]


class Network(Protocol):
    """The network as the loop hands it in, wrapped or bare."""

    def __call__(self, patches: Tensor, positions: Tensor, scales: Tensor) -> FGAesQOutput:
        """As ``FGAesQ.forward``."""
        ...


@dataclass
class FGAesQObjective:
    """Batches and losses of both stages, for ``trainer.loop.fit``.

    ``Batches`` of the loop: ``draws`` and ``load``; ``loss`` is its loss. With only ``coarse`` data every batch is
    coarse (stage 1, EMD alone); with only ``fine`` every batch is fine; with both they take turns (stage 2).

    Attributes:
        network: Bare: for its positions, which are not trained, and its settings.
        coarse: Photos with votes, and which rows of them are learned from.
        fine: Series with compared pairs, likewise.
        explanations: Why photos are better; without them L_align is 0.
        excluded: Photos that could not be opened when their turn came.
    """

    network: FGAesQ
    settings: ObjectiveSettings
    coarse: tuple[PhotoSet, NDArray[np.int64]] | None = None
    fine: tuple[SeriesSet, NDArray[np.int64]] | None = None
    explanations: Explanations | None = None
    excluded: dict[str, Exclusion] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not any(part is not None and len(part[1]) for part in (self.coarse, self.fine)):
            raise KnownError("There is nothing to learn from.", "Give photos with votes, series, or both.")
        self.difftoken = DiffToken(self.network.config.tokens, parity=self.network.parity)
        self._guard = threading.Lock()  # batches are loaded in threads

    @property
    def explained(self) -> int:
        """How many pairs to learn from somebody explains."""
        if self.fine is None or self.explanations is None:
            return 0
        data, rows = self.fine
        return sum(self._explanation(data, pair) is not None for row in rows for pair in data.series[row].pairs)

    def draws(self, epoch: int) -> list[Draw]:
        """The epoch's steps: fine and coarse in turn."""
        coarse = (
            Shuffled(self.coarse[1], self.settings.coarse_batch, self.settings.seed, COARSE).draws(epoch)
            if self.coarse is not None
            else []
        )
        return alternate(self._fine_draws(epoch), coarse)

    def load(self, share: Share) -> Batch:
        """Open and cut a share's photos or pairs."""
        seeds = share.own(share.generator().integers(0, 2**31, share.whole))
        return self._load_fine(share.rows, seeds) if share.kind == FINE else self._load_coarse(share.rows, seeds)

    def loss(self, model: Network, batch: Batch) -> Tensor:
        """``δ (λ L_align + L_RR) + (1 − δ) L_EMD``: δ = 1 for a batch of series, 0 for one with votes."""
        answer = model(batch.tokens.patches, self.network.positions(batch.tokens), batch.tokens.scales)
        if isinstance(batch, CoarseBatch):
            predicted = answer.logits.float().softmax(dim=1)
            if not bool(batch.readable.any()):
                return predicted.sum() * 0.0
            found = emd_loss(predicted[batch.readable], batch.votes[batch.readable], self.settings.emd_r)
            return total_loss(0.0, distribution=found)
        rank, align = self.fine_losses(answer, batch)
        return total_loss(1.0, rank=rank, align=align, align_weight=self.settings.align_weight)

    def fine_losses(self, answer: FGAesQOutput, batch: FineBatch) -> tuple[Tensor, Tensor | None]:
        """L_RR, one list a series over all its pairs, and L_align, ``None`` where nobody explains a pair."""
        scores = answer.logits.float().softmax(dim=1) @ torch.arange(1.0, 11.0, device=answer.logits.device)
        pairs = torch.arange(len(scores), device=scores.device).view(-1, 2)
        rank = rank_reg_loss(
            scores,
            pairs[batch.readable],
            batch.probabilities[batch.readable],
            lists=batch.series[batch.readable],
        )
        told = batch.readable & batch.explained
        if not bool(told.any()):
            return rank, None
        embeddings = answer.embedding.float().view(len(pairs), 2, -1)
        better = torch.where(batch.probabilities > 0.5, 0, 1)
        every = torch.arange(len(pairs), device=scores.device)
        x, reference = embeddings[every, better], embeddings[every, 1 - better]
        # A mean within each series and over all of the batch's, so that several processes learn what one would.
        align = scores.new_zeros(())
        for number in torch.unique(batch.series[told]):
            own = told & (batch.series == number)
            align = align + ct_align_loss(x[own], reference[own], batch.text[own])
        return rank, align / batch.count

    def _fine_draws(self, epoch: int) -> list[Draw]:
        """Series in an order of the epoch's own, dealt into as many batches in every epoch."""
        if self.fine is None or not len(self.fine[1]):
            return []
        data, rows = self.fine
        sequences = sum(2 * min(self.settings.most_pairs, len(data.series[row].pairs)) for row in rows)
        batches = min(len(rows), -(-sequences // self.settings.fine_batch))
        order = np.random.default_rng((self.settings.seed, epoch)).permutation(rows)
        return [Draw(part, FINE) for part in np.array_split(order, batches)]

    def _load_coarse(self, rows: NDArray[np.int64], seeds: NDArray[np.int64]) -> CoarseBatch:
        assert self.coarse is not None  # noqa: S101 - a draw of this kind comes from nowhere else
        data = self.coarse[0]
        photos = [self.photo(data.files[row], data.paths[row]) for row in rows]
        sequences = [
            self.difftoken.single(BLANK if photo is None else photo, int(seed))
            for photo, seed in zip(photos, seeds, strict=True)
        ]
        return CoarseBatch(
            TokenBatch.of(sequences),
            torch.from_numpy(data.votes[rows]).float(),
            torch.tensor([photo is not None for photo in photos]),
        )

    def _load_fine(self, rows: NDArray[np.int64], seeds: NDArray[np.int64]) -> FineBatch:
        assert self.fine is not None  # noqa: S101 - as above
        data = self.fine[0]
        sequences: list[Tokens] = []
        chosen: list[LabelledPair] = []
        numbers, readable = [], []
        for number, (row, seed) in enumerate(zip(rows, seeds, strict=True)):
            pairs = self._some(data.series[row].pairs, int(seed))
            members = {each for pair in pairs for each in (pair.first, pair.second)}
            photos = {each: self.photo(data.files[each], data.paths[each]) for each in members}
            for place, pair in enumerate(pairs):
                first, second = photos[pair.first], photos[pair.second]
                ends = None if first is None or second is None else self._pair(first, second, int(seed) + place)
                sequences += ends or self._pair(BLANK, BLANK, 0) or ()
                chosen.append(pair)
                numbers.append(number)
                readable.append(ends is not None)
        told = [self._explanation(data, pair) for pair in chosen]
        text = torch.zeros(len(chosen), self.network.config.embedding)
        for place, found in enumerate(told):
            if found is not None and self.explanations is not None:
                text[place] = self.explanations.embeddings[found]
        return FineBatch(
            tokens=TokenBatch.of(sequences),
            probabilities=torch.tensor([pair.probability for pair in chosen], dtype=torch.float32),
            series=torch.tensor(numbers),
            readable=torch.tensor(readable),
            text=text,
            explained=torch.tensor([found is not None for found in told]),
            count=len(rows),
        )

    def _pair(self, first: NDArray[np.uint8], second: NDArray[np.uint8], seed: int) -> tuple[Tokens, Tokens] | None:
        try:
            return self.difftoken.pair(first, second, seed)
        except KnownError:  # sizes that no common scale suits; parity alone has such
            return None

    def _some(self, pairs: Sequence[LabelledPair], seed: int) -> Sequence[LabelledPair]:
        """Of many pairs so many that memory holds them, in their order."""
        if len(pairs) <= self.settings.most_pairs:
            return pairs
        drawn = np.random.default_rng(seed).choice(len(pairs), self.settings.most_pairs, replace=False)
        return [pairs[place] for place in sorted(drawn)]

    def _explanation(self, data: SeriesSet, pair: LabelledPair) -> int | None:
        """Which embedding says why the preferred photo is better; none for a pair that people found even."""
        if self.explanations is None or pair.probability == 0.5:
            return None
        first, second = data.files[pair.first], data.files[pair.second]
        key = (first, second) if pair.probability > 0.5 else (second, first)
        return self.explanations.rows.get(key)

    def photo(self, file: str, path: Path) -> NDArray[np.uint8] | None:
        """Pixels (H, W, 3), or ``None``, recorded, where the file is no photo (the released code takes another one)."""
        try:
            return np.asarray(load_upright(str(path), self.settings.decoded_side))
        except UnreadablePhoto as problem:
            with self._guard:
                self.excluded[file] = Exclusion(file, problem.reason)
            return None


BLANK: NDArray[np.uint8] = np.full((1, 1, 3), 128, np.uint8)
"""Stands in the place of a photo that cannot be read, so that batches keep their shape in every process."""
