"""Checks of recipes' tables: every key, type and range, with an error that says what is allowed. Nothing heavy here."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from aesthetic_studio.errors import KnownError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

T = TypeVar("T")

LARGEST = 1 << 31
"""No whole number of a recipe is larger, so that a slip of the hand asks for no impossible memory or time."""


class RecipeError(KnownError):
    """A recipe that cannot be followed: which key, what was found, what is allowed."""

    def __init__(self, path: Path | str, key: str, found: object, allowed: str) -> None:
        super().__init__(f"{path}: {key} is {found!r}.", f"Allowed: {allowed}.")
        self.key = key
        self.found = found
        self.allowed = allowed


class Refused(ValueError):
    """Raised by a section whose values do not fit together, or stand for nothing; ``key`` is the one to change."""

    def __init__(self, key: str, allowed: str) -> None:
        super().__init__(allowed)
        self.key = key


@dataclass(frozen=True, slots=True)
class Range:
    """Which numbers a key allows.

    Attributes:
        low: The smallest.
        high: The largest.
        above: Whether ``low`` itself is too small.
        below: Whether ``high`` itself is too large.
    """

    low: float = 0.0
    high: float = math.inf
    above: bool = False
    below: bool = False

    def holds(self, value: float) -> bool:
        """Whether a number lies in it."""
        high_enough = value > self.low if self.above else value >= self.low
        low_enough = value < self.high if self.below else value <= self.high
        return high_enough and low_enough

    def words(self) -> str:
        """Said to a person."""
        start = f"{'above' if self.above else 'of at least'} {self.low:g}"
        return start if math.isinf(self.high) else f"{start} and {'below' if self.below else 'at most'} {self.high:g}"


Count = Annotated[int, Range(1)]
"""A whole number of at least 1."""
Share = Annotated[float, Range(0.0, 1.0)]
Part = Annotated[float, Range(0.0, 1.0, below=True)]
"""A share that leaves something."""
Amount = Annotated[float, Range(0.0)]
Positive = Annotated[float, Range(0.0, above=True)]
Rate = Annotated[float, Range(0.0, 1.0, above=True)]
"""A learning rate of AdamW, whose steps are about as large as it."""
Natural = Annotated[int, Range(0)]
Text = Annotated[str, "filled"]
"""A text that is not empty."""


def table(kind: type[T], content: Any, section: str, path: Path | str, /, **given: Any) -> T:
    """Build a settings dataclass from one TOML table, every key, type and range checked."""
    if not isinstance(content, dict):
        raise RecipeError(path, section, content, "a table")
    found = get_type_hints(kind, include_extras=True)
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    hints = {item.name: found[item.name] for item in fields if item.name not in given}
    own = f"{section}." if section else ""
    for key in content:
        if key not in hints:
            raise RecipeError(path, f"{own}{key}", content[key], f"the keys {', '.join(hints)}")
    values = {key: value_of(hints[key], value, f"{own}{key}", path) for key, value in content.items()}
    for item in fields:
        needed = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
        if item.name in hints and item.name not in content and needed:
            raise RecipeError(path, f"{own}{item.name}", None, f"{_words(hints[item.name])}; it is missing")
    try:
        made = kind(**values, **given)
        check = getattr(made, "check", None)
        if check is not None:  # of what a person writes; what the program knows of itself needs none
            check()
        return made
    except Refused as error:
        raise RecipeError(path, f"{own}{error.key}", values.get(error.key), str(error)) from error


def value_of(hint: Any, value: Any, key: str, path: Path | str) -> Any:
    """One value, checked against its annotation."""
    if get_origin(hint) is tuple:
        member = get_args(hint)[0]
        if not isinstance(value, list):
            raise RecipeError(path, key, value, f"a list; each item {_words(member)}")
        return tuple(value_of(member, item, f"{key}[{number}]", path) for number, item in enumerate(value))
    if dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)  # noqa: S101 - for mypy
        return table(hint, value, key, path)
    if not _fits(value, hint):
        raise RecipeError(path, key, value, _words(hint))
    return float(value) if _plain(hint) is float else value


def overridden(content: Mapping[str, Any], changes: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A recipe's content with ``--set section.key=value`` applied, and these changes by key.

    Values are written as in TOML; a bare word is a text. Raises ``RecipeError`` for what is no such change.
    """
    changed: dict[str, Any] = {k: dict(v) if isinstance(v, dict) else v for k, v in content.items()}
    named: dict[str, Any] = {}
    for change in changes:
        key, equals, text = change.partition("=")
        parts = key.strip().split(".")
        if not equals or len(parts) > 2 or not all(part.replace("_", "").isalnum() for part in parts):
            raise RecipeError("--set", "a change", change, "section.key=value, as in --set training.epochs=3")
        value = _toml(text.strip())
        named[key.strip()] = value
        if len(parts) == 1:
            changed[parts[0]] = value
            continue
        section = changed.setdefault(parts[0], {})
        if not isinstance(section, dict):
            raise RecipeError("--set", key, value, f"no key within {parts[0]}, which is {section!r} here")
        section[parts[1]] = value
    return changed, named


def _toml(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, KeyError):
        return text


def _plain(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _fits(value: object, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return any(value == allowed and type(value) is type(allowed) for allowed in get_args(hint))
    plain = _plain(hint)
    limits = next((extra for extra in get_args(hint)[1:] if isinstance(extra, Range)), None)
    if plain is str:
        return isinstance(value, str) and (hint is str or bool(value.strip()))
    if plain is bool:
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int if plain is int else (int, float)):
        return False
    number = float(value)
    return math.isfinite(number) and abs(number) <= LARGEST and (limits is None or limits.holds(number))


def _words(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return ", ".join(repr(allowed) if not isinstance(allowed, str) else allowed for allowed in get_args(hint))
    if get_origin(hint) is tuple:
        return f"a list; each item {_words(get_args(hint)[0])}"
    limits = next((extra for extra in get_args(hint)[1:] if isinstance(extra, Range)), None)
    kind = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}.get(_plain(hint), "a table")
    return f"{kind} {limits.words()}" if limits is not None else kind
