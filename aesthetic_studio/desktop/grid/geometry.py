"""Where cells lie in the grid: arithmetic alone, so that no cost grows with the number of photos."""

from __future__ import annotations

from dataclasses import dataclass

MIN_CELL = 96
MAX_CELL = 384
DEFAULT_CELL = 176

SCROLL_LIMIT = 1 << 30
"""Scroll bars and rectangles count in 32 bits: content above this many pixels is scrolled in coarser units."""


@dataclass(frozen=True, slots=True)
class GridGeometry:
    """A grid of equal cells that fill the width, in device-independent pixels.

    Attributes:
        count: Photos in the album.
        width: Of the viewport.
        cell_size: The narrowest a cell may be; what is left of the width is shared out.
        footer: Height below the photo for name, stars and score.
        gap: Between cells and around them.
    """

    count: int
    width: int
    cell_size: int
    footer: int
    gap: int

    @property
    def columns(self) -> int:
        """Cells side by side, at least one."""
        return max(1, (self.width - self.gap) // (self.cell_size + self.gap))

    @property
    def cell_width(self) -> int:
        """Of every cell."""
        return max(24, (self.width - self.gap) // self.columns - self.gap)

    @property
    def cell_height(self) -> int:
        """Of every cell: the photo has a square, so that portraits and landscapes are shown equally large."""
        return self.cell_width + self.footer

    @property
    def row_height(self) -> int:
        """From one line of cells to the next."""
        return self.cell_height + self.gap

    @property
    def lines(self) -> int:
        """Lines of cells."""
        return -(-self.count // self.columns)

    @property
    def height(self) -> int:
        """Of all content."""
        return self.lines * self.row_height + self.gap if self.count else 0

    @property
    def scroll_unit(self) -> int:
        """Pixels of one step of the scroll bar: 1 until 32 bits would not do."""
        return max(1, -(-self.height // SCROLL_LIMIT))

    def cell_at(self, row: int) -> tuple[int, int, int, int]:
        """Left, top, width, height of a photo's cell, from the content's top."""
        line, column = divmod(row, self.columns)
        return (
            self.gap + column * (self.cell_width + self.gap),
            self.gap + line * self.row_height,
            self.cell_width,
            self.cell_height,
        )

    def row_at(self, x: int, y: int) -> int:
        """The photo at a point of the content, −1 in a gap or beyond the end."""
        column, inside_x = divmod(x - self.gap, self.cell_width + self.gap)
        line, inside_y = divmod(y - self.gap, self.row_height)
        if not (0 <= column < self.columns and line >= 0 and inside_x < self.cell_width):
            return -1
        row = line * self.columns + column
        return row if inside_y < self.cell_height and row < self.count else -1

    def rows_between(self, top: int, bottom: int) -> range:
        """The photos whose cells may touch the content from ``top`` to ``bottom``, both inclusive."""
        if bottom < top:
            return range(0)
        first = max(0, (top - self.gap) // self.row_height) * self.columns
        last = (max(0, bottom - self.gap) // self.row_height + 1) * self.columns
        return range(min(first, self.count), min(last, self.count))

    def boxes_between(self, left: int, top: int, right: int, bottom: int) -> list[range]:
        """The photos whose cells touch a rectangle of the content, one range for each line of cells."""
        step = self.cell_width + self.gap
        first_column = max(0, left // step)
        last_column = min(self.columns - 1, (right - self.gap) // step)
        first_line = max(0, top // self.row_height)
        last_line = min(self.lines - 1, (bottom - self.gap) // self.row_height)
        ranges = (
            range(
                min(self.count, line * self.columns + first_column),
                min(self.count, line * self.columns + last_column + 1),
            )
            for line in range(first_line, last_line + 1)
        )
        return [box for box in ranges if box]
