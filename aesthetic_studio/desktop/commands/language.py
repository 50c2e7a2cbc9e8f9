"""Which language the program speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands.registry import Command
from aesthetic_studio.desktop.toolkit.language import name_of
from aesthetic_studio.translation import SYSTEM, _, languages

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


def language_commands(window: MainWindow) -> list[Command]:
    """Declare them: one a language that there is."""
    choices = {SYSTEM: _("Language as the system has it")}
    choices |= {code: _("Language: {name}").format(name=name_of(code)) for code in languages()}
    return [
        Command(
            f"edit.language.{code or 'system'}",
            text,
            "Edit",
            lambda code=code: window.memory.choose_language(window, code),  # type: ignore[misc]
            checked=lambda code=code: window.memory.settings.language == code,  # type: ignore[misc]
            group="language",
        )
        for code, text in choices.items()
    ]
