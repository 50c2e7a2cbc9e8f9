"""From a path to a data set, whatever it is: looks what is there, and says what it took it for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.errors import KnownError
from trainer.data import ava, catalogue, comments, fgaesthetics, files, pairs, series_folders, tables
from trainer.data.records import PhotoSet, SeriesSet

if TYPE_CHECKING:
    from pathlib import Path

LOOKED_FOR = (
    f"Looked for {ava.AVA_FILE} (AVA), natural_train.txt and its like (FGAesthetics), {tables.TABLE} or one other CSV "
    f"(file with votes, stars or mean), {' or '.join(pairs.TABLES)} (series,first,second,probability), folders with "
    f"{series_folders.ORDER_FILE} or a photo named {series_folders.BEST}…, and {catalogue.LIBRARY} (a catalogue)."
)


def open_set(
    path: Path,
    *,
    comments: Path | None = None,
    images: Path | None = None,
    lists: Path | None = None,
    scale: tuple[float, float] = (1.0, 10.0),
    protocol: ava.AvaProtocol | None = None,
    reading: fgaesthetics.FGAestheticsReading | None = None,
) -> PhotoSet | SeriesSet:
    """Open a data set by what its files are; the answer's ``kind`` says what that was.

    Args:
        path: A folder, a table, or a catalogue.
        comments: A file of comments to attach (see ``comments.read_comments``).
        images: Where the photos lie, if not beside the table.
        lists: Where AVA's official lists lie.
        scale: What people could give, for a table of means.
        protocol: What of AVA is learned from.
        reading: What FGAesthetics' columns are taken to mean.

    Raises ``KnownError`` saying what was looked for where nothing fits, and what is wrong with what was found.
    """
    if not path.exists():
        raise KnownError(f"{path}: there is nothing here.", "Check the path of the data set.")
    for place in (images, lists):
        if place is not None and not place.is_dir():
            raise KnownError(f"{place}: this is not a folder.", "Check the path.")
    if (path.is_dir() and (path / ava.AVA_FILE).is_file()) or path.name == ava.AVA_FILE:
        found: PhotoSet | SeriesSet = ava.read_ava(
            path, images=images, lists=lists, protocol=protocol or ava.AvaProtocol()
        )
    elif path.is_dir() and fgaesthetics.label_files(path):
        found = fgaesthetics.read_fgaesthetics(
            path, images=images, reading=reading or fgaesthetics.FGAestheticsReading()
        )
    else:
        found = _open_other(path, images, scale)
    return found if comments is None else _with_comments(found, comments)


def open_photos(path: Path, **options: object) -> PhotoSet:
    """As ``open_set``. Raises ``KnownError`` for a set of series, where photos with votes are needed."""
    found = open_set(path, **options)  # type: ignore[arg-type]
    if not isinstance(found, PhotoSet):
        raise KnownError(f"{path}: this is {found.kind}; photos with votes are needed here.", tables.ADVICE)
    return found


def open_series(path: Path, **options: object) -> SeriesSet:
    """As ``open_set``, and a catalogue's choices in place of its stars.

    Raises ``KnownError`` for photos with votes, where series with compared pairs are needed.
    """
    library = _library(path)
    if library is not None:
        return catalogue.read_catalogue_pairs(library)
    found = open_set(path, **options)  # type: ignore[arg-type]
    if not isinstance(found, SeriesSet):
        raise KnownError(f"{path}: this is {found.kind}; series of photos are needed here.", pairs.ADVICE)
    return found


def _open_other(path: Path, images: Path | None, scale: tuple[float, float]) -> PhotoSet | SeriesSet:
    library = _library(path)
    if library is not None:
        return catalogue.read_catalogue(library)
    if path.is_file():
        return _open_table(path, images, scale)
    if (path / tables.TABLE).is_file():
        return tables.read_photos(path, images=images, scale=scale)
    if any((path / name).is_file() for name in pairs.TABLES):
        return pairs.read_pairs(path, images=images)
    fitting = [table for table in sorted(path.glob("*.csv")) if _reader(table) is not None]
    if len(fitting) > 1:
        names = ", ".join(table.name for table in fitting)
        raise KnownError(f"{path}: several tables here could be meant ({names}).", "Name one of them.")
    if fitting:
        return _open_table(fitting[0], images, scale)
    if series_folders.says_order(path):
        return series_folders.read_series_folders(path)
    raise KnownError(f"{path}: this is no data set that the program knows.", LOOKED_FOR)


def _library(path: Path) -> Path | None:
    """The catalogue that a path names: the file itself, or a folder that holds one and no table."""
    if path.is_file():
        return path if path.suffix.lower() == catalogue.SUFFIX else None
    return path / catalogue.LIBRARY if (path / catalogue.LIBRARY).is_file() else None


def _open_table(path: Path, images: Path | None, scale: tuple[float, float]) -> PhotoSet | SeriesSet:
    if path.suffix.lower() != ".csv":
        raise KnownError(f"{path}: this is no data set that the program knows.", LOOKED_FOR)
    if _reader(path) == "pairs":
        return pairs.read_pairs(path, images=images)
    return tables.read_photos(path, images=images, scale=scale)


def _reader(table: Path) -> str | None:
    """What a CSV holds, by its heading."""
    names = files.heading(table)
    if all(name in names for name in pairs.COLUMNS):
        return "pairs"
    opinions = (tables.VOTES[0], tables.STARS[0], *tables.MEAN)
    has_file = any(name in names for name in files.FILE_COLUMNS)
    return "photos" if has_file and any(name in names for name in opinions) else None


def _with_comments(found: PhotoSet | SeriesSet, path: Path) -> PhotoSet:
    if not isinstance(found, PhotoSet):
        raise KnownError(f"{path}: comments belong to photos with votes, and this is {found.kind}.", "Leave them out.")
    return comments.attach_comments(found, comments.read_comments(path))
