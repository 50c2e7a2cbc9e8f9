"""From a key to the next challenger's true pixels, decoded ahead and not, and moving nine photos. Prints JSON."""

# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from aesthetic_studio.desktop.compare.view import CompareView
from aesthetic_studio.desktop.loupe.images import LoupeImages
from aesthetic_studio.records import Metadata, PhotoRecord, PhotoState, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
SIZE = (6000, 4000)


def photos(folder: Path) -> list[PhotoRecord]:
    """Nine photos of 24 megapixels with something to decode in them."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(7)  # noqa: S311 - a picture, no secret
    picture = Image.frombytes("RGB", (90, 60), chance.randbytes(90 * 60 * 3)).resize(SIZE, Image.Resampling.BICUBIC)
    picture.save(folder / "1.jpg", quality=90)
    data = (folder / "1.jpg").read_bytes()
    made = []
    for number in range(1, 10):
        path = folder / f"{number}.jpg"
        path.write_bytes(data)
        record = PhotoRecord(
            number, number, path, PhotoState.PRESENT, 1, 1, (), "JPEG", *SIZE, Metadata(), None, None, Verdict()
        )
        made.append(record)
    return made


def until(done: Callable[[], bool]) -> None:
    """Work the event loop until something is so."""
    deadline = time.perf_counter() + 60
    while not done() and time.perf_counter() < deadline:
        QApplication.processEvents()


def step(view: CompareView, champion: PhotoRecord, challenger: PhotoRecord) -> float:
    """Milliseconds until the next challenger's true pixels are painted."""
    started = time.perf_counter()
    view.show_pair(champion, challenger, lambda _photo: QImage(), place="", end="")
    until(view.panes()[1].canvas.has_true_pixels)
    view.repaint()
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    """Measure both ways in turn."""
    application = QApplication(sys.argv[:1])
    made = photos(Path(sys.argv[1]))
    view = CompareView()
    view.resize(1600, 1000)
    view.show()
    images = view.findChild(LoupeImages)
    ahead, later = [], []
    for _ in range(ROUNDS):
        for known, times in ((True, ahead), (False, later)):
            view.begin()
            step(view, made[0], made[1])
            if known:
                view.set_likely([made[2]])
                until(lambda: images.image(str(made[2].path)) is not None)
            times.append(step(view, made[0], made[2]))
    view.show_survey(made, lambda _photo: QImage())
    view.toggle_zoom()
    until(lambda: all(pane.canvas.has_true_pixels() for pane in view.panes()))
    pans = []
    for number in range(20):
        started = time.perf_counter()
        view.pan_by(-8 if number % 10 < 5 else 8, 4)
        view.grab()
        pans.append(1000 * (time.perf_counter() - started))
    answer = {
        "ahead": statistics.median(ahead) / statistics.median(later),
        "ahead_ms": statistics.median(ahead),
        "pan_ms": statistics.median(pans),
    }
    print(json.dumps(answer))
    view.close_workers()
    application.quit()


if __name__ == "__main__":
    main()
