"""What frozen encoders save: an epoch over cached features against one in which every photo is encoded anew.

Both train the same head by the same loss on the same photos; only where the tokens come from differs.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.mmlq import MMLQ
from trainer.data.images import load_image
from trainer.data.opening import open_photos
from trainer.features import FeatureCache, build
from trainer.loop.optimisation import adamw, check_finite, update
from trainer.losses import emd_loss
from trainer.recipe import HeadSettings, TrainingSettings
from trainer.studies.output import begin, finish, markdown, say
from trainer.training import RATE_KEY, start_from_average

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aesthetic_studio.models.encoders import Encoder
    from aesthetic_studio.models.protocol import VisualTokens
    from trainer.data.records import PhotoSet

    Tokens = Callable[[torch.Tensor], VisualTokens]

TRAINING = TrainingSettings(epochs=1, batch=64)
CLOCK = time.perf_counter


def study(data: Path, encoder: str, output: Path, *, epochs: int = 3) -> dict[str, Any]:
    """Time both ways in turn, print the table and write the results. Raises ``KnownError``."""
    photos, frozen = open_photos(data), find_encoder(encoder)
    run = begin(output)
    start = CLOCK()
    cache = build(photos, frozen, _empty(output))
    building = CLOCK() - start
    say(f"the cache of {len(cache)} photos was built in {building:.1f} s")
    votes = torch.from_numpy(photos.votes).float()
    cached, anew = [], []
    # In turn, so that whatever else the machine does falls on both alike.
    for epoch in range(epochs):
        cached.append(epoch_seconds(cache.tokens, votes, frozen, epoch))
        anew.append(epoch_seconds(lambda rows: encoded(photos, frozen, rows), votes, frozen, epoch))
        say(f"epoch {epoch + 1}: {cached[-1]:.2f} s over the cache, {anew[-1]:.2f} s from the photos")
    results = summary(cached, anew, building, cache)
    finish(run, results, _table(results))
    return results


def epoch_seconds(tokens: Tokens, votes: torch.Tensor, encoder: Encoder, seed: int) -> float:
    """Seconds of one epoch of a new head over all photos, wherever their tokens come from."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = MMLQ(HeadSettings().config(encoder.card.width, encoder.card.pooled_width))
        start_from_average(head, votes)
        head.train()
        order = torch.randperm(len(votes))
    batches = torch.split(order, TRAINING.batch)
    optimiser, schedule = adamw(head.parameters(), TRAINING, len(batches))
    start = CLOCK()
    for rows in batches:
        seen = tokens(rows)
        loss = emd_loss(head({"visual": seen.grid}, seen.pooled).logits.softmax(dim=1), votes[rows])
        check_finite(update(loss, head.parameters(), optimiser, schedule), "the timed epoch", RATE_KEY)
    return CLOCK() - start


def encoded(photos: PhotoSet, encoder: Encoder, rows: torch.Tensor) -> VisualTokens:
    """Tokens of some photos from their files: decoded, resized, encoded; no gradient goes back into the encoder."""
    images = np.stack([load_image(photos.paths[row], encoder.card.input_size) for row in rows.tolist()])
    with torch.no_grad():
        return encoder(torch.from_numpy(images))


def summary(cached: list[float], anew: list[float], building: float, cache: FeatureCache) -> dict[str, Any]:
    """Best times, their ratio, and after how many epochs the cache has paid for itself."""
    fast, slow = min(cached), min(anew)
    return {
        "set": cache.set.name,
        "photos": len(cache),
        "encoder": f"{cache.encoder.name} {cache.encoder.version}",
        "seconds an epoch, cached": cached,
        "seconds an epoch, from photos": anew,
        "ratio": slow / fast,
        "seconds to build the cache": building,
        "cache in epochs from photos": building / slow,
        "bytes": cache.size_bytes,
    }


def _table(results: dict[str, Any]) -> str:
    fast, slow = min(results["seconds an epoch, cached"]), min(results["seconds an epoch, from photos"])
    many = 20
    whole = results["seconds to build the cache"] + many * fast
    return markdown(
        ["what", "time", "as a ratio"],
        [
            ["an epoch over cached features", f"{fast:.2f} s", "1"],
            ["an epoch from the photos, through the frozen encoder", f"{slow:.2f} s", f"{results['ratio']:.1f}"],
            [
                "building the cache, once",
                f"{results['seconds to build the cache']:.1f} s",
                f"{results['cache in epochs from photos']:.2f} epochs from the photos",
            ],
            [f"{many} epochs with the cache, its building included", f"{whole:.1f} s", "1"],
            [f"{many} epochs from the photos", f"{many * slow:.1f} s (extrapolated)", f"{many * slow / whole:.1f}"],
        ],
    )


def _empty(output: Path) -> Path:
    """A folder for a cache that is built anew, so that building it can be timed."""
    number = 0
    while (folder := output / f"features-{number}").exists():
        number += 1
    return folder
