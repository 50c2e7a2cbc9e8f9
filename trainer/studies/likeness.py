"""Whether an encoder's vector of the whole photo finds a photo again after it was cropped, relit or moved; and pHash.

pool ─▶ gallery of N photos ─encoder─▶ looks ┐
     └▶ some of them, altered ─encoder─▶ look ┴┬▶ is the nearest of the gallery the photo itself? recall@1
                                               └▶ from which cosine on are two nearly the same? (``likeness_threshold``)
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from scipy.fft import dctn

from aesthetic_studio.curation.likeness import nearest, unit
from aesthetic_studio.errors import KnownError, UnreadablePhoto
from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.inputs import to_input
from trainer import metrics
from trainer.data.degrade import Fault, degrade
from trainer.data.files import photo_files
from trainer.data.images import load_photo
from trainer.embedded.series import drawn
from trainer.studies.likeness_threshold import (
    PAIRS_FILE,
    THRESHOLDS,
    judge_thresholds,
    listed_pairs,
    pairs_alike,
    threshold_table,
)
from trainer.studies.output import begin, cell, finish, markdown, say, write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from aesthetic_studio.models.encoders import Encoder

    Alter = Callable[[Image.Image, np.random.Generator], Image.Image]
    Hashes = NDArray[np.uint8]

LONG_SIDE = 512
"""The program's previews are as large."""
BATCH = 32
HASH_SIDE, HASH_LOW = 32, 8
"""pHash: an 8×8 block of low frequencies of a 32×32 picture, as 64 bits."""

LOOK, PHASH = "the encoder's look", "pHash"


@dataclass(frozen=True, slots=True)
class LikenessSettings:
    """How the study is made.

    Attributes:
        photos: Of the gallery.
        altered: Of them, each altered in every way.
        seed: Of the photos that are drawn and of what is done to them.
        resamples: Of the bootstrap.
    """

    photos: int = 10_000
    altered: int = 500
    seed: int = 1
    resamples: int = metrics.RESAMPLES


def study(pool: Path, encoder: str, output: Path, settings: LikenessSettings | None = None) -> dict[str, Any]:
    """Judge, print the table and write the results. Raises ``KnownError`` where pool or encoder cannot be used."""
    settings = settings or LikenessSettings()
    frozen = find_encoder(encoder).eval().requires_grad_(False)
    files = drawn(photo_files(pool), settings.photos, settings.seed)
    run = begin(output)
    looks, hashes, kept = _gallery(files, frozen)
    draw = np.random.default_rng(settings.seed)
    chosen = draw.permutation(len(kept))[: settings.altered]
    found: dict[str, dict[str, NDArray[np.float64]]] = {LOOK: {}, PHASH: {}}
    own: dict[str, NDArray[np.float32]] = {}
    for name, alter in ALTERATIONS.items():
        copies = [alter(load_photo(kept[row], LONG_SIDE)[1], draw) for row in chosen]
        mine = _looks(copies, frozen)
        own[name] = (mine * looks[chosen]).sum(axis=1)
        best, _ = nearest(looks, mine, 1)
        found[LOOK][name] = (best[:, 0] == chosen).astype(np.float64)
        found[PHASH][name] = _first_by_hash(hashes, np.stack([phash(copy) for copy in copies]), chosen)
        say(f"{name}: {found[LOOK][name].mean():.3f}, by {PHASH} {found[PHASH][name].mean():.3f}")
    shown = {
        judge: {
            name: _recall(hits, settings)
            # Of each photo the mean over what was done to it: photos are resampled, not copies.
            for name, hits in {**by_kind, "all": np.mean([*by_kind.values()], axis=0)}.items()
        }
        for judge, by_kind in found.items()
    }
    table = markdown(
        ["recall@1", *ALTERATIONS, "all"],
        [[judge, *(cell(one) for one in row.values())] for judge, row in shown.items()],
    )
    for name, alter in EXPORTS.items():
        copies = [alter(load_photo(kept[row], LONG_SIDE)[1], draw) for row in chosen]
        own[name] = (_looks(copies, frozen) * looks[chosen]).sum(axis=1)
    pairs = pairs_alike(looks, min(THRESHOLDS))
    judged = judge_thresholds(own, pairs, resamples=settings.resamples, seed=settings.seed)
    write_text(run, PAIRS_FILE, listed_pairs(pairs, kept))
    results = {
        "settings": settings,
        "encoder": frozen.card.name,
        "gallery": len(kept),
        "recall@1": shown,
        "nearly the same": judged,
    }
    finish(run, results, f"{table}\n\n{threshold_table(judged, len(kept))}")
    return results


def phash(photo: Image.Image) -> Hashes:
    """The 64 bits of a photo: which low frequencies of its luma, but the mean, lie above their median."""
    small = np.asarray(photo.convert("L").resize((HASH_SIDE, HASH_SIDE), Image.Resampling.LANCZOS), dtype=np.float64)
    low = dctn(small, norm="ortho")[:HASH_LOW, :HASH_LOW].ravel()
    bits: Hashes = (low > np.median(low[1:])).astype(np.uint8)
    return bits


def _crop(photo: Image.Image, draw: np.random.Generator) -> Image.Image:
    share = draw.uniform(0.8, 0.95)
    wide, high = (max(1, round(side * share)) for side in photo.size)
    left, top = (int(draw.integers(0, room + 1)) for room in (photo.width - wide, photo.height - high))
    return photo.crop((left, top, left + wide, top + high))


def _exposure(photo: Image.Image, draw: np.random.Generator) -> Image.Image:
    stops = float(draw.uniform(0.3, 1.0))
    return degrade(photo, Fault.EXPOSURE, seed=int(draw.integers(1 << 31)), strengths=(stops,)).frames[-1]


def _shift(photo: Image.Image, draw: np.random.Generator) -> Image.Image:
    across, down = (round(float(draw.uniform(-0.06, 0.06)) * side) for side in photo.size)
    pixels = np.pad(np.asarray(photo), ((abs(down),) * 2, (abs(across),) * 2, (0, 0)), mode="reflect")
    top, left = abs(down) + down, abs(across) + across
    return Image.fromarray(pixels[top : top + photo.height, left : left + photo.width])


def _saved_again(photo: Image.Image, quality: int) -> Image.Image:
    stream = io.BytesIO()
    photo.save(stream, "JPEG", quality=quality)
    with Image.open(stream) as opened:
        return opened.convert("RGB")


def _together(photo: Image.Image, draw: np.random.Generator) -> Image.Image:
    return _saved_again(_exposure(_crop(photo, draw), draw), 70)


ALTERATIONS: Mapping[str, Alter] = {
    "crop": _crop,
    "exposure": _exposure,
    "shift": _shift,
    "crop, exposure and JPEG": _together,
}
EXPORTS: Mapping[str, Alter] = {"JPEG": lambda photo, draw: _saved_again(photo, int(draw.integers(50, 91)))}
"""What changes a photo so little that it always finds itself: only the thresholds are judged by it."""


def _gallery(files: list[Path], encoder: Encoder) -> tuple[NDArray[np.float32], Hashes, list[Path]]:
    """Looks and hashes of all photos that can be read, each content once."""
    looks, hashes, kept = [], [], []
    contents: set[str] = set()
    waiting: list[Image.Image] = []
    for number, path in enumerate(files, start=1):
        if number % 1000 == 0:
            say(f"{number} of {len(files)} photos")
        try:
            content, photo = load_photo(path, LONG_SIDE)
        except UnreadablePhoto as problem:
            say(f"left out: {path}: {problem.reason}")
            continue
        if min(photo.size) < HASH_SIDE:
            say(f"left out: {path}: {photo.width} × {photo.height} px is too small")
            continue
        if content in contents:
            continue
        contents.add(content)
        kept.append(path)
        hashes.append(phash(photo))
        waiting.append(photo)
        if len(waiting) == BATCH:
            looks.append(_looks(waiting, encoder))
            waiting = []
    if waiting:
        looks.append(_looks(waiting, encoder))
    if not kept:
        raise KnownError("Not one photo of this pool can be used.", "Name another folder with --pool.")
    return np.concatenate(looks), np.stack(hashes), kept


def _looks(photos: list[Image.Image], encoder: Encoder) -> NDArray[np.float32]:
    found = []
    for start in range(0, len(photos), BATCH):
        pixels = np.stack([to_input(photo, encoder.card.input_size) for photo in photos[start : start + BATCH]])
        with torch.inference_mode():
            found.append(encoder.look(encoder(torch.from_numpy(pixels))).numpy())
    return unit(np.concatenate(found))


def _first_by_hash(gallery: Hashes, wanted: Hashes, truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """How sure the nearest hash is the photo's own: 1, 0, or a share where several lie equally near."""
    # |a - b| of bits is a + b - 2ab: one product instead of a cube of comparisons.
    a, b = wanted.astype(np.float32), gallery.astype(np.float32)
    apart = np.rint(a.sum(axis=1)[:, None] + b.sum(axis=1)[None, :] - 2.0 * a @ b.T).astype(np.int16)
    best = apart.min(axis=1)
    own = apart[np.arange(len(truth)), truth]
    return np.where(own == best, 1.0 / (apart == best[:, None]).sum(axis=1), 0.0)


def _recall(hits: NDArray[np.float64], settings: LikenessSettings) -> Any:
    return metrics.bootstrap(
        len(hits), lambda rows: float(hits[rows].mean()), resamples=settings.resamples, seed=settings.seed
    )
