"""Puts a report together: sections, plots and tables, into one page that needs nothing beside it."""

from __future__ import annotations

import base64
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from aesthetic_studio import __version__
from aesthetic_studio.errors import DiskFull, KnownError
from aesthetic_studio.paths import shown
from trainer.evaluation.table import MEANINGS, PHOTO_COLUMNS, SERIES_COLUMNS, difference_cell, interval_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trainer.evaluation.records import Compared
    from trainer.report.attention import Example

TEMPLATE = "report.html.j2"


@dataclass(frozen=True, slots=True)
class Plot:
    """One figure with its caption and what it shows in words.

    Attributes:
        name: Of the file under ``plots``.
        caption: How to read it.
    """

    name: str
    svg: bytes
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: headings, rows of cells, and how many leading columns are words."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    caption: str = ""


@dataclass(slots=True)
class Section:
    """A part of the page; what is empty is not shown."""

    title: str
    text: tuple[str, ...] = ()
    tables: list[Table] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    examples: Sequence[Example] = ()
    code: str = ""
    folded: list[tuple[str, Table]] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.text or self.tables or self.plots or self.examples or self.code or self.folded)


@dataclass(slots=True)
class Page:
    """A whole report.

    Attributes:
        warning: What must be said first (the run has not finished), or empty.
        facts: Label and value, shown large under the title.
        problems: What was damaged or missing.
    """

    title: str
    subtitle: str = ""
    warning: str = ""
    facts: tuple[tuple[str, str, str], ...] = ()
    sections: list[Section] = field(default_factory=list)
    problems: Sequence[str] = ()


def render(page: Page) -> str:
    """The page as HTML: no script, no network, everything embedded; every text escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(shown=shown, svg=_svg_uri, jpeg=_jpeg_uri, halves=_halves)
    return environment.get_template(TEMPLATE).render(page=page, version=__version__)


def write(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all. Raises ``KnownError`` where that fails, ``DiskFull`` where there is no room."""
    partial: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".report-", suffix=".part", dir=path.parent)
        partial = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        partial.chmod(0o666 & ~mask)
        partial.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
    return path


def results_table(
    rows: Iterable[tuple[str, str, int, Mapping[str, Any]]], counted: str, caption: str = ""
) -> Table | None:
    """Figures with intervals: judge, part, count and metrics a row; a column for every metric that any row has."""
    listed = list(rows)
    columns = _columns([metrics for *_, metrics in listed])
    if not columns:
        return None
    cells = tuple(
        (judge, part, str(count), *(interval_cell(metrics.get(name)) for name in columns))
        for judge, part, count, metrics in listed
    )
    return Table(("judge", "part", counted, *columns.values()), cells, words=2, caption=caption)


def differences_table(rows: Sequence[Compared]) -> Table | None:
    """What judges differ by from the first."""
    columns = _columns([row.metrics for row in rows])
    if not columns:
        return None
    cells = tuple((row.judge, row.part, *(difference_cell(row.metrics.get(name)) for name in columns)) for row in rows)
    return Table(("judge", "part", *columns.values()), cells, words=2)


def meanings(metrics: Iterable[str]) -> str:
    """What the figures of a table say, in one paragraph."""
    names: Mapping[str, str] = {**PHOTO_COLUMNS, **SERIES_COLUMNS}
    known = [name for name in dict.fromkeys(metrics) if name in MEANINGS]
    return "; ".join(f"{names[name]}: {MEANINGS[name]}" for name in known) + "." if known else ""


def settings_rows(content: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """A recipe's settings, one a row, sections written as in TOML (``training.epochs``)."""
    rows: list[tuple[str, str]] = []
    for key, value in content.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            rows += settings_rows(value, f"{name}.")
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            for number, item in enumerate(value, start=1):
                rows += settings_rows(item, f"{name}[{number}].") if isinstance(item, dict) else [(name, _plain(item))]
        elif value not in (None, {}, []):
            rows.append((name, _plain(value)))
    return rows


def _columns(found: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    known = {**PHOTO_COLUMNS, **SERIES_COLUMNS, "pair_score": "pair score", "series_score": "series score"}
    present = {name for metrics in found for name in metrics}
    return {name: label for name, label in known.items() if name in present} | {
        name: name for name in sorted(present - set(known))
    }


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    return str(value)


def _halves(cell: str) -> tuple[str, str]:
    """A figure and its interval, which stand below each other so that all metrics fit side by side."""
    value, bracket, rest = cell.partition(" [")
    return (value, f"[{rest}") if bracket and rest.rstrip().endswith(("]", *"0123456789")) else (cell, "")


def _svg_uri(picture: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(picture).decode("ascii")


def _jpeg_uri(picture: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode("ascii")


def _cannot_write(path: Path, error: OSError) -> KnownError:
    import errno  # noqa: PLC0415

    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(f"There is no room to write {shown(path)}.", "Free some space, then run report again.")
    return KnownError(
        f"{shown(path)}: the report cannot be written ({error.strerror or error}).",
        "Check that the run's folder may be written to.",
    )
