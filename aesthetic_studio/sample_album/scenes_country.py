"""Flower field, beach and house wall: scenes that look different with every seed."""

from __future__ import annotations

import math

import numpy as np

from aesthetic_studio.sample_album.camera import bloom
from aesthetic_studio.sample_album.landscape import Shade, Sky, clouds, directions, sea
from aesthetic_studio.sample_album.noise import Array, Generator, blur, colour, fbm, mix, sample, smoothstep, spectral
from aesthetic_studio.sample_album.shapes import Points, mask, paint

_FIELDS: list[list[Shade]] = [
    [(0.62, 0.04, 0.05), (0.85, 0.55, 0.05), (0.75, 0.16, 0.36), (0.80, 0.74, 0.66)],
    [(0.20, 0.10, 0.42), (0.30, 0.16, 0.50), (0.16, 0.08, 0.34)],
    [(0.82, 0.60, 0.06), (0.74, 0.50, 0.05)],
    [(0.10, 0.20, 0.045), (0.14, 0.24, 0.05), (0.20, 0.26, 0.07)],
]

_EVENINGS: list[Sky] = [
    Sky(
        [(0.0, (1.45, 0.46, 0.14)), (0.10, (0.98, 0.38, 0.22)), (0.24, (0.42, 0.24, 0.30)), (0.7, (0.05, 0.07, 0.20))],
        (0.16, 0.05),
        (2.0, 0.85, 0.25),
        0.32,
        0.028,
    ),
    Sky(
        [(0.0, (1.00, 0.72, 0.66)), (0.10, (0.80, 0.62, 0.70)), (0.26, (0.42, 0.46, 0.66)), (0.7, (0.14, 0.22, 0.46))],
        (-0.30, 0.03),
        (0.8, 0.42, 0.30),
        0.36,
    ),
    Sky(
        [(0.0, (0.72, 0.74, 0.76)), (0.14, (0.58, 0.62, 0.68)), (0.4, (0.40, 0.46, 0.54)), (0.8, (0.26, 0.32, 0.40))],
        (0.0, 0.20),
        (0.18, 0.17, 0.15),
        0.60,
    ),
    Sky(
        [(0.0, (0.70, 0.86, 1.00)), (0.12, (0.42, 0.64, 0.92)), (0.4, (0.16, 0.36, 0.74)), (0.8, (0.06, 0.18, 0.50))],
        (0.7, 0.50),
        (0.3, 0.28, 0.22),
        0.50,
    ),
]


def flower_field(rng: Generator, height: int, width: int) -> Array:
    """Rows of flowers that run to the horizon under a sky with clouds."""
    horizon = height * float(rng.uniform(0.34, 0.52))
    azimuth, elevation = directions(height, width, horizon, height * 1.0)
    sky = Sky(
        [(0.0, (0.80, 0.90, 1.00)), (0.12, (0.50, 0.70, 0.95)), (0.4, (0.18, 0.38, 0.76)), (0.9, (0.06, 0.18, 0.50))],
        sun=(float(rng.uniform(-0.6, 0.6)), 0.5),
        glow=(0.25, 0.22, 0.16),
    )
    picture = sky.over(azimuth, elevation)
    deck = clouds(rng, azimuth, elevation, scale=0.6, cover=float(rng.uniform(0.35, 0.6)), stretch=1.6)
    picture = mix(picture, (1.25, 1.22, 1.20), deck * 0.85)
    x = np.linspace(0, 1, width, dtype=np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    for tall, shade in ((0.085, (0.20, 0.28, 0.36)), (0.045, (0.075, 0.12, 0.075))):
        line = fbm(rng, 1, width, (1, width / 4), octaves=7, gain=0.5)[0]
        picture = mix(picture, shade, np.clip(rows - (horizon - height * tall * (2 * line - 0.35))[None, :], 0, 1))
    down = np.maximum(rows - horizon, 0.5) / height
    away = 0.5 / down
    vanish = float(rng.uniform(0.3, 0.7))
    across = (x[None, :] - vanish) * (width / height) * away
    wavy = sample(spectral(rng, 256, 1.5), away * 20, across * 20)
    lane = across / 0.42 + 0.03 * wavy
    row, part = np.floor(lane), lane - np.floor(lane)
    hues = _FIELDS[int(rng.integers(len(_FIELDS)))]
    block = np.floor(row / int(rng.integers(1, 5))).astype(np.int32) % len(hues)
    petals = np.asarray(hues, dtype=np.float32)[block]
    fine = spectral(rng, 512, 0.75, low_cut=8)
    speck = sample(fine, away * 150, across * 150)
    # Far away single flowers melt into one colour.
    crisp = 1.0 / (1.0 + (away / 3.5) ** 1.5)
    bloomed = smoothstep(-0.5, 0.7, speck + 0.9)
    bloomed = bloomed * crisp + 0.8 * (1 - crisp)
    body = mix(np.broadcast_to(colour(0.040, 0.085, 0.022), petals.shape).astype(np.float32), petals, bloomed)
    body = body * (0.70 + 0.30 * speck * crisp + 0.25 * np.cos((part - 0.5) * 6.28))[..., None]
    furrow = smoothstep(0.10, 0.02, np.minimum(part, 1 - part)) * crisp
    body = mix(body, (0.075, 0.052, 0.034), furrow * 0.85)
    veil = 1 - np.exp(-away / 26)
    body = mix(np.maximum(body, 0) * np.float32(1.5), (0.55, 0.64, 0.74), veil + 0 * across)
    return mix(picture, body.astype(np.float32), np.clip(rows - horizon, 0, 1) + 0 * across)


def beach(rng: Generator, height: int, width: int) -> Array:
    """Surf running out on wet sand that mirrors the sky, in one of several lights."""
    horizon, focal = height * 0.46, height * 1.25
    sky = _EVENINGS[int(rng.integers(len(_EVENINGS)))]
    azimuth, elevation = directions(height, width, horizon, focal)
    picture = sky.over(azimuth, elevation)
    deck = clouds(rng, azimuth, elevation, scale=0.5, cover=float(rng.uniform(0.35, 0.62)), stretch=2.4)
    lit = sky.over(azimuth * 0.8, elevation * 0.25) * np.float32(1.12)
    picture = mix(picture, lit, deck * 0.8)
    below = sea(rng, sky, height, width, horizon=horizon, focal=focal, eye=4.0, roughness=0.12)
    picture = np.concatenate([picture[: height - below.shape[0]], below], axis=0)
    rows = np.arange(height, dtype=np.float32)[:, None]
    x = np.linspace(0, 1, width, dtype=np.float32)
    for place in (0.515, 0.555, 0.60):
        crest = height * (place + 0.012 * fbm(rng, 1, width, (1, width / 3), octaves=5)[0])[None, :]
        foam = np.exp(-(np.maximum(rows - crest, 0) / (height * 0.012))) * (rows > crest)
        holes = fbm(rng, height, width, (9, 40), octaves=4)
        light = sky.at(np.zeros(1, dtype=np.float32), np.full(1, 0.15, dtype=np.float32))[0]
        picture = mix(picture, tuple(0.15 + 0.75 * light), foam * smoothstep(0.34, 0.56, holes))
    shore = height * (0.64 + 0.05 * (x - 0.5) + 0.035 * fbm(rng, 1, width, (1, width / 2), octaves=4)[0])[None, :]
    mirror = np.flip(picture[: int(horizon)], axis=0)
    at = np.clip((rows - height * 0.62) * 0.9, 0, mirror.shape[0] - 1).astype(np.int32)[:, 0]
    reflected = blur(mirror[at], (7.0, 2.0))
    grain = fbm(rng, height, width, (5, 9), octaves=4)
    wet = np.exp(-np.maximum(rows - shore, 0) / (height * 0.16))
    sand = colour(0.21, 0.165, 0.12) * (0.6 + 0.8 * grain)[..., None] * (0.4 + 0.6 * picture[int(horizon) - 9].mean())
    sand = sand * (1 - 0.55 * wet)[..., None] + reflected * (0.55 * wet)[..., None]
    picture = mix(picture, sand.astype(np.float32), np.clip((rows - shore) / 3, 0, 1))
    return bloom(picture, 0.05, 30)


_PLASTER: list[Shade] = [
    (0.62, 0.36, 0.14), (0.58, 0.20, 0.13), (0.66, 0.58, 0.44),
    (0.20, 0.34, 0.50), (0.62, 0.30, 0.28), (0.34, 0.42, 0.26),
]  # fmt: skip
_SHUTTERS: list[Shade] = [
    (0.03, 0.13, 0.08),
    (0.04, 0.10, 0.22),
    (0.20, 0.07, 0.03),
    (0.36, 0.36, 0.34),
    (0.05, 0.20, 0.22),
]


def house_wall(rng: Generator, height: int, width: int) -> Array:
    """Windows with shutters in a painted wall, the sun coming down along it."""
    plaster = _PLASTER[int(rng.integers(len(_PLASTER)))]
    shutter = _SHUTTERS[int(rng.integers(len(_SHUTTERS)))]
    stains = fbm(rng, height, width, (height * 0.5, height * 0.16), octaves=8, gain=0.6)
    rough = fbm(rng, height, width, 7, octaves=3)
    wall = colour(*plaster) * (0.62 + 0.55 * stains + 0.16 * rough)[..., None]
    wall = wall.astype(np.float32)
    columns, floors = int(rng.integers(3, 6)), int(rng.integers(2, 4))
    wide, tall = width / columns, height / floors
    slant = float(rng.uniform(0.10, 0.22))
    for floor in range(floors):
        for column in range(columns):
            cx, cy = (column + 0.5) * wide, (floor + 0.5) * tall
            half = (min(wide * 0.17, tall * 0.20), tall * 0.30)
            _window(rng, wall, (cx, cy), half, shutter, slant)
        for line in (0.985,):
            edge = (floor + line) * tall
            paint(
                wall, tuple(0.75 * np.asarray(plaster)), [[(0, edge), (width, edge), (width, edge + 7), (0, edge + 7)]]
            )
    # A cornice or a tree outside the picture throws the shade that tells the hour.
    y, x = np.linspace(0, 1, height, dtype=np.float32)[:, None], np.linspace(0, 1, width, dtype=np.float32)[None, :]
    leaves = fbm(rng, height, width, height * 0.22, octaves=6, gain=0.62)
    edge = float(rng.uniform(-0.3, 0.6))
    shade = smoothstep(edge - 0.03, edge + 0.03, x * float(rng.choice([-1, 1])) + 0.45 * y + 0.5 * (leaves - 0.5))
    lit = colour(1.75, 1.50, 1.18) * (1 - shade)[..., None] + colour(0.42, 0.52, 0.70) * shade[..., None]
    return np.asarray(wall * lit, dtype=np.float32)


def _window(
    rng: Generator, wall: Array, place: tuple[float, float], half: tuple[float, float], shutter: Shade, slant: float
) -> None:
    (cx, cy), (hx, hy) = place, half

    def box(left: float, top: float, right: float, bottom: float) -> Points:
        return [(cx + left * hx, cy + top * hy), (cx + right * hx, cy + top * hy),
                (cx + right * hx, cy + bottom * hy), (cx + left * hx, cy + bottom * hy)]  # fmt: skip

    frame, glass = (0.62, 0.58, 0.52), float(rng.uniform(0.4, 1.6))
    paint(wall, frame, [box(-1.16, -1.10, 1.16, 1.10)])
    paint(wall, (0.028 * glass, 0.040 * glass, 0.055 * glass), [box(-1, -1, 1, 1)])
    paint(wall, (0.12 * glass, 0.17 * glass, 0.24 * glass), [[*box(-1, -1, 1, 0)[:2], (cx - hx * 0.4, cy + hy * 0.6)]])
    paint(wall, (0.5, 0.47, 0.42), [box(-0.04, -1, 0.04, 1), box(-1, -0.36, 1, -0.31), box(-1, 0.30, 1, 0.35)])
    paint(wall, (0.010, 0.010, 0.013), [box(-1, -1, 1, -1 + slant)], opacity=0.7)
    open_wide = float(rng.random())
    reach = 0.0 if open_wide < 0.2 else 1.0
    for side in (-1.0, 1.0):
        inner, outer = (1.14, 2.02) if reach else (0.02, 0.98)
        left, right = sorted((side * inner, side * outer))
        if reach:
            paint(wall, (0.02, 0.02, 0.03), [box(left + 0.08, -1.0 + slant * 0.4, right + 0.12, 1.16)], opacity=0.45)
        paint(wall, shutter, [box(left, -1.06, right, 1.06)])
        lighter = (shutter[0] * 1.7 + 0.01, shutter[1] * 1.7 + 0.01, shutter[2] * 1.7 + 0.01)
        slats = [box(left + 0.09, at, right - 0.09, at + 0.028) for at in np.arange(-0.94, 0.94, 0.075)]
        for slat in slats:
            paint(wall, lighter, [slat], opacity=0.75)
    paint(wall, (0.66, 0.62, 0.56), [box(-1.3, 1.10, 1.3, 1.20)])
    paint(wall, (0.03, 0.03, 0.04), [box(-1.3, 1.20, 1.34, 1.30)], opacity=0.45)
    if rng.random() < 0.4:
        _flower_box(rng, wall, (cx, cy + hy * 1.02), hx * 1.05)


def _flower_box(rng: Generator, wall: Array, place: tuple[float, float], half: float) -> None:
    cx, cy = place
    red = [(0.62, 0.03, 0.05), (0.70, 0.20, 0.42), (0.74, 0.70, 0.66)][int(rng.integers(3))]
    for shade, count, size in (((0.03, 0.085, 0.018), 120, 0.12), (red, 60, 0.085)):
        blobs: list[Points] = []
        for _ in range(count):
            px, py = cx + float(rng.normal(0, 0.5)) * half, cy - abs(float(rng.normal(0, 0.20))) * half
            r = half * size * float(rng.uniform(0.5, 1.1))
            blobs.append([(px + r * math.cos(t), py + r * math.sin(t)) for t in np.linspace(0, 6.0, 7)])
        cover = mask(wall.shape[0], wall.shape[1], blobs)
        wall[:] = mix(wall, shade, cover * 0.9)
    paint(
        wall,
        (0.22, 0.085, 0.045),
        [[(cx - half, cy), (cx + half, cy), (cx + half * 0.94, cy + half * 0.3), (cx - half * 0.94, cy + half * 0.3)]],
    )
