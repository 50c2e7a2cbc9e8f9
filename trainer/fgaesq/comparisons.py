"""Why one photo of a pair is better, in words: a table, and the embeddings that CTAlign pulls photos towards.

The paper had a language model write them from the ranked pair. They are optional; the text tower that embeds them is
frozen, so each is embedded once, before training.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from aesthetic_studio.errors import KnownError

if TYPE_CHECKING:
    from pathlib import Path

    from aesthetic_studio.models.fgaesq.towers import TextTower

COLUMNS = ("better", "reference", "text")
ADVICE = f"A table of comparisons has the columns {', '.join(COLUMNS)}."
BATCH = 64

Comparisons = Mapping[tuple[str, str], str]
"""By file of the better photo and of the one that it is compared with: why."""

Tokenise = Callable[[Sequence[str]], Tensor]
"""Texts to token ids (B, context), as open_clip's tokenizers do; what is too long is cut."""


def read_comparisons(path: Path) -> dict[tuple[str, str], str]:
    """Read a CSV of ``better,reference,text``. Raises ``KnownError`` where there is no such table, or it is empty."""
    try:
        with path.open(encoding="utf-8-sig", newline="", errors="replace") as stream:
            rows = csv.DictReader(stream)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise KnownError(f"{path}: there is no column {missing[0]!r}.", ADVICE)
            cells = [[(row[name] or "").strip() for name in COLUMNS] for row in rows]
    except (OSError, csv.Error) as error:
        raise KnownError(f"{path}: this table cannot be read ({error}).", ADVICE) from error
    found = {(better, reference): text for better, reference, text in cells if better and reference and text}
    if not found:
        raise KnownError(f"{path}: not one comparison is written here.", ADVICE)
    return found


@torch.inference_mode()
def embed(texts: Sequence[str], tower: TextTower, tokenise: Tokenise) -> Tensor:
    """E_t (N, embedding) of texts, each cut at the tower's context."""
    device = tower.text_projection.device
    parts = [
        tower.encode_text(tokenise(list(texts[start : start + BATCH])).to(device)).float().cpu()
        for start in range(0, len(texts), BATCH)
    ]
    return torch.cat(parts) if parts else torch.zeros(0, tower.text_projection.shape[1])


def clip_tokeniser(context: int) -> Tokenise:
    """CLIP's own, which keeps the end-of-text token where it cuts; it ships with open_clip and fetches nothing."""
    from open_clip.tokenizer import SimpleTokenizer  # noqa: PLC0415 - takes seconds, and only texts need it

    tokeniser = SimpleTokenizer(context_length=context)

    def tokenise(texts: Sequence[str]) -> Tensor:
        found: Tensor = tokeniser(list(texts))
        return found

    return tokenise
