"""Smart albums on the command line: the list, and the photos of one by its name."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from aesthetic_studio.albums import PhotoQuery
from aesthetic_studio.cli.output import print_lines, print_table
from aesthetic_studio.errors import WrongUsage
from aesthetic_studio.library.smart_albums import to_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.albums import SmartAlbum
    from aesthetic_studio.library.catalogue import Catalogue


def album_called(catalogue: Catalogue, name: str) -> SmartAlbum:
    """The smart album of this name, whatever its case. Raises ``WrongUsage`` where there is none."""
    albums = {album.name.casefold(): album for album in catalogue.albums.all()}
    album = albums.get(" ".join(name.split()).casefold())
    if album is None:
        listed = ", ".join(sorted(each.name for each in albums.values()))
        advice = f"There are: {listed}." if listed else "Save one in the window: Edit, Save as smart album."
        raise WrongUsage(f"There is no smart album called {name}.", advice)
    return album


def photos_of(catalogue: Catalogue, name: str) -> frozenset[int]:
    """Every photo of a smart album, each frame of a series. Raises ``WrongUsage`` where there is none of this name."""
    album = album_called(catalogue, name)
    if album.unknown:
        unknown = ", ".join(album.unknown)
        sys.stderr.write(f"{album.name}: a newer version filters it by more than this one knows: {unknown}.\n")
    return frozenset(catalogue.ids(PhotoQuery(album.query.filter, collapse_series=False)))


def album_objects(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Smart albums in order of name, as the JSON of ``albums``."""
    return [
        {
            "name": album.name,
            "photos": catalogue.count(album.query.filter),
            "filter": json.loads(to_text(album.query))["filter"],
            "sort": album.query.sort.value,
            "descending": album.query.descending,
            "unknown": list(album.unknown),
        }
        for album in catalogue.albums.all()
    ]


def print_albums(objects: Sequence[dict[str, Any]]) -> None:
    """One line an album."""
    if not objects:
        print_lines(["No smart albums. Save one in the window: Edit, Save as smart album."])
        return
    rows = [
        (each["name"], str(each["photos"]), ", ".join(f"{name} {value}" for name, value in each["filter"].items()))
        for each in objects
    ]
    print_table(("album", "photos", "filter"), rows, right=frozenset({1}))
