"""Faces are kept by content and version, are found by the filter, and let their folders be grouped anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aesthetic_studio.albums import PhotoFilter, PhotoQuery
from aesthetic_studio.faces import Face
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.library.rows import faces_of
from aesthetic_studio.records import Frame, PhotoFile, PhotoState, Series, SeriesKind

FACE = Face(0.25, 0.125, 0.5, 0.25, 0.875, 0.0625, 0.75, 0.375)
BARE = replace(FACE, x=0.0, eyes_open=None, eyes_confidence=0.0, sharpness=None)
SHUT = replace(FACE, confidence=0.95, eyes_open=0.0005, eyes_confidence=0.99)


@pytest.fixture
def photos(catalogue, facts_of):
    """Five photos in a folder, by name."""
    return {
        name: catalogue.store_facts(PhotoFile("/p", f"{name}.jpg", 1, 1), facts_of(name.encode())) for name in "abcde"
    }


def content(catalogue, photo):
    return catalogue.photo(photo).content_id


def names(catalogue, **wanted):
    ids = catalogue.ids(PhotoQuery(PhotoFilter(**wanted), collapse_series=False))
    return "".join(sorted(photo.path.stem for photo in catalogue.photos(ids)))


def test_faces_come_back_as_they_were_stored_in_every_kind_of_record(catalogue, photos):
    catalogue.store_faces("1", [(content(catalogue, photos["a"]), [FACE, BARE])])
    catalogue.replace_series(
        "/p", [Series(SeriesKind.BURST, (Frame(photos["a"], 1, True, ()), Frame(photos["b"], 2, False, ())))]
    )
    series = catalogue.photo(photos["a"]).series_id
    for record in (
        catalogue.photo(photos["a"]),
        catalogue.series_frames(series)[0],
        catalogue.records_in_folder("/p")[0],
    ):
        assert record.faces == (FACE, BARE)
    assert catalogue.photo(photos["b"]).faces == ()


def test_a_twin_has_the_same_faces_and_a_moved_photo_keeps_them(catalogue, photos, facts_of):
    catalogue.store_faces("1", [(content(catalogue, photos["a"]), [FACE])])
    twin = catalogue.store_facts(PhotoFile("/q", "twin.jpg", 1, 1), facts_of(b"a"))
    assert catalogue.photo(twin).faces == (FACE,)


def test_a_newer_version_looks_at_all_again_and_replaces_what_was_seen(catalogue, photos):
    a = content(catalogue, photos["a"])
    catalogue.store_faces("1", [(content(catalogue, photo), [FACE, BARE]) for photo in photos.values()])
    assert catalogue.without_faces("1", limit=9) == []
    assert len(catalogue.without_faces("2", limit=9)) == 5
    catalogue.store_faces("2", [(a, [])])
    assert catalogue.photo(photos["a"]).faces == ()
    assert (catalogue.faces_version(a), catalogue.face_counts("2"), catalogue.face_counts("1")) == ("2", (1, 5), (4, 5))


def test_what_the_user_looks_at_has_its_turn_first_and_only_files_that_are_there_have_one(catalogue, photos):
    asked = catalogue.without_faces("1", limit=3, first=[photos["d"], photos["b"]])
    assert [photo for _, photo, _ in asked] == [photos["d"], photos["b"], photos["a"]]
    assert asked[0][2] == "/p/d.jpg"
    catalogue.store_faces("1", [(content(catalogue, photos["d"]), [])])
    rest = catalogue.without_faces("1", limit=9, after=content(catalogue, photos["b"]))
    assert [photo for _, photo, _ in rest] == [photos["c"], photos["e"]]
    assert catalogue.without_faces_among("1", [photos["e"], photos["d"], photos["a"]]) == [photos["e"], photos["a"]]
    catalogue.finish_scan(["/p"], [], False)
    assert {photo.state for photo in catalogue.photos(list(photos.values()))} != {PhotoState.PRESENT}
    assert catalogue.without_faces("1", limit=9) == []


def test_a_folder_is_grouped_anew_when_faces_come_or_go_and_not_when_there_are_none(catalogue, photos):
    def settled():
        catalogue.records_in_folder("/p")
        catalogue.replace_series("/p", [])
        return catalogue.folders_to_group() == []

    a, b = (content(catalogue, photos[name]) for name in "ab")
    assert settled()
    catalogue.store_faces("1", [(b, [])])
    assert catalogue.folders_to_group() == []
    catalogue.store_faces("1", [(a, [FACE])])
    assert catalogue.folders_to_group() == ["/p"]
    assert settled()
    catalogue.store_faces("2", [(a, [])])
    assert catalogue.folders_to_group() == ["/p"]


def test_the_filter_knows_how_many_faces_there_are_and_where_nobody_has_looked(catalogue, photos):
    looks = {"a": [], "b": [FACE], "c": [FACE, BARE], "d": [FACE] * 3}
    catalogue.store_faces("1", [(content(catalogue, photos[name]), faces) for name, faces in looks.items()])
    assert names(catalogue, faces_at_least=1) == "bcd"
    assert names(catalogue, faces_at_least=2) == "cd"
    assert names(catalogue, faces_at_most=0) == "a"
    assert names(catalogue, faces_at_least=1, faces_at_most=1) == "b"
    assert catalogue.count(PhotoFilter(faces_at_least=2)) == 2
    assert names(catalogue) == "abcde"


def test_the_filter_finds_closed_eyes_of_bursts_and_those_that_are_sure_alone(catalogue, photos):
    catalogue.store_faces("1", [(content(catalogue, photos[name]), [FACE]) for name in "abc"])
    catalogue.store_faces("1", [(content(catalogue, photos["d"]), [FACE, SHUT])])
    frames = (Frame(photos["a"], 1, True, ()), Frame(photos["b"], 2, False, ("eyes closed",), eyes_closed=1))
    catalogue.replace_series("/p", [Series(SeriesKind.BURST, frames)])
    assert names(catalogue, eyes_closed=True) == "bd"
    assert names(catalogue, eyes_closed=False) == "ace"
    catalogue.replace_series("/p", [])
    assert names(catalogue, eyes_closed=True) == "d"


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.builds(
            Face,
            *[st.floats(0, 1).map(lambda value: round(value, 6))] * 5,
            st.none() | st.floats(0, 1).map(lambda value: round(value, 6)),
            st.floats(0, 1).map(lambda value: round(value, 6)),
            st.none() | st.floats(0, 1).map(lambda value: round(value, 6)),
        ),
        max_size=5,
    )
)
def test_any_faces_survive_the_catalogue(tmp_path_factory, facts_once, faces):
    path = tmp_path_factory.mktemp("faces") / "library.sqlite"
    with Catalogue.open(path) as catalogue:
        photo = catalogue.store_facts(PhotoFile("/p", "a.jpg", 1, 1), facts_once(b"a"))
        catalogue.store_faces("1", [(catalogue.photo(photo).content_id, faces)])
        assert catalogue.photo(photo).faces == tuple(faces)


def test_no_faces_are_none_and_not_an_error():
    assert faces_of(None) == faces_of("[]") == ()
