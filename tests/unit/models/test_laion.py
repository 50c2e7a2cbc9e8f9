"""The LAION head: the published file is read exactly, without being run, and its score becomes a distribution."""

from __future__ import annotations

import dataclasses
import pickle
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models import laion
from aesthetic_studio.models.distribution import VOTES, distribution_of, usual_spread
from aesthetic_studio.models.encoders.open_clip_tower import OpenClipTower, TowerConfig

if TYPE_CHECKING:
    from pathlib import Path

FILE = "weights/laion/sac+logos+ava1-l14-linearMSE.pth"


def published(seed: int = 0) -> dict[str, torch.Tensor]:
    """A head with the published names and shapes."""
    generator = torch.Generator().manual_seed(seed)
    made = {}
    for name, (out, into) in laion.LAYERS.items():
        made[f"{name}.weight"] = torch.randn(out, into, generator=generator) / into**0.5
        made[f"{name}.bias"] = torch.randn(out, generator=generator)
    return made


def stepwise(tensors: dict[str, torch.Tensor], embedding: torch.Tensor) -> torch.Tensor:
    """What the published layers answer one after another, dropouts being off."""
    for name in laion.LAYERS:
        embedding = embedding @ tensors[f"{name}.weight"].double().T + tensors[f"{name}.bias"].double()
    return embedding.squeeze(-1)


def check_head(path: Path) -> None:
    tensors = torch.load(path, weights_only=True, map_location="cpu")
    embedding = torch.nn.functional.normalize(torch.randn(64, 768, generator=torch.Generator().manual_seed(1)), dim=1)
    expected = stepwise(tensors, embedding.double())
    torch.testing.assert_close(laion.read_published(path)(7.0 * embedding).double(), expected, atol=2e-4, rtol=1e-4)


def test_one_layer_answers_as_the_published_five(tmp_path: Path) -> None:
    torch.save(published(), tmp_path / "head.pth")
    check_head(tmp_path / "head.pth")


def test_the_real_head_is_read_exactly(real_data: Path) -> None:
    check_head(real_data / FILE)


def test_an_installed_head_keeps_its_card_and_scores(tmp_path: Path) -> None:
    torch.save(published(), tmp_path / "head.pth")
    card = laion.install_published(tmp_path / "head.pth", tmp_path / "model")
    assert (card.kind, card.licence) == ("laion", "Apache-2.0")
    assert card.config["encoder_spec"] == "ViT-L-14:openai"
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["card.json", "model.safetensors"]


@pytest.mark.parametrize("change", ["missing", "unexpected", "shape"])
def test_a_head_of_another_form_is_refused_by_what_differs(tmp_path: Path, change: str) -> None:
    tensors = published()
    if change == "missing":
        del tensors["layers.4.bias"]
    elif change == "unexpected":
        tensors["layers.9.weight"] = torch.zeros(1)
    else:
        tensors["layers.7.weight"] = torch.zeros(1, 8)
    torch.save(tensors, tmp_path / "head.pth")
    named = {
        "missing": r"layers\.4\.bias is missing",
        "unexpected": r"layers\.9",
        "shape": r"layers\.7\.weight is \(1, 8\)",
    }
    with pytest.raises(ModelUnavailable, match=named[change]):
        laion.read_published(tmp_path / "head.pth")


class _Attack:
    ran = False

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("import tests_were_owned",))


@pytest.mark.parametrize("kind", ["pickle", "torch", "noise", "empty", "list"])
def test_nothing_in_a_file_is_run(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "head.pth"
    if kind == "pickle":
        path.write_bytes(pickle.dumps(_Attack(), protocol=2))
    elif kind == "torch":
        torch.save({"layers.0.weight": _Attack()}, path)
    elif kind == "list":
        torch.save([torch.zeros(2)], path)
    else:
        path.write_bytes(b"" if kind == "empty" else bytes(range(256)) * 40)
    with pytest.raises(ModelUnavailable, match=r"head\.pth"):
        laion.read_published(path)


@pytest.fixture
def model(tmp_path: Path) -> laion.LaionModel:
    """The head on a tower of the right form, with two small layers."""
    torch.manual_seed(2)
    vision = {"image_size": 32, "patch_size": 8, "width": 32, "layers": 2, "head_width": 16}
    tower = OpenClipTower(TowerConfig({"embed_dim": 768, "vision_cfg": vision}, (0.5,) * 3, (0.3,) * 3)).eval()
    torch.save(published(), tmp_path / "head.pth")
    card = laion.install_published(tmp_path / "head.pth", tmp_path / "model")
    return laion.LaionModel(card, tower, laion.read_published(tmp_path / "head.pth"))


def test_photos_are_scored_by_the_image_embedding_of_the_tower(model: laion.LaionModel) -> None:
    photos = torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(3))
    answer = model.score(model.encode(photos))
    expected = model.head(model.tower.image_embedding(photos)).clamp(1.01, 9.99)
    votes = torch.arange(1.0, 11.0)
    torch.testing.assert_close(answer.probabilities @ votes, expected, atol=1e-4, rtol=1e-4)
    assert answer.attention.shape == (3, 4, 4)
    torch.testing.assert_close(answer.attention.sum(dim=(1, 2)), torch.ones(3))


def test_the_heat_map_is_brightest_where_a_token_points_as_the_head_does(model: laion.LaionModel) -> None:
    tokens = model.encode(torch.zeros(1, 3, 32, 32, dtype=torch.uint8))
    grid = torch.zeros_like(tokens.grid)
    assert model.tower.tower.proj is not None
    grid[0, 5] = torch.linalg.lstsq(model.tower.tower.proj.T, model.head.linear.weight[0]).solution
    answer = model.score(dataclasses.replace(tokens, grid=grid))
    assert int(answer.attention[0].argmax()) == 5


@given(st.lists(st.floats(1.01, 9.99), min_size=1, max_size=20), st.floats(0.05, 3.0))
def test_a_score_becomes_votes_with_that_very_mean(scores: list[float], spread: float) -> None:
    means = torch.tensor(scores, dtype=torch.float64)
    votes = distribution_of(means, torch.full_like(means, spread))
    assert (votes >= 0).all()
    torch.testing.assert_close(votes.sum(dim=1), torch.ones(len(scores), dtype=torch.float64))
    torch.testing.assert_close(votes @ VOTES, means, atol=1e-6, rtol=0)


@given(st.floats(-50, 50))
def test_any_score_gives_a_distribution(score: float) -> None:
    votes = distribution_of(torch.tensor([score]))
    assert votes.isfinite().all()
    torch.testing.assert_close(votes.sum(), torch.tensor(1.0))


def test_the_usual_spread_is_people_s(real_data: Path) -> None:
    from trainer.data.votes import read_votes

    photos, _ = read_votes(real_data / "sophoappeal", 8)
    votes = torch.from_numpy(photos.votes)
    mean = votes @ VOTES
    variance = votes @ VOTES**2 - mean**2
    room = (mean - 1.0) * (10.0 - mean)
    assert float((room @ variance) / (room @ room)) == pytest.approx(0.288, abs=5e-4)
    error = (usual_spread(mean) - variance.sqrt()).square().mean().sqrt()
    assert float(error) < 0.18
