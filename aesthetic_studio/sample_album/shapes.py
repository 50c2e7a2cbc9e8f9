"""Drawn shapes: masks with smooth edges, and painting them where they are."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from aesthetic_studio.sample_album.noise import Array, mix

Points = list[tuple[float, float]]
Line = tuple[Points, float]


def _box(height: int, width: int, shapes: list[Points], lines: list[Line]) -> tuple[int, int, int, int]:
    xs = [x for shape in [*shapes, *(points for points, _ in lines)] for x, _ in shape]
    ys = [y for shape in [*shapes, *(points for points, _ in lines)] for _, y in shape]
    left, top = min(max(0, int(min(xs)) - 6), width), min(max(0, int(min(ys)) - 6), height)
    return top, max(top, min(height, int(max(ys)) + 7)), left, max(left, min(width, int(max(xs)) + 7))


def _cover(box: tuple[int, int, int, int], shapes: list[Points], lines: list[Line]) -> Array:
    scale = 3
    top, bottom, left, right = box
    picture = Image.new("L", ((right - left) * scale, (bottom - top) * scale))
    draw = ImageDraw.Draw(picture)
    for shape in shapes:
        draw.polygon([((x - left) * scale, (y - top) * scale) for x, y in shape], fill=255)
    for points, thick in lines:
        moved = [((x - left) * scale, (y - top) * scale) for x, y in points]
        draw.line(moved, fill=255, width=max(1, round(thick * scale)), joint="curve")
    return np.asarray(picture.reduce(scale), dtype=np.float32) / 255


def mask(height: int, width: int, shapes: list[Points], lines: list[Line] | None = None) -> Array:
    """Cover 0..1 of polygons and of lines (points, width), in pixels, over a whole frame."""
    box = _box(height, width, shapes, lines or [])
    cover = np.zeros((height, width), dtype=np.float32)
    if box[1] > box[0] and box[3] > box[2]:
        cover[box[0] : box[1], box[2] : box[3]] = _cover(box, shapes, lines or [])
    return cover


def paint(
    picture: Array,
    tint: tuple[float, float, float],
    shapes: list[Points],
    lines: list[Line] | None = None,
    opacity: float = 1.0,
) -> None:
    """Lay one colour over shapes and lines, in place."""
    height, width = picture.shape[:2]
    box = _box(height, width, shapes, lines or [])
    if box[1] > box[0] and box[3] > box[2]:
        region = picture[box[0] : box[1], box[2] : box[3]]
        region[:] = mix(region, tint, _cover(box, shapes, lines or []) * np.float32(opacity))


def curve(points: Points, steps: int = 10) -> Points:
    """A smooth closed outline through these points (Catmull-Rom)."""
    n = len(points)
    result: Points = []
    for i in range(n):
        p0, p1, p2, p3 = (np.asarray(points[(i + k - 1) % n], dtype=np.float64) for k in range(4))
        for t in np.linspace(0, 1, steps, endpoint=False):
            place = 0.5 * (
                2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
            )
            result.append((float(place[0]), float(place[1])))
    return result
