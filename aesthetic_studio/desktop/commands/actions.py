"""Turns the command registry into Qt's actions and menus.

A command's own ``enabled`` is asked when its key is pressed, so a key is never lost to a state that was not refreshed
yet; menus show what is possible at the moment they open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QWidget

from aesthetic_studio.desktop.commands.key_tips import KeyTips
from aesthetic_studio.desktop.commands.keymap import native
from aesthetic_studio.desktop.commands.registry import Command, CommandRegistry, Scope, menu_title
from aesthetic_studio.desktop.toolkit.theme import icon

if TYPE_CHECKING:
    from collections.abc import Callable


class Actions(QObject):
    """One ``QAction`` a command, and the menu bar made of them.

    Args:
        registry: The commands.
        window: Hears the keys of ``Scope.WINDOW`` and carries the menu bar.
        viewer: Hears the keys of ``Scope.VIEWER``.

    Signals:
        ran: A command was run, by whatever way.
    """

    ran = Signal(str)

    def __init__(self, registry: CommandRegistry, window: QMainWindow, viewer: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._registry = registry
        self._actions: dict[str, QAction] = {}
        self._elsewhere: dict[QWidget, dict[str, Callable[[], None]]] = {}
        self.tips = KeyTips(registry, window)
        for command in registry:
            action = self._make_action(command)
            self._actions[command.id] = action
            (viewer if command.scope is Scope.VIEWER else window).addAction(action)
        for menu in registry.menus():
            self._fill(window.menuBar().addMenu(menu_title(menu)), registry.in_menu(menu))
        self.refresh_checks()
        self.refresh_keys()

    def __getitem__(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def set_text(self, command_id: str, text: str, *, enabled: bool) -> None:
        """Give an action a text of the moment, such as what undo would take back."""
        self._actions[command_id].setText(text)
        self._actions[command_id].setIconText(self._registry[command_id].text)
        self._actions[command_id].setProperty("possible", enabled)

    def refresh_checks(self) -> None:
        """Bring every switch in line with what it switches."""
        for command in self._registry:
            if command.checked is not None:
                self._actions[command.id].setChecked(command.checked())

    def refresh_keys(self) -> None:
        """Let every action, its tool tip and all words that name a key follow the keys in force."""
        for command in self._registry:
            action, keys = self._actions[command.id], self._registry.keys(command.id)
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setToolTip(f"{command.text} ({native(keys[0])})" if keys else command.text)
        self.tips.refresh()

    def hear_in(self, window: QWidget, viewer: QWidget, instead: dict[str, Callable[[], None]]) -> None:
        """Hear all keys in one more window too; there the commands of ``instead`` do what is given with them."""
        self._elsewhere[window] = instead
        window.destroyed.connect(lambda: self._elsewhere.pop(window, None))
        for command in self._registry:
            (viewer if command.scope is Scope.VIEWER else window).addAction(self._actions[command.id])

    def suit_mode(self, mode: str) -> None:
        """Let held keys repeat what they do, but not what they decide: in compare, up and down say which is better."""
        for command_id in ("go.up", "go.down"):
            self._actions[command_id].setAutoRepeat(mode != "compare")

    def context_menu(self, parent: QWidget, command_ids: list[str]) -> QMenu:
        """Make a menu of some commands; an empty id draws a line."""
        menu = QMenu(parent)
        for command_id in command_ids:
            if command_id:
                menu.addAction(self._actions[command_id])
            else:
                menu.addSeparator()
        self._keep_true(menu, [self._registry[command_id] for command_id in command_ids if command_id])
        return menu

    def _make_action(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setObjectName(command.id)
        viewer_only = command.scope is Scope.VIEWER
        context = Qt.ShortcutContext
        action.setShortcutContext(context.WidgetWithChildrenShortcut if viewer_only else context.WindowShortcut)
        # A held arrow key scrubs; a held rating key must not rate a whole album.
        action.setAutoRepeat(command.menu == "Go" or command.id.startswith("view.thumbnails"))
        action.setMenuRole(QAction.MenuRole.NoRole)
        action.setCheckable(command.checked is not None)
        if command.icon:
            action.setIcon(icon(command.icon))
            action.setIconVisibleInMenu(False)
        action.triggered.connect(self._runner(command.id))
        return action

    def _runner(self, command_id: str) -> Callable[[], None]:
        def run() -> None:
            here = self._elsewhere.get(QApplication.activeWindow() or self._window, {})
            if command_id in here:
                here[command_id]()
            else:
                self._registry.run(command_id)
                self.ran.emit(command_id)
            self.refresh_checks()

        return run

    def _fill(self, menu: QMenu, commands: list[Command]) -> None:
        listed = [command for command in commands if command.listed]
        group = listed[0].group if listed else ""
        for command in listed:
            if command.group != group:
                menu.addSeparator()
                group = command.group
            menu.addAction(self._actions[command.id])
        self._keep_true(menu, listed)

    def _keep_true(self, menu: QMenu, commands: list[Command]) -> None:
        """Grey what is impossible while the menu is open, and only then: a key asks the command itself."""

        def on_about_to_show() -> None:
            self.refresh_checks()
            for command in commands:
                self._actions[command.id].setEnabled(command.enabled())

        def on_about_to_hide() -> None:
            for command in commands:
                self._actions[command.id].setEnabled(True)

        menu.aboutToShow.connect(on_about_to_show)
        menu.aboutToHide.connect(on_about_to_hide)
