"""``decide``, ``burst``, ``compare``, ``undo`` and ``redo``, run as a user runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.records import Flag, Label

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aesthetic_studio.records import PhotoRecord


pytestmark = pytest.mark.xdist_group("deciding")


def _index(home: Path, studio_at: Callable[[Path], Any], photo: Callable[..., Any]) -> tuple[Any, Path]:
    """A library of five photos that are no burst, one of them with a companion, and a photo that it has not."""
    album = home / "album"
    album.mkdir()
    for number in range(5):
        photo(album / f"photo {number}.jpg", number)
    (album / "photo 0.xmp").write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", encoding="utf-8")
    photo(home / "elsewhere.jpg", 99)
    studio = studio_at(home)
    assert studio("index", album).code == 0
    return studio, album


@pytest.fixture
def indexed(tmp_path: Path, studio_at: Callable[[Path], Any], photo: Callable[..., Any]) -> tuple[Any, Path]:
    return _index(tmp_path, studio_at, photo)


@pytest.fixture(scope="module")
def untouched(
    tmp_path_factory: pytest.TempPathFactory, studio_at: Callable[[Path], Any], photo: Callable[..., Any]
) -> tuple[Any, Path]:
    """The same for tests that change nothing."""
    return _index(tmp_path_factory.mktemp("deciding"), studio_at, photo)


def known(studio: Any) -> dict[str, PhotoRecord]:
    with Catalogue.open(studio.library) as library:
        return {photo.name: photo for photo in library.photos(range(1, library.newest_photo_id() + 1))}


def together(studio: Any) -> list[list[str]]:
    found: dict[int, list[str]] = {}
    for name, photo in sorted(known(studio).items()):
        if photo.series_id is not None:
            found.setdefault(photo.series_id, []).append(name)
    return sorted(found.values())


def test_photos_get_stars_a_flag_and_a_label_and_each_step_is_taken_back(indexed: tuple[Any, Path]) -> None:
    studio, album = indexed
    ran = studio("decide", "--stars", "4", album / "photo 1.jpg", album / "photo 2.jpg")
    assert (ran.code, ran.out) == (0, "Done: rating 2 photos ★★★★.\n")
    assert studio("decide", album / "photo 1.jpg", "--flag", "pick").code == 0
    done = studio("decide", album / "photo 3.jpg", "--label", "red", "--json").json()
    assert done == {"title": "labelling 1 photo red", "photos": [str(album / "photo 3.jpg")]}

    photos = known(studio)
    assert [photos[f"photo {number}.jpg"].verdict.rating for number in range(5)] == [0, 4, 4, 0, 0]
    assert photos["photo 1.jpg"].verdict.flag is Flag.PICK
    assert photos["photo 3.jpg"].verdict.label is Label.RED

    taken_back = [studio("undo").out.strip() for _ in range(4)]
    assert taken_back == [
        "Undone: labelling 1 photo red.",
        "Undone: picking 1 photo.",
        "Undone: rating 2 photos ★★★★.",
        "Nothing is left to do.",
    ]
    assert not any(
        photo.verdict.rating or photo.verdict.flag or photo.verdict.label for photo in known(studio).values()
    )
    assert studio("redo", "--json").json()["title"] == "rating 2 photos ★★★★"
    assert known(studio)["photo 2.jpg"].verdict.rating == 4


def test_a_burst_is_grouped_split_and_taken_apart_and_its_best_chosen(indexed: tuple[Any, Path]) -> None:
    studio, album = indexed
    names = [f"photo {number}.jpg" for number in range(5)]
    paths = [album / name for name in names]

    assert studio("burst", "group", *paths[:4]).out == "Done: grouping 4 photos as one burst.\n"
    assert together(studio) == [names[:4]]
    assert studio("burst", "best", paths[2]).code == 0
    assert [name for name, photo in known(studio).items() if photo.best_of_series] == ["photo 2.jpg"]
    assert studio("burst", "best", paths[2]).out == "Nothing was changed: it is so already.\n"
    assert studio("burst", "split", paths[2]).code == 0
    assert together(studio) == [names[:2], names[2:4]]
    assert studio("burst", "apart", paths[0]).code == 0
    assert together(studio) == [names[2:4]]
    assert studio("undo").code == 0
    assert studio("undo").code == 0
    assert together(studio) == [names[:4]]
    assert studio("burst", "take-out", paths[0]).code == 0
    assert together(studio) == [names[1:4]]


def test_a_companion_stands_for_its_photo(indexed: tuple[Any, Path]) -> None:
    studio, album = indexed
    assert studio("decide", "--flag", "reject", album / "photo 0.xmp").code == 0
    assert known(studio)["photo 0.jpg"].verdict.flag is Flag.REJECT


def test_a_photo_is_found_however_its_path_is_written(
    indexed: tuple[Any, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, album = indexed
    monkeypatch.chdir(album)
    for path in ("photo 1.jpg", "./photo 1.jpg", "../album/photo 1.jpg", f"{album}/../album//photo 1.jpg"):
        assert studio("decide", "--stars", "2", path).code == 0
        assert known(studio)["photo 1.jpg"].verdict.rating == 2
        assert studio("undo").code == 0


def test_photos_are_compared_with_the_first(indexed: tuple[Any, Path]) -> None:
    studio, album = indexed
    with Image.open(album / "photo 1.jpg") as picture:
        picture.point(lambda value: value // 3).save(album / "darker.jpg", quality=95)
    assert studio("index", album).code == 0

    ran = studio("compare", album / "photo 1.jpg", album / "darker.jpg")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[0].split()[0] == "score"
    assert "EV darker" in ran.out.splitlines()[2]
    first, other = studio("compare", album / "photo 1.jpg", album / "darker.jpg", "--json").json()
    assert (first["path"], first["differences"]) == (str(album / "photo 1.jpg"), [])
    assert any("EV darker" in each for each in other["differences"])
    assert (first["score"], other["lead"]) == (None, None), "nothing was scored"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["decide", "--stars", "3", "album/nothing.jpg"], "there is no such file"),
        (["decide", "--stars", "6", "album/photo 1.jpg"], "--stars"),
        (["decide", "album/photo 1.jpg"], "required"),
        (["decide", "--stars", "3", "--flag", "pick", "album/photo 1.jpg"], "not allowed with"),
        (["decide", "--stars", "3", "elsewhere.jpg"], "not in the library"),
        (["burst", "best", "album/photo 1.jpg"], "not part of a burst"),
        (["burst", "split", "album/photo 1.jpg"], "not part of a burst"),
        (["burst", "best", "album/photo 1.jpg", "album/photo 2.jpg"], "one photo at a time"),
        (["burst", "group", "album/photo 1.jpg"], "two photos or more"),
        (["burst", "mend", "album/photo 1.jpg"], "invalid choice"),
        (["compare", "album/photo 1.jpg"], "two photos or more"),
    ],
)
def test_what_cannot_be_decided_says_why_and_changes_nothing(
    untouched: tuple[Any, Path], asked: list[str], told: str
) -> None:
    studio, album = untouched
    ran = studio(*(str(album.parent / word) if word.endswith(".jpg") else word for word in asked))
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert studio("undo").out == "Nothing is left to do.\n"


def test_without_a_library_nothing_is_made(tmp_path: Path, studio_at: Callable[[Path], Any]) -> None:
    studio = studio_at(tmp_path)
    ran = studio("undo")
    assert ran.code == 2
    assert "there is no library" in ran.err
    assert not studio.library.exists()
