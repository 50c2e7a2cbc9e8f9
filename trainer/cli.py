"""The command ``aesthetic-studio-train``: train, cross-validate and evaluate models."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from aesthetic_studio.errors import KnownError
from trainer.recipe_names import installed_recipes

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, PROBLEM, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

DATA_HELP = "a CSV with file and stars1…stars5 or votes1…votes10 (and source), or the folder of a ratings.csv"
POOL_HELP = "a folder of photos to learn the frozen features from; the bundled ones are used without it"


RESAMPLES = 1000
RESAMPLES_HELP = f"bootstrap resamples of an interval, {RESAMPLES} if not given"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 done, 1 a problem that is named, 2 wrong usage, 130 interrupted."""
    parsed = _parser().parse_args(arguments)
    try:
        return _run(parsed)
    except KnownError as error:
        print(f"aesthetic-studio-train: {error.message}\n{error.advice}".rstrip(), file=sys.stderr)  # noqa: T201
        return PROBLEM
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(parsed: argparse.Namespace) -> int:
    # Torch is imported only when there is work, so that --help and a wrong recipe answer at once.
    from trainer import commands  # noqa: PLC0415

    if parsed.command == "bank":
        commands.learn_features(parsed.recipe, parsed.pool, parsed.output)
    elif parsed.command == "cross-validate":
        commands.cross_validate_recipe(parsed.recipe, parsed.data, parsed.output, parsed.encoder, parsed.resamples)
    elif parsed.command == "evaluate":
        commands.evaluate_model(parsed.model, parsed.data, parsed.device, as_json=parsed.json)
    else:
        recipe = parsed.command if parsed.command != "train" else parsed.recipe
        commands.train_recipe(
            recipe,
            parsed.data,
            parsed.output,
            pool=parsed.pool,
            encoder=parsed.encoder,
            judge=not parsed.no_judging,
            resamples=parsed.resamples,
        )
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aesthetic-studio-train", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in installed_recipes():
        _training_options(commands.add_parser(name, help=f"train from the recipe {name}"))
    train = commands.add_parser("train", help="train from a recipe of your own")
    train.add_argument("recipe", help="path of a .toml file, or a recipe's name")
    _training_options(train)

    validate = commands.add_parser("cross-validate", help="judge a recipe on photos that it did not learn from")
    validate.add_argument("recipe", help="a recipe's name, or the path of a .toml file")
    validate.add_argument("--data", type=Path, required=True, metavar="PATH", help=DATA_HELP)
    validate.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="where to write the run")
    validate.add_argument("--encoder", type=Path, metavar="FOLDER", help="a frozen encoder's folder")
    validate.add_argument("--resamples", type=_count, default=RESAMPLES, metavar="N", help=RESAMPLES_HELP)

    evaluate = commands.add_parser("evaluate", help="an installed model against people's votes")
    evaluate.add_argument("model", nargs="+", help="names of installed models")
    evaluate.add_argument("--data", type=Path, required=True, metavar="PATH", help=DATA_HELP)
    evaluate.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    evaluate.add_argument("--json", action="store_true", help="print numbers for a program")

    bank = commands.add_parser("bank", help="learn frozen local features from unlabelled photos")
    bank.add_argument("--recipe", default="embedded", help="the recipe whose [bank] is followed")
    bank.add_argument("--pool", type=Path, required=True, metavar="FOLDER", help=POOL_HELP)
    bank.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="where to write the encoder")
    return parser


def _training_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="PATH", help=DATA_HELP)
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FOLDER", help="where to write the run and the model"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--pool", type=Path, metavar="FOLDER", help=POOL_HELP)
    source.add_argument("--encoder", type=Path, metavar="FOLDER", help="a frozen encoder's folder")
    parser.add_argument("--resamples", type=_count, default=RESAMPLES, metavar="N", help=RESAMPLES_HELP)
    parser.add_argument(
        "--no-judging", action="store_true", help="train only, without the cross-validation for the card"
    )


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
