"""Frozen text encoders: a photo's words to tokens.

A *spec* names one: ``bert-base-uncased`` (one that was fetched, or lies in the local cache of the Hugging Face hub), or
a folder with the usual files of ``transformers``. Nothing here touches the network.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.places import encoder_folder
from aesthetic_studio.models.text.bert import TextEncoder, TextEncoderCard, cached_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "DEFAULT",
    "TextEncoder",
    "TextEncoderCard",
    "find_installed",
    "find_text_encoder",
    "join_comments",
    "load_text_encoder",
]

DEFAULT = "bert-base-uncased"
"""BERT-base reads the comments in the paper; that it is the uncased one is this project's choice."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028\u2029\ufeff]+")
_ENDS = tuple(".!?…:;,")


def find_text_encoder(spec: str = DEFAULT) -> TextEncoder:
    """The frozen text encoder that a spec names, on the CPU.

    Raises ``ModelUnavailable`` naming the command that fetches what is not here.
    """
    return load_text_encoder(Path(spec)) if Path(spec).is_dir() else find_installed(spec)


def find_installed(spec: str) -> TextEncoder:
    """As ``find_text_encoder``, for a spec that came with a model: only names, never a path."""
    if not _NAME.fullmatch(spec):
        raise ModelUnavailable(
            f"There is no text encoder {spec!r}.",
            f"Name one that is installed ({DEFAULT}), or a folder that holds one.",
        )
    folder = encoder_folder(spec)
    if not folder.is_dir():
        cached = cached_folder(spec)
        if cached is None:
            raise ModelUnavailable(
                f"The text encoder {spec} is not installed.",
                f"Fetch it: aesthetic-studio models fetch {spec} (or, of a folder: aesthetic-studio models add FOLDER)",
            )
        folder = cached
    encoder = load_text_encoder(folder, spec.rpartition("/")[2])
    encoder.spec = spec
    return encoder


def load_text_encoder(folder: Path, name: str | None = None) -> TextEncoder:
    """Load a text encoder from its folder. Raises ``ModelUnavailable`` where a file is missing, damaged or unknown."""
    return TextEncoder.load(folder, name)


def join_comments(comments: Iterable[str]) -> str:
    """Several comments, captions or keywords of one photo as one text; empty where nothing is said.

    Each loses line breaks and what cannot be printed. Those that say nothing, or what one before said word for word,
    are left out; the rest follow in the given order, each ended by a full stop where it has no mark of its own. The
    encoder then reads the first 512 tokens of it (Fig. 3). How comments are joined is this project's choice: the paper
    does not state it.
    """
    plain = [" ".join(_UNPRINTABLE.sub(" ", comment).split()) for comment in comments]
    said = dict.fromkeys(text for text in plain if any(letter.isalnum() for letter in text))
    return " ".join(text if text.endswith(_ENDS) else f"{text}." for text in said)
