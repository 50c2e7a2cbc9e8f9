"""The study of likeness: altered copies look for their photo in a made pool, by the encoder's look and by pHash."""

from __future__ import annotations

import csv
import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from trainer import cli
from trainer.studies import likeness
from trainer.studies.likeness import ALTERATIONS, EXPORTS, LOOK, PHASH, LikenessSettings, phash
from trainer.studies.likeness_threshold import THRESHOLDS, judge_thresholds, pairs_alike

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

COUNT = 8


def picture(seed: int, wide: int = 160, high: int = 120) -> Image.Image:
    """Blots of several colours and sizes, and a little grain."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[0:high, 0:wide]
    pixels = np.tile(draw.uniform(60, 190, 3), (high, wide, 1))
    for _ in range(7):
        spread = draw.uniform(0.03, 0.2) * wide
        apart = (y - draw.uniform(0, high)) ** 2 + (x - draw.uniform(0, wide)) ** 2
        pixels += np.exp(-apart / (2 * spread**2))[..., None] * draw.uniform(-90, 90, 3)
    pixels += draw.normal(0, 2, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def grey(seed: int, side: int = 32, largest: int = 80) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, largest, (side, side), dtype=np.uint8)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight photos, and nothing else."""
    folder = tmp_path_factory.mktemp("photos")
    for number in range(COUNT):
        picture(number).save(folder / f"{number}.png")
    return folder


def found(pool: Path, output: Path, *options: str) -> dict[str, Any]:
    """What the command leaves behind."""
    command = ["study", "likeness", "--pool", str(pool), "--output", str(output), "--resamples", "20", *options]
    assert cli.main(command) == cli.DONE
    results: dict[str, Any] = json.loads((output / "results.json").read_text(encoding="utf-8"))
    return results


def test_altered_copies_find_their_photo_as_a_command(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = found(photos, tmp_path / "run", "--photos", "20", "--altered", "6")

    assert results["gallery"] == COUNT
    for judge in (LOOK, PHASH):
        row = results["recall@1"][judge]
        assert list(row) == [*ALTERATIONS, "all"]
        assert all(0.0 <= one["low"] <= one["value"] <= one["high"] <= 1.0 for one in row.values())
        each = [row[name]["value"] for name in ALTERATIONS]
        assert row["all"]["value"] == pytest.approx(np.mean(each), abs=1e-3)
    assert results["recall@1"][LOOK]["all"]["value"] > 0.6, "one in eight is found by luck"
    table = capsys.readouterr().out
    assert table.splitlines()[0] == f"| recall@1 | {' | '.join(ALTERATIONS)} | all |"
    assert (tmp_path / "run" / "table.md").read_text(encoding="utf-8") == table


def test_every_threshold_is_judged_and_the_pairs_are_listed_to_be_looked_at(photos: Path, tmp_path: Path) -> None:
    results = found(photos, tmp_path / "run", "--photos", "20", "--altered", "6")
    judged = results["nearly the same"]
    assert [float(least) for least in judged] == sorted(THRESHOLDS)
    for name in (*ALTERATIONS, *EXPORTS, "all"):
        shares = [row[name]["value"] for row in judged.values()]
        assert shares == sorted(shares, reverse=True), "a higher threshold finds no more"
    counts = [row["pairs"] for row in judged.values()]
    assert counts == sorted(counts, reverse=True)
    with (tmp_path / "run" / "pairs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == counts[0]
    assert all(row["first"] != row["second"] for row in rows)
    assert "pairs of other photos among 8" in (tmp_path / "run" / "table.md").read_text(encoding="utf-8")


@given(st.integers(0, 1 << 30), st.floats(-0.5, 0.95))
@settings(max_examples=30, deadline=None)
def test_the_pairs_are_all_that_reach_the_threshold_each_once(seed: int, least: float) -> None:
    draw = np.random.default_rng(seed)
    looks = draw.standard_normal((int(draw.integers(1, 12)), 3)).astype(np.float32)
    looks /= np.linalg.norm(looks, axis=1, keepdims=True)
    pairs = pairs_alike(looks, least)
    cosines = [cosine for *_, cosine in pairs]
    assert cosines == sorted(cosines, reverse=True)
    every = looks @ looks.T
    expected = {(a, b) for a in range(len(looks)) for b in range(a + 1, len(looks)) if every[a, b] >= least}
    assert {(a, b) for a, b, _ in pairs} == expected
    assert len(pairs) == len(expected)


def test_a_copy_is_found_from_exactly_its_own_cosine_on() -> None:
    own = {"so": np.asarray([0.85, 0.93, 0.99], np.float32)}
    judged = judge_thresholds(own, [(0, 1, 0.91)], resamples=5, seed=1)
    assert {
        least: round(row["so"].value * 3) for least, row in judged.items() if least in ("0.84", "0.90", "0.98")
    } == {
        "0.84": 3,
        "0.90": 2,
        "0.98": 1,
    }
    assert [row["pairs"] for row in judged.values()] == [float(least) <= 0.91 for least in judged]


def only(monkeypatch: pytest.MonkeyPatch, alter: likeness.Alter) -> None:
    """Let the study do one thing to photos, and nothing else."""
    monkeypatch.setattr(likeness, "ALTERATIONS", {"so": alter})


def recalls(pool: Path, output: Path, settings: LikenessSettings) -> tuple[float, float]:
    shown = likeness.study(pool, "embedded", output, settings)["recall@1"]
    return shown[LOOK]["so"].value, shown[PHASH]["so"].value


EVERY = LikenessSettings(photos=100, altered=100, resamples=5)


def test_an_unaltered_copy_always_finds_its_photo(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, lambda photo, _: photo)
    assert recalls(photos, tmp_path / "run", EVERY) == (1.0, 1.0)


def test_a_copy_that_was_hardly_altered_finds_its_photo(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, lambda photo, _: photo.crop((2, 1, photo.width - 1, photo.height - 2)))
    assert recalls(photos, tmp_path / "run", EVERY) == (1.0, 1.0)


def test_a_copy_of_which_nothing_is_left_finds_at_most_what_luck_finds(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, lambda _, __: picture(99))
    look, hashed = recalls(photos, tmp_path / "run", EVERY)
    assert look == 1 / COUNT, "all copies are one picture, so that only one of them can be right"
    assert hashed <= 1 / COUNT + 1e-9


@pytest.mark.parametrize("name", ALTERATIONS)
def test_every_alteration_alters_a_photo_and_leaves_most_of_it(name: str) -> None:
    photo = picture(5)
    altered = ALTERATIONS[name](photo, np.random.default_rng(3))
    again = ALTERATIONS[name](photo, np.random.default_rng(3))
    assert altered.mode == "RGB"
    assert altered.tobytes() == again.tobytes(), "the same seed alters alike"
    assert altered.tobytes() != photo.tobytes()
    for before, after in zip(photo.size, altered.size, strict=True):
        assert 0.79 * before <= after <= before


def test_a_shift_fills_what_it_lays_bare_with_the_photos_own_edge() -> None:
    ramp = np.tile(np.arange(0, 200, 2, dtype=np.uint8)[None, :, None], (100, 1, 3))
    for seed in range(20):
        moved = np.asarray(ALTERATIONS["shift"](Image.fromarray(ramp), np.random.default_rng(seed)))[50, :, 0]
        steps = np.abs(np.diff(moved.astype(int)))
        assert steps.tolist() == [2] * 99, "a mirrored edge has no jump and no black border"


def test_the_same_seed_gives_the_same_figures(photos: Path, tmp_path: Path) -> None:
    settings = LikenessSettings(photos=5, altered=3, resamples=10)
    one, again = (likeness.study(photos, "embedded", tmp_path / run, settings) for run in ("one", "again"))
    assert one == again
    assert one["gallery"] == 5


def test_a_hash_has_64_bits_that_say_what_photo_it_is() -> None:
    hashes = [phash(picture(seed)) for seed in range(COUNT)]
    for one in hashes:
        assert one.shape == (64,)
        assert set(one.tolist()) == {0, 1}
    apart = [int((one != other).sum()) for at, one in enumerate(hashes) for other in hashes[:at]]
    assert min(apart) > 8


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("scale", [2, 3])
def test_a_hash_does_not_change_where_a_photo_is_evenly_brighter(seed: int, scale: int) -> None:
    dark = grey(seed)
    assert np.array_equal(phash(Image.fromarray(dark)), phash(Image.fromarray(dark * np.uint8(scale))))
    assert not np.array_equal(phash(Image.fromarray(dark)), phash(Image.fromarray(np.ascontiguousarray(dark[:, ::-1]))))


def test_a_hash_hardly_changes_where_a_larger_photo_is_evenly_darker() -> None:
    photo = picture(2, 320, 240)
    darker = Image.fromarray((np.asarray(photo) * 0.6).round().astype(np.uint8))
    assert int((phash(photo) != phash(darker)).sum()) <= 2


def test_photos_with_one_hash_share_the_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = tmp_path / "pool"
    pool.mkdir()
    for level in (1, 6, 9):  # one picture in files of three contents
        picture(1).save(pool / f"{level}.png", compress_level=level)
    picture(2).save(pool / "other.png")
    only(monkeypatch, lambda photo, _: photo)
    _, hashed = recalls(pool, tmp_path / "run", EVERY)
    assert hashed == pytest.approx((3 * (1 / 3) + 1) / 4, abs=1e-4)


def test_broken_files_are_named_and_left_out_and_each_content_counts_once(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pool = tmp_path / "pool"
    shutil.copytree(photos, pool)
    (pool / "below").mkdir()
    shutil.copyfile(photos / "3.png", pool / "below" / "the same.png")
    (pool / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    (pool / "empty.png").write_bytes(b"")
    picture(50, 20, 15).save(pool / "icon.png")
    (pool / "notes.txt").write_text("no photo")

    results = found(pool, tmp_path / "run", "--altered", "2")

    assert results["gallery"] == COUNT
    said = capsys.readouterr().err
    left_out = [line for line in said.splitlines() if line.startswith("left out: ")]
    assert any("broken.jpg: " in line for line in left_out)
    assert any("empty.png: " in line for line in left_out)
    assert not any("3.png" in line or "the same.png" in line for line in left_out)


def test_no_more_photos_are_looked_at_than_were_asked_for(photos: Path, tmp_path: Path) -> None:
    assert found(photos, tmp_path / "run", "--photos", "3", "--altered", "9")["gallery"] == 3


@pytest.mark.parametrize(
    ("files", "says"),
    [({}, "there are no photos"), ({"a.jpg": b"\xff\xd8 no", "b.png": b""}, "Not one photo of this pool can be used")],
)
def test_a_pool_without_photos_is_a_clear_error(
    tmp_path: Path, files: dict[str, bytes], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pool = tmp_path / "pool"
    pool.mkdir()
    for name, content in files.items():
        (pool / name).write_bytes(content)
    assert cli.main(["study", "likeness", "--pool", str(pool), "--output", str(tmp_path / "run")]) == cli.PROBLEM
    said = capsys.readouterr().err
    assert says in said
    assert "Name" in said.splitlines()[-1], "and what can be done"
    assert "Traceback" not in said


def test_an_encoder_that_is_not_there_is_named_before_the_pool_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["study", "likeness", "--pool", str(tmp_path / "nowhere"), "--output", str(tmp_path / "run")]
    assert cli.main([*command, "--encoder", "nobody"]) == cli.PROBLEM
    assert "There is no encoder 'nobody'" in capsys.readouterr().err
    assert cli.main(command) == cli.PROBLEM
    assert "nowhere: this is not a folder" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
