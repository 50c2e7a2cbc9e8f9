"""The manifest: which photos of a set are used, in which split, what was left out and why.

Papers on AVA differ in the photos that they could read, so a figure means little without the list of ids it is over.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from aesthetic_studio.errors import KnownError
from trainer.data.ava import id_list_hash
from trainer.data.images import decode_all
from trainer.data.records import TEST, TRAIN, VALIDATION, Exclusion, PhotoSet, SeriesSet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_NUMBER = re.compile(r"\d+(\.\d+)?")

CHECK_SIDE = 64
"""Photos are decoded to this side to see whether they can be; JPEGs at a fraction of their size."""


def without_unreadable(
    photos: PhotoSet | SeriesSet, workers: int = 0, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> PhotoSet | SeriesSet:
    """The set less the photos that cannot be decoded, which are recorded as excluded. Every file is opened once.

    Raises ``KnownError`` where none can be.
    """
    kept, unreadable = [], []
    for row, decoded in enumerate(decode_all(photos.paths, CHECK_SIDE, workers)):
        if decoded.pixels is None:
            unreadable.append(Exclusion(photos.files[row], decoded.reason))
        else:
            kept.append(row)
        progress(row + 1, len(photos.files))
    return left_out(photos, kept, unreadable)


def left_out(photos: PhotoSet | SeriesSet, kept: list[int], unreadable: list[Exclusion]) -> PhotoSet | SeriesSet:
    """The photos of the rows ``kept``, with the others recorded. Raises ``KnownError`` where none is left."""
    if not kept:
        raise KnownError(
            f"{photos.name}: not one photo of the set can be read.", f"The first reason: {unreadable[0].reason}."
        )
    if not unreadable:
        return photos
    taken = photos.take(np.asarray(kept, dtype=np.int64))
    return dataclasses.replace(taken, excluded=(*photos.excluded, *unreadable))


def fingerprint(photos: PhotoSet | SeriesSet) -> str:
    """SHA-256 of all that a set says: names, votes, sources, splits, words, pairs. Not of where it lies."""
    digest = hashlib.sha256()

    def add(*parts: object) -> None:
        digest.update(json.dumps(parts, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass"))

    add(photos.name, photos.files)
    if isinstance(photos, PhotoSet):
        add(photos.sources.tolist(), photos.splits.tolist(), photos.comments)
        digest.update(np.ascontiguousarray(photos.votes, dtype="<f8").tobytes())
        for name, values in sorted(photos.columns.items()):
            add(name)
            digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    else:
        add([dataclasses.astuple(series) for series in photos.series])
    return digest.hexdigest()


def manifest(photos: PhotoSet | SeriesSet) -> dict[str, Any]:
    """All that there is to say of which photos a set holds, for JSON."""
    about: dict[str, Any] = {"set": photos.name, "kind": photos.kind, "photos": len(photos.files)}
    splits: dict[str, Any] = {}
    if isinstance(photos, PhotoSet):
        for split in split_names(photos):
            ids = [photos.files[row] for row in photos.rows(split)]
            splits[split or "no split"] = {"photos": len(ids), "sha256_of_ids": id_list_hash(ids), "ids": ids}
    else:
        about["series"] = len(photos)
        about["pairs"] = sum(len(series.pairs) for series in photos.series)
        for split in split_names(photos):
            names = [photos.series[row].name for row in photos.rows(split)]
            splits[split or "no split"] = {"series": len(names), "sha256_of_ids": id_list_hash(names), "ids": names}
    return about | {
        "notes": list(photos.notes),
        "sha256_of_all_ids": id_list_hash(list(photos.files)),
        "fingerprint": fingerprint(photos),
        "splits": splits,
        "excluded_by_reason": dict(reasons(photos)),
        "excluded": [dataclasses.asdict(row) for row in photos.excluded],
    }


def write_manifest(photos: PhotoSet | SeriesSet, path: Path) -> None:
    """Write the manifest as JSON, or as a CSV of ``file,split,left_out`` where the name ends so.

    Raises ``KnownError`` where nothing can be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() == ".csv":
            with path.open("w", encoding="utf-8", errors="replace", newline="") as stream:
                table = csv.writer(stream)
                table.writerow(["file", "split", "left_out"])
                table.writerows((file, split, "") for file, split in zip(photos.files, _splits(photos), strict=True))
                table.writerows((row.file, "", row.reason) for row in photos.excluded)
        else:
            text = json.dumps(manifest(photos), indent=1, ensure_ascii=False) + "\n"
            path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise KnownError(f"{path}: the manifest cannot be written ({error.strerror}).", "Name another file.") from error


def split_names(photos: PhotoSet | SeriesSet) -> list[str]:
    """The splits that a set has, in the usual order."""
    return [split for split in (TRAIN, VALIDATION, TEST, "") if len(photos.rows(split))]


def reasons(photos: PhotoSet | SeriesSet) -> list[tuple[str, int]]:
    """How often each reason for leaving something out occurred, the most frequent first; numbers in it count alike."""
    return Counter(_NUMBER.sub("N", row.reason) for row in photos.excluded).most_common()


def _splits(photos: PhotoSet | SeriesSet) -> list[str]:
    if isinstance(photos, PhotoSet):
        return [str(split) for split in photos.splits]
    found = [""] * len(photos.files)
    for series in photos.series:
        for row in series.members:
            found[row] = series.split
    return found
