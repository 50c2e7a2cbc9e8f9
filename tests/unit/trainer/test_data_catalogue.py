"""The app's own catalogue is a data set: stars are votes, choices and flags are pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from aesthetic_studio.albums import PhotoQuery, SortKey
from aesthetic_studio.errors import KnownError, NotALibrary
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.pipeline.indexing import index
from aesthetic_studio.records import Flag, VerdictChange
from trainer.data import open_photos, open_series
from trainer.data.images import content_of
from trainer.metrics import mean_scores

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def library(tmp_path: Path) -> tuple[Path, list[Path], list[int]]:
    """An indexed folder of seven photos: the library's file, their paths, and their ids in the same order."""
    folder = tmp_path / "photos"
    folder.mkdir()
    paths = [folder / f"{number}.png" for number in range(7)]
    for number, path in enumerate(paths):
        noise = np.random.default_rng(number).integers(0, 255, (24, 24, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path)
    file = tmp_path / "library.sqlite"
    with Catalogue.open(file) as catalogue:
        index(catalogue, [str(folder)])
        ids = list(catalogue.ids(PhotoQuery(sort=SortKey.NAME, descending=False)))
    return file, paths, ids


def test_stars_are_votes_and_flags_a_column(library: tuple[Path, list[Path], list[int]]) -> None:
    file, paths, ids = library
    with Catalogue.open(file) as catalogue:
        for photo, stars in zip(ids, (1, 3, 5, 4), strict=False):
            catalogue.decide([photo], VerdictChange(rating=stars), "stars")
        catalogue.decide([ids[2]], VerdictChange(flag=Flag.PICK), "pick")
    photos = open_photos(file)
    # They come in the order of their contents, and contents are numbered as the index's processes finish.
    assert set(photos.paths) == set(paths[:4])
    rows = [photos.paths.index(path) for path in paths[:4]]
    assert [photos.files[row] for row in rows] == [content_of(path) for path in paths[:4]]
    np.testing.assert_allclose(mean_scores(photos.votes)[rows], [1.5, 5.5, 9.5, 7.5])
    assert list(photos.columns["flag"][rows]) == [0, 0, 1, 0]
    assert "one vote" in photos.notes[0]
    assert open_photos(file.parent).files == photos.files


def test_choices_are_pairs_and_picks_are_better_than_rejects(library: tuple[Path, list[Path], list[int]]) -> None:
    file, paths, ids = library
    with Catalogue.open(file) as catalogue:
        for better, worse in ((0, 1), (3, 4), (1, 2)):
            catalogue.prefer(ids[better], ids[worse], "teach")
        catalogue.decide([ids[5]], VerdictChange(flag=Flag.PICK), "pick")
        catalogue.decide([ids[1], ids[6]], VerdictChange(flag=Flag.REJECT), "reject")
    name = {content_of(path): number for number, path in enumerate(paths)}
    found = open_series(file)
    pairs = {
        series.name.split()[0] + str(k): {
            (name[found.files[p.first]], name[found.files[p.second]]) for p in series.pairs if p.probability == 1.0
        }
        for k, series in enumerate(found.series)
    }
    assert pairs == {"choices0": {(0, 1), (1, 2)}, "choices1": {(3, 4)}, "flags2": {(5, 1), (5, 6)}}


def test_a_catalogue_without_judgements_says_what_to_do(library: tuple[Path, list[Path], list[int]]) -> None:
    file, _, _ = library
    with pytest.raises(KnownError, match="Give photos stars"):
        open_photos(file)
    with pytest.raises(KnownError, match="Give photos stars"):
        open_series(file)
    (file.parent / "other.sqlite").write_bytes(b"no database at all" * 99)
    with pytest.raises(NotALibrary):
        open_photos(file.parent / "other.sqlite")
