"""Made photos whose look is known, a small base model, and a library that holds both photos and judgements."""

from __future__ import annotations

import colorsys
import io
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PIL import Image

from aesthetic_studio import paths
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.models.card import DataSource, EncoderReference, ModelCard, file_sha256
from aesthetic_studio.models.embedded import QueryHead, head_config
from aesthetic_studio.models.encoders.local_bank import BankConfig, DictionaryConfig
from aesthetic_studio.models.mmlq import MMLQConfig
from aesthetic_studio.models.places import ENCODER_FOLDER
from aesthetic_studio.models.weights import save_weights
from aesthetic_studio.records import Look, Measurements, Metadata, PhotoFacts, PhotoFile, VerdictChange
from trainer.embedded.bank import BankRecipe, learn_bank, save_bank
from trainer.personal.features import PhotoFeatures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SIDE = 24
PHOTOS = 60


def picture(number: int) -> Image.Image:
    """A photo of blots whose brightness, hue and busyness are drawn by its number."""
    generator = np.random.default_rng(number)
    bright, hue, busy = generator.uniform(0.15, 0.9), generator.uniform(), generator.uniform(1, 9)
    axis = np.linspace(0, busy, 48)
    wave = 0.5 + 0.5 * np.sin(axis[None] * generator.uniform(1, 6) + axis[:, None] * generator.uniform(1, 6))
    colour = np.asarray(colorsys.hsv_to_rgb(hue, generator.uniform(0.1, 0.9), 1.0))
    pixels = bright * (0.6 + 0.4 * wave[:, :, None]) * colour + generator.normal(0, 0.02, (48, 48, 3))
    return Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8))


def brightness(number: int) -> float:
    return float(np.asarray(picture(number).convert("L")).mean())


def jpeg(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=90)
    return stream.getvalue()


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small untrained base model."""
    folder = tmp_path_factory.mktemp("base") / "small"
    config = BankConfig(SIDE, 3, 8, 10, (DictionaryConfig(24, 4, 4, 8),))
    recipe = BankRecipe(config, photos=8, patches=200, rounds=2)
    images = torch.stack(
        [torch.from_numpy(np.array(picture(k).resize((SIDE, SIDE)))).permute(2, 0, 1) for k in range(8)]
    )
    encoder = save_bank(
        learn_bank(recipe, images), recipe, folder / ENCODER_FOLDER, version="1", data=DataSource("made", 8, "-", "-")
    )
    torch.manual_seed(0)
    head = QueryHead(MMLQConfig(visual_width=8, global_width=10, width=8, heads=2), members=1)
    save_weights(head, folder / "model.safetensors")
    ModelCard(
        name="small",
        version="1",
        title="Small",
        kind="embedded",
        encoder=EncoderReference(encoder.name, encoder.version),
        input_size=SIDE,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        score_range=(1.0, 10.0),
        parameters=1,
        file="model.safetensors",
        sha256=file_sha256(folder / "model.safetensors"),
        size_bytes=1,
        licence="Apache-2.0",
        summary="For tests.",
        config=head_config(head),
    ).save(folder)
    return folder


@pytest.fixture
def base(small_model: Path, own_data_folder: Path) -> ModelCard:
    """The base model, installed."""
    import shutil

    shutil.copytree(small_model, own_data_folder / "models" / "small")
    return ModelCard.load(own_data_folder / "models" / "small" / "card.json")


@dataclass
class Library:
    """A catalogue of made photos."""

    catalogue: Catalogue
    ids: list[int]

    def rate(self, stars: dict[int, int]) -> None:
        """Give photos (by number) stars."""
        for number, given in stars.items():
            self.catalogue.decide([self.ids[number]], VerdictChange(rating=given), "rate")


def facts(image: Image.Image, name: str) -> PhotoFacts:
    preview = jpeg(image)
    return PhotoFacts(
        content_hash=blake2b(name.encode(), digest_size=16).digest(),
        format="JPEG",
        width=48,
        height=48,
        metadata=Metadata(),
        measurements=Measurements(0.1, 0.2, 0.01, -0.5, 0.0, 0.1, 0.3, 0.4, -1.5, (0.25,) * 64),
        look=Look(image.convert("L").resize((32, 32)).tobytes(), image.resize((8, 8)).tobytes()),
        preview=preview,
    )


@pytest.fixture
def library(own_data_folder: Path) -> Iterator[Library]:
    """The user's own library, of ``PHOTOS`` photos, none of them judged."""
    catalogue = Catalogue.open(paths.default_library())
    with catalogue.transaction():
        ids = [
            catalogue.store_facts(PhotoFile("/photos", f"{k:03d}.jpg", 1000 + k, k), facts(picture(k), f"{k:03d}.jpg"))
            for k in range(PHOTOS)
        ]
    yield Library(catalogue, ids)
    catalogue.close()


@pytest.fixture
def dark_ratings() -> dict[int, int]:
    """Stars of a person who likes dark photos, for every made photo."""
    light = np.asarray([brightness(number) for number in range(PHOTOS)])
    limits = np.quantile(light, (0.2, 0.4, 0.6, 0.8))
    return {number: int(5 - (value > limits).sum()) for number, value in enumerate(light)}


@pytest.fixture(scope="session")
def made_features() -> Callable[[int, int], PhotoFeatures]:
    """Features without any model: base scores and inputs drawn by a seed."""

    def make(count: int, seed: int = 0) -> PhotoFeatures:
        generator = np.random.default_rng(seed)
        scores = generator.uniform(3, 7, count)
        low = np.floor(scores).astype(int)
        probabilities = np.zeros((count, 10))
        probabilities[np.arange(count), low - 1] = 1 - (scores - low)
        probabilities[np.arange(count), low] = scores - low
        return PhotoFeatures(
            tuple(int(row).to_bytes(16, "big") for row in range(count)),
            0.9 * probabilities + 0.01,
            generator.normal(size=(count, 9)),
            generator.normal(size=(count, 12)),
            generator.normal(size=(count, 6)),
        )

    return make
