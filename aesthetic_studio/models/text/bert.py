"""A frozen text encoder of the BERT family, through ``transformers``: the features F_t of MMLQ (arXiv 2405.01326).

Only local files are read, no code that comes with a model is run, and nothing is unpickled.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor, nn

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import REINSTALL, file_sha256
from aesthetic_studio.models.protocol import TextTokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_TOKENS = 512
"""N_w of Fig. 3: an image's accumulated comments are cut there."""
PHOTOS_AT_ONCE = 16
"""Texts read together: the attention of 16 full ones takes 200 MB in BERT-base."""

_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_SHARED = "google-bert"
"""Where the hub keeps the models that were once named without an owner."""


@dataclass(frozen=True, slots=True)
class TextEncoderCard:
    """What a text encoder is, read from its own files."""

    name: str
    version: str
    """The first digits of its weights' sha256."""
    width: int
    """Of a token."""
    max_tokens: int
    parameters: int
    folder: Path


class TextEncoder(nn.Module):
    """Words to ``TextTokens``; every token of the last layer, [CLS] and [SEP] among them.

    Attributes:
        card: Name, version and shapes.
        spec: By which it is found on any machine that has it; ``None`` for one from a folder.
    """

    def __init__(self, card: TextEncoderCard, network: Any, tokenizer: Any) -> None:
        super().__init__()
        self.card = card
        self.spec: str | None = None
        self.network = network.eval().requires_grad_(False)
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, folder: Path, name: str | None = None) -> Self:
        """Read a folder of ``transformers``. Raises ``ModelUnavailable`` where it holds no model of this family."""
        weights = next((folder / file for file in _WEIGHTS if (folder / file).is_file()), None)
        if weights is None or not (folder / "config.json").is_file():
            raise ModelUnavailable(
                f"{folder}: there is no text encoder in this folder.", f"Looked for config.json and {_WEIGHTS[0]}."
            )
        network, tokenizer = _load(folder, safe=weights.suffix == ".safetensors")
        width, positions = (getattr(network.config, key, None) for key in ("hidden_size", "max_position_embeddings"))
        if not isinstance(width, int) or not isinstance(positions, int):
            raise ModelUnavailable(f"{folder}: this is no text encoder of the BERT family.", REINSTALL)
        card = TextEncoderCard(
            name=name or folder.resolve().name,
            version=file_sha256(weights)[:12],
            width=width,
            max_tokens=min(MAX_TOKENS, positions, int(tokenizer.model_max_length)),
            parameters=sum(parameter.numel() for parameter in network.parameters()),
            folder=folder,
        )
        return cls(card, network, tokenizer)

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        device: torch.device = next(self.network.parameters()).device
        return device

    @torch.no_grad()
    def encode(self, words: Sequence[str]) -> TextTokens:
        """Tokens (B, M, D_t) of each photo's words, cut at ``max_tokens``; a row without words is all padding.

        M is the longest row's number of tokens, and at least 1.
        """
        said = [row for row, text in enumerate(words) if text.strip()]
        parts = [
            (rows, *self._read([words[row] for row in rows]))
            for rows in (said[start : start + PHOTOS_AT_ONCE] for start in range(0, len(said), PHOTOS_AT_ONCE))
        ]
        longest = max((tokens.shape[1] for _, tokens, _ in parts), default=1)
        found = torch.zeros(len(words), longest, self.card.width, device=self.device)
        padding = torch.ones(len(words), longest, dtype=torch.bool, device=self.device)
        for rows, tokens, silent in parts:
            found[rows, : tokens.shape[1]] = tokens
            padding[rows, : tokens.shape[1]] = silent
        return TextTokens(found, padding)

    def _read(self, words: list[str]) -> tuple[Tensor, Tensor]:
        """Tokens (B, M, D_t) of texts that are not empty, and where they are padding (B, M)."""
        marks = self._tokenizer(
            words,
            padding=True,
            truncation=True,
            max_length=self.card.max_tokens,
            return_special_tokens_mask=True,
            return_tensors="pt",
        ).to(self.device)
        special = marks.pop("special_tokens_mask").bool()
        attended = marks["attention_mask"].bool()
        tokens: Tensor = self.network(**marks).last_hidden_state
        # Signs that the tokenizer drops leave nothing between [CLS] and [SEP]: such a photo has no words either.
        silent = ~attended | special.all(dim=1, keepdim=True)
        return tokens.float().masked_fill(silent.unsqueeze(2), 0.0), silent


def cached_folder(spec: str) -> Path | None:
    """Where the local cache of the Hugging Face hub has a text encoder; ``None`` where it has not."""
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - only where nothing is installed

    for repository in (spec, f"{_SHARED}/{spec}") if "/" not in spec else (spec,):
        found = [try_to_load_from_cache(repository, file) for file in ("config.json", *_WEIGHTS)]
        if isinstance(found[0], str) and any(isinstance(file, str) for file in found[1:]):
            return Path(found[0]).parent
    return None


def _load(folder: Path, *, safe: bool) -> tuple[Any, Any]:
    """Network and tokenizer, from this folder's files alone."""
    import transformers  # noqa: PLC0415 - takes seconds, and only models that read words need it

    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        with _quiet():
            tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), **local)
            network, report = transformers.AutoModel.from_pretrained(
                str(folder),
                use_safetensors=safe,
                weights_only=True,
                dtype=torch.float32,
                output_loading_info=True,
                **local,
            )
    except Exception as error:
        # The library answers damage with many types, and all of them mean the same to the user.
        line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelUnavailable(f"{folder}: the text encoder cannot be loaded ({line}).", REINSTALL) from error
    # The library fills what a file lacks with random numbers. Only the pooler, which is not read, may be such.
    missing = sorted(name for name in report["missing_keys"] if "pooler" not in name)
    if missing:
        raise ModelUnavailable(
            f"{folder}: these weights are of another architecture ({missing[0]} is missing).", REINSTALL
        )
    return network, tokenizer


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The library's progress bars and reports are not this program's."""
    from transformers.utils import logging  # noqa: PLC0415

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
