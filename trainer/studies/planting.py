"""Made words for real photos: words that carry the answer, words that carry nothing, and a tiny BERT to read them.

The photos, their votes and their features are real; only what people are made to say of them is planted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from trainer.metrics import mean_scores

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

VOCABULARY = tuple(
    f"{first}{second}" for first in ("ba", "de", "ki", "lo", "mu", "ne") for second in ("ra", "so", "ti", "va", "zu")
)
"""Thirty words without a meaning in any language, so that nothing but what is planted can be in them."""

WORDS = 12
"""Said of each photo."""


def tell(votes: NDArray[np.float64], *, clarity: float, noise: float, seed: int) -> tuple[str, ...]:
    """Words for each photo, drawn by what its mean vote is, blurred by noise.

    Every word has a place on an even scale from dislike to liking; the further a photo's blurred, standardised mean
    vote lies that way, the likelier it is said.

    Args:
        votes: (N, 10).
        clarity: How sharply a word's chance follows the vote; 0 says the same of every photo, which carries nothing.
        noise: Standard deviation of what is added to the standardised mean votes first.
        seed: Of noise and words.
    """
    draw = np.random.default_rng(seed)
    means = mean_scores(votes)
    liked = (means - means.mean()) / max(float(means.std()), 1e-9) + draw.normal(0.0, noise, len(means))
    scale = np.linspace(-1.0, 1.0, len(VOCABULARY))[draw.permutation(len(VOCABULARY))]
    logits = clarity * liked[:, None] * scale[None, :]
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    return tuple(" ".join(draw.choice(VOCABULARY, WORDS, p=row)) for row in chances)


def make_bert(folder: Path, *, width: int = 32, seed: int = 0) -> Path:
    """Write a tiny BERT with random weights that knows ``VOCABULARY``, as ``transformers`` keeps one."""
    import transformers  # noqa: PLC0415 - slow to import, and no other study needs it

    folder.mkdir(parents=True, exist_ok=True)
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *VOCABULARY]
    (folder / "vocab.txt").write_text("\n".join(known) + "\n", encoding="utf-8")
    transformers.BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        config = transformers.BertConfig(
            vocab_size=len(known),
            hidden_size=width,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=2 * width,
            max_position_embeddings=64,
            # BERT's own first values, on which its layers pass words on almost as they are; wider ones mix them up
            # until ridge regression finds 0.47 of the 0.74 that counting them would.
            initializer_range=0.02,
        )
        transformers.BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def bag(words: Sequence[str]) -> NDArray[np.float64]:
    """How often each word of ``VOCABULARY`` is said, (N, words): what the words themselves could tell at best."""
    place = {word: number for number, word in enumerate(VOCABULARY)}
    counts = np.zeros((len(words), len(VOCABULARY)))
    for row, text in enumerate(words):
        for word in text.split():
            counts[row, place[word]] += 1.0
    return counts
