"""What frozen features save, and how long a personal model takes to learn."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from measure import Result, data_sets, scratch

EPOCHS, LEARNING = "epoch from photos / over cached features", "personal model from 200 judgements"
PHOTOS = 200
"""Enough for a ratio; an epoch from the photos costs what scoring them costs."""
MISSING = "the voted photos are not here (AESTHETIC_STUDIO_DATA_SETS)"


def measure(*, quick: bool = False) -> list[Result]:
    """Both on the voted photos of sophoappeal with the bundled model, on two cores."""
    data = data_sets() / "sophoappeal"
    if not data.is_dir():
        return [
            Result(EPOCHS, None, 10, at_most=False, detail=MISSING),
            Result(LEARNING, None, 10, unit="s", detail=MISSING),
        ]
    return [_epochs(data, rounds=2 if quick else 4), _learning(data, rounds=2 if quick else 5)]


def _epochs(data: Path, rounds: int) -> Result:
    """The same head, batches and loss; only where the tokens come from differs."""
    import numpy as np
    import torch

    from aesthetic_studio.models.encoders import find_encoder
    from trainer.data.opening import open_photos
    from trainer.features import build
    from trainer.studies.frozen import encoded, epoch_seconds

    photos, encoder = open_photos(data).take(np.arange(PHOTOS)), find_encoder("embedded")
    votes = torch.from_numpy(photos.votes).float()
    with scratch() as temporary:
        begun = time.perf_counter()
        cache = build(photos, encoder, Path(temporary) / "features")
        building = time.perf_counter() - begun
        cached, anew = [], []
        for seed in range(rounds):
            cached.append(epoch_seconds(cache.tokens, votes, encoder, seed))
            anew.append(epoch_seconds(lambda rows: encoded(photos, encoder, rows), votes, encoder, seed))
    ratios = sorted(slow / fast for fast, slow in zip(cached, anew, strict=True))
    spread = f"rounds {ratios[0]:.0f}–{ratios[-1]:.0f}"
    detail = f"{median(anew):.1f} s against {median(cached):.2f} s, {spread}; the cache took {building:.1f} s"
    return Result(EPOCHS, median(ratios), 10, at_most=False, detail=detail)


def _learning(data: Path, rounds: int) -> Result:
    """Learning and the gate's cross-fitting, on features that are computed, as the Teach panel does."""
    import numpy as np

    from aesthetic_studio.models import registry
    from trainer.data.votes import read_votes
    from trainer.personal.evidence import gather
    from trainer.personal.features import PhotoFeatures, features_of
    from trainer.personal.learning import learn
    from trainer.recipes.recipe import PersonalRecipe, read_as
    from trainer.studies import people

    recipe = read_as(PersonalRecipe, "personal")
    model = registry.load_model(registry.DEFAULT_MODEL, "cpu")
    photos, _ = read_votes(data, model.card.input_size)
    hashes = tuple(people.content(row) for row in range(len(photos)))
    features = PhotoFeatures(hashes, **features_of(model, photos.images))
    person = people.tastes(photos)[0]
    taken = []
    for seed in range(rounds):
        generator = np.random.default_rng(seed)
        judged = people.judge_by_stars(person, generator.permutation(len(photos))[:200], generator)
        begun = time.perf_counter()
        evidence = gather(judged, hashes, recipe.learning.rating_weight)
        learn(
            evidence,
            features,
            np.arange(len(evidence.hashes)),
            learning=recipe.learning,
            gate=recipe.gate,
            seed=seed,
        )
        taken.append(time.perf_counter() - begun)
    detail = f"learning and gate, features cached; rounds {min(taken):.1f}–{max(taken):.1f}"
    return Result(LEARNING, median(taken), 10, unit="s", detail=detail)
