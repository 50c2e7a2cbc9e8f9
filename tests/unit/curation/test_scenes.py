"""Photos of one scene are found to be of one scene, real ones too."""

from __future__ import annotations

import csv
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from aesthetic_studio.curation.scenes import SAME_SCENE, WHOLE, Scenes
from aesthetic_studio.imaging.look import fingerprint

if TYPE_CHECKING:
    from pathlib import Path


def made_pictures(count: int) -> list[Image.Image]:
    """Patches in a few tones of their own, larger than what will be cut out of them."""
    pictures = []
    for number in range(count):
        generator = np.random.default_rng(number)
        tones = generator.integers(0, 256, (5, 3), np.uint8)
        coarse = tones[generator.integers(0, 5, (9, 12))]
        pictures.append(Image.fromarray(coarse).resize((240, 180), Image.Resampling.BICUBIC))
    return pictures


def cut(picture: Image.Image, chance: random.Random, share: float) -> Image.Image:
    """A part of a picture, anywhere in it, up to half a stop lighter or darker."""
    width, height = (int(side * share) for side in picture.size)
    left, top = chance.randint(0, picture.width - width), chance.randint(0, picture.height - height)
    linear = (np.asarray(picture.crop((left, top, left + width, top + height))) / 255) ** 2.2
    lighter = np.clip(linear * 2 ** chance.uniform(-0.5, 0.5), 0, 1) ** (1 / 2.2)
    return Image.fromarray((lighter * 255).astype(np.uint8))


def shares_of_one_scene(studio, pictures: list[Image.Image], share: float) -> tuple[float, float]:
    """How often two cuts of one picture, and of two pictures, all of one minute, are found to be one scene."""
    chance = random.Random(5)  # noqa: S311 - not for secrets
    shots = [studio.shoot(0.5 * k, world=1) for k in range(2 * len(pictures))]
    looks = [fingerprint(cut(picture, chance, share)) for picture in pictures for _ in range(2)]
    scenes = Scenes([replace(shot, look=look) for shot, look in zip(shots, looks, strict=True)])
    same, other = [], []
    for index in range(0, len(looks), 2):
        like = scenes.like(index) >= SAME_SCENE
        same.append(like[index + 1])
        other += [like[k] for k in range(len(looks)) if k // 2 != index // 2]
    return float(np.mean(same)), float(np.mean(other))


def test_cuts_of_one_picture_are_one_scene_and_of_two_are_not(studio):
    same, other = shares_of_one_scene(studio, made_pictures(60), 0.88)
    assert same > 0.8
    assert other < 0.05


def test_cuts_of_one_real_photo_are_one_scene_and_of_two_are_not(studio, real_data: Path):
    pool = real_data / "pool"
    if not (pool / "manifest.csv").is_file():
        pytest.skip(f"the pool of real photos is not here: {pool}")
    with (pool / "manifest.csv").open(encoding="utf-8") as table:
        files = [row["file"] for row in csv.DictReader(table)]
    pictures = [Image.open(pool / file).convert("RGB") for file in files[:: len(files) // 150]]
    same, other = shares_of_one_scene(studio, pictures, 0.8)
    assert same > 0.8
    assert other < 0.05


def test_likeness_is_mutual_and_whole_with_itself(studio):
    views = [studio.shoot(30 * k, world=1 + k % 3, x=280 + 10 * k) for k in range(9)]
    table = np.array([Scenes(views).like(index) for index in range(len(views))])
    assert (abs(table - table.T) <= 1).all(), "to a thousandth"
    assert (table.diagonal() == WHOLE).all()
    assert table.min() >= 0
    assert table.max() <= WHOLE
