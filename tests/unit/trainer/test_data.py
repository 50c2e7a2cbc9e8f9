"""Votes are read by a stated rule, and what cannot be used is left out by name."""

from __future__ import annotations

import multiprocessing
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from aesthetic_studio.errors import KnownError, UnreadablePhoto
from trainer.data import open_set
from trainer.data.files import safe_name
from trainer.data.images import decode_all, load_image
from trainer.data.manifest import manifest, without_unreadable
from trainer.data.records import PhotoSet
from trainer.data.tables import means_to_votes
from trainer.data.votes import read_votes, stars_to_votes
from trainer.embedded.folds import leave_one_source_out, random_folds
from trainer.metrics import mean_scores

if TYPE_CHECKING:
    from pathlib import Path


@given(stars=st.lists(st.integers(0, 40), min_size=5, max_size=5).filter(any))
def test_stars_become_votes_of_twice_their_mean_less_a_half(stars: list[int]) -> None:
    counts = np.asarray([stars], dtype=np.float64)
    votes = stars_to_votes(counts)
    assert votes.sum() == pytest.approx(1.0)
    mean_stars = float((counts @ np.arange(1, 6))[0] / counts.sum())
    assert mean_scores(votes)[0] == pytest.approx(2.0 * mean_stars - 0.5)


def test_photos_are_read_with_votes_and_sources(planted: Path) -> None:
    photos, excluded = read_votes(planted, 24)
    assert excluded == []
    assert photos.images.shape == (96, 3, 24, 24)
    assert sorted(set(photos.sources)) == ["a", "b", "c"]
    np.testing.assert_allclose(photos.votes.sum(axis=1), 1.0)


def test_votes_over_ten_bins_are_taken_as_they_are(planted: Path, tmp_path: Path) -> None:
    shutil.copy(planted / "000.png", tmp_path / "a.png")
    heading = ",".join(["file", *(f"votes{k}" for k in range(1, 11))])
    (tmp_path / "mine.csv").write_text(f"{heading}\na.png,0,0,0,0,0,0,0,1,0,3\n")
    photos, _ = read_votes(tmp_path / "mine.csv", 24)
    assert mean_scores(photos.votes)[0] == pytest.approx(9.5)


def test_rows_that_cannot_be_used_are_left_out_by_name(planted: Path, tmp_path: Path) -> None:
    shutil.copy(planted / "000.png", tmp_path / "good.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG nothing")
    (tmp_path / "ratings.csv").write_text(
        "file,stars1,stars2,stars3,stars4,stars5\n"
        "good.png,1,2,3,4,5\ngood.png,0,0,0,0,0\ngood.png,-1,2,3,4,5\ngood.png,1,x,3,4,5\n"
        "good.png,nan,1,1,1,1\nabsent.png,1,2,3,4,5\nbroken.png,1,2,3,4,5\ngood.png,1,2\n"
    )
    photos, excluded = read_votes(tmp_path, 24)
    assert photos.files == ("good.png",)
    assert [row.file for row in excluded] == ["good.png"] * 4 + ["absent.png", "good.png", "broken.png"]
    assert all(row.reason for row in excluded)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read"),
        ("", "empty"),
        ("file,stars1\na.png,1\n", "no column 'stars2'"),
        ("file,stars1,stars2,stars3,stars4,stars5\nno.png,1,1,1,1,1\n", "no photo with votes"),
    ],
)
def test_an_unusable_table_says_why(tmp_path: Path, content: str | None, complaint: str) -> None:
    if content is not None:
        (tmp_path / "ratings.csv").write_text(content)
    with pytest.raises(KnownError, match=complaint):
        read_votes(tmp_path, 24)


@given(labels=st.lists(st.sampled_from("abcd"), min_size=4, max_size=60), count=st.integers(2, 5))
def test_no_photo_is_both_learned_from_and_judged(labels: list[str], count: int) -> None:
    sources, rows = np.asarray(labels), np.arange(len(labels))
    by_source = leave_one_source_out(sources, rows)
    for folds in (by_source, random_folds(rows, count, seed=0)):
        for fold in folds:
            assert not set(fold.learn) & set(fold.judge)
            assert set(fold.learn) | set(fold.judge) == set(rows)
        assert sorted(np.concatenate([fold.judge for fold in folds])) == list(rows)
    for fold in by_source:
        assert not set(sources[fold.learn]) & set(sources[fold.judge])


@settings(deadline=None, max_examples=30)  # the first call loads torch
@given(
    means=st.lists(st.floats(1.01, 9.99), min_size=1, max_size=8),
    spread=st.one_of(st.just(float("nan")), st.floats(0.2, 4.0)),
)
def test_a_mean_becomes_votes_that_have_it(means: list[float], spread: float) -> None:
    votes = means_to_votes(np.asarray(means), np.full(len(means), spread))
    np.testing.assert_allclose(votes.sum(axis=1), 1.0)
    assert (votes >= 0).all()
    np.testing.assert_allclose(mean_scores(votes), means, atol=1e-6)


def test_a_table_of_means_is_read_on_any_scale_with_splits_sources_and_words(planted: Path, tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.png", "d.png"):
        shutil.copy(planted / "000.png", tmp_path / name)
    (tmp_path / "scores.csv").write_text(
        "image_name,MOS,std,set,source,comment,extra,words\n"
        "a.png,0.5,0.1,training,x,crisp,7,one\nb.png,1,,validation,y,,,two\nc.png,0.25,,test,y,dull,9,\n"
        "d.png,1.5,,test,y,,,\n"
    )
    photos = open_set(tmp_path, scale=(0.0, 1.0))
    assert isinstance(photos, PhotoSet)
    np.testing.assert_allclose(mean_scores(photos.votes), [5.5, 9.99, 3.25], atol=1e-6)
    assert list(photos.splits) == ["train", "validation", "test"]
    assert list(photos.sources) == ["x", "y", "y"]
    assert photos.comments == (("crisp",), (), ("dull",))
    np.testing.assert_array_equal(photos.columns["extra"], [7.0, np.nan, 9.0])
    assert "words" not in photos.columns
    assert "is not within 0 and 1" in photos.excluded[0].reason
    spread = np.sqrt(photos.votes[0] @ (np.arange(1, 11) - 5.5) ** 2)
    assert spread == pytest.approx(0.9, abs=0.02)  # 0.1 of a scale that is 9 times as long


@pytest.mark.parametrize("name", ["../a.png", "/etc/a.png", "sub/../../a.png", "C:\\a.png", "..\\a.png", "", "a\0.png"])
def test_no_row_leads_out_of_its_folder(name: str) -> None:
    with pytest.raises(ValueError, match=r"out of the folder|no file"):
        safe_name(name)


def test_a_row_that_leads_out_of_its_folder_is_excluded(planted: Path, tmp_path: Path) -> None:
    (tmp_path / "set" / "images" / "deep").mkdir(parents=True)
    shutil.copy(planted / "000.png", tmp_path / "secret.png")
    shutil.copy(planted / "000.png", tmp_path / "set" / "images" / "deep" / "a.png")
    (tmp_path / "set" / "ratings.csv").write_text("file,mean\n../secret.png,5\ndeep/a.png,5\ndeep/a.png,6\n")
    photos = open_set(tmp_path / "set")
    assert photos.files == ("deep/a.png",)
    assert [row.reason for row in photos.excluded] == [
        "its path leads out of the folder",
        "it is listed twice; the first row counts",
    ]


def test_photos_are_upright_whole_and_square_and_a_cut_one_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    picture = Image.new("RGB", (64, 32), (200, 0, 0))
    picture.paste((0, 0, 200), (0, 0, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: left becomes top
    picture.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    pixels = load_image(tmp_path / "turned.jpg", 16)
    assert pixels.shape == (3, 16, 16)
    assert pixels[2, :6].mean() > 180 > 40 > pixels[2, 10:].mean()
    whole = (tmp_path / "turned.jpg").read_bytes()
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    noise.save(tmp_path / "cut.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "cut.jpg").read_bytes()[:-1500])
    assert load_image(tmp_path / "cut.jpg", 16).shape == (3, 16, 16)
    (tmp_path / "cut.jpg").write_bytes(whole[:20])
    with pytest.raises(UnreadablePhoto):
        load_image(tmp_path / "cut.jpg", 16)


def test_a_decoder_that_dies_loses_no_photo(planted: Path) -> None:
    paths = [*sorted(planted.glob("*.png")), planted / "absent.png"]
    wanted = list(decode_all(paths, 16))
    stream = decode_all(paths, 16, workers=1)
    found = [next(stream)]
    for process in multiprocessing.active_children():
        process.kill()
    found += stream
    assert [photo.content for photo in found] == [photo.content for photo in wanted]
    assert [photo.pixels is None for photo in found] == [False] * 96 + [True]
    assert "no longer there" in found[-1].reason


def test_real_votes_are_described(real_data: Path) -> None:
    photos = without_unreadable(open_set(real_data / "sophoappeal"))
    assert (len(photos.files), photos.excluded) == (734, ())
    assert isinstance(photos, PhotoSet)
    assert mean_scores(photos.votes).mean() == pytest.approx(2 * photos.columns["mean"].mean() - 0.5, abs=1e-3)


_CELLS = st.one_of(
    st.sampled_from(
        ["a.png", "1", "0", "-1", "nan", "inf", "1e308", "5e-324", "", "train", "../a.png", '"', "\0", "é"]
    ),
    st.text(max_size=4),
)


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.lists(_CELLS, max_size=14), max_size=5), kind=st.sampled_from(["stars", "mean", "pairs", "AVA"])
)
def test_whatever_a_table_holds_there_is_a_set_or_an_error_in_words(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], kind: str
) -> None:
    folder = tmp_path_factory.mktemp("fuzzed")
    Image.new("RGB", (4, 4)).save(folder / "a.png")
    headings = {
        "stars": ("ratings.csv", "file,stars1,stars2,stars3,stars4,stars5,split"),
        "mean": ("ratings.csv", "file,mean,std,split,comment"),
        "pairs": ("pairs.csv", "series,first,second,probability,category,split"),
        "AVA": ("AVA.txt", "1 1 1 1 1 1 1 1 1 1 1 1 0 0 0"),
    }
    name, heading = headings[kind]
    separator = " " if kind == "AVA" else ","
    text = "\n".join([heading, *(separator.join(row) for row in rows)])
    (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        found = open_set(folder)
    except KnownError:
        return
    if isinstance(found, PhotoSet):
        np.testing.assert_allclose(found.votes.sum(axis=1), 1.0)
    manifest(found)
