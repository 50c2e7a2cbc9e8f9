"""Which models are installed, and how to load one. Torch is imported only when one is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aesthetic_studio import paths
from aesthetic_studio.errors import ModelUnavailable
from aesthetic_studio.models.card import CARD_FILE, ModelCard

if TYPE_CHECKING:
    from aesthetic_studio.models.protocol import AestheticModel

DEFAULT_MODEL = "embedded"


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


def default_model() -> str:
    """The model that scores where the user named none."""
    return DEFAULT_MODEL


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
    raise ModelUnavailable(f"There is no model named {name!r}.", f"Installed models: {listed}.")


def load_model(name: str, device: str = "auto") -> AestheticModel:
    """Load an installed model onto a device, its files checked by sha256.

    Raises ``ModelUnavailable`` for a model that is unknown, incomplete or damaged, ``KnownError`` for a device that is
    not there.
    """
    return load_from_card(find_card(name), device)


def load_from_card(card: ModelCard, device: str = "auto") -> AestheticModel:
    """Load the model that a card describes, as ``load_model`` does for an installed one."""
    # Torch comes with these, and takes a second that a list of models need not wait for.
    from aesthetic_studio.models.devices import resolve_device  # noqa: PLC0415
    from aesthetic_studio.models.embedded import EmbeddedModel  # noqa: PLC0415

    loaders = {"embedded": EmbeddedModel.load}
    if card.kind not in loaders:
        raise ModelUnavailable(
            f"{card.name}: this program has no model of kind {card.kind!r}.",
            f"Kinds it knows: {', '.join(loaders)}. A newer version of the program may know it.",
        )
    return loaders[card.kind](card).to(resolve_device(device))


def _card_files() -> list[Path]:
    found: list[Path] = []
    for folder in (bundled_folder(), user_folder()):
        if folder.is_dir():
            found += sorted(path for path in folder.glob(f"*/{CARD_FILE}"))
    return found
