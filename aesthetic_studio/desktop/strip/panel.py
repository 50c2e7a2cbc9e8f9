"""The strip: a histogram of scores and a timeline of the album, each without its own filter, to draw that filter."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from aesthetic_studio.albums import PhotoFilter
from aesthetic_studio.desktop.strip.axes import Axis, score_axis, time_axis
from aesthetic_studio.desktop.strip.chart import RangeChart
from aesthetic_studio.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QShowEvent

    from aesthetic_studio.desktop.work.reader import LibraryReader, Spreading

DRAWING_PAUSE_MS = 60
"""The album follows the mouse at most this often."""
WIDEST_BINS = 160


class Strip(QWidget):
    """Both charts.

    Args:
        reader: Counts off the window's thread.

    Signals:
        filter_wanted: The ``PhotoFilter`` with the range that was drawn.
    """

    filter_wanted = Signal(object)

    def __init__(self, reader: LibraryReader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Histogram and timeline"))
        self._reader = reader
        self._wanted = PhotoFilter()
        self._found: Sequence[int] | None = None
        self._generation = -1
        self._counted: Spreading | None = None
        self._stale = True
        self.scores = RangeChart(_("Score"), _("No photo has a score yet"))
        self.times = RangeChart(_("Time"), _("No photo says when it was taken"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(16)
        layout.addWidget(self.scores, 2)
        layout.addWidget(self.times, 3)
        self._asking = QTimer(self, singleShot=True, interval=DRAWING_PAUSE_MS)
        self._asking.timeout.connect(lambda: self.filter_wanted.emit(self._wanted))
        self.scores.chosen.connect(self._on_scores_chosen)
        self.scores.cleared.connect(lambda: self._want(self._wanted.without_scores()))
        self.times.chosen.connect(self._on_times_chosen)
        self.times.cleared.connect(lambda: self._want(self._wanted.without_times()))
        reader.spreading_loaded.connect(self._on_loaded)

    def show_filter(self, wanted: PhotoFilter) -> None:
        """Show the ranges of this filter."""
        if not self._asking.isActive():
            self._wanted = wanted
            self._show_ranges()

    def refresh(self, found: Sequence[int] | None = None) -> None:
        """Count again, at once where the strip is in sight, else when it comes into sight.

        Args:
            found: The photos of a search, of which alone the charts tell then.
        """
        self._found = found
        self._stale = True
        if self.isVisible():
            self._ask()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Count what changed meanwhile."""
        super().showEvent(event)
        if self._stale:
            self._ask()

    def _ask(self) -> None:
        self._stale = False
        bins = min(WIDEST_BINS, max(24, self.times.width() // 5))
        self._generation = self._reader.request_spreading(self._wanted, bins, self._found)

    def _on_loaded(self, counted: Spreading) -> None:
        if counted.generation != self._generation:
            return
        self._counted = counted
        scores, times = counted.histogram, counted.timeline
        self.scores.show_axis(score_axis(scores) if sum(scores.counts) else Axis(), lacking=scores.lacking)
        self.times.show_axis(time_axis(times) if times.edges else Axis(), lacking=times.lacking)
        self._show_ranges()

    def _show_ranges(self) -> None:
        if self._counted is None:
            return
        wanted = self._wanted
        self.scores.show_range(_places(self._counted.histogram.edges, wanted.score_at_least, wanted.score_at_most))
        self.times.show_range(_places(self._counted.timeline.edges, wanted.taken_from, wanted.taken_before))

    def _on_scores_chosen(self, first: int, last: int) -> None:
        if self._counted is not None:
            edges = self._counted.histogram.edges
            self._want(
                replace(
                    self._wanted,
                    score_at_least=edges[first] if first else None,
                    score_at_most=edges[last] if last < len(edges) - 1 else None,
                )
            )

    def _on_times_chosen(self, first: int, last: int) -> None:
        if self._counted is not None:
            edges = self._counted.timeline.edges
            self._want(replace(self._wanted, taken_from=edges[first], taken_before=edges[last]))

    def _want(self, wanted: PhotoFilter) -> None:
        self._wanted = wanted
        if not self._asking.isActive():
            self._asking.start()


def _places(edges: Sequence[Any], low: Any, high: Any) -> tuple[float, float] | None:
    """Where a range stands among the edges, counted in bins; ``None`` for no range."""
    if (low is None and high is None) or not edges:
        return None
    first = 0.0 if low is None else place_of(edges, low)
    last = len(edges) - 1.0 if high is None else place_of(edges, high)
    return (first, max(first, last))


def place_of(edges: Sequence[Any], value: Any) -> float:
    """Where a value stands among ascending edges: 1.5 is halfway between the second and the third."""
    if value <= edges[0]:
        return 0.0
    if value >= edges[-1]:
        return len(edges) - 1.0
    place = bisect_right(edges, value) - 1
    share: float = (value - edges[place]) / (edges[place + 1] - edges[place])
    return place + share
