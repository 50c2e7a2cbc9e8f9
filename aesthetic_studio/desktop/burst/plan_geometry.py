"""Where the rows of a plan lie: a heading a burst and its frames in lines below it; pure arithmetic."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Box = tuple[int, int, int, int]
"""Left, top, width, height in pixels of the content."""


@dataclass(frozen=True, slots=True)
class PlanSizes:
    """Pixels."""

    width: int
    cell_width: int
    cell_height: int
    heading: int
    gap: int = 10
    margin: int = 14


class PlanGeometry:
    """The layout of bursts below each other.

    Args:
        counts: Frames of each burst, 0 for a series that takes one line without frames.
        sizes: How large everything is.
    """

    def __init__(self, counts: Sequence[int], sizes: PlanSizes) -> None:
        self._sizes = sizes
        self.columns = max(1, (sizes.width - 2 * sizes.margin + sizes.gap) // (sizes.cell_width + sizes.gap))
        self._counts = list(counts)
        self._firsts: list[int] = []
        self._tops: list[int] = []
        row, top = 0, sizes.gap
        for count in self._counts:
            self._firsts.append(row)
            self._tops.append(top)
            row += max(1, count)
            top += sizes.heading + -(-count // self.columns) * (sizes.cell_height + sizes.gap)
        self._rows, self.height = row, top + sizes.gap

    def burst_of(self, row: int) -> int:
        """The burst that a row belongs to."""
        return bisect_right(self._firsts, row) - 1

    def box(self, row: int) -> Box:
        """Where a row lies: its cell, or the line of a series without frames."""
        burst = self.burst_of(row)
        if not self._counts[burst]:
            return self.heading_box(burst)
        sizes = self._sizes
        line, column = divmod(row - self._firsts[burst], self.columns)
        left = sizes.margin + column * (sizes.cell_width + sizes.gap)
        top = self._tops[burst] + sizes.heading + line * (sizes.cell_height + sizes.gap)
        return left, top, sizes.cell_width, sizes.cell_height

    def heading_box(self, burst: int) -> Box:
        """Where a burst's heading lies."""
        sizes = self._sizes
        return sizes.margin, self._tops[burst], sizes.width - 2 * sizes.margin, sizes.heading

    def row_at(self, x: int, y: int) -> int:
        """The row at a point, −1 where there is none."""
        burst = bisect_right(self._tops, y) - 1
        if burst < 0:
            return -1
        for row in range(self._firsts[burst], self._firsts[burst] + max(1, self._counts[burst])):
            left, top, width, height = self.box(row)
            if left <= x < left + width and top <= y < top + height:
                return row
        return -1

    def bursts_between(self, top: int, bottom: int) -> range:
        """The bursts that touch a stretch of the content."""
        first = max(0, bisect_right(self._tops, top) - 1)
        return range(first, bisect_right(self._tops, bottom))

    def rows_between(self, top: int, bottom: int) -> Iterator[int]:
        """The rows whose boxes touch it."""
        for burst in self.bursts_between(top, bottom):
            for row in range(self._firsts[burst], self._firsts[burst] + max(1, self._counts[burst])):
                _, start, _, height = self.box(row)
                if start <= bottom and start + height >= top:
                    yield row

    def above_or_below(self, row: int, by: int) -> int:
        """The row that lies one line above (−1) or below (1), as nearly as there is one; the row itself at the ends."""
        burst = self.burst_of(row)
        column = (row - self._firsts[burst]) % self.columns if self._counts[burst] else 0
        target = row + by * self.columns if self._counts[burst] else -1
        inside = range(self._firsts[burst], self._firsts[burst] + max(1, self._counts[burst]))
        if target in inside:
            return target
        if by > 0 and self._counts[burst] and (row - inside.start) // self.columns < (len(inside) - 1) // self.columns:
            return inside[-1]
        other = burst + by
        if not 0 <= other < len(self._counts):
            return row
        count = max(1, self._counts[other])
        line = 0 if by > 0 else (count - 1) // self.columns
        return self._firsts[other] + min(line * self.columns + column, count - 1)
