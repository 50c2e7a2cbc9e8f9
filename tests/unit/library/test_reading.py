"""Photos are read back as they were stored, however many are asked for."""

from __future__ import annotations

from pathlib import Path

from aesthetic_studio.albums import PhotoQuery, SortKey
from aesthetic_studio.records import PhotoFile, PhotoFiles, PhotoState


def test_more_ids_than_sqlite_has_variables_are_read_in_their_order(catalogue, facts_of):
    with catalogue.transaction():
        for number in range(1200):
            catalogue.store_facts(PhotoFile("/p", f"{number}.jpg", number, 0), facts_of(str(number).encode()))
    ids = list(catalogue.ids(PhotoQuery(sort=SortKey.NAME)))
    assert [cell.id for cell in catalogue.cells(ids)] == ids
    assert [photo.id for photo in catalogue.photos(ids)] == ids
    assert [photo.path for photo in catalogue.files(ids)] == [str(photo.path) for photo in catalogue.photos(ids)]


def test_everything_a_decode_told_is_read_back(catalogue, facts_of):
    facts = facts_of(b"x", latitude=-1.5, longitude=2.25, burst_id="B", burst_primary=True, live_id="L", orientation=6)
    file = PhotoFile("/p", "x.jpg", 12, 34, ("x.CR2", "x\udcff.xmp"))
    photo = catalogue.photo(catalogue.store_facts(file, facts))
    assert photo.path == Path("/p/x.jpg")
    assert (photo.size, photo.mtime_ns, photo.companions) == (12, 34, file.companions)
    assert (photo.metadata, photo.measurements, photo.look) == (facts.metadata, facts.measurements, facts.look)
    assert (photo.format, photo.width, photo.height, photo.warnings) == ("JPEG", 6000, 4000, facts.warnings)
    assert catalogue.files([photo.id]) == [PhotoFiles("/p/x.jpg", PhotoState.PRESENT, file.companions)]
    assert catalogue.preview(photo.id) == facts.preview
    assert catalogue.previews([photo.content_id]) == {photo.content_id: facts.preview}
