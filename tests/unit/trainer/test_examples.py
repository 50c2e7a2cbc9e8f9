"""The commands that the documents show a researcher are commands that this version has."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from typing import TYPE_CHECKING, Any

import pytest

from trainer import cli
from trainer.recipes.names import RECIPES, installed_recipes
from trainer.recipes.recipe import EmbeddedRecipe, read_recipe

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def shown(repository: Path) -> list[list[str]]:
    """All of them, as ``make examples`` runs them."""
    found: Any = importlib.util.spec_from_file_location("run_examples", repository / "packaging" / "run_examples.py")
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return [
        command
        for name in (*module.DOCUMENTS, "docs/studies.md", "docs/embedded-model.md")
        for command in module.commands_of(repository / name)
    ]


def test_every_command_that_is_shown_can_be_given(shown: list[list[str]]) -> None:
    ours = [command[1:] for command in shown if command[0] == "aesthetic-studio-train"]
    ours += [command[command.index("trainer.cli") + 1 :] for command in shown if command[0] == "torchrun"]
    assert len(ours) > 25
    for command in ours:
        cli.parser().parse_args(command)  # or it ends with wrong usage


def test_every_command_names_the_pool_that_its_recipe_needs(
    shown: list[list[str]], repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "build/miniature-ava/bert").mkdir(parents=True)  # a command before makes what these recipes name
    (tmp_path / "build/miniature-ava/clip.safetensors").touch()
    monkeypatch.chdir(tmp_path)
    looked_at: list[list[str]] = []
    without: list[list[str]] = []
    for command in (command[1:] for command in shown if command[0] == "aesthetic-studio-train"):
        name = command[1] if command[0] in ("train", "cross-validate") else command[0]
        if name not in installed_recipes() and not name.endswith(".toml"):
            continue
        parsed = cli.parser().parse_args(command)
        recipe = read_recipe(str(repository / name) if name.endswith(".toml") else name, parsed.changes)
        if isinstance(recipe, EmbeddedRecipe) and recipe.degraded.learns:
            looked_at.append(command)
            without += [command] if parsed.pool is None else []
    assert looked_at
    assert without == []


@pytest.mark.parametrize("name", [name for name in installed_recipes() if name != "personal"])
def test_the_command_that_a_recipe_begins_with_can_be_given_and_names_it(name: str) -> None:
    text = (RECIPES / f"{name}.toml").read_text(encoding="utf-8")
    commands = [shlex.split(line) for line in re.findall(r"^#   aesthetic-studio-train (.*)$", text, re.MULTILINE)]
    assert commands
    for command in commands:
        assert cli.parser().parse_args(command).command == name


def test_every_recipe_and_script_that_is_shown_is_there(shown: list[list[str]], repository: Path) -> None:
    files = [part for command in shown for part in command if part.startswith(("docs/", "packaging/"))]
    assert files
    assert [name for name in files if not (repository / name).is_file()] == []


def test_everything_that_is_trained_by_a_recipe_is_shown(shown: list[list[str]]) -> None:
    commands = {command[1] for command in shown if command[0] == "aesthetic-studio-train"}
    assert {
        "data",
        "features",
        "train",
        "embedded",
        "cross-validate",
        "distil",
        "evaluate",
        "report",
        "ratings",
        "study",
    } <= commands
