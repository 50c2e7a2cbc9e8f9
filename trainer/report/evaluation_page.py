"""The report of an evaluation: several judges on one set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from trainer.report import REPORT_FILE, page
from trainer.report.reading import Predictions
from trainer.report.run_page import Plots, add_standing, prediction_plots

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trainer.evaluation.records import Evaluation
    from trainer.metrics import Array


def write(folder: Path, evaluation: Evaluation, predicted: Mapping[str, Array], actual: Array) -> Path:
    """Draw and write the page."""
    plots = Plots(folder)
    results = page.Section("Results")
    table = page.results_table(((r.judge, r.part, r.count, r.metrics) for r in evaluation.rows), evaluation.kind)
    if table is not None:
        results.tables.append(table)
    names = [name for row in evaluation.rows for name in row.metrics]
    results.text = ("Each figure with its 95 % bootstrap interval. " + page.meanings(names), *evaluation.notes)
    add_standing(plots, results, tuple(row for row in evaluation.held_out()))
    apart = page.Section("Differences")
    differences = page.differences_table(evaluation.differences)
    if differences is not None:
        apart.text = (
            f"By how much each judge's figure is higher than that of {evaluation.differences[0].against}, both on the "
            f"same {evaluation.kind}, the same ones drawn for both: the interval, and a two-sided p.",
        )
        apart.tables.append(differences)
    sections = [results, apart]
    for judge, answers in predicted.items():
        section = page.Section(f"Predictions of {judge}")
        found = Predictions(np.full(len(actual), evaluation.split), answers, actual)
        prediction_plots(plots, section, found, re.sub(r"[^A-Za-z0-9._-]+", "-", judge), judge)
        sections.append(section)
    left_out = page.Section("Left out")
    if evaluation.excluded:
        rows = tuple((row.file, row.reason) for row in evaluation.excluded)
        left_out.folded.append((f"{len(rows)} of the set", page.Table(("file", "why"), rows, words=2)))
    count = evaluation.rows[0].count if evaluation.rows else 0
    whole = page.Page(
        title=f"Evaluation on {evaluation.set}",
        subtitle=f"{evaluation.split or 'everything'} · {count} {evaluation.kind}",
        warning=" ".join(evaluation.warnings),
        sections=[*sections, left_out],
    )
    return page.write(folder / REPORT_FILE, page.render(whole).encode("utf-8", "replace"))
