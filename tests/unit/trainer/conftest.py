"""Made data with a planted signal, and a recipe that learns it in moments."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from trainer.miniature import COMMENTS_FILE, MadePhoto, made_counts, split_lists, stripes, write_ava

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
    """The recipe's file, for a test that changes it."""
    path = tmp_path / "planted.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def shared_recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, written once for tests that only read it."""
    path = tmp_path_factory.mktemp("recipe") / "planted.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Blots on grounds of every colour, in two folders, and a file that is no photo."""
    folder = tmp_path_factory.mktemp("pool")
    draw = np.random.default_rng(3)
    for number in range(24):
        high, wide = 60 + number, 80
        y, x = np.mgrid[0:high, 0:wide]
        blot = np.exp(-((y - draw.uniform(0, high)) ** 2 + (x - draw.uniform(0, wide)) ** 2) / 300.0)[..., None]
        picture = draw.uniform(0, 255, 3) * (1 - blot) + draw.uniform(0, 255, 3) * blot
        place = folder / ("one" if number % 2 else "two")
        place.mkdir(exist_ok=True)
        Image.fromarray(picture.astype(np.uint8)).save(place / f"{number:02d}.png")
    (folder / "one" / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    return folder


@dataclass(frozen=True)
class MadeAva:
    """A miniature AVA in AVA's own files.

    Attributes:
        folder: Holds ``AVA.txt``, ``images``, the official lists' names and ``AVA_Comments_Full.txt``.
        test: Ids of the test list, the missing and broken ones among them.
        train: All other ids.
        missing: An id of the test list without a photo.
        broken: One whose photo cannot be decoded.
        comments: The file of comments.
        liking: Of each id, 0..1: what the votes, the picture and the words follow.
    """

    folder: Path
    test: tuple[str, ...]
    train: tuple[str, ...]
    missing: str
    broken: str
    comments: Path
    liking: dict[str, float]


def make_ava(folder: Path, test: Sequence[str], train: Sequence[str], side: int = 32) -> MadeAva:
    """Write a miniature AVA: people like a photo the better, the busier its stripes are, and say so."""
    generator = np.random.default_rng(11)
    liking: dict[str, float] = {}

    def photos() -> Iterator[tuple[str, MadePhoto]]:
        for number, name in enumerate((*test, *train), start=1):
            liking[name] = generator.uniform()
            picture = stripes(liking[name], side, generator)
            word = "wonderful" if liking[name] > 0.5 else "dull"
            said = (f"What a {word} picture", "Taken at the sea, I think") if number % 5 else None
            yield name, MadePhoto(picture, made_counts(liking[name], generator), said)

    write_ava(folder, photos(), split_lists(test, train), missing=test[:1], broken=test[1:2])
    (folder / "generic_ss_train.jpgl").unlink()
    return MadeAva(folder, tuple(test), tuple(train), test[0], test[1], folder / COMMENTS_FILE, liking)


MADE_IDS = [str(900_000 + 7 * number) for number in range(64)]


@pytest.fixture
def made_ava(tmp_path: Path) -> MadeAva:
    """A miniature AVA of made ids: 16 test photos, 48 others."""
    return make_ava(tmp_path / "ava", MADE_IDS[:16], MADE_IDS[16:])


@pytest.fixture(scope="session")
def shared_ava(tmp_path_factory: pytest.TempPathFactory) -> MadeAva:
    """The same, made once for tests that only look at it."""
    return make_ava(tmp_path_factory.mktemp("shared") / "ava", MADE_IDS[:16], MADE_IDS[16:])


@pytest.fixture
def real_ids_ava(tmp_path: Path, real_data: Path) -> MadeAva:
    """The same with ids of AVA's official lists."""
    test, train = (
        (real_data / "ava_lists" / f"generic_{name}.jpgl").read_text(encoding="utf-8").split()
        for name in ("test", "ls_train")
    )
    return make_ava(tmp_path / "ava", test[:16], train[:48])
