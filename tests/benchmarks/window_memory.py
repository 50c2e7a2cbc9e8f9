"""What the window keeps in memory over 100,000 photos, without any model: opened, scrolled, stepped. Prints JSON."""

# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import json
import sys
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from aesthetic_studio.desktop.app import make_application
from aesthetic_studio.desktop.toolkit.allocator import return_large_blocks
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 60.0
SCROLLS, STEPS = 120, 120


class Still(MainWindow):
    """The window without work behind it."""

    def rescan(self) -> None:
        """Look at no folder."""


def resident(field: str = "VmRSS") -> float:
    """Megabytes (10⁶ bytes) of this process; ``VmHWM`` for the most it ever had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{field}:"))


def wait(condition: Callable[[], bool]) -> None:
    """Let the window work until something holds."""
    until = time.perf_counter() + PATIENCE_S
    ticking = QTimer()
    ticking.start(100)
    while not condition():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.perf_counter() > until:
            raise SystemExit("the window did not come to rest")


def scroll(window: MainWindow, screens: int) -> None:
    """Page through the first photos of the grid, those that have previews, and leap through all of it."""
    bar = window.grid.verticalScrollBar()
    pages = [number * bar.pageStep() for number in range(screens)]
    for place in (*pages, *(bar.maximum() * number // 20 for number in range(20)), *reversed(pages[::4])):
        bar.setValue(place)
        for _ in range(5):
            QApplication.processEvents()


def step(window: MainWindow, steps: int) -> None:
    """Through the first photos in the loupe, half of them at 1:1, resting at every fifth."""
    loupe = window.loupe
    turning = count()
    for number in range(steps):
        if number == steps // 2:
            loupe.toggle_zoom()
        forward = next(turning) % 60 < 40
        QTest.keyClick(loupe, Qt.Key.Key_Right if forward else Qt.Key.Key_Left)
        QApplication.processEvents()
        if number % 5 == 4:
            wait(loupe.is_settled)


def main() -> None:
    """Open the library of ``argv[1]``, and measure while it is used."""
    return_large_blocks()
    application = make_application()
    with Catalogue.open(Path(sys.argv[1])) as catalogue:
        window = Still(catalogue, Settings(sort="name", descending=False), device="cpu")
        window.resize(1920, 1080)
        window.show()
        window.start()
        wait(lambda: window.album.answer is not None and window.album.is_settled)
        application.processEvents()
        answer: dict[str, float] = {"photos": len(window.album.answer.ids) if window.album.answer else 0}
        answer["opened_mb"] = resident()
        scroll(window, SCROLLS)
        answer["scrolled_mb"] = resident()
        window.views.go_to_end(first=True)
        window.views.show_loupe()
        wait(window.loupe.is_settled)
        step(window, STEPS)
        answer["stepped_mb"] = resident()
        answer["most_mb"] = resident("VmHWM")
        answer["photos_mb"] = window.loupe.kept_bytes() / 1e6
        answer["torch"] = sum(name == "torch" or name.startswith("torch.") for name in sys.modules)
        window.close()
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
