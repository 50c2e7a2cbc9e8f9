"""FGAesQ as an installed model: scores of single photos at their own resolution, and the order of a series.

    photo (H, W, 3) ──DiffToken──▶ 512 tokens ──FGAesQ──▶ distribution
    two photos of a series ──DiffToken by 1 − SSIM──▶ two sequences ──FGAesQ──▶ two scores

It was made for the second. Where a library is scored from previews it reads each one as a plain grid of patches: the
whole photo and nothing at random, but small and stretched to a square, so fine differences are better judged by series.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor

from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.models.card import CARD_FILE, REINSTALL, ModelCard
from aesthetic_studio.models.fgaesq.config import CLIP_MEAN, CLIP_STD, FGAesQConfig
from aesthetic_studio.models.fgaesq.difftoken import COARSE, DiffToken, TokenBatch, Tokens, position_weights
from aesthetic_studio.models.fgaesq.network import FGAesQ
from aesthetic_studio.models.fgaesq.pairing import limited
from aesthetic_studio.models.fgaesq.series import PairScore, all_pairs, pair_seed, series_scores
from aesthetic_studio.models.protocol import ModelOutput, PictureAlone, TextTokens, VisualTokens
from aesthetic_studio.models.weights import load_weights
from aesthetic_studio.records import ScoreDistribution

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Photo = NDArray[np.uint8]

LoadPhoto = Callable[[], "Photo"]
"""Opens a photo when its turn comes: (H, W, 3) uint8 sRGB, upright, at its own resolution."""

KEPT_BYTES = 512 << 20
"""Decoded photos of a series that are kept for their next pair."""

KEPT_FOLD = 4
"""They are kept at so many times ``max_pixels``, so that a whole burst fits; in parity, which needs them, whole."""


class FGAesQModel(PictureAlone):
    """An ``AestheticModel`` that also scores original pixels and orders series."""

    def __init__(self, card: ModelCard, network: FGAesQ) -> None:
        self.card = card
        self.network = network.eval().requires_grad_(False)
        self.difftoken = DiffToken(network.config.tokens, parity=network.parity)

    @classmethod
    def load(cls, card: ModelCard) -> Self:
        """Load an installed model, checked by sha256. Raises ``ModelUnavailable``."""
        weights = card.weights
        try:
            config = FGAesQConfig.from_json(card.config["fgaesq"])
            parity = bool(card.config.get("parity", False))
            if card.input_size != preview_side(config):
                raise ValueError(f"input_size is {card.input_size}, not {preview_side(config)}")
            with torch.device("meta"):
                network = FGAesQ(config, parity=parity)
        except (KeyError, TypeError, ValueError) as error:
            path = weights.parent / CARD_FILE
            raise ModelUnavailable(f"{path}: this program cannot build such a model ({error}).", REINSTALL) from error
        load_weights(network, weights, card.sha256)
        return cls(card, network)

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return self.network.scale_embedding.device

    def to(self, device: torch.device) -> Self:
        """Move it to a device and return it."""
        self.network.to(device)
        return self

    def score_image(self, photo: Photo, seed: int | None = 0, *, draws: int = 1) -> ScoreDistribution:
        """Judge one photo (H, W, 3), sRGB, at its own resolution.

        A photo of more than 512 patches is seen in part, and ``seed`` says in which: the same one gives the same
        answer. ``draws`` averages that many, with seeds ``seed``, ``seed + 1`` …; a small photo needs one only.
        """
        small = self.network.config.tokens.patches(*photo.shape[:2]) < self.network.config.tokens.length
        count = 1 if small else max(1, draws)
        seeds = [None if seed is None else seed + number for number in range(count)]
        votes = [self._judge([self.difftoken.single(photo, each)])[0] for each in seeds]
        mean = torch.cat(votes).double().mean(dim=0)
        return ScoreDistribution(tuple((mean / mean.sum()).tolist()))

    def score_pair(self, first: Photo, second: Photo, seed: int) -> tuple[float, float]:
        """Scores 1..10 of two photos of one series, seen most closely where they differ."""
        one, two = self._judge(list(self.difftoken.pair(first, second, seed)))[1].double().tolist()
        return one, two

    def score_pairs(
        self, photos: Sequence[LoadPhoto], name: str, known: Collection[tuple[int, int]] = ()
    ) -> Iterator[PairScore]:
        """Score the pairs of a series one by one, leaving out those that are ``known``.

        Memory is bounded: at most ``KEPT_BYTES`` of photos are held, or two. A photo whose loader raises a
        ``KnownError`` takes part in no pair (the released code puts the first photo in its place, quirk f).

        Args:
            photos: One loader for each photo, in the series' order.
            name: Of the series; with the photos' numbers it seeds each pair.
            known: Pairs (i, j), i < j, that were scored before.
        """
        limit = None if self.network.parity else KEPT_FOLD * self.network.config.tokens.max_pixels
        kept = _Kept(photos, limit)
        for first, second in all_pairs(len(photos)):
            if (first, second) in known:
                continue
            one, two = kept.get(first), kept.get(second)
            if one is not None and two is not None:
                scores = self.score_pair(one, two, pair_seed(name, first, second))
                yield PairScore(first, second, *scores)

    def score_series(self, photos: Sequence[LoadPhoto], name: str) -> list[float]:
        """Scores 1..10 of a series by all its pairs, comparable within the series only.

        NaN for a photo that cannot be read, or that no readable one is left to compare with.
        """
        return series_scores(len(photos), self.score_pairs(photos, name))

    @torch.inference_mode()
    def encode(self, images: Tensor) -> VisualTokens:
        """Tokens of square photos (B, 3, S, S), uint8 sRGB, S the card's input size, before the last block.

        ``grid`` (B, N, 768) are the patches, row by row, and ``pooled`` (B, 1536) is CLS beside one padded token; all
        padded ones are the same. The last block is left to ``score``, which can so tell where it looked.
        """
        config = self.network.config.tokens
        images = images.to(self.device)
        side, rows = config.patch, images.shape[2] // config.patch
        mean, std = (torch.tensor(values, device=self.device)[:, None, None] for values in (CLIP_MEAN, CLIP_STD))
        pixels = (images.float() / 255.0 - mean) / std
        patches = pixels.unfold(2, side, side).unfold(3, side, side).permute(0, 2, 3, 1, 4, 5).flatten(1, 2)
        batch, count = patches.shape[:2]
        if count >= config.length:
            raise ValueError(f"{count} patches do not fit into {config.length} tokens")
        # The sequence as ``DiffToken`` fills it: CLS, patches, padding.
        slots = patches.new_zeros(batch, config.length, 3, side, side)
        slots[:, 1 : count + 1] = patches
        scales = torch.full((batch, config.length), 9, device=self.device)
        scales[:, : count + 1] = COARSE
        weights = position_weights(rows, config).to(self.device)
        places = torch.arange(count, device=self.device)
        row_weights, column_weights = (weights.new_zeros(batch, config.length, config.grid) for _ in range(2))
        row_weights[:, 1 : count + 1] = weights[places // rows]
        column_weights[:, 1 : count + 1] = weights[places % rows]
        tokens = TokenBatch(slots, scales, row_weights, column_weights)
        x = self.network.enter(tokens.patches, self.network.positions(tokens), tokens.scales)
        for block in list(self.network.visual.transformer.resblocks)[:-1]:
            x = block(x)
        pooled = torch.cat([x[:, 0], x[:, -1]], dim=1)
        return VisualTokens(grid=x[:, 1 : count + 1], pooled=pooled, height=rows, width=rows)

    @torch.inference_mode()
    def score(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
        """Judge encoded photos. This model reads no words, so ``text`` changes nothing."""
        del text
        cls, padded = tokens.pooled.to(self.device).unsqueeze(1).chunk(2, dim=2)
        padding = self.network.config.tokens.length - 1 - tokens.grid.shape[1]
        x = torch.cat([cls, tokens.grid.to(self.device), padded.expand(-1, padding, -1)], dim=1)
        cls, looked = self.network.visual.transformer.resblocks[-1].read(x)  # type: ignore[operator]
        answer = self.network.leave(cls)
        on_photo = looked[:, 1 : 1 + tokens.height * tokens.width]
        on_photo = on_photo / on_photo.sum(dim=1, keepdim=True).clamp_min(1e-12)
        return ModelOutput(
            probabilities=answer.logits.softmax(dim=1),
            attention=on_photo.view(-1, tokens.height, tokens.width),
            embedding=answer.embedding,
            look=torch.nn.functional.normalize(cls.float(), dim=-1).view(len(cls), -1),
        )

    @torch.inference_mode()
    def _judge(self, sequences: list[Tokens]) -> tuple[Tensor, Tensor]:
        """Distributions (B, 10) and scores (B,)."""
        answer = self.network.judge(TokenBatch.of(sequences).to(self.device))
        return answer.logits.softmax(dim=1).cpu(), answer.scores.cpu()


def preview_side(config: FGAesQConfig) -> int:
    """Side of the largest square, in pixels, whose patches fit a sequence: 352 for the published model."""
    tokens = config.tokens
    return int((tokens.length - 1) ** 0.5) * tokens.patch


class _Kept:
    """Photos of a series, opened when first asked for; the latest ones stay while memory allows."""

    def __init__(self, photos: Sequence[LoadPhoto], max_pixels: int | None) -> None:
        self._loaders = photos
        self._max_pixels = max_pixels
        self._photos: OrderedDict[int, Any] = OrderedDict()
        self._bytes = 0
        self._unreadable: set[int] = set()

    def get(self, number: int) -> Photo | None:
        """The photo; ``None`` for one that cannot be read."""
        if number in self._unreadable:
            return None
        if number in self._photos:
            self._photos.move_to_end(number)
        else:
            try:
                photo = self._loaders[number]()
            except KnownError:
                self._unreadable.add(number)
                return None
            if self._max_pixels is not None:
                photo = limited(photo, self._max_pixels)
            self._photos[number] = photo
            self._bytes += photo.nbytes
            while self._bytes > KEPT_BYTES and len(self._photos) > 2:
                self._bytes -= self._photos.popitem(last=False)[1].nbytes
        found: Photo = self._photos[number]
        return found
