"""Finding photos like one, and duplicates, from the keyboard and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from aesthetic_studio.desktop.dialogs import Dialogs

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.window import MainWindow

Make = Callable[..., Any]
CTRL = Qt.KeyboardModifier.ControlModifier


def give_looks(library: Any, looks: Sequence[Sequence[float]]) -> None:
    contents = [library.catalogue.photo(photo).content_id for photo in library.ids]
    rows = [(content, np.asarray(look, "<f2").tobytes()) for content, look in zip(contents, looks, strict=False)]
    with library.catalogue.transaction():
        library.catalogue.store_looks("made", "1", rows)


def found(window: MainWindow) -> list[int]:
    return list(window.grid.model().ids)  # type: ignore[attr-defined]


def search(qtbot: QtBot, window: MainWindow, command: str) -> None:
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.registry.run(command)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    messages: list[str] = []
    monkeypatch.setattr(Dialogs, "tell", lambda _self, message, advice: messages.append(f"{message} {advice}"))
    return messages


def test_ctrl_f_shows_what_is_most_alike_and_escape_brings_all_back(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(4)
    give_looks(library, [(1, 0), (0, 1), (0.9, 0.3), (0.5, 0.5)])
    window = show_window(library)
    window.views.go_to(library.ids[2])
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_F, CTRL)
    assert found(window) == [library.ids[place] for place in (2, 0, 3, 1)]
    assert window.views.current_id() == library.ids[2]
    assert "photo-02.jpg" in window.find_bar.text()
    assert window.find_bar.isVisible()
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert found(window) == library.ids
    assert window.views.current_id() == library.ids[2]
    assert not window.find_bar.isVisible()


def test_duplicates_are_shown_group_by_group_with_frames_of_collapsed_bursts(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library(5)
    library.group(library.ids[:2])
    give_looks(library, [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0.01, 0), (0.01, 1, 0)])
    window = show_window(library)
    search(qtbot, window, "edit.find_duplicates")
    assert found(window) == [library.ids[place] for place in (0, 3, 1, 4)]
    assert "2 groups" in window.find_bar.text()


def test_a_library_without_duplicates_says_so(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(2)
    give_looks(library, [(1, 0), (0, 1)])
    window = show_window(library)
    search(qtbot, window, "edit.find_duplicates")
    assert "none" in window.find_bar.text()
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.views.nothing.show_all_wanted.emit()
    assert found(window) == library.ids


def test_a_photo_that_was_not_scored_yet_is_told_and_the_album_stays(
    qtbot: QtBot, make_library: Make, show_window: Make, told: list[str]
) -> None:
    library = make_library(3)
    window = show_window(library)
    search(qtbot, window, "edit.find_similar")
    assert "not been scored" in told[0]
    assert found(window) == library.ids
    assert not window.find_bar.isVisible()
    assert not window.finding.is_searching


def test_decisions_are_about_the_photo_that_was_found(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(3)
    give_looks(library, [(1, 0), (0, 1), (0.9, 0.1)])
    window = show_window(library)
    search(qtbot, window, "edit.find_similar")
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Right)
    with qtbot.waitSignal(window.verdicts.applied, timeout=5000):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_4)
    assert library.verdict(library.ids[2]).rating == 4
    assert found(window) == [library.ids[place] for place in (0, 2, 1)]
