"""Take the best, reject the rest: read the bursts, show the plan, and decide what was shown, or nothing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from aesthetic_studio.curation.take_best import NO_WISHES, BurstFrames, TakeOptions, Wishes
from aesthetic_studio.desktop.burst.plan_model import PlanModel
from aesthetic_studio.desktop.burst.take_dialog import TakeDialog
from aesthetic_studio.desktop.commands.registry import needs
from aesthetic_studio.errors import BurstsChanged, KnownError
from aesthetic_studio.pipeline.taking import read_bursts, take_best
from aesthetic_studio.translation import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from aesthetic_studio.desktop.album import Album
    from aesthetic_studio.desktop.views import Views
    from aesthetic_studio.desktop.work.decisions import Decisions
    from aesthetic_studio.library.catalogue import Catalogue, Decision

log = logging.getLogger("aesthetic_studio.desktop.burst.take")

CHANGED = N_("The bursts changed while the plan was open, so nothing was decided. This is the plan as it is now.")


class BurstReader(QThread):
    """Reads bursts for a plan, off the GUI thread.

    Signals:
        bursts_read: The ``BurstFrames`` of every series that was asked for.
        failed: What happened and what to do.
    """

    bursts_read = Signal(object)
    failed = Signal(str, str)

    def __init__(
        self,
        open_reader: Callable[[], Catalogue],
        which: Callable[[Catalogue], list[int]],
        parent: QObject | None = None,
    ) -> None:
        """``which`` says which series, asked of a reader in this thread."""
        super().__init__(parent)
        self._open_reader = open_reader
        self._which = which

    def run(self) -> None:
        """Read until done, or until the window closes."""
        try:
            with self._open_reader() as reader:
                found = read_bursts(reader, self._which(reader), should_stop=self.isInterruptionRequested)
            if not self.isInterruptionRequested():
                self.bursts_read.emit(found)
        except KnownError as error:
            self.failed.emit(error.message, error.advice)
        except Exception:
            log.exception("bursts could not be read")
            self.failed.emit(_("The bursts could not be read."), _("The log file has the details. Try again."))


class TakeBest(QObject):
    """Takes the best of one burst, or of all bursts of the album.

    Signals:
        said: What goes on, for the status line.
        failed: What happened and what to do.
    """

    said = Signal(str)
    failed = Signal(str, str)
    _outdated = Signal(object, object)

    def __init__(
        self,
        open_reader: Callable[[], Catalogue],
        decisions: Decisions,
        album: Album,
        views: Views,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._open_reader = open_reader
        self._decisions = decisions
        self._album = album
        self._views = views
        self._window = window
        self._reader: BurstReader | None = None
        self._options = TakeOptions()
        self._wishes, self._note = NO_WISHES, ""
        self._closed = False
        self.dialog: TakeDialog | None = None
        self._outdated.connect(self._on_outdated)

    # -- what commands ask -------------------------------------------------------------------------------------------

    @needs(N_("This photo is not part of a burst"))
    def can_take(self) -> bool:
        """Whether the current photo is a frame of a series."""
        current = self._views.current_id()
        cell = None if current is None else self._views.cell_of(current)
        return cell is not None and cell.series_id is not None

    def take(self) -> None:
        """Plan for the series of the current photo."""
        current = self._views.current_id()
        cell = None if current is None else self._views.cell_of(current)
        if cell is not None and cell.series_id is not None:
            series = cell.series_id
            self._read(lambda _: [series])

    def take_all(self) -> None:
        """Plan for every series of which the album shows a frame."""
        query = self._album.query
        self._read(lambda reader: reader.series(query))

    def close(self) -> None:
        """End what still runs."""
        self._closed = True
        if self._reader is not None:
            self._reader.requestInterruption()
            self._reader.wait()
        if self.dialog is not None:
            self.dialog.reject()

    # -- how ---------------------------------------------------------------------------------------------------------

    def _read(self, which: Callable[[Catalogue], list[int]], wishes: Wishes = NO_WISHES, note: str = "") -> None:
        if self._reader is not None or self.dialog is not None:
            return
        self.said.emit(_("Reading the bursts…"))
        self._wishes, self._note = wishes, note
        self._reader = BurstReader(self._open_reader, which, self)
        self._reader.bursts_read.connect(self._on_bursts_read)
        self._reader.failed.connect(self.failed)
        self._reader.finished.connect(self._on_read)
        self._reader.start()

    def _on_read(self) -> None:
        if self._reader is not None:
            self._reader.deleteLater()
            self._reader = None

    def _on_bursts_read(self, bursts: list[BurstFrames]) -> None:
        if self._closed:
            return
        self.said.emit("" if bursts else _("There is no burst here"))
        if not bursts:
            return
        plan = PlanModel(bursts, self._options, self._wishes, self)
        self.dialog = TakeDialog(plan, self._open_reader, self._window, note=self._note)
        self.dialog.finished.connect(self._on_finished)
        self.dialog.open()

    def _on_finished(self, result: int) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is None:
            return
        plan = dialog.plan
        self._options = plan.options
        if result == TakeDialog.DialogCode.Accepted:
            bursts, plans, wishes = plan.bursts, plan.plans, plan.wishes

            def write(catalogue: Catalogue) -> Decision | None:
                try:
                    return take_best(catalogue, bursts, plans)
                except BurstsChanged:
                    self._outdated.emit([burst.series_id for burst in bursts], wishes)
                    return None

            self._album.touch()
            self._decisions.carry_out(write)
        dialog.deleteLater()
        plan.deleteLater()

    def _on_outdated(self, series: list[int], wishes: Wishes) -> None:
        """Show the new plan, what the person wished still in it."""
        self._read(lambda _reader: series, wishes, _(CHANGED))
