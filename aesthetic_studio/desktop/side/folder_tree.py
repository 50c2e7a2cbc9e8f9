"""The library's folders as a tree with counts; choosing one narrows the album to it and everything below."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from aesthetic_studio.desktop.toolkit.theme import grey, icon
from aesthetic_studio.desktop.toolkit.words import count_of
from aesthetic_studio.paths import shown
from aesthetic_studio.translation import _, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aesthetic_studio.desktop.work.reader import Overview

OFFLINE = "offline"
KEY = Qt.ItemDataRole.UserRole
"""An index into the paths: a path that is not UTF-8 must not pass through Qt's strings."""

ALL_PHOTOS = -1


@dataclass(slots=True)
class Folder:
    """One folder of the tree, with all that lies below it counted in."""

    path: str
    name: str
    count: int = 0
    children: list[Folder] = field(default_factory=list)


def folder_forest(roots: Sequence[str], counts: Sequence[tuple[str, int]]) -> list[Folder]:
    """Arrange folders with photos below the roots that hold them; folders in between are kept, empty or not."""
    tops = {root: Folder(root, _root_name(root, roots)) for root in roots}
    known = dict(tops)
    for path, count in sorted(counts):
        chain = _chain_to_root(path, tops)
        for parent, child in itertools.pairwise(chain):
            if child not in known:
                known[child] = Folder(child, os.path.basename(child))  # noqa: PTH119 — text, no file is touched
                known[parent].children.append(known[child])
        for step in chain:
            known[step].count += count
    return list(tops.values())


def _root_name(root: str, roots: Sequence[str]) -> str:
    """Take the last part of the path, with its parent where two roots end alike."""
    name = os.path.basename(root) or root  # noqa: PTH119
    alike = sum(os.path.basename(other) == name for other in roots)  # noqa: PTH119
    return f"{name} — {os.path.dirname(root)}" if alike > 1 else name  # noqa: PTH120


def _chain_to_root(path: str, roots: dict[str, Folder]) -> list[str]:
    """List the folders from the innermost root that holds ``path`` down to it; empty where none does."""
    chain = [path]
    while chain[-1] not in roots:
        parent = os.path.dirname(chain[-1])  # noqa: PTH120
        if parent == chain[-1]:
            return []
        chain.append(parent)
    return chain[::-1]


class FolderTree(QTreeWidget):
    """Folders with counts; those on a drive that is not there are greyed.

    Signals:
        folders_chosen: A tuple of paths, empty for all photos.
    """

    folders_chosen = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("folderTree")
        self.setAccessibleName(_("Folders"))
        self.setAccessibleDescription(_("Choose one or more folders to see only their photos"))
        self.setHeaderHidden(True)
        self.setColumnCount(2)
        self.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.setUniformRowHeights(True)
        self.setIndentation(16)
        header = self.header()
        header.setAccessibleName(_("Folder and number of photos"))
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._paths: list[str] = []
        self._shown: tuple[object, ...] = ()
        self._collapsed: set[str] = set()
        self.itemSelectionChanged.connect(self._on_selection_changed)
        self.itemCollapsed.connect(lambda item: self._collapsed.add(self._path_of(item)))
        self.itemExpanded.connect(lambda item: self._collapsed.discard(self._path_of(item)))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take up the greys of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            with QSignalBlocker(self):
                for item in self._items():
                    item.setForeground(1, grey("dim"))
                    if item.data(0, Qt.ItemDataRole.AccessibleDescriptionRole) == OFFLINE:
                        item.setForeground(0, grey("faint"))

    def show_overview(self, overview: Overview) -> None:
        """Show the library's folders, keeping what is chosen and what is folded away."""
        shown = (overview.roots, overview.offline_roots, overview.folders, overview.totals.photos)
        if shown == self._shown:
            return
        self._shown = shown
        chosen = set(self.chosen())
        with QSignalBlocker(self):
            self._rebuild(overview, chosen)

    def chosen(self) -> tuple[str, ...]:
        """List the chosen folders; empty for all photos."""
        paths = tuple(self._path_of(item) for item in self.selectedItems())
        return () if "" in paths else paths

    def holds(self, folders: Sequence[str]) -> bool:
        """Whether all these folders are in the tree."""
        return set(folders) <= set(self._paths)

    def choose(self, folders: Sequence[str]) -> None:
        """Choose these folders as if they had been clicked; those that are not in the tree are left out."""
        wanted = set(folders)
        with QSignalBlocker(self):
            self.clearSelection()
            for item in self._items():
                item.setSelected(self._path_of(item) in wanted or (not wanted and not self._path_of(item)))
        self._on_selection_changed()

    def _rebuild(self, overview: Overview, chosen: set[str]) -> None:
        scroll = self.verticalScrollBar().value()
        self.clear()
        self._paths = []
        everything = self._item(self, "", _("All photos"), overview.totals.photos)
        everything.setData(0, KEY, ALL_PHOTOS)
        everything.setIcon(0, icon("library"))
        for folder in folder_forest(overview.roots, overview.folders):
            self._add(self, folder, offline=folder.path in overview.offline_roots, chosen=chosen)
        if not self.selectedItems():
            everything.setSelected(True)
        if self.currentItem() is None:
            self.setCurrentItem(self.selectedItems()[0])
        self.verticalScrollBar().setValue(scroll)

    def _add(self, parent: QTreeWidget | QTreeWidgetItem, folder: Folder, *, offline: bool, chosen: set[str]) -> None:
        item = self._item(parent, folder.path, folder.name, folder.count)
        item.setIcon(0, icon("folder-offline" if offline else "folder"))
        if offline:
            item.setForeground(0, grey("faint"))
            item.setToolTip(
                0,
                _("{path}\nThis folder cannot be reached now. Nothing of it is forgotten.").format(
                    path=shown(folder.path)
                ),
            )
            item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, OFFLINE)
        for child in folder.children:
            self._add(item, child, offline=offline, chosen=chosen)
        item.setExpanded(folder.path not in self._collapsed)
        item.setSelected(folder.path in chosen)

    def _item(self, parent: QTreeWidget | QTreeWidgetItem, path: str, name: str, count: int) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [shown(name), whole(count)])
        item.setData(0, KEY, len(self._paths))
        self._paths.append(path)
        item.setForeground(1, grey("dim"))
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setToolTip(0, shown(path))
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{shown(name)}, {count_of(count, 'photo')}")
        return item

    def _path_of(self, item: QTreeWidgetItem) -> str:
        key = item.data(0, KEY)
        return "" if key == ALL_PHOTOS else self._paths[key]

    def _items(self) -> Iterator[QTreeWidgetItem]:
        waiting = [self.topLevelItem(row) for row in range(self.topLevelItemCount())]
        while waiting:
            item = waiting.pop()
            if item is not None:
                yield item
                waiting.extend(item.child(row) for row in range(item.childCount()))

    def _on_selection_changed(self) -> None:
        self.folders_chosen.emit(self.chosen())
