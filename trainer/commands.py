"""The commands that follow recipes: one for each recipe, ``train`` for a recipe of your own, and what serves them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.options import add_data, add_output, add_resamples
from trainer.recipe_names import installed_recipes

if TYPE_CHECKING:
    import argparse

POOL_HELP = "a folder of photos to learn the frozen features from; the bundled ones are used without it"


def add_commands(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register this room's commands."""
    for name in installed_recipes():
        parser = subparsers.add_parser(name, help=f"train from the recipe {name}")
        _training_options(parser)
        parser.set_defaults(run=partial(_train, name))
    train = subparsers.add_parser("train", help="train from a recipe of your own")
    train.add_argument("recipe", help="path of a .toml file, or a recipe's name")
    _training_options(train)
    train.set_defaults(run=lambda parsed: _train(parsed.recipe, parsed))

    validate = subparsers.add_parser("cross-validate", help="judge a recipe on photos that it did not learn from")
    validate.add_argument("recipe", help="a recipe's name, or the path of a .toml file")
    add_data(validate)
    add_output(validate)
    validate.add_argument("--encoder", type=Path, metavar="FOLDER", help="a frozen encoder's folder")
    add_resamples(validate)
    validate.set_defaults(run=_cross_validate)

    bank = subparsers.add_parser("bank", help="learn frozen local features from unlabelled photos")
    bank.add_argument("--recipe", default="embedded", help="the recipe whose [bank] is followed")
    bank.add_argument("--pool", type=Path, required=True, metavar="FOLDER", help=POOL_HELP)
    add_output(bank, "where to write the encoder")
    bank.set_defaults(run=_learn_bank)


def _training_options(parser: argparse.ArgumentParser) -> None:
    add_data(parser)
    add_output(parser, "where to write the run and the model")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--pool", type=Path, metavar="FOLDER", help=POOL_HELP)
    source.add_argument("--encoder", type=Path, metavar="FOLDER", help="a frozen encoder's folder")
    add_resamples(parser)
    parser.add_argument(
        "--no-judging", action="store_true", help="train only, without the cross-validation for the card"
    )


def _train(recipe: str, parsed: argparse.Namespace) -> None:
    from trainer import embedded_run  # noqa: PLC0415

    embedded_run.train_recipe(
        recipe,
        parsed.data,
        parsed.output,
        pool=parsed.pool,
        encoder=parsed.encoder,
        judge=not parsed.no_judging,
        resamples=parsed.resamples,
    )


def _cross_validate(parsed: argparse.Namespace) -> None:
    from trainer import embedded_run  # noqa: PLC0415

    embedded_run.cross_validate_recipe(parsed.recipe, parsed.data, parsed.output, parsed.encoder, parsed.resamples)


def _learn_bank(parsed: argparse.Namespace) -> None:
    from trainer import embedded_run  # noqa: PLC0415

    embedded_run.learn_features(parsed.recipe, parsed.pool, parsed.output)
