"""How late the event loop is while the Teach panel learns from 200 stars, beside the window. Prints JSON.

Usage: window_teach.py VOTED_PHOTOS LIBRARY. The photos are indexed first; stars go by turns.
"""

# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from event_loop import Lateness
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QPushButton

from aesthetic_studio.albums import PhotoQuery
from aesthetic_studio.desktop.app import SWITCH_INTERVAL_S, make_application
from aesthetic_studio.desktop.teach.panel import TeachPanel
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.pipeline.indexing import index
from aesthetic_studio.records import VerdictChange

PATIENCE_S = 240.0
STARS = 200


def main() -> None:
    """Judge, open the panel, press Train, and wait for the verdict."""
    folder, library = Path(sys.argv[1]), Path(sys.argv[2])
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    application = make_application()
    with Catalogue.open(library) as catalogue:
        index(catalogue, [str(folder.resolve())])
        judge(catalogue)
        window = MainWindow(catalogue, device="cpu")
        window.resize(1600, 1000)
        window.show()
        window.registry["library.teach"].do()
        panel = window.findChild(TeachPanel)
        train, verdict = panel.findChild(QPushButton, "teachTrain"), panel.findChild(QLabel, "teachVerdict")
        lateness = Lateness()
        began = time.perf_counter()

        said: list[str] = []

        def look() -> None:
            if verdict.text():
                said.append(verdict.text())
            if said or time.perf_counter() - began > PATIENCE_S:
                application.exit()

        looking = QTimer()
        looking.timeout.connect(look)
        QTimer.singleShot(0, train.click)
        QTimer.singleShot(1, lambda: looking.start(50))
        lateness.start()
        application.exec()
        answer = {**lateness.stop(), "seconds": time.perf_counter() - began}
        window.close()
    if not said:
        raise SystemExit(f"no verdict in {PATIENCE_S:.0f} s")
    print(json.dumps(answer))


def judge(catalogue: Catalogue) -> None:
    """Give stars to the first photos, by turns: what is learned does not matter here, only that it takes its time."""
    photos = list(catalogue.ids(PhotoQuery()))[:STARS]
    for stars in range(1, 6):
        catalogue.decide(photos[stars - 1 :: 5], VerdictChange(rating=stars), "stars")


if __name__ == "__main__":
    main()
