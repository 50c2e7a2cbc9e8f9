"""The study of tuning: the encoder's last blocks learn votes, and the more the term weighs the less they move."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from aesthetic_studio.models.encoders.compact import CompactEncoder
from trainer import cli
from trainer.data.votes import read_votes
from trainer.recipes.recipe import EmbeddedRecipe, read_as
from trainer.studies import tuning
from trainer.studies.tuning import TuningSettings, tune

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aesthetic_studio.models.encoders import Encoder

pytestmark = pytest.mark.xdist_group("embedded")

SMALL = ["head.width=16", "head.heads=2", "head.queries=2", "training.epochs=2", "training.batch=16", "select={}"]
SETTINGS = TuningSettings(blocks=1, epochs=3, rate=3e-3)


@pytest.fixture
def encoder(compact_encoder: Callable[..., Encoder], tmp_path: Path) -> CompactEncoder:
    found = compact_encoder(tmp_path).eval().requires_grad_(False)
    assert isinstance(found, CompactEncoder)
    return found


def moved(encoder: CompactEncoder, planted: Path, keep: float) -> tuple[CompactEncoder, float]:
    """The tuned encoder, and how far its tokens are from what they were."""
    photos, _ = read_votes(planted, encoder.card.input_size)
    recipe = read_as(EmbeddedRecipe, "embedded", [*SMALL, "degraded.photos=0", "seeds=[1]"])
    tuned = tune(encoder, photos, np.arange(60), recipe, SETTINGS, keep)
    images = torch.from_numpy(photos.images[60:])
    with torch.inference_mode():
        return tuned, float((tuned(images).grid - encoder(images).grid).square().mean())


def test_the_more_it_weighs_the_less_tokens_of_other_photos_move(encoder: CompactEncoder, planted: Path) -> None:
    free, held = (moved(encoder, planted, keep)[1] for keep in (0.0, 1000.0))
    assert 0.0 < held < 0.5 * free


def test_only_the_last_blocks_learn_and_the_encoder_itself_stays(encoder: CompactEncoder, planted: Path) -> None:
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    tuned, _ = moved(encoder, planted, 0.0)
    assert all(torch.equal(tensor, before[name]) for name, tensor in encoder.state_dict().items())
    changed = {
        name.split(".")[1] for name, tensor in tuned.state_dict().items() if not torch.equal(tensor, before[name])
    }
    assert changed == {"3", "4"}, "a depthwise layer and the one across channels"
    assert not any(parameter.requires_grad for parameter in tuned.parameters())


def test_the_command_judges_the_frozen_encoder_and_every_weight(
    planted: Path,
    encoder: CompactEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def quick(*arguments: Any) -> EmbeddedRecipe:
        return read_as(EmbeddedRecipe, "embedded", [*SMALL, *arguments[2]])

    monkeypatch.setattr(tuning, "read_as", quick)
    assert encoder.card.folder is not None
    output = tmp_path / "study"
    command = ["study", "tuning", "--data", str(planted), "--encoder", str(encoder.card.folder), "--resamples", "20"]
    assert cli.main([*command, "--output", str(output)]) == cli.DONE
    judged = json.loads((output / "results.json").read_text(encoding="utf-8"))["judged"]
    assert list(judged) == ["frozen", "kept with weight 0", "kept with weight 10"]
    assert judged["frozen"]["kept"] == 1.0
    assert judged["kept with weight 0"]["kept"] < judged["kept with weight 10"]["kept"] <= 1.0
    assert all(
        -1.0 <= row["srcc"]["low"] <= row["srcc"]["value"] <= row["srcc"]["high"] <= 1.0 for row in judged.values()
    )
    assert (output / "table.md").read_text(encoding="utf-8").strip() in capsys.readouterr().out


def test_an_encoder_without_such_blocks_is_refused_by_name(
    planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Other(torch.nn.Module):
        """Of another kind."""

    monkeypatch.setattr(tuning, "find_encoder", lambda _: Other())
    command = ["study", "tuning", "--data", str(planted), "--encoder", "other", "--output", str(tmp_path / "study")]
    assert cli.main(command) == cli.PROBLEM
    assert "other: this encoder has no blocks that could be tuned." in capsys.readouterr().err
    assert not (tmp_path / "study").exists()
