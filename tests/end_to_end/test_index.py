"""``aesthetic-studio index``: what a user is told, and what is still there afterwards."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

SUFFIXES = (".jpg", ".tif", ".webp", ".heic", ".png", ".gif", ".bmp", ".avif", ".psd", ".cr2")


def test_a_new_folder_is_indexed_and_the_next_time_recognised(studio: Any, album: Path) -> None:
    first = studio("index", album, "--json")
    assert (first.code, first.err) == (0, "")
    assert first.json()["added"] == 12
    second = studio("index", album, "--json").json()
    assert (second["added"], second["updated"], second["unchanged"]) == (0, 0, 12)


def test_standard_output_holds_the_result_and_nothing_else(studio: Any, album: Path) -> None:
    ran = studio("index", album)
    assert ran.out == "12 photos: 12 new\n"
    assert ran.err == ""


def test_what_changed_is_told_by_kind(studio: Any, album: Path, photo: Callable[..., Path]) -> None:
    studio("index", album)
    (album / "photo 1.jpg").rename(album / "inner" / "renamed.jpg")
    photo(album / "photo 2.jpg", 99)
    (album / "photo 4.jpg").unlink()
    photo(album / "new.jpg", 100)
    told = studio("index", album, "--json").json()
    assert {kind: told[kind] for kind in ("added", "updated", "moved", "unchanged", "missing")} == {
        "added": 1,
        "updated": 1,
        "moved": 1,
        "unchanged": 9,
        "missing": 1,
    }


def test_an_unreadable_file_is_named_once_with_what_to_do(studio: Any, album: Path) -> None:
    (album / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and nothing more")
    (album / "empty.png").write_bytes(b"")
    (album / "letter.tif").write_text("Dear photographer")
    for _ in range(2):
        ran = studio("index", album)
        assert ran.code == 1
        lines = ran.err.splitlines()
        assert len(lines) == 3
        for line, name in zip(lines, ("broken.jpg", "empty.png", "letter.tif"), strict=True):
            assert line.startswith(f"{album / name}: ")
            assert len(line.split(". ")) >= 2, "a reason, and advice"
    assert "12 unchanged" in ran.out


def test_a_mended_file_is_a_photo_again(studio: Any, album: Path, photo: Callable[..., Path]) -> None:
    (album / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    assert studio("index", album).code == 1
    photo(album / "broken.jpg", 50)
    assert studio("index", album).code == 0


def test_names_of_any_kind_come_through(studio: Any, tmp_path: Path, photo: Callable[..., Path]) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes only names that are UTF-8")
    names = [os.fsdecode(b"not \xff utf-8.jpg"), "📷 🌄.jpg", "e\u0301.jpg", "a" * 251 + ".jpg", "new\nline.jpg"]
    for number, name in enumerate(names):
        photo(folder / name, number)
    (folder / os.fsdecode(b"broken \xfe.jpg")).write_bytes(b"nothing")
    ran = studio("index", folder, "--json")
    assert ran.code == 1
    told = ran.json()
    assert told["added"] == len(names)
    assert [Path(file["path"]).name for file in told["unreadable"]] == [os.fsdecode(b"broken \xfe.jpg")]
    assert ran.err.count("broken ?.jpg") == 1
    assert studio("index", folder, "--json").json()["unchanged"] == len(names)


def test_a_terminal_without_utf_8_is_no_obstacle(studio: Any, tmp_path: Path, photo: Callable[..., Path]) -> None:
    folder = tmp_path / "📷"
    folder.mkdir()
    (folder / "é.jpg").write_bytes(b"nothing")
    ran = studio("index", folder, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert ran.code == 1
    assert ran.err.isascii()
    assert ran.err.count(".jpg") == 1


def test_loops_hidden_and_trashed_places_are_passed_by(studio: Any, album: Path, photo: Callable[..., Path]) -> None:
    (album / "inner" / "back").symlink_to(album)
    for place in (".hidden", ".Trash-1000", "$RECYCLE.BIN"):
        (album / place).mkdir()
        photo(album / place / "secret.jpg", 77)
    told = studio("index", album, "--json").json()
    assert told["added"] == 12
    assert told["skipped"]["links"] + told["skipped"]["hidden"] + told["skipped"]["trashed"] >= 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_counted_and_a_file_is_named(studio: Any, album: Path) -> None:
    (album / "inner").chmod(0)
    (album / "photo 1.jpg").chmod(0)
    try:
        ran = studio("index", album, "--json")
        assert ran.code == 1
        assert "photo 1.jpg: there is no permission" in ran.err
        assert ran.json()["skipped"]["unreadable"] == [str(album / "inner")]
    finally:
        (album / "inner").chmod(0o755)


def test_photos_that_lost_their_names_are_found_in_the_folder_that_is_named(studio: Any, album: Path) -> None:
    (album / "photo 1.jpg").rename(album / "f0001.recovered")
    (album / "notes.recovered").write_text("no photo")
    assert studio("index", album, "--json").json()["added"] == 12
    assert studio("index", album, "--json").json()["unchanged"] == 12
    (album / "photo 2.jpg").rename(album / "f0002")
    told = studio("index", album, "--json").json()
    assert (told["moved"], told["unchanged"], told["missing"]) == (1, 11, 0)


def test_a_library_that_is_none_is_left_alone(studio: Any, album: Path) -> None:
    studio.library.write_text("my diary, and no library at all" * 10)
    ran = studio("index", album)
    assert ran.code == 2
    assert str(studio.library) in ran.err
    assert ran.out == ""
    assert studio.library.read_text().startswith("my diary")


def test_a_library_of_a_newer_version_is_left_alone(studio: Any, album: Path) -> None:
    studio("index", album)
    with sqlite3.connect(studio.library) as library:
        library.execute("PRAGMA user_version = 9999")
    library.close()
    before = studio.library.read_bytes()
    ran = studio("index", album)
    assert ran.code == 2
    assert "newer version" in ran.err
    assert studio.library.read_bytes() == before


def test_a_disk_that_takes_no_more_costs_nothing_that_was_known(
    studio: Any, album: Path, photo: Callable[..., Path]
) -> None:
    """A limit on the size of files stands for the full disk: writing beyond it fails."""
    resource = pytest.importorskip("resource")
    studio("index", album)
    for number in range(100, 160):
        photo(album / f"more {number}.jpg", number)
    known = sum(path.stat().st_size for path in studio.library.parent.glob("library*"))
    done = subprocess.run(
        studio.command("index", album),
        env=studio.environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (known // 4, known // 4)),
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert str(studio.library.parent) in done.stderr
    after = studio("index", album, "--json").json()
    assert after["unchanged"] >= 12
    assert after["added"] + after["unchanged"] == 72


def test_a_folder_that_is_not_there_is_wrong_usage(studio: Any, tmp_path: Path) -> None:
    ran = studio("index", tmp_path / "nowhere")
    assert ran.code == 2
    assert "nowhere: there is no such folder" in ran.err
    assert not studio.library.exists()


def test_damaged_files_of_every_kind_pass_and_are_reported_once(
    studio: Any, tmp_path: Path, photo: Callable[..., Path]
) -> None:
    """Made damage: cut off, flipped, mislabelled, empty, promising a picture that no memory holds."""
    folder = tmp_path / "damaged"
    folder.mkdir()
    whole = photo(tmp_path / "whole.jpg", 1).read_bytes()
    bomb = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x0f\xff\xff\x00\x0f\xff\xff\x08\x06\x00\x00\x00"
    for number in range(60):
        data = bytearray(whole[: 100 + number * 37 % len(whole)])
        for place in range(number % 7, len(data), 101 + number):
            data[place] ^= number
        (folder / f"{number}{SUFFIXES[number % len(SUFFIXES)]}").write_bytes(data)
    (folder / "bomb.png").write_bytes(bomb + bytes(64))
    (folder / "empty.jpg").write_bytes(b"")
    _check_all_told_once(studio, folder, 62)


def test_the_fuzzed_files_pass_and_are_reported_once(studio: Any, tmp_path: Path, real_data: Path) -> None:
    """As they are, and under the name of every kind of photo in turn, so that every decoder meets them."""
    fuzzed = real_data / "broken" / "fuzzed"
    if not fuzzed.is_dir():
        pytest.skip(f"the damaged files are not here: {fuzzed}")
    ran = studio("index", fuzzed, "--json")
    assert ran.code in (0, 1)
    told = [file["path"] for file in ran.json()["unreadable"]]
    assert len(told) == len(set(told))
    folder = tmp_path / "fuzzed"
    folder.mkdir()
    files = sorted(path for path in fuzzed.iterdir() if path.suffix == ".fuzzed")
    for number, path in enumerate(files):
        shutil.copyfile(path, folder / f"{number}{SUFFIXES[number % len(SUFFIXES)]}")
    _check_all_told_once(studio, folder, len(files))


def _check_all_told_once(studio: Any, folder: Path, count: int) -> None:
    ran = studio("index", folder, "--json")
    assert ran.code == 1
    told = ran.json()
    assert told["added"] + len(told["unreadable"]) == count
    paths = [file["path"] for file in told["unreadable"]]
    assert len(paths) == len(set(paths)) > 0
    lines = ran.err.splitlines()
    assert len(lines) == len(paths)
    assert all(line.startswith(path) for line, path in zip(lines, paths, strict=True))
    assert all(file["reason"] and file["advice"] for file in told["unreadable"])
