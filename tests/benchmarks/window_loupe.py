"""How soon the loupe shows the true pixels of the photo that a key asks for, in the real window. Prints JSON."""

# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from aesthetic_studio.desktop.app import SWITCH_INTERVAL_S, make_application
from aesthetic_studio.desktop.toolkit.allocator import return_large_blocks
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.library.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from aesthetic_studio.desktop.loupe.view import LoupeView

PATIENCE_S = 30.0
REPEAT_S = 1 / 40
"""Between two repeats of a held key: quicker than the usual 25 to 33 a second."""

Key = Qt.Key


class Still(MainWindow):
    """The window without work behind it, so that only the loupe is measured."""

    def rescan(self) -> None:
        """Look at no folder."""


class Painted(QObject):
    """Notes what each paint of the loupe is about to show: which photo, and whether its true pixels."""

    def __init__(self, loupe: LoupeView) -> None:
        super().__init__(loupe)
        self._loupe = loupe
        self.last: tuple[int | None, bool] = (None, False)
        self.shown: list[int] = []
        loupe.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Look at paint events and let them pass."""
        if event.type() == QEvent.Type.Paint:
            self.last = (self._loupe.photo_id(), self._loupe.has_true_pixels())
            if self.last[0] is not None and self.shown[-1:] != [self.last[0]]:
                self.shown.append(self.last[0])
        return False


def wait(condition: Callable[[], bool]) -> None:
    """Let the window work until something holds."""
    until = time.perf_counter() + PATIENCE_S
    QApplication.processEvents()
    ticking = QTimer()
    ticking.start(250)
    while not condition():
        # Asleep until something happens, as a program at rest is: a loop that spins would take a core from the decoder.
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.perf_counter() > until:
            raise SystemExit("the loupe did not come to rest")


class Bench:
    """The measurements over one window that shows the loupe."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._loupe = window.loupe
        self._painted = Painted(window.loupe)
        self._ids = list(window.album.answer.ids) if window.album.answer else []
        self.most_bytes = 0

    def press(self, key: Qt.Key, times: int = 1) -> float:
        """Milliseconds from the press of a key to the painted true pixels of the photo that is current then."""
        self._painted.last = (None, False)
        began = time.perf_counter()
        for _ in range(times):
            QTest.keyClick(self._loupe, key)
        wait(lambda: self._painted.last == (self._window.views.current_id(), True))
        return 1000 * (time.perf_counter() - began)

    def jump(self, photo_id: int) -> float:
        """Milliseconds from the decision to go to a photo that was not prefetched to its painted true pixels."""
        self._painted.last = (None, False)
        began = time.perf_counter()
        self._window.views.go_to(photo_id)
        wait(lambda: self._painted.last == (photo_id, True))
        return 1000 * (time.perf_counter() - began)

    def settle(self) -> None:
        """Wait until nothing is left to decode."""
        wait(self._loupe.is_settled)
        QApplication.processEvents()

    def forget(self) -> None:
        """Make every photo cold again."""
        for photo_id in self._ids:
            self._loupe.forget_file(self._path(photo_id))

    def _path(self, photo_id: int) -> Path:
        return self._window.reader_here.photos([photo_id])[0].path

    def steps(self, rounds: int) -> dict[str, float]:
        """Steps to photos that were prefetched: to and fro, with a rest between as the eye takes it."""
        taken = []
        for number in range(rounds):
            self.settle()
            taken.append(self.press(Key.Key_Right if number % 20 < 15 else Key.Key_Left))
        taken.sort()
        return {
            "median_ms": statistics.median(taken),
            "p95_ms": taken[int(0.95 * (len(taken) - 1))],
            "max_ms": taken[-1],
            "count": len(taken),
        }

    def cold(self, rounds: int, *, whole: bool) -> tuple[float, float, float]:
        """Median ratio of a cold step to the bare decode of the same file, and the median of each in milliseconds."""
        ratios, ours, bares = [], [], []
        for _ in range(rounds):
            row = self._ids.index(self._window.views.current_id() or 0)
            photo_id = self._ids[(row + len(self._ids) // 2 + 3) % len(self._ids)]
            self.forget()
            self.settle()
            path = self._path(photo_id)
            if self._loupe._images.image(str(path)) is not None:
                raise SystemExit("a cold step would find its photo decoded: the album is too small")
            rect, ratio = self._loupe.photo_rect(), self._loupe.devicePixelRatioF()
            size = None if whole else (round(rect.width() * ratio), round(rect.height() * ratio))
            bare_before = bare(path, size)
            mine = self.jump(photo_id)
            self.settle()
            theirs = statistics.mean((bare_before, bare(path, size)))
            ratios.append(mine / theirs)
            ours.append(mine)
            bares.append(theirs)
        return statistics.median(ratios), statistics.median(ours), statistics.median(bares)

    def scrub(self, seconds: float) -> dict[str, float]:
        """Hold the key down: how many photos are shown a second, and how many steps come after it is released."""
        self._window.views.go_to(self._ids[0])
        self.settle()
        self._painted.shown.clear()
        app = QTest.KeyAction
        key, turn = Key.Key_Right, 0
        began = now = time.perf_counter()
        keys = 0
        while now - began < seconds:
            row = self._ids.index(self._window.views.current_id() or self._ids[0])
            if row in (0, len(self._ids) - 1):
                key = Key.Key_Right if row == 0 else Key.Key_Left
                turn += 1
            QTest.simulateEvent(
                self._loupe, True, key, Qt.KeyboardModifier.NoModifier, "", True, 0
            ) if keys else QTest.sendKeyEvent(app.Press, self._loupe, key, "", Qt.KeyboardModifier.NoModifier)
            keys += 1
            due = began + keys * REPEAT_S
            while (now := time.perf_counter()) < due:
                QApplication.processEvents()
            QApplication.processEvents()
        QTest.sendKeyEvent(app.Release, self._loupe, key, "", Qt.KeyboardModifier.NoModifier)
        at_release = self._window.views.current_id()
        shown = len(self._painted.shown)
        self.settle()
        late = abs(self._ids.index(self._window.views.current_id() or 0) - self._ids.index(at_release or 0))
        return {"rate": shown / (now - began), "keys": keys, "steps": shown, "late": late}

    def memory(self, steps: int) -> dict[str, float]:
        """The most memory that photos took over so many steps, some of them at 1:1, against their bound."""
        most = 0
        for number in range(steps):
            if number % 100 == 50:
                self._loupe.toggle_zoom()
            QTest.keyClick(self._loupe, Key.Key_Right if number // 40 % 2 == 0 else Key.Key_Left)
            QApplication.processEvents()
            most = max(most, self._loupe.kept_bytes())
            if number % 10 == 9:
                self.settle()
                most = max(most, self._loupe.kept_bytes())
        bound = self._loupe.budget_bytes()
        return {"share": most / bound, "most_mb": most / 1e6, "bound_mb": bound / 1e6}


def bare(path: Path, size: tuple[int, int] | None) -> float:
    """Milliseconds of libjpeg-turbo alone: the file read and decoded at the scale that is shown, in one thread."""
    began = time.perf_counter()
    with Image.open(path) as image:
        if size is not None:
            image.draft(None, size)
        image.load()
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    """Open the library, show the loupe, measure."""
    library, rounds = Path(sys.argv[1]), int(sys.argv[2])
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    return_large_blocks()
    application = make_application()
    with Catalogue.open(library) as catalogue:
        window = Still(catalogue, device="cpu")
        window.resize(1920, 1080)
        window.show()
        window.start()
        wait(lambda: window.album.answer is not None)
        window.activateWindow()
        window.views.show_loupe()
        application.processEvents()
        bench = Bench(window)
        bench.settle()
        answer: dict[str, object] = {"steps": bench.steps(rounds)}
        answer["cold"], answer["cold_ms"], answer["bare_ms"] = bench.cold(rounds // 3, whole=False)
        window.loupe.zoom_to(1.0)
        whole = bench.cold(rounds // 4, whole=True)
        answer["cold_whole"], answer["cold_whole_ms"], answer["bare_whole_ms"] = whole
        window.loupe.zoom_to_fit()
        answer["scrub"] = bench.scrub(3.0)
        answer["memory"] = bench.memory(500)
        window.close()
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
