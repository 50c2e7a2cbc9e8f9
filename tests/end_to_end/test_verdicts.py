"""``verdicts``: what was decided comes out, for every program that reads JSON or CSV, and no photo is written over."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aesthetic_studio.albums import PhotoQuery
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.records import Flag, Label, VerdictChange

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = ["path", "rating", "flag", "label", "choice", "size", "hash", "file"]


@pytest.fixture
def decided(studio: Any, album: Path) -> Any:
    """The album, indexed, with stars on one photo, a reject with a label on another, and nothing on the rest."""
    assert studio("index", album).code == 0
    with Catalogue.open(studio.library) as catalogue:
        ids = photos(catalogue)
        catalogue.decide([ids["photo 1.jpg"]], VerdictChange(rating=4), "rating")
        catalogue.decide([ids["photo 2.jpg"]], VerdictChange(flag=Flag.REJECT, label=Label.BLUE), "rejecting")
        catalogue.decide([ids["photo 4.jpg"]], VerdictChange(flag=Flag.PICK), "picking")
        catalogue.undo()
    return studio


def photos(catalogue: Catalogue) -> dict[str, int]:
    return {photo.name: photo.id for photo in catalogue.photos(catalogue.ids(PhotoQuery(collapse_series=False)))}


def expected(album: Path) -> list[dict[str, Any]]:
    said = {"photo 1.jpg": (4, None, None), "photo 2.jpg": (0, "reject", "blue")}
    found = []
    for name, values in said.items():
        path = album / name
        content_hash = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
        found.append(
            dict(zip(NAMES, (str(path), *values, False, path.stat().st_size, content_hash, "present"), strict=True))
        )
    return found


def test_every_decision_comes_out_as_json_with_what_finds_the_photo_again(decided: Any, album: Path) -> None:
    ran = decided("verdicts", "--json")
    assert ran.code == 0
    assert ran.json() == expected(album)


def test_every_decision_comes_out_as_csv(decided: Any, album: Path) -> None:
    lines = list(csv.DictReader(decided("verdicts", "--csv").out.splitlines()))
    assert [list(line) for line in lines] == [NAMES] * 2
    wanted = [
        {name: "" if value is None or value is False else str(value) for name, value in each.items()}
        for each in expected(album)
    ]
    assert lines == wanted


def test_as_text_it_can_be_read(decided: Any) -> None:
    lines = decided("verdicts").out.splitlines()
    assert lines[1].split()[0] == "★★★★"
    assert "reject" in lines[2]
    assert "blue" in lines[2]


def test_a_file_takes_the_place_of_an_older_list_whole(decided: Any, album: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "verdicts.csv"
    assert decided("verdicts", "--output", output).code == 0
    ran = decided("verdicts", "--output", output)
    assert (ran.code, ran.out) == (0, f"2 photos in {output}\n")
    assert [line["path"] for line in csv.DictReader(output.open())] == [each["path"] for each in expected(album)]
    assert list(output.parent.iterdir()) == [output], "nothing is left beside it"


@pytest.mark.parametrize(
    ("options", "name", "words"),
    [
        ((), "photo 1.jpg", "has to end in .json or .csv"),
        (("--json",), "photo 1.jpg", "has to end in .json"),
        (("--csv",), "verdicts.json", "has to end in .csv"),
        ((), "verdicts", "has to end in .json or .csv"),
    ],
)
def test_a_photo_is_never_written_over(
    decided: Any, album: Path, options: tuple[str, ...], name: str, words: str
) -> None:
    before = {path: path.read_bytes() for path in album.rglob("*") if path.is_file()}
    ran = decided("verdicts", *options, "--output", album / name)
    assert ran.code == 2
    assert words in ran.err
    assert {path: path.read_bytes() for path in album.rglob("*") if path.is_file()} == before


def test_a_link_with_such_a_name_is_replaced_and_not_followed(decided: Any, album: Path, tmp_path: Path) -> None:
    link = tmp_path / "verdicts.json"
    link.symlink_to(album / "photo 1.jpg")
    before = (album / "photo 1.jpg").read_bytes()
    assert decided("verdicts", "--output", link).code == 0
    assert (album / "photo 1.jpg").read_bytes() == before
    assert len(json.loads(link.read_text())) == 2


def test_a_place_that_cannot_be_written_is_told(decided: Any, tmp_path: Path) -> None:
    (tmp_path / "taken.json").mkdir()
    ran = decided("verdicts", "--output", tmp_path / "taken.json")
    assert ran.code == 2
    assert "taken.json cannot be written" in ran.err
    assert not list(tmp_path.glob(".list*"))


def test_verdicts_of_photos_that_are_gone_or_no_longer_listed_come_out_too(decided: Any, album: Path) -> None:
    (album / "photo 1.jpg").unlink()
    assert decided("index", album).code == 0
    with Catalogue.open(decided.library) as catalogue:
        catalogue.remove_root(str(album))
    assert [(Path(each["path"]).name, each["file"]) for each in decided("verdicts", "--json").json()] == [
        ("photo 1.jpg", "missing"),
        ("photo 2.jpg", "present"),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="names here are text")
def test_a_name_that_is_no_text_keeps_its_bytes(studio: Any, tmp_path: Path, photo: Callable[..., Path]) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    name = os.fsdecode(b"caf\xe9.jpg")
    photo(folder / name, 1)
    assert studio("index", folder).code == 0
    with Catalogue.open(studio.library) as catalogue:
        catalogue.decide(catalogue.ids(PhotoQuery()), VerdictChange(rating=1), "rating")
    assert studio("verdicts", "--json").json()[0]["path"] == str(folder / name)
    assert studio("verdicts", "--output", tmp_path / "verdicts.csv").code == 0
    assert os.fsencode(folder / name) in (tmp_path / "verdicts.csv").read_bytes()


def test_a_library_without_decisions_or_none_at_all_says_so(studio: Any, album: Path) -> None:
    ran = studio("verdicts")
    assert ran.code == 2
    assert "there is no library here" in ran.err
    assert studio("index", album).code == 0
    assert studio("verdicts").out == "Nothing was decided about any photo yet.\n"
    assert studio("verdicts", "--json").json() == []
