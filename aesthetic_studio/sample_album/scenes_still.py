"""Spheres and fruit on a table: still lifes with a depth to focus in."""

from __future__ import annotations

import math

import numpy as np

from aesthetic_studio.sample_album.camera import bloom, focus_at, focus_layers
from aesthetic_studio.sample_album.noise import Array, Generator, blur
from aesthetic_studio.sample_album.raytrace import Ball, Vector, project, trace
from aesthetic_studio.sample_album.shapes import paint

_EYE: Vector = (0.05, 1.55, -1.0)
_PITCH, _FOCAL = 0.155, 1.55


def marbles(rng: Generator, height: int, width: int) -> tuple[Array, Array]:
    """A row of glossy balls going away from the camera, with their depth: six distances to focus on."""
    paints: list[tuple[Vector, float, str]] = [
        ((0.42, 0.020, 0.018), 0.0, "plain"), ((0.80, 0.62, 0.36), 1.0, "plain"), ((0.030, 0.14, 0.36), 0.0, "stripe"),
        ((0.46, 0.25, 0.09), 0.0, "wood"), ((0.05, 0.22, 0.11), 0.0, "plain"), ((0.72, 0.72, 0.74), 1.0, "plain"),
    ]  # fmt: skip
    balls = []
    for i, (hue, metal, skin) in enumerate(paints):
        size = (0.46, 0.52, 0.50, 0.58, 0.54, 0.66)[i]
        balls.append(
            Ball((-1.08 + 0.50 * i + 0.16 * math.sin(i * 2.3), size, 2.45 + 0.92 * i), size, hue, 0.9, metal, skin)
        )
    light, depth = trace(
        rng,
        balls,
        height,
        width,
        eye=(0.0, 1.70, -0.7),
        pitch=0.235,
        focal=1.62,
        table=(0.235, 0.145, 0.085),
        wall=(0.16, 0.15, 0.16),
    )
    return bloom(light, 0.05, 18), depth


MARBLE_DEPTHS = (3.15, 4.05, 4.95, 5.85, 6.75, 7.70)
"""Distance of each ball from the camera: where a focus stack's frames are focused."""


def focused(layers: list[tuple[float, Array]], depth: Array, distance: float, aperture: float = 62.0) -> Array:
    """The scene with the lens set to ``distance``; the circle of confusion grows with the difference in 1/depth."""
    circle = np.abs(1.0 / np.maximum(depth, 0.3) - 1.0 / distance) * np.float32(aperture)
    return focus_at(layers, blur(np.minimum(circle, 14.0).astype(np.float32), 1.2))


def fruit(rng: Generator, height: int, width: int) -> Array:
    """Apples, oranges and plums by a window, as the old masters lit them."""
    balls = [
        Ball((-0.62, 0.60, 4.05), 0.60, (0.36, 0.022, 0.014), 0.55, 0, "apple"),
        Ball((0.62, 0.56, 3.75), 0.56, (0.78, 0.265, 0.018), 0.30, 0, "orange"),
        Ball((0.02, 0.36, 3.05), 0.36, (0.055, 0.018, 0.070), 0.28, 0, "plain"),
        Ball((1.55, 0.60, 4.55), 0.60, (0.30, 0.030, 0.016), 0.55, 0, "apple"),
        Ball((-1.62, 0.54, 4.75), 0.54, (0.80, 0.30, 0.022), 0.30, 0, "orange"),
        Ball((0.30, 0.64, 5.00), 0.64, (0.26, 0.30, 0.045), 0.50, 0, "apple"),
        Ball((1.28, 0.33, 3.02), 0.33, (0.060, 0.016, 0.060), 0.28, 0, "plain"),
        Ball((-1.45, 0.16, 3.30), 0.16, (0.30, 0.008, 0.020), 0.85, 0, "plain"),
        Ball((-1.13, 0.15, 3.02), 0.15, (0.26, 0.008, 0.018), 0.85, 0, "plain"),
    ]
    light, depth = trace(
        rng,
        balls,
        height,
        width,
        eye=_EYE,
        pitch=_PITCH,
        focal=_FOCAL,
        table=(0.150, 0.085, 0.048),
        wall=(0.060, 0.052, 0.046),
    )
    stems = [((-0.62, 1.17, 4.0), 0.05), ((1.55, 1.17, 4.5), -0.04), ((0.30, 1.25, 4.95), 0.03)]
    lines = []
    for top, bend in stems:
        px, py, far = project(top, _EYE, _PITCH, _FOCAL, height, width)
        size = height * _FOCAL / far
        bow = [(px, py), (px + bend * size * 0.5, py - 0.11 * size), (px + bend * size * 1.6, py - 0.20 * size)]
        lines.append((bow, 0.034 * size))
    paint(light, (0.060, 0.035, 0.016), [], lines)
    return bloom(focused(focus_layers(light), depth, 4.75, 26.0), 0.04, 16)


def plums(rng: Generator, height: int, width: int) -> Array:
    """Three plums and a cherry, closer."""
    balls = [
        Ball((-0.55, 0.50, 3.10), 0.50, (0.075, 0.020, 0.085), 0.35, 0, "plain"),
        Ball((0.52, 0.48, 3.35), 0.48, (0.30, 0.030, 0.016), 0.55, 0, "apple"),
        Ball((0.05, 0.50, 4.20), 0.50, (0.80, 0.30, 0.022), 0.30, 0, "orange"),
        Ball((0.15, 0.17, 2.55), 0.17, (0.30, 0.008, 0.020), 0.85, 0, "plain"),
    ]
    table, wall = (0.19, 0.16, 0.14), (0.10, 0.12, 0.13)
    light, _ = trace(rng, balls, height, width, eye=_EYE, pitch=0.20, focal=1.7, table=table, wall=wall)
    return bloom(light, 0.04, 16)
