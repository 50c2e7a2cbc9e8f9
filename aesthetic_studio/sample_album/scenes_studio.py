"""Flower, glass and photographer: scenes with one subject."""

from __future__ import annotations

import math

import numpy as np

from aesthetic_studio.sample_album.camera import bloom, focus_at, focus_layers
from aesthetic_studio.sample_album.landscape import Sky, clouds, directions
from aesthetic_studio.sample_album.noise import Array, Generator, blur, colour, fbm, mix, sample, smoothstep
from aesthetic_studio.sample_album.shapes import curve, mask

Vector = tuple[float, float, float]


def flower(rng: Generator, height: int, width: int) -> Array:
    """A dahlia close up, shallow focus, soft lights behind."""
    picture = bokeh(
        rng,
        height,
        width,
        [(0.045, 0.085, 0.020), (0.090, 0.145, 0.030), (0.16, 0.15, 0.030), (0.030, 0.075, 0.050)],
        (0.020, 0.038, 0.016),
    )
    cx, cy = width * 0.47, height * 0.47
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
    for ring in range(8):
        reach = (0.400, 0.362, 0.318, 0.270, 0.218, 0.165, 0.112, 0.066)[ring] * 1.07 * height + 22
        box = (slice(max(0, int(cy - reach)), int(cy + reach)), slice(max(0, int(cx - reach)), int(cx + reach)))
        soft[box] = _petals(soft[box], ring, x[:, box[1]], y[box[0]], radius[box], angle[box], height)
    heart = np.exp(-((radius / 0.030) ** 2))
    seeds = 0.5 + 0.5 * np.sin(radius * 900 + angle * 5) * np.sin(angle * 13)
    soft = mix(soft, (colour(0.42, 0.045, 0.055) * (0.5 + seeds)[..., None]).astype(np.float32), heart)
    soft = _dew(rng, soft, cx, cy)
    circle = 15.0 * smoothstep(0.20, 0.46, radius) + 2.0 * np.abs(y)
    return focus_at(focus_layers(soft.astype(np.float32)), circle.astype(np.float32))


def _petals(picture: Array, ring: int, x: Array, y: Array, radius: Array, angle: Array, height: int) -> Array:
    """One ring of petals over what lies below it, with the shadow it throws."""
    near = ring / 7
    count = (21, 21, 18, 17, 15, 12, 9, 6)[ring]
    outer = (0.400, 0.362, 0.318, 0.270, 0.218, 0.165, 0.112, 0.066)[ring]
    cell = (angle + ring * 0.37 + 0.05 * math.sin(ring * 3.0)) / (2 * math.pi) * count
    key = np.round(cell)
    jitter = np.sin(key * 12.9898 + ring * 7.7)
    off = (cell - key) * 2
    t = radius / (outer * (1 + 0.055 * jitter))
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
    petal = (hue * (shade * sun * 1.25)[..., None]).astype(np.float32)
    inside = inside.astype(np.float32)
    below = picture * (1 - 0.42 * np.clip(blur(inside, 7.0), 0, 1) * (1 - inside))[..., None]
    return mix(below, petal, inside)


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


def bokeh(
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
    picture = bokeh(rng, height, width, hues, (0.018, 0.014, 0.026), 60, 0.85)
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
        [
            (0.0, (2.0, 0.78, 0.20)),
            (0.10, (1.45, 0.52, 0.20)),
            (0.26, (0.72, 0.27, 0.24)),
            (0.5, (0.20, 0.13, 0.27)),
            (0.9, (0.045, 0.055, 0.17)),
        ],
        sun=(0.24, 0.02),
        glow=(2.2, 0.95, 0.28),
        glow_width=0.36,
    )
    picture = sky.over(azimuth, elevation)
    deck = clouds(rng, azimuth, elevation, scale=0.40, cover=0.52, stretch=4.0)
    lit = mix(
        sky.over(azimuth, elevation * 0.25) * np.float32(1.15), (0.16, 0.085, 0.14), smoothstep(0.18, 0.55, elevation)
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
