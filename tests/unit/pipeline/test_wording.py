"""Words beside photos, and of photos catalogued before words were asked for, are read without decoding a picture."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from aesthetic_studio.albums import PhotoQuery, SortKey
from aesthetic_studio.errors import UnreadablePhoto
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.pipeline.indexing import IndexReport, index
from aesthetic_studio.pipeline.workers import DecodePool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aesthetic_studio.pipeline.decode_worker import Decoders
    from aesthetic_studio.records import PhotoFacts, PhotoRecord, Progress

SIDECAR = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>'
    "<rdf:li>{}</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
)


def _nothing(path: str) -> PhotoFacts:
    raise UnreadablePhoto(path, "nothing is to be decoded here", "Leave it.")


def _load_nothing() -> Decoders:
    return _nothing, lambda _: b""


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "library.sqlite") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two photos, the first with words in its file and beside it."""
    made = tmp_path / "photos"
    made.mkdir()
    exif = Image.Exif()
    exif[0x010E] = "Fog over the bay"
    Image.new("RGB", (64, 48), (200, 90, 30)).save(made / "a.jpg", exif=exif)
    Image.new("RGB", (64, 48), (20, 90, 130)).save(made / "b.jpg")
    (made / "a.xmp").write_text(SIDECAR.format("fog"))
    return made


@pytest.fixture
def run(catalogue: Catalogue, folder: Path) -> Callable[..., IndexReport]:
    """Index the folder; ``decode=False`` makes every decode fail."""

    def index_folder(*, decode: bool = True, **options: object) -> IndexReport:
        load = {} if decode else {"load": _load_nothing}
        pool = DecodePool(1, start_method="fork", **load)  # type: ignore[arg-type]
        return index(catalogue, [str(folder)], pool=pool, **options)  # type: ignore[arg-type]

    return index_folder


def photos(catalogue: Catalogue) -> list[PhotoRecord]:
    return catalogue.photos(catalogue.ids(PhotoQuery(sort=SortKey.NAME, descending=False)))


def test_a_sidecar_is_read_with_its_photo(catalogue: Catalogue, run: Callable[..., IndexReport]) -> None:
    reports: list[Progress] = []
    report = run(progress=reports.append)
    first, second = photos(catalogue)
    assert (first.metadata.caption, first.metadata.keywords) == ("Fog over the bay", ("fog",))
    assert not second.metadata.words
    assert (report.added, report.reworded) == (2, 1)
    assert (reports[-1].done, reports[-1].total) == (2, 2)


def test_a_changed_sidecar_is_read_again_and_its_photo_is_not(
    catalogue: Catalogue, folder: Path, run: Callable[..., IndexReport]
) -> None:
    run()
    (folder / "a.xmp").write_text(SIDECAR.format("mist, rising"))
    report = run(decode=False)
    assert (report.reworded, report.unchanged, report.unreadable) == (1, 2, ())
    assert photos(catalogue)[0].metadata.keywords == ("mist, rising",)
    assert run(decode=False).reworded == 0


def test_a_new_sidecar_of_a_known_photo_is_read(
    catalogue: Catalogue, folder: Path, run: Callable[..., IndexReport]
) -> None:
    run()
    (folder / "b.jpg.xmp").write_text(SIDECAR.format("river"))
    assert run(decode=False).reworded == 1
    assert photos(catalogue)[1].metadata.keywords == ("river",)


def test_a_damaged_sidecar_is_told_and_costs_nothing_else(
    catalogue: Catalogue, folder: Path, run: Callable[..., IndexReport]
) -> None:
    (folder / "a.xmp").write_text("<x:xmpmeta")
    report = run()
    first, _ = photos(catalogue)
    assert (report.added, report.unreadable) == (2, ())
    assert first.metadata.caption == "Fog over the bay"
    assert "the sidecar a.xmp could not be read" in first.warnings[-1]
    assert (folder / "a.xmp").read_text() == "<x:xmpmeta"


def test_a_run_that_is_stopped_before_the_words_leaves_them_due(
    catalogue: Catalogue, run: Callable[..., IndexReport]
) -> None:
    report = run(should_stop=lambda: catalogue.totals().photos == 2)
    assert report.interrupted
    assert photos(catalogue)[0].metadata.keywords == ()
    assert run(decode=False).reworded == 1
    assert photos(catalogue)[0].metadata.keywords == ("fog",)


def test_an_older_library_gets_its_words_without_decoding(
    catalogue: Catalogue, folder: Path, run: Callable[..., IndexReport]
) -> None:
    run()
    with catalogue.transaction():  # as the migration leaves a library of version 1
        for statement in ("DELETE FROM words", "DELETE FROM sidecar", "UPDATE content SET words_read = 0"):
            catalogue._store.run(statement)
        catalogue._store.run("UPDATE photo SET words_due = 1")
    reports: list[Progress] = []
    report = run(decode=False, progress=reports.append)
    assert (report.reworded, report.unchanged) == (2, 2)
    assert (reports[-1].done, reports[-1].total) == (2, 2), "it may take a while, so it is counted"
    assert photos(catalogue)[0].metadata.words.text == "Fog over the bay\nfog"
    assert run(decode=False).reworded == 0


def test_words_outside_the_folders_that_are_indexed_wait(
    catalogue: Catalogue, folder: Path, tmp_path: Path, run: Callable[..., IndexReport]
) -> None:
    run()
    catalogue._store.run("UPDATE photo SET words_due = 1")
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    report = index(catalogue, [str(other)], pool=DecodePool(1, start_method="fork"))
    assert report.reworded == 1
    assert [due.file.folder for due in catalogue.words_due()] == [str(folder)] * 2
