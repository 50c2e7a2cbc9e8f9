"""Every key can be changed: the change counts at once, everywhere, and lasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton, QTreeWidget

from aesthetic_studio.desktop.commands.key_recorder import KeyRecorder, pressed_key
from aesthetic_studio.desktop.commands.keyboard import KeyboardDialog
from aesthetic_studio.desktop.commands.keymap import KeyMap, portable, refusal
from aesthetic_studio.desktop.commands.palette import CommandPalette
from aesthetic_studio.desktop.commands.registry import Command, CommandRegistry, Scope
from aesthetic_studio.desktop.commands.sheet import ShortcutSheet
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.records import Flag, Verdict
from aesthetic_studio.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

Key, Modifier = Qt.Key, Qt.KeyboardModifier
Make = Callable[..., Any]


def registry_of(**keys: str) -> CommandRegistry:
    """Declare commands ``photo_pick="P X"`` with these keys."""
    registry = CommandRegistry()
    for name, declared in keys.items():
        registry.add(Command(name.replace("_", "."), name.title(), "Photo", lambda: None, tuple(declared.split())))
    return registry


def keys_of(registry: CommandRegistry) -> dict[str, tuple[str, ...]]:
    return {command.id: registry.keys(command.id) for command in registry}


# -- the changes -----------------------------------------------------------------------------------------------------


def test_a_key_that_is_taken_has_one_command() -> None:
    registry = registry_of(pick="P", reject="X")
    keymap = KeyMap(registry)

    keymap.add("pick", "X")

    assert keys_of(registry) == {"pick": ("P", "X"), "reject": ()}


def test_a_key_that_is_given_up_goes_back_to_the_command_it_came_with() -> None:
    registry = registry_of(pick="P", reject="X")
    keymap = KeyMap(registry)
    keymap.add("pick", "X")

    keymap.remove("pick", "X")

    assert keys_of(registry) == {"pick": ("P",), "reject": ("X",)}


def test_resetting_one_command_takes_its_keys_back_and_says_from_whom() -> None:
    registry = registry_of(pick="P", reject="X")
    keymap = KeyMap(registry)
    keymap.add("pick", "X")

    losers = keymap.reset("reject")

    assert [loser.id for loser in losers] == ["pick"]
    assert keys_of(registry) == {"pick": ("P",), "reject": ("X",)}


def test_keys_that_a_later_version_brings_still_arrive() -> None:
    stored = {"pick": {"added": ["N"], "removed": ["P"]}}

    registry = registry_of(pick="P Ctrl+P", reject="X")
    KeyMap(registry, stored)

    assert registry.keys("pick") == ("Ctrl+P", "N")


def test_a_later_version_cannot_take_a_key_that_the_person_gave() -> None:
    registry = registry_of(pick="P", compare="N")

    KeyMap(registry, {"pick": {"added": ["N"]}})

    assert keys_of(registry) == {"pick": ("P", "N"), "compare": ()}


def test_what_is_not_understood_is_passed_over_and_kept() -> None:
    stored = {"from.later": {"added": ["Q"]}, "pick": ["P"], "reject": {"added": ["no such key"]}, "unflag": 3}
    registry = registry_of(pick="P", reject="X", unflag="U")

    keymap = KeyMap(registry, stored)
    keymap.add("unflag", "F2")

    assert keys_of(registry) == {"pick": ("P",), "reject": ("X",), "unflag": ("U", "F2")}
    assert keymap.stored() == {**stored, "unflag": {"added": ["F2"]}}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["P", "X", "Ctrl+P", "Tab"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["added", "removed", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(stored=st.dictionaries(st.sampled_from(["pick", "reject", "unflag", "gone"]), json_values))
def test_whatever_is_stored_no_key_has_two_commands(stored: dict[str, Any]) -> None:
    registry = registry_of(pick="P", reject="X", unflag="U")
    keymap = KeyMap(registry, stored)

    keys = [key for command in registry for key in registry.keys(command.id)]

    assert len(keys) == len(set(keys))
    assert not any(refusal(key, registry["pick"]) for key in keys)
    assert KeyMap(registry_of(pick="P", reject="X", unflag="U"), keymap.stored()).stored() == keymap.stored()


steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "reset"]),
        st.sampled_from(["pick", "reject", "unflag"]),
        st.sampled_from(["P", "X", "U", "N", "Ctrl+N"]),
    ),
    max_size=12,
)


@given(steps=steps)
def test_however_keys_are_changed_the_next_start_finds_them_so(steps: list[tuple[str, str, str]]) -> None:
    registry = registry_of(pick="P", reject="X", unflag="U N")
    keymap = KeyMap(registry)
    for what, command_id, key in steps:
        if what == "add":
            keymap.add(command_id, key)
            assert keymap.owner(key).id == command_id
        elif what == "remove":
            keymap.remove(command_id, key)
            assert key not in registry.keys(command_id)
        else:
            keymap.reset(command_id)
            assert not keymap.is_changed(command_id)

    again = registry_of(pick="P", reject="X", unflag="U N")
    KeyMap(again, keymap.stored())

    assert keys_of(again) == keys_of(registry)
    keymap.reset_all()
    assert keys_of(registry) == keys_of(registry_of(pick="P", reject="X", unflag="U N"))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("Tab", "Tab moves between the controls"),
        ("Shift+Tab", "Tab moves between the controls"),
        ("Esc", "Esc leads back"),
        ("Ctrl+C", "clipboard"),
        ("Alt+E", "menu"),
        ("F10", "menus"),
        ("Space", "Lists, buttons and text fields"),
        ("Return", "Lists, buttons and text fields"),
        ("Left", "Lists, buttons and text fields"),
        ("", "not a key"),
        ("Ctrl+K, Ctrl+S", "not a key"),
    ],
)
def test_keys_that_qt_and_text_fields_need_are_refused_in_words(key: str, said: str) -> None:
    registry = registry_of(pick="P")

    assert said in refusal(key, registry["pick"])
    with pytest.raises(ValueError, match=said):
        KeyMap(registry).add("pick", key)


def test_commands_of_the_photo_views_may_have_the_keys_that_lists_need() -> None:
    view = Command("go.next", "Next", "Go", lambda: None, ("Right",), scope=Scope.VIEWER)

    assert not refusal("Space", view)
    assert refusal("Tab", view)


def test_no_declared_key_would_be_refused(make_library: Make, show_window: Make) -> None:
    window = show_window(make_library(1))

    refused = {
        (command.id, key): refusal(key, command)
        for command in window.registry
        for key in command.shortcuts
        if refusal(key, command) or portable(key) != key
    }

    assert refused == {}


# -- the window ------------------------------------------------------------------------------------------------------


def test_menus_tips_palette_and_sheet_follow_a_changed_key_at_once(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    window = show_window(make_library())
    window.keymap.add("view.grid", "F3")
    window.keymap.remove("view.grid", "G")
    window.keymap.add("edit.show_all", "F4")
    window.keymap.remove("edit.show_all", "Ctrl+Shift+F")
    window.memory.take_keys(window)

    sheet, palette = ShortcutSheet(window.registry), CommandPalette(window.registry)
    for dialog in (sheet, palette):
        qtbot.addWidget(dialog)
    listed = palette.findChild(QTreeWidget).findItems("View: Grid", Qt.MatchFlag.MatchExactly)

    assert [key.toString() for key in window.actions_["view.grid"].shortcuts()] == ["F3"]
    assert window.actions_["view.grid"].toolTip() == "Grid (F3)"
    assert window.chips.findChild(QPushButton, "showAll").toolTip() == "Show all (F4)"
    assert "Grid: F3" in {label.accessibleName() for label in sheet.findChildren(QLabel)}
    assert [item.text(1) for item in listed] == ["F3"]


def test_a_changed_key_decides_and_the_old_one_does_nothing(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library()
    window = show_window(library, keys={"photo.pick": {"added": ["F2"], "removed": ["P"]}})

    qtbot.keyClick(window.grid, Key.Key_P)
    window.views.go_to(library.ids[1])
    with qtbot.waitSignal(window.verdicts.applied, timeout=5000):
        qtbot.keyClick(window.grid, Key.Key_F2)
    window.close()

    assert library.verdict(library.ids[0]) == Verdict()
    assert library.verdict(library.ids[1]) == Verdict(flag=Flag.PICK)


@pytest.mark.parametrize(
    ("command", "key", "held", "view"),
    [
        ("go.next", Key.Key_Right, Modifier.NoModifier, "grid"),
        ("go.next", Key.Key_Right, Modifier.NoModifier, "loupe"),
        ("go.last", Key.Key_End, Modifier.NoModifier, "grid"),
        ("go.last", Key.Key_End, Modifier.NoModifier, "burst"),
        ("go.page_down", Key.Key_PageDown, Modifier.NoModifier, "grid"),
        ("go.select_right", Key.Key_Right, Modifier.ShiftModifier, "grid"),
        ("edit.select_all", Key.Key_A, Modifier.ControlModifier, "grid"),
        ("edit.toggle_selected", Key.Key_Space, Modifier.ControlModifier, "grid"),
        ("view.open", Key.Key_Return, Modifier.NoModifier, "grid"),
        ("view.open", Key.Key_Return, Modifier.NoModifier, "burst"),
    ],
)
def test_no_view_acts_on_a_key_that_was_taken_from_its_command(
    qtbot: QtBot, make_library: Make, show_window: Make, command: str, key: Qt.Key, held: Qt.KeyboardModifier, view: str
) -> None:
    library = make_library(24)
    library.group(library.ids[:3])
    window = show_window(library)
    window.registry.run(f"view.{view}")

    def state() -> tuple[Any, ...]:
        return window.views.mode, window.views.current_id(), list(window.grid.selected_ids())

    before = state()
    qtbot.keyClick(window.focusWidget(), key, held)
    moved = state()
    window.registry.run(f"view.{view}")
    window.views.go_to(before[1])
    window.grid.select_ids(before[2])
    for each in window.registry.keys(command):
        window.keymap.remove(command, each)
    window.memory.take_keys(window)
    qtbot.keyClick(window.focusWidget(), key, held)

    assert moved != before, "the key does something while it is the command's"
    assert state() == before


def test_shift_and_arrows_select_on_the_way(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    window = show_window(library)

    for _ in range(2):
        qtbot.keyClick(window.grid, Key.Key_Right, Modifier.ShiftModifier)

    assert list(window.grid.selected_ids()) == library.ids[:3]


def test_shift_and_arrows_move_the_zoomed_photo(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    window = show_window(make_library())
    window.registry.run("view.zoom")
    window.loupe.zoom_to(1.0)
    before = window.loupe.photo_rect()

    qtbot.keyClick(window.loupe, Key.Key_Right, Modifier.ShiftModifier)

    assert window.loupe.photo_rect().left() < before.left()


# -- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def open_page(qtbot: QtBot, make_library: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Open the keyboard page over a window that remembers."""
    monkeypatch.setattr(MainWindow, "rescan", lambda _window: None)

    def open_() -> tuple[MainWindow, KeyboardDialog]:
        window = MainWindow(make_library(2).catalogue, settings_path=tmp_path / "settings.json")
        qtbot.addWidget(window)
        dialog = KeyboardDialog(window.registry, window.keymap, window)
        dialog.keys_changed.connect(lambda: window.memory.take_keys(window))
        qtbot.addWidget(dialog)
        dialog.show()
        return window, dialog

    return open_


def press(qtbot: QtBot, dialog: KeyboardDialog, key: Qt.Key, held: Modifier = Modifier.NoModifier) -> None:
    """Press a key as the new one of the marked command."""
    recorder = dialog.findChild(KeyRecorder)
    recorder.click()
    qtbot.keyClick(recorder, key, held)


def said(dialog: KeyboardDialog) -> str:
    return dialog.findChild(QLabel, "keyMessage").text()


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_a_new_key_is_recorded_by_pressing_it_and_lasts(qtbot: QtBot, open_page: Make, tmp_path: Path) -> None:
    window, dialog = open_page()
    dialog.show_command("photo.pick")

    press(qtbot, dialog, Key.Key_F2, Modifier.ControlModifier)
    window.close()

    assert window.registry.keys("photo.pick") == ("P", "Ctrl+F2")
    assert load_settings(tmp_path / "settings.json").keys == {"photo.pick": {"added": ["Ctrl+F2"]}}


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_a_clash_names_the_other_command_and_can_be_resolved(qtbot: QtBot, open_page: Make) -> None:
    window, dialog = open_page()
    dialog.show_command("photo.pick")

    press(qtbot, dialog, Key.Key_X)
    asked, before = said(dialog), window.registry.keys("photo.reject")
    dialog.findChild(QPushButton, "takeKey").click()

    assert asked == "X is the key of “Reject”."
    assert before == ("X",)
    assert window.registry.keys("photo.pick") == ("P", "X")
    assert window.registry.keys("photo.reject") == ()
    assert "“Reject” has no key now" in said(dialog)


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_a_clash_that_is_left_changes_nothing(qtbot: QtBot, open_page: Make) -> None:
    window, dialog = open_page()
    dialog.show_command("photo.pick")

    press(qtbot, dialog, Key.Key_X)
    dialog.findChild(QPushButton, "leaveKey").click()

    assert window.registry.keys("photo.pick") == ("P",)
    assert window.registry.keys("photo.reject") == ("X",)
    assert said(dialog) == ""


@pytest.mark.qt_log_ignore("propagateSizeHints")
@pytest.mark.parametrize("key", [Key.Key_Tab, Key.Key_Escape, Key.Key_Space])
def test_a_key_that_is_refused_is_heard_and_explained(qtbot: QtBot, open_page: Make, key: Qt.Key) -> None:
    window, dialog = open_page()
    dialog.show_command("photo.pick")

    press(qtbot, dialog, key)

    assert dialog.isVisible(), "Esc is heard and does not close the page"
    assert len(said(dialog)) > 20
    assert window.registry.keys("photo.pick") == ("P",)


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_one_command_and_all_commands_are_reset(qtbot: QtBot, open_page: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    window, dialog = open_page()
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    for command, key in (("photo.pick", Key.Key_F2), ("photo.reject", Key.Key_F3)):
        dialog.show_command(command)
        press(qtbot, dialog, key)

    dialog.findChild(QPushButton, "resetKey").click()
    after_one = window.registry.keys("photo.pick"), window.registry.keys("photo.reject")
    next(button for button in dialog.findChildren(QPushButton) if button.text() == "Reset all…").click()

    assert after_one == (("P", "F2"), ("X",))
    assert window.registry.keys("photo.pick") == ("P",)


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_a_command_is_found_by_its_words_and_by_its_key(qtbot: QtBot, open_page: Make) -> None:
    _, dialog = open_page()
    tree = dialog.findChild(QTreeWidget)
    found = {}
    for typed in ("remove flag and", "ctrl+k", "qqq"):
        dialog.findChildren(type(dialog._filter))[0].setText(typed)
        groups = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
        found[typed] = [group.child(row).text(0) for group in groups for row in range(group.childCount())]

    assert found == {"remove flag and": ["Remove flag and go on"], "ctrl+k": ["All commands…"], "qqq": []}


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_tab_walks_from_the_list_over_the_keys_to_the_new_one(qtbot: QtBot, open_page: Make) -> None:
    _, dialog = open_page()
    dialog.activateWindow()
    dialog.show_command("go.next")
    QApplication.processEvents()
    dialog.findChild(QTreeWidget).setFocus()
    met = []

    for _ in range(3):
        qtbot.keyClick(dialog.focusWidget(), Key.Key_Tab)
        met.append(dialog.focusWidget().accessibleName())

    assert met == ["Take Right from Next photo", "Take Space from Next photo", "Add a key"]


@pytest.mark.parametrize(
    ("key", "held", "text", "scan", "written"),
    [
        (Key.Key_P, Modifier.ShiftModifier, "P", 0, "Shift+P"),
        (Key.Key_Question, Modifier.ShiftModifier, "?", 0, "?"),
        (Key.Key_Backtab, Modifier.ShiftModifier, "", 0, "Shift+Tab"),
        (Key.Key_5, Modifier.KeypadModifier, "5", 0, "5"),
        (Key.Key_Left, Modifier.ShiftModifier, "", 0, "Shift+Left"),
    ],
)
def test_a_pressed_key_is_written_as_commands_are_declared(
    key: Qt.Key, held: Modifier, text: str, scan: int, written: str
) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, key, held, scan, 0, 0, text)

    assert pressed_key(event) == written


def test_the_sign_above_a_digit_counts_as_the_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aesthetic_studio.desktop.commands.key_recorder.sys.platform", "linux")
    event = QKeyEvent(QEvent.Type.KeyPress, Key.Key_Dollar, Modifier.ShiftModifier, 13, 0, 0, "$")

    assert pressed_key(event) == "Shift+4"


def test_held_modifiers_are_no_key_yet(qtbot: QtBot) -> None:
    recorder = KeyRecorder()
    qtbot.addWidget(recorder)
    heard: list[str] = []
    recorder.recorded.connect(heard.append)
    recorder.click()

    for key in (Key.Key_Control, Key.Key_Shift, Key.Key_AltGr):
        QApplication.sendEvent(recorder, QKeyEvent(QEvent.Type.KeyPress, key, Modifier.ControlModifier))

    assert heard == []
    assert recorder.is_listening()
