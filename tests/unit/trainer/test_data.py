"""Votes are read by a stated rule, and what cannot be used is left out by name."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.errors import KnownError
from trainer.data.votes import read_votes, stars_to_votes
from trainer.folds import leave_one_source_out, random_folds
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
