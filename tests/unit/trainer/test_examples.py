"""The commands that the documents show a researcher are commands that this version has."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import pytest

from trainer import cli

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
        command for name in (*module.DOCUMENTS, "docs/studies.md") for command in module.commands_of(repository / name)
    ]


def test_every_command_that_is_shown_can_be_given(shown: list[list[str]]) -> None:
    ours = [command[1:] for command in shown if command[0] == "aesthetic-studio-train"]
    ours += [command[command.index("trainer.cli") + 1 :] for command in shown if command[0] == "torchrun"]
    assert len(ours) > 25
    for command in ours:
        cli.parser().parse_args(command)  # or it ends with wrong usage


def test_every_recipe_and_script_that_is_shown_is_there(shown: list[list[str]], repository: Path) -> None:
    files = [part for command in shown for part in command if part.startswith(("docs/", "packaging/"))]
    assert files
    assert [name for name in files if not (repository / name).is_file()] == []


def test_everything_that_is_trained_by_a_recipe_is_shown(shown: list[list[str]]) -> None:
    commands = {command[1] for command in shown if command[0] == "aesthetic-studio-train"}
    assert {"data", "features", "train", "embedded", "distil", "evaluate", "report", "ratings", "study"} <= commands
