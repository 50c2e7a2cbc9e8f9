"""Smart albums keep what they filter by, also what a newer version wrote into them."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.albums import Comparison, GroupKind, PhotoFilter, PhotoQuery, SortKey
from aesthetic_studio.errors import LibraryError
from aesthetic_studio.library.smart_albums import from_text, to_text
from aesthetic_studio.records import Flag, Label, PhotoState

numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
moments = st.none() | st.datetimes()
queries = st.builds(
    PhotoQuery,
    filter=st.builds(
        PhotoFilter,
        folders=st.lists(st.sampled_from(["/photos", "/é", "/photos/\udcff"]), max_size=2).map(tuple),
        text=st.text(max_size=5),
        score_at_least=numbers,
        score_at_most=numbers,
        rating=st.none() | st.integers(0, 5),
        rating_comparison=st.sampled_from(Comparison),
        flags=st.none() | st.frozensets(st.sampled_from(Flag)),
        labels=st.none() | st.frozensets(st.sampled_from(Label)),
        camera=st.none() | st.text(max_size=5),
        lens=st.none() | st.text(max_size=5),
        states=st.none() | st.frozensets(st.sampled_from(PhotoState)),
        groups=st.none() | st.frozensets(st.sampled_from(GroupKind)),
        focal_at_least=numbers,
        focal_at_most=numbers,
        iso_at_least=st.none() | st.integers(),
        iso_at_most=st.none() | st.integers(),
        taken_from=moments,
        taken_before=moments,
        spread_at_least=numbers,
        spread_at_most=numbers,
        sharpness_at_least=numbers,
        sharpness_at_most=numbers,
        faces_at_least=st.none() | st.integers(),
        faces_at_most=st.none() | st.integers(),
        eyes_closed=st.none() | st.booleans(),
    ),
    sort=st.sampled_from(SortKey),
    descending=st.booleans(),
)


@given(query=queries)
def test_what_is_stored_is_read_back(query: PhotoQuery) -> None:
    assert from_text(to_text(query)) == (query, ())


def test_a_series_number_is_not_kept_since_it_may_be_another_series_tomorrow() -> None:
    query, unknown = from_text(to_text(PhotoQuery(PhotoFilter(text="sea", series_id=3))))

    assert (query.filter, unknown) == (PhotoFilter(text="sea"), ())


def test_what_a_newer_version_wrote_is_told_and_stays_stored(catalogue) -> None:
    album = catalogue.albums.save("Portraits", PhotoQuery(PhotoFilter(rating=4)))
    stored = json.loads(catalogue._store.value("SELECT query FROM smart_album"))
    stored |= {"version": 2, "sort": "smile"}
    stored["filter"] |= {"smiles_at_least": 1, "flags": ["pick", "favourite"]}
    catalogue._store.run("UPDATE smart_album SET query = ?", (json.dumps(stored),))

    catalogue.albums.rename(album, "People")
    [found] = catalogue.albums.all()

    assert found.name == "People"
    assert found.query == PhotoQuery(PhotoFilter(rating=4))
    assert set(found.unknown) == {"format 2", "smiles_at_least", "flags", "sort"}
    assert json.loads(catalogue._store.value("SELECT query FROM smart_album")) == stored


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1}', '{"version": 1, "filter": 3}'])
def test_a_damaged_album_says_so_and_breaks_nothing(text: str) -> None:
    query, [unknown] = from_text(text)

    assert query == PhotoQuery()
    assert "damaged" in unknown


@pytest.mark.parametrize(
    "wrong", [{"rating": "five"}, {"iso_at_least": True}, {"text": 3}, {"taken_from": "noon"}, {"eyes_closed": 1}]
)
def test_a_value_of_another_kind_is_told_and_left_out(wrong: dict) -> None:
    query, unknown = from_text(json.dumps({"version": 1, "filter": wrong, "sort": "score"}))

    assert (query, unknown) == (PhotoQuery(), tuple(wrong))


def test_saving_under_the_same_name_replaces_whatever_its_case(catalogue) -> None:
    first = catalogue.albums.save("Best", PhotoQuery(PhotoFilter(rating=4)))
    again = catalogue.albums.save("  best ", PhotoQuery(PhotoFilter(rating=5)))

    [album] = catalogue.albums.all()
    assert (first, album.id, album.name) == (again, again, "Best")
    assert album.query.filter == PhotoFilter(rating=5)


def test_two_albums_cannot_have_one_name(catalogue) -> None:
    catalogue.albums.save("Best", PhotoQuery())
    other = catalogue.albums.save("Worst", PhotoQuery())

    with pytest.raises(LibraryError, match="called best already"):
        catalogue.albums.rename(other, "best")
    catalogue.albums.rename(other, "worst")
    assert [album.name for album in catalogue.albums.all()] == ["Best", "worst"]


@pytest.mark.parametrize("name", ["", "  ", "n" * 201])
def test_a_name_that_is_none_is_refused(catalogue, name: str) -> None:
    with pytest.raises(LibraryError):
        catalogue.albums.save(name, PhotoQuery())


def test_a_deleted_album_leaves_its_photos(catalogue, facts_of) -> None:
    from aesthetic_studio.records import PhotoFile

    catalogue.store_facts(PhotoFile("/p", "a.jpg", 1, 1), facts_of(b"a"))
    album = catalogue.albums.save("All", PhotoQuery(PhotoFilter(taken_from=datetime(2000, 1, 1))))

    catalogue.albums.delete(album)

    assert catalogue.albums.all() == []
    assert catalogue.totals().photos == 1
