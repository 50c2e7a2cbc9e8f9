"""The commands that follow recipes: one for each recipe, ``train`` for a recipe of your own, and what serves them."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aesthetic_studio.errors import KnownError
from trainer.commands.data import add_set_options, set_options
from trainer.commands.options import (
    PHOTOS_HELP,
    SERIES_HELP,
    TABLE_HELP,
    add_data,
    add_device,
    add_output,
    add_precision,
    add_resamples,
)
from trainer.recipes.names import listed_recipes

if TYPE_CHECKING:
    import argparse

    from trainer.recipes.sections import SplitSettings

POOL_HELP = "a folder of photos without votes: for local features, or to learn what makes a photo worse"
DISTIL, PERSONAL = "distil", "personal"
"""The latter's command is ``ratings``, which belongs to another room."""


def add_commands(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register this room's commands."""
    for recipe in listed_recipes():
        if recipe.method == PERSONAL:
            continue
        parser = subparsers.add_parser(recipe.name, help=f"train: {recipe.title}")
        _training_options(parser, recipe.method)
        parser.set_defaults(run=partial(_train, recipe.name))
    train = subparsers.add_parser("train", help="train from a recipe of your own")
    train.add_argument("recipe", help="path of a .toml file, or a recipe's name")
    _training_options(train, None)
    train.set_defaults(run=lambda parsed: _train(parsed.recipe, parsed))

    recipes = subparsers.add_parser("recipes", help="list the recipes that come with the program")
    recipes.set_defaults(run=_list)

    validate = subparsers.add_parser("cross-validate", help="judge an embedded recipe on photos it did not learn from")
    validate.add_argument("recipe", help="a recipe's name, or the path of a .toml file")
    add_data(validate, TABLE_HELP)
    add_output(validate)
    _embedded_inputs(validate)
    _add_set(validate)
    add_resamples(validate)
    validate.set_defaults(run=_cross_validate)

    bank = subparsers.add_parser("bank", help="learn frozen local features from unlabelled photos")
    bank.add_argument("--recipe", default="local-features", help="the recipe whose [bank] is followed")
    bank.add_argument("--pool", type=Path, required=True, metavar="FOLDER", help=POOL_HELP)
    add_output(bank, "where to write the encoder")
    _add_set(bank)
    bank.set_defaults(run=_learn_bank)


def _training_options(parser: argparse.ArgumentParser, method: str | None) -> None:
    """The options of one method's recipes; of all of them where it is not known yet."""
    if method == DISTIL:
        add_output(parser, "where to write the run and the encoder")
        _add_set(parser)
        parser.add_argument("--pool", type=Path, metavar="FOLDER", help="photos, without votes")
        _add_teacher(parser)
        parser.add_argument("--cache", type=Path, metavar="FOLDER", help="where to keep the lessons; else in the run")
        _resumable(parser)
        return
    parser.add_argument("--data", type=Path, metavar="PATH", help=TABLE_HELP if method == "embedded" else PHOTOS_HELP)
    add_output(parser, "where to write the run and the model")
    _add_set(parser)
    add_resamples(parser)
    if method in (None, "embedded"):
        _embedded_options(parser)
    if method in (None, "queries", "sweep"):
        _cache_options(parser)
    if method is None:
        _add_teacher(parser)
    if method in (None, "fgaesq"):
        parser.add_argument("--series", type=Path, metavar="PATH", help=SERIES_HELP)
        parser.add_argument("--comparisons", type=Path, metavar="FILE", help="a CSV of better, reference and text")
    if method != "embedded":
        _run_options(parser)


def _embedded_options(parser: argparse.ArgumentParser) -> None:
    _embedded_inputs(parser)
    parser.add_argument(
        "--no-judging", action="store_true", help="train only, without the cross-validation for the card"
    )


def _embedded_inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pool", type=Path, metavar="FOLDER", help=POOL_HELP)
    parser.add_argument(
        "--encoder", type=Path, metavar="FOLDER", help="a frozen encoder's folder; the bundled one without it"
    )


def _cache_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--features", type=Path, metavar="FOLDER", help="features that the command features made, instead of --data"
    )
    parser.add_argument(
        "--cache", type=Path, metavar="FOLDER", help="where to keep the features of --data; in the run without it"
    )


def _add_teacher(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--teacher",
        action="append",
        default=[],
        metavar="SPEC",
        help="of a student: a .tflite file, or a tower of open_clip (ViT-B-16:openai); may be given again",
    )


def _run_options(parser: argparse.ArgumentParser) -> None:
    add_set_options(parser)
    _resumable(parser)


def _resumable(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--resume", action="store_true", help="go on with the run in --output where it stopped")
    add_device(parser)
    add_precision(parser)


def _add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        dest="changes",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a key of the recipe, as in --set training.epochs=3; may be given again",
    )


def _train(name: str, parsed: argparse.Namespace) -> None:
    from trainer.recipes import recipe as recipes  # noqa: PLC0415

    found = recipes.read_recipe(name, parsed.changes)
    if isinstance(found, recipes.EmbeddedRecipe):
        from trainer.embedded.run import train_recipe  # noqa: PLC0415

        train_recipe(
            found,
            _needed(parsed, "data"),
            parsed.output,
            pool=parsed.pool,
            encoder=parsed.encoder,
            judge=not parsed.no_judging,
            resamples=parsed.resamples,
        )
    elif isinstance(found, recipes.QueryRecipe | recipes.SweepRecipe):
        if (parsed.data is None) == (parsed.features is None):
            raise KnownError("Either --data or --features is needed.", "Name photos with votes, or features of them.")
        from trainer.queries.run import QueryOptions, train_queries  # noqa: PLC0415
        from trainer.queries.sweep import sweep  # noqa: PLC0415

        splits = (found.points[0][2] if isinstance(found, recipes.SweepRecipe) else found).data
        options = QueryOptions(features=parsed.features, cache=parsed.cache, **_common(parsed, splits))
        if isinstance(found, recipes.SweepRecipe):
            sweep(found, options)
        else:
            train_queries(found, options)
    elif isinstance(found, recipes.FGAesQRecipe):
        from trainer.fgaesq.run import FGAesQOptions, train  # noqa: PLC0415

        options_of_both = _common(parsed, found.data)
        train(found, FGAesQOptions(series=parsed.series, comparisons=parsed.comparisons, **options_of_both))
    elif isinstance(found, recipes.DistilRecipe):
        from trainer.distil.run import DistilOptions, distil  # noqa: PLC0415

        names = ("output", "cache", "resume", "device", "precision")
        given = {name: getattr(parsed, name) for name in names}
        distil(found, DistilOptions(pool=_needed(parsed, "pool"), teachers=tuple(parsed.teacher), **given))
    else:
        raise KnownError(f"{found.path}: a personal model learns from your own choices.", "Use the command ratings.")


def _common(parsed: argparse.Namespace, splits: SplitSettings) -> dict[str, Any]:
    names = ("output", "data", "resume", "device", "precision", "resamples")
    read = set_options(parsed)
    # AVA names no photos to choose by: the recipe says how many, here as for every other set.
    read["protocol"] = dataclasses.replace(read["protocol"], validation=splits.validation, seed=splits.draw)
    return {"set_options": read, **{name: getattr(parsed, name) for name in names}}


def _needed(parsed: argparse.Namespace, name: str) -> Any:
    found = getattr(parsed, name)
    if found is None:
        raise KnownError(f"--{name} is needed for this recipe.", "See the command's --help.")
    return found


def _list(parsed: argparse.Namespace) -> None:
    del parsed
    recipes = listed_recipes()
    width = max(len(recipe.name) for recipe in recipes)
    for recipe in recipes:
        print(f"{recipe.name:<{width}}  {recipe.method:<8}  {recipe.title}")  # noqa: T201


def _cross_validate(parsed: argparse.Namespace) -> None:
    from trainer.embedded.run import cross_validate_recipe  # noqa: PLC0415

    cross_validate_recipe(
        parsed.recipe,
        parsed.data,
        parsed.output,
        pool=parsed.pool,
        encoder=parsed.encoder,
        resamples=parsed.resamples,
        changes=parsed.changes,
    )


def _learn_bank(parsed: argparse.Namespace) -> None:
    from trainer.embedded.run import learn_features  # noqa: PLC0415

    learn_features(parsed.recipe, parsed.pool, parsed.output, parsed.changes)
