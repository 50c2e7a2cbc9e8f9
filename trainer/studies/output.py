"""What every study leaves behind: a Markdown table on the terminal, ``table.md`` and ``results.json`` in a folder."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

from aesthetic_studio.errors import KnownError
from trainer.runs import RESULTS_FILE, RunFolder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aesthetic_studio.models.card import Interval
    from trainer.metrics import Difference

TABLE_FILE = "table.md"


def say(line: str) -> None:
    """Tell how far a study is, where its table does not go."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def markdown(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def cell(found: Interval | Difference | None, digits: int = 3) -> str:
    """A figure with its interval; a difference says its sign."""
    if found is None:
        return "–"
    sign = "+" if hasattr(found, "p") else ""
    return f"{found.value:{sign}.{digits}f} [{found.low:{sign}.{digits}f}, {found.high:{sign}.{digits}f}]"


def finish(run: RunFolder, results: Mapping[str, Any], text: str) -> None:
    """Print the table and write both files. Raises ``KnownError`` where they cannot be written."""
    run.write(RESULTS_FILE, {name: plain(value) for name, value in results.items()})
    write_text(run, TABLE_FILE, text + "\n")
    run.close()
    print(text)  # noqa: T201


def write_text(run: RunFolder, name: str, text: str) -> None:
    """Put a file of text into the study's folder. Raises ``KnownError`` where it cannot be written."""
    path = run.path / name
    try:
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise KnownError(f"{path}: this cannot be written ({error.strerror}).", "Make room.") from error


def begin(folder: Path) -> RunFolder:
    """The study's folder. Raises ``KnownError`` where nothing can be written."""
    return RunFolder(folder)


def plain(value: Any) -> Any:
    """Dataclasses, arrays and tuples as what JSON knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: plain(part) for name, part in dataclasses.asdict(value).items()}
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value.tolist() if hasattr(value, "tolist") else value
