"""Folders in, work on them, the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands.registry import Command, needs
from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


def library_commands(window: MainWindow) -> list[Command]:
    """Declare them."""
    work, dialogs = window.work, window.dialogs

    @needs(N_("The library has no folder yet"))
    def has_folders() -> bool:
        return bool(window.news.overview and window.news.overview.roots)

    @needs(N_("Nothing is read or scored now"))
    def working() -> bool:
        return window.news.is_working

    @needs(N_("Choose a folder of the library first"))
    def has_chosen() -> bool:
        return bool(window.chosen_roots())

    @needs(N_("Every file could be read"))
    def has_problems() -> bool:
        return bool(window.news.overview and window.news.overview.totals.unreadable)

    return [
        Command(
            "library.add_folder", _("Add folder…"), "Library", dialogs.choose_folder, ("Ctrl+O",), icon="add-folder"
        ),
        Command("library.sample", _("Open the sample album"), "Library", dialogs.open_sample, icon="sample"),
        Command("library.sample_shoot", _("Open the sample shoot"), "Library", dialogs.open_shoot),
        Command(
            "library.remove_folder",
            _("Remove folder from the library…"),
            "Library",
            dialogs.remove_folder,
            enabled=has_chosen,
            group="folders",
        ),
        Command(
            "library.rescan",
            _("Rescan folders"),
            "Library",
            window.rescan,
            ("F5",),
            has_folders,
            group="folders",
            icon="rescan",
        ),
        Command(
            "library.pause",
            _("Pause or continue"),
            "Library",
            work.toggle_pause,
            ("Ctrl+Shift+P",),
            working,
            group="work",
            checked=lambda: work.is_paused,
        ),
        Command(
            "library.cancel",
            _("Stop reading and scoring"),
            "Library",
            window.cancel_work,
            ("Ctrl+.",),
            working,
            group="work",
        ),
        Command(
            "library.problems",
            _("Files that could not be read…"),
            "Library",
            dialogs.show_problems,
            group="problems",
            enabled=has_problems,
        ),
        Command("library.teach", _("Teach…"), "Library", dialogs.teach, ("Ctrl+T",), has_folders, group="teach"),
        Command("library.quit", _("Quit"), "Library", window.quit, ("Ctrl+Q",), group="quit"),
    ]
