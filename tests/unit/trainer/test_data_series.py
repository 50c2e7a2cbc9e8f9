"""Series of compared pairs are read from every form that they come in; what is said twice or wrongly is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from aesthetic_studio.errors import KnownError
from trainer.data import open_photos, open_series, open_set
from trainer.data.fgaesthetics import FGAestheticsReading, read_fgaesthetics
from trainer.data.records import TEST, TRAIN, VALIDATION, LabelledPair, SeriesSet

if TYPE_CHECKING:
    from pathlib import Path


def _photos(folder: Path, *names: str) -> None:
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 6), (number * 9 % 255, 80, 40)).save(folder / name)


def _named(found: SeriesSet, series: int = 0) -> set[tuple[str, str, float]]:
    return {(found.files[p.first], found.files[p.second], p.probability) for p in found.series[series].pairs}


def _why(found: SeriesSet) -> dict[str, str]:
    return {row.file: row.reason for row in found.excluded}


@pytest.fixture
def fgaesthetics(tmp_path: Path) -> Path:
    """Three of the nine files, with every oddity that the release has."""
    folder = tmp_path / "fga"
    _photos(folder / "images", *(f"natural/{s}/{k}.jpg" for s in (1, 2, 3) for k in (1, 2, 3)), "aigc/1/1.jpg")
    _photos(folder / "images", "aigc/1/2.jpg")
    (folder / "label").mkdir()
    (folder / "label" / "natural_train.txt").write_text(
        "1 1 2 0.9 6.1 5.2\n1 2 3 0.5 5 5\n1 1 2 0.9 6.1 5.2\n1 2 1 0.3 5 6\n2 1 9 0.8 1 1\n2 1 2 1.4 1 1\nx\n1 2\n"
    )
    (folder / "label" / "natural_val.txt").write_text("3.0,1,2,0.25,4,5\n")
    (folder / "label" / "aigc_test.txt").write_text("1 1 2 1 9 1\n")
    return folder


def test_the_release_is_read_as_stated_with_ties_kept_and_duplicates_recorded(fgaesthetics: Path) -> None:
    found = open_series(fgaesthetics)
    names = {series.name: series for series in found.series}
    assert {name: (s.category, s.split) for name, s in names.items()} == {
        "natural/1": ("natural", TRAIN),
        "natural/3": ("natural", VALIDATION),
        "aigc/1": ("aigc", TEST),
    }
    first = [series.name for series in found.series].index("natural/1")
    assert _named(found, first) == {
        ("natural/1/1", "natural/1/2", 0.9),
        ("natural/1/2", "natural/1/3", 0.5),
    }
    assert _why(found) == {
        "natural_train.txt line 3": "it is said twice",
        "natural_train.txt line 4": "the same pair was said to be 0.1 before, which counts",
        "natural_train.txt line 5": "natural/2/9: there is no such photo",
        "natural_train.txt line 6": "1.4 is no probability",
        "natural_train.txt line 7": "it holds something else than numbers",
        "natural_train.txt line 8": "it is not 6 numbers, three of them whole",
    }
    assert "not documented" in found.notes[0]
    assert found.notes[-1] == "1 pairs are ties (probability 0.5) and are kept."


def test_the_direction_of_the_release_can_be_turned(fgaesthetics: Path) -> None:
    found = read_fgaesthetics(fgaesthetics, reading=FGAestheticsReading(first_is_better=False))
    series = [series.name for series in found.series].index("aigc/1")
    assert _named(found, series) == {("aigc/1/1", "aigc/1/2", 0.0)}


@pytest.mark.parametrize("layout", ["{category}/{series}_{index}", "{series}/{index}", "{series}_{index}"])
def test_photos_of_the_release_are_found_wherever_they_lie(tmp_path: Path, layout: str) -> None:
    _photos(tmp_path, *(f"images/{layout.format(category='cropping', series=7, index=k)}.png" for k in (1, 2)))
    (tmp_path / "cropping_test.txt").write_text("7 1 2 0.7 1 1\n")
    assert open_series(tmp_path).paths[0].is_file()


def test_the_release_without_its_photos_says_where_it_looked(tmp_path: Path) -> None:
    (tmp_path / "cropping_test.txt").write_text("7 1 2 0.7 1 1\n")
    with pytest.raises(KnownError, match=r"\{category\}/\{series\}/\{index\}\.jpg"):
        open_set(tmp_path)


def test_a_table_of_pairs_is_read(tmp_path: Path) -> None:
    _photos(tmp_path / "images", "a.jpg", "b.jpg", "c.jpg", "d.jpg")
    (tmp_path / "pairs.csv").write_text(
        "series,first,second,probability,category,split\n"
        "s,a.jpg,b.jpg,0.8,blur,train\ns,b.jpg,c.jpg,1,blur,test\nt,c.jpg,d.jpg,0.6,,\n"
        "t,c.jpg,../secret.jpg,0.6,,\nt,d.jpg,d.jpg,0.6,,\nt,a.jpg,/etc/passwd,0.6,,\nt,a.jpg,d.jpg,often,,\n"
    )
    found = open_series(tmp_path)
    assert [(s.name, s.category, s.split, len(s.members)) for s in found.series] == [
        ("s", "blur", TEST, 3),
        ("t", "", "", 2),
    ]
    reasons = _why(found)
    assert "it stays in test" in reasons["pairs.csv line 3"]
    assert "leads out of the folder" in reasons["pairs.csv line 5"]
    assert "with itself" in reasons["pairs.csv line 6"]
    assert "leads out of the folder" in reasons["pairs.csv line 7"]
    assert "'often' is no probability" in reasons["pairs.csv line 8"]


def test_a_split_of_another_name_is_an_error_with_its_line(tmp_path: Path) -> None:
    _photos(tmp_path, "a.jpg", "b.jpg")
    (tmp_path / "pairs.csv").write_text("series,first,second,probability,split\ns,a.jpg,b.jpg,1,exam\n")
    with pytest.raises(KnownError, match=r"line 2: there is no split 'exam'"):
        open_set(tmp_path)


def test_a_folder_of_series_says_its_order_by_file_or_by_name(tmp_path: Path) -> None:
    _photos(tmp_path, "beach/x.jpg", "beach/y.jpg", "beach/z.jpg", "beach/left.jpg")
    (tmp_path / "beach" / "order.txt").write_text("z.jpg\nx.jpg\n\nx.jpg\n../beach/y.jpg\ngone.jpg\ny.jpg\n")
    _photos(tmp_path, "dog/best_7.jpg", "dog/8.jpg", "dog/9.jpg", "mute/1.jpg", "mute/2.jpg")
    found = open_series(tmp_path)
    assert found.kind == "a folder of series"
    beach, dog = found.series
    assert [found.files[row] for row in beach.order] == ["beach/z.jpg", "beach/x.jpg", "beach/y.jpg"]
    assert _named(found, 0) == {
        ("beach/z.jpg", "beach/x.jpg", 1.0),
        ("beach/z.jpg", "beach/y.jpg", 1.0),
        ("beach/x.jpg", "beach/y.jpg", 1.0),
    }
    assert dog.order == ()
    assert _named(found, 1) == {("dog/best_7.jpg", "dog/8.jpg", 1.0), ("dog/best_7.jpg", "dog/9.jpg", 1.0)}
    assert {"mute", "beach/left.jpg", "beach/order.txt line 4", "beach/order.txt line 5"} <= set(_why(found))


def test_what_is_left_of_a_series_keeps_its_meaning(tmp_path: Path) -> None:
    _photos(tmp_path, *(f"s/{k}.jpg" for k in range(4)), "t/best.jpg", "t/x.jpg")
    (tmp_path / "s" / "order.txt").write_text("".join(f"{k}.jpg\n" for k in range(4)))
    found = open_series(tmp_path)
    rows = [found.files.index(f"s/{k}.jpg") for k in (3, 1)]
    taken = found.take(np.asarray([*rows, found.files.index("t/x.jpg")]))
    assert [series.name for series in taken.series] == ["s"]
    assert taken.series[0].pairs == (LabelledPair(1, 0, 1.0),)
    assert taken.series[0].order == (1, 0)
    assert taken.files == ("s/3.jpg", "s/1.jpg", "t/x.jpg")


def test_where_nothing_fits_it_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "empty").mkdir()
    for path in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(KnownError, match=r"AVA\.txt.*natural_train.*ratings\.csv.*order\.txt.*library\.sqlite"):
            open_set(path)
    with pytest.raises(KnownError, match="there is nothing here"):
        open_set(tmp_path / "gone")


def test_two_tables_that_could_be_meant_are_not_guessed(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text("file,mean\na.jpg,5\n")
    with pytest.raises(KnownError, match=r"one\.csv, two\.csv"):
        open_set(tmp_path)


def test_photos_and_series_are_not_taken_for_each_other(planted: Path, tmp_path: Path) -> None:
    _photos(tmp_path, "t/best.jpg", "t/x.jpg")
    with pytest.raises(KnownError, match="a table with votes"):
        open_series(planted)
    with pytest.raises(KnownError, match="a folder of series"):
        open_photos(tmp_path)
