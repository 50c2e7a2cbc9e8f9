"""What the looks of an installed model can be asked for: words, and whether two photos are nearly the same.

A look is the encoder's, whichever model reads it, so the encoder's card says both. Only cards are read, and torch is
not imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.errors import ModelUnavailable, WordsUnavailable
from aesthetic_studio.models import registry
from aesthetic_studio.models.card import ENCODER_CARD_FILE, EncoderCard
from aesthetic_studio.models.places import ENCODER_FOLDER, encoder_folder
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from pathlib import Path

    from aesthetic_studio.models.card import ModelCard

CLIP_KIND = "open-clip"
"""The kind of encoders whose looks are image embeddings of a CLIP."""
HOW_TO_SEARCH = (
    "Words can be searched where photos were scored by a model made on CLIP: aesthetic-studio models fetch laion, "
    "then aesthetic-studio models use laion."
)
HOW_TO_COMPARE = "The bundled model tells duplicates. Choose it: aesthetic-studio models use embedded."


def words_for(name: str, version: str) -> EncoderCard:
    """The installed encoder whose text tower fits the looks of a model; it has ``words`` and a ``folder``.

    Words of any other tower mean nothing to them. Raises ``WordsUnavailable`` with the way out.
    """
    own = encoder_of(name, version)
    if own is None:
        raise WordsUnavailable(
            kept("problem", "The model that scored these photos, {name} {version}, is not installed.").format(
                name=name, version=version
            ),
            HOW_TO_SEARCH,
        )
    if own.kind != CLIP_KIND:
        raise WordsUnavailable(
            kept("problem", "Photos cannot be found by words: {name}, which scored them, is not made on CLIP.").format(
                name=name
            ),
            HOW_TO_SEARCH,
        )
    spec = _spec(own)
    fetched = _load(encoder_folder(spec))
    for found in (own, fetched):
        # The same file of weights: a tower that a model carries has no words of its own.
        if found is not None and found.sha256 == own.sha256 and found.words is not None:
            return found
    why = next((card.without_words for card in (own, fetched) if card is not None and card.without_words), "")
    if why:
        raise WordsUnavailable(
            kept("problem", "Photos cannot be found by words of {spec}: {why}.").format(spec=spec, why=why),
            HOW_TO_SEARCH,
        )
    raise WordsUnavailable(
        kept("problem", "Photos cannot be found by words: the text tower of {spec} is not installed.").format(
            spec=spec
        ),
        kept("problem", "Get it with: aesthetic-studio models fetch {spec}").format(spec=spec),
    )


def nearly_the_same(name: str, version: str) -> float | None:
    """Cosine of a model's looks from which on two photos count as nearly the same; ``None`` where nobody measured."""
    own = encoder_of(name, version)
    if own is None:
        return None
    bundled = _load(registry.bundled_folder() / registry.DEFAULT_MODEL / ENCODER_FOLDER)
    # A model that was trained on the bundled encoder carries a card that may be older than the measurement.
    measured = bundled if bundled is not None and bundled.sha256 == own.sha256 else own
    return measured.nearly_the_same or None


def encoder_of(name: str, version: str) -> EncoderCard | None:
    """The card of the encoder that gives a model its looks; ``None`` where that model or its encoder is not here."""
    try:
        card = registry.find_card(name)
        if card.version != version:
            return None
        base = card.config.get("base")
        if isinstance(base, dict):
            card = registry.find_card(str(base.get("name")))
    except ModelUnavailable:
        return None
    return _of_card(card)


def _of_card(card: ModelCard) -> EncoderCard | None:
    spec = card.config.get("encoder_spec")
    if isinstance(spec, str) and spec == registry.DEFAULT_MODEL:
        return _load(registry.bundled_folder() / registry.DEFAULT_MODEL / ENCODER_FOLDER)
    if isinstance(spec, str):
        return _load(encoder_folder(spec.partition("@")[0]))
    return None if card.folder is None else _load(card.folder / ENCODER_FOLDER)


def _load(folder: Path) -> EncoderCard | None:
    try:
        return EncoderCard.load(folder / ENCODER_CARD_FILE)
    except ModelUnavailable:
        return None


def _spec(card: EncoderCard) -> str:
    """The name that a tower is fetched by; the size of the photos that it reads changes nothing about its words."""
    return f"{card.name}:{card.version.partition('@')[0]}"
