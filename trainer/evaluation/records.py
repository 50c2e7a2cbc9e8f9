"""What an evaluation found: figures of each judge, what each differs by from the first, and what was left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aesthetic_studio.models.card import HeldOut, Interval

if TYPE_CHECKING:
    from trainer.data.records import Exclusion
    from trainer.metrics import Difference

PHOTOS, SERIES = "photos", "series"

POOLED = "pooled"
"""The part that is everything together; parts of one source or category bear its name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One judge's figures on one part of a set.

    Attributes:
        judge: A model's name, with what it was given (``"mmlq, with words"``).
        part: ``pooled``, the mean within sources or over categories, or one source's or category's name.
        count: Photos, or series, that the figures come from.
        metrics: By name, each with its interval.
    """

    judge: str
    part: str
    count: int
    metrics: dict[str, Interval]


@dataclass(frozen=True, slots=True)
class Compared:
    """By how much one judge's figures are higher than the first judge's, on the same photos or series."""

    judge: str
    against: str
    part: str
    metrics: dict[str, Difference]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Several judges on one set.

    Attributes:
        set: The set's name.
        kind: ``photos`` or ``series``: which metrics the rows hold.
        split: Which split was judged; empty for everything.
        protocol: How the judged photos were held out, in words.
        differences: Of every judge but the first, from the first.
        excluded: What could not be judged; left out for every judge, so that all answer for the same photos.
        warnings: Why figures may mean less than they seem to, one sentence each.
        notes: By which rules the set was read.
    """

    set: str
    kind: str
    split: str
    protocol: str
    rows: tuple[Row, ...]
    differences: tuple[Compared, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def held_out(self) -> tuple[HeldOut, ...]:
        """The figures as a model's card states them."""
        return tuple(
            HeldOut(
                set=self.set,
                protocol=f"{self.protocol}, {row.part}" if self.protocol else row.part,
                photos=row.count,
                metrics=dict(row.metrics),
                subject=row.judge,
            )
            for row in self.rows
        )

    def as_json(self) -> dict[str, Any]:
        """The whole of it, for ``results.json`` and ``--json``."""
        return dataclasses.asdict(self)


def results_to_held_out(results: Mapping[str, Any] | Evaluation) -> tuple[HeldOut, ...]:
    """A card's held-out figures from a run's ``results.json`` (or the evaluation itself).

    Rows that are damaged are passed over, so that a half-written file still gives what it has.
    """
    if isinstance(results, Evaluation):
        return results.held_out()
    found = []
    for row in listed(results, "rows"):
        try:
            part, protocol = str(row["part"]), str(results.get("protocol") or "")
            found.append(
                HeldOut(
                    set=str(results["set"]),
                    protocol=f"{protocol}, {part}" if protocol else part,
                    photos=int(row["count"]),
                    metrics={str(name): interval(value) for name, value in row["metrics"].items()},
                    subject=str(row["judge"]),
                )
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return tuple(found)


def listed(content: Mapping[str, Any], key: str) -> list[Any]:
    """What JSON has under a key, where that is a list; nothing otherwise."""
    found = content.get(key)
    return found if isinstance(found, list) else list(found) if isinstance(found, tuple) else []


def interval(value: Any) -> Interval:
    """An interval from JSON: ``{"value", "low", "high"}``, a list of the three, or one number without an interval."""
    if isinstance(value, Mapping):
        return Interval(float(value["value"]), float(value["low"]), float(value["high"]))
    if isinstance(value, (list, tuple)):
        middle, low, high = (float(number) for number in value)
        return Interval(middle, low, high)
    return Interval(float(value), float(value), float(value))
