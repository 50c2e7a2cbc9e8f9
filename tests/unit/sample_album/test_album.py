"""The sample album holds what its plan says, can be repeated, and its EXIF reads back."""

from __future__ import annotations

import shutil
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageFilter

from aesthetic_studio.errors import KnownError
from aesthetic_studio.records import SeriesKind
from aesthetic_studio.sample_album import Flaw, SampleShot, album_plan, make_album, series_plan

# One process renders the album and looks at it; the others have their own tests to run meanwhile.
pytestmark = pytest.mark.xdist_group("sample-album")


def open_shot(album: Path, shot: SampleShot) -> Image.Image:
    path = album / shot.name
    if path.suffix == ".heic":
        heif = pillow_heif.open_heif(path)
        picture = heif.to_pillow()
        assert isinstance(picture, Image.Image)
        return picture
    picture = Image.open(path)
    picture.load()
    return picture


def luma(album: Path, shot: SampleShot) -> np.ndarray:
    return np.asarray(open_shot(album, shot).convert("L"), dtype=np.float32)


def detail(album: Path, shot: SampleShot) -> float:
    """Energy of the finest edges against all edges, after noise is averaged away."""
    picture = open_shot(album, shot).convert("L").reduce(2)
    fine = np.asarray(picture, dtype=np.float32) - np.asarray(picture.filter(ImageFilter.BoxBlur(1)), dtype=np.float32)
    return float(np.sort(np.abs(fine), axis=None)[-2000:].mean() / np.asarray(picture, dtype=np.float32).std())


def frames(series: str) -> tuple[SampleShot, ...]:
    return series_plan()[series]


def test_every_planned_file_is_there(album: Path) -> None:
    found = {str(path.relative_to(album)).replace("\\", "/") for path in album.rglob("*") if path.is_file()}
    assert {name for name in found if not name.startswith(".")} == {shot.name for shot in album_plan()}


def test_names_are_told_in_the_plans_order(album: Path) -> None:
    assert make_album(album) == [album / shot.name for shot in album_plan()]


def test_plan_has_every_kind_of_series_and_every_flaw() -> None:
    kinds = {found[0].kind for found in series_plan().values()}
    assert kinds == set(SeriesKind)
    assert {shot.flaw for shot in album_plan() if shot.series is None} >= set(Flaw) - {None}
    assert {Path(shot.name).suffix for shot in album_plan()} == {".jpg", ".png", ".webp", ".heic"}
    assert len({shot.settings.camera for shot in album_plan()}) == 2


@pytest.mark.parametrize("name", sorted(series_plan()))
def test_a_series_is_whole(name: str) -> None:
    shots = frames(name)
    assert (
        len(
            {
                (shot.kind, shot.scene, Path(shot.name).parent, shot.settings.camera, shot.settings.lens)
                for shot in shots
            }
        )
        == 1
    )
    assert sum(shot.best for shot in shots) == (1 if shots[0].kind is SeriesKind.BURST else 0)
    assert len({shot.taken for shot in shots}) == len(shots)


def test_single_photos_lie_well_apart_in_time() -> None:
    for single in (shot for shot in album_plan() if shot.series is None):
        others = [
            abs((shot.taken - single.taken).total_seconds())
            for shot in album_plan()
            if shot is not single and Path(shot.name).parent == Path(single.name).parent
        ]
        assert min(others) >= 60


def test_brackets_shutter_follows_its_exposure() -> None:
    for name in ("lake-bracket", "lighthouse-bracket"):
        shots = frames(name)
        unit = {round(shot.settings.shutter_s / 2**shot.ev, 9) for shot in shots}
        assert len(unit) == 1
        assert [shot.settings.bias_ev for shot in shots] == [shot.ev for shot in shots]


@pytest.mark.parametrize("shot", album_plan(), ids=lambda shot: shot.name)
def test_exif_reads_back(album: Path, shot: SampleShot) -> None:
    exif = open_shot(album, shot).getexif()
    details = exif.get_ifd(ExifTags.IFD.Exif)
    taken = datetime.strptime(details[ExifTags.Base.DateTimeOriginal], "%Y:%m:%d %H:%M:%S")
    milliseconds = int(details[ExifTags.Base.SubsecTimeOriginal])
    assert taken.replace(microsecond=milliseconds * 1000) == shot.taken.replace(
        microsecond=shot.taken.microsecond // 1000 * 1000
    )
    assert details[ExifTags.Base.OffsetTimeOriginal] == shot.utc_offset
    assert exif[ExifTags.Base.Model] == shot.settings.camera
    assert details[ExifTags.Base.LensModel] == shot.settings.lens
    assert float(details[ExifTags.Base.ExposureTime]) == pytest.approx(shot.settings.shutter_s, rel=0.02)
    assert float(details[ExifTags.Base.FNumber]) == pytest.approx(shot.settings.aperture)
    assert details[ExifTags.Base.ISOSpeedRatings] == shot.settings.iso
    if shot.name.endswith(".jpg"):
        assert exif.get(ExifTags.Base.Orientation) == shot.orientation


def test_place_reads_back(album: Path) -> None:
    shot = next(shot for shot in album_plan() if shot.name == "city/ASA_1203.jpg")
    gps = open_shot(album, shot).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    degrees = [
        float(gps[tag][0] + gps[tag][1] / 60 + gps[tag][2] / 3600)
        for tag in (ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLongitude)
    ]
    assert (gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLongitudeRef]) == ("N", "W")
    assert shot.gps is not None
    assert degrees == pytest.approx([abs(value) for value in shot.gps], abs=1e-4)


def test_orientation_turns_the_photo_upright(album: Path) -> None:
    from PIL import ImageOps

    shot = next(shot for shot in album_plan() if shot.orientation != 1)
    stored = open_shot(album, shot)
    upright = ImageOps.exif_transpose(stored)
    assert stored.width > stored.height
    assert upright.height > upright.width
    light = np.asarray(upright.convert("L"), dtype=np.float32)
    assert light[: len(light) // 3].mean() > light[-len(light) // 6 :].mean(), "the sun stands above the ground"


def test_bracket_gets_brighter_with_its_exposure(album: Path) -> None:
    for name in ("lake-bracket", "lighthouse-bracket"):
        means = [(shot.ev, float(luma(album, shot).mean())) for shot in frames(name)]
        ordered = [mean for _, mean in sorted(means)]
        assert all(later > earlier + 10 for earlier, later in pairwise(ordered))


def test_best_frame_of_a_burst_has_the_finest_detail(album: Path) -> None:
    for name in ("boat-burst", "flower-burst"):
        sharpness = {shot: detail(album, shot) for shot in frames(name) if shot.flaw is not Flaw.UNDEREXPOSED}
        best = max(sharpness, key=lambda shot: sharpness[shot])
        assert best.best, {shot.name: round(value, 3) for shot, value in sharpness.items()}


def test_panorama_drifts_steadily(album: Path) -> None:
    shots = frames("dawn-panorama")
    rows = [np.asarray(luma(album, shot))[::8, ::8] for shot in shots]
    width = rows[0].shape[1]
    for before, after in pairwise(rows):
        differences = [float(np.abs(before[:, d:] - after[:, : width - d]).mean()) for d in range(0, width // 2)]
        assert 0.2 <= int(np.argmin(differences)) / width <= 0.35
    assert len(rows) == 5


def test_focus_stack_moves_its_focus_away(album: Path) -> None:
    shots = frames("marbles-focus")
    first, last = luma(album, shots[0]), luma(album, shots[-1])
    near = (slice(560, 980), slice(40, 420))
    far = (slice(170, 430), slice(880, 1240))
    assert np.abs(np.diff(first[near], axis=0)).std() > np.abs(np.diff(last[near], axis=0)).std()
    assert np.abs(np.diff(last[far], axis=0)).std() > np.abs(np.diff(first[far], axis=0)).std()


def test_exposure_flaws_are_what_they_say(album: Path) -> None:
    by_flaw = {shot.flaw: luma(album, shot) for shot in album_plan() if shot.series is None and shot.flaw is not None}
    assert by_flaw[Flaw.UNDEREXPOSED].mean() < 70
    assert (by_flaw[Flaw.OVEREXPOSED] > 250).mean() > 0.10


def test_an_interrupted_album_is_completed_with_the_same_bytes(album: Path, tmp_path: Path) -> None:
    copy = tmp_path / "album"
    shutil.copytree(album, copy)
    lost = [copy / "city/ASA_1222.webp", copy / "ASA_1402.jpg"]
    kept = copy / "ASA_1409.jpg"
    before, untouched = [path.read_bytes() for path in lost], kept.stat().st_mtime_ns
    for path in lost:
        path.unlink()
    told: list[tuple[int, int]] = []
    make_album(copy, progress=lambda done, total: told.append((done, total)))
    assert [path.read_bytes() for path in lost] == before
    assert kept.stat().st_mtime_ns == untouched
    assert sorted(told) == [(len(album_plan()) - 1, len(album_plan())), (len(album_plan()), len(album_plan()))]


def test_a_complete_album_is_left_alone(album: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in album.rglob("*")}
    make_album(album, progress=lambda done, total: pytest.fail("nothing was to be done"))
    assert {path: path.stat().st_mtime_ns for path in album.rglob("*")} == before


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KnownError, match="sample album cannot be written"):
        make_album(tmp_path / "file" / "album")


def test_the_plan_needs_no_rendering_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys, aesthetic_studio.sample_album as album; album.album_plan();"
        "sys.exit('numpy' in sys.modules or 'PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
