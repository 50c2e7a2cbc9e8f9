"""A library as the personal model sees it: its judgements, the photos beside them, and the base's answers to all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.albums import PhotoQuery, SortKey
from aesthetic_studio.curation.looks import LookTable
from aesthetic_studio.models import registry
from aesthetic_studio.records import PhotoRecord, PhotoState
from trainer.personal.features import FeatureStore, PhotoFeatures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from aesthetic_studio.judgements import Judgements
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.models.card import ModelCard
    from aesthetic_studio.models.protocol import AestheticModel

_CHUNK = 64
_LUMA_ALIKE = 0.5
"""Correlation of two fingerprints' luma under which their framing need not be compared."""


@dataclass(frozen=True, slots=True)
class LibraryPhotos:
    """The photos that take part.

    Attributes:
        judgements: All of the library's.
        records: By content: the judged photos, then others that say what is usual in this library.
        words: What each photo's own caption and keywords say, by content; only where the base reads words.
    """

    judgements: Judgements
    records: dict[bytes, PhotoRecord]
    words: dict[bytes, str]

    @property
    def names(self) -> dict[bytes, str]:
        """File names."""
        return {content: record.name for content, record in self.records.items()}


def read_library(catalogue: Catalogue, base: ModelCard, reference: int, seed: int = 0) -> LibraryPhotos:
    """Read judgements, and draw up to ``reference`` other photos of the library."""
    judgements = catalogue.judgements()
    named = [row.photo for row in judgements.ratings] + [row.photo for row in judgements.flags]
    named += [photo for pair in judgements.preferences for photo in (pair.better, pair.worse)]
    judged = {photo.content_hash: photo.photo_id for photo in named}
    everyone = np.asarray(catalogue.ids(PhotoQuery(sort=SortKey.NAME, descending=False)), dtype=np.int64)
    chosen = np.random.default_rng(seed).permutation(len(everyone))[:reference]
    wanted = list(dict.fromkeys([*judged.values(), *(int(photo) for photo in everyone[chosen])]))
    records = [
        record
        for start in range(0, len(wanted), _CHUNK)
        for record in catalogue.photos(wanted[start : start + _CHUNK])
        if record.state is not PhotoState.UNREADABLE and record.content_id
    ]
    hashes = catalogue.hashes([record.content_id for record in records])
    by_content: dict[bytes, PhotoRecord] = {}
    for record in records:
        if record.content_id in hashes:
            by_content.setdefault(hashes[record.content_id], record)
    words = {}
    if base.config.get("text_spec"):
        said = catalogue.words([record.content_id for record in by_content.values()])
        words = {
            content: said[record.content_id] for content, record in by_content.items() if said.get(record.content_id)
        }
    return LibraryPhotos(judgements, by_content, words)


def compute_features(
    catalogue: Catalogue,
    photos: LibraryPhotos,
    base: ModelCard,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    store: FeatureStore | None = None,
) -> PhotoFeatures:
    """The base's answers to all these photos that have a preview; the model is loaded only where some are missing."""
    kept = FeatureStore(base) if store is None else store
    hashes = list(photos.records)
    missing = kept.missing(hashes, photos.words)
    model: AestheticModel | None = None
    for start in range(0, len(missing), _CHUNK):
        part = missing[start : start + _CHUNK]
        contents = {photos.records[content].content_id: content for content in part}
        previews = {contents[number]: jpeg for number, jpeg in catalogue.previews(list(contents)).items()}
        if not previews:
            continue
        model = model or registry.load_from_card(base)
        kept.add(model, previews, photos.words)
        progress(start + len(part), len(missing))
    return kept.get(hashes, photos.words)


def groups_of(records: Sequence[PhotoRecord], near: float) -> NDArray[np.int64]:
    """A number for each photo (N,), the same for frames of one series and for near-duplicates (edits, second tries)."""
    parent = list(range(len(records)))

    def find(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    series: dict[int, list[int]] = defaultdict(list)
    for row, record in enumerate(records):
        if record.series_id is not None:
            series[record.series_id].append(row)
    for rows in series.values():
        for row in rows[1:]:
            parent[find(row)] = find(rows[0])
    for one, two in _near_duplicates(records, near):
        parent[find(one)] = find(two)
    found: NDArray[np.int64] = np.unique([find(row) for row in range(len(records))], return_inverse=True)[1]
    return found.astype(np.int64).reshape(len(records))


def _near_duplicates(records: Sequence[PhotoRecord], near: float) -> list[tuple[int, int]]:
    """Pairs of the same framing, whenever they were taken."""
    looks = [record.look for record in records]
    known = np.asarray([row for row, look in enumerate(looks) if look is not None], dtype=np.int64)
    if len(known) < 2:
        return []
    luma = np.stack([np.frombuffer(look.luma, np.uint8) for look in looks if look is not None]).astype(np.float32)
    luma -= luma.mean(axis=1, keepdims=True)
    luma /= np.linalg.norm(luma, axis=1, keepdims=True) + 1e-6
    one, two = np.nonzero(np.triu(luma @ luma.T > _LUMA_ALIKE, k=1))
    if not len(one):
        return []
    framing = LookTable(looks).compare(known[one].astype(np.intp), known[two].astype(np.intp)).framing
    same = np.nan_to_num(framing, nan=-1.0) >= near
    return [(int(a), int(b)) for a, b in zip(known[one[same]], known[two[same]], strict=True)]
