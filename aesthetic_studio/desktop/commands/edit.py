"""Undo, selection, the filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands.registry import Command, Scope, needs
from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


def edit_commands(window: MainWindow) -> list[Command]:
    """Declare them."""

    @needs(N_("There is nothing to take back"))
    def has_undo() -> bool:  # a key that follows a decision at once is meant for that decision, written or not
        return window.history.undo_title is not None or window.decisions.is_behind(window.history)

    @needs(N_("Nothing was taken back"))
    def has_redo() -> bool:
        return window.history.redo_title is not None or window.decisions.is_behind(window.history)

    return [
        Command(
            "edit.undo",
            _("Undo"),
            "Edit",
            window.decisions.undo,
            ("Ctrl+Z",),
            icon="undo",
            enabled=has_undo,
        ),
        Command(
            "edit.redo",
            _("Redo"),
            "Edit",
            window.decisions.redo,
            ("Ctrl+Shift+Z",),
            icon="redo",
            enabled=has_redo,
        ),
        Command(
            "edit.select_all",
            _("Select all"),
            "Edit",
            window.views.select_all,
            ("Ctrl+A",),
            window.views.has_photos,
            group="select",
        ),
        Command(
            "edit.toggle_selected",
            _("Select, or no longer"),
            "Edit",
            window.views.toggle_selected,
            ("Ctrl+Space",),
            window.views.has_current,
            scope=Scope.VIEWER,
            listed=False,
            group="select",
        ),
        Command(
            "edit.copy_path",
            _("Copy path"),
            "Edit",
            window.photo_menu.copy_paths,
            ("Ctrl+Shift+C",),
            window.views.has_current,
            group="copy",
        ),
        Command(
            "edit.find_similar",
            _("Find photos like this one"),
            "Edit",
            window.finding.similar,
            ("Ctrl+F",),
            window.views.has_current,
            group="find",
        ),
        Command("edit.find_words", _("Find by words…"), "Edit", window.finding.by_words, ("Ctrl+Alt+F",), group="find"),
        Command("edit.find_duplicates", _("Find duplicates"), "Edit", window.finding.duplicates, group="find"),
        Command("edit.filter", _("Filter…"), "Edit", window.focus_filter, ("/",), group="filter", icon="search"),
        Command(
            "edit.show_all",
            _("Clear all filters"),
            "Edit",
            window.filtering.show_all,
            ("Ctrl+Shift+F",),
            group="filter",
        ),
        Command(
            "edit.save_album",
            _("Save as smart album…"),
            "Edit",
            window.smart_albums.save,
            ("Ctrl+S",),
            window.smart_albums.can_save,
            group="filter",
            icon="save-album",
        ),
        Command("edit.keys", _("Change keys…"), "Edit", window.dialogs.show_keyboard, group="keys", icon="keyboard"),
    ]
