"""Learnable queries over frozen encoders: the embedded model that ships with the program, and every trained one.

    photo (B, 3, S, S) ──encoder, frozen──▶ VisualTokens ─┐
                                                          ├─MMLQ, one or several─▶ distribution, attention, embedding
    words ──────────text encoder, frozen──▶ TextTokens ───┘ (only where the model was made to read words)

A model of kind ``embedded`` or ``mmlq`` is a folder: ``card.json``, ``model.safetensors`` (the queries), and the image
encoder in ``encoder/`` with a card of its own, or its name in the card (``config["encoder_spec"]``) where many models
share it. A text encoder is always referred to by name (``config["text_spec"]``).
"""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor, nn

from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models import text as text_encoders
from aesthetic_studio.models.card import (
    CARD_FILE,
    ENCODER_CARD_FILE,
    REINSTALL,
    EncoderReference,
    ModelCard,
    file_sha256,
)
from aesthetic_studio.models.encoders import BUNDLED, Encoder, find_installed, load_encoder
from aesthetic_studio.models.merit import Merit, MeritConfig
from aesthetic_studio.models.mmlq import MMLQ, MMLQConfig
from aesthetic_studio.models.places import ENCODER_FOLDER
from aesthetic_studio.models.protocol import ModelOutput, TextTokens, VisualTokens
from aesthetic_studio.models.weights import load_weights, save_weights

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aesthetic_studio.models.text import TextEncoder

KIND = "mmlq"
WEIGHTS_FILE = "model.safetensors"
MOST_MEMBERS = 64

log = logging.getLogger(__name__)


class QueryHead(nn.Module):
    """One or several MMLQ modules, their distributions averaged: the same recipe trained from several seeds.

    With ``merit`` it also says which frame of one scene is the better.
    """

    def __init__(self, config: MMLQConfig, members: int = 1, merit: MeritConfig | None = None) -> None:
        super().__init__()
        if not 1 <= members <= MOST_MEMBERS:
            raise ValueError(f"members is {members}; allowed: 1 to {MOST_MEMBERS}")
        self.config = config
        self.members = nn.ModuleList([MMLQ(config) for _ in range(members)])
        self.merit = None if merit is None else Merit(merit)

    def forward(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
        """Judge encoded photos, with their words where the queries read words. Shapes as in ``ModelOutput``."""
        modalities, padding = {"visual": tokens.grid}, {}
        if text is not None and self.config.text_width:
            modalities["text"], padding["text"] = text.tokens, text.padding
        answers = [member(modalities, tokens.pooled, padding) for member in self.members]
        probabilities = torch.stack([answer.logits.softmax(dim=1) for answer in answers]).mean(dim=0)
        attention = torch.stack([answer.attention["visual"] for answer in answers]).mean(dim=0)
        # A key beyond the grid stands for the whole photo and has no place on it.
        on_photo = attention[:, : tokens.height * tokens.width]
        on_photo = on_photo / on_photo.sum(dim=1, keepdim=True).clamp_min(1e-12)
        on_words = None
        if "text" in modalities:
            # The last key is "no words"; where nobody has any, it is the only one.
            looked = torch.stack([answer.attention["text"][:, :-1] for answer in answers]).mean(dim=0)
            on_words = looked if looked.shape[1] else modalities["text"].new_zeros(modalities["text"].shape[:2])
        return ModelOutput(
            probabilities=probabilities,
            attention=on_photo.view(-1, tokens.height, tokens.width),
            embedding=torch.cat([answer.embedding for answer in answers], dim=1),
            merit=None if self.merit is None else self.merit(tokens),
            text_attention=on_words,
        )


class QueryModel:
    """An ``AestheticModel`` of learnable queries, a frozen image encoder, and a text encoder where words are read.

    Attributes:
        card: What it is.
        encoder: The frozen image encoder.
        head: The queries.
        words_problem: Why words are not read although the queries could, once that is known; such a model scores
            without them.
    """

    def __init__(self, card: ModelCard, encoder: Encoder, head: QueryHead, text: TextEncoder | None = None) -> None:
        self.card = card
        self.encoder = encoder.eval().requires_grad_(False)
        self.head = head.eval().requires_grad_(False)
        self.words_problem: str | None = None
        self._text = text

    @classmethod
    def load(cls, card: ModelCard) -> Self:
        """Load encoder and queries, checked by sha256; the text encoder waits for the first words.

        Raises ``ModelUnavailable`` naming the file at fault, or the command that fetches what is missing.
        """
        weights = card.weights
        with torch.device("meta"):  # no memory and no time for first values that the file replaces
            head = head_of(card.config, weights.parent / CARD_FILE)
        load_weights(head, weights, card.sha256)
        encoder = _encoder_of(card, weights.parent / ENCODER_FOLDER)
        _check_widths(card, encoder, head)
        return cls(card, encoder, head)

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return next(self.head.parameters()).device

    def to(self, device: torch.device) -> Self:
        """Move it to a device and return it."""
        self.encoder.to(device)
        self.head.to(device)
        if self._text is not None:
            self._text.to(device)
        return self

    @property
    def reads_words(self) -> bool:
        """Whether the queries read words."""
        return bool(self.head.config.text_width)

    @torch.inference_mode()
    def encode(self, images: Tensor) -> VisualTokens:
        """Tokens of photos (B, 3, S, S), uint8 sRGB, S the card's input size."""
        return self.encoder(images.to(self.device))

    def encode_words(self, words: Sequence[str]) -> TextTokens | None:
        """Tokens of each photo's words, empty where it has none.

        ``None`` where the queries read no words, no photo has any, or the text encoder is not here: then
        ``words_problem`` says what is missing, and the photos are scored without.
        """
        if not self.head.config.text_width or not any(text.strip() for text in words):
            return None
        encoder = self._text_encoder()
        return None if encoder is None else encoder.encode(words)

    @torch.inference_mode()
    def score(self, tokens: VisualTokens, text: TextTokens | None = None) -> ModelOutput:
        """Judge encoded photos, with their words where the queries read words and there are any."""
        answer: ModelOutput = self.head(tokens, text)
        return dataclasses.replace(answer, look=self.encoder.look(tokens))

    def _text_encoder(self) -> TextEncoder | None:
        if self._text is None and self.words_problem is None:
            try:
                self._text = _text_encoder_of(self.card, self.head.config).to(self.device)
            except ModelUnavailable as error:
                self.words_problem = str(error)
                log.warning("%s scores without words: %s", self.card.name, error)
        return self._text


def head_config(head: QueryHead) -> dict[str, Any]:
    """The architecture as a card keeps it."""
    merit = {} if head.merit is None else {"merit": dataclasses.asdict(head.merit.config)}
    return {"members": len(head.members), "mmlq": dataclasses.asdict(head.config), **merit}


def head_of(config: dict[str, Any], card: Path) -> QueryHead:
    """The queries that a card describes, untrained. Raises ``ModelUnavailable`` naming the card."""
    try:
        merit = MeritConfig(**config["merit"]) if "merit" in config else None
        return QueryHead(MMLQConfig(**config["mmlq"]), int(config["members"]), merit)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"{card}: this program cannot build such a model ({error}).", REINSTALL) from error


def save_query_model(
    folder: Path,
    head: QueryHead,
    encoder: Encoder,
    *,
    name: str,
    version: str,
    title: str,
    licence: str,
    summary: str,
    text: TextEncoder | None = None,
    bundle: bool | None = None,
    **facts: Any,
) -> ModelCard:
    """Write a model of queries into a folder: weights, encoder or its name, and at last the card.

    Args:
        folder: Becomes the model's; what lies there is replaced.
        head: The queries.
        encoder: What they read photos with.
        name: The model's own.
        version: As in ``ModelCard``.
        title: As in ``ModelCard``.
        licence: As in ``ModelCard``.
        summary: As in ``ModelCard``.
        text: What they read words with, where they do.
        bundle: Whether the encoder's files are put into the model. By default they are, unless it can be fetched by
            name.
        facts: Other fields of the card: ``training_data``, ``held_out``, ``limits``, ``recipe``, ``speed``.

    Raises ``KnownError`` where the weights cannot be written.
    """
    carried = bundle if bundle is not None else encoder.spec in (None, BUNDLED)
    config = head_config(head)
    if not carried:
        if encoder.spec is None:
            raise ValueError(f"encoder {encoder.card.name} has no name to be found by, so the model must carry it")
        config["encoder_spec"] = encoder.spec
    if text is not None:
        config |= {"text_spec": text.spec or text.card.name, "text_version": text.card.version}
    weights = folder / WEIGHTS_FILE
    save_weights(head, weights)
    files = [weights]
    if carried:
        stored = encoder.store(folder / ENCODER_FOLDER)
        files += [path for path in (folder / ENCODER_FOLDER).iterdir() if path.name in (stored.file, ENCODER_CARD_FILE)]
    own = sum(parameter.numel() for parameter in head.parameters())
    card = ModelCard(
        name=name,
        version=version,
        title=title,
        kind=KIND,
        encoder=EncoderReference(encoder.card.name, encoder.card.version),
        input_size=encoder.card.input_size,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        score_range=(1.0, 10.0),
        parameters=own + encoder.card.parameters + (text.card.parameters if text is not None else 0),
        file=weights.name,
        sha256=file_sha256(weights),
        size_bytes=sum(path.stat().st_size for path in files),
        licence=licence,
        summary=summary,
        config=config,
        **facts,
    )
    card.save(folder)
    return dataclasses.replace(card, folder=folder)


def _encoder_of(card: ModelCard, folder: Path) -> Encoder:
    """The image encoder that a model carries or names. Raises ``ModelUnavailable``."""
    spec = card.config.get("encoder_spec")
    if spec is not None and not isinstance(spec, str):
        raise ModelUnavailable(f"{card.name}: its card names the encoder {spec!r}, which is no name.", REINSTALL)
    encoder = load_encoder(folder) if spec is None else find_installed(spec)
    if (encoder.card.name, encoder.card.version) != (card.encoder.name, card.encoder.version):
        where = folder if spec is None else spec
        raise ModelUnavailable(
            f"{where}: this is encoder {encoder.card.name} {encoder.card.version}, "
            f"and {card.name} needs {card.encoder.name} {card.encoder.version}.",
            REINSTALL,
        )
    return encoder


def _check_widths(card: ModelCard, encoder: Encoder, head: QueryHead) -> None:
    """Raise ``ModelUnavailable`` where the queries were made for other tokens than the encoder's."""
    own = encoder.card
    merit = head.merit.config if head.merit is not None else None
    wanted = {
        "tokens of width": (head.config.visual_width, own.width),
        "whole photos of": (head.config.global_width or own.pooled_width, own.pooled_width),
        "textures of": (merit.texture_width if merit else own.texture_width, own.texture_width),
        "a middle layer of": ((merit and merit.middle_width) or own.middle_width, own.middle_width),
    }
    wrong = {name: pair for name, pair in wanted.items() if pair[0] != pair[1]}
    if wrong:
        needs = " and ".join(f"{name} {needed}" for name, (needed, _) in wrong.items())
        gives = " and ".join(str(given) for _, given in wrong.values())
        raise ModelUnavailable(f"{card.name}: it reads {needs}, and {own.name} gives {gives}.", REINSTALL)


def _text_encoder_of(card: ModelCard, config: MMLQConfig) -> TextEncoder:
    """The text encoder that a model names, if it is here and the one that it was trained with."""
    encoder = text_encoders.find_installed(str(card.config.get("text_spec", text_encoders.DEFAULT)))
    wanted = card.config.get("text_version", encoder.card.version)
    if encoder.card.version != wanted or encoder.card.width != config.text_width:
        raise ModelUnavailable(
            f"{encoder.card.name} {encoder.card.version} is not the text encoder that {card.name} learned with "
            f"({wanted}, width {config.text_width}).",
            REINSTALL,
        )
    return encoder
