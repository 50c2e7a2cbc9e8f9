"""Recipes: TOML files that say everything about a training run, checked whole before any work begins."""

from __future__ import annotations

import dataclasses
import itertools
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

from aesthetic_studio.errors import KnownError
from aesthetic_studio.models.encoders.local_bank import BankConfig, DictionaryConfig
from aesthetic_studio.models.mmlq import MMLQConfig
from trainer.bank import BankRecipe
from trainer.recipe_names import RECIPES, installed_recipes

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


class RecipeError(KnownError):
    """A recipe that cannot be followed: which key, what was found, what is allowed."""

    def __init__(self, path: Path, key: str, found: object, allowed: str) -> None:
        super().__init__(f"{path}: {key} is {found!r}.", f"Allowed: {allowed}.")
        self.key = key


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """The learnable queries; as in ``MMLQConfig``, less the widths that the encoder fixes."""

    width: int = 64
    queries: int = 4
    blocks: int = 1
    heads: int = 4
    feed_forward_width: int = 128
    self_attention: str = "joint"
    feed_forward: str = "separate"
    dropout: float = 0.1
    token_dropout: float = 0.0

    global_token: bool = True
    """Whether the queries may read the vector of the whole photo beside the tokens."""
    global_bias: float = 4.6

    def config(self, visual_width: int, pooled_width: int) -> MMLQConfig:
        """The architecture over tokens and whole photos of these widths."""
        settings = dataclasses.asdict(self)
        whole = pooled_width if settings.pop("global_token") else None
        return MMLQConfig(visual_width=visual_width, global_width=whole, **settings)


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """The optimiser and the losses."""

    epochs: int = 30
    batch: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    warmup: float = 0.1
    """Share of the steps in which the learning rate rises; then it falls as a cosine."""
    rank_weight: float = 0.0
    """Weight of the pairwise rank loss beside the EMD."""
    vote_smoothing: float = 0.0
    """Share of each photo's votes that is replaced by the training photos' average votes."""
    source_balance: bool = False
    """Take each source's mean vote out of the rank loss by comparing photos of one source only."""


@dataclass(frozen=True, slots=True)
class AugmentationSettings:
    """Views of each photo that are encoded once and trained on; the first view is the photo itself."""

    views: int = 8
    flip: bool = True
    crop: float = 0.85
    """The smallest share of a side that a view keeps."""
    stretch: float = 0.15
    """By how much a view's sides may be stretched against each other."""
    blur: float = 0.6
    """Largest standard deviation, in pixels, of a view's blur: previews of users are not as crisp as small tiles."""


@dataclass(frozen=True, slots=True)
class CardWords:
    """What the model's card says in words."""

    licence: str = "not stated"
    data_licence: str = "not stated"
    """Of the photos and votes."""
    summary: str = ""
    speed: str = ""
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model on a frozen encoder is trained.

    Attributes:
        path: Where it was read.
        name: Of the model it makes.
        seeds: One member of the model for each.
        select: Alternatives for ``head`` and ``training`` keys, chosen on inner folds only.
    """

    path: Path
    name: str
    title: str
    version: str
    seeds: tuple[int, ...]
    head: HeadSettings = field(default_factory=HeadSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    bank: BankRecipe | None = None
    card: CardWords = field(default_factory=CardWords)
    select: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def candidates(self) -> list[Recipe]:
        """Every combination of the alternatives; this recipe alone where it names none."""
        keys = list(self.select)
        return [self._with(dict(zip(keys, values, strict=True))) for values in itertools.product(*self.select.values())]

    def _with(self, changes: Mapping[str, Any]) -> Recipe:
        parts: dict[str, Any] = {"head": self.head, "training": self.training}
        for key, value in changes.items():
            section, name = key.split(".")
            parts[section] = dataclasses.replace(parts[section], **{name: value})
        return dataclasses.replace(self, select={}, **parts)

    def as_json(self) -> dict[str, Any]:
        """The resolved recipe, without where it was read."""
        content = dataclasses.asdict(self)
        content.pop("path")
        return content


def read_recipe(name: str) -> Recipe:
    """Read a recipe by its name or the path of a TOML file, and check all of it. Raises ``KnownError``."""
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KnownError(
            f"{path}: there is no such recipe ({error.strerror}).",
            f"Recipes: {', '.join(installed_recipes())}, or the path of a .toml file.",
        ) from error
    except ValueError as error:
        raise KnownError(f"{path}: this is not TOML ({error}).", "Correct the line that it names.") from error
    return _recipe(content, path)


def _recipe(content: dict[str, Any], path: Path) -> Recipe:
    sections = {"head", "training", "augmentation", "bank", "card", "select"}
    plain = {key: value for key, value in content.items() if key not in sections}
    allowed = ("name", "title", "version", "seeds")
    for key, found in plain.items():
        if key not in allowed:
            raise RecipeError(path, key, found, f"the keys {', '.join(allowed)}, [{'], ['.join(sorted(sections))}]")
    for key in allowed:
        if key not in plain:
            raise RecipeError(path, key, None, "a value; it is missing")
    seeds = plain["seeds"]
    if not isinstance(seeds, list) or not seeds or not all(isinstance(seed, int) for seed in seeds):
        raise RecipeError(path, "seeds", seeds, "a list of one or more whole numbers")
    for key in ("name", "title", "version"):
        if not isinstance(plain[key], str) or not plain[key]:
            raise RecipeError(path, key, plain[key], "a text")
    recipe = Recipe(
        path=path,
        name=plain["name"],
        title=plain["title"],
        version=plain["version"],
        seeds=tuple(seeds),
        head=_section(HeadSettings, content.get("head", {}), "head", path),
        training=_section(TrainingSettings, content.get("training", {}), "training", path),
        augmentation=_section(AugmentationSettings, content.get("augmentation", {}), "augmentation", path),
        bank=_bank(content["bank"], path) if "bank" in content else None,
        card=_card(content.get("card", {}), path),
        select=_select(content.get("select", {}), path),
    )
    for candidate in recipe.candidates():
        try:
            candidate.head.config(visual_width=8, pooled_width=8)
        except ValueError as error:
            raise RecipeError(path, "head", dataclasses.asdict(candidate.head), str(error)) from error
    return recipe


def _bank(content: dict[str, Any], path: Path) -> BankRecipe:
    own = {"input_size", "grid", "width", "pooled_width", "dictionaries"}
    parts = content.get("dictionaries", [])
    if not isinstance(parts, list) or not parts:
        raise RecipeError(path, "bank.dictionaries", parts, "one or more [[bank.dictionaries]]")
    dictionaries = tuple(
        _section(DictionaryConfig, part, f"bank.dictionaries[{number}]", path) for number, part in enumerate(parts)
    )
    plain = {key: content[key] for key in own - {"dictionaries"} if key in content}
    for key in ("input_size", "grid", "width", "pooled_width"):
        if not isinstance(plain.get(key), int):
            raise RecipeError(path, f"bank.{key}", plain.get(key), "a whole number")
    config = BankConfig(dictionaries=dictionaries, **plain)
    return _section(BankRecipe, {k: v for k, v in content.items() if k not in own}, "bank", path, bank=config)


def _card(content: dict[str, Any], path: Path) -> CardWords:
    plain = dict(content)
    limits = plain.pop("limits", [])
    if not isinstance(limits, list) or not all(isinstance(line, str) for line in limits):
        raise RecipeError(path, "card.limits", limits, "a list of sentences")
    return _section(CardWords, plain, "card", path, limits=tuple(limits))


def _select(content: dict[str, Any], path: Path) -> dict[str, tuple[Any, ...]]:
    sections = {"head": HeadSettings, "training": TrainingSettings}
    chosen: dict[str, tuple[Any, ...]] = {}
    for key, values in content.items():
        section, _, name = key.partition(".")
        if section not in sections or name not in get_type_hints(sections[section]):
            raise RecipeError(path, f"select.{key}", values, 'quoted keys of [head] and [training]: "training.epochs"')
        if not isinstance(values, list) or not values:
            raise RecipeError(path, f"select.{key}", values, "a list of alternatives")
        chosen[key] = tuple(getattr(_section(sections[section], {name: v}, section, path), name) for v in values)
    return chosen


def _section(kind: type[T], content: Any, section: str, path: Path, **given: Any) -> T:
    """Build a settings dataclass from one table, every key and type checked."""
    if not isinstance(content, dict):
        raise RecipeError(path, section, content, "a table")
    hints = {name: hint for name, hint in get_type_hints(kind).items() if name not in given}
    for key, value in content.items():
        if key not in hints:
            raise RecipeError(path, f"{section}.{key}", value, f"the keys {', '.join(hints)}")
        if not _fits(value, hints[key]):
            raise RecipeError(path, f"{section}.{key}", value, f"{_words(hints[key])} of at least 0")
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    for item in fields:
        if item.name in hints and item.name not in content and item.default is dataclasses.MISSING:
            raise RecipeError(path, f"{section}.{item.name}", None, "a value; it is missing")
    return kind(**content, **given)


def _fits(value: object, hint: Any) -> bool:
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, hint) if not get_args(hint) else value in get_args(hint)


def _words(hint: Any) -> str:
    return {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}.get(hint, str(hint))
