"""The tree shows where the photos are, with counts that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from aesthetic_studio.desktop.side.folder_tree import Folder, FolderTree, folder_forest
from aesthetic_studio.desktop.work.reader import Overview
from aesthetic_studio.library.catalogue import LibraryTotals

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def overview(roots: list[str], folders: list[tuple[str, int]], offline: tuple[str, ...] = ()) -> Overview:
    total = sum(count for _, count in folders)
    return Overview(LibraryTotals(total, total, 0, 0, 0, 0, 0), tuple(roots), frozenset(offline), tuple(folders), ())


def every(folders: list[Folder]) -> list[Folder]:
    return [each for folder in folders for each in (folder, *every(folder.children))]


def test_folders_in_between_are_kept() -> None:
    (root,) = folder_forest(["/p"], [("/p/2024/may/sea", 3), ("/p/2024", 1)])

    assert [(each.path, each.count) for each in every([root])] == [
        ("/p", 4),
        ("/p/2024", 4),
        ("/p/2024/may", 3),
        ("/p/2024/may/sea", 3),
    ]


def test_roots_that_end_alike_are_told_apart() -> None:
    names = [folder.name for folder in folder_forest(["/a/photos", "/b/photos"], [])]

    assert names == ["photos — /a", "photos — /b"]


paths = st.lists(st.sampled_from("abc"), max_size=4).map(lambda parts: "/".join(["/root", *parts]))


@given(st.dictionaries(paths, st.integers(1, 9)))
def test_a_root_counts_all_that_is_below_it(counts: dict[str, int]) -> None:
    (root,) = folder_forest(["/root"], list(counts.items()))

    assert root.count == sum(counts.values())
    assert {each.path for each in every([root])} >= set(counts)


def test_what_is_chosen_stays_chosen_while_photos_come_in(qtbot: QtBot) -> None:
    tree = FolderTree()
    qtbot.addWidget(tree)
    tree.show_overview(overview(["/p"], [("/p/a", 1)]))
    tree.choose(["/p/a"])

    tree.show_overview(overview(["/p"], [("/p/a", 5), ("/p/b", 2)]))

    assert tree.chosen() == ("/p/a",)


def test_a_drive_that_is_not_there_is_greyed_and_said(qtbot: QtBot) -> None:
    tree = FolderTree()
    qtbot.addWidget(tree)

    tree.show_overview(overview(["/drive", "/home"], [("/drive", 3)], offline=("/drive",)))

    drive, home = tree.topLevelItem(1), tree.topLevelItem(2)
    assert drive.data(0, Qt.ItemDataRole.AccessibleDescriptionRole) == "offline"
    assert drive.foreground(0) != home.foreground(0)


def test_choosing_tells_the_folders(qtbot: QtBot) -> None:
    tree = FolderTree()
    qtbot.addWidget(tree)
    tree.show_overview(overview(["/p"], [("/p/a", 1), ("/p/caf\udce9", 2)]))

    with qtbot.waitSignal(tree.folders_chosen) as chosen:
        tree.choose(["/p/caf\udce9"])

    assert chosen.args == [("/p/caf\udce9",)]


def test_all_photos_is_no_folder(qtbot: QtBot) -> None:
    tree = FolderTree()
    qtbot.addWidget(tree)
    tree.show_overview(overview(["/p"], [("/p", 1)]))

    assert tree.chosen() == ()
