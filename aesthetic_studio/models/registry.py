"""Which models are installed, and how to load one. Torch is imported only when one is loaded."""

from __future__ import annotations

import contextlib
import functools
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aesthetic_studio import paths
from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import CARD_FILE, ModelCard
from aesthetic_studio.models.places import encoder_folder
from aesthetic_studio.translation import kept

if TYPE_CHECKING:
    from aesthetic_studio.models.fgaesq import FGAesQModel
    from aesthetic_studio.models.protocol import AestheticModel

DEFAULT_MODEL = "embedded"

LOADERS = {
    "embedded": "aesthetic_studio.models.embedded:QueryModel",
    "mmlq": "aesthetic_studio.models.embedded:QueryModel",
    "fgaesq": "aesthetic_studio.models.fgaesq:FGAesQModel",
    "laion": "aesthetic_studio.models.laion:LaionModel",
    "personal": "aesthetic_studio.models.personal:PersonalModel",
}
"""The class for each kind of card, as ``module:class``; it is imported when a model of its kind is loaded."""
COMPARING_KINDS = frozenset({"fgaesq"})
DEFAULT_FILE = "default"
"""In the user's folder: the name of the model that scores where none is named."""


def bundled_folder() -> Path:
    """Where the models lie that ship with the program."""
    return paths.resources_folder() / "models"


def user_folder() -> Path:
    """Where the models lie that the user added or trained."""
    return paths.data_folder() / "models"


def installed_models() -> list[ModelCard]:
    """Every usable card, the bundled ones first; a user's model replaces a bundled one of the same name.

    A card that cannot be read is left out, so that one damaged model does not hide the others; ``find_card`` names it.
    """
    cards: dict[str, ModelCard] = {}
    for path in _card_files():
        try:
            card = ModelCard.load(path)
        except ModelUnavailable:
            continue
        cards[card.name] = card
    return list(cards.values())


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model scores, and what has to be said about it."""

    card: ModelCard
    notice: str = ""
    """Why it is not the one that was asked for, and what to do; empty where it is."""


def default_model() -> str:
    """The model that scores where the user named none: the one chosen with ``models use``, else the bundled one."""
    try:
        name = (user_folder() / DEFAULT_FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return DEFAULT_MODEL
    return name if name in {card.name for card in installed_models()} else DEFAULT_MODEL


def set_default_model(name: str) -> None:
    """Let a model score from now on where none is named. Raises ``ModelUnavailable`` for one that cannot."""
    card = find_card(name)
    if (tower := _missing(card, "encoder_spec")) is not None:
        raise ModelUnavailable(
            kept("problem", "{name} cannot score yet: {tower} is not installed.").format(name=name, tower=tower),
            _how_to_fetch(tower),
        )
    path = user_folder() / DEFAULT_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n", encoding="utf-8")
    except OSError as error:
        raise ModelUnavailable(
            kept("problem", "{path}: it cannot be written ({strerror}).").format(path=path, strerror=error.strerror),
            kept("problem", "Check the folder."),
        ) from error


def choose(name: str | None = None) -> Choice:
    """The model to score with: the named one, or the default one; the bundled one where a part of it is not here yet.

    Raises ``ModelUnavailable`` for a name that is neither installed nor on offer, so that a slip of the finger does not
    score a library with another model.
    """
    from aesthetic_studio.models.offers import offers  # noqa: PLC0415 - only for a name that is not installed

    wanted = name or default_model()
    if wanted not in {card.name for card in installed_models()} and wanted in {
        offer.name for offer in offers() if offer.scores
    }:
        return Choice(
            find_card(DEFAULT_MODEL),
            f"{wanted} is not installed; {DEFAULT_MODEL} scores instead. {_how_to_fetch(wanted)}",
        )
    card = find_card(wanted)
    if (tower := _missing(card, "encoder_spec")) is not None:
        needed = f"{card.name} needs {tower}, which is not installed; {DEFAULT_MODEL} scores instead."
        return Choice(find_card(DEFAULT_MODEL), f"{needed} {_how_to_fetch(tower)}")
    if (text := _missing(card, "text_spec")) is not None:
        return Choice(card, f"{card.name} scores without words: {text} is not installed. {_how_to_fetch(text)}")
    return Choice(card)


def missing_parts(card: ModelCard) -> list[str]:
    """Frozen encoders that a model reads from and that are not installed, by the names they are fetched by.

    Without its image encoder a model cannot score; without its text encoder it scores without words.
    """
    parts = (_missing(card, "encoder_spec"), _missing(card, "text_spec"))
    return [part for part in parts if part is not None]


def _missing(card: ModelCard, key: str) -> str | None:
    spec = card.config.get(key)
    if not isinstance(spec, str) or spec in {"", DEFAULT_MODEL}:
        return None
    plain = spec.partition("@")[0]  # the same tower at another size of photo
    return None if encoder_folder(plain).is_dir() else plain


def _how_to_fetch(name: str) -> str:
    return f"Get it with: aesthetic-studio models fetch {name}"


def find_card(name: str) -> ModelCard:
    """The card of an installed model. Raises ``ModelUnavailable`` saying what is installed, or what is damaged."""
    cards = {card.name: card for card in installed_models()}
    if name in cards:
        return cards[name]
    for folder in (user_folder(), bundled_folder()):
        path = folder / name / CARD_FILE
        if Path(name).name == name and path.is_file():
            ModelCard.load(path)
    listed = ", ".join(cards) or "none"
    raise ModelUnavailable(
        kept("problem", "There is no model named {name}.").format(name=f"{name!r}"),
        kept("problem", "Installed models: {listed}.").format(listed=listed),
    )


def standing(name: str, version: str, mean: float) -> float | None:
    """Per cent of a model's reference photos that score lower than a mean score of its own, 0..100.

    ``None`` where that version is not here, or its card states no reference.
    """
    for folder in (user_folder(), bundled_folder()) if Path(name).name == name else ():
        path = folder / name / CARD_FILE
        with contextlib.suppress(OSError):
            card = _card_of(path, path.stat().st_mtime_ns)
            if card is not None and (card.name, card.version) == (name, version):
                return card.standing(mean)
    return None


@functools.lru_cache(maxsize=16)
def _card_of(path: Path, changed: int) -> ModelCard | None:
    """A card, read once for each time that it was written."""
    del changed
    try:
        return ModelCard.load(path)
    except ModelUnavailable:
        return None


def load_model(name: str, device: str = "auto") -> AestheticModel:
    """Load an installed model onto a device, its files checked by sha256.

    Raises ``ModelUnavailable`` for a model that is unknown, incomplete or damaged, ``KnownError`` for a device that is
    not there.
    """
    return load_from_card(find_card(name), device)


def comparing_model() -> ModelCard | None:
    """The installed model that compares photos of a series, if there is one: it orders bursts."""
    return next((card for card in installed_models() if card.kind in COMPARING_KINDS), None)


def load_comparing_model(name: str, device: str = "auto") -> FGAesQModel:
    """Load a model that compares. Raises ``ModelUnavailable``, also for one that scores single photos only."""
    from aesthetic_studio.models.fgaesq import FGAesQModel  # noqa: PLC0415 - loads torch

    model = load_model(name, device)
    if not isinstance(model, FGAesQModel):
        raise ModelUnavailable(
            kept("problem", "{name} does not compare photos.").format(name=name),
            kept("problem", "FGAesQ does: aesthetic-studio models fetch fgaesq"),
        )
    return model


def load_from_card(card: ModelCard, device: str = "auto") -> AestheticModel:
    """Load the model that a card describes, as ``load_model`` does for an installed one."""
    # Torch comes with these, and takes a second that a list of models need not wait for.
    from aesthetic_studio.models.devices import resolve_device  # noqa: PLC0415

    if card.kind not in LOADERS:
        raise ModelUnavailable(
            kept("problem", "{name}: this program has no model of kind {kind}.").format(
                name=card.name, kind=f"{card.kind!r}"
            ),
            kept("problem", "Kinds it knows: {join}. A newer version of the program may know it.").format(
                join=", ".join(LOADERS)
            ),
        )
    module, _, name = LOADERS[card.kind].partition(":")
    kind: type[Any] = getattr(importlib.import_module(module), name)
    model: AestheticModel = kind.load(card)
    return model.to(resolve_device(device))


def _card_files() -> list[Path]:
    found: list[Path] = []
    for folder in (bundled_folder(), user_folder()):
        if folder.is_dir():
            found += sorted(path for path in folder.glob(f"*/{CARD_FILE}"))
    return found
