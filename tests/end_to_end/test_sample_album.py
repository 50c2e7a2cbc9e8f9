"""What the program finds in the sample album, held against the plan that the album was rendered by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aesthetic_studio.albums import PhotoQuery
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.records import Flag, SeriesKind
from aesthetic_studio.sample_album import album_plan, series_plan

if TYPE_CHECKING:
    from collections.abc import Callable

# The process that renders the album for its own tests looks at it here as well.
pytestmark = pytest.mark.xdist_group("sample-album")


@pytest.fixture(scope="module")
def at_home(sample_album: Path, tmp_path_factory: pytest.TempPathFactory, studio_at: Callable[[Path], Any]) -> Any:
    """The program, and the ``bursts --json`` of the album, which has indexed and scored it."""
    studio = studio_at(tmp_path_factory.mktemp("sample-library"))
    ran = studio("bursts", sample_album, "--json")
    assert ran.code == 0, ran.err
    return studio, ran.json()


def _names(album: Path, found: dict[str, Any]) -> list[str]:
    return [Path(photo["path"]).relative_to(album).as_posix() for photo in found["photos"]]


def test_every_series_is_found_whole_and_named_for_what_it_is(sample_album: Path, at_home: Any) -> None:
    _, found = at_home
    told = {(each["kind"], frozenset(_names(sample_album, each))) for each in found}
    planned = {(shots[0].kind.value, frozenset(shot.name for shot in shots)) for shots in series_plan().values()}
    assert told == planned
    assert len(found) == len(planned)


def test_a_burst_is_led_by_its_flawless_frame(sample_album: Path, at_home: Any) -> None:
    _, found = at_home
    planned = {shots[0].name: shots for shots in series_plan().values() if shots[0].kind is SeriesKind.BURST}
    bursts = [each for each in found if each["kind"] == "burst"]
    assert len(bursts) == len(planned)
    for burst in bursts:
        names = _names(sample_album, burst)
        (best,) = (shot.name for shot in planned[min(names)] if shot.best)
        assert names[0] == best
        assert [photo["best"] for photo in burst["photos"]] == [True] + [False] * (len(names) - 1)
        assert all(photo["reasons"] for photo in burst["photos"])


def test_a_bracket_and_a_panorama_keep_their_order_and_their_normal_frame(sample_album: Path, at_home: Any) -> None:
    _, found = at_home
    for shots in series_plan().values():
        if shots[0].kind in {SeriesKind.BRACKET, SeriesKind.PANORAMA}:
            names = [shot.name for shot in shots]
            (series,) = (each for each in found if set(_names(sample_album, each)) == set(names))
            assert _names(sample_album, series) == names, "as shot"
            normal = next((shot.name for shot in shots if shot.ev == 0), None)
            if shots[0].kind is SeriesKind.BRACKET:
                best = [name for name, photo in zip(names, series["photos"], strict=True) if photo["best"]]
                assert best == [normal]


def test_a_series_takes_one_place_in_the_ranking(sample_album: Path, at_home: Any) -> None:
    studio, found = at_home
    ran = studio("rank", sample_album, "--json")
    assert ran.code == 0, ran.err
    everything = ran.json()
    assert len(everything) == len(album_plan())
    places = [each for each in everything if each["burst"] is None or each["best_of_burst"]]
    singles = {shot.name for shot in album_plan() if shot.series is None}
    names = {Path(place["path"]).relative_to(sample_album).as_posix() for place in places}
    assert len(places) == len(names) == len(singles) + len(series_plan())
    assert singles <= names
    assert {place["burst"] for place in places if place["burst"] is not None} == {each["id"] for each in found}
    assert [place["rank"] for place in places] == list(range(1, len(places) + 1))


def test_the_best_of_every_burst_is_taken_as_it_was_told_and_undone_at_once(sample_album: Path, at_home: Any) -> None:
    studio, _ = at_home
    dry = studio("bursts", sample_album, "--take-best", "--json").json()
    text = studio("bursts", sample_album, "--take-best").out
    with Catalogue.open(studio.library) as library:
        before = flags(library)
    done = studio("bursts", sample_album, "--take-best", "--apply", "--json").json()
    with Catalogue.open(studio.library) as library:
        after = flags(library)
        title = library.undo_title()
        library.undo()
        undone = flags(library)

    assert (dry["applied"], done["applied"], set(before.values())) == (False, True, {Flag.NONE})
    assert "Nothing was changed; --apply does it." in text
    assert done["bursts"] == dry["bursts"], "what was told is what was done"
    told = {photo["path"]: photo["flag"] for burst in dry["bursts"] for photo in burst["photos"]}
    assert {path: flag.name.lower() for path, flag in after.items() if flag} == {p: f for p, f in told.items() if f}
    planned = [shots for shots in series_plan().values() if shots[0].kind is SeriesKind.BURST]
    picked = {Path(path).relative_to(sample_album).as_posix() for path, flag in after.items() if flag is Flag.PICK}
    assert picked == {shot.name for shots in planned for shot in shots if shot.best}
    whole = [each for each in dry["bursts"] if each["kind"] != "burst"]
    assert len(whole) == len(series_plan()) - len(planned)
    assert all(each["left_alone"] and not any(photo["flag"] for photo in each["photos"]) for each in whole)
    assert title == f"taking the best of {len(planned)} bursts"
    assert undone == before


def test_options_of_taking_the_best_mean_nothing_alone(sample_album: Path, at_home: Any) -> None:
    studio, _ = at_home
    ran = studio("bursts", sample_album, "--apply")
    assert ran.code == 2
    assert "--take-best" in ran.err


def flags(library: Catalogue) -> dict[str, Flag]:
    photos = library.photos(library.ids(PhotoQuery(collapse_series=False)))
    return {str(photo.path): photo.verdict.flag for photo in photos}
