"""The benchmarks: each number of the programme as a ratio within one run, with its bar.

    python tests/benchmarks/run.py [--only PART]... [--quick] [--json FILE]

Ends with 0 when every bar that could be measured is met, else 1.
"""

# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import Result, machine

from aesthetic_studio.errors import KnownError

PARTS = (
    "index",
    "scoring",
    "rescan",
    "library",
    "finding",
    "window",
    "loupe",
    "memory",
    "faces",
    "bursts",
    "cull",
    "training",
)
BROKEN = "broken: "


def main() -> int:
    """Run the parts that were asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=PARTS, help="measure only this (may be given again)")
    parser.add_argument(
        "--quick", action="store_true", help="fewer rounds and smaller trees: a look, not a measurement"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    arguments = parser.parse_args()
    print(machine())
    print()
    results: list[Result] = []
    for part in arguments.only or PARTS:
        print(f"measuring {part} …", file=sys.stderr, flush=True)
        found = run_part(part, quick=arguments.quick)
        results += found
        print_rows(found)
    missed = [result for result in results if result.met is False]
    unmeasured = [result for result in results if result.met is None]
    broken = [result for result in unmeasured if result.detail.startswith(BROKEN)]
    print()
    print(f"{len(results) - len(missed) - len(unmeasured)} met, {len(missed)} missed, {len(unmeasured)} not measured")
    if arguments.json:
        arguments.json.write_text(json.dumps([{**vars(result), "met": result.met} for result in results], indent=2))
    return 1 if missed or broken else 0


def run_part(part: str, *, quick: bool) -> list[Result]:
    """Measure one part; one that breaks is told as such and does not keep the others from being measured."""
    try:
        found: list[Result] = importlib.import_module(f"bench_{part}").measure(quick=quick)
    except (KnownError, SystemExit) as error:
        return [Result(part, None, 0, detail=f"{BROKEN}{error}")]
    return found


def print_rows(results: list[Result]) -> None:
    """One line a number: what, measured, bar, verdict, detail."""
    for result in results:
        value = "–" if result.value is None else f"{result.value:.2f} {result.unit}"
        bar = f"{'≤' if result.at_most else '≥'} {result.bar:g} {result.unit}"
        verdict = {True: "met", False: "MISSED", None: "not measured"}[result.met]
        print(f"{result.name:<44} {value:>14}   {bar:>14}   {verdict:<12} {result.detail}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
