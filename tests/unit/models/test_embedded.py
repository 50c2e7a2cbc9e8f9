"""The shipped model: whole, small, not a constant, and steady when a photo's size changes."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from aesthetic_studio.models.inputs import load_input, to_input
from aesthetic_studio.models.registry import find_card, load_model
from aesthetic_studio.records import ScoreDistribution

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aesthetic_studio.models.protocol import AestheticModel


@pytest.fixture(scope="module")
def model() -> AestheticModel:
    return load_model("embedded", "cpu")


def scene(seed: int, width: int = 512, height: int = 341) -> Image.Image:
    generator = np.random.default_rng(seed)
    top, bottom = generator.integers(0, 255, 3), generator.integers(0, 255, 3)
    ramp = np.linspace(0, 1, height)[:, None, None]
    pixels = (top * (1 - ramp) + bottom * ramp) * np.ones((1, width, 1))
    picture = Image.fromarray(pixels.astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(int(generator.integers(1, 40))):
        x, y, r = generator.uniform(0, width), generator.uniform(0, height), generator.uniform(3, 90)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(int(c) for c in generator.integers(0, 255, 3)))
    return picture


def jpeg(picture: Image.Image, quality: int = 85) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def scores(model: AestheticModel, inputs: Sequence[np.ndarray]) -> np.ndarray:
    parts = torch.split(torch.from_numpy(np.stack(inputs)), 32)
    answers = torch.cat([model.score(model.encode(part)).probabilities for part in parts]).double().numpy()
    return answers @ np.arange(1.0, 11.0)


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(np.argsort(np.argsort(a)), np.argsort(np.argsort(b)))[0, 1])


def test_the_shipped_model_is_whole_and_small(model: AestheticModel) -> None:
    card = find_card("embedded")
    assert card.folder is not None
    files = [path for path in card.folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 10_000_000
    assert {path.suffix for path in files} == {".json", ".safetensors"}
    assert model.card.encoder.name == "compact"


def test_its_card_states_how_well_it_judges_sources_it_has_not_seen() -> None:
    card = find_card("embedded")
    assert card.headline is not None
    assert card.headline.protocol == "leave one source out, pooled"
    for name in ("srcc", "plcc", "emd"):
        figure = card.headline.metrics[name]
        assert figure.low <= figure.value <= figure.high
    assert card.limits
    assert card.summary
    assert all(source.licence for source in card.training_data)


def test_every_photo_gets_a_distribution_that_the_catalogue_takes(model: AestheticModel) -> None:
    previews = [jpeg(scene(seed)) for seed in range(6)]
    images = torch.from_numpy(np.stack([load_input(preview, model.card) for preview in previews]))
    answer = model.score(model.encode(images))
    for row in answer.probabilities.tolist():
        assert 1.0 <= ScoreDistribution(tuple(row)).mean <= 10.0
    assert bool((answer.attention >= 0).all())
    torch.testing.assert_close(answer.attention.sum(dim=(1, 2)), torch.ones(6))


def test_black_and_white_frames_are_judged_without_fault(model: AestheticModel) -> None:
    side = model.card.input_size
    flat = torch.stack([torch.full((3, side, side), value, dtype=torch.uint8) for value in (0, 128, 255)])
    assert bool(model.score(model.encode(flat)).probabilities.isfinite().all())


def test_the_score_is_the_same_in_every_batch(model: AestheticModel) -> None:
    images = torch.from_numpy(np.stack([to_input(scene(seed), model.card.input_size) for seed in range(5)]))
    together = model.score(model.encode(images)).probabilities
    alone = torch.cat([model.score(model.encode(image[None])).probabilities for image in images])
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-3)


def test_the_shipped_model_scores_as_when_its_figures_were_measured(model: AestheticModel) -> None:
    axis = torch.arange(80)
    down, across = torch.meshgrid(axis, axis, indexing="ij")
    waves = [[down * (1 + k) + across * (3 - k) + 60 * colour * k for colour in range(3)] for k in range(3)]
    photos = torch.stack([torch.stack(planes) % 256 for planes in waves]).to(torch.uint8)
    answer = model.score(model.encode(photos))
    found = answer.probabilities.double() @ torch.arange(1.0, 11.0, dtype=torch.float64)
    expected = torch.tensor([5.281645, 3.711643, 4.243737], dtype=torch.float64)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0.0)
    assert answer.merit is not None
    torch.testing.assert_close(answer.merit, torch.tensor([-50.2832, -17.3668, -49.4326]), atol=2e-3, rtol=0.0)


def test_words_change_nothing_in_a_model_that_reads_none(model: AestheticModel) -> None:
    tokens = model.encode(torch.from_numpy(to_input(scene(1), model.card.input_size))[None])
    assert torch.equal(model.score(tokens).probabilities, model.score(tokens, torch.ones(1, 4, 8)).probabilities)


@pytest.mark.parametrize("size", [(512, 341), (341, 512), (512, 64), (80, 80), (3, 2), (1, 1)])
def test_a_preview_of_any_shape_becomes_the_models_input(model: AestheticModel, size: tuple[int, int]) -> None:
    pixels = load_input(jpeg(scene(2, *size)), model.card)
    assert pixels.shape == (3, model.card.input_size, model.card.input_size)
    assert pixels.dtype == np.uint8


def test_a_grey_preview_is_read_as_colour(model: AestheticModel) -> None:
    pixels = load_input(jpeg(scene(2).convert("L")), model.card)
    np.testing.assert_array_equal(pixels[0], pixels[2])


@pytest.mark.parametrize("content", [b"", b"nothing", b"\xff\xd8\xff"])
def test_bytes_that_are_no_picture_are_refused(model: AestheticModel, content: bytes) -> None:
    with pytest.raises(OSError, match=r".+"):
        load_input(content, model.card)


def test_made_photos_keep_their_order_at_another_size(model: AestheticModel) -> None:
    scenes = [scene(seed, 1024, 683) for seed in range(16)]
    large = scores(model, [to_input(picture, model.card.input_size) for picture in scenes])
    small = scores(model, [to_input(picture.resize((160, 107)), model.card.input_size) for picture in scenes])
    assert correlation(large, small) > 0.8


def test_real_previews_are_not_all_judged_alike(model: AestheticModel, real_data: Path) -> None:
    with (real_data / "sophoappeal" / "ratings.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))[::16]
    inputs = []
    for row in rows:
        with Image.open(real_data / "sophoappeal" / "images" / row["file"]) as picture:
            inputs.append(to_input(picture, model.card.input_size))
    found, people = scores(model, inputs), np.asarray([float(row["mean"]) for row in rows])
    assert found.std() > 0.2
    assert correlation(found, people) > 0.2


def test_made_photos_are_not_all_judged_alike(model: AestheticModel) -> None:
    assert scores(model, [to_input(scene(seed), model.card.input_size) for seed in range(24)]).std() > 0.1


def test_real_photos_keep_their_order_at_another_size(model: AestheticModel, real_data: Path) -> None:
    large, small = [], []
    for path in sorted((real_data / "photos" / "jpeg").glob("*.jpg")):
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        picture.thumbnail((1024, 1024))
        for size, found in ((512, large), (160, small)):
            copy = picture.copy()
            copy.thumbnail((size, size))
            found.append(load_input(jpeg(copy), model.card))
    assert correlation(scores(model, large), scores(model, small)) > 0.8


def test_loading_it_loads_no_compiler() -> None:
    """A second of every start would go to a compiler that nothing here uses."""
    script = """
import sys
from aesthetic_studio.models import registry
registry.load_model(registry.default_model(), "cpu")
print("torch" in sys.modules, "torch._dynamo" in sys.modules)
"""
    found = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert found.stdout.split() == ["True", "False"]
