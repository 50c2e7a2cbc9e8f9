"""The command ``evaluate``: installed models against people's votes, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer.options import add_data, add_device

if TYPE_CHECKING:
    import argparse


def add_commands(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register this room's commands."""
    evaluate = subparsers.add_parser("evaluate", help="an installed model against people's votes")
    evaluate.add_argument("model", nargs="+", help="names of installed models")
    add_data(evaluate)
    add_device(evaluate)
    evaluate.add_argument("--json", action="store_true", help="print numbers for a program")
    evaluate.set_defaults(run=_evaluate)


def _evaluate(parsed: argparse.Namespace) -> None:
    from trainer import embedded_run  # noqa: PLC0415

    embedded_run.evaluate_model(parsed.model, parsed.data, parsed.device, as_json=parsed.json)
