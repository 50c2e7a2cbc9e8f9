"""Any CSV of photos with people's votes, stars or mean scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from aesthetic_studio.errors import KnownError
from trainer.data.files import FILE_COLUMNS, finder, first_column, read_table, split_named
from trainer.data.records import BINS, Exclusion, PhotoSet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

TABLE = "ratings.csv"
MEAN = ("mean", "MOS", "mos")
SPLIT = ("split", "set")
VOTES = tuple(f"votes{k}" for k in range(1, BINS + 1))
STARS = tuple(f"stars{k}" for k in range(1, 6))
ADVICE = "A table needs file and stars1…stars5, votes1…votes10 or mean (and may have std, source, split, comment)."
LEAST_VOTES, MOST_VOTES = 1e-6, 1e12
"""Of one photo. Shares of votes may stand in place of counts; nothing that cannot be divided well passes."""
STARS_RULE = "A rating of s stars counts as votes of 2 s − 1 and 2 s, half each."
MEAN_RULE = (
    "A mean counts as a normal distribution of votes with exactly that mean, as wide as std says or as people's votes "
    "usually are at that mean."
)


def stars_to_votes(stars: NDArray[np.float64]) -> NDArray[np.float64]:
    """Five-star counts (N, 5) as votes over 1..10 (N, 10).

    The stated rule: one star is the pair of votes {1, 2}, two stars {3, 4}, …, five stars {9, 10}; a star's votes are
    shared evenly by its pair. So s stars count as 2 s − 0.5 on average (1..5 stars lie at 1.5, 3.5, 5.5, 7.5, 9.5),
    the order of photos stays what it was, and a mean vote of 5 is a mean of 2.75 stars.
    """
    votes = np.repeat(stars / 2.0, 2, axis=1)
    shares: NDArray[np.float64] = votes / votes.sum(axis=1, keepdims=True)
    return shares


def means_to_votes(means: NDArray[np.float64], spreads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean scores (N,) on 1..10 as votes (N, 10) that have exactly these means, held within 1.01..9.99.

    The stated rule is this project's choice, ``distribution_of``: a normal distribution with the given standard
    deviation (N,), tilted until the mean is right. NaN stands for a spread that is not known: then the usual one.
    """
    import torch  # noqa: PLC0415 - tables of votes are read without it

    from aesthetic_studio.models.distribution import distribution_of, usual_spread  # noqa: PLC0415

    scores = torch.from_numpy(means)
    usual = usual_spread(scores.clamp(1.01, 9.99))
    given = torch.from_numpy(spreads)
    votes: NDArray[np.float64] = distribution_of(scores, torch.where(given.isnan(), usual, given)).numpy()
    return votes


def read_photos(table: Path, *, images: Path | None = None, scale: tuple[float, float] = (1.0, 10.0)) -> PhotoSet:
    """Read a CSV of photos, or a folder that holds one ``ratings.csv``.

    The table has ``file`` and ``votes1``…``votes10``, ``stars1``…``stars5`` or ``mean`` (the first of these that it
    has), and may have ``std``, ``source``, ``split`` and ``comment``; any other column of numbers is kept. Photos lie
    in ``images`` or beside the table.

    Args:
        table: The CSV or its folder.
        images: Where the photos lie, if elsewhere.
        scale: Lowest and highest ``mean`` that the table's people could give; mapped onto 1..10.

    Raises ``KnownError`` where there is no such table or nothing usable in it; single rows are excluded by name.
    """
    path = table / TABLE if table.is_dir() else table
    rows = read_table(path, f"Name a CSV file. {ADVICE}")
    file, names = _columns(rows[0], path)
    find = finder(path.parent, images)
    kept: list[dict[str, str]] = []
    paths: list[Path] = []
    numbers: list[list[float]] = []
    excluded: list[Exclusion] = []
    seen: set[str] = set()
    for row in rows:
        try:
            values = _numbers(row, names, scale)
            if row[file] in seen:
                raise ValueError("it is listed twice; the first row counts")
            place = find(row[file])
        except ValueError as error:
            excluded.append(Exclusion(row[file], str(error)))
            continue
        seen.add(row[file])
        kept.append(row)
        paths.append(place)
        numbers.append(values)
    if not kept:
        raise KnownError(f"{path}: no photo with votes could be read.", f"The first reason: {excluded[0].reason}.")
    votes, rule = _votes(np.asarray(numbers, dtype=np.float64), names)
    split = first_column(rows[0], SPLIT)
    return PhotoSet(
        name=path.resolve().parent.name,
        files=tuple(row[file] for row in kept),
        paths=tuple(paths),
        votes=votes,
        sources=np.asarray([row.get("source") or "all" for row in kept]),
        splits=np.asarray([split_named(row[split], path, row["line"]) if split else "" for row in kept]),
        comments=tuple((row["comment"].strip(),) if row["comment"].strip() else () for row in kept)
        if "comment" in rows[0]
        else (),
        columns=_other_columns(kept, {file, *names, *VOTES, *STARS, "source", "comment", "line", split or ""}),
        excluded=tuple(excluded),
        kind=f"a table with {'mean scores' if len(names) == 2 else f'votes in {len(names)} classes'}",
        notes=rule,
    )


def _columns(row: dict[str, str], path: Path) -> tuple[str, tuple[str, ...]]:
    """The column of file names, and those of the opinions: ten, five, or mean and std."""
    file = first_column(row, FILE_COLUMNS)
    if file is None:
        raise KnownError(f"{path}: there is no column 'file'.", ADVICE)
    for group in (VOTES, STARS):
        if group[0] in row:
            missing = [name for name in group if name not in row]
            if missing:
                raise KnownError(f"{path}: there is no column {missing[0]!r}.", ADVICE)
            return file, group
    mean = first_column(row, MEAN)
    if mean is None:
        raise KnownError(f"{path}: there are no columns of votes, stars or means.", ADVICE)
    return file, (mean, "std")


def _numbers(row: dict[str, str], names: tuple[str, ...], scale: tuple[float, float]) -> list[float]:
    if len(names) > 2:
        counts = [_number(row, name) for name in names]
        if not all(count >= 0 for count in counts) or not LEAST_VOTES <= sum(counts) <= MOST_VOTES:
            raise ValueError("it has no votes, or negative ones")
        return counts
    low, high = scale
    mean, spread = _number(row, names[0]), _number(row, names[1])
    if not low <= mean <= high:
        raise ValueError(f"its mean {row[names[0]]!r} is not within {low:g} and {high:g}")
    if spread < 0 or math.isinf(spread):
        raise ValueError(f"its std {row['std']!r} is no spread")
    factor = 9.0 / (high - low)
    return [1.0 + (mean - low) * factor, spread * factor]


def _number(row: dict[str, str], name: str) -> float:
    """A cell's number; NaN for an empty cell or a column that is not there."""
    text = row.get(name, "")
    try:
        return float(text or "nan")
    except ValueError:
        raise ValueError(f"its {name} {text!r} is no number") from None


def _votes(numbers: NDArray[np.float64], names: tuple[str, ...]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    if len(names) == 2:
        return means_to_votes(numbers[:, 0], numbers[:, 1]), (MEAN_RULE,)
    if len(names) == 5:
        return stars_to_votes(numbers), (STARS_RULE,)
    shares: NDArray[np.float64] = numbers / numbers.sum(axis=1, keepdims=True)
    return shares, ()


def _other_columns(rows: list[dict[str, str]], used: Iterable[str]) -> dict[str, NDArray[np.float64]]:
    """Every further column that holds nothing but numbers and gaps."""
    columns = {}
    for name in rows[0].keys() - set(used):
        try:
            columns[name] = np.asarray([float(row.get(name) or "nan") for row in rows], dtype=np.float64)
        except ValueError:
            continue
    return dict(sorted(columns.items()))
