"""Made data with a planted signal, and a recipe that learns it in moments."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = """
name = "planted"
title = "Planted"
version = "1"
seeds = [1]

[head]
width = 16
queries = 2
heads = 2
feed_forward_width = 16
dropout = 0.0

[training]
epochs = 12
batch = 16
learning_rate = 5e-3
weight_decay = 0.01

[augmentation]
views = 2

[bank]
input_size = 24
grid = 3
width = 12
pooled_width = 16
photos = 40
patches = 2000
rounds = 3
token_whitening = 0.0

[[bank.dictionaries]]
side = 24
patch = 4
stride = 2
atoms = 16
"""


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 96 photos from three sources; people like them the better, the busier their stripes are."""
    folder = tmp_path_factory.mktemp("planted")
    generator = np.random.default_rng(3)
    axis = np.linspace(0.0, 1.0, 32)
    with (folder / "ratings.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["file", "source", "stars1", "stars2", "stars3", "stars4", "stars5"])
        for number in range(96):
            liking = generator.uniform()
            wave = np.sin(axis * (6 + 50 * liking) + generator.uniform(0, 6))
            pixels = (
                128 + 90 * wave[None, :, None] * generator.uniform(0.8, 1.0, 3) + generator.normal(0, 4, (32, 32, 3))
            )
            Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(folder / f"{number:03d}.png")
            stars = np.bincount(
                np.clip(generator.normal(1 + 4 * liking, 0.6, 40).round(), 1, 5).astype(int), minlength=6
            )
            table.writerow([f"{number:03d}.png", "abc"[number % 3], *stars[1:]])
    return folder


@pytest.fixture
def planted_recipe(tmp_path: Path) -> Path:
    """The recipe's file."""
    path = tmp_path / "planted.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path
