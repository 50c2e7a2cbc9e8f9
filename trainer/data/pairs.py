"""Pairs of photos of one series with P(first is better), from a CSV; and what every reader of series needs."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from aesthetic_studio.errors import KnownError
from trainer.data.files import finder, read_table, split_named
from trainer.data.records import TEST, TRAIN, VALIDATION, Exclusion, LabelledPair, LabelledSeries, SeriesSet

if TYPE_CHECKING:
    from collections.abc import Callable

TABLES = ("pairs.csv", "series.csv")
COLUMNS = ("series", "first", "second", "probability")
ADVICE = "A table of pairs needs series, first, second and probability (and may have category and split)."

_STRICTEST = {TEST: 0, VALIDATION: 1, TRAIN: 2, "": 3}
"""Where one series is said to lie in several splits, it judges."""


@dataclass(slots=True)
class _Growing:
    """A series while its pairs are being read."""

    category: str
    split: str
    members: dict[str, None] = field(default_factory=dict)
    pairs: dict[tuple[str, str], float] = field(default_factory=dict)
    order: tuple[str, ...] = ()


class SeriesCollector:
    """Collects pairs by series, drops what is said twice, and makes the set.

    Attributes:
        excluded: What was left out so far.
        ties: How many pairs say 0.5; they are kept.
    """

    def __init__(self, find: Callable[[str], Path]) -> None:
        self._find = find
        self._found: dict[str, Path | str] = {}
        self._series: dict[str, _Growing] = {}
        self.excluded: list[Exclusion] = []
        self.ties = 0

    def add(
        self,
        series: str,
        first: str,
        second: str,
        probability: float,
        *,
        where: str,
        category: str = "",
        split: str = "",
    ) -> None:
        """Take one comparison: P(``first`` is better); ``where`` names it should it be left out."""
        problem = self._problem(first, second, probability)
        if problem:
            self.excluded.append(Exclusion(where, problem))
            return
        growing = self._series.setdefault(series, _Growing(category, split))
        if split != growing.split:
            kept, other = sorted((split, growing.split), key=_STRICTEST.__getitem__)
            self.excluded.append(Exclusion(where, f"series {series} is in {other} too; it stays in {kept}"))
            growing.split = kept
        known = growing.pairs.get((first, second))
        if known is None and (second, first) in growing.pairs:
            known = 1.0 - growing.pairs[second, first]
        if known is not None:
            same = math.isclose(known, probability, abs_tol=1e-9)
            why = "it is said twice" if same else f"the same pair was said to be {known:g} before, which counts"
            self.excluded.append(Exclusion(where, why))
            return
        growing.members |= dict.fromkeys((first, second))
        growing.pairs[first, second] = probability
        self.ties += probability == 0.5

    def order(self, series: str, files: tuple[str, ...]) -> None:
        """Say the whole order of a series whose pairs were added, best first."""
        if series in self._series:
            self._series[series].order = tuple(file for file in files if file in self._series[series].members)

    def make(self, name: str, *, kind: str, notes: tuple[str, ...] = ()) -> SeriesSet:
        """The set. Raises ``KnownError`` where there is not one pair."""
        if not self._series:
            first = f"The first reason: {self.excluded[0].reason}." if self.excluded else ADVICE
            raise KnownError(f"{name}: no pair of photos could be read.", first)
        files = tuple(dict.fromkeys(file for series in self._series.values() for file in series.members))
        row = {file: number for number, file in enumerate(files)}
        if self.ties:
            notes = (*notes, f"{self.ties} pairs are ties (probability 0.5) and are kept.")
        return SeriesSet(
            name=name,
            files=files,
            paths=tuple(path for file in files if isinstance(path := self._found[file], Path)),
            series=tuple(
                LabelledSeries(
                    name=title,
                    members=tuple(row[file] for file in series.members),
                    pairs=tuple(LabelledPair(row[a], row[b], p) for (a, b), p in series.pairs.items()),
                    order=tuple(row[file] for file in series.order),
                    category=series.category,
                    split=series.split,
                )
                for title, series in self._series.items()
            ),
            excluded=tuple(self.excluded),
            kind=kind,
            notes=notes,
        )

    def _problem(self, first: str, second: str, probability: float) -> str:
        if not 0.0 <= probability <= 1.0:
            return f"{probability:g} is no probability"
        if first == second:
            return "it compares a photo with itself"
        for file in (first, second):
            if file not in self._found:
                try:
                    self._found[file] = self._find(file)
                except ValueError as error:
                    self._found[file] = str(error)
            found = self._found[file]
            if isinstance(found, str):
                return f"{file}: {found}"
        return ""


def read_pairs(table: Path, *, images: Path | None = None) -> SeriesSet:
    """Read a CSV of ``series,first,second,probability[,category,split]``; photos in ``images`` or beside it.

    Raises ``KnownError`` where there is no such table or no usable pair; single rows are excluded by line.
    """
    path = table if table.is_file() else next((table / name for name in TABLES if (table / name).is_file()), table)
    rows = read_table(path, ADVICE)
    missing = [name for name in COLUMNS if name not in rows[0]]
    if missing:
        raise KnownError(f"{path}: there is no column {missing[0]!r}.", ADVICE)
    collector = SeriesCollector(finder(path.parent, images))
    for row in rows:
        where = f"{path.name} line {row['line']}"
        try:
            probability = float(row["probability"])
        except ValueError:
            collector.excluded.append(Exclusion(where, f"{row['probability']!r} is no probability"))
            continue
        collector.add(
            row["series"],
            row["first"],
            row["second"],
            probability,
            where=where,
            category=row.get("category", ""),
            split=split_named(row.get("split", ""), path, row["line"]),
        )
    made = collector.make(str(path), kind="a table of pairs")
    return dataclasses.replace(made, name=path.resolve().parent.name)
