"""What a person decides about photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aesthetic_studio.desktop.commands.registry import Command
from aesthetic_studio.desktop.toolkit.words import label_name
from aesthetic_studio.records import Flag, Label, VerdictChange
from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.window import MainWindow


LABEL_KEYS = {Label.RED: "6", Label.YELLOW: "7", Label.GREEN: "8", Label.BLUE: "9"}
FLAG_COMMANDS = {
    Flag.PICK: ("photo.pick", N_("Pick"), "P", "pick"),
    Flag.REJECT: ("photo.reject", N_("Reject"), "X", "reject"),
    Flag.NONE: ("photo.unflag", N_("Remove flag"), "U", "unflag"),
}


def photo_commands(window: MainWindow) -> list[Command]:
    """Declare them."""
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
                    _("{text} and go on").format(text=text),
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
        text = "★" * rating if rating else _("No stars")
        decide(f"photo.rate.{rating}", text, VerdictChange(rating=rating), str(rating), group="stars")
    for flag, (command_id, text, key, icon) in FLAG_COMMANDS.items():
        decide(command_id, _(text), VerdictChange(flag=flag), key, group="flag", icon=icon)
    for label in (*LABEL_KEYS, Label.PURPLE, Label.NONE):
        text = _("{colour} label").format(colour=label_name(label)) if label else _("No label")
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
            _("Make this the best of its burst"),
            "Photo",
            window.verdicts.choose_best,
            ("Shift+B",),
            window.verdicts.can_choose,
            undoable=True,
            group="best",
        ),
        Command(
            "photo.best.clear",
            _("No longer my choice of its burst"),
            "Photo",
            window.verdicts.clear_choice,
            enabled=window.verdicts.can_clear_choice,
            undoable=True,
            group="best",
        ),
    ]
    commands.append(
        Command(
            "photo.cull",
            _("Keep the best…"),
            "Photo",
            window.cull.open,
            ("Ctrl+Shift+N",),
            window.views.has_photos,
            group="cull",
        )
    )
    commands.append(
        Command(
            "photo.advance",
            _("Always go on after a decision"),
            "Photo",
            window.verdicts.toggle_advance,
            checked=lambda: window.verdicts.advance_always,
            group="advance",
        )
    )
    commands.append(
        Command(
            "photo.show_file",
            _("Show in the file manager"),
            "Photo",
            window.photo_menu.show_in_file_manager,
            ("Ctrl+Shift+E",),
            window.views.has_current,
            group="file",
        )
    )
    return commands
