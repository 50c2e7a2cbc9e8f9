"""The window speaks the language that was chosen, Qt's own words too, and says the next start's at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel

from aesthetic_studio import translation
from aesthetic_studio.desktop.toolkit.language import name_of, speak
from aesthetic_studio.desktop.toolkit.words import count_of, spread_in_words
from aesthetic_studio.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from pytestqt.qtbot import QtBot


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    speak(qapp, "de")
    yield
    speak(qapp, "en")
    QLocale.setDefault(before)


@pytest.mark.usefixtures("german")
def test_no_command_menu_or_reason_of_a_german_window_is_english(
    make_library: Callable[..., Any], show_window: Callable[..., Any]
) -> None:
    library = make_library(2)
    window = show_window(library)
    said = {command.id: command.text for command in window.registry}
    reasons = {command.id: command.reason for command in window.registry}

    translation.use("en")
    window.close()
    registry = show_window(library).registry

    stars = {f"photo.rate.{number}" for number in range(1, 6)} | {"edit.language.en", "edit.language.de"}
    assert {each.id for each in registry if each.text == said[each.id]} - stars == set()
    assert {each.id for each in registry if each.reason == reasons[each.id]} == set()


@pytest.mark.parametrize("code", translation.languages())
def test_the_letters_that_open_menus_and_reach_filters_are_one_for_each(
    code: str, qapp: QApplication, make_library: Callable[..., Any], show_window: Callable[..., Any]
) -> None:
    before = QLocale()
    speak(qapp, code)
    try:
        window = show_window(make_library(2))
        titles = [action.text() for action in window.menuBar().actions()]
        captions = [label.text() for label in window.filter_panel.findChildren(QLabel) if label.buddy() is not None]
    finally:
        speak(qapp, "en")
        QLocale.setDefault(before)
    for texts in (titles, captions):
        letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        assert len(letters) > 5
        assert len(letters) == len(set(letters)), letters


@pytest.mark.usefixtures("german")
def test_dialogs_have_german_buttons(qtbot: QtBot) -> None:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(buttons)

    assert [button.text() for button in buttons.buttons()] == ["Abbrechen"]


@pytest.mark.usefixtures("german")
def test_a_command_is_found_by_its_german_words(
    make_library: Callable[..., Any], show_window: Callable[..., Any]
) -> None:
    window = show_window(make_library(2))

    assert window.registry.search("rückgängig")[0].id == "edit.undo"


@pytest.mark.usefixtures("german")
def test_what_is_undone_is_said_in_german_and_kept_in_english(
    qtbot: QtBot, make_library: Callable[..., Any], show_window: Callable[..., Any]
) -> None:
    library = make_library(3)
    window = show_window(library)

    with qtbot.waitSignal(window.decisions.history_changed):
        window.registry.run("photo.rate.3")

    qtbot.waitUntil(lambda: window.actions_["edit.undo"].text() == "Rückgängig: 1 Foto mit ★★★ bewerten")
    assert library.catalogue.undo_title() == "rating 1 photo ★★★"


def test_a_language_is_remembered_and_told_to_come_at_the_next_start(
    tmp_path: Path, qtbot: QtBot, make_library: Callable[..., Any]
) -> None:
    from aesthetic_studio.desktop.window import MainWindow

    path = tmp_path / "settings.json"
    window = MainWindow(make_library(2).catalogue, load_settings(path), settings_path=path)
    qtbot.addWidget(window)

    window.registry.run("edit.language.de")

    assert load_settings(path).language == "de"
    assert window.registry["edit.language.de"].checked()
    assert translation.language() == "en"
    window.close()


@pytest.mark.parametrize(("chosen", "code"), [("de", "de"), ("en", "en"), ("xx", "en")])
def test_the_setting_chooses_the_language(qapp: QApplication, chosen: str, code: str) -> None:
    before = QLocale()
    speak(qapp, chosen)
    try:
        assert translation.language() == code
    finally:
        speak(qapp, "en")
        QLocale.setDefault(before)


def test_without_a_setting_the_system_chooses(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    before = QLocale()
    monkeypatch.setattr(QLocale, "system", staticmethod(lambda: QLocale("de_AT")))
    speak(qapp, "")
    try:
        assert translation.language() == "de"
        assert QLocale().territory() == QLocale.Country.Austria
    finally:
        monkeypatch.undo()
        speak(qapp, "en")
        QLocale.setDefault(before)


@pytest.mark.usefixtures("german")
def test_numbers_and_counts_are_german() -> None:
    assert (count_of(1, "photo"), count_of(12345, "photo")) == ("1 Foto", "12.345 Fotos")
    assert spread_in_words(1.0) == "Die Leute wären sich einig"


def test_a_language_is_offered_under_its_own_name() -> None:
    assert [name_of(code) for code in ("en", "de")] == ["English", "Deutsch"]
