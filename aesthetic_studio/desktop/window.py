"""The main window: puts the parts together and carries news between them.

    FolderTree, FilterPanel ──filter──▶ Album ──ids──▶ GridView, LoupeView, BurstView ──current──▶ Inspector
                                          ▲                    │
    BackgroundWork ──library changed──────┘                    └──keys──▶ Verdicts ──▶ Decisions ──▶ catalogue

Behaviour lives in the controllers; this class holds the layout and the wiring.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import QAbstractButton, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from aesthetic_studio.albums import PhotoQuery, SortKey
from aesthetic_studio.desktop.album import Album
from aesthetic_studio.desktop.burst.edits import BurstEdits
from aesthetic_studio.desktop.burst.take import TakeBest
from aesthetic_studio.desktop.burst.view import BurstView
from aesthetic_studio.desktop.commands.actions import Actions
from aesthetic_studio.desktop.commands.keymap import KeyMap
from aesthetic_studio.desktop.commands.studio import build_registry
from aesthetic_studio.desktop.commands.view_keys import ViewKeys
from aesthetic_studio.desktop.compare.control import CompareControl
from aesthetic_studio.desktop.compare.mode import CompareMode
from aesthetic_studio.desktop.compare.view import CompareView
from aesthetic_studio.desktop.cull.desk import CullDesk
from aesthetic_studio.desktop.dialogs import Dialogs
from aesthetic_studio.desktop.drag.drop_in import DropIn
from aesthetic_studio.desktop.drag.out import DragOut
from aesthetic_studio.desktop.faces.tour import FaceTour
from aesthetic_studio.desktop.find.bar import FindBar
from aesthetic_studio.desktop.find.control import FindControl
from aesthetic_studio.desktop.grid.model import PhotoListModel
from aesthetic_studio.desktop.grid.thumbnails import ThumbnailProvider
from aesthetic_studio.desktop.grid.view import GridView
from aesthetic_studio.desktop.inspector.panel import Inspector
from aesthetic_studio.desktop.loupe.heat_map_control import HeatMapControl
from aesthetic_studio.desktop.loupe.view import LoupeView
from aesthetic_studio.desktop.memory import Memory
from aesthetic_studio.desktop.next_unrated import NextUnrated
from aesthetic_studio.desktop.panels import Panels
from aesthetic_studio.desktop.photo_menu import PhotoMenu
from aesthetic_studio.desktop.second.screen import SecondScreen
from aesthetic_studio.desktop.side.chips import ChipBar
from aesthetic_studio.desktop.side.filtering import Filtering
from aesthetic_studio.desktop.side.panel import SidePanel
from aesthetic_studio.desktop.side.smart_albums import SmartAlbums
from aesthetic_studio.desktop.status_panel import StatusPanel
from aesthetic_studio.desktop.strip.panel import Strip
from aesthetic_studio.desktop.toolbar import ToolBar
from aesthetic_studio.desktop.toolkit.appearance import Appearance
from aesthetic_studio.desktop.toolkit.controls import column, named
from aesthetic_studio.desktop.toolkit.keyboard import caps_lock_in
from aesthetic_studio.desktop.toolkit.posted import drop_posted_answers
from aesthetic_studio.desktop.tour.tour import Tour
from aesthetic_studio.desktop.verdicts import Verdicts
from aesthetic_studio.desktop.views import Views
from aesthetic_studio.desktop.work.background import BackgroundWork
from aesthetic_studio.desktop.work.decisions import Decisions, History
from aesthetic_studio.desktop.work.news import LibraryNews
from aesthetic_studio.desktop.work.reader import AlbumAnswer, Details, LibraryReader
from aesthetic_studio.judgements import PreferenceSource
from aesthetic_studio.settings import Settings
from aesthetic_studio.translation import N_, _, retold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.library.catalogue import Catalogue

PRESSING_KEYS = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter})
SMALLEST = QSize(810, 480)
BURST_BUTTONS = {
    N_("As shot"): "view.as_shot",
    N_("Not a burst"): "photo.burst.dissolve",
    N_("Take the best…"): "photo.burst.take",
}


class MainWindow(QMainWindow):
    """The program's window over one library.

    Args:
        catalogue: The library; its writer is used by the threads, the GUI thread reads through a reader of its own.
        settings: What was remembered from the last run.
        settings_path: Where to remember it; None to forget.
        device: Where the model runs.
        model: The model that scores, by default the one that ships with the program.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings | None = None,
        *,
        settings_path: Path | None = None,
        device: str = "auto",
        model: str | None = None,
    ) -> None:
        super().__init__()
        self.memory = Memory(settings or Settings(), settings_path)
        self.catalogue = catalogue
        self.reader_here = catalogue.reader()
        self.history = History()
        self._visible: tuple[int, ...] = ()
        self._details_generation = -1
        self._caps_lock = False
        self._closed = False
        self.appearance = Appearance(self.settings.theme, self)
        self._make_parts(device, model)
        self._make_controllers()
        self.registry = build_registry(self)
        self.keymap = KeyMap(self.registry, self.settings.keys)
        self.actions_ = Actions(self.registry, self, self._stack)
        self._arrange()
        ViewKeys(self.keymap, self.grid, self.loupe, self.burst, self.compare.view)
        self._connect()
        self.news = LibraryNews(self)
        self.actions_.refresh_keys()
        self._restore()

    @property
    def settings(self) -> Settings:
        """What is remembered."""
        return self.memory.settings

    # -- making ------------------------------------------------------------------------------------------------------

    def _make_parts(self, device: str, model: str | None) -> None:
        self._model = PhotoListModel(self.reader_here.cells, self)
        self.thumbnails = ThumbnailProvider(self.catalogue.reader, self)
        self.grid = GridView(self._model, self.thumbnails)
        self.loupe, self.burst = LoupeView(), BurstView(self.catalogue.reader)
        self.compare = CompareControl(CompareView(), self.reader_here)
        self._stack = named(QStackedWidget(), "viewer")
        self._left = SidePanel()
        self.folder_tree, self.filter_panel = self._left.folders, self._left.filter
        self.inspector, self.toolbar, self.status = Inspector(), ToolBar(), StatusPanel()
        self.reader, self.searcher = LibraryReader(self.catalogue, self), LibraryReader(self.catalogue, self)
        self.find_bar, self.chips, self.strip = FindBar(), ChipBar(), Strip(self.reader)
        self.decisions = Decisions(self.catalogue, self)
        self.work = BackgroundWork(self.catalogue, lambda: self._visible, device=device, model=model, parent=self)

    def _make_controllers(self) -> None:
        self.views = Views(
            self._stack, self.grid, self.loupe, self.burst, self.compare, model=self._model, reader=self.reader_here
        )
        self.comparing = CompareMode(self.views, self.compare, self._model, self.reader_here)
        query = PhotoQuery(
            sort=_sort_key(self.settings.sort),
            descending=self.settings.descending,
            collapse_series=self.settings.collapse_series,
        )
        self.album = Album(
            self.reader,
            self._model,
            self.grid,
            query,
            may_follow=lambda: self.views.mode == "grid",
            searcher=self.searcher,
            parent=self,
        )
        self.finding = FindControl(self.find_bar, self.album, self.views, self.searcher, self.reader_here.active_model)
        self.verdicts = Verdicts(
            self.decisions,
            self.album,
            self.views,
            self._model,
            caps_lock=lambda: self._caps_lock,
            advance_always=self.settings.advance,
            parent=self,
        )
        self.next_unrated = NextUnrated(self.album, self.views, self._model, self.reader, self.reader_here, self)
        self.burst_edits = BurstEdits(self.decisions, self.album, self.views, self)
        self.take_best = TakeBest(self.catalogue.reader, self.decisions, self.album, self.views, self)
        self.heat_map = HeatMapControl(self.work.request_attention, self)
        self.faces = FaceTour(self.views, self.reader_here, self)
        self.dialogs = Dialogs(self)
        self.filtering = Filtering(self._left, self.chips, self.strip, self.album, self.views, self.finding)
        self.smart_albums = SmartAlbums(self, self._left.albums)
        self.photo_menu = PhotoMenu(self)
        self.drag_out = DragOut(self.views, self.reader_here.files, self.thumbnails.pixmap, self)
        self.second = SecondScreen(self)
        self.tour = Tour(self)
        self.drop_in = DropIn(self, self._stack)
        self.cull = CullDesk(self)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        panes: list[QWidget] = [self._stack, self.strip, self.toolbar, self.chips, self.folder_tree]
        panes += [self._left.albums, self.filter_panel, self.inspector, self.status]
        bars: list[QWidget] = [self.menuBar(), self.toolbar, self.status]
        self.panels = Panels(self, self._splitter, self._left, self.inspector, panes=panes, bars=bars)
        self.panels.add_strip(self.strip, self.views)

    def _arrange(self) -> None:
        self.setWindowTitle("Aesthetic Studio")
        self.setMinimumSize(SMALLEST)
        self.inspector.setMinimumWidth(228)
        middle = column("middle", self.toolbar, self.find_bar, self.chips, self._stack, self.strip, grows=self._stack)
        middle.setMinimumWidth(312)
        for widget in (self._left, middle, self.inspector):
            self._splitter.addWidget(widget)
        for place, stretch in enumerate((0, 1, 0)):
            self._splitter.setStretchFactor(place, stretch)
            self._splitter.setCollapsible(place, False)
        self.setCentralWidget(column("page", self._splitter, self.status, grows=self._splitter))
        actions = self.actions_
        self._left.add_buttons(actions["library.add_folder"], actions["edit.save_album"])
        self.burst.add_buttons({_(text): actions[name] for text, name in BURST_BUTTONS.items()})
        self.toolbar.fill(
            views=[actions[f"view.{name}"] for name in ("grid", "loupe", "burst", "compare", "survey")],
            switches=[actions["view.collapse"], actions["view.heat_map"], actions["view.strip"]],
            panels=[actions["view.folders"], actions["view.inspector"]],
        )

    def _connect(self) -> None:
        self.toolbar.sort_chosen.connect(self.album.set_sort)
        self.toolbar.direction_toggled.connect(self.album.toggle_direction)
        self.toolbar.size_chosen.connect(self.grid.set_cell_size)
        self.grid.cell_size_changed.connect(self.toolbar.show_size)
        self.grid.selection_changed.connect(self._show_counts)
        self.grid.visible_photos_changed.connect(self._on_visible_changed)
        self.grid.customContextMenuRequested.connect(self.photo_menu.open_at)
        self.album.query_changed.connect(self._on_query_changed)
        self.album.loaded.connect(self._on_album_loaded)
        self.views.series_toggled.connect(self.album.toggle_series)
        self.views.current_changed.connect(self._on_current_changed)
        self.views.mode_changed.connect(self.panels.show_mode)
        self.views.mode_changed.connect(self.actions_.suit_mode)
        self.views.mode_changed.connect(lambda _: self.actions_.refresh_checks())
        self.views.frame_wanted.connect(self.album.open_at)
        self.appearance.changed.connect(self.views.refresh)
        self.album.opened_at.connect(self.views.on_frame_ready)
        self.views.said.connect(self.status.show_message)
        self.drag_out.said.connect(self.status.show_message)
        self.drop_in.dropped.connect(self.open_folders)
        self.faces.said.connect(self.status.show_message)
        self.inspector.face_chosen.connect(self.faces.go_to)
        self.views.welcome.folder_wanted.connect(self.dialogs.choose_folder)
        self.views.welcome.sample_wanted.connect(self.dialogs.open_sample)
        self.verdicts.applied.connect(self._on_verdicts_applied)
        for controller in (self.verdicts, self.next_unrated, self.burst_edits, self.take_best):
            controller.said.connect(self.status.show_message)
        self.take_best.failed.connect(self.dialogs.tell)
        self.burst.best_chosen.connect(self.verdicts.choose_best)
        self.compare.preferred.connect(
            lambda better, worse: self.decisions.prefer(better, worse, PreferenceSource.COMPARE)
        )
        self.decisions.history_changed.connect(self._on_history_changed)
        self.decisions.folders_removed.connect(self.album.refresh)
        self.decisions.folders_removed.connect(self.reader.request_overview)
        self.decisions.failed.connect(self.dialogs.tell)
        self.reader.details_loaded.connect(self._on_details_loaded)
        for reader in (self.reader, self.searcher):
            reader.failed.connect(self.dialogs.tell)

    def _restore(self) -> None:
        self.panels.restore(self.settings)
        self.filter_panel.set_more_shown(shown=self.settings.more_filters)
        self.grid.set_cell_size(self.settings.thumbnail_size)
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.set_empty_text("")
        self.toolbar.show_size(self.grid.cell_size())
        self.toolbar.show_order(self.album.query.sort, descending=self.album.query.descending)
        self.actions_.refresh_checks()
        self.views.take_focus()

    # -- life --------------------------------------------------------------------------------------------------------

    def start(self, folders: Sequence[str] = ()) -> None:
        """Start the threads, show what the library holds, then index ``folders`` and look at the known ones again."""
        self.reader.start()
        self.searcher.start()
        self.decisions.start()
        self.second.restore()
        self.album.refresh()
        self.reader.request_overview()
        if folders:
            self.open_folders(folders)
        else:
            # Once the window is painted: the first picture comes before the first file.
            QTimer.singleShot(0, self.rescan)

    def open_folders(self, folders: Sequence[str]) -> None:
        """Add folders to the library and read them; the album narrows to them where the library holds others."""
        paths = [os.path.abspath(folder) for folder in folders]  # noqa: PTH100 — text that may not be UTF-8
        there = [path for path in paths if Path(path).is_dir()]
        for path in paths:
            if path not in there:
                self.dialogs.tell(
                    _("{path} is not a folder.").format(path=path), _("Choose a folder that holds photos.")
                )
        if there:
            self.memory.change(last_folder=_plain(there[0]))
            self.news.narrow_to(there)
            self.news.set_working(working=True)
            self.work.resume_if_paused()
            self.work.start(there)

    def remove_folders(self, roots: Sequence[str]) -> None:
        """No longer list these roots."""
        self.folder_tree.choose([])
        self.decisions.remove_folders(roots)

    def rescan(self) -> None:
        """Look at every folder of the library again."""
        roots = self.reader_here.roots()
        self.work.resume_if_paused()
        self.work.start(roots)

    def cancel_work(self) -> None:
        """End reading and scoring for now."""
        self.work.cancel()
        self.news.set_working(working=False)
        self.status.show_message(
            self.actions_.tips.words(_("Stopped. Rescan folders [library.rescan] goes on where it ended."))
        )

    def quit(self) -> None:
        """Close the window, and with it the program."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Remember how the window stood, and end all work; the next start goes on from there."""
        if not self._closed:
            self._closed = True
            self.hide()
            self.second.close()
            self.memory.close(self)
            self.dialogs.close()
            self.take_best.close()
            self.work.close()
            self.cull.close()
            self.decisions.stop()
            self.reader.stop()
            self.searcher.stop()
            self.thumbnails.close()
            self.views.feed.close()
            self.loupe.close_workers()
            self.burst.close_workers()
            self.compare.view.close_workers()
            self.reader_here.close()
            drop_posted_answers(self)
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the window manager, which may end full screen without asking, and what was done in another window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange and self.panels.is_full_screen() and not self.isFullScreen():
            self.panels.toggle_full_screen()
        elif event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and not self._closed:
            self._model.refresh_all()
            self.views.refresh()
            if self.album.depends_on_verdicts:
                self.album.refresh()
            self.views.feed.forget()
            self.request_details()
            self.decisions.look_again()

    def note_key(self, event: QKeyEvent) -> None:
        """Take up whether Caps Lock is on, which no key press tells everywhere, and whether the key is held."""
        self._caps_lock = caps_lock_in(event)
        self.loupe.note_held(held=event.isAutoRepeat())

    def event(self, event: QEvent) -> bool:
        """Note what keys tell on their way to commands; leave Space and Enter to a button that has the keyboard."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            self.note_key(event)
            if event.key() in PRESSING_KEYS and isinstance(self.focusWidget(), QAbstractButton):
                event.accept()
                return True
        return super().event(event)

    # -- what commands do --------------------------------------------------------------------------------------------

    def chosen_roots(self) -> list[str]:
        """List the roots among the chosen folders."""
        roots = self.news.overview.roots if self.news.overview else ()
        return [folder for folder in self.folder_tree.chosen() if folder in roots]

    def focus_filter(self) -> None:
        """Bring the keyboard to the filter's text."""
        self.panels.show_left()
        self.filter_panel.focus_text()

    def go_back(self) -> None:
        """Leave the tour, full screen, a panel, the loupe or a selection, whichever comes first."""
        if self.tour.end():
            return
        if self.panels.is_full_screen():
            self.panels.toggle_full_screen()
        elif not self.views.has_focus():
            self.views.take_focus()
        elif self.views.is_comparing():
            self.comparing.back()
        elif not self.views.back() and self.finding.is_shown:
            self.finding.end()

    def show_working(self, text: str) -> None:
        """Say on the invitation, and in the status line, what goes on."""
        self.views.welcome.show_working(text)
        self.status.show_message(text)

    def cover(self, page: QWidget) -> None:
        """Lay a page over photos and panels."""
        central = self.centralWidget()
        column = central.layout() if central is not None else None
        if isinstance(column, QVBoxLayout) and column.indexOf(page) < 0:
            column.insertWidget(0, page, 1)
        self._splitter.hide()
        page.show()

    def uncover(self, page: QWidget) -> None:
        """Bring photos and panels back."""
        page.hide()
        self._splitter.show()

    # -- news of the album -------------------------------------------------------------------------------------------

    def _on_query_changed(self, query: PhotoQuery) -> None:
        self.toolbar.show_order(query.sort, descending=query.descending)
        self.actions_.refresh_checks()

    def _on_album_loaded(self, answer: AlbumAnswer) -> None:
        self.inspector.set_usual_spread(answer.usual_spread)
        # Its score may have come, or its file gone, since it was chosen.
        self.request_details()
        self._show_counts()
        self.show_page()
        self.views.refresh()

    def _show_counts(self) -> None:
        answer = self.album.answer
        if answer is not None:
            self.status.show_counts(answer.matching, answer.in_scope, self.grid.selection_count())

    def show_page(self) -> None:
        """Show the page that fits what the library holds and the filter lets through."""
        answer, overview = self.album.answer, self.news.overview
        empty = overview is not None and not overview.totals.photos and not self.news.is_working
        nothing = answer is not None and not answer.ids and answer.hidden > 0
        self.views.show_page(empty_library=empty, nothing_found=nothing)
        if overview is not None and empty and overview.roots:
            self.views.welcome.show_nothing_in(len(overview.roots))
        self.grid.set_empty_text(_("Looking for photos…") if self.news.is_working else "")

    def _on_visible_changed(self, photo_ids: list[int]) -> None:
        self._visible = tuple(photo_ids)

    def _on_current_changed(self, photo_id: int) -> None:
        self.heat_map.set_photo(photo_id if photo_id >= 0 else None)
        self.request_details()

    def request_details(self) -> None:
        """Ask for all about the current photo."""
        current = self.views.current_id()
        if current is None:
            self._details_generation = -1
            self.inspector.show_details(None)
        else:
            self._details_generation = self.reader.request_details(current, self.album.query.filter)

    def _on_details_loaded(self, details: Details) -> None:
        if details.generation == self._details_generation:
            self.inspector.show_details(details)

    # -- news of decisions -------------------------------------------------------------------------------------------

    def _on_verdicts_applied(self, photo_ids: tuple[int, ...]) -> None:
        self.views.refresh(photo_ids)
        if self.views.current_id() in photo_ids:
            self.request_details()

    def _on_history_changed(self, history: History) -> None:
        self.history = history
        undo, redo = history.undo_title, history.redo_title
        self.actions_["edit.undo"].setText(_("Undo {title}").format(title=retold("undo", undo)) if undo else _("Undo"))
        self.actions_["edit.redo"].setText(_("Redo {title}").format(title=retold("undo", redo)) if redo else _("Redo"))


def _sort_key(name: str) -> SortKey:
    return SortKey(name) if name in {key.value for key in SortKey} else SortKey.SCORE


def _plain(path: str) -> str:
    """Return a path that JSON can hold; one that is not UTF-8 is not worth remembering."""
    return path if path.isprintable() else ""
