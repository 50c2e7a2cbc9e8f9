"""Undo, selection, the filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands.registry import Command

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


def edit_commands(window: MainWindow) -> list[Command]:
    """Declare them."""

    def has_undo() -> bool:  # a key that follows a decision at once is meant for that decision, written or not
        return window.history.undo_title is not None or window.decisions.is_behind(window.history)

    def has_redo() -> bool:
        return window.history.redo_title is not None or window.decisions.is_behind(window.history)

    return [
        Command(
            "edit.undo",
            "Undo",
            "Edit",
            window.decisions.undo,
            ("Ctrl+Z",),
            icon="undo",
            enabled=has_undo,
        ),
        Command(
            "edit.redo",
            "Redo",
            "Edit",
            window.decisions.redo,
            ("Ctrl+Shift+Z",),
            icon="redo",
            enabled=has_redo,
        ),
        Command(
            "edit.select_all",
            "Select all",
            "Edit",
            window.views.select_all,
            ("Ctrl+A",),
            window.views.has_photos,
            group="select",
        ),
        Command(
            "edit.copy_path",
            "Copy path",
            "Edit",
            window.copy_paths,
            ("Ctrl+Shift+C",),
            window.views.has_current,
            group="copy",
        ),
        Command("edit.filter", "Filter…", "Edit", window.focus_filter, ("/",), group="filter", icon="search"),
        Command(
            "edit.show_all", "Clear all filters", "Edit", window.filter_panel.clear, ("Ctrl+Shift+F",), group="filter"
        ),
        Command(
            "edit.save_album",
            "Save as smart album…",
            "Edit",
            window.smart_albums.save,
            ("Ctrl+S",),
            window.smart_albums.can_save,
            group="filter",
            icon="save-album",
        ),
    ]
