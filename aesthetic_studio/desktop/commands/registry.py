"""Every action a person can take, declared once: menus, keys, the palette and the shortcut sheet are made from it.

Pure Python, so that a test or a manual can be made from the same list without a window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Asks = TypeVar("Asks", bound=Callable[..., bool])


class Scope(Enum):
    """Where a command's keys are heard."""

    WINDOW = "window"
    """Anywhere in the window. A text field that has the focus still takes the letters typed into it."""
    VIEWER = "viewer"
    """Only while the grid, loupe or burst view has the focus: keys such as Space that also work other controls."""


MENUS = {
    "Library": N_("&Library"),
    "Edit": N_("&Edit"),
    "Photo": N_("&Photo"),
    "Burst": N_("B&urst"),
    "Go": N_("&Go"),
    "View": N_("&View"),
    "Help": N_("&Help"),
}
"""The title of each menu, with the letter that opens it."""


NOT_NOW = N_("Not possible now")


def menu_title(menu: str) -> str:
    """The title of a menu in the language in force, with the letter that opens it: ``&Edit``."""
    return _(MENUS.get(menu, menu))


def menu_name(menu: str) -> str:
    """The name of a menu in the language in force: ``Edit``."""
    return menu_title(menu).replace("&", "")


def _always() -> bool:
    return True


def needs(reason: str) -> Callable[[Asks], Asks]:
    """Let a question of the kind ``Command.enabled`` say in words what is missing where its answer is no."""

    def mark(asks: Asks) -> Asks:
        asks.reason = reason  # type: ignore[attr-defined]
        return asks

    return mark


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can do.

    Attributes:
        id: Stable name, ``photo.rate.3``.
        text: What menus, palette and sheet say.
        menu: The menu that holds it, by its English name; also its heading in the sheet, as ``menu_name`` says it.
        do: Does it.
        shortcuts: The keys it comes with, in Qt's portable notation, the one to show first. Which keys it has now says
            ``CommandRegistry.keys``: a person may change them.
        enabled: Whether it can be done now.
        checked: For a switch: whether it is on now.
        undoable: It is a decision that undo takes back.
        scope: Where its keys are heard.
        listed: Whether it has a place in the menu; variants such as rate-and-advance live in palette and sheet only.
        group: Commands of one menu with the same group stand together between separators.
        icon: Name of its icon, empty for none.
    """

    id: str
    text: str
    menu: str
    do: Callable[[], None]
    shortcuts: tuple[str, ...] = ()
    enabled: Callable[[], bool] = _always
    checked: Callable[[], bool] | None = None
    undoable: bool = False
    scope: Scope = Scope.WINDOW
    listed: bool = True
    group: str = ""
    icon: str = ""

    @property
    def reason(self) -> str:
        """Why it cannot be done, where it cannot."""
        return _(str(getattr(self.enabled, "reason", NOT_NOW)))


class CommandRegistry:
    """The commands of one window, in the order they were declared.

    Raises ``ValueError`` for an id or a key that is declared twice, so a clash is met when the program is built and not
    by a user whose key does nothing.
    """

    def __init__(self) -> None:
        self._commands: dict[str, Command] = {}
        self._keys: dict[str, str] = {}
        self._in_force: dict[str, tuple[str, ...]] = {}

    def add(self, command: Command) -> None:
        """Declare one command."""
        if command.id in self._commands:
            raise ValueError(f"the command {command.id} is declared twice")
        for key in command.shortcuts:
            if key in self._keys:
                raise ValueError(f"{key} is a key of both {self._keys[key]} and {command.id}")
            self._keys[key] = command.id
        self._commands[command.id] = command

    def __getitem__(self, command_id: str) -> Command:
        return self._commands[command_id]

    def get(self, command_id: str) -> Command | None:
        """Find a command, None where there is no such."""
        return self._commands.get(command_id)

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def __len__(self) -> int:
        return len(self._commands)

    def keys(self, command_id: str) -> tuple[str, ...]:
        """List the keys that a command has now, the one to show first."""
        return self._in_force.get(command_id, self[command_id].shortcuts)

    def use_keys(self, in_force: Mapping[str, tuple[str, ...]]) -> None:
        """Let these commands have these keys; the others have those they were declared with."""
        self._in_force = dict(in_force)

    def menus(self) -> list[str]:
        """Menu titles in the order they were first named."""
        return list(dict.fromkeys(command.menu for command in self))

    def in_menu(self, menu: str) -> list[Command]:
        """List the commands of one menu, in order."""
        return [command for command in self if command.menu == menu]

    def run(self, command_id: str) -> bool:
        """Do a command if it can be done now; says whether it was."""
        command = self[command_id]
        if not command.enabled():
            return False
        command.do()
        return True

    def search(self, text: str) -> list[Command]:
        """Commands that match what was typed, best first; all of them for no text."""
        if not text.strip():
            return list(self)
        ranked = [(match_quality(text, f"{menu_name(command.menu)} {command.text}"), command) for command in self]
        found = [(quality, command) for quality, command in ranked if quality is not None]
        return [command for _, command in sorted(found, key=lambda pair: -pair[0])]


def match_quality(typed: str, text: str) -> float | None:
    """How well ``typed`` fits ``text``: letters occur in order, best at word starts and side by side; None if not."""
    wanted = typed.lower().replace(" ", "")
    letters = text.lower()
    places = _places(wanted, letters, prefer_word_starts=True) or _places(wanted, letters, prefer_word_starts=False)
    if places is None:
        return None
    phrase = typed.lower().strip()
    quality = 8.0 if f" {phrase} " in f" {letters} " else 5.0 if phrase in letters else 0.0
    for previous, place in zip([-2, *places], places, strict=False):
        starts_word = place == 0 or not letters[place - 1].isalnum()
        quality += 3.0 if place == previous + 1 else 2.0 if starts_word else 0.5
    return quality


def _places(wanted: str, letters: str, *, prefer_word_starts: bool) -> list[int] | None:
    """Where each wanted letter stands; None where they do not all occur in order."""
    places: list[int] = []
    for letter in wanted:
        start = places[-1] + 1 if places else 0
        place = letters.find(letter, start)
        if prefer_word_starts and place != start:
            place = next((p for p in _word_starts(letters, start) if letters[p] == letter), place)
        if place < 0:
            return None
        places.append(place)
    return places


def _word_starts(letters: str, start: int) -> Iterator[int]:
    return (p for p in range(start, len(letters)) if letters[p].isalnum() and (p == 0 or not letters[p - 1].isalnum()))
