"""Where the panes lie: as large as their photos' shapes, their captions and the room allow. Arithmetic alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aesthetic_studio.desktop.loupe.geometry import Rect

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Tiles:
    """Panes in rows.

    Attributes:
        columns: How many stand side by side.
        places: Where each pane lies, in device-independent pixels.
    """

    columns: int
    places: tuple[Rect, ...]


def tile(
    shapes: Sequence[float], width: float, height: float, caption: float, gap: float, columns: int | None = None
) -> Tiles:
    """Tile panes of one size so that the photos together are as large as can be.

    Args:
        shapes: Width divided by height of each photo.
        width: Of the room, in device-independent pixels.
        height: Of the room.
        caption: Height of the words below each photo.
        gap: Between panes.
        columns: How many stand side by side; ``None`` to find out.
    """
    if not shapes:
        return Tiles(1, ())
    count = len(shapes)
    columns = columns or max(
        range(1, count + 1), key=lambda number: _area(shapes, _cell(count, number, width, height, gap), caption)
    )
    across, down = _cell(count, columns, width, height, gap)
    places = []
    for number in range(count):
        line, column = divmod(number, columns)
        in_line = min(columns, count - line * columns)
        # A last row that is not full stands in the middle.
        left = (width - in_line * across - (in_line - 1) * gap) / 2
        places.append(Rect(left + column * (across + gap), line * (down + gap), across, down))
    return Tiles(columns, tuple(places))


def _cell(count: int, columns: int, width: float, height: float, gap: float) -> tuple[float, float]:
    rows = -(-count // columns)
    return max(1.0, (width - (columns - 1) * gap) / columns), max(1.0, (height - (rows - 1) * gap) / rows)


def _area(shapes: Sequence[float], cell: tuple[float, float], caption: float) -> float:
    width, height = cell[0], max(1.0, cell[1] - caption)
    return sum(min(width, height * shape) * min(height, width / shape) for shape in shapes)
