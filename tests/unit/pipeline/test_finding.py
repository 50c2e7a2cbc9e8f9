"""Photos are found by how they look, in a library of any state."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aesthetic_studio.curation.likeness import NEARLY_THE_SAME
from aesthetic_studio.errors import KnownError, WordsUnavailable
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.models import looks
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

    def add(self, name: str, look: Sequence[float] | None, content: str = "", model: tuple[str, str] = MODEL) -> int:
        """A photo, scored, with this look; ``None`` for one that was scored before looks were kept."""
        content_hash = blake2b((content or name).encode(), digest_size=16).digest()
        facts = PhotoFacts(
            content_hash, "JPEG", 600, 400, Metadata(), PLAIN, Look(bytes(1024), bytes(192)), b"\xff\xd8preview"
        )
        photo = self.catalogue.store_facts(PhotoFile("/album", name, 1, 1), facts)
        content_id = self.catalogue.photo(photo).content_id
        with self.catalogue.transaction():
            self.catalogue.store_scores(*model, [(content_id, EVEN)])
            if look is not None:
                packed = np.asarray(look, "<f2").tobytes()
                self.catalogue.store_looks(*model, [(content_id, packed)])
        return photo


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Catalogue.open(tmp_path / "library.sqlite") as catalogue:
        yield Library(catalogue)


def test_the_photo_that_was_asked_about_comes_first_and_the_rest_by_likeness(library: Library) -> None:
    ids = {name: library.add(f"{name}.jpg", look) for name, look in LOOKS.items()}
    found = Finder(library.catalogue.reader()).similar(ids["sea"], list(ids.values()))
    assert [next(name for name, photo in ids.items() if photo == one) for one in found.photos] == [
        "sea",
        "lake",
        "wood",
        "hut",
    ]


def test_only_what_the_album_holds_is_found(library: Library) -> None:
    ids = {name: library.add(f"{name}.jpg", look) for name, look in LOOKS.items()}
    among = [ids["hut"], ids["wood"]]
    assert Finder(library.catalogue.reader()).similar(ids["sea"], among).photos == [ids["sea"], ids["wood"], ids["hut"]]


def test_no_more_are_found_than_were_asked_for_and_they_are_the_nearest(library: Library) -> None:
    ids = [library.add(f"{number:03d}.jpg", (1.0, number / 100)) for number in range(40)]
    found = Finder(library.catalogue.reader()).similar(ids[0], ids, most=5).photos
    assert found == ids[:5]
    assert Finder(library.catalogue.reader()).similar(ids[3], ids, most=1).photos == [ids[3]]


def test_a_photo_that_was_indexed_since_is_found_too(library: Library) -> None:
    first = library.add("a.jpg", (1.0, 0.0))
    finder = Finder(library.catalogue.reader())
    assert finder.similar(first, [first]).photos == [first]
    second = library.add("b.jpg", (0.9, 0.1))
    assert finder.similar(first, [first, second]).photos == [first, second]


def test_a_photo_without_a_look_is_told_and_the_others_are_found_without_it(library: Library) -> None:
    known, unknown = library.add("a.jpg", (1.0, 0.0)), library.add("b.jpg", None)
    finder = Finder(library.catalogue.reader())
    with pytest.raises(KnownError, match="not been scored"):
        finder.similar(unknown, [known, unknown])
    assert finder.similar(known, [unknown, known]).photos == [known]


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


# -- words -----------------------------------------------------------------------------------------------------------


def say(model: tuple[str, str], text: str) -> np.ndarray:
    """A text tower that knows two words."""
    assert model == MODEL
    return np.asarray({"water": (1.0, 0.0, 0.0), "roof": (0.0, 0.0, 1.0)}[text], np.float32)


def test_words_find_what_shows_them_the_best_match_first(library: Library) -> None:
    ids = {name: library.add(f"{name}.jpg", look) for name, look in LOOKS.items()}
    finder = Finder(library.catalogue.reader(), say)
    found = finder.showing("water", list(ids.values()))
    assert [next(name for name, photo in ids.items() if photo == one) for one in found.photos] == [
        "sea",
        "lake",
        "wood",
        "hut",
    ]
    assert found.cosines == sorted(found.cosines, reverse=True)
    assert found.cosines[0] == pytest.approx(1.0, abs=1e-3)
    assert finder.showing("roof", [ids["sea"], ids["hut"]], most=1).photos == [ids["hut"]]


def test_a_photo_that_was_scored_since_the_last_words_is_found_too(library: Library) -> None:
    first = library.add("a.jpg", (0.0, 1.0, 0.0))
    finder = Finder(library.catalogue.reader(), say)
    assert finder.showing("water", [first]).photos == [first]
    second = library.add("b.jpg", (1.0, 0.0, 0.0))
    assert finder.showing("water", [first, second]).photos == [second, first]


def test_words_of_another_width_than_the_looks_are_never_compared(library: Library) -> None:
    photo = library.add("a.jpg", (1.0, 0.0))
    with pytest.raises(WordsUnavailable, match="not what words can be compared with"):
        Finder(library.catalogue.reader(), say).showing("water", [photo])


@given(
    looks=st.lists(st.tuples(*[st.floats(-1, 1, width=16)] * 3), min_size=1, max_size=12),
    most=st.integers(1, 14),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_photo_that_is_left_out_fits_the_words_better(
    tmp_path_factory: pytest.TempPathFactory, looks: list[tuple[float, ...]], most: int
) -> None:
    with Catalogue.open(tmp_path_factory.mktemp("library") / "library.sqlite") as catalogue:
        library = Library(catalogue)
        ids = [library.add(f"{number}.jpg", look) for number, look in enumerate(looks)]
        with catalogue.reader() as reader:
            found = Finder(reader, say).showing("water", ids, most)
            whole = Finder(reader, say).showing("water", ids, len(ids))
    assert found.photos == whole.photos[:most]
    assert len(whole.photos) == len(ids)
    assert all(a >= b for a, b in zip(whole.cosines, whole.cosines[1:], strict=False))


# -- other models ----------------------------------------------------------------------------------------------------

OTHER = ("somebody", "1")


def test_duplicates_are_told_by_the_bundled_models_looks_where_the_active_ones_were_not_measured(
    library: Library,
) -> None:
    pictures = {"a": (1.0, 0.0), "b": (0.0, 1.0), "a again": (1.0, 0.01)}
    ids = [library.add(f"{name}.jpg", look) for name, look in pictures.items()]
    for name in pictures:
        library.add(f"{name}.jpg", (1.0, 0.0), model=OTHER)
    library.catalogue.set_active_model(*OTHER)
    assert Finder(library.catalogue.reader()).duplicates(ids) == [[ids[0], ids[2]]]


def test_photos_that_only_an_unmeasured_model_scored_are_told_with_the_way_out(library: Library) -> None:
    ids = [library.add(f"{name}.jpg", (1.0, 0.0), model=OTHER) for name in "abc"]
    library.catalogue.set_active_model(*OTHER)
    with pytest.raises(KnownError, match="3 of these photos were not scored by embedded") as told:
        Finder(library.catalogue.reader()).duplicates(ids)
    assert "aesthetic-studio models use embedded" in told.value.advice


def test_the_threshold_of_the_bundled_encoder_is_the_measured_one() -> None:
    assert looks.nearly_the_same(*MODEL) == NEARLY_THE_SAME
