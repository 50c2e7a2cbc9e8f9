"""A run's report: plots and one self-contained page, made from whatever the run's folder holds.

    folder ──reading.read_run──▶ RunRecord ──figures, attention──▶ plots ──page──▶ plots/*.png, report.html

A run that died or still goes on has a report too, and it says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.errors import KnownError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trainer.evaluation.records import Evaluation
    from trainer.metrics import Array

REPORT_FILE = "report.html"
PLOTS_FOLDER = "plots"


def write_report(run_folder: Path) -> Path:
    """Write ``report.html`` and ``plots`` into a run's folder, anew where they are there, and return the page's path.

    Raises ``KnownError`` where there is no run or nothing can be written.
    """
    _need_matplotlib()
    from trainer.report.run_page import write_run_report  # noqa: PLC0415 - draws with matplotlib, slow to import

    return write_run_report(run_folder)


def write_evaluation_report(
    folder: Path, evaluation: Evaluation, predicted: Mapping[str, Array], actual: Array
) -> Path:
    """Write ``report.html`` and ``plots`` for an evaluation and its judges' distributions (N, 10) of photos.

    Raises ``KnownError`` where nothing can be written.
    """
    _need_matplotlib()
    from trainer.report.evaluation_page import write  # noqa: PLC0415 - as above

    return write(folder, evaluation, predicted, actual)


def _need_matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401, PLC0415
    except ImportError as error:
        raise KnownError(
            "The report needs matplotlib, which is not installed.",
            "Install it: pip install 'aesthetic-studio[trainer]'",
        ) from error
