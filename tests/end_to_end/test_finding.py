"""``find``, ``similar`` and ``duplicates``, run as a user runs them."""

from __future__ import annotations

import dataclasses
import os
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("rank")


@pytest.fixture(scope="module")
def scored(
    tmp_path_factory: pytest.TempPathFactory, studio_at: Callable[[Path], Any], photo: Callable[..., Any]
) -> Any:
    """A library of six photos, one of them saved again and one copied, scored by the bundled model."""
    home = tmp_path_factory.mktemp("finding")
    album = home / "album"
    (album / "inner").mkdir(parents=True)
    for number in range(6):
        photo(album / f"photo {number}.jpg", number)
    with Image.open(album / "photo 2.jpg") as picture:
        picture.save(album / "inner" / "saved again.jpg", quality=70)
    shutil.copyfile(album / "photo 4.jpg", album / "inner" / os.fsdecode(b"copy \xff.jpg"))
    studio = studio_at(home)
    assert studio("rank", album, "--json").code == 0
    return studio, album


def name(path: str) -> str:
    return path.rpartition("/")[2]


def test_a_photo_that_was_saved_again_is_the_most_like_its_original(scored: Any) -> None:
    studio, album = scored
    ran = studio("similar", album / "photo 2.jpg", "--top", "3", "--json")
    assert ran.code == 0, ran.err
    found = ran.json()
    assert len(found) == 3
    assert name(found[0]["path"]) == "saved again.jpg"
    assert 0.9 < found[0]["likeness"] <= 1.001
    assert [each["likeness"] for each in found] == sorted((each["likeness"] for each in found), reverse=True)
    text = studio("similar", album / "photo 2.jpg").out.splitlines()
    assert text[0].split() == ["rank", "likeness", "score", "photo"]
    assert text[1].endswith("saved again.jpg")
    assert len(text) == 8, "the photo itself is not like itself"


def test_duplicates_are_listed_group_by_group(scored: Any) -> None:
    studio, album = scored
    ran = studio("duplicates", "--json")
    assert ran.code == 0, ran.err
    groups = [{name(each["path"]) for each in group["photos"]} for group in ran.json()]
    assert {"photo 2.jpg", "saved again.jpg"} in groups
    assert any("photo 4.jpg" in group and len(group) == 2 for group in groups)
    assert "group 1: 2 photos" in studio("duplicates", album).out
    assert studio("duplicates", album / "inner").out.strip() == "No two photos are nearly the same."


def test_what_cannot_be_searched_says_what_to_do(scored: Any, tmp_path: Path, photo: Callable[..., Any]) -> None:
    studio, album = scored
    ran = studio("find", "a", "boat")
    assert (ran.code, ran.out) == (2, "")
    assert "aesthetic-studio models fetch laion" in ran.err
    elsewhere = photo(tmp_path / "elsewhere.jpg", 99)
    ran = studio("similar", elsewhere)
    assert ran.code == 2
    assert f"aesthetic-studio rank {tmp_path}" in ran.err
    assert studio("similar", album / "nothing.jpg").code == 2
    ran = studio("duplicates", tmp_path)
    assert ran.code == 2
    assert "aesthetic-studio rank FOLDER" in ran.err
    assert studio("find", "boat", "--folder", tmp_path / "nowhere").code == 2
    assert studio("find").code == 2


def test_words_find_photos_as_open_clip_itself_would(
    studio: Any, album: Path, install_clip: Callable[[str], Any], own_data_folder: Path
) -> None:
    import open_clip
    import torch

    from aesthetic_studio.library.catalogue import Catalogue
    from aesthetic_studio.models.encoders import find_encoder
    from aesthetic_studio.models.inputs import load_input
    from aesthetic_studio.models.registry import find_card

    clip = install_clip("mine")
    studio = dataclasses.replace(studio, home=own_data_folder)
    assert studio("rank", album, "--model", "mine").code == 0
    ran = studio("find", "a boat", "at sunset", "--json")
    assert ran.code == 0, ran.err
    found = {each["path"]: each["likeness"] for each in ran.json()}
    assert len(found) == 12

    encoder: Any = find_encoder("Tiny:made")
    with Catalogue.open(studio.library) as catalogue, torch.no_grad():
        text = clip.encode_text(open_clip.tokenize(["a boat at sunset"], context_length=12), normalize=True)[0]
        for record in catalogue.photos([photo for photo, _ in catalogue.contents()]):
            preview = catalogue.preview(record.id)
            assert preview is not None
            pixels = torch.from_numpy(load_input(preview, find_card("mine")))[None]
            image = clip.encode_image((pixels / 255.0 - encoder.mean) / encoder.std, normalize=True)[0]
            assert found[str(record.path)] == pytest.approx(float(image @ text), abs=3e-3)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    inner = studio("find", "a boat at sunset", "--folder", album / "inner", "--top", "2", "--json").json()
    expected = [path for path in found if "/inner/" in path][:2]
    assert [each["path"] for each in inner] == expected
    assert np.isfinite([each["likeness"] for each in inner]).all()
