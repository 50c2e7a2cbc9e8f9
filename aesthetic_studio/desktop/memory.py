"""What one window remembers between runs, and when it is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aesthetic_studio.settings import Settings, save_settings
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from pathlib import Path

    from aesthetic_studio.desktop.toolkit.appearance import Theme
    from aesthetic_studio.desktop.window import MainWindow


class Memory:
    """Holds the settings of one window.

    Args:
        settings: What was remembered from the last run.
        path: Where to remember it; None to forget.
    """

    def __init__(self, settings: Settings, path: Path | None) -> None:
        self.settings = settings
        self._path = path

    def change(self, **fields: Any) -> None:
        """Take up other values; they are written when the window closes."""
        self.settings = replace(self.settings, **fields)

    def keep(self, **fields: Any) -> None:
        """Take up other values and write them at once."""
        self.change(**fields)
        if self._path is not None:
            save_settings(self.settings, self._path)

    # -- what a person chose -----------------------------------------------------------------------------------------

    def choose_theme(self, window: MainWindow, theme: Theme) -> None:
        """Let the program wear another theme."""
        window.appearance.choose(theme)
        self.keep(theme=theme.value)

    def choose_language(self, window: MainWindow, code: str) -> None:
        """Let the program speak another language from its next start on."""
        self.keep(language=code)
        window.status.show_message(_("The program speaks this language when it is started again"))
        window.actions_.refresh_checks()

    def take_keys(self, window: MainWindow) -> None:
        """Let everything that names or hears keys follow those in force."""
        window.actions_.refresh_keys()
        self.keep(keys=window.keymap.stored())

    def close(self, window: MainWindow) -> None:
        """Remember how the window stands."""
        query = window.album.query
        self.settings = window.panels.remember(self.settings)
        self.keep(
            thumbnail_size=window.grid.cell_size(),
            sort=query.sort.value,
            descending=query.descending,
            collapse_series=query.collapse_series,
            advance=window.verdicts.advance_always,
            more_filters=window.filter_panel.more_shown(),
        )
