"""Spheres on a table, traced ray by ray, with soft shadows and the reflections of a studio."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from aesthetic_studio.sample_album.noise import Array, Generator, colour, mix, resize, sample, smoothstep, spectral

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Ball:
    """A sphere on the table. ``y`` points up, the table is at 0, ``z`` away from the camera."""

    centre: Vector
    radius: float
    paint: Vector
    gloss: float = 0.5
    metal: float = 0.0
    skin: str = "plain"


_LIGHT = np.array([-0.52, 0.74, -0.42], dtype=np.float32) / np.float32(np.linalg.norm([-0.52, 0.74, -0.42]))


def _dot(a: Array, b: Array) -> Array:
    return np.asarray(np.einsum("...i,...i->...", a, b), dtype=np.float32)


def _hit(origin: Array, ray: Array, ball: Ball) -> Array:
    """Distance along each ray to the sphere, infinite where it misses."""
    to = origin - np.asarray(ball.centre, dtype=np.float32)
    b = _dot(ray, to)
    c = _dot(to, to) - np.float32(ball.radius**2)
    inside = b * b - c
    t = -b - np.sqrt(np.maximum(inside, 0))
    return np.where((inside > 0) & (t > 1e-3), t, np.inf).astype(np.float32)


def _shadow(point: Array, balls: list[Ball], skip: int | None = None) -> Array:
    """Share 0..1 of a round soft light that the spheres leave free, from how near each comes to the ray."""
    free = np.ones(point.shape[:-1], dtype=np.float32)
    for i, ball in enumerate(balls):
        if i == skip:
            continue
        to = np.asarray(ball.centre, dtype=np.float32) - point
        along = _dot(to, np.broadcast_to(_LIGHT, to.shape))
        beside = np.sqrt(np.maximum(_dot(to, to) - along * along, 0))
        blocked = smoothstep(0.30, -0.30, (beside - ball.radius) / np.maximum(along, 0.05))
        free *= 1 - np.where(along > 0, blocked, 0)
    return free


def _open(point: Array, normal: Array, balls: list[Ball], skip: int | None = None) -> Array:
    """Share of the surroundings' light that the spheres leave free (after Quílez's sphere occlusion)."""
    free = np.ones(point.shape[:-1], dtype=np.float32)
    for i, ball in enumerate(balls):
        if i == skip:
            continue
        to = np.asarray(ball.centre, dtype=np.float32) - point
        away = np.maximum(np.sqrt(_dot(to, to)), ball.radius * 1.001)
        free *= 1 - np.clip(_dot(normal, to) / away, 0, 1) * (ball.radius / away) ** 2
    return free


def _room(ray: Array) -> Array:
    """What a glossy thing mirrors: a dark studio with a window and a strip light."""
    x, y, z = ray[..., 0], ray[..., 1], ray[..., 2]
    light = np.clip(0.16 + 0.22 * y, 0.03, 1)[..., None] * colour(0.9, 0.8, 0.7)
    window = smoothstep(0.34, 0.28, np.abs(x + 0.62)) * smoothstep(0.30, 0.24, np.abs(y - 0.62)) * (z < 0.5)
    bars = smoothstep(0.012, 0.024, np.abs(x + 0.62)) * smoothstep(0.012, 0.024, np.abs(y - 0.62))
    strip = smoothstep(0.07, 0.04, np.abs(x - 0.80)) * smoothstep(0.62, 0.50, np.abs(y - 0.3))
    return np.asarray(
        light
        + (window * bars * 7.0)[..., None] * colour(1.0, 0.95, 0.86)
        + (strip * 2.4)[..., None] * colour(0.8, 0.9, 1.0),
        dtype=np.float32,
    )


def _skin(ball: Ball, normal: Array, field: Array) -> Array:
    """The sphere's own colour at each point."""
    around = np.arctan2(normal[..., 2], normal[..., 0])
    fine = sample(field, normal[..., 1] * 190 + 77 * ball.centre[0], around * 75 + 40)
    paint: Array = np.asarray(ball.paint, dtype=np.float32) * np.ones((*normal.shape[:-1], 3), dtype=np.float32)
    if ball.skin == "apple":
        streak = smoothstep(-0.9, 1.3, sample(field, normal[..., 1] * 22, around * 130) + 1.4 * normal[..., 1])
        paint = mix(paint, (0.62, 0.42, 0.07), streak * 0.75)
        paint = paint * (1 + 0.35 * (fine > 1.9))[..., None]
    elif ball.skin == "orange":
        paint = paint * (1 + 0.09 * fine)[..., None]
    elif ball.skin == "wood":
        rings = np.sin((normal[..., 0] * 1.4 + normal[..., 1] * 0.4 + 0.10 * fine) * 34)
        paint = paint * (0.82 + 0.18 * rings)[..., None]
    elif ball.skin == "stripe":
        band = smoothstep(0.06, 0.04, np.abs(normal[..., 1] - 0.1) - 0.18)
        paint = mix(paint, (0.85, 0.80, 0.70), band)
    return np.asarray(paint, dtype=np.float32)


def project(
    point: Vector, eye: Vector, pitch: float, focal: float, height: int, width: int
) -> tuple[float, float, float]:
    """Column, row and distance along the view of a point, for a camera that looks down by ``pitch`` radians."""
    x, y, z = (point[k] - eye[k] for k in range(3))
    far = z * math.cos(pitch) - y * math.sin(pitch)
    scale = height * focal / far
    return width / 2 + x * scale, height / 2 - (y * math.cos(pitch) + z * math.sin(pitch)) * scale, far


def _window(ball: Ball, eye: Vector, pitch: float, focal: float, height: int, width: int) -> tuple[slice, slice]:
    """Rows and columns that hold a ball, with room to spare."""
    column, row, far = project(ball.centre, eye, pitch, focal, height, width)
    reach = 1.25 * ball.radius / (far - ball.radius) * height * focal + 4
    rows = slice(max(0, int(row - reach)), max(0, min(height, int(row + reach))))
    return rows, slice(max(0, int(column - reach)), max(0, min(width, int(column + reach))))


def trace(
    rng: Generator,
    balls: list[Ball],
    height: int,
    width: int,
    *,
    eye: Vector,
    pitch: float,
    focal: float,
    table: Vector,
    wall: Vector,
) -> tuple[Array, Array]:
    """Light ``(H, W, 3)`` and depth ``(H, W)`` of spheres on a wooden table before a plain wall."""
    field = spectral(rng, 512, 0.9, low_cut=6)
    grain = spectral(rng, 512, 1.1, low_cut=3, wind=3.0)
    v = ((height * 0.5 - np.arange(height, dtype=np.float32)) / (height * focal))[:, None]
    u = ((np.arange(width, dtype=np.float32) - width * 0.5) / (height * focal))[None, :]
    ray = np.stack(
        np.broadcast_arrays(u, v * math.cos(pitch) - math.sin(pitch), math.cos(pitch) + v * math.sin(pitch)), axis=-1
    )
    ray = (ray / np.linalg.norm(ray, axis=-1, keepdims=True)).astype(np.float32)
    origin = np.asarray(eye, dtype=np.float32)
    # Below the horizon the table, above it the wall.
    nearest = np.where(ray[..., 1] < -1e-4, -origin[1] / np.minimum(ray[..., 1], -1e-4), np.inf).astype(np.float32)
    back = 9.0
    to_wall = (back - origin[2]) / np.maximum(ray[..., 2], 1e-3)
    is_wall = to_wall < nearest
    nearest = np.minimum(nearest, to_wall)
    which = np.full((height, width), -1, dtype=np.int16)
    for i, ball in enumerate(balls):
        box = _window(ball, eye, pitch, focal, height, width)
        t = _hit(origin, ray[box], ball)
        closer = t < nearest[box]
        nearest[box], which[box] = np.where(closer, t, nearest[box]), np.where(closer, np.int16(i), which[box])
    point = origin + ray * nearest[..., None]
    light = _table(point, balls, grain, field, table, ray)
    side = np.exp(-(((point[..., 0] + 1.6) / 3.4) ** 2) - ((point[..., 1] - 2.2) / 2.8) ** 2)
    light = np.where(is_wall[..., None], colour(*wall) * (0.22 + 1.25 * side)[..., None], light)
    for i in range(len(balls)):
        there = which == i
        if there.any():
            light[there] = _ball_light(point[there], ray[there], i, balls, field, table)
    return light.astype(np.float32), (nearest * ray[..., 2]).astype(np.float32)


def _table(point: Array, balls: list[Ball], grain: Array, field: Array, paint: Vector, ray: Array) -> Array:
    up = np.broadcast_to(colour(0, 1, 0), point.shape)
    plank = np.floor(point[..., 2] / 0.9 + 40)
    tone = sample(grain, point[..., 2] * 260 + plank * 37, point[..., 0] * 26 + plank * 91)
    seam = smoothstep(0.010, 0.003, np.abs(point[..., 2] / 0.9 + 40 - np.round(point[..., 2] / 0.9 + 40)) * 0.9)
    wood = (
        np.asarray(paint, dtype=np.float32)
        * (1 + 0.20 * np.clip(tone, -2.2, 2.2) + 0.05 * sample(field, point[..., 2] * 60, point[..., 0] * 9))[..., None]
    )
    wood = wood * (1 - 0.75 * seam)[..., None]
    pool = np.exp(-((point[..., 0] / 4.6) ** 2) - ((point[..., 2] - 3.5) / 4.5) ** 2)
    # Shadows and reflections on the table are soft: they are worked out at half the size.
    full, few, few_up = point.shape[:2], point[::2, ::2], up[::2, ::2]
    direct = resize(_shadow(few, balls), *full) * _LIGHT[1] * (0.35 + 0.9 * pool)
    near = resize(_open(few, few_up, balls), *full)
    light = wood * (direct[..., None] * colour(2.7, 2.35, 1.95) + near[..., None] * colour(0.26, 0.25, 0.27))
    mirrored = ray * colour(1, -1, 1)
    fresnel = 0.03 + 0.45 * (1 - np.clip(np.abs(ray[..., 1]), 0, 1)) ** 5
    few_mirrored = mirrored[::2, ::2]
    reflection = _room(few_mirrored) * 0.5
    for ball in balls:
        t = _hit(few + few_up * 1e-3, few_mirrored, ball)
        reflection = np.where(np.isfinite(t)[..., None], np.asarray(ball.paint, dtype=np.float32) * 0.7, reflection)
    return np.asarray(light + resize(reflection, *full) * fresnel[..., None] * 0.8, dtype=np.float32)


def _ball_light(point: Array, ray: Array, index: int, balls: list[Ball], field: Array, table: Vector) -> Array:
    ball = balls[index]
    normal = ((point - np.asarray(ball.centre, dtype=np.float32)) / ball.radius).astype(np.float32)
    paint = _skin(ball, normal, field)
    if ball.skin in {"apple", "orange"}:
        bump = (
            spectral(np.random.default_rng(index), 256, 0.5, low_cut=18) if ball.skin == "orange" else field[:256, :256]
        )
        strength = 0.045 if ball.skin == "orange" else 0.008
        around = np.arctan2(normal[..., 2], normal[..., 0])
        dx = sample(bump, normal[..., 1] * 90, around * 60) * strength
        dy = sample(bump, normal[..., 1] * 90 + 60, around * 60 + 30) * strength
        normal = normal + np.stack([dx, dy, 0 * dx], axis=-1)
        normal = (normal / np.linalg.norm(normal, axis=-1, keepdims=True)).astype(np.float32)
    lit = np.clip(_dot(normal, np.broadcast_to(_LIGHT, normal.shape)) * 0.92 + 0.06, 0, 1) * _shadow(
        point, balls, index
    )
    near = _open(point, normal, balls, index)
    bounce = np.clip(0.5 - 0.5 * normal[..., 1], 0, 1) * np.exp(-np.maximum(point[..., 1], 0) / (ball.radius * 1.5))
    ambient = (near * (0.6 + 0.4 * normal[..., 1]))[..., None] * colour(0.27, 0.27, 0.30)
    light = paint * (
        lit[..., None] * colour(2.7, 2.35, 1.95)
        + ambient
        + bounce[..., None] * np.asarray(table, dtype=np.float32) * 1.1
    )
    mirrored = ray - 2 * _dot(ray, normal)[..., None] * normal
    reflection = _room(mirrored)
    down = mirrored[..., 1] < 0
    floor = np.asarray(table, dtype=np.float32) * (0.9 * np.exp(mirrored[..., 1]))[..., None]
    reflection = np.where(down[..., None], floor, reflection)
    for i, other in enumerate(balls):
        if i != index:
            t = _hit(point, mirrored, other)
            reflection = np.where(
                np.isfinite(t)[..., None], np.asarray(other.paint, dtype=np.float32) * 0.55, reflection
            )
    facing = np.clip(-_dot(ray, normal), 0, 1)
    fresnel = 0.04 + 0.96 * (1 - facing) ** 5
    if ball.metal:
        return np.asarray(light * (1 - ball.metal) + reflection * paint * ball.metal * 1.6, dtype=np.float32)
    return np.asarray(light + reflection * (fresnel * ball.gloss)[..., None], dtype=np.float32)
