"""What is shown, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands.registry import Command, Scope, needs
from aesthetic_studio.desktop.loupe.marks import Overlay
from aesthetic_studio.desktop.toolkit.appearance import Theme
from aesthetic_studio.desktop.toolkit.words import SORT_NAMES
from aesthetic_studio.translation import N_, Texts, _, inside

if TYPE_CHECKING:
    from aesthetic_studio.albums import SortKey
    from aesthetic_studio.desktop.album import Album
    from aesthetic_studio.desktop.views import Views
    from aesthetic_studio.desktop.window import MainWindow

ZOOM_LEVELS = (
    ("view.fit", N_("Fit into the window"), "", None, ""),
    ("view.zoom_50", N_("Zoom to 50 %"), "", 0.5, ""),
    ("view.zoom", N_("Zoom to 1:1"), "Z", 1.0, "zoom"),
    ("view.zoom_200", N_("Zoom to 200 %"), "Shift+Z", 2.0, ""),
)
"""Id, text, key, device pixels for one pixel of the photo, icon."""

OVERLAYS = (
    (Overlay.PEAKING, N_("Focus peaking: sharp edges"), "K"),
    (Overlay.CLIPPING, N_("Clipping: burnt out and blocked"), "J"),
    (Overlay.THIRDS, N_("Lines at the thirds"), "T"),
    (Overlay.AF_POINT, N_("AF point of the camera"), "A"),
)


SORTS_WITH_KEYS = 4
"""The orders that the menu lists; the tool bar and the palette have them all."""
THEMES = Texts(
    {
        Theme.DARK: N_("Dark theme"),
        Theme.LIGHT: N_("Light theme"),
        Theme.SYSTEM: N_("Theme as the system has it"),
    }
)


def view_commands(window: MainWindow) -> list[Command]:
    """Declare them."""
    views, album, viewer = window.views, window.album, Scope.VIEWER

    @needs(N_("Look at a burst first"))
    def in_burst() -> bool:
        return views.mode == "burst"

    commands = [
        Command(
            "view.grid",
            _("Grid"),
            "View",
            views.show_grid,
            ("G",),
            checked=lambda: views.mode == "grid",
            group="views",
            icon="grid",
        ),
        Command(
            "view.loupe",
            _("Loupe"),
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
            _("Open in the loupe"),
            "View",
            views.open_current,
            ("Return", "Enter"),
            views.has_current,
            scope=viewer,
            listed=False,
            group="views",
        ),
        Command(
            "view.burst",
            _("Burst"),
            "View",
            views.show_burst,
            ("B",),
            views.has_series,
            checked=lambda: views.mode == "burst",
            group="views",
            icon="burst",
        ),
        Command(
            "view.compare",
            _("Compare"),
            "View",
            window.comparing.show_compare,
            ("C",),
            views.has_current,
            checked=lambda: views.mode == "compare",
            group="views",
            icon="compare",
        ),
        Command(
            "view.survey",
            _("Survey"),
            "View",
            window.comparing.show_survey,
            ("N",),
            views.has_current,
            checked=lambda: views.mode == "survey",
            group="views",
            icon="survey",
        ),
        *_comparing_commands(window),
        *(_zoom_command(views, *level) for level in ZOOM_LEVELS),
        Command(
            "view.next_face", _("Next face"), "View", window.faces.next_face, ("Y",), views.has_current, group="zoom"
        ),
        Command(
            "view.thumbnails_larger",
            _("Larger photos"),
            "View",
            lambda: views.magnifier.resize_cells(1),
            ("Ctrl++", "Ctrl+="),
            group="zoom",
        ),
        Command(
            "view.thumbnails_smaller",
            _("Smaller photos"),
            "View",
            lambda: views.magnifier.resize_cells(-1),
            ("Ctrl+-",),
            group="zoom",
        ),
        Command(
            "view.magnify",
            _("Zoom in"),
            "View",
            lambda: views.magnifier.magnify(1),
            ("+", "="),
            scope=viewer,
            group="zoom",
        ),
        Command(
            "view.reduce",
            _("Zoom out"),
            "View",
            lambda: views.magnifier.magnify(-1),
            ("-",),
            scope=viewer,
            group="zoom",
        ),
        *(_overlay_command(views, overlay, name, key) for overlay, name, key in OVERLAYS),
        Command(
            "view.face_boxes",
            _("Boxes around faces"),
            "View",
            window.faces.toggle_boxes,
            ("Shift+Y",),
            checked=lambda: window.faces.boxes_shown,
            group="overlay",
        ),
        Command(
            "view.heat_map",
            _("Heat map: where the model looks"),
            "View",
            window.heat_map.toggle,
            ("H",),
            checked=lambda: window.heat_map.is_on,
            group="overlay",
            icon="heat-map",
        ),
        Command(
            "view.open_burst",
            _("Open or close this burst"),
            "View",
            views.toggle_series,
            ("S",),
            views.has_series,
            group="bursts",
        ),
        Command(
            "view.as_shot",
            _("Frames in the order of shooting"),
            "View",
            views.toggle_as_shot,
            ("Shift+S",),
            in_burst,
            checked=views.burst.is_set_as_shot,
            group="bursts",
        ),
        Command(
            "view.collapse",
            _("Bursts under their best frame"),
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
        Command(
            "view.turn_order", _("Turn the order round"), "View", album.toggle_direction, ("Ctrl+R",), group="sort"
        ),
        Command(
            "view.folders",
            _("Folders and filter"),
            "View",
            window.panels.toggle_left,
            ("F7",),
            checked=window.panels.left_shown,
            group="panels",
            icon="folders",
        ),
        Command(
            "view.inspector",
            _("Inspector"),
            "View",
            window.panels.toggle_right,
            ("I",),
            checked=window.panels.right_shown,
            group="panels",
            icon="inspector",
        ),
        Command(
            "view.strip",
            _("Histogram and timeline"),
            "View",
            window.panels.toggle_strip,
            ("Ctrl+H",),
            checked=window.panels.strip_shown,
            group="panels",
            icon="strip",
        ),
        Command(
            "view.panels", _("Hide or show both panels"), "View", window.panels.toggle_both, ("F9",), group="panels"
        ),
        Command(
            "view.second_window",
            _("Loupe in a second window"),
            "View",
            window.second.toggle,
            ("Ctrl+Shift+L",),
            checked=window.second.is_open,
            group="screen",
        ),
        *(
            Command(
                f"view.theme.{theme.value}",
                text,
                "View",
                lambda theme=theme: window.memory.choose_theme(window, theme),  # type: ignore[misc]
                checked=lambda theme=theme: window.appearance.theme is theme,  # type: ignore[misc]
                group="theme",
            )
            for theme, text in THEMES.items()
        ),
        Command(
            "view.full_screen",
            _("Full screen"),
            "View",
            window.panels.toggle_full_screen,
            ("F", "F11"),
            checked=window.panels.is_full_screen,
            group="screen",
        ),
    ]


def _comparing_commands(window: MainWindow) -> list[Command]:
    """Declare what only a comparison or a survey can do; the keys of the rows above and below decide there too."""
    views, compare = window.views, window.views.compare

    @needs(N_("Compare two photos first"))
    def is_pair() -> bool:
        return views.mode == "compare"

    return [
        Command(
            "compare.promote",
            _("The challenger is better: make it the champion"),
            "View",
            compare.promote,
            enabled=is_pair,
            undoable=True,
            group="comparing",
        ),
        Command(
            "compare.keep",
            _("The champion is better: keep it"),
            "View",
            compare.keep,
            enabled=is_pair,
            undoable=True,
            group="comparing",
        ),
        Command(
            "compare.leave_out",
            _("Leave out of the comparison, not judged"),
            "View",
            compare.leave_out,
            ("O",),
            views.is_comparing,
            scope=Scope.VIEWER,
            group="comparing",
        ),
        Command(
            "compare.lock",
            _("Move this photo alone"),
            "View",
            compare.toggle_lock,
            ("L",),
            views.is_comparing,
            checked=compare.view.moves_alone,
            scope=Scope.VIEWER,
            group="comparing",
        ),
    ]


def _zoom_command(views: Views, command_id: str, text: str, key: str, scale: float | None, icon: str) -> Command:
    return Command(
        command_id,
        _(text),
        "View",
        lambda: views.magnifier.zoom(scale),
        (key,) if key else (),
        views.has_current,
        checked=lambda: views.magnifier.is_zoomed_to(scale),
        group="zoom level",
        icon=icon,
    )


def _overlay_command(views: Views, overlay: Overlay, text: str, key: str) -> Command:
    return Command(
        f"view.{overlay.name.lower()}",
        _(text),
        "View",
        lambda: views.magnifier.toggle_overlay(overlay),
        (key,),
        checked=lambda: views.loupe.has_overlay(overlay),
        group="overlay",
    )


def _sort_command(album: Album, key: SortKey, name: str, number: int) -> Command:
    return Command(
        f"view.sort.{key.value}",
        _("Sort by {name}").format(name=inside(name)),
        "View",
        lambda: album.set_sort(key),
        (f"Ctrl+{number}",) if number <= SORTS_WITH_KEYS else (),
        checked=lambda: album.query.sort is key,
        listed=number <= SORTS_WITH_KEYS,
        group="sort",
    )
