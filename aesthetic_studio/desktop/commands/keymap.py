"""The keys that a person changed: kept as changes against the declared ones, so that keys of later versions still come.

    declared keys ── removed + added ──▶ keys in force ──▶ CommandRegistry ──▶ menus, palette, sheet, tool tips

What a settings file holds that this version does not understand is passed over, and written back as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from aesthetic_studio.desktop.commands.registry import Command, CommandRegistry, Scope
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Mapping

ADDED, REMOVED = "added", "removed"
ESCAPING = "go.photos"
"""The one command that may have the Esc key."""

Key, Modifier = Qt.Key, Qt.KeyboardModifier
PLAIN = frozenset({Modifier.NoModifier, Modifier.ShiftModifier})
STEERING = frozenset(
    {
        *(Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_Home, Key.Key_End, Key.Key_PageUp),
        *(Key.Key_PageDown, Key.Key_Space, Key.Key_Return, Key.Key_Enter, Key.Key_Backspace, Key.Key_Delete),
    }
)
"""Keys that lists, buttons and fields are worked with."""
TABS = frozenset({Key.Key_Tab, Key.Key_Backtab})
CLIPBOARD = frozenset({Key.Key_C, Key.Key_X, Key.Key_V})
MODIFIERS = frozenset(
    {
        *(Key.Key_Shift, Key.Key_Control, Key.Key_Alt, Key.Key_AltGr, Key.Key_Meta, Key.Key_Super_L, Key.Key_Super_R),
        *(Key.Key_CapsLock, Key.Key_NumLock, Key.Key_ScrollLock, Key.Key_Hyper_L, Key.Key_Hyper_R),
    }
)


@dataclass(frozen=True, slots=True)
class _Change:
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class KeyMap:
    """Changes which keys the commands of a registry have.

    A key has one command. Where a key that the person gave to a command is also declared for another, the person's
    word counts; the other has it again as soon as the first gives it up.

    Args:
        registry: The commands; it is told the keys in force at once and after every change.
        stored: What ``stored`` returned in an earlier run, by command id.
    """

    def __init__(self, registry: CommandRegistry, stored: Mapping[str, Any] | None = None) -> None:
        self._registry = registry
        self._foreign: dict[str, Any] = {}
        self._changes: dict[str, _Change] = {}
        for command_id, value in (stored or {}).items():
            change = _read(value) if registry.get(command_id) is not None else None
            if change is None:
                self._foreign[command_id] = value
            else:
                self._changes[command_id] = change
        self._apply()

    def owner(self, key: str) -> Command | None:
        """Find the command that has this key now."""
        return next((command for command in self._registry if key in self._registry.keys(command.id)), None)

    def declared_for(self, key: str) -> Command | None:
        """Find the command that was declared with this key, whoever has it now."""
        return next((command for command in self._registry if key in map(portable, command.shortcuts)), None)

    def is_changed(self, command_id: str) -> bool:
        """Whether a command has other keys than it was declared with."""
        return self._registry.keys(command_id) != _declared(self._registry[command_id])

    def add(self, command_id: str, key: str) -> None:
        """Give a command one more key, and take it from the command that had it.

        Raises ``ValueError`` for a key that no command may have, with the reason in words.
        """
        if reason := refusal(key, self._registry[command_id]):
            raise ValueError(reason)
        key = portable(key)
        for other, its in list(self._changes.items()):
            if other != command_id and key in its.added:
                self._drop(other, key)
        change, declared = self._change(command_id), _declared(self._registry[command_id])
        removed = tuple(each for each in change.removed if each != key)
        added = change.added if key in declared or key in change.added else (*change.added, key)
        self._changes[command_id] = _Change(added, removed)
        self._apply()

    def remove(self, command_id: str, key: str) -> None:
        """Take a key from a command."""
        self._drop(command_id, portable(key))
        self._apply()

    def reset(self, command_id: str) -> list[Command]:
        """Give a command its declared keys again, and return the commands that had got one of them."""
        self._changes.pop(command_id, None)
        self._foreign.pop(command_id, None)
        losers: list[Command] = []
        for key in _declared(self._registry[command_id]):
            for other, change in list(self._changes.items()):
                if key in change.added:
                    self._drop(other, key)
                    losers.append(self._registry[other])
        self._apply()
        return losers

    def reset_all(self) -> None:
        """Give every command its declared keys again."""
        self._changes.clear()
        self._foreign = {name: value for name, value in self._foreign.items() if self._registry.get(name) is None}
        self._apply()

    def stored(self) -> dict[str, Any]:
        """Return the changes as JSON can hold them, with whatever this version did not understand."""
        own = {
            command_id: {name: list(keys) for name, keys in ((ADDED, change.added), (REMOVED, change.removed)) if keys}
            for command_id, change in self._changes.items()
            if change != _Change()
        }
        return {**self._foreign, **own}

    # -- how ---------------------------------------------------------------------------------------------------------

    def _change(self, command_id: str) -> _Change:
        return self._changes.get(command_id, _Change())

    def _drop(self, command_id: str, key: str) -> None:
        change = self._change(command_id)
        added = tuple(each for each in change.added if each != key)
        gone = key in _declared(self._registry[command_id]) and key not in change.removed
        self._changes[command_id] = _Change(added, (*change.removed, key) if gone else change.removed)

    def _apply(self) -> None:
        given: dict[str, str] = {}
        for command_id, change in self._changes.items():
            for key in change.added:
                if not refusal(key, self._registry[command_id]):
                    given.setdefault(key, command_id)
        in_force = {}
        for command in self._registry:
            change = self._change(command.id)
            kept = [
                key
                for key in _declared(command)
                if key not in change.removed and given.get(key, command.id) == command.id
            ]
            in_force[command.id] = (*kept, *(key for key in change.added if given.get(key) == command.id))
        self._registry.use_keys({name: tuple(dict.fromkeys(keys)) for name, keys in in_force.items()})


def portable(key: str) -> str:
    """Write a key as Qt stores it, ``Ctrl+P``; empty where it is no single key."""
    sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1 or _combination(sequence).key() in (Key.Key_unknown, Key(0)):
        return ""
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def native(key: str) -> str:
    """Write a key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def keys_in_words(keys: tuple[str, ...]) -> str:
    """Write keys side by side as this system writes them."""
    return ", ".join(native(key) for key in keys)


def refusal(key: str, command: Command) -> str:
    """Say why this command cannot have this key; empty where it can."""
    if not portable(key):
        return _("This is not a key that a command can have.")
    combination = _combination(QKeySequence(key))
    bare, held, name = combination.key(), combination.keyboardModifiers(), native(key)
    of_window = bare in (Key.Key_F10, Key.Key_Menu) or (bare == Key.Key_F4 and held == Modifier.AltModifier)
    letter_with_alt = held == Modifier.AltModifier and Key.Key_A <= bare <= Key.Key_Z
    of_clipboard = held == Modifier.ControlModifier and bare in CLIPBOARD
    of_controls = command.scope is Scope.WINDOW and bare in STEERING and held in PLAIN
    reasons = {
        _("{name} alone is no key: hold it and press another.").format(name=name): bare in MODIFIERS,
        _("Tab moves between the controls, so that everything can be reached by keyboard."): bare in TABS,
        _("Esc leads back to the photos and out of every dialog."): bare == Key.Key_Escape and command.id != ESCAPING,
        _("{name} belongs to the window and its menus.").format(name=name): of_window,
        _("{name} may open a menu: Alt with a letter is kept for that.").format(name=name): letter_with_alt,
        _("Text fields need {name} for the clipboard.").format(name=name): of_clipboard,
        _("Lists, buttons and text fields need {name}. Only commands of the photo views can have it.").format(
            name=name
        ): of_controls,
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def _combination(sequence: QKeySequence) -> QKeyCombination:
    combination: QKeyCombination = sequence[0]  # type: ignore[index]  # Qt's stubs leave it out
    return combination


def _declared(command: Command) -> tuple[str, ...]:
    return tuple(portable(key) for key in command.shortcuts)


def _read(value: object) -> _Change | None:
    """Understand one command's changes; None for what was not written by this version."""
    if not isinstance(value, dict) or set(value) - {ADDED, REMOVED}:
        return None
    lists = [value.get(name, []) for name in (ADDED, REMOVED)]
    if not all(
        isinstance(keys, list) and all(isinstance(key, str) and portable(key) for key in keys) for keys in lists
    ):
        return None
    added, removed = (tuple(dict.fromkeys(map(portable, keys))) for keys in lists)
    return _Change(added, removed)
