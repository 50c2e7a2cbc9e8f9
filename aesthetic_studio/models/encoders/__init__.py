"""Frozen encoders: photos to tokens. Each has its own name, version and card.

A *spec* names one: ``embedded`` (the bundled one), ``ViT-B-16:openai`` (a tower of open_clip that was fetched, as
``name:pretrained``; ``@336`` behind it reads photos of 336 pixels), a folder with ``encoder.json``, or a ``.tflite``
file. Nothing here touches the network.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from aesthetic_studio import paths
from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import ENCODER_CARD_FILE, REINSTALL, EncoderCard
from aesthetic_studio.models.encoders import litert, open_clip_tower
from aesthetic_studio.models.encoders.base import Encoder
from aesthetic_studio.models.encoders.compact import CompactConfig, CompactEncoder
from aesthetic_studio.models.encoders.local_bank import BankConfig, LocalBank
from aesthetic_studio.models.places import encoder_folder

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BUNDLED", "Encoder", "build_encoder", "find_encoder", "find_installed", "load_encoder"]

BUNDLED = "embedded"


def find_encoder(spec: str) -> Encoder:
    """The frozen encoder that a spec names, on the CPU.

    Raises ``ModelUnavailable`` naming the command that fetches what is not here, ``KnownError`` where a library is not.
    """
    if spec == BUNDLED or (open_clip_tower.SPEC.fullmatch(spec) and not Path(spec).exists()):
        return find_installed(spec)
    path = Path(spec)
    if path.suffix.lower() == litert.SUFFIX:
        return litert.LiteRTEncoder.open(path).eval()
    if spec and path.is_dir():
        return load_encoder(path)
    raise ModelUnavailable(
        f"There is no encoder {spec!r}.",
        "Name the bundled one (embedded), a tower of open_clip (ViT-B-16:openai), a folder with encoder.json, or a "
        ".tflite file.",
    )


def find_installed(spec: str) -> Encoder:
    """As ``find_encoder``, for a spec that came with a model: only names, never a path. Raises ``ModelUnavailable``."""
    if spec == BUNDLED:
        encoder = load_encoder(paths.resources_folder() / "models" / "embedded" / "encoder")
    else:
        encoder = _tower(spec)
    encoder.spec = spec
    return encoder.eval().requires_grad_(False)


def load_encoder(folder: Path) -> Encoder:
    """Load a frozen encoder and its card. Raises ``ModelUnavailable`` where a file is missing, damaged or unknown."""
    path = folder / ENCODER_CARD_FILE
    return _filled(EncoderCard.load(path), path)


def build_encoder(card: EncoderCard, path: Path) -> Encoder:
    """The encoder that a card describes, its tensors not yet filled. Raises ``ModelUnavailable`` naming the card."""
    kinds: dict[str, Callable[[EncoderCard], Encoder]] = {
        LocalBank.kind: lambda card: LocalBank(BankConfig.from_json(card.config)),
        CompactEncoder.kind: lambda card: CompactEncoder(CompactConfig.from_json(card.config)),
        open_clip_tower.KIND: lambda card: open_clip_tower.OpenClipTower(
            open_clip_tower.TowerConfig.from_json(card.config), card.input_size
        ),
        litert.LiteRTEncoder.kind: lambda card: litert.LiteRTEncoder(path.parent / card.file, card.sha256),
    }
    if card.kind not in kinds:
        raise ModelUnavailable(
            f"{path}: this program has no encoder of kind {card.kind!r}.",
            f"Kinds it knows: {', '.join(kinds)}. A newer version of the program may know it.",
        )
    try:
        encoder = kinds[card.kind](card)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"{path}: this program cannot build such an encoder ({error}).", REINSTALL) from error
    encoder.card = dataclasses.replace(card)
    return encoder


def _filled(card: EncoderCard, path: Path) -> Encoder:
    encoder = build_encoder(card, path)
    try:
        encoder.fill(path.parent / card.file, card.sha256)
    except ValueError as error:
        raise ModelUnavailable(f"{path}: this program cannot build such an encoder ({error}).", REINSTALL) from error
    return encoder.eval().requires_grad_(False)


def _tower(spec: str) -> Encoder:
    """A tower of open_clip from the user's folder or the hub's cache, at the side that the spec asks for."""
    name, pretrained, side = open_clip_tower.parse_spec(spec)
    path = encoder_folder(f"{name}:{pretrained}") / ENCODER_CARD_FILE
    try:
        if not path.is_file():
            encoder: Encoder | None = open_clip_tower.cached_tower(spec)
        elif side is None:
            encoder = load_encoder(path.parent)
        else:
            card = dataclasses.replace(EncoderCard.load(path), input_size=side, version=spec.partition(":")[2])
            encoder = _filled(card, path)
            grid = open_clip_tower.shape_of(encoder)[0]
            encoder.card = dataclasses.replace(encoder.card, grid=grid)
    except ValueError as error:
        raise ModelUnavailable(
            f"{spec}: this tower cannot be had at that size ({error}).", "Leave out @SIZE."
        ) from error
    if encoder is None:
        raise ModelUnavailable(
            f"The encoder {spec} is not installed.",
            f"Fetch it: aesthetic-studio models fetch {name}:{pretrained}",
        )
    return encoder
