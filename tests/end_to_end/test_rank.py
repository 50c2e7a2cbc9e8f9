"""``rank``, ``bursts``, ``score`` and ``contact-sheet`` with the model that ships with the program."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from aesthetic_studio.models import registry

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.xdist_group("rank")


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory, studio_at: Callable[[Path], Any]) -> Any:
    """A library of five single photos and a burst of four, indexed and scored by one ``rank``."""
    home = tmp_path_factory.mktemp("rank")
    folder = home / "album"
    folder.mkdir()
    for number in range(5):
        _save(_scene(number), folder / f"single {number}.jpg", f"2024:05:0{number + 1} 10:00:00", 0)
    burst = _scene(9)
    for number in range(4):
        frame = burst.filter(ImageFilter.GaussianBlur(2.5 * abs(number - 2)))
        _save(frame, folder / f"burst {number}.jpg", "2024:05:20 10:00:00", 20 * number)
    (folder / os.fsdecode(b"broken \xff.jpg")).write_bytes(b"nothing")
    studio = studio_at(home)
    return studio, folder, studio("rank", folder, "--json")


def _scene(number: int) -> Image.Image:
    generator = np.random.default_rng(number)
    coarse = generator.integers(0, 256, (9, 12, 3), np.uint8)
    fine = generator.integers(0, 60, (240, 320, 3), np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize((320, 240), Image.Resampling.BICUBIC), np.int32)
    return Image.fromarray((smooth * 3 // 4 + fine).clip(0, 255).astype(np.uint8))


def _save(image: Image.Image, path: Path, taken: str, hundredths: int) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Camera"
    details = exif.get_ifd(0x8769)
    details[0x9003], details[0x9291] = taken, f"{hundredths:02}"
    details[0x829A], details[0x829D], details[0x8827] = 0.01, 4.0, 100
    image.save(path, "JPEG", quality=93, exif=exif)


def test_the_json_is_best_first_and_one_burst_takes_one_place(ranked: Any) -> None:
    _, _, ran = ranked
    places = ran.json()[:6]
    assert ran.code == 1, "one file of the folder cannot be read"
    assert [each["rank"] for each in places] == list(range(1, 7))
    scores = [each["score"] for each in places]
    assert scores == sorted(scores, reverse=True)
    of_burst = [each for each in places if each["burst"] is not None]
    assert len(of_burst) == 1
    assert of_burst[0]["best_of_burst"] is True
    assert of_burst[0]["reasons"]


def test_each_object_says_all_that_it_must(ranked: Any) -> None:
    for each in ranked[2].json():
        assert Path(each["path"]).is_file()
        assert len(each["distribution"]) == 10
        assert math.isclose(sum(each["distribution"]), 1.0, abs_tol=1e-3)
        assert each["score"] == pytest.approx(sum(k * p for k, p in enumerate(each["distribution"], 1)), abs=1e-3)
        assert 0 < each["spread"] < 4.6
        assert each["percentile"] is None or 0 <= each["percentile"] <= 100
        assert isinstance(each["best_of_burst"], bool)
        assert each["technical"]["sharpness"] >= 0
        assert all(isinstance(reason, str) for reason in each["reasons"])


def test_a_score_is_told_as_a_standing_among_varied_photos(ranked: Any) -> None:
    """By a model of the user's own with the bundled one's weights, that knows of the scores of other photos."""
    studio, folder, ran = ranked
    bundled = registry.find_card("embedded")
    own = studio.home / "models" / "referring"
    shutil.copytree(bundled.weights.parent, own)
    scores = sorted(each["score"] for each in ran.json())
    reference = (scores[0] - 0.5, scores[4], scores[8] - 1e-3)
    dataclasses.replace(bundled, name="referring", reference=reference).save(own)
    told = studio("rank", folder, "--json", "--model", "referring").json()
    studio("score")
    standings = {each["score"]: each["percentile"] for each in told}
    found = [standings[score] for score in sorted(standings)]
    assert found == sorted(found)
    assert 0 < found[0] < 50
    assert standings[scores[4]] == pytest.approx(50, abs=0.1)
    assert found[-1] == 100


def test_the_unreadable_file_is_named_once(ranked: Any) -> None:
    lines = ranked[2].err.splitlines()
    assert len(lines) == 1
    assert "broken ?.jpg" in lines[0]


def test_the_json_tells_every_photo_and_the_other_frames_share_their_bursts_place(ranked: Any) -> None:
    _, folder, ran = ranked
    everything = ran.json()
    assert {Path(each["path"]).name for each in everything} == {each.name for each in folder.iterdir()} - {
        os.fsdecode(b"broken \xff.jpg")
    }
    (best,) = (each for each in everything[:6] if each["burst"] is not None)
    assert [(each["rank"], each["burst"], each["best_of_burst"]) for each in everything[6:]] == [
        (best["rank"], best["burst"], False)
    ] * 3


def test_every_frame_has_its_place_when_asked(ranked: Any) -> None:
    studio, folder, _ = ranked
    places = studio("rank", folder, "--json", "--all-frames").json()
    assert len(places) == 9
    assert sum(each["best_of_burst"] for each in places) == 1
    assert len({each["burst"] for each in places if each["burst"] is not None}) == 1


def test_only_the_best_are_listed_when_asked(ranked: Any) -> None:
    studio, folder, ran = ranked
    top = studio("rank", folder, "--json", "--top", "2").json()
    assert [each["path"] for each in top] == [each["path"] for each in ran.json()[:2]]


def test_text_is_aligned_and_complete(ranked: Any) -> None:
    studio, folder, ran = ranked
    lines = studio("rank", folder).out.splitlines()
    assert len(lines) == 7
    column = lines[0].index("photo")
    assert [line[column:].split(".jpg")[0] + ".jpg" for line in lines[1:]] == [each["path"] for each in ran.json()[:6]]


def test_a_burst_is_listed_best_first_with_reasons(ranked: Any) -> None:
    studio, folder, _ = ranked
    (burst,) = studio("bursts", folder, "--json").json()
    assert burst["kind"] == "burst"
    assert burst["id"] is not None
    assert [photo["rank"] for photo in burst["photos"]] == [1, 2, 3, 4]
    assert [photo["best"] for photo in burst["photos"]] == [True, False, False, False]
    assert not any(photo["chosen"] for photo in burst["photos"])
    assert Path(burst["photos"][0]["path"]).name == "burst 2.jpg", "the sharp one"
    assert all(photo["reasons"] for photo in burst["photos"])
    assert "burst" in studio("bursts", folder).out


def test_another_folder_is_ranked_alone(ranked: Any, tmp_path: Path) -> None:
    studio, _, _ = ranked
    other = tmp_path / "other"
    other.mkdir()
    assert studio("rank", other, "--json").json() == []


def test_scoring_again_has_nothing_to_do(ranked: Any) -> None:
    studio, _, _ = ranked
    told = studio("score", "--json").json()
    assert (told["scored"], told["failed"]) == (0, 0)
    assert told["known"] == told["total"] == 9


def test_the_contact_sheet_is_written_and_named(ranked: Any, tmp_path: Path) -> None:
    studio, folder, _ = ranked
    sheet = tmp_path / "sheet.html"
    ran = studio("contact-sheet", folder, "--output", sheet)
    assert ran.code == 1
    assert ran.out == f"{sheet}\n"
    page = sheet.read_text(encoding="utf-8")
    assert "single 1.jpg" in page
    assert "data:image/jpeg" in page


def test_json_survives_a_name_that_is_no_text(ranked: Any, tmp_path: Path) -> None:
    """Read back, the path leads to the file. Its content is known, so its score is too."""
    studio, folder, _ = ranked
    album = tmp_path / "album"
    album.mkdir()
    (album / os.fsdecode(b"caf\xe9.jpg")).write_bytes((folder / "single 1.jpg").read_bytes())
    ran = studio("rank", album, "--json")
    assert ran.out.isascii()
    (place,) = json.loads(ran.out)
    assert os.fsencode(place["path"]).endswith(b"caf\xe9.jpg")
    assert Path(place["path"]).is_file()
    assert place["score"] is not None


def test_a_smart_album_is_listed_and_ranked_by_its_name(ranked: Any) -> None:
    from aesthetic_studio.albums import GroupKind, PhotoFilter, PhotoQuery
    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.records import PhotoState

    studio, folder, whole = ranked
    wanted = PhotoFilter(
        folders=(str(folder),), groups=frozenset({GroupKind.SINGLE}), states=frozenset({PhotoState.PRESENT})
    )
    with Catalogue.open(studio.library) as catalogue:
        catalogue.albums.save("Lone ones", PhotoQuery(wanted))

    [album] = [each for each in studio("albums", "--json").json() if each["name"] == "Lone ones"]
    listed = studio("albums")
    ran = studio("rank", folder, "--album", "lone ONES", "--json")

    single = [each["path"] for each in whole.json() if each["kind"] is None]
    assert [each["path"] for each in ran.json()] == single
    assert (album["photos"], album["filter"]) == (
        len(single),
        {"folders": [str(folder)], "groups": ["single"], "states": ["present"]},
    )
    assert "Lone ones" in listed.out


def test_a_smart_album_that_is_not_there_is_told_with_those_that_are(ranked: Any) -> None:
    studio, folder, _ = ranked

    ran = studio("rank", folder, "--album", "none of these")

    assert ran.code == 2
    assert "There is no smart album called none of these." in ran.err
