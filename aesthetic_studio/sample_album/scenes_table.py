"""Still lifes that nobody arranged twice: fruit and marbles of many sizes and paints on tables of many woods."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aesthetic_studio.sample_album.camera import bloom, focus_layers
from aesthetic_studio.sample_album.raytrace import Ball, Vector, trace
from aesthetic_studio.sample_album.scenes_still import focused

if TYPE_CHECKING:
    from aesthetic_studio.sample_album.noise import Array, Generator

_FRUIT: list[tuple[Vector, str, float, tuple[float, float]]] = [
    ((0.36, 0.022, 0.014), "apple", 0.55, (0.46, 0.60)),
    ((0.26, 0.30, 0.045), "apple", 0.50, (0.46, 0.60)),
    ((0.78, 0.265, 0.018), "orange", 0.30, (0.44, 0.58)),
    ((0.80, 0.62, 0.06), "orange", 0.30, (0.36, 0.46)),
    ((0.055, 0.018, 0.070), "plain", 0.30, (0.28, 0.38)),
    ((0.30, 0.008, 0.020), "plain", 0.85, (0.13, 0.18)),
]
_MARBLES: list[tuple[Vector, str, float, float]] = [
    ((0.42, 0.020, 0.018), "plain", 0.9, 0.0), ((0.80, 0.62, 0.36), "plain", 0.9, 1.0),
    ((0.03, 0.14, 0.36), "stripe", 0.9, 0.0), ((0.46, 0.25, 0.09), "wood", 0.7, 0.0),
    ((0.05, 0.22, 0.11), "plain", 0.9, 0.0), ((0.72, 0.72, 0.74), "plain", 0.9, 1.0),
    ((0.02, 0.02, 0.025), "plain", 0.9, 0.0), ((0.55, 0.50, 0.44), "stripe", 0.8, 0.0),
]  # fmt: skip
_TABLES: list[Vector] = [
    (0.150, 0.085, 0.048),
    (0.19, 0.16, 0.14),
    (0.06, 0.045, 0.04),
    (0.30, 0.24, 0.18),
    (0.10, 0.12, 0.13),
]
_WALLS: list[Vector] = [
    (0.060, 0.052, 0.046),
    (0.10, 0.12, 0.13),
    (0.16, 0.10, 0.08),
    (0.03, 0.05, 0.045),
    (0.20, 0.19, 0.17),
]


def still_life(rng: Generator, height: int, width: int) -> Array:
    """Some fruit, or some marbles, put down at random where each finds room."""
    with_fruit = bool(rng.random() < 0.6)
    balls: list[Ball] = []
    wanted = int(rng.integers(3, 9))
    for _ in range(60):
        if len(balls) == wanted:
            break
        if with_fruit:
            paint, skin, gloss, sizes = _FRUIT[int(rng.integers(len(_FRUIT)))]
            metal, radius = 0.0, float(rng.uniform(*sizes))
        else:
            paint, skin, gloss, metal = _MARBLES[int(rng.integers(len(_MARBLES)))]
            radius = float(rng.uniform(0.18, 0.62))
        x, z = float(rng.normal(0, 0.95)), float(rng.uniform(2.7, 5.0))
        if abs(x) > 0.40 * (z + 1) or any(
            math.dist((x, z), (b.centre[0], b.centre[2])) < radius + b.radius for b in balls
        ):
            continue
        balls.append(Ball((x, radius, z), radius, paint, gloss, metal, skin))
    table, wall = _TABLES[int(rng.integers(len(_TABLES)))], _WALLS[int(rng.integers(len(_WALLS)))]
    eye: Vector = (0.05, float(rng.uniform(1.1, 2.1)), -1.0)
    light, depth = trace(
        rng, balls, height, width, eye=eye, pitch=0.12 + 0.10 * (eye[1] - 1.1), focal=float(rng.uniform(1.35, 1.8)),
        table=table, wall=wall,
    )  # fmt: skip
    nearest = min(balls, key=lambda ball: ball.centre[2] - ball.radius)
    return bloom(focused(focus_layers(light), depth, nearest.centre[2] + 1.0, float(rng.uniform(10, 40))), 0.04, 16)
