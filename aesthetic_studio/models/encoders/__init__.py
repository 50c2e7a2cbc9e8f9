"""Frozen encoders: photos to tokens. Each has its own name, version and card.

A *spec* names one: ``embedded`` (the bundled one), ``ViT-B-16:openai`` (an open_clip tower that is installed, as
``name:pretrained``), a folder with ``encoder.json``, or a ``.tflite`` file.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from aesthetic_studio import paths
from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import ENCODER_CARD_FILE, REINSTALL, EncoderCard
from aesthetic_studio.models.encoders.base import Encoder
from aesthetic_studio.models.encoders.litert import SUFFIX as LITERT_SUFFIX
from aesthetic_studio.models.encoders.litert import LiteRTEncoder
from aesthetic_studio.models.encoders.local_bank import BankConfig, LocalBank
from aesthetic_studio.models.weights import load_weights

__all__ = ["Encoder", "build_encoder", "find_encoder", "load_encoder"]

BUNDLED = "embedded"


def find_encoder(spec: str) -> Encoder:
    """The frozen encoder that a spec names, on the CPU. Never uses the network. Raises ``ModelUnavailable``."""
    if spec == BUNDLED:
        return load_encoder(paths.resources_folder() / "models" / "embedded" / "encoder")
    if spec.lower().endswith(LITERT_SUFFIX):
        return LiteRTEncoder.open(Path(spec)).eval()
    return load_encoder(Path(spec))


def load_encoder(folder: Path) -> Encoder:
    """Load a frozen encoder and its card. Raises ``ModelUnavailable`` where a file is missing, damaged or unknown."""
    path = folder / ENCODER_CARD_FILE
    encoder = build_encoder(EncoderCard.load(path), path)
    load_weights(encoder, folder / encoder.card.file, encoder.card.sha256)
    return encoder.eval().requires_grad_(False)


def build_encoder(card: EncoderCard, path: Path) -> Encoder:
    """The encoder that a card describes, its tensors not yet filled. Raises ``ModelUnavailable`` naming the card."""
    if card.kind != LocalBank.kind:
        raise ModelUnavailable(
            f"{path}: this program has no encoder of kind {card.kind!r}.",
            f"Kinds it knows: {LocalBank.kind}. A newer version of the program may know it.",
        )
    try:
        encoder = LocalBank(BankConfig.from_json(card.config))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"{path}: this program cannot build such an encoder ({error}).", REINSTALL) from error
    encoder.card = dataclasses.replace(card)
    return encoder
