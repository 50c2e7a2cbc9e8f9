"""A folder of series: each folder in it holds the photos of one scene, and a file or a name that says which is better.

A series says its order in one of two ways:

- ``order.txt``: names of its photos, the best first, one a line. Every photo is better than all that follow it.
- a photo whose name begins with ``best`` (``best.jpg``, ``best_IMG_7.jpg``): better than every other photo there; the
  others are not compared.

A whole folder may say it at once in a ``series.csv`` (see ``pairs``). Series that say nothing are excluded by name.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from aesthetic_studio.errors import KnownError
from aesthetic_studio.imaging.formats import PHOTO_SUFFIXES
from trainer.data.files import read_lines, safe_name
from trainer.data.pairs import SeriesCollector
from trainer.data.records import Exclusion, SeriesSet

if TYPE_CHECKING:
    from pathlib import Path

ORDER_FILE = "order.txt"
BEST = "best"
ADVICE = f"Each folder of a series needs {ORDER_FILE} (best first, one name a line) or a photo named {BEST}…."


def says_order(folder: Path) -> bool:
    """Whether some folder in here says the order of its photos."""
    return any((series / ORDER_FILE).is_file() or _best(_photos(series)) for series in _folders(folder))


def read_series_folders(folder: Path) -> SeriesSet:
    """Read every folder in ``folder`` as one series. Raises ``KnownError`` where none of them says an order."""
    if not folder.is_dir() or not says_order(folder):
        raise KnownError(f"{folder}: no series here says its order.", ADVICE)

    def find(name: str) -> Path:
        path = folder / safe_name(name)
        if not path.is_file():
            raise ValueError("there is no such photo")
        return path

    collector = SeriesCollector(find)
    for series in _folders(folder):
        photos = _photos(series)
        if (series / ORDER_FILE).is_file():
            _by_order(series, collector)
        elif best := _best(photos):
            for other in photos:
                if other != best:
                    collector.add(
                        series.name,
                        f"{series.name}/{best}",
                        f"{series.name}/{other}",
                        1.0,
                        where=f"{series.name}/{other}",
                    )
        else:
            collector.excluded.append(Exclusion(series.name, f"nothing says its order: {ADVICE}"))
    made = collector.make(str(folder), kind="a folder of series")
    return dataclasses.replace(made, name=folder.resolve().name)


def _by_order(series: Path, collector: SeriesCollector) -> None:
    names: list[str] = []
    for line, text in enumerate(read_lines(series / ORDER_FILE, ADVICE), start=1):
        where = f"{series.name}/{ORDER_FILE} line {line}"
        try:
            name = safe_name(text.strip()) if text.strip() else ""
            if name and not (series / name).is_file():
                raise ValueError("there is no such photo")
        except ValueError as error:
            collector.excluded.append(Exclusion(where, f"{text.strip()}: {error}"))
            continue
        if name in names:
            collector.excluded.append(Exclusion(where, f"{name} is listed twice"))
        elif name:
            names.append(name)
    files = tuple(f"{series.name}/{name}" for name in names)
    for rank, better in enumerate(files):
        for worse in files[rank + 1 :]:
            collector.add(series.name, better, worse, 1.0, where=f"{better} before {worse}")
    collector.order(series.name, files)
    listed = set(names)
    collector.excluded.extend(
        Exclusion(f"{series.name}/{name}", f"{ORDER_FILE} does not name it")
        for name in _photos(series)
        if name not in listed
    )


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _photos(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES and path.is_file())


def _best(photos: list[str]) -> str:
    """The one photo whose name says that it is the best; nothing where none or several do."""
    named = [name for name in photos if name.lower().startswith(BEST)]
    return named[0] if len(named) == 1 else ""
