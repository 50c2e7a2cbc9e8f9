"""Photos are found by how they look, in a library of any state."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aesthetic_studio.errors import KnownError
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.pipeline.finding import Finder
from aesthetic_studio.records import Look, Measurements, Metadata, PhotoFacts, PhotoFile, ScoreDistribution

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MODEL = ("embedded", "2")
EVEN = ScoreDistribution((0.1,) * 10)
PLAIN = Measurements(0.1, 0.2, 0.01, -0.5, 0.0, 0.1, 0.3, 0.4, -1.5, (0.25,) * 64)
LOOKS = {"sea": (1.0, 0.0, 0.0), "hut": (0.0, 0.0, 1.0), "lake": (0.9, 0.2, 0.1), "wood": (0.3, 0.9, 0.2)}


class Library:
    """A stored library whose photos have looks that a test chose."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def add(self, name: str, look: Sequence[float] | None, content: str = "") -> int:
        """A photo, scored, with this look; ``None`` for one that was scored before looks were kept."""
        content_hash = blake2b((content or name).encode(), digest_size=16).digest()
        facts = PhotoFacts(
            content_hash, "JPEG", 600, 400, Metadata(), PLAIN, Look(bytes(1024), bytes(192)), b"\xff\xd8preview"
        )
        photo = self.catalogue.store_facts(PhotoFile("/album", name, 1, 1), facts)
        content_id = self.catalogue.photo(photo).content_id
        with self.catalogue.transaction():
            self.catalogue.store_scores(*MODEL, [(content_id, EVEN)])
            if look is not None:
                packed = np.asarray(look, "<f2").tobytes()
                self.catalogue.store_looks(*MODEL, [(content_id, packed)])
        return photo


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Catalogue.open(tmp_path / "library.sqlite") as catalogue:
        yield Library(catalogue)


def test_the_photo_that_was_asked_about_comes_first_and_the_rest_by_likeness(library: Library) -> None:
    ids = {name: library.add(f"{name}.jpg", look) for name, look in LOOKS.items()}
    found = Finder(library.catalogue.reader()).similar(ids["sea"], list(ids.values()))
    assert [next(name for name, photo in ids.items() if photo == one) for one in found] == [
        "sea",
        "lake",
        "wood",
        "hut",
    ]


def test_only_what_the_album_holds_is_found(library: Library) -> None:
    ids = {name: library.add(f"{name}.jpg", look) for name, look in LOOKS.items()}
    among = [ids["hut"], ids["wood"]]
    assert Finder(library.catalogue.reader()).similar(ids["sea"], among) == [ids["sea"], ids["wood"], ids["hut"]]


def test_no_more_are_found_than_were_asked_for_and_they_are_the_nearest(library: Library) -> None:
    ids = [library.add(f"{number:03d}.jpg", (1.0, number / 100)) for number in range(40)]
    found = Finder(library.catalogue.reader()).similar(ids[0], ids, most=5)
    assert found == ids[:5]


def test_a_photo_that_was_indexed_since_is_found_too(library: Library) -> None:
    first = library.add("a.jpg", (1.0, 0.0))
    finder = Finder(library.catalogue.reader())
    assert finder.similar(first, [first]) == [first]
    second = library.add("b.jpg", (0.9, 0.1))
    assert finder.similar(first, [first, second]) == [first, second]


def test_a_photo_without_a_look_is_told_and_the_others_are_found_without_it(library: Library) -> None:
    known, unknown = library.add("a.jpg", (1.0, 0.0)), library.add("b.jpg", None)
    finder = Finder(library.catalogue.reader())
    with pytest.raises(KnownError, match="not been scored"):
        finder.similar(unknown, [known, unknown])
    assert finder.similar(known, [unknown, known]) == [known]


def test_a_library_without_scores_is_told(library: Library) -> None:
    with pytest.raises(KnownError, match="scored"):
        Finder(library.catalogue.reader()).similar(1, [1])


def test_duplicates_come_in_groups_whatever_lies_between_them(library: Library) -> None:
    ids = {
        name: library.add(f"{name}.jpg", look)
        for name, look in {
            "sea": (1.0, 0.0, 0.0),
            "hut": (0.0, 1.0, 0.0),
            "sea again": (0.999, 0.01, 0.0),
            "wood": (0.0, 0.0, 1.0),
            "hut again": (0.01, 0.999, 0.0),
        }.items()
    }
    groups = Finder(library.catalogue.reader()).duplicates(list(ids.values()))
    assert groups == [[ids["sea"], ids["sea again"]], [ids["hut"], ids["hut again"]]]


def test_identical_files_are_duplicates_of_each_other(library: Library) -> None:
    one, twin = library.add("a.jpg", (1.0, 0.0), "same"), library.add("copy/a.jpg", (1.0, 0.0), "same")
    other = library.add("b.jpg", (0.0, 1.0))
    assert Finder(library.catalogue.reader()).duplicates([other, twin, one]) == [[twin, one]]


def test_a_search_for_duplicates_ends_when_nobody_waits_any_longer(library: Library) -> None:
    ids = [library.add(f"{number}.jpg", (1.0, 0.0)) for number in range(3)]
    assert Finder(library.catalogue.reader()).duplicates(ids, should_stop=lambda: True) == []


def test_looks_that_an_earlier_program_did_not_keep_are_asked_for(library: Library) -> None:
    library.add("a.jpg", (1.0, 0.0))
    late = library.add("b.jpg", None)
    content = library.catalogue.photo(late).content_id
    assert library.catalogue.without_look(*MODEL, limit=9) == [content]
    with library.catalogue.transaction():
        library.catalogue.store_looks(*MODEL, [(content, b"")])
    assert library.catalogue.without_look(*MODEL, limit=9) == [], "a model that says none is not asked again"


def test_looks_are_lost_with_the_previews_and_nothing_else(library: Library) -> None:
    photo = library.add("a.jpg", (1.0, 0.0))
    library.catalogue.rebuild_previews()
    assert library.catalogue.look_count(*MODEL) == 0
    assert library.catalogue.photo(photo).score is not None
