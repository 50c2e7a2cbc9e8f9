"""Words in the catalogue: of the file by content, of sidecars by photo; read again when they change."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aesthetic_studio.albums import PhotoFilter, PhotoQuery, SortKey
from aesthetic_studio.library.conditions import MOST_WORDS
from aesthetic_studio.library.words import sidecar_mark
from aesthetic_studio.records import PhotoFile, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aesthetic_studio.library.catalogue import Catalogue

FOG = {"caption": "Fog over the bay", "keywords": ("fog", "sea")}
VERSION_1 = Path(__file__).parent / "past_versions" / "version-1.sql"


def read_due(catalogue: Catalogue, own: Words | None = None) -> list[int]:
    """Do what indexing does with photos that are due: a sidecar holds its keywords apart by spaces."""
    done = []
    for due in catalogue.words_due():
        beside = Words()
        for name in due.file.sidecars:
            path = Path(due.file.folder) / name
            beside = beside.with_sidecar(Words(None, tuple(path.read_text().split()))) if path.exists() else beside
        catalogue.store_words(due.photo_id, own if due.own else None, sidecar_mark(due.file), beside)
        done.append(due.photo_id)
    return done


def found(catalogue: Catalogue, text: str) -> list[str]:
    wanted = PhotoQuery(PhotoFilter(text=text), SortKey.NAME, descending=False)
    return [photo.name for photo in catalogue.photos(catalogue.ids(wanted))]


def store(catalogue: Catalogue, facts_of: Callable[..., Any], name: str, **words: Any) -> int:
    return catalogue.store_facts(PhotoFile("/p", name, 1, 1), facts_of(name.encode(), **words))


def test_words_come_back_as_they_were_stored(catalogue, facts_of):
    photo = store(catalogue, facts_of, "a.jpg", **FOG)
    record = catalogue.photo(photo)
    assert (record.metadata.caption, record.metadata.keywords) == ("Fog over the bay", ("fog", "sea"))
    assert catalogue.words([record.content_id]) == {record.content_id: "Fog over the bay\nfog, sea"}
    assert catalogue.words_due() == [], "a decode has told them"


def test_a_photo_without_words_has_none(catalogue, facts_of):
    photo = store(catalogue, facts_of, "a.jpg")
    assert not catalogue.photo(photo).metadata.words
    assert catalogue.words([catalogue.photo(photo).content_id]) == {}


def test_words_that_a_later_decode_no_longer_tells_are_gone(catalogue, facts_of):
    photo = store(catalogue, facts_of, "a.jpg", **FOG)
    store(catalogue, facts_of, "a.jpg")
    assert not catalogue.photo(photo).metadata.words
    assert found(catalogue, "fog") == []


def test_text_in_a_filter_finds_caption_and_keywords(catalogue, facts_of):
    store(catalogue, facts_of, "a.jpg", caption="Früher Nebel", keywords=("Küste",))
    store(catalogue, facts_of, "b.jpg", keywords=("Nebelhorn",))
    store(catalogue, facts_of, "c.jpg")
    assert found(catalogue, "nebel") == ["a.jpg", "b.jpg"]
    assert found(catalogue, "KÜSTE nebel") == ["a.jpg"]
    assert found(catalogue, "nebel b.jpg") == ["b.jpg"]


@pytest.mark.parametrize("collapsed", [True, False])
def test_a_whole_caption_put_into_the_search_finds_its_photo_however_long_it_is(catalogue, facts_of, collapsed):
    told = [f"word{number}" for number in range(MOST_WORDS)]
    photo = store(catalogue, facts_of, "a.jpg", caption=" ".join(told))
    store(catalogue, facts_of, "b.jpg", caption=" ".join(told[:-1]))

    def listed(words: Sequence[str]) -> list[int]:
        wanted = PhotoFilter(text=" ".join(words), rating=0)
        assert catalogue.count(wanted) == len(catalogue.ids(PhotoQuery(wanted)))
        return list(catalogue.ids(PhotoQuery(wanted, collapse_series=collapsed)))

    assert listed(told) == [photo]
    assert listed([*told, "more"]) == [], "no caption is taken for one of so many words"


def test_words_that_no_text_can_hold_are_kept_as_far_as_they_can_be(catalogue, facts_of):
    photo = store(catalogue, facts_of, "a.jpg", caption="odd \udcff", keywords=("\ud800",))
    assert catalogue.photo(photo).metadata.caption == "odd ?"


# -- sidecars ------------------------------------------------------------------------------------------------------


def test_a_sidecar_is_due_once_and_again_when_it_changes(album):
    album.write("a.jpg", "one")
    sidecar = album.write("a.xmp", "sea")
    album.index()
    assert read_due(album.catalogue) == [album.id_of("a.jpg")]
    assert album.catalogue.photo(1).metadata.keywords == ("sea",)
    album.index()
    assert read_due(album.catalogue) == []

    sidecar.write_text("sea mist")
    assert album.index() == [], "nothing is decoded for it"
    read_due(album.catalogue)
    assert album.catalogue.photo(1).metadata.keywords == ("sea", "mist")
    assert found(album.catalogue, "mist") == ["a.jpg"]


def test_words_go_with_their_sidecar(album):
    album.write("a.jpg", "one")
    sidecar = album.write("a.xmp", "sea")
    album.index()
    read_due(album.catalogue)
    sidecar.unlink()
    album.index()
    assert read_due(album.catalogue) == [1]
    assert not album.catalogue.photo(1).metadata.words
    assert album.catalogue.words([album.catalogue.photo(1).content_id]) == {}


def test_a_sidecar_adds_to_what_its_file_says(catalogue, facts_of):
    photo = store(catalogue, facts_of, "a.jpg", **FOG)
    catalogue.store_words(photo, None, "a.xmp/1/1", Words("Seen from the pier", ("pier", "FOG")))
    said = catalogue.photo(photo).metadata
    assert (said.caption, said.keywords) == ("Seen from the pier", ("fog", "sea", "pier"))
    assert catalogue.words([1]) == {1: "Seen from the pier\nfog, sea, pier"}


def test_identical_files_keep_their_own_sidecars_and_share_the_text_for_models(album):
    for name, said in (("a", "sea"), ("b", "mist")):
        album.write(f"{name}.jpg", "same")
        album.write(f"{name}.xmp", said)
    album.index()
    read_due(album.catalogue)
    keywords = [photo.metadata.keywords for photo in album.catalogue.photos([1, 2])]
    assert keywords == [("sea",), ("mist",)]
    assert album.catalogue.words([1]) == {1: "sea, mist"}


def test_an_edited_photo_takes_its_sidecar_along(album):
    album.write("a.jpg", "one")
    album.write("a.xmp", "sea")
    album.index()
    read_due(album.catalogue)
    before = album.catalogue.photo(1).content_id
    album.write("a.jpg", "another")
    album.index()
    read_due(album.catalogue)
    now = album.catalogue.photo(1).content_id
    assert now != before
    assert album.catalogue.words([before, now]) == {now: "sea"}


def test_a_moved_photo_has_the_words_beside_it_in_its_new_place(album):
    photo, sidecar = album.write("a.jpg", "one"), album.write("a.xmp", "sea")
    album.index()
    read_due(album.catalogue)
    (album.folder / "later").mkdir()
    photo.rename(album.folder / "later" / "a.jpg")
    sidecar.unlink()
    album.write("later/a.xmp", "mist")
    assert album.index() == []
    read_due(album.catalogue)
    assert album.catalogue.photo(1).metadata.keywords == ("mist",)


def test_a_sidecar_that_could_not_be_read_is_a_warning_and_not_tried_for_ever(album):
    album.write("a.jpg", "one")
    album.write("a.xmp", "?")
    album.index()
    [due] = album.catalogue.words_due()
    album.catalogue.store_words(due.photo_id, None, sidecar_mark(due.file), Words(), "the sidecar a.xmp is damaged")
    assert album.catalogue.photo(1).warnings[-1] == "the sidecar a.xmp is damaged"
    album.index()
    assert album.catalogue.words_due() == []


# -- older libraries -----------------------------------------------------------------------------------------------


def test_a_library_from_before_words_reads_them_once_without_decoding(tmp_path, open_library):
    path = tmp_path / "old.sqlite"
    old = sqlite3.connect(path)
    old.executescript(VERSION_1.read_text(encoding="utf-8"))
    old.close()
    with open_library(path) as catalogue:
        names = {due.file.name: due.own for due in catalogue.words_due()}
        assert names == {"rated.jpg": True, "other.jpg": True}
        read_due(catalogue, Words("A boat at dawn"))
        assert catalogue.words_due() == []
        assert found(catalogue, "dawn") == ["rated.jpg"], "its series stands under its best frame"
        assert catalogue.photo(1).score is not None
        assert catalogue.unscored_among("embedded", "1", [1]) == [], "its score came of no words"


# -- scores --------------------------------------------------------------------------------------------------------


def judged(catalogue: Catalogue, photos: Sequence[int]) -> list[int]:
    return [photo for photo in photos if photo not in catalogue.unscored_among("reader", "1", photos)]


@pytest.fixture
def photos(catalogue, facts_of):
    return [store(catalogue, facts_of, "a.jpg", **FOG), store(catalogue, facts_of, "b.jpg")]


def test_a_score_made_with_words_is_made_again_when_they_change(catalogue, photos, distribution_of):
    contents = [photo.content_id for photo in catalogue.photos(photos)]
    rows = [(content, distribution_of(6)) for content in contents]
    catalogue.store_scores("reader", "1", rows, catalogue.words(contents))
    assert judged(catalogue, photos) == photos
    assert catalogue.score_counts("reader", "1") == (2, 2)

    catalogue.store_words(photos[1], None, "b.xmp/1/1", Words("New words"))
    assert judged(catalogue, photos) == photos[:1]
    assert catalogue.score_counts("reader", "1") == (1, 2)
    assert [photo for _, photo in catalogue.unscored("reader", "1", limit=9)] == photos[1:]
    assert catalogue.cells(photos)[1].score == pytest.approx(6), "the old one is shown until the new one is here"

    catalogue.store_scores("reader", "1", [(contents[1], distribution_of(7))], catalogue.words(contents))
    assert judged(catalogue, photos) == photos


def test_words_that_change_while_a_photo_is_scored_are_noticed(catalogue, photos, distribution_of):
    contents = [photo.content_id for photo in catalogue.photos(photos)]
    handed_in = catalogue.words(contents)
    catalogue.store_words(photos[0], None, "a.xmp/1/1", Words("Newer words"))
    catalogue.store_scores("reader", "1", [(each, distribution_of(6)) for each in contents], handed_in)
    assert judged(catalogue, photos) == photos[1:]


def test_a_score_of_a_model_that_reads_no_words_stays_whatever_is_written(catalogue, photos, distribution_of):
    contents = [photo.content_id for photo in catalogue.photos(photos)]
    catalogue.store_scores("reader", "1", [(content, distribution_of(6)) for content in contents])
    catalogue.store_words(photos[0], None, "a.xmp/1/1", Words("Newer words"))
    assert judged(catalogue, photos) == photos
