"""``cull`` on the command line: a dry run by default, one step when applied, and no scene floods what is kept."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.records import Flag
from aesthetic_studio.sample_album import album_plan, series_plan

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.xdist_group("sample-album")

SCENES, FLOOD = 6, 8


def _scene(number: int) -> Image.Image:
    """Coarse patches of a few colours of its own, larger than the frames that are cut out of it."""
    generator = np.random.default_rng(number)
    tones = generator.integers(0, 256, (5, 3), np.uint8)
    coarse = tones[generator.integers(0, 5, (12, 16))]
    picture = Image.fromarray(coarse).resize((480, 360), Image.Resampling.BICUBIC)
    fine = generator.integers(0, 30, (360, 480, 3), np.int32)
    return Image.fromarray((np.asarray(picture, np.int32) * 7 // 8 + fine).clip(0, 255).astype(np.uint8))


def _save(image: Image.Image, path: Path, taken: str) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Camera"
    exif.get_ifd(0x8769)[0x9003] = taken
    image.save(path, "JPEG", quality=92, exif=exif)


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory, studio_at: Callable[[Path], Any]) -> tuple[Any, Path]:
    """Six photos of as many scenes, and eight of one scene, a minute apart and framed anew each time."""
    home = tmp_path_factory.mktemp("cull")
    folder = home / "album"
    folder.mkdir()
    for number in range(SCENES):
        _save(_scene(number).crop((0, 0, 400, 300)), folder / f"single {number}.jpg", f"2024:05:0{number + 1} 10:00:00")
    for number in range(FLOOD):
        left, top = 6 * number, 4 * (number * 3 % FLOOD)
        frame = _scene(99).crop((left, top, left + 380, top + 285))
        _save(frame, folder / f"flood {number}.jpg", f"2024:05:20 10:{number:02}:00")
    return studio_at(home), folder


@pytest.fixture
def copy_of(flooded: tuple[Any, Path], tmp_path: Path, studio_at: Callable[[Path], Any]) -> tuple[Any, Path]:
    """The same with a library of its own, to decide in."""
    studio, folder = flooded
    assert studio("cull", folder, "--keep", "3").code == 0
    own = studio_at(tmp_path)
    for file in studio.library.parent.glob(f"{studio.library.name}*"):
        shutil.copy(file, tmp_path / file.name)
    for file in studio.library.parent.glob(f"{studio.library.stem}*"):
        shutil.copy(file, tmp_path / file.name)
    return own, folder


def flags(studio: Any) -> dict[str, Flag]:
    from aesthetic_studio.albums import PhotoQuery

    with Catalogue.open(studio.library) as catalogue:
        photos = catalogue.photos(catalogue.ids(PhotoQuery(collapse_series=False)))
    return {photo.name: photo.verdict.flag for photo in photos}


def names(chosen: list[dict[str, Any]]) -> set[str]:
    return {Path(each["path"]).name for each in chosen}


def test_a_dry_run_tells_every_fate_with_its_reason_and_changes_nothing(copy_of: tuple[Any, Path]) -> None:
    studio, folder = copy_of
    ran = studio("cull", folder, "--keep", "4")
    lines = ran.out.splitlines()
    assert (ran.code, lines[-1]) == (0, "Of 14 photos: 4 to keep, 10 to reject.")
    fates = [line.split()[0] for line in lines[1:-1]]
    assert (fates.count("keep"), fates.count("go")) == (4, 10)
    assert "Nothing was changed" in ran.err
    assert set(flags(studio).values()) == {Flag.NONE}


def test_strict_gives_the_flooding_scene_one_place(flooded: tuple[Any, Path]) -> None:
    studio, folder = flooded
    told = studio("cull", folder, "--keep", str(SCENES + 1), "--strictness", "strict", "--json").json()
    kept = names(told["kept"])
    assert {f"single {number}.jpg" for number in range(SCENES)} < kept
    assert sum(name.startswith("flood") for name in kept) == 1
    assert any("of the same scene" in each["reason"] for each in told["gone"])


def test_apply_picks_and_rejects_and_one_undo_takes_it_back(copy_of: tuple[Any, Path]) -> None:
    studio, folder = copy_of
    ran = studio("cull", folder, "--keep", "25%", "--apply", "--json")
    told = ran.json()
    assert (told["photos"], told["asked"], told["applied"], told["changed"]) == (14, 4, True, 14)
    found = flags(studio)
    assert {name for name, flag in found.items() if flag is Flag.PICK} == names(told["kept"])
    assert {name for name, flag in found.items() if flag is Flag.REJECT} == names(told["gone"])
    with Catalogue.open(studio.library) as catalogue:
        assert catalogue.undo_title() == "keeping 4 and rejecting 10 photos"
        catalogue.undo()
        assert catalogue.undo_title() is None
    assert set(flags(studio).values()) == {Flag.NONE}


def test_only_pick_rejects_nothing(copy_of: tuple[Any, Path]) -> None:
    studio, folder = copy_of
    ran = studio("cull", folder, "--keep", "4", "--only-pick", "--apply")
    assert "Kept 4." in ran.err
    assert sorted(flags(studio).values()) == [Flag.NONE] * 10 + [Flag.PICK] * 4


@pytest.mark.parametrize("keep", ["0", "150%", "most"])
def test_a_number_that_cannot_be_is_refused_with_the_reason(studio: Any, album: Path, keep: str) -> None:
    ran = studio("cull", album, "--keep", keep)
    assert ran.code == 2
    assert "argument --keep" in ran.err


def test_without_a_number_nothing_is_guessed(studio: Any, album: Path) -> None:
    ran = studio("cull", album)
    assert ran.code == 2
    assert "--keep" in ran.err


@pytest.fixture(scope="module")
def sample(sample_album: Path, tmp_path_factory: pytest.TempPathFactory, studio_at: Callable[[Path], Any]) -> Any:
    """What ``cull --json`` keeps of the sample album, by strictness."""
    studio = studio_at(tmp_path_factory.mktemp("sample-cull"))
    hows = ("lenient", "balanced", "strict")
    return {how: studio("cull", sample_album, "--keep", "12", "--strictness", how, "--json").json() for how in hows}


@pytest.mark.parametrize("how", ["lenient", "balanced", "strict"])
def test_the_sample_albums_series_take_one_place_each(sample_album: Path, sample: Any, how: str) -> None:
    told = sample[how]
    kept = {Path(each["path"]).relative_to(sample_album).as_posix() for each in told["kept"]}
    singles = {shot.name for shot in album_plan() if shot.series is None} & kept
    places = len(singles)
    for shots in series_plan().values():
        frames = {shot.name for shot in shots} & kept
        burst = shots[0].kind == "burst"
        assert len(frames) in ({0, 1} if burst else {0, len(shots)}), "one of a burst, all of a set"
        places += bool(frames)
    assert places == told["places"] == 12


def test_stricter_keeps_more_scenes_of_the_sample_album(sample_album: Path, sample: Any) -> None:
    scene_of = {shot.name: shot.scene for shot in album_plan()}

    def scenes(how: str) -> int:
        kept = [Path(each["path"]).relative_to(sample_album).as_posix() for each in sample[how]["kept"]]
        return len({scene_of[name] for name in kept})

    assert scenes("lenient") <= scenes("strict")
