"""The window's commands, declared in the order that menus, palette and shortcut sheet show them.

Keys follow what photographers know from other programs. Tab is left to moving between controls, so that everything can
be reached by keyboard; F9 hides the panels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands import Command, CommandRegistry, Scope
from aesthetic_studio.desktop.words import SORT_NAMES, label_name
from aesthetic_studio.records import Flag, Label, VerdictChange

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.desktop.album import Album
    from aesthetic_studio.desktop.window import MainWindow
    from aesthetic_studio.records import SortKey

LABEL_KEYS = {Label.RED: "6", Label.YELLOW: "7", Label.GREEN: "8", Label.BLUE: "9"}
FLAG_COMMANDS = {
    Flag.PICK: ("photo.pick", "Pick", "P", "pick"),
    Flag.REJECT: ("photo.reject", "Reject", "X", "reject"),
    Flag.NONE: ("photo.unflag", "Remove flag", "U", "unflag"),
}


def build_registry(window: MainWindow) -> CommandRegistry:
    """Declare every command of the window."""
    registry = CommandRegistry()
    for commands in (_library, _edit, _photo, _go, _view, _help):
        for command in commands(window):
            registry.add(command)
    return registry


def _library(window: MainWindow) -> list[Command]:
    work, dialogs = window.work, window.dialogs
    has_folders: Callable[[], bool] = lambda: bool(window.news.overview and window.news.overview.roots)  # noqa: E731
    working: Callable[[], bool] = lambda: window.news.is_working  # noqa: E731
    return [
        Command("library.add_folder", "Add folder…", "Library", dialogs.choose_folder, ("Ctrl+O",), icon="add-folder"),
        Command("library.sample", "Open the sample album", "Library", dialogs.open_sample, icon="sample"),
        Command(
            "library.remove_folder",
            "Remove folder from the library…",
            "Library",
            dialogs.remove_folder,
            enabled=lambda: bool(window.chosen_roots()),
            group="folders",
        ),
        Command(
            "library.rescan",
            "Rescan folders",
            "Library",
            window.rescan,
            ("F5",),
            has_folders,
            group="folders",
            icon="rescan",
        ),
        Command(
            "library.pause",
            "Pause or continue",
            "Library",
            work.toggle_pause,
            ("Ctrl+Shift+P",),
            working,
            group="work",
            checked=lambda: work.is_paused,
        ),
        Command(
            "library.cancel",
            "Stop reading and scoring",
            "Library",
            window.cancel_work,
            ("Ctrl+.",),
            working,
            group="work",
        ),
        Command(
            "library.problems",
            "Files that could not be read…",
            "Library",
            dialogs.show_problems,
            group="problems",
            enabled=lambda: bool(window.news.overview and window.news.overview.totals.unreadable),
        ),
        Command("library.teach", "Teach…", "Library", dialogs.teach, ("Ctrl+T",), has_folders, group="teach"),
        Command("library.quit", "Quit", "Library", window.quit, ("Ctrl+Q",), group="quit"),
    ]


def _edit(window: MainWindow) -> list[Command]:
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
    ]


def _photo(window: MainWindow) -> list[Command]:
    commands: list[Command] = []

    def decide(command_id: str, text: str, change: VerdictChange, key: str, *, group: str, icon: str = "") -> None:
        has_current = window.views.has_current
        commands.append(
            Command(
                command_id,
                text,
                "Photo",
                lambda: window.verdicts.apply(change),
                (key,) if key else (),
                has_current,
                undoable=True,
                group=group,
                icon=icon,
            )
        )
        if key:
            commands.append(
                Command(
                    f"{command_id}.advance",
                    f"{text} and go on",
                    "Photo",
                    lambda: window.verdicts.apply(change, advance=True),
                    (f"Shift+{key}",),
                    has_current,
                    undoable=True,
                    listed=False,
                    group=group,
                )
            )

    for rating in range(6):
        text = "★" * rating if rating else "No stars"
        decide(f"photo.rate.{rating}", text, VerdictChange(rating=rating), str(rating), group="stars")
    for flag, (command_id, text, key, icon) in FLAG_COMMANDS.items():
        decide(command_id, text, VerdictChange(flag=flag), key, group="flag", icon=icon)
    for label in (*LABEL_KEYS, Label.PURPLE, Label.NONE):
        text = f"{label_name(label)} label" if label else "No label"
        decide(
            f"photo.label.{label.name.lower()}",
            text,
            VerdictChange(label=label),
            LABEL_KEYS.get(label, ""),
            group="label",
        )
    commands += [
        Command(
            "photo.best",
            "Make this the best of its burst",
            "Photo",
            window.verdicts.choose_best,
            ("Shift+B",),
            window.verdicts.can_choose,
            undoable=True,
            group="best",
        ),
        Command(
            "photo.best.clear",
            "No longer my choice of its burst",
            "Photo",
            window.verdicts.clear_choice,
            enabled=window.verdicts.can_clear_choice,
            undoable=True,
            group="best",
        ),
    ]
    commands.append(
        Command(
            "photo.advance",
            "Always go on after a decision",
            "Photo",
            window.verdicts.toggle_advance,
            checked=lambda: window.verdicts.advance_always,
            group="advance",
        )
    )
    commands.append(
        Command(
            "photo.show_file",
            "Show in the file manager",
            "Photo",
            window.show_in_file_manager,
            ("Ctrl+Shift+E",),
            window.views.has_current,
            group="file",
        )
    )
    return commands


def _go(window: MainWindow) -> list[Command]:
    views, viewer = window.views, Scope.VIEWER
    has = views.has_photos
    return [
        Command("go.next", "Next photo", "Go", lambda: views.step(1), ("Right", "Space"), has, scope=viewer),
        Command(
            "go.previous", "Previous photo", "Go", lambda: views.step(-1), ("Left", "Backspace"), has, scope=viewer
        ),
        Command("go.up", "Row above", "Go", lambda: views.step_row(-1), ("Up",), has, scope=viewer, listed=False),
        Command("go.down", "Row below", "Go", lambda: views.step_row(1), ("Down",), has, scope=viewer, listed=False),
        Command("go.first", "First photo", "Go", lambda: views.go_to_end(first=True), ("Home",), has, scope=viewer),
        Command("go.last", "Last photo", "Go", lambda: views.go_to_end(first=False), ("End",), has, scope=viewer),
        Command(
            "go.next_unrated",
            "Next unrated photo",
            "Go",
            window.verdicts.next_unrated,
            ("Ctrl+Right",),
            has,
            group="unrated",
        ),
        Command("go.photos", "Back to the photos", "Go", window.go_back, ("Esc",), group="focus"),
        Command("go.next_pane", "Next pane", "Go", lambda: window.panels.next_pane(1), ("F6",), group="focus"),
        Command(
            "go.previous_pane",
            "Previous pane",
            "Go",
            lambda: window.panels.next_pane(-1),
            ("Shift+F6",),
            group="focus",
            listed=False,
        ),
    ]


def _view(window: MainWindow) -> list[Command]:
    views, album, viewer = window.views, window.album, Scope.VIEWER
    commands = [
        Command(
            "view.grid",
            "Grid",
            "View",
            views.show_grid,
            ("G",),
            checked=lambda: views.mode == "grid",
            group="views",
            icon="grid",
        ),
        Command(
            "view.loupe",
            "Loupe",
            "View",
            views.show_loupe,
            ("E",),
            views.has_current,
            checked=lambda: views.mode == "loupe",
            group="views",
            icon="loupe",
        ),
        Command(
            "view.open",
            "Open in the loupe",
            "View",
            views.show_loupe,
            ("Return", "Enter"),
            views.has_current,
            scope=viewer,
            listed=False,
            group="views",
        ),
        Command(
            "view.burst",
            "Burst",
            "View",
            views.show_burst,
            ("B",),
            views.has_series,
            checked=lambda: views.mode == "burst",
            group="views",
            icon="burst",
        ),
        Command("view.zoom", "Zoom to 1:1", "View", views.zoom, ("Z",), views.has_current, group="zoom", icon="zoom"),
        Command(
            "view.thumbnails_larger",
            "Larger photos",
            "View",
            lambda: views.resize_cells(1),
            ("Ctrl++", "Ctrl+="),
            group="zoom",
        ),
        Command(
            "view.thumbnails_smaller",
            "Smaller photos",
            "View",
            lambda: views.resize_cells(-1),
            ("Ctrl+-",),
            group="zoom",
        ),
        Command("view.magnify", "Zoom in", "View", lambda: views.magnify(1), ("+", "="), scope=viewer, group="zoom"),
        Command("view.reduce", "Zoom out", "View", lambda: views.magnify(-1), ("-",), scope=viewer, group="zoom"),
        Command(
            "view.thirds",
            "Lines at the thirds",
            "View",
            views.toggle_thirds,
            ("T",),
            checked=lambda: views.thirds,
            group="overlay",
        ),
        Command(
            "view.heat_map",
            "Heat map: where the model looks",
            "View",
            window.heat_map.toggle,
            ("H",),
            checked=lambda: window.heat_map.is_on,
            group="overlay",
            icon="heat-map",
        ),
        Command(
            "view.open_burst",
            "Open or close this burst",
            "View",
            views.toggle_series,
            ("S",),
            views.has_series,
            group="bursts",
        ),
        Command(
            "view.collapse",
            "Bursts under their best frame",
            "View",
            album.toggle_collapse,
            ("Ctrl+B",),
            checked=lambda: album.query.collapse_series,
            group="bursts",
            icon="burst",
        ),
    ]
    for number, (key, name) in enumerate(SORT_NAMES.items(), start=1):
        commands.append(_sort_command(album, key, name, number))
    return [
        *commands,
        Command("view.turn_order", "Turn the order round", "View", album.toggle_direction, ("Ctrl+R",), group="sort"),
        Command(
            "view.folders",
            "Folders and filter",
            "View",
            window.panels.toggle_left,
            ("F7",),
            checked=window.panels.left_shown,
            group="panels",
            icon="folders",
        ),
        Command(
            "view.inspector",
            "Inspector",
            "View",
            window.panels.toggle_right,
            ("I",),
            checked=window.panels.right_shown,
            group="panels",
            icon="inspector",
        ),
        Command("view.panels", "Hide or show both panels", "View", window.panels.toggle_both, ("F9",), group="panels"),
        Command(
            "view.full_screen",
            "Full screen",
            "View",
            window.panels.toggle_full_screen,
            ("F", "F11"),
            checked=window.panels.is_full_screen,
            group="screen",
        ),
    ]


def _sort_command(album: Album, key: SortKey, name: str, number: int) -> Command:
    return Command(
        f"view.sort.{key.value}",
        f"Sort by {name.lower()}",
        "View",
        lambda: album.set_sort(key),
        (f"Ctrl+{number}",),
        checked=lambda: album.query.sort is key,
        group="sort",
    )


def _help(window: MainWindow) -> list[Command]:
    dialogs = window.dialogs
    return [
        Command("help.commands", "All commands…", "Help", dialogs.show_palette, ("Ctrl+K",)),
        Command("help.keys", "Keyboard shortcuts", "Help", dialogs.show_shortcuts, ("?", "F1"), icon="keyboard"),
        Command("help.log", "Open the log folder", "Help", dialogs.open_log_folder, group="about"),
        Command("help.about", "About Aesthetic Studio", "Help", dialogs.show_about, group="about"),
    ]
