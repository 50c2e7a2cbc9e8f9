"""How late the event loop is while the real window indexes and scores a folder. Prints JSON."""

# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from event_loop import Lateness
from PySide6.QtCore import QTimer

from aesthetic_studio.desktop.app import SWITCH_INTERVAL_S, make_application
from aesthetic_studio.desktop.window import MainWindow
from aesthetic_studio.library.catalogue import Catalogue

PATIENCE_S = 240.0


def main() -> None:
    """Open the window on a folder and wait until every photo of it is scored."""
    folder, library = sys.argv[1], Path(sys.argv[2])
    expected = sum(len(files) for _, _, files in os.walk(folder))
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    application = make_application()
    with Catalogue.open(library) as catalogue, catalogue.reader() as reader:
        window = MainWindow(catalogue, device="cpu")
        window.resize(1600, 1000)
        window.show()
        application.processEvents()
        lateness = Lateness()
        began = time.perf_counter()

        def look() -> None:
            totals = reader.totals()
            done = totals.photos >= expected and totals.scored >= totals.present
            if done or time.perf_counter() - began > PATIENCE_S:
                application.quit()

        looking = QTimer()
        looking.timeout.connect(look)
        QTimer.singleShot(0, lambda: window.start([folder]))
        lateness.start()
        looking.start(500)
        application.exec()
        late = lateness.stop()
        seconds = time.perf_counter() - began
        totals = reader.totals()
        window.close()
    if totals.scored < expected:
        raise SystemExit(f"only {totals.scored} of {expected} photos were scored in {seconds:.0f} s")
    answer = {**late, "photos": totals.scored, "seconds": seconds}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
