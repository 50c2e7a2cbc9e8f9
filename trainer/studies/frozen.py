"""What frozen encoders save: an epoch over cached features against one from the photos, and one trained end to end.

cached features ───────────────────────────┐
photos ─frozen encoder─────────────────────┼─▶ the same head, the same loss
photos ─encoder that is trained with it────┘   (its gradients, its own optimiser's steps)
"""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.encoders import find_encoder
from aesthetic_studio.models.encoders.open_clip_tower import OpenClipTower, TowerConfig, describe
from aesthetic_studio.models.mmlq import MMLQ
from trainer.data.images import load_image
from trainer.data.opening import open_photos
from trainer.embedded.training import RATE_KEY, start_from_average
from trainer.features import FeatureCache, build
from trainer.loop.optimisation import adamw, check_finite, update
from trainer.losses import emd_loss
from trainer.recipes.recipe import HeadSettings, TrainingSettings
from trainer.studies.output import begin, finish, markdown, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from aesthetic_studio.models.encoders import Encoder
    from aesthetic_studio.models.protocol import VisualTokens
    from trainer.data.records import PhotoSet

    Tokens = Callable[[torch.Tensor], VisualTokens]

TRAINING = TrainingSettings(epochs=1, batch=64)
CLOCK = time.perf_counter
UNTRAINED = "untrained:"
"""Before the name of a tower of open_clip whose first values do for timings, as time does not depend on them."""
HALF = (0.5, 0.5, 0.5)


def study(data: Path, encoder: str, output: Path, *, epochs: int = 3) -> dict[str, Any]:
    """Time both ways in turn, print the table and write the results. Raises ``KnownError``."""
    photos, frozen = open_photos(data), _open(encoder)
    run = begin(output)
    start = CLOCK()
    cache = build(photos, frozen, _empty(output))
    building = CLOCK() - start
    say(f"the cache of {len(cache)} photos was built in {building:.1f} s")
    votes = torch.from_numpy(photos.votes).float()
    cached, anew, whole = [], [], []
    # In turn, so that whatever else the machine does falls on both alike.
    for epoch in range(epochs):
        cached.append(epoch_seconds(cache.tokens, votes, frozen, epoch))
        anew.append(epoch_seconds(lambda rows: encoded(photos, frozen, rows), votes, frozen, epoch))
        said = f"epoch {epoch + 1}: {cached[-1]:.2f} s over the cache, {anew[-1]:.2f} s from the photos"
        if any(True for _ in frozen.parameters()):
            whole.append(end_to_end_seconds(photos, votes, frozen, epoch))
            said += f", {whole[-1]:.2f} s end to end"
        say(said)
    results = summary(cached, anew, whole, building, cache)
    finish(run, results, _table(results))
    return results


def epoch_seconds(
    tokens: Tokens, votes: torch.Tensor, encoder: Encoder, seed: int, trained: Iterable[torch.nn.Parameter] = ()
) -> float:
    """Seconds of one epoch of a new head, and of what is trained with it, over all photos, whatever gives tokens."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = MMLQ(HeadSettings().config(encoder.card.width, encoder.card.pooled_width))
        start_from_average(head, votes)
        head.train()
        order = torch.randperm(len(votes))
    batches = torch.split(order, TRAINING.batch)
    everything = [*head.parameters(), *trained]
    optimiser, schedule = adamw(everything, TRAINING, len(batches))
    start = CLOCK()
    for rows in batches:
        seen = tokens(rows)
        loss = emd_loss(head({"visual": seen.grid}, seen.pooled).logits.softmax(dim=1), votes[rows])
        check_finite(update(loss, everything, optimiser, schedule), "the timed epoch", RATE_KEY)
    return CLOCK() - start


def end_to_end_seconds(photos: PhotoSet, votes: torch.Tensor, encoder: Encoder, seed: int) -> float:
    """Seconds of one epoch in which a copy of the encoder is trained with the head."""
    trained = copy.deepcopy(encoder).requires_grad_(True)
    return epoch_seconds(
        lambda rows: trained(pixels(photos, trained, rows)), votes, trained, seed, trained.parameters()
    )


def encoded(photos: PhotoSet, encoder: Encoder, rows: torch.Tensor) -> VisualTokens:
    """Tokens of some photos from their files: decoded, resized, encoded; no gradient goes back into the encoder."""
    with torch.no_grad():
        return encoder(pixels(photos, encoder, rows))


def pixels(photos: PhotoSet, encoder: Encoder, rows: torch.Tensor) -> torch.Tensor:
    """Some photos from their files, (B, 3, S, S) uint8 sRGB as the encoder reads them."""
    return torch.from_numpy(np.stack([load_image(photos.paths[row], encoder.card.input_size) for row in rows.tolist()]))


def summary(
    cached: list[float], anew: list[float], whole: list[float], building: float, cache: FeatureCache
) -> dict[str, Any]:
    """Best times, their ratios, and after how many epochs the cache has paid for itself."""
    fast, slow = min(cached), min(anew)
    return {
        "set": cache.set.name,
        "photos": len(cache),
        "encoder": f"{cache.encoder.name} {cache.encoder.version}",
        "seconds an epoch, cached": cached,
        "seconds an epoch, from photos": anew,
        "seconds an epoch, end to end": whole,
        "ratio": slow / fast,
        "ratio end to end": min(whole) / fast if whole else None,
        "seconds to build the cache": building,
        "cache in epochs from photos": building / slow,
        "bytes": cache.size_bytes,
    }


def _table(results: dict[str, Any]) -> str:
    fast, slow = min(results["seconds an epoch, cached"]), min(results["seconds an epoch, from photos"])
    many = 20
    whole = results["seconds to build the cache"] + many * fast
    trained = results["seconds an epoch, end to end"]
    end_to_end, long_run = [], []
    if trained:
        ratio = f"{results['ratio end to end']:.0f}"
        end_to_end = [["an epoch end to end, the encoder trained too", f"{min(trained):.2f} s", ratio]]
        run = many * min(trained)
        long_run = [[f"{many} epochs end to end", f"{run:.0f} s (extrapolated)", f"{run / whole:.1f}"]]
    return markdown(
        ["what", "time", "as a ratio"],
        [
            ["an epoch over cached features", f"{fast:.2f} s", "1"],
            ["an epoch from the photos, through the frozen encoder", f"{slow:.2f} s", f"{results['ratio']:.1f}"],
            *end_to_end,
            [
                "building the cache, once",
                f"{results['seconds to build the cache']:.1f} s",
                f"{results['cache in epochs from photos']:.2f} epochs from the photos",
            ],
            [f"{many} epochs with the cache, its building included", f"{whole:.1f} s", "1"],
            [f"{many} epochs from the photos", f"{many * slow:.1f} s (extrapolated)", f"{many * slow / whole:.1f}"],
            *long_run,
        ],
    )


def _open(spec: str) -> Encoder:
    """An encoder by its spec, or an untrained tower. Raises ``KnownError``."""
    if not spec.startswith(UNTRAINED):
        return find_encoder(spec)
    name = spec.removeprefix(UNTRAINED)
    torch.manual_seed(0)
    try:
        tower = OpenClipTower(TowerConfig(name, HALF, HALF))
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        raise KnownError(
            f"There is no tower {name!r} in open_clip ({error}).", "ViT-B-32 and ViT-B-16 are some."
        ) from error
    tower.card = describe(tower, name=name, version="untrained", licence="-", file="", sha256="")
    return tower.eval().requires_grad_(False)


def _empty(output: Path) -> Path:
    """A folder for a cache that is built anew, so that building it can be timed."""
    number = 0
    while (folder := output / f"features-{number}").exists():
        number += 1
    return folder
