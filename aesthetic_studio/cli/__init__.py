"""The command line: all that the window does, without a window.

Standard output holds the result and nothing else; progress, advice and unreadable files go to standard error. Exit
codes: 0 done, 1 done with unreadable files, 2 wrong usage or something in the way, 3 a fault of this program (a log
file has it), 130 interrupted.

This module is imported before anything is known about what to do, so it imports next to nothing.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

DONE = 0
DONE_WITH_UNREADABLE = 1
IN_THE_WAY = 2
OUR_FAULT = 3
PIPE_CLOSED = 141
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no traceback ever reaches the terminal."""
    _make_output_safe()
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        _say("Interrupted. What was done by then is kept.")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing may be flushed into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        return _explain(error)


def _run(argv: Sequence[str]) -> int:
    from aesthetic_studio.cli.arguments import parse

    arguments = parse(argv)
    if arguments.temp_library:
        return _with_temporary_library(arguments)
    return _dispatch(arguments)


def _dispatch(arguments: argparse.Namespace) -> int:
    """Import the command's own module, and at most one as light."""
    command: str | None = arguments.command
    if command is None:
        from aesthetic_studio.cli.window import open_window

        return open_window(arguments)
    if command in {"doctor", "models"}:
        from aesthetic_studio.cli.about import doctor
        from aesthetic_studio.cli.models import models

        return (doctor if command == "doctor" else models)(arguments)
    if command in {"cull", "verdicts"}:
        from aesthetic_studio.cli.culling import cull
        from aesthetic_studio.cli.verdicts import verdicts

        return (cull if command == "cull" else verdicts)(arguments)
    if command in {"find", "similar", "duplicates"}:
        from aesthetic_studio.cli.finding import COMMANDS

        return COMMANDS[command](arguments)
    if command in {"decide", "burst", "undo", "redo", "compare"}:
        from aesthetic_studio.cli.deciding import COMMANDS as DECIDING

        return DECIDING[command](arguments)
    from aesthetic_studio.cli import commands as cli_commands

    return cli_commands.COMMANDS[command](arguments)


def _with_temporary_library(arguments: argparse.Namespace) -> int:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="aesthetic-studio-") as folder:
        arguments.library = Path(folder) / "library.sqlite"
        return _dispatch(arguments)


def _explain(error: Exception) -> int:
    """Say what is in the way and what to do; a fault of ours goes to the log with its traceback."""
    from aesthetic_studio.errors import KnownError

    if isinstance(error, KnownError):
        _say(f"{error.message} {error.advice}".strip())
        return IN_THE_WAY
    from aesthetic_studio.cli.log import write_log

    log = write_log(error)
    kept = f"The details are in {log}." if log else "The log could not be written either."
    _say(f"This is a fault of Aesthetic Studio: {type(error).__name__}: {error}. {kept}")
    return OUR_FAULT


def _make_output_safe() -> None:
    """Let a terminal that cannot show a name show it escaped, and not stop the program."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _say(message: str) -> None:
    from aesthetic_studio.paths import shown

    sys.stderr.write(f"aesthetic-studio: {shown(message)}\n")


if __name__ == "__main__":
    sys.exit(main())
