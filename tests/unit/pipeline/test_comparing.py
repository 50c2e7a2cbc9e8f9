"""Bursts are compared once, pair by pair, whatever interrupts it, and are ordered anew by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PIL import Image

from aesthetic_studio import cli
from aesthetic_studio.errors import KnownError, ModelUnavailable
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.models import registry
from aesthetic_studio.models.card import EncoderReference, ModelCard
from aesthetic_studio.models.fgaesq import DiffTokenConfig, FGAesQ, FGAesQConfig
from aesthetic_studio.models.fgaesq.published import save_model
from aesthetic_studio.pipeline.comparing import Comparer, compare_bursts
from aesthetic_studio.pipeline.comparing_process import ComparingProcess
from aesthetic_studio.pipeline.grouping import group_folders
from aesthetic_studio.pipeline.indexing import index
from aesthetic_studio.records import SeriesKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

MODEL = ("fgaesq", "1")
FRAMES = 4


class Judge:
    """Prefers the frame whose name comes last, and counts what it was asked."""

    model_name, model_version = MODEL

    def __init__(self, unreadable: str = "") -> None:
        self.asked: list[tuple[str, str]] = []
        self._unreadable = unreadable

    def compare(
        self, paths: Sequence[str], known: Collection[tuple[int, int]] = ()
    ) -> Iterator[tuple[int, int, float, float]]:
        for first in range(len(paths)):
            for second in range(first + 1, len(paths)):
                pair = (paths[first], paths[second])
                if (first, second) in known or any(path.endswith(self._unreadable or "?") for path in pair):
                    continue
                self.asked.append(pair)
                yield first, second, 5.0 + (pair[0] > pair[1]), 5.0 + (pair[1] > pair[0])


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """One burst, by the camera's own names, and one photo of something else."""
    folder = tmp_path / "album"
    folder.mkdir()
    generator = np.random.default_rng(3)
    scene = Image.fromarray(generator.integers(0, 255, (12, 16, 3), dtype=np.uint8)).resize((160, 120))
    for place in range(FRAMES):
        pixels = np.asarray(scene).astype(int) + generator.integers(-1, 2, (120, 160, 3))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(
            folder / f"IMG_20240517_120000_BURST00{place}.jpg", quality=95
        )
    Image.fromarray(generator.integers(0, 255, (120, 160, 3), dtype=np.uint8)).save(folder / "other.jpg")
    return folder


@pytest.fixture
def catalogue(album: Path, tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "library.sqlite") as opened:
        index(opened, [str(album)])
        group_folders(opened)
        yield opened


@pytest.fixture
def installed(own_data_folder: Path) -> ModelCard:
    """A card of a model that compares; grouping needs no more than its name and version."""
    folder = own_data_folder / "models" / MODEL[0]
    card = ModelCard(
        name=MODEL[0],
        version=MODEL[1],
        title="Compares",
        kind="fgaesq",
        encoder=EncoderReference("none", "1"),
        input_size=352,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        score_range=(1.0, 10.0),
        parameters=1,
        file="model.safetensors",
        sha256="",
        size_bytes=1,
        licence="",
        summary="",
    )
    card.save(folder)
    return card


def the_burst(catalogue: Catalogue, album: Path) -> list[str]:
    """Names of the burst's frames, best first."""
    frames = [photo for photo in catalogue.records_in_folder(str(album)) if photo.series_kind is SeriesKind.BURST]
    return [photo.name for photo in sorted(frames, key=lambda photo: photo.series_rank or 0)]


def test_a_burst_is_ordered_by_comparisons(catalogue: Catalogue, album: Path) -> None:
    report = compare_bursts(catalogue, MODEL, Judge)
    assert (report.bursts, report.pairs, report.interrupted) == (1, 6, False)
    assert the_burst(catalogue, album) == sorted(the_burst(catalogue, album), reverse=True)


def test_nothing_is_compared_twice_and_no_model_loaded_for_nothing(catalogue: Catalogue) -> None:
    compare_bursts(catalogue, MODEL, Judge)

    def unwanted() -> Judge:
        raise AssertionError("nothing is left to compare")

    assert compare_bursts(catalogue, MODEL, unwanted).pairs == 0


def test_a_stopped_comparison_goes_on_where_it_was(catalogue: Catalogue, album: Path) -> None:
    asked = iter([False] * 3 + [True] * 100)
    first = Judge()
    report = compare_bursts(catalogue, MODEL, lambda: first, should_stop=lambda: next(asked))
    assert report.interrupted
    assert 0 < len(first.asked) < 6
    second = Judge()
    compare_bursts(catalogue, MODEL, lambda: second)
    assert len(first.asked) + len(second.asked) == 6
    assert not set(first.asked) & set(second.asked)
    assert the_burst(catalogue, album) == sorted(the_burst(catalogue, album), reverse=True)


def test_a_renamed_burst_is_not_compared_again(catalogue: Catalogue, album: Path, installed: ModelCard) -> None:
    compare_bursts(catalogue, MODEL, Judge)
    best = the_burst(catalogue, album)[0]
    for path in album.glob("*BURST*"):
        path.rename(path.with_name(path.name.replace("120000", "130000")))
    index(catalogue, [str(album)])
    group_folders(catalogue)
    again = Judge()
    compare_bursts(catalogue, MODEL, lambda: again)
    assert again.asked == []
    assert the_burst(catalogue, album)[0] == best.replace("120000", "130000")


def test_grouping_anew_keeps_what_was_compared(catalogue: Catalogue, album: Path, installed: ModelCard) -> None:
    compare_bursts(catalogue, MODEL, Judge)
    order = the_burst(catalogue, album)
    Image.new("RGB", (90, 60), "white").save(album / "new.png")
    index(catalogue, [str(album)])
    assert group_folders(catalogue) == 1
    assert the_burst(catalogue, album) == order


def test_an_unreadable_frame_is_left_out_and_the_others_ordered(catalogue: Catalogue, album: Path) -> None:
    last = sorted(path.name for path in album.glob("*BURST*"))[-1]
    compare_bursts(catalogue, MODEL, lambda: Judge(unreadable=last))
    order = [name for name in the_burst(catalogue, album) if name != last]
    assert order == sorted(order, reverse=True)


def test_the_persons_choice_stays_the_best(catalogue: Catalogue, album: Path) -> None:
    frames = [photo for photo in catalogue.records_in_folder(str(album)) if photo.series_kind is SeriesKind.BURST]
    chosen = min(frames, key=lambda photo: photo.name)
    assert chosen.series_id is not None
    catalogue.choose_best(chosen.series_id, chosen.id)
    compare_bursts(catalogue, MODEL, Judge)
    (best,) = [photo for photo in catalogue.records_in_folder(str(album)) if photo.best_of_series]
    assert best.name == chosen.name


def test_without_such_a_model_there_is_none() -> None:
    assert registry.comparing_model() is None


@pytest.fixture
def small_model(own_data_folder: Path) -> ModelCard:
    """A FGAesQ with tokens of 4 pixels, untrained, installed as a fetched one is."""
    torch.manual_seed(0)
    tokens = DiffTokenConfig(patch=4, block=8, length=32, grid=5, hidden_size=16, min_side=24, max_pixels=96 * 96)
    network = FGAesQ(FGAesQConfig(width=16, layers=1, heads=2, embedding=8, hidden=(8, 8), tokens=tokens))
    torch.nn.init.normal_(network.iqa_head[6].weight, std=2.0)
    folder = own_data_folder / "models" / "fgaesq"
    return save_model(network, folder, name="fgaesq", version="tiny", title="Tiny", licence="none stated")


@pytest.mark.xdist_group("scoring_process")
def test_the_model_in_its_own_process_compares_as_it_does_here_and_its_death_is_told(
    album: Path, small_model: ModelCard
) -> None:
    """One test, since starting torch in a process takes seconds."""
    paths = [str(path) for path in sorted(album.glob("*BURST*"))[:3]]
    expected = list(Comparer("fgaesq", "cpu").compare(paths))
    assert [pair[:2] for pair in expected] == [(0, 1), (0, 2), (1, 2)]
    process = ComparingProcess("fgaesq", "cpu", niceness=0)
    try:
        assert (process.model_name, process.model_version) == (small_model.name, small_model.version)
        found = list(process.compare(paths))
        assert [pair[:2] for pair in found] == [pair[:2] for pair in expected]
        np.testing.assert_allclose(found, expected, atol=1e-4)
        assert [pair[:2] for pair in process.compare(paths, {(0, 1), (1, 2)})] == [(0, 2)]
        broken = [*paths[:2], str(album / "missing.jpg")]
        assert [pair[:2] for pair in process.compare(broken)] == [(0, 1)]
        assert process._process is not None
        process._process.kill()
        with pytest.raises(KnownError, match="compares photos has stopped"):
            list(process.compare(paths))
        assert not process.running
    finally:
        process.close()


def test_the_command_line_compares_bursts_where_such_a_model_is_installed(
    album: Path, tmp_path: Path, small_model: ModelCard, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["bursts", str(album), "--library", str(tmp_path / "own.sqlite")]) == 0
    assert "comparisons" in capsys.readouterr().out


def test_a_model_that_scores_only_does_not_compare() -> None:
    with pytest.raises(ModelUnavailable, match="embedded does not compare photos"):
        Comparer("embedded", "cpu")
