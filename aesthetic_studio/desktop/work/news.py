"""What the window does when the library changes behind it: progress, new photos, new scores, heat maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage, QPainter

from aesthetic_studio.desktop.loupe.heat_map import attention_rows, heat_map_image
from aesthetic_studio.desktop.toolkit.previews import read_preview

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.desktop.window import MainWindow
    from aesthetic_studio.desktop.work.reader import Overview
    from aesthetic_studio.desktop.work.scoring_thread import AttentionAnswer
    from aesthetic_studio.pipeline.indexing import IndexReport
    from aesthetic_studio.records import Progress

OVERVIEW_MS = 1500
"""Folders, cameras and totals are counted again at most this often while work runs."""


class LibraryNews(QObject):
    """Carries news of background work to the window's parts, calmly.

    Attributes:
        overview: What the library holds, None until it was first asked.
        is_working: Whether folders are read or photos scored.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.overview: Overview | None = None
        self.is_working = False
        self._narrow_to: tuple[str, ...] = ()
        self._overview_timer = QTimer(self, singleShot=True, interval=OVERVIEW_MS)
        self._album_timer = QTimer(self, singleShot=True)
        self._overview_timer.timeout.connect(window.reader.request_overview)
        self._album_timer.timeout.connect(window.album.refresh)
        window.reader.overview_loaded.connect(self._on_overview_loaded)
        self._connect_work()
        self._connect_heat_map()

    def narrow_to(self, folders: Sequence[str]) -> None:
        """Show only these folders once they are known, where the library holds others too."""
        self._narrow_to = tuple(folders)

    def set_working(self, *, working: bool) -> None:
        """Begin or end to show that something goes on."""
        if working != self.is_working:
            self.is_working = working
            self._window.show_page()
        if not working:
            self._window.status.show_rest()

    def stop(self) -> None:
        """Ask for nothing any more."""
        self._overview_timer.stop()
        self._album_timer.stop()

    def _connect_work(self) -> None:
        work, status = self._window.work, self._window.status
        work.progressed.connect(self._on_progressed)
        work.library_changed.connect(self._on_library_changed)
        work.indexed.connect(self._on_indexed)
        work.rested.connect(self._on_rested)
        work.paused_changed.connect(self._on_paused_changed)
        work.model_ready.connect(status.show_model)
        work.failed.connect(self._on_work_failed)
        status.pause_toggled.connect(work.toggle_pause)
        status.cancel_wanted.connect(self._window.cancel_work)
        status.problems_wanted.connect(self._window.dialogs.show_problems)

    def _connect_heat_map(self) -> None:
        heat_map, inspector = self._window.heat_map, self._window.inspector
        self._window.work.attention_ready.connect(heat_map.on_answer)
        heat_map.toggled.connect(self._on_heat_map_toggled)
        heat_map.shown.connect(self._on_attention)
        heat_map.cleared.connect(self._on_attention_cleared)
        inspector.heat_map_toggled.connect(lambda on: heat_map.set_on(on=on))

    # -- the library -------------------------------------------------------------------------------------------------

    def _on_overview_loaded(self, overview: Overview) -> None:
        window = self._window
        self.overview = overview
        window.folder_tree.show_overview(overview)
        window.filter_panel.set_cameras(overview.cameras)
        window.filter_panel.set_lenses(overview.lenses)
        window.filter_panel.set_days(overview.days)
        window.status.show_problems(overview.totals.unreadable)
        if self._narrow_to and window.folder_tree.holds(self._narrow_to):
            if set(overview.roots) - set(self._narrow_to):
                window.folder_tree.choose(self._narrow_to)
            self._narrow_to = ()
        window.show_page()

    def _on_library_changed(self) -> None:
        if not self._album_timer.isActive():
            self._album_timer.start(self._window.album.calm_pause_ms())
        if not self._overview_timer.isActive():
            self._overview_timer.start()

    # -- the work ----------------------------------------------------------------------------------------------------

    def _on_progressed(self, progress: Progress) -> None:
        self.set_working(working=True)
        self._window.status.show_progress(progress, paused=self._window.work.is_paused)

    def _on_paused_changed(self, paused: bool) -> None:
        self._window.status.show_paused(paused=paused)
        self._window.actions_.refresh_checks()

    def _on_indexed(self, report: IndexReport) -> None:
        if report.updated:
            self._window.thumbnails.clear()

    def _on_rested(self) -> None:
        self.set_working(working=False)
        self._window.album.refresh()
        self._window.reader.request_overview()
        self._window.request_details()

    def _on_work_failed(self, message: str, advice: str) -> None:
        self.set_working(working=False)
        self._window.heat_map.on_failed()
        self._window.dialogs.tell(message, advice)

    # -- the heat map ------------------------------------------------------------------------------------------------

    def _on_heat_map_toggled(self, on: bool) -> None:
        self._window.inspector.set_heat_map_on(on=on)
        self._window.actions_.refresh_checks()

    def _on_attention(self, answer: AttentionAnswer) -> None:
        if answer.weights is None:
            return
        self._window.views.show_heat_map(answer)
        overlay = heat_map_image(attention_rows(answer.rows, answer.columns, answer.weights))
        data = self._window.reader_here.preview(answer.photo_id)
        photo = read_preview(data)
        if not photo.isNull():
            self._window.inspector.show_heat_map(laid_over(photo, overlay))

    def _on_attention_cleared(self, why: str) -> None:
        self._window.views.clear_heat_map()
        self._window.inspector.show_heat_map(None, why)


def laid_over(photo: QImage, overlay: QImage) -> QImage:
    """Paint the overlay over the whole photo."""
    picture = photo.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(picture.rect(), overlay)
    painter.end()
    return picture
