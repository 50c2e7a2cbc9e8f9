"""The command ``evaluate``: installed models against people's votes or choices, side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.commands.data import add_set_options, add_validation_share, set_options
from trainer.commands.options import SET_HELP, add_data, add_device, add_resamples

if TYPE_CHECKING:
    import argparse


def add_commands(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register this room's commands."""
    evaluate = subparsers.add_parser("evaluate", help="installed models against people's votes, side by side")
    evaluate.add_argument("model", nargs="+", help="names of installed models; the first is what others compare with")
    add_data(evaluate, SET_HELP)
    add_set_options(evaluate)
    add_validation_share(evaluate)
    evaluate.add_argument(
        "--split", metavar="NAME", help="train, validation, test or all; test if not given and the set states one"
    )
    add_device(evaluate)
    add_resamples(evaluate)
    evaluate.add_argument("--json", action="store_true", help="print numbers for a program")
    evaluate.add_argument("--output", type=Path, metavar="FOLDER", help="write tables, predictions and a report here")
    evaluate.set_defaults(run=_evaluate)


def _evaluate(parsed: argparse.Namespace) -> None:
    from trainer.evaluation.command import run  # noqa: PLC0415

    run(
        list(dict.fromkeys(parsed.model)),
        parsed.data,
        options=set_options(parsed),
        split=parsed.split,
        device=parsed.device,
        resamples=parsed.resamples,
        as_json=parsed.json,
        output=parsed.output,
        say=lambda line: print(line, file=sys.stderr, flush=True),  # noqa: T201
    )
