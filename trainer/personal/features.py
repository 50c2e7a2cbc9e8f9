"""What the base model says of photos, computed once for each content and kept in the user's data folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from aesthetic_studio import paths
from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.inputs import load_input
from aesthetic_studio.models.personal import ATTRIBUTES, attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from aesthetic_studio.models.card import ModelCard
    from aesthetic_studio.models.protocol import AestheticModel

Floats = NDArray[np.float64]

HASH_BYTES = 16
BATCH = 16
VOTES = np.arange(1.0, 11.0)


@dataclass(frozen=True, slots=True)
class PhotoFeatures:
    """A base model's answers.

    Attributes:
        hashes: Contents, each once.
        probabilities: (N, 10).
        attributes: (N, A), as ``models.personal.ATTRIBUTES``.
        whole: (N, P), the frozen encoder's vector of the whole photo.
        query: (N, E), the averaged queries.
    """

    hashes: tuple[bytes, ...]
    probabilities: Floats
    attributes: Floats
    whole: Floats
    query: Floats

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def scores(self) -> Floats:
        """Mean votes (N,)."""
        found: Floats = self.probabilities @ VOTES
        return found

    def row_of(self) -> dict[bytes, int]:
        """Row by content."""
        return {content: row for row, content in enumerate(self.hashes)}

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Self:
        """Some of the photos, in this order."""
        index = np.asarray(rows, dtype=np.int64)
        return type(self)(
            tuple(self.hashes[row] for row in index),
            self.probabilities[index],
            self.attributes[index],
            self.whole[index],
            self.query[index],
        )


def features_of(model: AestheticModel, images: NDArray[np.uint8], words: Sequence[str] = ()) -> dict[str, Floats]:
    """The base's answers to photos (N, 3, S, S) as arrays by the names of ``PhotoFeatures``' fields."""
    found: dict[str, list[Floats]] = {"probabilities": [], "attributes": [], "whole": [], "query": []}
    for start in range(0, len(images), BATCH):
        batch = torch.from_numpy(images[start : start + BATCH])
        with torch.inference_mode():
            tokens = model.encode(batch)
            text = model.encode_words(words[start : start + BATCH]) if words and model.reads_words else None
            answer = model.score(tokens, text)
        for name, value in (
            ("probabilities", answer.probabilities),
            ("attributes", attributes(batch)),
            ("whole", tokens.pooled),
            ("query", answer.embedding),
        ):
            found[name].append(value.double().cpu().numpy())
    return {name: np.concatenate(parts) for name, parts in found.items()}


class FeatureStore:
    """Features by content, in one file for each version of a base model. A damaged file is made anew.

    Attributes:
        path: The file.
    """

    def __init__(self, card: ModelCard, folder: Path | None = None) -> None:
        self._card = card
        where = folder or paths.data_folder() / "personal" / "features"
        self.path = where / f"{card.name}-{card.sha256[:16]}.safetensors"
        self._rows: dict[bytes, int] = {}
        self._arrays: dict[str, NDArray[np.float32]] = {}
        self._read()

    def __len__(self) -> int:
        return len(self._rows)

    def missing(self, hashes: Sequence[bytes], words: Mapping[bytes, str] | None = None) -> list[bytes]:
        """Contents whose features are not here."""
        return [content for content in hashes if _key(content, words) not in self._rows]

    def get(self, hashes: Sequence[bytes], words: Mapping[bytes, str] | None = None) -> PhotoFeatures:
        """Features of those contents that are here, in this order."""
        kept = [content for content in hashes if _key(content, words) in self._rows]
        rows = [self._rows[_key(content, words)] for content in kept]
        if not rows:
            empty = np.zeros((0, 0))
            return PhotoFeatures((), np.zeros((0, 10)), np.zeros((0, len(ATTRIBUTES))), empty, empty)
        return PhotoFeatures(
            tuple(kept),
            *(self._arrays[n][rows].astype(np.float64) for n in ("probabilities", "attributes", "whole", "query")),
        )

    def add(
        self,
        model: AestheticModel,
        previews: Mapping[bytes, bytes],
        words: Mapping[bytes, str] | None = None,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> None:
        """Compute what is missing from previews (JPEG by content) and write it; one that is no picture is passed over.

        Raises ``KnownError`` where the file cannot be written.
        """
        wanted = self.missing(list(previews), words)
        progress(0, len(wanted))
        for start in range(0, len(wanted), BATCH):
            part, images = [], []
            for content in wanted[start : start + BATCH]:
                with contextlib.suppress(OSError, ValueError, SyntaxError):
                    images.append(load_input(previews[content], self._card))
                    part.append(content)
            if part:
                said = [(words or {}).get(content, "") for content in part]
                found = features_of(model, np.stack(images), said)
                self._append([_key(content, words) for content in part], found)
            progress(min(start + BATCH, len(wanted)), len(wanted))
        if wanted:
            self._write()

    def _append(self, keys: list[bytes], found: Mapping[str, Floats]) -> None:
        for key in keys:
            self._rows[key] = len(self._rows)
        for name, values in found.items():
            new = values.astype(np.float32)
            here = self._arrays.get(name)
            self._arrays[name] = new if here is None else np.concatenate([here, new])

    def _read(self) -> None:
        try:
            tensors = load_file(self.path)
            keys = tensors.pop("keys")
            counts = {len(values) for values in tensors.values()}
            names = {"probabilities", "attributes", "whole", "query"}
            if set(tensors) != names or counts != {len(keys)} or keys.dtype != np.uint8:
                return
            if tensors["attributes"].shape[1] != len(ATTRIBUTES):
                return
        except (OSError, SafetensorError, KeyError, IndexError):
            return
        self._rows = {row.tobytes(): number for number, row in enumerate(keys)}
        self._arrays = tensors

    def _write(self) -> None:
        keys = np.frombuffer(b"".join(self._rows), np.uint8).reshape(len(self._rows), -1)
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            save_file({**self._arrays, "keys": keys}, beside)
            beside.replace(self.path)
        except (OSError, SafetensorError) as error:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise KnownError(
                f"{self.path}: the features of your photos cannot be kept ({error}).",
                "Make room on the disk, or check the folder.",
            ) from error


def _key(content: bytes, words: Mapping[bytes, str] | None) -> bytes:
    """A photo's key: its content, and its words where the base reads them."""
    said = (words or {}).get(content, "")
    mark = hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=8).digest() if said else bytes(8)
    return content[:HASH_BYTES].ljust(HASH_BYTES, b"\0") + mark
