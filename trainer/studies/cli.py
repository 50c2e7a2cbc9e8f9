"""The command ``study``: one subcommand for each question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.commands.options import add_data, add_output, add_resamples, count

if TYPE_CHECKING:
    import argparse

Study = Callable[["argparse._SubParsersAction[Any]"], None]


def add_commands(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register this room's command."""
    study = subparsers.add_parser("study", help="ask one question of the methods, and answer with a table")
    names = study.add_subparsers(dest="study", required=True, metavar="NAME")
    for add_study in STUDIES:
        add_study(names)


def _teacher(names: argparse._SubParsersAction[Any]) -> None:
    parser = names.add_parser("teacher", help="learnable queries against ridge regression, over one frozen encoder")
    add_data(parser)
    parser.add_argument(
        "--encoder", required=True, metavar="SPEC", help="a frozen encoder: a .tflite file, a folder, or a name"
    )
    _output(parser)
    parser.add_argument(
        "--seeds", type=count, default=10, metavar="N", help="members that are averaged, 10 if not given"
    )
    parser.add_argument("--random-folds", type=count, default=10, metavar="N", help="10 if not given")
    add_resamples(parser)

    def run(parsed: argparse.Namespace) -> None:
        from trainer.studies.teacher import TeacherSettings, study  # noqa: PLC0415

        settings = TeacherSettings(seeds=parsed.seeds, random_folds=parsed.random_folds, resamples=parsed.resamples)
        study(parsed.data, parsed.encoder, parsed.output, settings)

    parser.set_defaults(run=run)


def _series(names: argparse._SubParsersAction[Any]) -> None:
    parser = names.add_parser("series", help="who finds the better photo in degraded series of known order")
    add_data(parser)
    parser.add_argument("--photos", type=Path, required=True, nargs="+", metavar="FOLDER", help="photos to judge on")
    parser.add_argument(
        "--learn-photos", type=Path, required=True, metavar="FOLDER", help="other photos, whose series RankReg learns"
    )
    _output(parser)
    parser.add_argument("--learn", type=count, default=300, metavar="N", help="photos to learn from, 300 if not given")
    parser.add_argument("--seed", type=count, default=1, metavar="N", help="of the degradations, 1 if not given")
    add_resamples(parser)

    def run(parsed: argparse.Namespace) -> None:
        from trainer.studies.series import SeriesSettings, study  # noqa: PLC0415

        settings = SeriesSettings(learn=parsed.learn, seed=parsed.seed, resamples=parsed.resamples)
        study(parsed.photos, parsed.learn_photos, parsed.data, parsed.output, settings)

    parser.set_defaults(run=run)


def _likeness(names: argparse._SubParsersAction[Any]) -> None:
    parser = names.add_parser("likeness", help="whether altered copies find their photo among ten thousand")
    parser.add_argument("--pool", type=Path, required=True, metavar="FOLDER", help="photos, without votes")
    parser.add_argument(
        "--encoder", default="embedded", metavar="SPEC", help="a frozen encoder; the bundled one without it"
    )
    _output(parser)
    parser.add_argument("--photos", type=count, default=10_000, metavar="N", help="of the gallery, 10000 if not given")
    parser.add_argument("--altered", type=count, default=500, metavar="N", help="of them, 500 if not given")
    add_resamples(parser)

    def run(parsed: argparse.Namespace) -> None:
        from trainer.studies.likeness import LikenessSettings, study  # noqa: PLC0415

        settings = LikenessSettings(photos=parsed.photos, altered=parsed.altered, resamples=parsed.resamples)
        study(parsed.pool, parsed.encoder, parsed.output, settings)

    parser.set_defaults(run=run)


def _tuning(names: argparse._SubParsersAction[Any]) -> None:
    parser = names.add_parser("tuning", help="whether the encoder's last blocks should learn votes too")
    add_data(parser, "a CSV with file, source and stars1…stars5, or its folder")
    parser.add_argument(
        "--encoder", default="embedded", metavar="SPEC", help="a compact encoder; the bundled one without it"
    )
    _output(parser)
    add_resamples(parser)

    def run(parsed: argparse.Namespace) -> None:
        from trainer.studies.tuning import TuningSettings, study  # noqa: PLC0415

        study(parsed.data, parsed.encoder, parsed.output, TuningSettings(resamples=parsed.resamples))

    parser.set_defaults(run=run)


def _text(names: argparse._SubParsersAction[Any]) -> None:
    parser = names.add_parser("text", help="whether words that carry the answer help, and others do no harm")
    add_data(parser)
    _output(parser)
    parser.add_argument("--seeds", type=count, default=5, metavar="N", help="trainings of each kind, 5 if not given")
    add_resamples(parser)

    def run(parsed: argparse.Namespace) -> None:
        from trainer.studies.text import TextSettings, study  # noqa: PLC0415

        study(parsed.data, parsed.output, TextSettings(seeds=parsed.seeds, resamples=parsed.resamples))

    parser.set_defaults(run=run)


def _frozen(names: argparse._SubParsersAction[Any]) -> None:
    parser = names.add_parser(
        "frozen", help="an epoch over cached features against one from the photos, and one trained end to end"
    )
    add_data(parser)
    parser.add_argument(
        "--encoder",
        default="embedded",
        metavar="SPEC",
        help="a frozen encoder, embedded if not given; untrained:ViT-B-32 for the time that such a tower takes",
    )
    _output(parser)
    parser.add_argument("--epochs", type=count, default=3, metavar="N", help="timed epochs of each, 3 if not given")

    def run(parsed: argparse.Namespace) -> None:
        from trainer.studies.frozen import study  # noqa: PLC0415

        study(parsed.data, parsed.encoder, parsed.output, epochs=parsed.epochs)

    parser.set_defaults(run=run)


def _personal(names: argparse._SubParsersAction[Any]) -> None:
    parser = names.add_parser("personal", help="what a personal model gains from how many judgements, and its gate")
    add_data(parser, "a CSV with file, source and stars1…stars5, or its folder; panels.csv lies beside it")
    _output(parser)
    parser.add_argument("--seeds", type=count, default=4, metavar="N", help="people of each kind, 4 if not given")
    parser.add_argument("--gate-runs", type=count, default=100, metavar="N", help="random people, 100 if not given")
    parser.add_argument("--power-runs", type=count, default=12, metavar="N", help="real people, 12 if not given")

    def run(parsed: argparse.Namespace) -> None:
        from trainer.studies.personal import PersonalStudySettings, study  # noqa: PLC0415

        settings = PersonalStudySettings(seeds=parsed.seeds, gate_runs=parsed.gate_runs, power_runs=parsed.power_runs)
        study(parsed.data, parsed.output, settings)

    parser.set_defaults(run=run)


def _output(parser: argparse.ArgumentParser) -> None:
    add_output(parser, "where to write results.json, table.md and what was encoded")


STUDIES: tuple[Study, ...] = (_teacher, _series, _likeness, _tuning, _text, _frozen, _personal)
"""One function a study, which registers it; a study of another room adds its own here."""
