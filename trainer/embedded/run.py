"""The embedded recipe, step by step: folds trained in memory. Nothing is written before recipe and data are checked."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models import registry
from aesthetic_studio.models.card import DataSource
from aesthetic_studio.models.embedded import ENCODER_FOLDER
from aesthetic_studio.models.encoders import Encoder, load_encoder
from trainer.data.votes import VotedPhotos, read_votes
from trainer.embedded import results
from trainer.embedded.bank import BankRecipe, learn_bank, pool_files, read_pool, save_bank
from trainer.embedded.folds import leave_one_source_out, random_folds
from trainer.embedded.training import Voted, train_head
from trainer.embedded.validation import choice, select
from trainer.embedded.views import encode_views
from trainer.evaluation.table import markdown
from trainer.recipes.recipe import EmbeddedRecipe, read_as
from trainer.runs import RECIPE_FILE, RESULTS_FILE, RunFolder
from trainer.say import progress_bar, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aesthetic_studio.models.card import HeldOut
    from trainer.data.records import Exclusion
    from trainer.embedded.folds import Fold

_Read = tuple[VotedPhotos, "list[Exclusion]"]

RANDOM_FOLDS = 10
BANK_VERSION = "1"


def learn_features(recipe_name: str, pool: Path, output: Path, changes: Sequence[str] = ()) -> None:
    """Learn the frozen bank of a recipe from unlabelled photos and write it to a folder."""
    recipe = read_as(EmbeddedRecipe, recipe_name, changes)
    _learn_bank(_bank(recipe), pool, output)
    say(f"The encoder is in {output}")


def train_recipe(
    recipe: EmbeddedRecipe,
    data: Path,
    output: Path,
    *,
    pool: Path | None,
    encoder: Path | None,
    judge: bool,
    resamples: int,
) -> None:
    """Train a model, judge its recipe by cross-validation, and write both into the run's folder."""
    model_folder = output / "model"
    (photos, excluded), frozen = _ready(recipe, data, model_folder / ENCODER_FOLDER, pool, encoder)
    run = RunFolder(output)
    run.write("excluded.json", [dataclasses.asdict(row) for row in excluded])
    voted = _encode(recipe, frozen, photos)
    judged: tuple[HeldOut, ...] = ()
    if judge:
        found = results.judge(recipe, photos, voted, _protocols(voted), say=say, run=run, resamples=resamples)
        judged = found.held_out()
    say("Choosing on inner folds over all photos")
    best, figure = select(recipe, voted, leave_one_source_out(voted.sources, np.arange(len(photos))), say)
    run.write(RECIPE_FILE, best.as_json())
    run.log({"event": "chosen", "inner_srcc": figure, **choice(best, recipe)})
    say(f"Training {len(best.seeds)} members on {len(photos)} photos")
    head = train_head(voted, np.arange(len(photos)), best, run.log)
    card = results.save_model(best, head, frozen, photos=photos, judged=judged, folder=model_folder)
    run.close()
    say(f"The model {card.name} {card.version} is in {model_folder}, {card.size_bytes / 1e6:.1f} MB")


def cross_validate_recipe(
    recipe_name: str, data: Path, output: Path, encoder: Path | None, resamples: int, changes: Sequence[str] = ()
) -> None:
    """Judge a recipe on photos that it did not learn from, beside the baselines, and print the table."""
    recipe = read_as(EmbeddedRecipe, recipe_name, changes)
    (photos, excluded), frozen = _ready(recipe, data, output / ENCODER_FOLDER, None, encoder)
    run = RunFolder(output)
    run.write("excluded.json", [dataclasses.asdict(row) for row in excluded])
    voted = _encode(recipe, frozen, photos)
    judged = results.judge(recipe, photos, voted, _protocols(voted), say=say, run=run, resamples=resamples)
    run.write(RECIPE_FILE, recipe.as_json())
    run.write(RESULTS_FILE, judged.as_json())
    run.close()
    print(markdown(judged))  # noqa: T201


def _protocols(voted: Voted) -> dict[str, tuple[list[Fold], bool]]:
    """The ways to hold photos out: by source where there are several, and by random folds."""
    rows = np.arange(len(voted.sources))
    protocols = {}
    if len(np.unique(voted.sources)) > 1:
        protocols["leave one source out"] = (leave_one_source_out(voted.sources, rows), True)
    protocols[f"{RANDOM_FOLDS}-fold"] = (random_folds(rows, RANDOM_FOLDS, seed=0), False)
    return protocols


def _ready(
    recipe: EmbeddedRecipe, data: Path, folder: Path, pool: Path | None, given: Path | None
) -> tuple[_Read, Encoder]:
    """The photos with what was left out, and the frozen encoder: of a pool, from a folder, or the bundled model's.

    Whatever is wrong with data, pool or encoder is said before anything is written.
    """
    if pool is not None:
        bank = _bank(recipe)
        pool_files(pool)  # says so where there are none
        photos = _read(data, bank.bank.input_size)
        return photos, _learn_bank(bank, pool, folder)
    if given is None:
        given = registry.find_card(registry.default_model()).weights.parent / ENCODER_FOLDER
    frozen = load_encoder(given)
    return _read(data, frozen.card.input_size), frozen


def _read(data: Path, side: int) -> _Read:
    photos, excluded = read_votes(data, side)
    for row in excluded:
        say(f"left out: {row.file}: {row.reason}")
    return photos, excluded


def _bank(recipe: EmbeddedRecipe) -> BankRecipe:
    if recipe.bank is None:
        raise KnownError(f"{recipe.path}: this recipe has no [bank].", "Name a recipe that learns local features.")
    return recipe.bank.recipe()


def _learn_bank(recipe: BankRecipe, pool: Path, folder: Path) -> Encoder:
    images = read_pool(pool, recipe.photos, recipe.bank.input_size, recipe.seed)
    say(f"Learning local features from {len(images)} photos")
    bank = learn_bank(recipe, images, say)
    source = DataSource(
        name=pool.name,
        photos=len(images),
        licence="unlabelled photos; none of them is part of the model",
        used_for="the dictionaries of patches and their principal components, without any votes",
    )
    save_bank(bank, recipe, folder, version=BANK_VERSION, data=source)
    return load_encoder(folder)


def _encode(recipe: EmbeddedRecipe, encoder: Encoder, photos: VotedPhotos) -> Voted:
    with progress_bar("encoding", "photo") as moved:
        views = encode_views(encoder, photos.images, recipe.augmentation, seed=0, say=moved)
    return Voted(views, photos.votes, photos.sources)
