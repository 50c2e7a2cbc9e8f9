"""The palette shows keys, remembers what was used, and says why something cannot be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QTreeWidget

from aesthetic_studio.desktop.commands.palette import REMEMBERED, CommandPalette, run_last
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

Make = Callable[..., Any]
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def open_palette(qtbot: QtBot, make_library: Make, show_window: Make) -> Make:
    """Open the palette over a window."""

    def open_(photos: int = 3, **arguments: Any) -> CommandPalette:
        palette = CommandPalette(show_window(make_library(photos)).registry, **arguments)
        qtbot.addWidget(palette)
        palette.show()
        return palette

    return open_


def texts(palette: CommandPalette, count: int = 1000) -> list[str]:
    tree = palette.findChild(QTreeWidget)
    return [tree.topLevelItem(row).text(0) for row in range(min(count, tree.topLevelItemCount()))]


def type_(qtbot: QtBot, palette: CommandPalette, words: str) -> QLineEdit:
    field = palette.findChild(QLineEdit)
    qtbot.keyClicks(field, words)
    return field


def test_what_was_used_last_stands_first_until_something_is_typed(qtbot: QtBot, open_palette: Make) -> None:
    palette = open_palette(recent=["view.inspector", "photo.pick", "gone.in.this.version"])
    before = texts(palette, 3)

    type_(qtbot, palette, "sort by name")

    assert before == ["View: Inspector", "Photo: Pick", "Library: Add folder…"]
    assert texts(palette, 1) == ["View: Sort by name"]


def test_each_command_is_listed_once(open_palette: Make) -> None:
    listed = texts(open_palette(recent=["photo.pick"]))

    assert len(listed) == len(set(listed)) > 50


def test_keys_stand_beside_the_commands(open_palette: Make) -> None:
    palette = open_palette()
    tree = palette.findChild(QTreeWidget)

    assert tree.findItems("Photo: Pick", Qt.MatchFlag.MatchExactly)[0].text(1) == "P"
    assert tree.findItems("Go: Next photo", Qt.MatchFlag.MatchExactly)[0].text(1) == "Right, Space"


def test_what_cannot_be_done_says_why_and_does_not_pretend(qtbot: QtBot, open_palette: Make) -> None:
    palette = open_palette(photos=0)
    field = type_(qtbot, palette, "next photo")

    said = [label.text() for label in palette.findChildren(QLabel)]
    qtbot.keyClick(field, Qt.Key.Key_Return)

    assert "There is no photo here" in said
    assert palette.chosen is None
    assert palette.isVisible()


def test_letters_that_fit_nothing_are_told(qtbot: QtBot, open_palette: Make) -> None:
    palette = open_palette()

    type_(qtbot, palette, "qqqq")

    assert texts(palette) == []
    assert "No command has these letters" in palette.findChild(QLabel).text()


def test_the_list_of_recent_commands_has_an_end() -> None:
    recent: list[str] = []
    for number in range(20):
        recent = run_last(recent, f"command.{number % 12}")

    assert recent == [f"command.{number % 12}" for number in range(19, 19 - REMEMBERED, -1)]


def test_what_the_palette_ran_is_remembered(
    qtbot: QtBot, make_library: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MainWindow, "rescan", lambda _window: None)
    window = MainWindow(make_library(1).catalogue, settings_path=tmp_path / "settings.json")
    qtbot.addWidget(window)
    monkeypatch.setattr(CommandPalette, "exec", lambda palette: setattr(palette, "chosen", "view.inspector") or 1)

    window.dialogs.show_palette()
    window.close()

    kept = load_settings(tmp_path / "settings.json")
    assert kept.recent_commands == ["view.inspector"]
    assert not kept.inspector_shown, "and it was run"


def test_every_command_that_can_be_impossible_says_why_in_words(make_library: Make, show_window: Make) -> None:
    window = show_window(make_library(0))

    impossible = [command for command in window.registry if not command.enabled()]
    silent = [command.id for command in impossible if command.reason == "Not possible now"]

    assert silent == []
    assert len(impossible) > 30
