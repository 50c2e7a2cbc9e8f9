"""Runs a frozen encoder over a data set, once, shard by shard.

Each shard is whole on disk before the next begins, so whatever ends the program, the next run goes on there; an
undisturbed run and one that was killed at any shard leave the same bytes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from aesthetic_studio.models.text import join_comments
from trainer.data.images import Decoded, content_of, decode_all
from trainer.data.manifest import fingerprint, left_out
from trainer.data.records import Exclusion, PhotoSet, SeriesSet
from trainer.embedded.views import view
from trainer.features.cache import TEXT, VISUAL, FeatureCache
from trainer.features.durable import check_room
from trainer.features.labels import SET_FILE, Labels, save_labels
from trainer.features.shards import Item, Place, ShardStore
from trainer.recipes.recipe import AugmentationSettings

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from aesthetic_studio.models.encoders import Encoder
    from aesthetic_studio.models.text import TextEncoder

T = TypeVar("T")

BATCH = 32
SHARD_ITEMS = 512
SHARD_BYTES = 256 << 20
"""A shard holds ``SHARD_ITEMS`` photos or fewer, so that its tensors stay below this."""

LARGEST_HALF = 65504.0
ONE_VIEW = AugmentationSettings(views=1)

Progress = Callable[[str, int, int], None]


def build(
    data: PhotoSet | SeriesSet,
    encoder: Encoder,
    folder: Path,
    *,
    text_encoder: TextEncoder | None = None,
    views: AugmentationSettings = ONE_VIEW,
    seed: int = 0,
    device: torch.device | str = "cpu",
    workers: int = 0,
    shard_items: int = SHARD_ITEMS,
    progress: Progress = lambda _what, _done, _total: None,
    say: Callable[[str], None] = lambda _line: None,
) -> FeatureCache:
    """Encode what of a set is not in the cache yet, and finish it.

    Photos whose content changed are encoded anew, new ones are added, damaged shards are made again, and changed votes
    or splits cost nothing. Photos that cannot be decoded are recorded as excluded.

    Args:
        data: The set.
        encoder: The frozen visual encoder.
        folder: The cache's.
        text_encoder: Reads the photos' comments, where these are wanted.
        views: Which views of each photo are encoded besides itself; each is drawn by ``seed`` and the photo's content.
        seed: Of the views.
        device: Where the encoders run.
        workers: Processes that decode photos; 0 decodes in this one.
        shard_items: Most photos in a shard.
        progress: Is told ``("photos", done, total)`` and ``("words", done, total)``.
        say: Is told of damage that is mended.

    Raises ``DiskFull``, with the cache whole as far as it goes, and ``KnownError`` where the folder holds features of
    another encoder or of other views, or not one photo can be read.
    """
    each = _bytes_a_photo(encoder, views.views)
    about = {"shard": _shard(shard_items, each), "views": views.views, "card": _card(encoder)}
    visual = _begin(folder / VISUAL, _made_by(encoder, views, seed), about, say)
    _encode_photos(data, encoder.to(device), visual, views, seed, each, workers, progress)
    text = None
    if text_encoder is not None and isinstance(data, PhotoSet):
        shard = _shard(shard_items, 2 * text_encoder.card.max_tokens * text_encoder.card.width)
        text = _begin(folder / TEXT, {"encoder": _text_facts(text_encoder)}, {"shard": shard}, say)
        _encode_words(data, text_encoder.to(device), text, progress)
    specs = (encoder.spec or "", (text_encoder.spec or "") if text_encoder is not None else "")
    _finish(data, folder, visual, text, specs)
    return FeatureCache.open(folder, check=False)


def _begin(folder: Path, made_by: dict[str, Any], about: dict[str, Any], say: Callable[[str], None]) -> ShardStore:
    """The store to go on with, less its damaged shards: without these the cache is not finished."""
    store = ShardStore.begin(folder, made_by, about)
    damaged = store.damaged()
    for path in damaged:
        say(f"{path}: this part of the cache is damaged or missing; it is made again")
    if damaged:
        (folder.parent / SET_FILE).unlink(missing_ok=True)
        store.drop(damaged)
    return store


def _encode_photos(
    data: PhotoSet | SeriesSet,
    encoder: Encoder,
    store: ShardStore,
    views: AugmentationSettings,
    seed: int,
    each: int,
    workers: int,
    progress: Progress,
) -> None:
    places = store.places()
    missing = [row for row in range(len(data.files)) if not _is_known(places.get(data.files[row]), data.paths[row])]
    done, total = len(data.files) - len(missing), len(data.files)
    progress("photos", done, total)
    if not missing:
        return
    check_room(store.folder, each * len(missing))
    decoded = decode_all([data.paths[row] for row in missing], encoder.card.input_size, workers)
    for some in _chunks(missing, store.about["shard"]):
        items: list[Item] = []
        grids: list[Tensor] = []
        pooled: list[Tensor] = []
        for batch in _chunks(some, BATCH):
            found = list(itertools.islice(decoded, len(batch)))
            encoded = _encode(encoder, [data.files[row] for row in batch], found, views, seed)
            for row, (item, tokens) in zip(batch, encoded, strict=True):
                items.append(dataclasses.replace(item, hint=_hint(data.paths[row])))
                if tokens is not None:
                    grids.append(tokens[0])
                    pooled.append(tokens[1])
            progress("photos", done + len(items), total)
        store.add(items, {"grid": torch.stack(grids), "pooled": torch.stack(pooled)} if grids else {})
        done += len(items)


def _encode(
    encoder: Encoder, names: Sequence[str], photos: Sequence[Decoded], views: AugmentationSettings, seed: int
) -> Iterator[tuple[Item, tuple[Tensor, Tensor] | None]]:
    """Items in order, with their grid (V, N, D) and pooled vectors (V, P), half precision, where they have some."""
    seen = [
        image
        for photo in photos
        if photo.pixels is not None
        for image in _views_of(photo.pixels, photo.content, views, seed)
    ]
    device = next((tensor.device for tensor in (*encoder.parameters(), *encoder.buffers())), torch.device("cpu"))
    grids, pooled = [], []
    for some in _chunks(seen, BATCH):
        with torch.inference_mode():
            tokens = encoder(torch.from_numpy(np.stack(some)).to(device))
        grids.append(tokens.grid.float().cpu())
        pooled.append(tokens.pooled.float().cpu())
    grid = _by_photo(grids, views.views)
    whole = _by_photo(pooled, views.views)
    row = 0
    for name, photo in zip(names, photos, strict=True):
        if photo.pixels is None:
            yield Item(name, photo.content, failure=photo.reason), None
            continue
        if bool(grid[row].isfinite().all() and whole[row].isfinite().all()):
            yield Item(name, photo.content), (_half(grid[row]), _half(whole[row]))
        else:
            yield Item(name, photo.content, failure="the encoder answers with numbers that are none"), None
        row += 1


def _by_photo(batches: Sequence[Tensor], views: int) -> Tensor:
    """Batches of views (B, …) as (N, V, …)."""
    together = torch.cat(list(batches)) if batches else torch.empty(0, 0)
    return together.view(-1, views, *together.shape[1:])


def _views_of(
    pixels: NDArray[np.uint8], content: str, settings: AugmentationSettings, seed: int
) -> Iterator[NDArray[np.uint8]]:
    # By content and not by number, so that a photo's views do not depend on which others are in the set.
    generator = np.random.default_rng([seed, int(content, 16)])
    return (view(pixels, number, settings, generator) for number in range(settings.views))


def _encode_words(data: PhotoSet, encoder: TextEncoder, store: ShardStore, progress: Progress) -> None:
    words = _words(data)
    places = store.places()
    missing = [name for name, text in words.items() if name not in places or places[name].item.stamp != _stamp_of(text)]
    done = len(words) - len(missing)
    progress("words", done, len(words))
    for some in _chunks(missing, store.about["shard"]):
        items: list[Item] = []
        kept: list[Tensor] = []
        ends: list[int] = []
        for batch in _chunks(some, BATCH):
            with torch.inference_mode():
                found = encoder.encode([words[name] for name in batch])
            for name, tokens, padding in zip(batch, found.tokens, found.padding, strict=True):
                real = tokens[~padding].float().cpu()
                good = len(real) > 0 and bool(real.isfinite().all())
                items.append(Item(name, _stamp_of(words[name]), failure="" if good else "its words give no tokens"))
                if good:
                    kept.append(_half(real))
                    ends.append(len(real) + (ends[-1] if ends else 0))
            progress("words", done + len(items), len(words))
        store.add(items, {"tokens": torch.cat(kept), "ends": torch.tensor(ends)} if kept else {})
        done += len(items)


def _finish(
    data: PhotoSet | SeriesSet, folder: Path, visual: ShardStore, text: ShardStore | None, specs: tuple[str, str]
) -> None:
    """Write the set's facts with each photo's place; the photos that could not be encoded are recorded as excluded."""
    places = visual.places()
    rows = [row for row, name in enumerate(data.files) if places[name].row >= 0]
    failed = [Exclusion(name, places[name].item.failure) for name in data.files if places[name].row < 0]
    kept = left_out(data, rows, failed)
    at = np.asarray([(places[name].shard, places[name].row) for name in kept.files], dtype=np.int32)
    spoken: NDArray[np.int32] | None = None
    if text is not None and isinstance(data, PhotoSet):
        words, said = _words(data), text.places()
        nowhere = Place(-1, -1, Item("", ""))
        found = [said[name] if name in words else nowhere for name in kept.files]
        spoken = np.asarray([(place.shard, place.row) for place in found], dtype=np.int32)
    save_labels(folder, Labels(kept, fingerprint(data), at, spoken, specs))


def _words(data: PhotoSet) -> dict[str, str]:
    """Each photo's comments as one text, of those that have any."""
    joined = {name: join_comments(said) for name, said in zip(data.files, data.comments or (), strict=False)}
    return {name: text for name, text in joined.items() if text}


def _is_known(place: Place | None, path: Path) -> bool:
    if place is None or not place.item.stamp:  # what could not even be read may be there again
        return False
    return place.item.hint == _hint(path) or content_of(path) == place.item.stamp


def _hint(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _made_by(encoder: Encoder, views: AugmentationSettings, seed: int) -> dict[str, Any]:
    """All that features depend on besides the photos."""
    card = encoder.card
    drawn = {"views": 1} if views.views == 1 else {**dataclasses.asdict(views), "seed": seed}
    identity = {"name": card.name, "version": card.version, "sha256": card.sha256, "input_size": card.input_size}
    return {"encoder": identity, "views": drawn}


def _card(encoder: Encoder) -> dict[str, Any]:
    card = dataclasses.asdict(encoder.card)
    card.pop("folder")
    return card


def _text_facts(encoder: TextEncoder) -> dict[str, Any]:
    card = encoder.card
    return {"name": card.name, "version": card.version, "width": card.width, "max_tokens": card.max_tokens}


def _bytes_a_photo(encoder: Encoder, views: int) -> int:
    card = encoder.card
    return 2 * views * (card.grid[0] * card.grid[1] * card.width + card.pooled_width)


def _shard(most: int, each: int) -> int:
    return max(1, min(most, SHARD_BYTES // each))


def _half(tensor: Tensor) -> Tensor:
    """Half precision; the rare number beyond its range becomes the largest that it has."""
    return tensor.clamp(-LARGEST_HALF, LARGEST_HALF).half()


def _stamp_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
