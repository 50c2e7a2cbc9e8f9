"""FGAesthetics (Yang et al., 2026): series of nearly the same photo, with how many people preferred which.

The release is nine text files, category × split (``natural_train.txt``), of six numbers a line. **Nobody documents what
they mean.** This project's reading, each part of it a field of ``FGAestheticsReading``: series, image index a, image
index b, P(a is better), a value of a, a value of b (the last two are not used).
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.errors import KnownError
from trainer.data.files import SPLIT_NAMES, read_lines, set_name
from trainer.data.pairs import SeriesCollector
from trainer.data.records import Exclusion, SeriesSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

CATEGORIES = ("natural", "aigc", "cropping")
LABEL_FOLDERS = (".", "label", "labels")
LAYOUTS = ("{category}/{series}/{index}", "{category}/{series}_{index}", "{series}/{index}", "{series}_{index}")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
FIELDS = 6
ADVICE = "FGAesthetics has files such as natural_train.txt, aigc_val.txt, cropping_test.txt, six numbers a line."

_FILE = re.compile(rf"({'|'.join(CATEGORIES)})[_-](train|val|validation|test)\.txt", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FGAestheticsReading:
    """What the undocumented files are taken to mean; this project's choice.

    Attributes:
        first_is_better: The fourth number is P(a is better); false where it shall be P(b is better).
        layout: Where a photo lies in the image folder, less its ending, from ``category``, ``series`` and ``index``.
            Empty: the first of ``LAYOUTS`` by which some photo is found.
    """

    first_is_better: bool = True
    layout: str = ""


def label_files(folder: Path) -> list[Path]:
    """The label files of a folder or of its ``label`` folder, in order of name."""
    for name in LABEL_FOLDERS:
        place = folder / name
        found = sorted(path for path in place.iterdir() if _FILE.fullmatch(path.name)) if place.is_dir() else []
        if found:
            return found
    return []


def read_fgaesthetics(
    folder: Path,
    *,
    images: Path | None = None,
    reading: FGAestheticsReading = FGAestheticsReading(),
) -> SeriesSet:
    """Read the label files that are there, with photos in ``images`` (beside them, if not given).

    Rows that say the same pair again are dropped and recorded; pairs of probability 0.5 are kept as ties.
    Raises ``KnownError`` where there is no label file or no photo of any.
    """
    files = label_files(folder)
    if not files:
        raise KnownError(f"{folder}: there are no label files here.", ADVICE)
    place = images or next((folder / name for name in ("images", "image") if (folder / name).is_dir()), folder)
    excluded: list[Exclusion] = []
    rows = [row for path in files for row in _rows(path, excluded)]
    if not rows:
        raise KnownError(f"{files[0]}: there is no row of six numbers here.", ADVICE)
    layout = reading.layout or _layout(rows, place)
    collector = SeriesCollector(_finder(place))
    for row in rows:
        first, second = (
            layout.format(category=row.category, series=row.series, index=index) for index in (row.first, row.second)
        )
        collector.add(
            f"{row.category}/{row.series}",
            first,
            second,
            row.probability if reading.first_is_better else 1.0 - row.probability,
            where=row.where,
            category=row.category,
            split=row.split,
        )
    collector.excluded[:0] = excluded
    preferred = "first" if reading.first_is_better else "second"
    notes = (
        f"The files' columns are not documented; read here as series, photo a, photo b, P({preferred} is better), two "
        f"values that are not used; a photo lies at {layout}.",
    )
    made = collector.make(str(folder), kind="FGAesthetics", notes=notes)
    return dataclasses.replace(made, name=set_name("FGAesthetics", folder))


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    category: str
    split: str
    series: int
    first: int
    second: int
    probability: float


def _rows(path: Path, excluded: list[Exclusion]) -> list[_Row]:
    match = _FILE.fullmatch(path.name)
    assert match is not None  # noqa: S101 - only such files are read
    category, split = match[1].lower(), SPLIT_NAMES[match[2].lower()]
    rows = []
    for line, text in enumerate(read_lines(path, ADVICE), start=1):
        words = text.replace(",", " ").split()
        if not words:
            continue
        where = f"{path.name} line {line}"
        try:
            numbers = [float(word) for word in words]
        except ValueError:
            excluded.append(Exclusion(where, "it holds something else than numbers"))
            continue
        if len(numbers) != FIELDS or not all(abs(n) < 1e9 and n == int(n) for n in numbers[:3]):
            excluded.append(Exclusion(where, f"it is not {FIELDS} numbers, three of them whole"))
            continue
        series, first, second = (int(number) for number in numbers[:3])
        rows.append(_Row(where, category, split, series, first, second, numbers[3]))
    return rows


def _layout(rows: Iterable[_Row], place: Path) -> str:
    """The first layout that finds a photo of any of the first rows."""
    find = _finder(place)
    some = list(rows)[:50]
    for layout in LAYOUTS:
        for row in some:
            try:
                find(layout.format(category=row.category, series=row.series, index=row.first))
            except ValueError:
                continue
            return layout
    tried = ", ".join(f"{layout}.jpg" for layout in LAYOUTS)
    raise KnownError(f"{place}: the photos of the series were not found.", f"Looked for {tried}.")


def _finder(place: Path) -> Callable[[str], Path]:
    def find(name: str) -> Path:
        for suffix in SUFFIXES:
            path = place / f"{name}{suffix}"
            if path.is_file():
                return path
        raise ValueError("there is no such photo")

    return find
