"""A large album is walked by two connections at once: what they find together is one state of the library."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest

from aesthetic_studio.albums import PhotoQuery, SortKey
from aesthetic_studio.errors import LibraryError
from aesthetic_studio.library import halves
from aesthetic_studio.records import Flag, PhotoFile, VerdictChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aesthetic_studio.library.catalogue import Catalogue

SCORES = [2.0, 3.0, 4.0, 6.0, 7.0, 8.0]


class Late(Future[Any]):
    """Does its work when it is asked for the result."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work = work

    def result(self, timeout: float | None = None) -> Any:
        return self._work()


class Meanwhile:
    """In place of the pool: something happens between the two halves, which run one after the other."""

    def __init__(self, happens: Callable[[], None]) -> None:
        self._happens = happens
        self.asked = 0

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        def later() -> Any:
            self._happens()
            return work(*arguments)

        self.asked += 1
        return Late(later)

    def shutdown(self) -> None:
        """Nothing to end."""


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


def test_two_connections_walk_and_each_finds_its_half(
    reader: Catalogue, photos: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Sequence[Any]] = []
    both = halves.PairedReader.both
    monkeypatch.setattr(
        halves.PairedReader, "both", lambda store, *asked: found.append(both(store, *asked)) or found[-1]
    )
    assert list(reader.ids(PhotoQuery(sort=SortKey.NAME, descending=False))) == photos
    [(((one,),), ((other,),))] = found
    assert [int(photo) for photo in f"{one},{other}".split(",")] == photos
    assert one
    assert other


def test_a_score_that_changes_between_the_halves_lets_no_photo_be_listed_twice_or_not_at_all(
    catalogue: Catalogue, reader: Catalogue, photos: list[int], distribution_of: Callable[..., Any]
) -> None:
    def best_becomes_worst() -> None:
        catalogue.store_scores("model", "1", [(catalogue.photo(photos[-1]).content_id, distribution_of(1.5))])

    meanwhile = store_of(reader)._pool = Meanwhile(best_becomes_worst)  # type: ignore[assignment]

    assert list(reader.ids(PhotoQuery())) == [*photos[-2::-1], photos[-1]]
    assert meanwhile.asked == 1


@pytest.mark.parametrize("sort", [SortKey.RATING, SortKey.FLAG, SortKey.ISO, SortKey.CAMERA, SortKey.ADDED])
def test_a_photo_that_comes_between_the_halves_is_listed_once_or_later(
    catalogue: Catalogue, reader: Catalogue, photos: list[int], facts_of: Callable[..., Any], sort: SortKey
) -> None:
    def one_more() -> None:
        if catalogue.newest_photo_id() == photos[-1]:
            catalogue.store_facts(PhotoFile("/photos", "9.jpg", 1, 9), facts_of(b"9"))
            catalogue.decide(photos[:1], VerdictChange(rating=5, flag=Flag.PICK), "x")

    store_of(reader)._pool = Meanwhile(one_more)  # type: ignore[assignment]

    found = reader.ids(PhotoQuery(sort=sort, descending=True))
    assert list(found) == list(catalogue.ids(PhotoQuery(sort=sort, descending=True)))
    assert len(found) == len(photos) + 1


def test_an_error_of_the_second_connection_is_told_and_the_reader_answers_again(
    reader: Catalogue, photos: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: Any) -> list[Any]:
        raise LibraryError("library.sqlite: the disk reported an error.", "Check the drive.")

    with monkeypatch.context() as patch:
        patch.setattr(store_of(reader)._beside, "all", damaged)
        with pytest.raises(LibraryError, match="the disk reported an error"):
            reader.ids(PhotoQuery())
    assert list(reader.ids(PhotoQuery())) == photos[::-1]


def test_a_reader_is_closed_twice_without_harm_and_its_thread_ends(reader: Catalogue) -> None:
    store = store_of(reader)
    pool, beside = store._pool, store._beside
    assert pool is not None
    assert beside is not None
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
