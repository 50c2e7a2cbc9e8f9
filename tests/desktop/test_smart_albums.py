"""Smart albums: saved from the filter that is on, shown by a click or Enter, renamed, deleted and counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QMessageBox

from aesthetic_studio.albums import PhotoFilter, PhotoQuery, SortKey
from aesthetic_studio.desktop.side.album_dialog import AlbumDialog
from aesthetic_studio.records import Flag, VerdictChange

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from aesthetic_studio.desktop.window import MainWindow

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
Make = Callable[..., Any]
PICKED = PhotoFilter(flags=frozenset({Flag.PICK}))


@pytest.fixture
def name_it(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[AlbumDialog]]:
    """Answer the dialog for a name as a person would who types it and presses Enter."""

    def answer(name: str) -> list[AlbumDialog]:
        asked: list[AlbumDialog] = []

        def run(dialog: AlbumDialog) -> int:
            asked.append(dialog)
            dialog._name.setText(name)
            return int(QDialog.DialogCode.Accepted if dialog._save.isEnabled() else QDialog.DialogCode.Rejected)

        monkeypatch.setattr(AlbumDialog, "exec", run)
        return asked

    return answer


def listed(window: MainWindow) -> dict[str, str]:
    albums = window._left.albums
    items = [albums.topLevelItem(place) for place in range(albums.topLevelItemCount())]
    return {item.text(0): item.text(1) for item in items}


def marked(window: MainWindow) -> list[str]:
    return [item.text(0) for item in window._left.albums.selectedItems()]


def filtered(qtbot: QtBot, window: MainWindow, wanted: PhotoFilter) -> None:
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.filter_panel.set_filter(wanted)


def test_ctrl_s_keeps_the_filter_and_the_order_that_are_on(
    qtbot: QtBot, make_library: Make, show_window: Make, name_it: Make
) -> None:
    library = make_library()
    library.catalogue.decide(library.ids[:2], VerdictChange(flag=Flag.PICK), "x")
    window = show_window(library)
    filtered(qtbot, window, PICKED)
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.album.set_sort(SortKey.NAME)
    name_it("The picks")

    qtbot.keyClick(window.focusWidget(), Key.Key_S, CTRL)

    qtbot.waitUntil(lambda: listed(window) == {"The picks": "2"}, timeout=5000)
    assert marked(window) == ["The picks"]
    [album] = library.catalogue.albums.all()
    assert album.query == PhotoQuery(PICKED, SortKey.NAME, descending=False)


def test_without_a_filter_there_is_nothing_to_save(
    qtbot: QtBot, make_library: Make, show_window: Make, name_it: Make
) -> None:
    window = show_window(make_library())
    asked = name_it("x")

    qtbot.keyClick(window.focusWidget(), Key.Key_S, CTRL)

    assert asked == []


@pytest.mark.parametrize("way", ["click", "Enter"])
def test_an_album_brings_its_filter_and_order_back(
    qtbot: QtBot, make_library: Make, show_window: Make, way: str
) -> None:
    library = make_library()
    library.catalogue.decide(library.ids[:2], VerdictChange(flag=Flag.PICK), "x")
    library.catalogue.albums.save("The picks", PhotoQuery(PICKED, SortKey.NAME, descending=True))
    window = show_window(library)
    qtbot.waitUntil(lambda: listed(window) == {"The picks": "2"}, timeout=5000)
    filtered(qtbot, window, PhotoFilter(text="photo"))
    albums = window._left.albums
    unmarked = marked(window)

    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        if way == "click":
            place = albums.visualItemRect(albums.topLevelItem(0)).center()
            qtbot.mouseClick(albums.viewport(), Qt.MouseButton.LeftButton, pos=place)
        else:
            albums.setFocus()
            albums.setCurrentItem(albums.topLevelItem(0))
            qtbot.keyClick(albums, Key.Key_Return)

    assert list(window.grid.model().ids) == [library.ids[1], library.ids[0]]
    assert window.filter_panel.filter() == PICKED
    assert (window.album.query.sort, window.album.query.descending) == (SortKey.NAME, True)
    assert (unmarked, marked(window)) == ([], ["The picks"])


def test_an_album_of_a_folder_chooses_it_in_the_tree(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(3)
    album = PhotoQuery(PhotoFilter(folders=(library.folder,), score_at_least=5.0))
    library.catalogue.albums.save("Here", album)
    window = show_window(library)
    qtbot.waitUntil(lambda: "Here" in listed(window), timeout=5000)

    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.smart_albums.show(window._left.albums.albums()[0])

    assert window.folder_tree.chosen() == (library.folder,)
    assert window.album.query.filter == album.filter


def test_an_album_that_is_shown_ends_a_search(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library(3)
    contents = [(library.catalogue.photo(photo).content_id, bytes([0, 60, 0, 0])) for photo in library.ids]
    with library.catalogue.transaction():
        library.catalogue.store_looks("made", "1", contents)
    library.catalogue.albums.save("All, by name", PhotoQuery(PhotoFilter(score_at_least=1.0), SortKey.NAME))
    window = show_window(library)
    qtbot.waitUntil(lambda: bool(listed(window)), timeout=5000)
    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.registry.run("edit.find_similar")
    searched = window.finding.is_searching

    window.smart_albums.show(window._left.albums.albums()[0])
    qtbot.waitUntil(lambda: window.album.is_settled, timeout=5000)

    assert searched
    assert window.album.answer.query.search is None
    assert window.find_bar.isHidden()
    assert list(window.grid.model().ids) == library.ids[::-1]


def test_a_mark_goes_once_the_filter_is_another(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    library.catalogue.albums.save("High", PhotoQuery(PhotoFilter(score_at_least=5.0)))
    window = show_window(library)
    qtbot.waitUntil(lambda: "High" in listed(window), timeout=5000)

    filtered(qtbot, window, PhotoFilter(score_at_least=5.0))
    shown = marked(window)
    filtered(qtbot, window, PhotoFilter(score_at_least=5.5))

    assert (shown, marked(window)) == (["High"], [])


def test_f2_renames_and_a_name_that_is_taken_is_refused_in_the_dialog(
    qtbot: QtBot, make_library: Make, show_window: Make, name_it: Make
) -> None:
    library = make_library()
    library.catalogue.albums.save("Best", PhotoQuery(PICKED))
    library.catalogue.albums.save("Worst", PhotoQuery(PhotoFilter(score_at_most=4.0)))
    window = show_window(library)
    qtbot.waitUntil(lambda: len(listed(window)) == 2, timeout=5000)
    albums = window._left.albums
    albums.setCurrentItem(albums.topLevelItem(0))

    asked = name_it("worst")
    qtbot.keyClick(albums, Key.Key_F2)
    refused = asked[0]
    name_it("My best")
    with qtbot.waitSignal(window.decisions.albums_changed, timeout=5000):
        qtbot.keyClick(albums, Key.Key_F2)

    assert not refused._save.isEnabled()
    assert "already" in refused._note.text()
    qtbot.waitUntil(lambda: list(listed(window)) == ["My best", "Worst"], timeout=5000)


@pytest.mark.parametrize("sure", [True, False])
def test_delete_asks_and_leaves_the_photos(
    qtbot: QtBot, make_library: Make, show_window: Make, monkeypatch: pytest.MonkeyPatch, sure: bool
) -> None:
    library = make_library()
    library.catalogue.albums.save("Best", PhotoQuery(PICKED))
    window = show_window(library)
    qtbot.waitUntil(lambda: "Best" in listed(window), timeout=5000)
    roles = QMessageBox.ButtonRole
    wanted = roles.AcceptRole if sure else roles.RejectRole

    def answer(box: QMessageBox) -> None:
        [button] = [each for each in box.buttons() if box.buttonRole(each) == wanted]
        monkeypatch.setattr(QMessageBox, "clickedButton", lambda _: button)

    monkeypatch.setattr(QMessageBox, "exec", answer)
    albums = window._left.albums
    albums.setCurrentItem(albums.topLevelItem(0))
    qtbot.keyClick(albums, Key.Key_Delete)
    qtbot.waitUntil(lambda: not window.decisions.is_behind(window.history), timeout=5000)

    qtbot.waitUntil(lambda: ("Best" in listed(window)) is not sure, timeout=5000)
    assert library.catalogue.totals().photos == 6


def test_counts_follow_what_is_decided(qtbot: QtBot, make_library: Make, show_window: Make) -> None:
    library = make_library()
    library.catalogue.albums.save("Picks", PhotoQuery(PICKED))
    window = show_window(library)
    qtbot.waitUntil(lambda: listed(window) == {"Picks": "0"}, timeout=5000)

    qtbot.keyClick(window.focusWidget(), Key.Key_P)

    qtbot.waitUntil(lambda: listed(window) == {"Picks": "1"}, timeout=5000)


def test_what_a_newer_version_asks_for_is_told_when_its_album_is_shown(
    qtbot: QtBot, make_library: Make, show_window: Make
) -> None:
    library = make_library()
    library.catalogue.albums.save("People", PhotoQuery(PhotoFilter(score_at_least=5.0)))
    stored = {"version": 1, "filter": {"score_at_least": 5.0, "smiles_at_least": 2}, "sort": "score"}
    library.catalogue._store.run("UPDATE smart_album SET query = ?", (json.dumps(stored),))
    window = show_window(library)
    qtbot.waitUntil(lambda: "People" in listed(window), timeout=5000)
    said: list[str] = []
    show_message = window.status.show_message
    window.status.show_message = lambda text: (said.append(text), show_message(text))

    with qtbot.waitSignal(window.album.loaded, timeout=5000):
        window.smart_albums.show(window._left.albums.albums()[0])

    assert said == ["A newer version filters it by more than this one knows: smiles_at_least."]


def test_the_dialog_warns_before_it_replaces(qtbot: QtBot) -> None:
    from aesthetic_studio.albums import SmartAlbum

    there = SmartAlbum(1, "Best", PhotoQuery(), unknown=("smiles_at_least",))
    dialog = AlbumDialog("Save", "★ ≥ 3", [there], name="Rest")
    qtbot.addWidget(dialog)
    before = (dialog._save.text(), dialog._note.text())

    dialog._name.setText(" best ")

    assert before == ("Save", "")
    assert dialog._save.text() == "Replace"
    assert "smiles_at_least" in dialog._note.text()
    dialog._name.setText("   ")
    assert not dialog._save.isEnabled()
