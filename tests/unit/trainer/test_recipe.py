"""A recipe is checked whole before any work, and an error names key, finding and what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aesthetic_studio.errors import KnownError
from trainer.cli import main
from trainer.recipe import RecipeError, read_recipe
from trainer.recipe_names import installed_recipes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", installed_recipes())
def test_every_recipe_that_comes_with_the_program_is_right(name: str) -> None:
    recipe = read_recipe(name)
    assert recipe.name
    assert recipe.candidates()


def test_alternatives_are_every_combination(planted_recipe: Path) -> None:
    with planted_recipe.open("a") as stream:
        stream.write('\n[select]\n"training.epochs" = [1, 2, 3]\n"head.dropout" = [0.0, 0.5]\n')
    candidates = read_recipe(str(planted_recipe)).candidates()
    assert len({(c.training.epochs, c.head.dropout) for c in candidates}) == 6
    assert all(not c.select for c in candidates)


@pytest.mark.parametrize(
    ("line", "with_line", "key", "allowed"),
    [
        ("epochs = 12", "epochs = 1.5", "training.epochs", "a whole number"),
        ("epochs = 12", "epochs = -1", "training.epochs", "at least 0"),
        ("epochs = 12", "epoch = 12", "training.epoch", "epochs, batch, learning_rate"),
        ("learning_rate = 5e-3", 'learning_rate = "fast"', "training.learning_rate", "a number"),
        ("heads = 2", "heads = 3", "head", "shared among 3 heads"),
        ("queries = 2", 'self_attention = "sideways"', "head", "joint, separate, none"),
        ("seeds = [1]", "seeds = []", "seeds", "one or more whole numbers"),
        ("seeds = [1]", "", "seeds", "missing"),
        ('title = "Planted"', "title = 3", "title", "a text"),
        ('version = "1"', 'version = "1"\nwings = 2', "wings", "name, title, version, seeds"),
        ("grid = 3", "", "bank.grid", "a whole number"),
        ("atoms = 16", "atoms = true", "bank.dictionaries[0].atoms", "a whole number"),
        ("stride = 2", "", "bank.dictionaries[0].stride", "missing"),
        ("[augmentation]", '[select]\n"training.wings" = [1]\n[augmentation]', "select.training.wings", "quoted keys"),
        ("[augmentation]", '[select]\n"training.epochs" = 3\n[augmentation]', "select.training.epochs", "a list"),
        ("[augmentation]", "[card]\nlimits = 3\n[augmentation]", "card.limits", "a list of sentences"),
    ],
)
def test_a_wrong_key_is_named_with_what_is_allowed(
    planted_recipe: Path, line: str, with_line: str, key: str, allowed: str
) -> None:
    text = planted_recipe.read_text()
    assert line in text
    planted_recipe.write_text(text.replace(line, with_line, 1))
    with pytest.raises(RecipeError) as caught:
        read_recipe(str(planted_recipe))
    assert caught.value.key == key
    assert key in caught.value.message
    assert allowed in caught.value.advice


def test_a_recipe_that_is_not_there_lists_those_that_are() -> None:
    with pytest.raises(KnownError, match=r"no such recipe.*embedded"):
        read_recipe("nothing")


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("name = ")
    with pytest.raises(KnownError, match=r"bad\.toml: this is not TOML"):
        read_recipe(str(path))


def test_a_wrong_recipe_is_refused_before_anything_is_written(
    planted: Path, planted_recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted_recipe.write_text(planted_recipe.read_text().replace("epochs = 12", "epochs = 0.5"))
    output = tmp_path / "run"
    assert main(["train", str(planted_recipe), "--data", str(planted), "--output", str(output)]) == 1
    assert "training.epochs is 0.5" in capsys.readouterr().err
    assert not output.exists()
