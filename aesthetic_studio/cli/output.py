"""How results and progress look: text in columns, JSON, a bar on a terminal."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from aesthetic_studio.paths import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.records import Progress, UnreadableFile

_STAGES = {
    "scan": "Looking",
    "index": "Indexing",
    "score": "Scoring",
    "faces": "Faces",
    "group": "Grouping",
    "compare": "Comparing",
    "sample": "Rendering",
}
_UNITS = {
    "scan": "folder",
    "index": "photo",
    "score": "photo",
    "faces": "photo",
    "group": "folder",
    "compare": "burst",
    "sample": "photo",
}


def print_json(value: Any) -> None:
    r"""Write pure ASCII, which survives every terminal; names that are no text keep their bytes as ``\\udcXX``."""
    json.dump(value, sys.stdout, ensure_ascii=True, indent=2, allow_nan=False)
    sys.stdout.write("\n")
    sys.stdout.flush()


def print_lines(lines: Sequence[str]) -> None:
    """Write text."""
    sys.stdout.write("".join(f"{shown(line)}\n" for line in lines))
    sys.stdout.flush()


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> None:
    """Write rows in aligned columns; ``right`` are the columns of numbers. The last column is as wide as it likes."""
    table = [[shown(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    lines = []
    for row in table:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    print_lines(lines)


def report_unreadable(files: Sequence[UnreadableFile]) -> None:
    """List unreadable files on standard error, each once, with what to do."""
    for file in files:
        sys.stderr.write(f"{shown(f'{file.path}: {file.reason}. {file.advice}'.replace('..', '.'))}\n")


class ProgressBar:
    """A progress bar on standard error where that is a terminal, and nothing elsewhere."""

    def __init__(self) -> None:
        self._visible = sys.stderr.isatty()
        self._stage: str | None = None
        self._bar: Any = None

    def __call__(self, progress: Progress) -> None:
        """Show how far work has come; a new stage starts a new bar."""
        if not self._visible:
            return
        if progress.stage != self._stage:
            self._start(progress.stage)
        self._bar.total = progress.total
        self._bar.n = progress.done
        self._bar.refresh()

    def close(self) -> None:
        """Leave the last bar as it is and go to a new line."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        self._stage = None

    def _start(self, stage: str) -> None:
        from tqdm import tqdm

        self.close()
        self._stage = stage
        self._bar = tqdm(
            desc=_STAGES.get(stage, stage),
            unit=f" {_UNITS.get(stage, 'item')}s",
            file=sys.stderr,
            dynamic_ncols=True,
            leave=False,
        )
