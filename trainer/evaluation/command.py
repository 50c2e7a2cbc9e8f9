"""What ``evaluate`` does, step by step: open the set, load the models, judge, print, and write what was asked for."""

from __future__ import annotations

import json
import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models import registry
from aesthetic_studio.paths import shown
from trainer.data import open_set
from trainer.data.records import PhotoSet
from trainer.evaluation import evaluate, of_split, table
from trainer.report.run_files import write_predictions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from trainer.data.records import Exclusion
    from trainer.evaluation.judging import Answers
    from trainer.evaluation.records import Evaluation

SHOWN_EXCLUSIONS = 10


def run(
    names: Sequence[str],
    data: Path,
    *,
    options: Mapping[str, Any],
    split: str | None,
    device: str,
    resamples: int,
    as_json: bool,
    output: Path | None,
    say: Callable[[str], None],
) -> Evaluation:
    """Judge a set, opened with ``options`` of ``open_set``, by installed models and print one table.

    Raises ``KnownError``.
    """
    opened = open_set(data, **options)
    chosen, named = of_split(opened, split)
    if output is not None:
        _make(output)
    models = {name: registry.load_model(name, device) for name in names}
    say(f"{opened.name}: {named or 'everything'}, {_size(chosen)}")
    with tqdm(total=1, desc="judging", unit="photo", disable=not sys.stderr.isatty()) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        found, answers = evaluate(models, opened, split=split, resamples=resamples, progress=progress)
    tell_exclusions(found.excluded, say)
    if as_json:
        print(json.dumps(found.as_json(), indent=2))  # noqa: T201
        for line in found.warnings:
            say(line)
    else:
        print(_readable(found))  # noqa: T201
    if output is not None:
        _write(output, found, answers, chosen)
        say(f"Tables, predictions and the report are in {output}")
    return found


def tell_exclusions(excluded: Sequence[Exclusion], say: Callable[[str], None]) -> None:
    """Name what was left out; of many, the first few and how many more there are."""
    for row in excluded[:SHOWN_EXCLUSIONS]:
        say(f"left out: {shown(row.file)}: {row.reason}")
    if len(excluded) > SHOWN_EXCLUSIONS:
        say(f"left out: {len(excluded) - SHOWN_EXCLUSIONS} more; --json and --output list them all")


def _write(output: Path, found: Evaluation, answers: Answers | None, chosen: object) -> None:
    # The report draws with matplotlib, which a table alone need not wait for.
    from trainer.report import write_evaluation_report  # noqa: PLC0415

    try:
        (output / "evaluation.json").write_text(
            json.dumps(found.as_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8", errors="replace"
        )
        (output / "evaluation.md").write_text(table.markdown(found) + "\n", encoding="utf-8", errors="replace")
        if answers is not None and isinstance(chosen, PhotoSet):
            seen = chosen.take(answers.rows)
            for judge, predicted in answers.predicted.items():
                path = output / f"predictions-{_file_name(judge)}.csv"
                write_predictions(path, seen.files, [str(split) for split in seen.splits], predicted, seen.votes)
            write_evaluation_report(output, found, answers.predicted, seen.votes)
        else:
            write_evaluation_report(output, found, {}, np.empty((0, 10)))
    except OSError as error:
        raise _cannot_write(output, error) from error


def _readable(found: Evaluation) -> str:
    """The wide table, or, on a terminal that is too narrow for it, a narrow one for each part."""
    wide = table.markdown(found)
    fits = max(map(len, wide.splitlines())) <= shutil.get_terminal_size().columns
    return wide if fits or not sys.stdout.isatty() else table.side_by_side(found)


def _make(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(output, error) from error


def _cannot_write(output: Path, error: OSError) -> KnownError:
    return KnownError(f"{output}: nothing can be written here ({error.strerror}).", "Name another --output.")


def _file_name(judge: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", judge).strip("-")


def _size(chosen: object) -> str:
    if isinstance(chosen, PhotoSet):
        return f"{len(chosen)} photos"
    return f"{len(chosen)} series"  # type: ignore[arg-type]
