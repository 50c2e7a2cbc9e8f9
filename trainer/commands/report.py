"""The command ``report``: a run's page and plots, made again from what the run left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def add_commands(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register this room's commands."""
    report = subparsers.add_parser("report", help="write a run's report.html and plots again")
    report.add_argument("run_folder", type=Path, metavar="RUN", help="the folder that a run wrote to, finished or not")
    report.set_defaults(run=_report)


def _report(parsed: argparse.Namespace) -> None:
    from trainer.report import write_report  # noqa: PLC0415

    print(write_report(parsed.run_folder))  # noqa: T201
