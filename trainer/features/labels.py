"""A data set's own facts within a cache: names, votes, splits, pairs, and where each photo's features lie.

The words themselves stay in the data set; the cache holds their tokens.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import safetensors
import safetensors.numpy

from aesthetic_studio.errors import KnownError
from trainer.data.records import Exclusion, LabelledPair, LabelledSeries, PhotoSet, SeriesSet
from trainer.features.durable import write_json, write_whole
from trainer.features.shards import FORMAT, MENDING

if TYPE_CHECKING:
    from numpy.typing import NDArray

SET_FILE, ARRAYS_FILE = "set.json", "set.safetensors"


@dataclass(frozen=True, slots=True)
class Labels:
    """What ``set.json`` and ``set.safetensors`` hold.

    Attributes:
        photos: The set, less the photos that could not be encoded, without its comments.
        fingerprint: Of the set that was encoded, comments included.
        visual: (N, 2) shard and row of each photo's features.
        text: (N, 2) the same of its words' features, −1 where it has no words; ``None`` in a cache without words.
        specs: By what the visual and the text encoder are found again; empty where they are not known by any.
    """

    photos: PhotoSet | SeriesSet
    fingerprint: str
    visual: NDArray[np.int32]
    text: NDArray[np.int32] | None
    specs: tuple[str, str] = ("", "")


def save_labels(folder: Path, labels: Labels) -> None:
    """Write both files; the one that names the other comes last, so a cache has all of it or is not finished."""
    photos = labels.photos
    arrays: dict[str, NDArray[Any]] = {"visual": np.ascontiguousarray(labels.visual)}
    if labels.text is not None:
        arrays["text"] = np.ascontiguousarray(labels.text)
    content: dict[str, Any] = {
        "format": FORMAT,
        "name": photos.name,
        "kind": photos.kind,
        "notes": list(photos.notes),
        "fingerprint": labels.fingerprint,
        "specs": list(labels.specs),
        "excluded": [[row.file, row.reason] for row in photos.excluded],
        "files": list(photos.files),
        "paths": [str(path) for path in photos.paths],
    }
    if isinstance(photos, PhotoSet):
        arrays["votes"] = np.ascontiguousarray(photos.votes)
        arrays |= {f"column.{name}": np.ascontiguousarray(values) for name, values in photos.columns.items()}
        content |= {"sources": photos.sources.tolist(), "splits": photos.splits.tolist()}
    else:
        content["series"] = [dataclasses.asdict(series) for series in photos.series]
    packed = safetensors.numpy.save(arrays)
    write_whole(folder / ARRAYS_FILE, packed)
    write_json(folder / SET_FILE, content | {"arrays_sha256": hashlib.sha256(packed).hexdigest()})


def read_labels(folder: Path) -> Labels:
    """Read both files. Raises ``KnownError`` where the cache is unfinished or damaged."""
    path, arrays_path = folder / SET_FILE, folder / ARRAYS_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        packed = arrays_path.read_bytes()
    except FileNotFoundError as error:
        raise KnownError(f"{folder}: there are no finished features here.", MENDING) from error
    except (OSError, ValueError) as error:
        raise KnownError(f"{path}: this part of the cache is damaged ({error}).", MENDING) from error
    try:
        if hashlib.sha256(packed).hexdigest() != content["arrays_sha256"]:
            raise KnownError(f"{arrays_path}: this part of the cache is damaged (its sha256 is another).", MENDING)
        arrays = safetensors.numpy.load(packed)
        photos = _photos(content, arrays)
        visual, text = content["specs"]
        return Labels(photos, content["fingerprint"], arrays["visual"], arrays.get("text"), (str(visual), str(text)))
    except (KeyError, TypeError, ValueError, safetensors.SafetensorError) as error:
        raise KnownError(f"{path}: this part of the cache is damaged ({error!r}).", MENDING) from error


def _photos(content: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> PhotoSet | SeriesSet:
    common: dict[str, Any] = {
        "name": content["name"],
        "kind": content["kind"],
        "notes": tuple(content["notes"]),
        "files": tuple(content["files"]),
        "paths": tuple(Path(path) for path in content["paths"]),
        "excluded": tuple(Exclusion(file, reason) for file, reason in content["excluded"]),
    }
    if "series" in content:
        return SeriesSet(series=tuple(_series(series) for series in content["series"]), **common)
    return PhotoSet(
        votes=arrays["votes"],
        sources=np.asarray(content["sources"], dtype=np.str_),
        splits=np.asarray(content["splits"], dtype=np.str_),
        columns={name.removeprefix("column."): arrays[name] for name in arrays if name.startswith("column.")},
        **common,
    )


def _series(content: dict[str, Any]) -> LabelledSeries:
    pairs = tuple(LabelledPair(**pair) for pair in content["pairs"])
    return LabelledSeries(
        **{**content, "pairs": pairs, "members": tuple(content["members"]), "order": tuple(content["order"])}
    )
