"""The manual's table of keys says what the program does."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def command_table(repository: Path) -> Any:
    """Load the script that writes the table."""
    spec = importlib.util.spec_from_file_location("command_table", repository / "packaging" / "command_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_manuals_table_is_up_to_date(
    repository: Path, make_library: Callable[..., Any], show_window: Callable[..., Any]
) -> None:
    window = show_window(make_library(1), keys={"photo.pick": {"removed": ["P"]}})

    written = (repository / "docs" / "keys.md").read_text(encoding="utf-8")

    assert written == command_table(repository).table_of(window.registry), "run python packaging/command_table.py"


def test_the_table_names_every_command_with_its_keys(repository: Path) -> None:
    written = (repository / "docs" / "keys.md").read_text(encoding="utf-8")

    assert "| Pick | `P` |" in written
    assert "| Next photo | `Right`, `Space` |" in written
    assert "| Open the sample album |  |" in written
