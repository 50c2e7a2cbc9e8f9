"""A recipe is checked whole before any work, and an error names key, finding and what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aesthetic_studio.errors import KnownError
from trainer.cli import main
from trainer.data.degrade import Fault
from trainer.recipes.names import installed_recipes
from trainer.recipes.recipe import EmbeddedRecipe, QueryRecipe, RecipeError, SweepRecipe, read_as, read_recipe
from trainer.recipes.sections import KINDS_OF_FAULT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", installed_recipes())
def test_every_recipe_that_comes_with_the_program_is_right(name: str) -> None:
    recipe = read_recipe(name)
    assert recipe.name == name
    assert recipe.as_json()["method"] == recipe.method


def test_alternatives_are_every_combination(planted_recipe: Path) -> None:
    with planted_recipe.open("a") as stream:
        stream.write('\n[select]\n"training.epochs" = [1, 2, 3]\n"head.dropout" = [0.0, 0.5]\n')
    candidates = read_as(EmbeddedRecipe, str(planted_recipe)).candidates()
    assert len({(c.training.epochs, c.head.dropout) for c in candidates}) == 6
    assert all(not c.select for c in candidates)


@pytest.mark.parametrize(
    ("line", "with_line", "key", "allowed"),
    [
        ("epochs = 12", "epochs = 1.5", "training.epochs", "a whole number"),
        ("epochs = 12", "epochs = 0", "training.epochs", "at least 1"),
        ("learning_rate = 5e-3", "learning_rate = inf", "training.learning_rate", "above 0 and at most 1"),
        ("dropout = 0.0", "dropout = 1.0", "head.dropout", "below 1"),
        ("epochs = 12", "epoch = 12", "training.epoch", "epochs, batch, learning_rate"),
        ("learning_rate = 5e-3", 'learning_rate = "fast"', "training.learning_rate", "a number"),
        ("heads = 2", "heads = 3", "head.width", "a multiple of 3"),
        ("queries = 2", 'self_attention = "sideways"', "head.self_attention", "joint, separate, cross, none"),
        ("seeds = [1]", "seeds = []", "seeds", "one or more whole numbers"),
        ("seeds = [1]", "", "seeds", "missing"),
        ('title = "Planted"', "title = 3", "title", "a text"),
        ('version = "1"', 'version = "1"\nwings = 2', "wings", "name, title, version"),
        ("grid = 3", "", "bank.grid", "a whole number"),
        ("atoms = 16", "atoms = true", "bank.dictionaries[0].atoms", "a whole number"),
        ("stride = 2", "", "bank.dictionaries[0].stride", "missing"),
        ("[augmentation]", '[select]\n"training.wings" = [1]\n[augmentation]', "select.training.wings", "quoted keys"),
        ("[augmentation]", '[select]\n"head.heads" = [3]\n[augmentation]', "head.width", "a multiple of 3"),
        ('title = "Planted"', 'title = "Planted"\nmethod = "magic"', "method", "embedded, queries, fgaesq"),
        ("[training]", "[[training]]", "training", "a table"),
        ("[augmentation]", '[select]\n"training.epochs" = 3\n[augmentation]', "select.training.epochs", "a list"),
        ("[augmentation]", "[degraded]\nweight = -0.1\n[augmentation]", "degraded.weight", "at least 0"),
        ("[augmentation]", "[degraded]\nphotos = -1\n[augmentation]", "degraded.photos", "at least 0"),
        ("[augmentation]", "[degraded]\nbatch = 1.5\n[augmentation]", "degraded.batch", "a whole number"),
        ("[augmentation]", "[degraded]\nfaults = 8\n[augmentation]", "degraded.faults", "at most 7"),
        ("[augmentation]", "[degraded]\nkinds = 3\n[augmentation]", "degraded.kinds", "photos, faults, weight, batch"),
        ("[augmentation]", "[card]\nlimits = 3\n[augmentation]", "card.limits", "a list; each item a text"),
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


QUERIES = """
method = "queries"
name = "mine"
title = "Mine"
version = "1"
[head]
width = 16
heads = 2
"""
SWEEP = """
method = "sweep"
name = "how-many"
title = "How many"
version = "1"
base = "mine.toml"
key = "head.queries"
values = [1, 2]
seeds = [0, 1]
"""


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    (tmp_path / "mine.toml").write_text(QUERIES)
    path = tmp_path / "sweep.toml"
    path.write_text(SWEEP)
    return path


def test_a_sweep_is_every_value_with_every_seed_and_nothing_else_changed(sweep: Path) -> None:
    found = read_as(SweepRecipe, str(sweep), ["training.epochs=3"])
    assert [(value, seed) for value, seed, _ in found.points] == [(1, 0), (1, 1), (2, 0), (2, 1)]
    base = read_as(QueryRecipe, str(sweep.with_name("mine.toml")))
    for value, seed, point in found.points:
        assert (point.head.queries, point.seed, point.training.epochs) == (value, seed, 3)
        assert point.head.width == base.head.width


@pytest.mark.parametrize(
    ("line", "with_line", "key", "allowed"),
    [
        ('key = "head.queries"', 'key = "head.wings"', "key", "head.queries, head.blocks"),
        ('key = "head.queries"', 'key = "model.encoder"', "key", "head.queries, head.blocks"),
        ('base = "mine.toml"', 'base = "nobody"', "base", "the name or path of a recipe"),
        ('base = "mine.toml"', 'base = "embedded"', "base", "whose method is 'queries'"),
        (
            "values = [1, 2]",
            "values = [1, 0]",
            "values",
            "a whole number of at least 1 (for head.queries of mine.toml)",
        ),
        ("values = [1, 2]", "values = [1, 1]", "values", "each of them once"),
        ("values = [1, 2]", "values = []", "values", "one or more"),
        ("values = [1, 2]", "values = 3", "values", "a list"),
        ("seeds = [0, 1]", 'seeds = [0, "x"]', "seeds[1]", "a whole number"),
        ("seeds = [0, 1]", '[set]\n"training.wings" = 1', "set.training.wings", "a key of mine.toml"),
        ("seeds = [0, 1]", '[set]\n"training.epochs" = 0', "set.training.epochs", "at least 1"),
        ("seeds = [0, 1]", '[set]\n"head.queries" = 4', "set.head.queries", "mine.toml: head.width, head.blocks"),
    ],
)
def test_a_sweep_that_cannot_be_followed_is_refused_before_any_point(
    sweep: Path, line: str, with_line: str, key: str, allowed: str
) -> None:
    assert line in SWEEP
    sweep.write_text(SWEEP.replace(line, with_line, 1))
    with pytest.raises(RecipeError) as caught:
        read_recipe(str(sweep))
    assert caught.value.key == key
    assert allowed in caught.value.advice


@pytest.mark.parametrize(
    ("change", "key", "allowed"),
    [
        ("training.epochs=none", "training.epochs", "a whole number"),
        ("training.wings=3", "training.wings", "epochs, batch"),
        ("model.encoder=nonsense", "model.encoder", "name:pretrained"),
        ('model.text_encoder="a b"', "model.text_encoder", "bert-base-uncased"),
        ("seed=-1", "seed", "at least 0"),
        ("training", "a change", "section.key=value"),
        ("a.b.c=1", "a change", "section.key=value"),
        ("name.first=1", "name.first", "no key within name"),
        ("wings.left=1", "wings", "the keys name, title"),
        ("path=x", "path", "no such key"),
    ],
)
def test_a_change_is_checked_like_the_recipe_itself(sweep: Path, change: str, key: str, allowed: str) -> None:
    with pytest.raises(RecipeError) as caught:
        read_recipe(str(sweep.with_name("mine.toml")), [change])
    assert caught.value.key == key
    assert allowed in caught.value.advice


def test_changes_are_recorded_in_the_resolved_recipe(sweep: Path) -> None:
    path = str(sweep.with_name("mine.toml"))
    recipe = read_as(QueryRecipe, path, ["training.epochs=3", "model.encoder=embedded", "head.dropout=0"])
    assert (recipe.training.epochs, recipe.head.dropout) == (3, 0.0)
    assert recipe.as_json()["overrides"] == {"training.epochs": 3, "model.encoder": "embedded", "head.dropout": 0}
    assert recipe.as_json()["training"]["epochs"] == 3


@pytest.mark.parametrize(
    ("spec", "known"),
    [("ViT-L-14:openai", True), ("ViT-B-16:openai@336", True), ("net.tflite", True), ("ViT-L-14", False), ("", False)],
)
def test_an_encoder_is_refused_by_the_form_of_its_name(sweep: Path, spec: str, known: bool) -> None:
    def read() -> object:
        return read_recipe(str(sweep.with_name("mine.toml")), [f'model.encoder="{spec}"'])

    if known:
        read()
    else:
        with pytest.raises(RecipeError, match=r"model\.encoder"):
            read()


def test_the_recipe_allows_what_the_model_allows() -> None:
    """The recipe's sections repeat choices of modules that need torch; this keeps them the same."""
    from typing import get_args, get_type_hints

    from aesthetic_studio.models import mmlq
    from trainer.recipes.sections import BankSettings, HeadSettings

    hints = get_type_hints(HeadSettings)
    assert get_args(hints["self_attention"]) == get_args(mmlq.SelfAttention)
    assert get_args(hints["feed_forward"]) == get_args(mmlq.FeedForward)
    assert HeadSettings().config(8, 8) == mmlq.MMLQConfig(visual_width=8, global_width=8)
    local = read_as(EmbeddedRecipe, "local-features")
    assert isinstance(local.bank, BankSettings)
    assert local.bank.recipe().bank.dictionaries[1].side == 40


def test_of_the_bundled_recipes_one_learns_local_features_and_one_what_makes_photos_worse() -> None:
    embedded, local = (read_as(EmbeddedRecipe, name) for name in ("embedded", "local-features"))
    assert embedded.bank is None
    assert embedded.degraded.learns
    assert local.bank is not None
    assert not local.degraded.learns


def test_a_recipe_that_says_nothing_of_degraded_photos_needs_none(planted_recipe: Path) -> None:
    assert not read_as(EmbeddedRecipe, str(planted_recipe)).degraded.learns
    changed = read_as(EmbeddedRecipe, str(planted_recipe), ["degraded.weight=0.5", "degraded.photos=7"])
    assert (changed.degraded.weight, changed.degraded.photos) == (0.5, 7)
    assert changed.as_json()["degraded"]["weight"] == 0.5


def test_every_alternative_learns_from_the_same_degraded_photos() -> None:
    recipe = read_as(EmbeddedRecipe, "embedded")
    candidates = recipe.candidates()
    assert len(candidates) > 1
    assert all(candidate.degraded == recipe.degraded for candidate in candidates)


def test_the_bank_of_a_recipe_without_one_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["bank", "--recipe", "embedded", "--pool", str(tmp_path), "--output", str(tmp_path / "bank")]
    assert main(command) == 1
    assert "this recipe has no [bank]" in capsys.readouterr().err
    assert not (tmp_path / "bank").exists()


def test_a_recipe_may_ask_for_as_many_kinds_of_fault_as_there_are() -> None:
    assert len(Fault) == KINDS_OF_FAULT
