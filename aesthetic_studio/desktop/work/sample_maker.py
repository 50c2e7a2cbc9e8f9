"""Makes the sample album in a process of its own, so that rendering never holds up the window."""

from __future__ import annotations

import logging
import multiprocessing
import shutil
import threading
from multiprocessing.connection import wait
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from aesthetic_studio.translation import _

log = logging.getLogger("aesthetic_studio.desktop.sample")


class SampleMaker(QThread):
    """Makes the sample album, which takes a while; an album that is there already is only opened.

    It is rendered beside its place and moved there when it is whole, so one that was interrupted is never opened.

    Signals:
        made: The album's folder.
        failed: What happened and what to do.
    """

    made = Signal(str)
    failed = Signal(str, str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End it, finished or not."""
        self._stopping.set()
        self.wait()

    def run(self) -> None:
        """Make the album where it is not there yet."""
        try:
            if not self._folder.is_dir() and not self._make():
                return
        except OSError as error:
            self.failed.emit(
                f"{self._folder}: {error.strerror or error}.", _("Make room there, or allow writing, and try again.")
            )
            return
        self.made.emit(str(self._folder))

    def _make(self) -> bool:
        unfinished = self._folder.with_name(f"{self._folder.name}-unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        process = multiprocessing.get_context("spawn").Process(
            target=_render, args=(str(unfinished),), name="sample-album", daemon=True
        )
        process.start()
        while not wait([process.sentinel], timeout=0.1):
            if self._stopping.is_set():
                process.kill()
        process.join()
        if process.exitcode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            if not self._stopping.is_set():
                log.error("the sample album's process ended with %s", process.exitcode)
                self.failed.emit(_("The sample album could not be made."), _("The log file has the details."))
            return False
        unfinished.rename(self._folder)
        return True


def _render(folder: str) -> None:
    """Work in the child; a failure ends it with its traceback on standard error and an exit code."""
    from aesthetic_studio.sample_album import make_album  # noqa: PLC0415 - only in the child

    make_album(Path(folder))
