"""The command ``ratings``: learn from the library's own judgements; nothing heavy is imported here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

PREVIOUS = -1
"""``--revert`` without a number."""


def add_commands(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register this room's command."""
    ratings = subparsers.add_parser(
        "ratings",
        help="a personal model from your own stars, picks, rejects and choices",
        description="Learn from the judgements of a library, on top of an installed model. The result scores from now "
        "on only if it is better than that model on judgements that it did not learn from.",
    )
    ratings.add_argument("--library", type=Path, metavar="FILE", help="the library; your own if not given")
    ratings.add_argument("--base", metavar="MODEL", help="the installed model to start from; the recipe's if not given")
    ratings.add_argument("--name", metavar="NAME", help="of the personal model; the recipe's (personal) if not given")
    ratings.add_argument("--recipe", default="personal", metavar="RECIPE", help="a recipe's name or .toml file")
    ratings.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change one value of the recipe (gate.folds=4)"
    )
    ratings.add_argument("--json", action="store_true", help="print the result for a program")
    what = ratings.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="say what would come of it; keep and install nothing")
    what.add_argument(
        "--revert",
        nargs="?",
        type=_number,
        const=PREVIOUS,
        metavar="N",
        help="go back to version N, 0 for the base; without N to the version before",
    )
    what.add_argument("--list", action="store_true", help="every version with what it learned from and reached")
    ratings.set_defaults(run=_ratings)


def _ratings(parsed: argparse.Namespace) -> None:
    from trainer.personal import commands  # noqa: PLC0415
    from trainer.recipes.recipe import PersonalRecipe, read_as  # noqa: PLC0415

    changes = [*parsed.set, *([f'base="{parsed.base}"'] if parsed.base else [])]
    recipe = read_as(PersonalRecipe, parsed.recipe, changes)
    name = parsed.name or recipe.name
    if parsed.list:
        commands.list_versions(name, as_json=parsed.json)
    elif parsed.revert is not None:
        commands.revert(name, None if parsed.revert == PREVIOUS else parsed.revert)
    else:
        commands.teach(parsed.library, recipe, name, dry_run=parsed.dry_run, as_json=parsed.json)


def _number(text: str) -> int:
    import argparse  # noqa: PLC0415

    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a version's number")
    return int(text)
