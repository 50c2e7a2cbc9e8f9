"""The keyboard page: every command with its keys, a new key by pressing it, and what stands in its way in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from aesthetic_studio.desktop.commands.key_recorder import KeyRecorder
from aesthetic_studio.desktop.commands.keymap import keys_in_words, native, refusal
from aesthetic_studio.desktop.commands.registry import menu_name
from aesthetic_studio.desktop.commands.sheet import SHARE_OF_SCREEN
from aesthetic_studio.desktop.toolkit.controls import named, push_button
from aesthetic_studio.desktop.toolkit.theme import grey
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from aesthetic_studio.desktop.commands.keymap import KeyMap
    from aesthetic_studio.desktop.commands.registry import Command, CommandRegistry

WIDTH, HEIGHT = 760, 640
ID = Qt.ItemDataRole.UserRole


class KeyboardDialog(QDialog):
    """Changes keys; every change counts at once.

    Signals:
        keys_changed: Menus and words that name keys are to follow.
    """

    keys_changed = Signal()

    def __init__(self, registry: CommandRegistry, keymap: KeyMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keyboard"))
        self.setObjectName("keyboardDialog")
        self.resize(QSize(WIDTH, HEIGHT).boundedTo(self.screen().availableSize() * SHARE_OF_SCREEN))
        self._registry, self._keymap = registry, keymap
        self._wanted: tuple[str, str] | None = None
        self._filter = QLineEdit()
        self._filter.setPlaceholderText(_("Find a command or a key"))
        self._filter.setAccessibleName(_("Find a command or a key"))
        self._filter.setClearButtonEnabled(True)
        self._list = named(QTreeWidget(), "keyList")
        self._name = QLabel()
        self._name.setProperty("role", "name")
        self._name.setWordWrap(True)
        self._caps = QHBoxLayout()
        self._recorder = named(KeyRecorder(), "recordKey")
        self._reset = push_button(_("Reset this command"), "resetKey")
        self._said = named(QLabel(), "keyMessage")
        self._take = push_button("", "takeKey")
        self._leave = push_button(_("Leave it there"), "leaveKey")
        self._reset_all = QPushButton(_("Reset all…"))
        self._arrange()
        self._connect()
        self._fill("")

    def _arrange(self) -> None:
        self._list.setAccessibleName(_("Commands and their keys"))
        self._list.setHeaderLabels([_("Command"), _("Keys")])
        self._list.setUniformRowHeights(True)
        header = self._list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._said.setWordWrap(True)
        # Room for two lines at all times, lest the list jumps when something is said.
        self._said.setMinimumHeight(2 * self.fontMetrics().lineSpacing() + 4)
        self._said.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading)
        self._caps.setSpacing(6)
        keys = QHBoxLayout()
        keys.addLayout(self._caps)
        keys.addWidget(self._recorder)
        keys.addStretch(1)
        keys.addWidget(self._reset)
        answer = QHBoxLayout()
        answer.addWidget(self._said, 1)
        answer.addWidget(self._take)
        answer.addWidget(self._leave)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self._reset_all, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.rejected.connect(self.reject)
        for button in buttons.buttons():
            button.setAccessibleName(button.text().replace("&", ""))
            if isinstance(button, QPushButton):
                button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(self._filter)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._name)
        layout.addLayout(keys)
        layout.addLayout(answer)
        layout.addWidget(buttons)
        self._say("")

    def _connect(self) -> None:
        self._filter.textChanged.connect(self._fill)
        self._list.currentItemChanged.connect(self._on_current_changed)
        self._list.itemActivated.connect(lambda: self._recorder.listen(on=True))
        self._recorder.recorded.connect(self._on_recorded)
        self._reset.clicked.connect(self._on_reset)
        self._reset_all.clicked.connect(self._on_reset_all)
        self._take.clicked.connect(self._on_take)
        self._leave.clicked.connect(lambda: self._say(""))

    def show_command(self, command_id: str) -> None:
        """Mark a command, whatever was looked for."""
        self._filter.clear()
        for item in self._items():
            if item.data(0, ID) == command_id:
                self._list.setCurrentItem(item)

    # -- the list ----------------------------------------------------------------------------------------------------

    def _fill(self, wanted: str) -> None:
        current = self._command()
        self._list.clear()
        for menu in self._registry.menus():
            found = [command for command in self._registry.in_menu(menu) if self._matches(command, wanted)]
            if not found:
                continue
            group = QTreeWidgetItem(self._list, [menu_name(menu)])
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
            group.setForeground(0, grey("dim"))
            group.setExpanded(True)
            for command in found:
                item = QTreeWidgetItem(group, [command.text, ""])
                item.setData(0, ID, command.id)
                self._show_keys(item, command)
        items = self._items()
        kept = next((item for item in items if current and item.data(0, ID) == current.id), None)
        if items:
            self._list.setCurrentItem(kept or items[0])
        self._show_command()

    def _matches(self, command: Command, wanted: str) -> bool:
        keys = self._registry.keys(command.id)
        written = {key.casefold() for key in keys} | {native(key).casefold() for key in keys}
        words = wanted.casefold().split()
        return wanted.strip().casefold() in written or all(
            word in f"{menu_name(command.menu)} {command.text}".casefold() for word in words
        )

    def _items(self) -> list[QTreeWidgetItem]:
        groups = [self._list.topLevelItem(row) for row in range(self._list.topLevelItemCount())]
        children = [group.child(row) for group in groups if group is not None for row in range(group.childCount())]
        return [child for child in children if child is not None]

    def _show_keys(self, item: QTreeWidgetItem, command: Command) -> None:
        item.setText(1, keys_in_words(self._registry.keys(command.id)))
        changed = self._keymap.is_changed(command.id)
        font = item.font(1)
        font.setBold(changed)
        item.setFont(1, font)
        item.setForeground(1, grey("bright" if changed else "dim"))
        item.setToolTip(1, _("Changed by you") if changed else "")

    def _command(self) -> Command | None:
        item = self._list.currentItem()
        return None if item is None or item.data(0, ID) is None else self._registry[item.data(0, ID)]

    # -- the chosen command ------------------------------------------------------------------------------------------

    def _on_current_changed(self) -> None:
        self._say("")
        self._show_command()

    def _show_command(self) -> None:
        command = self._command()
        while (old := self._caps.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._name.setText("" if command is None else command.text)
        for control in (self._recorder, self._reset):
            control.setEnabled(command is not None)
        if command is None:
            return
        before: QWidget = self._list
        for key in self._registry.keys(command.id):
            cap = self._cap(command, key)
            self._caps.addWidget(cap)
            self.setTabOrder(before, cap)
            before = cap
        self.setTabOrder(before, self._recorder)
        self._reset.setEnabled(self._keymap.is_changed(command.id))

    def _cap(self, command: Command, key: str) -> QWidget:
        cap = QPushButton(f"{native(key)}  ×")
        cap.setAutoDefault(False)
        cap.setProperty("role", "key")
        cap.setAccessibleName(_("Take {key} from {text}").format(key=native(key), text=command.text))
        cap.setToolTip(_("Take {key} away").format(key=native(key)))
        cap.clicked.connect(lambda: self._on_cap(command, key))
        return cap

    # -- changes -----------------------------------------------------------------------------------------------------

    def _on_cap(self, command: Command, key: str) -> None:
        self._keymap.remove(command.id, key)
        back = self._keymap.owner(key)
        self._on_changed()
        self._say("" if back is None else _("{key} belongs to “{text}” again.").format(key=native(key), text=back.text))
        self._recorder.setFocus()

    def _on_recorded(self, key: str) -> None:
        command = self._command()
        if command is None:
            return
        owner = self._keymap.owner(key)
        if reason := refusal(key, command):
            self._say(reason)
        elif owner is None:
            self._keymap.add(command.id, key)
            self._on_changed()
            self._say(_("{key} is a key of “{text}” now.").format(key=native(key), text=command.text))
        elif owner.id == command.id:
            self._say(_("{key} is its key already.").format(key=native(key)))
        else:
            self._say(
                _("{key} is the key of “{text}”.").format(key=native(key), text=owner.text), wanted=(command.id, key)
            )
            self._take.setText(_("Take it from there"))
            self._take.setAccessibleName(_("Take {key} from {text}").format(key=native(key), text=owner.text))
            self._take.setFocus()

    def _on_take(self) -> None:
        if self._wanted is None:
            return
        command_id, key = self._wanted
        loser = self._keymap.owner(key)
        self._keymap.add(command_id, key)
        self._on_changed()
        left = () if loser is None else self._registry.keys(loser.id)
        if loser is not None and not left:
            self._say(_("Done. “{text}” has no key now.").format(text=loser.text))
        else:
            self._say(
                _("Done.")
                if loser is None
                else _("Done. “{text}” still has {keys}.").format(text=loser.text, keys=keys_in_words(left))
            )
        self._recorder.setFocus()

    def _on_reset(self) -> None:
        command = self._command()
        if command is None:
            return
        losers = self._keymap.reset(command.id)
        self._on_changed()
        names = ", ".join(f"“{loser.text}”" for loser in losers)
        self._say(
            _("Taken back from {names}.").format(names=names) if names else _("It has the keys that it came with.")
        )

    def _on_reset_all(self) -> None:
        choices = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self,
            _("Reset all keys"),
            _("Give every command the keys that it came with? Your own keys are forgotten."),
            choices.Yes | choices.No,
            choices.No,
        )
        if answer is choices.Yes:
            self._keymap.reset_all()
            self._on_changed()
            self._say(_("All keys are as they came."))

    def _on_changed(self) -> None:
        for item in self._items():
            self._show_keys(item, self._registry[item.data(0, ID)])
        self._show_command()
        self._say("")
        self.keys_changed.emit()

    def _say(self, words: str, *, wanted: tuple[str, str] | None = None) -> None:
        """Say something, and ask where a key is to be taken from another command."""
        self._wanted = wanted
        self._said.setText(words)
        self._said.setAccessibleName(words or _("Nothing to say"))
        self._take.setVisible(wanted is not None)
        self._leave.setVisible(wanted is not None)
