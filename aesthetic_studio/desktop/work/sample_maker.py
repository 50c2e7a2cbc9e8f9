"""Makes the sample album or shoot in a process of its own, so that rendering never holds up the window."""

from __future__ import annotations

import logging
import multiprocessing
import shutil
import threading
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal

from aesthetic_studio.errors import KnownError
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("aesthetic_studio.desktop.sample")


class SampleMaker(QThread):
    """Makes the sample album or shoot, which takes a while; one that is there already is only opened.

    It is rendered beside its place and moved there when it is whole, so one that was interrupted is never opened. A
    shoot takes minutes: what was rendered of it is kept, and the next time goes on from there.

    Signals:
        made: The folder.
        progressed: How many photos are there, of how many.
        failed: What happened and what to do.
    """

    made = Signal(str)
    progressed = Signal(int, int)
    failed = Signal(str, str)

    def __init__(self, folder: Path, parent: QObject | None = None, *, shoot: bool = False) -> None:
        super().__init__(parent)
        self._folder = folder
        self._shoot = shoot
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End it, finished or not."""
        self._stopping.set()
        self.wait()

    def run(self) -> None:
        """Make it where it is not there yet."""
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
        if not self._shoot:
            shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True, exist_ok=True)
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe(duplex=False)
        # A shoot is rendered by processes of its own, which only one that is no daemon may start.
        process = context.Process(
            target=_render, args=(str(unfinished), there, self._shoot), name="sample", daemon=not self._shoot
        )
        process.start()
        there.close()
        told = self._listen(here, process.sentinel, process.kill)
        process.join()
        if process.exitcode != 0:
            if not self._shoot:
                shutil.rmtree(unfinished, ignore_errors=True)
            if not self._stopping.is_set():
                log.error("the process that makes the sample ended with %s", process.exitcode)
                self.failed.emit(*(told or (_("The sample could not be made."), _("The log file has the details."))))
            return False
        unfinished.rename(self._folder)
        return True

    def _listen(self, here: Connection, sentinel: int, kill: Callable[[], None]) -> tuple[str, str] | None:
        """Pass on how far the child is until it ends; what it says is in the way, where it says so."""
        told: tuple[str, str] | None = None
        with here:
            while True:
                ready = wait([sentinel, here], timeout=0.1)
                if self._stopping.is_set():
                    kill()
                    return None
                if here in ready:
                    try:
                        first, second = here.recv()
                    except EOFError:
                        return told
                    if isinstance(first, int):
                        self.progressed.emit(first, second)
                    else:
                        told = first, second
                elif sentinel in ready:
                    return told


def _render(folder: str, parent: Connection, shoot: bool) -> None:
    """Work in the child; a failure ends it with an exit code, told to the parent or with its traceback."""
    from aesthetic_studio.sample_album import make_album, make_shoot  # noqa: PLC0415 - only in the child
    from aesthetic_studio.sample_album.shoot import end_with_parent  # noqa: PLC0415

    end_with_parent()

    def tell(done: int, total: int) -> None:
        parent.send((done, total))

    try:
        if shoot:
            make_shoot(Path(folder), progress=tell)
        else:
            make_album(Path(folder), progress=tell)
    except KnownError as error:
        parent.send((error.message, error.advice))
        raise SystemExit(1) from error
