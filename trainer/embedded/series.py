"""Degraded series of photos without votes, as a frozen encoder sees them, and what queries lose by misordering them.

photos ─degrade─▶ series, best first ─frozen encoder, once─▶ tokens of every frame ─queries─▶ scores ─▶ RankReg
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from aesthetic_studio.errors import KnownError, UnreadablePhoto
from aesthetic_studio.imaging.decode import load_upright
from aesthetic_studio.models.inputs import to_input
from aesthetic_studio.models.protocol import VisualTokens
from trainer.data.degrade import REFERENCE_SIDE, DegradedSeries, labels, series_of
from trainer.losses import VOTES, rank_reg_loss

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image
    from torch import Tensor

    from aesthetic_studio.models.encoders import Encoder
    from aesthetic_studio.models.merit import Merit
    from aesthetic_studio.models.mmlq import MMLQ
    from trainer.data.records import LabelledSeries

SMALLEST_SIDE = 96
"""A photo has at least so many pixels in its shorter side; icons and test patterns have fewer."""
SAID_EVERY = 350
"""Series."""


@dataclass(frozen=True, slots=True)
class EncodedSeries:
    """Degraded series as an encoder sees them.

    Attributes:
        series: What is known of each; rows count frames.
        tokens: Of every frame, half precision; without the middle layer, which takes most room.
        middle: What merit's networks see of the middle layer (frames, K, h, w), half precision, where it was asked for.
    """

    series: tuple[LabelledSeries, ...]
    tokens: VisualTokens
    middle: Tensor | None = None

    def __len__(self) -> int:
        return len(self.series)

    def of(self, numbers: NDArray[np.int64]) -> EncodedSeries:
        """Some of the series, over the same frames."""
        return EncodedSeries(tuple(self.series[number] for number in numbers), self.tokens, self.middle)


def drawn(files: Sequence[Path], count: int, seed: int) -> list[Path]:
    """Some of the files, by seed, in their own order."""
    order = np.random.default_rng(seed).permutation(len(files))[:count]
    return [files[number] for number in sorted(order)]


def encode_series(
    files: Sequence[Path],
    encoder: Encoder,
    *,
    seed: int,
    kinds: int | None = None,
    merit: Merit | None = None,
    long_side: int = REFERENCE_SIDE,
    say: Callable[[str], None],
    each: Callable[[DegradedSeries], None] = lambda _: None,
) -> EncodedSeries:
    """Degrade photos one by one and encode every frame; only numbers stay in memory.

    Series are named by their photo's place in ``files`` and its name: names alone come twice in a pool of many sets.

    Args:
        files: Photos.
        encoder: Frozen.
        seed: Of the degradations.
        kinds: Of fault for each photo; all where it is ``None``.
        merit: Says what is to be kept of the middle layer; nothing of it is where this is ``None``.
        long_side: Photos are brought to so many pixels at most.
        say: Told of progress and of photos that are left out.
        each: Sees the frames too.

    Raises ``KnownError`` where not one of the photos can be used.
    """
    named: list[DegradedSeries] = []
    grids, pooled, textures, middles = [], [], [], []
    height = width = 0
    for one in series_of(readable_photos(files, long_side, say), seed=seed, kinds=kinds):
        inputs = np.stack([to_input(frame, encoder.card.input_size) for frame in one.frames])
        with torch.inference_mode():
            tokens = encoder(torch.from_numpy(inputs))
            if merit is not None and merit.nets and tokens.middle is not None:
                middles.append(merit.components(tokens.middle).half())
        height, width = tokens.height, tokens.width
        grids.append(tokens.grid.half())
        pooled.append(tokens.pooled.half())
        textures += [] if tokens.texture is None else [tokens.texture.half()]
        each(one)
        named.append(dataclasses.replace(one, frames=()))
        if len(named) % SAID_EVERY == 0:
            say(f"{len(named)} series of {len({photo_of(known.name) for known in named})} photos")
    if not named:
        raise KnownError("Not one of these photos can be used.", f"They need {SMALLEST_SIDE} px in the shorter side.")
    known = labels([(one.name, str(one.fault), len(one.strengths)) for one in named])
    texture, middle = (torch.cat(parts) if parts else None for parts in (textures, middles))
    tokens = VisualTokens(torch.cat(grids), torch.cat(pooled), height, width, texture)
    return EncodedSeries(known, tokens, middle)


def photo_of(series: str) -> str:
    """Of which photo a series is, by its name."""
    return series.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Lists:
    """Some series as RankReg takes them.

    Attributes:
        rows: Of the frames' tokens, series by series.
        pairs: (P, 2) places within ``rows``, the better one first.
        sure: (P,) how sure it is.
        numbers: (P,) of each pair's series.
    """

    rows: Tensor
    pairs: Tensor
    sure: Tensor
    numbers: Tensor


def as_lists(series: Sequence[LabelledSeries], chosen: Sequence[int]) -> Lists:
    """Pairs of some series; one that is chosen twice counts twice."""
    rows: list[int] = []
    pairs: list[tuple[int, int]] = []
    sure: list[float] = []
    numbers: list[int] = []
    for number, which in enumerate(chosen):
        one = series[which]
        place = {row: len(rows) + position for position, row in enumerate(one.members)}
        rows += one.members
        for pair in one.pairs:
            pairs.append((place[pair.first], place[pair.second]))
            sure.append(pair.probability)
            numbers.append(number)
    return Lists(torch.tensor(rows), torch.tensor(pairs), torch.tensor(sure), torch.tensor(numbers))


def series_loss(member: MMLQ, encoded: EncodedSeries, chosen: Sequence[int]) -> Tensor:
    """RankReg (FGAesQ, arXiv 2603.03907, eq. 4-5) over some series, one list of pairs each."""
    lists = as_lists(encoded.series, chosen)
    scores = shares_of(member, encoded.tokens, lists.rows) @ VOTES
    return rank_reg_loss(scores, lists.pairs, lists.sure, lists=lists.numbers)


def shares_of(member: MMLQ, tokens: VisualTokens, rows: Tensor) -> Tensor:
    """What a member says of some encoded photos, (B, 10)."""
    grid, pooled = tokens.grid[rows].float(), tokens.pooled[rows].float()
    found: Tensor = member({"visual": grid}, pooled).logits.softmax(dim=1)
    return found


def readable_photos(
    files: Sequence[Path], long_side: int, say: Callable[[str], None]
) -> Iterator[tuple[str, Image.Image]]:
    """Photos that are large enough, under names that are all different; ``say`` hears of the others."""
    for number, path in enumerate(files, start=1):
        try:
            photo = load_upright(str(path), long_side)
        except UnreadablePhoto as problem:
            say(f"left out: {path}: {problem.reason}")
            continue
        if min(photo.size) < SMALLEST_SIDE:
            say(f"left out: {path}: {photo.width} × {photo.height} px is too small")
            continue
        yield f"{number} {path.name}", photo
