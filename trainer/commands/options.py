"""Options that several commands share, each with one wording; nothing heavy is imported here."""

from __future__ import annotations

import argparse
from pathlib import Path

TABLE_HELP = "a CSV of file and votes1…votes10, stars1…stars5 or mean (and source), or the folder of a ratings.csv"
PHOTOS_HELP = "photos with votes: AVA's folder, a CSV of votes, stars or means, or a catalogue (library.sqlite)"
SERIES_HELP = "series with labelled pairs: FGAesthetics' folder, a CSV of pairs, folders of series, or a catalogue"
SET_HELP = "AVA, FGAesthetics, a CSV of votes, stars, means or pairs, folders of series, or a catalogue"
"""Photos or series, whatever ``open_set`` knows."""
RESAMPLES = 1000
PRECISIONS = ("no", "fp16", "bf16")


def count(text: str) -> int:
    """A whole number of at least 1, as an option's type."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def part(text: str) -> float:
    """A share from 0 that leaves something, as an option's type."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0.0 <= found < 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 to below 1")
    return found


def add_data(parser: argparse.ArgumentParser, help_text: str = PHOTOS_HELP) -> None:
    """``--data PATH``, without which there is nothing to do."""
    parser.add_argument("--data", type=Path, required=True, metavar="PATH", help=help_text)


def add_output(parser: argparse.ArgumentParser, help_text: str = "where to write the run") -> None:
    """``--output FOLDER``."""
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help=help_text)


def add_resamples(parser: argparse.ArgumentParser) -> None:
    """``--resamples N``: how often an interval draws anew."""
    parser.add_argument(
        "--resamples",
        type=count,
        default=RESAMPLES,
        metavar="N",
        help=f"bootstrap resamples of an interval, {RESAMPLES} if not given",
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """``--device NAME``."""
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")


def add_precision(parser: argparse.ArgumentParser) -> None:
    """``--precision``: in which numbers the forward pass is computed; weights stay in 32 bits."""
    parser.add_argument("--precision", choices=PRECISIONS, default="no", help="mixed precision; no is 32 bits")
