"""The sample shoot's files: what the plan says, the same bytes again, and clear words where it cannot be."""

from __future__ import annotations

import shutil
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from aesthetic_studio.errors import KnownError
from aesthetic_studio.records import SeriesKind
from aesthetic_studio.sample_album import FEWEST_PHOTOS, MOST_PHOTOS, make_shoot
from aesthetic_studio.sample_album.shoot_develop import LONG, SHORT, colours_of
from aesthetic_studio.sample_album.shoot_frames import Light
from aesthetic_studio.sample_album.shoot_plan import shoot_plan

if TYPE_CHECKING:
    from pathlib import Path

# One process renders the shoot and looks at it, as with the album.
pytestmark = pytest.mark.xdist_group("sample-album")

PLAN = shoot_plan(FEWEST_PHOTOS, 1)


def test_every_planned_file_is_there_and_nothing_else(sample_shoot: Path) -> None:
    found = {path.relative_to(sample_shoot).as_posix() for path in sample_shoot.rglob("*") if path.is_file()}
    assert found - {".sample-shoot"} == {frame.shot.name for frame in PLAN}


def test_exif_and_size_read_back(sample_shoot: Path) -> None:
    for frame in PLAN:
        with Image.open(sample_shoot / frame.shot.name) as stored:
            upright = ImageOps.exif_transpose(stored)
            exif = stored.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        assert upright.size == ((SHORT, LONG) if frame.framing.upright else (LONG, SHORT))
        assert details[ExifTags.Base.DateTimeOriginal] == frame.shot.taken.strftime("%Y:%m:%d %H:%M:%S")
        assert int(details[ExifTags.Base.SubsecTimeOriginal]) == frame.shot.taken.microsecond // 1000
        assert exif[ExifTags.Base.Model] == frame.shot.settings.camera
        assert details[ExifTags.Base.LensModel] == frame.shot.settings.lens
        assert float(details[ExifTags.Base.FocalLength]) == pytest.approx(frame.shot.settings.focal_mm)
        assert float(details[ExifTags.Base.ExposureTime]) == pytest.approx(frame.shot.settings.shutter_s, rel=0.02)
        assert details[ExifTags.Base.ISOSpeedRatings] == frame.shot.settings.iso


def test_a_bracket_gets_brighter_with_its_exposure(sample_shoot: Path) -> None:
    brackets = defaultdict(list)
    for frame in PLAN:
        if frame.shot.kind is SeriesKind.BRACKET:
            with Image.open(sample_shoot / frame.shot.name) as photo:
                brackets[frame.shot.series].append((frame.shot.ev, float(np.asarray(photo.convert("L")).mean())))
    assert brackets
    for frames in brackets.values():
        means = [mean for _, mean in sorted(frames)]
        assert means == sorted(means)
        assert means[-1] - means[0] > 40


def test_an_interrupted_shoot_goes_on_with_the_same_bytes(sample_shoot: Path, tmp_path: Path) -> None:
    copy = tmp_path / "shoot"
    shutil.copytree(sample_shoot, copy)
    lost = copy / PLAN[-1].shot.name
    before, untouched = lost.read_bytes(), (copy / PLAN[0].shot.name).stat().st_mtime_ns
    lost.unlink()
    half = copy / PLAN[0].shot.name.rpartition("/")[0] / ".ASA_3107.99.part"
    half.write_bytes(b"half a photo")
    told: list[tuple[int, int]] = []
    files = make_shoot(copy, FEWEST_PHOTOS, processes=1, progress=lambda done, total: told.append((done, total)))
    assert files == [copy / frame.shot.name for frame in PLAN]
    assert lost.read_bytes() == before
    assert (copy / PLAN[0].shot.name).stat().st_mtime_ns == untouched
    assert told == [(FEWEST_PHOTOS, FEWEST_PHOTOS)]
    assert not half.exists()


def test_a_folder_that_holds_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.jpg").write_bytes(b"a photo of mine")
    with pytest.raises(KnownError, match=r"holds other files.*empty folder"):
        make_shoot(tmp_path, FEWEST_PHOTOS)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.jpg"]


def test_another_shoot_is_not_mixed_in(sample_shoot: Path) -> None:
    with pytest.raises(KnownError, match="another sample shoot"):
        make_shoot(sample_shoot, FEWEST_PHOTOS, seed=2)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KnownError, match=r"cannot be written to .*file"):
        make_shoot(tmp_path / "file" / "shoot", FEWEST_PHOTOS)


@pytest.mark.parametrize("photos", [0, FEWEST_PHOTOS - 1, MOST_PHOTOS + 1])
def test_a_number_out_of_bounds_is_refused_with_the_bounds(tmp_path: Path, photos: int) -> None:
    with pytest.raises(KnownError, match=f"{FEWEST_PHOTOS} to {MOST_PHOTOS}"):
        make_shoot(tmp_path / "new", photos)
    assert not (tmp_path / "new").exists()


def test_a_light_that_only_turns_hues_leaves_grey_grey() -> None:
    grey = np.array([0.18, 0.18, 0.18], dtype=np.float32)
    for turn in (-110.0, 0.0, 40.0, 90.0):
        assert colours_of(Light(turn=turn, saturation=0.6)) @ grey == pytest.approx(grey, abs=1e-6)
    assert colours_of(Light(ev=1.0)) @ grey == pytest.approx(2 * grey, abs=1e-6)
    warm = colours_of(Light(warmth=1.0)) @ grey
    assert warm[0] > warm[1] > warm[2]
