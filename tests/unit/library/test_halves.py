"""A large album is walked by two connections at once: what they find together is one state of the library."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest

from aesthetic_studio.albums import PhotoQuery, SortKey
from aesthetic_studio.library import halves
from aesthetic_studio.library.connection import Store
from aesthetic_studio.records import Flag, Label, PhotoFile, VerdictChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aesthetic_studio.library.catalogue import Catalogue

SCORES = [2.0, 3.0, 4.0, 6.0, 7.0, 8.0]


@pytest.fixture(autouse=True)
def _every_library_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halves, "LARGE", 1)


@pytest.fixture
def photos(catalogue: Catalogue, facts_of: Callable[..., Any], distribution_of: Callable[..., Any]) -> list[int]:
    made = []
    for number, score in enumerate(SCORES):
        file = PhotoFile("/photos", f"{number}.jpg", 1, number)
        photo = catalogue.store_facts(file, facts_of(str(number).encode()))
        catalogue.store_scores("model", "1", [(catalogue.photo(photo).content_id, distribution_of(score))])
        made.append(photo)
    return made


@pytest.fixture
def reader(catalogue: Catalogue, photos: list[int]) -> Iterator[Catalogue]:
    with catalogue.reader() as opened:
        assert list(opened.ids(PhotoQuery())) == photos[::-1]
        yield opened


def store_of(reader: Catalogue) -> halves.PairedReader:
    store = reader._store
    assert isinstance(store, halves.PairedReader)
    return store


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What two connections found, walk by walk; what one found alone is left out."""
    found: list[Any] = []
    each = halves.PairedReader.each

    def noting(store: halves.PairedReader, asked: Any) -> Any:
        answers = each(store, asked)
        if store.is_paired:
            found.append(answers)
        return answers

    monkeypatch.setattr(halves.PairedReader, "each", noting)
    return found


def test_two_connections_walk_and_each_finds_its_half(reader: Catalogue, photos: list[int], walked: list[Any]) -> None:
    assert list(reader.ids(PhotoQuery(sort=SortKey.NAME, descending=False))) == photos
    [(((one,),), ((other,),))] = walked
    assert [int(photo) for photo in f"{one},{other}".split(",")] == photos
    assert one
    assert other


@pytest.mark.parametrize("sort", SortKey)
@pytest.mark.parametrize("turn", range(8))
def test_what_is_written_while_an_album_is_read_lets_no_photo_be_listed_twice_or_not_at_all(
    catalogue: Catalogue,
    reader: Catalogue,
    photos: list[int],
    facts_of: Callable[..., Any],
    distribution_of: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    sort: SortKey,
    turn: int,
) -> None:
    """Half of the photos change places, and one comes, before any of the statements that an album is read by."""
    unscored = catalogue.store_facts(PhotoFile("/photos", "8.jpg", 1, 8), facts_of(b"8", iso=None))
    before = list(catalogue.ids(PhotoQuery(sort=sort)))
    store = store_of(reader)
    left = turn

    def all_change() -> None:
        catalogue.store_facts(PhotoFile("/photos", "9.jpg", 1, 9), facts_of(b"9"))
        for number, photo in enumerate([*photos[::2], unscored]):
            catalogue.store_scores("model", "1", [(catalogue.photo(photo).content_id, distribution_of(9.0 - number))])
        catalogue.decide(photos[:3], VerdictChange(rating=5, flag=Flag.PICK, label=Label.RED), "x")

    def noting(ask: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*question: Any) -> Any:
            nonlocal left
            left -= 1
            if left == -1:
                all_change()
            return ask(*question)

        return asked

    with monkeypatch.context() as patch:
        for name in ("all", "one"):
            patch.setattr(store, name, noting(getattr(store, name)))
        found = list(reader.ids(PhotoQuery(sort=sort)))
    assert found in (before, list(catalogue.ids(PhotoQuery(sort=sort))))
    assert (catalogue.newest_photo_id() > unscored) is (left < 0)
    assert left < 0 or turn > 2


def test_where_somebody_writes_between_the_beginnings_one_connection_walks_alone(
    catalogue: Catalogue,
    reader: Catalogue,
    photos: list[int],
    distribution_of: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    walked: list[Any],
) -> None:
    stamp = Store.stamp

    def then_best_becomes_worst(store: Store) -> tuple[int, int]:
        found = stamp(store)
        catalogue.store_scores("model", "1", [(catalogue.photo(photos[-1]).content_id, distribution_of(1.5))])
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Store, "stamp", then_best_becomes_worst)
        assert list(reader.ids(PhotoQuery())) == photos[::-1]
    assert walked == []
    assert list(reader.ids(PhotoQuery())) == [*photos[-2::-1], photos[-1]]
    assert len(walked) == 1


def test_an_error_of_the_second_connection_is_told_and_the_reader_answers_again(
    reader: Catalogue, photos: list[int]
) -> None:
    store = store_of(reader)
    beside, is_asked = store._beside, threading.Event()
    assert beside is not None
    for connection in (store._connection, beside):
        # Whichever takes the first statement waits in it until the second connection was interrupted in one.
        connection.create_function("until_both_are_asked", 0, lambda: is_asked.wait(60))
    beside.set_progress_handler(lambda: is_asked.set() or 1, 1)  # type: ignore[func-returns-value]
    try:
        with pytest.raises(sqlite3.OperationalError, match="interrupted"), store.one_state():
            store.each([("SELECT until_both_are_asked()", ()), ("SELECT max(path) FROM photo", ())])
    finally:
        beside.set_progress_handler(None, 1)
    assert list(reader.ids(PhotoQuery())) == photos[::-1]


def test_a_reader_is_closed_twice_without_harm_and_its_thread_ends(reader: Catalogue) -> None:
    pool = store_of(reader)._pool
    for _ in range(2):
        reader.close()
    with pytest.raises(RuntimeError):
        pool.submit(print)
    assert not [thread for thread in pool._threads if thread.is_alive()]


def test_a_small_library_is_walked_by_one_connection(
    catalogue: Catalogue, photos: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(halves, "LARGE", len(photos) + 1)
    with catalogue.reader() as reader:
        assert list(reader.ids(PhotoQuery())) == photos[::-1]
        assert store_of(reader)._beside is None


def test_a_writer_sees_what_it_has_not_committed_yet(
    catalogue: Catalogue, photos: list[int], distribution_of: Callable[..., Any]
) -> None:
    with catalogue.transaction():
        catalogue.store_scores("model", "1", [(catalogue.photo(photos[0]).content_id, distribution_of(9.0))])
        assert next(iter(catalogue.ids(PhotoQuery()))) == photos[0]
