"""Which recipes come with the program; apart from their contents, so that ``--help`` stays quick."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

RECIPES = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Named:
    """A recipe as a list shows it."""

    name: str
    method: str
    title: str


def installed_recipes() -> list[str]:
    """Names of the recipes that come with the program."""
    return sorted(path.stem for path in RECIPES.glob("*.toml"))


def listed_recipes() -> list[Named]:
    """The recipes that come with the program, unchecked."""
    found = []
    for name in installed_recipes():
        content = tomllib.loads((RECIPES / f"{name}.toml").read_text(encoding="utf-8"))
        found.append(Named(name, str(content.get("method", "embedded")), str(content.get("title", name))))
    return found
