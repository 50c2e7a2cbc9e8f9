"""What is shown, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands.registry import Command, Scope
from aesthetic_studio.desktop.toolkit.words import SORT_NAMES

if TYPE_CHECKING:
    from aesthetic_studio.albums import SortKey
    from aesthetic_studio.desktop.album import Album
    from aesthetic_studio.desktop.window import MainWindow


SORTS_WITH_KEYS = 4
"""The orders that the menu lists; the tool bar and the palette have them all."""


def view_commands(window: MainWindow) -> list[Command]:
    """Declare them."""
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
        Command(
            "view.strip",
            "Histogram and timeline",
            "View",
            window.panels.toggle_strip,
            ("Ctrl+H",),
            checked=window.panels.strip_shown,
            group="panels",
            icon="strip",
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
        (f"Ctrl+{number}",) if number <= SORTS_WITH_KEYS else (),
        checked=lambda: album.query.sort is key,
        listed=number <= SORTS_WITH_KEYS,
        group="sort",
    )
