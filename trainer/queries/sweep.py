"""Sweeps: one base recipe trained with one key varied, as MMLQ's Figs. 4 and 5; a table and a plot of what it changes.

Features are computed once for all points. A point that is finished is not trained again, and one that was killed goes
on at its last checkpoint. The command ``report`` draws one point's run, where that is wanted.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any

from aesthetic_studio.errors import KnownError
from trainer.data.splits import split
from trainer.evaluation.records import POOLED
from trainer.queries.run import (
    THIS_MODEL,
    QueryOptions,
    begin,
    encoded,
    photos_of,
    prepare,
    report,
    train_on,
    with_encoders,
)
from trainer.report.run_files import SWEEP_FILE
from trainer.runs import RECIPE_FILE, RESULTS_FILE, RunFolder
from trainer.say import say_to

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.recipes.recipe import QueryRecipe, SweepRecipe

POINTS = "points"
TABLE_FILE = "sweep.csv"
SHOWN = ("srcc", "plcc")

Figures = dict[str, list[float]]


def sweep(recipe: SweepRecipe, options: QueryOptions) -> None:
    """Train every point that is not finished, and write and print the sweep's table. Raises ``KnownError``."""
    first = recipe.points[0][2]
    ready = prepare(first, options)
    say = say_to(ready.engine.main)
    _check(recipe, options)
    ready.engine.accelerator.wait_for_everyone()
    whole = RunFolder(options.output, resume=True, writes=ready.engine.main)
    ready.engine.by_main(lambda: whole.write(RECIPE_FILE, recipe.as_json()))
    whole.close()
    cache = encoded(with_encoders(first, ready), ready, options.cache or options.output / "features")
    parts = split(photos_of(cache), first.data)
    say(f"{len(parts.train)} photos to learn from, {len(parts.validation)} to choose by, {len(parts.test)} to judge")
    found: list[tuple[Any, int, Figures]] = []
    for value, seed, point in recipe.points:
        followed = with_encoders(point, ready)
        folder = options.output / POINTS / point_name(recipe.key, value, seed)
        figures = finished(folder, followed)
        if figures is None:
            say(f"{recipe.key} = {value}, seed {seed}")
            own = dataclasses.replace(options, output=folder, resume=RunFolder.recipe_of(folder) is not None)
            run = begin(followed, own, ready.engine)
            train_on(followed, ready, cache, split(photos_of(cache), followed.data), run, own, alone=False)
            ready.engine.accelerator.wait_for_everyone()
            figures = finished(folder, followed)
        if figures is None:
            raise KnownError(f"{folder}: this point left no results.", "Run the sweep again: it goes on with it.")
        found.append((value, seed, figures))
        ready.engine.by_main(lambda: write(recipe, found, options.output))
    if ready.engine.main:
        report(options.output, say)
        print(table(recipe, found))  # noqa: T201


def point_name(key: str, value: Any, seed: int) -> str:
    """A point's folder: made of letters, digits, dots and dashes, whatever the value."""
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", str(value)).strip("-.") or "value"
    return f"{key.rpartition('.')[2]}-{plain}-seed-{seed}".replace("_", "-")


def finished(folder: Path, recipe: QueryRecipe) -> Figures | None:
    """A finished point's figures on the test photos; ``None`` where it is not finished, or was of another recipe."""
    before = RunFolder.recipe_of(folder)
    if before is None or before != json.loads(json.dumps(recipe.as_json(), default=str)):
        return None
    try:
        content = json.loads((folder / RESULTS_FILE).read_text(encoding="utf-8"))
        row = next(row for row in content["rows"] if row["judge"] == THIS_MODEL and row["part"] == POOLED)
        return {name: [float(value[k]) for k in ("value", "low", "high")] for name, value in row["metrics"].items()}
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None


def averaged(found: list[tuple[Any, int, Figures]]) -> list[tuple[Any, Figures]]:
    """For each value the mean over its seeds; its interval is the mean of theirs, widened to hold each seed's value."""
    values = list(dict.fromkeys(value for value, _, _ in found))
    rows = []
    for value in values:
        some = [figures for other, _, figures in found if other == value]
        mean: Figures = {}
        for name in some[0]:
            middle, low, high = (sum(one[name][k] for one in some) / len(some) for k in range(3))
            each = [one[name][0] for one in some]
            mean[name] = [middle, min(low, *each), max(high, *each)]
        rows.append((value, mean))
    return rows


def write(recipe: SweepRecipe, found: list[tuple[Any, int, Figures]], folder: Path) -> None:
    """``sweep.json`` with each value's figures, and ``sweep.csv`` with each point's."""
    run = RunFolder(folder, resume=True)
    content = {
        "key": recipe.key,
        "base": recipe.base,
        "points": [{"value": value, "metrics": figures} for value, figures in averaged(found)],
        "runs": [{"value": value, "seed": seed, "metrics": figures} for value, seed, figures in found],
    }
    run.write(SWEEP_FILE, content)
    run.close()
    with (folder / TABLE_FILE).open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream)
        names = list(found[0][2])
        lines.writerow([recipe.key, "seed", *(f"{name}{end}" for name in names for end in ("", "_low", "_high"))])
        for value, seed, figures in found:
            lines.writerow([value, seed, *(f"{number:.4f}" for name in names for number in figures[name])])


def table(recipe: SweepRecipe, found: list[tuple[Any, int, Figures]]) -> str:
    """The sweep as a Markdown table."""
    seeds = len({seed for _, seed, _ in found})
    lines = [f"| {recipe.key} | seeds | SRCC | PLCC |", "|---|---|---|---|"]
    for value, figures in averaged(found):
        cells = [f"{m:.3f} [{low:.3f}, {high:.3f}]" for m, low, high in (figures[name] for name in SHOWN)]
        lines.append(f"| {value} | {seeds} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _check(recipe: SweepRecipe, options: QueryOptions) -> None:
    """A sweep goes on by itself, also with more values or seeds; another run's folder is refused."""
    before = RunFolder.recipe_of(options.output)
    if before is not None and before.get("key") != recipe.key:
        raise KnownError(
            f"{options.output}: this folder holds another run ({before.get('name')}).", "Name another --output."
        )
