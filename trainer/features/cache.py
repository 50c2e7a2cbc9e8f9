"""A finished cache of features: tokens of photos and of their words, read by row number.

Training on it never touches an image and never runs an encoder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.card import EncoderCard, from_json
from aesthetic_studio.models.protocol import TextTokens, VisualTokens
from trainer.data.manifest import fingerprint
from trainer.features.labels import read_labels
from trainer.features.shards import INDEX_FILE, MENDING, ShardStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from trainer.data.records import PhotoSet, SeriesSet

    Rows = Sequence[int] | NDArray[np.int64] | Tensor

VISUAL, TEXT = "visual", "text"


@dataclass(frozen=True, slots=True)
class TextEncoderFacts:
    """The frozen text encoder that read the words."""

    name: str
    version: str
    width: int


class FeatureCache:
    """Features of a data set, in half precision on disk, as 32-bit tensors when read.

    It may be read from any number of processes and sent between them: each maps the files for itself.

    Attributes:
        folder: Where it lies.
        set: The data set, less the photos that could not be encoded; without its comments.
        fingerprint: Of the set that was encoded (``manifest.fingerprint``).
        encoder: The frozen visual encoder.
        encoder_spec: By what it is found again (``find_encoder``); may be empty.
        text_encoder: The frozen text encoder, where words were encoded.
        text_spec: By what it is found again.
        has_words: (N,) whether a photo has words.
        views: How many views of each photo there are; view 0 is the photo itself.
    """

    def __init__(self, folder: Path) -> None:
        """Open a cache without checking its files; ``open`` does."""
        labels = read_labels(folder)
        self.folder = folder
        self.set: PhotoSet | SeriesSet = labels.photos
        self.fingerprint = labels.fingerprint
        self._visual = ShardStore.read(folder / VISUAL)
        self._places = labels.visual
        self._text = ShardStore.read(folder / TEXT) if labels.text is not None else None
        self._text_places = labels.text
        about = self._visual.about
        self.encoder: EncoderCard = from_json(EncoderCard, about["card"], folder / VISUAL / INDEX_FILE)
        self.encoder_spec, self.text_spec = labels.specs
        self.views = int(about["views"])
        self._check_places()
        self.text_encoder: TextEncoderFacts | None = None
        self.has_words = np.zeros(len(self), dtype=np.bool_)
        if self._text is not None and labels.text is not None:
            facts: dict[str, Any] = self._text.made_by["encoder"]
            self.text_encoder = TextEncoderFacts(facts["name"], facts["version"], int(facts["width"]))
            self.has_words = labels.text[:, 1] >= 0

    @classmethod
    def open(cls, folder: Path, *, check: bool = True) -> FeatureCache:
        """Open a finished cache. ``check`` compares every file with its sha256: about a second a gigabyte.

        Raises ``KnownError`` where it is unfinished, damaged (naming the file), or none.
        """
        cache = cls(folder)
        damaged = cache.damaged() if check else []
        if damaged:
            others = f", and {len(damaged) - 1} more files" if len(damaged) > 1 else ""
            raise KnownError(f"{damaged[0]}: this part of the cache is damaged or missing{others}.", MENDING)
        return cache

    def __len__(self) -> int:
        return len(self.set.files)

    @property
    def size_bytes(self) -> int:
        """Of all features on disk."""
        return self._visual.size_bytes + (self._text.size_bytes if self._text is not None else 0)

    def check_set(self, data: PhotoSet | SeriesSet) -> None:
        """Raise ``KnownError`` where a data set is not the one, as it was, that was encoded."""
        if fingerprint(data) != self.fingerprint:
            raise KnownError(
                f"{self.folder}: these features are of {self.set.name} as it was; {data.name} says something else now.",
                "Run the command features again on the data set: only what is new is encoded.",
            )

    def damaged(self) -> list[Path]:
        """Files that are missing, or are not the ones that were written."""
        return [path for store in (self._visual, self._text) if store is not None for path in store.damaged()]

    def tokens(self, rows: Rows, view: int | Tensor = 0) -> VisualTokens:
        """Visual tokens of some photos (B,): a grid (B, N, D) and the whole photo (B, P), 32 bits.

        ``view`` is one number for all, or (B,) one for each.
        """
        chosen = self._rows(rows)
        views = np.broadcast_to(np.asarray(view, dtype=np.int64), chosen.shape)
        if len(views) and not 0 <= int(views.min()) <= int(views.max()) < self.views:
            raise IndexError(f"the cache has {self.views} views of each photo")
        high, wide = self.encoder.grid
        grid = torch.empty(len(chosen), high * wide, self.encoder.width)
        pooled = torch.empty(len(chosen), self.encoder.pooled_width)
        for number, at, inside in self._by_shard(self._places[chosen]):
            tensors = self._visual.tensors(number)
            seen = torch.from_numpy(views[at])
            grid[at] = tensors["grid"][inside, seen].float()
            pooled[at] = tensors["pooled"][inside, seen].float()
        return VisualTokens(grid, pooled, high, wide)

    def pooled(self, rows: Rows | None = None) -> Tensor:
        """The vectors of whole photos (B, P), of all photos where none are named; reads far less than ``tokens``."""
        chosen = self._rows(np.arange(len(self)) if rows is None else rows)
        pooled = torch.empty(len(chosen), self.encoder.pooled_width)
        for number, at, inside in self._by_shard(self._places[chosen]):
            pooled[at] = self._visual.tensors(number)["pooled"][inside, 0].float()
        return pooled

    def text(self, rows: Rows) -> TextTokens | None:
        """Tokens (B, M, D_t) of photos' words, M the longest of these, 32 bits; ``None`` in a cache without words.

        A photo without words has a row of padding only.
        """
        if self._text is None or self._text_places is None or self.text_encoder is None:
            return None
        chosen = self._rows(rows)
        found: list[Tensor | None] = [None] * len(chosen)
        places = self._text_places[chosen]
        for place, (number, row) in enumerate(places.tolist()):
            if row >= 0:
                tensors = self._text.tensors(number)
                ends = tensors["ends"]
                found[place] = tensors["tokens"][int(ends[row - 1]) if row else 0 : int(ends[row])]
        longest = max((len(tokens) for tokens in found if tokens is not None), default=0)
        words = torch.zeros(len(chosen), max(1, longest), self.text_encoder.width)
        padding = torch.ones(len(chosen), max(1, longest), dtype=torch.bool)
        for place, tokens in enumerate(found):
            if tokens is not None:
                words[place, : len(tokens)] = tokens.float()
                padding[place, : len(tokens)] = False
        return TextTokens(words, padding)

    def _rows(self, rows: Rows) -> NDArray[np.int64]:
        chosen = np.asarray(rows, dtype=np.int64).reshape(-1)
        if len(chosen) and not 0 <= int(chosen.min()) <= int(chosen.max()) < len(self):
            raise IndexError(f"the cache holds {len(self)} photos")
        return chosen

    @staticmethod
    def _by_shard(places: NDArray[np.int32]) -> Iterator[tuple[int, NDArray[np.int64], Tensor]]:
        """Shard, places in the batch, and rows within the shard."""
        for number in np.unique(places[:, 0]):
            at = np.flatnonzero(places[:, 0] == number)
            yield int(number), at, torch.from_numpy(places[at, 1].astype(np.int64))

    def _check_places(self) -> None:
        """The labels and the index must be of one cache."""
        sizes = {number: shard.rows for number, shard in self._visual.shards.items()}
        for number in np.unique(self._places[:, 0]):
            rows = self._places[self._places[:, 0] == number, 1]
            if int(rows.min()) < 0 or int(rows.max()) >= sizes.get(int(number), 0):
                raise KnownError(f"{self.folder}: shard {number} of these features is missing.", MENDING)
