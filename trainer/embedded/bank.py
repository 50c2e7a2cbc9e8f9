"""Learns the frozen bank of local features from unlabelled photos: k-means of patches, then principal components."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.card import DataSource, EncoderCard, file_sha256
from aesthetic_studio.models.encoders.local_bank import BankConfig, LocalBank, PatchDictionary, shrink
from aesthetic_studio.models.inputs import to_input
from aesthetic_studio.models.weights import save_weights
from trainer.data.files import photo_files

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS_FILE = "encoder.safetensors"

Say = Callable[[str], None]


@dataclasses.dataclass(frozen=True, slots=True)
class BankRecipe:
    """How a bank is learned."""

    bank: BankConfig
    photos: int = 6000
    """Photos of the pool that are looked at, drawn by ``seed``."""
    patches: int = 150_000
    """Patches each dictionary is learned from."""
    rounds: int = 15
    """Rounds of k-means."""
    whitening_floor: float = 0.1
    """Added to the eigenvalues of the patches' covariance, in parts of their mean."""
    token_whitening: float = 0.5
    """0 leaves the principal components' variances as they are, 1 makes them all alike."""
    seed: int = 0


def read_pool(folder: Path, count: int, side: int, seed: int) -> Tensor:
    """Up to ``count`` photos (N, 3, side, side) uint8; unreadable ones are passed over.

    Every other photo is cut to a square and the rest are stretched, since judged photos come in both ways.
    """
    generator = np.random.default_rng(seed)
    files = photo_files(folder)
    images: list[np.ndarray] = []
    for index in generator.permutation(len(files)):
        if len(images) == count:
            break
        try:
            with Image.open(files[index]) as opened:
                picture = opened.convert("RGB")
        except (OSError, ValueError):
            continue
        images.append(to_input(_square(picture) if len(images) % 2 else picture, side))
    if not images:
        raise KnownError(f"{folder}: not one photo here can be read.", "Name another folder with --pool.")
    return torch.from_numpy(np.stack(images))


def learn_bank(recipe: BankRecipe, images: Tensor, say: Say = lambda _: None) -> LocalBank:
    """Learn every dictionary and the PCA from photos (N, 3, S, S) uint8. The same seed gives the same bank."""
    generator = torch.Generator().manual_seed(recipe.seed)
    bank = LocalBank(recipe.bank)
    for number, dictionary in enumerate(bank.dictionaries, start=1):
        assert isinstance(dictionary, PatchDictionary)  # noqa: S101 - ModuleList forgets the type
        say(f"dictionary {number} of {len(bank.dictionaries)}: {dictionary.config.atoms} atoms")
        learn_dictionary(dictionary, images, recipe, generator)
    say("principal components")
    cells, whole = [], []
    for batch in _batches(images, 64):
        some, all_of_it = bank.features(batch)
        rows = some.flatten(0, 1)
        cells.append(rows[torch.randint(len(rows), (16 * len(batch),), generator=generator)])
        whole.append(all_of_it)
    config = recipe.bank
    for name, samples, width in (("", cells, config.width), ("pooled_", whole, config.pooled_width)):
        mean, basis = principal_components(torch.cat(samples), width, recipe.token_whitening)
        getattr(bank, f"{name}mean").copy_(mean)
        getattr(bank, f"{name}basis").copy_(basis)
    return bank.eval()


def learn_dictionary(
    dictionary: PatchDictionary, images: Tensor, recipe: BankRecipe, generator: torch.Generator
) -> None:
    """Learn one dictionary: sample patches, normalise, whiten, k-means; then fold the rest into one convolution."""
    c = dictionary.config
    patches = sample_patches(images, c.side, c.patch, recipe.patches, generator)
    if c.normalise:
        patches = patches - patches.mean(dim=1, keepdim=True)
        patches = patches / (patches.var(dim=1, unbiased=False, keepdim=True) + c.contrast_floor).sqrt()
    mean = patches.mean(dim=0)
    values, vectors = torch.linalg.eigh(torch.cov((patches - mean).T))
    whitening = vectors * (values.clamp_min(0.0) + recipe.whitening_floor * values.mean()).rsqrt()
    dictionary.centroids.copy_(k_means((patches - mean) @ whitening, c.atoms, recipe.rounds, generator))
    rows = whitening.T
    dictionary.offset.copy_(-rows @ mean)
    if c.normalise:  # rows that sum to 0 take the patch's mean away by themselves
        rows = rows - rows.mean(dim=1, keepdim=True)
    dictionary.whitening.copy_(rows.reshape(dictionary.whitening.shape))


def sample_patches(images: Tensor, side: int, patch: int, count: int, generator: torch.Generator) -> Tensor:
    """Patches (count, 3·patch²) in 0..1 from random places of the photos."""
    each = -(-count // len(images))
    found = []
    for batch in _batches(images, 128):
        pixels = shrink(batch.float() / 255.0, side)
        windows = pixels.unfold(2, patch, 1).unfold(3, patch, 1)  # (B, 3, h, w, patch, patch)
        high, wide = windows.shape[2:4]
        number = torch.arange(len(batch)).repeat_interleave(each)
        y = torch.randint(high, (len(number),), generator=generator)
        x = torch.randint(wide, (len(number),), generator=generator)
        found.append(windows[number, :, y, x].flatten(1))
    return torch.cat(found)[:count]


def k_means(points: Tensor, count: int, rounds: int, generator: torch.Generator) -> Tensor:
    """Lloyd's centroids (count, D) of points (N, D); one that nobody is nearest to starts again at a random point."""
    if len(points) < count:
        raise KnownError(f"{len(points)} patches cannot give {count} atoms.", "Use more photos or fewer atoms.")
    centroids = points[torch.randperm(len(points), generator=generator)[:count]].clone()
    for _ in range(rounds):
        half = centroids.square().sum(dim=1) / 2.0
        nearest = torch.cat([(part @ centroids.T - half).argmax(dim=1) for part in torch.split(points, 20_000)])
        members = torch.bincount(nearest, minlength=count)
        sums = torch.zeros_like(centroids).index_add_(0, nearest, points)
        centroids = sums / members.clamp_min(1)[:, None]
        alone = members == 0
        centroids[alone] = points[torch.randint(len(points), (int(alone.sum()),), generator=generator)]
    return centroids


def signed_power(numbers: Tensor, power: float) -> Tensor:
    """Numbers raised to a power, signs kept: 0.5 draws long tails in."""
    return numbers if power == 1.0 else numbers.sign() * numbers.abs().pow(power)


def principal_components(
    samples: Tensor, width: int, whitening: float, *, standardise: bool = True
) -> tuple[Tensor, Tensor]:
    """Mean (D,) and basis (width, D) of samples (N, D), scaled so that the output's variances are 1 on average.

    ``standardise`` brings the numbers to one deviation first, so that none is kept for its scale alone.
    """
    mean = samples.mean(dim=0)
    deviation = (samples - mean).std(dim=0).clamp_min(1e-4) if standardise else torch.ones_like(mean)
    values, vectors = torch.linalg.eigh(torch.cov(((samples - mean) / deviation).T))
    values, vectors = values.flip(0)[:width].clamp_min(1e-6), vectors.flip(1)[:, :width]
    # Eigenvectors are known up to their sign only; one rule for it makes the bank the same on every machine.
    vectors = vectors * torch.where(vectors.sum(dim=0) < 0, -1.0, 1.0)
    basis = vectors * values.pow(-whitening / 2.0)
    basis = basis / values.pow(1.0 - whitening).mean().sqrt()
    return mean, (basis / deviation[:, None]).T


def save_bank(bank: LocalBank, recipe: BankRecipe, folder: Path, *, version: str, data: DataSource) -> EncoderCard:
    """Write the bank's tensors and card into ``folder``."""
    path = folder / WEIGHTS_FILE
    save_weights(bank, path)
    config = recipe.bank
    card = EncoderCard(
        name="local-bank",
        version=version,
        title="Local feature bank",
        kind=LocalBank.kind,
        input_size=config.input_size,
        grid=(config.grid, config.grid),
        width=config.width,
        pooled_width=config.pooled_width,
        parameters=sum(buffer.numel() for buffer in bank.buffers()),
        file=WEIGHTS_FILE,
        sha256=file_sha256(path),
        licence="Apache-2.0",
        training_data=(data,),
        config=bank.as_json(),
        recipe={key: value for key, value in dataclasses.asdict(recipe).items() if key != "bank"},
    )
    card.save(folder)
    return dataclasses.replace(card, folder=folder)


def _square(picture: Image.Image) -> Image.Image:
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side))


def _batches(images: Tensor, size: int) -> Iterator[Tensor]:
    yield from torch.split(images, size)
