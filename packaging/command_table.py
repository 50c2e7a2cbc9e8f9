"""Writes the manual's table of all commands with the keys they come with, from the registry that the window is made of.

    python packaging/command_table.py [--output docs/keys.md]

A test holds the written table to the program: run this after commands were added or changed.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from aesthetic_studio.desktop.app import make_application
from aesthetic_studio.desktop.toolkit.viewer_keys import VIEWER_KEYS
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.library.catalogue import Catalogue

if TYPE_CHECKING:
    from aesthetic_studio.desktop.commands.registry import Command, CommandRegistry

REPOSITORY = Path(__file__).resolve().parent.parent
HEAD = """# Commands and keys

Every command of the program with the keys it comes with. All keys can be changed: *Edit → Change keys…*. Any command is
found with `Ctrl+K` and a few letters of it; `?` shows the keys as they are now. This table is written by
`packaging/command_table.py`.
"""


def table_of(registry: CommandRegistry) -> str:
    """Write the commands menu by menu, then what the mouse does in the views."""
    parts = [HEAD]
    for menu in registry.menus():
        rows = [f"| {_escaped(command.text)} | {_keys(command)} |" for command in registry.in_menu(menu)]
        parts.append("\n".join([f"## {menu}", "", "| command | keys |", "|---|---|", *rows, ""]))
    for title, gestures in VIEWER_KEYS.items():
        rows = [f"| {_escaped(each.text)} | {_escaped(each.gesture)} |" for each in gestures]
        parts.append(
            "\n".join([f"## Mouse: {title[:1].lower()}{title[1:]}", "", "| what | how |", "|---|---|", *rows, ""])
        )
    return "\n".join(parts)


def _keys(command: Command) -> str:
    return ", ".join(f"`{_escaped(key)}`" for key in command.shortcuts)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=REPOSITORY / "docs" / "keys.md")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    make_application()
    with tempfile.TemporaryDirectory() as folder, Catalogue.open(Path(folder) / "library.sqlite") as catalogue:
        window = MainWindow(catalogue)
        arguments.output.write_text(table_of(window.registry), encoding="utf-8")
        print(f"{arguments.output}: {len(window.registry)} commands")
        window.close()
    QApplication.quit()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
