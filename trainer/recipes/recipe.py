"""Recipes: TOML files that say everything about a training run, checked whole before any work begins.

Its ``method`` says what kind a recipe is: ``embedded`` (also where none is named), ``queries``, ``fgaesq``,
``personal``, ``distil`` or ``sweep``. Nothing here imports torch, so that a wrong recipe is refused at once.
"""

from __future__ import annotations

import dataclasses
import itertools
import tomllib
from collections.abc import Mapping, Sequence  # noqa: TC003 - the checks read these annotations
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from aesthetic_studio.errors import KnownError
from trainer.personal.settings import GateSettings, PersonalLearningSettings
from trainer.recipes.checks import Natural, Part, RecipeError, Refused, Text, overridden, table
from trainer.recipes.names import RECIPES, installed_recipes
from trainer.recipes.sections import (
    AugmentationSettings,
    BankSettings,
    CardWords,
    CoarseStage,
    DegradedSettings,
    DistilTrainingSettings,
    EncoderSettings,
    FGAesQModelSettings,
    FGAesQTrainingSettings,
    FineStage,
    HeadSettings,
    HintSettings,
    LessonSettings,
    QueryTrainingSettings,
    SplitSettings,
    StudentSettings,
    TrainingSettings,
)

__all__ = [
    "AnyRecipe",
    "AugmentationSettings",
    "DistilRecipe",
    "EmbeddedRecipe",
    "FGAesQRecipe",
    "HeadSettings",
    "PersonalRecipe",
    "QueryRecipe",
    "RecipeError",
    "SweepRecipe",
    "TrainingSettings",
    "read_recipe",
]


@dataclass(frozen=True, slots=True)
class _Recipe:
    """What every recipe says.

    Attributes:
        name: Of the model it makes: lower-case letters, digits, dots and dashes.
        path: Where it was read.
        overrides: What ``--set`` changed.
    """

    method: ClassVar[str] = ""

    name: Text
    title: Text
    version: Text
    card: CardWords = field(default_factory=CardWords)
    path: Path = field(default=Path(), kw_only=True)
    overrides: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    def as_json(self) -> dict[str, Any]:
        """The resolved recipe, without where it was read."""
        content = dataclasses.asdict(self)
        content.pop("path")
        return {"method": self.method, **content}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedRecipe(_Recipe):
    """Learnable queries on views that a frozen encoder sees in memory, chosen and judged by nested folds.

    Attributes:
        seeds: One member of the model for each.
        bank: How local features are learned of a pool, instead of taking an encoder that is there.
        degraded: What is learned from a pool's photos made worse, beside the votes.
        select: Alternatives for ``head`` and ``training`` keys, chosen on inner folds only.
    """

    method: ClassVar[str] = "embedded"

    seeds: tuple[Natural, ...]
    head: HeadSettings = field(default_factory=HeadSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    bank: BankSettings | None = None
    degraded: DegradedSettings = field(default_factory=DegradedSettings)
    select: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.seeds:
            raise Refused("seeds", "a list of one or more whole numbers")

    def candidates(self) -> list[EmbeddedRecipe]:
        """Every combination of the alternatives; this recipe alone where it names none."""
        keys = list(self.select)
        return [self._with(dict(zip(keys, values, strict=True))) for values in itertools.product(*self.select.values())]

    def _with(self, changes: Mapping[str, Any]) -> EmbeddedRecipe:
        parts: dict[str, Any] = {"head": self.head, "training": self.training}
        for key, value in changes.items():
            section, name = key.split(".")
            parts[section] = dataclasses.replace(parts[section], **{name: value})
        return dataclasses.replace(self, select={}, **parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRecipe(_Recipe):
    """IAA-LQ (arXiv 2309.02861) and MMLQ (arXiv 2405.01326): queries trained on cached tokens of frozen encoders."""

    method: ClassVar[str] = "queries"

    seed: Natural = 0
    model: EncoderSettings = field(default_factory=EncoderSettings)
    head: HeadSettings = field(default_factory=HeadSettings)
    training: QueryTrainingSettings = field(default_factory=QueryTrainingSettings)
    data: SplitSettings = field(default_factory=SplitSettings)
    augmentation: AugmentationSettings = field(default_factory=lambda: AugmentationSettings(views=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class FGAesQRecipe(_Recipe):
    """FGAesQ (arXiv 2603.03907): CLIP's visual tower trained end to end on votes, then on series and votes in turn."""

    method: ClassVar[str] = "fgaesq"

    seed: Natural = 0
    model: FGAesQModelSettings = field(default_factory=FGAesQModelSettings)
    stage1: CoarseStage = field(default_factory=CoarseStage)
    stage2: FineStage = field(default_factory=FineStage)
    training: FGAesQTrainingSettings = field(default_factory=FGAesQTrainingSettings)
    data: SplitSettings = field(default_factory=SplitSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalRecipe(_Recipe):
    """A copy of an installed model that learns from one person's choices."""

    method: ClassVar[str] = "personal"

    base: Text = "embedded"
    seed: Natural = 0
    learning: PersonalLearningSettings = field(default_factory=PersonalLearningSettings)
    gate: GateSettings = field(default_factory=GateSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRecipe(_Recipe):
    """One base recipe trained again and again with one key varied, as Figs. 4 and 5 of MMLQ.

    Attributes:
        base: The base recipe's name or path; it trains queries.
        key: The key that is varied (``head.blocks``).
        values: What it takes in turn.
        seeds: Each value is trained once for each.
        set: Other changes to the base, by quoted key.
        points: The base with each value and seed, in order.
    """

    method: ClassVar[str] = "sweep"

    base: Text
    key: Text
    values: tuple[Any, ...]
    seeds: tuple[Natural, ...] = (0,)
    set: Mapping[str, Any] = field(default_factory=dict)
    points: tuple[tuple[Any, int, QueryRecipe], ...] = ()

    def __post_init__(self) -> None:
        for key in ("values", "seeds"):
            found = getattr(self, key)
            if not found or len(set_of(found)) != len(found):
                raise Refused(key, "a list of one or more, each of them once")

    def as_json(self) -> dict[str, Any]:
        """The sweep and its base, without each point."""
        content = _Recipe.as_json(dataclasses.replace(self, points=()))
        content.pop("points")
        return {**content, "base_recipe": self.points[0][2].as_json() if self.points else {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class DistilRecipe(_Recipe):
    """A compact encoder that learns to answer as larger, frozen ones do, on photos without votes."""

    method: ClassVar[str] = "distil"

    seed: Natural = 0
    student: StudentSettings = field(default_factory=StudentSettings)
    lessons: LessonSettings = field(default_factory=LessonSettings)
    hints: HintSettings = field(default_factory=HintSettings)
    training: DistilTrainingSettings = field(default_factory=DistilTrainingSettings)
    validation: Part = 0.02


AnyRecipe = EmbeddedRecipe | QueryRecipe | FGAesQRecipe | PersonalRecipe | SweepRecipe | DistilRecipe
METHODS: dict[str, type[Any]] = {
    kind.method: kind for kind in (EmbeddedRecipe, QueryRecipe, FGAesQRecipe, PersonalRecipe, SweepRecipe, DistilRecipe)
}
Kind = TypeVar("Kind", bound=_Recipe)

VARIED: dict[str, type[Any]] = {"head": HeadSettings, "training": QueryTrainingSettings, "data": SplitSettings}
"""Sections of a recipe for queries whose keys a sweep may vary: whatever leaves the cached features as they are."""
FIXED: dict[str, type[Any]] = {"model": EncoderSettings, "augmentation": AugmentationSettings}
"""Those that a sweep may only set, for all its points alike."""


def read_recipe(name: str, changes: Sequence[str] = ()) -> AnyRecipe:
    """Read a recipe by its name or the path of a TOML file, with ``--set`` changes, and check all of it.

    Raises ``KnownError``, as a ``RecipeError`` where a key is wrong.
    """
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    content = _content(path)
    changed: dict[str, Any] = {}
    try:
        if content.get("method") == SweepRecipe.method:
            content, changed = _changes_of_a_sweep(content, changes)
        else:
            content, changed = overridden(content, changes)
        return _recipe(content, path, changed)
    except RecipeError as error:
        key = error.key.removeprefix("set.")
        if key in changed:
            raise RecipeError("--set", key, error.found, error.allowed) from error
        raise


def read_as(kind: type[Kind], name: str, changes: Sequence[str] = ()) -> Kind:
    """As ``read_recipe``, for a recipe of one kind. Raises ``KnownError`` where it is of another."""
    found = read_recipe(name, changes)
    if not isinstance(found, kind):
        raise RecipeError(found.path, "method", found.method, f"{kind.method!r} for this command")
    return found


def set_of(values: Sequence[Any]) -> set[str]:
    """What of several TOML values differs."""
    return {repr(value) for value in values}


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KnownError(
            f"{path}: there is no such recipe ({error.strerror}).",
            f"Recipes: {', '.join(installed_recipes())}, or the path of a .toml file.",
        ) from error
    except ValueError as error:
        raise KnownError(f"{path}: this is not TOML ({error}).", "Correct the line that it names.") from error


def _recipe(content: dict[str, Any], path: Path, changed: Mapping[str, Any]) -> AnyRecipe:
    content = dict(content)
    method = content.pop("method", EmbeddedRecipe.method)
    if not isinstance(method, str) or method not in METHODS:
        raise RecipeError(path, "method", method, ", ".join(METHODS))
    for key in ("path", "overrides", "points"):  # ours, and no recipe's
        if key in content:
            raise RecipeError(path, key, content[key], "no such key")
    given: dict[str, Any] = {"path": path, "overrides": dict(changed)}
    if method == EmbeddedRecipe.method:
        given["select"] = _select(content.pop("select", {}), path)
        given["bank"] = table(BankSettings, content.pop("bank"), "bank", path) if "bank" in content else None
    elif method == SweepRecipe.method:
        given["values"] = _values(content.pop("values", None), path)
        given["set"] = content.pop("set", {})
        given["points"] = ()
    found: AnyRecipe = table(METHODS[method], content, "", path, **given)
    if isinstance(found, EmbeddedRecipe):
        try:
            found.candidates()
        except Refused as error:
            raise RecipeError(path, "select", found.select, f"for head.{error.key}: {error}") from error
    return _with_points(found, path) if isinstance(found, SweepRecipe) else found


def _select(content: Any, path: Path) -> dict[str, tuple[Any, ...]]:
    sections: dict[str, type[Any]] = {"head": HeadSettings, "training": TrainingSettings}
    if not isinstance(content, dict):
        raise RecipeError(path, "select", content, "a table")
    chosen: dict[str, tuple[Any, ...]] = {}
    for key, values in content.items():
        section, _, name = key.partition(".")
        if section not in sections or name not in {item.name for item in dataclasses.fields(sections[section])}:
            raise RecipeError(path, f"select.{key}", values, 'quoted keys of [head] and [training]: "training.epochs"')
        if not isinstance(values, list) or not values:
            raise RecipeError(path, f"select.{key}", values, "a list of alternatives")
        chosen[key] = tuple(getattr(table(sections[section], {name: v}, section, path), name) for v in values)
    return chosen


def _values(found: Any, path: Path) -> tuple[Any, ...]:
    if not isinstance(found, list):
        raise RecipeError(path, "values", found, "a list of what the key takes in turn")
    return tuple(found)


def _changes_of_a_sweep(content: dict[str, Any], changes: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Changes to the sweep's own keys, and those with a section as changes to its base."""
    own = [change for change in changes if "." not in change.partition("=")[0]]
    changed, named = overridden(content, own)
    _, of_base = overridden({}, [change for change in changes if change not in own])
    if of_base:
        changed["set"] = {**changed.get("set", {}), **of_base}
    return changed, {**named, **of_base}


def _with_points(sweep: SweepRecipe, path: Path) -> SweepRecipe:
    """Check every point before the first is trained: the base, the key, each value and the other changes."""
    near = path.parent / sweep.base
    base_path = near if sweep.base.endswith(".toml") else RECIPES / f"{sweep.base}.toml"
    if not base_path.is_file():
        raise RecipeError(path, "base", sweep.base, f"the name or path of a recipe: {', '.join(installed_recipes())}")
    content = _content(base_path)
    if content.get("method") != QueryRecipe.method:
        raise RecipeError(path, "base", sweep.base, f"a recipe whose method is {QueryRecipe.method!r}")
    if not isinstance(sweep.set, dict):
        raise RecipeError(path, "set", sweep.set, 'a table of quoted keys: "training.epochs" = 5')
    varied = _keys(VARIED)
    for where, key, allowed in (
        ("key", sweep.key, varied),
        *((f"set.{key}", key, [*varied, *_keys(FIXED)]) for key in sweep.set),
    ):
        if key not in allowed or where == f"set.{sweep.key}":
            others = ", ".join(name for name in allowed if where == "key" or name != sweep.key)
            raise RecipeError(path, where, key, f"a key of {sweep.base}: {others}")
    points = []
    for value in sweep.values:
        for seed in sweep.seeds:
            changed = _nested(content, {**sweep.set, sweep.key: value, "seed": seed})
            try:
                point = _recipe(changed, base_path, {**sweep.set, sweep.key: value, "seed": seed})
            except RecipeError as error:
                where = "values" if error.key == sweep.key else f"set.{error.key}"
                raise RecipeError(
                    path, where, error.found, f"{error.allowed} (for {error.key} of {sweep.base})"
                ) from error
            assert isinstance(point, QueryRecipe)  # noqa: S101 - the method was looked at above
            points.append((value, seed, point))
    return dataclasses.replace(sweep, points=tuple(points))


def _keys(sections: Mapping[str, type[Any]]) -> list[str]:
    return [f"{name}.{item.name}" for name, section in sections.items() for item in dataclasses.fields(section)]


def _nested(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    changed = {key: dict(value) if isinstance(value, dict) else value for key, value in content.items()}
    for key, value in changes.items():
        section, _, name = key.partition(".")
        if name:
            changed.setdefault(section, {})[name] = value
        else:
            changed[key] = value
    return changed
