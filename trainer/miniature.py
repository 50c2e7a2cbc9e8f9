"""Miniatures in the exact files of what cannot be shipped: AVA, and networks of BERT's and CLIP's shapes, untrained.

Tests and ``packaging/miniature_ava.py`` prove with them that the paths of real data and weights work. Nothing here is
AVA's or anybody's model: pictures, votes, words and weights are made, and every photo's file says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from trainer.data.ava import AVA_FILE, TEST_LIST, TRAIN_LISTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aesthetic_studio.models.fgaesq import FGAesQConfig

COMMENTS_FILE = "AVA_Comments_Full.txt"
NOTE = b"Made by Aesthetic Studio's miniature; this is not a photo of AVA."
NO_JPEG = b"\xff\xd8\xff\xe0 no picture follows"
VOTES = 210
"""Of each made photo; AVA's photos have that many on average."""


@dataclass(frozen=True, slots=True)
class MadePhoto:
    """A photo of a miniature.

    Attributes:
        picture: What is saved as JPEG.
        counts: How many gave 1, 2, … 10.
        comments: What is said of it; ``None`` where the file of comments has no line for it.
    """

    picture: Image.Image
    counts: tuple[int, ...]
    comments: tuple[str, ...] | None = None


def write_ava(
    folder: Path,
    photos: Iterable[tuple[str, MadePhoto]],
    lists: Mapping[str, Sequence[str]],
    *,
    missing: Sequence[str] = (),
    broken: Sequence[str] = (),
    quality: int = 90,
) -> None:
    """Write ``AVA.txt``, ``images``, ``AVA_Comments_Full.txt`` and lists of ids into a folder.

    Args:
        folder: Is made.
        photos: Ids and photos, in the file's order.
        lists: Ids by the list's file name.
        missing: Ids whose photo is not written.
        broken: Ids whose file holds no picture.
        quality: Of the JPEGs.
    """
    images = folder / "images"
    images.mkdir(parents=True)
    rows, said = [], []
    for number, (name, photo) in enumerate(photos, start=1):
        path = images / f"{name}.jpg"
        if name in broken:
            path.write_bytes(NO_JPEG)
        elif name not in missing:
            photo.picture.save(path, quality=quality, comment=NOTE)
        rows.append(" ".join(map(str, (number, name, *photo.counts, number % 67, 0, 1000 + number % 7))))
        if photo.comments is not None:
            said.append("#".join((str(number), name, *photo.comments)))
    _lines(folder / AVA_FILE, rows)
    _lines(folder / COMMENTS_FILE, said)
    for name, ids in lists.items():
        _lines(folder / name, ids)


def split_lists(test: Sequence[str], train: Sequence[str]) -> dict[str, Sequence[str]]:
    """The official lists' names with these ids: half of ``train`` is the large training list, an eighth the small."""
    return {
        TEST_LIST: test,
        TRAIN_LISTS["large"]: train[: len(train) // 2],
        TRAIN_LISTS["small"]: train[: len(train) // 8],
    }


def stripes(liking: float, side: int, generator: np.random.Generator) -> Image.Image:
    """A picture whose stripes are the busier, the higher ``liking`` (0..1) is."""
    axis = np.linspace(0.0, 1.0, side)
    wave = np.sin(axis * (6 + 50 * liking) + generator.uniform(0, 6))
    pixels = 128 + 90 * wave[None, :, None] + generator.normal(0, 4, (side, side, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def made_counts(liking: float, generator: np.random.Generator) -> tuple[int, ...]:
    """Votes 1..10 that follow ``liking`` (0..1)."""
    votes = np.clip(generator.normal(2 + 7 * liking, 1.2, VOTES).round(), 1, 10).astype(int)
    return tuple(int(count) for count in np.bincount(votes, minlength=11)[1:])


def counts_of_stars(stars: NDArray[np.float64]) -> tuple[int, ...]:
    """Ten counts with the distribution that ``stars_to_votes`` gives five-star counts: each vote is counted twice."""
    return tuple(int(count) for count in np.repeat(stars, 2))


def write_bert(folder: Path, words: Iterable[str], *, width: int = 32, positions: int = 128, seed: int = 12) -> None:
    """Write an untrained BERT of one layer as ``transformers`` does; it knows these words and signs."""
    import torch  # noqa: PLC0415 - data is made without it
    import transformers  # noqa: PLC0415

    transformers.utils.logging.disable_progress_bar()
    vocabulary = list(dict.fromkeys(("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words)))
    folder.mkdir(parents=True)
    _lines(folder / "vocab.txt", vocabulary)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        config = transformers.BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=width,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=width + 4,
            max_position_embeddings=positions,
        )
        transformers.BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    transformers.BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=positions).save_pretrained(folder)


def tiny_clip_config(width: int = 64, layers: int = 1, patch: int = 8) -> FGAesQConfig:
    """A CLIP small enough to be trained in moments; its text tower reads CLIP's own vocabulary."""
    from aesthetic_studio.models.fgaesq import DiffTokenConfig, FGAesQConfig, TextTowerConfig  # noqa: PLC0415

    return FGAesQConfig(
        width=width,
        layers=layers,
        heads=1,
        embedding=16,
        tokens=DiffTokenConfig(patch=patch, block=2 * patch, grid=4),
        text=TextTowerConfig(width=width, layers=layers, heads=1, context=77, vocabulary=49408),
    )


def write_clip(path: Path, config: FGAesQConfig, *, seed: int = 3) -> None:
    """Write an untrained CLIP with both towers, its tensors named as OpenAI and open_clip name theirs."""
    import torch  # noqa: PLC0415
    from safetensors.torch import save_file  # noqa: PLC0415

    from aesthetic_studio.models.fgaesq import FGAesQ  # noqa: PLC0415

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        whole = FGAesQ(config, text_tower=True).clip_model.state_dict()
    note = {"note": "untrained: random numbers in CLIP's shapes"}
    save_file({name: tensor.clone() for name, tensor in whole.items()}, path, metadata=note)


def _lines(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
