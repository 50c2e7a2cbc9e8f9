"""What each command does, step by step; nothing is written before the recipe and the data have been checked."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING

import numpy as np
import torch
from tqdm import tqdm

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models import registry
from aesthetic_studio.models.card import DataSource
from aesthetic_studio.models.embedded import ENCODER_FOLDER
from aesthetic_studio.models.encoders import Encoder, load_encoder
from trainer import results
from trainer.bank import learn_bank, read_pool, save_bank
from trainer.data.votes import VotedPhotos, read_votes
from trainer.folds import leave_one_source_out, random_folds
from trainer.recipe import Recipe, read_recipe
from trainer.runs import RunFolder
from trainer.training import Voted, train_head
from trainer.validation import choice, select
from trainer.views import encode_views

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.data.records import Exclusion
    from trainer.folds import Fold

RANDOM_FOLDS = 10
BANK_VERSION = "1"


def say(line: str) -> None:
    """Tell the person at the terminal how it goes; results alone go to standard output."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def learn_features(recipe_name: str, pool: Path, output: Path) -> None:
    """Learn the frozen bank of a recipe from unlabelled photos and write it to a folder."""
    _learn_bank(read_recipe(recipe_name), pool, output)
    say(f"The encoder is in {output}")


def train_recipe(
    recipe_name: str, data: Path, output: Path, *, pool: Path | None, encoder: Path | None, judge: bool, resamples: int
) -> None:
    """Train a model, judge its recipe by cross-validation, and write both into the run's folder."""
    recipe = read_recipe(recipe_name)
    run = RunFolder(output)
    model_folder = output / "model"
    frozen = _encoder(recipe, model_folder / ENCODER_FOLDER, pool, encoder)
    photos, voted = _encode(recipe, frozen, data, run)
    judged = (
        results.judge(recipe, photos, voted, _protocols(voted), say=say, run=run, resamples=resamples) if judge else []
    )
    say("Choosing on inner folds over all photos")
    best, figure = select(recipe, voted, leave_one_source_out(voted.sources, np.arange(len(photos))), say)
    run.write("recipe.json", best.as_json())
    run.log({"event": "chosen", "inner_srcc": figure, **choice(best, recipe)})
    say(f"Training {len(best.seeds)} members on {len(photos)} photos")
    head = train_head(voted, np.arange(len(photos)), best, run.log)
    card = results.save_model(best, head, frozen, photos=photos, judged=judged, folder=model_folder)
    run.close()
    say(f"The model {card.name} {card.version} is in {model_folder}, {card.size_bytes / 1e6:.1f} MB")


def cross_validate_recipe(recipe_name: str, data: Path, output: Path, encoder: Path | None, resamples: int) -> None:
    """Judge a recipe on photos that it did not learn from, beside the baselines, and print the table."""
    recipe = read_recipe(recipe_name)
    run = RunFolder(output)
    frozen = _encoder(recipe, output / ENCODER_FOLDER, None, encoder)
    photos, voted = _encode(recipe, frozen, data, run)
    judged = results.judge(recipe, photos, voted, _protocols(voted), say=say, run=run, resamples=resamples)
    run.write("recipe.json", recipe.as_json())
    run.close()
    print(results.table(judged))  # noqa: T201


def evaluate_model(names: list[str], data: Path, device: str, *, as_json: bool) -> None:
    """Compare installed models with people's votes and print one table."""
    found = []
    for name in names:
        model = registry.load_model(name, device)
        photos, excluded = read_votes(data, model.card.input_size)
        _report(excluded)
        if any(source.name.split("/")[0] == photos.name for source in model.card.training_data):
            say(f"{name} learned from {photos.name}: these are no held-out figures, its card has those")
        batches = torch.split(torch.from_numpy(photos.images), 32)
        answers = [model.score(model.encode(batch)).probabilities.double().cpu() for batch in batches]
        predicted = torch.cat(answers).numpy()
        found += results.held_out(photos, np.arange(len(photos)), predicted, protocol="as installed", subject=name)
    if as_json:
        rows = [dataclasses.asdict(row) for row in found]
        print(json.dumps(rows, indent=2))  # noqa: T201
    else:
        print(results.table(found))  # noqa: T201


def _protocols(voted: Voted) -> dict[str, tuple[list[Fold], bool]]:
    """The ways to hold photos out: by source where there are several, and by random folds."""
    rows = np.arange(len(voted.sources))
    protocols = {}
    if len(np.unique(voted.sources)) > 1:
        protocols["leave one source out"] = (leave_one_source_out(voted.sources, rows), True)
    protocols[f"{RANDOM_FOLDS}-fold"] = (random_folds(rows, RANDOM_FOLDS, seed=0), False)
    return protocols


def _encoder(recipe: Recipe, folder: Path, pool: Path | None, given: Path | None) -> Encoder:
    """The frozen encoder: learned from a pool, from a folder, or the bundled model's."""
    if pool is not None:
        return _learn_bank(recipe, pool, folder)
    if given is not None:
        return load_encoder(given)
    return load_encoder(registry.find_card(registry.default_model()).weights.parent / ENCODER_FOLDER)


def _learn_bank(recipe: Recipe, pool: Path, folder: Path) -> Encoder:
    if recipe.bank is None:
        raise KnownError(f"{recipe.path}: this recipe has no [bank].", "Name a recipe that learns local features.")
    images = read_pool(pool, recipe.bank.photos, recipe.bank.bank.input_size, recipe.bank.seed)
    say(f"Learning local features from {len(images)} photos")
    bank = learn_bank(recipe.bank, images, say)
    source = DataSource(
        name=pool.name,
        photos=len(images),
        licence="unlabelled photos; none of them is part of the model",
        used_for="the dictionaries of patches and their principal components, without any votes",
    )
    save_bank(bank, recipe.bank, folder, version=BANK_VERSION, data=source)
    return load_encoder(folder)


def _encode(recipe: Recipe, encoder: Encoder, data: Path, run: RunFolder) -> tuple[VotedPhotos, Voted]:
    photos, excluded = read_votes(data, encoder.card.input_size)
    _report(excluded)
    run.write("excluded.json", [dataclasses.asdict(row) for row in excluded])
    with tqdm(total=len(photos), desc="encoding", unit="photo", disable=not sys.stderr.isatty()) as bar:
        views = encode_views(
            encoder, photos.images, recipe.augmentation, seed=0, say=lambda done, _: bar.update(done - bar.n)
        )
    return photos, Voted(views, photos.votes, photos.sources)


def _report(excluded: list[Exclusion]) -> None:
    for row in excluded:
        say(f"left out: {row.file}: {row.reason}")
