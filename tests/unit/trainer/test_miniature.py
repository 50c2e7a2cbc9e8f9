"""The developer's script makes data sets and networks that every reader takes for what they stand for."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from aesthetic_studio.models.text import find_text_encoder
from trainer.data import open_photos, open_set
from trainer.data.manifest import without_unreadable
from trainer.data.opening import open_series
from trainer.data.records import TEST, TRAIN, VALIDATION
from trainer.data.tables import read_photos
from trainer.fgaesq.comparisons import read_comparisons
from trainer.fgaesq.start import clip_weights, config_of, network_from, text_tower_from

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def script(repository: Path) -> Any:
    path = repository / "packaging" / "miniature_ava.py"
    spec = importlib.util.spec_from_file_location("miniature_ava", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def miniature(script: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("made") / "miniature"
    assert script.main(["--output", str(folder), "--photos", "30", "--series", "10"]) == 0
    return folder


def test_it_is_read_as_ava_with_what_every_copy_of_ava_lacks(miniature: Path) -> None:
    photos = without_unreadable(open_photos(miniature, comments=miniature / "AVA_Comments_Full.txt"))
    assert photos.kind == "AVA"
    assert photos.name == "a miniature of AVA", "no card may say that a model learned from AVA"
    assert len(photos) == 26
    assert len(photos.rows(TEST)) == 4
    assert len(photos.rows(TRAIN)) + len(photos.rows(VALIDATION)) == 22
    assert sum("missing" in row.reason for row in photos.excluded) == 2
    assert any(photos.comments)
    assert not all(photos.comments)


def test_what_is_made_says_so(miniature: Path) -> None:
    assert "This is not AVA" in (miniature / "MADE.txt").read_text(encoding="utf-8")
    with Image.open(open_photos(miniature).paths[0]) as opened:
        assert b"not a photo of AVA" in opened.info["comment"]


def test_its_series_are_read_as_fgaesthetics_with_reasons_for_the_better_photo(miniature: Path) -> None:
    series = open_series(miniature / "series")
    assert series.kind == "FGAesthetics"
    assert series.name == "a miniature of FGAesthetics"
    assert len(series) == 10
    assert {one.split for one in series.series} == {TRAIN, VALIDATION, TEST}
    reasons = read_comparisons(miniature / "series" / "comparisons.csv")
    better = {
        (series.files[a], series.files[b])
        for one in series.series
        for pair in one.pairs
        for a, b in [(pair.first, pair.second) if pair.probability > 0.5 else (pair.second, pair.first)]
    }
    assert set(reasons) == better


def test_its_networks_are_found_as_bert_and_clip(miniature: Path) -> None:
    words = find_text_encoder(str(miniature / "bert")).encode(["what a wonderful picture", ""])
    assert words.padding.all(dim=1).tolist() == [False, True]
    source = str(miniature / "clip.safetensors")
    state = clip_weights(source)
    network_from(state, config_of(state, source), source, parity=False, seed=0)
    text_tower_from(state, config_of(state, source), source)


def test_another_folder_is_left_alone_and_a_miniature_is_made_anew(
    script: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "precious.txt").write_text("kept", encoding="utf-8")
    assert script.main(["--output", str(tmp_path), "--photos", "20", "--series", "10"]) == 1
    assert "holds something else" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_real_tiles_keep_their_votes_and_real_lists_their_ids(script: Any, real_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "miniature"
    arguments = ["--lists", str(real_data / "ava_lists"), "--photos-from", str(real_data / "sophoappeal")]
    assert script.main([*arguments, "--output", str(folder), "--photos", "20", "--series", "10"]) == 0
    photos = open_photos(folder)
    real = {tuple(row) for row in read_photos(real_data / "sophoappeal").votes.round(9)}
    assert {tuple(row) for row in photos.votes.round(9)} <= real
    official = (real_data / "ava_lists" / "generic_test.jpgl").read_text(encoding="utf-8").split()
    assert {photos.files[row] for row in photos.rows(TEST)} <= set(official)
    assert np.isclose(photos.votes.sum(axis=1), 1.0).all()
    assert open_set(folder / "series").kind == "FGAesthetics"
