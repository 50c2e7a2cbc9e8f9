"""Photos of the library that are named by their files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from aesthetic_studio.errors import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.records import PhotoRecord

READ_FIRST = "Read and score them first: aesthetic-studio rank FOLDER"


def photos_at(catalogue: Catalogue, typed: Sequence[str]) -> list[PhotoRecord]:
    """The photos of these files, or that these files belong to, in this order, each once.

    Raises ``WrongUsage`` where a file is not there or the library has no photo of it.
    """
    folders: dict[Path, dict[str, PhotoRecord]] = {}
    found: dict[int, PhotoRecord] = {}
    for each in typed:
        path = Path(os.path.abspath(each))  # noqa: PTH100 - resolve() follows links, to a file that is not listed
        if not path.is_file():
            raise WrongUsage(f"{each}: there is no such file.", "Name a photo.")
        if path.parent not in folders:
            folders[path.parent] = _files_in(catalogue, path.parent)
        photo = folders[path.parent].get(path.name)
        if photo is None:
            raise WrongUsage(
                f"{each}: this photo is not in the library.", READ_FIRST.replace("FOLDER", str(path.parent))
            )
        found[photo.id] = photo
    return list(found.values())


def _files_in(catalogue: Catalogue, folder: Path) -> dict[str, PhotoRecord]:
    """File name → photo, companions and all; a photo of that very name comes before one that it belongs to."""
    from aesthetic_studio.albums import PhotoFilter, PhotoQuery

    inside = PhotoQuery(PhotoFilter(folders=(str(folder),)), collapse_series=False)
    photos = [photo for photo in catalogue.photos(catalogue.ids(inside)) if photo.path.parent == folder]
    companions = {name: photo for photo in photos for name in photo.companions}
    return companions | {photo.path.name: photo for photo in photos}
