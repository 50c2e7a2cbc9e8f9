"""The embedded recipe, step by step: folds trained in memory. Nothing is written before recipe and data are checked."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models import registry
from aesthetic_studio.models.card import DataSource
from aesthetic_studio.models.encoders import load_encoder
from aesthetic_studio.models.places import ENCODER_FOLDER
from trainer.data.files import photo_files
from trainer.data.votes import read_votes
from trainer.embedded import results
from trainer.embedded.bank import BankRecipe, learn_bank, read_pool, save_bank
from trainer.embedded.folds import leave_one_source_out, random_folds
from trainer.embedded.merit import MeritJudged, begin_merit, cooled, judge_merit, learn_merit
from trainer.embedded.series import drawn, encode_series, photo_of
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
    from aesthetic_studio.models.encoders import Encoder
    from aesthetic_studio.models.merit import Merit
    from trainer.data.records import Exclusion
    from trainer.data.votes import VotedPhotos
    from trainer.embedded.folds import Fold
    from trainer.embedded.series import EncodedSeries

RANDOM_FOLDS = 10
REFERENCE_PHOTOS, REFERENCE_SEED = 2000, 0
"""Of the pool: by their scores a score is told as a standing among varied photos."""
BANK_VERSION = "1"


def learn_features(recipe_name: str, pool: Path, output: Path, changes: Sequence[str] = ()) -> None:
    """Learn the frozen bank of a recipe from unlabelled photos and write it to a folder."""
    recipe = read_as(EmbeddedRecipe, recipe_name, changes)
    _learn_bank(_bank(recipe), pool, output)
    say(f"The encoder is in {output}")


@dataclasses.dataclass(frozen=True, slots=True)
class _Given:
    """All that a run stands on, checked before anything is written.

    Attributes:
        photos: With votes.
        excluded: What of them was left out.
        encoder: Frozen.
        series: Degraded series of a pool, where the recipe learns from them.
        merit: That is to learn from them; it knows the encoder and nothing else.
    """

    photos: VotedPhotos
    excluded: list[Exclusion]
    encoder: Encoder
    series: EncodedSeries | None
    merit: Merit | None


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
    given = _ready(recipe, data, model_folder / ENCODER_FOLDER, pool, encoder)
    run, voted = _begin(recipe, output, given)
    judged: tuple[HeldOut, ...] = ()
    within = MeritJudged()
    if judge:
        found = results.judge(recipe, given.photos, voted, _protocols(voted), say=say, run=run, resamples=resamples)
        judged = found.held_out()
        if given.series is not None and pool is not None:
            say(f"Judging the order of series of {pool.name}")
            within = judge_merit(given.merit, given.series, recipe.degraded, pool.name, resamples)
            judged += within.held_out
            run.log({"event": "merit", "temperature": within.temperature})
    say("Choosing on inner folds over all photos")
    rows = np.arange(len(given.photos))
    best, figure = select(recipe, voted, leave_one_source_out(voted.sources, rows), say)
    run.write(RECIPE_FILE, best.as_json())
    run.log({"event": "chosen", "inner_srcc": figure, **choice(best, recipe)})
    say(f"Training {len(best.seeds)} members on {len(rows)} photos")
    head = train_head(voted, rows, best, run.log)
    if given.series is not None:
        say(f"Learning the order of {len(given.series)} series")
        merit = learn_merit(given.merit, given.series, recipe.degraded, run.log)
        head.merit = merit and cooled(merit, within.temperature)
    reference = None
    if pool is not None:
        say("Scoring photos of the pool, to tell a score as a standing among them")
        some = drawn(photo_files(pool), REFERENCE_PHOTOS, REFERENCE_SEED)
        reference = results.refer(head, given.encoder, some, pool.name)
    card = results.save_model(
        best,
        head,
        given.encoder,
        photos=given.photos,
        judged=judged,
        folder=model_folder,
        more_data=_series_source(recipe, given, pool),
        reference=reference,
    )
    run.close()
    say(f"The model {card.name} {card.version} is in {model_folder}, {card.size_bytes / 1e6:.1f} MB")


def cross_validate_recipe(
    recipe_name: str,
    data: Path,
    output: Path,
    *,
    pool: Path | None,
    encoder: Path | None,
    resamples: int,
    changes: Sequence[str] = (),
) -> None:
    """Judge a recipe on photos that it did not learn from, beside the baselines, and print the table."""
    recipe = read_as(EmbeddedRecipe, recipe_name, changes)
    # Merit is no part of what is judged here, so no series are made for it.
    queries = dataclasses.replace(recipe, degraded=dataclasses.replace(recipe.degraded, merit_steps=0))
    given = _ready(queries, data, output / ENCODER_FOLDER, pool, encoder)
    run, voted = _begin(recipe, output, given)
    judged = results.judge(recipe, given.photos, voted, _protocols(voted), say=say, run=run, resamples=resamples)
    run.write(RECIPE_FILE, recipe.as_json())
    run.write(RESULTS_FILE, judged.as_json())
    run.close()
    print(markdown(judged))  # noqa: T201


def _begin(recipe: EmbeddedRecipe, output: Path, given: _Given) -> tuple[RunFolder, Voted]:
    """The run's folder, and the encoded photos with what is learned beside them."""
    run = RunFolder(output)
    run.write("excluded.json", [dataclasses.asdict(row) for row in given.excluded])
    with progress_bar("encoding", "photo") as moved:
        views = encode_views(given.encoder, given.photos.images, recipe.augmentation, seed=0, say=moved)
    return run, Voted(views, given.photos.votes, given.photos.sources, given.series)


def _protocols(voted: Voted) -> dict[str, tuple[list[Fold], bool]]:
    """The ways to hold photos out: by source where there are several, and by random folds."""
    rows = np.arange(len(voted.sources))
    protocols = {}
    if len(np.unique(voted.sources)) > 1:
        protocols["leave one source out"] = (leave_one_source_out(voted.sources, rows), True)
    protocols[f"{RANDOM_FOLDS}-fold"] = (random_folds(rows, RANDOM_FOLDS, seed=0), False)
    return protocols


def _ready(recipe: EmbeddedRecipe, data: Path, folder: Path, pool: Path | None, encoder: Path | None) -> _Given:
    """What a run stands on; the frozen encoder is of a pool, from a folder, or the bundled model's."""
    if recipe.degraded.learns and pool is None:
        raise KnownError(
            f"{recipe.path}: this recipe learns from degraded photos too.",
            "Name a folder of photos without votes with --pool, or set degraded.photos = 0.",
        )
    if recipe.bank is not None and pool is None and encoder is None:
        raise KnownError(
            f"{recipe.path}: this recipe learns local features.",
            "Name a folder of photos without votes with --pool, or features that were learned before with --encoder.",
        )
    if pool is not None:
        photo_files(pool)  # says so where there are none
    if recipe.bank is not None and pool is not None and encoder is None:
        photos, excluded = _read(data, recipe.bank.input_size)
        frozen = _learn_bank(_bank(recipe), pool, folder)
    else:
        frozen = load_encoder(encoder or registry.find_card(registry.default_model()).weights.parent / ENCODER_FOLDER)
        photos, excluded = _read(data, frozen.card.input_size)
    return _Given(photos, excluded, frozen, *_series(recipe, frozen, pool))


def _series(recipe: EmbeddedRecipe, encoder: Encoder, pool: Path | None) -> tuple[EncodedSeries | None, Merit | None]:
    worse = recipe.degraded
    if pool is None or not worse.learns:
        return None, None
    say(f"Making {worse.photos} photos of {pool.name} worse in known steps")
    files = drawn(photo_files(pool), worse.photos, worse.seed)
    merit = begin_merit(files, encoder, worse)
    return encode_series(files, encoder, seed=worse.seed, kinds=worse.faults, merit=merit, say=say), merit


def _series_source(recipe: EmbeddedRecipe, given: _Given, pool: Path | None) -> tuple[DataSource, ...]:
    """What the card says of the photos that were made worse."""
    if given.series is None or pool is None:
        return ()
    photos = len({photo_of(one.name) for one in given.series.series})
    used_for = "copies made worse in known steps, whose order the model learned; no votes"
    return (DataSource(pool.name, photos, recipe.card.pool_licence, used_for),)


def _read(data: Path, side: int) -> tuple[VotedPhotos, list[Exclusion]]:
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
