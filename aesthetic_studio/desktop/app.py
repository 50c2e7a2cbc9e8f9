"""Starts the window: log file, theme, library, and a calm answer to whatever goes wrong.

Neither torch nor a photo is touched before the window is on the screen; torch is never imported in this process at all.
"""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from aesthetic_studio import __version__, paths
from aesthetic_studio.desktop.dialogs import show_known_error
from aesthetic_studio.desktop.toolkit.allocator import return_large_blocks
from aesthetic_studio.desktop.toolkit.language import speak
from aesthetic_studio.desktop.toolkit.theme import apply_theme
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.errors import KnownError
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.settings import load_settings, settings_file
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import FrameType, TracebackType

log = logging.getLogger("aesthetic_studio.desktop")

LOG_BYTES = 1_000_000
SWITCH_INTERVAL_S = 0.001
"""Threads hand over this often, so that none that computes holds up the one that paints."""

EXIT_CANNOT_OPEN = 2
EXIT_INTERRUPTED = 130


def run(folders: Sequence[str], library: Path, device: str = "auto", model: str | None = None) -> int:
    """Open the window on a library, add ``folders`` to it, and stay until it is closed.

    Returns the exit code: 0, 130 when interrupted from the terminal, 2 where the library cannot be opened. Whether
    there is a display at all is for the caller to find out: Qt would end the program without a word of advice.
    """
    start_log()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    return_large_blocks()
    application = make_application()
    settings_path = settings_file(paths.data_folder())
    settings = load_settings(settings_path)
    speak(application, settings.language)
    sys.excepthook = _on_unexpected
    threading.excepthook = lambda failure: log.error(
        "a thread failed", exc_info=(failure.exc_type, failure.exc_value or failure.exc_type(), failure.exc_traceback)
    )
    try:
        catalogue = Catalogue.open(library)
    except KnownError as error:
        log.warning("the library cannot be opened: %s", error)
        show_known_error(error.message, error.advice)
        return EXIT_CANNOT_OPEN
    with catalogue:
        window = MainWindow(catalogue, settings, settings_path=settings_path, device=device, model=model)
        interrupts = Interrupts(window.close, application)
        window.show()
        # After the first paint: what the library holds is asked for once the window is there.
        QTimer.singleShot(0, lambda: window.start(folders))
        code = application.exec()
        interrupts.close()
        window.close()
    return EXIT_INTERRUPTED if interrupts.happened else code


def make_application() -> QApplication:
    """Make the one ``QApplication``, named and dressed."""
    application = QApplication.instance() or QApplication([paths.APPLICATION])
    if not isinstance(application, QApplication):
        raise TypeError("this process has a Qt application without widgets already")
    application.setApplicationName(paths.APPLICATION)
    application.setApplicationDisplayName("Aesthetic Studio")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName(paths.APPLICATION)
    apply_theme(application)
    return application


def start_log() -> None:
    """Write warnings and errors to a file that does not grow without end; without room for it, to nowhere."""
    root = logging.getLogger("aesthetic_studio")
    if any(isinstance(handler, RotatingFileHandler) for handler in root.handlers):
        return
    try:
        paths.log_folder().mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            paths.log_folder() / "aesthetic-studio.log", maxBytes=LOG_BYTES, backupCount=2, encoding="utf-8", delay=True
        )
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.INFO)


class Interrupts(QObject):
    """Ends the program cleanly on Ctrl+C in the terminal, or when the system asks it to.

    Python runs a signal's handler only between its own instructions, and Qt's loop may sleep for long; so the signal
    writes a byte to a socket that the loop listens to.

    Attributes:
        happened: Whether the program was interrupted.
    """

    def __init__(self, close: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.happened = False
        self._close = close
        self._reads, self._writes = socket.socketpair()
        for end in (self._reads, self._writes):
            end.setblocking(False)
        self._old_fd = signal.set_wakeup_fd(self._writes.fileno())
        self._old = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        self._notifier = QSocketNotifier(self._reads.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_byte)

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_fd)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        self._reads.close()
        self._writes.close()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.happened = True

    def _on_byte(self) -> None:
        self._reads.recv(64)
        if self.happened:
            self._close()


def _on_unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Put a bug of ours into the log and tell it calmly; the window stays open and nothing that was decided is lost."""
    if issubclass(kind, KeyboardInterrupt):
        QApplication.quit()
        return
    log.error("unexpected", exc_info=(kind, error, trace))
    if isinstance(error, KnownError) and QApplication.instance() is not None:
        show_known_error(error.message, error.advice)
        return
    application = QApplication.instance()
    if application is None or threading.current_thread() is not threading.main_thread():
        return
    if application.property("telling"):
        return
    application.setProperty("telling", True)
    try:
        box = QMessageBox(QMessageBox.Icon.Warning, "Aesthetic Studio", _("Something went wrong that should not have."))
        box.setInformativeText(
            _(
                "You can go on: what you decided is saved. The log file has the details; please send "
                "it with a report of what you did.\n\n{log_folder}"
            ).format(log_folder=paths.log_folder())
        )
        box.exec()
    finally:
        application.setProperty("telling", False)
