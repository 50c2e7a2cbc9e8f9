"""Indexing in a thread of the window's process; the decoding itself runs in worker processes."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from aesthetic_studio.errors import KnownError
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aesthetic_studio.library.catalogue import Catalogue

log = logging.getLogger("aesthetic_studio.desktop.index")


NICENESS = 10
"""How much the decoding processes yield: the window comes first."""


class IndexThread(QThread):
    """Indexes folders one time, then ends.

    Attributes:
        folders: What it indexes.

    Signals:
        progressed: A ``Progress``.
        indexed: The ``IndexReport``, also when it was interrupted.
        failed: What happened and what to do.
    """

    progressed = Signal(object)
    indexed = Signal(object)
    failed = Signal(str, str)

    def __init__(self, catalogue: Catalogue, folders: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self.folders = tuple(folders)
        self._stopping = threading.Event()

    def request_stop(self) -> None:
        """Ask it to end soon; what is stored stays, and the next run goes on from there."""
        self._stopping.set()

    def run(self) -> None:
        """Index; every end of it is told by exactly one of ``indexed`` and ``failed``."""
        from aesthetic_studio.pipeline.indexing import index  # noqa: PLC0415 - not before the window is shown

        try:
            report = index(
                self._catalogue,
                self.folders,
                progress=self.progressed.emit,
                should_stop=self._stopping.is_set,
                niceness=NICENESS,
            )
        except KnownError as error:
            self.failed.emit(error.message, error.advice)
        except Exception:
            log.exception("indexing failed")
            self.failed.emit(_("Reading the folders failed."), _("The log file has the details. Rescan to go on."))
        else:
            for fault in report.faults:
                log.error("a photo met a fault of ours:\n%s", fault)
            self.indexed.emit(report)
