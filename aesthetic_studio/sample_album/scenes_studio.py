"""Spheres, fruit, flower, lights and a photographer: still lifes and portraits, with a depth to focus in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from aesthetic_studio.sample_album.camera import bloom, focus_at, focus_layers
from aesthetic_studio.sample_album.landscape import Sky, clouds, directions
from aesthetic_studio.sample_album.noise import Array, Generator, blur, colour, fbm, mix, sample, smoothstep, spectral
from aesthetic_studio.sample_album.scenes_coast import curve, mask

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
    return np.asarray((a * b).sum(axis=-1), dtype=np.float32)


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
    paint = np.asarray(ball.paint, dtype=np.float32) * np.ones((*normal.shape[:-1], 3), dtype=np.float32)
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


def _trace(
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
    nearest = np.where(ray[..., 1] < -1e-4, -origin[1] / np.minimum(ray[..., 1], -1e-4), np.inf).astype(np.float32)
    back = 9.0
    to_wall = (back - origin[2]) / np.maximum(ray[..., 2], 1e-3)
    is_wall = to_wall < nearest
    nearest = np.minimum(nearest, to_wall)
    which = np.full((height, width), -1, dtype=np.int16)
    for i, ball in enumerate(balls):
        t = _hit(origin, ray, ball)
        closer = t < nearest
        nearest, which = np.where(closer, t, nearest), np.where(closer, np.int16(i), which)
    point = origin + ray * nearest[..., None]
    light = _table(point, balls, grain, field, table, ray)
    side = np.exp(-(((point[..., 0] + 1.6) / 3.4) ** 2) - ((point[..., 1] - 2.2) / 2.8) ** 2)
    light = np.where(is_wall[..., None], colour(*wall) * (0.22 + 1.25 * side)[..., None], light)
    for i, ball in enumerate(balls):
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
    direct = _shadow(point, balls) * _LIGHT[1] * (0.35 + 0.9 * pool)
    near = _open(point, up, balls)
    light = wood * (direct[..., None] * colour(2.7, 2.35, 1.95) + near[..., None] * colour(0.26, 0.25, 0.27))
    mirrored = ray * colour(1, -1, 1)
    fresnel = 0.03 + 0.45 * (1 - np.clip(np.abs(ray[..., 1]), 0, 1)) ** 5
    reflection = _room(mirrored) * 0.5
    for ball in balls:
        t = _hit(point + up * 1e-3, mirrored, ball)
        reflection = np.where(np.isfinite(t)[..., None], np.asarray(ball.paint, dtype=np.float32) * 0.7, reflection)
    return np.asarray(light + reflection * fresnel[..., None] * 0.8, dtype=np.float32)


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


def marbles(rng: Generator, height: int, width: int) -> tuple[Array, Array]:
    """A row of glossy balls going away from the camera, with their depth: six distances to focus on."""
    paints: list[tuple[Vector, float, str]] = [
        ((0.42, 0.020, 0.018), 0.0, "plain"), ((0.80, 0.62, 0.36), 1.0, "plain"), ((0.030, 0.14, 0.36), 0.0, "stripe"),
        ((0.46, 0.25, 0.09), 0.0, "wood"), ((0.05, 0.22, 0.11), 0.0, "plain"), ((0.72, 0.72, 0.74), 1.0, "plain"),
    ]  # fmt: skip
    balls = []
    for i, (paint, metal, skin) in enumerate(paints):
        size = (0.46, 0.52, 0.50, 0.58, 0.54, 0.66)[i]
        balls.append(
            Ball((-1.08 + 0.50 * i + 0.16 * math.sin(i * 2.3), size, 2.45 + 0.92 * i), size, paint, 0.9, metal, skin)
        )
    light, depth = _trace(
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
    light, depth = _trace(
        rng,
        balls,
        height,
        width,
        eye=(0.05, 1.55, -1.0),
        pitch=0.155,
        focal=1.55,
        table=(0.150, 0.085, 0.048),
        wall=(0.060, 0.052, 0.046),
    )
    stems = [((-0.62, 1.17, 4.0), 0.05), ((1.55, 1.17, 4.5), -0.04), ((0.30, 1.25, 4.95), 0.03)]
    scale = height * 1.55
    lines = []
    for (x, y, z), bend in stems:
        dy, dz = y - 1.55, z + 1.0
        up = dy * math.cos(0.155) + dz * math.sin(0.155)
        far = dz * math.cos(0.155) - dy * math.sin(0.155)
        px, py = width / 2 + (x - 0.05) / far * scale, height / 2 - up / far * scale
        tall = 0.20 / far * scale
        lines.append(
            (
                [
                    (px, py),
                    (px + bend * scale / far * 0.5, py - tall * 0.55),
                    (px + bend * scale / far * 1.6, py - tall),
                ],
                0.034 / far * scale,
            )
        )
    light = mix(light, (0.060, 0.035, 0.016), mask(height, width, [], lines))
    return bloom(focused(focus_layers(light), depth, 4.75, 26.0), 0.04, 16)


def flower(rng: Generator, height: int, width: int, sway: float = 0.0) -> Array:
    """A dahlia close up, shallow focus, soft lights behind; ``sway`` (height units) is the wind."""
    picture = _bokeh(
        rng,
        height,
        width,
        [(0.045, 0.085, 0.020), (0.090, 0.145, 0.030), (0.16, 0.15, 0.030), (0.030, 0.075, 0.050)],
        (0.020, 0.038, 0.016),
    )
    cx, cy = width * 0.47 + sway * height, height * 0.47
    y = (np.arange(height, dtype=np.float32)[:, None] - cy) / height
    x = (np.arange(width, dtype=np.float32)[None, :] - cx) / height
    stem = mask(
        height,
        width,
        [[(cx - 13, cy + 60), (cx + 13, cy + 60), (cx + height * 0.09, height + 4), (cx + height * 0.05, height + 4)]],
    )
    picture = mix(picture, (0.060, 0.105, 0.028), blur(stem, 7.0))
    radius = np.sqrt(x * x + (y * 1.10) ** 2)
    angle = np.arctan2(y * 1.10, x)
    soft = picture
    rings = 8
    for ring in range(rings):
        near = ring / (rings - 1)
        count = (21, 21, 18, 17, 15, 12, 9, 6)[ring]
        outer = (0.400, 0.362, 0.318, 0.270, 0.218, 0.165, 0.112, 0.066)[ring]
        turn = angle + ring * 0.37 + 0.05 * np.sin(ring * 3.0)
        cell = turn / (2 * math.pi) * count
        key = np.round(cell)
        jitter = np.sin(key * 12.9898 + ring * 7.7)
        off = (cell - key) * 2
        length = outer * (1 + 0.055 * jitter)
        t = radius / length
        half = 0.98 * np.clip(np.sin(np.clip(t, 0, 1) ** 0.9 * math.pi * 0.985), 0, 1) ** 0.42
        half = half * np.where(t > 0.6, np.clip((1 - t) / 0.4, 0, 1) ** 0.42, 1.0)
        inside = np.clip((half - np.abs(off)) * radius * height * math.pi / count + 0.5, 0, 1) * (t < 1)
        vein = 0.94 + 0.06 * np.sin(off * 21 + jitter * 2)
        cup = 0.52 + 0.48 * (1 - off * off) - 0.22 * off * np.sign(x + 0.3)
        shade = np.clip(0.25 + 0.95 * t, 0, 1.15) * cup * vein
        sun = 0.72 + 0.42 * np.clip(-(x * 0.9 + y * 1.2) * 2.0, -0.8, 1)
        tip = np.clip(t, 0, 1)[..., None] ** 2
        hue = colour(0.66, 0.035, 0.085) * (1 - tip) + colour(1.02, 0.36, 0.30) * tip
        hue = hue * (1 - 0.30 * near) + colour(0.46, 0.020, 0.095) * 0.30 * near
        petal = hue * (shade * sun * 1.25)[..., None]
        under = np.clip(blur(inside, 7.0) * 1.0, 0, 1)
        soft = soft * (1 - 0.42 * under * (1 - inside))[..., None]
        soft = mix(soft, petal.astype(np.float32), inside.astype(np.float32))
    heart = np.exp(-((radius / 0.030) ** 2))
    seeds = 0.5 + 0.5 * np.sin(radius * 900 + angle * 5) * np.sin(angle * 13)
    soft = mix(soft, (colour(0.42, 0.045, 0.055) * (0.5 + seeds)[..., None]).astype(np.float32), heart)
    soft = _dew(rng, soft, cx, cy)
    circle = 15.0 * smoothstep(0.20, 0.46, radius) + 2.0 * np.abs(y)
    return focus_at(focus_layers(soft.astype(np.float32)), circle.astype(np.float32))


def _dew(rng: Generator, picture: Array, cx: float, cy: float) -> Array:
    """A few drops that catch the window."""
    height = picture.shape[0]
    result = picture.copy()
    for _ in range(16):
        away, turn = float(rng.uniform(0.06, 0.24)), float(rng.uniform(0, 6.28))
        px, py, r = (
            cx + away * height * math.cos(turn),
            cy + away * height * math.sin(turn) * 0.9,
            float(rng.uniform(4, 11)),
        )
        top, left = int(py - r - 2), int(px - r - 2)
        n = int(2 * r + 5)
        region = result[top : top + n, left : left + n]
        if region.shape[:2] != (n, n):
            continue
        v = ((np.arange(n, dtype=np.float32) + top - py) / r)[:, None]
        u = ((np.arange(n, dtype=np.float32) + left - px) / r)[None, :]
        d = np.sqrt(u * u + v * v)
        inside = np.clip((1 - d) * r + 0.5, 0, 1)
        lens = 0.62 + 0.75 * np.clip(0.5 * (u + v) + 0.2, 0, 1)
        spark = np.exp(-(((u + 0.38) ** 2 + (v + 0.40) ** 2) / 0.03)) * 3.0
        drop = region * lens[..., None] + spark[..., None]
        result[top : top + n, left : left + n] = mix(region, drop.astype(np.float32), inside)
    return result


def _bokeh(
    rng: Generator, height: int, width: int, hues: list[Vector], base: Vector, count: int = 70, power: float = 1.0
) -> Array:
    """A background far out of focus: discs of light over soft colour."""
    wash = fbm(rng, height, width, height * 0.5, octaves=3)
    picture = (colour(*base) * (0.3 + 1.9 * wash)[..., None]).astype(np.float32)
    for _ in range(count):
        r = float(rng.uniform(18, 62))
        px, py = float(rng.uniform(-30, width + 30)), float(rng.uniform(-30, height * 0.95))
        top, bottom, left, right = (
            max(0, int(py - r - 2)),
            min(height, int(py + r + 3)),
            max(0, int(px - r - 2)),
            min(width, int(px + r + 3)),
        )
        if bottom <= top or right <= left:
            continue
        v = (np.arange(top, bottom, dtype=np.float32) - py)[:, None]
        u = (np.arange(left, right, dtype=np.float32) - px)[None, :]
        d = np.sqrt(u * u + v * v) / r
        disc = np.clip((1 - d) * r / 3.5, 0, 1) * (0.75 + 0.35 * d**3)
        hue = np.asarray(hues[int(rng.integers(len(hues)))], dtype=np.float32) * np.float32(
            rng.uniform(0.3, 1.3) * power
        )
        picture[top:bottom, left:right] += disc[..., None] * hue
    return blur(picture, 2.0)


def city_lights(rng: Generator, height: int, width: int) -> Array:
    """A glass of wine before the blurred lights of a town."""
    hues = [(0.85, 0.42, 0.10), (0.75, 0.22, 0.08), (0.18, 0.34, 0.60), (0.72, 0.58, 0.30), (0.55, 0.08, 0.12)]
    picture = _bokeh(rng, height, width, hues, (0.018, 0.014, 0.026), 60, 0.85)
    cx, s = width * 0.60, height
    y = np.arange(height, dtype=np.float32)[:, None] / s
    x = (np.arange(width, dtype=np.float32)[None, :] - cx) / s
    edge = 0.80
    table = smoothstep(edge, edge + 0.008, y + 0 * x)
    wood = fbm(rng, height, width, (7, 260), octaves=4)
    mirrored = np.flip(picture, axis=0)
    lit = colour(0.085, 0.046, 0.024) * (0.5 + wood)[..., None] + blur(mirrored, (30.0, 6.0)) * 0.30
    picture = mix(picture, lit.astype(np.float32), table)
    bowl_half = np.where(
        (y > 0.20) & (y < 0.56),
        0.150
        * np.clip(np.sin(np.clip((y - 0.02) / 0.54, 0, 1) * math.pi), 0, 1) ** 0.5
        * (0.88 + 0.12 * np.clip((y - 0.2) / 0.2, 0, 1)),
        0.0,
    )
    stem_half = np.where(
        (y >= 0.553) & (y < 0.855),
        0.0085 + 0.022 * np.exp(-(y - 0.553) / 0.016) + 0.09 * np.exp((y - 0.862) / 0.010),
        0,
    )
    half = np.maximum(bowl_half, stem_half).astype(np.float32)
    inside = np.clip((half - np.abs(x)) * s + 0.5, 0, 1)
    turn = np.clip(x / np.maximum(half, 1e-3), -1, 1)
    flipped = np.flip(np.flip(picture, axis=0), axis=1)
    shift = np.clip(np.arange(width, dtype=np.float32)[None, :] + turn**3 * 60, 0, width - 1.01)
    through = sample(
        np.roll(flipped, int(cx * 2 - width), axis=1), np.arange(height, dtype=np.float32)[:, None] + 0 * shift, shift
    )
    rim = np.abs(turn) ** 9
    glass = picture * 0.82 + rim[..., None] * colour(0.38, 0.36, 0.36)
    wine_top = 0.375
    wine = (through * colour(0.62, 0.045, 0.05) * 1.5 + colour(0.060, 0.003, 0.006)) * (1 - 0.5 * np.abs(turn) ** 4)[
        ..., None
    ]
    wine = wine + (np.exp(-(((turn - 0.55) / 0.20) ** 2)) * 0.20 * np.clip((y - wine_top) * 9, 0, 1))[
        ..., None
    ] * colour(0.9, 0.05, 0.06)
    surface = np.exp(-(((y - wine_top) / 0.0045) ** 2))[..., None] * colour(0.55, 0.16, 0.13)
    is_wine = smoothstep(wine_top - 0.002, wine_top + 0.002, y + 0 * x) * (y < 0.545)
    body = mix(glass.astype(np.float32), (wine + surface).astype(np.float32), is_wine.astype(np.float32))
    streak = (
        np.exp(-(((turn + 0.66) / 0.07) ** 2)) * smoothstep(0.22, 0.30, y + 0 * x) * smoothstep(0.52, 0.42, y + 0 * x)
    )
    body = (
        body
        + streak[..., None] * colour(1.1, 1.0, 0.9)
        + np.exp(-(((turn - 0.80) / 0.04) ** 2))[..., None] * colour(0.35, 0.30, 0.25) * (half[..., None] > 0.03)
    )
    lip = np.exp(-(((y - 0.202) / 0.0028) ** 2)) * inside
    picture = mix(picture, body.astype(np.float32), inside)
    picture = picture + lip[..., None] * colour(0.8, 0.75, 0.7)
    shadow = np.exp(-((x / 0.20) ** 2) - (((y - 0.868) / 0.016) ** 2))
    picture = picture * (1 - 0.6 * shadow * (1 - inside))[..., None]
    return bloom(picture.astype(np.float32), 0.08, 22, 0.7)


def photographer(rng: Generator, height: int, width: int) -> Array:
    """Somebody with a tripod on a hill, black against the afterglow."""
    azimuth, elevation = directions(height, width, height * 0.84, height * 1.1)
    sky = Sky(
        [(0.0, (2.0, 0.78, 0.20)), (0.10, (1.45, 0.52, 0.20)), (0.26, (0.72, 0.27, 0.24)), (0.5, (0.20, 0.13, 0.27)), (0.9, (0.045, 0.055, 0.17))],
        sun=(0.24, 0.02), glow=(2.2, 0.95, 0.28), glow_width=0.36,
    )  # fmt: skip
    picture = sky.at(azimuth, elevation)
    deck = clouds(rng, azimuth, elevation, scale=0.40, cover=0.52, stretch=4.0)
    lit = mix(
        sky.at(azimuth, elevation * 0.25) * np.float32(1.15), (0.16, 0.085, 0.14), smoothstep(0.18, 0.55, elevation)
    )
    picture = mix(picture, lit, deck * 0.85)
    x = np.linspace(0, 1, width, dtype=np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    for base, shade in ((0.80, (0.42, 0.15, 0.12)), (0.845, (0.20, 0.075, 0.085))):
        crest = height * (base - 0.06 * fbm(rng, 1, width, (1, width / 3), octaves=7, gain=0.42)[0])
        picture = mix(picture, shade, np.clip(rows - crest[None, :], 0, 1))
    hill = height * (0.80 + 0.34 * (x - 0.40) ** 2 + 0.10 * (x - 0.4))
    blades = 10 * fbm(rng, 1, width, (1, 5), octaves=2)[0] * fbm(rng, 1, width, (1, 60), octaves=2)[0]
    picture = mix(picture, (0.010, 0.007, 0.009), np.clip(rows - (hill - blades)[None, :], 0, 1))
    cx, foot, s = width * 0.385, float(hill[int(width * 0.385)]) + 6, height * 0.40

    def put(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(cx + px * s, foot + py * s) for px, py in points]

    body = curve(
        [
            (-0.085, -0.86),
            (0.00, -0.90),
            (0.075, -0.85),
            (0.105, -0.70),
            (0.10, -0.50),
            (0.085, -0.46),
            (-0.10, -0.46),
            (-0.115, -0.66),
        ]
    )
    pack = curve([(-0.10, -0.84), (-0.17, -0.80), (-0.195, -0.64), (-0.17, -0.52), (-0.09, -0.52)])
    legs = [
        [(-0.105, -0.48), (0.01, -0.48), (-0.045, 0.01), (-0.105, 0.01)],
        [(-0.03, -0.48), (0.09, -0.48), (0.085, 0.01), (0.025, 0.01)],
    ]
    head = curve([(-0.045, -1.00), (0.010, -1.045), (0.065, -1.00), (0.062, -0.93), (0.02, -0.895), (-0.035, -0.93)])
    cap = curve([(-0.052, -0.995), (0.00, -1.055), (0.06, -1.02), (0.115, -0.988), (0.06, -0.985)])
    arm = [(put([(0.06, -0.80), (0.15, -0.68), (0.265, -0.80)]), s * 0.055)]
    camera = [
        [(0.25, -0.89), (0.36, -0.89), (0.36, -0.80), (0.25, -0.80)],
        [(0.36, -0.875), (0.44, -0.88), (0.44, -0.815), (0.36, -0.82)],
        [(0.275, -0.915), (0.325, -0.915), (0.335, -0.89), (0.265, -0.89)],
    ]
    tripod = [(put([(0.305, -0.80), (0.305, -0.62)]), s * 0.022)]
    tripod += [(put([(0.305, -0.66), (end, 0.02)]), s * 0.017) for end in (0.16, 0.33, 0.48)]
    cover = mask(height, width, [put(shape) for shape in (body, pack, *legs, head, cap, *camera)], arm + tripod)
    picture = mix(picture, (0.010, 0.007, 0.009), cover)
    rim = np.clip(cover - np.roll(blur(cover, 1.6), -2, axis=1), 0, 1)
    return bloom(picture + rim[..., None] * colour(0.9, 0.38, 0.12), 0.05, 40)
