"""One key press to what is still to be done, and to what was decided; the same again shows all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aesthetic_studio.albums import Comparison, PhotoFilter
from aesthetic_studio.desktop.commands.registry import Command
from aesthetic_studio.records import Flag
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow

Fields = dict[str, Any]
"""Fields of a ``PhotoFilter``."""

UNRATED: Fields = {"rating": 0, "rating_comparison": Comparison.EXACTLY}
UNDECIDED: Fields = {**UNRATED, "flags": frozenset({Flag.NONE})}
PICKS: Fields = {"flags": frozenset({Flag.PICK})}
REJECTS: Fields = {"flags": frozenset({Flag.REJECT})}
NOTHING: Fields = {name: getattr(PhotoFilter(), name) for name in UNDECIDED}


def quick_filter_commands(window: MainWindow) -> list[Command]:
    """Declare them."""

    def quick(command_id: str, text: str, key: str, wanted: Fields) -> Command:
        def is_on() -> bool:
            return window.filtering.wanted() == narrowed(window.filtering.wanted(), wanted)

        def toggle() -> None:
            window.filtering.show_filter(narrowed(window.filtering.wanted(), NOTHING if is_on() else wanted))

        return Command(command_id, text, "Edit", toggle, (key,), checked=is_on, group="quick filter")

    return [
        quick("edit.only_undecided", _("Only what is undecided"), "Ctrl+Alt+U", UNDECIDED),
        quick("edit.only_picks", _("Only picks"), "Ctrl+Alt+P", PICKS),
        quick("edit.only_rejects", _("Only rejects"), "Ctrl+Alt+X", REJECTS),
    ]


def narrowed(before: PhotoFilter, wanted: Fields) -> PhotoFilter:
    """The filter with stars and flags replaced; folders, dates and all else stay."""
    return replace(before, **{**NOTHING, **wanted})
