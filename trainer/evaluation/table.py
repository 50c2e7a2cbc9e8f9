"""An evaluation as Markdown that also reads well on a terminal: columns padded, judges of one part line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainer.evaluation.records import SERIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aesthetic_studio.models.card import Interval
    from trainer.evaluation.records import Evaluation
    from trainer.metrics import Difference

NONE = "–"

PHOTO_COLUMNS: Mapping[str, str] = {
    "srcc": "SRCC",
    "plcc": "PLCC",
    "accuracy_at_5": "accuracy at 5",
    "emd": "EMD (r = 1)",
    "rmse": "RMSE",
    "spread_srcc": "SRCC of spread",
}
SERIES_COLUMNS: Mapping[str, str] = {
    "pair_accuracy": "pair accuracy",
    "pair_f1": "F1",
    "series_accuracy": "series accuracy (best photo)",
    "exact_order": "whole order right",
    "series_srcc": "series SRCC",
}
MEANINGS: Mapping[str, str] = {
    "srcc": "Spearman's correlation of mean scores: how alike the order is, 1 the same",
    "plcc": "Pearson's correlation of mean scores",
    "accuracy_at_5": "share of photos on the same side of a mean vote of 5",
    "emd": "Earth Mover's Distance of the distributions, 0 the same",
    "rmse": "root mean square error of mean scores, in votes",
    "spread_srcc": "how well the predicted spread orders photos by people's disagreement",
    "pair_accuracy": "share of pairs in which the better photo scores higher",
    "pair_f1": "F1 of the same, averaged over both directions",
    "series_accuracy": "share of series whose best photo scores highest",
    "exact_order": "share of series in the right order from first to last",
    "series_srcc": "Spearman's correlation within a series, averaged over series",
}
"""What each figure says, for people who do not live with them."""


def columns(evaluation: Evaluation) -> Mapping[str, str]:
    """Metrics and their headings, as this kind of set has them."""
    return SERIES_COLUMNS if evaluation.kind == SERIES else PHOTO_COLUMNS


def markdown(evaluation: Evaluation) -> str:
    """Every table of an evaluation, with its notes."""
    parts = [figures(evaluation)]
    if evaluation.differences:
        against = evaluation.differences[0].against
        parts += [
            f"Higher or lower than {against}, on the same {evaluation.kind} (95 % interval, two-sided p):",
            differences(evaluation),
        ]
    return "\n\n".join([*parts, *_notes(evaluation)])


def side_by_side(evaluation: Evaluation) -> str:
    """The same for a narrow terminal: one table for each part, a column for each judge."""
    shown = columns(evaluation)
    blocks = []
    for part in dict.fromkeys(row.part for row in evaluation.rows):
        rows = [row for row in evaluation.rows if row.part == part]
        head = [f"{part}, {rows[0].count} {evaluation.kind}", *(row.judge for row in rows)]
        blocks.append(
            table(head, [[shown[name], *(interval_cell(row.metrics.get(name)) for row in rows)] for name in shown])
        )
    for found in evaluation.differences:
        lines = [[shown[name], difference_cell(found.metrics.get(name))] for name in shown if name in found.metrics]
        blocks.append(table([f"{found.judge} less {found.against}", found.part], lines))
    return "\n\n".join([*blocks, *_notes(evaluation)])


def _notes(evaluation: Evaluation) -> list[str]:
    lines = (*evaluation.warnings, *evaluation.notes)
    return ["\n".join(f"- {line}" for line in lines)] if lines else []


def figures(evaluation: Evaluation) -> str:
    """Each judge's figures with 95 % intervals."""
    shown = columns(evaluation)
    head = ["judge", "part", evaluation.kind, *shown.values()]
    lines = [
        [row.judge, row.part, str(row.count), *(interval_cell(row.metrics.get(name)) for name in shown)]
        for row in evaluation.rows
    ]
    return table(head, lines)


def differences(evaluation: Evaluation) -> str:
    """What every judge differs by from the first."""
    shown = columns(evaluation)
    lines = [
        [found.judge, found.part, *(difference_cell(found.metrics.get(name)) for name in shown)]
        for found in evaluation.differences
    ]
    return table(["judge", "part", *shown.values()], lines)


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table with padded columns."""
    rows = [[_plain(cell) for cell in row] for row in (head, *lines)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
    made = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([made[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *made[1:]])


def interval_cell(found: Interval | None) -> str:
    """``0.712 [0.681, 0.741]``."""
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]" if found else NONE


def difference_cell(found: Difference | None) -> str:
    """``+0.031 [+0.010, +0.052] p 0.004``."""
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}] p {found.p:.3f}" if found else NONE


def _plain(cell: str) -> str:
    # A bar or a line break in a name would make another column or row.
    return " ".join(cell.replace("|", "¦").split())
