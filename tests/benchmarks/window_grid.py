"""Cost of a repaint and of a scroll step of the real grid at 1,000,000 and at 1,000 photos. Prints JSON."""

# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import json
import statistics
import sys
import time
from array import array
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from aesthetic_studio.desktop.grid.model import PhotoListModel
from aesthetic_studio.desktop.grid.view import GridView
from aesthetic_studio.records import GridCell, PhotoState, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW, MANY = 1_000, 1_000_000


def cells(ids: Sequence[int]) -> list[GridCell]:
    """Cells as the catalogue would answer them; made, so that only the view is measured."""
    return [
        GridCell(i, i, f"DSC_{i:07d}.jpg", PhotoState.PRESENT, Verdict(rating=i % 6), 1 + i % 90 / 10, 1.2) for i in ids
    ]


def view_of(count: int) -> GridView:
    """A grid over so many photos, in the middle of the album, painted once."""
    model = PhotoListModel(cells)
    model.reset(array("q", range(1, count + 1)))
    view = GridView(model)
    model.setParent(view)
    view.resize(1600, 1000)
    view.show()
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    QApplication.processEvents()
    view.viewport().repaint()
    return view


def repaint(view: GridView) -> float:
    """Milliseconds of one repaint."""
    started = time.perf_counter()
    view.viewport().repaint()
    return 1000 * (time.perf_counter() - started)


def scroll(view: GridView, step: int) -> float:
    """Milliseconds of one step of the wheel, painted."""
    bar = view.verticalScrollBar()
    started = time.perf_counter()
    bar.setValue(bar.value() + step)
    QApplication.processEvents()
    view.viewport().repaint()
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    """Measure both views in turn, so that whatever else the machine does falls on both."""
    application = QApplication(sys.argv[:1])
    rounds = int(sys.argv[1])
    few, many = view_of(FEW), view_of(MANY)
    paints: tuple[list[float], list[float]] = ([], [])
    steps: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for place, view in enumerate((few, many)):
            paints[place].append(repaint(view))
        for place, view in enumerate((few, many)):
            # To and fro around the middle: new rows come into view at each step, pages are fetched now and then.
            steps[place].append(scroll(view, 120 if number % 40 < 20 else -120))
    answer = {
        "repaint": statistics.median(paints[1]) / statistics.median(paints[0]),
        "scroll": statistics.median(steps[1]) / statistics.median(steps[0]),
        "repaint_ms": statistics.median(paints[1]),
        "scroll_ms": statistics.median(steps[1]),
    }
    print(json.dumps(answer))
    for view in (few, many):
        view.close()
    application.quit()


if __name__ == "__main__":
    main()
