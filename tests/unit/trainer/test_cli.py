"""The command line answers at once, says what it can do, and names what is in the way."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from trainer.cli import main, parser
from trainer.recipes.names import listed_recipes

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = ("torch", "transformers", "open_clip", "accelerate", "matplotlib", "sklearn", "PySide6")
PROBE = """
import sys
from trainer.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as stop:
    code = stop.code
heavy = [name for name in {heavy!r} if name in sys.modules]
sys.exit(99 if heavy else code)
"""


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--help"], 0, "COMMAND"),
        (["mmlq-ava", "--help"], 0, "--features"),
        (["recipes"], 0, "iaa-lq-ava"),
        (["nonsense"], 2, "invalid choice"),
        (["mmlq-ava", "--output", "x", "--features", "f", "--set", "head.heads=7"], 1, "a multiple of 7"),
        (["sweep-lq", "--output", "x", "--features", "f", "--set", "key=head.wings"], 1, "key is 'head.wings'"),
    ],
)
def test_help_and_a_wrong_recipe_never_wait_for_torch(arguments: list[str], code: int, says: str) -> None:
    found = subprocess.run(
        [sys.executable, "-c", PROBE.format(heavy=HEAVY), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert found.returncode == code, found.stderr
    assert says in found.stdout + found.stderr
    assert "Traceback" not in found.stderr


def test_every_recipe_that_trains_has_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    commands = parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    assert commands is not None
    for recipe in listed_recipes():
        assert (recipe.name in commands) == (recipe.method != "personal")
    assert main(["recipes"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [recipe.name for recipe in listed_recipes()]


ALONE = {
    "embedded": ["degraded.photos=0"],
    "iaa-lq-ava": ["model.encoder=embedded"],
    "sweep-lq": ["model.encoder=embedded", 'model.text_encoder=""'],
}
"""What lets each recipe begin with nothing but photos and their votes."""


@pytest.mark.parametrize("command", ALONE)
def test_data_that_is_not_there_is_said_and_nothing_is_written(
    tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "run"
    arguments = [command, "--data", str(tmp_path / "nowhere"), "--output", str(output)]
    changes = [part for change in ALONE[command] for part in ("--set", change)]
    assert main([*arguments, *changes]) == 1
    assert "nowhere" in capsys.readouterr().err
    assert not output.exists()


def test_neither_or_both_of_data_and_features_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["--data", "a", "--features", "b"]):
        assert main(["iaa-lq-ava", "--output", str(tmp_path / "run"), *arguments]) == 1
        assert "Either --data or --features is needed" in capsys.readouterr().err


def test_a_personal_recipe_says_which_command_follows_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "personal", "--output", str(tmp_path / "run")]) == 1
    assert "Use the command ratings" in capsys.readouterr().err
