"""How long the hand waits when 5,000 selected photos are dragged out, and when 50 are. Prints JSON."""

# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from aesthetic_studio.desktop.app import make_application
from aesthetic_studio.desktop.drag.out import mime_of, paths_of
from aesthetic_studio.desktop.drag.picture import drag_picture
from aesthetic_studio.library.catalogue import Catalogue
from aesthetic_studio.records import Look, Measurements, Metadata, PhotoFacts, PhotoFile

FEW, MANY, ROUNDS = 50, 5_000, 9
MEASURED = Measurements(0.6, 0.1, 0.01, -0.4, 0.02, 0.01, 0.2, 0.4, 1.5)
LOOK = Look(bytes(32 * 32), bytes(8 * 8 * 3))


def made(catalogue: Catalogue, number: int) -> int:
    """Store a photo with a RAW beside it."""
    name = f"DSC_{number:05d}"
    facts = PhotoFacts(number.to_bytes(16, "big"), "JPEG", 6000, 4000, Metadata(), MEASURED, LOOK, b"")
    return catalogue.store_facts(PhotoFile("/photos/a folder", f"{name}.jpg", 9, 9, (f"{name}.NEF",)), facts)


def drag(catalogue: Catalogue, ids: list[int], widget: QWidget) -> float:
    """Milliseconds from the moved hand to the drag that begins."""
    started = time.perf_counter()
    paths = paths_of(catalogue.files(ids), companions=True)
    mime = mime_of(paths)
    drag_picture(None, len(paths), 1.0, widget.font())
    took = 1000 * (time.perf_counter() - started)
    assert mime.hasUrls()
    return took


def main() -> None:
    """Measure both, in turn."""
    application = make_application()
    widget = QWidget()
    widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    with Catalogue.open(Path(sys.argv[1])) as catalogue:
        with catalogue.transaction():
            catalogue.add_root("/photos")
            ids = [made(catalogue, number) for number in range(1, MANY + 1)]
        times = [(drag(catalogue, ids[:FEW], widget), drag(catalogue, ids, widget)) for _ in range(ROUNDS)]
    few, many = (statistics.median(column) for column in zip(*times, strict=True))
    print(json.dumps({"few_ms": few, "many_ms": many, "a_photo": many / MANY / (few / FEW)}))
    application.quit()


if __name__ == "__main__":
    main()
