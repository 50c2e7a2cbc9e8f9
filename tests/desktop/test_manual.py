"""The manual and the README name keys, commands and pictures that there are."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QKeySequence

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = [REPOSITORY / "docs" / "manual.md", REPOSITORY / "README.md"]
KEY = re.compile(r"`((?:(?:Ctrl|Alt|Shift)\+)*(?:[A-Z0-9/?]|F\d+|Up|Down|Left|Right|Home|End|Enter|Esc|Space|Tab))`")
OF_PAGES = {"Alt+P", "B", "Space", "U", "Ctrl+Enter", "Tab"}
"""Keys that a page or dialog hears itself, as the manual says there."""
COMMAND = re.compile(r"\*(?:Library|Edit|Photo|Burst|Go|View|Help) → ([^*]+)\*")

Make = Callable[..., Any]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_key_and_command_that_is_named_is_there(document: Path, make_library: Make, show_window: Make) -> None:
    registry = show_window(make_library(1)).registry
    text = document.read_text(encoding="utf-8")
    known = {QKeySequence(key).toString() for command in registry for key in registry.keys(command.id)}
    texts = {command.text for command in registry}

    keys, commands = set(KEY.findall(text)) - OF_PAGES, set(COMMAND.findall(text))

    assert len(keys) > 10
    assert {key for key in keys if QKeySequence(key).toString() not in known} == set()
    assert commands - texts == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_picture_and_page_that_is_linked_is_there(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8"))

    assert links
    assert [link for link in links if not (document.parent / link).is_file()] == []
