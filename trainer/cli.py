"""The command ``aesthetic-studio-train``: features, training, judging and what people's own choices teach.

Each room brings its own commands: its ``add_commands(subparsers)`` stands once in ``ROOMS``. A command is a parser with
``set_defaults(run=handler)``; the handler takes the parsed arguments and imports torch itself, so that ``--help`` and
a mistyped option answer at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aesthetic_studio.errors import KnownError
from trainer.commands import data, evaluation, report, training
from trainer.personal import cli as personal
from trainer.studies import cli as studies

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, PROBLEM, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

Room = Callable[["argparse._SubParsersAction[Any]"], None]

ROOMS: tuple[Room, ...] = (
    training.add_commands,
    evaluation.add_commands,
    data.add_commands,
    report.add_commands,
    studies.add_commands,
    personal.add_commands,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 done, 1 a problem that is named, 2 wrong usage, 130 interrupted."""
    parsed = parser().parse_args(arguments)
    try:
        parsed.run(parsed)
    except KnownError as error:
        print(f"aesthetic-studio-train: {error.message}\n{error.advice}".rstrip(), file=sys.stderr)  # noqa: T201
        return PROBLEM
    except KeyboardInterrupt:
        return INTERRUPTED
    return DONE


def parser() -> argparse.ArgumentParser:
    """Every room's commands."""
    whole = argparse.ArgumentParser(
        prog="aesthetic-studio-train",
        description="Train, judge and compare models of image aesthetics. COMMAND --help says more of each.",
        epilog="exit codes: 0 done · 1 a problem that is named · 2 wrong usage · 130 interrupted",
    )
    subparsers = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add_commands in ROOMS:
        add_commands(subparsers)
    return whole


if __name__ == "__main__":
    sys.exit(main())
